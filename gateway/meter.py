"""Tell the recorder what the parts report: PDUs, responses, deliveries, ends of sessions.

Whoever sends or takes PDUs reports them in runs, a run in one call. What a session answers and asks
by itself (enquire_link) it counts in integers of its own; they are taken over here when the metrics
are read and when the session ends.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from operator import itemgetter

from metrics.recorder import Recorder
from smpp.codec import response_to
from smpp.constants import RESPONSE_BIT, CommandId, CommandStatus
from smpp.session import Session

from .server.connection import Connection

BIND_RESPONSES = {
    "TX": CommandId.BIND_TRANSMITTER_RESP,
    "RX": CommandId.BIND_RECEIVER_RESP,
    "TRX": CommandId.BIND_TRANSCEIVER_RESP,
}
_HEADER_WORDS = itemgetter(slice(4, 12))
"""Takes command_id and command_status out of a PDU."""
Row = tuple[str, int, int]
"""`received` or `sent`, command_id, how many PDUs with command_status 0."""


class Meter:
    """Count for one gateway."""

    def __init__(self, recorder: Recorder, connections: Iterable[Connection]) -> None:
        """Count into `recorder`; `connections` gives the open ones whenever it is walked."""
        self._recorder = recorder
        self._connections = connections

    # -- taken ------------------------------------------------------------------------------

    def received(self, command_id: int, status: int, n: int) -> None:
        """Count PDUs that were taken."""
        self._recorder.pdus("received", command_id, status, n)

    def refused(self, command_id: int, status: int) -> None:
        """Count a PDU that the session refused, and what it answered; 0 = no PDU could be read."""
        self._recorder.pdus("received", command_id, 0)
        if command_id & RESPONSE_BIT:
            return  # SMPP 3.4 §2.8: a response is never answered
        response = response_to(command_id)
        if response is None or status == CommandStatus.ESME_RINVCMDID:
            response = CommandId.GENERIC_NACK
        self._recorder.pdus("sent", response, status)

    # -- sent -------------------------------------------------------------------------------

    def bind_answered(self, system_id: str, mode: str, status: int) -> None:
        """Count an answered bind; `mode` is TX, RX or TRX."""
        self._recorder.bind(system_id, mode.lower(), status)
        self._recorder.pdus("sent", BIND_RESPONSES[mode], status)

    def answered(self, responses: list[bytes], duration_s: float) -> None:
        """Count responses to submissions, sent together `duration_s` after these were judged."""
        for command_id, n in self._count(responses).items():
            self._recorder.requests(command_id & ~RESPONSE_BIT, duration_s, n)

    def responded(self, responses: list[bytes]) -> None:
        """Count responses to other requests."""
        self._count(responses)

    def delivery(self, kind: str, account: str, result: str, n: int) -> None:
        """Count deliveries: `kind` receipt, notification or mo."""
        if result == "sent":
            self._recorder.pdus("sent", CommandId.DELIVER_SM, 0, n)
        if kind == "receipt":
            self._recorder.receipts(account, result, n)
        elif kind == "mo" and result != "sent":
            self._recorder.mo(account, result, n)

    # -- sessions ---------------------------------------------------------------------------

    def of_open_sessions(self) -> list[Row]:
        """Give what open sessions have counted since they were last asked."""
        return [row for one in self._connections for row in counted_by(one.session)]

    def session_closed(self, connection: Connection, reason: str) -> None:
        """Count the end of a connection, and what only its end tells."""
        session = connection.session
        if connection.account:
            self._recorder.session_closed(connection.account, reason)
        for direction, command_id, n in (
            *counted_by(session),
            ("received", CommandId.UNBIND_RESP, session.unbinds_answered),
            ("sent", CommandId.UNBIND, int(session.unbind_sent)),
            ("sent", CommandId.UNBIND_RESP, int(reason == "unbind")),
        ):
            self._recorder.pdus(direction, command_id, 0, n)

    def _count(self, responses: list[bytes]) -> Counter[int]:
        """Count responses by their headers; give how many there are of each command_id."""
        found: Counter[int] = Counter()
        for header, n in Counter(map(_HEADER_WORDS, filter(None, responses))).items():
            command_id = int.from_bytes(header[:4], "big")
            self._recorder.pdus("sent", command_id, int.from_bytes(header[4:], "big"), n)
            found[command_id] += n
        return found


def counted_by(session: Session) -> tuple[Row, ...]:
    """Take over what a session has counted since the last time."""
    rows = (
        ("received", int(CommandId.ENQUIRE_LINK), session.enquired),
        ("sent", int(CommandId.ENQUIRE_LINK_RESP), session.enquired),
        ("sent", int(CommandId.ENQUIRE_LINK), session.enquiries),
        ("received", int(CommandId.ENQUIRE_LINK_RESP), session.enquiries_answered),
    )
    session.enquired = session.enquiries = session.enquiries_answered = 0
    return rows
