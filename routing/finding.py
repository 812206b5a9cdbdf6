"""Say what a check found, for people who speak either language."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True, frozen=True)
class Finding:
    """Say why a check failed: one sentence in each language, what decided, what would pass.

    `seen` is the span of the text or the value that decided; `allowed` the nearest value that
    would have passed, "" where there is none.
    """

    en: str
    zh: str
    seen: str = ""
    allowed: str = ""
