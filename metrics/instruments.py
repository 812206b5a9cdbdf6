"""List every Prometheus instrument of the gateway: name, type, help, labels and buckets.

Label values come from the configuration or from the closed lists below; a recipient, a message id
or a text is never one. Durations are in seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, get_args

from config.network import Liability, MagicFault
from config.section import Service
from routing.reasons import NONE, REASONS
from smpp.constants import CommandId, CommandStatus, MessageState

Kind = Literal["counter", "gauge", "histogram"]


@dataclass(slots=True, frozen=True)
class Instrument:
    """Describe one metric family; `name` is as users write it, a counter's with `_total`."""

    name: str
    kind: Kind
    help: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()


_FAST = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Buckets of what the gateway itself takes."""
_DELIVERY = (
    0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3600.0, 21600.0, 86400.0,
    172800.0, 259200.0,
)  # fmt: skip
"""Buckets from the submission to the outcome: up to three days."""
_EVENTS = (1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0, 2000.0, 5000.0)

# fmt: off
BUILD_INFO: Final = Instrument(
    "smsgw_build_info", "gauge", "Always 1; the labels say what runs.", ("version",))
SESSIONS: Final = Instrument(
    "smsgw_smpp_sessions", "gauge", "Bound SMPP sessions.", ("account", "bind_type"))
BINDS: Final = Instrument(
    "smsgw_smpp_binds_total", "counter", "Bind requests by the command_status answered.",
    ("account", "bind_type", "status"))
BIND_CHECKS: Final = Instrument(
    "smsgw_smpp_bind_checks_total", "counter",
    "Binds by what their passwords cost: a slow hash, a comparison, or nothing.", ("result",))
BIND_ALARMS: Final = Instrument(
    "smsgw_smpp_bind_alarms_total", "counter",
    "Pairs of system_id and address whose binds failed so often that they are refused.",
    ("account",))
CONNECTIONS_REFUSED: Final = Instrument(
    "smsgw_smpp_connections_refused_total", "counter",
    "Connections turned away before any PDU, by cause.", ("reason",))
SESSIONS_CLOSED: Final = Instrument(
    "smsgw_smpp_sessions_closed_total", "counter", "Sessions that ended, by cause.",
    ("account", "reason"))
PDUS: Final = Instrument(
    "smsgw_smpp_pdus_total", "counter", "PDUs received and sent.",
    ("direction", "command", "status"))
SMPP_FAULTS: Final = Instrument(
    "smsgw_smpp_faults_total", "counter",
    "Misbehaviour on purpose, asked for by a magic recipient or a fault rule.", ("fault",))
REQUEST_DURATION: Final = Instrument(
    "smsgw_smpp_request_duration_seconds", "histogram",
    "From a request's verdict to its response.", ("command",), _FAST)
WINDOW: Final = Instrument(
    "smsgw_smpp_window", "gauge", "Requests waiting for a response, by who sent them.",
    ("account", "direction"))
SUBMITS: Final = Instrument(
    "smsgw_submits_total", "counter", "Verdicts on submitted messages.",
    ("account", "service", "result", "reason"))
FINALS: Final = Instrument(
    "smsgw_messages_final_total", "counter", "Messages that reached their final state.",
    ("account", "service", "carrier", "state", "liability"))
DELIVERY_DURATION: Final = Instrument(
    "smsgw_message_delivery_duration_seconds", "histogram",
    "From the submission to the final state.", ("service", "state"), _DELIVERY)
IN_FLIGHT: Final = Instrument(
    "smsgw_messages_in_flight", "gauge", "Accepted messages without a final state.", ("account",))
RECEIPTS: Final = Instrument(
    "smsgw_receipts_total", "counter", "Delivery receipts by what became of them.",
    ("account", "result"))
RECEIPTS_PENDING: Final = Instrument(
    "smsgw_receipts_pending", "gauge", "Receipts the ESME has not acknowledged.", ("account",))
MO: Final = Instrument(
    "smsgw_mo_total", "counter", "Uplink messages by what became of them.", ("account", "result"))
COMMIT_DURATION: Final = Instrument(
    "smsgw_journal_commit_duration_seconds", "histogram",
    "Time of one durable commit of the journal.", (), _FAST)
BATCH_EVENTS: Final = Instrument(
    "smsgw_journal_batch_events", "histogram", "Events in one durable commit.", (), _EVENTS)
ARCHIVE_LAG: Final = Instrument(
    "smsgw_archive_lag_events", "gauge", "Events on disk that queries don't see yet.")
SLA_OBJECTIVE: Final = Instrument(
    "smsgw_sla_objective_ratio", "gauge", "Success rate that clause 3.2.4 asks for.")
SLA_RATIO: Final = Instrument(
    "smsgw_sla_success_ratio", "gauge",
    "Success rate of clause 3.2.4 in a window, exact; NaN without a base.", ("window",))
SLA_SEGMENTS: Final = Instrument(
    "smsgw_sla_messages", "gauge", "Segments of a window by result class, exact.",
    ("window", "liability"))
SLA_MET: Final = Instrument(
    "smsgw_sla_met", "gauge", "1 where a window meets clause 3.2.4, else 0.", ("window",))
SLA_AS_OF: Final = Instrument(
    "smsgw_sla_figures_timestamp_seconds", "gauge",
    "Business time as of which the exact figures were reckoned; 0 before the first time.")
RECONCILIATION: Final = Instrument(
    "smsgw_reconciliation_difference", "gauge",
    "By how much archive and quality index of the latest two months differ.")
BILLED: Final = Instrument(
    "smsgw_segments_billed_total", "counter", "Segments billed since the contract began.",
    ("account", "direction"))
TERM_ENDS: Final = Instrument(
    "smsgw_term_ends_timestamp_seconds", "gauge",
    "End of the contract's term; +Inf where it renews itself, 0 without a contract.")
FAULTS_ACTIVE: Final = Instrument(
    "smsgw_faults_active", "gauge", "Faults injected on purpose at this moment.")
COMPLAINTS: Final = Instrument(
    "smsgw_complaints", "gauge", "Complaints of users by what counts them.", ("window", "kind"))
BREACHES: Final = Instrument(
    "smsgw_breaches", "gauge", "Cases of breach by grade and state.", ("grade", "state"))
PORTS_BLOCKED: Final = Instrument(
    "smsgw_ports_blocked", "gauge", "Access numbers that cases and stops block.")
LOOP_LAG: Final = Instrument(
    "smsgw_event_loop_lag_seconds", "histogram",
    "How much later than asked the event loop woke.", (), _FAST)
# fmt: on

INSTRUMENTS: Final[tuple[Instrument, ...]] = (
    BUILD_INFO, SESSIONS, BINDS, BIND_CHECKS, BIND_ALARMS, CONNECTIONS_REFUSED,
    SESSIONS_CLOSED, PDUS, SMPP_FAULTS, REQUEST_DURATION, WINDOW,
    SUBMITS, FINALS, DELIVERY_DURATION, IN_FLIGHT, RECEIPTS, RECEIPTS_PENDING, MO,
    COMMIT_DURATION, BATCH_EVENTS, ARCHIVE_LAG, SLA_OBJECTIVE, SLA_RATIO, SLA_SEGMENTS, SLA_MET,
    SLA_AS_OF, RECONCILIATION, BILLED, TERM_ENDS, FAULTS_ACTIVE, COMPLAINTS, BREACHES,
    PORTS_BLOCKED, LOOP_LAG,
)  # fmt: skip
"""Every instrument, in the order of /metrics."""

# -- closed lists of label values ------------------------------------------------------------------

COMPLAINT_COUNTS: Final = (("month", "all"), ("trailing12", "sla"))
"""Window and kind of each count of complaints."""
UNKNOWN_ACCOUNT: Final = "unknown"
"""The account of a bind with a system_id that is not configured, of an uplink nobody owns."""
OTHER: Final = "other"
"""Stands for a value outside a closed list: what a peer sends must not make new series."""

BIND_CHECK_RESULTS: Final = ("hashed", "compared", "locked", "busy")
"""`locked`: failed too often; `busy`: as many hashes as may be are being computed."""
REFUSAL_REASONS: Final = ("address", "limit", "handshake", "descriptors")
BIND_TYPES: Final = ("tx", "rx", "trx")
DIRECTIONS: Final = ("received", "sent")
SERVICES: Final[tuple[str, ...]] = get_args(Service)
RESULTS: Final = ("accepted", "rejected")
ACCEPTED_REASON: Final = NONE
REJECTIONS: Final = tuple(name for name in REASONS if name != NONE)
LIABILITIES: Final[tuple[str, ...]] = get_args(Liability)
RECEIPT_RESULTS: Final = ("sent", "acknowledged", "refused", "dropped")
MO_RESULTS: Final = ("received", "acknowledged", "refused", "dropped")
FAULTS: Final[tuple[str, ...]] = get_args(MagicFault)
CLOSE_REASONS: Final = (
    "unbind", "unbind_by_us", "session_init", "pdu_read", "inactivity", "enquire_link",
    "command_length", "write_stall", "eof", "reset", "window", "operator", "settings", "fault",
    "shutdown", "internal",
)  # fmt: skip

COMMANDS: Final[dict[int, str]] = {int(command): command.name.lower() for command in CommandId}
REQUESTS: Final = (
    CommandId.SUBMIT_SM, CommandId.SUBMIT_MULTI, CommandId.DATA_SM, CommandId.DELIVER_SM,
)  # fmt: skip
"""Requests whose duration is measured; deliver_sm is the ESME's time to answer."""

STATES: Final[dict[int, str]] = {
    int(state): state.name
    for state in (
        MessageState.DELIVERED, MessageState.EXPIRED, MessageState.DELETED,
        MessageState.UNDELIVERABLE, MessageState.ACCEPTED, MessageState.UNKNOWN,
        MessageState.REJECTED,
    )
}  # fmt: skip
"""Final states by message_state."""

FAILED_STATES: Final = ("EXPIRED", "UNDELIVERABLE", "REJECTED", "UNKNOWN")
ENDS: Final[tuple[tuple[str, str], ...]] = (
    ("DELIVERED", "ok"),
    ("DELETED", "party_a"),
    ("UNDELIVERABLE", "ported"),
    *((state, cause) for state in FAILED_STATES for cause in ("exempt", "party_a", "carrier")),
)
"""Pairs of final state and liability that happen; each has a series from the start."""

_VENDOR_STATUSES: Final = {row.vendor for row in REASONS.values()} | {0x402, 0x404}
STATUSES: Final[dict[int, str]] = {status: f"0x{status:08X}" for status in _VENDOR_STATUSES} | {
    int(status): status.name for status in CommandStatus
}
"""command_status to label value: the specification's name, or the number of a vendor's own."""
