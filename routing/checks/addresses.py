"""Check the two addresses: a sender of the account's own, a recipient that is a mobile number."""

from __future__ import annotations

from typing import Final

from smpp.constants import Ton

from ..facts import Facts
from ..message import Message
from ..numbering import MSISDN_DIGITS, normalise_recipient
from ..rules import AccountRules

_ALPHANUMERIC: Final = int(Ton.ALPHANUMERIC)


def sender_missing(message: Message, rules: AccountRules, facts: Facts) -> str | None:
    """Want a sender number (clause 3.1.9)."""
    sender = message.sender
    if sender in rules.ports or sender.strip():
        return None
    return "source_addr is empty; this account's access numbers are " + _numbers(rules)


def sender_denied(message: Message, rules: AccountRules, facts: Facts) -> str | None:
    """Want one of the account's access numbers, with permitted extension digits (clause 3.1.9).

    An alphanumeric sender is an anonymous one. A missing sender is `sender_missing`'s.
    """
    sender = message.sender
    if message.source_ton != _ALPHANUMERIC and (
        sender in rules.ports or rules.port_of(sender) is not None
    ):
        return None
    if not sender or sender.isspace():
        return None
    return _why_denied(sender, message.source_ton, rules)


def _why_denied(sender: str, ton: int, rules: AccountRules) -> str:
    digits = sender.isascii() and sender.isdigit()
    if ton == _ALPHANUMERIC or not digits:
        what = "TON 5, alphanumeric" if ton == _ALPHANUMERIC else "not digits alone"
        return f"sender {sender!r} ({what}) is anonymous; use one of {_numbers(rules)}"
    if len(sender) > rules.max_digits:
        return f"sender {sender}: {len(sender)} digits, at most {rules.max_digits}"
    for length in rules.lengths:
        port = rules.ports.get(sender[:length])
        if port is not None:
            return f"sender {sender}: extension {sender[length:]} of {port.number} isn't registered"
    if not rules.ports:
        return f"sender {sender}: this account has no access numbers"
    return (
        f"sender {sender} is not one of this account's access numbers; "
        f"nearest: {nearest(sender, rules)}"
    )


def nearest(sender: str, rules: AccountRules) -> str:
    """Give the account's number most like a sender: longest common start, then nearest length."""
    return max(
        sorted(rules.ports),
        key=lambda number: (_common(sender, number), -abs(len(sender) - len(number))),
    )


def _common(first: str, second: str) -> int:
    size = 0
    for left, right in zip(first, second, strict=False):
        if left != right:
            break
        size += 1
    return size


def _numbers(rules: AccountRules) -> str:
    numbers = sorted({port.base for port in rules.ports.values()})
    more = f" and {len(numbers) - 3} more" if len(numbers) > 3 else ""
    return (", ".join(numbers[:3]) + more) or "none"


def destination_invalid(message: Message, rules: AccountRules, facts: Facts) -> str | None:
    """Want a mainland mobile number of an allotted segment (clause 1.9).

    The walk has normalised the recipient and named its carrier where that was possible.
    """
    if message.carrier:
        return None
    recipient = message.recipient
    if not recipient:
        return "destination_addr is empty; give a mobile number of 11 digits"
    number = normalise_recipient(recipient, message.dest_ton, message.dest_npi)
    if number is None:
        return (
            f"recipient {recipient!r} is no mainland mobile number: {MSISDN_DIGITS} digits that "
            f"begin with 1, with or without +86, 0086 or 86"
        )
    return f"recipient {number}: segment {number[:3]} isn't allotted to any carrier"
