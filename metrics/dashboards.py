"""Draw up Grafana's dashboards from one table, with the names that /metrics has.

Six dashboards: what an operator looks at first, the quality index, one account, delivery, what is
billed, and the process itself. Each panel has its words in English and Chinese.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple

Kind = Literal["timeseries", "stat"]
Json = dict[str, Any]

SCHEMA: Final = 39
"""Schema of Grafana 11; later ones read it."""
WIDTH: Final = 24
"""Columns of a dashboard."""
_HEIGHTS: Final[Mapping[Kind, int]] = {"timeseries": 8, "stat": 4}
_DATASOURCE: Final = {"type": "prometheus", "uid": "${datasource}"}
_OF: Final = '{account=~"$account"}'


class Query(NamedTuple):
    """Be one line of a panel; `legend` may name labels as {{label}}."""

    expr: str
    legend: str = ""


@dataclass(frozen=True, slots=True)
class Panel:
    """Be one panel; `unit` is Grafana's name of it, `width` columns of 24."""

    title: str
    title_zh: str
    kind: Kind
    unit: str
    queries: tuple[Query, ...]
    width: int = 12


@dataclass(frozen=True, slots=True)
class Dashboard:
    """Be one dashboard; `name` is that of its file and part of its uid."""

    name: str
    title: str
    title_zh: str
    panels: tuple[Panel, ...]


def _lines(
    title: str, title_zh: str, unit: str, *queries: tuple[str, str], width: int = 12
) -> Panel:
    return Panel(
        title, title_zh, "timeseries", unit, tuple(Query(*query) for query in queries), width
    )


def _number(title: str, title_zh: str, unit: str, expr: str, legend: str = "") -> Panel:
    return Panel(title, title_zh, "stat", unit, (Query(expr, legend),), 6)


def _rate(metric: str, by: str, labels: str = "") -> str:
    return f"sum by ({by}) (rate({metric}{labels}[$__rate_interval]))"


def _quantile(share: str, metric: str, by: str = "") -> str:
    names = f"le, {by}" if by else "le"
    return (
        f"histogram_quantile({share}, sum by ({names}) (rate({metric}_bucket[$__rate_interval])))"
    )


_MET: Final = _number("Windows that meet the index", "达标窗口", "none", "sum(smsgw_sla_met)")
_RATIO: Final = _lines(
    "Success rate of clause 3.2.4, exact", "成功率（3.2.4）", "percentunit",
    ("smsgw_sla_success_ratio", "{{window}}"), ("smsgw_sla_objective_ratio", "objective 目标"),
)  # fmt: skip
_SUBMITS: Final = _lines(
    "Verdicts", "判定", "cps",
    (_rate("smsgw_submits_total", "result", _OF), "{{result}}"),
)  # fmt: skip
_REASONS: Final = _lines(
    "Rejected, by reason", "拒绝原因", "cps",
    (_rate("smsgw_submits_total", "reason", '{account=~"$account",result="rejected"}')
     + " or vector(0)", "{{reason}}"),
)  # fmt: skip
_SESSIONS: Final = _lines(
    "Sessions", "会话", "none",
    (f"sum by (account, bind_type) (smsgw_smpp_sessions{_OF})", "{{account}} {{bind_type}}"),
)  # fmt: skip
_RECEIPTS_WAITING: Final = _lines(
    "Receipts waiting", "待取状态报告", "none",
    (f"sum by (account) (smsgw_receipts_pending{_OF})", "{{account}}"),
)  # fmt: skip

