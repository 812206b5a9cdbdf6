"""Ask for the clock of a running gateway, and move that of one started for simulation."""

from __future__ import annotations

import re
from typing import Annotated, Final

from cyclopts import Parameter

from .exits import CommandError, Exit
from .output import write_fields, write_json
from .remote import THIS_MACHINE, Gateway, call

_UNITS: Final = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_DURATION: Final = re.compile(r"(\d+(?:\.\d+)?)([smhd])")
Json = Annotated[bool, Parameter(help="Print the answer as JSON.")]


def now(*, json: Json = False, gateway: Gateway = THIS_MACHINE) -> int:
    """Show the business time that the gateway goes by."""
    return _show(call(gateway, "GET", "clock"), json)


def advance(
    by: Annotated[str, Parameter(name="BY", help="How far: 45s, 30m, 12h, 90d, 1d12h.")] = "",
    /,
    *,
    to: Annotated[str, Parameter(help="Until when instead, ISO 8601.")] = "",
    json: Json = False,
    gateway: Gateway = THIS_MACHINE,
) -> int:
    """Put a simulated clock forward."""
    if bool(by) == bool(to):
        raise CommandError(Exit.USAGE, "either how far (90d) or --to (2026-12-01)")
    body: dict[str, object] = {"to": to} if to else {"advance_s": seconds_of(by)}
    return _show(call(gateway, "POST", "clock", body=body), json)


def scale(
    factor: Annotated[float, Parameter(name="FACTOR", help="Simulated seconds in a real one.")],
    /,
    *,
    json: Json = False,
    gateway: Gateway = THIS_MACHINE,
) -> int:
    """Let a simulated clock run at another pace; 0 stops it."""
    return _show(call(gateway, "POST", "clock", body={"scale": factor}), json)


def seconds_of(text: str) -> float:
    """Read a duration such as 1d12h. Raises CommandError (2)."""
    parts = _DURATION.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise CommandError(Exit.USAGE, f"{text!r}: numbers with s, m, h or d, such as 90d or 1d12h")
    return sum(float(number) * _UNITS[unit] for number, unit in parts)


def _show(answer: dict[str, object], json: bool) -> int:
    if json:
        write_json(answer)
    else:
        write_fields(answer)
    return Exit.OK
