"""Failpoints: every commit lies between two of them, and without the variable there are none."""

from __future__ import annotations

import re
import signal
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from gateway import failpoints
from gateway.child import python_command, python_environment
from gateway.failpoints import (
    FAILPOINTS,
    VARIABLE,
    Failpoint,
    FailpointError,
    WatchedDispatch,
    WatchedJournal,
    check,
    parse,
)
from gateway.journal.files import journal_files
from gateway.journal.reader import SqliteJournalReader
from gateway.ports import Carry
from gateway.verification import verify
from routing.events import JournalEvent
from routing.message import Message
from tests.support.journals import message, write_journal
from tests.support.programs import ROOT
from tests.support.submissions import AT, in_flight

COMMIT = re.compile(
    r"""\bCOMMIT\b | \.commit\( | after_commit\( | fsync\( | executescript\(
      | wal_checkpoint | INSERT""",
    re.VERBOSE,
)
"""What makes something durable, or waits for it: in SQL, in SQLite's interface, in our own."""

Pair = tuple[str, str]

SITES: dict[str, dict[str, Pair]] = {
    "gateway/app.py": {
        "self.recorder.commit(": ("", ""),
    },
    "gateway/archive/builder.py": {
        'execute("COMMIT")': ("archive.before", "archive.after"),
        "INSERT OR IGNORE INTO messages": ("archive.before", "archive.after"),
        "INSERT OR REPLACE INTO sessions": ("archive.before", "archive.after"),
        "INSERT OR IGNORE INTO segments": ("archive.before", "archive.after"),
        "INSERT OR IGNORE INTO timeline": ("archive.before", "archive.after"),
        "INSERT OR IGNORE INTO lasting": ("archive.before", "archive.after"),
        "INSERT OR REPLACE INTO open_messages": ("archive.before", "archive.after"),
        "INSERT OR REPLACE INTO open_mo": ("archive.before", "archive.after"),
        "INSERT OR REPLACE INTO open_segments": ("archive.before", "archive.after"),
        "many(_INSERT": ("archive.before", "archive.after"),
    },
    "gateway/archive/database.py": {
        "executescript(_SCHEMA": ("archive_schema.before", "archive_schema.tables"),
        "INSERT INTO progress": ("archive_schema.tables", "archive_schema.after"),
    },
    "gateway/archive/figures.py": {
        # at the end of the archiver it commits by itself; what is lost there is folded again
        "INSERT OR REPLACE INTO figures": ("archive.before", "archive.after"),
    },
    "gateway/archive/forgetting.py": {
        "INSERT OR REPLACE INTO removed": ("archive.before", "archive.after"),
    },
    "gateway/archive/schema.sql": {
        "COMMIT;": ("archive_schema.before", "archive_schema.tables"),
        "BEFORE INSERT ON messages": ("archive_schema.before", "archive_schema.tables"),
    },
    "gateway/delivery/dispatcher.py": {
        "journal.after_commit(": ("outcomes.before", "outcomes.after"),
    },
    "gateway/delivery/mo.py": {
        "journal.after_commit(": ("uplinks.before", "uplinks.after"),
    },
    "gateway/delivery/outbox.py": {
        "journal.after_commit(": ("acknowledgements.before", "acknowledgements.after"),
    },
    "gateway/failpoints.py": {
        # the wrapper itself
        "after_commit(": ("", ""),
    },
    "gateway/journal/anchors.py": {
        "os.fsync(": ("anchor.before", "anchor.after"),
    },
    "gateway/journal/batching.py": {
        # the journal's own side of it
        "def after_commit(": ("", ""),
        # what is removed is recorded like everything else
        "after_commit(partial(_answer": ("batch.before", "batch.after"),
    },
    "gateway/journal/committer.py": {
        "one INSERT, one fsync": ("", ""),
        "    INSERT_BATCH,": ("", ""),
        "    INSERT_SEGMENT,": ("", ""),
        "execute(INSERT_SEGMENT": ("segment.before", "segment.commit"),
        "execute(INSERT_BATCH": ("insert.before", "commit.after"),
        "wal_checkpoint(PASSIVE)": ("checkpoint.before", "checkpoint.after"),
        "executescript(SCHEMA": ("segment.before", "segment.commit"),
        'execute("COMMIT")': ("segment.commit", "segment.after"),
        "self._journal.commit(": ("insert.before", "commit.after"),
        "INSERT: SQLite commits by itself": ("", ""),
        "AFTER INSERT ON batch": ("commit.before", "commit.after"),
        # taken back, never committed
        "INSERT INTO reserve": ("", ""),
        # the name of a file, before anything lies in it
        "os.fsync(descriptor)": ("segment.after", "insert.before"),
    },
    "gateway/evidence.py": {
        # a temporary table of a reader
        "INSERT INTO wanted": ("", ""),
    },
    "gateway/reconciling.py": {
        # temporary tables of a reader
        "executescript(_THEIRS": ("", ""),
        "INSERT INTO theirs": ("", ""),
    },
    "gateway/retention.py": {
        "journal.after_commit(": ("batch.before", "batch.after"),
    },
    "gateway/journal/files.py": {
        "INSERT INTO batch": ("insert.before", "commit.after"),
        "INSERT OR IGNORE INTO segment": ("segment.before", "segment.commit"),
    },
    "gateway/journal/forgetful.py": {
        # keeps nothing
        "def after_commit(": ("", ""),
    },
    "gateway/journal/retention.py": {
        "os.fsync(directory)": ("retention.unlinked", "retention.after"),
    },
    "gateway/journal/protocol.py": {
        'COMMIT = b"C"': ("batch.before", "batch.after"),
    },
    "gateway/journal/sqlite.py": {
        "    COMMIT,": ("", ""),
        "self._command(COMMIT": ("batch.before", "batch.after"),
    },
    "gateway/ports.py": {
        "def after_commit(": ("", ""),
    },
    "gateway/registrar.py": {
        "journal.after_commit(": ("registries.before", "registries.after"),
    },
    "gateway/server/answers.py": {
        "journal.after_commit(": ("submissions.before", "submissions.after"),
    },
    "gateway/server/assembly.py": {
        "journal.after_commit(": ("parts.before", "parts.after"),
    },
    "gateway/server/requests.py": {
        "journal.after_commit(": ("replacements.before", "replacements.after"),
    },
    "gateway/verification.py": {
        # tables of its own, in memory, gone with the command
        "executescript(_FACTS": ("", ""),
        "INSERT OR IGNORE INTO facts": ("", ""),
        "INSERT OR IGNORE INTO parts": ("", ""),
        "INSERT INTO copied": ("", ""),
        'execute("COMMIT")': ("", ""),
    },
}
"""File → what a line of it that commits holds → the failpoints before and after it, or ("", "")
where nothing becomes durable there, with the reason above."""

