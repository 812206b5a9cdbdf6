"""Hold the rules to what promtool makes of them: each alert rings, and only when it should."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from config.loader import load_settings
from metrics.alerts import OPERATION, WINDOWS, contract_alerts, rules_of
from metrics.instruments import INSTRUMENTS
from tests.support.programs import ROOT, require_program

CONTRACT = load_settings(None, {}, {}).contract
ALERTS = {alert.name: alert for alert in (*contract_alerts(CONTRACT), *OPERATION)}


@dataclass(frozen=True)
class Case:
    """Be a history of series (a value a minute) and what rings at a time."""

    series: dict[str, str]
    at: str
    labels: dict[str, str] | None
    """Of the alert that rings, beside its severity; None: nothing rings."""


FINAL = 'smsgw_messages_final_total{{account="police",liability="{}"}}'


def failing(percent: int, minutes: int) -> dict[str, str]:
    """Give traffic of which so many in a hundred messages fail by the carrier's fault."""
    return {
        FINAL.format("ok"): f"0+{100 - percent}x{minutes}",
        FINAL.format("carrier"): f"0+{percent}x{minutes}",
    }


def gauge(name: str, value: float, minutes: int = 30) -> dict[str, str]:
    return {name: f"{value}+0x{minutes}"}


POLICE = {"account": "police"}
LAG = 'smsgw_event_loop_lag_seconds_bucket{{instance="a",le="{}"}}'
COMMIT = 'smsgw_journal_commit_duration_seconds_bucket{{instance="a",le="{}"}}'
RINGS: dict[str, Case] = {
    "SmsgwBudgetBurns1h": Case(failing(20, 70), "65m", {}),
    "SmsgwBudgetBurns6h": Case(failing(8, 400), "390m", {}),
    "SmsgwBudgetBurns1d": Case(failing(4, 1600), "1560m", {}),
    "SmsgwBudgetBurns3d": Case(failing(2, 4600), "4560m", {}),
    "SmsgwIndexMissed": Case(
        gauge('smsgw_sla_met{window="period"}', 0), "5m", {"window": "period"}
    ),
    "SmsgwIndexAtRisk": Case(
        gauge('smsgw_sla_success_ratio{window="year"}', 0.991), "15m", {"window": "year"}
    ),
    "SmsgwComplaintsNearIndex": Case(
        gauge('smsgw_complaints{window="trailing12",kind="sla"}', 8),
        "1m", {"window": "trailing12", "kind": "sla"},
    ),
    "SmsgwComplaintsNearStop": Case(
        gauge('smsgw_complaints{window="month",kind="all"}', 80),
        "1m", {"window": "month", "kind": "all"},
    ),
    "SmsgwDown": Case(
        gauge('up{job="smsgw",instance="a"}', 0), "3m", {"job": "smsgw", "instance": "a"}
    ),
    "SmsgwEsmeNotBound": Case(
        {
            'smsgw_smpp_sessions{account="police",bind_type="rx"}': "0+0x30",
            'smsgw_smpp_sessions{account="police",bind_type="tx"}': "0+0x30",
        },
        "10m", POLICE,
    ),
    "SmsgwReceiptsBacklog": Case(
        gauge('smsgw_receipts_pending{account="police"}', 10_001), "15m", POLICE
    ),
    "SmsgwRejectShareHigh": Case(
        {
            'smsgw_submits_total{account="police",result="rejected"}': "0+3x40",
            'smsgw_submits_total{account="police",result="accepted"}': "0+7x40",
        },
        "30m", POLICE,
    ),
    "SmsgwEventLoopLag": Case(
        {LAG.format("0.25"): "0+9x40", LAG.format("0.5"): "0+10x40", LAG.format("+Inf"): "0+10x40"},
        "15m", {"instance": "a"},
    ),
    "SmsgwJournalSlow": Case(
        {
            COMMIT.format("0.5"): "0+1x40",
            COMMIT.format("1.0"): "0+9x40",
            COMMIT.format("+Inf"): "0+9x40",
        },
        "15m", {"instance": "a"},
    ),
    "SmsgwArchiveLags": Case(
        gauge('smsgw_archive_lag_events{instance="a"}', 500_001), "15m", {"instance": "a"}
    ),
    "SmsgwReconciliationDifference": Case(
        gauge('smsgw_reconciliation_difference{instance="a"}', 3), "10m", {"instance": "a"}
    ),
    "SmsgwFiguresStale": Case(
        gauge('smsgw_sla_figures_timestamp_seconds{instance="a"}', 1), "20m", {"instance": "a"}
    ),
    "SmsgwBreachOpen": Case(
        gauge('smsgw_breaches{grade="serious",state="suspected"}', 1),
        "1m", {"grade": "serious", "state": "suspected"},
    ),
    "SmsgwPortBlocked": Case(gauge("smsgw_ports_blocked", 1), "1m", {}),
    "SmsgwTermEnds": Case(gauge("smsgw_term_ends_timestamp_seconds", 89 * 86400), "1m", {}),
    "SmsgwFaultsActive": Case(gauge("smsgw_faults_active", 2), "1m", {}),
}  # fmt: skip
"""Alert → a history in which it rings."""

