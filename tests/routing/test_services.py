from __future__ import annotations

import pytest

from routing.services import compile_services

TYPES = {"": "account", "INST": "instant", "ORD": "ordinary", "MMS": "multimedia"}
CONTRACTED = ("ordinary", "instant")


def test_empty_type_is_the_account_s_first_service() -> None:
    assert compile_services(TYPES, CONTRACTED, ("instant", "ordinary")).service_of("") == "instant"
    assert compile_services(TYPES, CONTRACTED, ("ordinary",)).service_of("") == "ordinary"


def test_listed_type_gives_its_kind() -> None:
    table = compile_services(TYPES, CONTRACTED, ("ordinary", "instant"))
    assert table.service_of("INST") == "instant"
    assert table.permitted == {"": "ordinary", "INST": "instant", "ORD": "ordinary"}
    assert table.kinds["MMS"] == "multimedia"


def test_type_without_permission_is_routed_as_the_default() -> None:
    table = compile_services(TYPES, CONTRACTED, ("ordinary",))
    assert [table.service_of(name) for name in ("INST", "MMS", "XX")] == ["ordinary"] * 3


def test_contract_limits_what_an_account_may_use() -> None:
    table = compile_services(TYPES, ("ordinary",), ("ordinary", "instant"))
    assert "INST" not in table.permitted


def test_service_gives_a_type_that_asks_for_it() -> None:
    table = compile_services(TYPES, CONTRACTED, ("ordinary", "instant"))
    assert table.type_for("ordinary") == ""
    assert table.type_for("instant") == "INST"


def test_service_that_is_not_permitted_has_no_type() -> None:
    with pytest.raises(ValueError, match="'instant': permitted to this account are ordinary"):
        compile_services(TYPES, CONTRACTED, ("ordinary",)).type_for("instant")
    with pytest.raises(ValueError, match="are none"):
        compile_services({}, CONTRACTED, ("ordinary",)).type_for("instant")


def test_without_a_contract_the_account_alone_decides() -> None:
    table = compile_services({"INST": "instant"}, (), ("ordinary", "instant"), any_type=True)
    assert table.service_of("INST") == "instant"
    assert table.service_of("anything") == "ordinary"
    assert table.type_for("ordinary") == ""
