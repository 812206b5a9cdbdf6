"""Answer for the yearly assessments of clause 3.1.15, and take what people say of a year.

The measured inputs come from the traffic and the incidents, under the contract's reading or another
one that the query names; what people enter is recorded with who and why.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, TypeAlias

from starlette.responses import Response

from gateway.api.assessment_shapes import (
    AssessmentList,
    AssessmentQuery,
    AssessmentShown,
    InputsBody,
    OrderBody,
)
from gateway.api.entries import step
from gateway.api.ports import JsonObject, RefusedError
from gateway.api.reading import Reading, reading_of
from gateway.api.route import Call, Route, Shape, iso
from gateway.api.shapes import Problem
from metrics.assessment import DAY_S, YearAssessment, assess_year, years_of
from metrics.assessment_table import as_json, assessment_csv, assessment_xlsx
from metrics.sla import Window, assess
from routing.assessment_events import AssessmentEntered, AssessmentMoved

TAG = "assessments"
AnyCall: TypeAlias = Call[Any, Any]
_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


async def list_assessments(call: Call[AssessmentQuery, None]) -> Response:
    """List the assessments of every contract year that has begun; the last one as of today."""
    reading = await reading_of(call)
    found = await _assessed(call, reading, _years(reading))
    return call.answer({"at": iso(reading.at), "items": [_shown(one) for one in found]})


async def show_assessment(call: Call[AssessmentQuery, None]) -> Response:
    """Show the assessment of a contract year, which is named by its first day.

    With `.json`, `.csv` or `.xlsx` behind the day it comes in that form.
    """
    name, _, form = call.path("year").partition(".")
    if form not in _FORMS:
        known = ", ".join(f".{one}" for one in _FORMS if one)
        raise RefusedError(404, f"form .{form[:20]}: {known} are there")
    return _FORMS[form](call, await _year(call, name))


async def enter_inputs(call: Call[None, InputsBody]) -> Response:
    """Enter the scores of support and satisfaction, or one of them, in place of earlier ones."""
    body, at = call.body, call.context.clock.at()
    name = _named(call, at)
    given = (body.support, body.satisfaction)
    support, satisfaction = (-1 if score is None else score for score in given)
    event = AssessmentEntered(
        at, name, call.by.name, support, satisfaction, body.why, body.reference
    )
    await call.context.registrar.record([event])
    return call.answer(_shown(await _year(call, name)))


async def move_rectification(call: Call[None, OrderBody]) -> Response:
    """Take a step: order, complete, accept, reject, withdraw; 409 for one that doesn't fit.

    Only a year that ended and did not qualify, as the contract is read, may be ordered to be
    rectified.
    """
    body, at = call.body, call.context.clock.at()
    name = _named(call, at)
    deadline = body.deadline or 0.0
    if body.action == "order":
        found = await _year(call, name)
        if found.state != "not_qualified":
            raise RefusedError(
                409, f"assessment {name} is {found.state}: only one that ended and did not qualify "
                "can be ordered to be rectified",
            )  # fmt: skip
        deadline = deadline or at + found.figures.rectify_days * DAY_S
    event = AssessmentMoved(
        at, name, body.action, call.by.name, body.why, body.moment or 0.0, deadline, body.reference
    )
    await call.context.registrar.record([event])
    return call.answer(_shown(await _year(call, name)))


async def _year(call: AnyCall, name: str) -> YearAssessment:
    """Assess the year of a name (RefusedError 404, and as `reading_of`)."""
    reading = await reading_of(call)
    years = _years(reading)
    chosen = [year for year in years if year.first.isoformat() == name]
    if not chosen:
        raise RefusedError(404, _unknown(name, years))
    return (await _assessed(call, reading, chosen))[0]


def _named(call: AnyCall, at: float) -> str:
    """Give the year that the path names, if it has begun (RefusedError 404, 409)."""
    contract, name = call.context.settings.contract, call.path("year")
    if not contract.checked:
        raise RefusedError(409, "the gateway runs without a contract: nothing is measured by one")
    years = list(years_of(contract.service_term(), at))
    if name not in {year.first.isoformat() for year in years}:
        raise RefusedError(404, _unknown(name, years))
    return name


def _unknown(name: str, years: Sequence[Window]) -> str:
    known = ", ".join(year.first.isoformat() for year in years) or "none has begun"
    return f"assessment {name[:40]!r}: a contract year is named by its first day: {known}"


def _years(reading: Reading) -> list[Window]:
    return list(years_of(reading.contract.service_term(), reading.at))


async def _assessed(
    call: AnyCall, reading: Reading, years: Sequence[Window]
) -> list[YearAssessment]:
    """Assess some years in another thread, which takes some time for a long history."""
    office = call.context.registrar.office
    incidents = list(office.incidents.incidents.values())
    entries = [office.assessments.of(year.first.isoformat()) for year in years]

    def all_of() -> list[YearAssessment]:
        return [
            assess_year(
                reading.contract.assessment,
                assess(reading.view, year, reading.at, reading.complaints),
                incidents,
                entry,
                reading.at,
            )
            for year, entry in zip(years, entries, strict=True)
        ]

    return await call.resources.aside.run(all_of)


def _shown(found: YearAssessment) -> JsonObject:
    return {**as_json(found), "history": [step(event) for event in found.entry.history]}


def _as_json(call: AnyCall, found: YearAssessment) -> Response:
    return call.answer(_shown(found))


def _as_csv(call: AnyCall, found: YearAssessment) -> Response:
    return _file(assessment_csv(found).encode(), "text/csv; charset=utf-8", found, "csv")


def _as_xlsx(call: AnyCall, found: YearAssessment) -> Response:
    number = call.context.settings.contract.number
    return _file(assessment_xlsx(found, number), _XLSX, found, "xlsx")


_FORMS: Final[dict[str, Callable[[AnyCall, YearAssessment], Response]]] = {
    "": _as_json,
    "json": _as_json,
    "csv": _as_csv,
    "xlsx": _as_xlsx,
}
"""What stands behind the year's first day → how it is written."""


def _file(content: bytes, media_type: str, found: YearAssessment, ending: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="assessment-{found.name}.{ending}"'}
    return Response(content, media_type=media_type, headers=headers)


_ROOT: Final = "/api/v1/assessments"
_ONE: Final = _ROOT + "/{year}"
_READ = Shape[AssessmentQuery](AssessmentQuery)
_CHANGED = {200: AssessmentShown, 404: Problem, 409: Problem}
ROUTES = (
    Route("GET", _ROOT, list_assessments, "viewer", TAG, "List the yearly assessments",
          {200: AssessmentList, 409: Problem}, query=_READ),
    Route("GET", _ONE, show_assessment, "viewer", TAG, "Show the assessment of a contract year",
          {200: AssessmentShown, 404: Problem, 409: Problem}, query=_READ),
    Route("POST", _ONE + "/inputs", enter_inputs, "operator", TAG,
          "Enter what people say of a contract year", _CHANGED,
          body=Shape[InputsBody](InputsBody)),
    Route("POST", _ONE + "/order", move_rectification, "operator", TAG,
          "Take a step with the rectification of a contract year", _CHANGED,
          body=Shape[OrderBody](OrderBody)),
)  # fmt: skip
