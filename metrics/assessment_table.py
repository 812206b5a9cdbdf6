"""Lay a yearly assessment out as JSON and as tables in Chinese and English."""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction
from typing import Any, Final, Literal, NamedTuple

from config.section import SHANGHAI

from .assessment import INPUTS, MOVES, Fault, Score, YearAssessment
from .sheets import Cell, Sheet, as_csv, as_xlsx, two_digits

Language = Literal["zh", "en"]
_LANGUAGES: Final[dict[Language, int]] = {"zh": 0, "en": 1}
_FONTS: Final[dict[Language, str]] = {"zh": "SimSun", "en": "Arial"}
CSV_COLUMNS: Final = ("year", "input", "weight", "score", "points", "detail", "detail_zh")


class _Word(NamedTuple):
    zh: str
    en: str


_WORDS: Final[dict[str, _Word]] = {
    "sheet": _Word("年度考核", "Assessment"),
    "faults": _Word("故障", "Faults"),
    "title": _Word(
        "乙方服务年度考核表（第3.1.15条）", "Yearly assessment of party B (clause 3.1.15)"
    ),
    "contract": _Word("合同编号", "Contract"),
    "year": _Word("考核周期", "Year"),
    "state": _Word("结论", "Result"),
    "score": _Word("得分", "Score"),
    "pass": _Word("合格分", "Pass score"),
    "rectification": _Word("整改", "Rectification"),
    "deadline": _Word("整改期限", "Deadline"),
    "input": _Word("考核项", "Input"),
    "weight": _Word("权重", "Weight"),
    "points": _Word("加权得分", "Points"),
    "detail": _Word("说明", "Detail"),
    "incident": _Word("事件编号", "Incident"),
    "discovered": _Word("发现时间", "Discovered at"),
    "resolved": _Word("解决时间", "Resolved at"),
    "in_time": _Word("按时解决", "In time"),
    "running": _Word("考核期内", "running"),
    "incomplete": _Word("资料不全", "incomplete"),
    "qualified": _Word("合格", "qualified"),
    "not_qualified": _Word("不合格", "not qualified"),
    "none": _Word("无", "none"),
    "ordered": _Word("已要求整改", "ordered"),
    "completed": _Word("乙方报告完成", "completed"),
    "accepted": _Word("甲方已验收", "accepted"),
    "withdrawn": _Word("已撤回", "withdrawn"),
}


def points_of(found: YearAssessment, one: Score) -> Fraction | None:
    """Give what an input adds to the score, None while it is missing."""
    if one.score is None:
        return None
    return one.weight * one.score / sum(score.weight for score in found.inputs)


def as_json(found: YearAssessment) -> dict[str, Any]:
    """Give the shape of `GET assessments/{year}`; scores are decimal strings, cut off."""
    entry, faults = found.entry, found.faults
    return {
        "year": found.name,
        "last_day": found.year.last.isoformat(),
        "ended": found.ended,
        "state": found.state,
        "score": _digits(found.score),
        "least_score": _digits(found.with_missing(0)),
        "most_score": _digits(found.with_missing(100)),
        "pass_score": found.figures.pass_score,
        "missing": list(found.missing),
        "inputs": [
            {
                "input": one.name,
                "weight": one.weight,
                "score": _digits(one.score),
                "points": _digits(points_of(found, one)),
                "detail": one.detail,
                "detail_zh": one.detail_zh,
            }
            for one in found.inputs
        ],
        "index": found.index.as_json(),
        "faults": [
            {
                "incident": one.incident,
                "discovered_at": _iso(one.discovered_at),
                "resolved_at": _iso(one.resolved_at),
                "in_time": one.in_time,
            }
            for one in faults
        ],
        "rectification": {
            "state": entry.state,
            "actions": list(MOVES[entry.state]),
            "ordered_at": _iso(entry.ordered_at),
            "deadline": _iso(entry.deadline),
            "completed_at": _iso(entry.completed_at),
            "accepted_at": _iso(entry.accepted_at),
            "overdue": entry.overdue(found.at),
        },
    }


def assessment_csv(found: YearAssessment) -> str:
    """Write the inputs as CSV for programs; the last row is the score."""
    rows: list[tuple[Cell, ...]] = [
        (
            found.name, one.name, one.weight, one.score, points_of(found, one),
            one.detail, one.detail_zh,
        )
        for one in found.inputs
    ]  # fmt: skip
    total = sum(one.weight for one in found.inputs)
    rows.append((found.name, "total", total, found.score, found.score, found.state, ""))
    return as_csv(Sheet("assessment", "", CSV_COLUMNS, rows))


def assessment_xlsx(found: YearAssessment, contract: str) -> bytes:
    """Write a workbook that a person can send: inputs and faults, in Chinese and in English.

    `contract` is the contract's number.
    """
    sheets = [
        sheet
        for language in _LANGUAGES
        for sheet in (_inputs(found, contract, language), _faults(found, language))
    ]
    return as_xlsx(f"{contract} {found.name}", sheets, found.at)


def _inputs(found: YearAssessment, contract: str, language: Language) -> Sheet:
    def word(key: str) -> str:
        return _WORDS[key][_LANGUAGES[language]]

    entry = found.entry
    head: list[tuple[str, Cell]] = [
        (word("contract"), contract),
        (word("year"), f"{found.name} – {found.year.last.isoformat()}"),
        (word("state"), word(found.state)),
        (word("score"), _digits(found.score)),
        (word("pass"), str(found.figures.pass_score)),
    ]
    if entry.state != "none":
        head.append((word("rectification"), word(entry.state)))
        head.append((word("deadline"), _minute(entry.deadline)))
    rows = [
        (
            INPUTS[one.name][_LANGUAGES[language]], one.weight, one.score, points_of(found, one),
            one.detail_zh if language == "zh" else one.detail,
        )
        for one in found.inputs
    ]  # fmt: skip
    columns = tuple(word(key) for key in ("input", "weight", "score", "points", "detail"))
    return Sheet(
        word("sheet"), word("title"), columns, rows, tuple(head), font=_FONTS[language]
    )  # fmt: skip


def _faults(found: YearAssessment, language: Language) -> Sheet:
    def word(key: str) -> str:
        return _WORDS[key][_LANGUAGES[language]]

    columns = tuple(word(key) for key in ("incident", "discovered", "resolved", "in_time"))
    rows = [_fault(one) for one in found.faults]
    return Sheet(word("faults"), word("faults"), columns, rows, font=_FONTS[language])


def _fault(one: Fault) -> tuple[int, str, str, bool | None]:
    return one.incident, _minute(one.discovered_at), _minute(one.resolved_at), one.in_time


def _digits(score: Fraction | None) -> str | None:
    return None if score is None else two_digits(score)


def _iso(at: float) -> str | None:
    if not at:
        return None
    return datetime.fromtimestamp(at, SHANGHAI).isoformat(timespec="milliseconds")


def _minute(at: float) -> str:
    return datetime.fromtimestamp(at, SHANGHAI).strftime("%Y-%m-%d %H:%M") if at else ""
