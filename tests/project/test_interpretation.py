"""Hold the page of readings to the configuration: every key, its default, and no other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args, get_origin

import msgspec
from pydantic import BaseModel

from config import interpretation
from config.contract import Contract

from .tree import read

PAGE = Path("docs/interpretation.md")
_READING = re.compile(r"(?m)^### (\d+)\. .+\n\n(.+(?:\n.+)*)\n\n(Keys?: .+|No key\.)$")
_ROW = re.compile(r"(?m)^\| `([a-z0-9_.]+)` \| `(.*)` \| (.+) \|$")
_SENTENCE = re.compile(r"[.!?](?=\s|$)")
OF_OTHERS = (
    "effective_from", "consent.required_for", "consent.exempt", "consent.public_interest_approval",
    "optout.scope", "ads.requires",
)  # fmt: skip
"""Keys of other modules that decide how the contract is read."""


class Reading(NamedTuple):
    """Be one key with its default and what is allowed, as the page writes them."""

    key: str
    default: str
    allowed: str


def readings(model: type[BaseModel] = Contract, path: tuple[str, ...] = ()) -> list[Reading]:
    """Give every key of the readings, in the order of the contract's model."""
    return list(_readings(model, path))


def _readings(model: type[BaseModel], path: tuple[str, ...]) -> Iterator[Reading]:
    for name, field in model.model_fields.items():
        key = ".".join((*path, name))
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from _readings(kind, (*path, name))
        elif model.__module__ == interpretation.__name__ or key in OF_OTHERS:
            yield Reading(key, _written(field.default), _allowed(kind))


def _written(value: Any) -> str:
    plain = msgspec.to_builtins(value, enc_hook=str) if not isinstance(value, date) else str(value)
    return msgspec.json.encode(plain).decode()


def _allowed(kind: Any) -> str:
    words = list(dict.fromkeys(_literals(kind)))
    several = get_origin(kind) is tuple and bool(words)
    if kind is bool:
        return "`true`, `false`"
    if not words or get_origin(kind) is dict:
        return "see [configuration](configuration.md)"
    return ("a list of " if several else "") + ", ".join(f"`{word}`" for word in words)


def _literals(kind: Any) -> Iterator[str]:
    if get_origin(kind) is Literal:
        yield from map(str, get_args(kind))
        return
    for part in get_args(kind):
        yield from _literals(part)


def test_every_key_is_on_the_page_with_its_default_and_no_other() -> None:
    shown = [Reading(*found) for found in _ROW.findall(read(PAGE))]
    assert shown == readings()


def test_the_35_readings_are_explained_in_order_in_two_sentences() -> None:
    found = _READING.findall(read(PAGE))
    assert [int(number) for number, _text, _keys in found] == list(range(1, 36))
    for number, text, _keys in found:
        _clause, _, sentences = text.partition("* ")
        assert len(_SENTENCE.findall(re.sub(r"\d\.\d", "", sentences))) == 2, number


def test_keys_of_the_readings_exist() -> None:
    known = {reading.key for reading in readings()}
    for _number, _text, keys in _READING.findall(read(PAGE)):
        assert set(re.findall(r"`([^`]+)`", keys)) <= known
