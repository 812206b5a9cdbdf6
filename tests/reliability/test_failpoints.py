"""Kill the gateway, its committer and its archiver at every named boundary, under load (I3)."""

from __future__ import annotations

import asyncio
import random
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from gateway.archive.database import delete_archive
from gateway.failpoints import FAILPOINTS, VARIABLE
from gateway.journal.reader import SqliteJournalReader
from gateway.load.errors import EsmeError
from gateway.load.esme import Esme
from gateway.load.submission import SubmitOptions
from gateway.recovery import recover
from routing.events import JournalEvent, Outcome
from smpp.constants import BindMode
from smpp.pdus import ReplaceSm
from tests.support.inprocess import NUMBER, TEXT
from tests.support.journals import write_journal
from tests.support.submissions import AT, MESSAGE_ID, submission

from .checker import check
from .driver import LoadClient
from .ledger import LedgerWriter
from .victim import Victim, free_port, settings, until

RATE = "300"
TORTURING = 20
"""Kills at each boundary in the long run; an archiver that is started again dies again."""
DIES_WITHIN_S = 20.0
ENVIRONMENT = 4
"""The exit code of a gateway whose journal has failed (docs/cli.md)."""

COMMITTER_DIED = f"the committer ended unasked (killed by signal {int(signal.SIGKILL)})"
ARCHIVER_DIED = f'"event": "archiver.died", "exit_code": -{int(signal.SIGKILL)}'


@dataclass(frozen=True, slots=True)
class Boundary:
    """Say how a failpoint is reached: at which passages, and what brings the gateway there."""

    name: str
    latest: int
    """The last of the passages that a kill may be at; the first is 1."""
    also: Callable[[Victim], None] | None = None
    """What has to be done besides the load."""
    once: bool = False
    """Whether an archiver that is started again does not pass it any more."""
    usual: int = 2
    """Kills in the ordinary run. What no load changes is killed once here, and once or twice more
    in tests/gateway/test_failpoints.py."""

    @property
    def process(self) -> str:
        return FAILPOINTS[self.name].partition(":")[0]


def send_uplink(victim: Victim) -> None:
    """Let a handset answer; whoever asked for it may see the gateway die."""
    message = {"from": "13300000001", "to": "106590990371", "text": "收到"}
    with suppress(httpx.HTTPError), httpx.Client(timeout=5.0, trust_env=False) as client:
        while victim.process.poll() is None:
            client.post(f"{victim.url}/api/v1/mo", json=message)


GATEWAY = (
    Boundary("batch.before", 60),
    Boundary("batch.after", 60),
    Boundary("submissions.before", 60),
    Boundary("submissions.after", 60),
    Boundary("dispatch.before", 60),
    Boundary("parts.before", 2),
    Boundary("parts.after", 2),
    Boundary("outcomes.before", 30),
    Boundary("outcomes.after", 30),
    Boundary("deliveries.after", 30),
    Boundary("acknowledgements.before", 30),
    Boundary("acknowledgements.after", 30),
)
UPLINKS = (
    Boundary("uplinks.before", 3, send_uplink),
    Boundary("uplinks.after", 3, send_uplink),
)
COMMITTER = (
    Boundary("insert.before", 60),
    Boundary("commit.before", 60),
    Boundary("commit.after", 60),
    Boundary("checkpoint.before", 1, usual=1),
    Boundary("checkpoint.after", 1, usual=1),
    Boundary("anchor.before", 1, usual=1),
    Boundary("anchor.after", 1, usual=1),
    Boundary("segment.before", 1, usual=1),
    Boundary("segment.commit", 1, usual=1),
    Boundary("segment.after", 1, usual=1),
)
ARCHIVER = (
    Boundary("archive_schema.before", 1),
    Boundary("archive_schema.tables", 1),
    Boundary("archive_schema.after", 1, once=True),
    Boundary("archive.before", 3),
    Boundary("archive.after", 3),
)
REPLACEMENTS = (Boundary("replacements.before", 1), Boundary("replacements.after", 1))


def test_every_failpoint_is_killed_at() -> None:
    killed = {one.name for one in (*GATEWAY, *UPLINKS, *COMMITTER, *ARCHIVER, *REPLACEMENTS)}
    # These are passed when somebody asks, not under load: tests/gateway/test_failpoints.py, and
    # test_registries_killed.py here.
    asked = ("retention.", "registries.")
    assert killed == {name for name in FAILPOINTS if not name.startswith(asked)}


