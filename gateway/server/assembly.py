"""Put concatenated messages together, and judge them when they are whole.

Each part is answered with a message_id of its own once it is on disk; what can be judged of a part
alone (sender, recipient, speed) is judged as it arrives. The last part to arrive brings the
verdict on the whole text. A refusal of the whole is a receipt's matter, since the earlier parts
were answered ESME_ROK. Parts whose message stays incomplete are rejected after the timeout.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from gateway.ports import Clock, Journal
from routing.events import Segment, SegmentHeld, Submission
from routing.message import begin
from routing.numbering import normalise_recipient
from routing.reassembly import Arrival, HeldPart, Incomplete, Reassembler
from smpp.concat import Part, part_of
from smpp.pdus import SubmitSm

from .answers import Answers, Respond, Waiting, refuse
from .connection import Connection
from .desk import Desk

UDHI = 0x40
REPEAT_S = 1.0
"""Pause before a rejection that the full disk refused is offered to the journal again."""


@dataclass(frozen=True, slots=True)
class AssemblyContext:
    clock: Clock
    journal: Journal
    desks: dict[str, Desk]
    waiting: Waiting
    reassembler: Reassembler
    answers: Answers
    loop: asyncio.AbstractEventLoop


class Assembly:
    """Own the concatenated messages that wait for parts."""

    def __init__(self, context: AssemblyContext) -> None:
        self._c = context
        self._arrivals: dict[str, Callable[..., None]] = {
            "held": self._held,
            "repeated": self._repeated,
            "refused": self._part_refused,
            "complete": self._complete,
        }

    def is_open(self, submission: Submission, part: Part) -> bool:
        """Say whether an earlier part of this message was admitted."""
        # Parts are held under the recipient as the verdict brings it to 11 digits.
        recipient = submission.recipient
        number = normalise_recipient(recipient, submission.dest_ton, submission.dest_npi)
        return self._c.reassembler.is_open(
            (
                submission.account,
                submission.sender,
                recipient if number is None else number,
                part.kind,
                part.reference,
                part.total,
            )
        )

    def add(
        self,
        connection: Connection,
        desk: Desk,
        submission: Submission,
        part: Part,
        respond: Respond,
    ) -> None:
        """Take one admitted part; `submission` is the part's own."""
        held = SegmentHeld(
            submission.at,
            submission.message_id,
            submission.account,
            submission.session_id,
            submission.sequence_number,
            submission.sender,
            submission.recipient,
            part.reference,
            part.total,
            part.index,
            submission.registered_delivery,
            submission.pdu,
            submission.wire_id,
            part.kind,
        )
        arrival = self._c.reassembler.add(held, part.payload, self._c.clock.now())
        self._arrivals[arrival.outcome](connection, desk, (submission, held), arrival, respond)

    def restore(self, held: SegmentHeld, pdu: SubmitSm) -> None:
        """Put back a part that a restart found waiting for the others."""
        part = part_of(pdu.esm_class, pdu.short_message, pdu.tlvs)
        if part is not None:
            clock = self._c.clock
            # Of the time before the restart only the journal's business time tells.
            arrived_at = clock.now() - max(0.0, clock.at() - held.at)
            self._c.reassembler.restore(HeldPart(held, part.payload, arrived_at))

    def give_up_incomplete(self) -> None:
        """Reject the concatenated messages whose parts did not all come in time."""
        for incomplete in self._c.reassembler.expired(self._c.clock.now()):
            self._incomplete(incomplete)

    # -- inside -----------------------------------------------------------------------------

    def _held(
        self,
        connection: Connection,
        desk: Desk,
        taken: tuple[Submission, SegmentHeld],
        arrival: Arrival,
        respond: Respond,
    ) -> None:
        submission, held = taken
        wire_id = submission.wire_id.encode() or desk.wire_ids.format(held.message_id)
        # A part that is refused after all must not be taken for a repetition when it comes again.
        undone = partial(self._c.reassembler.withdraw, held)
        self._c.answers.when_stored(
            connection, desk, [respond(0, wire_id)], [held], ([], []), undone
        )

    def _repeated(
        self,
        connection: Connection,
        desk: Desk,
        taken: tuple[Submission, SegmentHeld],
        arrival: Arrival,
        respond: Respond,
    ) -> None:
        """Answer a part that was sent again with the id it got the first time."""
        wire_id = arrival.parts[0].held.wire_id.encode()
        response = respond(0, wire_id or desk.wire_ids.format(arrival.message_id))
        self._c.answers.when_stored(connection, desk, [response], [], ([], []))

    def _part_refused(
        self,
        connection: Connection,
        desk: Desk,
        taken: tuple[Submission, SegmentHeld],
        arrival: Arrival,
        respond: Respond,
    ) -> None:
        submission, _held = taken
        refuse(submission, desk, arrival.reason, arrival.detail)
        self._c.answers.conclude(connection, desk, submission, respond, None)

    def _complete(
        self,
        connection: Connection,
        desk: Desk,
        taken: tuple[Submission, SegmentHeld],
        arrival: Arrival,
        respond: Respond,
    ) -> None:
        """Judge the whole message; the last part's response goes out with it."""
        last, held = taken
        own_id = last.wire_id.encode() or desk.wire_ids.format(held.message_id)
        whole = self._whole(desk, last, arrival)
        desk.judge.judge_whole(whole, desk.facts)
        if whole.accepted:
            desk.judge.count(begin(whole))
        else:
            # The earlier parts were answered ESME_ROK, so the refusal is a receipt's.
            whole.status = 0

        def undone() -> None:
            # Only the last part is refused: the others were acknowledged and wait on.
            for part in arrival.parts:
                if part.held is not held:
                    self._c.reassembler.restore(part)

        self._c.answers.when_stored(
            connection, desk, [respond(0, own_id)], [whole], ([begin(whole)], []), undone
        )

    def _whole(self, desk: Desk, last: Submission, arrival: Arrival) -> Submission:
        parts = arrival.parts
        whole = last
        whole.message_id = parts[0].held.message_id
        whole.wire_id = parts[0].held.wire_id
        whole.segments = segments_of(parts)
        whole.segment_count = len(parts)
        whole.registered_delivery = parts[0].held.registered_delivery
        whole.text = desk.read_text(b"".join(part.user_data for part in parts), last.data_coding)
        whole.pdu = b"".join(part.held.pdu for part in parts)
        return whole

    def _incomplete(self, incomplete: Incomplete) -> None:
        first = incomplete.parts[0].held
        desk = self._c.desks.get(first.account)
        if desk is None:
            return
        missing = ", ".join(str(index) for index in incomplete.missing)
        whole = Submission(
            self._c.clock.at(),
            first.message_id,
            first.account,
            first.session_id,
            first.sequence_number,
            desk.rules.services.default,
            first.sender,
            first.recipient,
            "",
            0,
            UDHI,
            first.registered_delivery,
            segment_count=len(incomplete.parts),
            segments=segments_of(incomplete.parts),
            pdu=b"".join(part.held.pdu for part in incomplete.parts),
        )
        refuse(whole, desk, "incomplete_message", f"part {missing} of {first.total} did not arrive")
        whole.status = 0
        desk.hold(1)

        def committed(stored: bool) -> None:
            if stored:
                self._c.answers.count(([message], []))
                self._c.waiting.accept([message])
            else:
                self._c.loop.call_later(REPEAT_S, offer)

        def offer() -> None:
            self._c.journal.append(whole)
            self._c.journal.after_commit(committed)

        message = begin(whole)
        offer()


def segments_of(parts: tuple[HeldPart, ...]) -> tuple[Segment, ...]:
    """Name the parts of a message, in order."""
    return tuple(
        Segment(
            part.held.message_id,
            part.held.index,
            part.held.registered_delivery,
            part.held.wire_id,
        )
        for part in parts
    )
