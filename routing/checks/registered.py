"""Check what the contract's registries know: standing, consent, refusals and lists."""

from __future__ import annotations

from typing import Final

from ..facts import Facts
from ..finding import Finding
from ..message import Message
from ..rules import AccountRules

PARTY_B: Final = "telecom"
"""The carrier that party B is, as the number plan names it."""


def suspended(message: Message, rules: AccountRules, facts: Facts) -> Finding | None:
    """Want an account and a service that aren't suspended (clauses 7.2, 7.5, 7.7, 9.2)."""
    port = rules.base_of(message.sender)
    return rules.registries.standing.suspended(rules.account, port, message.service, message.at)


def port_blocked(message: Message, rules: AccountRules, facts: Facts) -> Finding | None:
    """Want an access number that no rectification blocks (clauses 7.3.1 and 7.3.2)."""
    port = rules.base_of(message.sender)
    return rules.registries.standing.port_blocked(rules.account, port, message.at)


def offnet(message: Message, rules: AccountRules, facts: Facts) -> Finding | None:
    """Want a subscriber of party B, by the carrier after porting (clauses 1.8 and 1.9)."""
    if not message.carrier:
        return None  # `destination_invalid` says so
    portability = rules.registries.portability
    carrier = portability.carrier_of(message.recipient, message.carrier, message.at)
    if carrier == PARTY_B:
        return None
    ported = carrier != message.carrier
    return Finding(
        en=f"recipient {message.recipient} is a subscriber of {carrier}"
        + (" since it was ported" if ported else ""),
        zh=f"接收号码{message.recipient}{'已携号转网，' if ported else ''}不是本网用户",
        seen=f"{message.recipient}: {carrier}",
        allowed=f"subscribers of {PARTY_B}, or routing.offnet_policy interconnect",
    )


def no_consent(message: Message, rules: AccountRules, facts: Facts) -> Finding | None:
    """Want a consent on record, or a request of the user's own for a code (clause 3.1.7)."""
    registries = rules.registries
    category = rules.reader.read(message).category
    found = registries.consents.judge(message.recipient, category, message.at)
    if found is None or category != "verification":
        return found
    port = rules.base_of(message.sender)
    asked = registries.uplinks.code_requested(message.recipient, port, message.at)
    return None if asked else found


def opted_out(message: Message, rules: AccountRules, facts: Facts) -> Finding | None:
    """Want a user who hasn't refused and is on no list that stops messages (clauses 3.1.8, 4.3)."""
    registries = rules.registries
    value = int(message.recipient) if message.recipient.isdecimal() else 0
    if not (registries.optouts.knows(value) or registries.lists.knows(value)):
        return None  # the common case, without reading and without the number's history
    reading = rules.reader.read(message)
    port = rules.base_of(message.sender)
    found = registries.optouts.judge(message.recipient, port, reading.category, message.at)
    if found is not None:
        return found
    signature = reading.signature[1:-1]
    return registries.lists.judge(message.recipient, rules.account, signature, message.at)
