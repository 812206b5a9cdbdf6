from __future__ import annotations

import pytest

from gateway.archive.database import Progress
from gateway.archive.highest import Highest, short_id
from routing.events import Bound, MoReceived, SegmentHeld, Stopped
from tests.support.submissions import parts, submission


def test_the_highest_of_every_kind_of_id_is_found() -> None:
    highest = Highest()
    highest.note(submission(message_id=10, wire_id="0000001f"))
    highest.note(submission(message_id=5, segments=parts(1, 1, first_id=11)))
    highest.note(SegmentHeld(0.0, 14, "police", 1, 1, "1", "2", 7, 2, 1, 1, b"", "ff"))
    highest.note(MoReceived(0.0, 13, "police", "1", "2", "t", 1, "api"))
    highest.note(Bound(0.0, 9, "police", "trx", 52, "127.0.0.1:1"))
    highest.note(Bound(0.0, 8, "police", "trx", 52, "127.0.0.1:1"))
    highest.note(Stopped(0.0, "done"))
    assert highest.progress(3, b"h") == Progress(3, b"h", 14, 9, 255)


def test_it_goes_on_from_the_archive() -> None:
    highest = Highest.after(Progress(3, b"h", 14, 9, 255))
    highest.note(submission(message_id=15))
    assert highest.progress(4, b"i") == Progress(4, b"i", 15, 9, 255)


@pytest.mark.parametrize(
    ("wire_id", "number"),
    [("", 0), ("0000000a", 10), ("ffffffff", 0xFFFFFFFF), ("0123456789", 0), ("w1", 0)],
)
def test_short_ids_are_hexadecimal_numbers_of_at_most_eight_digits(
    wire_id: str, number: int
) -> None:
    assert short_id(wire_id) == number
