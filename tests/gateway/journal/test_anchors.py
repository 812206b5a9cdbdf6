from __future__ import annotations

import stat
from pathlib import Path

from gateway.journal.anchors import FILE, Anchor, read_anchors, write_anchor
from gateway.journal.files import Position

FIRST = Anchor(1.5, Position(7, bytes(range(32))))
SECOND = Anchor(2.5, Position(9, bytes(range(32, 64))))


def test_anchors_are_read_back_in_order(tmp_path: Path) -> None:
    write_anchor(tmp_path, FIRST)
    write_anchor(tmp_path, SECOND)
    assert read_anchors(tmp_path / FILE) == ([FIRST, SECOND], [])
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600


def test_no_file_is_no_anchors(tmp_path: Path) -> None:
    assert read_anchors(tmp_path / FILE) == ([], [])


def test_a_torn_line_spoils_neither_its_neighbours_nor_the_file(tmp_path: Path) -> None:
    write_anchor(tmp_path, FIRST)
    with (tmp_path / FILE).open("a") as file:
        file.write('{"at": 1795')
    write_anchor(tmp_path, SECOND)
    assert read_anchors(tmp_path / FILE) == ([FIRST, SECOND], [])


def test_a_whole_line_that_is_no_anchor_is_named(tmp_path: Path) -> None:
    write_anchor(tmp_path, FIRST)
    with (tmp_path / FILE).open("a") as file:
        file.write('{"at": 1, "sequence": 2}\n{"at": 1, "sequence": 2, "hash": "zz"}\n')
    assert read_anchors(tmp_path / FILE) == ([FIRST], [2, 3])