BETWEEN = {"commit.before", "dispatch.before", "deliveries.after", "retention.before"}
"""Failpoints inside such a pair, or after the last one of a message."""


def commit_lines() -> list[tuple[str, int, str]]:
    """Find every line that commits: file, number, text; comments are none."""
    found = []
    for path in sorted(ROOT.glob("gateway/**/*")):
        if path.suffix not in (".py", ".sql"):
            continue
        name = str(path.relative_to(ROOT))
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            if COMMIT.search(line) and not line.strip().startswith(("#", "--")):
                found.append((name, number, line))
    return found


def uncovered(lines: Sequence[tuple[str, int, str]]) -> list[str]:
    """Give the lines that commit outside the table."""
    return [
        f"{name}:{number}: {line.strip()}"
        for name, number, line in lines
        if not any(part in line for part in SITES.get(name, {}))
    ]


def test_every_commit_lies_between_two_failpoints() -> None:
    assert uncovered(commit_lines()) == []
    named = {name for sites in SITES.values() for pair in sites.values() for name in pair}
    assert named - {""} | BETWEEN == set(FAILPOINTS)


def test_a_commit_that_nobody_listed_is_found() -> None:
    """The negative control."""
    new = ("gateway/ids.py", 1, "    connection.commit()")
    other = ("gateway/journal/committer.py", 1, '    execute("INSERT INTO elsewhere VALUES (1)")')
    waiting = ("gateway/server/binder.py", 1, "        self._journal.after_commit(bound)")
    assert len(uncovered([new, other, waiting])) == 3


