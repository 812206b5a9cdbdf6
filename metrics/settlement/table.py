"""Lay a settlement out for people in Chinese or English, as JSON, and as CSV for programs.

The layout holds plain values and their kinds, so that a terminal shows them as text and a workbook
as numbers. The amounts of the CSV rows add up to what is payable.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date, datetime
from fractions import Fraction
from io import StringIO
from typing import Final, Literal, NamedTuple, TypeAlias

from config.section import SHANGHAI

from .amounts import share_text, split_tax, yuan
from .free_month import FreeMonth
from .settlement import Settlement
from .statement import Statement

Language = Literal["zh", "en"]
Kind = Literal["text", "count", "money", "share"]
Value: TypeAlias = str | int | Fraction
"""Money is in fen."""
Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | bool | None"


class View(NamedTuple):
    """Be a settlement as it is shown: issued or not, with its late fee up to a day."""

    settlement: Settlement
    statement: Statement | None = None
    late_fee_fen: int = 0
    late_fee_on: date | None = None
    """Day up to which the late fee is reckoned, None where it isn't shown."""


class Column(NamedTuple):
    label: str
    kind: Kind


class Entry(NamedTuple):
    """Be one line beside or below the table: a label and its value."""

    label: str
    value: Value
    kind: Kind
    main: bool = False
    """Whether it is what the statement comes to."""


class Layout(NamedTuple):
    """Be a statement ready to be shown in one language."""

    language: Language
    title: str
    head: tuple[Entry, ...]
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]
    total: tuple[Value, ...]
    """The last row of the table: its sums."""
    summary: tuple[Entry, ...]
    notes: tuple[str, ...]
    seals: tuple[str, str]
    """Where party A and party B put their seals."""


_WORDS: Final[dict[str, tuple[str, str]]] = {
    "title": ("行业短信费用结算单", "Settlement of industry SMS fees"),
    "number": ("结算单编号", "Statement"),
    "draft": ("草稿，未出具", "Draft, not issued"),
    "contract": ("合同编号", "Contract"),
    "party_a": ("甲方", "Party A"),
    "party_b": ("乙方", "Party B"),
    "period": ("结算周期", "Settlement period"),
    "to": ("至", "to"),
    "issued_on": ("出具日期", "Issued on"),
    "corrects": ("更正的结算单", "Corrects statement"),
    "reason": ("更正原因", "Reason of the correction"),
    "month": ("月份", "Month"),
    "service": ("业务类型", "Service"),
    "direction": ("方向", "Direction"),
    "successful": ("成功条数", "Successful"),
    "free": ("其中免费条数", "Of these free"),
    "price": ("单价（元）", "Unit price (CNY)"),
    "fee": ("通信费（元）", "Fee (CNY)"),
    "total": ("合计", "Total"),
    "ordinary": ("普通行业短信", "Ordinary"),
    "instant": ("秒达短信", "Instant"),
    "mt": ("下行", "Downlink"),
    "mo": ("上行", "Uplink"),
    "success_fee": ("通信费合计（元，5.2、5.3）", "Communication fee (CNY, 5.2 and 5.3)"),
    "function_fee": ("功能费（元，5.1）", "Function fee (CNY, 5.1)"),
    "success_rate": ("成功率（3.2.4）", "Success rate (3.2.4)"),
    "failure_rate": ("失败率（3.2.4）", "Failure rate (3.2.4)"),
    "complaints": ("连续12个月内投诉（起）", "Complaints in 12 consecutive months"),
    "met": ("服务质量指标", "Quality index"),
    "yes": ("达标", "Met"),
    "no": ("未达标", "Missed"),
    "none": ("无", "n/a"),
    "rebate": ("减免费用（元，3.2.4）", "Rebate (CNY, 3.2.4)"),
    "adjustment": ("往期调整（元）：", "Adjustment (CNY) of "),
    "payable": ("应付金额（元，含税）", "Payable (CNY, tax included)"),
    "credit": ("应退金额（元，含税）", "Credit (CNY, tax included)"),
    "net": ("其中不含税金额（元）", "Of this without tax (CNY)"),
    "vat": ("其中税额（元）", "Of this tax (CNY)"),
    "late_fee": ("逾期违约金（元，7.2），截至", "Late fee (CNY, 7.2) up to "),
    "free_month": ("免费月份（5.2）", "Free month (5.2)"),
    "digest": ("校验值（SHA-256）：", "Digest (SHA-256): "),
    "seal_a": ("甲方（盖章）：", "Party A (seal):"),
    "seal_b": ("乙方（盖章）：", "Party B (seal):"),
    "note_units": (
        "按实际成功收发条数计费，价格均含税（5.5）。",
        "Charged are messages that were successful in fact; prices contain tax (5.5).",
    ),
    "note_rebate": (
        "减免费用＝通信费×本期失败率，四舍五入到分。",
        "The rebate is the communication fee times the failure rate, rounded half up to the fen.",
    ),
}
"""Word → (Chinese, English)."""


