"""List what has to be done by when, over all registers: one row for each clock that runs."""

from __future__ import annotations

from typing import Final, NamedTuple

from .breaches.periods import days_after
from .breaches.rows import ROWS
from .office import Office


class Task(NamedTuple):
    """Be one row; `due_at` is UTC seconds since the epoch, 0 where no time is set."""

    due_at: float
    account: str
    entry: str
    """What it is about, such as `case 3`; numbers of people do not occur in it."""
    clause: str
    overdue: bool
    detail: str
    detail_zh: str


URGED_DAYS: Final = 30
"""Clause 7.9: days after an urging notice."""
_SIDES_ZH: Final = {"party_a": "甲方", "party_b": "乙方"}
_REPORTS: Final = {
    "authority": ("Report the accident to the authority", "向主管部门报告事故"),
    "written_notice": ("Send the written report of the accident", "提交事故书面报告"),
}

_STEPS: Final = {
    "ordered": ("Party B rectifies what the yearly assessment found", "乙方按年度考核结果整改"),
    "completed": ("Party A accepts or rejects the rectification", "甲方验收整改结果"),
}


def due(office: Office, at: float) -> tuple[Task, ...]:
    """Give every task that is open at `at`, the most urgent first."""
    found = [*_cases(office, at), *_complaints(office, at), *_incidents(office, at)]
    found += [*_documents(office, at), *_windows(office), *_unsubscriptions(office, at)]
    found += [*_rectifications(office, at), *_urged(office, at)]
    return tuple(sorted(found))


def _cases(office: Office, at: float) -> list[Task]:
    return [
        Task(
            one.at, one.account, f"case {one.case}", one.clause, one.at < at,
            f"{one.en}: {ROWS[office.ledger.cases[one.case].row].en}",
            f"{one.zh}：{ROWS[office.ledger.cases[one.case].row].zh}",
        )
        for one in office.ledger.calendar()
    ]  # fmt: skip


def _complaints(office: Office, at: float) -> list[Task]:
    return [
        Task(
            clock.due_at, complaint.account, f"complaint {complaint.number}", clock.clause,
            clock.late(at), f"First reply by {clock.side}", f"{_SIDES_ZH[clock.side]}首次响应",
        )
        for clock, complaint in office.complaints.running(at)
    ]  # fmt: skip


def _incidents(office: Office, at: float) -> list[Task]:
    incidents = office.incidents.incidents
    return [
        Task(
            duty.due_at, incidents[duty.incident].account, f"incident {duty.incident}",
            "annex 1.12", duty.late, *_REPORTS[duty.what],
        )
        for duty in office.incidents.duties(at)
        if not duty.done_at
    ]  # fmt: skip


def _documents(office: Office, at: float) -> list[Task]:
    return [
        Task(
            one.expires_at, one.account, f"document {one.document}", one.clause, one.expired,
            f"Replace the paper before it expires: {one.kind}", f"证件到期前更换：{one.kind}",
        )
        for one in office.documents.watch(at)
    ]  # fmt: skip


def _windows(office: Office) -> list[Task]:
    return [
        Task(
            0.0, "", f"window {one.number}", "9.1" if one.kind == "force_majeure" else "3.2.1",
            False, "Record what the window needs to count: the notice, or the agreement",
            "登记时段生效所需的通知或同意",
        )
        for one in office.windows.lacking()
    ]  # fmt: skip


def _unsubscriptions(office: Office, at: float) -> list[Task]:
    return [
        Task(
            one.due_at, one.account, "unsubscription", "4.3", one.overdue,
            "Unsubscribe a user in party A's system", "在甲方系统退订用户",
        )
        for one in office.unsubscriptions.open(at)
    ]  # fmt: skip


def _rectifications(office: Office, at: float) -> list[Task]:
    return [
        Task(
            one.deadline, "", f"assessment {one.year}", "3.1.15", one.overdue(at),
            *_STEPS[one.state],
        )
        for one in office.assessments.open()
    ]  # fmt: skip


def _urged(office: Office, at: float) -> list[Task]:
    """Give the thirty days in which the side that was urged does its duty (clause 7.9).

    Nothing records that it was done, so a row goes when it has been overdue for as long.
    """
    found: list[Task] = []
    for one in office.notices.notices.values():
        since = one.effective_at
        if one.subject != "urging" or since is None:
            continue
        due_at = days_after(since, URGED_DAYS)
        if at <= days_after(due_at, URGED_DAYS):
            found.append(
                Task(
                    due_at, one.account, f"notice {one.number}", "7.9", due_at <= at,
                    "What was urged is done by then, or the contract may be rescinded",
                    "催告事项应于此前履行，逾期对方可解除合同",
                )
            )  # fmt: skip
    return found
