"""Define the query words: what each asks of a message, in Python and in SQL alike.

One row per word in `WORDS`. A row turns the value that was written into a `Condition`, which can
answer for a message in its JSON shape (the API's) and as a parameterised SQL expression over the
archive's `messages` table; both give the same answer, which a property test holds them to.
Values never become part of the SQL text.

SQL rules: an expression is 0 or 1 and never NULL, so that NOT turns it round; comparisons are
such as treat U+0000 like any character (`instr`, `=`, ranges, blobs; neither LIKE nor GLOB).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Final, TypeAlias

from smpp.constants import CommandStatus, MessageState

from .reasons import REASONS

JsonMessage: TypeAlias = Mapping[str, object]
"""A message in the JSON shape of docs/api.md."""

Parameter: TypeAlias = str | int | float | bytes

LIABILITIES: Final = ("ok", "exempt", "ported", "party_a", "carrier", "force_majeure", "pending")
SERVICES: Final = ("ordinary", "instant")

_SHANGHAI: Final = timezone(timedelta(hours=8))
_FINAL_STATES: Final = frozenset(state.name for state in MessageState if state > 1)
_UNITS_MS: Final = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000}
_COMPARED: Final = re.compile(r"(>=|<=|>|<|=)?(.*)", re.DOTALL)
_DURATION: Final = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h)", re.ASCII)
_LOWER: Final = {letter: letter + 32 for letter in range(ord("A"), ord("Z") + 1)}
"""SQLite's lower() knows the letters A to Z alone, so the predicate does the same."""

_COMPARE: Final[dict[str, Callable[[float, float], bool]]] = {
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    "=": lambda left, right: left == right,
}


@dataclass(slots=True, frozen=True)
class Condition:
    """Answer one question about a message: `matches` in Python, `sql` with its parameters."""

    matches: Callable[[JsonMessage], bool]
    sql: str
    parameters: tuple[Parameter, ...] = ()


class ValueProblem(Exception):  # noqa: N818 - becomes the QueryError that names the place
    """Say what a word's value may be."""


@dataclass(slots=True, frozen=True)
class Word:
    """Be one query word: how its value is read, and an example of its use."""

    read: Callable[[str], Condition]
    example: str


def milliseconds(value: object) -> int | None:
    """Read a time of the JSON shape (ISO 8601 with offset, or None) as milliseconds."""
    if not isinstance(value, str):
        return None
    return round(datetime.fromisoformat(value).timestamp() * 1000)


def _text(message: JsonMessage, key: str) -> str:
    value = message.get(key)
    return value if isinstance(value, str) else ""


def _verdict(message: JsonMessage, key: str) -> object:
    verdict = message.get("verdict")
    return verdict.get(key) if isinstance(verdict, Mapping) else None


def _pattern(key: str) -> Callable[[str], Condition]:
    """Compare a field with a value that may begin or end with `*`."""

    def read(value: str) -> Condition:
        wanted = value.removeprefix("*").removesuffix("*")
        if "*" in wanted or not value:
            raise ValueProblem("a value, with * at its beginning or end for any characters")
        starts = not value.startswith("*")
        ends = not value.endswith("*")
        if starts and ends:
            return Condition(lambda m: _text(m, key) == wanted, f"{key} = ?", (wanted,))
        if starts:
            return _prefix(key, wanted)
        if ends:
            octets = wanted.encode()
            # Of an empty blob, substr() is NULL.
            sql = f"coalesce(substr(CAST({key} AS BLOB), -?), x'') = ?"
            sized = (len(octets), octets)
            return Condition(lambda m: _text(m, key).endswith(wanted), sql, sized)
        return Condition(lambda m: wanted in _text(m, key), f"instr({key}, ?) > 0", (wanted,))

    return read


def _prefix(key: str, wanted: str) -> Condition:
    """Compare as a range, which an index answers."""
    above = _successor(wanted)
    if not above:
        return Condition(lambda m: _text(m, key).startswith(wanted), f"{key} >= ?", (wanted,))
    sql = f"({key} >= ? AND {key} < ?)"
    return Condition(lambda m: _text(m, key).startswith(wanted), sql, (wanted, above))


def _successor(prefix: str) -> str:
    """Give the least string above everything that begins with `prefix`; empty if there is none."""
    kept = prefix.rstrip("\U0010ffff")
    if not kept:
        return ""
    following = ord(kept[-1]) + 1
    return kept[:-1] + chr(0xE000 if following == 0xD800 else following)


def _contains(value: str) -> Condition:
    if not value:
        raise ValueProblem('some text, in quotes when it holds spaces: text:"…"')
    wanted = value.translate(_LOWER)
    return Condition(
        lambda m: wanted in _text(m, "text").translate(_LOWER),
        "instr(lower(text), ?) > 0",
        (wanted,),
    )


def _choice(
    key: str, allowed: tuple[str, ...], *, in_verdict: bool = False
) -> Callable[[str], Condition]:
    def read(value: str) -> Condition:
        if value not in allowed:
            raise ValueProblem(f"one of {', '.join(allowed)}")
        if in_verdict:
            return Condition(lambda m: _verdict(m, key) == value, f"{key} = ?", (value,))
        return Condition(lambda m: m.get(key) == value, f"{key} = ?", (value,))

    return read


