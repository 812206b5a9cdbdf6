"""Limit how many messages one recipient gets of a category in a sliding time (clause 3.1.1).

A limit of c messages in p seconds refuses a message when c were accepted within the last p seconds;
one accepted exactly p seconds ago no longer counts. So the c-th latest accepted message decides,
and its time plus p is the first moment at which the limit lets another one pass. All limits of a
category share one history per recipient, as long as the highest of their counts; what is kept of
it is a ring of times, so a message costs the same however full it is.

Limits of category `any` count the messages of every category together. Limits with
`same_content` keep a history for each text. Messages of an exempt category are neither limited
nor counted. Each signature is counted apart.

A recipient is forgotten when the longest period of the limits concerned has passed once or twice
since the last accepted message (see `routing.generations`). So the memory is bounded by the
recipients, or by the texts per recipient, of two such periods: about 150 octets for one.
"""

from __future__ import annotations

from array import array
from collections.abc import Container, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeAlias

from config.content import Frequency, FrequencyLimit
from config.section import SHANGHAI

from .category_masks import CATEGORIES, TITLES_ZH, bit_of
from .finding import Finding
from .generations import Generations

History: TypeAlias = "float | array[float]"
"""The time of the one message, or a ring: first the place of its oldest time, then the times."""

_NEVER: Final = float("-inf")
_ANY: Final = "any"


@dataclass(frozen=True)
class _Table:
    """Keep the history of each recipient, or of each text to a recipient, for some limits."""

    rows: tuple[FrequencyLimit, ...]
    figures: tuple[tuple[int, float], ...]
    """Count and period, seconds, of each row."""
    by_text: bool
    length: int
    """Times to keep: the highest count."""
    recent: Generations[str | int, History]


def _latest(history: History, count: int) -> float:
    """Give the time of the count-th latest message, `_NEVER` where there weren't as many."""
    if type(history) is float:
        return history if count == 1 else _NEVER
    assert not isinstance(history, float)
    held = len(history) - 1
    if count > held:
        return _NEVER
    place = int(history[0]) - count
    return history[1 + (place if place >= 0 else place + held)]


def _added(history: History, at: float, length: int) -> History:
    """Give the history with one more message; a ring is changed in place."""
    if isinstance(history, float):
        at = max(at, history)
        return at if length == 1 else array("d", [0.0, history, at])
    at = max(at, _latest(history, 1))
    if len(history) <= length:
        history.append(at)
        return history
    place = int(history[0])
    history[1 + place] = at
    history[0] = float(place + 1 if place + 1 < length else 0)
    return history


class FrequencyBook:
    """Count the accepted messages of each recipient, and judge the next one by the limits.

    `judge` changes nothing. `count` is called once for every accepted message, and after a restart
    for those accepted in the last `horizon_s` seconds, in the order of the journal. Other limits
    need a new book and the same messages again.
    """

    __slots__ = ("_exempt", "_limits", "_signatures", "_spared", "horizon_s")

    def __init__(self, rules: Frequency, spared: Container[str] = ()) -> None:
        """Start without any message; `spared` recipients are counted for no limit."""
        self._spared = spared
        self._limits = rules.limits
        self._exempt = frozenset(rules.exempt)
        self._signatures: dict[str, dict[str, tuple[_Table, ...]]] = {}
        self.horizon_s = float(max((limit.period_s for limit in rules.limits), default=0))
        """For how long a message counts, seconds."""

    @property
    def limited(self) -> bool:
        """Say whether there is any limit."""
        return bool(self._limits)

    def judge(
        self, recipient: str, category: str, text: str, at: float, signature: str = ""
    ) -> Finding | None:
        """Judge a message of a category to a recipient at `at` (UTC seconds since the epoch).

        `text` is the whole text. `signature` is a registered one; all others are "" so that
        what is kept stays bounded. Raises ValueError for an unknown category.
        """
        passes_at = at
        broken: FrequencyLimit | None = None
        for table in self._tables(signature, category):
            # A hash stands for the text: two texts of one hash are a matter of 1 in 10^19, and a
            # text for each message of a minute would take ten times the memory.
            key = hash((recipient, text)) if table.by_text else recipient
            history = table.recent.get(key)
            if history is None:
                continue
            for index, (count, period_s) in enumerate(table.figures):
                free_at = _latest(history, count) + period_s
                if free_at > passes_at:
                    passes_at = free_at
                    broken = table.rows[index]
        if broken is None:
            return None
        return _finding(recipient, category, broken, passes_at)

    def count(
        self, recipient: str, category: str, text: str, at: float, signature: str = ""
    ) -> None:
        """Count an accepted message; parameters as for `judge`.

        Raises ValueError for an unknown category.
        """
        if recipient in self._spared:
            return
        for table in self._tables(signature, category):
            key: str | int = hash((recipient, text)) if table.by_text else recipient
            recent = table.recent
            before = recent.get(key)
            recent.set(key, at if before is None else _added(before, at, table.length), at)

    def __len__(self) -> int:
        """Give how many histories are held."""
        distinct = {
            id(table): table.recent
            for lanes in self._signatures.values()
            for tables in lanes.values()
            for table in tables
        }
        return sum(map(len, distinct.values()))

    def _tables(self, signature: str, category: str) -> tuple[_Table, ...]:
        lanes = self._signatures.get(signature)
        if lanes is None:
            lanes = self._signatures[signature] = _lanes(self._limits, self._exempt)
        tables = lanes.get(category)
        if tables is None:
            bit_of(category)
            return ()
        return tables


def _lanes(
    limits: Iterable[FrequencyLimit], exempt: frozenset[str]
) -> dict[str, tuple[_Table, ...]]:
    """Make the tables of one signature and say which of them each category is a matter of."""
    groups: dict[tuple[str, bool], list[FrequencyLimit]] = {}
    for limit in limits:
        groups.setdefault((limit.category, limit.same_content), []).append(limit)
    tables = {group: _table(rows, by_text=group[1]) for group, rows in groups.items()}
    return {
        category: tuple(table for (name, _), table in tables.items() if name in (_ANY, category))
        for category in CATEGORIES
        if category not in exempt
    }


def _table(rows: list[FrequencyLimit], *, by_text: bool) -> _Table:
    return _Table(
        rows=tuple(rows),
        figures=tuple((row.count, float(row.period_s)) for row in rows),
        by_text=by_text,
        length=max(row.count for row in rows),
        recent=Generations(float(max(row.period_s for row in rows))),
    )


def _finding(recipient: str, category: str, limit: FrequencyLimit, passes_at: float) -> Finding:
    moment = datetime.fromtimestamp(passes_at, SHANGHAI)
    when = moment.isoformat(" ", "milliseconds" if moment.microsecond else "seconds")
    kind = category if limit.category == _ANY else limit.category
    what = "messages of the same text" if limit.same_content else "messages"
    what_zh = "相同内容短信" if limit.same_content else "短信"
    of = "of every category" if limit.category == _ANY else f"of category {limit.category}"
    of_zh = "各类" if limit.category == _ANY else f"{TITLES_ZH[limit.category]}类"
    return Finding(
        en=f"A recipient gets at most {limit.count} {what} {of} in {limit.period_s} s, and so "
        "many have been accepted.",
        zh=f"同一用户{limit.period_s}秒内最多接收{limit.count}条{of_zh}{what_zh}，现已达到上限。",
        seen=f"{recipient}: {kind}, {limit.count} in {limit.period_s} s",
        allowed=f"from {when} on",
    )
