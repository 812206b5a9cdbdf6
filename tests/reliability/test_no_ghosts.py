"""Store, send and charge nothing that was refused or never sent (I4)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.journal.reader import SqliteJournalReader
from routing.events import Attempted, Outcome, Submission
from tests.conformance.malformed import CASES, OPEN, Case
from tests.support.gateway_process import Address
from tests.support.wire import DATA, ENQUIRE, MULTI, RESPONSE, SUBMIT, RawPdu, Wire, pdu

from .account import until_nothing_is_owed
from .checker import Journal, check, read_journal
from .driver import LoadClient
from .victim import Victim, settings

TAKEN = {operation | RESPONSE for operation in (SUBMIT, DATA, MULTI)}
PROBE = 0x7FFFFF02


def answers_to(case: Case, address: Address) -> list[RawPdu]:
    """Send one malformed PDU; give every answer up to the end of the stream or of the case."""
    found: list[RawPdu] = []
    with Wire(address) as wire:
        if case.state != OPEN:
            wire.bind(case.state)
        wire.send(case.octets)
        while len(found) < len(case.answers) and (answer := wire.receive()) is not None:
            found.append(answer)
        # One more round: whatever was taken in silence has been taken by then.
        try:
            wire.send(pdu(ENQUIRE, sequence=PROBE))
            wire.receive()
        except ConnectionError:
            pass  # the case ended the session
    return found


def test_of_the_malformed_suite_only_what_was_acknowledged_is_stored_sent_and_charged(
    tmp_path: Path, victims: Callable[..., Victim]
) -> None:
    victim = victims(
        settings(),
        arguments=("--contract", "none"),
        environ={"SMSGW_SMPP__LIMITS__FAILED_BINDS": "0"},
    )
    victim.start()
    address = Address("127.0.0.1", victim.port)
    answers = [answer for case in CASES for answer in answers_to(case, address)]
    told = {
        answer.body.partition(b"\0")[0].decode("ascii")
        for answer in answers
        if answer.command_id in TAKEN and answer.command_status == 0
    }
    refused = [answer for answer in answers if answer.command_status]
    assert len(told) > 10, "some cases are odd and allowed"
    assert len(refused) > 100
    until_nothing_is_owed(victim, 10)
    assert victim.terminate() == 0
    events = [
        event for _number, _at, batch in SqliteJournalReader(victim.data).read(0) for event in batch
    ]
    # The destinations of a submit_multi share the one id that was told.
    shared = {
        str(event.message_id): event.wire_id
        for event in events
        if isinstance(event, Submission) and event.wire_id
    }
    journal = read_journal(victim.data)
    assert {shared.get(stored, stored) for stored in journal.taken} == told
    # What is sent and charged follows from attempts and outcomes alone.
    followed = {str(event.message_id) for event in events if isinstance(event, Attempted | Outcome)}
    assert followed
    assert followed <= acknowledged(journal)


def acknowledged(journal: Journal) -> set[str]:
    """Give the ids of the whole messages of which a part was acknowledged."""
    return {
        whole
        for whole, segments in journal.segments.items()
        if whole in journal.taken or any(str(part.message_id) in journal.taken for part in segments)
    }


@pytest.mark.slow
def test_the_check_notices_what_was_refused_or_never_sent_and_is_stored(
    tmp_path: Path, victims: Callable[..., Victim]
) -> None:
    """The negative control: a ledger in which one acknowledgement and one intent are changed."""
    ledger = tmp_path / "ledger"
    victim = victims(settings())
    victim.start()
    with LoadClient(victim.port, ledger, "--sessions", "1", "--plain", "--count", "20") as load:
        load.wait_for_acks(20)
        load.quiesce(quiet_s=0.1)
    assert victim.terminate() == 0
    assert check(ledger, victim.data).wrong() == {}
    lines = ledger.read_text("ascii").splitlines()
    kept = [line.split() for line in lines]
    kept = [fields for fields in kept if (fields[0], fields[2]) != ("INTENT", "2")]
    for fields in kept:
        if (fields[0], fields[2]) == ("ACK", "1"):
            fields[0], fields[3] = "NAK", "88"
    ledger.write_text("".join(" ".join(fields) + "\n" for fields in kept), "ascii")
    findings = check(ledger, victim.data)
    assert findings.refused_but_stored == [1]
    assert len(findings.ghosts) == 1
