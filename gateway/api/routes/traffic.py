"""Take uplink messages, and judge messages without sending them."""

from __future__ import annotations

from starlette.responses import Response

from gateway.api.bodies import ExplainBody, UplinkBody, Uplinks
from gateway.api.ports import ExplainRequest, JsonObject, RefusedError, Uplink, UplinkTaken
from gateway.api.route import Call, Route, Shape
from gateway.api.shapes import Explained, UplinkShown
from metrics.instruments import STATUSES


async def inject_uplinks(call: Call[None, UplinkBody | list[UplinkBody]]) -> Response:
    """Take one message from a handset, or a list of them; the answer has the same form.

    They are recorded when the answer comes; the account gets them as deliver_sm.
    """
    bodies = call.body if isinstance(call.body, list) else [call.body]
    messages = [Uplink(item.sender, item.recipient, item.text) for item in bodies]
    taken = await call.context.mo.take(messages)
    call.context.audit.record(call.by.name, "mo", "", f"{len(taken)} uplink messages")
    shown = [_shown(uplink) for uplink in taken]
    return call.answer(shown if isinstance(call.body, list) else shown[0], 202)


async def explain_checks(call: Call[None, ExplainBody]) -> Response:
    """Show what every check says to a message; nothing is sent and nothing charged."""
    body = call.body
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
        explained = call.context.explainer.explain(request)
    except ValueError as error:
        raise RefusedError(422, str(error)) from error
    status = explained["status"]
    assert isinstance(status, int)
    return call.answer({**explained, "status_name": STATUSES.get(status, f"0x{status:08X}")})


def _shown(uplink: UplinkTaken) -> JsonObject:
    return {"id": str(uplink.id), "account": uplink.account or None}


ROUTES = (
    Route("POST", "/api/v1/mo", inject_uplinks, "tester", "mo", "Inject uplink messages",
          {202: UplinkShown}, body=Shape[UplinkBody | list[UplinkBody]](Uplinks)),
    Route("POST", "/api/v1/checks:explain", explain_checks, "viewer", "checks",
          "Judge a message without sending it", {200: Explained},
          body=Shape[ExplainBody](ExplainBody)),
)  # fmt: skip
