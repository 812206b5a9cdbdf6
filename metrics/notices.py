"""Keep the notices between the parties and say from when each has effect (clause 11.9).

On fees, breaches, the end or change of the contract and its extension only a written letter is
valid; on all else a fax or an e-mail is as good. A notice has effect when it arrives. One that
fails by the receiver's fault counts as arrived when it was sent.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Final, NamedTuple

from config.term import add_months
from routing.office_events import NoticeClosed, NoticeSent

from .breaches.periods import day_of, days_after, start_of
from .entries import PARTIES, EntryError, entry_of, given, moment_of, next_in, one_of, shown

FORMS: Final = ("letter", "fax", "email")
END_DAYS: Final = 90
"""Clause 4.4: days from the notice to the earliest end of the service."""
_DAY_S: Final = 86400.0


class Subject(NamedTuple):
    """Say what notices of a class need."""

    clause: str
    letter_only: bool


SUBJECTS: Final[dict[str, Subject]] = {
    "fee": Subject("11.9.1(1)", letter_only=True),
    "free_month": Subject("5.2", letter_only=True),
    "breach": Subject("11.9.1(2)", letter_only=True),
    "end_or_change": Subject("11.9.1(3)", letter_only=True),
    "extension": Subject("11.9.1(4)", letter_only=True),
    "rules": Subject("3.1.1", letter_only=False),
    "scope_or_content": Subject("3.1.5", letter_only=False),
    "force_majeure": Subject("9.1", letter_only=False),
    "incident": Subject("annex 1.12", letter_only=False),
    "urging": Subject("7.9", letter_only=False),
    "other": Subject("11.9", letter_only=False),
}
"""What a notice is about → its clause and form. A free month concerns the fees."""

RESULTS: Final[dict[str, str]] = {
    "delivered": "delivered",
    "refused": "delivered",
    "returned": "returned",
    "withdrawn": "withdrawn",
}
"""What became of a notice → its state; `refused` is a failure by the receiver's fault."""


@dataclass(slots=True)
class Notice:
    """Hold one notice; times are UTC seconds since the epoch, 0.0 for what hasn't happened."""

    number: int
    account: str
    subject: str
    form: str
    sender: str
    sent_at: float
    reference: str = ""
    text: str = ""
    state: str = "under_way"
    result: str = ""
    delivered_at: float = 0.0
    """As clause 11.9.2 counts it: the time of sending where the receiver was at fault."""
    proof: str = ""
    history: list[NoticeSent | NoticeClosed] = field(default_factory=list)

    @property
    def form_valid(self) -> bool:
        """Say whether clause 11.9.1 accepts the form for the subject."""
        return self.form == "letter" or not SUBJECTS[self.subject].letter_only

    @property
    def standing(self) -> str:
        """Give `void` (wrong form), `under_way`, `valid`, `returned` or `withdrawn`."""
        if not self.form_valid:
            return "void"
        return "valid" if self.state == "delivered" else self.state

    @property
    def effective_at(self) -> float | None:
        """Give the time from which it has effect, or None where it has none."""
        return self.delivered_at if self.standing == "valid" else None


@dataclass(slots=True)
class NoticeRegister:
    """Fold notices; `check` refuses an event before it is recorded."""

    notices: dict[int, Notice] = field(default_factory=dict)
    revision: int = 0
    """Number of events taken in, for who keeps something made of them."""

    def check(self, event: NoticeSent | NoticeClosed) -> None:
        """Raise EntryError for an event that can't be, saying what is allowed.

        A form that makes the notice void can be entered: it was sent, but has no effect.
        """
        given(who=event.who)
        if isinstance(event, NoticeSent):
            next_in("notice", event.notice, self.notices)
            given(account=event.account)
            one_of("subject", event.subject, SUBJECTS)
            one_of("form", event.form, FORMS)
            one_of("sender", event.sender, PARTIES)
            moment_of("sent_at", event.sent_at, event.at)
        else:
            found = self._under_way(event)
            one_of("result", event.result, RESULTS)
            moment_of("moment", event.moment, event.at, found.sent_at)
            if RESULTS[event.result] == "delivered":
                given(proof=event.proof)
            else:
                given(why=event.why)

    def apply(self, event: NoticeSent | NoticeClosed) -> None:
        """Take a recorded event in.

        Raises EntryError where the notice's state doesn't allow it.
        """
        if isinstance(event, NoticeSent):
            next_in("notice", event.notice, self.notices)
            found = self.notices[event.notice] = Notice(
                event.notice, event.account, event.subject, event.form, event.sender,
                event.sent_at or event.at, event.reference, event.text,
            )  # fmt: skip
        else:
            found = self._under_way(event)
            found.result = event.result
            found.state = RESULTS[event.result]
            found.proof = event.proof
            if event.result == "delivered":
                found.delivered_at = event.moment or event.at
            elif event.result == "refused":
                found.delivered_at = found.sent_at
        found.history.append(event)
        self.revision += 1

    def _under_way(self, event: NoticeClosed) -> Notice:
        found = entry_of("notice", event.notice, self.notices)
        if found.state != "under_way":
            raise EntryError(f"notice {found.number} is {found.state}: nothing more is allowed")
        return found

    def effective_at(self, number: int) -> float | None:
        """Give the time from which a notice has effect; None where it has none or isn't known."""
        found = self.notices.get(number)
        return None if found is None else found.effective_at

    def usable(self, number: int, *subjects: str) -> Notice:
        """Give a notice on one of the subjects that has effect.

        Raises EntryError saying why it has none.
        """
        found = entry_of("notice", number, self.notices)
        one_of(f"subject of notice {number}", found.subject, subjects)
        if found.standing == "void":
            clause = SUBJECTS[found.subject].clause
            raise EntryError(f"notice {number}: {found.form}, only a letter is valid ({clause})")
        if found.standing != "valid":
            raise EntryError(f"notice {number}: {found.standing}, it must have been delivered")
        return found

    def earliest_end(self, number: int) -> float:
        """Give the first instant at which the service may end after a notice of clause 4.4.

        It is the end of the ninetieth day after the one of delivery. Raises EntryError where
        the notice has no effect.
        """
        return days_after(self.usable(number, "end_or_change").delivered_at, END_DAYS)

    def check_free_month(self, number: int, first_day: date, notice_days: int = 30) -> None:
        """Check that a notice announces the free month of clause 5.2 early enough.

        Raises EntryError with the earliest possible month.
        """
        found = self.usable(number, "free_month")
        if found.delivered_at <= start_of(first_day) - notice_days * _DAY_S:
            return
        earliest = earliest_free_month(found.delivered_at, notice_days)
        raise EntryError(
            f"free month from {first_day}: the notice came {shown(found.delivered_at)}, less "
            f"than {notice_days} days before; the earliest month begins {earliest}"
        )


def earliest_free_month(delivered_at: float, notice_days: int = 30) -> date:
    """Give the first day of the earliest calendar month that a notice is in time for."""
    month = day_of(delivered_at).replace(day=1)
    while start_of(month) - notice_days * _DAY_S < delivered_at:
        month = add_months(month, 1)
    return month
