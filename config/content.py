"""Model what may be said to whom: signatures, templates, consent, refusal, content and times.

Clauses 3.1.2 to 3.1.10 and annex 1 of the contract.
"""

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from .section import (
    AccessNumber,
    Allowed,
    EndInstant,
    ExistingFile,
    Figure,
    Instant,
    Section,
    Service,
    Words,
)
from .template_text import parse_template

Category = Literal[
    "verification", "notice", "reminder", "commercial", "public_interest", "internal", "emergency"
]
"""What a message is for; consent, refusal and frequency are kept by category."""

ContentCategory = Literal[
    "prohibited_1", "prohibited_2", "prohibited_3", "prohibited_4", "prohibited_5",
    "prohibited_6", "prohibited_7", "prohibited_8", "prohibited_9",
    "forbidden_1", "forbidden_2", "forbidden_3", "forbidden_4", "forbidden_5", "forbidden_6",
    "attack", "vulgar", "pornography_fee", "commercial", "impersonation", "obstacle", "brand",
]  # fmt: skip
"""Annex 1: the nine prohibitions and the six of item 7, item 8, items 10(1) and 10(2); clauses
3.1.8 and 3.1.10; breach rows 20 and 14."""

Name = Annotated[
    str,
    Field(pattern=r"^[A-Za-z0-9_.-]{1,64}$"),
    Allowed("1 to 64 letters, digits, dots, dashes and underscores"),
]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


def _pattern(value: str) -> str:
    try:
        re.compile(value)
    except re.error as error:
        raise ValueError(f"a regular expression ({error})") from error
    return value


Pattern = Annotated[str, Field(min_length=1, max_length=1000), AfterValidator(_pattern)]
TimeOfDay = Annotated[
    str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$|^24:00$"), Allowed("00:00 to 24:00")
]


def _template_text(value: str) -> str:
    parse_template(value)
    return value


class SignatureRules(Section):
    """Say where a signature stands and how it looks (clause 3.1.9)."""

    position: Literal["prefix", "suffix", "either"] = "prefix"
    allow_ascii: bool = False
    """Accept `[...]` beside 【...】."""
    min_length: Annotated[int, Field(ge=1, le=64)] = 2
    max_length: Annotated[int, Field(ge=1, le=64)] = 16
    """Characters between the brackets, at most."""


class Signature(Section):
    """Register one signature, without its brackets."""

    text: Annotated[
        str,
        Field(
            pattern=r"^([一-龥A-Za-z0-9]+|[A-Za-z0-9]+( [A-Za-z0-9]+)+)$",
            max_length=64,
        ),
        Allowed(
            "1 to 64 Chinese characters, letters and digits, without brackets; between words of "
            "letters and digits alone single spaces"
        ),
    ]
    access_numbers: tuple[AccessNumber, ...] = ()
    """Ports it is registered for; empty: every access number of the contract."""
    provider: Annotated[str, Field(max_length=100)] = ""
    """Service provider named in the application (breach row 4); empty: party A."""
    valid_from: Instant | None = None
    valid_to: EndInstant | None = None


class Template(Section):
    """Register one approved text (clause 3.1.6); variables stand in braces."""

    id: Name
    text: Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_template_text)]
    """The text after the signature."""
    category: Category = "notice"
    service: Service = "ordinary"
    description: Annotated[str, Field(max_length=500)] = ""
    approved_at: Instant | None = None
    valid_from: Instant | None = None
    valid_to: EndInstant | None = None


class TemplateRules(Section):
    """Say how near a text must come to an approved one (clause 3.1.6, breach rows 3, 15, 17)."""

    required: bool = False
    """Whether a message without any approved template is refused."""
    match: Share = 0.9
    """Similarity from which a text counts as the template's."""
    minor_change: Share = 0.6
    """Similarity from which a deviation is row 3; below it row 17, or 15 without template."""
    free_text: Annotated[int, Field(ge=0, le=500)] = 20
    """Longest value of a free-text variable, characters."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.minor_change > self.match:
            raise ValueError(f"`minor_change` at most `match` ({self.match:g})")
        return self


class ConsentRules(Section):
    """Say which messages need a consent on record (clause 3.1.7)."""

    required_for: tuple[Literal["all"] | Category, ...] = ("all",)
    exempt: tuple[Category, ...] = ()
    """Categories that need none, such as public_interest with an approval."""
    public_interest_approval: Annotated[str, Field(max_length=100)] = ""
    """Party B's approval for public-interest messages; empty: none is given."""
    code_ttl_s: Annotated[int, Field(ge=0, le=86400)] = 600
    """How long a user's own request counts as consent to a one-time code, seconds."""


Answer = Annotated[str, Field(max_length=500)]


