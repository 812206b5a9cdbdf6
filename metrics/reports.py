"""Lay the registers out as reports: one table of reports, each with its columns and its rows.

A row belongs to an account ("" where it concerns all of them) and to a moment, by which a report
can be narrowed. Times are written in Asia/Shanghai; numbers of people stand in the field `number`
alone, and what people wrote in `why` and `text`, so that whoever shows a report knows what to mask.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from math import isfinite
from typing import Final, Literal, NamedTuple, TypeAlias

from config.section import SHANGHAI
from routing.office_events import HoldPlaced
from routing.registries import Registries

from .breaches.rows import CLAUSE, ROWS
from .complaints import CAUSES
from .due import due
from .incidents import REPORT_S
from .notices import SUBJECTS
from .office import Office
from .sheets import Cell, Sheet

Language = Literal["zh", "en"]


class Source(NamedTuple):
    """Hold what reports are made of, at a moment (UTC seconds since the epoch)."""

    office: Office
    registries: Registries
    at: float


class Line(NamedTuple):
    """Be one row of a report."""

    at: float
    account: str
    cells: dict[str, Cell]
    """By the key of the column."""


class Column(NamedTuple):
    key: str
    en: str
    zh: str


@dataclass(slots=True, frozen=True)
class Report:
    """Say what one report is of, and how its rows are made."""

    clause: str
    en: str
    zh: str
    columns: tuple[Column, ...]
    lines: Callable[[Source], Iterator[Line]]

    def sheet(self, language: Language, rows: list[dict[str, Cell]]) -> Sheet:
        """Lay rows out in one language."""
        chinese = language == "zh"
        columns = tuple(one.zh if chinese else one.en for one in self.columns)
        title = self.zh if chinese else self.en
        cells = [tuple(row[one.key] for one in self.columns) for row in rows]
        note = f"条款 {self.clause}" if chinese else f"Clause {self.clause}"
        return Sheet(
            title[:31], title, columns, cells, ((note, ""),), font="SimSun" if chinese else "Arial"
        )


Rows: TypeAlias = list[dict[str, Cell]]


def rows_of(
    report: Report, source: Source, account: str = "", first: float = 0.0, last: float = 0.0
) -> Rows:
    """Give the rows of a report; of one account, and from `first` up to before `last` (0: all)."""
    return [
        line.cells
        for line in report.lines(source)
        if account in ("", line.account or account)
        and line.at >= first
        and (not last or line.at < last)
    ]


def minute(at: float) -> str:
    """Write a moment in Asia/Shanghai to the second, nothing for one that there isn't."""
    if not at or not isfinite(at):
        return ""
    return datetime.fromtimestamp(at, SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")


# -- rows -----------------------------------------------------------------------------------------


def _breaches(source: Source) -> Iterator[Line]:
    for one in source.office.ledger.cases.values():
        row, evidence = ROWS[one.row], one.evidence
        yield Line(one.opened_at, one.account, {
            "case": one.number, "account": one.account, "row": one.row, "grade": one.grade,
            "clause": CLAUSE[one.grade], "wording": row.en, "wording_zh": row.zh,
            "state": one.state, "opened_at": minute(one.opened_at),
            "first_at": minute(one.first_at), "breaches": evidence.breaches,
            "warnings": evidence.warnings, "ports": ", ".join(one.ports),
            "confirmed_at": minute(one.confirmed_at), "sent_at": minute(one.sent_at),
            "delivered_at": minute(one.delivered_at), "blocked_at": minute(one.blocked_at),
            "rectify_by": minute(one.rectify_by), "release_at": minute(one.release_at),
            "frozen_until": minute(one.frozen_until), "penalty_fen": one.penalty_fen,
            "reported": one.reported,
            "trigger": ", ".join((one.trigger, *one.evidence.references)).strip(", "),
        })  # fmt: skip


def _calendar(source: Source) -> Iterator[Line]:
    cases = source.office.ledger.cases
    for one in source.office.ledger.calendar():
        case = cases[one.case]
        yield Line(one.at, one.account, {
            "due_at": minute(one.at), "overdue": one.at < source.at, "case": one.case,
            "account": one.account, "clause": one.clause, "row": case.row, "grade": case.grade,
            "state": case.state, "what": one.en, "what_zh": one.zh,
        })  # fmt: skip


def _due(source: Source) -> Iterator[Line]:
    for one in due(source.office, source.at):
        yield Line(one.due_at, one.account, {
            "due_at": minute(one.due_at), "overdue": one.overdue, "entry": one.entry,
            "account": one.account, "clause": one.clause, "what": one.detail,
            "what_zh": one.detail_zh,
        })  # fmt: skip


def _complaints(source: Source) -> Iterator[Line]:
    register = source.office.complaints
    for one in register.complaints.values():
        yield Line(one.received_at, one.account, {
            "complaint": one.number, "account": one.account, "channel": one.channel,
            "cause": one.cause, "clause": CAUSES[one.cause], "attribution": one.attribution,
            "state": one.state, "verified": one.verified, "owner": one.owner,
            "number": one.recipient, "message_id": str(one.message_id or ""),
            "reference": one.reference, "ports": ", ".join(one.ports),
            "received_at": minute(one.received_at), "first_reply_at": minute(one.first_reply_at),
            "late": bool(one.late(source.at)), "ping_pong": one.ping_pong,
            "verified_at": minute(one.verified_at), "closed_at": minute(one.closed_at),
            "counters": ", ".join(register.counters_of(one)),
            "why": one.history[0].why,
        })  # fmt: skip


def _notices(source: Source) -> Iterator[Line]:
    for one in source.office.notices.notices.values():
        yield Line(one.sent_at, one.account, {
            "notice": one.number, "account": one.account, "subject": one.subject,
            "clause": SUBJECTS[one.subject].clause, "form": one.form, "party": one.sender,
            "sent_at": minute(one.sent_at), "delivered_at": minute(one.delivered_at),
            "standing": one.standing, "effective_at": minute(one.effective_at or 0.0),
            "reference": one.reference, "proof": one.proof, "text": one.text,
        })  # fmt: skip


def _incidents(source: Source) -> Iterator[Line]:
    late = {(duty.incident, duty.what) for duty in source.office.incidents.duties(source.at)
            if duty.late}  # fmt: skip
    notices = source.office.notices.notices
    for one in source.office.incidents.incidents.values():
        took_s = one.resolved_at - one.discovered_at if one.resolved_at else 0.0
        written = notices.get(one.notice)
        yield Line(one.discovered_at, one.account, {
            "incident": one.number, "account": one.account, "side": one.side, "kind": one.kind,
            "major": one.major, "state": one.state, "discovered_at": minute(one.discovered_at),
            "report_by": minute(one.discovered_at + REPORT_S) if one.has_duties else "",
            "reported_at": minute(one.reported_at), "notice": one.notice or None,
            "written_at": minute(written.sent_at) if written else "",
            "late": ", ".join(w for w in ("authority", "written_notice")
                              if (one.number, w) in late),
            "resolved_at": minute(one.resolved_at),
            "minutes": int(took_s // 60) if one.resolved_at else None,
            "closed_at": minute(one.closed_at), "legal_hold": one.legal_hold,
            "emergency_stop": one.emergency_stop, "why": one.history[0].why,
        })  # fmt: skip


def _windows(source: Source) -> Iterator[Line]:
    register = source.office.windows
    for one in register.windows.values():
        yield Line(one.starts_at, "", {
            "window": one.number, "kind": one.kind, "cause": one.cause, "state": one.state,
            "starts_at": minute(one.starts_at), "ends_at": minute(one.ends_at),
            "relieves": register.relieves(one), "prefixes": ", ".join(one.prefixes),
            "areas": ", ".join(one.areas), "notice": one.notice or None,
            "reference": one.reference, "why": one.history[0].why,
        })  # fmt: skip


def _documents(source: Source) -> Iterator[Line]:
    for one in source.office.documents.documents.values():
        yield Line(one.valid_from, one.account, {
            "document": one.number, "account": one.account, "kind": one.kind,
            "reference": one.reference, "valid_from": minute(one.valid_from),
            "expires_at": minute(one.expires_at), "ended_at": minute(one.ended_at),
            "result": one.result, "holds": one.holds(source.at), "sha256": one.sha256,
        })  # fmt: skip


def _retention(source: Source) -> Iterator[Line]:
    register = source.office.retention
    for gone in register.removals:
        yield Line(gone.at, "", {
            "kind": "removal", "entry": None, "at": minute(gone.at), "who": gone.who,
            "months": ", ".join(gone.months), "since": minute(gone.before), "until": "",
            "reference": "", "why": "",
        })  # fmt: skip
    for one in register.orders.values():
        placed = one.history[0]
        assert isinstance(placed, HoldPlaced)
        yield Line(placed.at, "", {
            "kind": "hold", "entry": f"hold {one.number}", "at": minute(placed.at),
            "who": placed.who, "months": "", "since": minute(one.since),
            "until": minute(one.released_at), "reference": placed.reference, "why": placed.why,
        })  # fmt: skip


def _scope(source: Source) -> Iterator[Line]:
    history = source.registries.scopes
    for one in history.changes():
        # The draft itself, then each step that was taken with it.
        first = (one.drafted_at, "draft", one.who, one.why)
        steps = ((step.at, step.action, step.who, step.why) for step in one.history)
        for at, action, who, why in (first, *steps):
            yield Line(at, "", {
                "change": one.number, "at": minute(at), "step": action, "who": who, "why": why,
                "version": one.version or None, "rows": one.rows, "source": one.source,
                "effective_from": minute(one.effective_from),
                "revoked_at": minute(one.revoked_at),
                "state": history.state_at(one.number, source.at),
            })  # fmt: skip


def _templates(source: Source) -> Iterator[Line]:
    registry = source.registries.templates
    for name in registry.names():
        for one in registry.versions(name):
            began = one.drafted_at or one.effective_from
            yield Line(began if isfinite(began) else 0.0, "", {
                "template": name, "version": one.version, "category": one.category,
                "service": one.service, "state": registry.state(name, one.version, source.at),
                "drafted_at": minute(one.drafted_at), "drafted_by": one.drafted_by,
                "submitted_at": minute(one.submitted_at), "decided_at": minute(one.decided_at),
                "decided_by": one.decided_by, "approval": one.approval,
                "effective_from": minute(one.effective_from), "until": minute(one.until),
                "revoked_from": minute(one.revoked_from), "why": one.reason,
                "wording": one.text,
            })  # fmt: skip


# -- the table ------------------------------------------------------------------------------------

_WORDS: Final[dict[str, tuple[str, str]]] = {
    "account": ("Account", "账号"), "action": ("Step", "步骤"), "approval": ("Approval", "批复"),
    "areas": ("Areas", "地区"), "at": ("At", "时间"), "attribution": ("Answers for it", "责任方"),
    "blocked_at": ("Blocked at", "屏蔽时间"), "breaches": ("Breaches", "违约次数"),
    "case": ("Case", "案件"), "category": ("Category", "类别"), "cause": ("Cause", "原因"),
    "change": ("Change", "变更"), "channel": ("Channel", "渠道"), "clause": ("Clause", "条款"),
    "closed_at": ("Closed at", "关闭时间"), "complaint": ("Complaint", "投诉编号"),
    "confirmed_at": ("Confirmed at", "确认时间"), "counters": ("Counts for", "计入"),
    "decided_at": ("Decided at", "审批时间"), "decided_by": ("Decided by", "审批人"),
    "delivered_at": ("Delivered at", "送达时间"), "discovered_at": ("Discovered at", "发现时间"),
    "document": ("Document", "证件编号"), "drafted_at": ("Drafted at", "起草时间"),
    "drafted_by": ("Drafted by", "起草人"), "due_at": ("Due at", "期限"),
    "effective_at": ("Effective at", "生效时间"), "effective_from": ("Effective from", "生效时间"),
    "emergency_stop": ("Stopped", "紧急停止"), "ended_at": ("Ended at", "失效时间"),
    "ends_at": ("Ends at", "结束时间"), "entry": ("Entry", "登记项"),
    "expires_at": ("Expires at", "到期时间"), "first_at": ("First at", "首次时间"),
    "first_reply_at": ("First reply at", "首次响应时间"), "form": ("Form", "形式"),
    "frozen_until": ("Frozen until", "停止受理至"), "grade": ("Grade", "等级"),
    "holds": ("Holds", "有效"), "incident": ("Incident", "事件编号"), "kind": ("Kind", "种类"),
    "late": ("Late", "逾期"), "legal_hold": ("Legal hold", "证据保全"), "major": ("Major", "重大"),
    "message_id": ("Message", "短信编号"), "minutes": ("Minutes taken", "处理分钟"),
    "months": ("Months removed", "已删除月份"), "since": ("Kept since", "保存自"),
    "notice": ("Notice", "通知编号"), "number": ("Number", "用户号码"),
    "opened_at": ("Opened at", "立案时间"), "overdue": ("Overdue", "逾期"),
    "owner": ("Has to act", "处理方"), "penalty_fen": ("Penalty (fen)", "违约金（分）"),
    "ping_pong": ("Handed back", "退回次数"), "ports": ("Access numbers", "接入号码"),
    "prefixes": ("Prefixes", "号段"), "proof": ("Proof", "凭证"),
    "received_at": ("Received at", "受理时间"), "rectify_by": ("Rectify by", "整改期限"),
    "reference": ("Reference", "文号"), "release_at": ("Released at", "解除时间"),
    "relieves": ("Relieves", "已生效"), "report_by": ("Report by", "报告期限"),
    "reported": ("Reported", "已报告"), "reported_at": ("Reported at", "报告时间"),
    "resolved_at": ("Resolved at", "解决时间"), "result": ("Result", "结果"),
    "revoked_at": ("Revoked at", "撤销时间"), "revoked_from": ("Revoked from", "撤销时间"),
    "party": ("Sender", "发出方"), "row": ("Row of 7.3", "违约项"), "rows": ("Entries", "条数"),
    "sent_at": ("Sent at", "发出时间"), "service": ("Service", "业务"),
    "sha256": ("SHA-256", "摘要"),
    "side": ("Side", "责任方"), "source": ("Source", "来源"), "standing": ("Standing", "效力"),
    "starts_at": ("Starts at", "开始时间"), "state": ("State", "状态"), "step": ("Step", "步骤"),
    "subject": ("Subject", "事由"), "submitted_at": ("Submitted at", "提交时间"),
    "template": ("Template", "模板"), "text": ("Text", "内容"), "trigger": ("Trigger", "线索"),
    "until": ("Until", "有效至"), "valid_from": ("Valid from", "有效期自"),
    "verified": ("Verified", "属实"), "verified_at": ("Verified at", "核实时间"),
    "version": ("Version", "版本"), "warnings": ("Warnings", "告警次数"),
    "what": ("What", "事项（英）"), "what_zh": ("What (Chinese)", "事项"),
    "who": ("Who", "操作人"), "why": ("Why", "说明"), "window": ("Window", "时段编号"),
    "wording": ("Wording", "内容"), "wording_zh": ("Wording (Chinese)", "内容（中）"),
    "written_at": ("Written notice at", "书面报告时间"),
}  # fmt: skip
"""Key of a column → its heading in English and Chinese."""


def _columns(keys: str) -> tuple[Column, ...]:
    return tuple(Column(key, *_WORDS[key]) for key in keys.split())


REPORTS: Final[dict[str, Report]] = {
    "breaches": Report(
        "7.3", "Breach ledger", "违约台账", _columns(
            "case account row grade clause wording wording_zh state opened_at first_at breaches "
            "warnings ports confirmed_at sent_at delivered_at blocked_at rectify_by release_at "
            "frozen_until penalty_fen reported trigger"), _breaches),
    "calendar": Report(
        "7.3", "Rectification calendar", "整改日历", _columns(
            "due_at overdue case account clause row grade state what what_zh"), _calendar),
    "due": Report(
        "4.3, 7.3, 11.9", "What is due", "待办事项", _columns(
            "due_at overdue entry account clause what what_zh"), _due),
    "complaints": Report(
        "4.3.1", "Complaint register", "投诉登记", _columns(
            "complaint account channel cause clause attribution state verified owner number "
            "message_id reference ports received_at first_reply_at late ping_pong verified_at "
            "closed_at counters why"), _complaints),
    "notices": Report(
        "11.9", "Notice register", "通知登记", _columns(
            "notice account subject clause form party sent_at delivered_at standing effective_at "
            "reference proof text"), _notices),
    "incidents": Report(
        "annex 1.12", "Incident report", "事件报告", _columns(
            "incident account side kind major state discovered_at report_by reported_at notice "
            "written_at late resolved_at minutes closed_at legal_hold emergency_stop why"),
        _incidents),
    "windows": Report(
        "9.1", "Times of force majeure and maintenance", "不可抗力及维护时段", _columns(
            "window kind cause state starts_at ends_at relieves prefixes areas notice reference "
            "why"), _windows),
    "documents": Report(
        "2.2", "Papers of party A", "甲方证件", _columns(
            "document account kind reference valid_from expires_at ended_at result holds sha256"),
        _documents),
    "retention": Report(
        "3.1.11", "Retention audit", "记录保存审计", _columns(
            "kind entry at who months since until reference why"), _retention),
    "scope": Report(
        "3.1.5", "History of the user scope", "用户范围变更记录", _columns(
            "change at step who why version rows source effective_from revoked_at state"), _scope),
    "templates": Report(
        "3.1.6", "History of templates", "模板变更记录", _columns(
            "template version category service state drafted_at drafted_by submitted_at decided_at "
            "decided_by approval effective_from until revoked_from why wording"), _templates),
}  # fmt: skip
"""Name → the report."""
