"""Connect by the hundred without binding: deadlines end it, and nobody else notices (R5).

A third of the connections says nothing, a third one octet a second, a third half a bind.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from tests.support.wire import BIND_TRX, bind_body, pdu

from .canary import p99
from .metrics import value_of
from .peers import Peers, Visits, bind_and_leave, many_descriptors, sources
from .victim import Victim, settings, until

INIT_S = 3.0
SLACK = 1.25
BIND_P99_S = 1.0
"""An ordinary bind takes milliseconds; the rest is room for other work on a test machine."""
OCTETS_EACH = 16_384
ADDRESSES = 50
PER_ADDRESS = 200
REFUSED = "smsgw_smpp_connections_refused_total"
BIND = pdu(BIND_TRX, bind_body())
HALF_OPEN = (b"", BIND, BIND[: len(BIND) // 2])


def limited(init_s: float, per_address: int = PER_ADDRESS) -> str:
    """Write settings with the two limits that these tests are about."""
    return (
        settings().replace("[smpp.timers]\n", f"[smpp.timers]\nsession_init_s = {init_s}\n")
        + f"[smpp.limits]\nmax_unbound_per_address = {per_address}\n"
    )


@pytest.fixture(autouse=True)
def _room() -> Iterator[None]:
    with many_descriptors():
        yield


def open_half(peers: Peers, count: int) -> None:
    """Open connections of the three kinds."""
    for words, every_s in ((HALF_OPEN[0], 0.0), (HALF_OPEN[1], 1.0), (HALF_OPEN[2], 0.0)):
        peers.open(count // 3, [words], every_s, sources(ADDRESSES))


@pytest.mark.slow
def test_half_open_connections_end_in_time_and_binds_stay_quick(
    victims: Callable[..., Victim], many: Callable[[int, int], int]
) -> None:
    victim = victims(limited(INIT_S))
    victim.start()
    bind_and_leave(victim.port)()
    memory, files = victim.memory_octets(), victim.open_files()
    with (
        Visits(bind_and_leave(victim.port)) as binds,
        Peers("127.0.0.1", victim.port) as peers,
    ):
        open_half(peers, many(600, 5_000))
        held = victim.memory_octets() - memory
        peers.drive(lambda: not peers.open_now, 2 * INIT_S, "the end of every connection")
        lived = [peer.lived_s for peer in peers.all]
    print(  # noqa: T201 - the figures are what this run is for
        f"{len(lived)} half-open: lived {min(lived):.2f} to {max(lived):.2f} s, "
        f"{held / len(lived) / 1024:.1f} KiB each; bind p99 {p99(binds.took_s) * 1000:.0f} ms"
    )
    assert max(lived) <= INIT_S * SLACK
    assert min(lived) >= INIT_S * 0.9, "none was refused at once"
    assert held <= OCTETS_EACH * len(peers.all)
    assert len(binds.took_s) > 10
    assert p99(binds.took_s) < BIND_P99_S
    until(lambda: victim.open_files() <= files, 5, "every descriptor given back")
    assert "Traceback" not in victim.errors


@pytest.mark.slow
def test_one_address_holds_so_many_unbound_connections_and_others_are_let_in(
    victims: Callable[..., Victim],
) -> None:
    victim = victims(limited(30.0))
    victim.start()
    with Peers("127.0.0.1", victim.port) as peers:
        peers.open(PER_ADDRESS + 30, [b""], 0.0, ["127.0.0.9"])
        peers.drive(lambda: len(peers.open_now) == PER_ADDRESS, 5, "the surplus refused")
        peers.open(30, [b""], 0.0, ["127.0.0.10"])
        bind_and_leave(victim.port)()
        assert Counter(peer.source for peer in peers.open_now) == {
            "127.0.0.9": PER_ADDRESS,
            "127.0.0.10": 30,
        }
        assert value_of(victim, REFUSED, reason="limit") == 30
        assert victim.errors.count('"connection.refused"') < 5, "a flood is few lines"


@pytest.mark.slow
def test_without_these_limits_they_would_all_stay(victims: Callable[..., Victim]) -> None:
    """The negative control for both tests above."""
    victim = victims(limited(86_400.0, per_address=100_000))
    victim.start()
    with Peers("127.0.0.1", victim.port) as peers:
        peers.open(PER_ADDRESS + 30, [HALF_OPEN[2]], 0.0, ["127.0.0.9"])
        with pytest.raises(AssertionError, match="not within"):
            peers.drive(lambda: len(peers.open_now) < len(peers.all), 1.0, "any end")
