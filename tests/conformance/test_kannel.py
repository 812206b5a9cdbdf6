"""Let Kannel's bearerbox and smsbox submit, get receipts, take uplink messages and unbind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.gateway_process import GatewayProcess
from tests.support.listener import HttpListener
from tests.support.waiting import wait_until

from .kannel import TRANSCEIVER, TRANSMITTER_AND_RECEIVER, Kannel, running_kannel
from .story import LONG, RECIPIENT, REPLY, SHORT, UNREACHABLE, unbinds

ACCESS_NUMBER = "106590990371"
A_SECOND_LATER = "19900000101"
"""Magic number: delivered after one second."""
ACCEPTED, DELIVERED, FAILED = "8", "1", "2"
"""Kannel's types of delivery reports: taken by the SMSC; delivered; not delivered."""

pytestmark = pytest.mark.foreign


@pytest.fixture
def listener() -> Iterator[HttpListener]:
    with HttpListener().serving() as listening:
        yield listening


def reports(listener: HttpListener, kannel: Kannel, kind: str) -> list[str]:
    """Wait for a delivery report of a kind; give the message ids of all of them."""

    def ids() -> list[str]:
        return [query["id"] for query in listener.of("/receipt") if query["type"] == kind]

    return wait_until(ids, f"a delivery report of type {kind}\n{kannel.logs()}")


@pytest.mark.parametrize("text", [SHORT, LONG], ids=["one segment", "three segments"])
def test_kannel_submits_and_gets_its_receipt(
    text: str, gateway: GatewayProcess, listener: HttpListener, tmp_path: Path
) -> None:
    before = unbinds(gateway)
    with running_kannel(tmp_path, gateway.smpp, listener.url, TRANSCEIVER) as kannel:
        kannel.send(ACCESS_NUMBER, RECIPIENT, text)
        accepted = reports(listener, kannel, ACCEPTED)
        assert reports(listener, kannel, DELIVERED)[0] in accepted
    wait_until(lambda: unbinds(gateway) == before + 1, "an unbind", within_s=10)


def test_kannel_is_told_of_a_failure(
    gateway: GatewayProcess, listener: HttpListener, tmp_path: Path
) -> None:
    with running_kannel(tmp_path, gateway.smpp, listener.url) as kannel:
        kannel.send(ACCESS_NUMBER, UNREACHABLE, SHORT)
        assert reports(listener, kannel, FAILED)


def test_kannel_with_two_connections_submits_on_one_and_receives_on_the_other(
    gateway: GatewayProcess, listener: HttpListener, tmp_path: Path
) -> None:
    before = unbinds(gateway)
    modes = TRANSMITTER_AND_RECEIVER
    with running_kannel(tmp_path, gateway.smpp, listener.url, modes) as kannel:
        # With one thread for each connection, Kannel loses a receipt that overtakes the response.
        kannel.send(ACCESS_NUMBER, A_SECOND_LATER, SHORT)
        assert reports(listener, kannel, DELIVERED)
        uplink = {"from": RECIPIENT, "to": ACCESS_NUMBER, "text": REPLY}
        gateway.post("/api/v1/mo", uplink)
        wait_until(lambda: listener.of("/uplink"), "the uplink message")
        assert listener.of("/uplink") == [uplink]
    wait_until(lambda: unbinds(gateway) == before + 2, "two unbinds", within_s=10)


@pytest.mark.parametrize("text", [REPLY, "3 民警态度不好", LONG], ids=["short", "words", "long"])
def test_kannel_takes_an_uplink_message(
    text: str, gateway: GatewayProcess, listener: HttpListener, tmp_path: Path
) -> None:
    with running_kannel(tmp_path, gateway.smpp, listener.url) as kannel:
        uplink = {"from": RECIPIENT, "to": ACCESS_NUMBER, "text": text}
        gateway.post("/api/v1/mo", uplink)
        wait_until(lambda: listener.of("/uplink"), f"the uplink message\n{kannel.logs()}")
        assert listener.of("/uplink") == [uplink]
