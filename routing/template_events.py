"""Name what the journal records of the change procedure of templates (clause 3.1.6).

The rules for changing these structures are those of `routing.events`.
"""

from __future__ import annotations

from typing import TypeAlias

from .event import Event


class TemplateDrafted(Event, tag=30, gc=False):
    """Record a draft: a new version of a template, or another wording of its open draft."""

    who: str
    template: str
    version: int
    """From 1; 0 is the contract file's."""
    text: str
    """After the signature; variables in braces."""
    category: str
    service: str
    description: str = ""
    reason: str = ""


class TemplateSubmitted(Event, tag=31, gc=False):
    """Record that a draft was submitted for approval."""

    who: str
    template: str
    version: int
    reason: str = ""


class TemplateDecided(Event, tag=32, gc=False):
    """Record party B's decision: approval for a time, or back to the draft."""

    who: str
    template: str
    version: int
    approved: bool
    effective_from: float = 0.0
    """Business time from which it is in force."""
    until: float = 0.0
    """Business time before which it is in force; 0 = without end."""
    approval: str = ""
    """Number of party B's approval."""
    reason: str = ""


class TemplateRevoked(Event, tag=33, gc=False):
    """Record that an approved version is in force no longer than before `revoked_from`."""

    who: str
    template: str
    version: int
    revoked_from: float
    reason: str = ""


TemplateEvent: TypeAlias = TemplateDrafted | TemplateSubmitted | TemplateDecided | TemplateRevoked
