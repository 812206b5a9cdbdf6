from __future__ import annotations

from pathlib import Path

import pytest

from config.contract import Contract
from config.cross_checks import (
    certificates_unchecked,
    contract_warnings,
    duplicates,
    duplicates_in_contract,
    free_texts_too_long,
    settings_warnings,
)
from config.loader import load_settings
from config.settings import Settings


def test_accounts_share_neither_id_nor_access_number() -> None:
    table = {
        "account": [
            {"system_id": "a", "access_numbers": ["1061", "1061"]},
            {"system_id": "b", "access_numbers": ["1062"]},
            {"system_id": "a", "access_numbers": ["10621", "1062"]},
        ]
    }
    found = {item.key: item.message for item in duplicates(table)}
    assert found == {
        ("account", 0, "access_numbers", 1): "1061 belongs to account[0] already",
        ("account", 2, "system_id"): "'a' is the system_id of account[0] too",
        ("account", 2, "access_numbers", 1): "1062 belongs to account[1] already",
    }


def test_tables_of_the_wrong_form_have_no_duplicates() -> None:
    for table in (
        {},
        {"account": "x"},
        {"account": ["x", "x"]},
        {"account": [{"system_id": 1}, {"system_id": 1}]},
        {"account": [{"system_id": "a", "access_numbers": "1"}]},
        {"account": [{"system_id": "a", "access_numbers": [[], [1]]}]},
    ):
        assert list(duplicates(table)) == [], table


def test_lists_of_a_contract_name_each_thing_once() -> None:
    table = {
        "access_numbers": [{"number": "106"}, {"number": "106"}],
        "signatures": [{"text": "示例警务"}, {"text": "示例政务"}, {"text": "示例警务"}],
        "templates": [{"id": "T"}, {"id": "T"}],
        "content": {"rules": [{"id": "R"}, {"id": "R"}, "x"]},
    }
    assert [item.key for item in duplicates_in_contract(table)] == [
        ("access_numbers", 1, "number"),
        ("signatures", 2, "text"),
        ("templates", 1, "id"),
        ("content", "rules", 1, "id"),
    ]
    assert list(duplicates_in_contract({"content": 5, "templates": "x"})) == []


@pytest.mark.parametrize(
    ("rules", "text", "found"),
    [
        ({}, "您的{text:20}", False),
        ({}, "您的{text:21}", True),
        ({"free_text": 40}, "您的{text:40}", False),
        ({"free_text": 5}, "您的{text:6}", True),
        ({"free_text": 5}, "您的{text}", False),
        ({"free_text": 0}, "您的{text}", True),
        ({"free_text": "x"}, "您的{text:21}", True),
        ({"free_text": 501}, "您的{text:21}", True),
        ({}, "您的{coed}", False),
        ({}, 5, False),
    ],
)
def test_a_free_text_is_no_longer_than_agreed(
    rules: dict[str, object], text: object, found: bool
) -> None:
    table = {"template": rules, "templates": [{"text": "您好"}, {"text": text}]}
    errors = list(free_texts_too_long(table))
    assert [item.key for item in errors] == ([("templates", 1, "text")] if found else [])
    assert all("template.free_text" in item.message for item in errors)


def test_tables_of_the_wrong_form_have_no_free_texts() -> None:
    for table in ({}, {"templates": "x"}, {"templates": ["x"], "template": 1}):
        assert list(free_texts_too_long(table)) == [], table


def with_account(contract: str, **values: object) -> Settings:
    given = load_settings(None, {}, {"contract": contract}).model_dump(exclude={"contract"})
    given = {
        "account": [{"system_id": "a", "password": "secret08", **values}],
        "contract": load_settings(None, {}, {"contract": contract}).contract,
    }
    return Settings.model_validate(given)


def warned(settings: Settings) -> list[object]:
    return [item.key[-1] for item in settings_warnings(settings)]


def test_a_password_that_does_not_fit_smpp_is_pointed_out() -> None:
    assert warned(with_account("henan", password="secret08")) == []
    assert warned(with_account("henan", password="secret089")) == ["password"]


