"""Let in with TLS whom the settings say, and nobody else; stalled handshakes harm nobody (X4)."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.support.gateway_process import Address
from tests.support.wire import (
    BIND_TRX,
    ENQUIRE,
    RESPONSE,
    RawPdu,
    Wire,
    bind_body,
    pdu,
)

from .certificates import Authority, Certificate, client_context
from .victim import Victim, until

RBINDFAIL = 0x0D
HANDSHAKE_S = 1.0
CLIENT_HELLO = bytes.fromhex("16030100f8010000f40303") + bytes(240)

SETTINGS = """
[smpp.timers]
tls_handshake_s = {handshake_s}
[smpp.limits]
max_unbound_per_address = {unbound}
[smpp.tls]
listen = "127.0.0.1:0"
cert = "{server.cert}"
key = "{server.key}"
{client_ca}
[[account]]
system_id = "police"
password = "secret08"
access_numbers = ["106590990371"]
{account}
"""


class Papers(NamedTuple):
    """Hold what the tests present; made once."""

    authority: Authority
    stranger: Authority
    server: Certificate
    server_again: Certificate


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Papers:
    folder = tmp_path_factory.mktemp("certificates")
    ours, stranger = Authority(folder, "ours"), Authority(folder, "stranger")
    servers = [ours.issue(name, use="serverAuth") for name in ("first", "second")]
    return Papers(ours, stranger, servers[0], servers[1])


def toml(
    papers: Papers,
    *,
    mutual: bool = False,
    account: str = "",
    handshake_s: float = HANDSHAKE_S,
    server: Certificate | None = None,
    unbound: int = 200,
) -> str:
    return SETTINGS.format(
        server=server or papers.server,
        client_ca=f'client_ca = "{papers.authority.own.cert}"' if mutual else "",
        account=account,
        handshake_s=handshake_s,
        unbound=unbound,
    )


def tls_port(victim: Victim) -> Address:
    return Address.parse(victim.ready["smpp_tls"])


def try_bind(victim: Victim, context: ssl.SSLContext) -> RawPdu | None:
    """Give the answer to a bind, None when the gateway did not come as far as to answer."""
    try:
        with Wire(tls_port(victim), tls=context) as wire:
            return wire.ask(pdu(BIND_TRX, bind_body()))
    except (OSError, AssertionError):
        return None


def refused(victim: Victim, reason: str) -> float:
    return victim.metric("smsgw_smpp_connections_refused_total", reason=reason)


@pytest.mark.slow
def test_only_a_valid_certificate_of_the_right_name_binds(
    papers: Papers, victims: Callable[..., Victim], tmp_path: Path
) -> None:
    account = 'certificate_names = ["esme.police.example"]\nmax_binds = 1'
    victim = victims(toml(papers, mutual=True, account=account))
    victim.start()
    ours, stranger = papers.authority, papers.stranger
    right = "DNS:esme.police.example"
    turned_away = {
        "no certificate": None,
        "expired": ours.issue("expired", days=-1, alternatives=right),
        "of another authority": stranger.issue("esme.police.example", alternatives=right),
        "self-signed": Authority(tmp_path, "esme.police.example").own,
        "for servers": ours.issue("for-servers", use="serverAuth", alternatives=right),
    }
    for kind, certificate in turned_away.items():
        before = refused(victim, "handshake")
        found = try_bind(victim, client_context(ours.own.cert, certificate))
        assert found is None, f"{kind}: {found}"
        until(lambda n=before: refused(victim, "handshake") == n + 1, 5, kind)  # type: ignore[misc]  # mypy sees no default in a lambda
    # A certificate of the authority that is another ESME's passes the handshake, not the bind.
    other = ours.issue("esme.other.example", alternatives="DNS:esme.other.example")
    answer = try_bind(victim, client_context(ours.own.cert, other))
    assert answer is not None
    assert answer.command_status == RBINDFAIL
    # So does none at all on the port without encryption, whatever the password.
    with Wire(Address("127.0.0.1", victim.port)) as plain:
        assert plain.ask(pdu(BIND_TRX, bind_body())).command_status == RBINDFAIL
    # The control: with the right name the same bind is accepted, by CN and by DNS name alike.
    by_name = ours.issue("esme.police.example", alternatives="IP:127.0.0.1")
    by_alternative = ours.issue("whatever", alternatives=right)
    for certificate in (by_name, by_alternative):
        answer = try_bind(victim, client_context(ours.own.cert, certificate))
        assert answer is not None
        assert answer.command_status == 0
        until(lambda: victim.metric("smsgw_smpp_sessions", account="police") == 0, 5)
    assert "Traceback" not in victim.errors
    assert victim.terminate() == 0


@pytest.mark.slow
def test_old_versions_plain_octets_and_the_wrong_port_get_nowhere(
    papers: Papers, victims: Callable[..., Victim]
) -> None:
    victim = victims(toml(papers, account="tls_only = true"))
    victim.start()
    trusted = papers.authority.own.cert
    for version in (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1):
        with pytest.warns(DeprecationWarning, match="deprecated"):
            context = client_context(trusted, version=version)
        assert try_bind(victim, context) is None, version
    until(lambda: refused(victim, "handshake") == 2, 5, "it was the gateway that refused")
    assert "UNSUPPORTED_PROTOCOL" in victim.logged("connection.refused")[0]["why"]
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        answer = try_bind(victim, client_context(trusted, version=version))
        assert answer is not None, version
        assert answer.command_status == 0, version
    # SMPP without encryption on the encrypted port: closed, and nothing of SMPP comes back.
    with socket.create_connection((tls_port(victim).host, tls_port(victim).port), 5) as plain:
        plain.sendall(pdu(BIND_TRX, bind_body()))
        came = b""
        with suppress(ConnectionResetError):
            while found := plain.recv(4096):
                came += found
    assert (BIND_TRX | RESPONSE).to_bytes(4, "big") not in came
    # A ClientHello on the plain port is a PDU of 369 MB: answered with a generic_nack and closed.
    with Wire(Address("127.0.0.1", victim.port)) as wire:
        wire.send(CLIENT_HELLO)
        nack = wire.receive()
        assert nack is not None
        assert (nack.command_id, nack.command_status) == (RESPONSE, 0x02)
        assert wire.receive() is None
    # The account is tls_only, so the plain port refuses the very bind that succeeded above.
    with Wire(Address("127.0.0.1", victim.port)) as wire:
        assert wire.ask(pdu(BIND_TRX, bind_body())).command_status == RBINDFAIL
    assert "Traceback" not in victim.errors
    assert victim.terminate() == 0


@pytest.mark.slow
def test_stalled_handshakes_are_cut_and_hold_nobody_up(
    papers: Papers, victims: Callable[..., Victim], many: Callable[[int, int], int]
) -> None:
    count = many(50, 1000)
    victim = victims(toml(papers, handshake_s=2.0, unbound=count))
    victim.start()
    context = client_context(papers.authority.own.cert)
    descriptors = victim.idle_descriptors()
    address = (tls_port(victim).host, tls_port(victim).port)
    with ExitStack() as opened, Wire(tls_port(victim), tls=context, source="127.0.0.3") as bound:
        bound.bind()
        began = time.monotonic()
        stalled = [
            opened.enter_context(
                socket.create_connection(address, 10, source_address=("127.0.0.2", 0))
            )
            for _ in range(count)
        ]
        for number, connection in enumerate(stalled):
            # Some say nothing, some begin and stop.
            connection.sendall(CLIENT_HELLO[: number % 3 * 5])
        until(lambda: victim.descriptors() >= descriptors + count, 5, "all are accepted")
        # One more from there is too many, and is cut at once; from elsewhere it is not.
        with socket.create_connection(address, 5, source_address=("127.0.0.2", 0)) as more:
            assert _ends(more)
        assert refused(victim, "limit") == 1
        assert try_bind(victim, context) is not None
        assert bound.ask(pdu(ENQUIRE, sequence=9)).command_status == 0
        assert all(_ends(connection) for connection in stalled)
        took = time.monotonic() - began
    # Alone they are cut after 2 s; the limit leaves room for a machine that is shared.
    assert 1.5 < took < 10
    until(lambda: victim.descriptors() <= descriptors + 2, 5, "nothing of them is left")
    assert refused(victim, "handshake") == count
    # A flood of them is a few lines of log.
    assert victim.errors.count("connection.refused") <= 10 + count / 10
    assert victim.terminate() == 0


def _ends(connection: socket.socket) -> bool:
    try:
        while connection.recv(4096):
            pass
    except ConnectionResetError:
        return True
    return True


@pytest.mark.slow
def test_a_new_certificate_is_taken_over_and_no_session_drops(
    papers: Papers, victims: Callable[..., Victim]
) -> None:
    victim = victims(toml(papers))
    victim.start()
    context = client_context(papers.authority.own.cert)
    with Wire(tls_port(victim), tls=context) as before:
        before.bind()
        assert _name_of(victim, context) == "first"
        victim.reload(toml(papers, server=papers.server_again))
        assert _name_of(victim, context) == "second"
        assert before.ask(pdu(ENQUIRE, sequence=5)).command_status == 0
        # A certificate that can't be used changes nothing.
        broken = Certificate(papers.server.cert, papers.server_again.key)
        victim.reload(toml(papers, server=broken), event="settings.refused")
        assert _name_of(victim, context) == "second"
        assert before.ask(pdu(ENQUIRE, sequence=6)).command_status == 0
        # From here on certificates are asked for: of those who come, not of those who are there.
        victim.reload(toml(papers, server=papers.server, mutual=True))
        assert try_bind(victim, context) is None
        assert before.ask(pdu(ENQUIRE, sequence=7)).command_status == 0
        # An account that asks for a name is another thing: its sessions without one end.
        names = 'certificate_names = ["esme.police.example"]'
        victim.reload(toml(papers, mutual=True, account=names))
        assert before.receive() is None
    assert victim.terminate() == 0


def _name_of(victim: Victim, context: ssl.SSLContext) -> str:
    """Give the CN of the certificate the gateway shows."""
    address = tls_port(victim)
    with (
        socket.create_connection((address.host, address.port), 5) as plain,
        context.wrap_socket(plain, server_hostname=address.host) as encrypted,
    ):
        shown = encrypted.getpeercert()
    assert shown is not None
    return dict(part[0] for part in shown["subject"])["commonName"]  # type: ignore[misc]  # ssl's form
