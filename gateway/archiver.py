"""Be the archiver process: hand the journal's reader to the archive's builder.

Run as `python -m gateway.archiver`, by the gateway. It is the composition root of its process,
as `gateway.app` is of the gateway's.
"""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final, cast, get_args

import msgspec

from gateway.archive.builder import (
    ArchiveBuilder,
    ArchiveConflictError,
    ArchiveDamagedError,
)
from gateway.archive.child import serve
from gateway.archive.database import delete_archive
from gateway.archive.figures import refused_classes
from gateway.child import (
    die_with_parent,
    ignore_stop_signals,
    python_command,
    python_environment,
)
from gateway.journal.reader import SqliteJournalReader
from routing.liability import CodeTable
from routing.receipts import Multipart

NICENESS: Final = 19
"""The archive may lag; the gateway's two busy processes may not."""


def archiver_command(
    data_dir: Path, multipart: Mapping[str, Multipart], codes: CodeTable | None = None
) -> tuple[list[str], dict[str, str]]:
    """Give the command line and environment that start the archiver.

    `codes` says who answers for a refused submission; without it, party A does.
    """
    policies = json.dumps(dict(multipart))
    refused = json.dumps({} if codes is None else refused_classes(codes))
    arguments = [str(data_dir), f"--multipart={policies}", f"--refused={refused}"]
    return python_command("gateway.archiver", *arguments), python_environment()


def main() -> int:
    """Follow the journal until standard input ends."""
    parser = argparse.ArgumentParser()
    parser.add_argument("data_dir", type=Path)
    parser.add_argument("--multipart", type=json.loads, default={})
    parser.add_argument("--refused", type=json.loads, default={})
    options = parser.parse_args()
    multipart = _checked(parser, options.multipart)
    ignore_stop_signals()
    die_with_parent()
    _step_back()
    os.umask(0o077)
    try:
        journal = SqliteJournalReader(options.data_dir)
        builder = ArchiveBuilder(options.data_dir, journal, multipart, options.refused)
        try:
            serve(builder, options.data_dir, sys.stdin.fileno(), sys.stdout.fileno())
        finally:
            builder.close()
    except ArchiveDamagedError as error:
        delete_archive(options.data_dir)
        sys.stderr.write(f"archiver: {error}; the archive will be built again\n")
        return 1
    except (sqlite3.Error, OSError, msgspec.MsgspecError, ArchiveConflictError) as error:
        sys.stderr.write(f"archiver: {type(error).__name__}: {error}\n")
        return 1
    return 0


def _step_back() -> None:
    """Run only where nobody else wants to: beside nice, Linux has a policy that says so."""
    os.nice(NICENESS)
    if sys.platform == "linux":
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))


def _checked(parser: argparse.ArgumentParser, policies: object) -> dict[str, Multipart]:
    allowed = get_args(Multipart)
    if not isinstance(policies, dict) or not all(v in allowed for v in policies.values()):
        parser.error(f"--multipart: an object of account to one of {', '.join(allowed)}")
    return cast("dict[str, Multipart]", policies)


if __name__ == "__main__":
    sys.exit(main())
