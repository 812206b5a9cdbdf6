"""Read subscriber numbers: bring a recipient to its 11 digits and name the carrier by prefix.

The prefix is only the fallback: a ported number keeps its prefix (a portability record, where
there is one, goes first).
"""

from __future__ import annotations

from typing import Final

from config.numbers import NumberPlanTable
from smpp.constants import Npi, Ton

MSISDN_DIGITS: Final = 11
"""Length of a mainland mobile number without its country code."""

_PREFIX_DIGITS: Final = 5
"""Every prefix of the plan is at most this long; the compiled table has this many digits."""

_NO_TELEPHONE: Final = frozenset({int(Npi.INTERNET), int(Npi.WAP_CLIENT_ID)})
"""Numbering plans whose addresses are no telephone numbers at all."""


def normalise_recipient(addr: str | bytes, ton: int = 0, npi: int = 0) -> str | None:
    """Give the 11 digits of a mainland mobile number, or None where it has not that form.

    +86, 0086, 86 and spaces are taken off. The type of number isn't held against the digits,
    since clients send national numbers as international and the reverse; only an alphanumeric
    address (TON 5) or a plan without telephone numbers is refused as such. Whether the prefix is
    allotted to a carrier is for `NumberPlan.carrier_of`.
    """
    text = addr.decode("latin-1") if isinstance(addr, bytes) else addr
    if ton == Ton.ALPHANUMERIC or npi in _NO_TELEPHONE:
        return None
    if len(text) != MSISDN_DIGITS:
        text = _without_country_code(text.replace(" ", ""))
    if len(text) != MSISDN_DIGITS or text[0] != "1" or not (text.isascii() and text.isdigit()):
        return None
    return text


def _without_country_code(text: str) -> str:
    for prefix in ("+86", "0086", "86"):
        if text.startswith(prefix) and len(text) == MSISDN_DIGITS + len(prefix):
            return text[len(prefix) :]
    return text


class NumberPlan:
    """Name the carrier and the kind of a number by its prefix, one dictionary look-up each.

    Kinds are `cellular`, `satellite`, `iot`, `mvno`; the carrier of a virtual operator's number is
    its host network.
    """

    __slots__ = ("_kinds", "carriers", "titles")

    def __init__(self, table: NumberPlanTable) -> None:
        """Spread every prefix to five digits; the longer prefix wins.

        Raises ValueError when one prefix belongs to two carriers.
        """
        owners: dict[str, tuple[str, str]] = {}
        for carrier, segments in table.carriers.items():
            for kind in ("cellular", "satellite", "iot", "mvno"):
                for prefix in getattr(segments, kind):
                    if prefix in owners:
                        raise ValueError(
                            f"numbers: prefix {prefix} is of {owners[prefix][0]} and of {carrier}"
                        )
                    owners[prefix] = (carrier, kind)
        self.carriers: dict[str, str] = {}
        self._kinds: dict[str, str] = {}
        for prefix in sorted(owners, key=len):
            rest = _PREFIX_DIGITS - len(prefix)
            for tail in range(10**rest):
                full = f"{prefix}{tail:0{rest}d}" if rest else prefix
                self.carriers[full], self._kinds[full] = owners[prefix]
        self.titles = {name: (s.title, s.title_zh) for name, s in table.carriers.items()}

    def carrier_of(self, msisdn: str) -> str:
        """Give the carrier's name for a normalised number; "" for a segment nobody holds."""
        return self.carriers.get(msisdn[:_PREFIX_DIGITS], "")

    def kind_of(self, msisdn: str) -> str:
        """Give the kind of a normalised number; "" for a segment nobody holds."""
        return self._kinds.get(msisdn[:_PREFIX_DIGITS], "")
