"""Hold the checks of entries: each error says what was seen and what is allowed."""

from __future__ import annotations

from math import inf, nan

import pytest

from metrics.entries import (
    EntryError,
    entry_of,
    given,
    moment_of,
    next_in,
    one_of,
    shown,
    step_of,
)


def test_an_unknown_word_is_refused_with_the_known_ones() -> None:
    one_of("channel", "10000", ["10000", "12321"])
    with pytest.raises(EntryError, match="channel: 'fax', allowed are 10000, 12321"):
        one_of("channel", "fax", ["10000", "12321"])


def test_an_empty_text_is_refused() -> None:
    given(who="desk")
    with pytest.raises(EntryError, match="why: empty"):
        given(who="desk", why=" ")


def test_a_moment_lies_between_the_last_step_and_the_entry() -> None:
    assert moment_of("moment", 0.0, 100.0) == 100.0
    assert moment_of("moment", 100.0, 100.0, 100.0) == 100.0
    with pytest.raises(EntryError, match="at latest 1970-01-01 08:01:40"):
        moment_of("moment", 101.0, 100.0)
    with pytest.raises(EntryError, match="at earliest 1970-01-01 08:01:30"):
        moment_of("moment", 89.0, 100.0, 90.0)


@pytest.mark.parametrize("moment", [nan, inf, -1.0])
def test_a_moment_that_is_no_time_is_refused(moment: float) -> None:
    with pytest.raises(EntryError, match="seconds since 1970"):
        moment_of("moment", moment, 100.0)


def test_entries_are_numbered_without_gaps() -> None:
    next_in("notice", 2, {1: "one"})
    with pytest.raises(EntryError, match="number 3, the next one is 2"):
        next_in("notice", 3, {1: "one"})


def test_an_unknown_entry_is_refused_with_the_known_ones() -> None:
    assert entry_of("notice", 1, {1: "one"}) == "one"
    with pytest.raises(EntryError, match="no number 2, known: 1 to 1"):
        entry_of("notice", 2, {1: "one"})
    with pytest.raises(EntryError, match="there are none yet"):
        entry_of("notice", 2, {})


def test_a_step_follows_the_table() -> None:
    moves = {"open": {"close": "closed"}, "closed": {}}
    assert step_of("case 1", "open", "close", moves) == "closed"
    with pytest.raises(EntryError, match="case 1 is open: 'melt' is not allowed, only close"):
        step_of("case 1", "open", "melt", moves)
    with pytest.raises(EntryError, match="only nothing, it has ended"):
        step_of("case 1", "closed", "close", moves)


def test_instants_are_shown_in_asia_shanghai() -> None:
    assert shown(0.0) == "1970-01-01 08:00:00+08:00"
