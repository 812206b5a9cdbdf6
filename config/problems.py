"""Hold what is wrong with a configuration, one problem per key, with the place where it stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Problem:
    """Say where something is wrong, what was seen and what is allowed.

    `file` is a file's name, an environment variable or "command line". `line` counts from 1 and
    is None where there is none. `seen` is empty where showing it would help nobody or tell a
    secret; `message` is then a whole sentence, otherwise it is what is allowed.
    """

    file: str
    line: int | None
    key: str
    seen: str
    message: str
    level: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        """Give one line, such as `smsgw.toml:12: account[0].window: saw 0, allowed 1 to 9`."""
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        what = f"saw {self.seen}, allowed {self.message}" if self.seen else self.message
        mark = "warning: " if self.level == "warning" else ""
        return ": ".join(part for part in (place, self.key, mark + what) if part)


class ConfigError(Exception):
    """Report everything that is wrong with a configuration, in the order of files and lines."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = in_order(problems)
        super().__init__("\n".join(map(str, self.problems)))


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Sort problems by file, line and key, and drop repetitions."""
    return tuple(sorted(dict.fromkeys(problems), key=lambda p: (p.file, p.line or 0, p.key)))