DASHBOARDS: Final[tuple[Dashboard, ...]] = (
    Dashboard("overview", "smsgw · Overview", "总览", (
        _number("Accepted", "接受", "cps",
                'sum(rate(smsgw_submits_total{result="accepted"}[$__rate_interval]))'),
        _number("In flight", "在途", "none", "sum(smsgw_messages_in_flight)"),
        _MET,
        _number("Cases of breach open", "未结违约", "none",
                'sum(smsgw_breaches{state=~"suspected|confirmed|failed"})'),
        _SUBMITS, _RATIO, _SESSIONS, _RECEIPTS_WAITING,
    )),
    Dashboard("sla", "smsgw · Quality index", "质量指标", (
        _MET,
        _number("Complaints, 12 months", "十二个月投诉", "none",
                'sum(smsgw_complaints{window="trailing12",kind="sla"})'),
        _number("Complaints this month", "本月投诉", "none",
                'sum(smsgw_complaints{window="month",kind="all"})'),
        _number("Figures reckoned", "指标更新时间", "dateTimeAsIso",
                "max(smsgw_sla_figures_timestamp_seconds) * 1000"),
        _RATIO,
        _lines("Segments by class, this month", "本月分段分类", "none",
               ('sum by (liability) (smsgw_sla_messages{window="month"})', "{{liability}}")),
        _lines("The carrier's failures, share", "运营商侧失败占比", "percentunit",
               *((f"smsgw:failures:ratio_rate{window} or vector(0)", window)
                 for window in ("5m", "1h", "6h", "3d"))),
        _lines("Access numbers blocked, faults injected", "被屏蔽接入号及注入故障", "none",
               ("sum(smsgw_ports_blocked)", "blocked 屏蔽"),
               ("sum(smsgw_faults_active)", "faults 故障")),
    )),
    Dashboard("account", "smsgw · Account", "账号", (
        _SUBMITS, _REASONS, _SESSIONS,
        _lines("Window in use", "窗口占用", "none",
               (f"sum by (account, direction) (smsgw_smpp_window{_OF})",
                "{{account}} {{direction}}")),
        _lines("Binds", "绑定", "cps",
               (_rate("smsgw_smpp_binds_total", "account, status", _OF),
                "{{account}} {{status}}")),
        _lines("Receipts", "状态报告", "cps",
               (_rate("smsgw_receipts_total", "result", _OF), "{{result}}")),
        _lines("Uplink", "上行", "cps", (_rate("smsgw_mo_total", "result", _OF), "{{result}}")),
        _RECEIPTS_WAITING,
    )),
    Dashboard("delivery", "smsgw · Delivery", "投递", (
        _lines("Final states", "最终状态", "cps",
               (_rate("smsgw_messages_final_total", "state", _OF), "{{state}}")),
        _lines("Final states by carrier", "各运营商最终状态", "cps",
               (_rate("smsgw_messages_final_total", "carrier", _OF), "{{carrier}}")),
        _lines("Who answers for failures", "失败责任方", "cps",
               (_rate("smsgw_messages_final_total", "liability", _OF), "{{liability}}")),
        _lines("Submission to final state", "提交至最终状态用时", "s",
               (_quantile("0.5", "smsgw_message_delivery_duration_seconds"), "p50"),
               (_quantile("0.99", "smsgw_message_delivery_duration_seconds"), "p99")),
        _lines("In flight", "在途", "none",
               (f"sum by (account) (smsgw_messages_in_flight{_OF})", "{{account}}")),
        _RECEIPTS_WAITING,
    )),
    Dashboard("billing", "smsgw · Billing", "计费", (
        _number("Billed, MT segments", "下行计费条数", "none",
                'sum(smsgw_segments_billed_total{direction="mt"})'),
        _number("Billed, MO segments", "上行计费条数", "none",
                'sum(smsgw_segments_billed_total{direction="mo"})'),
        _number("Reconciliation difference", "对账差异", "none",
                "max(smsgw_reconciliation_difference)"),
        _number("End of the term", "合同期限", "dateTimeAsIso",
                "max(smsgw_term_ends_timestamp_seconds) * 1000"),
        _lines("Segments billed since the contract began", "合同以来计费条数", "none",
               (f"sum by (account, direction) (smsgw_segments_billed_total{_OF})",
                "{{account}} {{direction}}")),
        _lines("Billed per hour", "每小时计费条数", "none",
               (f"sum by (account) (increase(smsgw_segments_billed_total{_OF}[1h]))",
                "{{account}}")),
    )),
    Dashboard("runtime", "smsgw · Runtime", "运行", (
        _lines("Event loop lag", "事件循环延迟", "s",
               (_quantile("0.5", "smsgw_event_loop_lag_seconds"), "p50"),
               (_quantile("0.99", "smsgw_event_loop_lag_seconds"), "p99")),
        _lines("Durable commit", "持久提交用时", "s",
               (_quantile("0.5", "smsgw_journal_commit_duration_seconds"), "p50"),
               (_quantile("0.99", "smsgw_journal_commit_duration_seconds"), "p99")),
        _lines("Verdict to response", "判定至应答用时", "s",
               (_quantile("0.99", "smsgw_smpp_request_duration_seconds", "command"),
                "p99 {{command}}")),
        _lines("Events in a commit", "每次提交事件数", "none",
               (_quantile("0.5", "smsgw_journal_batch_events"), "p50")),
        _lines("PDUs", "PDU", "cps",
               (_rate("smsgw_smpp_pdus_total", "direction, command"),
                "{{direction}} {{command}}")),
        _lines("Archive behind", "归档滞后", "none",
               ("sum(smsgw_archive_lag_events)", "events 事件")),
        _lines("Sessions closed", "会话关闭", "cps",
               (_rate("smsgw_smpp_sessions_closed_total", "reason") + " or vector(0)",
                "{{reason}}")),
        _lines("Connections refused", "连接拒绝", "cps",
               (_rate("smsgw_smpp_connections_refused_total", "reason") + " or vector(0)",
                "{{reason}}")),
    )),
)  # fmt: skip
"""Every dashboard, in the order in which they are looked at."""


