"""Write what happens as lines: one event is one line, whatever its values hold.

On a terminal a line is for people, elsewhere it is a JSON object in ASCII. Numbers and texts of
people are masked by the names of their fields, and in sentences by their form; what comes from a
peer can neither break a line nor move a terminal's cursor. A full disk or a closed pipe loses log
lines and nothing else.

`PduLog` is another thing: a hexadecimal dump with every field, unmasked but for passwords, written
only where somebody asks for it.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import traceback
from collections.abc import Callable, Mapping, MutableMapping
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Final, TextIO, TypeAlias

import structlog
from structlog.typing import FilteringBoundLogger, Processor

from config.section import SHANGHAI
from gateway.masking import Masker, mask_sentence
from gateway.printable import printable
from smpp.constants import CommandId
from smpp.errors import FramingError
from smpp.explain import render
from smpp.framing import take_frames

Log: TypeAlias = FilteringBoundLogger
"""Called as `log.info("session_bound", account="police", peer="127.0.0.1")`."""

_LEVELS: Final = {"debug": 10, "info": 20, "warning": 30, "error": 40, "critical": 50}
_COLOURS: Final = {"debug": "2", "info": "32", "warning": "33", "error": "31", "critical": "1;31"}
_FRAMES: Final = 30
_STANDING: Final = ("at", "level", "event")
LOG_FILE_MODE: Final = 0o640
_COMMANDS: Final = frozenset(map(int, CommandId))
_NOT_SHOWN: Final = "no PDU that is known; before a bind it may be the rest of one with a password"

_ExcInfo: TypeAlias = tuple[type[BaseException], BaseException, TracebackType | None]


def open_log(
    stream: TextIO,
    at: Callable[[], float],
    *,
    as_json: bool | None = None,
    colour: bool | None = None,
    level: str = "info",
    masker: Masker | None = None,
) -> Log:
    """Make a log that writes to `stream`; `at` tells business time.

    As JSON and in colour by whether the stream is a terminal, unless told; NO_COLOR is kept.
    Raises ValueError for an unknown level.
    """
    if level not in _LEVELS:
        raise ValueError(f"log level: {level!r} seen, one of {', '.join(_LEVELS)} allowed")
    terminal = stream.isatty()
    plain = not terminal if as_json is None else as_json
    coloured = (terminal and not os.environ.get("NO_COLOR")) if colour is None else colour
    render_line: Processor = _json_line if plain else _ConsoleLine(coloured)
    processors: list[Processor] = [
        structlog.processors.add_log_level,
        _Stamp(at),
        _exception,
        _Mask(masker or Masker()),
        render_line,
    ]
    log: Log = structlog.wrap_logger(
        _Lines(stream),
        processors=processors,
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        context_class=dict,
        cache_logger_on_first_use=True,
    )
    return log


def capture_stdlib(log: Log, level: int = logging.WARNING) -> None:
    """Let what libraries log by `logging` come out of `log`; for a process that is all ours."""
    logging.basicConfig(handlers=[_Handler(log)], level=level, force=True)
    logging.captureWarnings(True)


class _Lines:
    """Write lines; without a place to write to there is nobody to tell."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def msg(self, message: str) -> None:
        try:
            self._stream.write(message + "\n")
            self._stream.flush()
        except (OSError, ValueError):
            return

    debug = info = warning = error = critical = exception = msg


class _Stamp:
    """Add the time."""

    def __init__(self, at: Callable[[], float]) -> None:
        self._at = at

    def __call__(
        self, logger: object, method: str, event: MutableMapping[str, Any]
    ) -> MutableMapping[str, Any]:
        now = datetime.fromtimestamp(self._at(), UTC).astimezone(SHANGHAI)
        event["at"] = now.isoformat(timespec="milliseconds")
        return event


class _Mask:
    """Mask what is about people."""

    def __init__(self, masker: Masker) -> None:
        self._masker = masker

    def __call__(
        self, logger: object, method: str, event: MutableMapping[str, Any]
    ) -> MutableMapping[str, Any]:
        return {key: self._masker.mask(value, key) for key, value in event.items()}


