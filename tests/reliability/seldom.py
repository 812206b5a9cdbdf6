"""Mark tests that `make torture` runs alone: faster tests elsewhere show most of the same."""

from __future__ import annotations

import os

import pytest

torture_only = pytest.mark.skipif(
    os.environ.get("SMSGW_TORTURE") != "1", reason="long: part of make torture"
)