def layout(view: View, language: Language) -> Layout:
    """Lay a settlement out in one language."""
    settlement = view.settlement
    word = _words(language)
    lines = settlement.lines
    return Layout(
        language=language,
        title=word["title"],
        head=tuple(_head(view, word)),
        columns=(
            *(Column(word[name], "text") for name in ("month", "service", "direction")),
            *(Column(word[name], "count") for name in ("successful", "free")),
            *(Column(word[name], "money") for name in ("price", "fee")),
        ),
        rows=tuple(
            (
                month_name(line.month), word[line.service], word[line.direction],
                line.successful, line.free, line.price_fen, line.fee_fen,
            )
            for line in lines
        ),
        total=(
            word["total"], "", "",
            sum(line.successful for line in lines), sum(line.free for line in lines),
            "", settlement.success_fee_fen,
        ),
        summary=tuple(_summary(view, word)),
        notes=tuple(_notes(view, word)),
        seals=(word["seal_a"], word["seal_b"]),
    )  # fmt: skip


def text_of(value: Value, kind: Kind) -> str:
    """Write a value as text: 1,212,500 or 37,869.00 or 98.424951%."""
    if isinstance(value, str):
        return value
    if isinstance(value, Fraction) or kind == "share":
        return f"{share_text(Fraction(value) * 100, 6)}%"
    return yuan(value) if kind == "money" else f"{value:,}"


def month_name(month: date) -> str:
    """Name a month by its first day: 2024-06 for a calendar month, otherwise the day itself."""
    return month.isoformat()[:7] if month.day == 1 else month.isoformat()


def _words(language: Language) -> dict[str, str]:
    place = 0 if language == "zh" else 1
    return {name: both[place] for name, both in _WORDS.items()}


def _head(view: View, word: dict[str, str]) -> Iterator[Entry]:
    """Give what stands above the table."""
    period, statement = view.settlement.period, view.statement
    yield Entry(word["number"], statement.number if statement else word["draft"], "text")
    if statement:
        yield Entry(word["contract"], statement.heading.contract, "text")
        yield Entry(word["party_a"], statement.heading.party_a, "text")
        yield Entry(word["party_b"], statement.heading.party_b, "text")
    yield Entry(word["period"], f"{period.first_day} {word['to']} {period.last_day}", "text")
    if statement:
        yield Entry(word["issued_on"], statement.issued_on.isoformat(), "text")
    if statement and statement.corrects:
        yield Entry(word["corrects"], statement.corrects, "text")
        yield Entry(word["reason"], statement.reason, "text")


def _summary(view: View, word: dict[str, str]) -> Iterator[Entry]:
    """Give what stands below the table, in the order in which it is reckoned."""
    settlement = view.settlement
    quality, free = settlement.quality, settlement.free_month
    if free:
        yield Entry(word["free_month"], f"{free.first_day} {word['to']} {free.last_day}", "text")
    yield Entry(word["success_fee"], settlement.success_fee_fen, "money")
    if settlement.function_fee_fen:
        yield Entry(word["function_fee"], settlement.function_fee_fen, "money")
    rate = quality.success_rate
    yield Entry(word["success_rate"], word["none"] if rate is None else rate, "share")
    yield Entry(
        word["failure_rate"], word["none"] if rate is None else quality.failure_rate, "share"
    )
    yield Entry(word["complaints"], quality.complaints, "count")
    yield Entry(word["met"], word["yes" if quality.met else "no"], "text")
    yield Entry(word["rebate"], -settlement.rebate_fen, "money")
    for one in settlement.adjustments:
        label = f"{word['adjustment']}{one.period} {one.reason}".rstrip()
        yield Entry(label, one.amount_fen, "money")
    payable_fen = settlement.payable_fen
    tax = split_tax(abs(payable_fen), settlement.vat_rate)
    label = word["payable" if payable_fen >= 0 else "credit"]
    yield Entry(label, abs(payable_fen), "money", main=True)
    yield Entry(word["net"], tax.net_fen, "money")
    yield Entry(word["vat"], tax.vat_fen, "money")
    if view.late_fee_on is not None:
        yield Entry(f"{word['late_fee']}{view.late_fee_on}", view.late_fee_fen, "money")


