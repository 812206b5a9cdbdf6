"""Give the shapes of what is asked and answered about the quality index and settlements.

There is no `from __future__ import annotations` here: pydantic would compile each annotation
again.
"""

from datetime import date
from typing import Annotated, Any, Literal, TypedDict

from pydantic import ConfigDict, Field

from .bodies import Asked
from .office_shapes import Account


class ReadQuery(Asked):
    """How to read the contract: `interpretation.KEY=VALUE` for any key, such as sla.logic."""

    model_config = ConfigDict(extra="allow", frozen=True, populate_by_name=True, defer_build=True)

    account: Annotated[Account, Field(description="only of this account; all if empty")] = ""
    service: Annotated[
        Literal["", "ordinary", "instant"], Field(description="only of this service")
    ] = ""


class SlaQuery(ReadQuery):
    """Which days: from and to, both counted in, or a window that holds today."""

    first: Annotated[date | None, Field(alias="from", description="first day")] = None
    last: Annotated[date | None, Field(alias="to", description="last day")] = None
    window: Annotated[
        Literal["month", "period", "year", "trailing12"],
        Field(description="window that holds today, where from and to aren't given"),
    ] = "period"


class BehindQuery(SlaQuery):
    """Which messages behind which figure."""

    wanted: Annotated[
        Literal["ok", "carrier", "exempt", "ported", "party_a", "force_majeure", "pending"],
        Field(alias="class", description="class of the messages, as in the answer of /sla"),
    ]
    limit: Annotated[int, Field(ge=1, le=1000, description="messages per page")] = 50
    cursor: Annotated[str, Field(max_length=90, description="`next` of the page before")] = ""


BehindItem = TypedDict(
    "BehindItem",
    {"id": str, "class": str, "day": str, "segments": int, "message": dict[str, Any] | None},
)
"""One message behind a figure, and the day it counts on; `message` is null once it is kept no more.
"""


class BehindShown(TypedDict):
    """Messages behind a figure; a page may be short, the last one has no `next`."""

    items: list[BehindItem]
    next: str | None
    segments: int


class SlaShown(TypedDict):
    """The quality index of some days; counts are segments, rates cut off decimals."""

    account: str | None
    service: str | None
    ok: int
    carrier: int
    exempt: int
    ported: int
    party_a: int
    force_majeure: int
    pending: int
    base: int
    success_rate: str
    failure_rate: str
    objective: str
    complaints: int
    limbs: dict[str, bool]
    rate_measured: dict[str, str]
    logic: str
    met: bool
    directions: dict[str, dict[str, int]]
    messages: dict[str, int]


class WindowsShown(TypedDict):
    """The quality index of the windows that hold today, by name."""

    at: str
    windows: dict[str, dict[str, Any]]


class MonthShown(TypedDict):
    """One month of a settlement, by service and direction."""

    month: str
    fee_fen: int
    lines: list[dict[str, Any]]


class SettlementShown(TypedDict):
    """One settlement period; money is integer fen, tax included."""

    period: str
    last_day: str
    months: list[MonthShown]
    success_fee_fen: int
    function_fee_fen: int
    quality: dict[str, Any]
    rebate_fen: int
    adjustment_fen: int
    payable_fen: int
    net_fen: int
    vat_fen: int
    late_fee_fen: int
    free_month: dict[str, str] | None
    issued: dict[str, Any] | None


class SettlementList(TypedDict):
    """Every period that has begun, the earliest first."""

    at: str
    items: list[SettlementShown]
