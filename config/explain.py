"""Turn a failed validation into words: which key, what was seen, what is allowed.

What is allowed is read off the models: a field's `Allowed` text, its literal values, its bounds.
A value is shown only when it is a scalar at a known key that is not marked `HIDDEN`.
"""

from __future__ import annotations

import difflib
import json
import types
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Final, Literal, TypeGuard, Union, get_args, get_origin

import annotated_types
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from .section import HIDDEN, Allowed

Key = tuple[str | int, ...]

_LONGEST_SHOWN: Final = 60
_TYPE_NAMES: Final[tuple[tuple[type, str], ...]] = (
    (bool, "true or false"),
    (int, "a whole number"),
    (float, "a number"),
    (str, "a string"),
    (date, "a date such as 2026-11-30"),
)
_KIND_NAMES: Final[tuple[tuple[type, str], ...]] = (
    (Mapping, "a table"),
    (list, "a list"),
    (tuple, "a list"),
    (bool, "a boolean"),
    (int, "a number"),
    (float, "a number"),
    (str, "a string"),
)
_STRUCTURAL: Final = frozenset({"model_type", "model_attributes_type", "tuple_type", "dict_type"})


@dataclass(frozen=True, slots=True)
class Place:
    """Hold what a model says of one key: its type and the marks of its annotation."""

    annotation: object
    marks: tuple[object, ...] = ()


def place_of(model: type[BaseModel], key: Key) -> Place | None:
    """Find what the model says of a key; None for a key it does not know."""
    place: Place | None = Place(model)
    for part in key:
        place = _step(place, part) if place else None
    return place


def _step(place: Place, part: str | int) -> Place | None:
    """Go from a type to that of one key or element of it."""
    for form in _alternatives(place):
        annotation = form.annotation
        if _is_table(annotation):
            found = _field_of(annotation, part)
            if found is not None:
                return Place(found.annotation, tuple(found.metadata))
        elif get_origin(annotation) is tuple and isinstance(part, int):
            return Place(get_args(annotation)[0])
        elif get_origin(annotation) is dict:
            return Place(get_args(annotation)[1])
    return None


def _alternatives(place: Place) -> tuple[Place, ...]:
    """Unwrap a type: one place per member of a union other than None, marks kept."""
    annotation, marks = place.annotation, place.marks
    if get_origin(annotation) is Annotated:
        inner, *added = get_args(annotation)
        nested = [m for mark in added if isinstance(mark, FieldInfo) for m in mark.metadata]
        return _alternatives(Place(inner, (*marks, *added, *nested)))
    if get_origin(annotation) in {Union, types.UnionType}:
        members = (m for m in get_args(annotation) if m is not types.NoneType)
        return tuple(form for m in members for form in _alternatives(Place(m, marks)))
    return (Place(annotation, marks),)


def _is_table(annotation: object) -> TypeGuard[type[BaseModel]]:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _field_of(model: type[BaseModel], part: str | int) -> FieldInfo | None:
    for name, field in model.model_fields.items():
        if part == (field.alias or name):
            return field
    return None


def keys_of(model: type[BaseModel]) -> tuple[str, ...]:
    """Give the keys of a table as they stand in a file."""
    return tuple(field.alias or name for name, field in model.model_fields.items())


def allowed_at(place: Place) -> str:
    """Say in words what a key may hold."""
    forms = _alternatives(place)
    if all(get_origin(form.annotation) is Literal for form in forms):
        return _any_of(tuple(value for form in forms for value in get_args(form.annotation)))
    return " or ".join(dict.fromkeys(_allowed_form(form) for form in forms))


def _allowed_form(form: Place) -> str:
    for mark in form.marks:
        if isinstance(mark, Allowed):
            return mark.text
    annotation = form.annotation
    origin = get_origin(annotation)
    if origin is Literal:
        return _any_of(get_args(annotation))
    if origin is tuple:
        least = any(isinstance(mark, annotated_types.MinLen) for mark in form.marks)
        what = "a list of at least one element" if least else "a list"
        return f"{what}, each {allowed_at(Place(get_args(annotation)[0]))}"
    if origin is dict:
        return f"a table, each value {allowed_at(Place(get_args(annotation)[1]))}"
    if _is_table(annotation):
        return f"a table with the keys {', '.join(keys_of(annotation))}"
    return _bounds(form.marks) or _name_of(annotation)


def takes_text(place: Place) -> bool:
    """Say whether a key may hold a string as it stands."""
    return any(_is_textual(form.annotation) for form in _alternatives(place))


def _is_textual(annotation: object) -> bool:
    origin = get_origin(annotation)
    if origin is Literal:
        return any(isinstance(value, str) for value in get_args(annotation))
    if origin in {tuple, dict} or _is_table(annotation):
        return False
    return annotation not in {bool, int, float, date}


