from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.query import MAX_CHARACTERS, MAX_DEPTH, MAX_WORDS, QueryError, parse_query


def message(**changes: Any) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "account": "police",
        "recipient": "13300000001",
        "text": "验证码 482913",
        "segments": 1,
        "direction": "mt",
        "verdict": {"accepted": True},
    }
    return {**fields, **changes}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", True),
        ("  ", True),
        ("account:police to:133*", True),
        ("account:police to:177*", False),
        ("to:177* | to:133*", True),
        ("to:177*|to:133*", True),
        ("-to:177*", True),
        ("--to:177*", False),
        ("-to:133* | account:police", True),
        ("account:nobody to:133* | to:133*", True),
        ("account:nobody (to:177* | to:133*)", False),
        ("account:police (to:177* | to:133*)", True),
        ("-(account:police to:133*)", False),
        ('text:"验证码 4"', True),
        ("text:验证码", True),
        ('account:"police"', True),
        ('text:"验证码 5" | is:mt', True),
        ("segments:>1", False),
        ("( ( account:police ) )", True),
        ("\tto:133*\n", True),
    ],
)
def test_words_combine(query: str, expected: bool) -> None:
    assert parse_query(query).matches(message()) is expected


def test_a_quoted_value_may_hold_quotes_backslashes_and_marks() -> None:
    query = parse_query(r'text:"say \"a|b\" (c) \\ -d"')
    assert query.parameters == (r'say "a|b" (c) \ -d',)


def test_a_hyphen_inside_a_value_is_no_inversion() -> None:
    assert parse_query("account:my-account").parameters == ("my-account",)


def test_values_never_become_sql() -> None:
    hostile = "x' OR 1=1; DROP TABLE messages; --"
    query = parse_query(f'account:"{hostile}" to:"{hostile}*" text:"{hostile}"')
    assert "DROP" not in query.where
    assert hostile in query.parameters
    assert query.where.count("?") == len(query.parameters)


@pytest.mark.parametrize(
    ("query", "position", "allowed"),
    [
        ("foo:bar", 1, "account:police"),
        ("to:133* colour:red", 9, "a word"),
        ("word", 1, "a word"),
        ("to:133* word", 9, "a word"),
        ("to :133*", 1, "a word"),
        ("to:133* )", 9, "the end"),
        ("(to:133*", 9, r"\)"),
        ("()", 2, "a word"),
        ("to:133* |", 10, "a word"),
        ("| to:133*", 1, "a word"),
        ("-", 1, "a word"),
        ("to:133* - to:1", 9, "a word"),
        ('text:"open', 6, "a closing quote"),
        ('text:"a"b', 6, "a closing quote"),
        ('to:a"b', 4, "a closing quote"),
        ("state:SENT", 7, "one of SCHEDULED"),
        ("is:mt state:", 13, "one of SCHEDULED"),
        ("text:\ud800", 6, "Unicode"),
    ],
)
def test_an_error_names_its_position_and_what_is_allowed(
    query: str, position: int, allowed: str
) -> None:
    with pytest.raises(QueryError, match=allowed) as caught:
        parse_query(query)
    assert caught.value.position == position
    assert f"character {position}: " in str(caught.value)


def test_what_was_seen_is_cut_short() -> None:
    with pytest.raises(QueryError, match=r"'xxxxxxxxxxxxxxxxxxxx…' seen"):
        parse_query("x" * 500)


@pytest.mark.parametrize(
    "query",
    [
        "x" * (MAX_CHARACTERS + 1),
        "is:mt " * (MAX_WORDS + 1),
        "(" * (MAX_DEPTH + 2) + "is:mt" + ")" * (MAX_DEPTH + 2),
        "-" * (MAX_DEPTH + 2) + "is:mt",
    ],
)
def test_a_query_has_limits(query: str) -> None:
    with pytest.raises(QueryError):
        parse_query(query)


def test_the_limits_themselves_are_allowed() -> None:
    nested = "(" * MAX_DEPTH + "is:mt" + ")" * MAX_DEPTH
    assert parse_query(nested).matches(message())
    assert parse_query("is:mt " * MAX_WORDS).matches(message())


@given(st.text(max_size=60))
def test_any_text_is_a_query_or_a_query_error(text: str) -> None:
    position = 1
    try:
        parse_query(text)
    except QueryError as error:
        position = error.position
    assert 1 <= position <= len(text) + 1


WORDS = st.sampled_from(
    ["account:police", "account:a", "to:133*", "to:*1", "segments:>1", "segments:1", "text:验"]
)
QUERIES: st.SearchStrategy[str] = st.recursive(
    WORDS,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda pair: f"({pair[0]} {pair[1]})"),
        st.tuples(inner, inner).map(lambda pair: f"({pair[0]} | {pair[1]})"),
        inner.map(lambda one: f"-{one}"),
    ),
    max_leaves=8,
)
MESSAGES: st.SearchStrategy[dict[str, Any]] = st.builds(
    message,
    account=st.sampled_from(["police", "a", ""]),
    recipient=st.sampled_from(["13300000001", "17700000002", ""]),
    segments=st.integers(0, 3),
    text=st.sampled_from(["验证码", "x", ""]),
)


@given(text=QUERIES, fields=MESSAGES)
def test_predicate_and_sql_agree_for_every_combination(text: str, fields: dict[str, Any]) -> None:
    query = parse_query(text)
    connection = sqlite3.connect(":memory:")
    names = ("account", "recipient", "segments", "text")
    connection.execute("CREATE TABLE messages (account, recipient, segments, text)")
    values = [fields[name] for name in names]
    connection.execute("INSERT INTO messages VALUES (?, ?, ?, ?)", values)
    sql = " ".join(("SELECT", query.where, "FROM messages"))
    (answer,) = connection.execute(sql, query.parameters).fetchone()
    connection.close()
    assert answer in (0, 1)
    assert bool(answer) == query.matches(fields)


@given(one=QUERIES, other=QUERIES, fields=MESSAGES)
def test_and_or_and_not_follow_logic(one: str, other: str, fields: dict[str, Any]) -> None:
    def answer(text: str) -> bool:
        return parse_query(text).matches(fields)

    laws: dict[str, Callable[[bool, bool], bool]] = {
        f"{one} {other}": lambda a, b: a and b,
        f"{one} | {other}": lambda a, b: a or b,
        f"-({one} | {other})": lambda a, b: not (a or b),
    }
    for text, law in laws.items():
        assert answer(text) == law(answer(one), answer(other))
