"""Read a contract in another way, for one question, without changing it."""

from __future__ import annotations

import json
from collections.abc import Mapping

from pydantic import ValidationError

from .contract import Contract
from .explain import explain
from .section import Section


def read_as(contract: Contract, readings: Mapping[str, str]) -> Contract:
    """Give the contract with other interpretations, such as `sla.logic` → `and`.

    Values are those of the contract file: texts as they are, numbers and lists as JSON. Raises
    ValueError that says what was seen and what is allowed.
    """
    changed: dict[str, Section] = {}
    for key, text in readings.items():
        name, _, field = key.partition(".")
        section = changed.get(name, getattr(contract, name, None))
        if not isinstance(section, Section) or field not in type(section).model_fields:
            known = ", ".join(f"{name}.{one}" for one in _fields_of(section)) or "sla.logic"
            raise ValueError(f"interpretation.{key}: no such key; {known} allowed")
        changed[name] = _with(section, field, text)
    return contract.model_copy(update=changed)


def _fields_of(section: object) -> tuple[str, ...]:
    return tuple(type(section).model_fields) if isinstance(section, Section) else ()


def _with(section: Section, field: str, text: str) -> Section:
    values = section.model_dump(by_alias=True)
    problem = ""
    for value in _meanings(text):
        try:
            return type(section).model_validate({**values, field: value})
        except ValidationError as error:
            found = error.errors(include_url=False)[0]
            problem = problem or explain(type(section), {**values, field: value}, found).message
    raise ValueError(f"{field}: {text[:60]!r} seen, allowed {problem}")


def _meanings(text: str) -> list[object]:
    """Give what a text may stand for: itself, then the JSON value that it is."""
    try:
        return [text, json.loads(text)]
    except ValueError:
        return [text]
