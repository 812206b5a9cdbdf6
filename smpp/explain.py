"""Explain a PDU octet by octet, well-formed or not: what each field holds and what it means.

It walks the same table with the same readers as the codec, so it finds the same error at the same
place; up to there every field is shown. Passwords are masked, here and in the hexadecimal dump.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from . import constants as c
from .constants import HEADER_OCTETS, CommandStatus, DataCoding, MessageState, Npi, TlvTag, Ton
from .errors import DecodeError, UnknownCommand
from .interpreter import DESTINATION_KINDS, READERS, may_be_bodiless, truncated
from .tables import PDUS, UNSUCCESS_SME_FIELDS, Field, Kind, PduSpec
from .tlvs import TLVS, Tlv, TlvKind, decode_tlvs, tlv_name

SECRET_FIELDS: Final = frozenset({"password"})


@dataclass(frozen=True, slots=True)
class FieldView:
    """Show one field: where it lies (octets from the start of the PDU), its value, its meaning.

    `length` counts all its octets: a string's NUL, a TLV's tag and length. `value` is an int or
    the octets without those. `note` is empty when there is nothing to add. `secret` says that
    a password lies or may lie there: `value` is stars then.
    """

    offset: int
    length: int
    name: str
    value: int | bytes
    note: str = ""
    secret: bool = False


@dataclass(frozen=True, slots=True)
class Explanation:
    """Show a whole PDU: its fields in wire order and one line of summary.

    `error` is the reason the PDU is malformed, with the last view on the octets in question;
    None when it is well-formed. `command_status` is what shall be answered then, else 0.
    """

    fields: tuple[FieldView, ...]
    summary: str
    error: str | None = None
    command_status: int = 0


def explain(data: bytes) -> Explanation:
    """Explain the octets of one PDU; `data` may be malformed in any way."""
    walk = _Walk(data)
    try:
        walk.header()
        walk.body()
    except DecodeError as error:
        walk.show_rest(error)
        answer = _name_of(CommandStatus, error.command_status)
        detail = str(error)
        return Explanation(
            tuple(walk.views),
            f"{walk.title()}: malformed, answer {answer}: {detail}",
            detail,
            error.command_status,
        )
    return Explanation(tuple(walk.views), f"{walk.title()}{walk.content()}")


def render(data: bytes) -> str:
    """Return a hexadecimal dump, the tree of fields and the summary, as lines of text."""
    explanation = explain(data)
    secret = {
        octet
        for view in explanation.fields
        if view.secret
        for octet in range(view.offset, view.offset + view.length)
    }
    lines = []
    for row in range(0, len(data), 16):
        octets = range(row, min(row + 16, len(data)))
        cells = ["**" if at in secret else f"{data[at]:02x}" for at in octets]
        shown = [
            chr(data[at]) if 32 <= data[at] < 127 and at not in secret else "." for at in octets
        ]
        lines.append(f"{row:04x}  {' '.join(cells):<47}  {''.join(shown)}")
    for view in explanation.fields:
        value = view.value.hex(" ") if isinstance(view.value, bytes) else str(view.value)
        note = f"  ({view.note})" if view.note else ""
        lines.append(f"{view.offset:04x}  {view.length:4}  {view.name} = {value}{note}")
    lines.append(explanation.summary)
    return "\n".join(lines)


class _Walk:
    """Walk one PDU and collect a view of each field; raises DecodeError where it is malformed."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.views: list[FieldView] = []
        self.values: dict[str, int | bytes] = {}
        self.at = 0
        self.spec: PduSpec | None = None

    def add(
        self, length: int, name: str, value: int | bytes, note: str = "", *, secret: bool = False
    ) -> None:
        """Show the field at the current position and move behind it."""
        if secret:
            value = b"*" * length
        self.views.append(FieldView(self.at, length, name, value, note, secret))
        self.values.setdefault(name, value)
        self.at += length

    def header(self) -> None:
        """Show the four header fields (SMPP 3.4 §3.2.1)."""
        for name in ("command_length", "command_id", "command_status", "sequence_number"):
            if self.at + 4 > len(self.data):
                seen = f"the PDU has {len(self.data)} octets, at least {HEADER_OCTETS}"
                raise DecodeError(CommandStatus.ESME_RINVCMDLEN, "command_length", seen, self.at)
            value = int.from_bytes(self.data[self.at : self.at + 4], "big")
            self.add(4, name, value, _note(name, value))
        command_id, length = self.number("command_id"), self.number("command_length")
        self.spec = PDUS.get(command_id)
        if length != len(self.data):
            seen = f"{length}, the PDU has {len(self.data)} octets"
            raise DecodeError(CommandStatus.ESME_RINVCMDLEN, "command_length", seen, self.at)
        if self.spec is None:
            raise UnknownCommand(command_id)

    def body(self) -> None:
        """Show the mandatory parameters, then the TLVs."""
        assert self.spec is not None
        bare = self.at == len(self.data)
        if bare and may_be_bodiless(self.spec, self.number("command_status")):
            return
        for field in self.spec.fields:
            self.field(field)
        self.tlvs(self.spec)

    def field(self, field: Field, prefix: str = "") -> None:
        """Show one mandatory parameter, a list with each of its entries."""
        data, end = self.data, len(self.data)
        if field.kind is Kind.DESTINATIONS:
            self.entries("number_of_dests", "dest_address", field)
        elif field.kind is Kind.UNSUCCESS:
            self.entries("no_unsuccess", "unsuccess_sme", field)
        elif field.kind is Kind.SHORT_MESSAGE:
            value, stop = READERS[field.kind](data, self.at, end, field, 0)
            self.add(1, "sm_length", len(value))
            self.add(stop - self.at, field.name, value, self.text(value))
        else:
            value, stop = READERS[field.kind](data, self.at, end, field, 0)
            secret = field.name in SECRET_FIELDS
            note = "not shown" if secret else _note(field.name, value)
            self.add(stop - self.at, prefix + field.name, value, note, secret=secret)

    def entries(self, count_name: str, entry_name: str, field: Field) -> None:
        """Show a count and that many entries."""
        data, end = self.data, len(self.data)
        # A whole list that can't be read fails here or in one of its entries below.
        if self.at >= end or (field.kind is Kind.DESTINATIONS and data[self.at] == 0):
            READERS[field.kind](data, self.at, end, field, 0)
        count = data[self.at]
        self.add(1, count_name, count)
        for index in range(count):
            fields = UNSUCCESS_SME_FIELDS
            prefix = f"{entry_name}[{index}]."
            if field.kind is Kind.DESTINATIONS:
                fields = self.dest_flag(prefix)
            for part in fields:
                self.field(part, prefix)

    def dest_flag(self, prefix: str) -> tuple[Field, ...]:
        """Show the dest_flag of a destination and return the fields that follow it."""
        if self.at >= len(self.data):
            raise truncated("dest_flag", 1, self.at)
        flag = self.data[self.at]
        if flag not in DESTINATION_KINDS:
            detail = f"{flag}, allowed 1 or 2"
            raise DecodeError(CommandStatus.ESME_RINVDESTFLAG, "dest_flag", detail, self.at)
        kind, fields = DESTINATION_KINDS[flag]
        self.add(1, prefix + "dest_flag", flag, kind.__name__)
        return fields

    def tlvs(self, spec: PduSpec) -> None:
        """Show the TLVs; those before a malformed one as well."""
        end = len(self.data)
        try:
            found = decode_tlvs(self.data, self.at, end, spec.tlvs, 0)
        except DecodeError as error:
            before = decode_tlvs(self.data, self.at, error.offset, spec.tlvs, 0)
            self.show_tlvs(before, spec)
            raise
        self.show_tlvs(found, spec)

    def show_tlvs(self, tlvs: tuple[Tlv, ...], spec: PduSpec) -> None:
        """Show well-formed TLVs."""
        for found in tlvs:
            note = _tlv_note(found)
            if found.tag in TLVS and found.tag not in spec.tlvs:
                note = f"{note}; not expected in {spec.name}, ignored"
            self.add(4 + len(found.value), tlv_name(found.tag), found.value, note)

    def show_rest(self, error: DecodeError) -> None:
        """Show the octets from the malformed field on."""
        if self.at < len(self.data):
            rest = self.data[self.at :]
            self.add(len(rest), error.field, rest, error.detail, secret=self.secret_ahead())

    def secret_ahead(self) -> bool:
        """Say whether a password may be among the octets that could not be read."""
        names = {field.name for field in self.spec.fields} if self.spec else set()
        return bool(names & SECRET_FIELDS - self.values.keys())

    def number(self, name: str) -> int:
        """Return an integer field shown before; 0 when the PDU has none of that name."""
        value = self.values.get(name, 0)
        return value if isinstance(value, int) else 0

    def text(self, value: bytes) -> str:
        """Return the text of a short_message, as far as data_coding alone tells it."""
        header = value[0] + 1 if value and self.number("esm_class") & c.ESM_UDHI else 0
        head = f"UDH {value[:header].hex()}, " if header else ""
        codec = _TEXT_CODECS.get(self.number("data_coding"))
        if codec is None:
            return f"{head}{len(value) - header} octets"
        return head + repr(value[header:].decode(codec, "replace"))

    def title(self) -> str:
        """Return the operation and its sequence_number, as far as they are known."""
        if "command_id" not in self.values:
            return f"{len(self.data)} octets"
        name = self.spec.name if self.spec else f"0x{self.number('command_id'):08x}"
        return f"{name} {self.number('sequence_number')}"

    def content(self) -> str:
        """Return the rest of the summary of a well-formed PDU."""
        parts = []
        if self.number("command_id") & c.RESPONSE_BIT:
            parts.append(_name_of(CommandStatus, self.number("command_status")))
        for word, name in (
            ("id", "message_id"),
            ("by", "system_id"),
            ("from", "source_addr"),
            ("to", "destination_addr"),
        ):
            value = self.values.get(name)
            if isinstance(value, bytes) and value:
                # As repr does it: an address with a line feed in it must not begin a line.
                parts.append(f"{word} {repr(_printable(value))[1:-1]}")
        if "data_coding" in self.values:
            parts.append(_name_of(DataCoding, self.number("data_coding")))
        if "sm_length" in self.values:
            parts.append(f"{self.number('sm_length')} octets of text")
        return f": {', '.join(parts)}" if parts else ""


