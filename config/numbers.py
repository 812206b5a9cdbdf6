"""Load the mainland number plan: which leading digits were allotted to which carrier.

The shipped table is `data/numbers.toml`; another file of the same form can take its place.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, field_validator

from .shipped import DATA


class CarrierSegments(BaseModel):
    """Hold one carrier's prefixes by kind; a prefix is digits or a range such as `150-152`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str
    title_zh: str
    cellular: tuple[str, ...] = ()
    satellite: tuple[str, ...] = ()
    iot: tuple[str, ...] = ()
    mvno: tuple[str, ...] = ()

    @field_validator("cellular", "satellite", "iot", "mvno")
    @classmethod
    def _expand(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(prefix for value in values for prefix in expand_prefix(value))


class NumberPlanTable(BaseModel):
    """Hold the whole plan; every further key of the file is a carrier's name."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    country_code: str = Field(pattern=r"^[1-9]\d{0,2}$")
    digits: int = Field(ge=5, le=15)
    carriers: dict[str, CarrierSegments]


def expand_prefix(text: str) -> list[str]:
    """Give the prefixes that `150-152` (or a single `150`) stands for.

    Raises ValueError unless both ends are 3 to 5 digits, of equal length and in order.
    """
    first, dash, last = text.partition("-")
    last = last if dash else first
    ordered = len(first) == len(last) and first <= last
    digits = (first + last).isascii() and (first + last).isdigit()
    if not (ordered and digits and 3 <= len(first) <= 5):
        raise ValueError(f"prefix {text!r}: 3 to 5 digits, or a range such as 150-152")
    return [str(number) for number in range(int(first), int(last) + 1)]


def load_number_plan(path: Path | None = None) -> NumberPlanTable:
    """Read the number plan from a file, or the shipped one.

    Raises OSError, tomllib.TOMLDecodeError or pydantic.ValidationError.
    """
    source = DATA / "numbers.toml" if path is None else path
    table = tomllib.loads(source.read_text(encoding="utf-8"))
    plan = {key: table.pop(key) for key in ("country_code", "digits") if key in table}
    return NumberPlanTable.model_validate({**plan, "carriers": table})
