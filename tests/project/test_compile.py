from __future__ import annotations

import os
from pathlib import Path

import pytest

from tools import compile_hot
from tools.compile_hot import HOT, compiled, main, stale

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("name", HOT)
def test_hot_modules_hold_no_class_that_mypyc_cannot_compile(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    assert "slots=True" not in text
    assert "asyncio.Protocol)" not in text


def test_no_module_is_named_twice() -> None:
    assert len(set(HOT)) == len(HOT)


def test_a_module_younger_than_its_compiled_twin_is_stale(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    source, twin = tmp_path / "a.py", tmp_path / "a.cpython-311.so"
    monkeypatch.setattr(compile_hot, "ROOT", tmp_path)
    monkeypatch.setattr(compile_hot, "HOT", ("a.py",))
    source.touch()
    assert compiled(source) == []
    assert stale() == []
    twin.touch()
    os.utime(source, (1, 1))
    assert stale() == []
    assert main(["--check"]) == 0
    os.utime(twin, (0, 0))
    assert stale() == ["a.py"]
    assert main(["--check"]) == 1
    assert "a.py" in capsys.readouterr().out


def test_going_back_to_plain_python_leaves_no_compiled_module(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compile_hot, "ROOT", tmp_path)
    (tmp_path / "smpp").mkdir()
    twin = tmp_path / "smpp" / "hot__mypyc.cpython-311.so"
    twin.touch()
    assert main(["--remove"]) == 0
    assert not twin.exists()