SILENT: dict[str, Case] = {
    "SmsgwBudgetBurns1h": Case(failing(1, 70), "65m", None),
    "SmsgwBudgetBurns6h": Case({FINAL.format("ok"): "0+0x400"}, "390m", None),
    "SmsgwIndexMissed": Case(gauge('smsgw_sla_met{window="period"}', 1), "5m", None),
    "SmsgwIndexAtRisk": Case(gauge('smsgw_sla_success_ratio{window="year"}', 0.98), "15m", None),
    "SmsgwComplaintsNearIndex": Case(
        gauge('smsgw_complaints{window="trailing12",kind="sla"}', 7), "1m", None
    ),
    "SmsgwEsmeNotBound": Case(
        {
            'smsgw_smpp_sessions{account="police",bind_type="rx"}': "0+0x30",
            'smsgw_smpp_sessions{account="police",bind_type="trx"}': "1+0x30",
        },
        "10m",
        None,
    ),
    "SmsgwTermEnds": Case(gauge("smsgw_term_ends_timestamp_seconds", 91 * 86400), "1m", None),
    "SmsgwReceiptsBacklog": Case(
        gauge('smsgw_receipts_pending{account="police"}', 10_001), "5m", None
    ),
}
"""Alert → a history in which it must not ring."""


def promtool(folder: Path, *cases: tuple[str, Case, str]) -> subprocess.CompletedProcess[str]:
    """Run promtool over histories, each with the alert looked at and the severity expected."""
    program = require_program("promtool")
    (folder / "rules.yml").write_text(yaml.safe_dump(rules_of(CONTRACT)), "utf-8")
    tests = [_test(name, case, severity) for name, case, severity in cases]
    content = {"rule_files": ["rules.yml"], "evaluation_interval": "1m", "tests": tests}
    (folder / "tests.yml").write_text(yaml.safe_dump(content), "utf-8")
    command = [str(program), "test", "rules", str(folder / "tests.yml")]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def _test(name: str, case: Case, severity: str) -> dict[str, Any]:
    labels = {"alertname": name, "alertstate": "firing", "severity": severity}
    wanted = ",".join(f'{key}="{text}"' for key, text in (labels | (case.labels or {})).items())
    return {
        "interval": "1m",
        "input_series": [{"series": name, "values": text} for name, text in case.series.items()],
        "promql_expr_test": [
            {
                "expr": f"count(ALERTS{{{wanted}}}) or vector(0)",
                "eval_time": case.at,
                "exp_samples": [{"labels": "{}", "value": int(case.labels is not None)}],
            }
        ],
    }


def test_every_alert_rings_and_none_without_reason(tmp_path: Path) -> None:
    assert RINGS.keys() == ALERTS.keys()
    ringing = [(name, case, ALERTS[name].severity) for name, case in RINGS.items()]
    silent = [(name, case, ALERTS[name].severity) for name, case in SILENT.items()]
    ran = promtool(tmp_path, *ringing, *silent)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_a_wrong_expectation_fails(tmp_path: Path) -> None:
    name = "SmsgwPortBlocked"
    wrong = Case(gauge("smsgw_ports_blocked", 0), "1m", {})
    ran = promtool(tmp_path, (name, wrong, "page"))
    assert ran.returncode != 0
    assert "FAILED" in ran.stdout + ran.stderr


def test_promtool_finds_nothing_wrong(tmp_path: Path) -> None:
    program = require_program("promtool")
    file = tmp_path / "rules.yml"
    file.write_text(yaml.safe_dump(rules_of(CONTRACT)), "utf-8")
    ran = subprocess.run([program, "check", "rules", file], capture_output=True, check=False)
    assert ran.returncode == 0, ran.stderr.decode()


def test_the_figures_are_the_contracts() -> None:
    changed = CONTRACT.model_copy(
        update={"sla": CONTRACT.sla.model_copy(update={"success_rate": "0.995", "complaints": 20})}
    )
    rules = {alert.name: alert.expr for alert in contract_alerts(changed)}
    assert "14.4 * 0.005" in rules["SmsgwBudgetBurns1h"]
    assert rules["SmsgwIndexAtRisk"].startswith("smsgw_sla_success_ratio >= 0.995 and")
    assert rules["SmsgwComplaintsNearIndex"].endswith(">= 16")


@pytest.mark.parametrize("alert", ALERTS.values(), ids=lambda alert: alert.name)
def test_an_alert_uses_metrics_that_there_are_and_is_explained(alert: Any) -> None:
    known = {row.name for row in INSTRUMENTS}
    known |= {f"{row.name}_bucket" for row in INSTRUMENTS if row.kind == "histogram"}
    used = set(re.findall(r"\bsmsgw_\w+", alert.expr))
    assert used <= known
    assert (
        used
        or alert.name == "SmsgwDown"
        or f"ratio_rate{WINDOWS[-1]}" in alert.expr
        or ("smsgw:failures" in alert.expr)
    )
    page = (ROOT / "docs" / "alerts.md").read_text("utf-8")
    assert f"## {alert.name}\n" in page
    assert alert.en
    assert alert.zh
    assert alert.clause
