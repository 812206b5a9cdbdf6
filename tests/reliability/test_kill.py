"""Kill the gateway with SIGKILL at random instants under load (I1, I4, I5, I6)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from .torture import Plan, torture

RECOVERED_WITHIN_S = 5.0


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_by_kills_under_load(
    tmp_path: Path, many: Callable[[int, int], int]
) -> None:
    report = torture(Plan(kills=many(20, 200), longest_s=many(2, 3)), tmp_path)
    print(report)  # noqa: T201 - the figures are what this run is for
    assert report.findings.wrong() == {}
    assert report.findings.acknowledged > 500 * report.kills
    assert max(report.recovery_s) <= RECOVERED_WITHIN_S


@pytest.mark.slow
def test_a_gateway_that_keeps_nothing_on_disk_fails_the_same_check(tmp_path: Path) -> None:
    """The negative control: the ledger notices a loss."""
    plan = Plan(kills=1, durability="none", settled=False)
    findings = torture(plan, tmp_path).findings
    assert len(findings.lost) > 100
