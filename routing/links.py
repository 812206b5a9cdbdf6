"""Find links in a text: what a reader could tap or type into a browser (clause 1.10).

A link is a scheme with what follows, or a host name whose last label is a common top-level domain
or that a path follows. `No.12` and `a.m.` are none.
"""

from __future__ import annotations

import re
from typing import Final

_HOST: Final = r"(?:[0-9A-Za-z](?:[0-9A-Za-z-]{0,62})\.){1,6}"
_PATH: Final = r"[0-9A-Za-z._~:/?#@!$&'()*+,;=%-]*"
_TOP_LEVEL: Final = (
    "com|cn|net|org|gov|edu|info|biz|top|xyz|vip|shop|club|site|online|store|app|link|ltd|cc|tv|me"
    "|io|co|im|ly|gl|wang|ink|mobi|fun|live|invalid|test|example"
)
LINK: Final = re.compile(
    rf"https?://{_PATH}"
    rf"|(?<![0-9A-Za-z@.]){_HOST}(?:(?:{_TOP_LEVEL})(?![0-9A-Za-z.])(?:[:/]{_PATH})?"
    rf"|[A-Za-z]{{2,24}}/{_PATH})",
    re.IGNORECASE,
)
_HOST_NAME: Final = re.compile(r"(?:https?://)?([0-9A-Za-z.-]+)", re.IGNORECASE)


def first_link(text: str) -> str:
    """Give the first link of a text, "" where there is none."""
    # Every link has a dot or a scheme; a look for both costs a twentieth of the expression.
    if "." not in text and "://" not in text:
        return ""
    found = LINK.search(text)
    return found.group() if found is not None else ""


def host_of(link: str) -> str:
    """Give the host name of a link in small letters."""
    found = _HOST_NAME.match(link)
    return found[1].lower() if found is not None else ""
