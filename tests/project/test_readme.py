"""Hold both READMEs to the tables they show, and to one another."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from config.network import load_network
from config.settings import Limits, Reassembly, Spool
from gateway.cli.app import COMMANDS
from routing.reasons import REASONS, STATUS_5_0, Reason
from routing.verdict import TABLE
from smpp.constants import CommandStatus

from .tree import read

ENGLISH = read(Path("README.md"))
CHINESE = read(Path("README.zh-CN.md"))
PAGES = {"en": ENGLISH, "zh": CHINESE}
LATER = "¹"

Row = tuple[str, ...]


def rows(page: str) -> list[Row]:
    """Give the cells of every table row of a page."""
    lines = [line for line in page.splitlines() if line.startswith("|")]
    return [tuple(cell.strip() for cell in line[1:-1].split("|")) for line in lines]


def rows_of(page: str, width: int, first: str) -> list[Row]:
    """Give the rows of so many cells whose first cell matches a pattern."""
    return [row for row in rows(page) if len(row) == width and re.fullmatch(first, row[0])]


def code_blocks(page: str) -> list[str]:
    """Give the blocks of code without their comments."""
    blocks = re.findall(r"(?ms)^```\w+\n(.*?)^```$", page)
    return [re.sub(r"(?m) *# .*$", "", block) for block in blocks]


@pytest.mark.parametrize("language", PAGES)
def test_docs_show_every_magic_recipient(language: str) -> None:
    magic = load_network().magic
    said = rows_of(PAGES[language], 2, r"[0-9x]{4}")
    assert said == [(row.number, getattr(row, language)) for row in magic]


def title(reason: Reason, language: str) -> str:
    return reason.title if language == "en" else reason.title_zh


def statuses(reason: Reason) -> str:
    """Name the standard status, and that of SMPP 5.0 where it is another."""
    names = CommandStatus(reason.standard).name
    own = STATUS_5_0.get(reason.name)
    return names if own is None else f"{names}; 5.0: {CommandStatus(own).name}"


@pytest.mark.parametrize("language", PAGES)
def test_docs_show_every_reason_with_clause_status_and_error(language: str) -> None:
    said = [
        (re.findall(r"`(\w+)`", row[0])[0], row[1], row[2].replace("附件", "annex"), *row[3:])
        for row in rows_of(PAGES[language], 6, r"`\w+`.*")
    ]
    assert said == [
        (
            reason.name,
            title(reason, language),
            reason.clause or "–",
            statuses(reason),
            f"0x{reason.vendor:04X}" if reason.vendor != reason.standard else "–",
            reason.error or "–",
        )
        for reason in REASONS.values()
    ]


@pytest.mark.parametrize("language", PAGES)
def test_docs_mark_the_reasons_that_no_check_gives(language: str) -> None:
    marked = {row[0].split("`")[1] for row in rows_of(PAGES[language], 6, rf"`\w+` {LATER}")}
    given = {check.reason for check in TABLE}
    # Found by reassembly, or by nobody's fault; `none` is the reason of what is accepted.
    given |= {"none", "duplicate_segment", "incomplete_message", "internal"}
    assert marked == set(REASONS) - given


@pytest.mark.parametrize("language", PAGES)
def test_docs_name_every_profile(language: str) -> None:
    sentence = re.split(r"`smsgw serve --profile NAME`", PAGES[language])[1].split("\n\n")[0]
    assert set(re.findall(r"`(\w+)`", sentence)) == set(load_network().profiles)


@pytest.mark.parametrize("language", PAGES)
def test_docs_give_the_default_of_the_limits_that_are_counts(language: str) -> None:
    defaults = {
        name: f"{field.default:,}"
        for section in (Limits, Reassembly, Spool)
        for name, field in section.model_fields.items()
        if isinstance(field.default, int) and name not in ("write_buffer", "backlog")
    }
    said = {
        name.rpartition(".")[2]: re.findall(r"[0-9,]*", row[1])[0]
        for row in rows_of(PAGES[language], 4, r".*`[\w.]+`.*")
        for name in re.findall(r"`([\w.]+)`", row[0])
    }
    known = {name for name in defaults if name in said}
    assert {name: said[name] for name in known} == {name: defaults[name] for name in known}
    assert len(known) >= 5


def test_docs_have_the_same_code_in_both_languages() -> None:
    assert code_blocks(ENGLISH) == code_blocks(CHINESE)


def test_docs_have_tables_of_the_same_size_in_both_languages() -> None:
    assert [len(row) for row in rows(ENGLISH)] == [len(row) for row in rows(CHINESE)]


def test_docs_use_commands_that_exist() -> None:
    known = {" ".join(command.words) for command in COMMANDS}
    used = re.findall(r"(?m)^(?:\$ )?smsgw ([a-z-]+)(?: ([a-z-]+))?", ENGLISH)
    assert [pair for pair in used if known.isdisjoint({pair[0], " ".join(pair)})] == []
    assert used


def test_docs_hold_an_example_in_python_that_compiles() -> None:
    [example] = re.findall(r"(?ms)^```python\n(.*?)^```$", ENGLISH)
    compile(example, "README.md", "exec")


def measured(page: str, heading: str) -> list[Row]:
    """Give the rows of the table of figures below a heading."""
    section = page.split(f"\n## {heading}\n")[1].split("\n## ", maxsplit=1)[0]
    return [row for row in rows(section) if re.search(r"\d", row[1])]


def test_docs_state_figures_as_they_were_measured() -> None:
    medians = {row[0]: row[1] for row in rows(read(Path("docs/performance.md"))) if len(row) > 1}
    said = measured(ENGLISH, "How fast")
    assert len(said) > 3
    assert [(name, medians.get(name)) for name, _ in said] == said


def test_docs_state_the_same_figures_in_both_languages() -> None:
    english, chinese = measured(ENGLISH, "How fast"), measured(CHINESE, "性能")
    assert [row[1] for row in english] == [row[1] for row in chinese]
