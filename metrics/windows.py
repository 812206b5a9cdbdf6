"""Keep the times whose failures are not party B's, and tell the class of a moment and number.

Force majeure (clause 9.1) relieves from its start on, but only with a written notice that has
effect, where `fm.require_notice` says so. An order of the government (9.2) needs its number. A
fault of the hardware or software that party A runs the platform on (3.2.4) is party A's own.
Planned maintenance isn't exempt in the contract: it relieves only where party A has agreed.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from math import inf, isfinite
from typing import Final, NamedTuple

from config.interpretation import ForceMajeure, Liability
from routing.office_events import WindowDeclared, WindowMoved

from .entries import EntryError, entry_of, given, moment_of, next_in, one_of, shown, step_of
from .notices import NoticeRegister


class Kind(NamedTuple):
    """Say what windows of a kind do."""

    liability: Liability
    clause: str
    causes: tuple[str, ...]


KINDS: Final[dict[str, Kind]] = {
    "force_majeure": Kind(
        "force_majeure", "9.1",
        ("war", "riot", "terrorism", "disaster", "law_change", "network_security",
         "no_coverage", "power_cut", "cable_cut"),
    ),
    "government_order": Kind("force_majeure", "9.2", ("order",)),
    "party_a_platform": Kind("party_a", "3.2.4", ("hardware", "system_software")),
    "maintenance": Kind("exempt", "3.2.1", ("planned",)),
}  # fmt: skip
"""Kinds of windows; where several hold at once, the first here decides."""

MOVES: Final[dict[str, dict[str, str]]] = {
    "declared": {
        "end": "declared", "notice": "declared", "agree": "declared", "dispute": "disputed",
        "withdraw": "withdrawn",
    },
    "disputed": {
        "end": "disputed", "notice": "disputed", "agree": "disputed", "settle": "declared",
        "withdraw": "withdrawn",
    },
    "withdrawn": {},
}  # fmt: skip
"""State → what may be done there → the state after it. A dispute alone changes no class."""

_RANK: Final = {kind: rank for rank, kind in enumerate(KINDS)}


@dataclass(slots=True)
class Window:
    """Hold one window: `starts_at` <= at < `ends_at`, UTC seconds since the epoch."""

    number: int
    kind: str
    cause: str
    starts_at: float
    ends_at: float
    """Infinite until it is known."""
    prefixes: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    notice: int = 0
    reference: str = ""
    state: str = "declared"
    history: list[WindowDeclared | WindowMoved] = field(default_factory=list)

    def covers(self, number: str, area: str = "") -> bool:
        """Say whether it concerns a recipient, of an area where that is known."""
        if not self.prefixes and not self.areas:
            return True
        return number.startswith(self.prefixes) or (area != "" and area in self.areas)

    def meets(self, other: Window) -> bool:
        """Say whether both hold at one time for one recipient, as far as words show."""
        if self.starts_at >= other.ends_at or other.starts_at >= self.ends_at:
            return False
        everybody = not (self.prefixes or self.areas) or not (other.prefixes or other.areas)
        return (
            everybody
            or not set(self.areas).isdisjoint(other.areas)
            or any(a.startswith(b) or b.startswith(a)
                   for a in self.prefixes for b in other.prefixes)
        )  # fmt: skip


@dataclass(slots=True)
class WindowRegister:
    """Fold windows over the notices they rest on; `check` refuses an event beforehand."""

    figures: ForceMajeure
    notices: NoticeRegister
    windows: dict[int, Window] = field(default_factory=dict)
    _bounds: list[float] = field(default_factory=list, compare=False)
    _active: list[tuple[Window, ...]] = field(default_factory=list, compare=False)
    """Windows in force from each bound to the next."""
    _revision: int = field(default=-1, compare=False)
    """Of the notices when the index was built; -1 when it must be built."""

    def check(self, event: WindowDeclared | WindowMoved) -> None:
        """Raise EntryError for an event that can't be, saying what is allowed."""
        given(who=event.who)
        if isinstance(event, WindowDeclared):
            self._check_declared(event)
        else:
            self._check_moved(event)

    def _check_declared(self, event: WindowDeclared) -> None:
        next_in("window", event.window, self.windows)
        one_of("kind", event.kind, KINDS)
        one_of("cause", event.cause, KINDS[event.kind].causes)
        given(why=event.why)
        for prefix in event.prefixes:
            if not (prefix.isascii() and prefix.isdigit() and len(prefix) <= 11):
                raise EntryError(f"prefix: {prefix!r}, 1 to 11 digits are allowed")
        given(**{f"areas[{place}]": area for place, area in enumerate(event.areas)})
        if event.kind == "government_order":
            given(reference=event.reference)
        self._check_times(event.starts_at, event.ends_at)
        self._check_notice(event.kind, event.notice)
        self._check_overlap(_window(event))

    def _check_moved(self, event: WindowMoved) -> None:
        found = entry_of("window", event.window, self.windows)
        step_of(f"window {found.number}", found.state, event.action, MOVES)
        if event.action == "end":
            self._check_times(found.starts_at, event.moment or event.at)
            changed = Window(
                found.number, found.kind, found.cause, found.starts_at,
                event.moment or event.at, found.prefixes, found.areas,
            )  # fmt: skip
            self._check_overlap(changed)
        else:
            moment_of("moment", event.moment, event.at)
        if event.action == "notice":
            entry_of("notice", event.notice, self.notices.notices)
            self._check_notice(found.kind, event.notice)
        if event.action == "agree":
            one_of(f"kind of window {found.number}", found.kind, ("maintenance",))
            given(reference=event.reference)
        if event.action in ("dispute", "settle", "withdraw"):
            given(why=event.why)

    def _check_times(self, starts_at: float, ends_at: float) -> None:
        if not (isfinite(starts_at) and starts_at > 0 and isfinite(ends_at) and ends_at >= 0):
            raise EntryError(f"from {starts_at} to {ends_at}: times in seconds are allowed")
        if ends_at and ends_at <= starts_at:
            raise EntryError(f"ends_at: {shown(ends_at)}, allowed is after {shown(starts_at)}")

    def _check_notice(self, kind: str, number: int) -> None:
        if number:
            one_of("kind of a window with a notice", kind, ("force_majeure",))
            found = entry_of("notice", number, self.notices.notices)
            one_of(f"subject of notice {number}", found.subject, ("force_majeure",))
            one_of(f"sender of notice {number}", found.sender, ("party_b",))

    def _check_overlap(self, window: Window) -> None:
        for other in self.windows.values():
            same = other.kind == window.kind and other.number != window.number
            if same and other.state != "withdrawn" and other.meets(window):
                until = "open end" if other.ends_at == inf else shown(other.ends_at)
                raise EntryError(
                    f"window {window.number}: overlaps window {other.number} of the same kind, "
                    f"{shown(other.starts_at)} to {until}; end or withdraw that one first"
                )

    def apply(self, event: WindowDeclared | WindowMoved) -> None:
        """Take a recorded event in.

        Raises EntryError where the window's state doesn't allow it.
        """
        if isinstance(event, WindowDeclared):
            next_in("window", event.window, self.windows)
            found = self.windows[event.window] = _window(event)
        else:
            found = entry_of("window", event.window, self.windows)
            found.state = step_of(f"window {found.number}", found.state, event.action, MOVES)
            if event.action == "end":
                found.ends_at = event.moment or event.at
            elif event.action == "notice":
                found.notice = event.notice
            elif event.action == "agree":
                found.reference = event.reference
        found.history.append(event)
        self._revision = -1

    def relieves(self, window: Window) -> bool:
        """Say whether a window has what it needs to count."""
        if window.state == "withdrawn":
            return False
        if window.kind == "force_majeure" and self.figures.require_notice:
            return self.notices.effective_at(window.notice) is not None
        return window.kind != "maintenance" or window.reference != ""

    def lacking(self) -> tuple[Window, ...]:
        """Give the windows that do not count as yet, for a list of what is to be done."""
        found = self.windows.values()
        return tuple(one for one in found if one.state != "withdrawn" and not self.relieves(one))

    def class_at(self, at: float, number: str, area: str = "") -> Liability | None:
        """Give the class that a window gives to a failure, or None where no window holds."""
        window = self.window_at(at, number, area)
        return None if window is None else KINDS[window.kind].liability

    def window_at(self, at: float, number: str, area: str = "") -> Window | None:
        """Give the window that decides for a recipient (11 digits) at an instant, or None."""
        if self._revision != self.notices.revision:
            self._build()
        place = bisect_right(self._bounds, at) - 1
        if place < 0:
            return None
        for window in self._active[place]:
            if window.covers(number, area):
                return window
        return None

    def _build(self) -> None:
        found = [window for window in self.windows.values() if self.relieves(window)]
        found.sort(key=lambda window: (_RANK[window.kind], window.number))
        bounds = {at for window in found for at in (window.starts_at, window.ends_at)}
        self._bounds = sorted(bounds)
        self._active = [
            tuple(window for window in found if window.starts_at <= bound < window.ends_at)
            for bound in self._bounds
        ]
        self._revision = self.notices.revision


def _window(event: WindowDeclared) -> Window:
    return Window(
        event.window, event.kind, event.cause, event.starts_at, event.ends_at or inf,
        event.prefixes, event.areas, event.notice, event.reference,
    )  # fmt: skip
