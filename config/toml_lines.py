"""Find the line of every key of a TOML document.

tomllib gives values without places. This scanner goes over a text that tomllib has accepted, so
it need not find errors: it follows keys, tables and the brackets of values, and skips the rest.
A path is a tuple of keys and list indices: `("account", 1, "window")`.
"""

from __future__ import annotations

import re
import tomllib
from typing import Final, TypeAlias

Path: TypeAlias = "tuple[str | int, ...]"

_GAP: Final = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_BLANK: Final = re.compile(r"[ \t]*")
_KEY: Final = re.compile(r"""([A-Za-z0-9_-]+)|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'""")
_STRING: Final = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}|'
    r"'''(?:.)*?'{3,5}|"
    r'"(?:[^"\\\n]|\\.)*"|'
    r"'[^'\n]*'",
    re.DOTALL,
)
_BARE: Final = re.compile(r"[^,\]}\n#]*")


def key_lines(text: str) -> dict[Path, int]:
    """Give the line (from 1) of each key, table and list element of a valid TOML document."""
    return _Scanner(text.replace("\r\n", "\n")).document()


class _Scanner:
    """Walk over one document; `pos` is the next character, `lines` what was found."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.pos = 0
        self.lines: dict[Path, int] = {}
        self.counts: dict[Path, int] = {}
        self._line = 1
        self._counted = 0

    def document(self) -> dict[Path, int]:
        table: Path = ()
        self._skip(_GAP)
        while self.pos < len(self.text):
            if self.text[self.pos] == "[":
                table = self._header()
            else:
                self._pair(table)
            self._skip(_GAP)
        return self.lines

    def _skip(self, pattern: re.Pattern[str]) -> None:
        match = pattern.match(self.text, self.pos)
        self.pos = match.end() if match else self.pos

    def _note(self, path: Path) -> None:
        """Record the present line for a path, unless the path stands already."""
        self._line += self.text.count("\n", self._counted, self.pos)
        self._counted = self.pos
        self.lines.setdefault(path, self._line)

    def _keys(self) -> list[str]:
        """Read a dotted key."""
        keys = []
        while True:
            self._skip(_BLANK)
            match = _KEY.match(self.text, self.pos)
            assert match is not None, f"no key at {self.pos}"
            self.pos = match.end()
            keys.append(match[1] if match[1] is not None else _unquoted(match[0]))
            self._skip(_BLANK)
            if self.text[self.pos] != ".":
                return keys
            self.pos += 1

    def _header(self) -> Path:
        listed = self.text.startswith("[[", self.pos)
        self.pos += 2 if listed else 1
        keys = self._keys()
        path: Path = ()
        for place, key in enumerate(keys):
            path = (*path, key)
            self._note(path)
            if listed and place == len(keys) - 1:
                self.counts[path] = self.counts.get(path, 0) + 1
            if path in self.counts:
                path = (*path, self.counts[path] - 1)
                self._note(path)
        self.pos += 2 if listed else 1
        return path

    def _pair(self, table: Path) -> None:
        path = table
        for key in self._keys():
            path = (*path, key)
            self._note(path)
        self.pos += 1  # the equals sign
        self._skip(_BLANK)
        self._value(path)

    def _value(self, path: Path) -> None:
        opening = self.text[self.pos]
        if opening == "[":
            self._list(path)
        elif opening == "{":
            self._inline_table(path)
        else:
            self._skip(_STRING if opening in "\"'" else _BARE)

    def _list(self, path: Path) -> None:
        self.pos += 1
        index = 0
        self._skip(_GAP)
        while self.text[self.pos] != "]":
            element = (*path, index)
            self._note(element)
            self._value(element)
            index += 1
            self._past_comma()
        self.pos += 1

    def _inline_table(self, path: Path) -> None:
        self.pos += 1
        self._skip(_GAP)
        while self.text[self.pos] != "}":
            self._pair(path)
            self._past_comma()
        self.pos += 1

    def _past_comma(self) -> None:
        self._skip(_GAP)
        if self.text[self.pos] == ",":
            self.pos += 1
            self._skip(_GAP)


def _unquoted(key: str) -> str:
    """Give the value of a quoted key; only one with escapes needs the parser."""
    if key[0] == '"' and "\\" in key:
        (decoded,) = tomllib.loads(f"{key} = 0")
        return decoded
    return key[1:-1]
