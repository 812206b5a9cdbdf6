"""Make text of unknown origin safe to show: it stays on its line and moves no cursor."""

from __future__ import annotations


def printable(text: str) -> str:
    """Write control characters, line separators and the like as escapes."""
    if text.isprintable():
        return text
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode("ascii")
        for letter in text
    )
