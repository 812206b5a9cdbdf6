"""Find what came nearest to a query that too few messages matched.

Each of the query's words that stand side by side is asked alone of the newest messages; those that
answer to the most words come first, with the words they answer to and those they don't.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from routing.query import parse_query

from .ports import JsonObject

LOOKED_AT = 500
"""Newest messages that are compared."""
SHOWN = 5


def words_of(query: str) -> list[str]:
    """Split a query into the parts that all have to hold; one with "|" at the top is one part."""
    parts: list[str] = []
    start, depth, quoted, escaped = 0, 0, False, False
    for place, letter in enumerate(query):
        if quoted:
            quoted = letter != '"' or escaped
            escaped = letter == "\\" and not escaped
        elif letter == '"':
            quoted = True
        elif letter in "()":
            depth += 1 if letter == "(" else -1
        elif depth == 0 and letter == "|":
            return [query.strip()]
        elif depth == 0 and letter.isspace():
            parts.append(query[start:place])
            start = place + 1
    parts.append(query[start:])
    return [part for part in parts if part]


def nearest(query: str, messages: Sequence[JsonObject]) -> list[JsonObject]:
    """Give the messages that answer to some of the words: `{message, matched, missed}` each."""
    words = [(word, parse_query(word)) for word in words_of(query)]
    ranked: list[tuple[int, JsonObject]] = []
    for message in messages:
        view: Mapping[str, object] = message
        matched = [word for word, condition in words if condition.matches(view)]
        if matched and len(matched) < len(words):
            missed = [word for word, _ in words if word not in matched]
            row: JsonObject = {"message": message, "matched": matched, "missed": missed}
            ranked.append((len(matched), row))
    ranked.sort(key=lambda entry: -entry[0])
    return [row for _, row in ranked[:SHOWN]]
