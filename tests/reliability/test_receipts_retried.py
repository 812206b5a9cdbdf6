"""Bring every receipt to an ESME that takes them badly, and to one that wants none (I6)."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from .account import account, until_nothing_is_owed
from .checker import Findings, check
from .driver import LoadClient
from .seldom import torture_only
from .victim import Victim, pause, settings, until

WINDOW = 20
FIRST_PAUSES_S = 1.0 + 2.0
"""Before the second and the third sending of a receipt that was refused for the moment."""


def limited() -> str:
    return settings(response_s=1.0) + account(deliver_window=str(WINDOW))


def doctored(ledger: Path, data: Path, change: Callable[[list[str]], list[str]]) -> Findings:
    """Check a ledger in which some lines were changed."""
    copy = ledger.with_name("doctored")
    copy.write_text("\n".join(change(ledger.read_text("ascii").splitlines())) + "\n", "ascii")
    return check(copy, data)


def without_one_receipt(lines: list[str]) -> list[str]:
    message_id = next(line.split()[2] for line in lines if line.startswith("RCPT"))
    return [line for line in lines if line.split()[::2][:2] != ["RCPT", message_id]]


def with_another_text(lines: list[str]) -> list[str]:
    kind, at, message_id, _stat, err, done = next(
        line.split() for line in lines if line.startswith("RCPT")
    )
    return [*lines, f"{kind} {at} {message_id} UNDELIV {err} {done}"]


@pytest.mark.slow
def test_every_receipt_arrives_through_dropped_connections_refusals_silence_and_kills(
    tmp_path: Path, victims: Callable[..., Victim], many: Callable[[int, int], int]
) -> None:
    ledger = tmp_path / "ledger"
    messages, kills = many(400, 50_000), many(2, 20)
    dice = random.Random(6)
    victim = victims(limited())
    victim.start()
    options = ("--rate", "600", "--kinds", "tx,trx", "--plain", "--receipts", "faulty")
    with LoadClient(victim.port, ledger, *options) as load:
        for _ in range(kills):
            load.wait_for_acks(messages // (kills + 1), within_s=600)
            pause(dice.uniform(0.0, 0.2))
            victim.kill()
            victim.start()
        load.wait_for_acks(messages // (kills + 1), within_s=600)
        load.stop_submitting()
        until_nothing_is_owed(victim, many(40, 600))
        load.quiesce(quiet_s=0.2)
        status = load.status()
    assert victim.terminate() == 0
    findings = check(ledger, victim.data)
    assert findings.wrong() == {}
    # It was a client that loses: without sending again, nothing of this could have arrived.
    assert status["lost"] > messages // 10
    assert status["deliveries"] > 1.3 * len({*load_receipts(ledger)})
    assert status["most_open"] <= WINDOW
    # The check notices a receipt that stayed away, and one that says something else each time.
    assert "receipts_missing" in doctored(ledger, victim.data, without_one_receipt).wrong()
    assert "receipts_that_differ" in doctored(ledger, victim.data, with_another_text).wrong()


def load_receipts(ledger: Path) -> list[str]:
    """Give the message id of each receipt that was taken."""
    lines = (line.split() for line in ledger.read_text("ascii").splitlines())
    return [fields[2] for fields in lines if fields[0] == "RCPT"]


@pytest.mark.slow
def test_a_lasting_refusal_ends_the_sending_also_after_a_restart(
    tmp_path: Path, victims: Callable[..., Victim]
) -> None:
    ledger = tmp_path / "ledger"
    victim = victims(limited())
    victim.start()
    options = ("--sessions", "1", "--plain", "--receipts", "lasting")
    with LoadClient(victim.port, ledger, *options, "--count", "100") as load:
        until(lambda: load.status()["deliveries"] >= 100, 15, "a hundred receipts")
        until_nothing_is_owed(victim, 15)
    victim.kill()
    victim.start()
    again = ("--sessions", "1", "--plain", "--count", "1", "--first-ref", "1000")
    with LoadClient(victim.port, ledger, *again) as load:
        load.wait_for_acks(1)
        load.quiesce(quiet_s=0.5)
        assert load.status()["deliveries"] == 1, "that of the one new message"
    assert victim.terminate() == 0
    assert check(ledger, victim.data).wrong() == {}
    receipts = load_receipts(ledger)
    assert len(receipts) == len(set(receipts)) == 101


@pytest.mark.slow
def test_a_client_that_refuses_everything_for_the_moment_is_asked_ever_more_seldom(
    tmp_path: Path, victims: Callable[..., Victim]
) -> None:
    """Also the counterpart of the lasting refusals: these are sent again."""
    messages = 50
    victim = victims(limited())
    victim.start()
    options = ("--sessions", "1", "--plain", "--receipts", "temporary", "--count", str(messages))
    with LoadClient(victim.port, tmp_path / "ledger", *options) as load:
        until(lambda: load.status()["deliveries"] >= messages, 15, "every receipt once")
        began, used = time.monotonic(), victim.processor_s()
        until(lambda: load.status()["deliveries"] >= 3 * messages, 30, "every receipt three times")
        took = time.monotonic() - began
        status = load.status()
        assert status["deliveries"] == 3 * messages, "the fourth time is five seconds away"
        # The first sending of the earliest lies before `began`, by what the submission took.
        assert took > FIRST_PAUSES_S - 1.0
        assert victim.processor_s() - used < took / 2
        assert status["most_open"] <= WINDOW


@torture_only
@pytest.mark.slow
def test_a_client_that_answers_nothing_gets_a_window_of_receipts_and_no_more(
    tmp_path: Path, victims: Callable[..., Victim]
) -> None:
    victim = victims(settings(response_s=30.0) + account(deliver_window=str(WINDOW)))
    victim.start()
    options = ("--sessions", "1", "--plain", "--receipts", "silent", "--count", "100")
    with LoadClient(victim.port, tmp_path / "ledger", *options) as load:
        load.wait_for_acks(100)
        until(lambda: load.status()["deliveries"] >= WINDOW, 15, "a window of receipts")
        pause(0.5)
        assert load.status()["deliveries"] == WINDOW
