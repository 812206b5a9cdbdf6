"""Hold what happens when a program that tests start is missing, and who installs it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.programs import PROGRAMS, Program, require_perl_module, require_program

from .tree import read


@pytest.fixture
def no_such_program(monkeypatch: pytest.MonkeyPatch) -> str:
    absent = Program(("no-such-program", "/nowhere/no-such-program"), "apt-get install it")
    monkeypatch.setitem(PROGRAMS, "absent", absent)
    return "absent"


def test_a_missing_program_skips_and_says_what_to_install(
    no_such_program: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="absent is not installed: apt-get install it"):
        require_program(no_such_program)


def test_a_missing_program_fails_in_continuous_integration(
    no_such_program: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="apt-get install it"):
        require_program(no_such_program)


def test_a_missing_perl_module_names_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="apt-get install libno-such-module-perl"):
        require_perl_module("No::Such::Module")


def test_every_package_a_test_asks_for_is_installed_by_make_test() -> None:
    script = read(Path("tools/install-test-programs"))
    asked = {
        package
        for program in PROGRAMS.values()
        for package in program.install.removeprefix("apt-get install ").split()
        if program.install.startswith("apt-get install ")
    }
    installed = set(re.findall(r"(?m)^[\w/.-]+ +([\w.+-]+) +\S", script))
    assert asked - installed == {"git"}
