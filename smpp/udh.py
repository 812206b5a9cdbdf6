"""Read and write the user data header, the elements before the text when esm_class has UDHI.

3GPP TS 23.040 §9.2.3.24: one octet of header length, then elements, each an identifier, a
length and data. A malformed header is answered ESME_RINVESMCLASS: esm_class announces a header
that is not there.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

from .constants import CommandStatus
from .errors import DecodeError, EncodeError

IEI_CONCAT_8: Final = 0x00
"""Concatenated short message, 8-bit reference (§9.2.3.24.1)."""
IEI_PORTS_8: Final = 0x04
"""Application ports of one octet (§9.2.3.24.3)."""
IEI_PORTS_16: Final = 0x05
"""Application ports of two octets (§9.2.3.24.4)."""
IEI_CONCAT_16: Final = 0x08
"""Concatenated short message, 16-bit reference (§9.2.3.24.8)."""

CONCAT_8_OCTETS: Final = 6
"""Header with nothing but an 8-bit concatenation element, its length octet included."""
CONCAT_16_OCTETS: Final = 7
"""Header with nothing but a 16-bit concatenation element, its length octet included."""

_MAX_HEADER: Final = 139
"""So that the header with its length octet fits the 140 octets of one short message."""
_CONCAT_LENGTHS: Final = {IEI_CONCAT_8: 3, IEI_CONCAT_16: 4}
_INVALID: Final = CommandStatus.ESME_RINVESMCLASS.value


class UdhElement(NamedTuple):
    """Hold one element: its identifier and its data, byte for byte."""

    iei: int
    data: bytes


class UserData(NamedTuple):
    """Hold a short message cut into the elements of its header and the payload behind it."""

    elements: tuple[UdhElement, ...]
    payload: bytes


@dataclass(frozen=True, slots=True)
class Concatenation:
    """Say which segment of which message this is; `index` counts from 1.

    `wide` is true for a 16-bit reference; the payload starts at octet `offset`.
    """

    reference: int
    total: int
    index: int
    wide: bool
    offset: int


class Ports(NamedTuple):
    """Hold application ports."""

    destination: int
    source: int


def parse_udh(short_message: bytes) -> UserData:
    """Cut a short message with UDHI into header elements and payload.

    Raises DecodeError (ESME_RINVESMCLASS) for a header that is absent, empty, longer than the
    message, or whose elements run over its end.
    """
    end = _header_end(short_message)
    elements: list[UdhElement] = []
    position = 1
    while position < end:
        if position + 2 > end:
            raise _error(f"1 octet left at {position} of {end}: an element has at least 2")
        start = position + 2
        position = start + short_message[start - 1]
        if position > end:
            raise _error(
                f"element 0x{short_message[start - 2]:02X} has {short_message[start - 1]} octets "
                f"of data, but the header ends after {end - start}"
            )
        elements.append(UdhElement(short_message[start - 2], short_message[start:position]))
    return UserData(tuple(elements), short_message[end:])


def _header_end(short_message: bytes) -> int:
    """Give the offset behind the header, checked against the message."""
    if not short_message:
        raise _error("UDHI is set, but the message is empty")
    length = short_message[0]
    if not length:
        raise _error("header length 0: UDHI asks for at least one element")
    if length >= len(short_message):
        raise _error(f"header length {length}, but {len(short_message) - 1} octets follow")
    return length + 1


def build_udh(elements: Iterable[UdhElement]) -> bytes:
    """Build a header with its length octet, to stand before the payload.

    Raises EncodeError for no element at all, an identifier above 255, or more than 139 octets.
    """
    body = bytearray()
    for element in elements:
        if not 0 <= element.iei <= 0xFF:
            raise EncodeError("udh", f"element identifier {element.iei}: allowed are 0 to 255")
        if len(element.data) > _MAX_HEADER:
            raise EncodeError("udh", f"{len(element.data)} octets in an element, at most 137")
        body += bytes((element.iei, len(element.data)))
        body += element.data
    if not 0 < len(body) <= _MAX_HEADER:
        raise EncodeError("udh", f"header of {len(body)} octets: allowed are 1 to {_MAX_HEADER}")
    return bytes((len(body),)) + bytes(body)


def concat_of(short_message: bytes) -> Concatenation | None:
    """Read the concatenation element of a short message with UDHI; None where it has none.

    Of several such elements the last counts (3GPP TS 23.040 §9.2.3.24). Raises DecodeError
    (ESME_RINVESMCLASS) for a malformed header, a wrong element length, a total of 0, or an
    index of 0 or above the total.
    """
    # A lone 8-bit element is what nearly every client sends: no walk, no objects.
    if short_message[:3] == b"\x05\x00\x03" and len(short_message) >= CONCAT_8_OCTETS:
        total = short_message[4]
        index = short_message[5]
        if 0 < index <= total:
            return Concatenation(short_message[3], total, index, False, CONCAT_8_OCTETS)
    last = None
    for element in parse_udh(short_message).elements:
        if element.iei in _CONCAT_LENGTHS:
            last = element
    if last is None:
        return None
    return _concatenation(last, short_message[0] + 1)


def _concatenation(element: UdhElement, offset: int) -> Concatenation:
    expected = _CONCAT_LENGTHS[element.iei]
    data = element.data
    if len(data) != expected:
        raise _error(
            f"concatenation element 0x{element.iei:02X} with {len(data)} octets of data: "
            f"exactly {expected}"
        )
    total, index = data[-2], data[-1]
    if not 0 < index <= total:
        raise _error(f"segment {index} of {total}: the index runs from 1 to a total of 1 to 255")
    reference = int.from_bytes(data[:-2], "big")
    return Concatenation(reference, total, index, element.iei == IEI_CONCAT_16, offset)


def ports_of(elements: Iterable[UdhElement]) -> Ports | None:
    """Read the application ports, of one octet or two each; None where there are none.

    Of several such elements the last counts. Raises DecodeError (ESME_RINVESMCLASS) for a wrong
    element length.
    """
    ports = None
    for element in elements:
        if element.iei not in (IEI_PORTS_8, IEI_PORTS_16):
            continue
        width = 1 if element.iei == IEI_PORTS_8 else 2
        data = element.data
        if len(data) != 2 * width:
            raise _error(
                f"port element 0x{element.iei:02X} with {len(data)} octets of data: "
                f"exactly {2 * width}"
            )
        ports = Ports(int.from_bytes(data[:width], "big"), int.from_bytes(data[width:], "big"))
    return ports


def concat_element(reference: int, total: int, index: int, *, wide: bool = False) -> UdhElement:
    """Make a concatenation element, with a reference of 16 bits when `wide`, else of 8.

    Raises EncodeError for a reference, total or index out of range.
    """
    limit = 0xFFFF if wide else 0xFF
    if not 0 <= reference <= limit:
        raise EncodeError("udh", f"reference {reference}: allowed are 0 to {limit}")
    if not 0 < index <= total <= 0xFF:
        raise EncodeError("udh", f"segment {index} of {total}: allowed are 1 to 255")
    octets = reference.to_bytes(2 if wide else 1, "big") + bytes((total, index))
    return UdhElement(IEI_CONCAT_16 if wide else IEI_CONCAT_8, octets)


def ports_element(destination: int, source: int) -> UdhElement:
    """Make an element of 16-bit application ports.

    Raises EncodeError for a port that is not 0 to 65535.
    """
    for port in (destination, source):
        if not 0 <= port <= 0xFFFF:
            raise EncodeError("udh", f"port {port}: allowed are 0 to 65535")
    return UdhElement(IEI_PORTS_16, destination.to_bytes(2, "big") + source.to_bytes(2, "big"))


def _error(detail: str) -> DecodeError:
    return DecodeError(_INVALID, "short_message", f"user data header: {detail}", 0)
