"""Answer for uplink messages that only mention a refusal: a person reads them (clause 3.1.8)."""

from __future__ import annotations

from starlette.responses import Response

from gateway.api.ports import JsonObject, RefusedError
from gateway.api.registry_pages import AnyCall
from gateway.api.registry_shapes import (
    ReviewDone,
    ReviewList,
    ReviewShown,
    ReviewsQuery,
    SettleBody,
)
from gateway.api.route import Call, Route, Shape, iso
from gateway.api.shapes import Problem
from routing.event import Event
from routing.registry_events import OptedOut, ReviewOpened, ReviewSettled
from routing.uplink_reviews import UplinkReviews

TAG = "reviews"


async def list_reviews(call: Call[ReviewsQuery, None]) -> Response:
    """List the messages that wait for a person, the one received first in front."""
    query, waiting = call.query, _book(call).waiting()
    if query.cursor:
        # The message that the cursor names may have been settled since: the next one goes on.
        last = _counted(query.cursor)
        waiting = tuple(one for one in waiting if one.mo_id > last)
    page, more = waiting[: query.limit], len(waiting) > query.limit
    items = [_review(one) for one in page]
    return call.answer({"items": items, "next": str(page[-1].mo_id) if more else None})


async def show_review(call: Call[None, None]) -> Response:
    """Show one message that waits."""
    return call.answer(_review(_waiting(call)))


async def settle_review(call: Call[None, SettleBody]) -> Response:
    """Record what a person read in a message; a refusal holds for the next verdict."""
    review, body, at = _waiting(call), call.body, call.context.clock.at()
    who = call.by.name
    events: list[Event] = [ReviewSettled(at, review.mo_id, body.decision, who, body.why)]
    if body.decision != "none":
        everything = body.decision == "opt_out_all"
        events.append(
            OptedOut(
                at=at,
                number=review.number,
                access_number="" if everything else _owned(call, review.access_number),
                categories=() if everything else body.category,
                source="mo",
                refused_at=review.at,
                mo_id=review.mo_id,
                who=who,
                why=body.why or f"read in {review.mo_id}",
            )
        )
    elif body.category:
        raise RefusedError(422, "body category: nothing allowed with the decision none")
    await call.context.registrar.record(events)
    return call.answer({**_review(review), "decision": body.decision, "who": who, "why": body.why})


def _book(call: AnyCall) -> UplinkReviews:
    return call.context.registrar.registries.reviews


def _counted(cursor: str) -> int:
    if not (cursor.isascii() and cursor.isdigit()):
        allowed = "`next` of the page before"
        raise RefusedError(422, f"query parameter cursor: {cursor[:40]!r} seen, {allowed} allowed")
    return int(cursor)


def _waiting(call: AnyCall) -> ReviewOpened:
    mo_id = call.path("mo_id")
    found = next((one for one in _book(call).waiting() if str(one.mo_id) == mo_id), None)
    if found is None:
        raise RefusedError(404, f"uplink message {mo_id[:40]!r}: not one that waits for a review")
    return found


def _owned(call: AnyCall, access_number: str) -> str:
    """Give the access number without the extension digits that the user wrote to."""
    accounts = call.context.settings.accounts.values()
    owned = [
        number
        for account in accounts
        for number in account.access_numbers
        if access_number.startswith(number)
    ]
    return max(owned, key=len, default=access_number)


def _review(review: ReviewOpened) -> JsonObject:
    return {
        "mo_id": str(review.mo_id),
        "at": iso(review.at),
        "number": review.number,
        "access_number": review.access_number,
        "text": review.text,
        "rule": review.rule,
    }


_ROOT = "/api/v1/reviews"
_ONE = _ROOT + "/{mo_id}"
ROUTES = (
    Route("GET", _ROOT, list_reviews, "viewer", TAG, "List uplink messages to read",
          {200: ReviewList}, query=Shape[ReviewsQuery](ReviewsQuery)),
    Route("GET", _ONE, show_review, "viewer", TAG, "Show an uplink message to read",
          {200: ReviewShown}),
    Route("POST", _ONE + ":settle", settle_review, "operator", TAG, "Settle an uplink message",
          {200: ReviewDone, 409: Problem}, body=Shape[SettleBody](SettleBody)),
)  # fmt: skip