def as_grafana(dashboard: Dashboard) -> Json:
    """Give a dashboard as Grafana imports it."""
    return {
        "uid": f"smsgw-{dashboard.name}",
        "title": f"{dashboard.title} {dashboard.title_zh}",
        "tags": ["smsgw"],
        "schemaVersion": SCHEMA,
        "editable": True,
        "timezone": "browser",
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "templating": {"list": list(_variables(dashboard))},
        "annotations": {"list": []},
        "links": [{"type": "dashboards", "tags": ["smsgw"], "title": "smsgw", "asDropdown": True}],
        "panels": list(_placed(dashboard.panels)),
    }


def _variables(dashboard: Dashboard) -> Iterator[Json]:
    yield {"name": "datasource", "type": "datasource", "query": "prometheus", "label": "Prometheus"}
    asked = (query.expr for panel in dashboard.panels for query in panel.queries)
    if any("$account" in expr for expr in asked):
        yield {
            "name": "account", "type": "query", "label": "Account 账号", "datasource": _DATASOURCE,
            "query": "label_values(smsgw_messages_in_flight, account)", "refresh": 2,
            "includeAll": True, "allValue": ".*", "multi": True,
            "current": {"text": "All", "value": "$__all"},
        }  # fmt: skip


def _placed(panels: Sequence[Panel]) -> Iterator[Json]:
    """Lay panels out from left to right, in rows as high as their first one."""
    x = y = height = 0
    for number, panel in enumerate(panels, 1):
        if x + panel.width > WIDTH:
            x, y = 0, y + height
        height = _HEIGHTS[panel.kind]
        yield {
            "id": number,
            "type": panel.kind,
            "title": panel.title,
            "description": panel.title_zh,
            "datasource": _DATASOURCE,
            "gridPos": {"x": x, "y": y, "w": panel.width, "h": height},
            "fieldConfig": {"defaults": {"unit": panel.unit}, "overrides": []},
            "options": {},
            "targets": [
                {"refId": chr(ord("A") + place), "expr": query.expr, "legendFormat": query.legend,
                 "datasource": _DATASOURCE}
                for place, query in enumerate(panel.queries)
            ],
        }  # fmt: skip
        x += panel.width
