"""Hold the proof of consent: what was on record at the message, and what lacks."""

from __future__ import annotations

import json
from hashlib import sha256
from io import BytesIO
from typing import Any
from zipfile import ZipFile

from config.loader import load_settings
from metrics.complaints import Complaint
from metrics.proof_pack import as_zip, pack_of
from routing.event import Event
from routing.registries import Registries
from routing.registry_events import ConsentGranted, ConsentWithdrawn, OptedOut

NOON = 1_772_424_000.0
OUTSIDE = "17600000001"
"""A number that the contract declares no consent of."""
CONTRACT = load_settings(None, {}, {}).contract
MESSAGE = {
    "id": "7", "submitted_at": "2026-03-02T12:00:00.000+08:00", "sender": "106590990371",
    "recipient": OUTSIDE, "text": "=1", "state": "DELIVERED", "verdict": {},
}  # fmt: skip


def pack(*events: Event, number: str = OUTSIDE, about: Any = MESSAGE) -> dict[str, Any]:
    registries = Registries(CONTRACT)
    for event in events:
        registries.apply(event)
    complaint = Complaint(3, "police", "12321", "no_consent", "unclear", NOON + 900, number, 7)
    return pack_of(complaint, registries, CONTRACT.consent, [MESSAGE], about, NOON + 1000)


def granted(recorded_at: float, since: float, **more: Any) -> ConsentGranted:
    return ConsentGranted(
        recorded_at, OUTSIDE, ("notice",), "web", obtained_at=since, who="op", **more
    )


def of(found: dict[str, Any], category: str) -> dict[str, Any]:
    return next(one for one in found["categories"] if one["category"] == category)


def test_without_a_record_every_category_lacks_the_consent() -> None:
    found = pack()
    assert [one["held"] for one in found["categories"]] == [False] * len(found["categories"])
    assert {one["what"] for one in found["missing"]} == {"consent"}
    assert (found["at"], found["consents"]) == (MESSAGE["submitted_at"], [])
    assert found["messages"][0]["id"] == "7"


def test_a_full_record_before_the_message_lacks_nothing() -> None:
    found = pack(granted(NOON - 60, NOON - 60, proof="C-1", text_version="v3"))
    notice = of(found, "notice")
    assert (notice["held"], notice["held_as_recorded_then"], notice["missing"]) == (True, True, [])
    assert notice["deciding"]["text_version"] == "v3"
    assert not of(found, "commercial")["held"]


def test_what_a_record_does_not_name_is_listed() -> None:
    found = pack(granted(NOON - 60, NOON - 60))
    lacking = [one["what"] for one in found["missing"] if one["category"] == "notice"]
    assert lacking == of(found, "notice")["missing"]
    assert "proof" in lacking


def test_a_record_made_afterwards_is_told_apart() -> None:
    found = pack(granted(NOON + 100, NOON - 60, proof="C-1", text_version="v3"))
    notice = of(found, "notice")
    assert (notice["held"], notice["held_as_recorded_then"]) == (True, False)
    assert {"category": "notice", "what": "recorded_in_time",
            "detail": "recorded only after the message was sent"} in found["missing"]  # fmt: skip


def test_withdrawals_and_refusals_are_in_the_pack() -> None:
    found = pack(
        granted(NOON - 90, NOON - 90, proof="C-1", text_version="v3"),
        ConsentWithdrawn(NOON - 60, OUTSIDE, (), who="op"),
        OptedOut(NOON - 30, OUTSIDE, source="customer_service", proof="call 9"),
    )
    assert not of(found, "notice")["held"]
    assert [one["granted"] for one in found["consents"]] == [True, False]
    assert found["optouts"][0]["proof"] == "call 9"
    assert "commercial" in found["refused_at_the_moment"]


def test_a_complaint_without_a_message_is_judged_when_it_came() -> None:
    found = pack(about=None)
    assert (found["at"], found["message"]) == ("2026-03-02T12:15:00.000+08:00", None)


def test_a_complaint_without_a_number_says_so() -> None:
    found = pack(number="")
    assert (found["categories"], found["missing"][0]["what"]) == ([], "number")


def test_the_file_holds_all_of_it_with_its_sums_and_no_formula() -> None:
    found = pack(granted(NOON - 60, NOON - 60, proof="C-1", text_version="v3"))
    content = as_zip(found)
    assert content == as_zip(found)
    with ZipFile(BytesIO(content)) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    assert json.loads(parts["proof.json"])["number"] == OUTSIDE
    sums = dict(line.split("  ")[::-1] for line in parts.pop("SHA256SUMS").decode().splitlines())
    assert sums == {name: sha256(part).hexdigest() for name, part in parts.items()}
    assert b"'=1" in parts["messages.csv"]
    assert b"C-1" in parts["consents.csv"]
