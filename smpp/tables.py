"""List the fields of every PDU: the one table that codec, classes and explanations come from.

`PDUS` holds one row per command_id of SMPP 3.4, and the broadcast operations of 5.0, in both
directions. `tools/generate_pdus.py` writes the dataclasses of `smpp.pdus` and the specialised
functions of `smpp.codec_hot` from it; `smpp.interpreter` and `smpp.explain` walk it as it stands.

Where the versions differ the wider limit is taken (data_sm addresses: 65 octets of 3.4;
short_message: 255 octets of 5.0, while 3.4 stops at 254): a limit of one version is a matter of
the session that negotiated it, not of the octets. The same goes for fixed widths that the
specification leaves to meaning: the codec takes a time of any length up to 17 octets, and who
parses it answers ESME_RINVSCHED or ESME_RINVEXPIRY.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from .constants import CommandId, CommandStatus, TlvTag
from .tlvs import TlvSpec, specs_of


class Kind(Enum):
    """Tell how a field is laid out (SMPP 3.4 §3.1)."""

    INTEGER = "Integer"
    """`size` octets, unsigned, most significant first."""
    C_OCTET_STRING = "C-Octet String"
    """Octets up to a NUL; at most `size` octets with it."""
    SHORT_MESSAGE = "sm_length and short_message"
    """One octet of length, then that many octets."""
    DESTINATIONS = "number_of_dests and dest_address(es)"
    """One octet of count, then that many of DestAddress or DistributionList."""
    UNSUCCESS = "no_unsuccess and unsuccess_sme(s)"
    """One octet of count, then that many UnsuccessSme."""


@dataclass(frozen=True, slots=True)
class Field:
    """Describe one mandatory parameter.

    `size` is the octets of an integer, the most octets of a string (with its NUL), or the most
    entries of a list. `status` is what a decoder answers when this field is too long, not
    terminated or otherwise impossible. `note` is the comment of the generated class.
    """

    name: str
    kind: Kind
    size: int
    status: CommandStatus
    note: str
    default: int = 0


class Bodiless(Enum):
    """Tell when a response may come as a bare header."""

    NEVER = "never"
    """A request, or a response that has no mandatory parameters anyway."""
    ON_ERROR = "on error"
    """With a non-zero command_status (SMPP 3.4 §4.1.2, §4.4.2)."""
    ALWAYS = "always"
    """With any command_status: its only parameter is unused, and some clients leave it out."""


@dataclass(frozen=True, slots=True)
class PduSpec:
    """Describe one PDU: its id, class, place in the specification, parameters and TLVs.

    `tlvs` are those the specification lists for it; others are carried along unchecked.
    """

    command_id: CommandId
    class_name: str
    section: str
    purpose: str
    fields: tuple[Field, ...] = ()
    tlvs: Mapping[int, TlvSpec] = field(default_factory=dict)
    bodiless: Bodiless = Bodiless.NEVER

    @property
    def name(self) -> str:
        """Return the specification's name, such as submit_sm."""
        return self.command_id.name.lower()


_Status = CommandStatus
_NOT_STRINGS: Final = _Status.ESME_RINVCMDLEN
"""An integer can only be wrong by being cut off, which makes the command_length wrong."""


def _octet(name: str, note: str, default: int = 0) -> Field:
    return Field(name, Kind.INTEGER, 1, _NOT_STRINGS, note, default)


def _text(name: str, size: int, status: CommandStatus, note: str) -> Field:
    return Field(name, Kind.C_OCTET_STRING, size, status, note)


def _source(size: int = 21) -> tuple[Field, ...]:
    return (
        _octet("source_addr_ton", "Type of number of the source (3.4 §5.2.5)."),
        _octet("source_addr_npi", "Numbering plan of the source (3.4 §5.2.6)."),
        _text("source_addr", size, _Status.ESME_RINVSRCADR, "Address of the SME that sent it."),
    )


def _destination(size: int = 21) -> tuple[Field, ...]:
    return (
        _octet("dest_addr_ton", "Type of number of the destination (3.4 §5.2.5)."),
        _octet("dest_addr_npi", "Numbering plan of the destination (3.4 §5.2.6)."),
        _text("destination_addr", size, _Status.ESME_RINVDSTADR, "Address it is sent to."),
    )


