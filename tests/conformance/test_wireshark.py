"""Let Wireshark's tshark decode everything the gateway sends: nothing malformed, no error mark."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.capture import MC_PORT, Capture, write_captures
from tests.support.gateway_process import GatewayProcess, running_gateway
from tests.support.programs import require_program
from tests.support.wire import (
    BIND_RX,
    BIND_TRX,
    BIND_TX,
    CANCEL,
    DATA,
    DELIVER,
    ENQUIRE,
    MULTI,
    NACK,
    QUERY,
    REPLACE,
    RESPONSE,
    SUBMIT,
    UNBIND,
    RawPdu,
    Wire,
    bind_body,
    cstring,
    pdu,
    submit_body,
    tlv,
)

from .story import LONG, RECIPIENT, REPLY, SHORT, UNREACHABLE

pytestmark = pytest.mark.foreign

SOURCE = b"\2\1" + cstring("106590990371")
SLOW = "19900000199"
"""Magic number: delivered after 99 seconds, so it still waits when it is asked for."""
PROBLEMS = "_ws.malformed || _ws.expert.severity == error || _ws.unreassembled"
SENT_BY_THE_GATEWAY = f"smpp && tcp.srcport == {MC_PORT}"


def target(number: str) -> bytes:
    return b"\1\1" + cstring(number)


class Esme:
    """Play an ESME that answers what the gateway asks, while everything is recorded."""

    def __init__(self, gateway: GatewayProcess, capture: Capture, bind: int = BIND_TRX) -> None:
        self._sequence = 100
        self._wire = Wire(gateway.smpp)
        self._wire.on_data = capture.record
        self.requests: list[RawPdu] = []
        """What the gateway asked: deliver_sm, enquire_link, unbind."""
        assert self.ask(bind, bind_body()).command_status == 0

    def ask(self, command_id: int, body: bytes = b"") -> RawPdu:
        """Send a request and give its answer."""
        self._sequence += 1
        self._wire.send(pdu(command_id, body, sequence=self._sequence))
        return self.take_until(lambda taken: taken.sequence_number == self._sequence, RESPONSE)

    def submit(self, text: str, recipient: str = RECIPIENT, **changes: bytes) -> RawPdu:
        octets = text.encode("utf-16-be")
        fields = {
            "destination_addr": cstring(recipient),
            "registered_delivery": b"\1",
            "data_coding": b"\x08",
            "sm_length": bytes([len(octets)]),
            "short_message": octets,
        }
        return self.ask(SUBMIT, submit_body(**(fields | changes)))

    def take_until(self, wanted: Callable[[RawPdu], bool], direction: int = 0) -> RawPdu:
        """Answer the gateway's requests until the PDU that is wanted comes; give it."""
        while True:
            taken = self._wire.receive()
            assert taken is not None, "the gateway closed the connection"
            if not taken.command_id & RESPONSE:
                self.requests.append(taken)
                body = b"\0" if taken.command_id == DELIVER else b""
                answer = pdu(taken.command_id | RESPONSE, body, sequence=taken.sequence_number)
                self._wire.send(answer)
            if taken.command_id & RESPONSE == direction and wanted(taken):
                return taken

    def take_requests(self, command_id: int, count: int) -> None:
        """Wait until the gateway has asked `command_id` `count` times in all."""
        while sum(taken.command_id == command_id for taken in self.requests) < count:
            self.take_until(lambda taken: taken.command_id == command_id)

    def close(self) -> None:
        self._wire.__exit__()


def segments(text: str) -> list[str]:
    return [text[at : at + 67] for at in range(0, len(text), 67)]


def tell_the_whole_story(gateway: GatewayProcess, esme: Esme) -> None:
    """Make the gateway send every PDU it has, with and without errors."""
    esme.submit(SHORT)
    total = len(segments(LONG))
    for number, part in enumerate(segments(LONG), 1):
        octets = bytes([5, 0, 3, 9, total, number]) + part.encode("utf-16-be")
        size = bytes([len(octets)])
        esme.submit(part, esm_class=b"\x40", sm_length=size, short_message=octets)
    esme.submit(SHORT, UNREACHABLE)
    esme.take_requests(DELIVER, 2 + total)
    waiting = esme.submit(SHORT, SLOW).body
    payload = tlv(0x0424, SHORT.encode("utf-16-be"))
    esme.ask(QUERY, waiting + SOURCE)
    text = SHORT.encode("utf-16-be")
    esme.ask(REPLACE, waiting + SOURCE + b"\0\0\1\0" + bytes([len(text)]) + text)
    esme.ask(CANCEL, b"\0" + waiting + SOURCE + target(SLOW))
    esme.ask(QUERY, waiting + SOURCE)
    esme.ask(DATA, b"\0" + SOURCE + target(RECIPIENT) + b"\0\1\x08" + payload)
    destinations = b"\1" + target(RECIPIENT) + b"\1" + target("12345")
    after = bytes([0, 0, 0, 0, 0, 1, 0, 8, 0, len(text)]) + text
    esme.ask(MULTI, b"\0" + SOURCE + b"\2" + destinations + after)
    for uplink in (REPLY, "3 民警态度不好", LONG):
        gateway.post("/api/v1/mo", {"from": RECIPIENT, "to": "106590990371", "text": uplink})
    # Receipts: 1 + 3 + 1 above, the cancelled one, data_sm's, submit_multi's; uplinks: 1 + 1 + 3.
    esme.take_requests(DELIVER, 8 + 5)
    for command_id, body in ((0x0A, b""), (SUBMIT, b"\0"), (QUERY, cstring("0") + SOURCE)):
        assert esme.ask(command_id, body).command_status != 0
    esme.submit(SHORT, source_addr=b"1069000099\0")
    esme.submit(SHORT, destination_addr=b"12345\0")
    esme.ask(BIND_TRX, bind_body())
    esme.ask(ENQUIRE)
    esme.take_requests(ENQUIRE, 1)


