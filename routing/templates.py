"""Say whether a text is approved: which template it comes from, and how far it departs from it.

Clause 3.1.6: party A sends the content that was approved, and changes it by the change procedure.
A text belongs to a template when it has its fixed text and values of the variables' forms, or
comes at least as near as `template.match`. From `template.minor_change` on it is a small change
of the template (breach row 3), below a big one (row 17); where no template of the service is in
force, it is an unreviewed business (row 15).

The templates of the two services are apart: one approved for ordinary messages isn't for instant
ones (方式, the manner of sending, is approved too).
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final, Literal

from config.content import Template, TemplateRules
from config.section import SHANGHAI

from .finding import Finding
from .scope import ALWAYS
from .template_index import TemplateIndex
from .template_pattern import Deviation, Likeness, TemplatePattern

MatchKind = Literal["exact", "similar", "minor", "major", "none"]

BREACH_ROWS: Final[dict[MatchKind, int]] = {
    "exact": 0,
    "similar": 0,
    "minor": 3,
    "major": 17,
    "none": 15,
}
"""Row of clause 7.3 that each kind of match is evidence for; 0 is none."""

_MAJOR_CHANGE: Final = BREACH_ROWS["major"]


@dataclass(slots=True, frozen=True)
class ApprovedTemplate:
    """Hold one version of an approved text, valid from <= at < to (UTC seconds since the epoch)."""

    id: str
    version: int
    text: str
    """After the signature; variables in braces, see `config.template_text`."""
    category: str = "notice"
    service: str = "ordinary"
    valid_from: float = ALWAYS[0]
    valid_to: float = ALWAYS[1]

    def valid_at(self, at: float) -> bool:
        """Say whether it is in force at that moment."""
        return self.valid_from <= at < self.valid_to


@dataclass(slots=True, frozen=True)
class TemplateMatch:
    """Say which template a text comes from.

    `exact` and `similar` texts are the template's, `minor` ones a small change of it. `major` is
    a text that departs further from every template of its service: `template` is the nearest one,
    if any is near at all. `none` means that the service has no template in force.
    """

    kind: MatchKind
    template: ApprovedTemplate | None = None
    similarity: float = 0.0
    """0 to 1."""
    free_values: tuple[str, ...] = ()
    """Values of the free texts of an exact match: what nobody has approved."""
    deviations: tuple[Deviation, ...] = ()
    unknown: bool = False
    """Whether a variable has no value of its form."""
    elsewhere: ApprovedTemplate | None = None
    """A template that the text fits exactly, but that is another service's or isn't in force."""

    @property
    def approved(self) -> bool:
        """Say whether the text counts as the template's."""
        return self.kind in ("exact", "similar")

    def breach_row(self, category: str = "") -> int:
        """Give the row of clause 7.3 it is evidence for, 0 for none.

        `category` is the message's as judged by its text: one that became commercial departs
        from its template in a major way, however few characters were changed.
        """
        if self.template is not None and category == "commercial" != self.template.category:
            return _MAJOR_CHANGE
        return BREACH_ROWS[self.kind]


_NO_TEMPLATES: Final = TemplateMatch("none")


class _Entry:
    """Be one template, compiled."""

    __slots__ = ("match", "pattern", "template", "valid_from", "valid_to")

    def __init__(self, template: ApprovedTemplate, pattern: TemplatePattern) -> None:
        self.template = template
        self.pattern = pattern
        self.valid_from = template.valid_from
        self.valid_to = template.valid_to
        self.match = TemplateMatch("exact", template, 1.0)
        """The match of every text that fits, unless there is free text in it."""

    def match_of(self, text: str) -> TemplateMatch | None:
        """Give the match of a text that fits, None for one that doesn't."""
        values = self.pattern.free_values(text)
        if values is None:
            return None
        return TemplateMatch("exact", self.template, 1.0, values) if values else self.match


