"""Give the journal's events their common form; `routing.events` has the rules of the schema."""

from __future__ import annotations

import msgspec


class Event(msgspec.Struct, array_like=True, gc=False):
    """Be the common form of all events; the tag of each subclass is fixed for ever."""

    at: float