@pytest.fixture(scope="module")
def capture_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Record sessions with a gateway of its own, which asks enquire_link after a second."""
    require_program("tshark")
    folder = tmp_path_factory.mktemp("wireshark")
    environ = {"SMSGW_SMPP__TIMERS__ENQUIRE_LINK_S": "1"}
    captures = [Capture(esme_port=30_000 + number) for number in range(5)]
    with running_gateway(folder / "data", environ=environ) as gateway:
        story = Esme(gateway, captures[0])
        tell_the_whole_story(gateway, story)
        story.ask(UNBIND)
        story.close()
        for capture, mode in zip(captures[1:3], (BIND_TX, BIND_RX), strict=True):
            esme = Esme(gateway, capture, mode)
            esme.ask(UNBIND)
            esme.close()
        refuse(gateway, captures[3])
        last = Esme(gateway, captures[4])
        gateway.ask_to_stop()
        last.take_requests(UNBIND, 1)
        last.close()
    path = folder / "gateway.pcap"
    write_captures(path, captures)
    return path


def refuse(gateway: GatewayProcess, capture: Capture) -> None:
    """Record a refused bind, a submission before the bind, and a bad command_length."""
    with Wire(gateway.smpp) as wire:
        wire.on_data = capture.record
        wire.ask(pdu(BIND_TRX, bind_body(b"stranger"), sequence=1))
        wire.ask(pdu(SUBMIT, submit_body(), sequence=2))
        wire.ask(pdu(SUBMIT, sequence=3, length=8))


def tshark(capture_file: Path, display_filter: str, *options: str) -> str:
    """Give tshark's output for the packets that match."""
    command: list[str | Path] = [
        *(require_program("tshark"), "-r", capture_file),
        *("-d", f"tcp.port=={MC_PORT},smpp", "-Y", display_filter, *options),
    ]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return run.stdout


def test_tshark_finds_nothing_malformed_in_what_the_gateway_sends(capture_file: Path) -> None:
    problems = f"({PROBLEMS}) && tcp.srcport == {MC_PORT}"
    assert tshark(capture_file, problems, "-V") == ""


def test_tshark_would_find_something_malformed(capture_file: Path, tmp_path: Path) -> None:
    broken = Capture()
    broken.record(pdu(SUBMIT | RESPONSE, b"no end", sequence=1), sent=False)
    broken.record(pdu(DELIVER, submit_body()[:30], sequence=1), sent=False)
    path = tmp_path / "broken.pcap"
    write_captures(path, [broken])
    assert tshark(path, PROBLEMS) != ""


def test_tshark_knows_every_pdu_the_gateway_sends(capture_file: Path) -> None:
    lines = tshark(capture_file, SENT_BY_THE_GATEWAY, "-T", "fields", "-e", "smpp.command_id")
    seen = {int(word, 16) for line in lines.split() for word in line.split(",")}
    answers = {BIND_TX, BIND_RX, BIND_TRX, SUBMIT, MULTI, DATA, QUERY, CANCEL, REPLACE}
    assert seen == {
        *(command_id | RESPONSE for command_id in answers | {ENQUIRE, UNBIND}),
        *(NACK, DELIVER, ENQUIRE, UNBIND),
    }


def test_tshark_reads_the_receipts(capture_file: Path) -> None:
    packets: list[Any] = json.loads(
        tshark(
            capture_file,
            f"{SENT_BY_THE_GATEWAY} && smpp.command_id == 5 && smpp.receipted_message_id",
            *("-T", "json", "-e", "smpp.receipted_message_id", "-e", "smpp.message_state"),
        )
    )
    layers = [packet["_source"]["layers"] for packet in packets]
    ids = [value for layer in layers for value in layer["smpp.receipted_message_id"]]
    states = [int(value) for layer in layers for value in layer["smpp.message_state"]]
    assert len(set(ids)) == len(ids) == len(states) == 8
    delivered, deleted, undeliverable = 2, 4, 5
    assert sorted(states) == sorted([delivered] * 6 + [deleted, undeliverable])
