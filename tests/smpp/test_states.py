"""Compare the state tables with the operation matrix of the specification, both roles."""

from __future__ import annotations

import pytest

from smpp.constants import BindMode, CommandId
from smpp.states import (
    BOUND_STATES,
    MODE_OF_COMMAND,
    PEER_MAY_START,
    STATE_OF_MODE,
    WE_MAY_START,
    WITHOUT_RESPONSE,
    Role,
    SessionState,
)

STATES = {
    "O": SessionState.OPEN,
    "T": SessionState.BOUND_TX,
    "R": SessionState.BOUND_RX,
    "X": SessionState.BOUND_TRX,
}

# SMPP 3.4 table 2-1 and 5.0 §2.4: the states in which each side may start an operation.
MATRIX: dict[str, tuple[str, str]] = {
    # operation: (by the ESME, by the MC)
    "BIND_TRANSMITTER": ("O", ""),
    "BIND_RECEIVER": ("O", ""),
    "BIND_TRANSCEIVER": ("O", ""),
    "OUTBIND": ("", "O"),
    "UNBIND": ("TRX", "TRX"),
    "SUBMIT_SM": ("TX", ""),
    "SUBMIT_MULTI": ("TX", ""),
    "DATA_SM": ("TRX", "RX"),
    "DELIVER_SM": ("", "RX"),
    "QUERY_SM": ("TX", ""),
    "CANCEL_SM": ("TX", ""),
    "REPLACE_SM": ("TX", ""),
    "ALERT_NOTIFICATION": ("", "RX"),
    "BROADCAST_SM": ("TX", ""),
    "QUERY_BROADCAST_SM": ("TX", ""),
    "CANCEL_BROADCAST_SM": ("TX", ""),
    "ENQUIRE_LINK": ("OTRX", "OTRX"),
}


def allowed(role: Role, command_id: int) -> str:
    table = WE_MAY_START[role]
    return "".join(letter for letter, state in STATES.items() if command_id in table[state])


@pytest.mark.parametrize("operation", MATRIX)
def test_operations_are_allowed_in_the_states_of_the_specification(operation: str) -> None:
    command_id = CommandId[operation]
    assert (allowed(Role.ESME, command_id), allowed(Role.MC, command_id)) == MATRIX[operation]


def test_nothing_but_the_matrix_is_allowed() -> None:
    named = {CommandId[operation] for operation in MATRIX}
    for table in (*WE_MAY_START.values(), *PEER_MAY_START.values()):
        assert table.keys() == set(SessionState)
        assert set().union(*table.values()) <= named


@pytest.mark.parametrize("state", [SessionState.UNBOUND, SessionState.CLOSED])
@pytest.mark.parametrize("role", Role)
def test_nothing_is_allowed_after_the_end(role: Role, state: SessionState) -> None:
    assert WE_MAY_START[role][state] == frozenset()


def test_what_one_side_may_start_is_what_the_other_expects() -> None:
    assert PEER_MAY_START[Role.MC] is WE_MAY_START[Role.ESME]
    assert PEER_MAY_START[Role.ESME] is WE_MAY_START[Role.MC]


def test_each_bind_leads_to_the_state_of_its_mode() -> None:
    states = {command: STATE_OF_MODE[mode] for command, mode in MODE_OF_COMMAND.items()}
    assert states == {
        CommandId.BIND_TRANSMITTER: SessionState.BOUND_TX,
        CommandId.BIND_RECEIVER: SessionState.BOUND_RX,
        CommandId.BIND_TRANSCEIVER: SessionState.BOUND_TRX,
    }
    assert set(STATE_OF_MODE) == set(BindMode)
    assert set(STATE_OF_MODE.values()) == BOUND_STATES


def test_two_operations_have_no_response() -> None:
    assert {CommandId.OUTBIND, CommandId.ALERT_NOTIFICATION} == WITHOUT_RESPONSE
