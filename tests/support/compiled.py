"""Know whether the hot modules are compiled (see tools/compile_hot.py)."""

from __future__ import annotations

import pytest

from smpp import session

COMPILED = session.__file__.endswith(".so")

plain_python_only = pytest.mark.skipif(
    COMPILED,
    reason="puts a mistake in by replacing a method, which compiled callers do not look up",
)
