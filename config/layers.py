"""Lay the sources of a configuration over one another and remember where each key came from.

From below: files, then environment variables, then the command line. Tables merge key by key; a
list or a plain value replaces what was below. Lines of a file are looked up only for an error.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol, TypeAlias

from pydantic import BaseModel

from .explain import Key, holds, place_of, takes_text
from .problems import ConfigError, Problem
from .toml_lines import key_lines

Table: TypeAlias = "dict[str, object]"

ENV_PREFIX: Final = "SMSGW_"
ENV_RESERVED: Final = frozenset({"SMSGW_URL", "SMSGW_TOKEN", "SMSGW_FAILPOINT"})
"""Variables of the commands that talk to a running gateway, and the one of tests that end it."""

COMMAND_LINE: Final = "command line"
_PLACE: Final = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")


@dataclass(frozen=True, slots=True)
class Origin:
    """Say where a key stands: file, line and the key as it is written there."""

    file: str
    line: int | None
    key: str


class Layer(Protocol):
    """Hold one source."""

    def depth(self, key: Key) -> int:
        """Say how many parts of a key this source contains."""

    def origin(self, key: Key) -> Origin:
        """Say where the key, or the nearest table around it, stands."""


@dataclass(slots=True)
class FileLayer:
    """Hold a TOML file, or the table of it under `prefix`."""

    name: str
    directory: Path
    text: str
    table: Table
    prefix: Key = ()
    _lines: dict[Key, int] = field(default_factory=dict)

    def depth(self, key: Key) -> int:
        found: object = self.table
        for depth, part in enumerate(key):
            if not holds(found, part):
                return depth
            found = found[part]  # type: ignore[index]  # `holds` has looked
        return len(key)

    def origin(self, key: Key) -> Origin:
        self._lines = self._lines or key_lines(self.text)
        full = self.prefix + key
        lines = (self._lines.get(full[:length]) for length in range(len(full), 0, -1))
        return Origin(self.name, next((line for line in lines if line), None), dotted(full))

    def under(self, key: str, table: Table) -> FileLayer:
        """Give the layer of one table of this file."""
        return FileLayer(self.name, self.directory, self.text, table, (*self.prefix, key))


@dataclass(frozen=True, slots=True)
class Assignment:
    """Hold one value set from outside the files; `prefix` is the table the key is taken from."""

    key: Key
    value: object
    source: str
    prefix: Key = ()

    def depth(self, key: Key) -> int:
        pairs = zip(self.key, key, strict=False)
        same = next((n for n, (a, b) in enumerate(pairs) if str(a) != str(b)), len(self.key))
        return len(key) if same == len(self.key) <= len(key) else min(same, len(key))

    def origin(self, key: Key) -> Origin:
        del key  # one source sets one key
        return Origin(self.source, None, dotted(self.prefix + self.key))


def dotted(key: Key) -> str:
    """Write a key as in `account[0].receipt.keys`; a key that needs it is quoted."""
    text = ""
    for part in key:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            bare = part if re.fullmatch(r"[A-Za-z0-9_-]+", part) else f'"{part}"'
            text += f".{bare}" if text else bare
    return text


def origin_of(layers: list[Layer], key: Key) -> Origin:
    """Find the layer that set a key, or the topmost one with the nearest table around it."""
    best, found = -1, Origin("configuration", None, dotted(key))
    for layer in reversed(layers):
        depth = layer.depth(key)
        if depth > best and (depth > 0 or isinstance(layer, FileLayer)):
            best, found = depth, layer.origin(key)
    return found


def read_layer(path: Path, name: str) -> FileLayer:
    """Read a TOML file.

    Raises ConfigError when it can't be read or isn't TOML.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
        return FileLayer(name, path.parent, text, tomllib.loads(text))
    except OSError as error:
        problem = Problem(name, None, "", "", f"can't be read: {error.strerror}")
    except UnicodeDecodeError as error:
        problem = Problem(name, None, "", "", f"is not UTF-8 text (octet {error.start})")
    except tomllib.TOMLDecodeError as error:
        problem = _syntax_problem(name, text, str(error))
    raise ConfigError([problem])


def _syntax_problem(name: str, text: str, message: str) -> Problem:
    match = _PLACE.search(message)
    at_end = text.rstrip().count("\n") + 1
    line = int(match[1]) if match and match[1] else at_end
    plain = message[: match.start()] if match else message
    return Problem(name, line, "", "", f"not valid TOML: {plain}")


def merge(below: Table, above: Mapping[str, object]) -> Table:
    """Lay one table over another; neither is changed."""
    merged = dict(below)
    for key, value in above.items():
        under = merged.get(key)
        if isinstance(under, dict) and isinstance(value, dict):
            merged[key] = merge(under, value)
        else:
            merged[key] = value
    return merged


def from_environment(environ: Mapping[str, str]) -> Iterator[Assignment]:
    """Give the assignments that the environment makes, in the order of their names."""
    for name in sorted(environ):
        if name.startswith(ENV_PREFIX) and name not in ENV_RESERVED:
            parts = name.removeprefix(ENV_PREFIX).lower().split("__")
            key = tuple(int(part) if part.isdecimal() else part for part in parts)
            yield Assignment(key, environ[name], name)


def from_command_line(overrides: Mapping[str, object]) -> Iterator[Assignment]:
    """Give the assignments of options, keyed by dotted names such as `smpp.listen`."""
    for name, value in overrides.items():
        if value is not None:  # an option that was not given
            yield Assignment(tuple(name.split(".")), value, COMMAND_LINE)


def assign(table: Table, item: Assignment, model: type[BaseModel]) -> None:
    """Set one value in a table that belongs to this merge alone.

    A text becomes the type that the model asks for. Raises ConfigError when the key leads
    through something that is no table.
    """
    target: object = table
    for length, part in enumerate(item.key[:-1], start=1):
        target = _descend(target, part)
        if not isinstance(target, dict | list):
            raise _unreachable(item, length)
    last = item.key[-1]
    value = _typed(item, model)
    if isinstance(target, dict):
        target[str(last)] = value
    elif isinstance(target, list) and isinstance(last, int) and last < len(target):
        target[last] = value
    else:
        raise _unreachable(item, len(item.key))


def _unreachable(item: Assignment, length: int) -> ConfigError:
    key = dotted(item.prefix + item.key[:length])
    message = f"{key} is neither a table nor an element that the files define"
    return ConfigError([Problem(item.source, None, item.origin(()).key, "", message)])


def _descend(target: object, part: str | int) -> object:
    """Go to the table or list under `part`, as a copy, making an empty table where none is."""
    if isinstance(target, dict):
        found = target.get(str(part), {})
        copy = dict(found) if isinstance(found, dict) else found
        copy = list(copy) if isinstance(copy, list) else copy
        target[str(part)] = copy
        return copy
    if isinstance(target, list) and isinstance(part, int) and part < len(target):
        copy = dict(target[part]) if isinstance(target[part], dict) else target[part]
        target[part] = copy
        return copy
    return None


def _typed(item: Assignment, model: type[BaseModel]) -> object:
    """Read a text as TOML where the model asks for anything but a text."""
    place = place_of(model, item.key)
    if not isinstance(item.value, str) or place is None or takes_text(place):
        return item.value
    try:
        return tomllib.loads(f"value = {item.value}")["value"]
    except tomllib.TOMLDecodeError:
        return item.value
