"""Write messages as JSON Lines, as one JSON list, or as CSV that a spreadsheet opens safely."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol, TextIO

from routing.formula_guard import guarded

COLUMNS: Final = (
    "id", "account", "enterprise_code", "direction", "service", "sender", "recipient", "text",
    "data_coding", "segments", "carrier", "submitted_at", "accepted", "status", "reason",
    "clause", "state", "error", "liability", "final_at", "receipt_state", "receipt_attempts",
    "acknowledged_at", "fee",
)  # fmt: skip


class Writer(Protocol):
    """Write messages one after another."""

    def write(self, message: Mapping[str, Any]) -> None: ...
    def end(self) -> None: ...


class JsonLines:
    """Write one message a line."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, message: Mapping[str, Any]) -> None:
        self._stream.write(json.dumps(message, ensure_ascii=False) + "\n")

    def end(self) -> None:
        self._stream.flush()


class JsonList:
    """Write one list."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._before = "["

    def write(self, message: Mapping[str, Any]) -> None:
        self._stream.write(self._before + json.dumps(message, ensure_ascii=False))
        self._before = ",\n "

    def end(self) -> None:
        self._stream.write("]\n" if self._before != "[" else "[]\n")
        self._stream.flush()


class Csv:
    """Write a table (RFC 4180); the columns are the field names."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._rows = csv.writer(stream)
        self._rows.writerow(COLUMNS)

    def write(self, message: Mapping[str, Any]) -> None:
        verdict, receipt = message.get("verdict") or {}, message.get("receipt") or {}
        flat = {
            **verdict,
            **message,
            "receipt_state": receipt.get("state"),
            "receipt_attempts": receipt.get("attempts"),
            "acknowledged_at": receipt.get("acknowledged_at"),
        }
        self._rows.writerow([safe_cell(flat.get(column)) for column in COLUMNS])

    def end(self) -> None:
        self._stream.flush()


def safe_cell(value: object) -> str:
    """Write a value so that no spreadsheet takes it for a formula (routing.formula_guard)."""
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else guarded(str(value))


FORMATS: Final[dict[str, Callable[[TextIO], Writer]]] = {
    "jsonl": JsonLines,
    "json": JsonList,
    "csv": Csv,
}
