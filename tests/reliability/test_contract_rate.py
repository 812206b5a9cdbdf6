"""Offer five times the agreed rate: accept the rate and no more, refuse the rest at once (I12)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.journal.reader import SqliteJournalReader
from routing.events import Submission

from .account import account
from .checker import check
from .driver import LoadClient
from .rates import Times, most_at_once, most_in_a_window, read_times
from .seldom import torture_only
from .victim import Victim, pause, settings, until

RATE = 400
OFFERED = ("--rate", str(5 * RATE), "--sessions", "4", "--plain", "--window", "200")
RTHROTTLED, RMSGQFUL = 0x58, 0x14
REFUSED_WITHIN_S = 1.0
"""A refusal takes a commit, some milliseconds; this is what a busy machine may make of it."""
USED = 0.98
UNREACHABLE = "19900000001"
AT_ODDS = RATE // 20
"""Messages of 50 ms: the journal tells business time, the limit counts by the monotonic clock."""


def limit(**keys: object) -> str:
    """Write the account's throughput."""
    inside = ", ".join(
        f'{key} = "{value}"' if isinstance(value, str) else f"{key} = {value}"
        for key, value in keys.items()
    )
    return account(throughput=f"{{ {inside} }}")


def offer(victim: Victim, ledger: Path, seconds: float) -> Times:
    """Offer too much for so long; give the ledger's times once all is answered and checked."""
    victim.start()
    with LoadClient(victim.port, ledger, *OFFERED) as load:
        until(lambda: load.status()["acks"] > 0, 15, "the first acknowledgement")
        pause(seconds)
        load.quiesce(quiet_s=0.1)
        assert load.status()["lost"] == 0, "sessions stay"
    assert victim.terminate() == 0
    assert check(ledger, victim.data).wrong() == {}
    times = read_times(ledger)
    assert times.unanswered == set(), "nothing is dropped in silence"
    return times


def accepted_at(data: Path) -> list[float]:
    """Give the business times at which the journal says messages were accepted, in order."""
    return sorted(
        event.at
        for _number, _at, events in SqliteJournalReader(data).read(0)
        for event in events
        if isinstance(event, Submission) and event.accepted
    )


@pytest.mark.slow
def test_the_rate_is_kept_and_used_and_the_surplus_refused_at_once(
    tmp_path: Path, victims: Callable[..., Victim], many: Callable[[int, int], int]
) -> None:
    victim = victims(settings() + limit(rate=RATE))
    times = offer(victim, tmp_path / "ledger", many(6, 60))
    burst = RATE
    assert most_in_a_window(times) <= RATE + burst
    assert most_at_once(accepted_at(victim.data)) <= RATE + burst + AT_ODDS
    assert USED * RATE * times.offered_s <= len(times.accepted)
    assert len(times.accepted) <= RATE * times.offered_s + burst + AT_ODDS
    assert set(times.statuses.values()) == {RTHROTTLED}
    assert times.refusal_s(0.99) < REFUSED_WITHIN_S


@pytest.mark.slow
def test_without_the_limit_the_same_windows_hold_too_much(
    tmp_path: Path, victims: Callable[..., Victim]
) -> None:
    """The negative control: the same account, its limit watched and not enforced."""
    watched = '[checks]\nthroughput = "monitor"\n'
    victim = victims(settings() + watched + limit(rate=RATE))
    times = offer(victim, tmp_path / "ledger", 1)
    assert most_in_a_window(times) > 2 * RATE
    assert times.refused == {}


@pytest.mark.slow
def test_a_client_that_is_slowed_down_is_accepted_at_the_rate_and_never_refused(
    tmp_path: Path, victims: Callable[..., Victim]
) -> None:
    burst, ahead = 40, 8
    victim = victims(settings() + limit(rate=RATE, burst=burst, reaction="delay"))
    times = offer(victim, tmp_path / "ledger", 1)
    assert times.refused == {}
    # Each of the four sessions may be a slice of two ahead of the others' tokens.
    assert most_at_once(accepted_at(victim.data)) <= RATE + burst + ahead + AT_ODDS
    assert len(times.accepted) >= USED * RATE * times.offered_s


@torture_only
@pytest.mark.slow
def test_a_client_that_is_slowed_down_below_its_timers_is_not_taken_for_dead(
    tmp_path: Path, victims: Callable[..., Victim]
) -> None:
    """Its enquire_link_resp is behind submissions that wait longer than that for the rate."""
    impatient = {"SMSGW_SMPP__TIMERS__ENQUIRE_LINK_S": "0.3"}
    victim = victims(
        settings(response_s=0.3) + limit(rate=20, burst=1, reaction="delay"), environ=impatient
    )
    victim.start()
    options = ("--rate", "10000", "--sessions", "1", "--plain", "--count", "30")
    with LoadClient(victim.port, tmp_path / "ledger", *options) as load:
        load.wait_for_acks(30, 30)
        assert load.status()["lost"] == 0


@torture_only
@pytest.mark.slow
def test_a_full_queue_refuses_and_takes_what_it_has_room_for(
    tmp_path: Path, victims: Callable[..., Victim]
) -> None:
    room, count = 200, 1_000
    ledger = tmp_path / "ledger"
    victim = victims(settings() + account(max_queued=str(room)))
    victim.start()
    options = ("--recipient", UNREACHABLE, "--count", str(count))
    with LoadClient(victim.port, ledger, *OFFERED, *options) as load:
        until(lambda: load.status()["acks"] + load.status()["naks"] == count, 30, "every answer")
    assert victim.terminate() == 0
    times = read_times(ledger)
    assert (len(times.accepted), len(times.refused)) == (room, count - room)
    assert set(times.statuses.values()) == {RMSGQFUL}
    findings = check(ledger, victim.data, settled=False)
    assert (findings.wrong(), findings.stored) == ({}, room)
