"""Write results: JSON for programs, aligned columns for people."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence

from rich.cells import cell_len

from gateway.printable import printable

_GAP = "  "


def write_json(content: object) -> None:
    """Write one JSON document to standard output, on one line."""
    print(json.dumps(content, ensure_ascii=False))


def write_table(rows: Sequence[Mapping[str, object]], columns: Sequence[str]) -> None:
    """Write rows in columns; Chinese characters count two cells. Nothing is cut off."""
    cells = [[shown(row.get(column)) for column in columns] for row in rows]
    lines = [list(columns), *cells]
    widths = [max(cell_len(line[n]) for line in lines) for n in range(len(columns))]
    for line in lines:
        padded = (
            cell + " " * (width - cell_len(cell)) for cell, width in zip(line, widths, strict=True)
        )
        print(_GAP.join(padded).rstrip())


def write_fields(content: Mapping[str, object], *, indent: str = "") -> None:
    """Write an object as one field a line; objects within it are indented."""
    for key, value in content.items():
        if isinstance(value, Mapping):
            print(f"{indent}{key}:")
            write_fields(value, indent=indent + _GAP)
        else:
            print(f"{indent}{key}: {shown(value)}")


def shown(value: object) -> str:
    """Write one value for people."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, int | float):
        return str(value)
    return printable(json.dumps(value, ensure_ascii=False))


def mark(passed: bool) -> str:
    """Write a verdict, in colour on a terminal (NO_COLOR is kept)."""
    word = "pass" if passed else "FAIL"
    if not sys.stdout.isatty() or os.environ.get("NO_COLOR"):
        return word
    return f"\x1b[{'32' if passed else '1;31'}m{word}\x1b[0m"
