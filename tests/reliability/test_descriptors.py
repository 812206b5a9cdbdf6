"""Run out of file descriptors: refuse, stay calm, say why, go on (R14)."""

from __future__ import annotations

import re
import resource
from collections.abc import Callable, Iterator

import pytest

from gateway.descriptors import RESERVED
from tests.support.gateway_process import Address
from tests.support.wire import ENQUIRE, Wire, pdu

from .canary import TEXT
from .metrics import value_of
from .octets import FIRST_RECIPIENT, Text, submit
from .peers import Peers, bind_and_leave, many_descriptors, sources
from .victim import Victim, pause, settings, until

LIMIT = 256
FREE = LIMIT - RESERVED
SMPP_CONNECTIONS = FREE - FREE // 4
WATCHED_S = 2.0
CALM = 0.2
"""Share of a core that may be used meanwhile; at rest it is a hundredth."""
EXHAUSTED = "out of system resource"
REFUSED = "smsgw_smpp_connections_refused_total"


@pytest.fixture(autouse=True)
def _room() -> Iterator[None]:
    with many_descriptors():
        yield


@pytest.fixture
def victim(victims: Callable[..., Victim]) -> Victim:
    """Start a gateway that may open 256 files."""
    made = victims(settings(), limit=("sh", "-c", f'ulimit -n {LIMIT}; exec "$@"', "sh"))
    made.start()
    return made


def works(session: Wire, sequence: int) -> bool:
    """Say whether a session is answered and its message stored."""
    asked = session.ask(pdu(ENQUIRE, sequence=sequence))
    stored = session.ask(submit(sequence + 1, Text(TEXT, b"%d" % FIRST_RECIPIENT, asked=False)))
    return asked.command_status == 0 and stored.command_status == 0


def share_of_a_core(victim: Victim) -> float:
    """Measure how busy its main process is."""
    before = victim.processor_s()
    pause(WATCHED_S)
    return (victim.processor_s() - before) / WATCHED_S


@pytest.mark.slow
def test_connections_beyond_the_descriptors_are_refused_and_nothing_else_suffers(
    victim: Victim,
) -> None:
    with (
        Wire(Address("127.0.0.1", victim.port)) as session,
        Peers("127.0.0.1", victim.port) as peers,
    ):
        session.bind()
        peers.open(2 * LIMIT, [b""], 0.0, sources(8))
        room = SMPP_CONNECTIONS - 1
        peers.drive(lambda: len(peers.open_now) == room, 5, f"{room} connections left")
        assert share_of_a_core(victim) < CALM
        assert len(peers.open_now) == room
        assert works(session, 10)
        assert victim.get("/readyz").status_code == 200
        assert value_of(victim, REFUSED, reason="limit") == 2 * LIMIT - room
        assert victim.open_files() < LIMIT
    assert re.search(r'"event": "descriptors.few", "descriptors": 256,', victim.errors)
    assert '"connection.refused"' in victim.errors
    assert EXHAUSTED not in victim.errors
    until(lambda: victim.open_files() < RESERVED, 5, "the descriptors given back")
    bind_and_leave(victim.port)()


@pytest.mark.slow
def test_without_any_descriptor_left_it_waits_quietly(victim: Victim) -> None:
    with (
        Wire(Address("127.0.0.1", victim.port)) as session,
        Peers("127.0.0.1", victim.port) as peers,
    ):
        session.bind()
        # From now on not even the reserve is there.
        resource.prlimit(victim.pid, resource.RLIMIT_NOFILE, (victim.open_files(), LIMIT))
        peers.open(50, [b""], 0.0, sources(1))
        assert share_of_a_core(victim) < CALM
        assert works(session, 10)
        told = victim.errors.count(EXHAUSTED)
        assert 1 <= told <= WATCHED_S + 2, "it says so about once a second"
        resource.prlimit(victim.pid, resource.RLIMIT_NOFILE, (LIMIT, LIMIT))
        bind_and_leave(victim.port)()
        assert len(peers.open_now) == 50
        assert works(session, 20)
