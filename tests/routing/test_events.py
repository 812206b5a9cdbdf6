"""Hold the journal's schema still: what was written once is read for ever."""

from __future__ import annotations

from typing import get_args

import msgspec
import pytest

from routing.event import Event
from routing.events import (
    Failure,
    JournalEvent,
    OperatorAction,
    Segment,
    Submission,
    decode_batch,
    encode_batch,
)
from tests.support.submissions import submission

EVENTS: tuple[type[Event], ...] = get_args(JournalEvent)
PARTS: tuple[type[msgspec.Struct], ...] = (Failure, Segment)

RECORDED: dict[str, tuple[int | None, str]] = {
    "Submission": (
        1,
        "at message_id account session_id sequence_number service sender recipient text "
        "data_coding esm_class registered_delivery protocol_id priority segment_count "
        "validity_at schedule_at carrier accepted status reason error failures segments "
        "wire_id service_type user_message_reference rules fault source_ton source_npi "
        "dest_ton dest_npi pdu interface_version",
    ),
    "SegmentHeld": (
        2,
        "at message_id account session_id sequence_number sender recipient reference "
        "total index registered_delivery pdu wire_id kind",
    ),
    "Started": (3, "at node version seed profile contract"),
    "Stopped": (4, "at reason"),
    "ContractLoaded": (5, "at rules contract sha256 modes"),
    "Bound": (
        6,
        "at session_id account mode interface_version peer system_type address_range",
    ),
    "Unbound": (7, "at session_id account reason"),
    "BindRefused": (8, "at system_id peer status detail"),
    "PduRefused": (9, "at session_id account command_id status detail pdu"),
    "Attempted": (10, "at message_id attempt error next_at"),
    "Outcome": (11, "at message_id state error liability carrier attempts"),
    "ReceiptAcknowledged": (12, "at message_id session_id sent_at attempts"),
    "ReceiptRefused": (13, "at message_id session_id status detail attempts"),
    "ReceiptDropped": (14, "at message_id reason"),
    "MoReceived": (
        15,
        "at mo_id account sender access_number text segment_count source data_coding",
    ),
    "MoAcknowledged": (16, "at mo_id session_id sent_at attempts"),
    "MoRefused": (17, "at mo_id session_id status detail attempts"),
    "MoDropped": (18, "at mo_id reason"),
    "UplinkAnswered": (92, "at mo_id number access_number text"),
    "Replaced": (
        19,
        "at message_id text data_coding registered_delivery segment_count validity_at schedule_at",
    ),
    "OperatorAction": (20, "at who action target detail"),
    "Retained": (21, "at who before months last_sequence carried_from"),
    "StatementIssued": (81, "at number account who content"),
    "PaymentReceived": (82, "at payment paid_on amount_fen who invoice purpose reference"),
    "FreeMonthGranted": (83, "at first_day last_day delivered_at who reference"),
    "ClaimEntered": (84, "at claim amount_fen happened_on who why reference"),
    "Carried": (87, "at kind upto content"),
    "HoldPlaced": (88, "at hold since who why reference"),
    "HoldReleased": (89, "at hold who why"),
    "TemplateDrafted": (30, "at who template version text category service description reason"),
    "TemplateSubmitted": (31, "at who template version reason"),
    "TemplateDecided": (
        32,
        "at who template version approved effective_from until approval reason",
    ),
    "TemplateRevoked": (33, "at who template version revoked_from reason"),
    "ConsentGranted": (
        34,
        "at number categories channel proof text_version obtained_at expires_at who why",
    ),
    "ConsentWithdrawn": (35, "at number categories withdrawn_at who why"),
    "OptedOut": (36, "at number access_number categories source proof refused_at mo_id who why"),
    "OptedIn": (37, "at number access_number categories source proof accepted_at mo_id who why"),
    "ListChanged": (38, "at name entry listed scope holder valid_from valid_to reason who why"),
    "NumberPorted": (39, "at number carrier ported_at who why"),
    "ImportOpened": (40, "at import_id registry who why source"),
    "ImportRows": (41, "at import_id index numbers since until kinds picks texts"),
    "ImportClosed": (42, "at import_id rows chunks sha256 refused"),
    "ImportAborted": (43, "at import_id why"),
    "ReviewOpened": (44, "at mo_id number access_number text rule"),
    "ReviewSettled": (45, "at mo_id decision who why"),
    "Suspended": (
        46,
        "at suspension account clause who why ports services since until explain_by reference",
    ),
    "SuspensionLifted": (47, "at suspension who why"),
    "PortBlocked": (48, "at case account clause who why ports since rectify_by"),
    "PortReleased": (49, "at case who why until"),
    "ContractTerminated": (50, "at clause who why ends_at account notice_at reference"),
    "TerminationRevoked": (51, "at who why account"),
    "BreachSign": (56, "at account row who why ports message_id reference"),
    "CaseOpened": (57, "at case account row grade who why ports first_at causes trigger"),
    "CaseMoved": (
        58,
        "at case action state who why moment until row grade penalty_fen reported form reference",
    ),
    "BusinessStopped": (59, "at stop account ground who why ports trigger"),
    "BusinessResumed": (60, "at stop who why"),
    "EvidenceGathered": (
        61,
        "at account row day by_message breaches warnings acted first_at last_at "
        "message_ids references ports all_ports",
    ),
    "TrafficCounted": (62, "at account day messages"),
    "ComplaintReceived": (
        70,
        "at complaint account channel cause attribution owner who number message_id "
        "received_at reference ports why",
    ),
    "ComplaintMoved": (71, "at complaint action who why moment owner attribution cause"),
    "NoticeSent": (72, "at notice account subject form sender who sent_at reference text"),
    "NoticeClosed": (73, "at notice result who moment proof why"),
    "IncidentOpened": (74, "at incident account side kind major who why discovered_at"),
    "IncidentMoved": (75, "at incident action who why moment reference notice"),
    "DocumentFiled": (76, "at document account kind reference who valid_from expires_at sha256"),
    "DocumentEnded": (77, "at document result who why moment"),
    "WindowDeclared": (
        78,
        "at window kind cause starts_at who why ends_at prefixes areas notice reference",
    ),
    "WindowMoved": (79, "at window action who why moment notice reference"),
    "UnsubscribeCalled": (
        80,
        "at account number result requested_at latency_s attempts who detail",
    ),
    "AssessmentEntered": (90, "at year who support satisfaction why reference"),
    "AssessmentMoved": (91, "at year action who why moment deadline reference"),
    "DeliveryPending": (
        96,
        "at message_id account recipient sender dest_ton dest_npi source_ton source_npi",
    ),
    "HandsetAvailable": (97, "at recipient"),
    "AlertClosed": (98, "at account recipient sender result session_id"),
    "ScopeDrafted": (52, "at change who why effective_from source"),
    "ScopeRows": (53, "at change index firsts lasts since until"),
    "ScopeClosed": (54, "at change rows chunks sha256"),
    "ScopeMoved": (55, "at change action state who why moment version"),
    "Failure": (None, "reason mode detail detail_zh seen allowed"),
    "Segment": (None, "message_id index registered_delivery wire_id"),
}
"""Structure → its tag and its fields in order, as journals hold them. Rows and fields are appended
when the schema grows; none is ever changed."""


