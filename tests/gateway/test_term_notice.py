from __future__ import annotations

import asyncio
import json
from datetime import date
from io import StringIO

from config.term import ServiceTerm
from gateway.clock import ManualClock
from gateway.log import open_log
from gateway.run import health
from gateway.term_notice import notices, remind, sentence
from routing.standing import StandingBook
from routing.standing_events import ContractTerminated
from tests.support.inprocess import running
from tests.support.rules import shanghai

END = shanghai("2026-12-01T00:00:00")
DAY_S = 86400.0
ACCOUNTS = ("police", "traffic")


def book(renewal_months: int = 0) -> StandingBook:
    return StandingBook(ServiceTerm(date(2023, 12, 1), date(2026, 11, 30), renewal_months))


def test_nothing_is_said_until_ninety_days_before_the_end() -> None:
    first = END - 90 * DAY_S
    assert notices(book(), ACCOUNTS, first - 0.001) == []
    (notice,) = notices(book(), ACCOUNTS, first)
    assert (notice.accounts, notice.urgent) == (ACCOUNTS, True)
    assert "in 90 days" in notice.finding.en
    assert sentence(book(), ACCOUNTS, first - 0.001) == "in force"


def test_a_term_that_renews_itself_is_announced_without_urgency() -> None:
    (notice,) = notices(book(12), ACCOUNTS, END - DAY_S)
    assert not notice.urgent
    assert "renews itself" in notice.finding.en


def test_what_has_ended_is_said_on() -> None:
    (notice,) = notices(book(), ACCOUNTS, END)
    assert (notice.urgent, "The service ended" in notice.finding.en) == (True, True)


def test_an_account_with_an_end_of_its_own_is_named_apart() -> None:
    standing = book()
    at = END - 30 * DAY_S
    standing.apply(ContractTerminated(at, "7.2", "op", "arrears", at + DAY_S, "traffic"))
    told = sentence(standing, ACCOUNTS, at)
    assert told.startswith("police: The service ends at 2026-11-30 24:00")
    assert "traffic: The service ends at 2026-11-01 24:00" in told


async def test_the_log_is_told_at_once_and_by_its_level_how_urgent_it_is() -> None:
    clock = ManualClock(at=END - DAY_S)
    for months, level in ((0, "warning"), (12, "info")):
        stream = StringIO()
        standing = book(months)
        log = open_log(stream, clock.at, as_json=True)
        task = asyncio.create_task(  # noqa: TID251 - what a gateway's tasks do
            remind(lambda: standing, lambda: ACCOUNTS, clock, log)  # noqa: B023
        )
        await asyncio.sleep(0)
        task.cancel()
        (line,) = map(json.loads, stream.getvalue().splitlines())
        assert (line["event"], line["level"]) == ("contract.term", level)
        assert line["accounts"] == "police, traffic"


async def test_readiness_shows_how_the_contract_stands() -> None:
    settings = {"contract__renewal__mode": "none"}
    async with running(clock=ManualClock(at=END - DAY_S), **settings) as run:  # type: ignore[arg-type]  # keys of settings
        (term,) = [check for check in health(run.gateway) if check.name == "term"]
    assert (term.ok, "in 1 day," in term.why) == (True, True)
