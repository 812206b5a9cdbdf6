"""Write the demo account into a settings file, with other limits, and ask what it still owes."""

from __future__ import annotations

import re

from .victim import Victim, until

_DEMO = """
[[account]]
system_id = "police"
password = "secret08"
access_numbers = ["106590990371"]
"""
_OWED = re.compile(
    r'^smsgw_(?:receipts_pending|messages_in_flight)\{account="police"\} (\S+)$', re.MULTILINE
)


def account(**keys: str) -> str:
    """Write the account with further keys; the values are TOML."""
    return _DEMO + "".join(f"{name} = {value}\n" for name, value in keys.items())


def until_nothing_is_owed(victim: Victim, within_s: float) -> None:
    """Wait until every message has its outcome and no receipt waits for the ESME."""

    def owed() -> list[float]:
        found = [float(value) for value in _OWED.findall(victim.get("/metrics").text)]
        assert len(found) == 2, "the two gauges of what is owed"
        return found

    until(lambda: not any(owed()), within_s, "nothing in flight, no receipt pending")
