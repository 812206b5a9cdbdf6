"""Be the form of every table of a configuration file, and the value types their keys share.

A validator that refuses a value raises ValueError with the words of what is allowed: the loader
adds file, line, key and what was seen, and it never repeats a value marked `HIDDEN`.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    PlainValidator,
    ValidationInfo,
)

SHANGHAI: Final = timezone(timedelta(hours=8), "Asia/Shanghai")
"""The contract's clock. China has kept UTC+8 without summer time since 1992."""

HIDDEN: Final = "hidden"
"""Marks, in a field's annotation, a value that is never shown."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """Say, in a field's annotation, what is allowed where a pattern would be hard to read."""

    text: str


ServiceKind = Literal["ordinary", "multimedia", "instant", "smart"]
"""The four kinds of clause 2.1, in the order of their numbers there."""

Service = Literal["ordinary", "instant"]
"""The two kinds that are contracted and have a channel."""


class Section(BaseModel):
    """Be one table: immutable, and every key that is not named is an error.

    Modules that define tables do without `from __future__ import annotations`: pydantic would
    compile each annotation again from its text, 20 ms of every start.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


def table() -> Any:
    """Give the default of a nested table: an empty one, so that its own defaults hold.

    An instance as default would build each table's validator at import, beside the one in its
    parent's: 60 ms of the start.
    """
    return Field(default={}, validate_default=True)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Say where a table is read: the folder of its file and the environment's variables."""

    directory: Path = field(default_factory=Path.cwd)
    environ: Mapping[str, str] = field(default_factory=dict)


def surroundings_of(info: ValidationInfo) -> Surroundings:
    """Give the validation's surroundings, or the working directory and no variables."""
    return info.context if isinstance(info.context, Surroundings) else Surroundings()


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Name where to listen; port 0 is any free one."""

    host: str
    port: int

    def __str__(self) -> str:
        """Give the form of the settings file: `host:port`, an IPv6 address in brackets."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def loopback(self) -> bool:
        """Say whether only this machine can reach it."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


_TIME_FORM: Final = "a date (2026-11-30) or a time (2026-11-30T08:00:00+08:00)"
_ENDPOINT: Final = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9_.-]+)):(\d{1,5})")


def parse_endpoint(value: object) -> Endpoint:
    """Read `host:port` or `[ipv6]:port`.

    Raises ValueError with what is allowed.
    """
    if isinstance(value, Endpoint):
        return value
    match = _ENDPOINT.fullmatch(value) if isinstance(value, str) else None
    if match is None or int(match[3]) > 65535:
        raise ValueError('"host:port" or "[ipv6]:port", port 0 to 65535 (0 is any free one)')
    return Endpoint(match[1] or match[2], int(match[3]))


def parse_target(value: object) -> Endpoint:
    """Read `host:port` or `[ipv6]:port` of somebody to connect to.

    Raises ValueError with what is allowed.
    """
    target = parse_endpoint(value)
    if target.port == 0:
        raise ValueError('"host:port" or "[ipv6]:port", port 1 to 65535')
    return target


def parse_network(value: object) -> str:
    """Read an address or a CIDR network and give it in its canonical form.

    Raises ValueError with what is allowed.
    """
    try:
        if isinstance(value, str):
            return str(ipaddress.ip_network(value))
    except ValueError:
        pass
    raise ValueError('an address or a CIDR network without host bits, such as "10.1.0.0/16"')


def parse_instant(value: object) -> datetime:
    """Read a time with its offset; one without offset and a plain date are Asia/Shanghai.

    Raises ValueError with what is allowed.
    """
    parsed = _date_or_time(value)
    if not isinstance(parsed, datetime):
        parsed = datetime.combine(parsed, time())
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=SHANGHAI)


def parse_end(value: object) -> datetime:
    """Read the first instant after a period: a plain date is counted in, to its 24:00.

    Raises ValueError with what is allowed.
    """
    parsed = _date_or_time(value)
    if not isinstance(parsed, datetime):
        parsed = datetime.combine(parsed + timedelta(days=1), time())
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=SHANGHAI)


def _date_or_time(value: object) -> date:
    if isinstance(value, str):
        value = _from_iso(value)
    if isinstance(value, date):
        return value
    raise ValueError(_TIME_FORM)


def _from_iso(text: str) -> date | None:
    for parse in (date.fromisoformat, datetime.fromisoformat):
        try:
            return parse(text)
        except ValueError:
            continue
    return None


def existing_file(value: object, info: ValidationInfo) -> Path:
    """Read the path of a file that must exist, relative to the folder of the settings file.

    Raises ValueError with what is allowed.
    """
    if isinstance(value, str | Path) and str(value):
        path = surroundings_of(info).directory / value
        if path.is_file():
            return path
    raise ValueError("the path of an existing file")


def data_path(value: object, info: ValidationInfo) -> Path:
    """Read a path that need not exist, relative to the folder of the settings file.

    Raises ValueError with what is allowed.
    """
    if isinstance(value, str | Path) and str(value):
        return surroundings_of(info).directory / value
    raise ValueError("the path of a folder")


def _distinct(values: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(values)) != len(values):
        twice = sorted({value for value in values if values.count(value) > 1})
        raise ValueError(f"each value once; more than once: {', '.join(twice)}")
    return values


Listen = Annotated[
    Endpoint,
    PlainValidator(parse_endpoint),
    PlainSerializer(str),
    Allowed('"host:port" or "[ipv6]:port"'),
]
Target = Annotated[
    Endpoint,
    PlainValidator(parse_target),
    PlainSerializer(str),
    Allowed('"host:port" or "[ipv6]:port"'),
]
Network = Annotated[str, BeforeValidator(parse_network), Allowed("an address or a CIDR network")]
Instant = Annotated[datetime, PlainValidator(parse_instant), Allowed(_TIME_FORM)]
EndInstant = Annotated[datetime, PlainValidator(parse_end), Allowed(_TIME_FORM)]
ExistingFile = Annotated[
    Path, PlainValidator(existing_file), Allowed("the path of an existing file")
]
DataPath = Annotated[Path, PlainValidator(data_path), Allowed("the path of a folder")]
AccessNumber = Annotated[
    str, Field(pattern=r"^[0-9]{3,20}$"), Allowed("a string of 3 to 20 digits")
]
Seconds = Annotated[float, Field(gt=0, le=86400, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=1, le=100_000_000)]
Figure = Annotated[int, Field(ge=0, le=100_000_000)]
Rate = Annotated[float, Field(ge=0, le=10_000_000, allow_inf_nan=False)]
Words = Annotated[tuple[str, ...], AfterValidator(_distinct)]
