"""Tell the recipients whose last four digits choose the outcome, in every profile.

A row has a delivery side (what the network meets), a submit side (a fault of the answer), or
both; the table is `config/data/network/magic.toml`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from config.network import Magic, MagicFault, NetworkData

SUBMIT_FAULTS: Final = frozenset[MagicFault](
    {"throttled", "queue_full", "system_error", "no_response", "late_response", "close_session"}
)
"""Faults of the answer to submit_sm; the others are faults of the receipt."""

REFUSALS: Final = frozenset[MagicFault]({"throttled", "queue_full", "system_error"})
"""Faults that refuse the submission: no message comes into being."""

_COUNTRY_CODES: Final = ("", "86", "+86", "0086")


@dataclass(slots=True, frozen=True)
class MagicRecipient:
    """Say what a magic recipient does; `condition` is a name in profiles.toml.

    `retry_s` 0.0 means by the profile's schedule, `recovers_after` 0 means never.
    """

    digits: str
    condition: str
    delay_s: float
    recovers_after: int
    retry_s: float
    fault: str
    response_delay_s: float
    en: str
    zh: str


class MagicNumbers:
    """Look up magic recipients.

    `table` is keyed by the last four digits; `by_recipient` by the whole number, in each form in
    which a client may write it, so that the look-up costs every other message one dictionary miss.
    """

    __slots__ = ("by_recipient", "table")

    def __init__(self, data: NetworkData) -> None:
        """Expand the rows of the data; `01xx` becomes a hundred of them."""
        self.table: dict[str, MagicRecipient] = {}
        for row in data.magic:
            for digits, delay_s in _numbers(row):
                self.table[digits] = MagicRecipient(
                    digits=digits,
                    condition=row.condition or "active",
                    delay_s=delay_s,
                    recovers_after=row.recovers_after,
                    retry_s=row.retry_s or 0.0,
                    fault=row.fault or "",
                    response_delay_s=row.response_delay_s,
                    en=row.en,
                    zh=row.zh,
                )
        self.by_recipient: dict[str, MagicRecipient] = {
            f"{country}{data.magic_prefix}{digits}": row
            for country in _COUNTRY_CODES
            for digits, row in self.table.items()
        }

    def lookup(self, recipient: str) -> MagicRecipient | None:
        """Give the row of a recipient of 11 digits, with or without the country code 86."""
        return self.by_recipient.get(recipient)


def _numbers(row: Magic) -> list[tuple[str, float]]:
    """Give the last four digits a row stands for, each with its delay in seconds."""
    if not row.number.endswith("xx"):
        return [(row.number, row.delay_s)]
    return [(f"{row.number[:2]}{seconds:02d}", float(seconds)) for seconds in range(100)]
