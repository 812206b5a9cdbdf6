"""Hold what the image promises: built in stages, run without privileges, watched."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass

import pytest

from config.section import parse_endpoint
from tests.support.programs import ROOT

from .tree import PACKAGES


@dataclass(frozen=True, slots=True)
class Instruction:
    """Hold one instruction of a Dockerfile, with its continuation lines joined."""

    word: str
    rest: str


def stages(dockerfile: str) -> list[list[Instruction]]:
    """Give the instructions of each stage, FROM first."""
    text = re.sub(r"(?m)^\s*#.*\n", "", dockerfile).replace("\\\n", " ")
    found: list[list[Instruction]] = []
    for line in text.splitlines():
        if line.strip():
            word, _space, rest = line.strip().partition(" ")
            if word == "FROM":
                found.append([])
            found[-1].append(Instruction(word, rest.strip()))
    return found


def argument(stage: list[Instruction], word: str) -> str:
    """Give what follows the last instruction of that name."""
    return [instruction.rest for instruction in stage if instruction.word == word][-1]


@pytest.fixture
def build() -> list[Instruction]:
    return stages((ROOT / "Dockerfile").read_text("utf-8"))[0]


@pytest.fixture
def final() -> list[Instruction]:
    return stages((ROOT / "Dockerfile").read_text("utf-8"))[-1]


@pytest.fixture
def environment(final: list[Instruction]) -> dict[str, str]:
    pairs = argument(final, "ENV").split()
    return dict(pair.split("=", 1) for pair in pairs)


def test_the_image_is_built_in_two_stages_on_a_slim_base() -> None:
    bases = [stage[0].rest for stage in stages((ROOT / "Dockerfile").read_text("utf-8"))]
    assert [re.sub(r"^python:3\.\d+-slim", "slim", base) for base in bases] == [
        "slim AS build",
        "slim",
    ]


def test_the_final_stage_takes_only_the_installed_environment(final: list[Instruction]) -> None:
    copies = [instruction.rest for instruction in final if instruction.word == "COPY"]
    assert copies == ["--from=build /opt/smsgw /opt/smsgw"]


def test_the_build_copies_every_package_and_what_pyproject_names(
    build: list[Instruction],
) -> None:
    copied = {
        name
        for instruction in build
        if instruction.word == "COPY"
        for name in instruction.rest.split()[:-1]
    }
    assert copied == {*PACKAGES, "tools", "pyproject.toml", "README.md", "LICENSE"}


def test_the_build_compiles_the_hot_modules_and_leaves_the_compiler_behind(
    build: list[Instruction], final: list[Instruction]
) -> None:
    commands = [instruction.rest for instruction in build if instruction.word == "RUN"]
    assert commands[-1] == "tools/compile-for-image /opt/compiler /opt/smsgw"
    assert os.access(ROOT / "tools" / "compile-for-image", os.X_OK)
    assert not any("compiler" in instruction.rest for instruction in final)


def test_the_build_context_holds_what_is_copied_and_no_more() -> None:
    lines = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    allowed = {line[1:] for line in lines if line.startswith("!")}
    assert "*" in lines
    assert allowed == {*PACKAGES, "tools", "pyproject.toml", "README.md", "LICENSE"}


def test_the_gateway_does_not_run_as_root(final: list[Instruction]) -> None:
    assert argument(final, "USER") == "smsgw"
    assert any("useradd" in instruction.rest for instruction in final if instruction.word == "RUN")


def test_the_health_check_asks_readyz(final: list[Instruction]) -> None:
    command = argument(final, "HEALTHCHECK").partition("CMD ")[2]
    program, flag, code = json.loads(command)
    compile(code, "HEALTHCHECK", "exec")
    assert (program, flag) == ("python", "-c")
    assert "/readyz" in code


def test_data_lies_in_the_volume(final: list[Instruction], environment: dict[str, str]) -> None:
    assert argument(final, "VOLUME") == environment["SMSGW_DATA__DIR"]


def test_smpp_is_reachable_and_http_is_not_without_a_token(
    final: list[Instruction], environment: dict[str, str]
) -> None:
    smpp = parse_endpoint(environment["SMSGW_SMPP__LISTEN"])
    http = parse_endpoint(environment["SMSGW_HTTP__LISTEN"])
    assert (smpp.host, http.loopback) == ("0.0.0.0", True)
    assert argument(final, "EXPOSE").split() == [str(smpp.port), str(http.port)]


def test_the_container_starts_the_gateway(final: list[Instruction]) -> None:
    assert json.loads(argument(final, "ENTRYPOINT")) == ["smsgw"]
    assert json.loads(argument(final, "CMD")) == ["serve"]
