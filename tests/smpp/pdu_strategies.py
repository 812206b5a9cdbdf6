"""Make PDUs of every class from the table of fields, for property tests."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from hypothesis import strategies as st

from smpp.interpreter import may_be_bodiless
from smpp.pdus import (
    CLASSES,
    DestAddress,
    Destination,
    DistributionList,
    Pdu,
    UnsuccessSme,
)
from smpp.tables import (
    DEST_ADDRESS_FIELDS,
    DISTRIBUTION_LIST_FIELDS,
    PDUS,
    UNSUCCESS_SME_FIELDS,
    Field,
    Kind,
)
from smpp.tlvs import Tlv, TlvSpec

UINT32 = st.integers(0, 0xFFFFFFFF)


def values(field: Field) -> st.SearchStrategy[Any]:
    """Give every value a field can carry, short ones first."""
    match field.kind:
        case Kind.INTEGER:
            return st.integers(0, (1 << (8 * field.size)) - 1)
        case Kind.C_OCTET_STRING:
            return st.binary(max_size=field.size - 1).map(
                lambda octets: octets.replace(b"\0", b"0")
            )
        case Kind.SHORT_MESSAGE:
            return st.binary(max_size=field.size)
        case Kind.DESTINATIONS:
            return st.lists(destinations(), min_size=1, max_size=4).map(tuple)
        case Kind.UNSUCCESS:
            entry = st.builds(UnsuccessSme, *map(values, UNSUCCESS_SME_FIELDS))
            return st.lists(entry, max_size=4).map(tuple)


def destinations() -> st.SearchStrategy[Destination]:
    return st.one_of(
        st.builds(DestAddress, *map(values, DEST_ADDRESS_FIELDS)),
        st.builds(DistributionList, *map(values, DISTRIBUTION_LIST_FIELDS)),
    )


@cache
def tlvs_of(command_id: int) -> st.SearchStrategy[tuple[Tlv, ...]]:
    """Give TLVs the PDU expects, with lengths they allow, mixed with TLVs it knows nothing of."""
    spec = PDUS[command_id]
    others = st.integers(0, 0xFFFF).filter(lambda tag: tag not in spec.tlvs)
    unexpected: st.SearchStrategy[Tlv] = st.builds(Tlv, others, st.binary(max_size=8))
    rows = list(spec.tlvs.values())
    if not rows:
        return st.lists(unexpected, max_size=4).map(tuple)
    expected = st.tuples(st.sampled_from(rows), st.binary(max_size=8)).map(
        lambda drawn: _of_allowed_length(*drawn)
    )
    return st.lists(st.one_of(unexpected, expected), max_size=4).map(tuple)


def _of_allowed_length(row: TlvSpec, octets: bytes) -> Tlv:
    return Tlv(row.tag.value, octets.ljust(row.minimum, b"7")[: row.maximum])


@cache
def fields_of(command_id: int) -> st.SearchStrategy[tuple[Any, ...]]:
    """Give the values of the mandatory parameters."""
    return st.tuples(*map(values, PDUS[command_id].fields))


@st.composite
def pdus_of(draw: st.DrawFn, command_id: int) -> Pdu:
    """Give a well-formed PDU of this command_id."""
    spec = PDUS[command_id]
    made: Callable[..., Pdu] = CLASSES[command_id]
    status = draw(st.one_of(st.just(0), UINT32))
    if may_be_bodiless(spec, status) and draw(st.booleans()):
        return made(command_status=status, sequence_number=draw(UINT32), bodiless=True)
    fields = draw(fields_of(command_id))
    return made(*fields, draw(tlvs_of(command_id)), status, draw(UINT32))


def pdus() -> st.SearchStrategy[Pdu]:
    """Give a well-formed PDU of any class."""
    return st.sampled_from(sorted(PDUS)).flatmap(pdus_of)