# -- what values mean ------------------------------------------------------------------------------

_TEXT_CODECS: Final = {
    DataCoding.DEFAULT.value: "ascii",
    DataCoding.IA5.value: "ascii",
    DataCoding.LATIN1.value: "latin-1",
    DataCoding.UCS2.value: "utf-16-be",
    DataCoding.GB18030.value: "gb18030",
}


def _name_of(names: type[IntEnum], value: int) -> str:
    try:
        return names(value).name
    except ValueError:
        return f"0x{value:x}"


def _printable(value: bytes) -> str:
    return value.decode("ascii", "backslashreplace")


def _bits(value: int, groups: tuple[tuple[int, dict[int, str]], ...]) -> str:
    words = []
    for mask, names in groups:
        bits = value & mask
        word = names.get(bits, f"0x{bits:02x} reserved" if bits else "")
        if word:
            words.append(word)
    return ", ".join(words)


_ESM_CLASS: Final = (
    (
        c.ESM_MODE_MASK,
        {
            c.ESM_MODE_DATAGRAM: "datagram",
            c.ESM_MODE_FORWARD: "forward",
            c.ESM_MODE_STORE_AND_FORWARD: "store and forward",
        },
    ),
    (
        c.ESM_TYPE_MASK,
        {
            c.ESM_TYPE_RECEIPT: "receipt",
            c.ESM_TYPE_DELIVERY_ACK: "delivery acknowledgement",
            c.ESM_TYPE_USER_ACK: "user acknowledgement",
            c.ESM_TYPE_CONVERSATION_ABORT: "conversation abort",
            c.ESM_TYPE_INTERMEDIATE: "intermediate notification",
        },
    ),
    (c.ESM_UDHI, {c.ESM_UDHI: "UDH present"}),
    (c.ESM_REPLY_PATH, {c.ESM_REPLY_PATH: "reply path"}),
)
_REGISTERED_DELIVERY: Final = (
    (
        c.RECEIPT_MASK,
        {
            c.RECEIPT_NONE: "no receipt",
            c.RECEIPT_ALWAYS: "receipt",
            c.RECEIPT_ON_FAILURE: "receipt on failure",
            c.RECEIPT_ON_SUCCESS: "receipt on success",
        },
    ),
    (
        c.SME_ACK_MASK,
        {
            c.SME_ACK_DELIVERY: "delivery acknowledgement",
            c.SME_ACK_USER: "user acknowledgement",
            c.SME_ACK_BOTH: "both acknowledgements",
        },
    ),
    (c.INTERMEDIATE_NOTIFICATION, {c.INTERMEDIATE_NOTIFICATION: "intermediate notification"}),
)


