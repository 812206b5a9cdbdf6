"""Send one octet after another, over SMPP and HTTP: a deadline for the whole ends it (R7)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.support.gateway_process import Address
from tests.support.wire import BIND_TX, ENQUIRE, Wire, bind_body, pdu

from .canary import p99
from .peers import Peers, Visits, ask_whether_alive, bind_and_leave, many_descriptors, sources
from .victim import Victim, pause, settings, until

READ_S = 1.0
HEAD_S, BODY_S = 1.0, 1.5
LATE_S = 1.5
"""How much later than its deadline a connection may end on a busy machine."""
ANSWER_S = 1.0
CONNECTIONS = 100
BIND = pdu(BIND_TX, bind_body())
HEAD = b"GET /livez HTTP/1.1\r\nHost: localhost\r\nX-Filler: " + b"x" * 200
BODY = (
    b"POST /api/v1/mo HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    b"Content-Length: 10000\r\n\r\n"
)


def patient(read_s: float) -> str:
    """Write settings with the time that a PDU may take."""
    return settings().replace("[smpp.timers]\n", f"[smpp.timers]\npdu_read_s = {read_s}\n")


def http(head_s: float, body_s: float, connections: int = 4096) -> str:
    """Write settings with the limits of HTTP."""
    return (
        f"{settings()}[http]\nhead_s = {head_s}\nbody_s = {body_s}\n"
        f"max_connections = {connections}\n"
    )


@pytest.fixture(autouse=True)
def _room() -> Iterator[None]:
    with many_descriptors():
        yield


# -- SMPP ---------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_pdu_that_comes_octet_by_octet_ends_its_session_and_no_other(
    victims: Callable[..., Victim],
) -> None:
    victim = victims(patient(READ_S))
    victim.start()
    with (
        Wire(Address("127.0.0.1", victim.port)) as other,
        Visits(bind_and_leave(victim.port)) as binds,
        Peers("127.0.0.1", victim.port) as peers,
    ):
        other.bind()
        # Bound, they send a PDU of which each octet comes well within any timer of silence.
        peers.open(40, [BIND], 0.0, sources(4))
        peers.drive(lambda: all(peer.heard for peer in peers.all), 10, "the binds answered")
        peers.say(pdu(ENQUIRE, sequence=2), every_s=READ_S / 4)
        peers.drive(lambda: not peers.open_now, READ_S + LATE_S, "the end of every session")
        assert all(peer.lived_s >= READ_S * 0.9 for peer in peers.all)
        assert other.ask(pdu(ENQUIRE, sequence=9)).command_status == 0
    assert p99(binds.took_s) < ANSWER_S
    assert "Traceback" not in victim.errors


@pytest.mark.slow
def test_without_that_deadline_the_pdu_is_answered_at_last(
    victims: Callable[..., Victim],
) -> None:
    """The negative control."""
    victim = victims(patient(86_400.0))
    victim.start()
    with Peers("127.0.0.1", victim.port) as peers:
        peers.open(1, [BIND], 0.0, sources(1))
        peers.drive(lambda: peers.all[0].heard, 10, "the bind answered")
        bound = len(peers.all[0].heard)
        peers.say(pdu(ENQUIRE, sequence=2), every_s=0.1)
        peers.drive(lambda: len(peers.all[0].heard) == bound + 16, 10, "enquire_link_resp")


# -- HTTP ---------------------------------------------------------------------------------------


@pytest.mark.slow
def test_slow_heads_and_bodies_end_in_time_and_health_is_answered(
    victims: Callable[..., Victim], many: Callable[[int, int], int]
) -> None:
    victim = victims(http(HEAD_S, BODY_S))
    victim.start()
    address = Address.parse(victim.ready["http"])
    ask_whether_alive(victim.url)()
    files = victim.open_files()
    with (
        Visits(ask_whether_alive(victim.url)) as health,
        Peers(address.host, address.port) as heads,
        Peers(address.host, address.port) as bodies,
    ):
        count = many(150, 1_000)
        heads.open(count, [HEAD, b""], 0.1, sources(1))
        bodies.open(count, [BODY], 0.0, sources(1))
        bodies.say(b"[" + b" " * 500, every_s=0.1)
        heads.drive(lambda: not heads.open_now, HEAD_S + LATE_S, "the end of slow heads")
        bodies.drive(lambda: not bodies.open_now, BODY_S + LATE_S, "the end of slow bodies")
    for peers in (heads, bodies):
        assert all(peer.heard.startswith(b"HTTP/1.1 408 ") for peer in peers.all)
    assert len(health.took_s) > 5
    assert max(health.took_s) < ANSWER_S
    until(lambda: victim.open_files() <= files, 5, "every descriptor given back")
    assert "Traceback" not in victim.errors


@pytest.mark.slow
def test_more_slow_connections_than_there_may_be_keep_nobody_out(
    victims: Callable[..., Victim],
) -> None:
    """And the negative control: with long deadlines they stay as long as there is room."""
    victim = victims(http(86_400.0, 86_400.0, CONNECTIONS))
    victim.start()
    address = Address.parse(victim.ready["http"])
    before = victim.open_files()
    with (
        Visits(ask_whether_alive(victim.url)) as health,
        Peers(address.host, address.port) as heads,
    ):
        heads.open(3 * CONNECTIONS, [HEAD[:60]], 0.0, sources(1))
        heads.drive(lambda: len(heads.open_now) <= CONNECTIONS, 5, "the surplus ended")
        pause(HEAD_S)
        heads.drive(lambda: len(health.took_s) > 10, 10, "answers")
        # Each visit takes the place of the one that waits longest.
        assert len(heads.open_now) >= CONNECTIONS - len(health.took_s) - 5
        assert victim.open_files() <= before + CONNECTIONS + 10
    assert max(health.took_s) < ANSWER_S
