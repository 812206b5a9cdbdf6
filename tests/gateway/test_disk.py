from __future__ import annotations

import os
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from gateway.disk import free_inodes, free_octets


def test_free_space_is_what_an_ordinary_user_may_write(tmp_path: Path) -> None:
    assert free_octets(tmp_path) == pytest.approx(shutil.disk_usage(tmp_path).free, rel=0.05)


@pytest.mark.parametrize(("files", "expected"), [(100, 7), (0, None)])
def test_inodes_count_only_where_they_are_limited(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: int, expected: int | None
) -> None:
    disk = SimpleNamespace(f_files=files, f_favail=7)
    monkeypatch.setattr(os, "statvfs", lambda _: disk)
    assert free_inodes(tmp_path) == expected