def _version(value: int) -> str:
    return f"SMPP {value >> 4}.{value & 0x0F}"


_ENUMERATIONS: Final[Mapping[str, type[IntEnum]]] = {
    "command_status": CommandStatus,
    "error_status_code": CommandStatus,
    "source_addr_ton": Ton,
    "dest_addr_ton": Ton,
    "addr_ton": Ton,
    "esme_addr_ton": Ton,
    "source_addr_npi": Npi,
    "dest_addr_npi": Npi,
    "addr_npi": Npi,
    "esme_addr_npi": Npi,
    "data_coding": DataCoding,
    "message_state": MessageState,
}

_NOTES: Final[Mapping[str, Callable[[int], str]]] = {
    "command_id": lambda value: PDUS[value].name if value in PDUS else "unknown",
    "esm_class": lambda value: _bits(value, _ESM_CLASS),
    "registered_delivery": lambda value: _bits(value, _REGISTERED_DELIVERY),
    "interface_version": _version,
    "sc_interface_version": _version,
}


def _note(name: str, value: int | bytes) -> str:
    if isinstance(value, bytes):
        return repr(_printable(value)) if value else ""
    names = _ENUMERATIONS.get(name)
    if names is not None:
        return _name_of(names, value)
    note = _NOTES.get(name)
    return note(value) if note is not None else ""


def _tlv_note(found: Tlv) -> str:
    spec = TLVS.get(found.tag)
    if spec is None:
        vendor = c.VENDOR_TLV_FIRST <= found.tag <= c.VENDOR_TLV_LAST
        return "vendor TLV" if vendor else "unknown TLV"
    if spec.kind is TlvKind.C_OCTET_STRING:
        return repr(_printable(found.value.rstrip(b"\0")))
    if spec.kind is TlvKind.INTEGER:
        value = int.from_bytes(found.value, "big")
        return f"{value} {_note(spec.name, value)}".rstrip()
    if found.tag == TlvTag.NETWORK_ERROR_CODE and len(found.value) == 3:
        return f"network {found.value[0]}, error {int.from_bytes(found.value[1:], 'big')}"
    return f"{len(found.value)} octets"
