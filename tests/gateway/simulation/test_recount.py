"""Count a simulated contract again in plain SQL, beside the quality index and the bill."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from config.loader import load_settings
from config.network import load_network
from gateway.archive.database import archive_file
from gateway.archive.figures import FiguresReader
from gateway.journal.reader import SqliteJournalReader
from gateway.simulation.driver import midnight
from metrics.settlement import periods_of
from metrics.settlement.measured import settled
from metrics.sla import SlaView, Window, readings_of
from routing.liability import CodeTable

from .test_driver import live

FIRST, LAST = date(2023, 12, 1), date(2024, 6, 20)
AT = midnight(date(2024, 6, 21))
CONTRACT = load_settings(None, {}, {}).contract
COUNTED = """
SELECT CASE WHEN state <= 1 THEN 'pending' ELSE liability END AS class, sum(segments)
FROM messages WHERE direction = 'mt' AND accepted = 1 GROUP BY class
"""
SENT_BY_MONTH = """
SELECT strftime('%Y-%m-01', submitted_ms / 1000 + 8 * 3600, 'unixepoch') AS month, sum(segments)
FROM messages WHERE state = 2 AND submitted_ms < ? GROUP BY month ORDER BY month
"""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("recount") / "life"
    live(folder, LAST, 60)
    return folder


@pytest.fixture
def archive(data: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(archive_file(data))) as connection:
        yield connection


@pytest.fixture
def view(data: Path) -> SlaView:
    codes = CodeTable(load_network())
    reader = FiguresReader(data, SqliteJournalReader(data), codes.liability_of)
    ledger = asyncio.run(reader.ledger())
    return SlaView(ledger, readings_of(CONTRACT.sla, CONTRACT.billing))


def test_the_index_counts_what_plain_sql_counts(view: SlaView, archive: sqlite3.Connection) -> None:
    found = view.counts(Window(FIRST, LAST), AT).classes(direction="mt")._asdict()
    counted = dict(archive.execute(COUNTED))
    refused = found["party_a"] - counted.pop("party_a", 0)
    assert {name: n for name, n in found.items() if n and name != "party_a"} == counted
    [(denied,)] = archive.execute(
        "SELECT coalesce(sum(segments), 0) FROM messages WHERE accepted = 0"
    )
    assert refused == denied > 0
    assert counted["ok"] > 8000
    assert counted["carrier"] > 0


def test_the_bill_is_three_fen_for_what_plain_sql_counts(
    view: SlaView, archive: sqlite3.Connection
) -> None:
    period = periods_of(CONTRACT).named("2023-12-01")
    end_ms = round(midnight(date(2024, 6, 1)) * 1000)
    rows = dict(archive.execute(SENT_BY_MONTH, (end_ms,)))
    settlement = settled(CONTRACT, view, period, AT)
    assert sum(rows.values()) * 3 == settlement.success_fee_fen
