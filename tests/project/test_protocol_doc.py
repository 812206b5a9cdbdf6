"""Hold docs/protocol.md to the codec: its examples, its list of operations, its statuses."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from smpp.codec import decode, encode
from smpp.constants import RESPONSE_BIT, CommandId, CommandStatus
from smpp.explain import explain
from smpp.tables import DISTRIBUTION_LIST_FIELDS, PDUS, Kind

from .tree import read

PAGE = read(Path("docs/protocol.md"))
EXAMPLES: dict[str, tuple[str, bytes]] = {
    name: (caption, bytes.fromhex(digits))
    for name, caption, digits in re.findall(
        r"(?m)^### `(\w+)`\n\n(.+)\n\n```text\n([0-9a-f \n]+)```$", PAGE
    )
}
"""PDU name → the sentence above its octets, and the octets."""

REQUESTS = [
    command.name.lower()
    for command in CommandId
    if not command & RESPONSE_BIT or command is CommandId.GENERIC_NACK
]


def section(title: str) -> str:
    """Give the text below a heading, down to the next one."""
    return re.split(r"(?m)^#+ ", PAGE.partition(f"# {title}\n")[2])[0]


def rows(title: str) -> list[list[str]]:
    """Give the cells of the rows of the tables below a heading, heads and rules included."""
    lines = [line for line in section(title).splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line[1:-1].split("|")] for line in lines]


def names(cell: str) -> list[str]:
    """Give the words in backquotes."""
    return re.findall(r"`(\w+)`", cell)


def test_docs_have_an_example_of_every_pdu() -> None:
    assert set(EXAMPLES) == {command.name.lower() for command in CommandId}


@pytest.mark.parametrize("name", EXAMPLES)
def test_docs_example_is_the_pdu_it_is_named_for(name: str) -> None:
    _caption, octets = EXAMPLES[name]
    assert CommandId(decode(octets).command_id).name.lower() == name


@pytest.mark.parametrize("name", EXAMPLES)
def test_docs_example_encodes_to_itself(name: str) -> None:
    _caption, octets = EXAMPLES[name]
    assert encode(decode(octets)) == octets


@pytest.mark.parametrize("name", EXAMPLES)
def test_docs_example_is_captioned_as_it_is_explained(name: str) -> None:
    caption, octets = EXAMPLES[name]
    assert caption == explain(octets).summary


def test_docs_say_of_every_operation_how_it_is_answered() -> None:
    listed = {name for row in rows("PICS: the operations") for name in names(row[0])}
    assert listed - {"_resp", "command_id"} == set(REQUESTS)


def test_docs_give_the_status_of_every_string_field() -> None:
    said = {
        field: row[1].split(" ")[0]
        for row in rows("Malformed input")
        if row[1].startswith("ESME_")
        for field in names(row[0])
    }
    fields = [field for spec in PDUS.values() for field in spec.fields]
    assert said == {
        field.name: status_name(field.status)
        for field in (*fields, *DISTRIBUTION_LIST_FIELDS)
        if field.kind is Kind.C_OCTET_STRING
    }


def status_name(status: CommandStatus) -> str:
    """Give the name of SMPP 3.4, which comes second where 5.0 renamed it."""
    by_name = CommandStatus.__members__.items()
    return [name for name, member in by_name if member is status][-1]


def test_docs_name_no_status_that_smpp_lacks() -> None:
    said = set(re.findall(r"ESME_R[A-Z_]+", PAGE))
    assert said - set(CommandStatus.__members__) == set()
