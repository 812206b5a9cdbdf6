"""Keep party A's papers and watch their expiry (clauses 2.2 and 7.1, annex 1 item 15).

Clause 7.1 cites 2.1 for them and means 2.2.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf, isfinite
from typing import Final, NamedTuple

from routing.office_events import DocumentEnded, DocumentFiled

from .entries import EntryError, entry_of, given, moment_of, next_in, one_of, shown

KINDS: Final[dict[str, str]] = {
    "subject_certificate": "2.2.1",
    "ministry_number_certificate": "2.2.1",
    "sp_licence": "2.2.1",
    "company_introduction": "2.2.2",
    "business_description": "2.2.2",
    "service_phone": "2.2.2",
    "service_mail": "2.2.2",
    "principal_contract": "3.1.13",
    "end_user_promise": "annex 1.15",
    "content_provider": "3.1.3",
    "safety_officer": "annex 1.5",
    "content_reviewer": "annex 1.5",
    "hotline_test": "4.2",
}
"""Kinds of papers → the clause that asks for them. The last four are registered, not demanded: the
identity of a provider of content, who is named for safety and for review, and what came of a test
call to party A's telephone."""

_ALWAYS: Final = (
    "subject_certificate", "company_introduction", "business_description", "service_phone",
    "service_mail",
)  # fmt: skip
RESULTS: Final = ("lost", "revoked", "replaced", "mistaken")
_DAY_S: Final = 86400.0


@dataclass(slots=True, frozen=True)
class Duties:
    """Say which papers an account needs besides those that all need."""

    ministry_number: bool = False
    service_provider: bool = False
    agent: bool = False

    @property
    def kinds(self) -> tuple[str, ...]:
        """Name the kinds, in the order of `KINDS`."""
        further = {
            "ministry_number_certificate": self.ministry_number,
            "sp_licence": self.service_provider,
            "principal_contract": self.agent,
        }
        return tuple(kind for kind in KINDS if kind in _ALWAYS or further.get(kind, False))


class Watch(NamedTuple):
    """Say of one document that it expires or has; UTC seconds since the epoch."""

    expires_at: float
    document: int
    account: str
    kind: str
    clause: str
    expired: bool


@dataclass(slots=True)
class Document:
    """Hold one document: it holds from `valid_from` on and before `expires_at`."""

    number: int
    account: str
    kind: str
    reference: str
    valid_from: float
    expires_at: float
    """Infinite where it has no end."""
    ended_at: float = inf
    result: str = ""
    sha256: str = ""
    history: list[DocumentFiled | DocumentEnded] = field(default_factory=list)

    def holds(self, at: float) -> bool:
        """Say whether it is valid at an instant."""
        return self.valid_from <= at < min(self.expires_at, self.ended_at)


@dataclass(slots=True)
class DocumentRegister:
    """Fold documents; `check` refuses an event before it is recorded."""

    documents: dict[int, Document] = field(default_factory=dict)

    def check(self, event: DocumentFiled | DocumentEnded) -> None:
        """Raise EntryError for an event that can't be, saying what is allowed."""
        given(who=event.who)
        if isinstance(event, DocumentEnded):
            found = self._unended(event)
            one_of("result", event.result, RESULTS)
            given(why=event.why)
            moment_of("moment", event.moment, event.at, found.valid_from)
            return
        next_in("document", event.document, self.documents)
        one_of("kind", event.kind, KINDS)
        given(account=event.account, reference=event.reference)
        starts_at = event.valid_from or event.at
        if not (isfinite(starts_at) and isfinite(event.expires_at)):
            raise EntryError(f"valid_from {starts_at}, expires_at {event.expires_at}: not finite")
        if event.expires_at and event.expires_at <= starts_at:
            raise EntryError(
                f"expires_at: {shown(event.expires_at)}, allowed is after {shown(starts_at)}"
            )

    def apply(self, event: DocumentFiled | DocumentEnded) -> None:
        """Take a recorded event in.

        Raises EntryError where the document's state doesn't allow it.
        """
        if isinstance(event, DocumentFiled):
            next_in("document", event.document, self.documents)
            found = self.documents[event.document] = Document(
                event.document, event.account, event.kind, event.reference,
                event.valid_from or event.at, event.expires_at or inf, sha256=event.sha256,
            )  # fmt: skip
        else:
            found = self._unended(event)
            found.result = event.result
            found.ended_at = found.valid_from if event.result == "mistaken" else 0.0
            found.ended_at = found.ended_at or event.moment or event.at
        found.history.append(event)

    def _unended(self, event: DocumentEnded) -> Document:
        found = entry_of("document", event.document, self.documents)
        if found.result:
            raise EntryError(f"document {found.number} is {found.result}: nothing more is allowed")
        return found

    def missing(self, account: str, at: float, duties: Duties) -> tuple[str, ...]:
        """Name the kinds that an account lacks at an instant; none when it is complete."""
        held = {
            one.kind for one in self.documents.values() if one.account == account and one.holds(at)
        }
        return tuple(kind for kind in duties.kinds if kind not in held)

    def watch(self, at: float, days: int = 90) -> tuple[Watch, ...]:
        """Give what has expired or does so within `days`, the first to expire first.

        A document whose account holds another of its kind that lasts longer is left out.
        """
        found = [
            Watch(one.expires_at, one.number, one.account, one.kind, KINDS[one.kind],
                  one.expires_at <= at)
            for one in self.documents.values()
            if not one.result and one.expires_at <= at + days * _DAY_S and not self._followed(one)
        ]  # fmt: skip
        return tuple(sorted(found))

    def _followed(self, one: Document) -> bool:
        return any(
            other.account == one.account
            and other.kind == one.kind
            and not other.result
            and other.valid_from <= one.expires_at < other.expires_at
            for other in self.documents.values()
        )
