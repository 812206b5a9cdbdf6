"""Hide numbers and texts of people from those who need not see them: viewers, and logs.

Fields are masked by their name, so that what is new in an object is masked where its name is in
the table. A number keeps its first three and last two digits; a text shows its length and a digest
under a key of the process, so that equal texts can be told apart from others but not guessed.
Access numbers (10…) belong to an organisation and stay.
"""

from __future__ import annotations

import hmac
import os
import re
from collections.abc import Callable, Mapping
from typing import Final

_SHORTEST: Final = 7
"""Digits from which a run of them is taken for a number."""
_NUMBER: Final = re.compile(r"(?<![0-9A-Za-z.:-])\+?[0-9]{7,20}(?![0-9A-Za-z])")
_QUOTED: Final = re.compile(r"'[^']{12,}'|\"[^\"]{12,}\"|「[^」]{12,}」|“[^”]{12,}”")

NUMBER_FIELDS: Final = frozenset(
    {
        "sender", "recipient", "msisdn", "number", "from", "to", "source_addr",
        "destination_addr", "callback_num", "address_range", "prefix",
    }
)  # fmt: skip
TEXT_FIELDS: Final = frozenset(
    {"text", "short_message", "message_payload", "content", "pdu", "seen"}
)
"""`seen` is the span of a text that decided, a code perhaps."""
SENTENCE_FIELDS: Final = frozenset(
    {
        "detail", "detail_zh", "why", "advice", "error", "exception", "message", "sentence",
        "allowed",
    }
)  # fmt: skip


def mask_number(number: str) -> str:
    """Keep the first three and last two characters of a number: `133******01`."""
    if len(number) < _SHORTEST or number.startswith("10"):
        return number
    return f"{number[:3]}{'*' * (len(number) - 5)}{number[-2:]}"


def mask_sentence(sentence: str) -> str:
    """Mask the numbers that occur in a sentence of ours, and longer quotations."""
    quotes_gone = _QUOTED.sub(lambda found: f"{found[0][0]}…{found[0][-1]}", sentence)
    return _NUMBER.sub(lambda found: mask_number(found[0]), quotes_gone)


class Masker:
    """Mask whole objects; each masker has a key of its own for the digests of texts."""

    __slots__ = ("_by_field", "_key")

    def __init__(self, key: bytes | None = None) -> None:
        """Draw a key, unless a test gives one."""
        self._key = key if key is not None else os.urandom(32)
        self._by_field: dict[str, Callable[[str], str]] = {
            **dict.fromkeys(NUMBER_FIELDS, mask_number),
            **dict.fromkeys(TEXT_FIELDS, self.mask_text),
            **dict.fromkeys(SENTENCE_FIELDS, mask_sentence),
        }

    def mask_text(self, text: str) -> str:
        """Show the length of a text and a digest: `[57 characters, 9f86d081]`."""
        if not text:
            return text
        digest = hmac.digest(self._key, text.encode("utf-8", "surrogatepass"), "sha256")
        return f"[{len(text)} characters, {digest[:4].hex()}]"

    def mask(self, value: object, field: str = "") -> object:
        """Give a copy of a JSON value with every field of the tables masked, at any depth."""
        if isinstance(value, str):
            masked = self._by_field.get(field)
            return masked(value) if masked is not None else value
        if isinstance(value, bytes):
            return self.mask_text(value.hex()) if field in TEXT_FIELDS else value
        if isinstance(value, Mapping):
            return {key: self.mask(item, str(key)) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.mask(item, field) for item in value]
        return value
