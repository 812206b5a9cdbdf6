"""Hold the command line to its words: help, examples, exit codes, documentation."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from cyclopts import App

from gateway.cli.app import COMMANDS, GROUPS, build, complain, run
from gateway.cli.command import Command
from gateway.cli.exits import Exit

DOCS = Path(__file__).parents[3] / "docs" / "cli.md"
ROOT = Path(__file__).parents[3]

every_command = pytest.mark.parametrize("command", COMMANDS, ids=lambda row: " ".join(row.words))


def parser_of(command: Command) -> App:
    parser = build()
    for word in command.words:
        parser = parser[word]
    return parser


def flags_of(command: Command) -> set[str]:
    """Give the options a command takes, without the negations that don't exist."""
    shown = [
        argument for argument in parser_of(command).assemble_argument_collection() if argument.show
    ]
    names = {name for argument in shown for name in argument.names if name.startswith("--")}
    return {name for name in names if not name.startswith(("--no-", "--empty-"))}


def out_of(capsys: pytest.CaptureFixture[str]) -> str:
    """Give standard output with lines joined, as help wraps them."""
    return " ".join(capsys.readouterr().out.split())


def test_help_names_every_command_and_the_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--help"]) == Exit.OK
    text = out_of(capsys)
    for command in COMMANDS:
        assert command.words[0] in text
    for code in Exit:
        assert f" {code.value} " in text


@every_command
def test_every_help_says_what_it_does_and_shows_two_or_three_examples(
    command: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*command.words, "--help"]) == Exit.OK
    text = out_of(capsys)
    assert command.help in text
    assert 2 <= len(command.examples) <= 3
    for example in command.examples:
        assert example.split()[0] in ("smsgw", "printf")


@every_command
def test_every_option_says_what_it_is_for(command: Command) -> None:
    for argument in parser_of(command).assemble_argument_collection():
        if argument.show:
            assert argument.parameter.help, argument.names


@every_command
def test_every_example_can_be_run(command: Command) -> None:
    for example in command.examples:
        words = shlex.split(example)
        words = words[words.index("|") + 1 :] if "|" in words else words
        assert words[0] == "smsgw"
        assert tuple(words[1 : 1 + len(command.words)]) == command.words
        _, bound, ignored = build().parse_args(words[1:], exit_on_error=False, print_error=False)
        assert bound is not None
        assert not ignored


@every_command
def test_docs_name_every_command_option_and_example(command: Command) -> None:
    text = DOCS.read_text("utf-8")
    section = text.partition(f"## `smsgw {' '.join(command.words)}`")[2].partition("\n## ")[0]
    assert section, command.words
    documented = {word.strip("`[]|,.") for word in section.replace("=", " ").split()}
    missing = flags_of(command) - documented
    assert not missing


def test_docs_name_no_command_that_is_not_there() -> None:
    text = DOCS.read_text("utf-8")
    documented = {
        line.removeprefix("## `smsgw ").removesuffix("`")
        for line in text.splitlines()
        if line.startswith("## `smsgw ")
    }
    assert documented == {" ".join(command.words) for command in COMMANDS}


def test_docs_name_every_exit_code() -> None:
    text = DOCS.read_text("utf-8")
    for code in Exit:
        assert f"| {code.value} |" in text


def test_first_words_of_two_belong_to_a_group() -> None:
    assert {command.words[0] for command in COMMANDS if len(command.words) > 1} == set(GROUPS)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["sesions"], "sessions"),
        (["serve", "--port", "1"], "--port"),
        (["mo", "13300000001"], "TO"),
        (["send", "1", "2", "--port", "x"], "--port"),
        (["explain", "x", "--from", "1"], "--to"),
        (["explain", "x", "--from", "1", "--to", "2", "--service", "fast"], "--service"),
        (["messages", "show"], "ID"),
        (["load", "--mode", "rx"], "--mode"),
    ],
)
def test_wrong_usage_is_explained_on_stderr_with_code_2(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) == Exit.USAGE
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("smsgw: ")
    assert words in captured.err


def test_version_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == Exit.OK
    assert capsys.readouterr().out.strip()


def test_a_complaint_stays_on_its_lines(capsys: pytest.CaptureFixture[str]) -> None:
    complain("one\n\x1b[31mtwo")
    complain("")
    assert capsys.readouterr().err == "smsgw: one\nsmsgw: \\x1b[31mtwo\nsmsgw: \n"


def test_help_imports_none_of_the_heavy_parts() -> None:
    """`--help` has to answer at once; what costs is imports."""
    program = (
        "import sys; from gateway.cli.app import run; run(['--help']);"
        "heavy = {'pydantic', 'starlette', 'httpx', 'structlog', 'prometheus_client', 'asyncio'};"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stderr.strip() == "[]"


def test_a_reader_that_has_seen_enough_is_no_error() -> None:
    command = f"{shlex.quote(sys.executable)} -m gateway --help | true; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ["bash", "-c", command], cwd=ROOT, capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    assert (done.stdout.strip(), done.stderr) == ("0", "")
