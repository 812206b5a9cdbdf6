from __future__ import annotations

from inspect import Parameter, signature
from pathlib import Path

import pytest

from smpp import pdus
from smpp.pdus import CLASSES, DistributionList, Pdu, SubmitSm
from smpp.tables import PDUS, Bodiless
from tools.generate_pdus import sources


@pytest.mark.parametrize(
    ("path", "text"), sources().items(), ids=lambda item: getattr(item, "name", "")
)
def test_generated_file_is_what_the_generator_writes(path: Path, text: str) -> None:
    assert path.read_text(encoding="utf-8") == text


@pytest.mark.parametrize("command_id", sorted(PDUS))
def test_class_has_the_fields_of_the_table_in_wire_order(command_id: int) -> None:
    spec, made = PDUS[command_id], CLASSES[command_id]
    expected = [field.name for field in spec.fields]
    expected += ["tlvs", "command_status", "sequence_number"]
    if spec.bodiless is not Bodiless.NEVER:
        expected.append("bodiless")
    assert made.command_id == command_id
    assert made.__name__ == spec.class_name
    assert list(made.FIELDS) == expected
    assert made() == made(*(getattr(made(), name) for name in expected))


@pytest.mark.parametrize("made", CLASSES.values())
def test_every_field_has_a_default_and_can_be_named(made: type[Pdu]) -> None:
    parameters = signature(made).parameters
    assert tuple(parameters) == made.FIELDS
    assert all(given.default is not Parameter.empty for given in parameters.values())


def test_a_pdu_has_no_room_for_fields_of_no_specification() -> None:
    pdu = SubmitSm()
    with pytest.raises(AttributeError):
        pdu.sm_length = 3  # type: ignore[attr-defined]  # that it fails is the point


def test_every_class_can_be_named_from_outside() -> None:
    for made in CLASSES.values():
        assert getattr(pdus, made.__name__) is made


def test_a_bind_states_version_3_4_unless_told_otherwise() -> None:
    binds = [made for made in CLASSES.values() if hasattr(made(), "interface_version")]
    assert len(binds) == 3
    assert all(getattr(made(), "interface_version") == 0x34 for made in binds)  # noqa: B009 - of a union


def test_pdus_compare_by_value() -> None:
    one: Pdu = SubmitSm(source_addr=b"106590990371")
    assert one == SubmitSm(source_addr=b"106590990371")
    assert one != SubmitSm(source_addr=b"106590990372")
    assert one != "106590990371"


def test_a_pdu_shows_its_fields() -> None:
    assert repr(DistributionList(b"all")) == "DistributionList(dl_name=b'all')"
