"""Keep a spreadsheet from taking text for a formula, and take the guard off again.

Whoever opens an exported CSV file may be attacked by what others wrote into it: a cell that begins
with one of = + - @, a tab, a carriage return or NUL is worked out, not shown. Such a cell gets an
apostrophe before it, so that it is shown as it stands. A telephone number in international form
stays as it is, since nothing in it can be worked out.

A cell that looks guarded already gets a further apostrophe, so that taking one off always gives
back what was written: `unguarded(guarded(text)) == text` for every text.
"""

from __future__ import annotations

import re
from typing import Final

MARK: Final = "'"
_FORMULA: Final = re.compile(r"'*[=+\-@\t\r\0]")
_GUARDED: Final = re.compile(r"''*[=+\-@\t\r\0]")
_TELEPHONE: Final = re.compile(r"\+[0-9]{3,20}", re.ASCII)


def guarded(text: str) -> str:
    """Give a text as a cell that no spreadsheet takes for a formula."""
    if _FORMULA.match(text) is None or _TELEPHONE.fullmatch(text) is not None:
        return text
    return MARK + text


def unguarded(cell: str) -> str:
    """Give the text that `guarded` made a cell of."""
    return cell[1:] if _GUARDED.match(cell) is not None else cell
