"""Open ports, plain and with TLS; say clearly why one can't be opened."""

from __future__ import annotations

import asyncio
import socket
import ssl
import subprocess
from pathlib import Path
from typing import Any

import pytest

from config.settings import Tls
from gateway.load.errors import ConnectError, EsmeError
from gateway.load.esme import Esme
from gateway.server.listener import ListenError, listen, tls_context
from gateway.views import SessionViews
from tests.support.inprocess import NUMBER, TEXT, running, until
from tests.support.programs import require_program


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Make a self-signed certificate for 127.0.0.1."""
    folder = tmp_path_factory.mktemp("tls")
    cert, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        [
            *(require_program("openssl"), "req", "-x509", "-newkey", "ec"),
            *("-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"),
            *("-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"),
            *("-keyout", key, "-out", cert),
        ],
        check=True,
        capture_output=True,
    )
    return cert, key


def tls_settings(certificate: tuple[Path, Path], **changes: Any) -> dict[str, Any]:
    cert, key = certificate
    return {
        "smpp__tls__listen": "127.0.0.1:0",
        "smpp__tls__cert": str(cert),
        "smpp__tls__key": str(key),
        **changes,
    }


async def connect(port: int, trusted: Path, **options: Any) -> Esme:
    context = ssl.create_default_context(cafile=str(trusted))
    for name, value in options.items():
        setattr(context, name, value)
    return await Esme.connect("127.0.0.1", port, tls=context)


async def test_a_whole_session_goes_over_tls(certificate: tuple[Path, Path]) -> None:
    async with running(**tls_settings(certificate)) as gateway:
        port = gateway.gateway._servers[1].sockets[0].getsockname()[1]
        esme = await connect(port, certificate[0])
        await esme.bind("police", "secret08")
        submitted = await esme.submit("19900000000", TEXT, NUMBER)
        assert (await esme.receipt(submitted.message_ids[0])).stat == "DELIVRD"
        views = SessionViews(gateway.gateway.sessions, gateway.gateway.clock, lambda _account: 1)
        assert [view.tls for view in views.all()] == [True]
        assert await esme.unbind() == "unbind_by_us"
        await until(lambda: len(gateway.gateway.sessions) == 0)


async def _bind_over_tls(port: int, trusted: Path) -> None:
    # TLS 1.3 lets a client finish before the server has seen that it has no certificate.
    esme = await connect(port, trusted)
    await esme.bind("police", "secret08")


async def test_old_versions_of_tls_are_refused(certificate: tuple[Path, Path]) -> None:
    settings = tls_settings(certificate, smpp__tls__min_version="1.3")
    async with running(**settings) as gateway:
        port = gateway.gateway._servers[1].sockets[0].getsockname()[1]
        with pytest.raises(ConnectError):
            await connect(port, certificate[0], maximum_version=ssl.TLSVersion.TLSv1_2)
        gateway.mistakes.clear()


async def test_a_client_certificate_may_be_required(certificate: tuple[Path, Path]) -> None:
    settings = tls_settings(certificate, smpp__tls__client_ca=str(certificate[0]))
    async with running(**settings) as gateway:
        port = gateway.gateway._servers[1].sockets[0].getsockname()[1]
        with pytest.raises(EsmeError):
            await _bind_over_tls(port, certificate[0])
        context = ssl.create_default_context(cafile=str(certificate[0]))
        context.load_cert_chain(*certificate)
        esme = await Esme.connect("127.0.0.1", port, tls=context)
        await esme.bind("police", "secret08")
        await esme.unbind()
        gateway.mistakes.clear()


async def test_plain_octets_on_the_tls_port_are_cut(certificate: tuple[Path, Path]) -> None:
    async with running(**tls_settings(certificate)) as gateway:
        port = gateway.gateway._servers[1].sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"\0\0\0\x10\0\0\0\x15\0\0\0\0\0\0\0\1")
        async with asyncio.timeout(5.0):
            answer = await reader.read()
        assert b"\x80\x00\x00\x15" not in answer
        writer.close()
        gateway.mistakes.clear()


def test_there_is_no_tls_without_a_certificate() -> None:
    assert tls_context(Tls()) is None


async def test_an_occupied_port_is_named() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ListenError, match=f"127.0.0.1:{port}: Address already in use"):
            async with running(smpp__listen=f"127.0.0.1:{port}"):
                pass


async def test_an_address_that_is_not_ours_is_named() -> None:
    with pytest.raises(ListenError, match=r"192\.0\.2\.1:0"):
        await listen(_never, "192.0.2.1", 0, 10)


def _never() -> Any:
    raise AssertionError("nobody connects")


async def test_accepted_connections_send_without_delay() -> None:
    async with running() as gateway, await gateway.esme():
        (connection,) = gateway.gateway.sessions
        assert connection._transport is not None
        accepted = connection._transport.get_extra_info("socket")
        assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
