from __future__ import annotations

import sys
from collections.abc import Callable, Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.scope import ScopeEntry, compile_version
from routing.scope_changes import (
    ScopeChangeError,
    ScopeHistory,
    chunks_of,
    left_scope,
    overlaps,
)
from routing.standing_events import ScopeClosed, ScopeDrafted, ScopeMoved, ScopeRows

A, B, C = "13300000001", "13300000002", "17700000003"
NOW = 100.0


def drafted(
    history: ScopeHistory,
    change: int,
    entries: Iterable[ScopeEntry],
    *,
    at: float = 0.0,
    wanted_from: float = 0.0,
    size: int = 2,
) -> None:
    history.apply(ScopeDrafted(at, change, "operator", "new users", wanted_from, "users.csv"))
    for event in chunks_of(change, at, entries, size=size):
        history.apply(event)


def step(history: ScopeHistory, change: int, action: str, at: float) -> None:
    history.apply(history.order(change, action, at, who="operator", why="agreed"))


def approved(
    history: ScopeHistory, change: int, numbers: Iterable[str], at: float, wanted_from: float = 0.0
) -> None:
    drafted(history, change, map(ScopeEntry.number, numbers), wanted_from=wanted_from)
    step(history, change, "submit", at)
    step(history, change, "approve", at)


def based(*numbers: str) -> ScopeHistory:
    entries = map(ScopeEntry.number, numbers)
    return ScopeHistory(compile_version(1, float("-inf"), entries))


def test_a_change_takes_effect_when_it_is_approved() -> None:
    history = based(A)
    drafted(history, 1, map(ScopeEntry.number, (A, B, C)))
    assert history.state_at(1, 5) == "draft"
    step(history, 1, "submit", 10)
    assert history.state_at(1, 10) == "submitted"
    assert not history.scope.includes(B, 10)
    step(history, 1, "approve", 20)
    assert history.state_at(1, 20) == "effective"
    assert not history.scope.includes(B, 19.999)
    assert history.scope.includes(B, 20)
    assert history.change(1).version == 2
    assert [move.action for move in history.change(1).history] == ["submit", "approve"]
    assert (history.change(1).who, history.change(1).why) == ("operator", "new users")


def test_a_later_moment_is_waited_for() -> None:
    history = based(A)
    approved(history, 1, (B,), 20, wanted_from=100)
    assert history.state_at(1, 99.999) == "approved"
    assert history.scope.includes(A, 99.999)
    assert history.state_at(1, 100) == "effective"
    assert not history.scope.includes(A, 100)
    assert history.scope.includes(B, 100)


def test_an_earlier_moment_means_at_once_so_that_the_past_stays() -> None:
    history = based(A)
    approved(history, 1, (B,), 20, wanted_from=10)
    assert history.scope.includes(A, 19)
    event = ScopeMoved(30, 2, "approve", "approved", "operator", "", 29.0, 3)
    drafted(history, 2, [])
    step(history, 2, "submit", 30)
    with pytest.raises(ScopeChangeError, match="version 3 from 1970-01-01 08:00:29"):
        history.apply(event)
    assert history.state_at(2, 30) == "submitted"


def test_a_later_version_supersedes_and_its_revocation_brings_the_former_back() -> None:
    history = based(A)
    approved(history, 1, (B,), 10)
    approved(history, 2, (C,), 20)
    assert (history.state_at(1, 20), history.state_at(2, 20)) == ("superseded", "effective")
    step(history, 2, "revoke", 30)
    assert (history.state_at(1, 30), history.state_at(2, 30)) == ("effective", "revoked")
    for moment, member in ((9.0, A), (10.0, B), (19.9, B), (20.0, C), (29.9, C), (30.0, B)):
        assert [n for n in (A, B, C) if history.scope.includes(n, moment)] == [member]


def test_a_version_revoked_before_its_moment_never_holds() -> None:
    history = based(A)
    approved(history, 1, (B,), 10, wanted_from=100)
    step(history, 1, "revoke", 50)
    assert history.scope.includes(A, 100)
    assert not history.scope.includes(B, 100)


def test_without_a_base_nothing_is_in_scope_before_and_after() -> None:
    history = ScopeHistory()
    approved(history, 1, (A,), 10)
    step(history, 1, "revoke", 20)
    assert [history.scope.includes(A, moment) for moment in (9, 10, 20)] == [False, True, False]


@pytest.mark.parametrize("action", ["reject", "withdraw"])
def test_a_change_that_is_not_approved_changes_nothing(action: str) -> None:
    history = based(A)
    drafted(history, 1, [ScopeEntry.number(B)])
    step(history, 1, "submit", 10)
    step(history, 1, action, 20)
    assert not history.scope.includes(B, 30)
    assert history.change(1).compiled is None
    with pytest.raises(ScopeChangeError, match=f"is {action}.*: approve isn't possible, nothing"):
        step(history, 1, "approve", 30)