def test_every_row_of_the_table_still_has_its_line() -> None:
    lines = commit_lines()
    assert [
        f"{file}: {part}"
        for file, sites in SITES.items()
        for part in sites
        if not any(file == name and part in line for name, _number, line in lines)
    ] == []


def test_every_failpoint_is_passed_somewhere() -> None:
    sources = "\n".join(path.read_text("utf-8") for path in ROOT.glob("gateway/**/*.py"))
    for name in FAILPOINTS:
        watched = name.partition(".")[0]
        ways = (f'reach("{name}")', f"reach('{name}')", f'watched(self.journal, "{watched}")')
        scheduled = f'self._schedule(reach, "{name}")'
        assert any(way in sources for way in (*ways, scheduled)), name


def test_the_documentation_names_every_failpoint() -> None:
    page = (ROOT / "docs" / "reliability.md").read_text("utf-8")
    assert [name for name in FAILPOINTS if f"`{name}`" not in page] == []


def test_only_the_named_passage_ends_the_process() -> None:
    ended: list[str] = []
    point = Failpoint("batch.before", 2, lambda: ended.append("now"))
    point.reach("batch.after")
    point.reach("batch.before")
    assert ended == []
    point.reach("batch.before")
    assert ended == ["now"]


@pytest.mark.parametrize("value", ["nowhere:1", "batch.before", "batch.before:0", ":1", "x"])
def test_what_can_never_be_reached_is_refused(value: str) -> None:
    with pytest.raises(FailpointError, match=f"{VARIABLE}: {value} seen"):
        parse(value)


def test_without_the_variable_nothing_is_in_the_way() -> None:
    assert check({}) is None
    assert check({VARIABLE: "batch.before:3"}) is not None
    if failpoints.ARMED is None:
        journal, waiting = Recording([]), WatchedDispatch(Taking([]), print)
        assert failpoints.watched(journal, "outcomes") is journal
        assert failpoints.before_dispatch(waiting) is waiting
        assert failpoints.after_delivery(counted, print) is counted


def counted(kind: str, account: str, result: str, n: int) -> None:
    """Count nothing."""


class Taking:
    """Note how many messages were taken over."""

    def __init__(self, order: list[str]) -> None:
        self._order = order

    def accept(self, messages: list[Message]) -> None:
        self._order.append(f"{len(messages)} accepted")


class Recording:
    """Be a journal that notes what it is asked for."""

    def __init__(self, order: list[str]) -> None:
        self.failed: BaseException | None = None
        self.callbacks: list[Callable[[bool], None]] = []
        self._order = order

    def append(self, event: JournalEvent) -> None:
        self._order.append("append")

    def extend(self, events: Sequence[JournalEvent]) -> None:
        self._order.append("extend")

    def after_commit(self, callback: Callable[[bool], None]) -> None:
        self.callbacks.append(callback)

    def full(self) -> bool:
        return True

    async def retain(self, before: float, who: str, carry: Carry | None = None) -> tuple[str, ...]:
        assert carry is not None
        self._order.append(f"retain {before:g} {who}, carries from {await carry(7)}")
        return ()


async def test_a_watched_journal_hands_on_what_is_to_be_removed() -> None:
    order: list[str] = []
    journal = WatchedJournal(Recording(order), "outcomes", order.append)

    async def carry(last_sequence: int) -> int:
        return last_sequence + 1

    assert await journal.retain(5.0, "operator", carry) == ()
    assert order == ["retain 5 operator, carries from 8"]


