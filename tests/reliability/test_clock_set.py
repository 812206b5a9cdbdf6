"""Set the clock of a running gateway by two hours, both ways, under load (I13).

libfaketime moves the wall clock of the gateway's processes and leaves the monotonic one alone, as
an operator or NTP does. The control lets the jump reach the monotonic clock as well, which is what
a gateway that times by the wall clock would see; it must be found out.
"""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Self

import pytest

from tests.support.gateway_process import Address
from tests.support.programs import require_program
from tests.support.wire import RESPONSE, UNBIND, Wire, bind_body

from .checker import check
from .driver import LoadClient
from .ledger import LedgerWriter
from .octets import DELIVER, ENQUIRE, Text, pdu, receipt_of, submit
from .victim import Victim, until

REACHABLE, UNREACHABLE = b"19900000000", b"19900000001"
WAIT_S = 4
RELATIVE = b"0000000000%02d000R" % WAIT_S
EARLY_S = 0.1
LATE_S = 3.0
"""A second alone on the machine; the rest is for whatever else runs there."""
FIRST_REF = 900_000
SETTINGS = """
contract = "none"
[network]
profile = "perfect"
[smpp.timers]
enquire_link_s = 1
inactivity_s = 30
[[account]]
system_id = "police"
password = "secret08"
[[account]]
system_id = "clock"
password = "secret08"
"""


class FakeTime:
    """Set the wall clock that a gateway sees, in seconds from the true one."""

    def __init__(self, folder: Path, *, monotonic_too: bool = False) -> None:
        faketime = require_program("faketime")
        shown = subprocess.run(
            [faketime, "-m", "-f", "+0", "printenv", "LD_PRELOAD"],
            capture_output=True,
            text=True,
            check=True,
        )
        self._file = folder / "time"
        self.set(0)
        self.environ = {
            "LD_PRELOAD": shown.stdout.strip(),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "0" if monotonic_too else "1",
        }

    def set(self, offset_s: int) -> None:
        # In one step: half an offset would be another one.
        written = self._file.with_suffix(".part")
        written.write_text(f"{offset_s:+d}\n", "ascii")
        os.replace(written, self._file)


def set_clock(victim: Victim, fake: FakeTime, offset_s: int) -> None:
    """Set the clock and wait until the gateway has it."""
    fake.set(offset_s)

    def has_it() -> bool:
        shown = parsedate_to_datetime(victim.get("/readyz").headers["date"]).timestamp()
        return abs(shown - time.time_ns() / 1e9 - offset_s) < 5.0

    until(has_it, 10, f"the gateway's clock set by {offset_s} s")


def absolute(offset_s: int) -> bytes:
    """Write the time in WAIT_S seconds by a clock that is `offset_s` ahead of the true one."""
    at = time.time_ns() / 1e9 + offset_s + WAIT_S
    tenth = int(at * 10) % 10
    return time.strftime(f"%y%m%d%H%M%S{tenth}00+", time.gmtime(at)).encode("ascii")


@dataclass(slots=True)
class Waiting:
    """Remember a message that waits: when it was submitted, what should become of it, and when."""

    wants: str
    submitted_at: float = field(default_factory=time.monotonic)
    message_id: str = ""
    ended: list[tuple[float, str]] = field(default_factory=list)
    """Monotonic time and stat of each receipt."""


