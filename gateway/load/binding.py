"""Make the bind request of each mode."""

from __future__ import annotations

from typing import TypeAlias

from smpp.constants import BindMode
from smpp.pdus import (
    BindReceiver,
    BindReceiverResp,
    BindTransceiver,
    BindTransceiverResp,
    BindTransmitter,
    BindTransmitterResp,
    Pdu,
)

from .errors import BindError

BindRequest: TypeAlias = BindTransmitter | BindReceiver | BindTransceiver

_REQUESTS: dict[BindMode, type[BindTransmitter] | type[BindReceiver] | type[BindTransceiver]] = {
    BindMode.TX: BindTransmitter,
    BindMode.RX: BindReceiver,
    BindMode.TRX: BindTransceiver,
}
_RESPONSES = (BindTransmitterResp, BindReceiverResp, BindTransceiverResp)


def bind_request(
    system_id: str,
    password: str,
    mode: BindMode,
    interface_version: int = 0x34,
    *,
    system_type: str = "",
    address_range: str = "",
) -> BindRequest:
    """Make a bind PDU; lengths are left to the codec (SMPP 3.4 §4.1).

    Raises ValueError for values with characters outside Latin-1.
    """
    values = {
        "system_id": system_id,
        "password": password,
        "system_type": system_type,
        "address_range": address_range,
    }
    octets: dict[str, bytes] = {}
    for name, value in values.items():
        try:
            octets[name] = value.encode("latin-1")
        except UnicodeEncodeError as error:
            raise ValueError(f"{name}: it has characters that a bind can't carry") from error
    return _REQUESTS[mode](
        system_id=octets["system_id"],
        password=octets["password"],
        system_type=octets["system_type"],
        address_range=octets["address_range"],
        interface_version=interface_version,
    )


def check_bound(system_id: str, response: Pdu) -> None:
    """Raise BindError unless the response says that the session is bound."""
    if response.command_status or not isinstance(response, _RESPONSES):
        raise BindError(system_id, response.command_status)