def test_a_watched_journal_passes_before_each_append_and_before_each_callback() -> None:
    order: list[str] = []
    inner = Recording(order)
    journal = WatchedJournal(inner, "outcomes", order.append)
    journal.append(message(1))
    journal.extend([message(2)])
    journal.after_commit(lambda stored: order.append(f"stored {stored}"))
    assert (journal.full(), journal.failed) == (True, None)
    inner.callbacks[0](False)
    before, after = "outcomes.before", "outcomes.after"
    assert order == [before, "append", before, "extend", after, "stored False"]


def test_the_dispatch_is_passed_before_messages_are_taken_over() -> None:
    order: list[str] = []
    WatchedDispatch(Taking(order), order.append).accept([in_flight()])
    assert order == ["dispatch.before", "1 accepted"]


NEXT_MONTH = AT + 40 * 86_400.0

TWO_MONTHS = f"""
import sys
from pathlib import Path
from gateway.journal.committer import Chain
chain = Chain(Path(sys.argv[1]), "full")
for at in ({AT!r}, {NEXT_MONTH!r}):
    chain.commit(at, memoryview(b"\\x90"))
    print(at, flush=True)
chain.close({NEXT_MONTH!r})
"""


REMOVAL = """
import sys
from pathlib import Path
from gateway.journal.retention import ended, remove
remove(Path(sys.argv[1]), ended(Path(sys.argv[1]), 2e9).months)
"""


def killed(program: str, data: Path, point: str) -> subprocess.CompletedProcess[str]:
    """Run a program that has to die at a failpoint."""
    command = python_command("gateway.child", str(data))
    command[-3:-1] = ["-c", program]
    environment = {**python_environment(), VARIABLE: point}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    return done


@pytest.mark.parametrize(
    ("point", "left"),
    [
        ("retention.before:1", 4),
        ("retention.unlinked:1", 3),
        ("retention.after:1", 3),
        ("retention.before:2", 3),
        ("retention.unlinked:4", 2),
        ("retention.after:2", 2),
    ],
)
def test_the_removal_of_months_survives_death_at_each_boundary(
    tmp_path: Path, point: str, left: int
) -> None:
    months = [AT + number * 31 * 86_400.0 for number in range(4)]
    write_journal(tmp_path, [(at, [message(number)]) for number, at in enumerate(months)])
    killed(REMOVAL, tmp_path, point)
    assert [str(problem) for problem in verify(tmp_path).problems] == []
    assert len(journal_files(tmp_path)) == left
    write_journal(tmp_path, [(months[-1], [message(4)])])
    assert [str(problem) for problem in verify(tmp_path).problems] == []
    assert SqliteJournalReader(tmp_path).last().sequence == 5


@pytest.mark.parametrize(
    ("point", "stored"),
    [
        ("segment.before:2", 1),
        ("segment.commit:2", 1),
        ("segment.after:2", 1),
        ("checkpoint.before:1", 1),
        ("checkpoint.after:1", 1),
        ("insert.before:2", 1),
        ("commit.before:2", 1),
        ("commit.after:2", 2),
        ("checkpoint.before:2", 2),
        ("checkpoint.after:2", 2),
        ("anchor.before:1", 2),
        ("anchor.after:1", 2),
    ],
)
def test_the_change_of_a_month_survives_death_at_each_boundary(
    tmp_path: Path, point: str, stored: int
) -> None:
    done = killed(TWO_MONTHS, tmp_path, point)
    written = verify(tmp_path)
    assert [str(problem) for problem in written.problems] == []
    assert SqliteJournalReader(tmp_path).last().sequence == stored >= len(done.stdout.split())
    write_journal(tmp_path, [(NEXT_MONTH, [message(2)])])
    assert [str(problem) for problem in verify(tmp_path).problems] == []
    assert SqliteJournalReader(tmp_path).last().sequence == stored + 1
