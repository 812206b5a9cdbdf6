"""Compare a client's ledger with the journal of a gateway that has been stopped.

A = acknowledged, D = stored, F = final outcomes, R = receipts that came. The gateway's memory is
not asked, and its archive only whether it agrees.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from gateway.archive.builder import ArchiveBuilder
from gateway.archive.database import reading_archive
from gateway.journal.lock import DataLock
from gateway.journal.reader import SqliteJournalReader
from gateway.verification import verify
from routing.events import Outcome, Segment, SegmentHeld, Submission

from .ledger import Ledger, read_ledger

_REF = re.compile(r"编号(\d+)。")
_SHOWN = 5
_ASKED = 0x03


@dataclass(slots=True)
class Journal:
    """Hold what a journal says of the messages; ids are the decimal ones of the demo account."""

    taken: dict[str, list[int]] = field(default_factory=dict)
    """id of each message answered ESME_ROK (of each segment) → refs found in its text."""
    refused: set[int] = field(default_factory=set)
    """Refs of the submissions refused with a status."""
    segments: dict[str, tuple[Segment, ...]] = field(default_factory=dict)
    """id of each whole message → its segments."""
    rejected_late: set[str] = field(default_factory=set)
    """Messages whose outcome, REJECTED, is part of their submission."""
    outcomes: Counter[str] = field(default_factory=Counter)
    asked: set[str] = field(default_factory=set)
    """ids (of segments too) whose messages asked for a receipt of any outcome."""


def read_journal(data: Path) -> Journal:
    """Fold the journal in a data directory."""
    journal = Journal()
    for _, _, events in SqliteJournalReader(data).read(0):
        for event in events:
            if isinstance(event, Submission):
                _submitted(journal, event)
            elif isinstance(event, SegmentHeld):
                journal.taken.setdefault(str(event.message_id), _refs_of(event.pdu))
                if event.registered_delivery & _ASKED:
                    journal.asked.add(str(event.message_id))
            elif isinstance(event, Outcome):
                journal.outcomes[str(event.message_id)] += 1
    return journal


def _submitted(journal: Journal, event: Submission) -> None:
    refs = [int(found) for found in _REF.findall(event.text)]
    if not event.accepted and event.status:
        journal.refused.update(refs)
        return
    whole = str(event.message_id)
    journal.segments[whole] = event.segments
    if not event.accepted:
        journal.rejected_late.add(whole)
    if event.segments:
        # The last part of a concatenated message is stored with the whole alone.
        for segment, pdu in zip(event.segments, _pdus(event.pdu), strict=True):
            journal.taken.setdefault(str(segment.message_id), _refs_of(pdu))
    else:
        journal.taken[whole] = refs
    for segment in event.segments or (Segment(event.message_id, 1, event.registered_delivery),):
        if segment.registered_delivery & _ASKED:
            journal.asked.add(str(segment.message_id))


def _pdus(octets: bytes) -> list[bytes]:
    found = []
    while octets:
        length = int.from_bytes(octets[:4], "big")
        found.append(octets[:length])
        octets = octets[length:]
    return found


def _refs_of(pdu: bytes) -> list[int]:
    """Find the refs in the text of a PDU, wherever in the octets it begins."""
    texts = (pdu[start:].decode("utf-16-be", "replace") for start in (0, 1))
    return [int(ref) for text in texts for ref in _REF.findall(text)]


@dataclass(slots=True)
class Findings:
    """Hold what doesn't agree; every list is empty when nothing is wrong."""

    intents: int = 0
    acknowledged: int = 0
    stored: int = 0
    receipts: int = 0
    """Receipts that came, repetitions included."""
    repeated: int = 0
    """Receipts that came more than once, which is allowed after a crash."""
    lost: list[str] = field(default_factory=list)
    """Acknowledged, but not stored."""
    ghosts: list[str] = field(default_factory=list)
    """Stored, but never sent."""
    stored_twice: list[int] = field(default_factory=list)
    mixed_up: list[int] = field(default_factory=list)
    """Refs stored under another id than the one acknowledged."""
    refused_but_stored: list[int] = field(default_factory=list)
    answered_twice: list[int] = field(default_factory=list)
    without_outcome: list[str] = field(default_factory=list)
    several_outcomes: list[str] = field(default_factory=list)
    archived_without_one: list[str] = field(default_factory=list)
    """Messages that the archive, brought up to the journal, doesn't hold with one outcome."""
    receipts_missing: list[str] = field(default_factory=list)
    receipts_unasked: list[str] = field(default_factory=list)
    receipts_that_differ: list[str] = field(default_factory=list)
    receipts_early: list[str] = field(default_factory=list)
    damage: list[str] = field(default_factory=list)
    """What `smsgw verify` says."""

    def wrong(self) -> dict[str, str]:
        """Give the lists that are not empty: their length and first entries."""
        values = {name: getattr(self, name) for name in self.__slots__}
        return {
            name: f"{len(found)}: {found[:_SHOWN]}"
            for name, found in values.items()
            if isinstance(found, list) and found
        }

    def summary(self) -> str:
        """Say the figures in one line."""
        return (
            f"{self.intents} sent, {self.acknowledged} acknowledged, {self.stored} stored, "
            f"{len(self.lost)} lost, {len(self.stored_twice)} stored twice, "
            f"{self.receipts} receipts of which {self.repeated} repeated"
        )