def _message_id(note: str = "Id the MC gave to the message (3.4 §5.2.23).") -> Field:
    return _text("message_id", 65, _Status.ESME_RINVMSGID, note)


_SYSTEM_ID = _text("system_id", 16, _Status.ESME_RINVSYSID, "Who binds (3.4 §5.2.1).")
_PASSWORD = _text("password", 9, _Status.ESME_RINVPASWD, "At most 8 characters (3.4 §5.2.2).")
_SERVICE_TYPE = _text(
    "service_type", 6, _Status.ESME_RINVSERTYP, "Application service; empty = default (§5.2.11)."
)
_ESM_CLASS = _octet("esm_class", "Messaging mode, message type, UDHI, reply path (§5.2.12).")
_REGISTERED_DELIVERY = _octet("registered_delivery", "Receipts asked for (§5.2.17).")
_DATA_CODING = _octet("data_coding", "Coding of the user data (§5.2.19).")
_PRIORITY_FLAG = _octet("priority_flag", "0 lowest to 3 highest; 4 in 5.0 (§5.2.14).")
_REPLACE_IF_PRESENT_FLAG = _octet("replace_if_present_flag", "1 = replace a waiting one (§5.2.18).")
_SM_DEFAULT_MSG_ID = _octet("sm_default_msg_id", "Predefined message to send (§5.2.20).")
_SCHEDULE = _text(
    "schedule_delivery_time", 17, _Status.ESME_RINVSCHED, "When to deliver; empty = now (§5.2.15)."
)
_VALIDITY = _text(
    "validity_period", 17, _Status.ESME_RINVEXPIRY, "When it expires; empty = default (§5.2.16)."
)
_SHORT_MESSAGE = Field(
    "short_message",
    Kind.SHORT_MESSAGE,
    255,
    _Status.ESME_RINVMSGLEN,
    "User data; sm_length is its length (§5.2.21, §5.2.22).",
)

_BIND: Final = (
    _SYSTEM_ID,
    _PASSWORD,
    _text("system_type", 13, _Status.ESME_RINVSYSTYP, "Kind of system that binds (3.4 §5.2.3)."),
    _octet("interface_version", "0x34 = 3.4, 0x50 = 5.0 (3.4 §5.2.4).", 0x34),
    _octet("addr_ton", "Type of number served (3.4 §5.2.5)."),
    _octet("addr_npi", "Numbering plan served (3.4 §5.2.6)."),
    _text("address_range", 41, _Status.ESME_RINVPARLEN, "Addresses served (3.4 §5.2.7)."),
)

_AFTER_ADDRESSES: Final = (
    _ESM_CLASS,
    _octet("protocol_id", "Protocol identifier of the network (§5.2.13)."),
    _PRIORITY_FLAG,
    _SCHEDULE,
    _VALIDITY,
    _REGISTERED_DELIVERY,
    _REPLACE_IF_PRESENT_FLAG,
    _DATA_CODING,
    _SM_DEFAULT_MSG_ID,
    _SHORT_MESSAGE,
)

_SM_FIELDS: Final = (_SERVICE_TYPE, *_source(), *_destination(), *_AFTER_ADDRESSES)

_DATA_FIELDS: Final = (
    _SERVICE_TYPE,
    *_source(65),
    *_destination(65),
    _ESM_CLASS,
    _REGISTERED_DELIVERY,
    _DATA_CODING,
)

