"""Fill the disk under load: refuse, stay, say why, go on without a restart (I15)."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.gateway_process import Address
from tests.support.wire import BIND_TX, ENQUIRE, Wire, pdu

from .checker import check
from .driver import LoadClient
from .ledger import read_ledger
from .victim import Victim, settings, until

RMSGQFUL, RSYSERR = 0x14, 0x08
RECOVERED_WITHIN_S = 5.0
OCTETS = 24 << 20
FILLER_OCTETS = 16 << 20
"""Leaves room for some thousands of messages above the reserve."""


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a file system of 24 MB."""
    mount = tmp_path / "disk"
    mount.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={OCTETS}", "tmpfs", str(mount)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"can't mount a small tmpfs, which needs root: {done.stderr.strip()}")
    yield mount
    subprocess.run(["umount", "-l", str(mount)], check=True)


@pytest.mark.slow
def test_a_full_disk_refuses_and_recovers_without_restart(
    tmp_path: Path, small_disk: Path, victims: Callable[..., Victim]
) -> None:
    ledger = tmp_path / "ledger"
    filler = small_disk / "filler"
    filler.write_bytes(bytes(FILLER_OCTETS))
    victim = victims(settings(), data=small_disk / "data")
    victim.start()
    with (
        Wire(Address("127.0.0.1", victim.port)) as idle,
        LoadClient(victim.port, ledger, "--rate", "2000") as load,
    ):
        # A transmitter: a receiver that answers nothing would hold up its share of the receipts.
        idle.bind(BIND_TX)
        until(lambda: load.status()["naks"] > 2000, 60, "refusals")
        refused = load.status()
        until(lambda: load.status()["naks"] > refused["naks"] + 1000, 10, "further refusals")
        assert load.status()["lost"] == 0, "sessions stay"
        assert idle.ask(pdu(ENQUIRE, sequence=9)).command_status == 0
        ready = victim.get("/readyz")
        assert ready.status_code == 503
        assert "disk" in ready.text
        filler.unlink()
        before = load.status()["acks"]
        until(lambda: load.status()["acks"] > before, RECOVERED_WITHIN_S, "ESME_ROK again")
        assert load.status()["lost"] == 0
        until(lambda: victim.get("/readyz").status_code == 200, 5, "readiness again")
        load.quiesce()
    assert victim.terminate() == 0
    assert check(ledger, victim.data).wrong() == {}
    statuses = set(read_ledger(ledger).refused.values())
    assert statuses & {RMSGQFUL, RSYSERR}
