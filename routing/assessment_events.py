"""Name what the journal records of the yearly assessments of party B (clause 3.1.15).

The rules of `routing.events` hold. `year` is the first day of a contract year, YYYY-MM-DD; `who` is
a person; a moment of 0.0 is `at`.
"""

from __future__ import annotations

from typing import TypeAlias

from .event import Event


class AssessmentEntered(Event, tag=90, gc=False):
    """Record what party A says of a year; a later entry replaces an earlier one.

    Scores are 0 to 100, -1 for what the entry leaves as it was.
    """

    year: str
    who: str
    support: int = -1
    """Score of the technical support."""
    satisfaction: int = -1
    why: str = ""
    reference: str = ""
    """Survey, record of tickets or minutes that it rests on."""


class AssessmentMoved(Event, tag=91, gc=False):
    """Record one step of the rectification of a year that did not qualify.

    order: party A demands it by `deadline`; complete: party B says since `moment` that it is done;
    accept, reject, withdraw: what party A says then. A rejected one may have another `deadline`.
    """

    year: str
    action: str
    who: str
    why: str = ""
    moment: float = 0.0
    deadline: float = 0.0
    """Last instant that is in time, UTC seconds since the epoch."""
    reference: str = ""


AssessmentEvent: TypeAlias = AssessmentEntered | AssessmentMoved
