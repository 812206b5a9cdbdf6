"""Measure the quality index of clause 3.2.4: a fold over the journal, read as a query asks."""

from .assessment import Assessment, assess, complaint_times
from .classes import Classes, Rate
from .counts import Counts, Group, SlaView
from .ledger import SlaLedger
from .readings import Readings, readings_of
from .relief import DeclaredRelief, Relief
from .windows import Window, named

__all__ = [
    "Assessment",
    "Classes",
    "Counts",
    "DeclaredRelief",
    "Group",
    "Rate",
    "Readings",
    "Relief",
    "SlaLedger",
    "SlaView",
    "Window",
    "assess",
    "complaint_times",
    "named",
    "readings_of",
]
