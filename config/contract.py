"""Model the contract: who agreed what, for whom, from when, at which price and under which rules.

The shipped one is `data/contracts/henan.toml`; `none.toml` beside it agrees nothing, so that the
gateway is a plain message centre. Keys of the tables that interpret open wording are those of
`config.interpretation`, what may be said to whom is in `config.content`.
"""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from .content import (
    AdRules,
    ConsentRules,
    ContentRules,
    Frequency,
    OptOutRules,
    Quota,
    Signature,
    SignatureRules,
    Template,
    TemplateRules,
    TimeWindow,
)
from .interpretation import (
    Assessment,
    Billing,
    Breach,
    Complaints,
    ForceMajeure,
    InstantService,
    LiabilityRules,
    Precedence,
    Pricing,
    Renewal,
    Retention,
    Routing,
    Sla,
    Suspension,
)
from .section import (
    AccessNumber,
    Allowed,
    EndInstant,
    ExistingFile,
    Instant,
    Section,
    Service,
    ServiceKind,
    table,
)
from .term import ServiceTerm

SERVICE_KINDS: dict[int, ServiceKind] = {
    1: "ordinary",
    2: "multimedia",
    3: "instant",
    4: "smart",
}
"""Numbers of clause 2.1."""

Text = Annotated[str, Field(max_length=200)]
Number = Annotated[
    str, Field(pattern=r"^1[0-9]{10}$"), Allowed("a string of 11 digits that begins with 1")
]
Prefix = Annotated[
    str, Field(pattern=r"^1[0-9]{0,10}$"), Allowed("a string of 1 to 11 digits that begins with 1")
]
KindNumber = Annotated[int, Field(ge=1, le=4)]


def _distinct_kinds(values: tuple[int, ...]) -> tuple[int, ...]:
    if len(set(values)) != len(values):
        raise ValueError("each of the numbers 1 to 4 at most once")
    return values


class Party(Section):
    """Name one party and how it is reached."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    type: Literal["group", "sp", "carrier"] = "group"
    """Group (集团) or service provider (SP), the two conditions of the preamble; or carrier."""
    address: Text = ""
    service_phone: Text = ""
    """The round-the-clock telephone of clause 4.2."""


class Term(Section):
    """Give the first and the last day of the service (clause 10.1), Asia/Shanghai."""

    first_day: date = Field(alias="from")
    last_day: date = Field(alias="to")

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.first_day > self.last_day:
            raise ValueError(f"`to` on or after `from` ({self.first_day})")
        return self


class OwnedNumber(Section):
    """Hold one access number of party A (clauses 1.9 and 3.1.9)."""

    number: AccessNumber
    extension_policy: Literal["free", "registered"] = "free"
    """Whether any digits may follow the number, or only the registered extensions."""
    extensions: tuple[
        Annotated[str, Field(pattern=r"^[0-9]{1,17}$"), Allowed("a string of 1 to 17 digits")], ...
    ] = ()


class NumberEntry(Section):
    """Name recipients: one number, a range with both ends counted in, or a prefix."""

    number: Number | None = None
    first: Number | None = Field(default=None, alias="from")
    last: Number | None = Field(default=None, alias="to")
    prefix: Prefix | None = None
    valid_from: Instant | None = None
    valid_to: EndInstant | None = None
    """First instant at which it no longer holds (a plain date counts to its 24:00)."""
    relation: Literal["staff", "customer", "target", "channel", "related", ""] = ""
    """Relation of clause 1.7."""

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        given = (
            self.number is not None,
            self.first is not None or self.last is not None,
            self.prefix is not None,
        )
        if sum(given) != 1 or (self.first is None) != (self.last is None):
            raise ValueError("one of: number; from and to; prefix")
        if self.first is not None and self.last is not None and self.first > self.last:
            raise ValueError(f"`to` at least `from` ({self.first})")
        if self.valid_from and self.valid_to and self.valid_from >= self.valid_to:
            raise ValueError("`valid_to` after `valid_from`")
        return self

    @property
    def interval(self) -> tuple[int, int]:
        """Give the lowest and the highest number named, both counted in."""
        if self.number is not None:
            return int(self.number), int(self.number)
        if self.prefix is not None:
            rest = 11 - len(self.prefix)
            return int(self.prefix + "0" * rest), int(self.prefix + "9" * rest)
        return int(self.first or 0), int(self.last or 0)


class NumberSet(Section):
    """Hold a set of recipients: entries here and files with one number or entry a line."""

    entries: tuple[NumberEntry, ...] = ()
    files: tuple[ExistingFile, ...] = ()
    """Files of recipients, one entry a line."""


class Scope(NumberSet):
    """Hold the declared user scope (clause 3.1.5)."""

    mo_reply_window_h: Annotated[int, Field(ge=0, le=744)] = 24
    """How long after a user's own message an answer may go outside the scope, hours."""


