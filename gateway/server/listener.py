"""Accept connections, plain and encrypted, within the limits.

A connection over the limits is closed before a byte is read. Where no file descriptor is left,
accepting pauses for a second (descriptors.py); the sessions that exist are not touched.
"""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
from collections.abc import Callable

from config.settings import Tls
from gateway.descriptors import ACCEPTED_AT_ONCE, open_doorway

from .connection import Connection
from .tls import TlsListener, TlsParts


class ListenError(OSError):
    """Report an address that can't be listened on, with what to do about it."""


async def listen(
    make: Callable[[], Connection], host: str, port: int, backlog: int
) -> asyncio.Server:
    """Open one listening address, without encryption.

    Raises ListenError naming address and cause (port in use, no such address, no right).
    """
    loop = asyncio.get_running_loop()
    listening = _listening(host, port, backlog, "--smpp")
    return await loop.create_server(make, sock=listening, backlog=ACCEPTED_AT_ONCE)


def listen_tls(
    parts: TlsParts, host: str, port: int, backlog: int, context: ssl.SSLContext
) -> TlsListener:
    """Open one listening address for encrypted connections.

    Raises ListenError naming address and cause.
    """
    return TlsListener(_listening(host, port, backlog, "smpp.tls.listen"), context, parts)


def _listening(host: str, port: int, backlog: int, option: str) -> socket.socket:
    try:
        return open_doorway(host, port, backlog, asyncio.get_running_loop().time)
    except OSError as error:
        raise unlistenable(error, host, port, option) from error


def unlistenable(error: OSError, host: str, port: int, option: str) -> ListenError:
    """Name address and cause, and the option that sets another address."""
    # The numbers of name resolution are below 0 and have words of their own.
    number = error.errno or 0
    cause = os.strerror(number) if number > 0 else error.strerror or str(error)
    return ListenError(
        error.errno,
        f"{host}:{port}: {cause}; "
        f"is another gateway running? Choose another port with {option}, or 0 for any free one",
    )


def tls_context(settings: Tls) -> ssl.SSLContext | None:
    """Build the server's TLS context; None when no certificate is set.

    Raises OSError or ssl.SSLError for files that can't be used.
    """
    if settings.cert is None or settings.key is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = (
        ssl.TLSVersion.TLSv1_3 if settings.min_version == "1.3" else ssl.TLSVersion.TLSv1_2
    )
    try:
        context.load_cert_chain(settings.cert, settings.key)
    except ssl.SSLError as error:
        files = f"smpp.tls: {settings.cert}, {settings.key}"
        detail = (
            f"{files}: {error.strerror or error}; a certificate chain and its key, PEM, allowed"
        )
        raise ssl.SSLError(error.errno, detail) from error
    if settings.client_ca is not None:
        context.load_verify_locations(settings.client_ca)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def port_of(server: asyncio.Server | TlsListener) -> int:
    """Give the port a server listens on."""
    port: int = server.sockets[0].getsockname()[1]
    return port