def _notes(view: View, word: dict[str, str]) -> Iterator[str]:
    """Give what explains the reckoning, and what shows a change to an issued statement."""
    yield word["note_units"]
    yield word["note_rebate"]
    if view.statement:
        yield f"{word['digest']}{view.statement.digest}"


def as_json(view: View) -> dict[str, Json]:
    """Give a settlement as plain values; money is integer fen, rates are never rounded up."""
    settlement, statement = view.settlement, view.statement
    quality, period = settlement.quality, settlement.period
    rate = quality.success_rate
    tax = split_tax(settlement.payable_fen, settlement.vat_rate)
    return {
        "period": period.name,
        "last_day": period.last_day.isoformat(),
        "months": [_month_json(settlement, month) for month in period.months],
        "success_fee_fen": settlement.success_fee_fen,
        "function_fee_fen": settlement.function_fee_fen,
        "quality": {
            "ok": quality.ok,
            "failures": quality.failures,
            "base": quality.base,
            "success_rate": None if rate is None else share_text(rate),
            "failure_rate": None if rate is None else share_text(quality.failure_rate),
            "complaints": quality.complaints,
            "limbs": {"rate": quality.rate_met, "complaints": quality.complaints_met},
            "met": quality.met,
        },
        "rebate_fen": settlement.rebate_fen,
        "adjustments": [
            {
                "period": one.period.isoformat(),
                "successful": one.successful,
                "fee_fen": one.fee_fen,
                "rebate_fen": one.rebate_fen,
                "reason": one.reason,
            }
            for one in settlement.adjustments
        ],
        "adjustment_fen": settlement.adjustment_fen,
        "payable_fen": settlement.payable_fen,
        "net_fen": tax.net_fen,
        "vat_fen": tax.vat_fen,
        "late_fee_fen": view.late_fee_fen,
        "free_month": _free_json(settlement.free_month),
        "issued": _issued_json(statement),
    }


def _free_json(free: FreeMonth | None) -> Json:
    if free is None:
        return None
    return {"from": free.first_day.isoformat(), "to": free.last_day.isoformat()}


def _month_json(settlement: Settlement, month: date) -> dict[str, Json]:
    return {
        "month": month_name(month),
        "fee_fen": settlement.month_fee_fen(month),
        "lines": [
            {
                "service": line.service,
                "direction": line.direction,
                "successful": line.successful,
                "free": line.free,
                "price_fen": line.price_fen,
                "fee_fen": line.fee_fen,
            }
            for line in settlement.lines
            if line.month == month
        ],
    }


def _issued_json(statement: Statement | None) -> Json:
    if statement is None:
        return None
    at = datetime.fromtimestamp(statement.issued_at, SHANGHAI)
    return {
        "number": statement.number,
        "at": at.isoformat(timespec="seconds"),
        "corrects": statement.corrects or None,
        "reason": statement.reason or None,
        "digest": statement.digest,
    }


CSV_COLUMNS: Final = (
    "period", "item", "month", "service", "direction", "successful", "free", "price_fen",
    "amount_fen",
)  # fmt: skip
"""Items are fee, function_fee, rebate and adjustment; an adjustment's period is the earlier one."""


def as_csv(settlement: Settlement) -> str:
    """Write a settlement as CSV with a line of field names; `amount_fen` adds up to the payable."""
    name = settlement.period.name
    text = StringIO()
    rows = csv.writer(text)
    rows.writerow(CSV_COLUMNS)
    for line in settlement.lines:
        rows.writerow((
            name, "fee", month_name(line.month), line.service, line.direction, line.successful,
            line.free, line.price_fen, line.fee_fen,
        ))  # fmt: skip
    blank = ("",) * 3
    rows.writerow((name, "function_fee", *blank, "", "", "", settlement.function_fee_fen))
    rows.writerow((name, "rebate", *blank, "", "", "", -settlement.rebate_fen))
    for one in settlement.adjustments:
        rows.writerow((
            one.period, "adjustment", *blank, one.successful, "", "", one.amount_fen,
        ))  # fmt: skip
    return text.getvalue()
