from __future__ import annotations

import pytest
from pydantic import ValidationError

from config.checks import CHECK_NAMES, Checks


def test_every_reason_is_a_key_and_enforced() -> None:
    assert Checks().modes() == dict.fromkeys(CHECK_NAMES, "enforce")
    assert tuple(Checks.model_fields) == CHECK_NAMES


def test_a_mode_is_given_by_check() -> None:
    modes = Checks(scope="monitor", throughput="off").modes()
    assert (modes["scope"], modes["throughput"]) == ("monitor", "off")


@pytest.mark.parametrize("name", ["none", "fault", "internal", "scpe"])
def test_what_no_check_finds_has_no_mode(name: str) -> None:
    with pytest.raises(ValidationError):
        Checks.model_validate({name: "off"})


def test_another_mode_is_refused() -> None:
    with pytest.raises(ValidationError):
        Checks.model_validate({"scope": "warn"})
