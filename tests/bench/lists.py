"""Make a contract with large registries: as large as a province's, or a tenth of it.

Every message of a load is looked up in each of them: its recipient is among the numbers of scope
and consents, its text fits one of the templates, and it has none of the words.
"""

from __future__ import annotations

import json
import random
from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from gateway.load.options import DEFAULT_TEXT
from routing.events import JournalEvent
from routing.registry_events import ImportClosed, ImportOpened, ImportRows
from routing.registry_imports import digest, packed
from tests.support.journals import write_journal
from tests.support.submissions import AT

FIRST = 13_300_000_000
"""The lowest number of scope and consents; they are without gaps, the load's first."""
REFUSING = range(17_700_000_000, 17_800_000_000)
HAN = range(0x4E00, 0x9FA6)
CHUNK = 50_000


@dataclass(frozen=True, slots=True)
class Sizes:
    """Say how many entries each registry has."""

    scope: int
    consents: int
    optouts: int
    words: int
    templates: int

    def tenth(self) -> Sizes:
        """Give a tenth of each."""
        return Sizes(
            self.scope // 10,
            self.consents // 10,
            self.optouts // 10,
            self.words // 10,
            self.templates // 10,
        )


FULL = Sizes(2_000_000, 2_000_000, 200_000, 100_000, 500)


def make(folder: Path, sizes: Sizes) -> str:
    """Write contract, lists and a journal with the refusals below `data`; give the settings."""
    draw = random.Random(2026)  # invented numbers, the same in every run
    (folder / "data").mkdir(parents=True)
    for name, count in (("scope", sizes.scope), ("consents", sizes.consents)):
        _lines(folder / f"{name}.txt", map(str, range(FIRST, FIRST + count)))
    _lines(folder / "words.txt", (f"prohibited_9 {_word(draw)}" for _ in range(sizes.words)))
    (folder / "contract.toml").write_text(_contract(draw, sizes.templates), "utf-8")
    write_journal(folder / "data", [(AT, [event]) for event in _refusals(draw, sizes.optouts)])
    return 'contract = "contract.toml"\n'


def _lines(path: Path, lines: Iterable[str]) -> None:
    path.write_text("".join(f"{line}\n" for line in lines), "utf-8")


def _word(draw: random.Random) -> str:
    return "".join(map(chr, draw.choices(HAN, k=4)))


def _contract(draw: random.Random, templates: int) -> str:
    others = ("".join(map(chr, draw.choices(HAN, k=60))) for _ in range(templates - 1))
    texts = [DEFAULT_TEXT.partition("】")[2], *others]
    listed = "".join(
        f'[[templates]]\nid = "T{number}"\ntext = {json.dumps(text, ensure_ascii=False)}\n'
        'category = "emergency"\n'
        for number, text in enumerate(texts)
    )
    return (
        'extends = "henan"\n'
        '[scope]\nentries = []\nfiles = ["scope.txt"]\n'
        '[consents]\nentries = []\nfiles = ["consents.txt"]\n'
        '[content]\nfiles = ["words.txt"]\n'
        f"[template]\nrequired = true\n{listed}"
    )


def _refusals(draw: random.Random, count: int) -> list[JournalEvent]:
    numbers = draw.sample(REFUSING, count)
    hasher = sha256()
    events: list[JournalEvent] = [ImportOpened(AT, 1, "optouts", "bench", "large list")]
    for index, first in enumerate(range(0, count, CHUNK)):
        chunk = ImportRows(
            AT, 1, index, packed(array("Q", numbers[first : first + CHUNK])),
            packed(array("d", [AT])), packed(array("d", [float("inf")])),
            (("out", "", "", "operator"),),
        )  # fmt: skip
        digest(hasher, chunk)
        events.append(chunk)
    events.append(ImportClosed(AT, 1, count, len(events) - 1, hasher.hexdigest()))
    return events
