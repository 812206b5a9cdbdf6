"""Check the flow: throughput, window, room in the queues, and faults somebody asked for."""

from __future__ import annotations

from ..facts import Facts
from ..finding import Finding
from ..message import Message
from ..rules import AccountRules


def fault(message: Message, rules: AccountRules, facts: Facts) -> Finding | None:
    """Refuse where an injected fault or a magic recipient asks for it."""
    if facts.fault_status == 0:
        return None
    return Finding(
        en=f"fault {message.fault!r} asks for command_status 0x{facts.fault_status:08X}",
        zh=f"注入的故障“{message.fault}”要求返回状态0x{facts.fault_status:08X}",
        seen=message.fault,
        allowed="a recipient without a fault",
    )


def throughput(message: Message, rules: AccountRules, facts: Facts) -> Finding | None:
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
    wait_s = bucket.wait(facts.now, tokens)
    return Finding(
        en=f"faster than {bucket.rate:g} {unit} a second with a burst of {bucket.burst:g}; "
        f"free again in {wait_s:.3f} s",
        zh=f"超出约定速率每秒{bucket.rate:g}条，{wait_s:.3f}秒后可再发送",
        seen=f"{tokens} {unit} too early",
        allowed=f"in {wait_s:.3f} s",
    )


def window(message: Message, rules: AccountRules, facts: Facts) -> Finding | None:
    """Want no more unanswered requests than the account's window."""
    if facts.outstanding <= rules.window:
        return None
    return Finding(
        en=f"{facts.outstanding} requests are without a response, the window is {rules.window}",
        zh=f"{facts.outstanding}个请求尚未应答，窗口为{rules.window}",
        seen=str(facts.outstanding),
        allowed=str(rules.window),
    )


def queue_full(message: Message, rules: AccountRules, facts: Facts) -> Finding | None:
    """Want room for one more message; a part of a message that was admitted has its room."""
    if facts.continues:
        return None
    if facts.full:
        return Finding(facts.full, "网关队列已满，请稍后重发", facts.full, "less waiting")
    if facts.queued < rules.max_queued:
        return None
    return Finding(
        en=f"{facts.queued} messages of this account are not final, at most {rules.max_queued}",
        zh=f"该账号有{facts.queued}条短信尚无最终状态，最多{rules.max_queued}条",
        seen=str(facts.queued),
        allowed=str(rules.max_queued - 1),
    )
