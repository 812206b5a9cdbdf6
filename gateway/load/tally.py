"""Count what a load run sees: one tally for all streams of a process."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from .histogram import Histogram

MAX_TRACKED = 1_000_000


@dataclass(frozen=True, slots=True)
class Totals:
    """Hold the counts at one moment. `receipts` are final ones, `uplinks` other deliveries."""

    submitted: int = 0
    accepted: int = 0
    refused: int = 0
    unanswered: int = 0
    receipts: int = 0
    uplinks: int = 0


@dataclass(slots=True)
class Tally:
    """Add up counts and durations. Times are monotonic seconds.

    Only messages due in [`measured_from`, `measured_to`) enter the histograms, so that neither
    the warm-up nor the end of the run colours them, while late answers still count.
    """

    submitted: int = 0
    accepted: int = 0
    refused: int = 0
    unanswered: int = 0
    receipts: int = 0
    uplinks: int = 0
    untracked: int = 0
    """Receipts of messages that are not known here: repeated ones, or of other processes."""
    statuses: Counter[int] = field(default_factory=Counter)
    states: Counter[bytes] = field(default_factory=Counter)
    """Receipts by their `stat:` word."""
    closings: Counter[str] = field(default_factory=Counter)
    """Sessions that ended before the run did, by reason."""
    responses: Histogram = field(default_factory=Histogram)
    interval: Histogram = field(default_factory=Histogram)
    """Latencies since the last point of the timeline."""
    round_trips: Histogram = field(default_factory=Histogram)
    """From the submission to its receipt."""
    measured_from: float = 0.0
    measured_to: float = float("inf")
    tracks: bool = False
    """Whether receipts are matched with their messages."""
    _sent: dict[bytes, float] = field(default_factory=dict)
    _early: dict[bytes, float] = field(default_factory=dict)

    def totals(self) -> Totals:
        return Totals(
            self.submitted,
            self.accepted,
            self.refused,
            self.unanswered,
            self.receipts,
            self.uplinks,
        )

    @property
    def owed(self) -> int:
        """Count the receipts that have not come, if every accepted message gets one."""
        return self.accepted - self.receipts

    def note_accepted(self, sent: list[float | None], message_ids: list[bytes], now: float) -> None:
        """Count responses with ESME_ROK; `sent` says when each was due (None: not ours)."""
        self.accepted += len(sent)
        self.statuses[0] += len(sent)
        for due_at, count in Counter(sent).items():
            if due_at is not None:
                self._note_latency(now - due_at, count, due_at)
        if self.tracks:
            self._track(sent, message_ids)

    def note_refused(self, status: int, due_at: float | None, now: float) -> None:
        """Count one response with another status; one to no request of ours only by status."""
        self.statuses[status] += 1
        if due_at is not None:
            self.refused += 1
            self._note_latency(now - due_at, 1, due_at)

    def note_receipts(self, message_ids: list[bytes], words: list[bytes], now: float) -> None:
        """Count final receipts by their words and, where matched, their time."""
        self.receipts += len(words)
        self.states.update(words)
        if not self.tracks:
            return
        sent = self._sent
        dues: list[float] = []
        for message_id in message_ids:
            due_at = sent.pop(message_id, None)
            if due_at is not None:
                dues.append(due_at)
            elif len(self._early) < MAX_TRACKED:
                self._early[message_id] = now
        for due_at, count in Counter(dues).items():
            self._note_round_trip(now - due_at, count, due_at)

    def finish(self) -> None:
        """Count what could not be matched to the end."""
        self.untracked = len(self._early)

    def _note_latency(self, seconds: float, count: int, due_at: float) -> None:
        self.interval.record(seconds, count)
        if self.measured_from <= due_at < self.measured_to:
            self.responses.record(seconds, count)

    def _note_round_trip(self, seconds: float, count: int, due_at: float) -> None:
        if self.measured_from <= due_at < self.measured_to:
            self.round_trips.record(seconds, count)

    def _track(self, sent: list[float | None], message_ids: list[bytes]) -> None:
        if len(self._sent) >= MAX_TRACKED:
            return
        early = self._early
        for message_id, due_at in zip(message_ids, sent, strict=True):
            if due_at is None:
                continue
            if early and message_id in early:
                # Its receipt overtook the response.
                self._note_round_trip(early.pop(message_id) - due_at, 1, due_at)
            else:
                self._sent[message_id] = due_at