def kill_at(victim: Victim, boundary: Boundary, passage: int) -> None:
    """Start a gateway that dies at one passage, and see that it does and what it says."""
    victim.environ = {VARIABLE: f"{boundary.name}:{passage}"}
    if boundary.also is None:
        victim.spawn()
    else:
        victim.start()
        boundary.also(victim)
    code = victim.wait(DIES_WITHIN_S)
    expected = -signal.SIGKILL if boundary.process == "gateway" else ENVIRONMENT
    assert code == expected, f"{boundary.name}:{passage}: exit code {code}\n{victim.errors[-2000:]}"


def kill_the_archiver(victim: Victim, boundary: Boundary, passage: int, times: int) -> None:
    """Start a gateway whose archiver dies again and again; the gateway must live on."""
    if boundary.name.startswith("archive_schema"):
        delete_archive(victim.data)
    victim.environ = {VARIABLE: f"{boundary.name}:{passage}"}
    victim.start()
    before = victim.errors.count(ARCHIVER_DIED)
    until(lambda: victim.errors.count(ARCHIVER_DIED) >= before + times, DIES_WITHIN_S)
    assert victim.process.poll() is None
    victim.kill()


def finish(victim: Victim, load: LoadClient) -> None:
    """Start the gateway without a failpoint, let everything end, stop it."""
    victim.environ = {}
    victim.start()
    load.wait_for_acks(1)
    load.quiesce(quiet_s=1.0)
    until(lambda: not victim.get("/api/v1/messages?q=state:enroute").json()["items"], 10)
    assert victim.terminate() == 0


