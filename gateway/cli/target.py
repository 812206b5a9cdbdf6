"""Read where a message centre is: HOST:PORT."""

from __future__ import annotations

from config.section import parse_endpoint

from .exits import CommandError, Exit


def parse_target(text: str) -> tuple[str, int]:
    """Give host and port of `host:port` or `[ipv6]:port`.

    Raises CommandError (2).
    """
    try:
        endpoint = parse_endpoint(text)
    except ValueError as error:
        raise CommandError(Exit.USAGE, f"--target: {text!r} seen, {error} allowed") from error
    if not endpoint.port:
        raise CommandError(Exit.USAGE, f"--target: {text!r} seen, a port of 1 to 65535 allowed")
    return endpoint.host, endpoint.port
