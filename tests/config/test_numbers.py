from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from config.numbers import expand_prefix, load_number_plan


def test_shipped_plan_names_the_four_mainland_carriers() -> None:
    plan = load_number_plan()
    assert set(plan.carriers) == {"telecom", "mobile", "unicom", "broadnet"}
    assert (plan.country_code, plan.digits) == ("86", 11)


def test_ranges_are_spread_to_single_prefixes() -> None:
    assert expand_prefix("150-152") == ["150", "151", "152"]
    assert expand_prefix("1349") == ["1349"]


@pytest.mark.parametrize(
    "text", ["", "15", "152-150", "150-1520", "15a", "１５０", "150-", "123456"]
)
def test_malformed_prefix_is_refused_with_what_is_allowed(text: str) -> None:
    with pytest.raises(ValueError, match="3 to 5 digits"):
        expand_prefix(text)


def test_another_file_takes_the_place_of_the_shipped_one(tmp_path: Path) -> None:
    file = tmp_path / "numbers.toml"
    file.write_text(
        'country_code = "86"\ndigits = 11\n[one]\ntitle = "One"\ntitle_zh = "一"\n'
        'cellular = ["130-131"]\n',
        encoding="utf-8",
    )
    assert load_number_plan(file).carriers["one"].cellular == ("130", "131")


def test_unknown_kind_of_segment_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "numbers.toml"
    file.write_text(
        'country_code = "86"\ndigits = 11\n[one]\ntitle = "One"\ntitle_zh = "一"\npager = []\n',
        encoding="utf-8",
    )
    with pytest.raises(ValidationError, match="pager"):
        load_number_plan(file)


def test_plan_without_its_length_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "numbers.toml"
    file.write_text('country_code = "86"\n', encoding="utf-8")
    with pytest.raises(ValidationError, match="digits"):
        load_number_plan(file)