def _exception(
    logger: object, method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Show an exception by type, masked words and places; never the values of variables."""
    given = event.pop("exc_info", None)
    found = _exc_info(given)
    if found is not None:
        kind, error, trace = found
        frames = traceback.extract_tb(trace)[-_FRAMES:]
        event["exception"] = f"{kind.__name__}: {error}"
        event["traceback"] = [
            f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames
        ]
    return event


def _exc_info(given: object) -> _ExcInfo | None:
    if isinstance(given, BaseException):
        return (type(given), given, given.__traceback__)
    if isinstance(given, tuple) and len(given) == 3 and isinstance(given[1], BaseException):
        return (type(given[1]), given[1], given[2])
    if given:
        kind, error, trace = sys.exc_info()
        if kind is not None and error is not None:
            return (kind, error, trace)
    return None


def _json_line(logger: object, method: str, event: MutableMapping[str, Any]) -> str:
    ordered = {key: event[key] for key in _STANDING if key in event}
    ordered.update(event)
    return json.dumps(ordered, default=_text)


class _ConsoleLine:
    """Write a line for people: time, level, event, then key=value."""

    def __init__(self, coloured: bool) -> None:
        self._coloured = coloured

    def __call__(self, logger: object, method: str, event: MutableMapping[str, Any]) -> str:
        level = str(event.get("level", ""))
        shown = f"{level:<8}"
        if self._coloured:
            shown = f"\x1b[{_COLOURS.get(level, '0')}m{shown}\x1b[0m"
        rest = (f"{printable(key)}={_value(event[key])}" for key in event if key not in _STANDING)
        time = str(event.get("at", ""))[11:23]
        return " ".join((time, shown, printable(str(event.get("event", ""))), *rest))


def _value(value: object) -> str:
    if isinstance(value, str):
        quoted = not value or any(letter in value for letter in ' "=')
        return printable(json.dumps(value, ensure_ascii=False) if quoted else value)
    return printable(json.dumps(value, ensure_ascii=False, default=_text))


def _text(value: object) -> str:
    return mask_sentence(str(value))


class _Handler(logging.Handler):
    """Pass records of `logging` on."""

    def __init__(self, log: Log) -> None:
        super().__init__()
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        known = record.levelname.lower()
        level = known if known in _LEVELS else "info"
        write: Callable[..., object] = getattr(self._log, level)
        more: Mapping[str, object] = {"exc_info": record.exc_info} if record.exc_info else {}
        write("library_message", logger=record.name, message=record.getMessage(), **more)


class PduLog:
    """Write every PDU as a dump, its fields and one line of explanation."""

    def __init__(self, stream: TextIO, at: Callable[[], float]) -> None:
        self._stream = stream
        self._at = at

    def write(self, session_id: int, account: str, octets: bytes, *, sent: bool) -> None:
        """Write one PDU; `account` is empty before the bind."""
        now = datetime.fromtimestamp(self._at(), UTC).astimezone(SHANGHAI)
        direction = "sent" if sent else "received"
        who = f"session {session_id}" + (f" ({printable(account)})" if account else "")
        head = f"{now.isoformat(timespec='milliseconds')} {who} {direction} {len(octets)} octets"
        known = account or sent or int.from_bytes(octets[4:8], "big") in _COMMANDS
        lines = render(octets).split("\n") if known else [_NOT_SHOWN]
        body = "\n".join(printable(line) for line in lines)
        try:
            self._stream.write(f"{head}\n{body}\n\n")
            self._stream.flush()
        except (OSError, ValueError):
            return

    def close(self) -> None:
        """Close the file; standard output and standard error stay open."""
        if self._stream not in (sys.stdout, sys.stderr):
            self._stream.close()


def whole_pdus(octets: bytes, max_length: int) -> tuple[list[bytes], bytes]:
    """Cut what a connection read or wrote into PDUs; give them and the beginning of the next.

    What follows a command_length below 16 or above `max_length` can't be cut: it is the last one.
    """
    pdus: list[bytes] = []
    rest = octets
    try:
        while True:
            frames, position = take_frames(rest, 0, max_length, len(rest))
            if not frames:
                return pdus, rest
            pdus += [rest[start:end] for start, end, *_header in frames]
            rest = rest[position:]
    except FramingError:
        return [*pdus, rest], b""


def open_pdu_log(target: str, at: Callable[[], float]) -> PduLog:
    """Open a PDU log at the end of a file (readable by its group at most), or `-`: stderr.

    Raises OSError.
    """
    if target == "-":
        return PduLog(sys.stderr, at)
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_APPEND, LOG_FILE_MODE)
    return PduLog(os.fdopen(descriptor, "a", encoding="utf-8"), at)
