"""Keep the templates with their versions and the procedure that changes them (clause 3.1.6).

    draft ──submit──► submitted ──approve──► approved ──its time comes──► effective ──► ended
      ▲                   │                     │                            │
      └─────send back─────┘                     └──────────revoke────────────┴──► revoked

`effective` and `ended` follow from the clock alone: no event marks them, so nothing has to happen
at that moment and a message is judged by the version in force at its own time. A version ends when
its time is over or when the next one comes into force. One that is revoked before it ever was in
force leaves the version before it as it was.

Each step is two calls: a verb checks whether it is possible and gives the event, `apply` takes the
event in. The journal stands between them; folding its events alone rebuilds the registry.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Final, Literal, get_args

from config.content import Category, TemplateRules
from config.section import Service

from .template_events import (
    TemplateDecided,
    TemplateDrafted,
    TemplateEvent,
    TemplateRevoked,
    TemplateSubmitted,
)
from .templates import ApprovedTemplate, TemplateBook, pattern_of

Stage = Literal["draft", "submitted", "approved"]
"""How far a version has come in the procedure."""

State = Literal["draft", "submitted", "approved", "effective", "ended", "revoked"]
"""What a version is at some moment."""

CATEGORIES: Final[tuple[str, ...]] = get_args(Category)
SERVICES: Final[tuple[str, ...]] = get_args(Service)

_MAX_ID: Final = 64
_NAME: Final = re.compile(rf"[A-Za-z0-9_.-]{{1,{_MAX_ID}}}")


class TemplateError(ValueError):
    """Say why a step of the procedure isn't possible, and what would be."""


@dataclass(slots=True, frozen=True)
class TemplateVersion:
    """Hold one version of a template; times are UTC seconds since the epoch."""

    template: str
    version: int
    text: str
    category: str
    service: str
    description: str = ""
    stage: Stage = "draft"
    drafted_at: float = 0.0
    drafted_by: str = ""
    submitted_at: float = 0.0
    decided_at: float = 0.0
    decided_by: str = ""
    approval: str = ""
    """Number of party B's approval."""
    effective_from: float = -math.inf
    until: float = math.inf
    revoked_from: float = math.inf
    reason: str = ""
    """Given with the latest step."""

    @property
    def ends_at(self) -> float:
        """Give the first moment at which it is in force no longer, were it the only version."""
        return min(self.until, self.revoked_from)


