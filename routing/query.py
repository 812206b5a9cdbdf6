"""Parse the query words that pages, API, CLI and replay filter share.

    query   = any { "|" any }            "|" is or, and binds weakest
    any     = item { item }              a space is and
    item    = "-" item | "(" query ")" | word ":" value
    value   = characters other than space, "|", "(", ")" and '"', or a quoted string
    quoted  = '"' any characters, with \\" for a quote and \\\\ for a backslash '"'

An empty query matches everything. An error names its position and what may stand there.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from .query_words import WORDS, Condition, JsonMessage, Parameter, ValueProblem

MAX_CHARACTERS: Final = 2000
MAX_WORDS: Final = 100
MAX_DEPTH: Final = 20

_TOKEN: Final = re.compile(
    r"""
    (?P<space>\s+)
  | (?P<mark>[|()]|-(?=[^\s|)]))
  | (?P<name>[A-Za-z_]+):
    (?: "(?P<quoted>(?:[^"\\]|\\.)*)" (?=[\s|()]|$)
      | (?P<bare>[^\s|()"]*) (?=[\s|()]|$) )
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)
_CUT: Final = 20


class QueryError(ValueError):
    """Say where a query is wrong (`position` counts characters from 1) and what is allowed."""

    def __init__(self, position: int, seen: str, allowed: str) -> None:
        short = seen if len(seen) <= _CUT else seen[:_CUT] + "…"
        found = f"{short!r}" if seen else "the end"
        super().__init__(f"query, character {position}: {found} seen, {allowed} allowed")
        self.position = position


@dataclass(slots=True, frozen=True)
class Query:
    """Be a parsed query."""

    condition: Condition

    def matches(self, message: JsonMessage) -> bool:
        """Say whether a message, in the JSON shape of docs/api.md, is asked for."""
        return self.condition.matches(message)

    @property
    def where(self) -> str:
        """Give the SQL expression over the archive's `messages` table, with `?` for values."""
        return self.condition.sql

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """Give the values for the `?`, in order."""
        return self.condition.parameters


_EVERYTHING: Final = Condition(lambda message: True, "1")


@dataclass(slots=True, frozen=True)
class _Token:
    """Be one mark (`name` empty), word with its value, or the end (`text` empty)."""

    position: int
    text: str
    name: str = ""
    value: str = ""


def parse_query(text: str) -> Query:
    """Read a query. Raises QueryError."""
    tokens = _tokens(text)
    if len(tokens) == 1:
        return Query(_EVERYTHING)
    parser = _Parser(tokens)
    condition = parser.either(0)
    parser.expect_end()
    return Query(condition)


def _tokens(text: str) -> list[_Token]:
    if len(text) > MAX_CHARACTERS:
        raise QueryError(MAX_CHARACTERS + 1, text[MAX_CHARACTERS:], f"{MAX_CHARACTERS} characters")
    surrogate = next((n for n, letter in enumerate(text) if "\ud800" <= letter <= "\udfff"), None)
    if surrogate is not None:
        raise QueryError(surrogate + 1, text[surrogate], "Unicode characters")
    tokens: list[_Token] = []
    place = 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            raise _unreadable(text, place)
        if not match["space"]:
            tokens.append(_token(match, place + 1))
        place = match.end()
    tokens.append(_Token(len(text) + 1, ""))
    words = [token for token in tokens if token.name]
    if len(words) > MAX_WORDS:
        extra = words[MAX_WORDS]
        raise QueryError(extra.position, extra.text, f"{MAX_WORDS} words")
    return tokens


def _token(match: re.Match[str], position: int) -> _Token:
    name = match["name"]
    if not name:
        return _Token(position, match[0])
    quoted = match["quoted"]
    value = match["bare"] if quoted is None else _ESCAPED.sub(r"\1", quoted)
    return _Token(position, match[0], name, value)


def _unreadable(text: str, place: int) -> QueryError:
    rest = re.split(r"[\s|()]", text[place:], maxsplit=1)[0] or text[place]
    head, colon, value = rest.partition(":")
    if not colon or head not in WORDS:
        return QueryError(place + 1, rest, _words_allowed())
    quoted = f'{head}:"…" with a closing quote, and \\" for a quote inside,'
    return QueryError(place + len(head) + 2, value, quoted)


def _words_allowed() -> str:
    return f"a word ({', '.join(word.example for word in WORDS.values())}), -, | or brackets"


class _Parser:
    """Walk the tokens once, from left to right."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._place = 0

    def either(self, depth: int) -> Condition:
        if depth > MAX_DEPTH:
            token = self._next()
            raise QueryError(token.position, token.text, f"{MAX_DEPTH} brackets or - deep")
        found = [self._all(depth)]
        while self._next().text == "|":
            self._place += 1
            found.append(self._all(depth))
        return _joined(found, " OR ", any)

    def expect_end(self) -> None:
        token = self._next()
        if token.text:
            raise QueryError(token.position, token.text, "a word, | or the end")

    def _next(self) -> _Token:
        return self._tokens[self._place]

    def _all(self, depth: int) -> Condition:
        found = [self._item(depth)]
        while self._next().text not in ("", "|", ")"):
            found.append(self._item(depth))
        return _joined(found, " AND ", all)

    def _item(self, depth: int) -> Condition:
        token = self._next()
        if token.name:
            self._place += 1
            return _condition(token)
        if token.text == "-":
            self._place += 1
            return self._inverted(depth)
        if token.text == "(":
            self._place += 1
            return self._bracketed(depth)
        raise QueryError(token.position, token.text, _words_allowed())

    def _inverted(self, depth: int) -> Condition:
        if depth > MAX_DEPTH:
            raise QueryError(self._next().position, "-", f"{MAX_DEPTH} brackets or - deep")
        inner = self._item(depth + 1)
        return Condition(
            lambda message: not inner.matches(message), f"NOT ({inner.sql})", inner.parameters
        )

    def _bracketed(self, depth: int) -> Condition:
        inner = self.either(depth + 1)
        token = self._next()
        if token.text != ")":
            raise QueryError(token.position, token.text, "a word, | or )")
        self._place += 1
        return inner


def _condition(token: _Token) -> Condition:
    word = WORDS.get(token.name)
    if word is None:
        raise QueryError(token.position, token.text, _words_allowed())
    try:
        return word.read(token.value)
    except ValueProblem as problem:
        place = token.position + len(token.name) + 1
        raise QueryError(place, token.value, f"{token.name}: {problem}") from None


def _joined(
    found: list[Condition], operator: str, combine: Callable[[list[bool]], bool]
) -> Condition:
    if len(found) == 1:
        return found[0]
    return Condition(
        lambda message: combine([part.matches(message) for part in found]),
        operator.join(f"({part.sql})" for part in found),
        tuple(value for part in found for value in part.parameters),
    )