def test_ranges_prefixes_and_dates_survive_the_chunks() -> None:
    history = ScopeHistory()
    entries = [
        ScopeEntry.between("13300000000", "13300000009"),
        ScopeEntry.number(C, (50.0, 60.0)),
        ScopeEntry.prefix("1890000"),
        ScopeEntry.number("17700000009"),
    ]
    drafted(history, 1, entries, size=3)
    step(history, 1, "submit", 10)
    step(history, 1, "approve", 10)
    assert history.change(1).rows == 4
    for number, moment, member in (
        ("13300000009", 10, True), ("13300000010", 10, False), (C, 49.9, False), (C, 50, True),
        (C, 60, False), ("18900009999", 10, True), ("17700000009", 10, True),
    ):  # fmt: skip
        assert history.scope.includes(number, moment) == member


def test_columns_are_little_endian_on_every_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    (chunk, _end) = chunks_of(1, 0.0, [ScopeEntry.number(A)])
    assert isinstance(chunk, ScopeRows)
    assert chunk.firsts == octets(int(A))
    # A machine of the other order turns what it writes and what it reads.
    monkeypatch.setattr("sys.byteorder", "little" if sys.byteorder == "big" else "big")
    history = ScopeHistory()
    approved(history, 1, (A,), 10)
    assert history.scope.includes(A, 10)


def test_a_scheduled_message_is_judged_again_at_its_release() -> None:
    history = based(A, B)
    approved(history, 1, (B,), 100)
    assert left_scope(history.scope, B, 50, 150) is None
    assert left_scope(history.scope, A, 50, 99) is None
    finding = left_scope(history.scope, A, 50, 100)
    assert finding is not None
    assert finding.en == (
        "The recipient isn't in version 2 of the user scope, which is in force at the release; "
        "the message was submitted under version 1."
    )
    assert finding.zh == "发送时生效的用户范围版本2不含该用户；提交时的版本为1。"
    assert finding.seen == A


def test_rebuilding_from_the_events_gives_the_same_scope() -> None:
    events = [
        ScopeDrafted(0.0, 1, "operator", "new"),
        *chunks_of(1, 0.0, map(ScopeEntry.number, (A, C)), size=1),
        ScopeMoved(5.0, 1, "submit", "submitted", "operator", ""),
        ScopeMoved(6.0, 1, "approve", "approved", "operator", "", 7.0, 2),
    ]
    histories = [based(B), based(B)]
    for history in histories:
        for event in events:
            history.apply(event)
    views = [[h.scope.includes(n, at) for n in (A, B, C) for at in (6.9, 7.0)] for h in histories]
    assert views[0] == views[1] == [False, True, True, False, False, True]


def rows(index: int = 0, firsts: bytes = b"", lasts: bytes = b"", since: bytes = b"") -> ScopeRows:
    return ScopeRows(0.0, 1, index, firsts, lasts, since)


def octets(*numbers: int) -> bytes:
    return b"".join(number.to_bytes(8, "little") for number in numbers)


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda h: h.apply(rows(1)), "chunk 1 seen, 0 is next"),
        (lambda h: h.apply(rows(firsts=b"123")), "a column breaks off within an entry"),
        (
            lambda h: h.apply(rows(firsts=octets(int(A)), lasts=octets(1, 2))),
            r"columns of \[1, 2\] entries",
        ),
        (
            lambda h: h.apply(rows(firsts=octets(int(B)), lasts=octets(int(A)))),
            f"range {B}-{A}: the first number is above the last",
        ),
        (lambda h: h.apply(ScopeClosed(0.0, 1, 3, 1, "ab")), "0 entries in 0 chunks"),
        (lambda h: h.apply(ScopeDrafted(0.0, 1, "o", "")), "scope change 1 is there already"),
        (lambda h: h.apply(ScopeClosed(0.0, 9, 0, 0, "")), "scope change 9: there is none"),
        (lambda h: step(h, 1, "submit", 1), "its entries aren't complete"),
        (lambda h: step(h, 1, "approve", 1), "is draft: approve isn't possible, submit or withd"),
        (
            lambda h: h.apply(ScopeMoved(1.0, 1, "withdraw", "revoked", "o", "")),
            "withdraw leads to withdrawn, the event says 'revoked'",
        ),
    ],
)
def test_an_event_that_does_not_fit_is_refused_and_changes_nothing(
    act: Callable[[ScopeHistory], None], words: str
) -> None:
    history = ScopeHistory()
    history.apply(ScopeDrafted(0.0, 1, "operator", "new"))
    with pytest.raises(ScopeChangeError, match=words):
        act(history)
    assert history.state_at(1, 1) == "draft"
    assert history.change(1).rows == 0
    assert history.unfinished == (1,)


