"""Read the text of an approved template: what is fixed, and the variables between (clause 3.1.6).

A variable stands in braces: `验证码{code}，{minutes}分钟内有效。` Its name says which form a value
must have. The names of free text (`name`, `place`, `station`, `window`, `text`) take any
characters but brackets and line breaks up to a length, `{text:12}` up to twelve; `{item:12}` is
a free text with a name of one's own. Two braces stand for one: `{{`, `}}`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

LONGEST_FREE_TEXT: Final = 500
"""Bound of every free text, characters: no message is longer."""

_WEEKDAY: Final = "(?:周|星期)[一二三四五六日天]"
_DAYTIME: Final = "(?:凌晨|早上|上午|中午|下午|傍晚|晚上)?"

# fmt: off
_FORMS: Final[dict[str, tuple[str, int, str]]] = {
    "code": (r"[0-9]{4,8}", 8, "4 to 8 digits"),
    "number": (r"[0-9]{1,12}(?:\.[0-9]{1,4})?", 17, "a number, with up to 4 decimals"),
    "minutes": (r"[0-9]{1,3}", 3, "1 to 3 digits"),
    "tail4": (r"[0-9]{4}", 4, "4 digits"),
    "date": (
        r"(?:20[0-9]{2}年)?[0-9]{1,2}月[0-9]{1,2}日(?:[（(]" + _WEEKDAY + r"[)）])?"
        r"|20[0-9]{2}年[0-9]{1,2}月|20[0-9]{2}-[0-9]{1,2}-[0-9]{1,2}"
        r"|20[0-9]{2}/[0-9]{1,2}/[0-9]{1,2}|20[0-9]{2}\.[0-9]{1,2}\.[0-9]{1,2}"
        r"|[昨今明后][天日]|" + _WEEKDAY,
        20, "a date such as 2026年3月18日, 3月18日（周三）, 2026-03-18 or 明天"),
    "time": (
        _DAYTIME + r"[0-9]{1,2}[:：][0-9]{2}(?:[:：][0-9]{2})?"
        r"|" + _DAYTIME + r"[0-9]{1,2}[时点](?:[0-9]{1,2}分|半|整)?",
        10, "a time of the day such as 9:30, 上午9:30 or 9时30分"),
    "case_no": (r"SL-[0-9]{6}", 9, "SL- and 6 digits"),
    "serial": (r"[0-9A-Za-z][0-9A-Za-z-]{2,31}", 32, "3 to 32 letters, digits and dashes"),
    "phone": (
        r"(?:\+?86)?1[3-9][0-9]{9}|0[0-9]{2,3}-?[0-9]{7,8}|[48]00-?[0-9]{3}-?[0-9]{4}"
        r"|[0-9]{5,6}|[0-9]{3}",
        14, "a telephone number"),
    "url": (
        r"(?:https?://)?[0-9A-Za-z-]{1,63}(?:\.[0-9A-Za-z-]{1,63}){1,5}(?::[0-9]{1,5})?"
        r"(?:/[0-9A-Za-z._~:/?#@!$&'()*+,;=%-]{0,150})?",
        200, "a link"),
}
# fmt: on
FREE_NAMES: Final = ("name", "place", "station", "window", "text")
"""Names of free text that need no length of their own."""

NAMES: Final = (*_FORMS, *FREE_NAMES)
"""Every name a variable can have without a length."""

_TOKEN: Final = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_LABEL: Final = re.compile(r"([a-z][a-z0-9_]{0,31})(?::([0-9]{1,3}))?")


@dataclass(slots=True, frozen=True)
class Variable:
    """Be one variable: its regular expression (without groups that count) and longest value."""

    label: str
    """As written between the braces."""
    pattern: str
    longest: int
    """Characters."""
    free: bool
    form: str
    """What a value looks like, in words."""

    def __str__(self) -> str:
        """Give it as the template writes it, with braces."""
        return f"{{{self.label}}}"


def parse_template(text: str, free_text: int = LONGEST_FREE_TEXT) -> tuple[str | Variable, ...]:
    """Give the fixed pieces and the variables in order; no two fixed pieces are neighbours.

    `free_text` is the longest value of a free-text variable, and the length of those that name
    none. Raises ValueError with what is allowed: unknown variables, single braces, free texts
    longer than that or side by side (nobody could tell where one ends), and a text without two
    fixed characters in a row, which would approve nearly everything.
    """
    pieces: list[str | Variable] = []
    fixed = ""
    end = 0
    for token in _TOKEN.finditer(text):
        fixed += text[end : token.start()]
        end = token.end()
        if token.group() in ("{{", "}}"):
            fixed += token.group()[0]
            continue
        if token[1] is None:
            raise ValueError("variables in braces such as {code}; two for one: {{ }}")
        if fixed:
            pieces.append(fixed)
            fixed = ""
        pieces.append(_variable(token[1], free_text))
    fixed += text[end:]
    if fixed:
        pieces.append(fixed)
    _demand_fixed_text(pieces)
    return tuple(pieces)


def _variable(label: str, free_text: int) -> Variable:
    found = _LABEL.fullmatch(label)
    name, length = (found[1], found[2]) if found else ("", None)
    if name in _FORMS and length is None:
        pattern, longest, form = _FORMS[name]
        return Variable(label, pattern, longest, free=False, form=form)
    if not name or (length is None and name not in FREE_NAMES) or name in _FORMS:
        raise ValueError(
            f"variables of the list {', '.join(NAMES)}, or a free text with its length such as "
            f"{{item:12}}; {{{label}}} is none"
        )
    longest = free_text if length is None else int(length)
    if not 1 <= longest <= free_text:
        raise ValueError(
            f"free text of 1 to {free_text} characters (template.free_text); {{{label}}} has "
            f"{longest}"
        )
    pattern = rf"[^【】\r\n]{{1,{longest}}}"
    return Variable(label, pattern, longest, free=True, form=f"1 to {longest} characters")


def _demand_fixed_text(pieces: list[str | Variable]) -> None:
    before: Variable | None = None
    for piece in pieces:
        if isinstance(piece, str):
            before = None
        elif piece.free:
            if before is not None:
                raise ValueError(f"fixed text between the free texts {before} and {piece}")
            before = piece
    if not any(isinstance(piece, str) and len(piece.strip()) >= 2 for piece in pieces):
        raise ValueError("a text with at least 2 fixed characters in a row")