# The lists that 5.0 gives as "Message Submission Request TLVs" (§4.2.4) and so on, together with
# what 3.4 lists under each operation.
_Tag = TlvTag
_NUMBER_PORTABILITY: Final = specs_of(
    {_Tag.DEST_ADDR_NP_COUNTRY, _Tag.DEST_ADDR_NP_INFORMATION, _Tag.DEST_ADDR_NP_RESOLUTION}
)
_EITHER_WAY: Final = _NUMBER_PORTABILITY | specs_of(
    {
        _Tag.CALLBACK_NUM,
        _Tag.CALLBACK_NUM_ATAG,
        _Tag.CALLBACK_NUM_PRES_IND,
        _Tag.DEST_ADDR_SUBUNIT,
        _Tag.DEST_NETWORK_ID,
        _Tag.DEST_NODE_ID,
        _Tag.DEST_SUBADDRESS,
        _Tag.DESTINATION_PORT,
        _Tag.ITS_SESSION_INFO,
        _Tag.LANGUAGE_INDICATOR,
        _Tag.MESSAGE_PAYLOAD,
        _Tag.PAYLOAD_TYPE,
        _Tag.PRIVACY_INDICATOR,
        _Tag.SAR_MSG_REF_NUM,
        _Tag.SAR_SEGMENT_SEQNUM,
        _Tag.SAR_TOTAL_SEGMENTS,
        _Tag.SOURCE_ADDR_SUBUNIT,
        _Tag.SOURCE_NETWORK_ID,
        _Tag.SOURCE_NODE_ID,
        _Tag.SOURCE_PORT,
        _Tag.SOURCE_SUBADDRESS,
        _Tag.USER_MESSAGE_REFERENCE,
        _Tag.USER_RESPONSE_CODE,
        _Tag.USSD_SERVICE_OP,
    }
)
SUBMISSION_TLVS: Final = _EITHER_WAY | specs_of(
    {
        _Tag.ALERT_ON_MESSAGE_DELIVERY,
        _Tag.BILLING_IDENTIFICATION,
        _Tag.DEST_BEARER_TYPE,
        _Tag.DEST_NETWORK_TYPE,
        _Tag.DEST_TELEMATICS_ID,
        _Tag.DISPLAY_TIME,
        _Tag.ITS_REPLY_TYPE,
        _Tag.MORE_MESSAGES_TO_SEND,
        _Tag.MS_MSG_WAIT_FACILITIES,
        _Tag.MS_VALIDITY,
        _Tag.NUMBER_OF_MESSAGES,
        _Tag.QOS_TIME_TO_LIVE,
        _Tag.SET_DPF,
        _Tag.SMS_SIGNAL,
        _Tag.SOURCE_BEARER_TYPE,
        _Tag.SOURCE_NETWORK_TYPE,
        _Tag.SOURCE_TELEMATICS_ID,
    }
)
DELIVERY_TLVS: Final = _EITHER_WAY | specs_of(
    {_Tag.DPF_RESULT, _Tag.MESSAGE_STATE, _Tag.NETWORK_ERROR_CODE, _Tag.RECEIPTED_MESSAGE_ID}
)
_ANY_RESPONSE: Final = specs_of({_Tag.CONGESTION_STATE})
_BIND_RESPONSE: Final = _ANY_RESPONSE | specs_of({_Tag.SC_INTERFACE_VERSION})
_OUTCOME: Final = _ANY_RESPONSE | specs_of(
    {
        _Tag.ADDITIONAL_STATUS_INFO_TEXT,
        _Tag.DELIVERY_FAILURE_REASON,
        _Tag.DPF_RESULT,
        _Tag.NETWORK_ERROR_CODE,
    }
)
_BROADCAST: Final = _NUMBER_PORTABILITY | specs_of(
    {
        _Tag.ALERT_ON_MESSAGE_DELIVERY,
        _Tag.BROADCAST_AREA_IDENTIFIER,
        _Tag.BROADCAST_CHANNEL_INDICATOR,
        _Tag.BROADCAST_CONTENT_TYPE,
        _Tag.BROADCAST_CONTENT_TYPE_INFO,
        _Tag.BROADCAST_FREQUENCY_INTERVAL,
        _Tag.BROADCAST_MESSAGE_CLASS,
        _Tag.BROADCAST_REP_NUM,
        _Tag.BROADCAST_SERVICE_GROUP,
        _Tag.CALLBACK_NUM,
        _Tag.CALLBACK_NUM_ATAG,
        _Tag.CALLBACK_NUM_PRES_IND,
        _Tag.DEST_ADDR_SUBUNIT,
        _Tag.DESTINATION_PORT,
        _Tag.DEST_SUBADDRESS,
        _Tag.DISPLAY_TIME,
        _Tag.LANGUAGE_INDICATOR,
        _Tag.MESSAGE_PAYLOAD,
        _Tag.MS_VALIDITY,
        _Tag.PAYLOAD_TYPE,
        _Tag.PRIVACY_INDICATOR,
        _Tag.SMS_SIGNAL,
        _Tag.SOURCE_ADDR_SUBUNIT,
        _Tag.SOURCE_PORT,
        _Tag.SOURCE_SUBADDRESS,
        _Tag.USER_MESSAGE_REFERENCE,
    }
)

