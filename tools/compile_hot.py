"""Compile the hot modules with mypyc, in place.

    python tools/compile_hot.py            compile
    python tools/compile_hot.py --check    exit 1 when compiled modules are older than their sources
    python tools/compile_hot.py --remove   go back to plain Python

The sources stay what they are: a module without its compiled twin runs as plain Python, only
slower. Needs a C compiler and Python's headers (Debian: gcc, python3-dev).
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "mypyc"

HOT = (
    "smpp/pdus.py",
    "smpp/framing.py",
    "smpp/window.py",
    "smpp/interpreter.py",
    "smpp/codec_hot.py",
    "smpp/session_events.py",
    "smpp/states.py",
    "smpp/session.py",
    "smpp/receipt.py",
    "smpp/text.py",
    "smpp/message_id.py",
    "routing/checks/addresses.py",
    "routing/checks/content.py",
    "routing/category_masks.py",
    "routing/checks/flow.py",
    "routing/checks/recipients.py",
    "routing/checks/registered.py",
    "routing/checks/standing.py",
    "routing/checks/times.py",
    "routing/checks/volumes.py",
    "routing/checks/wording.py",
    "routing/draws.py",
    "routing/frequency.py",
    "routing/generations.py",
    "routing/facts.py",
    "routing/liability.py",
    "routing/limits.py",
    "routing/message.py",
    "routing/network.py",
    "routing/number_table.py",
    "routing/numbering.py",
    "routing/open_messages.py",
    "routing/quota.py",
    "routing/reading.py",
    "routing/receipts.py",
    "routing/scope.py",
    "routing/standing.py",
    "routing/subscribers.py",
    "routing/verdict.py",
    "gateway/ids.py",
    "gateway/delivery/dispatcher.py",
    "gateway/delivery/outbox.py",
    "gateway/delivery/receipts.py",
    "gateway/delivery/wheel.py",
    "gateway/server/answers.py",
    "gateway/server/desk.py",
    "gateway/server/intake.py",
    "gateway/server/sessions.py",
    "gateway/server/wire_ids.py",
)
"""What a message passes through. Left out: whatever inherits from asyncio's classes or is not
called for each message. Classes of these modules are no dataclasses with slots: mypyc gives every
class fixed places for its attributes, and can't compile those."""

LIBRARY = "smpp.hot"
"""All compiled code lies in one library, so that its modules call each other directly."""


def compiled(source: Path) -> list[Path]:
    """Give the compiled twins of a module that exist."""
    return sorted(source.parent.glob(f"{source.stem}.*.so"))


def remove() -> None:
    """Delete every compiled module, also of sources that are hot no more."""
    for package in ("smpp", "routing", "gateway"):
        for path in (ROOT / package).rglob("*.so"):
            path.unlink()


def stale() -> list[str]:
    """Name the hot modules whose source is younger than its compiled twin."""
    return [
        name
        for name in HOT
        for twin in compiled(ROOT / name)
        if twin.stat().st_mtime < (ROOT / name).stat().st_mtime
    ]


def build() -> None:
    """Compile everything. Raises what setuptools raises when there is no compiler."""
    from mypyc.build import mypycify  # noqa: PLC0415 - `--remove` and `--check` work without
    from setuptools import Distribution  # noqa: PLC0415

    modules = list(HOT)
    extensions = mypycify(
        modules,
        opt_level="2",
        debug_level="0",
        target_dir=str(BUILD),
        separate=[(modules, LIBRARY)],
    )
    command = Distribution({"name": "smsgw", "ext_modules": extensions}).get_command_obj(
        "build_ext"
    )
    command.inplace = True
    command.build_temp = str(BUILD / "objects")
    command.ensure_finalized()
    command.run()
    for name in HOT:
        for twin in compiled(ROOT / name):
            # What needed no new compilation keeps the time of the last one.
            os.utime(twin)


def main(arguments: list[str]) -> int:
    """Do what the options say. Returns the exit code."""
    parser = argparse.ArgumentParser(description="Compile the hot modules with mypyc, in place.")
    parser.add_argument("--check", action="store_true", help="only look for stale modules")
    parser.add_argument("--remove", action="store_true", help="go back to plain Python")
    options = parser.parse_args(arguments)
    os.chdir(ROOT)
    if options.check:
        old = stale()
        if old:
            print(
                f"compiled before the source was changed: {', '.join(old)}."
                " Run make compile, or make plain to go back to plain Python."
            )
        return 1 if old else 0
    remove()
    if not options.remove:
        build()
        print(f"compiled {len(HOT)} modules")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
