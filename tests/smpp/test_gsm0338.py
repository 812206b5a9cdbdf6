"""GSM 03.38: alphabet, extension table, packing, and errors."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smpp import gsm0338
from smpp.gsm0338 import Gsm0338Error

ALPHABET = gsm0338.decode(bytes(range(0x1B)) + bytes(range(0x1C, 0x80)))
CHARACTERS = ALPHABET + "".join(sorted(gsm0338.EXTENSION_CHARACTERS))
TEXTS = st.text(st.sampled_from(CHARACTERS), max_size=200)


@pytest.mark.parametrize(
    ("text", "septets"),
    [
        ("", ""),
        ("@", "00"),
        ("Ç", "09"),
        ("\n", "0a"),
        ("Å", "0e"),
        ("ΔΦΓΛΩΠΨΣΘΞ", "101213141516171819" + "1a"),
        ("É", "1f"),
        (" ", "20"),
        ("¤", "24"),
        ("?", "3f"),
        ("¡", "40"),
        ("AZ", "415a"),
        ("ÄÖÑÜ§", "5b5c5d5e5f"),
        ("¿", "60"),
        ("az", "617a"),
        ("äöñüà", "7b7c7d7e7f"),
        ("€", "1b65"),
        ("^{}\\[~]|", "1b141b281b291b2f1b3c1b3d1b3e1b40"),
        ("\f", "1b0a"),
    ],
)
def test_characters_have_the_septets_of_the_standard(text: str, septets: str) -> None:
    assert gsm0338.encode(text).hex() == septets
    assert gsm0338.decode(bytes.fromhex(septets)) == text


def test_the_alphabet_has_127_characters_beside_the_escape() -> None:
    assert len(ALPHABET) == len(set(ALPHABET)) == 127
    assert len(gsm0338.EXTENSION_CHARACTERS) == 10


def test_a_character_outside_the_alphabet_is_named_with_its_place() -> None:
    with pytest.raises(Gsm0338Error, match=r"U\+4E2D at character 3 of 4"):
        gsm0338.encode("ab中d")
    assert not gsm0338.is_encodable("ç")
    assert gsm0338.is_encodable("[€]")


@pytest.mark.parametrize("text", ["\x1b", "\ufffe", "\ud800", "`", "\t"])
def test_characters_that_only_look_like_septets_are_refused(text: str) -> None:
    assert not gsm0338.is_encodable(text)


def test_an_octet_above_0x7f_is_an_error_everywhere() -> None:
    for decode in (gsm0338.decode, gsm0338.decode_lenient):
        with pytest.raises(Gsm0338Error, match="octet 0x80 at 2 of 2"):
            decode(b"a\x80")
    with pytest.raises(Gsm0338Error, match="octet 0xFF at 1"):
        gsm0338.pack(b"\xff")


@pytest.mark.parametrize(
    ("septets", "shown"),
    [
        (b"a\x1b", "a "),
        (b"\x1b\x1ba", " a"),
        (b"\x1ba", "a"),
        (b"\x1b\x00", "@"),
    ],
)
def test_an_escape_not_understood_is_an_error_or_shown_as_a_handset_does(
    septets: bytes, shown: str
) -> None:
    with pytest.raises(Gsm0338Error, match="escape without a character"):
        gsm0338.decode(septets)
    assert gsm0338.decode_lenient(septets) == (shown, 1)


def test_a_text_of_known_escapes_is_decoded_leniently_without_remark() -> None:
    assert gsm0338.decode_lenient(b"\x1b\x65a") == ("€a", 0)


def test_septets_are_counted_with_two_for_the_extension_table() -> None:
    text = "[DEMO POLICE] Code 482913, valid 5 min. Do not share it."
    assert len(text) == 56
    assert gsm0338.septet_count(text) == 58


@pytest.mark.parametrize(
    ("text", "packed"),
    [
        ("", ""),
        ("a", "61"),
        ("hello", "e8329bfd06"),
        ("hellohello", "e8329bfd4697d9ec37"),
    ],
)
def test_packing_matches_known_octets(text: str, packed: str) -> None:
    assert gsm0338.pack(gsm0338.encode(text)).hex() == packed
    assert gsm0338.decode(gsm0338.unpack(bytes.fromhex(packed))) == text


def test_seven_spare_zero_bits_are_padding_unless_the_count_says_otherwise() -> None:
    packed = gsm0338.pack(b"1234567")
    assert len(packed) == 7
    assert gsm0338.unpack(packed) == b"1234567"
    assert gsm0338.unpack(packed, 8) == b"1234567\x00"
    with pytest.raises(Gsm0338Error, match="9 septets in 7 octets: at most 8 fit"):
        gsm0338.unpack(packed, 9)


def test_160_septets_pack_into_140_octets() -> None:
    assert len(gsm0338.pack(b"a" * 160)) == 140


@pytest.mark.parametrize(("header", "fill"), [(0, 0), (6, 1), (7, 0), (8, 6), (12, 2)])
def test_text_behind_a_header_starts_on_a_septet(header: int, fill: int) -> None:
    assert gsm0338.fill_bits_after(header) == fill
    assert (header * 8 + fill) % 7 == 0


@given(TEXTS)
def test_decoding_gives_back_what_was_encoded(text: str) -> None:
    septets = gsm0338.encode(text)
    assert gsm0338.decode(septets) == text
    assert gsm0338.septet_count(text) == len(septets)


@given(st.binary(max_size=200))
def test_any_octets_decode_or_raise_our_error(octets: bytes) -> None:
    try:
        text = gsm0338.decode(octets)
    except Gsm0338Error:
        return
    assert gsm0338.encode(text) == octets


@given(st.lists(st.integers(0, 0x7F), max_size=170).map(bytes), st.integers(0, 6))
def test_unpacking_gives_back_what_was_packed(septets: bytes, fill_bits: int) -> None:
    packed = gsm0338.pack(septets, fill_bits)
    assert gsm0338.unpack(packed, len(septets), fill_bits) == septets
    if septets and septets[-1]:
        assert gsm0338.unpack(packed, fill_bits=fill_bits) == septets
