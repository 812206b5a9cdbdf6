"""Check the flow: throughput, window, room in the queues, and faults somebody asked for."""

from __future__ import annotations

from ..facts import Facts
from ..message import Message
from ..rules import AccountRules


def fault(message: Message, rules: AccountRules, facts: Facts) -> str | None:
    """Refuse where an injected fault or a magic recipient asks for it."""
    if facts.fault_status == 0:
        return None
    return f"fault {message.fault!r} asks for command_status 0x{facts.fault_status:08X}"


def throughput(message: Message, rules: AccountRules, facts: Facts) -> str | None:
    """Want a submission within the account's rate and burst.

    The first part that arrives pays for all parts of its message, the others are admitted for
    nothing: a message once begun can be finished. Every submission that finds its tokens takes
    them, also one that another check refuses: a refused one is work as well. Where reading is to
    be slowed down instead, every submission passes and leaves a debt, which the server waits for.
    """
    bucket = facts.bucket
    if bucket is None or facts.continues:
        return None
    tokens = 1
    if rules.throughput_by_segment:
        tokens = facts.part_total or message.segment_count
    if rules.throughput_delays:
        bucket.draw(facts.now, tokens)
        return None
    if bucket.take(facts.now, tokens):
        return None
    unit = "segments" if rules.throughput_by_segment else "messages"
    return (
        f"faster than {bucket.rate:g} {unit} a second with a burst of {bucket.burst:g}; "
        f"free again in {bucket.wait(facts.now, tokens):.3f} s"
    )


def window(message: Message, rules: AccountRules, facts: Facts) -> str | None:
    """Want no more unanswered requests than the account's window."""
    if facts.outstanding <= rules.window:
        return None
    return f"{facts.outstanding} requests are without a response, the window is {rules.window}"


def queue_full(message: Message, rules: AccountRules, facts: Facts) -> str | None:
    """Want room for one more message; a part of a message that was admitted has its room."""
    if facts.continues:
        return None
    if facts.full:
        return facts.full
    if facts.queued < rules.max_queued:
        return None
    return f"{facts.queued} messages of this account are not final, at most {rules.max_queued}"
