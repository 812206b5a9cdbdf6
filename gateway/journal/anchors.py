"""Keep anchors: the chain's last hash, noted at the first batch of each day and at a clean stop.

A hash chain shows every change in its middle, but a chain with its tail cut off is still a chain.
An anchor that was copied elsewhere proves how long it was. Standard library only.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from .files import Position

FILE = "journal-anchors.jsonl"


@dataclass(slots=True, frozen=True)
class Anchor:
    """State that batch `position.sequence` had that hash at business time `at`."""

    at: float
    position: Position


def write_anchor(data_dir: Path, anchor: Anchor) -> None:
    """Append one line to the anchors and bring it to disk.

    Raises OSError when it can't be written.
    """
    line = json.dumps(
        {
            "at": anchor.at,
            "sequence": anchor.position.sequence,
            "hash": anchor.position.hash.hex(),
        }
    )
    descriptor = os.open(data_dir / FILE, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        size = os.fstat(descriptor).st_size
        torn = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
        os.write(descriptor, f"{chr(10) if torn else ''}{line}\n".encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read_anchors(path: Path) -> tuple[list[Anchor], list[int]]:
    """Read an anchor file: the anchors, and the numbers of the lines that are none.

    A line without its end is one that a power cut tore; it is passed over. A missing file holds
    no anchors.
    """
    anchors: list[Anchor] = []
    bad: list[int] = []
    if not path.exists():
        return anchors, bad
    for number, line in enumerate(path.read_bytes().splitlines(), 1):
        if not line.endswith(b"}"):
            continue
        try:
            found = json.loads(line)
            position = Position(int(found["sequence"]), bytes.fromhex(found["hash"]))
            anchors.append(Anchor(float(found["at"]), position))
        except (ValueError, KeyError, TypeError):
            bad.append(number)
    return anchors, bad
