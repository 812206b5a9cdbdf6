"""Find whole PDUs in a stream of bytes.

SMPP frames by command_length alone (3.4 §3.2): the first four octets of the header count the whole
PDU, header included. A length below 16, or above what the session allows, leaves no way to find
the next PDU, so it ends the stream; everything before it is still good.
"""

from __future__ import annotations

from struct import Struct

from .errors import FramingError

LENGTH_OCTETS = 4
HEADER_LENGTH = 16
HEADER = Struct(">IIII")

Frame = tuple[int, int, int, int, int]
"""(start, end, command_id, command_status, sequence_number); data[start:end] is the whole PDU."""


def take_frames(data: bytes, start: int, max_length: int, quantum: int) -> tuple[list[Frame], int]:
    """Find at most `quantum` whole PDUs in `data` from `start`.

    Returns them and the position after the last one. A bad command_length behind good PDUs is
    left for the next call, so that the good ones are served first.

    Raises FramingError when the PDU at `start` has a command_length below 16 or above
    `max_length`: it is judged from its first four octets, before any body is waited for.
    """
    frames: list[Frame] = []
    unpack_header = HEADER.unpack_from
    size = len(data)
    position = start
    while quantum > 0 and size - position >= HEADER_LENGTH:
        length, command_id, command_status, sequence_number = unpack_header(data, position)
        if length < HEADER_LENGTH or length > max_length:
            break
        end = position + length
        if end > size:
            break
        frames.append((position, end, command_id, command_status, sequence_number))
        position = end
        quantum -= 1
    if not frames and size - position >= LENGTH_OCTETS:
        check_length(data, position, max_length)
    return frames, position


def check_length(data: bytes, position: int, max_length: int) -> None:
    """Judge the command_length at `position` (at least four octets must be there).

    Raises FramingError, which carries the sequence_number when it has arrived as well (else 0,
    SMPP 3.4 §4.3.1: "NULL" when it can't be told).
    """
    length = int.from_bytes(data[position : position + 4], "big")
    if HEADER_LENGTH <= length <= max_length:
        return
    sequence_number = 0
    if len(data) - position >= HEADER_LENGTH:
        sequence_number = int.from_bytes(data[position + 12 : position + 16], "big")
    raise FramingError(
        f"{length}, allowed {HEADER_LENGTH} to {max_length}",
        sequence_number=sequence_number,
    )
