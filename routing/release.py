"""Judge accepted messages again when their delivery comes due.

A message may have waited: for its schedule, for a retry, or for the disk. What was recorded
meanwhile counts at the moment of the attempt: a refusal of the user (clauses 3.1.8 and 4.3), the
end of the contract, a suspension or a block, and for a scheduled one the scope in force at its
release (clause 3.1.5). All else was settled by the verdict.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from config.interpretation import Breach

from .facts import Facts
from .message import Message
from .reasons import REASONS
from .rules import AccountRules, Rules
from .verdict import Check, compiled_rows, mode_of

HOLD: Final = "hold"
"""The ruling that a message waits; any other one is the error of its receipt."""
_ENDED: Final = "not_in_force"
_BLOCKS: Final = ("suspended", "port_blocked")
_AGAIN: Final = (_ENDED, *_BLOCKS, "scope", "opted_out")


class Release:
    """Judge by what is in force at the moment of an attempt."""

    __slots__ = ("_breach", "_facts", "_rows", "_rules")

    def __init__(self, rules: Callable[[], Rules], breach: Breach) -> None:
        """`rules` gives those in force; `breach` says what a block does to what waits."""
        self._rules = rules
        self._breach = breach
        self._facts = Facts()
        self._rows: dict[str, tuple[AccountRules, tuple[Check, ...]]] = {}
        """Rows of the table by account, with the rules that they were compiled of."""

    @property
    def changed_at(self) -> float:
        """Give the business time of the last change; later verdicts knew of it."""
        return self._rules().registries.changed_at

    def judge(self, message: Message, at: float) -> str:
        """Give "" for a message to be sent at `at`, `HOLD`, or the error that it ends with.

        A message that never waited and was judged after the last change is sent.
        """
        rules = self._rules()
        waited = message.schedule_at or message.attempts
        if not waited and message.at > rules.registries.changed_at:
            return ""
        account = rules.accounts.get(message.account)
        return "" if account is None else self._judge(message, account, at)

    def _judge(self, message: Message, rules: AccountRules, at: float) -> str:
        submitted_at = message.at
        # Checks look at the moment of the message: here it is that of its release.
        message.at = at
        try:
            for row in self._rows_of(rules):
                if row.reason == "scope" and not message.schedule_at:
                    continue
                if row.look(message, rules, self._facts) is not None:
                    ruling = self._ruling(row.reason, rules)
                    if ruling:
                        return ruling
        finally:
            message.at = submitted_at
        return ""

    def _ruling(self, reason: str, rules: AccountRules) -> str:
        """Say what a failed check does to a message that was accepted."""
        if reason in _BLOCKS and self._breach.while_blocked != "cancel":
            return HOLD if self._breach.while_blocked == "hold" else ""
        return REASONS[reason].receipt_error(digits_only=rules.digits_only)

    def _rows_of(self, rules: AccountRules) -> tuple[Check, ...]:
        known = self._rows.get(rules.account)
        if known is None or known[0] is not rules:
            rows = tuple(
                row
                for row in compiled_rows(rules)
                if row.reason in _AGAIN and mode_of(row, rules) == "enforce"
            )
            known = self._rows[rules.account] = rules, rows
        return known[1]
