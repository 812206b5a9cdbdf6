from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.query_words import WORDS, Condition, JsonMessage, ValueProblem, milliseconds

MESSAGE: dict[str, Any] = {
    "account": "police",
    "direction": "mt",
    "service": "ordinary",
    "sender": "106590990371",
    "recipient": "13300000001",
    "text": "【示例警务】Hello",
    "segments": 2,
    "carrier": "telecom",
    "submitted_at": "2026-02-25T14:13:20.000+08:00",
    "final_at": "2026-02-25T14:13:50.500+08:00",
    "verdict": {"accepted": True, "status": 0, "reason": "none"},
    "state": "DELIVERED",
    "error": "000",
    "liability": "ok",
}


def read(name: str, value: str) -> Condition:
    return WORDS[name].read(value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("account", "police"),
        ("to", "133*"),
        ("to", "*001"),
        ("to", "*0000*"),
        ("to", "*"),
        ("from", "106590990371"),
        ("text", "hELLO"),
        ("text", "示例"),
        ("state", "delivered"),
        ("reason", "none"),
        ("liability", "ok"),
        ("status", "0"),
        ("status", "0x0"),
        ("status", "esme_rok"),
        ("service", "ordinary"),
        ("is", "accepted"),
        ("is", "final"),
        ("is", "mt"),
        ("segments", "2"),
        ("segments", ">1"),
        ("segments", ">=2"),
        ("segments", "<3"),
        ("latency", ">30s"),
        ("latency", "<=30.5s"),
        ("latency", "<1m"),
        ("latency", "=30500ms"),
        ("latency", "<1h"),
        ("after", "2026-02-25"),
        ("after", "2026-02-25T14:13:20"),
        ("before", "2026-02-25T06:13:20.001Z"),
        ("carrier", "tele*"),
        ("error", "000"),
    ],
)
def test_words_that_fit_the_message(name: str, value: str) -> None:
    assert read(name, value).matches(MESSAGE)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("account", "polic"),
        ("account", "Police"),
        ("to", "134*"),
        ("to", "*002"),
        ("to", "*9999*"),
        ("text", "Hallo"),
        ("state", "EXPIRED"),
        ("reason", "scope"),
        ("liability", "carrier"),
        ("status", "ESME_RTHROTTLED"),
        ("service", "instant"),
        ("is", "rejected"),
        ("is", "open"),
        ("is", "mo"),
        ("segments", "1"),
        ("segments", ">2"),
        ("latency", ">31s"),
        ("after", "2026-02-25T14:13:21+08:00"),
        ("before", "2026-02-25T14:13:20+08:00"),
    ],
)
def test_words_that_do_not_fit_the_message(name: str, value: str) -> None:
    assert not read(name, value).matches(MESSAGE)


@pytest.mark.parametrize("name", ["is", "latency", "text", "segments", "status", "to", "after"])
def test_a_message_without_the_field_is_no_error(name: str) -> None:
    values = {
        "is": "mt",
        "latency": ">1s",
        "text": "a",
        "segments": "1",
        "status": "1",
        "to": "1*",
        "after": "2026-01-01",
    }
    assert not read(name, values[name]).matches({})


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("to", "1*3", r"\* at its beginning or end"),
        ("to", "", "a value"),
        ("text", "", "some text"),
        ("state", "SENT", "one of SCHEDULED, ENROUTE"),
        ("reason", "nope", "one of none, service_kind"),
        ("liability", "nobody", "one of ok, exempt"),
        ("status", "ESME_NOPE", "a command_status"),
        ("status", "4294967296", "a command_status"),
        ("status", "0x123456789", "a command_status"),
        ("service", "slow", "one of ordinary, instant"),
        ("is", "late", "one of accepted, rejected"),
        ("segments", "many", "a count"),
        ("segments", "١", "a count"),
        ("latency", "30s", "a duration"),
        ("latency", ">30", "a duration"),
        ("latency", ">" + "9" * 30 + "s", "a duration"),
        ("after", "yesterday", "a date or time"),
        ("before", "2026-02-30", "a date or time"),
    ],
)
def test_a_wrong_value_is_refused_with_what_is_allowed(name: str, value: str, allowed: str) -> None:
    with pytest.raises(ValueProblem, match=allowed):
        read(name, value)


def test_every_example_can_be_read() -> None:
    for name, word in WORDS.items():
        _, _, value = word.example.partition(":")
        assert read(name, value.strip('"')).sql


def test_times_are_read_to_the_millisecond() -> None:
    assert milliseconds("2026-02-25T14:13:20.042+08:00") == 1_772_000_000_042
    assert milliseconds(None) is None


@pytest.fixture(scope="module")
def sql() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE messages (recipient TEXT, text TEXT, accepted INTEGER)")
    yield connection
    connection.close()


LETTERS = st.text(st.sampled_from(list("aA%_*?[]'\"\\\0é短🚓\U0010ffff\ud7ff")), max_size=6)


def agrees(sql: sqlite3.Connection, condition: Condition, message: JsonMessage) -> None:
    sql.execute("DELETE FROM messages")
    row = (message.get("recipient"), message.get("text"))
    sql.execute("INSERT INTO messages VALUES (?, ?, 1)", row)
    query = " ".join(("SELECT", condition.sql, "FROM messages"))
    (answer,) = sql.execute(query, condition.parameters).fetchone()
    assert answer in (0, 1)
    assert bool(answer) == condition.matches(message)


@given(stored=LETTERS, wanted=LETTERS, form=st.sampled_from(["{}", "{}*", "*{}", "*{}*"]))
def test_patterns_mean_the_same_in_sql_whatever_the_characters(
    sql: sqlite3.Connection, stored: str, wanted: str, form: str
) -> None:
    try:
        condition = read("to", form.format(wanted))
    except ValueProblem:
        return
    for recipient in (stored, wanted, wanted + stored, stored + wanted, stored + wanted + stored):
        agrees(sql, condition, {"recipient": recipient, "text": ""})


@given(stored=LETTERS, wanted=LETTERS.filter(bool))
def test_text_means_the_same_in_sql_whatever_the_characters(
    sql: sqlite3.Connection, stored: str, wanted: str
) -> None:
    condition = read("text", wanted)
    for text in (stored, wanted.swapcase(), stored + wanted + stored):
        agrees(sql, condition, {"recipient": "", "text": text})


@pytest.mark.parametrize("prefix", ["a\ud7ff", "\U0010ffff", "a\U0010ffff", ""])
def test_prefixes_at_the_edges_of_unicode(sql: sqlite3.Connection, prefix: str) -> None:
    condition = read("to", prefix + "*")
    for recipient in (prefix, prefix + "x", prefix + "\U0010ffff", "a", "b", "\ue000", ""):
        agrees(sql, condition, {"recipient": recipient, "text": ""})


@given(
    st.sampled_from(sorted(WORDS)),
    st.one_of(
        st.text(max_size=30),
        st.from_regex(r"[<>]?=?[0-9٣]{1,25}(\.[0-9]+)?(ms|s|m|h)?", fullmatch=True),
        st.from_regex(
            r"[0-9]{4}-[0-9]{2}(-[0-9]{2}(T[0-9]{2}:[0-9]{2}(Z|\+[0-9]{2}:[0-9]{2})?)?)?"
        ),
        st.from_regex(r"\*?[0-9]{0,4}\*?", fullmatch=True),
    ),
)
def test_any_value_of_any_word_is_a_condition_or_a_problem(name: str, value: str) -> None:
    said = "a condition"
    try:
        assert read(name, value).matches(MESSAGE) in (True, False)
    except ValueProblem as problem:
        said = str(problem)
    assert said
