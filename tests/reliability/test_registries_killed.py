"""Kill the gateway on both sides of the commit of a registry's change (I3).

What was answered holds after the next start; what wasn't is there whole or not at all: a change of
several events (a new scope) and an import of several batches as much as a single record.

Control: with `durability = "none"` what was answered is gone, and the same check finds it.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

import httpx
import pytest

from gateway.failpoints import VARIABLE

from .victim import Victim, settings

DIES_WITHIN_S = 20.0
IMPORTED = 4_500
"""Rows of an import: three chunks, so five commits with its beginning and its end."""

Ask = Callable[[httpx.Client, int], httpx.Response]
Look = Callable[[Victim, int], Any]


@dataclass(frozen=True, slots=True)
class Change:
    """Be one way to change the registries, in so many `commits`: what asks for it and what follows.

    `look` gives something equal to `whole` where the change holds, to `absent` where it doesn't.
    """

    name: str
    ask: Ask
    look: Look
    whole: Any
    absent: Any
    commits: int = 1


def number(turn: int) -> str:
    return f"1330001{turn:04}"


def refuse(client: httpx.Client, turn: int) -> httpx.Response:
    body = {"number": number(turn), "source": "customer_service"}
    return client.post("/api/v1/optouts", json=body)


def refused(victim: Victim, turn: int) -> int:
    return len(victim.get(f"/api/v1/optouts/{number(turn)}").json()["records"])


def rescope(client: httpx.Client, turn: int) -> httpx.Response:
    entries = [{"from": "13300000000", "to": "13300099999"}, {"number": f"1860000{turn:04}"}]
    return client.put("/api/v1/scope", json={"entries": entries, "reason": f"turn {turn}"})


def in_scope(victim: Victim, turn: int) -> tuple[bool, bool]:
    """Say whether the turn's own number and the one of every turn are in scope."""
    own, always = (f"1860000{turn:04}", "13300000001")
    found = [victim.get(f"/api/v1/scope/numbers/{one}").json()["in_scope"] for one in (own, always)]
    return found[0], found[1]


def port_many(client: httpx.Client, turn: int) -> httpx.Response:
    rows = [f"199{turn:02}{place:06},mobile" for place in range(IMPORTED)]
    text = "\n".join(["number,carrier", *rows])
    headers = {"Content-Type": "text/csv"}
    return client.post("/api/v1/numbers/import", content=text.encode(), headers=headers)


def ported(victim: Victim, turn: int) -> int:
    """Count the rows of the turn's import that hold."""
    lines = victim.get("/api/v1/numbers.csv").text.splitlines()
    return sum(line.startswith(f"199{turn:02}") for line in lines)


def report(client: httpx.Client, turn: int) -> httpx.Response:
    body = {"side": "party_b", "kind": "fault", "why": f"turn {turn}"}
    return client.post("/api/v1/incidents", json=body)


def reported(victim: Victim, turn: int) -> int:
    found = victim.get("/api/v1/incidents").json()["items"]
    return sum(one["history"][0]["why"] == f"turn {turn}" for one in found)


CHANGES = (
    Change("refusal", refuse, refused, 1, 0),
    Change("scope", rescope, in_scope, (True, True), (False, True), commits=5),
    Change("import", port_many, ported, IMPORTED, 0, commits=5),
    Change("incident", report, reported, 1, 0),
)


def change_until_it_dies(victim: Victim, change: Change, turn: int) -> bool:
    """Ask for a change; say whether it was answered before the gateway died."""
    with httpx.Client(base_url=victim.url, timeout=30.0, trust_env=False) as client:
        try:
            answer = change.ask(client, turn)
        except httpx.TransportError:
            return False
    assert answer.status_code < 300, answer.text
    return True


def deaths_of(change: Change) -> Iterator[tuple[str, bool]]:
    """Give the failpoints to die at, and whether the change is on disk by then."""
    for passage in sorted({1, change.commits // 2 + 1, change.commits}):
        yield f"registries.before:{passage}", False
        yield f"registries.after:{passage}", passage == change.commits
    yield "", True


@pytest.mark.slow
def test_a_change_is_whole_or_absent_and_what_was_answered_holds(
    victims: Callable[..., Victim], many: Callable[[int, int], int]
) -> None:
    victim = victims(settings())
    last: list[tuple[Change, int, Any]] = []
    turns = count(1)
    for change in CHANGES * many(1, 5):
        for failpoint, done in deaths_of(change):
            turn = next(turns)
            victim.environ = {VARIABLE: failpoint} if failpoint else {}
            victim.start()
            for before, one, state in last:
                assert before.look(victim, one) == state, (before.name, one)
            answered = change_until_it_dies(victim, change, turn)
            if failpoint:
                assert victim.wait(DIES_WITHIN_S) == -signal.SIGKILL
            else:
                victim.kill()
            assert answered == (not failpoint)
            last = [(change, turn, change.whole if done else change.absent)]
    victim.environ = {}
    victim.start()
    for before, one, state in last:
        assert before.look(victim, one) == state
    assert victim.terminate() == 0


@pytest.mark.slow
def test_without_a_journal_the_same_check_finds_a_loss(victims: Callable[..., Victim]) -> None:
    victim = victims(settings(durability="none"))
    victim.start()
    assert change_until_it_dies(victim, CHANGES[0], 1)
    victim.kill()
    victim.start()
    assert refused(victim, 1) == 0