def run(
    victim: Victim, boundaries: Sequence[Boundary], many: Callable[[int, int], int], *options: str
) -> Path:
    """Kill at each boundary as often as it wants, one after the other; give the ledger."""
    dice = random.Random(many(1, 2))
    ledger = victim.folder / "ledger"
    with LoadClient(victim.port, ledger, "--rate", RATE, *options) as load:
        for boundary in boundaries:
            times = many(boundary.usual, TORTURING)
            # More deaths in a row only lengthen the pauses before the next start.
            at_once = 1 if boundary.process != "archiver" or boundary.once else 2
            for _start in range(times // at_once):
                passage = dice.randint(1, boundary.latest)
                if boundary.process == "archiver":
                    kill_the_archiver(victim, boundary, passage, at_once)
                else:
                    kill_at(victim, boundary, passage)
        finish(victim, load)
    return ledger


@pytest.mark.slow
def test_the_ledger_is_clean_after_death_at_every_boundary(
    victims: Callable[..., Victim], many: Callable[[int, int], int]
) -> None:
    """Two gateways side by side, since a start is mostly the work of one core."""
    toml = settings(reassembly_s=0.2)
    first = victims(toml)
    second = victims(toml, port=free_port(first.port))
    with ThreadPoolExecutor(2) as pool:
        ledgers = [
            pool.submit(run, first, GATEWAY, many, "--incomplete"),
            pool.submit(run, second, (*COMMITTER, *UPLINKS, *ARCHIVER), many),
        ]
        found = [future.result() for future in ledgers]
    for victim, ledger in zip((first, second), found, strict=True):
        findings = check(ledger, victim.data)
        print(findings.summary())  # noqa: T201 - the figures are what this run is for
        assert findings.wrong() == {}
        assert recover(victim.data, {}).open.mo == {}, "every uplink message is acknowledged"
        assert "Traceback" not in victim.errors
    died = sum(many(boundary.usual, TORTURING) for boundary in COMMITTER)
    assert second.errors.count(COMMITTER_DIED) == died


# -- replace_sm ------------------------------------------------------------------------------

LATER = SubmitOptions(schedule_delivery_time="000000010000000R")
OTHER_TEXT = TEXT.replace("482913", "730651")


async def bound(victim: Victim) -> Esme:
    esme = await Esme.connect("127.0.0.1", victim.port)
    await esme.bind("police", "secret08", BindMode.TRX)
    return esme


async def submit_and_replace(victim: Victim) -> str:
    """Submit a message for later and ask for another text; nobody answers that any more."""
    async with await bound(victim) as esme:
        message_id = (await esme.submit("13300000001", TEXT, NUMBER, LATER)).message_ids[0]
        with pytest.raises(EsmeError):
            await esme.request(
                ReplaceSm(
                    message_id=message_id.encode(),
                    source_addr=NUMBER.encode(),
                    registered_delivery=1,
                    short_message=OTHER_TEXT.encode("utf-16-be"),
                )
            )
    return message_id


async def cancel_all(victim: Victim, message_ids: list[str]) -> list[int]:
    async with await bound(victim) as esme:
        return [await esme.cancel(message_id, NUMBER) for message_id in message_ids]


@pytest.mark.slow
def test_a_replaced_message_is_the_old_or_the_new_one_and_ends_once(
    victims: Callable[..., Victim], many: Callable[[int, int], int]
) -> None:
    victim = victims(settings())
    texts: dict[str, str] = {}
    for boundary in REPLACEMENTS:
        for _time in range(many(boundary.usual, TORTURING)):
            victim.environ = {VARIABLE: f"{boundary.name}:1"}
            victim.start()
            message_id = asyncio.run(submit_and_replace(victim))
            assert victim.wait(DIES_WITHIN_S) == -signal.SIGKILL
            texts[message_id] = OTHER_TEXT if boundary.name.endswith(".after") else TEXT
    victim.environ = {}
    victim.start()
    found = {one: victim.get(f"/api/v1/messages/{one}").json()["text"] for one in texts}
    assert found == texts
    assert set(asyncio.run(cancel_all(victim, list(texts)))) == {0}
    assert victim.terminate() == 0
    outcomes = [
        str(event.message_id)
        for _sequence, _at, events in SqliteJournalReader(victim.data).read(0)
        for event in events
        if isinstance(event, Outcome)
    ]
    assert sorted(outcomes) == sorted(texts)


# -- negative controls -----------------------------------------------------------------------


@pytest.mark.slow
def test_a_gateway_that_keeps_nothing_on_disk_fails_the_same_check(
    victims: Callable[..., Victim],
) -> None:
    """With the journal's protection taken away, death between answer and dispatch loses."""
    victim = victims(settings(durability="none"))
    ledger = victim.folder / "ledger"
    with LoadClient(victim.port, ledger, "--rate", RATE, "--plain") as load:
        kill_at(victim, Boundary("dispatch.before", 60), 60)
        assert load.status()["acks"] > 0
    assert check(ledger, victim.data, settled=False).lost


def sent(ref: int) -> JournalEvent:
    """Give the stored form of a message that the ledger knows by its ref."""
    return submission(message_id=MESSAGE_ID + ref, text=f"编号{ref}。", registered_delivery=0)


def ended(ref: int, state: int = 2) -> JournalEvent:
    return Outcome(AT, MESSAGE_ID + ref, state, "000", "ok", "telecom")


DOCTORED: dict[str, tuple[list[JournalEvent], set[str]]] = {
    "as it should be": ([sent(1), ended(1)], set()),
    "a second outcome": (
        [sent(1), ended(1), ended(1, 5)],
        {"several_outcomes", "damage"},
    ),
    "no outcome": ([sent(1)], {"without_outcome", "archived_without_one"}),
    "not stored": ([], {"lost"}),
    "stored twice": (
        [sent(1), ended(1), submission(message_id=MESSAGE_ID + 9, text="编号1。"), ended(9)],
        {"stored_twice", "mixed_up", "receipts_missing"},
    ),
    "never sent": ([sent(1), ended(1), sent(2), ended(2)], {"ghosts"}),
}
"""What is doctored → the journal's events, and what the checker has to find."""


@pytest.mark.parametrize("what", DOCTORED)
def test_the_checker_finds_what_is_wrong_in_a_journal(tmp_path: Path, what: str) -> None:
    events, wrong = DOCTORED[what]
    write(tmp_path / "data", events)
    assert set(check(ledger_of(tmp_path), tmp_path / "data").wrong()) == wrong


@pytest.mark.parametrize(
    ("kind", "fields", "wrong"),
    [
        ("ACK", (2, MESSAGE_ID + 2), "lost"),
        ("NAK", (1, 69), "answered_twice"),
        ("RCPT", (MESSAGE_ID + 1, "DELIVRD", "000", "2602251413"), "receipts_unasked"),
    ],
)
def test_the_checker_finds_what_is_wrong_in_a_ledger(
    tmp_path: Path, kind: str, fields: tuple[object, ...], wrong: str
) -> None:
    write(tmp_path / "data", [sent(1), ended(1)])
    findings = check(ledger_of(tmp_path, (kind, fields)), tmp_path / "data")
    assert set(findings.wrong()) == {wrong}


def write(data: Path, events: list[JournalEvent]) -> None:
    data.mkdir()
    write_journal(data, [(AT, events)])


def ledger_of(folder: Path, *doctored: tuple[str, tuple[object, ...]]) -> Path:
    """Write the ledger of one message that was sent and acknowledged, and what is put in."""
    ledger = LedgerWriter(folder / "ledger")
    ledger.note("INTENT", AT, 1, 0, 0)
    ledger.note("ACK", AT, 1, MESSAGE_ID + 1)
    for kind, fields in doctored:
        ledger.note(kind, AT, *fields)
    ledger.close()
    return folder / "ledger"
