from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.cli.app import run
from gateway.cli.exits import CommandError, Exit
from gateway.cli.statements import fen_of, yuan
from metrics.sla.windows import DAY_S
from tests.gateway.api.memory import Memory
from tests.gateway.api.test_statements import sent

from .running import http_gateway


@pytest.fixture(autouse=True)
def memory(monkeypatch: pytest.MonkeyPatch) -> Iterator[Memory]:
    memory = sent(1000)
    with http_gateway(memory) as url:
        monkeypatch.setenv("SMSGW_URL", url)
        monkeypatch.delenv("SMSGW_TOKEN", raising=False)
        yield memory


def test_a_statement_is_issued_listed_shown_and_saved(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["statements", "issue", "--period", "2025-12-01"]) == Exit.OK
    told = capsys.readouterr().out
    assert "payable: 30.00\n" in told
    number = told.splitlines()[0].removeprefix("number: ")
    assert run(["statements", "list"]) == Exit.OK
    assert number in capsys.readouterr().out
    assert run(["statements", "show", number]) == Exit.OK
    assert capsys.readouterr().out == told
    file = tmp_path / "statement.csv"
    assert run(["statements", "show", number, "--format", "csv", "--out", str(file)]) == Exit.OK
    assert "3000" in file.read_text("utf-8-sig")
    assert run(["statements", "issue", "--period", "2025-12-01"]) == Exit.REFUSED
    assert "a correction needs a reason" in capsys.readouterr().err


def test_arrears_end_with_their_payment(memory: Memory, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["statements", "issue", "--period", "2025-12-01", "--json"]) == Exit.OK
    number = json.loads(capsys.readouterr().out)["number"]
    assert run(["arrears"]) == Exit.OK
    memory.clock.advance(40 * DAY_S)
    assert run(["arrears"]) == Exit.FAILED
    told = capsys.readouterr().out
    assert "overdue: 30.00" in told
    assert "late_fee: 0.90" in told
    pay = ["payments", "enter", "30.00", "--on", "2026-07-20", "--invoice", number]
    assert run(pay) == Exit.OK
    assert "amount: 30.00" in capsys.readouterr().out
    assert run(["arrears", "--on", "2026-07-20", "--json"]) == Exit.OK
    assert json.loads(capsys.readouterr().out)["open_fen"] == 0
    assert run(["payments", "list"]) == Exit.OK
    assert number in capsys.readouterr().out


def test_claims_and_the_free_month_are_entered_and_shown(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["claims", "enter", "12.50", "--on", "2026-06-05", "--why", "outage"]) == Exit.OK
    assert "amount: 12.50" in capsys.readouterr().out
    assert run(["claims", "list"]) == Exit.OK
    assert "outage" in capsys.readouterr().out
    assert run(["free-month"]) == Exit.OK
    assert capsys.readouterr().out == "free month: none\n"
    assert run(["free-month", "2026-08-01", "--delivered", "2026-06-09"]) == Exit.OK
    assert "last_day: 2026-08-31" in capsys.readouterr().out
    assert run(["free-month", "2026-09-01", "--json"]) == Exit.REFUSED


@pytest.mark.parametrize(
    ("amount", "fen"), [("0.01", 1), ("37,869.00", 3_786_900), ("5", 500), ("5.5", 550)]
)
def test_money_is_read_to_the_fen(amount: str, fen: int) -> None:
    assert fen_of(amount) == fen


@pytest.mark.parametrize("amount", ["", "-5", "1.234", "five", "1e3", "١"])
def test_other_amounts_are_refused(amount: str) -> None:
    with pytest.raises(CommandError, match="an amount in CNY"):
        fen_of(amount)


def test_money_is_written_in_cny() -> None:
    assert [yuan(fen) for fen in (0, 5, -123_456)] == ["0.00", "0.05", "-1,234.56"]
