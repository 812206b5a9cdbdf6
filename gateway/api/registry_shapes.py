"""Give the shapes of what is asked and answered about the registries of numbers.

There is no `from __future__ import annotations` here: pydantic would compile each annotation
again.
"""

from typing import Annotated, Literal, TypedDict

from pydantic import AliasChoices, Field, PlainValidator, WithJsonSchema

from config.section import AccessNumber
from routing.category_masks import CATEGORIES
from routing.numbering import normalise_recipient

from .bodies import Asked, At
from .shapes import Problem
from .standing_shapes import WhyQuery
from .template_shapes import Reference, Until

ConsentChannel = Literal["written", "web", "app", "mo", "employment", "request"]
ListName = Literal["red", "black", "white"]
ListScope = Literal["global", "account", "signature"]
OptOutSource = Literal["mo", "customer_service", "party_a", "operator"]


def read_number(value: object) -> str:
    """Give the 11 digits of a mobile number. Raises ValueError."""
    found = normalise_recipient(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError(f"{str(value)[:40]!r} seen, 11 digits that begin with 1 allowed")
    return found


def _categories(value: object) -> tuple[str, ...]:
    """Take one category, several parted by spaces, or a list of them."""
    if isinstance(value, str):
        return tuple(value.split())
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    raise ValueError("a category or a list of categories allowed")


def _known_categories(value: object) -> tuple[str, ...]:
    names = _categories(value)
    for name in names:
        if name not in CATEGORIES:
            raise ValueError(f"{name[:40]!r} seen, {', '.join(CATEGORIES)} allowed")
    return names


Msisdn = Annotated[
    str,
    PlainValidator(read_number),
    WithJsonSchema({"type": "string", "examples": ["13300000001"]}),
]
"""A mobile number; +86 before it is taken off."""
_ONE = {"type": "string", "enum": list(CATEGORIES)}
Categories = Annotated[
    tuple[str, ...],
    PlainValidator(_known_categories),
    WithJsonSchema({"anyOf": [_ONE, {"type": "array", "items": _ONE}]}),
]
"""One category or several; none is every one."""
WhyGiven = Annotated[str, Field(max_length=500)]
"""Why; it is journalled with who."""


class NumbersQuery(Asked):
    """How many numbers at a time."""

    limit: Annotated[int, Field(ge=1, le=1000, description="numbers per page")] = 50
    cursor: Annotated[str, Field(max_length=64, description="`next` of the page before")] = ""


class ImportQuery(Asked):
    """Whether bad rows are left out, and what is journalled of the import."""

    partial: Annotated[bool, Field(description="leave bad rows out instead of taking none")] = False
    why: Annotated[WhyGiven, Field(description="why; it is journalled with who")] = ""
    file: Annotated[Reference, Field(description="name of the file, for the journal")] = ""


class ListsQuery(NumbersQuery):
    """Which list, and how many entries at a time."""

    list_: Annotated[ListName | None, Field(alias="list", description="only this list")] = None


class EntryQuery(Asked):
    """For whom a message would be: entries of an account or a signature hold for it alone."""

    account: Annotated[str, Field(max_length=16, description="account of the message")] = ""
    signature: Annotated[str, Field(max_length=64, description="without brackets")] = ""


class MomentQuery(Asked):
    """At which moment."""

    at: Annotated[At | None, Field(description="a moment; the present unless given")] = None


class ConsentBody(Asked):
    """A consent, obtained at once and without end unless said otherwise."""

    number: Msisdn
    category: Categories = ()
    channel: Annotated[ConsentChannel, Field(validation_alias=AliasChoices("channel", "source"))]
    proof: Reference = ""
    text_version: Reference = ""
    at: At | None = None
    expires_at: Until | None = None
    why: WhyGiven = ""


class WithdrawalQuery(WhyQuery):
    """What is withdrawn, and when: all categories, at once, unless given."""

    category: Annotated[Categories, Field(description="categories; every one if empty")] = ()
    at: Annotated[At | None, Field(description="when the user withdrew it")] = None


class OptOutBody(Asked):
    """A refusal towards every access number and of all categories unless said otherwise."""

    number: Msisdn
    category: Categories = ()
    access_number: AccessNumber | None = None
    source: OptOutSource
    proof: Reference = ""
    at: At | None = None
    why: WhyGiven = ""


class OptInQuery(WithdrawalQuery):
    """What the user takes back: all refusals, at once, unless given."""

    access_number: Annotated[
        AccessNumber | None, Field(description="access number; every one if empty")
    ] = None
    source: Annotated[OptOutSource, Field(description="where it comes from")] = "operator"
    proof: Annotated[Reference, Field(description="number of a paper")] = ""


class ListBody(Asked):
    """An entry of a list: a number or first digits, for all or for one holder."""

    list_: Annotated[ListName, Field(alias="list")]
    number: Msisdn | None = None
    prefix: Annotated[str | None, Field(pattern=r"^1[0-9]{0,9}$")] = None
    scope: ListScope = "global"
    holder: Annotated[str, Field(max_length=64)] = ""
    reason: Reference = ""
    valid_from: At | None = None
    valid_to: Until | None = None
    why: WhyGiven = ""


class UnlistQuery(WhyQuery):
    """For whom the entry was: for all unless given."""

    scope: Annotated[ListScope, Field(description="global, account or signature")] = "global"
    holder: Annotated[str, Field(max_length=64, description="account or signature")] = ""


class PortingBody(Asked):
    """Which carrier serves a number, from when on: at once unless given."""

    number: Msisdn
    carrier: Annotated[str, Field(min_length=1, max_length=40)]
    at: At | None = None
    why: WhyGiven = ""


class ReviewsQuery(Asked):
    """How many messages at a time."""

    limit: Annotated[int, Field(ge=1, le=1000, description="messages per page")] = 50
    cursor: Annotated[str, Field(max_length=64, description="`next` of the page before")] = ""


class SettleBody(Asked):
    """What a person read in the message, and which categories a refusal names."""

    decision: Literal["opt_out", "opt_out_all", "none"]
    category: Categories = ()
    why: WhyGiven = ""


class BadRow(TypedDict):
    """One row that can't be taken: its line (the heading is 1), what was seen and is allowed."""

    line: int
    column: str
    seen: str
    allowed: str


class BadFile(Problem):
    """A file of which nothing was taken, with its bad rows (the first 10,000)."""

    refused: int
    bad_rows: list[BadRow]


class ImportResult(TypedDict):
    """What an import brought: rows taken, rows left out, and why."""

    import_id: int
    registry: str
    rows: int
    refused: int
    bad_rows: list[BadRow]


class ConsentShown(TypedDict):
    """One consent (`granted`) or withdrawal; without categories every one.

    `missing` is what its proof lacks (clause 3.1.7), `import_id` the number of its import,
    0 for none.
    """

    granted: bool
    categories: list[str]
    channel: str
    proof: str
    text_version: str
    since: str | None
    until: str | None
    recorded_at: str | None
    import_id: int
    missing: list[str]


class NumberConsents(TypedDict):
    """What a number agreed to: the categories held at the moment, and all that is on record."""

    number: str
    at: str
    held: list[str]
    records: list[ConsentShown]


class ConsentsOfNumber(TypedDict):
    """What is on record about one number."""

    number: str
    records: list[ConsentShown]


class ConsentList(TypedDict):
    """Numbers on record in rising order, and the cursor of the next page."""

    items: list[ConsentsOfNumber]
    next: str | None


class OptOutShown(TypedDict):
    """One refusal (`refused`), or one taken back; without categories every one."""

    refused: bool
    access_number: str
    categories: list[str]
    source: str
    proof: str
    since: str | None
    recorded_at: str | None
    import_id: int


class Stopped(TypedDict):
    """The categories that don't go to a number from an access number."""

    access_number: str
    categories: list[str]


class NumberOptOuts(TypedDict):
    """What a number refuses: what is stopped at this moment, and all that is on record."""

    number: str
    at: str
    stopped: list[Stopped]
    records: list[OptOutShown]


class OptOutsOfNumber(TypedDict):
    """What is on record about one number."""

    number: str
    records: list[OptOutShown]


class OptOutList(TypedDict):
    """Numbers on record in rising order, and the cursor of the next page."""

    items: list[OptOutsOfNumber]
    next: str | None


class ListedShown(TypedDict):
    list: ListName
    listed: bool
    scope: ListScope
    holder: str
    reason: str
    valid_from: str | None
    valid_to: str | None
    recorded_at: str | None
    import_id: int


"""One record of an entry: put on a list (`listed`) or taken off."""


class EntryOfLists(TypedDict):
    """What is on record about one number, or about first digits (`prefix`)."""

    number: str | None
    prefix: str | None
    records: list[ListedShown]


class EntryShown(EntryOfLists):
    """An entry, the lists it is on now with their reasons, and the one that stops a message."""

    at: str
    on: dict[str, str]
    refused_by: str


class ListedList(TypedDict):
    """Entries on record, first digits before numbers, and the cursor of the next page."""

    items: list[EntryOfLists]
    next: str | None


class PortingShown(TypedDict):
    """From when on which carrier serves a number; "" is the one its prefix is allotted to."""

    carrier: str
    ported_at: str | None
    recorded_at: str | None
    import_id: int


class PortingsOfNumber(TypedDict):
    """What is on record about one number."""

    number: str
    records: list[PortingShown]


class NumberPortings(PortingsOfNumber):
    """The carrier that serves a number at a moment, and what is on record."""

    at: str
    carrier: str


class PortingList(TypedDict):
    """Numbers on record in rising order, and the cursor of the next page."""

    items: list[PortingsOfNumber]
    next: str | None


class ReviewShown(TypedDict):
    """An uplink message that waits for a person, and the rule that stopped at it."""

    mo_id: str
    at: str
    number: str
    access_number: str
    text: str
    rule: str


class ReviewDone(ReviewShown):
    """What a person read in it."""

    decision: Literal["opt_out", "opt_out_all", "none"]
    who: str
    why: str


class ReviewList(TypedDict):
    """Messages that wait, the one received first in front, and the cursor of the next page."""

    items: list[ReviewShown]
    next: str | None
