"""Say what a check found, for people who speak either language."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True, frozen=True)
class Finding:
    """Say why a check failed: one sentence in each language, what decided, what would pass.

    `seen` is the span of the text or the value that decided; `allowed` the nearest value that
    would have passed, "" where there is none.

    `rows` are the breaches of clause 7.3 that it shows, where the check knows more than its reason
    tells; None leaves them to the reason (`metrics.breaches.detectors`). `watched` is for what is
    recorded and let through, whatever the mode of the check.
    """

    en: str
    zh: str
    seen: str = ""
    allowed: str = ""
    rows: tuple[int, ...] | None = None
    watched: bool = False
