"""Keep outstanding requests with their deadlines; time is arithmetic."""

from __future__ import annotations

import pytest

from smpp.window import Window


@pytest.fixture
def window() -> Window:
    """Give a window of three places in which two requests wait, sent at 0 and 10 s."""
    window = Window(3, 60.0)
    window.add(1, "first", 0.0)
    window.add(2, "second", 10.0)
    return window


def test_an_empty_window_has_all_places_and_no_deadline() -> None:
    window = Window(3, 60.0)
    assert (len(window), window.free, window.next_deadline()) == (0, 3, None)
    assert window.expire(1e9) == window.drain() == []


def test_requests_take_places(window: Window) -> None:
    assert (len(window), window.free) == (2, 1)
    assert 1 in window
    assert 3 not in window


def test_an_answer_frees_the_place_and_gives_the_context(window: Window) -> None:
    assert window.take(2) == ("second", 10.0)
    assert (window.free, 2 in window) == (2, False)


def test_an_answer_counts_once(window: Window) -> None:
    window.take(1)
    assert window.take(1) is None


def test_the_oldest_request_sets_the_deadline(window: Window) -> None:
    assert window.next_deadline() == 60.0
    window.take(1)
    assert window.next_deadline() == 70.0


def test_requests_expire_on_the_second_and_not_before(window: Window) -> None:
    assert window.expire(59.9) == []
    assert window.expire(60.0) == [(1, "first", 0.0)]
    assert window.expire(60.0) == []
    assert window.expire(100.0) == [(2, "second", 10.0)]
    assert len(window) == 0


def test_draining_gives_everything_oldest_first(window: Window) -> None:
    assert window.drain() == [(1, "first", 0.0), (2, "second", 10.0)]
    assert len(window) == 0


def test_a_lowered_limit_leaves_a_negative_number_of_free_places(window: Window) -> None:
    window.limit = 1
    assert window.free == -1
