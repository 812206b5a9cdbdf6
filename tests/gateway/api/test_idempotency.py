"""Hold the memory of answers to its bounds."""

from __future__ import annotations

import pytest

from gateway.api import idempotency
from gateway.api.idempotency import ConflictError, Remembered

KEY = ("local", "POST", "/api/v1/mo", "k1")


def answered(memory: Remembered, key: tuple[str, str, str, str] = KEY, now: float = 0.0) -> None:
    assert memory.begin(key, b"body", now) is None
    memory.finish(key, 202, ((b"a", b"b"),), b"answer")


def test_an_answer_is_given_again() -> None:
    memory = Remembered()
    answered(memory)
    again = memory.begin(KEY, b"body", 1.0)
    assert again is not None
    assert (again.status, again.headers, again.body) == (202, ((b"a", b"b"),), b"answer")


def test_an_answer_is_forgotten_after_its_time() -> None:
    memory = Remembered()
    answered(memory)
    assert memory.begin(KEY, b"body", idempotency.LIFETIME_S) is not None
    assert memory.begin(KEY, b"body", idempotency.LIFETIME_S + 1) is None


def test_the_oldest_key_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idempotency, "MOST_KEYS", 2)
    memory = Remembered()
    for number in range(3):
        answered(memory, (*KEY[:3], str(number)))
    assert memory.begin((*KEY[:3], "2"), b"body", 0.0) is not None
    assert memory.begin((*KEY[:3], "0"), b"body", 0.0) is None


@pytest.mark.parametrize("status", [401, 403, 408, 409, 413, 429, 500, 507])
def test_an_answer_that_may_change_is_not_kept(status: int) -> None:
    memory = Remembered()
    memory.begin(KEY, b"body", 0.0)
    memory.finish(KEY, status, (), b"")
    assert memory.begin(KEY, b"body", 0.0) is None


def test_a_very_large_answer_is_not_kept() -> None:
    memory = Remembered()
    memory.begin(KEY, b"body", 0.0)
    memory.finish(KEY, 200, (), b"x" * (idempotency.LARGEST_ANSWER + 1))
    assert memory.begin(KEY, b"body", 0.0) is None


def test_a_key_at_work_or_with_another_body_is_a_conflict() -> None:
    memory = Remembered()
    memory.begin(KEY, b"body", 0.0)
    with pytest.raises(ConflictError) as at_work:
        memory.begin(KEY, b"body", 0.0)
    with pytest.raises(ConflictError) as other_body:
        memory.begin(KEY, b"other", 0.0)
    assert (at_work.value.status, other_body.value.status) == (409, 422)


def test_giving_up_a_request_keeps_what_is_done() -> None:
    memory = Remembered()
    answered(memory)
    memory.abandon(KEY)
    assert memory.begin(KEY, b"body", 0.0) is not None


def test_what_was_pushed_out_while_at_work_is_not_brought_back() -> None:
    memory = Remembered()
    memory.finish(KEY, 200, (), b"")
    memory.abandon(KEY)
    assert memory.begin(KEY, b"body", 0.0) is None
