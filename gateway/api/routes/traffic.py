"""Take uplink messages, and judge messages without sending them."""

from __future__ import annotations

from starlette.responses import Response

from gateway.api.models import ExplainBody, Explained, UplinkBody, Uplinks, UplinkShown
from gateway.api.ports import ExplainRequest, JsonObject, RefusedError, Uplink, UplinkTaken
from gateway.api.route import By, Given, Route, answer, shown_to
from metrics.instruments import STATUSES


async def inject_uplinks(given: Given, by: By, body: Uplinks) -> Response:
    """Take one message from a handset, or a list of them; the answer has the same form.

    They are recorded when the answer comes; the account gets them as deliver_sm.
    """
    one = isinstance(body, UplinkBody)
    bodies = [body] if isinstance(body, UplinkBody) else body
    messages = [Uplink(item.sender, item.recipient, item.text) for item in bodies]
    taken = await given.context.mo.take(messages)
    given.context.audit.record(by.name, "mo", "", f"{len(taken)} uplink messages")
    shown = [_shown(uplink) for uplink in taken]
    return answer(shown[0] if one else shown, 202)


async def explain_checks(given: Given, by: By, body: ExplainBody) -> Response:
    """Show what every check says to a message; nothing is sent and nothing charged."""
    request = ExplainRequest(
        body.sender,
        body.recipient,
        body.text,
        body.account,
        body.service,
        body.data_coding,
        body.at,
    )
    try:
        explained = given.context.explainer.explain(request)
    except ValueError as error:
        raise RefusedError(422, str(error)) from error
    status = explained["status"]
    assert isinstance(status, int)
    named = {**explained, "status_name": STATUSES.get(status, f"0x{status:08X}")}
    return answer(shown_to(by, given, named))


def _shown(uplink: UplinkTaken) -> JsonObject:
    return {"id": str(uplink.id), "account": uplink.account or None}


ROUTES = (
    Route(
        "POST",
        "/api/v1/mo",
        inject_uplinks,
        "tester",
        "mo",
        "Inject uplink messages",
        {202: UplinkShown},
    ),
    Route(
        "POST",
        "/api/v1/checks:explain",
        explain_checks,
        "viewer",
        "checks",
        "Judge a message without sending it",
        {200: Explained},
    ),
)
