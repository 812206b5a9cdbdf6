"""Check the two addresses: a sender of the account's own, a recipient that is a mobile number."""

from __future__ import annotations

from typing import Final

from smpp.constants import Ton

from ..facts import Facts
from ..finding import Finding
from ..message import Message
from ..numbering import MSISDN_DIGITS, normalise_recipient
from ..rules import AccountRules

_ALPHANUMERIC: Final = int(Ton.ALPHANUMERIC)
_MOBILE: Final = f"{MSISDN_DIGITS} digits that begin with 1, with or without +86, 0086 or 86"


def sender_missing(message: Message, rules: AccountRules, facts: Facts) -> Finding | None:
    """Want a sender number (clause 3.1.9)."""
    sender = message.sender
    if sender in rules.ports or sender.strip():
        return None
    numbers = _numbers(rules)
    return Finding(
        en=f"source_addr is empty; this account's access numbers are {numbers}",
        zh=f"主叫号码为空；该账号的接入号码：{numbers}",
        allowed=numbers,
    )


def sender_denied(message: Message, rules: AccountRules, facts: Facts) -> Finding | None:
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


def _why_denied(sender: str, ton: int, rules: AccountRules) -> Finding:
    digits = sender.isascii() and sender.isdigit()
    if ton == _ALPHANUMERIC or not digits:
        what = "TON 5, alphanumeric" if ton == _ALPHANUMERIC else "not digits alone"
        numbers = _numbers(rules)
        return Finding(
            en=f"sender {sender!r} ({what}) is anonymous; use one of {numbers}",
            zh=f"主叫“{sender}”不是号码，属匿名发送；请使用{numbers}",
            seen=sender,
            allowed=numbers,
        )
    if len(sender) > rules.max_digits:
        return Finding(
            en=f"sender {sender}: {len(sender)} digits, at most {rules.max_digits}",
            zh=f"主叫号码{sender}共{len(sender)}位，最多{rules.max_digits}位",
            seen=f"{len(sender)} digits",
            allowed=f"{rules.max_digits} digits",
        )
    for length in rules.lengths:
        port = rules.ports.get(sender[:length])
        if port is not None:
            extension = sender[length:]
            return Finding(
                en=f"sender {sender}: extension {extension} of {port.number} isn't registered",
                zh=f"主叫号码{sender}：{port.number}的扩展码{extension}未登记",
                seen=extension,
                allowed=f"a registered extension of {port.number}",
            )
    if not rules.ports:
        return Finding(
            en=f"sender {sender}: this account has no access numbers",
            zh=f"主叫号码{sender}：该账号没有接入号码",
            seen=sender,
        )
    number = nearest(sender, rules)
    return Finding(
        en=f"sender {sender} is not one of this account's access numbers; nearest: {number}",
        zh=f"主叫号码{sender}不是该账号的接入号码；最接近的是{number}",
        seen=sender,
        allowed=number,
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


def destination_invalid(message: Message, rules: AccountRules, facts: Facts) -> Finding | None:
    """Want a mainland mobile number of an allotted segment (clause 1.9).

    The walk has normalised the recipient and named its carrier where that was possible.
    """
    if message.carrier:
        return None
    recipient = message.recipient
    if not recipient:
        return Finding(
            en="destination_addr is empty; give a mobile number of 11 digits",
            zh="被叫号码为空；请填写11位手机号码",
            allowed=_MOBILE,
        )
    number = normalise_recipient(recipient, message.dest_ton, message.dest_npi)
    if number is None:
        return Finding(
            en=f"recipient {recipient!r} is no mainland mobile number: {_MOBILE}",
            zh=f"被叫号码“{recipient}”不是大陆手机号码：应为以1开头的{MSISDN_DIGITS}位数字",
            seen=recipient,
            allowed=_MOBILE,
        )
    return Finding(
        en=f"recipient {number}: segment {number[:3]} isn't allotted to any carrier",
        zh=f"被叫号码{number}：号段{number[:3]}未分配给任何运营商",
        seen=number[:3],
        allowed="an allotted segment",
    )
