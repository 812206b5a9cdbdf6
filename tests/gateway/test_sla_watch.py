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
