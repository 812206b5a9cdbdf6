from __future__ import annotations

from pathlib import Path

import pytest

from config.layers import (
    Assignment,
    FileLayer,
    Layer,
    Table,
    assign,
    dotted,
    from_command_line,
    from_environment,
    merge,
    origin_of,
    read_layer,
)
from config.problems import ConfigError
from config.settings import Settings


def file_layer(text: str, directory: Path) -> FileLayer:
    path = directory / "a.toml"
    path.write_text(text, "utf-8")
    return read_layer(path, "a.toml")


def test_tables_merge_and_lists_replace() -> None:
    below: Table = {"a": {"x": 1, "y": [1, 2]}, "b": 1}
    assert merge(below, {"a": {"y": [3]}, "b": {"c": 2}}) == {
        "a": {"x": 1, "y": [3]},
        "b": {"c": 2},
    }
    assert below == {"a": {"x": 1, "y": [1, 2]}, "b": 1}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a = 1\nb = \n", "a.toml:2: not valid TOML: Invalid value"),
        ("a = 1\n\na = 2\n", "a.toml:3: not valid TOML: Cannot overwrite a value"),
        ('a = "', "a.toml:1: not valid TOML: "),
        ("x = 1\na = [1,\n2\n", "a.toml:3: not valid TOML: Unclosed array"),
    ],
)
def test_a_syntax_error_has_its_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError) as raised:
        file_layer(text, tmp_path)
    assert str(raised.value).startswith(said)


def test_a_file_that_cannot_be_read_is_a_problem(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"b\.toml: can't be read: No such file"):
        read_layer(tmp_path / "b.toml", "b.toml")
    (tmp_path / "b.toml").write_bytes(b"a = '\xff'")
    with pytest.raises(ConfigError, match=r"is not UTF-8 text \(octet 5\)"):
        read_layer(tmp_path / "b.toml", "b.toml")


def test_a_byte_order_mark_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "b.toml").write_bytes(b"\xef\xbb\xbfa = 1")
    assert read_layer(tmp_path / "b.toml", "b.toml").table == {"a": 1}


def test_the_environment_names_keys_by_parts() -> None:
    environ = {
        "SMSGW_HTTP__LISTEN": "x",
        "SMSGW_ACCOUNT__0__WINDOW": "5",
        "SMSGW_URL": "http://127.0.0.1:8775",
        "SMSGW_TOKEN": "secret",
        "HOME": "/",
    }
    items = list(from_environment(environ))
    assert [(item.key, item.value, item.source) for item in items] == [
        (("account", 0, "window"), "5", "SMSGW_ACCOUNT__0__WINDOW"),
        (("http", "listen"), "x", "SMSGW_HTTP__LISTEN"),
    ]


def test_options_that_were_not_given_assign_nothing() -> None:
    items = list(from_command_line({"smpp.listen": "x", "network.seed": None}))
    assert [item.key for item in items] == [("smpp", "listen")]


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        (("smpp", "listen"), "127.0.0.1:1", "127.0.0.1:1"),
        (("account", 0, "window"), "5", 5),
        (("account", 0, "window"), "five", "five"),
        (("account", 0, "password"), "12345678", "12345678"),
        (("account", 0, "access_numbers"), '["106"]', ["106"]),
        (("http", "enabled"), "true", True),
        (("smpp", "timers", "response_s"), "5", 5),
        (("unknown", "key"), "5", "5"),
    ],
)
def test_a_text_becomes_what_the_model_asks_for(
    key: tuple[str | int, ...], text: str, value: object
) -> None:
    table: Table = {"account": [{}]}
    assign(table, Assignment(key, text, "X"), Settings)
    found: object = table
    for part in key:
        assert isinstance(found, dict | list)
        found = found[part]  # type: ignore[index]
    assert found == value


def test_an_element_of_a_list_is_replaced_by_its_number() -> None:
    table: Table = {"account": [{"access_numbers": ["1", "2"]}]}
    assign(table, Assignment(("account", 0, "access_numbers", 1), "3", "X"), Settings)
    assert table == {"account": [{"access_numbers": ["1", "3"]}]}


def test_an_assignment_leaves_what_it_was_made_from_alone() -> None:
    original: Table = {"account": [{"window": 1}], "smpp": {"listen": "x"}}
    table = dict(original)
    assign(table, Assignment(("account", 0, "window"), 5, "X"), Settings)
    assign(table, Assignment(("smpp", "listen"), "y", "X"), Settings)
    assert original == {"account": [{"window": 1}], "smpp": {"listen": "x"}}


@pytest.mark.parametrize(
    "key",
    [
        ("account", 1, "window"),
        ("account", 1),
        ("account", "x", "window"),
        ("account", 0, "window", "x"),
        ("account", 0, "window", "x", "y"),
    ],
)
def test_a_key_that_leads_nowhere_is_a_problem(key: tuple[str | int, ...]) -> None:
    table: Table = {"account": [{"window": 1}]}
    with pytest.raises(ConfigError, match="neither a table nor an element") as raised:
        assign(table, Assignment(key, "1", "SMSGW_X"), Settings)
    assert raised.value.problems[0].file == "SMSGW_X"
    assert raised.value.problems[0].key == dotted(key)


def test_the_topmost_source_of_a_key_is_its_origin(tmp_path: Path) -> None:
    below = file_layer("[smpp]\nlisten = 1\n[smpp.tls]\ncert = 'x'\n", tmp_path)
    above = Assignment(("smpp", "listen"), "x", "SMSGW_SMPP__LISTEN")
    layers: list[Layer] = [below, above]
    assert origin_of(layers, ("smpp", "listen")).file == "SMSGW_SMPP__LISTEN"
    assert origin_of(layers, ("smpp", "tls", "cert")).line == 4
    assert origin_of(layers, ("smpp", "tls", "key")).line == 3
    assert origin_of(layers, ("http", "listen")).line is None
    assert origin_of([], ("http", "listen")).file == "configuration"


def test_elements_of_lists_have_origins_too(tmp_path: Path) -> None:
    layers: list[Layer] = [file_layer("[[account]]\n[[account]]\nx = [1,\n2]\n", tmp_path)]
    assert origin_of(layers, ("account", 1, "x", 1)).line == 4
    assert origin_of(layers, ("account", 1, "window")).line == 2


def test_the_line_of_a_table_inside_a_file_is_the_files(tmp_path: Path) -> None:
    outer = file_layer("[contract]\n[contract.sla]\nlogic = 1\n", tmp_path)
    inner = outer.under("contract", {"sla": {"logic": 1}})
    origin = origin_of([inner], ("sla", "logic"))
    assert (origin.line, origin.key) == (3, "contract.sla.logic")


def test_keys_are_written_as_in_toml() -> None:
    assert dotted(("account", 0, "receipt", "keys")) == "account[0].receipt.keys"
    assert dotted(("service_types", "")) == 'service_types.""'
