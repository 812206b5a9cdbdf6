"""Find the programs that tests start, or say what to install.

A missing program skips the test with a line that says so; with `CI=true` it fails it, so that a
green run of continuous integration has run everything.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import pytest

ROOT = Path(__file__).resolve().parents[2]
CLIENTS = ROOT / "examples" / "clients"
NODE_MODULES = CLIENTS / "node_modules"


@dataclass(frozen=True, slots=True)
class Program:
    """Say where a program (or a library of another language) is looked for, and who has it."""

    candidates: tuple[str, ...]
    """Commands on the PATH, or absolute paths."""
    install: str


PROGRAMS: dict[str, Program] = {
    "gcc": Program(("gcc",), "apt-get install gcc libc6-dev"),
    "faketime": Program(("faketime",), "apt-get install faketime"),
    "git": Program(("git",), "apt-get install git"),
    "node": Program(("node", "nodejs"), "apt-get install nodejs"),
    "openssl": Program(("openssl",), "apt-get install openssl"),
    "perl": Program(("perl",), "apt-get install perl"),
    "bearerbox": Program(("bearerbox", "/usr/sbin/bearerbox"), "apt-get install kannel"),
    "smsbox": Program(("smsbox", "/usr/sbin/smsbox"), "apt-get install kannel"),
    "promtool": Program(("promtool",), "apt-get install prometheus"),
    "prometheus": Program(("prometheus",), "apt-get install prometheus"),
    "tshark": Program(("tshark",), "apt-get install tshark"),
    "npm smpp": Program(
        (str(NODE_MODULES / "smpp" / "package.json"),), "npm ci --prefix examples/clients"
    ),
}


def require_program(name: str) -> Path:
    """Give the path of a program of `PROGRAMS`; skip the test when it is missing (fail in CI)."""
    program = PROGRAMS[name]
    found = next((path for path in map(_find, program.candidates) if path is not None), None)
    if found is None:
        missing(f"{name} is not installed: {program.install} (make programs does it as root)")
    return found


def require_perl_module(name: str) -> None:
    """Skip the test when perl lacks a module (fail in CI)."""
    perl = require_program("perl")
    tried = subprocess.run([perl, f"-M{name}", "-e", "1"], capture_output=True, check=False)
    if tried.returncode:
        package = f"lib{name.lower().replace('::', '-')}-perl"
        missing(f"perl's {name} is not installed: apt-get install {package} (make programs)")


def missing(reason: str) -> NoReturn:
    """Skip the test for want of something of the machine; fail it in CI."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def _find(candidate: str) -> Path | None:
    if candidate.startswith("/"):
        return Path(candidate) if Path(candidate).exists() else None
    found = shutil.which(candidate)
    return Path(found) if found else None
