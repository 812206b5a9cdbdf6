"""Run the archiver: take in what the journal has gained whenever somebody says so."""

from __future__ import annotations

import os
import select
from pathlib import Path
from typing import Final

from gateway.disk import free_octets

from .builder import ArchiveBuilder

RESERVE_OCTETS: Final = 8 << 20
"""Space left to the journal: the archive can be built later, an outcome can't be told later."""

_PAUSE_S: Final = 1.0


def serve(builder: ArchiveBuilder, data_dir: Path, wakes: int, reports: int) -> None:
    """Advance the archive until the other end of `wakes` is closed.

    Every octet read from `wakes` says that the journal may have grown; every line written to
    `reports` is the sequence that the archive has seen. Raises what `ArchiveBuilder.advance` does.
    """
    grown = True
    while True:
        short = free_octets(data_dir) < RESERVE_OCTETS
        advanced = grown and not short and builder.advance()
        os.write(reports, b"%d\n" % builder.progress.sequence)
        waiting = 0 if advanced else (_PAUSE_S if short else None)
        woken = bool(select.select([wakes], [], [], waiting)[0])
        if woken and not os.read(wakes, 4096):
            return
        grown = advanced or woken or short
