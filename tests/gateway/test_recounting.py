from __future__ import annotations

import math
from pathlib import Path

import pytest

from gateway.archive.builder import ArchiveBuilder
from gateway.journal.reader import SqliteJournalReader
from gateway.recounting import counted_since, counting
from gateway.recovery import Wanted, recover
from routing.events import Submission
from routing.message import begin
from routing.quota import month_start
from routing.verdict import compile_judges
from tests.support.journals import write_journal
from tests.support.rules import FACTS, account, snapshot
from tests.support.submissions import AT, MESSAGE_ID, submission

CODE = "【示例警务】验证码482913，用于登录“示例政务”警务服务，5分钟内有效。"
ACCOUNTS = [account()]


def sent(number: int, at: float, **changes: object) -> Submission:
    return submission(message_id=MESSAGE_ID + number, at=at, text=CODE, **changes)


def archived(data_dir: Path, transactions: int) -> None:
    builder = ArchiveBuilder(data_dir, SqliteJournalReader(data_dir), {})
    for _ in range(transactions):
        builder.advance()
    builder.close()


def reasons(data_dir: Path, at: float, **contract: object) -> list[str]:
    """Give what is wrong with one more code at `at`, after a start at that moment."""
    rules = snapshot(ACCOUNTS, contract)
    judges = compile_judges(rules)
    wanted = Wanted(accepted=counting(judges), accepted_since=counted_since(rules, at))
    recover(data_dir, {}, wanted)
    failures = judges["police"].failures_of(begin(sent(99, at)), FACTS)
    return [failure.reason for failure in failures or ()]


@pytest.mark.parametrize("transactions", [0, 1])
def test_a_restart_knows_what_a_recipient_has_had(tmp_path: Path, transactions: int) -> None:
    write_journal(tmp_path, [(AT, [sent(1, AT)])])
    archived(tmp_path, transactions)
    assert reasons(tmp_path, AT + 59.999) == ["frequency"]
    assert reasons(tmp_path, AT + 60.0) == []


@pytest.mark.parametrize("transactions", [0, 1])
def test_a_restart_knows_what_is_used_of_the_month(tmp_path: Path, transactions: int) -> None:
    quota = {"monthly": 2}
    first = month_start(AT)
    write_journal(tmp_path, [(first, [sent(1, first - 1.0), sent(2, first)])])
    archived(tmp_path, transactions)
    assert reasons(tmp_path, AT, quota=quota) == []
    assert reasons(tmp_path, AT, quota={"monthly": 1}) == ["quota"]


@pytest.mark.parametrize("transactions", [0, 1])
def test_what_was_refused_is_not_counted(tmp_path: Path, transactions: int) -> None:
    refused = sent(1, AT, accepted=False, status=0x58, reason="frequency")
    write_journal(tmp_path, [(AT, [refused])])
    archived(tmp_path, transactions)
    assert reasons(tmp_path, AT + 1.0) == []


def test_archive_and_tail_give_each_message_once(tmp_path: Path) -> None:
    write_journal(tmp_path, [(AT, [sent(1, AT)])])
    archived(tmp_path, 1)
    write_journal(tmp_path, [(AT + 60.0, [sent(2, AT + 60.0)])])
    came: list[int] = []
    wanted = Wanted(accepted=lambda one: came.append(one.message_id), accepted_since=AT)
    recover(tmp_path, {}, wanted)
    assert came == [MESSAGE_ID + 1, MESSAGE_ID + 2]


def test_messages_of_accounts_that_are_gone_are_passed_over() -> None:
    counting({})(begin(sent(1, AT)))


def test_what_still_counts_depends_on_limits_and_modes() -> None:
    assert counted_since(snapshot(ACCOUNTS), AT) == AT - 86400.0
    assert counted_since(snapshot(ACCOUNTS, {"quota": {"daily": 5}}), AT) == month_start(AT)
    off = snapshot(ACCOUNTS, {"quota": {"daily": 5}}, modes={"frequency": "off", "quota": "off"})
    assert counted_since(off, AT) == math.inf
    assert counted_since(snapshot(ACCOUNTS, {"frequency": {"limits": []}}), AT) == math.inf
