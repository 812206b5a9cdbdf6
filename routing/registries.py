"""Hold what verdicts look into and what changes while the gateway runs: the contract's registries.

Everything here is a fold of the journal's lasting events over what the contract file declares. A
change holds for the next verdict, whatever the clock says. After a restart the same events are
applied again, in order, and lead to the same state.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from math import inf
from typing import Any, Final

from config.contract import Contract, NumberEntry

from .consents import ConsentBook
from .event import Event
from .frequency import FrequencyBook
from .lists import NumberLists
from .optouts import OptOutBook
from .portability import Portability
from .quota import QuotaBook
from .registry_events import (
    ConsentGranted,
    ConsentWithdrawn,
    ImportAborted,
    ImportClosed,
    ImportOpened,
    ImportRows,
    ListChanged,
    NumberPorted,
    OptedIn,
    OptedOut,
    ReviewOpened,
    ReviewSettled,
)
from .scope import ALWAYS, ScopeEntry, ScopeVersion, compile_version
from .scope_changes import ScopeHistory
from .standing import StandingBook
from .standing_events import (
    ContractTerminated,
    PortBlocked,
    PortReleased,
    ScopeClosed,
    ScopeDrafted,
    ScopeMoved,
    ScopeRows,
    Suspended,
    SuspensionLifted,
    TerminationRevoked,
)
from .template_events import (
    TemplateDecided,
    TemplateDrafted,
    TemplateRevoked,
    TemplateSubmitted,
)
from .template_registry import TemplateRegistry
from .templates import from_contract
from .uplink_answers import UplinkAnswers
from .uplink_keywords import UplinkKeywords
from .uplink_log import UplinkLog, UplinkWindows
from .uplink_reviews import UplinkReviews

_BY_BOOK: Final[dict[str, tuple[type[Event], ...]]] = {
    "consents": (ConsentGranted, ConsentWithdrawn),
    "optouts": (OptedOut, OptedIn),
    "lists": (ListChanged,),
    "portability": (NumberPorted,),
    "reviews": (ReviewOpened, ReviewSettled),
    "standing": (
        Suspended,
        SuspensionLifted,
        PortBlocked,
        PortReleased,
        ContractTerminated,
        TerminationRevoked,
    ),
    "scopes": (ScopeDrafted, ScopeRows, ScopeClosed, ScopeMoved),
    "templates": (TemplateDrafted, TemplateSubmitted, TemplateDecided, TemplateRevoked),
}
"""Attribute of `Registries` → the events it takes."""
_IMPORTS: Final = (ImportOpened, ImportRows, ImportClosed, ImportAborted)
_IMPORTED: Final = ("consents", "optouts", "lists", "portability")
"""Registries that are imported; each passes over the others' imports."""

_HOUR_S: Final = 3600.0


class Registries:
    """Own the registries of one contract."""

    def __init__(
        self,
        contract: Contract,
        consents: ScopeVersion | None = None,
        scope: ScopeVersion | None = None,
        *,
        spared: Container[str] = (),
    ) -> None:
        """Begin with what the contract file declares.

        `consents` and `scope` are what it declares of these, compiled by whoever has read its
        files; without them those that the file itself lists are compiled. `spared` are recipients
        that no limit of frequency touches: the simulator's own.
        """
        checked = contract.checked
        if consents is None:
            consents = declared_version(contract.consents.entries)
        if scope is None:
            scope = declared_version(contract.scope.entries)
        self.scopes = ScopeHistory(scope)
        self.consents = ConsentBook(contract.consent, consents)
        self.optouts = OptOutBook(contract.optout)
        self.lists = NumberLists()
        self.portability = Portability()
        self.reviews = UplinkReviews()
        self.standing = StandingBook(contract.service_term() if checked else None)
        self.templates = TemplateRegistry(map(from_contract, contract.templates), contract.template)
        self.frequency = FrequencyBook(contract.frequency, spared)
        self.quota = QuotaBook(contract.quota)
        self.keywords = UplinkKeywords(contract.optout)
        self.answers = UplinkAnswers(contract.optout)
        self.uplinks = UplinkLog(
            UplinkWindows(
                trigger_s=contract.ads.trigger_window_h * _HOUR_S,
                code_s=float(contract.consent.code_ttl_s),
                reply_s=contract.scope.mo_reply_window_h * _HOUR_S,
            )
        )
        self.changed_at = -inf
        """Business time of the last event taken in; a verdict after it knew of it."""
        self._takers: dict[type[Event], tuple[Callable[[Any], None], ...]] = {}
        for book, events in _BY_BOOK.items():
            for event in events:
                self._takers[event] = (getattr(self, book).apply,)
        self._last_import = 0
        for event in _IMPORTS:
            self._takers[event] = tuple(getattr(self, book).apply for book in _IMPORTED)

    def new_import(self) -> int:
        """Give out the number of an import, never the same one twice."""
        self._last_import += 1
        return self._last_import

    def apply(self, event: Event) -> None:
        """Take in one event; those that change no registry are passed over.

        Raises ValueError for one that doesn't fit to what is there; then nothing has changed.
        """
        for take in self._takers.get(type(event), ()):
            take(event)
        self.changed(event.at)
        if isinstance(event, ImportOpened):
            self._last_import = max(self._last_import, event.import_id)

    def changed(self, at: float) -> None:
        """Let messages judged up to then be judged again before they are sent."""
        self.changed_at = max(self.changed_at, at)


def declared_entries(entries: Iterable[NumberEntry]) -> list[ScopeEntry]:
    """Give entries of the contract file as those of a scope."""
    found: list[ScopeEntry] = []
    for entry in entries:
        first, last = entry.interval
        start = ALWAYS[0] if entry.valid_from is None else entry.valid_from.timestamp()
        end = ALWAYS[1] if entry.valid_to is None else entry.valid_to.timestamp()
        found.append(ScopeEntry(first, last, start, end))
    return found


def declared_version(entries: Iterable[NumberEntry], numbers: Iterable[int] = ()) -> ScopeVersion:
    """Compile what the contract file declares, in force without beginning, as version 1.

    `numbers` are the single numbers of its files.
    """
    return compile_version(1, ALWAYS[0], declared_entries(entries), numbers=numbers)
