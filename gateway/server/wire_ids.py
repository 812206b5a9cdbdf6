"""Turn message ids into what an ESME sees, and back.

An account's dialect gives the form. A session older than SMPP 3.4 can hold only eight
characters (3.4 §3.4), so it gets a number of its own in hexadecimal, which the journal keeps with
the message; of those the last million are known for look-ups.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from smpp.errors import DecodeError
from smpp.message_id import MessageIdForm, message_id_formatter, parse_message_id

OLDEST_WITH_LONG_IDS = 0x34
SHORT_IDS_KEPT = 1_000_000
SHORT_IDS = 0xFFFFFFFF


class ShortIds:
    """Give out eight-character ids for sessions of SMPP 3.3."""

    def __init__(self, last: int = 0) -> None:
        self._last = last
        self._known: OrderedDict[str, int] = OrderedDict()

    def give(self, message_id: int) -> str:
        self._last = self._last % SHORT_IDS + 1
        short = f"{self._last:08X}"
        self.remember(short, message_id)
        return short

    def remember(self, short: str, message_id: int) -> None:
        """Know an id that was given out before (after a restart)."""
        self._last = max(self._last, int(short, 16))
        self._known[short] = message_id
        if len(self._known) > SHORT_IDS_KEPT:
            self._known.popitem(last=False)

    def find(self, short: str) -> int | None:
        return self._known.get(short.upper())


class WireIds:
    """Speak one account's dialect of message ids."""

    __slots__ = ("_short", "form", "format")

    def __init__(self, form: MessageIdForm, short: ShortIds) -> None:
        self.form = form
        self.format: Callable[[int], bytes] = message_id_formatter(form)
        self._short = short

    def short_for(self, message_id: int, interface_version: int) -> str:
        """Give the short id of a message from an old session, "" where the long one is used."""
        if interface_version >= OLDEST_WITH_LONG_IDS:
            return ""
        return self._short.give(message_id)

    def find(self, wire_id: bytes) -> int | None:
        """Give the number behind an id an ESME names; None when it can't be one."""
        if len(wire_id) == 8:
            found = self._short.find(wire_id.decode("latin-1"))
            if found is not None:
                return found
        try:
            return parse_message_id(wire_id, self.form)
        except DecodeError:
            return None
