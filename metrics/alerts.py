"""Draw up Prometheus's recording and alert rules from the contract: one table, no template.

The objective, the complaints allowed and the month's stop are the contract's, so that the rules of
a changed contract are others. The exact figure of a window is the gauge; rates over the counters
are for alarms that have to ring early (multi-window burn rates).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, Literal

from config.contract import Contract

Severity = Literal["page", "ticket", "info"]
Rule = dict[str, Any]

WINDOWS: Final = ("5m", "30m", "1h", "2h", "6h", "1d", "3d")
"""Windows over which the share of the carrier's failures is recorded."""
RECORD: Final = "smsgw:failures:ratio_rate"
BURNS: Final[tuple[tuple[str, str, str, str, Severity], ...]] = (
    ("14.4", "1h", "5m", "2m", "page"),
    ("6", "6h", "30m", "15m", "page"),
    ("3", "1d", "2h", "1h", "ticket"),
    ("1", "3d", "6h", "3h", "ticket"),
)
"""How many times as fast as allowed, over the long and the short window, for how long."""
AT_RISK: Final = Decimal("0.25")
"""Share of the failures allowed from which on a window is at risk."""
NEAR: Final = Decimal("0.8")
"""Share of the complaints allowed from which on they are near."""
RUNBOOK: Final = "docs/alerts.md"
_FINAL: Final = "smsgw_messages_final_total"


@dataclass(frozen=True, slots=True)
class Alert:
    """Be one alert: when it rings, how gravely, by which clause, and in both languages why."""

    name: str
    expr: str
    for_: str
    severity: Severity
    clause: str
    en: str
    zh: str


def rules_of(contract: Contract) -> dict[str, Any]:
    """Give the content of a rules file: groups, each with a name, an interval and rules."""
    groups = [
        _group("smsgw-recording", recordings()),
        _group("smsgw-contract", [_rule(alert) for alert in contract_alerts(contract)]),
        _group("smsgw-operation", [_rule(alert) for alert in OPERATION]),
    ]
    return {"groups": groups}


def recordings() -> list[Rule]:
    """Give the share of the carrier's failures over each window, of all that counts."""
    return [
        {
            "record": f"{RECORD}{window}",
            "expr": f'sum(rate({_FINAL}{{liability="carrier"}}[{window}])) / '
            f'(sum(rate({_FINAL}{{liability=~"ok|carrier"}}[{window}])) > 0)',
        }
        for window in WINDOWS
    ]


def contract_alerts(contract: Contract) -> list[Alert]:
    """Give the alerts whose figures are the contract's."""
    objective = Decimal(contract.sla.success_rate)
    budget = 1 - objective
    allowed, stop = contract.sla.complaints, contract.complaints.monthly_stop
    risk = 1 - budget * (1 - AT_RISK)
    burning = [
        Alert(
            f"SmsgwBudgetBurns{long}",
            f"{RECORD}{long} > {factor} * {_number(budget)} and "
            f"{RECORD}{short} > {factor} * {_number(budget)}",
            for_, severity, "3.2.4",
            f"the carrier's failures come {factor} times as fast as {_percent(objective)} allows",
            f"运营商侧失败的速度为 {_percent(objective)} 指标允许的 {factor} 倍",
        )
        for factor, long, short, for_, severity in BURNS
    ]  # fmt: skip
    return [
        *burning,
        Alert("SmsgwIndexMissed", "smsgw_sla_met == 0", "1m", "page", "3.2.4",
              "the {{ $labels.window }} misses the quality index",
              "{{ $labels.window }} 窗口未达到质量指标"),
        Alert("SmsgwIndexAtRisk",
              f"smsgw_sla_success_ratio >= {_number(objective)} and "
              f"smsgw_sla_success_ratio < {_number(risk)}",
              "10m", "ticket", "3.2.4",
              "the {{ $labels.window }} has used three quarters of the failures allowed",
              "{{ $labels.window }} 窗口允许的失败已用去四分之三"),
        Alert("SmsgwComplaintsNearIndex",
              f'smsgw_complaints{{window="trailing12",kind="sla"}} >= {_near(allowed)}',
              "0m", "ticket", "3.2.4",
              f"{{{{ $value }}}} complaints in twelve months, {allowed} are allowed",
              f"十二个月内投诉 {{{{ $value }}}} 件，允许 {allowed} 件"),
        Alert("SmsgwComplaintsNearStop",
              f'smsgw_complaints{{window="month",kind="all"}} >= {_near(stop)}',
              "0m", "page", "annex 1.14",
              f"{{{{ $value }}}} complaints this month; from {stop} on the service may be stopped",
              f"本月投诉 {{{{ $value }}}} 件，达到 {stop} 件可停止服务"),
    ]  # fmt: skip


