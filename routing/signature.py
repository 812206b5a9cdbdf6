"""Find the enterprise signature of a text (clause 3.1.9): 【名称】 at its agreed place.

Full-width brackets always count; `[...]` counts only where the contract allows it. In the body
full-width brackets are refused altogether, since a reader can't tell them from a signature;
square ones are ordinary characters there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

Position = Literal["prefix", "suffix", "either"]

_LEADING: Final = re.compile(r"【[^【】]*】")
_LEADING_ASCII: Final = re.compile(r"\[[^\[\]]*\]")
_TRAILING: Final = re.compile(r"【[^【】]*】\Z")
_TRAILING_ASCII: Final = re.compile(r"\[[^\[\]]*\]\Z")
_NAME: Final = re.compile(r"(?:[\u4e00-\u9fa5A-Za-z0-9]*|[A-Za-z0-9]+(?: [A-Za-z0-9]+)+)\Z")


@dataclass(slots=True, frozen=True)
class SignatureForm:
    """Say where a signature stands and how it looks; lengths are characters between brackets."""

    position: Position = "prefix"
    allow_ascii: bool = False
    min_length: int = 2
    max_length: int = 16

    def bracketed(self, name: str) -> tuple[str, ...]:
        """Give the accepted spellings of a registered name, brackets included."""
        return (f"【{name}】", f"[{name}]") if self.allow_ascii else (f"【{name}】",)

    def place(self) -> str:
        """Name the agreed place in words."""
        return {"prefix": "at the start", "suffix": "at the end"}.get(
            self.position, "at the start or at the end"
        )


def signature_of(text: str, form: SignatureForm) -> str:
    """Give the bracketed signature at the agreed place, "" where there is none."""
    if form.position != "suffix":
        found = leading(text, ascii_too=form.allow_ascii)
        if found or form.position == "prefix":
            return found
    return trailing(text, ascii_too=form.allow_ascii)


def leading(text: str, *, ascii_too: bool) -> str:
    """Give the bracketed run that a text begins with, "" for none."""
    match = _LEADING.match(text)
    if match is None and ascii_too:
        match = _LEADING_ASCII.match(text)
    return match.group() if match is not None else ""


def trailing(text: str, *, ascii_too: bool) -> str:
    """Give the bracketed run that a text ends with, "" for none."""
    match = _TRAILING.search(text)
    if match is None and ascii_too:
        match = _TRAILING_ASCII.search(text)
    return match.group() if match is not None else ""


def name_problem(signature: str, form: SignatureForm) -> str:
    """Say what is wrong with the form of a bracketed signature's name, "" for nothing."""
    name = signature[1:-1]
    if not form.min_length <= len(name) <= form.max_length:
        return f"{len(name)} characters, allowed are {form.min_length} to {form.max_length}"
    if _NAME.match(name) is None:
        return (
            "characters other than Chinese ones, letters and digits, or spaces other than single "
            "ones between words of letters and digits"
        )
    return ""


def why_missing(text: str, form: SignatureForm) -> str:
    """Say for the developer why no signature was found."""
    square = leading(text, ascii_too=True)
    if square and not form.allow_ascii and form.position != "suffix":
        return f"the text begins with {square}, but a signature has full-width brackets 【】"
    first = leading(text, ascii_too=form.allow_ascii)
    last = trailing(text, ascii_too=form.allow_ascii)
    elsewhere = last if form.position == "prefix" else first
    if elsewhere:
        seen = "at the end" if elsewhere is last else "at the start"
        return f"signature {elsewhere} stands {seen} of the text, it must stand {form.place()}"
    inner = _LEADING.search(text)
    if inner is not None:
        return f"signature {inner.group()} stands inside the text, it must stand {form.place()}"
    if text.startswith("【"):
        return "the signature's closing bracket 】 is missing"
    return f"the text has no signature 【…】 {form.place()}"
