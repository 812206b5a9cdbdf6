"""Answer with reports of the registers, in every form, and with the proof of a user's consent.

What a caller may not see is masked before a report is laid out, so that every form shows the same.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple, TypeAlias, cast

from starlette.responses import Response

from gateway.api.entries import account_of, entry_at
from gateway.api.ports import JsonObject, RefusedError
from gateway.api.report_shapes import ProofShown, ReportKinds, ReportQuery, ReportShown
from gateway.api.route import Call, Route, Shape, answer, iso
from gateway.api.shapes import Problem
from metrics.proof_pack import as_zip, pack_of
from metrics.reports import REPORTS, Report, Rows, Source, rows_of
from metrics.sheets import TooManyRowsError, as_csv, as_xlsx
from metrics.sla import Window

TAG = "reports"
AnyCall: TypeAlias = Call[Any, Any]
MOST_MESSAGES: Final = 1000
"""Messages to one number that a proof lists; the latest ones."""
_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class _Made(NamedTuple):
    """Be a report ready to be written: its rows are masked where they have to be."""

    name: str
    report: Report
    rows: Rows
    at: float


async def list_reports(call: Call[None, None]) -> Response:
    """List the reports that there are, with their columns."""
    return call.answer({"items": [_kind(name, report) for name, report in REPORTS.items()]})


async def show_report(call: Call[ReportQuery, None]) -> Response:
    """Show a report; with `.json`, `.csv` or `.xlsx` behind its name it comes in that form."""
    name, _, form = call.path("report").partition(".")
    if name not in REPORTS:
        raise RefusedError(404, f"report {name[:40]!r}: one of {', '.join(REPORTS)} is there")
    if form not in _FORMS:
        known = ", ".join(f".{one}" for one in _FORMS if one)
        raise RefusedError(404, f"form .{form[:20]}: {known} are there")
    made = _made(call, name)
    try:
        return await call.resources.aside.run(lambda: _FORMS[form](made))
    except TooManyRowsError as error:
        raise RefusedError(422, f"{error}: narrow it by from and to, or take .csv") from error


def _made(call: Call[ReportQuery, None], name: str) -> _Made:
    """Make a report's rows (RefusedError 422)."""
    context, query = call.context, call.query
    account = account_of(context, query.account) if query.account else ""
    first, last = query.first, query.last
    try:
        if first is not None and last is not None:
            Window(first, last)
    except ValueError as error:
        raise RefusedError(422, f"query parameter to: {error}") from error
    registrar, at = context.registrar, context.clock.at()
    rows = rows_of(
        REPORTS[name],
        Source(registrar.office, registrar.registries, at),
        account,
        Window(first, first).starts_at if first else 0.0,
        Window(last, last).ends_at if last else 0.0,
    )
    return _Made(name, REPORTS[name], cast("Rows", _masked(call, rows)), at)


def _masked(call: AnyCall, content: object) -> object:
    unmasked = call.caller is None or call.caller.sees_all
    return content if unmasked else call.resources.masker.mask(content)


def _kind(name: str, report: Report) -> JsonObject:
    columns = [column._asdict() for column in report.columns]
    titles = {"clause": report.clause, "en": report.en, "zh": report.zh}
    return {"report": name, **titles, "columns": columns}


def _as_json(made: _Made) -> Response:
    content = {**_kind(made.name, made.report), "at": iso(made.at), "rows": made.rows}
    return answer(content)


def _as_csv(made: _Made) -> Response:
    columns = tuple(one.key for one in made.report.columns)
    sheet = made.report.sheet("en", made.rows)._replace(columns=columns)
    return _file(as_csv(sheet).encode(), "text/csv; charset=utf-8", f"{made.name}.csv")


def _as_xlsx(made: _Made) -> Response:
    sheets = [made.report.sheet("zh", made.rows), made.report.sheet("en", made.rows)]
    return _file(as_xlsx(made.report.en, sheets, made.at), _XLSX, f"{made.name}.xlsx")


_FORMS: Final[dict[str, Callable[[_Made], Response]]] = {
    "": _as_json,
    "json": _as_json,
    "csv": _as_csv,
    "xlsx": _as_xlsx,
}
"""What stands behind a report's name → how it is written."""


async def show_proof(call: Call[None, None]) -> Response:
    """Give the proof of a user's consent for a complaint: consents then, refusals, messages.

    With `.zip` behind the complaint's number it comes as one file with SHA-256 sums.
    """
    number, _, form = call.path("number").partition(".")
    if form not in ("", "json", "zip"):
        raise RefusedError(404, f"form .{form[:20]}: .json, .zip are there")
    context = call.context
    complaint = entry_at(context.registrar.office.complaints.complaints, number, "complaint")
    about = None
    if complaint.message_id:
        about = await context.messages.get(str(complaint.message_id))
    messages: list[JsonObject] = []
    more = False
    if complaint.recipient:
        query = f"to:{complaint.recipient} is:mt is:accepted account:{complaint.account}"
        page = await context.messages.find(query, limit=MOST_MESSAGES, cursor=None)
        messages, more = page.items, page.next is not None
    pack = pack_of(
        complaint,
        context.registrar.registries,
        context.settings.contract.consent,
        messages,
        about,
        context.clock.at(),
    )
    shown = cast("dict[str, Any]", _masked(call, {**pack, "more_messages": more}))
    if form == "zip":
        name = f"consent-proof-{complaint.number}.zip"
        return _file(as_zip(shown), "application/zip", name)
    return answer(shown)


def _file(content: bytes, media_type: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=media_type, headers=headers)


_ROOT: Final = "/api/v1/reports"
ROUTES = (
    Route("GET", _ROOT, list_reports, "viewer", TAG, "List the reports", {200: ReportKinds}),
    Route("GET", _ROOT + "/consent-proof/{number}", show_proof, "viewer", TAG,
          "Show the proof of consent for a complaint", {200: ProofShown, 404: Problem}),
    Route("GET", _ROOT + "/{report}", show_report, "viewer", TAG, "Show a report",
          {200: ReportShown, 404: Problem}, query=Shape[ReportQuery](ReportQuery)),
)  # fmt: skip
