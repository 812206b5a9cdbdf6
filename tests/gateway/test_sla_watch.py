from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.http import api_of
from tests.support.inprocess import NUMBER, TEXT, running, until


async def test_the_contracts_own_figures_are_at_metrics(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.sla_watch.INTERVAL_S", 0.02)
    async with running(tmp_path) as run, api_of(run) as api, await run.esme() as esme:
        await esme.submit("13300000001", TEXT, NUMBER)
        await esme.submit("19900000009", TEXT, NUMBER)  # a fault of the carrier's gateway
        watch = run.gateway.sla_watch
        await until(lambda: watch.gauges.ratio.get(("month",)) == 0.5)
        lines = (await api.client.get("/metrics")).text.splitlines()
        assert 'smsgw_sla_success_ratio{window="month"} 0.5' in lines
        assert 'smsgw_sla_messages{liability="carrier",window="trailing12"} 1.0' in lines or (
            'smsgw_sla_messages{window="trailing12",liability="carrier"} 1.0' in lines
        )
        assert 'smsgw_segments_billed_total{account="police",direction="mt"} 1.0' in lines
        assert "smsgw_term_ends_timestamp_seconds +Inf" in lines
        assert watch.gauges.as_of > 0


async def test_where_nothing_is_kept_there_is_nothing_to_reckon() -> None:
    async with running() as run:
        await run.gateway.sla_watch.reckon()
        assert run.gateway.sla_watch.gauges.as_of == 0.0


async def test_independent_counts_are_compared_after_a_while(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.sla_watch.INTERVAL_S", 0.02)
    monkeypatch.setattr("gateway.sla_watch.FIRST_RECONCILE_S", 0.0)
    asked: list[Path] = []

    def differs(data_dir: Path, at: float) -> int:
        asked.append(data_dir)
        return 3

    monkeypatch.setattr("gateway.sla_watch.recent_difference", differs)
    async with running(tmp_path) as run, api_of(run) as api:
        await until(lambda: run.gateway.sla_watch.gauges.difference == 3)
        lines = (await api.client.get("/metrics")).text.splitlines()
        assert "smsgw_reconciliation_difference 3.0" in lines
    assert asked == [tmp_path]