class Scheduler:
    """Submit messages that wait, on a session of their own, and keep the ledger of them."""

    def __init__(self, port: int, ledger: Path) -> None:
        self._wire = Wire(Address("127.0.0.1", port)).bind(body=bind_body(b"clock"))
        self._ledger = LedgerWriter(ledger)
        self._thread = threading.Thread(target=self._listen, name="scheduler", daemon=True)
        self.waiting: dict[int, Waiting] = {}
        self.lost = False
        self._closing = False
        self._by_id: dict[str, Waiting] = {}
        self._early: dict[str, tuple[float, str]] = {}
        self._thread.start()

    def submit_all(self, offset_s: int) -> None:
        """Submit one message of each kind, by a clock that is `offset_s` ahead."""
        soon = absolute(offset_s)
        for recipient, schedule, validity, wants in (
            (REACHABLE, RELATIVE, b"", "DELIVRD"),
            (REACHABLE, soon, b"", "DELIVRD"),
            (UNREACHABLE, b"", RELATIVE, "EXPIRED"),
            (UNREACHABLE, b"", soon, "EXPIRED"),
        ):
            ref = FIRST_REF + len(self.waiting)
            text = Text(f"编号{ref}。", recipient, True, schedule=schedule, validity=validity)
            self._ledger.note("INTENT", time.monotonic(), ref, "clock", 1)
            self.waiting[ref] = Waiting(wants)
            self._wire.send(submit(ref, text))

    def _listen(self) -> None:
        try:
            while (found := self._wire.receive(within_s=60.0)) is not None:
                header = (found.command_id, found.command_status, found.sequence_number)
                self._take(header, found.body)
        except OSError:
            pass
        self.lost = not self._closing

    def _take(self, header: tuple[int, int, int], body: bytes) -> None:
        command_id, status, sequence = header
        now = time.monotonic()
        if command_id == ENQUIRE:
            self._wire.send(pdu(ENQUIRE | RESPONSE, sequence))
        elif command_id == DELIVER:
            self._wire.send(pdu(DELIVER | RESPONSE, sequence, b"\0"))
            found = receipt_of(body)
            if found is not None:
                self._ledger.note("RCPT", now, *found)
                self._ended(found[0], (now, found[1]))
        elif sequence in self.waiting:
            assert status == 0, f"status {status} for {self.waiting[sequence]}"
            message_id = body[:-1].decode("ascii")
            self._ledger.note("ACK", now, sequence, message_id)
            self.waiting[sequence].message_id = message_id
            self._by_id[message_id] = self.waiting[sequence]
            if message_id in self._early:
                self._ended(message_id, self._early.pop(message_id))

    def _ended(self, message_id: str, how: tuple[float, str]) -> None:
        message = self._by_id.get(message_id)
        if message is None:
            self._early[message_id] = how
        else:
            message.ended.append(how)

    def answered(self) -> bool:
        return all(message.message_id for message in self.waiting.values())

    def settled(self) -> bool:
        return all(message.ended for message in self.waiting.values())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._closing = True
        with suppress(OSError):  # the gateway may have closed it
            self._wire.send(pdu(UNBIND, 1))
        self._thread.join(10)
        self._wire.__exit__()
        self._ledger.close()


def mistakes(messages: list[Waiting]) -> list[str]:
    """Say which messages ended otherwise than they should, too early or too late."""
    found = []
    for message in messages:
        for at, stat in message.ended:
            took = at - message.submitted_at
            in_time = WAIT_S - EARLY_S <= took <= WAIT_S + LATE_S
            if stat != message.wants or not in_time:
                found.append(f"{stat} after {took:.2f} s instead of {message.wants}")
    return found


@pytest.mark.slow
def test_a_clock_set_by_two_hours_under_load_hurts_nobody(
    tmp_path: Path, victims: Callable[..., Victim], many: Callable[[int, int], int]
) -> None:
    fake = FakeTime(tmp_path)
    ledger = tmp_path / "ledger"
    victim = victims(SETTINGS, environ=fake.environ)
    victim.start()
    offset_s = 0
    with (
        LoadClient(victim.port, ledger, "--rate", "500", "--plain") as load,
        Scheduler(victim.port, ledger) as scheduler,
    ):
        load.wait_for_acks(1)
        for step in range(many(3, 30)):
            scheduler.submit_all(offset_s)
            # Half of the jumps while they wait lead forward, half of them back.
            offset_s += 7200 if step % 3 != 1 else -2 * 7200
            set_clock(victim, fake, offset_s)
        scheduler.submit_all(offset_s)
        until(scheduler.settled, 30, "outcomes of all that waited")
        load.quiesce(quiet_s=0.3)
        assert (load.status()["lost"], scheduler.lost) == (0, False)
    # libfaketime lets a sleep of half a millisecond fail, such as that for the end of a child
    # process; so what is stopped in order is a gateway without it.
    victim.kill()
    assert "Traceback" not in victim.errors
    victim.environ = {}
    victim.start()
    assert victim.terminate() == 0
    assert mistakes(list(scheduler.waiting.values())) == []
    assert check(ledger, victim.data).wrong() == {}


@pytest.mark.slow
def test_a_gateway_that_timed_by_the_wall_clock_would_be_found_out(
    tmp_path: Path, victims: Callable[..., Victim]
) -> None:
    fake = FakeTime(tmp_path, monotonic_too=True)
    victim = victims(SETTINGS, environ=fake.environ)
    victim.start()
    with Scheduler(victim.port, tmp_path / "ledger") as scheduler:
        scheduler.submit_all(0)
        until(scheduler.answered, 10, "answers")
        fake.set(7200)
        until(lambda: scheduler.lost or mistakes(list(scheduler.waiting.values())), 20)
