"""Share what the tests of reliability start."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.programs import missing

from .torture import build_shim
from .victim import Victim


@pytest.fixture(scope="session")
def shim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Compile the library that forgets what was not fsynced, and fails an fsync on demand."""
    library = build_shim(tmp_path_factory.mktemp("shim"))
    if library is None:
        missing("no C compiler: apt-get install gcc libc6-dev")
    return library


@pytest.fixture
def many(request: pytest.FixtureRequest) -> Callable[[int, int], int]:
    """Choose between the number of cycles for every day and that of `make torture`."""
    torture = os.environ.get("SMSGW_TORTURE") == "1"
    return lambda usual, torturing: torturing if torture else usual


@pytest.fixture
def victims(tmp_path: Path) -> Iterator[Callable[..., Victim]]:
    """Make gateways that end with the test."""
    made: list[Victim] = []

    def make(toml: str, **options: object) -> Victim:
        victim = Victim(tmp_path / f"gateway{len(made)}", toml, **options)  # type: ignore[arg-type]  # the test's own words
        made.append(victim)
        return victim

    yield make
    for victim in made:
        victim.close()
