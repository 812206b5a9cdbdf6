"""Show the quality index and the settlements of a running gateway, under any reading."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from cyclopts import Parameter

from .exits import CommandError, Exit
from .output import write_fields, write_json, write_table
from .remote import THIS_MACHINE, Gateway, call
from .saving import save

READINGS: Final[tuple[tuple[str, str], ...]] = (
    ("sla.logic", "and"),
    ("sla.logic", "rate_only"),
    ("sla.logic", "complaints_only"),
    ("sla.rate_window", "month"),
    ("sla.rate_window", "trailing12"),
    ("sla.base", "accepted"),
    ("sla.base", "attempts"),
    ("sla.failures", "all"),
    ("sla.directions", "mt"),
    ("sla.complaint_filter", "all"),
    ("sla.complaint_window", "worst"),
)
"""Other readings of the contract's open wording, set beside its own by `what-if`."""
_ROWS: Final = ("ok", "carrier", "exempt", "ported", "party_a", "force_majeure", "pending")
_WHAT_IF_COLUMNS: Final = ("reading", "base", "success_rate", "failure_rate", "complaints", "met")
_BEHIND_COLUMNS: Final = (
    "id", "class", "day", "segments", "submitted", "recipient", "state", "error",
)  # fmt: skip
_PAGE: Final = 500
_PERIOD_COLUMNS: Final = ("period", "last_day", "success_fee", "rebate", "payable", "met")
_MONTH_COLUMNS: Final = ("month", "service", "direction", "successful", "free", "fee")

Window = Annotated[
    Literal["month", "period", "year", "trailing12"],
    Parameter(name="--window", help="Window that holds today."),
]
First = Annotated[str | None, Parameter(name="--from", help="First day, instead of a window.")]
Last = Annotated[str | None, Parameter(name="--to", help="Last day, counted in.")]
Account = Annotated[str, Parameter(name="--account", help="Only of this account.")]
Reading = Annotated[
    list[str] | None,
    Parameter(name="--reading", help="Another reading, KEY=VALUE; may be repeated."),
]
Json = Annotated[bool, Parameter(name="--json", help="Print the answer as JSON.")]


def sla(
    mode: Annotated[
        Literal["", "what-if", "messages"],
        Parameter(
            name="MODE",
            help="what-if: every reading, side by side; messages: those behind one figure.",
        ),
    ] = "",
    /,
    *,
    window: Window = "period",
    first: First = None,
    last: Last = None,
    account: Account = "",
    reading: Reading = None,
    wanted: Annotated[
        Literal["ok", "carrier", "exempt", "ported", "party_a", "force_majeure", "pending"],
        Parameter(name="--class", help="messages: those of which figure."),
    ] = "carrier",
    limit: Annotated[int, Parameter(help="messages: most to list; 0 is all.")] = 50,
    json: Json = False,
    gateway: Gateway = THIS_MACHINE,
) -> int:
    """Show the quality index; exit code 1 where it is missed."""
    query = _query(window, first, last, account) | read_readings(reading)
    if mode == "messages":
        return _messages(gateway, query | {"class": wanted}, limit, json)
    if mode:
        return _what_if(gateway, query, json)
    answer = call(gateway, "GET", "sla", query=query)
    if json:
        write_json(answer)
    else:
        _write(answer)
    return Exit.OK if answer["met"] else Exit.FAILED


def _what_if(gateway: Gateway, query: dict[str, str | int], json: bool) -> int:
    rows = [{"reading": "the contract's", **call(gateway, "GET", "sla", query=query)}]
    for key, value in READINGS:
        read = call(gateway, "GET", "sla", query=query | {f"interpretation.{key}": value})
        rows.append({"reading": f"{key} = {value}", **read})
    if json:
        write_json({"items": rows})
    else:
        write_table(rows, _WHAT_IF_COLUMNS)
    return Exit.OK


def _messages(gateway: Gateway, query: dict[str, str | int], limit: int, json: bool) -> int:
    """List the messages behind a figure, a page at a time; as JSON one on each line."""
    left, cursor = limit or sys.maxsize, ""
    while left > 0:
        asked = {**query, "limit": min(left, _PAGE), "cursor": cursor}
        page = call(gateway, "GET", "sla/messages", query=asked)
        left -= len(page["items"])
        if json:
            for one in page["items"]:
                write_json(one)
        elif page["items"]:
            write_table([_behind_row(one) for one in page["items"]], _BEHIND_COLUMNS)
        cursor = page["next"]
        if not cursor:
            break
    return Exit.OK


