"""Cut the power under load: of each file only what was fsynced is left (I2)."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from .torture import Plan, torture


def integrity(data: Path) -> list[str]:
    """Ask SQLite itself about every database in a data directory."""
    answers = []
    for path in sorted(data.glob("*.sqlite3")):
        connection = sqlite3.connect(path)
        answers.append(connection.execute("PRAGMA integrity_check").fetchone()[0])
        connection.close()
    return answers


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_by_power_cuts_under_load(
    shim: Path, tmp_path: Path, many: Callable[[int, int], int]
) -> None:
    plan = Plan(kills=many(10, 100), longest_s=1.5, rate=1000, shim=shim)
    report = torture(plan, tmp_path)
    print(report)  # noqa: T201 - the figures are what this run is for
    assert report.findings.wrong() == {}
    assert report.findings.acknowledged > 100 * report.kills
    answers = integrity(tmp_path / "data")
    assert answers
    assert set(answers) == {"ok"}


@pytest.mark.slow
def test_the_same_power_cuts_lose_without_full_synchronisation(shim: Path, tmp_path: Path) -> None:
    """The negative control: without it the test above would prove nothing."""
    plan = Plan(kills=2, longest_s=0.6, rate=1000, durability="normal", shim=shim, settled=False)
    assert len(torture(plan, tmp_path).findings.lost) > 0
