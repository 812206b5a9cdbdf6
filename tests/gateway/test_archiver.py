from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from gateway.archive.database import archive_file, reading_archive
from gateway.archiver import archiver_command
from tests.support.journals import message, write_journal
from tests.support.submissions import AT


def run(data_dir: Path) -> subprocess.CompletedProcess[str]:
    """Run the archiver with its standard input at its end: it takes in one transaction."""
    command, environment = archiver_command(data_dir, {"police": "first"})
    return subprocess.run(
        command, env=environment, input="", capture_output=True, text=True, check=False, timeout=30
    )


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    write_journal(tmp_path, [(AT, [message(number)]) for number in range(3)])
    return tmp_path


def test_it_builds_the_archive_and_ends_with_its_parent(data_dir: Path) -> None:
    done = run(data_dir)
    assert (done.returncode, done.stdout.split()[-1], done.stderr) == (0, "3", "")
    with reading_archive(data_dir) as connection:
        assert connection.execute("SELECT count(*) FROM messages").fetchone() == (3,)


def test_a_broken_archive_is_deleted_and_built_by_the_next_start(data_dir: Path) -> None:
    write_journal(data_dir, [(AT, [message(n)]) for n in range(10, 600)])
    run(data_dir)
    path = archive_file(data_dir)
    # Not the pages of the schema: where those can't be read it is no archive, and made again.
    with reading_archive(data_dir) as connection:
        query = "SELECT rootpage, page_size FROM sqlite_master, pragma_page_size WHERE name = ?"
        page, size = connection.execute(query, ("messages",)).fetchone()
    content = bytearray(path.read_bytes())
    damaged = slice((page - 1) * size, page * size)
    content[damaged] = bytes(octet ^ 0x5A for octet in content[damaged])
    path.write_bytes(content)
    write_journal(data_dir, [(AT, [message(900)])])
    done = run(data_dir)
    assert done.returncode == 1
    assert "the archive will be built again" in done.stderr
    assert run(data_dir).stdout.split()[-1] == "594"


def test_a_journal_that_cannot_be_read_is_an_error(data_dir: Path) -> None:
    (data_dir / "journal-2026-03.sqlite3").write_bytes(b"no database" * 100)
    done = run(data_dir)
    assert done.returncode == 1
    assert done.stderr.startswith("archiver: DatabaseError: file is not a database")


def test_a_receipt_policy_that_does_not_exist_is_refused(data_dir: Path) -> None:
    command, environment = archiver_command(data_dir, {"police": "none"})  # type: ignore[dict-item] # on purpose
    done = subprocess.run(
        command, env=environment, input="", capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "one of segment, first, last" in done.stderr