_ON_ERROR: Final = Bodiless.ON_ERROR

_SESSION_PDUS: Final = (
    PduSpec(
        CommandId.BIND_TRANSMITTER,
        "BindTransmitter",
        "SMPP 3.4 §4.1.1",
        "Ask for a session that submits messages.",
        _BIND,
    ),
    PduSpec(
        CommandId.BIND_TRANSMITTER_RESP,
        "BindTransmitterResp",
        "SMPP 3.4 §4.1.2",
        "Answer a bind_transmitter.",
        (_SYSTEM_ID,),
        _BIND_RESPONSE,
        _ON_ERROR,
    ),
    PduSpec(
        CommandId.BIND_RECEIVER,
        "BindReceiver",
        "SMPP 3.4 §4.1.3",
        "Ask for a session that receives messages.",
        _BIND,
    ),
    PduSpec(
        CommandId.BIND_RECEIVER_RESP,
        "BindReceiverResp",
        "SMPP 3.4 §4.1.4",
        "Answer a bind_receiver.",
        (_SYSTEM_ID,),
        _BIND_RESPONSE,
        _ON_ERROR,
    ),
    PduSpec(
        CommandId.BIND_TRANSCEIVER,
        "BindTransceiver",
        "SMPP 3.4 §4.1.5",
        "Ask for a session that submits and receives messages.",
        _BIND,
    ),
    PduSpec(
        CommandId.BIND_TRANSCEIVER_RESP,
        "BindTransceiverResp",
        "SMPP 3.4 §4.1.6",
        "Answer a bind_transceiver.",
        (_SYSTEM_ID,),
        _BIND_RESPONSE,
        _ON_ERROR,
    ),
    PduSpec(
        CommandId.OUTBIND,
        "Outbind",
        "SMPP 3.4 §4.1.7",
        "Invite an ESME to bind as receiver.",
        (_SYSTEM_ID, _PASSWORD),
    ),
    PduSpec(CommandId.UNBIND, "Unbind", "SMPP 3.4 §4.2.1", "Ask to end the session."),
    PduSpec(
        CommandId.UNBIND_RESP,
        "UnbindResp",
        "SMPP 3.4 §4.2.2",
        "Answer an unbind.",
        tlvs=_ANY_RESPONSE,
    ),
    PduSpec(
        CommandId.GENERIC_NACK,
        "GenericNack",
        "SMPP 3.4 §4.3.1",
        "Refuse a PDU whose header cannot be understood.",
    ),
    PduSpec(
        CommandId.ENQUIRE_LINK,
        "EnquireLink",
        "SMPP 3.4 §4.11.1",
        "Ask whether the peer is still there.",
    ),
    PduSpec(
        CommandId.ENQUIRE_LINK_RESP,
        "EnquireLinkResp",
        "SMPP 3.4 §4.11.2",
        "Answer an enquire_link.",
        tlvs=_ANY_RESPONSE,
    ),
    PduSpec(
        CommandId.ALERT_NOTIFICATION,
        "AlertNotification",
        "SMPP 3.4 §4.12.1",
        "Tell an ESME that a subscriber can be reached again; it has no response.",
        (
            *_source(65),
            _octet("esme_addr_ton", "Type of number of the ESME (3.4 §5.2.5)."),
            _octet("esme_addr_npi", "Numbering plan of the ESME (3.4 §5.2.6)."),
            _text("esme_addr", 65, _Status.ESME_RINVDSTADR, "ESME that asked (3.4 §5.2.10)."),
        ),
        specs_of({_Tag.MS_AVAILABILITY_STATUS}),
    ),
)

