"""Hold what is installed: five root packages of one application, never uploaded by mistake."""

from __future__ import annotations

import importlib.metadata
import tomllib
from fnmatch import fnmatch
from pathlib import Path

import pytest

from tests.support.programs import ROOT

from .tree import PACKAGES, tracked_files

DISTRIBUTION = "smsgw"


@pytest.mark.parametrize("package", PACKAGES)
def test_the_package_belongs_to_this_distribution_alone(package: str) -> None:
    assert set(importlib.metadata.packages_distributions()[package]) == {DISTRIBUTION}


def test_the_distribution_installs_no_other_package() -> None:
    owned = {
        package
        for package, owners in importlib.metadata.packages_distributions().items()
        if DISTRIBUTION in owners and not package.startswith("__editable__")
    }
    assert owned == set(PACKAGES)


def test_registries_refuse_the_distribution() -> None:
    classifiers = importlib.metadata.metadata(DISTRIBUTION).get_all("Classifier") or []
    assert "Private :: Do Not Upload" in classifiers


def test_the_distribution_brings_one_command() -> None:
    commands = [
        (entry.name, entry.value)
        for entry in importlib.metadata.distribution(DISTRIBUTION).entry_points
    ]
    assert commands == [("smsgw", "gateway.__main__:main")]


def test_every_data_file_of_a_package_is_installed_with_it() -> None:
    setuptools = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]
    patterns = [
        f"{package}/{pattern}"
        for package, below in setuptools["package-data"].items()
        for pattern in below
    ]
    assert [path for path in data_files() if not installed(path, patterns)] == []


def data_files() -> list[Path]:
    return [path for path in tracked_files() if path.parts[0] in PACKAGES and path.suffix != ".py"]


def installed(path: Path, patterns: list[str]) -> bool:
    """Match like setuptools: `**/` stands for any folders, none included."""
    return any(
        fnmatch(str(path), variant)
        for pattern in patterns
        for variant in (pattern, pattern.replace("**/", ""))
    )
