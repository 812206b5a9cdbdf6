"""Give the engine the windows in which failures are not party B's."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from metrics.windows import Window, WindowRegister


class Relief(Protocol):
    """Tell which failures are relieved; see clauses 3.2.4, 9.1 and 9.2."""

    def token(self) -> Hashable:
        """Give a value that changes whenever an answer may."""

    def spans(self) -> tuple[tuple[float, float], ...]:
        """Give the times outside of which nothing is relieved, end not counted in."""

    def class_at(self, at: float, number: str) -> str | None:
        """Give the class of a failure at an instant for a subscriber, None for its own."""


@dataclass(slots=True, frozen=True)
class NoRelief:
    """Relieve nothing."""

    def token(self) -> Hashable:
        return ()

    def spans(self) -> tuple[tuple[float, float], ...]:
        return ()

    def class_at(self, at: float, number: str) -> str | None:
        return None


def _no_area(_number: str) -> str:
    return ""


@dataclass(slots=True, frozen=True)
class DeclaredRelief:
    """Relieve what the register of windows says; `area_of` gives the area of a number."""

    register: WindowRegister
    area_of: Callable[[str], str] = _no_area

    def token(self) -> Hashable:
        return tuple(
            (one.number, one.starts_at, one.ends_at, one.prefixes, one.areas)
            for one in self._windows()
        )

    def spans(self) -> tuple[tuple[float, float], ...]:
        return tuple((one.starts_at, one.ends_at) for one in self._windows())

    def class_at(self, at: float, number: str) -> str | None:
        return self.register.class_at(at, number, self.area_of(number))

    def _windows(self) -> list[Window]:
        found = self.register.windows.values()
        return [one for one in found if self.register.relieves(one)]
