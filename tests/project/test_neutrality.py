"""Hold that the repository speaks of the product alone: it builds anywhere, from any registry."""

from __future__ import annotations

import re

import pytest

from .tree import read, tracked_files

# Put together from halves, so that this file passes its own check.
FORBIDDEN = {
    "a path of somebody's machine": ("/" + "work/", "/" + "tmp/bash", "/" + "root/", "/" + "home/"),
    "the host of a package registry": (
        "pypi" + r"\.org",
        "python" + r"hosted\.org",
        "registry" + r"\.npmjs",
        "deb" + r"\.debian\.org",
    ),
    "how the project is run": ("issue" + r" #?\d", r"\bshar" + "ed/"),
    "papers that are no part of it": (
        r"\b(?:interface|contract|carrier-facts|peers|models|style)" + r"\.md",
    ),
}


def texts() -> list[tuple[str, str]]:
    found = []
    for path in tracked_files():
        try:
            found.append((str(path), read(path)))
        except UnicodeDecodeError:
            continue
    return found


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_tracked_file_names(what: str) -> None:
    pattern = re.compile("|".join(FORBIDDEN[what]), re.IGNORECASE)
    hits = [
        f"{name}:{number}: {line.strip()[:100]}"
        for name, text in texts()
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]
    assert hits == []


def test_most_tracked_files_are_text() -> None:
    assert len(texts()) > 0.8 * len(tracked_files())
