"""Say what is due when: one entry for the next step of each case that has not ended."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from .cases import Case, State


class Due(NamedTuple):
    """Be one entry; `at` is UTC seconds since the epoch, in the past where it is overdue."""

    at: float
    account: str
    case: int
    clause: str
    en: str
    zh: str


class _Next(NamedTuple):
    date: str
    """Field of the case that holds the date; a decision is due since the state was entered."""
    clause: str
    en: str
    zh: str


_NEXT: Final[dict[State, _Next]] = {
    "suspected": _Next(
        "moved_at", "7.5", "Decide whether the suspicion holds", "决定是否构成违约"),
    "suspended": _Next("explain_by", "7.5", "Explanation of party A", "甲方提交说明"),
    "explained": _Next("moved_at", "7.5", "Decide on the explanation", "审核甲方说明"),
    "confirmed": _Next(
        "confirmed_at", "11.9.1", "Send the notice by letter", "以书面信函发出违约通知"),
    "notice_sent": _Next("sent_at", "11.9.2", "Record the letter's arrival", "登记信函送达"),
    "rectification": _Next(
        "rectify_by", "7.3", "Evidence of rectification by party A", "甲方提交整改材料"),
    "evidence_submitted": _Next(
        "rectify_by", "7.3", "Confirm or refuse the rectification", "确认整改是否通过"),
    "confirmed_pass": _Next("release_at", "7.3", "End of the block", "解除端口屏蔽"),
    "failed": _Next("moved_at", "7.3", "Decide on termination", "决定是否终止合同"),
    "stopped": _Next("frozen_until", "7.3.3", "End of the freeze", "停止受理申报期满"),
}  # fmt: skip


def calendar(cases: Iterable[Case]) -> tuple[Due, ...]:
    """Give what is due, the earliest first; a freeze outlives the end of its case."""
    found = [due for case in cases for due in _of(case)]
    return tuple(sorted(found))


def _of(case: Case) -> list[Due]:
    step = _NEXT.get(case.state)
    if step is None and case.frozen_until:
        step = _NEXT["stopped"]
    if step is None:
        return []
    at: float = getattr(case, step.date)
    return [Due(at, case.account, case.number, step.clause, step.en, step.zh)]