def test_a_number_outside_the_plan_is_refused_with_the_change() -> None:
    history = ScopeHistory()
    with pytest.raises(ScopeChangeError, match="scope number 42: 11 digits that begin with 1"):
        drafted(history, 1, [ScopeEntry(42, 42)])
    step(history, 1, "withdraw", 1)
    with pytest.raises(ScopeChangeError, match="is withdrawn: no entries can be added"):
        history.apply(rows())


def test_a_change_without_entries_empties_the_scope() -> None:
    history = based(A)
    drafted(history, 1, [])
    assert history.unfinished == ()
    with pytest.raises(ScopeChangeError, match="has all its entries already"):
        history.apply(rows())
    step(history, 1, "submit", 1)
    step(history, 1, "approve", 1)
    assert not history.scope.includes(A, 1)
    assert [change.number for change in history.changes()] == [1]


def test_overlapping_entries_are_told() -> None:
    found = overlaps(
        [
            ScopeEntry.between("13300000000", "13300000009"),
            ScopeEntry.number("17700000000"),
            ScopeEntry.between("13300000005", "13300000020"),
            ScopeEntry.number("17700000000"),
            ScopeEntry.number("13300000015"),
        ]
    )
    assert found == (
        "entries 1 and 3 both name 13300000005 to 13300000009 for the same time",
        "entries 3 and 5 both name 13300000015 for the same time",
        "entries 2 and 4 both name 17700000000 for the same time",
    )
    assert len(overlaps([ScopeEntry.number(A)] * 50, most=7)) == 7


def test_entries_that_follow_one_another_in_time_do_not_overlap() -> None:
    assert overlaps([ScopeEntry.number(A, (0, 5)), ScopeEntry.number(A, (5, 9))]) == ()
    assert len(overlaps([ScopeEntry.number(A, (0, 6)), ScopeEntry.number(A, (5, 9))])) == 1


SPAN = st.tuples(st.integers(0, 30), st.integers(0, 6), st.integers(0, 5), st.integers(1, 5))


@given(st.lists(SPAN, max_size=8))
def test_overlaps_are_found_exactly_where_there_are_any(
    spans: list[tuple[int, int, int, int]],
) -> None:
    base = int(A)
    entries = [
        ScopeEntry(base + first, base + first + more, float(since), float(since + length))
        for first, more, since, length in spans
    ]
    pairs = [
        (one, other)
        for index, one in enumerate(entries)
        for other in entries[index + 1 :]
        if one.first <= other.last and other.first <= one.last
        and one.valid_from < other.valid_to and other.valid_from < one.valid_to
    ]  # fmt: skip
    assert bool(overlaps(entries)) == bool(pairs)


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(0, 30), st.integers(0, 30)), max_size=6))
def test_a_naive_look_at_all_versions_agrees(changes: list[tuple[int, int, int]]) -> None:
    """Each change is approved at a moment, for a later one, and revoked some time after."""
    history = ScopeHistory()
    known: list[tuple[float, float, int]] = []
    now = 0.0
    for number, (wait, ahead, life) in enumerate(changes, 1):
        now += wait
        approved(history, number, [str(int(A) + number)], now, now + ahead)
        revoked = float("inf")
        if life % 2:
            step(history, number, "revoke", now)
            revoked = now
        known.append((now + ahead, revoked, number))
    for moment in range(100):
        held = [each for each in known if each[0] <= moment < each[1]]
        latest = max(held, key=lambda each: (each[0], each[2]), default=None)
        members = [
            number for _, _, number in known if history.scope.includes(str(int(A) + number), moment)
        ]
        assert members == ([latest[2]] if latest else [])


def test_entries_may_come_in_several_goes_and_be_compiled_before_they_close() -> None:
    history = ScopeHistory()
    number = history.next_change()
    history.apply(ScopeDrafted(NOW, number, "op", "more users"))
    for piece in ([ScopeEntry.number(A)], [ScopeEntry.number(B)]):
        for event in history.rows(number, NOW, piece):
            history.apply(event)
            # What was compiled before the last entries came is not taken.
            history.prepare(number)
    history.apply(history.closing(number, NOW))
    step(history, number, "submit", NOW)
    step(history, number, "approve", NOW)
    assert history.scope.includes(A, NOW)
    assert history.scope.includes(B, NOW)
    assert history.next_change() == number + 1
    with pytest.raises(ScopeChangeError, match="no entries can be added"):
        list(history.rows(number, NOW, [ScopeEntry.number(A)]))


def test_who_judges_by_a_scope_goes_on_with_its_new_versions() -> None:
    history = based(A)
    judging = history.scope
    approved(history, 1, [B], NOW, NOW)
    assert judging.includes(B, NOW)
    assert not judging.includes(A, NOW)