_MESSAGE_PDUS: Final = (
    PduSpec(
        CommandId.SUBMIT_SM,
        "SubmitSm",
        "SMPP 3.4 §4.4.1",
        "Submit a message to one destination.",
        _SM_FIELDS,
        SUBMISSION_TLVS,
    ),
    PduSpec(
        CommandId.SUBMIT_SM_RESP,
        "SubmitSmResp",
        "SMPP 3.4 §4.4.2",
        "Answer a submit_sm.",
        (_message_id(),),
        _OUTCOME,
        _ON_ERROR,
    ),
    PduSpec(
        CommandId.SUBMIT_MULTI,
        "SubmitMulti",
        "SMPP 3.4 §4.5.1",
        "Submit a message to several destinations.",
        (
            _SERVICE_TYPE,
            *_source(),
            Field(
                "dest_addresses",
                Kind.DESTINATIONS,
                255,
                _Status.ESME_RINVNUMDESTS,
                "Destinations; number_of_dests is their count (§5.2.24).",
            ),
            *_AFTER_ADDRESSES,
        ),
        SUBMISSION_TLVS,
    ),
    PduSpec(
        CommandId.SUBMIT_MULTI_RESP,
        "SubmitMultiResp",
        "SMPP 3.4 §4.5.2",
        "Answer a submit_multi.",
        (
            _message_id(),
            Field(
                "unsuccess_smes",
                Kind.UNSUCCESS,
                255,
                _Status.ESME_RINVNUMDESTS,
                "Destinations refused; no_unsuccess is their count (§5.2.25).",
            ),
        ),
        _OUTCOME,
        _ON_ERROR,
    ),
    PduSpec(
        CommandId.DELIVER_SM,
        "DeliverSm",
        "SMPP 3.4 §4.6.1",
        "Hand a message or a receipt to an ESME.",
        _SM_FIELDS,
        DELIVERY_TLVS,
    ),
    PduSpec(
        CommandId.DELIVER_SM_RESP,
        "DeliverSmResp",
        "SMPP 3.4 §4.6.2",
        "Answer a deliver_sm.",
        (_message_id("Unused, empty (3.4 §4.6.2)."),),
        _OUTCOME,
        Bodiless.ALWAYS,
    ),
    PduSpec(
        CommandId.DATA_SM,
        "DataSm",
        "SMPP 3.4 §4.7.1",
        "Carry a message either way; its text is the TLV message_payload.",
        _DATA_FIELDS,
        SUBMISSION_TLVS | DELIVERY_TLVS,
    ),
    PduSpec(
        CommandId.DATA_SM_RESP,
        "DataSmResp",
        "SMPP 3.4 §4.7.2",
        "Answer a data_sm.",
        (_message_id(),),
        _OUTCOME,
        _ON_ERROR,
    ),
    PduSpec(
        CommandId.QUERY_SM,
        "QuerySm",
        "SMPP 3.4 §4.8.1",
        "Ask for the state of a message.",
        (_message_id(), *_source()),
    ),
    PduSpec(
        CommandId.QUERY_SM_RESP,
        "QuerySmResp",
        "SMPP 3.4 §4.8.2",
        "Answer a query_sm.",
        (
            _message_id(),
            _text(
                "final_date",
                17,
                _Status.ESME_RINVPARLEN,
                "When the final state was reached; empty = not yet.",
            ),
            _octet("message_state", "State of the message (3.4 §5.2.28)."),
            _octet("error_code", "Network's error code, 0 = none."),
        ),
        _ANY_RESPONSE,
        _ON_ERROR,
    ),
    PduSpec(
        CommandId.CANCEL_SM,
        "CancelSm",
        "SMPP 3.4 §4.9.1",
        "Withdraw messages that still wait.",
        (
            _SERVICE_TYPE,
            _message_id("Message to withdraw; empty = all that match the addresses."),
            *_source(),
            *_destination(),
        ),
    ),
    PduSpec(
        CommandId.CANCEL_SM_RESP,
        "CancelSmResp",
        "SMPP 3.4 §4.9.2",
        "Answer a cancel_sm.",
        tlvs=_ANY_RESPONSE,
    ),
    PduSpec(
        CommandId.REPLACE_SM,
        "ReplaceSm",
        "SMPP 3.4 §4.10.1",
        "Replace the text of a message that still waits.",
        (
            _message_id(),
            *_source(),
            _SCHEDULE,
            _VALIDITY,
            _REGISTERED_DELIVERY,
            _SM_DEFAULT_MSG_ID,
            _SHORT_MESSAGE,
        ),
        specs_of({_Tag.MESSAGE_PAYLOAD}),
    ),
    PduSpec(
        CommandId.REPLACE_SM_RESP,
        "ReplaceSmResp",
        "SMPP 3.4 §4.10.2",
        "Answer a replace_sm.",
        tlvs=_ANY_RESPONSE,
    ),
)