OPERATION: Final[tuple[Alert, ...]] = (
    Alert("SmsgwDown", 'up{job="smsgw"} == 0', "1m", "page", "3.2.1",
          "{{ $labels.instance }} is not scraped", "{{ $labels.instance }} 无法采集"),
    Alert("SmsgwEsmeNotBound", "sum by (account) (smsgw_smpp_sessions) == 0", "5m", "ticket",
          "3.1.4", "{{ $labels.account }} holds no bind", "{{ $labels.account }} 没有任何绑定"),
    Alert("SmsgwReceiptsBacklog", "smsgw_receipts_pending > 10000", "10m", "ticket", "3.1.4",
          "{{ $labels.account }} has {{ $value }} receipts waiting",
          "{{ $labels.account }} 有 {{ $value }} 条状态报告待取"),
    Alert("SmsgwRejectShareHigh",
          'sum by (account) (rate(smsgw_submits_total{result="rejected"}[10m])) / '
          "(sum by (account) (rate(smsgw_submits_total[10m])) > 0) > 0.2",
          "10m", "ticket", "3.1",
          "{{ $labels.account }}: {{ $value | humanizePercentage }} refused",
          "{{ $labels.account }}：{{ $value | humanizePercentage }} 被拒绝"),
    Alert("SmsgwEventLoopLag",
          "histogram_quantile(0.99, sum by (instance, le) "
          "(rate(smsgw_event_loop_lag_seconds_bucket[5m]))) > 0.25",
          "5m", "page", "3.2.1", "{{ $labels.instance }}: the event loop stands still at times",
          "{{ $labels.instance }}：事件循环出现停顿"),
    Alert("SmsgwJournalSlow",
          "histogram_quantile(0.99, sum by (instance, le) "
          "(rate(smsgw_journal_commit_duration_seconds_bucket[5m]))) > 0.5",
          "5m", "ticket", "3.2.1", "{{ $labels.instance }}: commits of the journal are slow",
          "{{ $labels.instance }}：日志提交缓慢"),
    Alert("SmsgwArchiveLags", "smsgw_archive_lag_events > 500000", "10m", "ticket", "3.1.11",
          "{{ $labels.instance }}: queries are {{ $value }} events behind",
          "{{ $labels.instance }}：查询落后 {{ $value }} 个事件"),
    Alert("SmsgwFiguresStale",
          "time() - smsgw_sla_figures_timestamp_seconds > 600 and "
          "smsgw_sla_figures_timestamp_seconds > 0",
          "5m", "ticket", "3.2.4", "{{ $labels.instance }}: the contract's figures are old",
          "{{ $labels.instance }}：合同指标未更新"),
    Alert("SmsgwReconciliationDifference", "smsgw_reconciliation_difference > 0", "5m", "page",
          "5.3", "{{ $labels.instance }}: independent counts differ by {{ $value }}",
          "{{ $labels.instance }}：各独立统计相差 {{ $value }}"),
    Alert("SmsgwBreachOpen",
          'sum by (grade, state) (smsgw_breaches{state=~"suspected|confirmed|failed"}) > 0',
          "0m", "ticket", "7.3", "{{ $value }} cases of {{ $labels.grade }} breach wait: "
          "{{ $labels.state }}",
          "{{ $value }} 件 {{ $labels.grade }} 违约待处理：{{ $labels.state }}"),
    Alert("SmsgwPortBlocked", "smsgw_ports_blocked > 0", "0m", "page", "7.3.1",
          "{{ $value }} access numbers are blocked", "{{ $value }} 个接入号被屏蔽"),
    Alert("SmsgwTermEnds",
          "smsgw_term_ends_timestamp_seconds - time() < 90 * 86400 and "
          "smsgw_term_ends_timestamp_seconds > 0",
          "0m", "ticket", "4.4", "the contract's term ends in {{ $value | humanizeDuration }}",
          "合同期限将于 {{ $value | humanizeDuration }} 后届满"),
    Alert("SmsgwFaultsActive", "smsgw_faults_active > 0", "0m", "info", "3.2.4",
          "{{ $value }} faults are injected on purpose", "正在人为注入 {{ $value }} 个故障"),
)  # fmt: skip
"""The alerts that are the same under every contract."""


def _group(name: str, rules: Sequence[Rule]) -> dict[str, Any]:
    return {"name": name, "interval": "30s", "rules": list(rules)}


def _rule(alert: Alert) -> Rule:
    rule: Rule = {"alert": alert.name, "expr": alert.expr}
    if alert.for_ != "0m":
        rule["for"] = alert.for_
    annotations: Mapping[str, str] = {
        "summary": alert.en,
        "summary_zh": alert.zh,
        "clause": alert.clause,
        "runbook": f"{RUNBOOK}#{alert.name.lower()}",
    }
    return {**rule, "labels": {"severity": alert.severity}, "annotations": dict(annotations)}


def _near(allowed: int) -> int:
    return int(allowed * NEAR)


def _number(value: Decimal) -> str:
    return f"{value.normalize():f}"


def _percent(value: Decimal) -> str:
    return f"{_number(value * 100)} %"
