"""Hold the documentation to the product: links lead somewhere, and nothing is left out of it.

The tables of the protocol, the routes, the metrics and the commands have tests beside them; here
is what belongs to no single part.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.programs import ROOT

from .tree import read, tracked_files

PAGES = [path for path in tracked_files() if path.suffix == ".md"]
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
_TARGET = re.compile(r"^([a-z]+):.*?##", re.MULTILINE)


def anchors(page: str) -> set[str]:
    """Give the anchors of a page's headings, as code hosts make them."""
    headings = re.findall(r"(?m)^#+ (.+)$", re.sub(r"(?ms)^```.*?^```", "", page))
    return {
        re.sub(r"[^\w\- ]", "", heading.replace("`", "").lower()).strip().replace(" ", "-")
        for heading in headings
    }


def links(page: Path) -> list[str]:
    """Give the links of a page that stay within the repository."""
    outside = ("http://", "https://", "mailto:")
    return [link for link in _LINK.findall(read(page)) if not link.startswith(outside)]


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_docs_links_lead_to_files_and_headings(page: Path) -> None:
    broken = []
    for link in links(page):
        name, _hash, anchor = link.partition("#")
        target = (ROOT / page.parent / name).resolve() if name else ROOT / page
        if not target.exists() or (anchor and anchor not in anchors(target.read_text("utf-8"))):
            broken.append(link)
    assert broken == []


def test_docs_name_every_make_target() -> None:
    targets = set(_TARGET.findall(read(Path("Makefile")))) - {"help", "programs", "clean"}
    contributing = read(Path("CONTRIBUTING.md"))
    assert [target for target in sorted(targets) if f"`make {target}`" not in contributing] == []


def test_docs_say_what_every_example_is() -> None:
    described = "\n".join(read(page) for page in PAGES)
    examples = [path for path in tracked_files() if path.parts[0] == "examples"]
    named = [path for path in examples if not path.name.startswith((".", "package"))]
    assert [str(path) for path in named if path.name not in described] == []
