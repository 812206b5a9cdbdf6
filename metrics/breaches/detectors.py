"""Say which breaches a fact shows: one table from the rows of clause 7.3 to what detects each.

The table is complete: every row that traffic shows, alone or beside other data, has its detector,
and a row without one is for a person to enter. A check that knows more than its reason names the
rows itself: how far a text departs from its template, that it has no way to refuse. They stand in
its failure, in the journal, so that whoever reads it again comes to the same rows; what the table
says of a reason holds for failures without them. A message is looked at only if a check failed, so
that traffic in order costs one comparison. What a refused message broke is a warning; what an
accepted one broke in `monitor` mode is a breach. Row 16 speaks of users actually reached, so there
the breach waits for the message to be delivered.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from config.interpretation import Breach
from routing.events import Submission
from smpp.constants import MessageState, Ton

from .rows import RANK, ROWS

Source = Literal["messages", "refusals", "complaints", "invoices", "cases", "signs"]
"""Where a row shows: failed checks; refusals by users; the complaint register; unpaid invoices;
the ledger's own cases (rows 9 and 25); signs that other data give (`BreachSign`)."""

_ALPHANUMERIC: Final = int(Ton.ALPHANUMERIC)
_DELIVERED: Final = int(MessageState.DELIVERED)
_SIGNATURE: Final = re.compile(r"^\s*【([^【】]{1,64})】")


class Sign(NamedTuple):
    """Say that a row shows; `breach` is False for a warning."""

    row: int
    breach: bool


def _always(submission: Submission) -> bool:
    return True


def _anonymous(submission: Submission) -> bool:
    """Say whether the sender is no number at all (clause 3.1.9)."""
    sender = submission.sender
    return submission.source_ton == _ALPHANUMERIC or not (sender.isascii() and sender.isdigit())


@dataclass(slots=True, frozen=True)
class Pattern:
    """Describe failed checks that together show a row."""

    reasons: frozenset[str]
    when: Callable[[Submission], bool] = _always


@dataclass(slots=True, frozen=True)
class Detector:
    """Say how one row shows: its sources, and for messages the checks that must have failed."""

    sources: tuple[Source, ...]
    patterns: tuple[Pattern, ...] = ()
    """Any of them is enough."""
    on_delivery: bool = False
    """Whether only a delivered message is a breach."""


def _failed(*reasons: str, when: Callable[[Submission], bool] = _always) -> Pattern:
    return Pattern(frozenset(reasons), when)


def _messages(*patterns: Pattern, also: tuple[Source, ...] = (), late: bool = False) -> Detector:
    return Detector(("messages", *also), patterns, late)


DETECTORS: Final[dict[int, Detector]] = {
    1: _messages(_failed("no_consent"), also=("complaints",)),
    2: Detector(("refusals",)),
    3: _messages(),
    4: _messages(_failed("signature_mismatch")),
    5: Detector(("complaints",)),
    6: _messages(_failed("impersonation")),
    7: Detector(("invoices",)),
    8: Detector(("complaints",)),
    9: Detector(("cases",)),
    13: _messages(_failed("prohibited")),
    14: _messages(also=("signs",)),
    15: _messages(_failed("content_unapproved"), _failed("service_kind")),
    16: _messages(_failed("scope"), late=True),
    17: _messages(),
    18: Detector(("signs",)),
    19: _messages(_failed("sender_missing"), _failed("sender_denied", when=_anonymous)),
    20: _messages(_failed("opted_out"), also=("signs",)),
    21: _messages(_failed("commercial", "signature_missing")),
    22: Detector(("complaints",)),
    23: _messages(_failed("commercial")),
    25: Detector(("cases",)),
    26: Detector(("signs",)),
    27: _messages(_failed("signature_mismatch"), _failed("enterprise_code"), also=("signs",)),
}
"""Rows 3, 14 and 17 show in messages only where the check names them."""


def _by_reason() -> Mapping[str, tuple[tuple[int, Pattern], ...]]:
    found: dict[str, list[tuple[int, Pattern]]] = {}
    for row, detector in DETECTORS.items():
        for pattern in detector.patterns:
            for reason in pattern.reasons:
                found.setdefault(reason, []).append((row, pattern))
    return {reason: tuple(patterns) for reason, patterns in found.items()}


_BY_REASON: Final = _by_reason()


def rows_of(submission: Submission) -> tuple[int, ...]:
    """Give the rows that a message's failed checks show, in ascending order.

    What a check names itself stands in for what the table says of its reason.
    """
    failed = {failure.reason for failure in submission.failures if failure.rows is None}
    found: set[int] = set()
    for failure in submission.failures:
        named = failure.rows
        if named is None:
            found.update(_from_table(submission, failure.reason, failed))
        else:
            found.update(row for row in named if row in ROWS)
    return tuple(sorted(found))


def _from_table(submission: Submission, reason: str, failed: set[str]) -> list[int]:
    return [
        row
        for row, pattern in _BY_REASON.get(reason, ())
        if pattern.reasons <= failed and pattern.when(submission)
    ]


def waits_for_delivery(row: int) -> bool:
    """Say whether a message breaks the row only when it is delivered."""
    detector = DETECTORS.get(row)
    return detector is not None and detector.on_delivery


def awaits_delivery(submission: Submission) -> bool:
    """Say whether what an accepted message breaks is known only by what becomes of it."""
    return any(map(waits_for_delivery, rows_of(submission)))


def delivered(state: int) -> bool:
    """Say whether a message_state is the one of a message that reached its user."""
    return state == _DELIVERED


def signature_of(text: str) -> str:
    """Give the signature that a text begins with, "" where there is none."""
    match = _SIGNATURE.match(text)
    return match[1] if match else ""


def consent_row(complaints: int, figures: Breach) -> int:
    """Give the row of a service without consent: 1, 8 or 22 by its complaints.

    A limit itself belongs to the lighter row; row 1 needs no complaint at all.
    """
    if complaints > figures.consent_major:
        return 22
    return 8 if complaints > figures.consent_serious else 1


def gravest(rows: tuple[int, ...]) -> int:
    """Give the row of the highest grade, the first of equal ones, 0 of none: it is acted on."""
    return min(rows, key=lambda row: (-RANK[ROWS[row].grade], row), default=0)