class OptOutRules(Section):
    """Say how a user refuses and what follows (clauses 3.1.8 and 4.3)."""

    scope: Literal["commercial", "category", "all"] = "category"
    """What a refusal stops beside commercial messages, which it stops always: nothing, the
    category it was said to, everything."""
    grace_s: Annotated[int, Field(ge=0, le=31 * 86400)] = 0
    """How long after the refusal messages may still go out, seconds."""
    keywords: Words = ("T", "TD", "N", "R", "退订", "拒收", "0000", "QX", "STOP", "TD退订",
                       "T退订", "退订TD")  # fmt: skip
    """Replies that refuse, compared whole after trimming, NFKC and upper-casing."""
    keywords_all: Words = ("00000", "全部退订")
    """Replies that refuse every category."""
    keywords_in: Words = ("KT", "恢复", "恢复订阅", "START")
    """Replies that take a refusal back."""
    keywords_help: Words = ("CX", "BZ", "帮助")
    review: Words = ("退订", "拒收", "不要再发", "不要再给我发")
    """Words that send a longer reply to a person's review."""
    unsubscribe_h: Annotated[int, Field(ge=1, le=744)] = 24
    """Time party A has to complete an unsubscription, hours (clause 4.3)."""
    answer_out: Answer = ""
    """What the carrier itself answers to a refusal; empty: nothing."""
    answer_in: Answer = ""
    """What it answers to one taken back; empty: nothing."""
    answer_help: Answer = ""
    """What it answers to a call for help; empty: nothing."""


class AdPermission(Section):
    """Hold one permission of party B for commercial messages (clause 3.1.8)."""

    id: Annotated[str, Field(min_length=1, max_length=64)]
    valid_from: Instant
    valid_to: EndInstant
    access_numbers: tuple[AccessNumber, ...] = ()


class AdRules(Section):
    """Say when a commercial message is allowed (clause 3.1.8, annex 1 item 10(3))."""

    requires: Literal["both", "permission", "consent"] = "both"
    trigger_window_h: Annotated[int, Field(ge=0, le=744)] = 24
    """How long after a user's own message an answer counts as triggered by the user, hours."""
    words: Words = ()
    """Words that make a text commercial, beside the shipped ones."""
    allowed_numbers: Words = ("110", "119", "120", "122", "96110", "12110", "12321", "12345")
    """Service numbers whose mention does not make a text commercial."""
    permissions: tuple[AdPermission, ...] = ()


class ContentRule(Section):
    """Look for words or a pattern in a text (clauses 3.1.3, 3.1.10, annex 1 items 7 to 10)."""

    id: Name
    category: ContentCategory
    words: Words = ()
    pattern: Pattern | None = None
    except_words: Words = ()
    """Harmless phrases in which a hit does not count."""
    action: Literal["reject", "review", "flag"] = "reject"


class ContentRules(Section):
    """Hold the version and the rules of party B's own filter (clause 3.1.1)."""

    version: Annotated[str, Field(max_length=64)] = "1"
    effective_from: Instant | None = None
    notified_at: Instant | None = None
    """When party A was told; a rule set takes effect only afterwards."""
    rules: tuple[ContentRule, ...] = ()
    files: tuple[ExistingFile, ...] = ()
    """Word lists: one `category word` a line."""
    carrier_names: Words = ("中国电信", "电信公司", "天翼", "10000号")
    """Names that make a text pass for the carrier's (clause 3.1.10)."""
    carrier_harmless: Words = ("电信网络诈骗", "电信诈骗")
    """Phrases with such a name that are no impersonation."""
    brands: Words = ()
    """Names and marks of others that may stand in a text only with their leave (breach row 14)."""
    brands_action: Literal["reject", "flag"] = "flag"
    """What a watched brand leads to, in a list here or in a file."""


class TimeWindow(Section):
    """Allow a category between two times of the day, Asia/Shanghai."""

    category: Category
    opens: TimeOfDay
    closes: TimeOfDay
    services: tuple[Service, ...] = ("ordinary", "instant")


class FrequencyLimit(Section):
    """Limit messages of a category to one recipient in a sliding time."""

    category: Category | Literal["any"] = "any"
    count: Annotated[int, Field(ge=1, le=1_000_000)]
    period_s: Annotated[int, Field(ge=1, le=31 * 86400)]
    same_content: bool = False
    """Count only messages with the same text."""


class Frequency(Section):
    """Hold party B's limits per recipient, signature and category (clause 3.1.1)."""

    limits: tuple[FrequencyLimit, ...] = Field(
        default=(
            {"category": "verification", "count": 1, "period_s": 60},
            {"category": "verification", "count": 5, "period_s": 3600},
            {"category": "verification", "count": 10, "period_s": 86400},
            {"category": "notice", "count": 50, "period_s": 86400},
            {"category": "commercial", "count": 10, "period_s": 86400},
            {"category": "any", "count": 2, "period_s": 60, "same_content": True},
        ),
        validate_default=True,
    )
    exempt: tuple[Category, ...] = ("emergency",)


class Quota(Section):
    """Limit the messages of a day or a month in all; 0 is unlimited."""

    daily: Figure = 0
    monthly: Figure = 0
    unit: Literal["message", "segment"] = "segment"
