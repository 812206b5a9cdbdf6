"""Cut streams into PDUs."""

from __future__ import annotations

import pytest

from smpp.codec import encode
from smpp.errors import FramingError
from smpp.framing import check_length, take_frames
from smpp.pdus import EnquireLink, SubmitSm

ENQUIRE = encode(EnquireLink(sequence_number=7))
SUBMIT = encode(SubmitSm(short_message=b"hello", sequence_number=8))
LIMIT = 70_000
QUANTUM = 64


def header(length: int, sequence_number: int = 9) -> bytes:
    return b"".join(value.to_bytes(4, "big") for value in (length, 0x15, 0, sequence_number))


def test_no_octets_are_no_frames() -> None:
    assert take_frames(b"", 0, LIMIT, QUANTUM) == ([], 0)


def test_a_frame_names_its_place_and_its_header() -> None:
    frames, end = take_frames(b"xx" + ENQUIRE + SUBMIT, 2, LIMIT, QUANTUM)
    assert frames == [(2, 18, 0x15, 0, 7), (18, 18 + len(SUBMIT), 0x04, 0, 8)]
    assert end == 18 + len(SUBMIT)


@pytest.mark.parametrize("octets", range(1, len(SUBMIT)))
def test_a_pdu_in_part_is_left_for_later(octets: int) -> None:
    assert take_frames(ENQUIRE + SUBMIT[:octets], 0, LIMIT, QUANTUM)[1] == len(ENQUIRE)
    assert take_frames(SUBMIT[:octets], 0, LIMIT, QUANTUM) == ([], 0)


def test_no_more_than_the_quantum_is_taken() -> None:
    frames, end = take_frames(ENQUIRE * 5, 0, LIMIT, 3)
    assert (len(frames), end) == (3, 48)


@pytest.mark.parametrize("length", [0, 1, 15, LIMIT + 1, 0x7FFFFFFF, 0xFFFFFFFF])
def test_a_length_that_no_pdu_has_is_an_error_with_its_sequence_number(length: int) -> None:
    with pytest.raises(FramingError, match=f"{length}, allowed 16 to 70000") as caught:
        take_frames(header(length), 0, LIMIT, QUANTUM)
    assert caught.value.sequence_number == 9
    assert caught.value.command_status == 0x02


@pytest.mark.parametrize("octets", [4, 8, 15])
def test_a_bad_length_is_judged_from_its_four_octets_without_a_sequence_number(
    octets: int,
) -> None:
    with pytest.raises(FramingError) as caught:
        take_frames(header(15)[:octets], 0, LIMIT, QUANTUM)
    assert caught.value.sequence_number == 0


def test_three_octets_judge_nothing() -> None:
    assert take_frames(b"\xff\xff\xff", 0, LIMIT, QUANTUM) == ([], 0)


def test_good_pdus_before_a_bad_length_are_given_first() -> None:
    data = ENQUIRE + header(3)
    frames, end = take_frames(data, 0, LIMIT, QUANTUM)
    assert (len(frames), end) == (1, 16)
    with pytest.raises(FramingError):
        take_frames(data, end, LIMIT, QUANTUM)


@pytest.mark.parametrize("length", [16, LIMIT])
def test_the_lengths_at_the_limits_are_allowed(length: int) -> None:
    check_length(header(length), 0, LIMIT)
    padded = header(length) + bytes(length - 16)
    assert take_frames(padded, 0, LIMIT, QUANTUM)[1] == length
