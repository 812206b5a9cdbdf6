from __future__ import annotations

import random
import sqlite3
from pathlib import Path

import pytest

from gateway.journal.anchors import FILE
from gateway.journal.checking import ChainCheck, Problem, Problems
from gateway.journal.files import file_of
from tests.support.journals import message, write_journal
from tests.support.submissions import AT

DAY_S = 86_400.0
FEBRUARY, MARCH = "journal-2026-02.sqlite3", "journal-2026-03.sqlite3"


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """Write 20 batches: 4 in February, 16 in March."""
    write_journal(tmp_path, [(AT + number * DAY_S, [message(number)]) for number in range(20)])
    return tmp_path


def check(data_dir: Path) -> list[Problem]:
    problems = Problems()
    for _ in ChainCheck(data_dir, problems).batches():
        pass
    return problems.kept


def tamper(data_dir: Path, file: str, *statements: str) -> None:
    """Change a journal as somebody would who can write its files and knows SQL."""
    connection = sqlite3.connect(data_dir / file, isolation_level=None)
    for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'"):
        connection.execute("DROP TRIGGER " + name)
    for statement in statements:
        connection.execute(statement)
    connection.close()


def first(data_dir: Path) -> tuple[str, int]:
    problem = check(data_dir)[0]
    return problem.file, problem.sequence


def test_a_sound_journal_has_no_problems(journal: Path) -> None:
    problems = Problems()
    walked = ChainCheck(journal, problems)
    assert [batch.sequence for batch in walked.batches()] == list(range(1, 21))
    assert (problems.count, walked.end.sequence, walked.begins) == (0, 20, 0)


def test_an_empty_directory_has_no_problems(tmp_path: Path) -> None:
    assert check(tmp_path) == []


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE batch SET events = x'90' WHERE sequence = 9",
        "UPDATE batch SET at = at + 0.001 WHERE sequence = 9",
        "UPDATE batch SET hash = zeroblob(32) WHERE sequence = 9",
        "DELETE FROM batch WHERE sequence = 9",
    ],
)
def test_a_changed_or_deleted_batch_is_named(journal: Path, change: str) -> None:
    tamper(journal, MARCH, change)
    assert first(journal) == (MARCH, 9)


def test_swapped_batches_are_named(journal: Path) -> None:
    tamper(
        journal,
        MARCH,
        "UPDATE batch SET sequence = 999 WHERE sequence = 9",
        "UPDATE batch SET sequence = 9 WHERE sequence = 10",
        "UPDATE batch SET sequence = 10 WHERE sequence = 999",
    )
    assert first(journal) == (MARCH, 9)


def test_a_batch_put_in_between_is_named(journal: Path) -> None:
    tamper(
        journal,
        MARCH,
        "UPDATE batch SET sequence = sequence + 1000 WHERE sequence > 9",
        "UPDATE batch SET sequence = sequence - 999 WHERE sequence > 1000",
        "INSERT INTO batch SELECT 10, at, hash, events FROM batch WHERE sequence = 9",
    )
    assert first(journal) == (MARCH, 10)


def test_a_cut_tail_is_seen_by_the_anchor(journal: Path) -> None:
    tamper(journal, MARCH, "DELETE FROM batch WHERE sequence > 17")
    (problem,) = check(journal)
    assert (problem.file, problem.sequence) == (MARCH, 18)
    assert "knows batch 20" in problem.what


def test_an_anchor_kept_elsewhere_counts_instead(journal: Path, tmp_path: Path) -> None:
    copy = tmp_path / "elsewhere.jsonl"
    copy.write_bytes((journal / FILE).read_bytes())
    tamper(journal, MARCH, "DELETE FROM batch WHERE sequence > 17")
    (journal / FILE).unlink()
    assert check(journal) == []
    problems = Problems()
    list(ChainCheck(journal, problems, copy).batches())
    assert problems.count == 1


def test_a_tail_written_anew_is_seen_by_the_anchor(journal: Path) -> None:
    anchors = (journal / FILE).read_bytes()
    for path in journal.iterdir():
        path.unlink()
    write_journal(journal, [(AT + n * DAY_S, [message(n + (n == 12))]) for n in range(20)])
    (journal / FILE).write_bytes(anchors)
    problem = check(journal)[0]
    assert problem.sequence == 13
    assert "isn't the one in" in problem.what


def test_a_missing_month_in_the_middle_is_seen(journal: Path) -> None:
    write_journal(journal, [(AT + 60 * DAY_S, [message(99)])])
    file_of(journal, "2026-03").unlink()
    assert first(journal) == ("journal-2026-04.sqlite3", 20)


def test_months_removed_by_retention_are_no_problem(journal: Path) -> None:
    file_of(journal, "2026-02").unlink()
    problems = Problems()
    walked = ChainCheck(journal, problems)
    assert [batch.sequence for batch in walked.batches()] == list(range(5, 21))
    assert (problems.kept, walked.begins) == ([], 4)


def test_a_file_under_another_months_name_is_seen(journal: Path) -> None:
    file_of(journal, "2026-03").rename(file_of(journal, "2026-07"))
    assert "format 1 and month 2026-03" in check(journal)[0].what


def test_a_batch_in_the_file_of_an_earlier_month_is_seen(tmp_path: Path) -> None:
    write_journal(tmp_path, [(AT, [message(1)])])
    tamper(tmp_path, FEBRUARY, "UPDATE batch SET at = at + 8640000")
    assert any("its time is in 2026-06" in problem.what for problem in check(tmp_path))


def test_a_segment_row_is_held_to_the_chain(journal: Path) -> None:
    tamper(journal, FEBRUARY, "UPDATE segment SET previous_hash = zeroblob(31)")
    assert "doesn't begin with the empty hash" in check(journal)[0].what
    tamper(journal, FEBRUARY, "DELETE FROM segment")
    assert "0 segment rows" in check(journal)[0].what


def test_only_so_many_problems_are_kept(journal: Path) -> None:
    tamper(journal, MARCH, "UPDATE batch SET hash = zeroblob(32)")
    problems = Problems()
    for number in range(300):
        problems.add("file", number, "what")
    assert (len(problems.kept), problems.count) == (100, 300)
    assert str(problems.kept[0]) == "file: what"
    assert str(problems.kept[1]) == "file: batch 1: what"


def rows(path: Path) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(path)
    try:
        query = "SELECT sequence, at, hash, events FROM batch ORDER BY sequence"
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def test_a_flipped_octet_is_detected_or_changes_no_record(tmp_path: Path) -> None:
    """Every single-octet change of a record is found, wherever in the file it falls.

    A database file also holds octets that belong to no record (unused space in pages, counters
    in the header); flips there may pass, and only there.
    """
    dice = random.Random(3)
    batches = [(AT + n, [message(10 * n + m) for m in range(8)]) for n in range(40)]
    write_journal(tmp_path, batches)
    path = file_of(tmp_path, "2026-02")
    sound = path.read_bytes()
    recorded = rows(path)
    detected = 0
    for _ in range(1000):
        place = dice.randrange(len(sound))
        flipped = bytearray(sound)
        flipped[place] ^= 1 << dice.randrange(8)
        path.write_bytes(flipped)
        found = check(tmp_path)
        detected += bool(found)
        assert found or rows(path) == recorded, f"octet {place}"
    assert detected > 700
