"""Say who is wrong: the peer's stream, the peer's PDU, our own values, or our own conduct.

    SmppError
    ├── FramingError        the stream cannot be cut into PDUs any more: answer, then close
    ├── DecodeError         one PDU is malformed: answer `command_status`, the session lives
    │   └── UnknownCommand  its command_id is none of ours: answer with generic_nack
    ├── EncodeError         a value of ours does not fit its field
    └── LocalProtocolError  we asked the session for something its state forbids

Messages state what was seen and what is allowed, and never quote a password or a text.
"""

from __future__ import annotations

from .constants import CommandStatus


class SmppError(Exception):
    """Be the root of everything this package raises on purpose."""


class FramingError(SmppError):
    """Report a command_length that no PDU can have; the stream is lost (SMPP 3.4 §4.3).

    `command_status` and `sequence_number` are what the last generic_nack shall carry
    (sequence_number 0 when that of the PDU cannot be told, SMPP 3.4 §4.3.1).
    """

    def __init__(
        self,
        detail: str,
        *,
        command_status: int = CommandStatus.ESME_RINVCMDLEN.value,
        sequence_number: int = 0,
    ) -> None:
        super().__init__(f"command_length: {detail}")
        self.command_status = command_status
        self.sequence_number = sequence_number


class DecodeError(SmppError):
    """Report a malformed PDU: the status to answer, the field and what is wrong with it.

    `command_status` is the status the specification gives, `field` the name of the field or TLV
    (a header field, a mandatory parameter, a TLV's name or "tlvs"), `detail` what was seen and
    what is allowed, `offset` the octet within the PDU at which the field starts.
    """

    def __init__(self, command_status: int, field: str, detail: str, offset: int) -> None:
        super().__init__(f"{field}: {detail}")
        self.command_status = command_status
        self.field = field
        self.detail = detail
        self.offset = offset


class UnknownCommand(DecodeError):  # noqa: N818 - named for what is wrong, as its siblings are not
    """Report a command_id that neither SMPP 3.4 nor 5.0 defines (SMPP 3.4 §4.3.1)."""

    def __init__(self, command_id: int) -> None:
        super().__init__(
            CommandStatus.ESME_RINVCMDID.value,
            "command_id",
            f"0x{command_id:08x} is no operation of SMPP 3.4 or 5.0",
            4,
        )
        self.command_id = command_id


class EncodeError(SmppError):
    """Report a value that its field cannot carry; `field` names it."""

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(f"{field}: {detail}")
        self.field = field
        self.detail = detail


class LocalProtocolError(SmppError):
    """Report our own misuse: a PDU that the session's state or role does not allow us to send."""
