from __future__ import annotations

from datetime import date

import pytest
from pydantic import ValidationError

from config.contract import Contract
from config.explain import (
    Explanation,
    allowed_at,
    explain,
    keys_of,
    kind_of,
    place_of,
    shown_value,
    takes_text,
)
from config.section import Section
from config.settings import Settings

Key = tuple[str | int, ...]

OMITTED = '"sub", "dlvrd", "submit_date", "done_date", "err" or "text"'
SERVICES = '"ordinary" or "instant"'


def explained(model: type[Section], data: object) -> list[Explanation]:
    with pytest.raises(ValidationError) as raised:
        model.model_validate(data, strict=True)
    return [explain(model, data, error) for error in raised.value.errors()]


@pytest.mark.parametrize(
    ("key", "allowed"),
    [
        (("smpp", "listen"), '"host:port" or "[ipv6]:port"'),
        (("smpp", "status_profile"), '"standard" or "vendor"'),
        (("smpp", "timers", "response_s"), "above 0 to 86400"),
        (("smpp", "dialect", "date_digits"), "10, 12 or 14"),
        (("smpp", "dialect", "err_form"), '"decimal" or "hex"'),
        (("smpp", "dialect", "omit"), f"a list, each {OMITTED}"),
        (("smpp", "tls", "cert"), "the path of an existing file"),
        (("smpp", "tls"), "a table with the keys listen, cert, key, client_ca, min_version"),
        (("http", "enabled"), "true or false"),
        (("network", "subscribers"), "a table, each value 0 to 1000"),
        (("network", "seed"), "0 to 9223372036854775807"),
        (("network", "capacity", "instant"), "above 0"),
        (("network", "ordinary_latency", "low_s"), "0 to 2678400"),
        (("account", 3, "system_id"), "1 to 15 printable ASCII characters"),
        (("account", 0, "services"), f"a list of at least one element, each {SERVICES}"),
        (("account", 0, "access_numbers", 1), "a string of 3 to 20 digits"),
        (("account", 0, "enterprise_code"), "at most 32 characters"),
        (("account", 0, "reject_stage", "scope"), '"submit" or "receipt"'),
    ],
)  # fmt: skip
def test_what_is_allowed_is_read_off_the_model(key: Key, allowed: str) -> None:
    place = place_of(Settings, key)
    assert place is not None
    assert allowed_at(place) == allowed


@pytest.mark.parametrize(
    ("key", "allowed"),
    [
        (("breach", "general_penalty_fen"), "at least 0"),
        (("scope", "entries", 0, "prefix"), "a string of 1 to 11 digits that begins with 1"),
        (("term", "from"), "a date such as 2026-11-30"),
        (("optout", "keywords", 0), "a string"),
        (("number",), "1 to 64 characters"),
    ],
)
def test_the_same_holds_for_a_contract(key: Key, allowed: str) -> None:
    place = place_of(Contract, key)
    assert place is not None
    assert allowed_at(place) == allowed


@pytest.mark.parametrize(
    "key", [("nothing",), ("smpp", "listen", "host"), ("account", "x"), ("smpp", 0)]
)
def test_a_key_the_model_does_not_know_has_no_place(key: Key) -> None:
    assert place_of(Settings, key) is None


@pytest.mark.parametrize(
    ("key", "textual"),
    [
        (("smpp", "listen"), True),
        (("account", 0, "password"), True),
        (("smpp", "status_profile"), True),
        (("smpp", "dialect", "date_digits"), False),
        (("smpp", "timers", "response_s"), False),
        (("http", "enabled"), False),
        (("account",), False),
        (("smpp",), False),
        (("network", "subscribers"), False),
    ],
)
def test_texts_are_told_from_what_must_be_parsed(key: Key, textual: bool) -> None:
    place = place_of(Settings, key)
    assert place is not None
    assert takes_text(place) is textual


def test_the_keys_of_a_table_are_those_of_the_file() -> None:
    assert keys_of(Contract)[:2] == ("kind", "number")
    place = place_of(Contract, ("term",))
    assert place is not None
    assert allowed_at(place) == "a table with the keys from, to"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (True, "true"),
        (0, "0"),
        (1.5, "1.5"),
        ("文", '"文"'),
        ('a"b', '"a\\"b"'),
        ("x" * 70, '"' + "x" * 59 + '…"'),
        (date(2026, 11, 30), "2026-11-30"),
        ([1], "a list"),
        ((1,), "a list"),
        ({}, "a table"),
        (None, "another value"),
    ],
)
def test_scalars_are_shown_and_the_rest_is_named(value: object, shown: str) -> None:
    assert shown_value(value) == shown


def test_kinds_are_named_without_the_value() -> None:
    assert [kind_of(value) for value in (True, 1, 1.0, "x")] == [
        "a boolean",
        "a number",
        "a number",
        "a string",
    ]


def test_an_unknown_key_is_explained_without_its_value() -> None:
    (found,) = explained(
        Settings, {"account": ({"system_id": "a", "passwrd": "secret08"},), "contract": None}
    )[1:2]
    assert found.key == ("account", 0, "passwrd")
    assert found.seen == ""
    assert "did you mean password? known here: system_id, password" in found.message
    assert "secret08" not in found.message


def test_a_missing_key_is_named_with_what_it_needs() -> None:
    found = explained(Contract, {"number": "1"})
    assert Explanation(("term",), "", "missing, required: a table with the keys from, to") in found


def test_hidden_values_are_never_shown() -> None:
    secrets = ("scrypt:secret08", 20208, ["secret08"], {"secret08": 1})
    for secret in secrets:
        data = {"account": ({"system_id": "a", "password": secret},)}
        text = str(explained(Settings, data))
        assert "secret08" not in text
        assert "20208" not in text


def test_a_text_in_place_of_a_table_is_not_shown() -> None:
    found = explained(Settings, {"account": ("police:secret08",)})
    assert found[0].seen == "a string"
    assert "secret08" not in str(found)


def test_a_rule_of_a_whole_table_is_told_at_the_table() -> None:
    found = explained(
        Contract, {"scope": {"entries": ({"number": "13300000001", "prefix": "133"},)}}
    )
    wanted = Explanation(("scope", "entries", 0), "", "allowed one of: number; from and to; prefix")
    assert wanted in found


def test_members_of_a_union_stand_in_no_key() -> None:
    data = {"network": {"ordinary_latency": {"law": "fixed", "low_s": 1.0}}}
    keys = {found.key for found in explained(Settings, data)}
    assert ("network", "ordinary_latency", "seconds") in keys
    assert ("network", "ordinary_latency", "low_s") in keys


def test_a_bad_key_of_a_free_table_is_explained_at_the_key() -> None:
    data = {"account": ({"system_id": "a", "password": "b", "reject_stage": {"scop": "submit"}},)}
    found = next(item for item in explained(Settings, data) if "reject_stage" in item.key)
    assert found.key == ("account", 0, "reject_stage", "scop")
