"""Say what went wrong in words that can be printed."""

from __future__ import annotations

import ssl

import pytest

from gateway.load.errors import (
    BindError,
    SubmitError,
    describe_status,
    status_name,
    why_not_connected,
)
from smpp.constants import CommandStatus


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (CommandStatus.ESME_RINVPASWD, "ESME_RINVPASWD (0x0000000E): the password is wrong"),
        (CommandStatus.ESME_RINVMSGLEN, "ESME_RINVMSGLEN (0x00000001)"),
        (0x410, "0x00000410"),
    ],
)
def test_a_status_is_described_by_name_number_and_cause(status: int, words: str) -> None:
    assert describe_status(status) == words


def test_a_status_of_a_vendor_has_its_number_for_a_name() -> None:
    assert (status_name(0), status_name(0x410)) == ("ESME_ROK", "0x00000410")


def test_a_refused_bind_names_the_account() -> None:
    error = BindError("police", CommandStatus.ESME_RALYBND)
    assert error.command_status == CommandStatus.ESME_RALYBND
    assert str(error).startswith("bind of 'police' refused: ESME_RALYBND")


@pytest.mark.parametrize(("segments", "place"), [(1, ""), (3, " (segment 2 of 3)")])
def test_a_refused_submission_names_its_segment(segments: int, place: str) -> None:
    error = SubmitError(CommandStatus.ESME_RTHROTTLED, 2, segments, ("1",))
    assert str(error).startswith(f"submit_sm refused{place}: ESME_RTHROTTLED")
    assert (error.segment, error.segments, error.message_ids) == (2, segments, ("1",))


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ConnectionRefusedError(111, "Connection refused"), "refused the connection: nothing"),
        (ssl.SSLError(1, "wrong version number"), "TLS failed: wrong version number"),
        (ssl.SSLZeroReturnError(6, "closed"), "TLS failed: "),
        (OSError(113, "No route to host"), "No route to host"),
    ],
)
def test_why_no_connection_came_about_is_said(error: OSError, words: str) -> None:
    said = why_not_connected("127.0.0.1", 2775, error)
    assert said.startswith("127.0.0.1:2775")
    assert words in said
