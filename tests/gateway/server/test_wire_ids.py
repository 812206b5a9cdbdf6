"""Write message ids in an account's dialect and read them back."""

from __future__ import annotations

import pytest

from gateway.server import wire_ids
from gateway.server.wire_ids import ShortIds, WireIds

NUMBER = 907_123_456_789_012_345


@pytest.mark.parametrize("form", ["decimal", "padded", "hex", "hex_upper", "uuid"])
def test_an_id_is_found_by_what_was_written(form: str) -> None:
    ids = WireIds(form, ShortIds())  # type: ignore[arg-type]  # one of the forms
    assert ids.find(ids.format(NUMBER)) == NUMBER


@pytest.mark.parametrize("wire_id", [b"", b"nonsense", b"-1", b"\xff\xfe", b"1" * 21])
def test_what_can_be_no_id_is_none(wire_id: bytes) -> None:
    assert WireIds("decimal", ShortIds()).find(wire_id) is None


def test_sessions_from_3_4_on_use_the_long_form() -> None:
    ids = WireIds("decimal", ShortIds())
    assert ids.short_for(NUMBER, 0x34) == ids.short_for(NUMBER, 0x50) == ""


def test_older_sessions_get_eight_characters_that_lead_back() -> None:
    ids = WireIds("decimal", ShortIds())
    short = ids.short_for(NUMBER, 0x33)
    assert short == "00000001"
    assert ids.find(short.encode()) == NUMBER
    assert ids.find(b"0000000A") is None


def test_case_does_not_matter_in_a_short_id() -> None:
    shorts = ShortIds(0xABCDEE)
    ids = WireIds("decimal", shorts)
    assert ids.short_for(NUMBER, 0x33) == "00ABCDEF"
    assert ids.find(b"00abcdef") == NUMBER


def test_numbers_go_on_behind_those_of_the_last_run_and_begin_again_at_the_end() -> None:
    shorts = ShortIds()
    shorts.remember("FFFFFFFE", 1)
    assert shorts.give(2) == "FFFFFFFF"
    assert shorts.give(3) == "00000001"
    assert shorts.give(4) == "00000002"


def test_only_the_last_short_ids_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire_ids, "SHORT_IDS_KEPT", 2)
    shorts = ShortIds()
    first, second, third = (shorts.give(number) for number in (1, 2, 3))
    assert [shorts.find(short) for short in (first, second, third)] == [None, 2, 3]
