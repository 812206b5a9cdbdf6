"""Load the configuration for a command."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from config.loader import Loaded, load
from config.problems import ConfigError, Problem
from config.settings import Settings

from .exits import CommandError, Exit


def load_or_stop(
    path: Path | None, overrides: Mapping[str, object | None], environ: Mapping[str, str]
) -> tuple[Settings, tuple[Problem, ...]]:
    """Give the settings and what may surprise about them; overrides that are None don't count.

    Raises CommandError (3) with every problem, one a line.
    """
    try:
        loaded = load_given(path, overrides, environ)
    except ConfigError as error:
        raise CommandError(Exit.CONFIG, str(error)) from error
    return loaded.settings, loaded.warnings


def load_given(
    path: Path | None, overrides: Mapping[str, object | None], environ: Mapping[str, str]
) -> Loaded:
    """Load; overrides that are None don't count.

    Raises ConfigError with every problem.
    """
    given = {key: value for key, value in overrides.items() if value is not None}
    return load(path, environ, given)
