"""Word the carrier's own answers to keywords: that a refusal holds, is taken back, or what helps.

Party B sends them by itself (carriers' practice), so they are no messages of party A's: not billed,
not in the index of clause 3.2.4, and recorded beside the uplink message that they answer. A number
gets one at most in `PAUSE_S` from one access number, so that two machines never talk to each other
without end.
"""

from __future__ import annotations

from typing import Final

from config.content import OptOutRules

from .events import MoReceived, UplinkAnswered
from .generations import Generations

PAUSE_S: Final = 600.0
_MOST: Final = 100_000
"""Numbers remembered; of more within the pause, those answered first are forgotten early."""


class UplinkAnswers:
    """Give the answer to an uplink message, where the contract has a text for it."""

    __slots__ = ("_answered", "_texts")

    def __init__(self, rules: OptOutRules) -> None:
        """Take the texts; an empty one is no answer."""
        self._texts = {
            "opt_out": rules.answer_out,
            "opt_out_all": rules.answer_out,
            "opt_in": rules.answer_in,
            "help": rules.answer_help,
        }
        self._answered: Generations[tuple[str, str], float] = Generations(PAUSE_S, most=_MOST)

    def answer(self, action: str, number: str, mo: MoReceived) -> UplinkAnswered | None:
        """Give what is sent back; None where nothing is, or the number was just answered."""
        text = self._texts.get(action, "")
        if not text:
            return None
        key = (number, mo.access_number)
        last = self._answered.get(key)
        if last is not None and mo.at < last + PAUSE_S:
            return None
        self._answered.set(key, mo.at, mo.at)
        return UplinkAnswered(mo.at, mo.mo_id, number, mo.access_number, text)
