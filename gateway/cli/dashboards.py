"""Write Grafana's dashboards."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from metrics.dashboards import DASHBOARDS, as_grafana

from .exits import CommandError, Exit


def dashboards(
    *, out: Annotated[Path, Parameter(help="Folder to write to; it is made if there is none.")]
) -> int:
    """Write Grafana's dashboards, a JSON file each."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        for one in DASHBOARDS:
            content = json.dumps(as_grafana(one), ensure_ascii=False, indent=2)
            (out / f"smsgw-{one.name}.json").write_text(content + "\n", "utf-8")
    except OSError as error:
        raise CommandError(Exit.ENVIRONMENT, f"{out}: {error.strerror}") from error
    print(f"{out}: {len(DASHBOARDS)} dashboards written")
    return Exit.OK
