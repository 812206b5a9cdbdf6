from __future__ import annotations

from smpp.constants import CommandStatus
from smpp.errors import (
    DecodeError,
    EncodeError,
    FramingError,
    LocalProtocolError,
    SmppError,
    UnknownCommand,
)


def test_everything_raised_on_purpose_has_one_root() -> None:
    for kind in (FramingError, DecodeError, UnknownCommand, EncodeError, LocalProtocolError):
        assert issubclass(kind, SmppError)
    assert issubclass(UnknownCommand, DecodeError)
    assert not issubclass(FramingError, DecodeError)


def test_decode_error_says_what_is_wrong_where_and_what_to_answer() -> None:
    error = DecodeError(
        CommandStatus.ESME_RINVSRCADR, "source_addr", "23 octets, at most 21", offset=19
    )
    assert str(error) == "source_addr: 23 octets, at most 21"
    assert (error.command_status, error.field, error.offset) == (0x0A, "source_addr", 19)
    assert error.detail == "23 octets, at most 21"


def test_unknown_command_is_answered_with_its_own_status() -> None:
    error = UnknownCommand(0x00000999)
    assert error.command_status == CommandStatus.ESME_RINVCMDID
    assert error.command_id == 0x999
    assert str(error) == "command_id: 0x00000999 is no operation of SMPP 3.4 or 5.0"


def test_framing_error_carries_what_the_last_generic_nack_needs() -> None:
    error = FramingError("15, at least 16", sequence_number=7)
    assert error.command_status == CommandStatus.ESME_RINVCMDLEN
    assert error.sequence_number == 7
    assert str(error) == "command_length: 15, at least 16"
    assert FramingError("15").sequence_number == 0


def test_encode_error_names_the_field() -> None:
    error = EncodeError("password", "10 octets, at most 9")
    assert (error.field, error.detail) == ("password", "10 octets, at most 9")
    assert str(error) == "password: 10 octets, at most 9"
