"""Take the records behind a figure out of a journal, so that another machine can check them.

The file has one JSON object a line: the question and the claimed figure, the anchors, then batches
of the journal as they lie on disk, with the hash before and behind each. Between the anchor before
the first record and the one after the last every batch is there, so that nothing can have been left
out in between; with `records_only` it is those alone that hold a record, and each only fits its own
hash.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any, Final

import msgspec

from gateway.archive.database import progress_of, reading_archive
from gateway.journal.anchors import FILE, Anchor, read_anchors
from gateway.journal.checking import Problem, Problems
from gateway.journal.files import GENESIS, Position, chain
from gateway.journal.reader import SqliteJournalReader
from routing.events import JournalEvent, Outcome, Replaced, Submission, decode_batch

FORMAT: Final = 1
CLASSES: Final = ("ok", "carrier", "exempt", "ported", "party_a", "pending", "refused")
"""What a downlink message came to: the liability of its outcome, none yet, or refused."""
_WANTED: Final = """
SELECT id, segments FROM messages WHERE direction = 'mt' AND account = ? AND begun_ms >= ?
AND begun_ms < ? AND CASE WHEN accepted = 0 THEN 'refused' WHEN final_ms IS NULL THEN 'pending'
ELSE liability END = ? ORDER BY id
"""
_BATCHES: Final = """
SELECT DISTINCT batch FROM timeline WHERE id IN (SELECT id FROM wanted)
OR id IN (SELECT id FROM segments WHERE message_id IN (SELECT id FROM wanted)) ORDER BY batch
"""


@dataclass(slots=True, frozen=True)
class Question:
    """Ask for the downlink messages of one class whose delivery began in some milliseconds."""

    account: str
    class_: str
    first_ms: int
    until_ms: int


@dataclass(slots=True, frozen=True)
class Figure:
    """Be what was counted."""

    messages: int
    segments: int


@dataclass(slots=True)
class Evidence:
    """Say what an evidence file holds, and what is wrong with it; the first problem comes first.

    `chain` is anchored (unbroken between two anchors), unbroken (without an anchor on a side), or
    records_only.
    """

    claimed: Figure = field(default_factory=lambda: Figure(0, 0))
    found: Figure = field(default_factory=lambda: Figure(0, 0))
    batches: int = 0
    first_sequence: int = 0
    last_sequence: int = 0
    last_hash: str = ""
    chain: str = ""
    problem_count: int = 0
    problems: list[Problem] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Say whether nothing is wrong."""
        return self.problem_count == 0


def export(data_dir: Path, question: Question, file: IO[str], *, records_only: bool) -> Figure:
    """Write the evidence of a figure. Raises sqlite3.Error."""
    journal = SqliteJournalReader(data_dir)
    with reading_archive(data_dir) as archive:
        archive.execute("BEGIN")
        progress = progress_of(archive)
        upto = 0 if progress is None else progress.sequence
        archive.execute("CREATE TEMP TABLE wanted (id INTEGER PRIMARY KEY)")
        values = (question.account, question.first_ms, question.until_ms, question.class_)
        messages = segments = 0
        for one, count in archive.execute(_WANTED, values).fetchall():
            archive.execute("INSERT INTO wanted VALUES (?)", (one,))
            messages, segments = messages + 1, segments + count
        held = [row[0] for row in archive.execute(_BATCHES)]
        ids = [row[0] for row in archive.execute("SELECT id FROM wanted ORDER BY id")]
    figure = Figure(messages, segments)
    anchors, _ = read_anchors(data_dir / FILE)
    chosen: Iterable[int] = held
    if not records_only and held:
        chosen = range(*_between(anchors, held[0], held[-1], upto))
    head = {
        "format": FORMAT, "question": asdict(question), "figure": asdict(figure),
        "records_only": records_only,
        "anchors": [{"at": one.at, "sequence": one.position.sequence,
                     "hash": one.position.hash.hex()} for one in anchors],
        "messages": [str(one) for one in ids],
    }  # fmt: skip
    _line(file, head)
    for row in _batches(journal, chosen):
        _line(file, row)
    return figure


def verify_evidence(path: Path, anchors: Path | None = None) -> Evidence:
    """Check a file of evidence; nothing of the gateway that made it is needed.

    `anchors` is a copy of its anchors kept elsewhere, before those of the file. Raises OSError.
    """
    with path.open(encoding="utf-8") as file:
        return _Check(path.name, anchors).run(file)


def _between(anchors: list[Anchor], first: int, last: int, upto: int) -> tuple[int, int]:
    """Give the batches from the anchor before the first record to the one after the last."""
    known = [one.position.sequence for one in anchors]
    begin = max((one for one in known if one <= first), default=first)
    end = min((one for one in known if one >= last), default=upto)
    return begin, max(end, last) + 1


def _batches(journal: SqliteJournalReader, chosen: Iterable[int]) -> Iterator[dict[str, Any]]:
    wanted = iter(chosen)
    number = next(wanted, None)
    if number is None:
        return
    previous = journal.hash_of(number - 1) or b""
    after = number - 1
    for batch in journal.read_stored(after):
        if batch.sequence == number:
            yield {
                "sequence": batch.sequence, "at": batch.at, "previous": previous.hex(),
                "hash": batch.hash.hex(), "events": base64.b64encode(batch.blob).decode(),
            }  # fmt: skip
            number = next(wanted, None)
            if number is None:
                return
        previous = batch.hash


def _line(file: IO[str], content: dict[str, Any]) -> None:
    file.write(json.dumps(content, ensure_ascii=False, separators=(",", ":")) + "\n")


