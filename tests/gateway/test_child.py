from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import gateway
from gateway.child import python_command, python_environment


def test_a_child_finds_this_package_whatever_the_working_directory_holds(tmp_path: Path) -> None:
    (tmp_path / "gateway").mkdir()
    (tmp_path / "gateway" / "__init__.py").write_text("raise SystemExit('somebody else')")
    command = python_command("gateway.child")
    command[-2:] = ["-c", "import gateway; print(gateway.__file__)"]
    done = subprocess.run(
        command, cwd=tmp_path, env=python_environment(), capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == gateway.__file__


def test_the_path_somebody_set_is_kept_behind_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    ours, theirs = python_environment()["PYTHONPATH"].split(os.pathsep)
    assert (Path(ours) / "gateway" / "child.py").exists()
    assert theirs == "/elsewhere"
    monkeypatch.delenv("PYTHONPATH")
    assert python_environment()["PYTHONPATH"] == ours


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux kills with the parent")
def test_a_child_ends_when_its_parent_is_killed() -> None:
    child = "from gateway.child import *; ignore_stop_signals(); die_with_parent(); "
    child += "print('ready', flush=True); import signal; signal.pause()"
    parent = "import subprocess, sys, signal; "
    parent += f"p = subprocess.Popen([sys.executable, '-c', {child!r}]); signal.pause()"
    process = subprocess.Popen(
        [sys.executable, "-c", parent], env=python_environment(), stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    process.kill()
    # The pipe ends when nobody holds it any more: parent and child are gone.
    rest, _ = process.communicate(timeout=10)
    assert rest == b""