def _name_of(annotation: object) -> str:
    for known, name in _TYPE_NAMES:
        if isinstance(annotation, type) and issubclass(annotation, known):
            return name
    return "another value"


def _any_of(values: tuple[object, ...]) -> str:
    shown = [shown_value(value) for value in values]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} or {shown[-1]}"


def _bounds(marks: tuple[object, ...]) -> str:
    """Say the bounds of a number or of a length: `1 to 100000`, `above 0 to 60`."""
    low = high = ""
    unit = ""
    for mark in marks:
        match mark:
            case annotated_types.Ge(ge=limit):
                low = _plain(limit)
            case annotated_types.Gt(gt=limit):
                low = f"above {_plain(limit)}"
            case annotated_types.Le(le=limit):
                high = _plain(limit)
            case annotated_types.Lt(lt=limit):
                high = f"below {_plain(limit)}"
            case annotated_types.MinLen(min_length=limit):
                low, unit = str(limit), " characters"
            case annotated_types.MaxLen(max_length=limit):
                high, unit = str(limit), " characters"
            case _:
                pass
    if low and high:
        return f"{low} to {high}{unit}"
    if high:
        return f"at most {high}{unit}"
    return low if low.startswith("above") else f"at least {low}{unit}" if low else ""


def _plain(limit: object) -> str:
    """Write a bound without the decimals of a round float."""
    return f"{limit:.15g}" if isinstance(limit, float) else str(limit)


def shown_value(value: object) -> str:
    """Give a scalar as it would stand in TOML, shortened; the kind alone of anything else."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        short = value if len(value) <= _LONGEST_SHOWN else value[: _LONGEST_SHOWN - 1] + "…"
        return json.dumps(short, ensure_ascii=False)
    if isinstance(value, int | float | date):
        return str(value)
    return kind_of(value)


def kind_of(value: object) -> str:
    """Name the kind of a value without showing it."""
    return next((name for kind, name in _KIND_NAMES if isinstance(value, kind)), "another value")


@dataclass(frozen=True, slots=True)
class Explanation:
    """Say what is wrong at one key: see `Problem` for `seen` and `message`."""

    key: Key
    seen: str
    message: str


def explain(model: type[BaseModel], data: object, error: ErrorDetails) -> Explanation:
    """Explain one error of a validation of `data` against `model`."""
    key = _key_in(data, error["loc"])
    kind = error["type"]
    if kind == "extra_forbidden":
        return Explanation(key, "", _unknown(model, key))
    place = place_of(model, key)
    allowed = allowed_at(place) if place else error["msg"]
    if kind == "missing":
        return Explanation(key, "", f"missing, required: {allowed}")
    if kind == "value_error":
        allowed = str(error["ctx"]["error"])
    value = error["input"]
    if isinstance(value, Mapping | tuple | list) and kind not in _STRUCTURAL:
        return Explanation(key, "", f"allowed {allowed}")
    if kind in _STRUCTURAL or (_hidden(model, key) and not isinstance(value, str)):
        return Explanation(key, kind_of(value), allowed)
    if _hidden(model, key):
        return Explanation(key, "", f"allowed {allowed}")
    return Explanation(key, shown_value(value), allowed)


def _key_in(data: object, loc: tuple[int | str, ...]) -> Key:
    """Drop from a location the names of union members, which stand in no file."""
    key: list[str | int] = []
    for place, part in enumerate(loc):
        if holds(data, part):
            data = data[part]  # type: ignore[index]  # `holds` has looked
        elif place < len(loc) - 1 or part == "[key]":
            continue
        key.append(part)
    return tuple(key)


def holds(data: object, part: str | int) -> bool:
    """Say whether a table or list has the key or the element."""
    if isinstance(data, list | tuple):
        return isinstance(part, int) and part < len(data)
    return isinstance(data, Mapping) and part in data


def _hidden(model: type[BaseModel], key: Key) -> bool:
    for length in range(1, len(key) + 1):
        place = place_of(model, key[:length])
        if place is None or any(HIDDEN in form.marks for form in _alternatives(place)):
            return True
    return False


def _unknown(model: type[BaseModel], key: Key) -> str:
    table = place_of(model, key[:-1])
    forms = _alternatives(table) if table else ()
    known = [key for f in forms if _is_table(f.annotation) for key in keys_of(f.annotation)]
    known = list(dict.fromkeys(known))
    near = difflib.get_close_matches(str(key[-1]), known, n=1)
    hint = f"did you mean {near[0]}? " if near else ""
    return f"unknown key; {hint}known here: {', '.join(known)}"
