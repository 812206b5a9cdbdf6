"""Fix what the journal's writer and its committer process say to each other.

The blob of a batch lies in memory that both processes map. The writer sends one `COMMAND` down a
pipe, the committer one `REPLY` (followed by a text of `length` octets) up another. Each message
is shorter than PIPE_BUF, so it arrives whole. Standard library only.
"""

from __future__ import annotations

import struct

COMMAND = struct.Struct("<cdQ")
"""kind, business time of the batch, octets of its blob."""

COMMIT = b"C"
CLOSE = b"Q"

REPLY = struct.Struct("<cBdQ32sH")
"""kind, 1 while the disk is short of space, seconds the commit took, sequence and hash of the
last durable batch, octets of the text that follows."""

READY = b"R"
STORED = b"S"
FULL = b"F"
SPACE = b"P"
"""The shortage of space began or ended, with no batch under way."""
FAILED = b"X"
CLOSED = b"Z"

SLOT_OCTETS = 64 << 20
"""Room for one blob. Untouched pages of it cost nothing."""

TEXT_OCTETS = 1024