def test_an_access_number_outside_the_contract_is_pointed_out() -> None:
    numbers = ["106590990371", "10659099037101", "10659099"]
    (found,) = settings_warnings(with_account("henan", access_numbers=numbers))
    assert found.key == ("account", 0, "access_numbers", 2)
    assert found.message == "10659099 is no access number of the contract (106590990371)"
    assert warned(with_account("none", access_numbers=numbers)) == []


def test_a_service_that_is_not_contracted_is_pointed_out() -> None:
    settings = with_account("henan", services=["instant"])
    only = settings.contract.model_copy(update={"service_kinds": (1,)})
    assert warned(settings.model_copy(update={"contract": only})) == ["services"]


def contract_with(**values: object) -> Contract:
    return Contract.model_validate(
        {
            "number": "SL2300729",
            "enterprise_code": "SL0371",
            "party_a": {"name": "甲方"},
            "party_b": {"name": "乙方"},
            "term": {"from": "2023-12-01", "to": "2026-11-30"},
            **values,
        }
    )


def test_a_contract_that_does_not_do_what_it_seems_to_say_is_pointed_out() -> None:
    assert list(contract_warnings(contract_with())) == []
    for values, key in (
        ({"renewal": {"mode": "auto"}}, ("renewal", "months")),
        ({"effective_from": "signature"}, ("effective_from",)),
        (
            {"signatures": [{"text": "示例警务", "valid_to": "2023-11-30"}]},
            ("signatures", 0, "valid_to"),
        ),
    ):
        assert [item.key for item in contract_warnings(contract_with(**values))] == [key]


@pytest.mark.parametrize(
    ("tls", "account", "keys"),
    [
        ({}, {"certificate_names": ["esme"]}, ["certificate_names"]),
        ({"cert": "c"}, {"certificate_names": ["esme"]}, ["certificate_names"]),
        ({"cert": "c", "client_ca": "ca"}, {"certificate_names": ["esme"]}, []),
        ({}, {"tls_only": True}, ["tls_only"]),
        ({"cert": "c"}, {"tls_only": True}, []),
        ({}, {"tls_only": False, "certificate_names": []}, []),
    ],
)
def test_an_account_that_nobody_could_bind_is_an_error(
    tls: dict[str, str], account: dict[str, object], keys: list[str]
) -> None:
    table = {"smpp": {"tls": tls}, "account": [account]}
    assert [item.key for item in certificates_unchecked(table)] == [("account", 0, k) for k in keys]


def test_tables_of_the_wrong_form_ask_for_no_certificates() -> None:
    for table in ({}, {"smpp": 1}, {"smpp": {"tls": 1}}, {"account": 5}, {"account": ["x"]}):
        assert list(certificates_unchecked(table)) == [], table


@pytest.mark.parametrize(
    ("listen", "password", "keys"),
    [
        ("127.0.0.1:0", "secret08", []),
        ("0.0.0.0:0", "secret08", ["password"]),
        ("0.0.0.0:0", "another1", []),
    ],
)
def test_the_demo_password_is_pointed_out_where_others_can_connect(
    listen: str, password: str, keys: list[str]
) -> None:
    account = {"system_id": "police", "password": password}
    settings = load_settings(None, {}, {"smpp.listen": listen, "account": [account]})
    assert warned(settings) == keys


def test_accounts_that_any_certificate_may_bind_are_pointed_out(tmp_path: Path) -> None:
    for name in ("cert", "key", "ca"):
        (tmp_path / name).touch()
    files = {"cert": "cert", "key": "key", "client_ca": "ca"}
    tls = {f"smpp.tls.{key}": str(tmp_path / name) for key, name in files.items()}
    account = {"system_id": "a", "password": "another1"}
    assert warned(load_settings(None, {}, {**tls, "account": [account]})) == ["certificate_names"]
    named = {**account, "certificate_names": ["esme.example"]}
    assert warned(load_settings(None, {}, {**tls, "account": [named]})) == []