class _Shelf:
    """Hold the templates of one service."""

    __slots__ = ("_dated", "_entries", "_in_force", "_index")

    def __init__(self, entries: Iterable[_Entry]) -> None:
        self._entries = sorted(
            entries,
            key=lambda e: (-len(e.pattern.fixed), e.template.id, -e.template.version),
        )
        self._index = TemplateIndex([entry.pattern for entry in self._entries])
        self._dated = any((e.valid_from, e.valid_to) != ALWAYS for e in self._entries)
        self._in_force = _joined((e.valid_from, e.valid_to) for e in self._entries)

    def any_in_force(self, at: float) -> bool:
        """Say whether a template is in force at that moment."""
        return bisect_right(self._in_force, at) % 2 == 1

    def exact(self, text: str, at: float) -> TemplateMatch | None:
        """Give the match with a template that the text fits and that is in force."""
        index = self._index
        for find in (index.by_head, index.by_tail, index.by_middle):
            for number in find(text):
                entry = self._entries[number]
                if entry.valid_from <= at < entry.valid_to:
                    match = entry.match_of(text)
                    if match is not None:
                        return match
        return None

    def at_another_time(self, text: str) -> ApprovedTemplate | None:
        """Give a template that the text fits, in force or not."""
        index = self._index
        for find in (index.by_head, index.by_tail, index.by_middle):
            for number in find(text):
                if self._entries[number].match_of(text) is not None:
                    return self._entries[number].template
        return None

    def nearest(
        self, text: str, at: float, floor: float
    ) -> tuple[ApprovedTemplate, Likeness] | None:
        """Give the template in force that the text comes nearest to; None for none near.

        Where no similarity can reach `floor`, the one that may come nearest does.
        """
        entries = self._entries
        numbers = self._index.near(
            text, (lambda n: entries[n].template.valid_at(at)) if self._dated else None
        )
        bounds = {number: self._entries[number].pattern.most_alike(text) for number in numbers}
        best: tuple[ApprovedTemplate, Likeness] | None = None
        for number in sorted(numbers, key=lambda n: (-bounds[n], n)):
            bound = bounds[number]
            if best is not None and (bound <= best[1].similarity or bound < floor):
                break
            likeness = self._entries[number].pattern.likeness(text)
            if best is None or likeness.similarity > best[1].similarity:
                best = self._entries[number].template, likeness
        return best


class TemplateBook:
    """Judge texts by the templates of one version of the registry; never changed afterwards."""

    __slots__ = ("_match", "_minor", "_shelves", "required")

    def __init__(
        self,
        templates: Iterable[ApprovedTemplate],
        rules: TemplateRules | None = None,
        fold: Callable[[str], str] = str,
    ) -> None:
        """Compile; texts that are judged have gone through the same `fold`.

        Raises ValueError naming the template and what is allowed.
        """
        given = TemplateRules() if rules is None else rules
        self._match = given.match
        self._minor = given.minor_change
        self.required = given.required
        """Whether a text that is no template's is refused."""
        by_service: dict[str, list[_Entry]] = {}
        for template in templates:
            entry = _Entry(template, pattern_of(template, given.free_text, fold))
            by_service.setdefault(template.service, []).append(entry)
        self._shelves = {service: _Shelf(entries) for service, entries in by_service.items()}

    def judge(self, text_without_signature: str, service: str, at: float) -> TemplateMatch:
        """Give the template that a text comes from, by the templates in force at that moment.

        `at` is UTC seconds since the epoch. Space around the text doesn't count.
        """
        if not self._shelves:
            return _NO_TEMPLATES
        text = text_without_signature.strip()
        shelf = self._shelves.get(service)
        if shelf is None:
            return TemplateMatch("none", elsewhere=self._elsewhere(text, service))
        return shelf.exact(text, at) or self._inexact(shelf, text, service, at)

    def _inexact(self, shelf: _Shelf, text: str, service: str, at: float) -> TemplateMatch:
        elsewhere = self._elsewhere(text, service)
        if not shelf.any_in_force(at):
            return TemplateMatch("none", elsewhere=elsewhere)
        found = shelf.nearest(text, at, self._minor)
        if found is None:
            return TemplateMatch("major", elsewhere=elsewhere)
        template, likeness = found
        return TemplateMatch(
            self._kind(likeness),
            template,
            likeness.similarity,
            deviations=likeness.deviations,
            unknown=likeness.unknown,
            elsewhere=elsewhere,
        )

    def _kind(self, likeness: Likeness) -> MatchKind:
        if likeness.similarity < self._minor:
            return "major"
        if likeness.similarity < self._match or likeness.unknown:
            return "minor"
        return "similar"

    def _elsewhere(self, text: str, service: str) -> ApprovedTemplate | None:
        """Give a template that the text would fit, were the service or the time another."""
        for _, shelf in sorted(self._shelves.items(), key=lambda item: item[0] != service):
            template = shelf.at_another_time(text)
            if template is not None:
                return template
        return None

    def finding(
        self, match: TemplateMatch, service: str, at: float, category: str = ""
    ) -> Finding | None:
        """Say for check `content_unapproved` why a text isn't approved; None where it is.

        The check is for contracts that want a template for every message (`required`).
        `category` is the message's as judged by its text: an offer in a template of another kind
        isn't what was approved. The finding names its row of clause 7.3.
        """
        row = match.breach_row(category)
        return replace(self._finding(match, service, at), rows=(row,)) if row else None

    def _finding(self, match: TemplateMatch, service: str, at: float) -> Finding:
        other = match.elsewhere
        if other is not None:
            return _found_elsewhere(other, service, at)
        if match.kind == "none":
            return Finding(
                f"no template of the {service} service is approved",
                f"该业务（{_SERVICES_ZH.get(service, service)}）没有已审批的模板",
            )
        if match.template is None:
            return Finding(
                "the text comes near to no approved template",
                "内容与任何已审批模板均不相近",
            )
        if match.approved:
            return _turned_commercial(match.template)
        return self._departed(match, match.template)

    def _departed(self, match: TemplateMatch, template: ApprovedTemplate) -> Finding:
        similarity = _rounded_down(match.similarity)
        place = max(match.deviations, key=lambda d: len(d.seen) + len(d.allowed))
        if match.kind == "minor" and match.similarity >= self._match:
            return Finding(
                f"the text is that of template {template.id}, but a variable has no value of its "
                f"form: {place.seen!r} where the template has {place.allowed!r}",
                f"内容与模板{template.id}一致，但变量取值不符合要求：“{place.seen}”，"
                f"模板为“{place.allowed}”",
                place.seen,
                place.allowed,
            )
        wanted = self._match if match.kind == "minor" else self._minor
        degree = ("a change of", "有改动") if match.kind == "minor" else ("far from", "差异较大")
        return Finding(
            f"the text is {degree[0]} approved template {template.id}: similarity {similarity}, "
            f"wanted is {self._match:g}"
            + ("" if match.kind == "minor" else f" (below {wanted:g} it is a different text)")
            + f"; it has {place.seen!r} where the template has {place.allowed!r}",
            f"内容与已审批模板{template.id}相比{degree[1]}：相似度{similarity}，要求{self._match:g}；"
            f"“{place.seen}”处模板为“{place.allowed}”",
            place.seen,
            place.allowed,
        )


