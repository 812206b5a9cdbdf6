from __future__ import annotations

import pytest
from pydantic import ValidationError

from config.account import Account, ReceiptDialect


def account(**values: object) -> Account:
    return Account.model_validate({"system_id": "police", "password": "secret08", **values})


def test_an_account_needs_an_id_and_a_password_alone() -> None:
    made = account()
    assert made.services == ("ordinary", "instant")
    assert made.receipt == ReceiptDialect()
    assert made.throughput.rate == 0


@pytest.mark.parametrize("system_id", ["p", "a b", "x" * 15, "police-1@x"])
def test_an_id_fits_the_field_of_a_bind(system_id: str) -> None:
    assert account(system_id=system_id).system_id == system_id


@pytest.mark.parametrize(
    "system_id", ["", "x" * 16, " police", "police ", "警务", "a\tb", "a\x00b"]
)
def test_an_id_that_does_not_fit_is_refused(system_id: str) -> None:
    with pytest.raises(ValidationError, match="1 to 15 printable ASCII"):
        account(system_id=system_id)


def test_networks_are_canonical() -> None:
    assert account(allowed_ips=["10.1.0.0/16", "::1"]).allowed_ips == ("10.1.0.0/16", "::1/128")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("window", 0),
        ("max_binds", 0),
        ("services", []),
        ("services", ["smart"]),
        ("bind_modes", []),
        ("bind_modes", ["TRX"]),
        ("interface_versions", []),
        ("outbind", "127.0.0.1"),
        ("outbind", "127.0.0.1:0"),
        ("outbind_password", "ninechars"),
        ("outbind_password", "密码"),
        ("outbind_password", "scrypt:1:1:1:a:b"),
        ("interface_versions", ["3.5"]),
        ("access_numbers", ["10a"]),
        ("receipt", {"date_digits": 11}),
        ("throughput", {"rate": -1}),
        ("throughput", {"rate": float("nan")}),
        ("reject_stage", {"none": "submit"}),
        ("windw", 5),
    ],
)
def test_a_value_out_of_bounds_is_refused(key: str, value: object) -> None:
    with pytest.raises(ValidationError):
        account(**{key: value})


def test_an_outbind_has_an_address_and_a_password_that_fits() -> None:
    made = account(outbind="[::1]:2776", outbind_password="secret09")
    assert (str(made.outbind), made.model_dump(mode="json")["outbind"]) == ("[::1]:2776",) * 2
    assert made.outbind_password is not None
    assert made.outbind_password.reveal() == "secret09"
    assert "secret09" not in repr(made)
    assert "secret09" not in str(made.model_dump())


@pytest.mark.parametrize("key", [{"tls_only": True}, {"certificate_names": ["esme"]}])
def test_an_outbind_of_an_account_that_asks_for_tls_is_refused(key: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match="not encrypted"):
        account(outbind="127.0.0.1:2776", **key)


def test_a_stage_is_given_by_reason() -> None:
    assert account(reject_stage={"scope": "receipt"}).reject_stage == {"scope": "receipt"}


def test_an_account_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        account().window = 5