def _state(value: str) -> Condition:
    name = value.upper()
    if name not in MessageState.__members__:
        raise ValueProblem(f"one of {', '.join(MessageState.__members__)}")
    number = int(MessageState[name])
    return Condition(lambda m: m.get("state") == name, "state = ?", (number,))


def _status(value: str) -> Condition:
    number = _status_number(value)
    if number is None or number > 0xFFFFFFFF:
        raise ValueProblem("a command_status by name (ESME_RTHROTTLED), 0x58 or 88")
    return Condition(lambda m: _verdict(m, "status") == number, "status = ?", (number,))


def _status_number(value: str) -> int | None:
    if value.upper() in CommandStatus.__members__:
        return int(CommandStatus[value.upper()])
    if re.fullmatch(r"0x[0-9a-fA-F]{1,8}", value):
        return int(value, 16)
    return int(value) if re.fullmatch(r"[0-9]{1,10}", value) else None


def _segments(value: str) -> Condition:
    operator, number = _operator(value)
    if not re.fullmatch(r"[0-9]{1,9}", number):
        raise ValueProblem("a count, perhaps after > >= < <= or =: segments:>1")
    wanted = int(number)
    compare = _COMPARE[operator or "="]

    def matches(message: JsonMessage) -> bool:
        count = message.get("segments")
        return isinstance(count, int) and compare(count, wanted)

    return Condition(matches, f"segments {operator or '='} ?", (wanted,))


def _latency(value: str) -> Condition:
    operator, duration = _operator(value)
    match = _DURATION.fullmatch(duration)
    if match is None or not operator or len(duration) > 20:
        raise ValueProblem("a duration in ms, s, m or h after > >= < <= or =: latency:>30s")
    limit = round(float(match[1]) * _UNITS_MS[match[2]])
    compare = _COMPARE[operator]

    def matches(message: JsonMessage) -> bool:
        begun, ended = (milliseconds(message.get(key)) for key in ("submitted_at", "final_at"))
        return begun is not None and ended is not None and compare(ended - begun, limit)

    sql = f"(final_ms IS NOT NULL AND final_ms - submitted_ms {operator} ?)"
    return Condition(matches, sql, (limit,))


def _operator(value: str) -> tuple[str, str]:
    match = _COMPARED.fullmatch(value)
    return (match[1] or "", match[2]) if match else ("", value)


def _time(operator: str) -> Callable[[str], Condition]:
    def read(value: str) -> Condition:
        try:
            instant = datetime.fromisoformat(value)
            if instant.tzinfo is None:
                instant = instant.replace(tzinfo=_SHANGHAI)
            limit = round(instant.timestamp() * 1000)
        except (ValueError, OverflowError):
            raise ValueProblem(
                "a date or time, Asia/Shanghai unless it has an offset: 2026-11-30, "
                "2026-11-30T08:00:00+08:00"
            ) from None
        compare = _COMPARE[operator]

        def matches(message: JsonMessage) -> bool:
            at = milliseconds(message.get("submitted_at"))
            return at is not None and compare(at, limit)

        return Condition(matches, f"submitted_ms {operator} ?", (limit,))

    return read


_IS: Final[dict[str, Condition]] = {
    "accepted": Condition(lambda m: _verdict(m, "accepted") is True, "accepted = 1"),
    "rejected": Condition(lambda m: _verdict(m, "accepted") is False, "accepted = 0"),
    "final": Condition(lambda m: m.get("state") in _FINAL_STATES, "state > 1"),
    "open": Condition(lambda m: m.get("state") not in _FINAL_STATES, "state <= 1"),
    "mt": Condition(lambda m: m.get("direction") == "mt", "direction = 'mt'"),
    "mo": Condition(lambda m: m.get("direction") == "mo", "direction = 'mo'"),
}


def _is(value: str) -> Condition:
    if value not in _IS:
        raise ValueProblem(f"one of {', '.join(_IS)}")
    return _IS[value]


WORDS: Final[dict[str, Word]] = {
    "account": Word(_pattern("account"), "account:police"),
    "to": Word(_pattern("recipient"), "to:133*"),
    "from": Word(_pattern("sender"), "from:106590990371*"),
    "text": Word(_contains, 'text:"…"'),
    "state": Word(_state, "state:DELIVERED"),
    "reason": Word(_choice("reason", tuple(REASONS), in_verdict=True), "reason:scope"),
    "liability": Word(_choice("liability", LIABILITIES), "liability:carrier"),
    "status": Word(_status, "status:ESME_RTHROTTLED"),
    "service": Word(_choice("service", SERVICES), "service:instant"),
    "is": Word(_is, "is:rejected"),
    "segments": Word(_segments, "segments:>1"),
    "latency": Word(_latency, "latency:>30s"),
    "after": Word(_time(">="), "after:2026-11-30"),
    "before": Word(_time("<"), "before:2026-11-30T08:00:00+08:00"),
    "carrier": Word(_pattern("carrier"), "carrier:telecom"),
    "error": Word(_pattern("error"), "error:650"),
}
"""Query word → how to read it. docs/queries.md explains them."""
