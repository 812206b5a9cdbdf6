"""Forms of a message_id, both ways."""

from __future__ import annotations

from typing import get_args
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smpp import message_id
from smpp.constants import CommandStatus
from smpp.errors import DecodeError, EncodeError
from smpp.message_id import MessageIdForm

FORMS: tuple[MessageIdForm, ...] = get_args(MessageIdForm)


@pytest.mark.parametrize(
    ("form", "octets"),
    [
        ("decimal", b"9007199254740993"),
        ("hex", b"20000000000001"),
        ("hex_upper", b"20000000000001"),
        ("padded", b"00009007199254740993"),
        ("uuid", b"00000000-0000-8000-8020-000000000001"),
    ],
)
def test_each_form_writes_the_number(form: MessageIdForm, octets: bytes) -> None:
    assert message_id.format_message_id(2**53 + 1, form) == octets
    assert message_id.message_id_formatter(form)(2**53 + 1) == octets
    assert message_id.parse_message_id(octets, form) == 2**53 + 1


def test_hex_is_written_in_either_case_and_read_in_both() -> None:
    assert message_id.format_message_id(0xBEEF, "hex") == b"beef"
    assert message_id.format_message_id(0xBEEF, "hex_upper") == b"BEEF"
    for form in ("hex", "hex_upper"):
        assert message_id.parse_message_id("BeEf", form) == 0xBEEF


def test_lost_or_added_leading_zeros_do_not_matter() -> None:
    assert message_id.parse_message_id(b"42", "padded") == 42
    assert message_id.parse_message_id(b"00042", "decimal") == 42
    assert message_id.parse_message_id(b"0002a", "hex") == 42


def test_the_uuid_form_is_a_version_8_uuid() -> None:
    written = UUID(message_id.format_message_id(message_id.MAX_NUMBER, "uuid").decode())
    assert written.version == 8
    assert str(written).startswith("00000000-0000-8015-")
    assert message_id.parse_message_id(str(written).upper(), "uuid") == message_id.MAX_NUMBER


@pytest.mark.parametrize(
    ("value", "form"),
    [
        ("", "decimal"),
        ("-1", "decimal"),
        ("1.0", "decimal"),
        (" 1", "decimal"),
        ("1_0", "decimal"),
        ("٤٢", "decimal"),
        ("²", "padded"),
        ("beef", "decimal"),
        ("1" * 21, "decimal"),
        ("", "hex"),
        ("0x1", "hex"),
        ("1g2", "hex"),
        ("1_2", "hex"),
        ("f" * 17, "hex"),
        ("0" * 21, "hex_upper"),
        ("42", "uuid"),
        ("00000000-0000-4000-8020-000000000001", "uuid"),
        ("00000000-0000-8000-c020-000000000001", "uuid"),
        ("ffffffff-ffff-8fff-bfff-ffffffffffff", "uuid"),
    ],
)
def test_another_form_is_refused(value: str, form: MessageIdForm) -> None:
    with pytest.raises(DecodeError, match=f"is not a message_id of the form {form}") as caught:
        message_id.parse_message_id(value, form)
    assert caught.value.command_status == CommandStatus.ESME_RINVMSGID
    assert caught.value.field == "message_id"


@pytest.mark.parametrize("number", [-1, 10**20])
def test_a_number_of_more_than_20_digits_is_our_own_mistake(number: int) -> None:
    with pytest.raises(EncodeError, match="allowed are 0 to 99999999999999999999"):
        message_id.format_message_id(number)


def test_an_unknown_form_is_our_own_mistake() -> None:
    with pytest.raises(ValueError, match="'base64': allowed are decimal, hex"):
        message_id.message_id_formatter("base64")  # type: ignore[arg-type]  # what is tested
    with pytest.raises(ValueError, match="'base64'"):
        message_id.parse_message_id("1", "base64")  # type: ignore[arg-type]  # what is tested


@given(st.integers(0, message_id.MAX_NUMBER), st.sampled_from(FORMS))
def test_every_number_is_read_back_from_every_form(number: int, form: MessageIdForm) -> None:
    octets = message_id.format_message_id(number, form)
    assert message_id.parse_message_id(octets, form) == number
    assert message_id.parse_message_id(octets.decode("ascii"), form) == number


@given(st.one_of(st.binary(max_size=40), st.text(max_size=40)), st.sampled_from(FORMS))
def test_any_value_parses_or_raises_our_error(value: bytes | str, form: MessageIdForm) -> None:
    try:
        number = message_id.parse_message_id(value, form)
    except DecodeError:
        return
    assert 0 <= number <= message_id.MAX_NUMBER
