"""Produce the proof of a user's consent upon a complaint (clause 3.1.7), as one pack.

The pack says what was on record at the moment of the message complained of: by what was recorded by
then, and by all that is on record today. For every category that needs a consent it names the
record that decides and what its proof lacks. Refusals and the messages sent stand beside it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime
from hashlib import sha256
from io import BytesIO
from math import isfinite
from typing import Any, Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from config.content import ConsentRules
from config.section import SHANGHAI
from routing.category_masks import CATEGORIES
from routing.consents import ConsentProof, required_categories
from routing.registries import Registries

from .complaints import CAUSES, Complaint
from .sheets import Cell, Sheet, as_csv

_MOMENTS: Final = frozenset({"since", "until", "recorded_at", "at"})
_CONSENTS: Final = (
    "granted", "categories", "channel", "proof", "text_version", "since", "until", "recorded_at",
    "missing",
)  # fmt: skip
_REFUSALS: Final = (
    "refused",
    "access_number",
    "categories",
    "source",
    "proof",
    "since",
    "recorded_at",
)
_MESSAGES: Final = (
    "id",
    "submitted_at",
    "sender",
    "recipient",
    "service",
    "state",
    "final_at",
    "text",
)
_NOTHING: Final = "nothing on record"


def pack_of(
    complaint: Complaint,
    registries: Registries,
    rules: ConsentRules,
    messages: Sequence[Mapping[str, Any]],
    about: Mapping[str, Any] | None,
    at: float,
) -> dict[str, Any]:
    """Put the pack together as JSON.

    `messages` are those that the number was sent, in the shape of docs/api.md; `about` is the one
    complained of, where it is known and kept. `at` is the moment of the pack, UTC seconds.
    """
    number = complaint.recipient
    moment = complaint.received_at
    if about is not None:
        moment = datetime.fromisoformat(str(about["submitted_at"])).timestamp()
    book, known = registries.consents, number.isascii() and number.isdigit()
    needed = sorted(required_categories(rules), key=CATEGORIES.index)
    then = [book.proof(number, name, moment, moment) for name in needed] if known else []
    today = [book.proof(number, name, moment) for name in needed] if known else []
    records = today[0].records if today else ()
    refusals = registries.optouts.records_of(number) if known else []
    return {
        "complaint": {
            "complaint": complaint.number,
            "account": complaint.account,
            "cause": complaint.cause,
            "clause": CAUSES[complaint.cause],
            "state": complaint.state,
            "received_at": _moment(complaint.received_at),
            "message_id": str(complaint.message_id or ""),
        },
        "number": number,
        "at": _moment(moment),
        "made_at": _moment(at),
        "categories": [
            {
                "category": now.category,
                "held": now.held,
                "held_as_recorded_then": before.held,
                "deciding": None if now.deciding is None else _shown(now.deciding),
                "missing": list(now.missing),
            }
            for now, before in zip(today, then, strict=True)
        ],
        "missing": _missing(number, today, then),
        "consents": [_shown(record) for record in records],
        "optouts": [_shown(record) for record in refusals],
        "refused_at_the_moment": [
            name for name in CATEGORIES
            if known and about is not None
            and registries.optouts.stopped(number, str(about["sender"]), name, moment)
        ],
        "message": None if about is None else dict(about),
        "messages": [{key: one.get(key) for key in _MESSAGES} for one in messages],
    }  # fmt: skip


def _missing(
    number: str, today: Sequence[ConsentProof], then: Sequence[ConsentProof]
) -> list[dict[str, str]]:
    """List what stands in the way of a full proof, in words for a person."""
    if not number:
        return [{"category": "", "what": "number", "detail": "the complaint names no number"}]
    found: list[dict[str, str]] = []
    for now, before in zip(today, then, strict=True):
        for what in now.missing:
            detail = _NOTHING if what == "consent" else f"the record names no {what}"
            found.append({"category": now.category, "what": what, "detail": detail})
        if now.held and not before.held:
            detail = "recorded only after the message was sent"
            found.append({"category": now.category, "what": "recorded_in_time", "detail": detail})
    return found


def _shown(record: object) -> dict[str, Any]:
    assert is_dataclass(record)
    found: dict[str, Any] = {}
    for field in fields(record):
        value = getattr(record, field.name)
        found[field.name] = _moment(value) if field.name in _MOMENTS else value
    return found


def _moment(at: float) -> str | None:
    if not at or not isfinite(at):
        return None
    return datetime.fromtimestamp(at, SHANGHAI).isoformat(timespec="milliseconds")


# -- one file -------------------------------------------------------------------------------------


def as_zip(pack: Mapping[str, Any]) -> bytes:
    """Write a pack as one file: the whole as JSON, its lists as CSV, and their SHA-256 sums.

    Equal packs give equal octets.
    """
    parts = {
        "proof.json": json.dumps(pack, ensure_ascii=False, indent=2).encode(),
        "missing.csv": _csv(("category", "what", "detail"), pack["missing"]),
        "consents.csv": _csv(_CONSENTS, pack["consents"]),
        "optouts.csv": _csv(_REFUSALS, pack["optouts"]),
        "messages.csv": _csv(_MESSAGES, pack["messages"]),
    }
    sums = "".join(f"{sha256(content).hexdigest()}  {name}\n" for name, content in parts.items())
    made = datetime.fromisoformat(str(pack["made_at"]))
    stream = BytesIO()
    with ZipFile(stream, "w", ZIP_DEFLATED) as book:
        for name, content in {**parts, "SHA256SUMS": sums.encode()}.items():
            book.writestr(ZipInfo(name, made.timetuple()[:6]), content, ZIP_DEFLATED)
    return stream.getvalue()


def _csv(columns: tuple[str, ...], rows: Sequence[Mapping[str, Any]]) -> bytes:
    cells = [tuple(_cell(row.get(column)) for column in columns) for row in rows]
    return as_csv(Sheet("", "", columns, cells)).encode()


def _cell(value: object) -> Cell:
    if isinstance(value, list | tuple):
        return " ".join(map(str, value))
    return value if isinstance(value, bool | int) or value is None else str(value)
