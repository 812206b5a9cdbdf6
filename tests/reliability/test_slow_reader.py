"""Bind and never read while receipts fall due: bounded, cut, and nothing is lost (R6).

What the gateway itself holds for the session is what it sent less what lies in the kernel: the
send queue of its socket and the receive queue of ours (/proc/net/tcp).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.verification import verify
from tests.support.gateway_process import Address
from tests.support.wire import BIND_RX, DELIVER, UNBIND, Wire, bind_body, pdu

from .account import account
from .canary import TEXT, Canary, p99
from .driver import LoadClient
from .ledger import read_ledger
from .metrics import value_of
from .octets import FIRST_RECIPIENT, Text, submit
from .peers import Peers, sources
from .victim import Victim, pause, settings, until

STALL_S = 1.0
LATE_S = 3.0
BUFFER_OCTETS = 262_144
SLICE_OCTETS = 65_536
"""What one turn of the outbox adds behind the mark: 128 receipts."""
GROWTH_OCTETS = 64 << 20
OCTETS_PER_RECEIPT = 1_280
"""What a message takes in memory until its receipt is acknowledged: beyond some 50,000 of them
these are more than `GROWTH_OCTETS`."""
CLOSED, SESSIONS = "smsgw_smpp_sessions_closed_total", "smsgw_smpp_sessions"
SENT, PENDING = "smsgw_receipts_total", "smsgw_receipts_pending"
OTHER = '[[account]]\nsystem_id = "other"\npassword = "secret08"\n'


def bounded(write_buffer: int) -> str:
    """Write settings whose windows bound nothing, so that the buffer alone does."""
    timers = settings(response_s=60.0).replace(
        "[smpp.timers]\n", f"[smpp.timers]\nwrite_stall_s = {STALL_S}\n"
    )
    limits = f"[smpp.limits]\nwrite_buffer = {write_buffer}\n"
    return timers + limits + account(deliver_window="100000") + OTHER


def receipt_octets(port: int) -> int:
    """Fetch one receipt and give its length."""
    with Wire(Address("127.0.0.1", port)) as wire:
        wire.bind()
        wire.send(submit(2, Text(TEXT, b"%d" % FIRST_RECIPIENT, asked=True)))
        while (received := wire.receive()) is not None and received.command_id != DELIVER:
            pass
        assert received is not None
        wire.send(pdu(DELIVER | 0x80000000, b"\0", sequence=received.sequence_number))
        wire.ask(pdu(UNBIND, sequence=3))
        return 16 + len(received.body)


def in_the_kernel(gateway: int, peer: int) -> int:
    """Add up the queues of both ends of a connection between two ports of this machine."""
    total = 0
    for line in Path("/proc/net/tcp").read_text("ascii").splitlines()[1:]:
        fields = line.split()
        here, there = (int(end.partition(":")[2], 16) for end in fields[1:3])
        sending, receiving = (int(octets, 16) for octets in fields[4].split(":"))
        if (here, there) == (gateway, peer):
            total += sending
        elif (here, there) == (peer, gateway):
            total += receiving
    return total


class Stalled:
    """Watch what is held for one session that never reads."""

    def __init__(self, victim: Victim, peers: Peers) -> None:
        self._victim = victim
        self._each = receipt_octets(victim.port)
        self._before = value_of(victim, SENT, account="police", result="sent")
        peers.open(1, [pdu(BIND_RX, bind_body())], 0.0, sources(1))
        self._port: int = peers.all[0].socket.getsockname()[1]
        peers.drive(lambda: self.bound, 10, "the bind")

    @property
    def bound(self) -> bool:
        return value_of(self._victim, SESSIONS, account="police", bind_type="rx") == 1

    @property
    def held(self) -> float:
        """Give the octets that the gateway holds for it outside the kernel."""
        sent = value_of(self._victim, SENT, account="police", result="sent") - self._before
        return sent * self._each - in_the_kernel(self._victim.port, self._port)


@pytest.mark.slow
def test_an_esme_that_does_not_read_is_bounded_and_cut_and_gets_everything_later(
    tmp_path: Path, victims: Callable[..., Victim], many: Callable[[int, int], int]
) -> None:
    victim = victims(bounded(BUFFER_OCTETS), arguments=("--contract", "none"))
    victim.start()
    due, first, second = many(10_000, 100_000), tmp_path / "first", tmp_path / "second"
    with Canary(victim.port, system_id="other", asks=True) as canary:
        alone = canary.measure(1.0)
    memory = victim.memory_octets()
    kinds = ("--plain", "--kinds")
    with (
        Peers("127.0.0.1", victim.port, reads=False) as peers,
        LoadClient(victim.port, first, *kinds, "tx", "--rate", "6000") as load,
    ):
        stalled = Stalled(victim, peers)
        with Canary(victim.port, system_id="other", asks=True) as canary:
            held: list[float] = []
            deadline = time.monotonic() + STALL_S + LATE_S + due / 1_000
            while stalled.bound:
                assert time.monotonic() < deadline, "the session was not cut"
                held.append(stalled.held)
            load.wait_for_acks(max(1, due - int(load.status()["acks"])), 30 + due / 1_000)
            load.stop_submitting()
            met = canary.measure(0.1)
        until(lambda: not load.status()["unanswered"], 10, "every submit_sm_resp")
        growth = victim.memory_octets() - memory
        assert value_of(victim, CLOSED, account="police", reason="write_stall") == 1
        owed = load.status()["acks"]
        assert value_of(victim, PENDING, account="police") == owed, "nothing was thrown away"
        with LoadClient(victim.port, second, *kinds, "rx", "--rate", "0") as reader:
            until(lambda: reader.status()["receipts"] >= owed, 30 + due / 1_000, "the receipts")
            until(lambda: not value_of(victim, PENDING, account="police"), 10, "their answers")
    assert victim.terminate() == 0
    print(  # noqa: T201 - the figures are what this run is for
        f"{owed:.0f} receipts due: {max(held) / 1024:.0f} KiB held for the session, "
        f"{growth / 2**20:.0f} MiB more in all; "
        f"p99 of another account {p99(alone.answers_s) * 1000:.0f} ms alone, "
        f"{p99(met.answers_s) * 1000:.0f} ms beside it"
    )
    assert max(held) <= BUFFER_OCTETS + SLICE_OCTETS
    assert growth <= max(GROWTH_OCTETS, owed * OCTETS_PER_RECEIPT)
    assert p99(met.answers_s) < 1.0
    assert p99(met.receipts_s) < 1.0
    acknowledged = read_ledger(first).acknowledged.values()
    came = read_ledger(second).receipts
    assert came.keys() == set(acknowledged)
    assert all(len(set(copies)) == 1 for copies in came.values())
    assert verify(victim.data).problems == []


@pytest.mark.slow
def test_without_the_bound_more_is_held_and_the_session_goes_on(
    tmp_path: Path, victims: Callable[..., Victim]
) -> None:
    """The negative control."""
    victim = victims(bounded(1 << 30), arguments=("--contract", "none"))
    victim.start()
    options = ("--plain", "--kinds", "tx", "--rate", "6000")
    with (
        Peers("127.0.0.1", victim.port, reads=False) as peers,
        LoadClient(victim.port, tmp_path / "ledger", *options),
    ):
        stalled = Stalled(victim, peers)
        until(lambda: stalled.held > 2 * (BUFFER_OCTETS + SLICE_OCTETS), 20, "more than allowed")
        pause(STALL_S)
        assert stalled.bound
