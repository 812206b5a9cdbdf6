"""Give the shapes of queries and request bodies, which are checked.

There is no `from __future__ import annotations` here: pydantic would compile each annotation
again.
"""

from typing import Annotated, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    PlainSerializer,
    PlainValidator,
    Tag,
    WithJsonSchema,
    model_validator,
)

from config.section import parse_instant
from gateway.clock import HIGHEST_SCALE

LONGEST_TEXT = 40_000
"""Characters: above any text that fits a message_payload."""
MOST_UPLINKS = 10_000
LONGEST_WAIT_S = 300.0
LONGEST_ADVANCE_S = 10 * 366 * 86400.0

Address = Annotated[str, Field(max_length=64)]
Text = Annotated[str, Field(max_length=LONGEST_TEXT)]


def _instant(value: object) -> float:
    return parse_instant(value).timestamp()


At = Annotated[
    float,
    PlainValidator(_instant),
    PlainSerializer(str),
    WithJsonSchema({"type": "string", "examples": ["2026-11-30T08:00:00+08:00"]}),
]
"""ISO 8601 with offset; a time without one and a plain date are Asia/Shanghai."""


class Asked(BaseModel):
    """Be a query or a body: a key that is not named is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, defer_build=True)


class UplinkBody(Asked):
    """A message from a handset."""

    sender: Annotated[str, Field(alias="from", pattern=r"^\+?[0-9]{3,20}$")]
    recipient: Annotated[str, Field(alias="to", pattern=r"^[0-9]{3,20}$")]
    text: Text


def _one_or_many(value: object) -> str:
    return "many" if isinstance(value, list) else "one"


Uplinks = Annotated[
    Annotated[UplinkBody, Tag("one")]
    | Annotated[list[UplinkBody], Field(min_length=1, max_length=MOST_UPLINKS), Tag("many")],
    Discriminator(_one_or_many),
]


class ExplainBody(Asked):
    """A message to judge without sending it."""

    sender: Annotated[Address, Field(alias="from")]
    recipient: Annotated[Address, Field(alias="to")]
    text: Text
    account: Annotated[str, Field(max_length=16)] = ""
    service: Literal["", "ordinary", "instant"] = ""
    data_coding: Annotated[int, Field(ge=0, le=255)] | None = None
    at: At | None = None


class WaitBody(Asked):
    """What to wait for: at least `count` messages that match `q`."""

    q: Annotated[str, Field(max_length=2000)] = ""
    count: Annotated[int, Field(ge=1, le=1000)] = 1
    timeout_s: Annotated[float, Field(ge=0, le=LONGEST_WAIT_S, allow_inf_nan=False)] = 30.0


class SubscriberBody(Asked):
    """The state to put a simulated handset in; 0: it never recovers by itself."""

    state: Annotated[str, Field(max_length=64)]
    recovers_after: Annotated[int, Field(ge=0, le=1000)] = 0


class ClockBody(Asked):
    """What to do with a simulated clock: put it forward, then set its pace. One at least."""

    advance_s: Annotated[float, Field(ge=0, le=LONGEST_ADVANCE_S)] | None = None
    to: At | None = None
    scale: Annotated[float, Field(ge=0, le=HIGHEST_SCALE)] | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.advance_s is not None and self.to is not None:
            raise ValueError("`advance_s` or `to`, not both")
        if self.advance_s is None and self.to is None and self.scale is None:
            raise ValueError("one of `advance_s`, `to` and `scale`")
        return self


class ListQuery(Asked):
    """Which messages, and how many at a time."""

    q: Annotated[str, Field(description="query words; all messages if empty")] = ""
    limit: Annotated[int, Field(ge=1, description="messages per page")] = 50
    cursor: Annotated[str | None, Field(description="`next` of the page before")] = None


class CloseQuery(Asked):
    """How to end a session."""

    mode: Annotated[
        Literal["unbind", "reset", "stall"],
        Field(
            description="unbind: politely; reset: by RST; stall: read and write nothing any more"
        ),
    ] = "unbind"
