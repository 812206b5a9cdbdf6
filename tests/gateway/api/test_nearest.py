"""Rank what came nearest to a query."""

from __future__ import annotations

import pytest

from gateway.api.nearest import SHOWN, nearest, words_of

from .memory import RECIPIENT, message


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("", []),
        ("state:DELIVERED", ["state:DELIVERED"]),
        ("state:DELIVERED  to:133*", ["state:DELIVERED", "to:133*"]),
        ('text:"a b" to:1', ['text:"a b"', "to:1"]),
        (r'text:"a \" b" to:1', [r'text:"a \" b"', "to:1"]),
        ("(to:1 | to:2) is:rejected", ["(to:1 | to:2)", "is:rejected"]),
        ("to:1 | to:2 is:rejected", ["to:1 | to:2 is:rejected"]),
        ("-to:1 is:rejected", ["-to:1", "is:rejected"]),
    ],
)
def test_words_that_all_have_to_hold_are_told_apart(query: str, words: list[str]) -> None:
    assert words_of(query) == words


def test_what_matches_all_or_nothing_is_not_near() -> None:
    assert nearest("to:13300000001 state:DELIVERED", [message(1)]) == []
    assert nearest("to:1 state:EXPIRED", [message(1)]) == []


def test_those_that_answer_to_the_most_words_come_first_with_what_they_miss() -> None:
    other = "13300000009"
    messages = [
        message(1, recipient=other),
        message(2),
        message(3, recipient=other, state="EXPIRED"),
    ]
    found = nearest(f"state:DELIVERED to:{RECIPIENT} account:fire", messages)
    assert [row["message"] for row in found] == [messages[1], messages[0]]
    assert found[0]["missed"] == ["account:fire"]
    assert found[1]["matched"] == ["state:DELIVERED"]


def test_no_more_than_a_few_are_shown() -> None:
    messages = [message(number) for number in range(1, 20)]
    assert len(nearest("state:EXPIRED account:police", messages)) == SHOWN
