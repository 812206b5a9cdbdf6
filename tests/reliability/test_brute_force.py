"""Let guesses of passwords cost the guesser and nobody else (X2)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from config.secrets import hash_password
from gateway.journal.reader import SqliteJournalReader
from routing.events import BindRefused
from tests.support.gateway_process import Address
from tests.support.wire import BIND_TRX, ENQUIRE, Wire, bind_body, pdu

from .victim import Victim

ALLOWED = 10
RBINDFAIL, RTHROTTLED = 0x0D, 0x58
GUESSER, OTHER = "127.0.0.9", "127.0.0.8"
CHECKS = "smsgw_smpp_bind_checks_total"

SETTINGS = """
[smpp.limits]
failed_binds = {allowed}
[[account]]
system_id = "police"
password = "{hash}"
"""


def victim_of(victims: Callable[..., Victim], allowed: int) -> Victim:
    victim = victims(SETTINGS.format(allowed=allowed, hash=hash_password("secret08")))
    victim.start()
    return victim


def guess(wire: Wire, number: int) -> int:
    """Try one password; give the status."""
    return wire.ask(pdu(BIND_TRX, bind_body(b"police", b"g%07d" % number))).command_status


@pytest.mark.slow
def test_few_guesses_are_hashed_and_the_rest_is_refused_cheaply(
    victims: Callable[..., Victim], many: Callable[[int, int], int]
) -> None:
    guesses = many(500, 10_000)
    victim = victim_of(victims, ALLOWED)
    address = Address("127.0.0.1", victim.port)
    with Wire(address, source=GUESSER) as wire:
        before = victim.processor_s()
        assert {guess(wire, number) for number in range(ALLOWED)} == {RBINDFAIL}
        hashing = victim.processor_s()
        assert {guess(wire, number) for number in range(ALLOWED, guesses)} == {RBINDFAIL}
        refusing = victim.processor_s()
        # Not even the right password opens a door that guesses have closed.
        assert wire.ask(pdu(BIND_TRX, bind_body())).command_status == RBINDFAIL
        with Wire(address, source=OTHER) as real:
            real.bind(body=bind_body(b"police", b"secret08"))
            assert real.ask(pdu(ENQUIRE, sequence=2)).command_status == 0
    assert victim.metric(CHECKS, result="hashed") == ALLOWED + 1
    assert victim.metric(CHECKS, result="locked") == guesses - ALLOWED + 1
    # Alone a hash takes 40 ms of processor time or more, and a refusal 0.2 ms with its PDU.
    hashed_s, refused_s = (hashing - before) / ALLOWED, (refusing - hashing) / (guesses - ALLOWED)
    assert refused_s < hashed_s / 10
    (alarm,) = victim.logged("bind.alarm")
    assert (alarm["system_id"], alarm["peer"]) == ("police", GUESSER)
    assert victim.metric("smsgw_smpp_bind_alarms_total", account="police") == 1
    assert victim.terminate() == 0
    # Each guess that was checked is on record, and the alarm; a flood of others fills no disk.
    recorded = [
        event.detail
        for _, _, events in SqliteJournalReader(victim.data).read(0)
        for event in events
        if isinstance(event, BindRefused)
    ]
    assert recorded == ["wrong password"] * ALLOWED + ["too many failed binds"]


@pytest.mark.slow
def test_guesses_at_the_same_moment_are_no_way_around(victims: Callable[..., Victim]) -> None:
    victim = victim_of(victims, ALLOWED)
    address = Address("127.0.0.1", victim.port)
    wires = [Wire(address, source=GUESSER) for _ in range(40)]
    try:
        for number, wire in enumerate(wires):
            wire.send(pdu(BIND_TRX, bind_body(b"police", b"p%07d" % number)))
        # In the midst of it the real one binds from elsewhere, behind few hashes.
        with Wire(address, source=OTHER) as real:
            real.bind(body=bind_body(b"police", b"secret08"))
        answers = [wire.receive() for wire in wires]
    finally:
        for wire in wires:
            wire.__exit__()
    assert {answer.command_status for answer in answers if answer} == {RBINDFAIL, RTHROTTLED}
    assert victim.metric(CHECKS, result="hashed") <= ALLOWED + 1
    assert victim.terminate() == 0


@pytest.mark.slow
def test_many_sessions_of_one_esme_bind_at_once_for_one_hash(
    victims: Callable[..., Victim],
) -> None:
    victim = victim_of(victims, ALLOWED)
    wires = [Wire(Address("127.0.0.1", victim.port)) for _ in range(40)]
    try:
        for wire in wires:
            wire.send(pdu(BIND_TRX, bind_body(b"police", b"secret08")))
        answers = [wire.receive() for wire in wires]
    finally:
        for wire in wires:
            wire.__exit__()
    assert {answer.command_status for answer in answers if answer} == {0}
    assert victim.metric(CHECKS, result="hashed") < 20
    assert victim.terminate() == 0


@pytest.mark.slow
def test_without_the_limit_every_guess_is_hashed(victims: Callable[..., Victim]) -> None:
    """Show that the limit, and nothing else, is what keeps guesses from the hash."""
    victim = victim_of(victims, 0)
    with Wire(Address("127.0.0.1", victim.port), source=GUESSER) as wire:
        assert {guess(wire, number) for number in range(2 * ALLOWED)} == {RBINDFAIL}
    assert victim.metric(CHECKS, result="hashed") == 2 * ALLOWED
    assert victim.logged("bind.alarm") == []
    assert victim.terminate() == 0