def tag_of(structure: type[msgspec.Struct]) -> object:
    return structure.__struct_config__.tag


@pytest.mark.parametrize("structure", [*EVENTS, *PARTS], ids=lambda it: it.__name__)
def test_recorded_fields_keep_their_tag_and_their_place(structure: type[msgspec.Struct]) -> None:
    tag, names = RECORDED[structure.__name__]
    recorded = names.split()
    assert tag_of(structure) == tag
    assert list(structure.__struct_fields__[: len(recorded)]) == recorded


@pytest.mark.parametrize("structure", [*EVENTS, *PARTS], ids=lambda it: it.__name__)
def test_fields_that_were_appended_have_a_default(structure: type[msgspec.Struct]) -> None:
    appended = len(structure.__struct_fields__) - len(RECORDED[structure.__name__][1].split())
    assert len(structure.__struct_defaults__) >= appended


def test_every_recorded_structure_still_exists() -> None:
    assert {structure.__name__ for structure in (*EVENTS, *PARTS)} == RECORDED.keys()


def test_no_two_events_share_a_tag() -> None:
    assert len({tag_of(event) for event in EVENTS}) == len(EVENTS)


def test_every_event_has_its_time_first() -> None:
    assert {event.__struct_fields__[0] for event in EVENTS} == {"at"}


def test_a_batch_is_read_as_it_was_written() -> None:
    part = Segment(1, 2, 3, "wire")
    events: list[JournalEvent] = [
        submission(failures=(Failure("scope", "enforce", "not in scope"),), segments=(part,)),
        submission(text="\U0001f600"),
    ]
    assert decode_batch(encode_batch(events)) == events


def test_an_event_of_an_older_release_takes_defaults_for_what_came_later() -> None:
    whole = msgspec.msgpack.decode(encode_batch([submission()]))[0]
    required = len(Submission.__struct_fields__) - len(Submission.__struct_defaults__)
    older = msgspec.msgpack.encode([whole[: 1 + required]])  # the tag comes first
    (read,) = decode_batch(older)
    assert isinstance(read, Submission)
    assert read.segment_count == 1


@pytest.mark.parametrize(
    "blob",
    [b"", b"\xc1", b"\x91\x91\x7f", msgspec.msgpack.encode([[99, 0.0]])],
    ids=["empty", "no MessagePack", "an event cut off", "an unknown tag"],
)
def test_what_is_no_batch_is_refused(blob: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        decode_batch(blob)


def test_an_empty_batch_is_a_batch() -> None:
    assert decode_batch(encode_batch([])) == []


def test_a_blob_with_broken_text_is_no_batch() -> None:
    blob = encode_batch([OperatorAction(1.0, "op", "clock", "here", "there")])
    with pytest.raises(msgspec.DecodeError):
        decode_batch(blob.replace(b"clock", b"cl\xffck"))
