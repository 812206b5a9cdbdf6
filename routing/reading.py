"""Read what a text says, once for all checks that ask: its template, its category, what it offers.

A text is the same for every recipient of a broadcast, so the last readings are kept. What they
depend on beside the text is part of their key, or ends them: a change of the templates, and the
moments at which a template or the word lists come into force or cease to be.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from config.commercial_words import load_commercial_words
from config.contract import Contract
from config.word_files import SHIPPED, ListedWord, read_words

from .classification import Classification, Classifier
from .commercial import CommercialCheck
from .content_rules import ContentFilter, impersonation, obstacle, prohibited
from .finding import Finding
from .message import Message
from .signature import SignatureForm, signature_of
from .template_registry import TemplateRegistry
from .templates import TemplateMatch, without_signature
from .time_windows import Hours

KEPT: Final = 4_096
"""Readings that are kept; when there are as many, all are forgotten."""


@dataclass(frozen=True)
class Reading:
    """Hold what a text says; `signature` has its brackets, "" where there is none."""

    signature: str
    match: TemplateMatch
    classification: Classification
    unapproved: Finding | None
    """Why no template approves it."""
    prohibited: Finding | None = None
    impersonation: Finding | None = None
    hindered: Finding | None = None
    """What stands in the way of users who refuse."""

    @property
    def category(self) -> str:
        """Give what the message is for (config.content.Category)."""
        return self.classification.category


class Reader:
    """Read texts by one version of the contract and the templates that there are."""

    def __init__(
        self,
        contract: Contract,
        templates: TemplateRegistry,
        listed: Iterable[ListedWord] = (),
    ) -> None:
        """Compile what doesn't change; `listed` are the words of the contract's own files."""
        words = load_commercial_words()
        self._form = SignatureForm(
            position=contract.signature.position,
            allow_ascii=contract.signature.allow_ascii,
            min_length=contract.signature.min_length,
            max_length=contract.signature.max_length,
        )
        phones = (contract.party_a.service_phone,) if contract.party_a.service_phone else ()
        self._classifier = Classifier(words, contract.ads, own_numbers=phones)
        self.ads = CommercialCheck(contract.ads, contract.optout, words)
        self.hours = Hours(contract.time_windows)
        self._filter = ContentFilter(contract.content, read_words(SHIPPED), listed)
        self._templates = templates
        self._changes = -1
        self._kept: dict[tuple[str, str, str], Reading] = {}
        self._until = float("-inf")
        self._since = float("inf")
        # Several checks ask one after the other.
        self._last: Message | None = None
        self._reading = Reading("", TemplateMatch("none"), Classification("", "default"), None)

    def read(self, message: Message) -> Reading:
        """Read a message's text as of its submission."""
        if message is self._last:
            return self._reading
        at = message.at
        if self._templates.changes != self._changes or not self._since <= at < self._until:
            self._begin(at)
        key = (message.text, message.service, message.service_type)
        known = self._kept.get(key)
        if known is None:
            if len(self._kept) >= KEPT:
                self._kept.clear()
            known = self._kept[key] = self._read(message)
        self._last, self._reading = message, known
        return known

    def _begin(self, at: float) -> None:
        """Forget what was read by other templates, or at a time when others were in force."""
        self._kept.clear()
        self._changes = self._templates.changes
        self._book = self._templates.book()
        times = {m for one in self._templates.approved() for m in (one.valid_from, one.valid_to)}
        moments = sorted(times | {self._filter.starts_at})
        place = bisect_right(moments, at)
        self._since = moments[place - 1] if place else float("-inf")
        self._until = moments[place] if place < len(moments) else float("inf")

    def _read(self, message: Message) -> Reading:
        signature = signature_of(message.text, self._form)
        body = without_signature(message.text, signature)
        match = self._book.judge(body, message.service, message.at)
        found = self._classifier.classify(body, match, message.service_type)
        unapproved = None
        if self._book.required:
            unapproved = self._book.finding(match, message.service, message.at, found.category)
        hits = self._filter.judge(message.text, message.at, signature)
        return Reading(
            signature, match, found, unapproved, prohibited(hits), impersonation(hits),
            self.ads.hindered(body) or obstacle(hits),
        )  # fmt: skip
