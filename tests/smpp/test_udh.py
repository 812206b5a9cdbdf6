"""User data headers: elements, concatenation, ports, and malformed ones."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smpp import udh
from smpp.constants import CommandStatus
from smpp.errors import DecodeError, EncodeError
from smpp.udh import Concatenation, Ports, UdhElement

ELEMENTS = st.lists(
    st.builds(UdhElement, st.integers(0, 255), st.binary(max_size=10)), min_size=1, max_size=8
)


def test_a_header_is_cut_into_elements_and_payload() -> None:
    octets = bytes.fromhex("0b 0003 110b01 0504 0b8423f0 4e2d")
    got = udh.parse_udh(octets)
    assert got.elements == (
        UdhElement(0x00, bytes.fromhex("110b01")),
        UdhElement(0x05, bytes.fromhex("0b8423f0")),
    )
    assert got.payload == b"\x4e\x2d"


def test_an_element_of_a_header_may_be_empty_and_the_payload_too() -> None:
    assert udh.parse_udh(b"\x02\x24\x00") == ((UdhElement(0x24, b""),), b"")


@pytest.mark.parametrize(
    ("octets", "message"),
    [
        ("", "UDHI is set, but the message is empty"),
        ("00 41", "header length 0"),
        ("05", "header length 5, but 0 octets follow"),
        ("05 00 03 01 02", "header length 5, but 4 octets follow"),
        ("01 00 41", "1 octet left at 1 of 2"),
        ("06 00 03 01 02 01 08 41", "1 octet left at 6 of 7"),
        ("05 00 04 01 02 01 41", "element 0x00 has 4 octets of data, but the header ends after 3"),
        ("05 00 03 01 02 00 41", "segment 0 of 2"),
        ("05 00 03 01 02 03 41", "segment 3 of 2"),
        ("05 00 03 01 00 00 41", "segment 0 of 0"),
        ("06 08 04 00 01 02 03 41", "segment 3 of 2"),
        ("04 00 02 02 01 41", "element 0x00 with 2 octets of data: exactly 3"),
        ("05 08 03 01 02 01 41", "element 0x08 with 3 octets of data: exactly 4"),
    ],
)
def test_a_malformed_header_is_refused_with_what_was_seen(octets: str, message: str) -> None:
    with pytest.raises(DecodeError, match=message) as caught:
        udh.concat_of(bytes.fromhex(octets))
    assert caught.value.command_status == CommandStatus.ESME_RINVESMCLASS
    assert caught.value.field == "short_message"


@pytest.mark.parametrize(
    ("octets", "expected"),
    [
        ("05 00 03 a7 03 02 41", Concatenation(0xA7, 3, 2, False, 6)),
        ("05 00 03 a7 01 01", Concatenation(0xA7, 1, 1, False, 6)),
        ("06 08 04 01 a7 03 02 41", Concatenation(0x01A7, 3, 2, True, 7)),
        ("0b 05 04 0b8423f0 00 03 11 0b 01 41", Concatenation(0x11, 11, 1, False, 12)),
        ("0a 00 03 11 02 01 00 03 12 02 02 41", Concatenation(0x12, 2, 2, False, 11)),
        ("0b 00 03 11 02 01 08 04 0012 02 02 41", Concatenation(0x12, 2, 2, True, 12)),
        ("06 05 04 0b8423f0 41", None),
    ],
)
def test_the_last_concatenation_element_counts(octets: str, expected: Concatenation | None) -> None:
    assert udh.concat_of(bytes.fromhex(octets)) == expected


def test_ports_of_one_and_two_octets_are_read() -> None:
    wide = udh.ports_element(2948, 9200)
    assert wide == UdhElement(udh.IEI_PORTS_16, bytes.fromhex("0b8423f0"))
    assert udh.ports_of([wide]) == Ports(2948, 9200)
    assert udh.ports_of([wide, UdhElement(udh.IEI_PORTS_8, b"\xf5\xf6")]) == Ports(0xF5, 0xF6)
    assert udh.ports_of([UdhElement(0x24, b"\x01")]) is None


def test_ports_of_wrong_length_are_refused() -> None:
    with pytest.raises(DecodeError, match="port element 0x05 with 3 octets of data: exactly 4"):
        udh.ports_of([UdhElement(udh.IEI_PORTS_16, b"abc")])


@pytest.mark.parametrize(("destination", "source"), [(-1, 0), (0, 0x10000)])
def test_a_port_out_of_range_is_our_own_mistake(destination: int, source: int) -> None:
    with pytest.raises(EncodeError, match="allowed are 0 to 65535"):
        udh.ports_element(destination, source)


@pytest.mark.parametrize(
    ("reference", "total", "index", "wide"),
    [
        (256, 2, 1, False),
        (-1, 2, 1, True),
        (65536, 2, 1, True),
        (0, 256, 1, False),
        (0, 2, 3, True),
    ],
)
def test_a_concatenation_out_of_range_is_our_own_mistake(
    reference: int, total: int, index: int, wide: bool
) -> None:
    with pytest.raises(EncodeError, match="allowed are"):
        udh.concat_element(reference, total, index, wide=wide)


@pytest.mark.parametrize(
    "elements",
    [
        [],
        [UdhElement(256, b"")],
        [UdhElement(0, b"x" * 140)],
        [UdhElement(0, b"x" * 100), UdhElement(1, b"x" * 100)],
    ],
)
def test_a_header_that_fits_no_short_message_is_our_own_mistake(
    elements: list[UdhElement],
) -> None:
    with pytest.raises(EncodeError, match="udh"):
        udh.build_udh(elements)


def test_the_longest_header_leaves_no_payload_and_is_read_back() -> None:
    elements = (UdhElement(0x24, b"x" * 137),)
    header = udh.build_udh(elements)
    assert len(header) == 140
    assert udh.parse_udh(header) == (elements, b"")


@given(ELEMENTS, st.binary(max_size=20))
def test_parsing_gives_back_what_was_built(elements: list[UdhElement], payload: bytes) -> None:
    assert udh.parse_udh(udh.build_udh(elements) + payload) == (tuple(elements), payload)


@given(st.binary(max_size=40))
def test_any_octets_parse_or_raise_our_error(octets: bytes) -> None:
    try:
        elements, payload = udh.parse_udh(octets)
        udh.ports_of(elements)
        found = udh.concat_of(octets)
    except DecodeError:
        return
    assert udh.build_udh(elements) + payload == octets
    if found is not None:
        assert octets[found.offset :] == payload
        assert 0 < found.index <= found.total


@given(st.data(), st.booleans(), st.binary(max_size=20))
def test_a_concatenation_is_read_back(data: st.DataObject, wide: bool, payload: bytes) -> None:
    total = data.draw(st.integers(1, 255))
    index = data.draw(st.integers(1, total))
    reference = data.draw(st.integers(0, 0xFFFF if wide else 0xFF))
    header = udh.build_udh([udh.concat_element(reference, total, index, wide=wide)])
    expected = Concatenation(reference, total, index, wide, len(header))
    assert udh.concat_of(header + payload) == expected