class Contract(Section):
    """Hold the whole contract."""

    kind: Literal["industry", "none"] = "industry"
    """`none` agrees nothing: any sender, recipient and text."""
    number: Annotated[str, Field(min_length=1, max_length=64)]
    title: Text = ""
    enterprise_code: Annotated[
        str,
        Field(pattern=r"^[A-Za-z0-9_-]{1,32}$"),
        Allowed("1 to 32 letters, digits, dashes and underscores"),
    ]
    """Identifies party A in all of party B's systems and never changes (clause 3.2.2)."""
    business_type: Literal["direct", "agent"] = "direct"
    """Direct or agent business (clauses 1.2 and 1.3)."""
    signed_on: date | None = None
    effective_from: Literal["term", "signature"] = "term"
    """Whether the service starts with the term (clause 10.1) or with the signature (11.1)."""
    party_a: Party
    party_b: Party

    service_kinds: Annotated[
        tuple[KindNumber, ...], Field(min_length=1), AfterValidator(_distinct_kinds)
    ] = (1, 3)
    """Kinds of clause 2.1: 1 ordinary, 2 multimedia, 3 instant, 4 smart."""
    service_types: dict[
        Annotated[str, Field(pattern=r"^[A-Za-z0-9]{0,5}$")], Literal["account"] | ServiceKind
    ] = Field(default={"": "account", "INST": "instant", "MMS": "multimedia", "SMART": "smart"})
    """Kind of each SMPP service_type; `account` is the account's first service. A service_type
    that is not listed is one of no contracted kind."""
    term: Term
    renewal: Renewal = table()
    max_number_digits: Annotated[int, Field(ge=3, le=20)] = 20
    """Digits of a sender with its extension."""
    access_numbers: tuple[OwnedNumber, ...] = ()
    signature: SignatureRules = table()
    signatures: tuple[Signature, ...] = ()
    scope: Scope = table()
    consent: ConsentRules = table()
    consents: NumberSet = table()
    """Recipients whose consent to every category is on record."""
    optout: OptOutRules = table()
    ads: AdRules = table()
    content: ContentRules = table()
    template: TemplateRules = table()
    templates: tuple[Template, ...] = ()
    time_windows: tuple[TimeWindow, ...] = ()
    """Hours in which a category may be sent; a category without any has no limit."""
    frequency: Frequency = table()
    quota: Quota = table()
    routing: Routing = table()
    instant: InstantService = table()
    pricing: Pricing = table()
    billing: Billing = table()
    sla: Sla = table()
    complaints: Complaints = table()
    liability: LiabilityRules = table()
    breach: Breach = table()
    suspension: Suspension = table()
    fm: ForceMajeure = table()
    retention: Retention = table()
    assessment: Assessment = table()
    precedence: Precedence = table()

    @property
    def checked(self) -> bool:
        """Say whether the checks of the contract apply at all."""
        return self.kind != "none"

    @property
    def services(self) -> tuple[Service, ...]:
        """Give the contracted services that have a channel, in the order of clause 2.1."""
        kinds = {SERVICE_KINDS[number] for number in self.service_kinds}
        both: tuple[Service, ...] = ("ordinary", "instant")
        return tuple(service for service in both if service in kinds)

    def service_term(self) -> ServiceTerm:
        """Give the term with its renewal, for asking whether the contract is in force."""
        first_day = self.term.first_day
        if self.effective_from == "signature" and self.signed_on is not None:
            first_day = self.signed_on
        months = self.renewal.months if self.renewal.mode == "auto" else 0
        return ServiceTerm(first_day, self.term.last_day, months)
