"""Model how the contract is read where it is open, and its figures of money, quality and breach.

Each class is one table of the contract file. Where the text allows several readings, the default
is the proposed one and the other readings are the further values of the key. Money is integer
fen, tax included (clause 5.5).
"""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from .section import Allowed, Figure, Section, table

Liability = Literal["ok", "exempt", "ported", "party_a", "carrier", "force_majeure"]
Grade = Literal["general", "serious", "major"]
Months = Annotated[int, Field(ge=0, le=1200)]
Days = Annotated[int, Field(ge=0, le=36500)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


_SHARE_FORM = 'a decimal string from "0" to "1", such as "0.99"'


def _decimal_share(value: str) -> str:
    if float(value) > 1:
        raise ValueError(_SHARE_FORM)
    return value


DecimalShare = Annotated[
    str,
    Field(pattern=r"^[01](\.[0-9]{1,12})?$"),
    AfterValidator(_decimal_share),
    Allowed(_SHARE_FORM),
]
"""A share as a decimal string, so that 0.99 is exactly 99/100."""

Channel = Literal[
    "10000", "12321", "12381", "12345", "government", "regulator", "quality_body", "court",
    "media", "party_a", "other",
]  # fmt: skip


class Pricing(Section):
    """Hold the tariff (clauses 5.1 and 5.2)."""

    mt_fen: Figure = 3
    mo_fen: Figure = 3
    function_fee_fen: Figure = 0
    """Monthly fee of clause 5.1, for which 5.2 names no amount."""
    vat_rate: DecimalShare = "0.06"
    """Tax share shown on a statement; prices contain it."""


class Billing(Section):
    """Say what is billed and when (clauses 5.2 and 5.3)."""

    unit: Literal["segment", "message"] = "segment"
    segment_rule: Literal["domestic", "pdu"] = "domestic"
    """70/67 characters for any text, or the octets of the real PDUs by data_coding."""
    success_state: Literal["delivered", "accepted"] = "delivered"
    """What 实际成功发送 means: a DELIVRD receipt, or acceptance by the message centre."""
    mo_success: Literal["acknowledged", "sent"] = "acknowledged"
    anchor: date = date(2023, 12, 1)
    """First day of the first settlement period."""
    period_months: Annotated[int, Field(ge=1, le=120)] = 6
    due_days: Days = 30
    """Days from the invoice to the due date."""
    cut_off_days: Days = 3
    """Days after a period within which a late receipt still belongs to it."""
    free_month: Literal["calendar", "days30", "none"] = "calendar"
    """The month without fee of clause 5.2: a calendar month or any 30 days."""
    free_month_notice_days: Days = 30
    free_month_first_day: date | None = None
    """First day of the free month as announced; without one there is none yet."""
    late_fee: DecimalShare = "0.003"
    """Share of the arrears due for each day overdue (clause 7.2), simple interest."""


class Sla(Section):
    """Say how the quality index of clause 3.2.4 is measured."""

    success_rate: DecimalShare = "0.99"
    complaints: Figure = 10
    """Complaints in 12 consecutive months that are still within the index."""
    logic: Literal["or", "and", "rate_only", "complaints_only"] = "or"
    """Which of the two limbs must hold for the index to be met."""
    rate_window: Literal["period", "month", "trailing12"] = "period"
    base: Literal["ok_carrier", "accepted", "attempts"] = "ok_carrier"
    """Denominator: successes and carrier-liable failures; all accepted; all submitted."""
    directions: Literal["both", "mt", "mo"] = "both"
    complaint_filter: Literal["verified_b", "verified", "all"] = "verified_b"
    """Which complaints count: verified ones that party B answers for, all verified, all."""
    handset_intercept: Literal["ok", "exempt"] = "ok"
    """What a message hidden by software on the handset counts as; its receipt says DELIVRD."""
    no_receipt_h: Annotated[int, Field(ge=1, le=744)] = 72
    """Hours after which a message without receipt is a carrier-liable failure."""
    code_class: dict[Annotated[str, Field(pattern=r"^[0-9A-Za-z:]{1,16}$")], Liability] = Field(
        default={}
    )
    """Liability of a receipt's error code where it differs from the shipped table."""
    failures: Literal["carrier", "all"] = "carrier"
    """What the failure rate counts: carrier-liable failures, or all of the base that failed."""
    complaint_window: Literal["end", "worst"] = "end"
    """Twelve months whose complaints count: those to the window's end, or the worst touching it."""


class Complaints(Section):
    """Hold the complaint figures that are counted apart (clause 4.3.1, annex 1 item 14)."""

    counters: tuple[Literal["sla", "row5", "no_consent", "monthly"], ...] = (
        "sla",
        "row5",
        "no_consent",
        "monthly",
    )
    """Counters a complaint feeds; each has its own filter and one complaint may feed several."""
    first_reply_s: Annotated[int, Field(ge=1, le=86400)] = 3600
    """Time for the first reply, seconds; exactly that long is in time."""
    monthly_stop: Figure = 100
    """Complaints of all channels in a month from which party B may stop the service."""
    monthly_auto_stop: bool = False
    """Stop by itself at that number instead of raising an alert."""
    channels: tuple[Channel, ...] = ("10000", "12321", "12381", "12345", "government",
                                     "regulator", "quality_body", "court", "media", "party_a",
                                     "other")  # fmt: skip


class LiabilityRules(Section):
    """Hold the cap on party B's liability (clause 7.8)."""

    cap_months: Months = 1
    cap_share: DecimalShare = "1"
    cap_base: Literal["collected_or_accrued", "collected", "accrued"] = "collected_or_accrued"
    """Fees the cap is taken of; the default takes accrued ones where none were collected."""
    cap_includes_rebate: bool = False


class Escalation(Section):
    """Say when many breaches make a graver one (rows 9 and 25)."""

    general_cases: Annotated[int, Field(ge=1, le=10000)] = 3
    serious_cases: Annotated[int, Field(ge=1, le=10000)] = 2
    window_days: Annotated[int, Field(ge=1, le=3660)] = 30
    daily_share: Share = 0.01
    """Share of a day's MT messages that one kind of breach must reach."""
    daily_messages: Figure = 1000
    unsubscribe_failures: Share = 0.05
    """Share of unsubscriptions that fail from which row 2 applies."""


class Breach(Section):
    """Hold the figures of the breach table and of rectification (clause 7.3)."""

    start: Literal["sent", "delivered"] = "sent"
    """What a rectification period runs from, once the notice is validly delivered."""
    early_release: bool = False
    """End a block before its days are over when party B confirms early."""
    block_scope: Literal["case_ports", "all_ports"] = "case_ports"
    while_blocked: Literal["hold", "cancel", "send"] = "hold"
    """What happens to messages queued before the block."""
    consent_window: Literal["term", "trailing12", "month"] = "term"
    """Time over which complaints of rows 1, 8 and 22 are counted."""
    consent_serious: Figure = 1000
    """Complaints above which row 8 applies in place of row 1."""
    consent_major: Figure = 10000
    """Complaints above which row 22 applies."""
    row7_auto: bool = False
    """Open a breach case by itself when a payment is late."""
    general_days: Days = 14
    serious_days: Days = 30
    major_freeze_months: Months = 6
    general_penalty_fen: Annotated[int, Field(ge=0)] = 1_000_000
    serious_penalty_fen: Annotated[int, Field(ge=0)] = 5_000_000
    major_penalty_fen: Annotated[int, Field(ge=0)] = 10_000_000
    escalation: Escalation = table()


class Suspension(Section):
    """Hold what goes with a precautionary stop (clauses 7.5 and 7.7)."""

    explain_days: Days = 5
    """Days party A has to explain itself."""


class ForceMajeure(Section):
    """Say when force majeure relieves (clause 9.1)."""

    require_notice: bool = True
    """Only a declared time with a written notice counts."""


class Renewal(Section):
    """Say what happens at the end of the term (clause 11.11)."""

    mode: Literal["none", "auto"] = "none"
    months: Months = 0
    """Length of each renewal; without a length nothing is renewed."""


class RetentionStep(Section):
    """Set the months records are kept, from a day on."""

    from_: date = Field(alias="from")
    months: Annotated[int, Field(ge=5, le=1200)]
    """Clause 3.1.11: at least five."""


class Retention(Section):
    """Say how long records are kept (clause 3.1.11)."""

    schedule: Annotated[tuple[RetentionStep, ...], Field(min_length=1)] = Field(
        default=(
            {"from": date(2015, 6, 30), "months": 5},
            {"from": date(2026, 5, 1), "months": 6},
        ),
        validate_default=True,
    )
    subscription_months: Months = 5
    """Months after the end of the relation for which (un)subscriptions are kept."""


class Assessment(Section):
    """Say how party B is assessed each 12 months (clause 3.1.15); weights are relative."""

    pass_score: Annotated[int, Field(ge=0, le=100)] = 60
    weight_sla: Figure = 40
    weight_fault_count: Figure = 15
    weight_fault_resolution: Figure = 15
    weight_support: Figure = 15
    weight_satisfaction: Figure = 15
    index_score: Literal["met", "rate"] = "met"
    """What a missed index of clause 3.2.4 scores: nothing, or the rate as a share of the objective;
    a met one scores 100."""
    faults_allowed: Figure = 0
    """Faults a year that cost no points."""
    fault_points: Annotated[int, Field(ge=0, le=100)] = 10
    """Points that each further fault costs, of 100."""
    resolve_h: Annotated[int, Field(ge=1, le=8760)] = 24
    """Hours in which a fault is resolved in time; the share of those scores."""
    rectify_days: Annotated[int, Field(ge=1, le=36500)] = 30
    """Days to rectify where an order names no other deadline."""

    @model_validator(mode="after")
    def _weighed(self) -> Self:
        if not any(value for name, value in self if name.startswith("weight_")):
            raise ValueError("at least one weight above 0")
        return self


class InstantTargets(Section):
    """Hold the targets of the instant service; clause 1.5 names none, so no penalty follows."""

    p95_s: Annotated[float, Field(gt=0, le=86400, allow_inf_nan=False)] = 5.0
    """Seconds from submission to DELIVRD for 95 of 100 messages."""
    success_rate: DecimalShare = "0.99"


class InstantService(Section):
    """Hold what concerns the instant service alone (clause 1.5)."""

    targets: InstantTargets = table()


class Routing(Section):
    """Say which recipients are served (clauses 1.8 and 1.9)."""

    offnet_policy: Literal["interconnect", "reject"] = "interconnect"
    """What happens to a recipient who is not a subscriber of party B after porting."""


class Precedence(Section):
    """Say what prevails where documents disagree (clauses 11.3 and 11.10)."""

    order: tuple[Literal["supplement", "rules", "body", "purchase", "response", "annex"], ...] = (
        "supplement",
        "rules",
        "body",
        "purchase",
        "response",
        "annex",
    )
    rules_over_body: Literal["operations", "all", "none"] = "operations"
    """What party B's rules may change of the body: operational limits, everything, nothing."""
