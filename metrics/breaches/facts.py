"""Count what the journal and the other registers say of breaches, before anybody makes a case.

A message without a failed check costs one look and, if accepted, one count for its day.

Signs are `fresh` until `gathered` writes them into events of their own; only what these events
say is evidence. So a ledger rebuilt without the messages, which are many and not kept for ever,
is the same as one that saw them, but for what was fresh. What a message or refusal under way will
become is taken up again with `take_up`.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

from routing.breach_events import BreachSign, EvidenceGathered, TrafficCounted
from routing.events import (
    MoAcknowledged,
    MoDropped,
    MoReceived,
    MoRefused,
    Outcome,
    Submission,
)

from .detectors import (
    awaits_delivery,
    consent_row,
    delivered,
    gravest,
    rows_of,
    signature_of,
    waits_for_delivery,
)
from .escalation import DailyFigures
from .evidence import Evidence
from .periods import day_number, start_of_month, start_of_year_to
from .rows import CONSENT_ROWS
from .terms import Terms

_CONSENT: Final = CONSENT_ROWS[0]
_REFUSAL: Final = 2
_COMPLAINT: Final = 5
_PAYMENT: Final = 7
_LEASE: Final = 27
_COUNTED_S: Final = 3600.0
"""How long accepted messages are counted before their number is recorded."""


def key_of(row: int) -> int:
    """Give the row under which evidence is kept: rows 8 and 22 are row 1 with more complaints."""
    return _CONSENT if row in CONSENT_ROWS else row


@dataclass(slots=True)
class _Waiting:
    """Hold what a message under way broke, until it is known whether it arrived."""

    at: float
    account: str
    port: str
    breaches: tuple[int, ...]
    warnings: tuple[int, ...]
    lease: str = ""
    """Access number and foreign signature, where there is one."""


@dataclass(slots=True)
class Facts:
    """Hold evidence and counters; the same facts in the same order make equal ones."""

    terms: Terms = field(compare=False)
    daily: DailyFigures
    fresh: dict[tuple[str, int, int, bool], Evidence] = field(default_factory=dict)
    """Not yet recorded: by account, row, day and whether messages show it."""
    fresh_messages: dict[tuple[str, int], list[float]] = field(default_factory=dict)
    """Not yet recorded: number of accepted messages and time of the first, by account and day."""
    evidence: dict[tuple[str, int], Evidence] = field(default_factory=dict)
    """By account and `key_of` the row: what its present or next case rests on."""
    waiting: dict[int, _Waiting] = field(default_factory=dict)
    """By message id, as long as the message is under way."""
    refusals: dict[int, tuple[str, str]] = field(default_factory=dict)
    """Account and access number of users' refusals under way to party A, by mo_id."""
    foreign: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    """Up to two unregistered signatures, by account and access number."""
    no_consent: dict[str, array[float]] = field(default_factory=dict)
    """Times of complaints by account, ascending."""
    monthly: dict[tuple[str, float], int] = field(default_factory=dict)
    """Complaints of all channels, by account and beginning of the month."""
    invoices: set[tuple[str, str]] = field(default_factory=set)
    """Account and number of invoices that were overdue."""

    def bucket(self, account: str, row: int) -> Evidence:
        """Give what a sign of the row is added to."""
        key = (account, key_of(row))
        found = self.evidence.get(key)
        if found is None:
            found = self.evidence[key] = Evidence(*key)
        return found

    def consent_row(self, account: str, at: float) -> int:
        """Give the row that a service without consent is by the complaints up to `at`."""
        return consent_row(self.complaints(account, at), self.terms.breach)

    def complaints(self, account: str, at: float) -> int:
        """Count the complaints of rows 1, 8 and 22 in `breach.consent_window` up to `at`."""
        times = self.no_consent.get(account)
        if times is None:
            return 0
        window = self.terms.breach.consent_window
        if window == "term":
            start = self.terms.since
        else:
            start = start_of_month(at) if window == "month" else start_of_year_to(at)
        return bisect_right(times, at) - bisect_left(times, start)

    # -- the journal --------------------------------------------------------------------------

    def submission(self, event: Submission) -> None:
        """Count a message and look at the checks it failed."""
        if event.accepted:
            self.accepted(event.account, event.at, 1)
        if event.failures:
            self._failed(event)

    def accepted(self, account: str, at: float, messages: int) -> None:
        """Count messages accepted on the day of `at`."""
        counted = self.fresh_messages.setdefault((account, day_number(at)), [0, at])
        counted[0] += messages

    def take_up(self, event: Submission | MoReceived) -> None:
        """Wait again, after a restart, for what becomes of a message or refusal under way.

        What it showed at once was recorded when it came.
        """
        if isinstance(event, MoReceived):
            self.mo_received(event)
        elif event.accepted and awaits_delivery(event):
            self._failed(event)

    def _failed(self, event: Submission) -> None:
        rows = rows_of(event)
        if not rows:
            return
        account = event.account
        port = self.terms.port_of(account, event.sender)
        warnings: tuple[int, ...] = ()
        lease = ""
        if _LEASE in rows and any(f.reason == "signature_mismatch" for f in event.failures):
            lease = self._lease_of(event, port)
            if len(self.foreign.get((account, port), ())) < 2:
                warnings = (_LEASE,)
        if _CONSENT in rows:
            judged = self.consent_row(account, event.at)
            rows = tuple(judged if row == _CONSENT else row for row in rows)
        if not event.accepted:
            self._warn(event.at, account, event.message_id, rows, lease)
            return
        breaches = tuple(row for row in rows if row not in warnings)
        found = _Waiting(event.at, account, port, breaches, warnings, lease)
        if any(map(waits_for_delivery, breaches)):
            self.waiting[event.message_id] = found
        else:
            self._settle(event.message_id, found)

    def _lease_of(self, event: Submission, port: str) -> str:
        """Note the foreign signature of a message and give it with its port.

        One alone may be a slip; several on one port show that others use it.
        """
        signature = signature_of(event.text)
        if not signature or signature in self.terms.signatures:
            return ""
        self._foreign(event.account, port, signature)
        return f"{port}【{signature}】"

    def _foreign(self, account: str, port: str, signature: str) -> None:
        seen = self.foreign.get((account, port), ())
        if signature not in seen and len(seen) < 2:
            self.foreign[account, port] = (*seen, signature)

    def outcome(self, event: Outcome) -> None:
        """Settle a message that waited: what needs delivery is a breach only now."""
        found = self.waiting.pop(event.message_id, None)
        if found is None:
            return
        if not delivered(event.state):
            late = tuple(row for row in found.breaches if waits_for_delivery(row))
            found.breaches = tuple(row for row in found.breaches if row not in late)
            found.warnings += late
        self._settle(event.message_id, found)

    def _settle(self, message_id: int, found: _Waiting) -> None:
        ports = (found.port,) if found.port else ()
        self._warn(found.at, found.account, message_id, found.warnings, found.lease)
        self._breach(
            found.at, found.account, ports, found.breaches,
            message_id=message_id, reference=found.lease,
        )  # fmt: skip

    def mo_received(self, event: MoReceived) -> None:
        """Follow a user's refusal on its way to party A (row 2)."""
        if event.account and self.terms.refuses(event.text):
            port = self.terms.port_of(event.account, event.access_number)
            self.refusals[event.mo_id] = (event.account, port)

    def mo_acknowledged(self, event: MoAcknowledged) -> None:
        """See a refusal arrive."""
        self.refusals.pop(event.mo_id, None)

    def mo_refused(self, event: MoRefused) -> None:
        """See party A answer a refusal with an error; it is sent again, so this is a warning."""
        found = self.refusals.get(event.mo_id)
        if found is not None:
            self._warn(event.at, found[0], 0, (_REFUSAL,))

    def mo_dropped(self, event: MoDropped) -> None:
        """See a refusal given up: party A can't be reached by users who refuse."""
        found = self.refusals.pop(event.mo_id, None)
        if found is not None:
            account, port = found
            self._breach(event.at, account, (port,), (_REFUSAL,), reference=f"uplink {event.mo_id}")

    def sign(self, event: BreachSign) -> None:
        """Take in what other data or a person say."""
        self._breach(
            event.at, event.account, event.ports, (event.row,),
            message_id=event.message_id, reference=event.reference,
        )  # fmt: skip

    # -- what other registers count -----------------------------------------------------------

    def complaint(
        self,
        at: float,
        account: str,
        number: str,
        counters: tuple[str, ...],
        ports: tuple[str, ...] = (),
    ) -> None:
        """Take in a complaint; `counters` are those of `complaints.counters` that it feeds.

        `row5`: it is verified and party A answers for it. `no_consent`: the user had not agreed
        (rows 1, 8 and 22). `monthly`: it came by any channel (annex 1 item 14).
        """
        rows: list[int] = []
        if "monthly" in counters:
            key = (account, start_of_month(at))
            self.monthly[key] = self.monthly.get(key, 0) + 1
        if "no_consent" in counters:
            insort(self.no_consent.setdefault(account, array("d")), at)
            rows.append(self.consent_row(account, at))
        if "row5" in counters:
            rows.append(_COMPLAINT)
        self._breach(at, account, ports, tuple(rows), reference=number)

    def unpaid(self, at: float, account: str, invoice: str) -> None:
        """Take in that an invoice is overdue (row 7); saying it again changes nothing.

        A case follows by itself only with `breach.row7_auto`.
        """
        if (account, invoice) not in self.invoices:
            self.invoices.add((account, invoice))
            acted = self.terms.breach.row7_auto
            sign = self._sign_of(at, account, _PAYMENT, by_message=False)
            sign.breach(at, (), reference=invoice, acted=acted)

    def unsubscriptions(self, at: float, account: str, failed: int, total: int) -> None:
        """Take in how many unsubscriptions failed at party A's interface (clause 4.3, row 2)."""
        share = Fraction(str(self.terms.breach.escalation.unsubscribe_failures))
        if failed > 0 and failed >= share * total:
            self._breach(at, account, (), (_REFUSAL,), reference=f"{failed} of {total} failed")

    # -- adding up ----------------------------------------------------------------------------

    def _warn(
        self, at: float, account: str, message_id: int, rows: tuple[int, ...], lease: str = ""
    ) -> None:
        for row in rows:
            sign = self._sign_of(at, account, row, by_message=message_id != 0)
            sign.warn(at, message_id, lease if row == _LEASE else "")

    def _breach(
        self,
        at: float,
        account: str,
        ports: tuple[str, ...],
        rows: tuple[int, ...],
        *,
        message_id: int = 0,
        reference: str = "",
    ) -> None:
        """Record all rows that one fact broke; the gravest is the one acted on."""
        acted = gravest(rows)
        for row in rows:
            sign = self._sign_of(at, account, row, by_message=message_id != 0)
            sign.breach(at, ports, message_id=message_id, reference=reference, acted=row == acted)

    def _sign_of(self, at: float, account: str, row: int, *, by_message: bool) -> Evidence:
        key = (account, row, day_number(at), by_message)
        found = self.fresh.get(key)
        if found is None:
            found = self.fresh[key] = Evidence(account, row)
        return found

    # -- recording ----------------------------------------------------------------------------

    def gathered(
        self, at: float, *, everything: bool = False
    ) -> Iterator[EvidenceGathered | TrafficCounted]:
        """Give what is fresh as events; messages once an hour and when their day is over, or
        with `everything`."""
        for (account, row, day, by_message), found in self.fresh.items():
            yield EvidenceGathered(
                at, account, row, day, by_message, found.breaches, found.warnings, found.acted,
                found.first_at, found.last_at, tuple(found.message_ids),
                tuple(found.references), tuple(sorted(found.ports.items())), found.all_ports,
            )  # fmt: skip
        today = day_number(at)
        for (account, day), (count, since) in self.fresh_messages.items():
            if everything or day < today or at - since >= _COUNTED_S:
                yield TrafficCounted(at, account, day, int(count))

    def evidence_gathered(self, event: EvidenceGathered) -> None:
        """Take recorded signs in, in place of the fresh ones."""
        account, row = event.account, event.row
        self.fresh.pop((account, row, event.day, event.by_message), None)
        found = Evidence(
            account, row, 0, event.breaches, event.warnings, event.acted, event.first_at,
            event.last_at, list(event.message_ids), list(event.references), dict(event.ports),
            event.all_ports,
        )  # fmt: skip
        self.bucket(account, row).take_in(found)
        if event.by_message and event.breaches:
            self.daily.breach(account, event.day, row).take_in(found)
        for reference in event.references:
            port, mark, signature = reference.partition("【")
            if row == _LEASE and mark:
                self._foreign(account, port, signature[:-1])
            elif row == _PAYMENT:
                self.invoices.add((account, reference))

    def traffic_counted(self, event: TrafficCounted) -> None:
        """Take a recorded number of messages in, in place of the fresh one."""
        self.fresh_messages.pop((event.account, event.day), None)
        self.daily.message(event.account, event.day, event.messages)
