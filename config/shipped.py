"""Name the folder of the data that comes with the package."""

from __future__ import annotations

from pathlib import Path
from typing import Final

DATA: Final = Path(__file__).parent / "data"
"""Contracts, templates, number plan and network. A plain path: the package is always installed as
files, and importlib.resources would cost 7 ms of every start."""