def check(ledger_file: Path, data: Path, *, settled: bool = True) -> Findings:
    """Compare. `settled`: everything had time to end, so outcomes and receipts are complete."""
    # A committer that outlived its gateway by a moment has ended when the lock is free.
    DataLock.acquire(data).close()
    ledger, journal = read_ledger(ledger_file), read_journal(data)
    findings = Findings(
        intents=len(ledger.intents),
        acknowledged=len(ledger.acknowledged),
        stored=len(journal.taken),
        receipts=ledger.deliveries,
        repeated=ledger.deliveries - len(ledger.receipts),
        answered_twice=ledger.answered_twice,
        receipts_early=ledger.early,
        damage=[str(problem) for problem in verify(data).problems],
    )
    if settled:
        findings.archived_without_one = without_one_outcome(data)
    _compare_stored(findings, ledger, journal)
    _compare_receipts(findings, ledger, journal, settled=settled)
    for whole in journal.segments:
        count = journal.outcomes[whole] + (whole in journal.rejected_late)
        if count > 1:
            findings.several_outcomes.append(whole)
        elif not count and settled:
            findings.without_outcome.append(whole)
    return findings


def without_one_outcome(data: Path) -> list[str]:
    """Bring the archive up to the journal; ask it by SQL who has not exactly one outcome."""
    builder = ArchiveBuilder(data, SqliteJournalReader(data), {})
    while builder.advance():
        pass
    builder.close()
    query = "SELECT id FROM messages WHERE direction = 'mt' AND (final_ms IS NULL OR state <= 1)"
    with reading_archive(data) as archive:
        return [str(message_id) for (message_id,) in archive.execute(query)]


def _compare_stored(findings: Findings, ledger: Ledger, journal: Journal) -> None:
    holders: dict[int, str] = {}
    for message_id, refs in journal.taken.items():
        if len(refs) != 1 or refs[0] not in ledger.intents:
            findings.ghosts.append(message_id)
        for ref in refs:
            if ref in holders:
                findings.stored_twice.append(ref)
            holders[ref] = message_id
    for ref, message_id in ledger.acknowledged.items():
        if message_id not in journal.taken:
            findings.lost.append(message_id)
        elif holders.get(ref) != message_id:
            findings.mixed_up.append(ref)
    findings.refused_but_stored = [ref for ref in ledger.refused if ref in holders]


def _compare_receipts(
    findings: Findings, ledger: Ledger, journal: Journal, *, settled: bool
) -> None:
    came = ledger.receipts
    if settled:
        findings.receipts_missing = sorted(journal.asked - came.keys())
    findings.receipts_unasked = sorted(came.keys() - journal.asked)
    findings.receipts_that_differ = sorted(
        message_id for message_id, copies in came.items() if len(set(copies)) > 1
    )
