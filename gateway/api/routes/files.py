"""Take complaints and templates in as CSV files, and give templates out as one.

A file is taken whole or not at all unless `partial` is given. All its rows are checked before the
first is recorded, and are recorded together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias

from msgspec.structs import replace
from starlette.responses import Response

from gateway.api.entries import account_of, demand_ports, message_of
from gateway.api.entry_file_shapes import EntriesTaken, TemplateRow
from gateway.api.entry_files import EntryFile, Row, bad_file, shown_problems
from gateway.api.office_shapes import ComplaintBody
from gateway.api.ports import RefusedError
from gateway.api.registry_files import MEDIA_TYPE, csv_response, text_of
from gateway.api.registry_shapes import BadFile, ImportQuery
from gateway.api.route import Call, Route, Shape, moment
from gateway.api.shapes import Problem
from metrics.entries import EntryError
from routing.event import Event
from routing.office_events import ComplaintReceived
from routing.template_events import TemplateDecided, TemplateDrafted, TemplateSubmitted
from routing.template_registry import TemplateError, TemplateRegistry
from routing.templates import ApprovedTemplate, pattern_of

AnyCall: TypeAlias = Call[Any, Any]
TEMPLATE_COLUMNS = tuple(TemplateRow.model_fields)


async def import_complaints(call: Call[ImportQuery, None]) -> Response:
    """Take complaints in, one a row with the fields of `POST complaints`."""
    file = EntryFile(ComplaintBody, frozenset({"ports"}))
    rows = file.read(await text_of(call))
    found: list[ComplaintReceived] = []
    register = call.context.registrar.office.complaints
    for row in rows:
        try:
            event = await _complaint(call, row.body)
            register.check(event)
        except (RefusedError, EntryError) as error:
            file.refuse_for(row.line, error)
            continue
        found.append(event)
    first = len(register.complaints) + 1
    numbered = (replace(event, complaint=first + place) for place, event in enumerate(found))
    return await _taken(call, file, numbered, len(found))


async def _complaint(call: Call[ImportQuery, None], body: ComplaintBody) -> ComplaintReceived:
    """Make the event of a row, with the number that the next complaint has.

    Raises RefusedError.
    """
    context = call.context
    register = context.registrar.office.complaints
    channels = register.figures.channels
    if body.channel not in channels:
        allowed = ", ".join(channels)
        raise RefusedError(422, f"body channel: {body.channel!r} seen, one of {allowed} allowed")
    message = await message_of(context, body.message_id)
    account = account_of(context, body.account or str(message.get("account", "")))
    demand_ports(context, [account], body.ports)
    user = "recipient" if message.get("direction") == "mt" else "sender"
    return ComplaintReceived(
        context.clock.at(), len(register.complaints) + 1, account, body.channel, body.cause,
        body.attribution, body.owner, call.by.name, body.number or str(message.get(user, "")),
        int(str(message.get("id", 0))), body.received_at or 0.0, body.reference, body.ports,
        body.why or call.query.why,
    )  # fmt: skip


async def import_templates(call: Call[ImportQuery, None]) -> Response:
    """Take versions of templates in, each as far as its state says.

    What was in force before the import is in force from the import on: the past can't be approved.
    """
    file = EntryFile(TemplateRow)
    rows = file.read(await text_of(call))
    registry, at = _registry(call), call.context.clock.at()
    found: list[Event] = []
    taken = 0
    seen: set[str] = set()
    for row in rows:
        name = row.body.template
        try:
            if name in seen:
                raise TemplateError(f"template: {name!r} seen, each template once allowed")
            seen.add(name)
            found += _steps(call, registry, row, at)
        except (TemplateError, ValueError) as error:
            file.refuse_for(row.line, error)
            continue
        taken += 1
    return await _taken(call, file, found, taken)


def _steps(
    call: Call[ImportQuery, None], registry: TemplateRegistry, row: Row[TemplateRow], at: float
) -> Iterator[Event]:
    """Give the steps of the procedure that lead to the state of a row.

    Raises TemplateError or another ValueError before any is given.
    """
    body, who = row.body, call.by.name
    why = body.why or call.query.why or "imported"
    try:
        pattern_of(ApprovedTemplate(body.template, 1, body.text), registry.rules.free_text)
    except ValueError as error:
        raise TemplateError(f"text: {error}") from error
    start = max(at, body.effective_from or at)
    if body.until is not None and body.until <= start:
        raise TemplateError("until: it isn't after effective_from and the moment of the import")
    drafted: TemplateDrafted = registry.draft(
        at, who, body.template, body.text, category=body.category, service=body.service,
        description=body.description, reason=why,
    )  # fmt: skip
    steps: list[Event] = [drafted]
    if body.state != "draft":
        steps.append(TemplateSubmitted(at, who, body.template, drafted.version, why))
    if body.state in ("approved", "effective"):
        steps.append(
            TemplateDecided(
                at, who, body.template, drafted.version, True, start, body.until or 0.0,
                body.approval, why,
            )
        )  # fmt: skip
    return iter(steps)


async def export_templates(call: Call[None, None]) -> Response:
    """Give out of each template the version that is approved or in force, or else its draft."""
    registry, at = _registry(call), call.context.clock.at()
    return csv_response("templates", TEMPLATE_COLUMNS, _template_rows(registry, at))


def _template_rows(registry: TemplateRegistry, at: float) -> Iterator[tuple[str, ...]]:
    for name in registry.names():
        by_state = {registry.state(name, one.version, at): one for one in registry.versions(name)}
        for state in ("approved", "effective", "submitted", "draft"):
            version = by_state.get(state)
            if version is not None:
                yield (
                    name, version.text, version.category, version.service, version.description,
                    state, moment(version.effective_from) or "", moment(version.until) or "",
                    version.approval, version.reason,
                )  # fmt: skip
                break


async def _taken(
    call: Call[ImportQuery, None], file: EntryFile[Any], events: Iterable[Event], rows: int
) -> Response:
    """Record what was read, unless there are bad rows, and say how it went."""
    if file.refused and not call.query.partial:
        return bad_file(call, file)
    await call.context.registrar.record(list(events))
    shown = {"rows": rows, "refused": file.refused, "bad_rows": shown_problems(file)}
    return call.answer(shown)


def _registry(call: AnyCall) -> TemplateRegistry:
    return call.context.registrar.registries.templates


_FILE: dict[int, type | None] = {200: EntriesTaken, 409: Problem, 415: Problem, 422: BadFile}
ROUTES = (
    Route("POST", "/api/v1/complaints/import", import_complaints, "operator", "office",
          "Import complaints", _FILE, query=Shape[ImportQuery](ImportQuery), file=MEDIA_TYPE),
    Route("GET", "/api/v1/templates.csv", export_templates, "viewer", "templates",
          "Export templates", {200: None}),
    Route("POST", "/api/v1/templates/import", import_templates, "operator", "templates",
          "Import templates", _FILE, query=Shape[ImportQuery](ImportQuery), file=MEDIA_TYPE),
)  # fmt: skip