def _behind_row(one: dict[str, Any]) -> dict[str, object]:
    message = one["message"] or {}
    return {**message, **one, "submitted": message.get("submitted_at")}


def settlement(
    *,
    period: Annotated[str, Parameter(help="First day of a period; a list of all if none.")] = "",
    form: Annotated[
        Literal["table", "json", "csv", "xlsx"],
        Parameter(name="--format", help="How it is written; csv and xlsx need a period."),
    ] = "table",
    out: Annotated[
        Path | None, Parameter(help="File to write to; standard output if none.")
    ] = None,
    reading: Reading = None,
    json: Json = False,
    gateway: Gateway = THIS_MACHINE,
) -> int:
    """Show settlements: all periods, or one; money in CNY."""
    query = read_readings(reading)
    if form in ("csv", "xlsx") or out is not None:
        return _save(gateway, period, query, "json" if form == "table" else form, out)
    path = f"settlements/{period}" if period else "settlements"
    answer = call(gateway, "GET", path, query=query)
    if json or form == "json":
        write_json(answer)
    elif period:
        _write_period(answer)
    else:
        write_table([_period_row(one) for one in answer["items"]], _PERIOD_COLUMNS)
    return Exit.OK


def _save(
    gateway: Gateway, period: str, query: dict[str, str | int], form: str, out: Path | None
) -> int:
    """Write one period as a file (CommandError)."""
    if not period:
        raise CommandError(Exit.USAGE, f"--format {form}: needs --period, its first day")
    return save(gateway, f"settlements/{period}", query, form, out)


def _query(window: str, first: str | None, last: str | None, account: str) -> dict[str, str | int]:
    query: dict[str, str | int] = {"window": window}
    given = {"from": first, "to": last, "account": account}
    return query | {key: value for key, value in given.items() if value}


def read_readings(readings: list[str] | None) -> dict[str, str | int]:
    """Give readings as query parameters (CommandError for one that isn't KEY=VALUE)."""
    query: dict[str, str | int] = {}
    for text in readings or ():
        key, equals, value = text.partition("=")
        if not equals:
            raise CommandError(Exit.USAGE, f"--reading {text}: KEY=VALUE, such as sla.logic=and")
        query[f"interpretation.{key}"] = value
    return query


def _write(answer: dict[str, Any]) -> None:
    measured = answer["rate_measured"]
    write_fields(
        {
            "days": f"{answer['from']} to {answer['to']}",
            "met": answer["met"],
            "success rate": f"{measured['success_rate']} (objective {answer['objective']})",
            "complaints": f"{answer['complaints']} (at most {answer['complaints_allowed']})",
            "base": answer["base"],
        }
    )
    columns = ("class", "all", "mt", "mo")
    directions = answer["directions"]
    write_table(
        [
            {"class": name, "all": answer[name], **{d: directions[d][name] for d in directions}}
            for name in _ROWS
        ],
        columns,
    )


def _write_period(answer: dict[str, Any]) -> None:
    write_fields({
        "period": f"{answer['period']} to {answer['last_day']}",
        "success fee": _yuan(answer["success_fee_fen"]),
        "rebate": _yuan(answer["rebate_fen"]),
        "payable": _yuan(answer["payable_fen"]),
        "of which tax": _yuan(answer["vat_fen"]),
        "index met": answer["quality"]["met"],
        "issued": (answer["issued"] or {}).get("number"),
    })  # fmt: skip
    lines = [
        {**line, "month": month["month"], "fee": _yuan(line["fee_fen"])}
        for month in answer["months"]
        for line in month["lines"]
    ]
    write_table(lines, _MONTH_COLUMNS)


def _period_row(one: dict[str, Any]) -> dict[str, object]:
    return {
        "period": one["period"],
        "last_day": one["last_day"],
        "success_fee": _yuan(one["success_fee_fen"]),
        "rebate": _yuan(one["rebate_fen"]),
        "payable": _yuan(one["payable_fen"]),
        "met": one["quality"]["met"],
    }


def _yuan(fen: int) -> str:
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100}.{abs(fen) % 100:02}"