_BROADCAST_PDUS: Final = (
    PduSpec(
        CommandId.BROADCAST_SM,
        "BroadcastSm",
        "SMPP 5.0 §4.4.1.1",
        "Submit a message for everybody in an area.",
        (
            _SERVICE_TYPE,
            *_source(),
            _message_id("Message to replace; empty = a further one."),
            _PRIORITY_FLAG,
            _SCHEDULE,
            _VALIDITY,
            _REPLACE_IF_PRESENT_FLAG,
            _DATA_CODING,
            _SM_DEFAULT_MSG_ID,
        ),
        _BROADCAST,
    ),
    PduSpec(
        CommandId.BROADCAST_SM_RESP,
        "BroadcastSmResp",
        "SMPP 5.0 §4.4.1.2",
        "Answer a broadcast_sm.",
        (_message_id(),),
        _ANY_RESPONSE | specs_of({_Tag.BROADCAST_AREA_IDENTIFIER, _Tag.BROADCAST_ERROR_STATUS}),
        _ON_ERROR,
    ),
    PduSpec(
        CommandId.QUERY_BROADCAST_SM,
        "QueryBroadcastSm",
        "SMPP 5.0 §4.6.1",
        "Ask for the state of a broadcast.",
        (_message_id(), *_source()),
        specs_of({_Tag.USER_MESSAGE_REFERENCE}),
    ),
    PduSpec(
        CommandId.QUERY_BROADCAST_SM_RESP,
        "QueryBroadcastSmResp",
        "SMPP 5.0 §4.6.1",
        "Answer a query_broadcast_sm; the state is in TLVs.",
        (_message_id(),),
        _ANY_RESPONSE
        | specs_of(
            {
                _Tag.BROADCAST_AREA_IDENTIFIER,
                _Tag.BROADCAST_AREA_SUCCESS,
                _Tag.BROADCAST_END_TIME,
                _Tag.MESSAGE_STATE,
                _Tag.USER_MESSAGE_REFERENCE,
            }
        ),
        _ON_ERROR,
    ),
    PduSpec(
        CommandId.CANCEL_BROADCAST_SM,
        "CancelBroadcastSm",
        "SMPP 5.0 §4.6.2",
        "Withdraw a broadcast.",
        (_SERVICE_TYPE, _message_id("Broadcast to withdraw."), *_source()),
        specs_of({_Tag.BROADCAST_CONTENT_TYPE, _Tag.USER_MESSAGE_REFERENCE}),
    ),
    PduSpec(
        CommandId.CANCEL_BROADCAST_SM_RESP,
        "CancelBroadcastSmResp",
        "SMPP 5.0 §4.6.2",
        "Answer a cancel_broadcast_sm.",
        tlvs=_ANY_RESPONSE,
    ),
)

PDUS: Final[dict[int, PduSpec]] = {
    spec.command_id.value: spec for spec in (*_SESSION_PDUS, *_MESSAGE_PDUS, *_BROADCAST_PDUS)
}
"""Every PDU, by command_id."""

DEST_ADDRESS_FIELDS: Final = _destination()
"""A destination of submit_multi after dest_flag 1 (SMPP 3.4 §4.5.1.1)."""

DISTRIBUTION_LIST_FIELDS: Final = (
    _text("dl_name", 21, _Status.ESME_RINVDLNAME, "Name of a distribution list of the MC."),
)
"""A destination of submit_multi after dest_flag 2 (SMPP 3.4 §4.5.1.1)."""

UNSUCCESS_SME_FIELDS: Final = (
    *_destination(),
    Field(
        "error_status_code",
        Kind.INTEGER,
        4,
        _NOT_STRINGS,
        "command_status that this destination got.",
    ),
)
"""A refused destination in submit_multi_resp (SMPP 3.4 §4.5.2.1)."""
