"""Answer for templates: list, show, the steps of their change procedure, and a dry run.

Each step is recorded with who and why, and answered when it is on disk (clause 3.1.6).
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable
from functools import partial
from typing import Any, TypeAlias

from starlette.responses import Response

from gateway.api.ports import JsonObject, RefusedError
from gateway.api.route import Call, Route, Shape, moment
from gateway.api.shapes import Problem
from gateway.api.template_shapes import (
    ApproveBody,
    DraftBody,
    MatchBody,
    Matched,
    RevokeBody,
    StepBody,
    TemplateList,
    TemplateListQuery,
    TemplateVersions,
    VersionShown,
)
from routing.signature import SignatureForm, signature_of
from routing.template_events import TemplateEvent
from routing.template_registry import TemplateError, TemplateRegistry, TemplateVersion
from routing.templates import ApprovedTemplate, TemplateMatch, pattern_of, without_signature

TAG = "templates"
AnyCall: TypeAlias = Call[Any, Any]


async def list_templates(call: Call[TemplateListQuery, None]) -> Response:
    """List templates by name, each with the version in force and the latest one."""
    registry, at, query = _registry(call), call.context.clock.at(), call.query
    names = registry.names()
    names = names[bisect_right(names, query.cursor) :]
    if query.state is not None:
        names = [name for name in names if query.state in _states(registry, name, at)]
    page, more = names[: query.limit], len(names) > query.limit
    items = [_template(registry, name, at) for name in page]
    return call.answer({"items": items, "next": page[-1] if more else None})


async def show_template(call: Call[None, None]) -> Response:
    """Show every version of a template with its state at this moment."""
    registry, name, at = _registry(call), _known(call), call.context.clock.at()
    items = [_version(registry, version, at) for version in registry.versions(name)]
    return call.answer({"template": name, "items": items})


async def draft_template(call: Call[None, DraftBody]) -> Response:
    """Begin a version of a template, or word its open draft anew."""
    registry, body = _registry(call), call.body
    wording = ApprovedTemplate(body.template, 1, body.text)
    try:
        pattern_of(wording, registry.rules.free_text)
    except ValueError as error:
        raise RefusedError(422, f"body text: {error}") from error
    step = partial(
        registry.draft,
        text=body.text,
        category=body.category,
        service=body.service,
        description=body.description,
        reason=body.why,
    )
    return await _take(call, body.template, step, 201)


async def submit_template(call: Call[None, StepBody]) -> Response:
    """Submit the open draft of a template for approval."""
    step = partial(_registry(call).submit, reason=call.body.why)
    return await _take(call, _known(call), step)


async def approve_template(call: Call[None, ApproveBody]) -> Response:
    """Approve what is submitted, as party B: at once or from a later moment on."""
    body = call.body
    step = partial(
        _registry(call).approve,
        effective_from=body.effective_from,
        until=body.until,
        approval=body.approval,
        reason=body.why,
    )
    return await _take(call, _known(call), step)


async def send_template_back(call: Call[None, StepBody]) -> Response:
    """Refuse what is submitted, as party B: it is a draft again."""
    step = partial(_registry(call).send_back, reason=call.body.why)
    return await _take(call, _known(call), step)


async def revoke_template(call: Call[None, RevokeBody]) -> Response:
    """End a version that is approved or in force: at once or from a later moment on."""
    body = call.body
    step = partial(
        _registry(call).revoke,
        reason=body.why,
        version=body.version,
        revoked_from=body.revoked_from,
    )
    return await _take(call, _known(call), step)


async def match_templates(call: Call[None, MatchBody]) -> Response:
    """Compare a text with the templates in force; nothing is sent and nothing recorded."""
    body, context = call.body, call.context
    rules = context.settings.contract.signature
    form = SignatureForm(
        position=rules.position,
        allow_ascii=rules.allow_ascii,
        min_length=rules.min_length,
        max_length=rules.max_length,
    )
    text = without_signature(body.text, signature_of(body.text, form))
    at = context.clock.at() if body.at is None else body.at
    book = _registry(call).book()
    match = book.judge(text, body.service, at)
    finding = book.finding(match, body.service, at)
    shown = _match(match)
    shown["detail"], shown["detail_zh"] = (finding.en, finding.zh) if finding else ("", "")
    return call.answer(shown)


def _registry(call: AnyCall) -> TemplateRegistry:
    return call.context.registrar.registries.templates


def _known(call: AnyCall) -> str:
    name = call.path("template")
    if not _registry(call).versions(name):
        raise RefusedError(404, f"template {name[:80]!r}: unknown; begin with a draft")
    return name


async def _take(
    call: AnyCall, name: str, step: Callable[..., TemplateEvent], status: int = 200
) -> Response:
    """Record one step and show the version as it is after it (RefusedError 409)."""
    at = call.context.clock.at()
    try:
        event = step(at, call.by.name, name)
    except TemplateError as error:
        raise RefusedError(409, str(error)) from error
    await call.context.registrar.record([event])
    registry = _registry(call)
    version = next(one for one in registry.versions(name) if one.version == event.version)
    return call.answer(_version(registry, version, at), status)


def _states(registry: TemplateRegistry, name: str, at: float) -> set[str]:
    return {registry.state(name, one.version, at) for one in registry.versions(name)}


def _template(registry: TemplateRegistry, name: str, at: float) -> JsonObject:
    shown = [_version(registry, version, at) for version in registry.versions(name)]
    effective = [version for version in shown if version["state"] == "effective"]
    return {
        "template": name,
        "versions": len(shown),
        "effective": effective[-1] if effective else None,
        "latest": shown[-1],
    }


def _version(registry: TemplateRegistry, version: TemplateVersion, at: float) -> JsonObject:
    return {
        "template": version.template,
        "version": version.version,
        "state": registry.state(version.template, version.version, at),
        "text": version.text,
        "category": version.category,
        "service": version.service,
        "description": version.description,
        "drafted_at": moment(version.drafted_at),
        "drafted_by": version.drafted_by,
        "submitted_at": moment(version.submitted_at),
        "decided_at": moment(version.decided_at),
        "decided_by": version.decided_by,
        "approval": version.approval,
        "effective_from": moment(version.effective_from),
        "until": moment(version.until),
        "revoked_from": moment(version.revoked_from),
        "why": version.reason,
    }


def _match(match: TemplateMatch) -> JsonObject:
    other = match.elsewhere
    return {
        "kind": match.kind,
        "approved": match.approved,
        "template": match.template.id if match.template else None,
        "version": match.template.version if match.template else None,
        "similarity": f"{math.floor(match.similarity * 1000) / 1000:g}",
        "deviations": [{"seen": one.seen, "allowed": one.allowed} for one in match.deviations],
        "free_values": list(match.free_values),
        "elsewhere": _elsewhere(other) if other else None,
        "breach_row": match.breach_row() or None,
    }


def _elsewhere(template: ApprovedTemplate) -> JsonObject:
    return {
        "template": template.id,
        "version": template.version,
        "service": template.service,
        "effective_from": moment(template.valid_from),
        "until": moment(template.valid_to),
    }


_ROOT = "/api/v1/templates"
_ONE = _ROOT + "/{template}"
_STEP = Shape[StepBody](StepBody)
ROUTES = (
    Route("GET", _ROOT, list_templates, "viewer", TAG, "List templates", {200: TemplateList},
          query=Shape[TemplateListQuery](TemplateListQuery)),
    Route("POST", _ROOT, draft_template, "operator", TAG, "Draft a version of a template",
          {201: VersionShown, 409: Problem}, body=Shape[DraftBody](DraftBody)),
    Route("POST", _ROOT + ":match", match_templates, "viewer", TAG,
          "Compare a text with the templates", {200: Matched}, body=Shape[MatchBody](MatchBody)),
    Route("GET", _ONE, show_template, "viewer", TAG, "Show a template", {200: TemplateVersions}),
    Route("POST", _ONE + ":submit", submit_template, "operator", TAG, "Submit the draft",
          {200: VersionShown, 409: Problem}, body=_STEP),
    Route("POST", _ONE + ":approve", approve_template, "operator", TAG, "Approve what is submitted",
          {200: VersionShown, 409: Problem}, body=Shape[ApproveBody](ApproveBody)),
    Route("POST", _ONE + ":send-back", send_template_back, "operator", TAG,
          "Send back what is submitted", {200: VersionShown, 409: Problem}, body=_STEP),
    Route("POST", _ONE + ":revoke", revoke_template, "operator", TAG, "Revoke a version",
          {200: VersionShown, 409: Problem}, body=Shape[RevokeBody](RevokeBody)),
)  # fmt: skip
