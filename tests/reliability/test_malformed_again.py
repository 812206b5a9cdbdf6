"""Send the malformed PDUs after 10,000 messages and over TLS: their fate is the same (R3)."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conformance.malformed import CASES, OPEN, After, Case
from tests.conformance.test_malformed import expect, expect_life
from tests.support.gateway_process import Address
from tests.support.mutations import HEADER_OCTETS
from tests.support.wire import SUBMIT, Wire, pdu, submit_body

from .certificates import Authority, client_context
from .victim import Victim

MESSAGES, BURST = 10_000, 250
SETTINGS = """
contract = "none"
[smpp.limits]
failed_binds = 0
[smpp.tls]
listen = "127.0.0.1:0"
cert = "{cert}"
key = "{key}"
[[account]]
system_id = "police"
password = "secret08"
"""

Fates = dict[str, list[str]]


def headers(octets: bytes) -> list[str]:
    """Give command_id, status and sequence_number of each PDU: the bodies hold ids that differ."""
    found = []
    while octets:
        found.append(octets[4:HEADER_OCTETS].hex())
        octets = octets[int.from_bytes(octets[:4], "big") :]
    return found


def fate_of(case: Case, wire: Wire) -> list[str]:
    """Send one case as the suite does and give everything that came back."""
    received: list[bytes] = []
    wire.on_data = lambda data, sent: None if sent else received.append(data)
    if case.state != OPEN:
        wire.bind(case.state)
    wire.send(case.octets)
    for allowed in case.answers:
        expect(wire, allowed)
    if case.after is After.LIVES:
        expect_life(wire)
    else:
        assert wire.receive() is None
    return headers(b"".join(received))


def fates(address: Address, tls: ssl.SSLContext | None) -> Fates:
    """Send all cases; a case that gets another answer than the specification's fails."""
    found: Fates = {}
    with Wire(address, tls=tls) as canary:
        canary.bind()
        for case in CASES:
            with Wire(address, tls=tls) as wire:
                try:
                    found[case.name] = fate_of(case, wire)
                except (AssertionError, OSError) as error:
                    raise AssertionError(f"{case.name}: {error}") from error
        expect_life(canary)
    return found


def submit_many(address: Address) -> None:
    """Send 10,000 messages over one session, and read an answer to each."""
    with Wire(address) as wire:
        wire.bind()
        body = submit_body()
        for first in range(2, MESSAGES, BURST):
            numbers = range(first, first + BURST)
            wire.send(b"".join(pdu(SUBMIT, body, sequence=number) for number in numbers))
            answers = [wire.receive() for _ in numbers]
            assert all(a is not None and a.command_status == 0 for a in answers)


@pytest.mark.slow
def test_malformed_pdus_have_the_same_fate_after_many_messages_and_over_tls(
    tmp_path: Path, victims: Callable[..., Victim], many: Callable[[int, int], int]
) -> None:
    authority = Authority(tmp_path, "ours")
    server = authority.issue("gateway", use="serverAuth")
    victim = victims(SETTINGS.format(cert=server.cert, key=server.key))
    victim.start()
    plain, encrypted = Address("127.0.0.1", victim.port), Address.parse(victim.ready["smpp_tls"])
    submit_many(plain)
    context = client_context(authority.own.cert)
    runs = [fates(plain, None) for _ in range(many(1, 3))]
    runs += [fates(encrypted, context) for _ in range(many(1, 3))]
    for run in runs[1:]:
        assert {name: run[name] for name in run if run[name] != runs[0][name]} == {}
    assert victim.terminate() == 0
    assert "Traceback" not in victim.errors
