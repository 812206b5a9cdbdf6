"""Hold the table of instruments to Prometheus' rules and to its page in docs/."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from metrics.instruments import (
    CLOSE_REASONS,
    COMMANDS,
    INSTRUMENTS,
    LIABILITIES,
    STATES,
    STATUSES,
    Instrument,
)
from routing.reasons import REASONS
from smpp.constants import CommandId, CommandStatus

DOCS = Path(__file__).parents[2] / "docs" / "metrics.md"
PERSONAL = {"sender", "recipient", "msisdn", "number", "text", "message_id", "id"}

every_instrument = pytest.mark.parametrize("row", INSTRUMENTS, ids=lambda row: row.name)


@every_instrument
def test_a_name_follows_the_naming_rules(row: Instrument) -> None:
    assert re.fullmatch(r"smsgw_[a-z][a-z0-9_]*[a-z0-9]", row.name)
    assert row.name.endswith("_total") == (row.kind == "counter")
    assert bool(row.buckets) == (row.kind == "histogram")
    assert list(row.buckets) == sorted(set(row.buckets))
    assert row.help.endswith(".")


@every_instrument
def test_no_label_can_hold_a_person_or_a_message(row: Instrument) -> None:
    assert not set(row.labels) & PERSONAL


def test_names_are_unique() -> None:
    assert len({row.name for row in INSTRUMENTS}) == len(INSTRUMENTS)


def test_every_command_and_status_of_the_specification_has_a_label() -> None:
    assert set(COMMANDS) == {int(command) for command in CommandId}
    assert {int(status) for status in CommandStatus} <= set(STATUSES)
    assert {row.vendor for row in REASONS.values()} <= set(STATUSES)


def test_the_list_of_final_states_leaves_out_those_that_go_on() -> None:
    assert "ENROUTE" not in STATES.values()
    assert "DELIVERED" in STATES.values()


def test_docs_list_every_instrument_with_its_labels_and_no_other() -> None:
    text = DOCS.read_text("utf-8")
    documented = {
        found["name"]: tuple(found["labels"].split(",")) if found["labels"] else ()
        for found in re.finditer(
            r"^\| `(?P<name>smsgw_\w+)(?:\{(?P<labels>[\w,]+)\})?` \|", text, re.MULTILINE
        )
    }
    assert documented == {row.name: row.labels for row in INSTRUMENTS}


def test_docs_list_every_value_of_a_closed_list() -> None:
    text = DOCS.read_text("utf-8")
    for value in (*CLOSE_REASONS, *LIABILITIES, *STATES.values()):
        assert f"`{value}`" in text
