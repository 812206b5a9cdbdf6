"""Load a day's traffic: what a sender sends, when, and what citizens reply."""

import tomllib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from .shipped import DATA

Weight = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Hours(_Table):
    """Weigh the 24 hours of a day, Asia/Shanghai."""

    any: Annotated[tuple[Weight, ...], Field(min_length=24, max_length=24)]
    """For instant messages, which can't wait."""
    office: Annotated[tuple[Weight, ...], Field(min_length=24, max_length=24)]
    """For all others."""


class Days(_Table):
    """Weigh the days of the week, Monday first."""

    weights: Annotated[tuple[Weight, ...], Field(min_length=7, max_length=7)]


class TextRow(_Table):
    """Name texts of a category, without signature, with their share in a thousand messages."""

    category: str
    service: Literal["instant", "ordinary"]
    share: Annotated[int, Field(ge=1, le=1000)]
    texts: Annotated[tuple[str, ...], Field(min_length=1)]


class UplinkTable(_Table):
    """Say how many of a hundred thousand messages are answered with a text."""

    replies: dict[str, Annotated[int, Field(ge=0, le=100_000)]] = {}


class DayOfTraffic(_Table):
    """Hold the whole file."""

    hours: Hours
    days: Days
    texts: Annotated[tuple[TextRow, ...], Field(min_length=1)]
    uplink: UplinkTable = UplinkTable()


def load_day(path: Path | None = None) -> DayOfTraffic:
    """Read a day of traffic from a file, or the shipped one.

    Raises OSError, tomllib.TOMLDecodeError or pydantic.ValidationError.
    """
    source = DATA / "traffic" / "police.toml" if path is None else path
    return DayOfTraffic.model_validate(tomllib.loads(source.read_text(encoding="utf-8")))