class TemplateRegistry:
    """Hold every version of every template there ever was."""

    def __init__(
        self, contracted: Iterable[ApprovedTemplate] = (), rules: TemplateRules | None = None
    ) -> None:
        """Begin with the templates of the contract file, each as version 0.

        Raises ValueError when two of them have the same name.
        """
        self.rules = TemplateRules() if rules is None else rules
        self.changes = 0
        """Number of changes taken in; a verdict names it as the registry's version."""
        self._versions: dict[str, list[TemplateVersion]] = {}
        self._book: tuple[int, TemplateBook] | None = None
        for template in contracted:
            if template.id in self._versions:
                raise ValueError(f"template {template.id}: more than once in the contract file")
            self._versions[template.id] = [_contracted(template)]

    def names(self) -> list[str]:
        """Give the names of all templates, in order."""
        return sorted(self._versions)

    def versions(self, template: str) -> tuple[TemplateVersion, ...]:
        """Give all versions of a template, the oldest first; nothing for an unknown one."""
        return tuple(self._versions.get(template, ()))

    def state(self, template: str, version: int, at: float) -> State:
        """Give what a version is at that moment.

        Raises TemplateError for an unknown version.
        """
        found = self._version(template, version)
        if found.stage != "approved":
            return found.stage
        start, end = found.effective_from, self._end(found)
        if found.revoked_from < math.inf and at >= min(found.revoked_from, end):
            return "revoked"
        if at < start:
            return "approved"
        return "effective" if at < end else "ended"

    # What can be done: each gives the event to record, or raises TemplateError.

    def draft(
        self, at: float, who: str, template: str, text: str, *, category: str = "notice",
        service: str = "ordinary", description: str = "", reason: str = "",
    ) -> TemplateDrafted:  # fmt: skip
        """Begin a version, or word an open draft anew."""
        self._demand_form(template, text, category, service)
        versions = self.versions(template)
        version = versions[-1].version + 1 if versions else 1
        if versions and versions[-1].stage == "submitted":
            raise TemplateError(
                f"template {template}: version {versions[-1].version} is submitted; another draft "
                "can begin when it is decided"
            )
        if versions and versions[-1].stage == "draft":
            version = versions[-1].version
        return TemplateDrafted(
            at, who, template, version, text, category, service, description, reason
        )

    def submit(self, at: float, who: str, template: str, reason: str = "") -> TemplateSubmitted:
        """Submit the open draft for approval."""
        found = self._latest(template, "draft", "submit")
        return TemplateSubmitted(at, who, template, found.version, reason)

    def approve(
        self, at: float, who: str, template: str, *, effective_from: float | None = None,
        until: float | None = None, approval: str = "", reason: str = "",
    ) -> TemplateDecided:  # fmt: skip
        """Approve what is submitted, from now or a later moment on, and without or with an end."""
        found = self._latest(template, "submitted", "approve")
        start = at if effective_from is None else effective_from
        if start < at:
            raise TemplateError(
                f"template {template}: effective_from lies {at - start:g} s before the approval; "
                "allowed is the moment of approval or a later one"
            )
        if until is not None and until <= start:
            raise TemplateError(f"template {template}: until isn't after effective_from")
        end = 0.0 if until is None else until
        return TemplateDecided(at, who, template, found.version, True, start, end, approval, reason)

    def send_back(self, at: float, who: str, template: str, reason: str) -> TemplateDecided:
        """Refuse what is submitted: it is a draft again."""
        found = self._latest(template, "submitted", "send_back")
        return TemplateDecided(at, who, template, found.version, False, reason=reason)

    def revoke(
        self, at: float, who: str, template: str, reason: str, *, version: int | None = None,
        revoked_from: float | None = None,
    ) -> TemplateRevoked:  # fmt: skip
        """Revoke a version, the latest approved one by default, from now or a later moment on."""
        found = self._revocable(template, version)
        state = self.state(template, found.version, at)
        if state not in ("approved", "effective"):
            raise TemplateError(
                f"template {template}: version {found.version} is {state}; revoke wants one that "
                "is approved or effective"
            )
        moment = at if revoked_from is None else revoked_from
        if moment < at:
            raise TemplateError(
                f"template {template}: revoked_from lies {at - moment:g} s in the past; what was "
                "sent by it stays approved"
            )
        return TemplateRevoked(at, who, template, found.version, moment, reason)

    # What was done.

    def apply(self, event: TemplateEvent) -> None:
        """Take in what was recorded.

        Raises TemplateError when the event speaks of a version that was never drafted.
        """
        if isinstance(event, TemplateDrafted):
            self._drafted(event)
        else:
            self._put(_changed(self._version(event.template, event.version), event))
        self.changes += 1

    def approved(self, since: float = -math.inf) -> list[ApprovedTemplate]:
        """Give the versions that are in force at any time from `since` on, with their times."""
        found: list[ApprovedTemplate] = []
        for name in self.names():
            for version in self._versions[name]:
                end = self._end(version)
                if version.stage == "approved" and version.effective_from < end > since:
                    found.append(_approved(version, end))
        return found

    def book(self, since: float = -math.inf, fold: Callable[[str], str] = str) -> TemplateBook:
        """Compile what is in force at any time from `since` on.

        Messages of before `since` can't be judged by it; leaving old versions out keeps it small.
        The book of all versions is kept until something changes.
        """
        if since > -math.inf or fold is not str:
            return TemplateBook(self.approved(since), self.rules, fold)
        if self._book is None or self._book[0] != self.changes:
            self._book = self.changes, TemplateBook(self.approved(), self.rules)
        return self._book[1]

    def _drafted(self, event: TemplateDrafted) -> None:
        self._put(
            TemplateVersion(
                event.template,
                event.version,
                event.text,
                event.category,
                event.service,
                event.description,
                drafted_at=event.at,
                drafted_by=event.who,
                reason=event.reason,
            )
        )

    def _put(self, version: TemplateVersion) -> None:
        versions = self._versions.setdefault(version.template, [])
        kept = [known for known in versions if known.version != version.version]
        self._versions[version.template] = sorted([*kept, version], key=lambda v: v.version)

    def _end(self, version: TemplateVersion) -> float:
        """Give the first moment at which a version is in force no longer."""
        followers = (
            later.effective_from
            for later in self._versions[version.template]
            if later.version > version.version
            and later.stage == "approved"
            and later.effective_from < later.ends_at
        )
        return min((version.ends_at, *followers))

    def _version(self, template: str, version: int) -> TemplateVersion:
        for found in self._versions.get(template, ()):
            if found.version == version:
                return found
        known = ", ".join(str(found.version) for found in self.versions(template))
        raise TemplateError(
            f"template {template}: no version {version}; there are {known}"
            if known
            else f"template {template}: unknown"
        )

    def _latest(self, template: str, stage: Stage, verb: str) -> TemplateVersion:
        versions = self.versions(template)
        if not versions:
            raise TemplateError(f"template {template}: unknown; begin with a draft")
        found = versions[-1]
        if found.stage != stage:
            raise TemplateError(
                f"template {template}: version {found.version} is {found.stage}; {verb} wants one "
                f"that is {'a draft' if stage == 'draft' else stage}"
            )
        return found

    def _revocable(self, template: str, version: int | None) -> TemplateVersion:
        if version is not None:
            return self._version(template, version)
        approved = [found for found in self.versions(template) if found.stage == "approved"]
        if not approved:
            raise TemplateError(f"template {template}: no version is approved; nothing to revoke")
        return approved[-1]

    def _demand_form(self, template: str, text: str, category: str, service: str) -> None:
        if _NAME.fullmatch(template) is None:
            raise TemplateError(
                f"template name {template!r}: allowed are 1 to {_MAX_ID} letters, digits, dots, "
                "dashes and underscores"
            )
        for key, seen, allowed in (
            ("category", category, CATEGORIES),
            ("service", service, SERVICES),
        ):
            if seen not in allowed:
                raise TemplateError(
                    f"template {template}: {key} {seen!r}, allowed are {', '.join(allowed)}"
                )
        try:
            pattern_of(ApprovedTemplate(template, 1, text), self.rules.free_text)
        except ValueError as error:
            raise TemplateError(str(error)) from error


def _changed(
    version: TemplateVersion, event: TemplateSubmitted | TemplateDecided | TemplateRevoked
) -> TemplateVersion:
    if isinstance(event, TemplateSubmitted):
        return replace(version, stage="submitted", submitted_at=event.at, reason=event.reason)
    if isinstance(event, TemplateRevoked):
        return replace(version, revoked_from=event.revoked_from, reason=event.reason)
    decided = replace(
        version, decided_at=event.at, decided_by=event.who, reason=event.reason, stage="draft"
    )
    if not event.approved:
        return decided
    return replace(
        decided,
        stage="approved",
        approval=event.approval,
        effective_from=event.effective_from,
        until=event.until or math.inf,
    )


def _contracted(template: ApprovedTemplate) -> TemplateVersion:
    return TemplateVersion(
        template.id,
        template.version,
        template.text,
        template.category,
        template.service,
        stage="approved",
        effective_from=template.valid_from,
        until=template.valid_to,
    )


def _approved(version: TemplateVersion, end: float) -> ApprovedTemplate:
    return ApprovedTemplate(
        version.template,
        version.version,
        version.text,
        version.category,
        version.service,
        version.effective_from,
        end,
    )
