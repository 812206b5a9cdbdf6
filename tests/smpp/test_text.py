"""Text by data_coding: alphabets, suspicions, errors, and the choice of a coding."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smpp import text
from smpp.constants import CommandStatus
from smpp.errors import DecodeError, EncodeError
from smpp.text import TextError, decode_text, encode_text

NO_SURROGATES = st.text(st.characters(exclude_categories=["Cs"]))
SIGNED = "【示例警务】"


@pytest.mark.parametrize(
    ("data_coding", "octets", "decoded", "alphabet"),
    [
        (0x00, b"\x00\x1b\x65", "@€", "gsm0338"),
        (0x01, b"@{}", "@{}", "ascii"),
        (0x02, b"\x00\xff", "00ff", "binary"),
        (0x03, b"\xe9\xa4", "é¤", "latin1"),
        (0x04, b"", "", "binary"),
        (0x05, "日本".encode("shift_jis"), "日本", "shift_jis"),
        (0x06, "Дa".encode("iso8859_5"), "Дa", "iso8859_5"),
        (0x07, "א".encode("iso8859_8"), "א", "iso8859_8"),
        (0x08, SIGNED.encode("utf-16-be"), SIGNED, "ucs2"),
        (0x08, b"\xd8\x3d\xde\x00", "😀", "ucs2"),
        (0x0E, "한".encode("euc_kr"), "한", "euc_kr"),
        (0x10, b"A", "A", "gsm0338"),
        (0x14, b"A", "41", "binary"),
        (0x18, b"\x4e\x2d", "中", "ucs2"),
        (0x1B, b"\x4e\x2d", "中", "ucs2"),
        (0xC0, b"A", "A", "gsm0338"),
        (0xDF, b"A", "A", "gsm0338"),
        (0xE0, b"\x4e\x2d", "中", "ucs2"),
        (0xF0, b"A", "A", "gsm0338"),
        (0xF5, b"A", "41", "binary"),
        (0xFF, b"A", "41", "binary"),
    ],
)
def test_data_coding_names_the_alphabet(
    data_coding: int, octets: bytes, decoded: str, alphabet: str
) -> None:
    assert decode_text(octets, data_coding) == (decoded, alphabet, ())
    assert encode_text(decoded, data_coding) == octets


@pytest.mark.parametrize(
    ("default_alphabet", "octets", "decoded"),
    [
        ("gsm0338", b"\x00", "@"),
        ("gsm0338-packed", bytes.fromhex("e8329bfd06"), "hello"),
        ("ascii", b"@", "@"),
        ("latin1", b"\xe9", "é"),
        ("utf8", SIGNED.encode(), SIGNED),
        ("gb18030", SIGNED.encode("gb18030"), SIGNED),
    ],
)
def test_data_coding_0_is_the_accounts_default_alphabet(
    default_alphabet: str, octets: bytes, decoded: str
) -> None:
    assert default_alphabet in text.DEFAULT_ALPHABETS
    for data_coding in (0x00, 0x11, 0xC8, 0xF1):
        got = decode_text(octets, data_coding, default_alphabet)
        assert got == (decoded, default_alphabet, ())
    assert encode_text(decoded, 0, default_alphabet) == octets


def test_an_unknown_default_alphabet_is_our_own_mistake() -> None:
    with pytest.raises(ValueError, match="'ebcdic': allowed are gsm0338, gsm0338-packed, ascii"):
        decode_text(b"", 0, "ebcdic")


def test_data_coding_15_is_gb18030_only_where_the_account_says_so() -> None:
    octets = SIGNED.encode("gb18030")
    assert decode_text(octets, 15, gb18030=True) == (SIGNED, "gb18030", ())
    assert encode_text(SIGNED, 15, gb18030=True) == octets
    with pytest.raises(TextError, match="0x0F is not known"):
        decode_text(octets, 15)


@pytest.mark.parametrize("data_coding", [9, 10, 11, 13, 15, 0x1C, 0x20, 0xBF])
def test_an_unknown_data_coding_is_refused_both_ways(data_coding: int) -> None:
    with pytest.raises(TextError, match=f"data_coding: 0x{data_coding:02X} is not known") as caught:
        decode_text(b"a", data_coding)
    assert isinstance(caught.value, DecodeError)
    assert caught.value.command_status == CommandStatus.ESME_RINVDCS
    with pytest.raises(EncodeError, match="is not known"):
        encode_text("a", data_coding)


@pytest.mark.parametrize(
    ("octets", "data_coding", "default_alphabet", "message"),
    [
        (b"a\xe9", 1, "gsm0338", "octet 0xE9 at 2 of 2 is not ascii"),
        (b"a\xe9", 0, "gsm0338", "octet 0xE9 at 2 of 2: .* means gsm0338 here"),
        (b"\xff\xff", 0, "utf8", "octet 0xFF at 1 of 2 is not utf8"),
        (b"\xff\xff", 0, "gb18030", "octet 0xFF at 1 of 2 is not gb18030"),
    ],
)
def test_octets_outside_the_alphabet_are_refused_with_their_place(
    octets: bytes, data_coding: int, default_alphabet: str, message: str
) -> None:
    with pytest.raises(TextError, match=message) as caught:
        decode_text(octets, data_coding, default_alphabet)
    assert caught.value.command_status == CommandStatus.ESME_RINVDCS
    assert caught.value.field == "short_message"


@pytest.mark.parametrize(
    ("octets", "decoded", "notes"),
    [
        (b"\x4e\x2d\x4e", "中\ufffd", (text.ODD_LENGTH,)),
        (b"\xd8\x3d", "\ufffd", (text.LONE_SURROGATE,)),
        (b"\x00a\xde\x00\x00b", "a\ufffdb", (text.LONE_SURROGATE,)),
        (b"\xd8\x3d\x00", "\ufffd\ufffd", (text.ODD_LENGTH, text.LONE_SURROGATE)),
        (b"\xff\xfd", "\ufffd", (text.REPLACEMENT_CHARACTER,)),
        (b"\xfe\xff\x00a", "\ufeffa", (text.BYTE_ORDER_MARK,)),
        (b"\xff\xfea\x00", "\ufffe愀", (text.SWAPPED_OCTETS,)),
        (b"\x00a\x00\x00", "a\0", (text.NUL_CHARACTER,)),
    ],
)
def test_suspicious_ucs2_is_decoded_and_noted(
    octets: bytes, decoded: str, notes: tuple[str, ...]
) -> None:
    assert decode_text(octets, 8) == (decoded, "ucs2", notes)


def test_an_escape_not_understood_is_noted() -> None:
    assert decode_text(b"a\x1bb", 0) == ("ab", "gsm0338", (text.UNKNOWN_ESCAPE,))


def test_a_replacement_character_is_noted_in_every_alphabet() -> None:
    got = decode_text("a\ufffd".encode(), 0, "utf8")
    assert got.notes == (text.REPLACEMENT_CHARACTER,)


@pytest.mark.parametrize("octets", [b"\x4e", b"\x00a\xd8\x3d", b"\xde\x00"])
def test_the_fast_path_never_drops_octets_in_silence(octets: bytes) -> None:
    with pytest.raises(UnicodeDecodeError):
        text.decode_ucs2(octets)


@pytest.mark.parametrize(
    ("value", "data_coding", "message"),
    [
        ("a中", 0, r"U\+4E2D at character 2 of 2"),
        ("a中", 1, r"U\+4E2D at character 2 of 2 is not in ascii"),
        ("中", 3, "is not in latin1"),
        ("\ud800", 8, r"U\+D800 at character 1 of 1 is not in ucs2"),
        ("4", 4, "pairs of hex digits"),
        ("zz", 4, "pairs of hex digits"),
    ],
)
def test_what_the_alphabet_lacks_is_refused(value: str, data_coding: int, message: str) -> None:
    with pytest.raises(EncodeError, match=message):
        encode_text(value, data_coding)


@pytest.mark.parametrize(
    ("value", "default_alphabet", "data_coding"),
    [
        ("Code 482913 [€]", "gsm0338", 0),
        ("Code 482913 [€]", "ascii", 8),
        ("é", "latin1", 0),
        (SIGNED, "gsm0338", 8),
        (SIGNED, "gb18030", 8),
        (SIGNED, "utf8", 8),
        ("abc", "utf8", 0),
        ("abc", "gsm0338-packed", 0),
    ],
)
def test_the_default_alphabet_is_chosen_where_every_receiver_reads_it(
    value: str, default_alphabet: str, data_coding: int
) -> None:
    assert text.choose_data_coding(value, default_alphabet) == data_coding


@pytest.mark.parametrize(("value", "length"), [("", 0), ("中a", 2), ("😀", 2), ("\ud800", 1)])
def test_characters_are_counted_in_utf16_units(value: str, length: int) -> None:
    assert text.utf16_length(value) == length


@given(st.binary(max_size=150), st.integers(0, 255), st.sampled_from(text.DEFAULT_ALPHABETS))
def test_any_octets_decode_to_storable_text_or_raise_our_error(
    octets: bytes, data_coding: int, default_alphabet: str
) -> None:
    try:
        got = decode_text(octets, data_coding, default_alphabet, gb18030=True)
    except TextError:
        return
    got.text.encode("utf-8")
    faithful = not got.notes and got.alphabet not in {"gsm0338-packed", "gb18030", "shift_jis"}
    if faithful:
        assert encode_text(got.text, data_coding, default_alphabet) == octets


@given(st.binary(max_size=150))
def test_the_fast_path_agrees_with_decode_text(octets: bytes) -> None:
    try:
        fast = text.decode_ucs2(octets)
    except UnicodeDecodeError:
        assert {text.ODD_LENGTH, text.LONE_SURROGATE} & set(decode_text(octets, 8).notes)
        return
    assert decode_text(octets, 8).text == fast


@given(NO_SURROGATES, st.sampled_from(text.DEFAULT_ALPHABETS))
def test_the_chosen_data_coding_carries_the_text(value: str, default_alphabet: str) -> None:
    data_coding = text.choose_data_coding(value, default_alphabet)
    octets = encode_text(value, data_coding, default_alphabet)
    decoded = decode_text(octets, data_coding, default_alphabet).text
    if default_alphabet == "gsm0338-packed" and data_coding == 0:
        # The number of septets is not transmitted: a filling "@" at the end is padding.
        assert value.removesuffix("@") == decoded.removesuffix("@")
    else:
        assert decoded == value
