"""Say which operations each side may start in each state of a session.

Everything that depends on the state of a session is in these tables; `Session` only looks them
up. They follow SMPP 3.4 §2.2–2.4 (table 2-1) and SMPP 5.0 §2.4; where the versions differ (data_sm
from a receiver, enquire_link before the bind) the more lenient one is taken and noted.
"""

from __future__ import annotations

from enum import Enum, IntEnum

from .constants import BindMode, CommandId


class Role(Enum):
    """Name the side of the dialogue a `Session` plays."""

    ESME = "esme"
    MC = "mc"


class SessionState(IntEnum):
    OPEN = 0
    BOUND_TX = 1
    BOUND_RX = 2
    BOUND_TRX = 3
    UNBOUND = 4
    CLOSED = 5


BOUND_STATES = frozenset({SessionState.BOUND_TX, SessionState.BOUND_RX, SessionState.BOUND_TRX})

STATE_OF_MODE: dict[BindMode, SessionState] = {
    BindMode.TX: SessionState.BOUND_TX,
    BindMode.RX: SessionState.BOUND_RX,
    BindMode.TRX: SessionState.BOUND_TRX,
}

MODE_OF_COMMAND: dict[int, BindMode] = {
    CommandId.BIND_TRANSMITTER: BindMode.TX,
    CommandId.BIND_RECEIVER: BindMode.RX,
    CommandId.BIND_TRANSCEIVER: BindMode.TRX,
}

_BINDS = frozenset(MODE_OF_COMMAND)
_SENDING = frozenset(
    {
        CommandId.SUBMIT_SM,
        CommandId.SUBMIT_MULTI,
        CommandId.DATA_SM,
        CommandId.QUERY_SM,
        CommandId.CANCEL_SM,
        CommandId.REPLACE_SM,
        CommandId.BROADCAST_SM,
        CommandId.QUERY_BROADCAST_SM,
        CommandId.CANCEL_BROADCAST_SM,
    }
)
_DELIVERING = frozenset({CommandId.DELIVER_SM, CommandId.DATA_SM, CommandId.ALERT_NOTIFICATION})
# enquire_link: 3.4 allows it when bound, 5.0 also in OPEN. unbind needs a bound session.
_ANY = frozenset({CommandId.ENQUIRE_LINK})
_BOUND_ANY = frozenset({CommandId.ENQUIRE_LINK, CommandId.UNBIND})

ESME_MAY_START: dict[SessionState, frozenset[int]] = {
    SessionState.OPEN: _BINDS | _ANY,
    SessionState.BOUND_TX: _SENDING | _BOUND_ANY,
    # data_sm from a receiver: allowed by 3.4 table 2-1, not by 5.0 §2.4.
    SessionState.BOUND_RX: frozenset({CommandId.DATA_SM}) | _BOUND_ANY,
    SessionState.BOUND_TRX: _SENDING | _BOUND_ANY,
    SessionState.UNBOUND: frozenset(),
    SessionState.CLOSED: frozenset(),
}

MC_MAY_START: dict[SessionState, frozenset[int]] = {
    SessionState.OPEN: frozenset({CommandId.OUTBIND}) | _ANY,
    SessionState.BOUND_TX: _BOUND_ANY,
    SessionState.BOUND_RX: _DELIVERING | _BOUND_ANY,
    SessionState.BOUND_TRX: _DELIVERING | _BOUND_ANY,
    SessionState.UNBOUND: frozenset(),
    SessionState.CLOSED: frozenset(),
}

PEER_MAY_START: dict[Role, dict[SessionState, frozenset[int]]] = {
    Role.MC: ESME_MAY_START,
    Role.ESME: MC_MAY_START,
}
WE_MAY_START: dict[Role, dict[SessionState, frozenset[int]]] = {
    Role.MC: MC_MAY_START,
    Role.ESME: ESME_MAY_START,
}

WITHOUT_RESPONSE = frozenset({CommandId.OUTBIND, CommandId.ALERT_NOTIFICATION})
"""Operations that have no response PDU (SMPP 3.4 §2.3)."""
