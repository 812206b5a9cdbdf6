"""Say why an ESME could not do what was asked of it.

Messages name what was tried, what came back and, where there is one, the usual cause: they are
printed as they stand by the command line.
"""

from __future__ import annotations

import ssl

from smpp.constants import CommandStatus

_CAUSES: dict[int, str] = {
    CommandStatus.ESME_RINVPASWD: "the password is wrong",
    CommandStatus.ESME_RINVSYSID: "the system_id is unknown",
    CommandStatus.ESME_RBINDFAIL: "the message centre refuses the bind: too many binds of this "
    "account, an address that is not allowed, or a password that is wrong",
    CommandStatus.ESME_RALYBND: "this account is bound already",
    CommandStatus.ESME_RINVBNDSTS: "not allowed in this bind mode",
    CommandStatus.ESME_RTHROTTLED: "more messages per second than the account may send",
    CommandStatus.ESME_RMSGQFUL: "the message centre's queue or this session's window is full",
    CommandStatus.ESME_RINVSRCADR: "the sender is missing or not the account's",
    CommandStatus.ESME_RINVDSTADR: "the recipient is not one the account may send to",
    CommandStatus.ESME_RSYSERR: "the message centre has a fault of its own",
}


class EsmeError(Exception):
    """Be the root of what an ESME raises on purpose."""


class ConnectError(EsmeError):
    """Report that no connection came about: nobody listens, no such host, TLS, or no time left.

    `timed_out` tells a connection that took too long from one that was refused.
    """

    def __init__(self, detail: str, *, timed_out: bool = False) -> None:
        super().__init__(detail)
        self.timed_out = timed_out


class BindError(EsmeError):
    """Report a bind that was answered with `command_status`."""

    def __init__(self, system_id: str, command_status: int) -> None:
        super().__init__(f"bind of {system_id!r} refused: {describe_status(command_status)}")
        self.command_status = command_status


class SubmitError(EsmeError):
    """Report a submission that was answered with `command_status`.

    `segment` of `segments` is the first one refused; `message_ids` are those of the segments
    that were accepted.
    """

    def __init__(
        self, command_status: int, segment: int, segments: int, message_ids: tuple[str, ...]
    ) -> None:
        place = f" (segment {segment} of {segments})" if segments > 1 else ""
        super().__init__(f"submit_sm refused{place}: {describe_status(command_status)}")
        self.command_status = command_status
        self.segment = segment
        self.segments = segments
        self.message_ids = message_ids


class NoAnswerError(EsmeError):
    """Report a request that got no response, or a delivery that did not come, in its time."""


class ConnectionLostError(EsmeError):
    """Report that the session ended while something was waiting for it; `reason` is one word."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the connection ended ({reason})")
        self.reason = reason


def why_not_connected(host: str, port: int, error: OSError) -> str:
    """Say why a connection did not come about."""
    if isinstance(error, ConnectionRefusedError):
        return f"{host}:{port} refused the connection: nothing listens there"
    if isinstance(error, ssl.SSLError):
        # Only what OpenSSL itself reports has a reason.
        return f"{host}:{port}: TLS failed: {getattr(error, 'reason', None) or error}"
    return f"{host}:{port}: {error.strerror or error}"


def status_name(command_status: int) -> str:
    """Give the specification's name of a command_status, or its number in hexadecimal."""
    try:
        return CommandStatus(command_status).name
    except ValueError:
        return f"0x{command_status:08X}"


def describe_status(command_status: int) -> str:
    """Give name, number and usual cause of a command_status."""
    name = status_name(command_status)
    number = f"0x{command_status:08X}"
    shown = name if name == number else f"{name} ({number})"
    cause = _CAUSES.get(command_status)
    return f"{shown}: {cause}" if cause else shown
