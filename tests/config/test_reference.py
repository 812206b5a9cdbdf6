"""Hold the reference and the templates against the models they describe."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from config.contract import Contract, NumberEntry
from config.explain import Place, allowed_at, place_of
from config.loader import check_files, load, load_contract
from config.settings import Settings
from config.shipped import DATA

Key = tuple[str | int, ...]

REFERENCE = Path(__file__).parents[2] / "docs" / "configuration.md"
TEMPLATES = DATA / "templates"
NESTED = ("ordinary_latency", "instant_latency")
"""Keys that hold a table by a law; its forms are described with the network."""


def tables(model: type[BaseModel], key: Key = ()) -> Iterator[tuple[Key, type[BaseModel]]]:
    """Give every table of a model with its key, 0 for the element of a list."""
    yield key, model
    for name in names(model):
        if name in NESTED or (key == () and model is Settings and name == "contract"):
            continue
        for suffix in ((), (0,)):
            inner = table_at(model, (name, *suffix))
            if inner is not None:
                yield from tables(inner, (*key, name, *suffix))


def table_at(model: type[BaseModel], key: Key) -> type[BaseModel] | None:
    place = place_of(model, key)
    annotation = place.annotation if place else None
    for candidate in (annotation, *getattr(annotation, "__args__", ())):
        if isinstance(candidate, type) and issubclass(candidate, BaseModel):
            return candidate if not _is_list(annotation) else None
    return None


def _is_list(annotation: object) -> bool:
    return str(annotation).startswith("tuple[")


def names(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


def leaves(model: type[BaseModel]) -> Iterator[tuple[str, FieldInfo]]:
    """Give the keys of a table that hold no table themselves."""
    for name, field in model.model_fields.items():
        key = field.alias or name
        nested = table_at(model, (key,)) or table_at(model, (key, 0))
        if key in NESTED or (nested is None and key != "contract"):
            yield key, field


def heading(key: Key) -> str:
    name = ".".join(part for part in key if isinstance(part, str))
    if not name:
        return "Top level"
    return f"`[[{name}]]`" if key[-1] == 0 else f"`[{name}]`"


def rows(key: Key) -> dict[str, list[str]]:
    """Give the rows of one table of the reference: allowed, default, meaning by key."""
    text = REFERENCE.read_text("utf-8")
    title = re.escape(f"### {heading(key)}\n")
    match = re.search(title + r"(.*?)(?=\n##|\Z)", text, re.DOTALL)
    assert match, f"no part {heading(key)}"
    cells = [re.split(r"(?<!\\) \| ", line.strip("| ")) for line in match[1].splitlines()]
    return {row[0].strip("`"): row[1:] for row in cells if len(row) == 4 and row[0] != "key"}


def shown(value: object) -> str:
    """Write a default as it would stand in a file."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float | date):
        return str(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(shown, value))}]"
    if isinstance(value, dict):
        pairs = (f"{key or json.dumps(key)} = {shown(inner)}" for key, inner in value.items())
        return f"{{ {', '.join(pairs)} }}" if value else "{}"
    text = value if isinstance(value, str) else str(value)
    return json.dumps(text, ensure_ascii=False)


def default_of(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True, validated_data={})
    return "none" if value is None else f"`{shown(value)}`"


ALL = [(root, key, model) for root in (Settings, Contract) for key, model in tables(root)]


@pytest.mark.parametrize(("root", "key", "model"), ALL)
def test_the_reference_names_every_key_with_its_default(
    root: type[BaseModel], key: Key, model: type[BaseModel]
) -> None:
    expected = {name: default_of(field) for name, field in leaves(model)}
    if not expected:
        return
    described = rows(key)
    described.pop("extends", None)
    assert {name: cells[1] for name, cells in described.items()} == expected, root
    assert all(cells[2] for cells in described.values())


@pytest.mark.parametrize(("root", "key", "model"), ALL)
def test_the_reference_says_what_is_allowed(
    root: type[BaseModel], key: Key, model: type[BaseModel]
) -> None:
    del root
    for name, field in leaves(model):
        if name not in NESTED:
            allowed = allowed_at(Place(field.annotation, tuple(field.metadata)))
            assert rows(key)[name][0] == allowed, (key, name)


def uncommented(name: str) -> str:
    """Give a template with every line that shows a default made valid."""
    text = (TEMPLATES / name).read_text("utf-8")
    return re.sub(r"^#(?=[\[A-Za-z])", "", text, flags=re.MULTILINE)


@pytest.mark.parametrize(("root", "name"), [(Settings, "smsgw.toml"), (Contract, "contract.toml")])
def test_a_template_has_every_key(root: type[BaseModel], name: str) -> None:
    document = tomllib.loads(uncommented(name))
    for key, model in tables(root):
        if model is NumberEntry:
            continue
        table: object = document
        for part in key:
            assert isinstance(table, dict | list)
            table = table[part]  # type: ignore[index]
        assert isinstance(table, dict)
        missing = {leaf for leaf, _ in leaves(model)} - set(table)
        assert not missing, (key, missing)


def test_the_template_of_a_contract_shows_all_forms_of_an_entry() -> None:
    text = (TEMPLATES / "contract.toml").read_text("utf-8")
    entries = re.findall(r"^ +(?:# )?\{ .* \},$", text, re.MULTILINE)
    for name in names(NumberEntry):
        assert any(f"{name} = " in entry for entry in entries), name


@pytest.mark.parametrize(("root", "name"), [(Settings, "smsgw.toml"), (Contract, "contract.toml")])
def test_a_template_shows_the_defaults(root: type[BaseModel], name: str) -> None:
    text = (TEMPLATES / name).read_text("utf-8")
    lines = set(re.findall(r"^#?([a-z_0-9]+ = .*)$", text, re.MULTILINE))
    for key, model in tables(root):
        for leaf, field in leaves(model):
            # Elements of lists other than accounts are examples.
            value = default_of(field)
            example = 0 in key and key[0] != "account"
            if not example and value not in ("required", "none"):
                assert f"{leaf} = {value.strip('`')}" in lines or differs(leaf, text), (key, leaf)


def differs(leaf: str, text: str) -> bool:
    """Say whether a key is set, as the shipped contract or the demo account has it."""
    return re.search(rf"^{leaf} = ", text, re.MULTILINE) is not None


def test_the_templates_load_as_they_are_written(tmp_path: Path) -> None:
    for name in ("smsgw.toml", "contract.toml"):
        (tmp_path / name).write_bytes((TEMPLATES / name).read_bytes())
    assert check_files(tmp_path / "smsgw.toml", {}) == []
    overrides = {"contract": str(tmp_path / "contract.toml")}
    loaded = load(tmp_path / "smsgw.toml", {}, overrides)
    assert loaded.settings.contract == load_contract("henan")
    untouched = load(None, {}).settings
    same = {"data", "account", "contract"}
    for name in set(Settings.model_fields) - same:
        assert getattr(loaded.settings, name) == getattr(untouched, name)


def test_the_templates_load_with_every_default_made_explicit(tmp_path: Path) -> None:
    for name in ("server.pem", "server.key", "clients.pem"):
        (tmp_path / name).write_bytes(b"")
    settings = uncommented("smsgw.toml").replace('contract = "henan"', 'contract = "contract.toml"')
    (tmp_path / "smsgw.toml").write_text(settings, "utf-8")
    (tmp_path / "contract.toml").write_text(uncommented("contract.toml"), "utf-8")
    environ = {"CI_TOKEN": "y", "OUTBIND": "secret08"}
    errors = [p for p in check_files(tmp_path / "smsgw.toml", environ) if p.level == "error"]
    assert errors == []