class _Check:
    """Walk one file of evidence."""

    def __init__(self, name: str, anchors: Path | None) -> None:
        self._name = name
        self._kept = None if anchors is None else read_anchors(anchors)[0]
        self._problems = Problems()
        self._found = Evidence()
        self._last: Position | None = None
        self._anchors: dict[int, bytes] = {}
        self._met: list[int] = []
        self._accounts: dict[int, str] = {}
        self._classes: dict[int, tuple[str, float, int]] = {}
        self._handlers: dict[type, Callable[[Any], None]] = {
            Submission: self._submitted, Replaced: self._replaced, Outcome: self._ended,
        }  # fmt: skip

    def run(self, file: IO[str]) -> Evidence:
        found = self._found
        lines = enumerate(file, 1)
        try:
            head = json.loads(next(lines)[1])
            question = Question(**head["question"])
            found.claimed = Figure(**head["figure"])
            alone = bool(head["records_only"])
            listed = {int(one) for one in head["messages"]}
            self._take_anchors(head["anchors"])
            if head["format"] != FORMAT:
                raise ValueError(f"format {head['format']}, {FORMAT} is known here")
        except (ValueError, KeyError, TypeError, StopIteration) as error:
            self._problems.add(self._name, 0, f"line 1 is no heading of evidence: {error}")
            return self._told()
        for number, line in lines:
            self._batch(number, line, alone=alone)
        self._judge(question, listed, alone=alone)
        return self._told()

    def _take_anchors(self, rows: list[dict[str, Any]]) -> None:
        if self._kept is not None:
            self._anchors = {one.position.sequence: one.position.hash for one in self._kept}
            return
        self._anchors = {int(row["sequence"]): bytes.fromhex(row["hash"]) for row in rows}

    def _batch(self, number: int, line: str, *, alone: bool) -> None:
        note = self._problems.add
        try:
            row = json.loads(line)
            sequence, at = int(row["sequence"]), float(row["at"])
            previous, digest = bytes.fromhex(row["previous"]), bytes.fromhex(row["hash"])
            blob = base64.b64decode(row["events"], validate=True)
        except (ValueError, KeyError, TypeError, binascii.Error) as error:
            note(self._name, 0, f"line {number} is no batch: {error}")
            return
        if chain(previous or GENESIS, sequence, at, blob) != digest:
            note(self._name, sequence, "its hash doesn't fit its content")
        last = self._last
        if last is not None and sequence != last.sequence + 1 and not alone:
            note(self._name, last.sequence + 1, f"missing; batch {sequence} follows")
        elif last is not None and sequence <= last.sequence:
            note(self._name, sequence, f"comes after batch {last.sequence}")
        elif last is not None and sequence == last.sequence + 1 and previous != last.hash:
            note(self._name, sequence, "doesn't continue the batch before")
        anchor = self._anchors.get(sequence)
        if anchor is not None:
            self._met.append(sequence)
            if anchor != digest:
                note(self._name, sequence, "its hash isn't the one of its anchor")
        self._last = Position(sequence, digest)
        self._found.batches += 1
        self._found.first_sequence = self._found.first_sequence or sequence
        self._events(sequence, blob)

    def _events(self, sequence: int, blob: bytes) -> None:
        try:
            events: list[JournalEvent] = decode_batch(blob)
        except msgspec.MsgspecError as error:
            self._problems.add(self._name, sequence, f"can't be decoded: {error}")
            return
        for event in events:
            handler = self._handlers.get(type(event))
            if handler is not None:
                handler(event)

    # -- counting again -----------------------------------------------------------------------

    def _submitted(self, event: Submission) -> None:
        began_at = max(event.at, event.schedule_at) if event.accepted else event.at
        class_ = "pending" if event.accepted else "refused"
        self._classes[event.message_id] = (class_, began_at, event.segment_count)
        self._accounts[event.message_id] = event.account

    def _replaced(self, event: Replaced) -> None:
        known = self._classes.get(event.message_id)
        if known is not None and known[0] == "pending":
            began_at = event.schedule_at or min(known[1], event.at)
            self._classes[event.message_id] = ("pending", began_at, event.segment_count)

    def _ended(self, event: Outcome) -> None:
        known = self._classes.get(event.message_id)
        if known is not None and known[0] == "pending":
            began_at = min(known[1], event.at)
            self._classes[event.message_id] = (event.liability, began_at, known[2])

    def _judge(self, question: Question, listed: set[int], *, alone: bool) -> None:
        """Compare what the records come to with what is claimed, message by message."""
        counted = {
            one: segments
            for one, (class_, began_at, segments) in self._classes.items()
            if class_ == question.class_
            and self._accounts[one] == question.account
            and question.first_ms <= round(began_at * 1000) < question.until_ms
            and (not alone or one in listed)
        }
        found = self._found
        found.found = Figure(len(counted), sum(counted.values()))
        note = self._problems.add
        for one in sorted(listed - counted.keys()):
            note(self._name, 0, f"message {one} is listed, the records don't show it")
        for one in sorted(counted.keys() - listed):
            note(self._name, 0, f"message {one} is in the records and not listed")
        if found.found != found.claimed:
            note(
                self._name, 0,
                f"{found.claimed.messages} messages and {found.claimed.segments} segments are "
                f"claimed, the records come to {found.found.messages} and {found.found.segments}",
            )  # fmt: skip
        ends = (found.first_sequence, self._last.sequence if self._last else 0)
        anchored = bool(self._met) and all(one in self._met for one in ends)
        found.chain = "records_only" if alone else ("anchored" if anchored else "unbroken")

    def _told(self) -> Evidence:
        found = self._found
        if self._last is not None:
            found.last_sequence, found.last_hash = self._last.sequence, self._last.hash.hex()
        found.problems, found.problem_count = self._problems.kept, self._problems.count
        return found
