"""Hold that every module has a test file of its own, where a newcomer looks for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from .tree import python_files, tracked_files

PACKAGES = ("smpp", "config", "routing", "metrics")


def modules() -> list[Path]:
    return [path for path in python_files(*PACKAGES) if path.name != "__init__.py"]


def file_of_tests_for(module: Path) -> Path:
    """Give where the tests of a module are: smpp/udh.py → tests/smpp/test_udh.py."""
    return Path("tests") / module.with_name(f"test_{module.name}")


@pytest.mark.parametrize("package", PACKAGES)
def test_every_module_of_the_package_has_its_test_file(package: str) -> None:
    tracked = set(tracked_files())
    missing = [
        str(module)
        for module in modules()
        if module.parts[0] == package and file_of_tests_for(module) not in tracked
    ]
    assert missing == []