def _turned_commercial(template: ApprovedTemplate) -> Finding:
    return Finding(
        f"the text is that of template {template.id}, approved for the category "
        f"{template.category}, and what was filled in makes it commercial",
        f"内容为模板{template.id}（审批类别{template.category}），但填入的内容使其成为商业性短信息",
        "commercial",
        template.category,
    )


_SERVICES_ZH: Final = {"ordinary": "普通行业短信", "instant": "秒达短信"}


def pattern_of(
    template: ApprovedTemplate, free_text: int, fold: Callable[[str], str] = str
) -> TemplatePattern:
    """Compile a template's text.

    Raises ValueError naming the template and what is allowed.
    """
    try:
        return TemplatePattern(template.text, free_text, fold)
    except ValueError as error:
        raise ValueError(f"template {template.id}: allowed is {error}") from error


def from_contract(template: Template) -> ApprovedTemplate:
    """Give a template of the contract file, in force from its approval on; version 0."""
    starts = [
        moment.timestamp() for moment in (template.approved_at, template.valid_from) if moment
    ]
    return ApprovedTemplate(
        template.id,
        0,
        template.text,
        template.category,
        template.service,
        max(starts, default=ALWAYS[0]),
        ALWAYS[1] if template.valid_to is None else template.valid_to.timestamp(),
    )


def _joined(spans: Iterable[tuple[float, float]]) -> list[float]:
    """Give the beginnings and ends, in turn, of the times that the spans cover together."""
    edges: list[float] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if not edges or start > edges[-1]:
            edges += (start, end)
        else:
            edges[-1] = max(edges[-1], end)
    return edges


def without_signature(text: str, signature: str) -> str:
    """Give the text without its bracketed signature, wherever it stands ("" for none)."""
    if not signature:
        return text
    if text.startswith(signature):
        return text[len(signature) :]
    return text.removesuffix(signature)


def _found_elsewhere(template: ApprovedTemplate, service: str, at: float) -> Finding:
    if template.service != service:
        return Finding(
            f"the text is that of template {template.id}, approved for the {template.service} "
            f"service, not for the {service} one",
            f"内容为模板{template.id}，仅审批用于{_SERVICES_ZH.get(template.service)}",
            service,
            template.service,
        )
    early = at < template.valid_from
    moment = _moment(template.valid_from if early else template.valid_to)
    return Finding(
        f"the text is that of template {template.id}, "
        + (f"in force from {moment} on" if early else f"in force until {moment}"),
        f"内容为模板{template.id}，" + (f"{moment}起生效" if early else f"{moment}已失效"),
        _moment(at),
        f"from {moment}" if early else f"before {moment}",
    )


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).astimezone(SHANGHAI).isoformat(" ", "seconds")


def _rounded_down(similarity: float) -> str:
    """Give three decimals, never rounded up: 0.8999 isn't 0.9."""
    return f"{math.floor(similarity * 1000) / 1000:g}"
