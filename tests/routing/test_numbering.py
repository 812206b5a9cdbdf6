from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.numbers import CarrierSegments, NumberPlanTable, load_number_plan
from routing.numbering import NumberPlan, normalise_recipient

PLAN = NumberPlan(load_number_plan())

# The carriers' published patterns, against which the table of prefixes is held.
PATTERNS = {
    "telecom": r"(?:(?:133|149|153|162|17[37]|18[019]|19[0139])\d{8}"
    r"|(?:1349|1410|170[012])\d{7}|1740[0-5]\d{6})",
    "mobile": r"(?:(?:13[5-9]|14[78]|15[012789]|165|17[28]|18[23478]|19[578])\d{8}"
    r"|(?:134[0-8]|144[01]|170[356])\d{7})",
    "unicom": r"(?:(?:13[012]|14[56]|15[56]|16[67]|17[156]|18[56]|196)\d{8}|170[4789]\d{7})",
    "broadnet": r"192\d{8}",
}


def test_every_five_digit_prefix_agrees_with_the_published_patterns() -> None:
    for prefix in range(10000, 20000):
        number = f"{prefix}000000"
        expected = [name for name, regex in PATTERNS.items() if re.fullmatch(regex, number)]
        assert PLAN.carrier_of(number) == (expected[0] if expected else ""), number


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        ("13300000001", "cellular"),
        ("13490000000", "satellite"),
        ("17405000000", "satellite"),
        ("14100000000", "iot"),
        ("17000000000", "mvno"),
        ("16200000000", "mvno"),
        ("16000000000", ""),
    ],
)
def test_kind_of_number_follows_the_longest_prefix(number: str, kind: str) -> None:
    assert PLAN.kind_of(number) == kind


def test_carriers_have_english_and_chinese_titles() -> None:
    assert PLAN.titles["telecom"] == ("China Telecom", "中国电信")


def test_prefix_of_two_carriers_is_refused() -> None:
    one = CarrierSegments(title="One", title_zh="一", cellular=("133",))
    two = CarrierSegments(title="Two", title_zh="二", mvno=("133",))
    table = NumberPlanTable(country_code="86", digits=11, carriers={"one": one, "two": two})
    with pytest.raises(ValueError, match="133 is of one and of two"):
        NumberPlan(table)


@pytest.mark.parametrize(
    "address",
    [
        "13300000001",
        "+8613300000001",
        "008613300000001",
        "8613300000001",
        "+86 133 0000 0001",
        b"8613300000001",
        "133 0000 0001",
    ],
)
@pytest.mark.parametrize("ton", [0, 1, 2])
def test_every_written_form_becomes_eleven_digits(address: str | bytes, ton: int) -> None:
    assert normalise_recipient(address, ton, 1) == "13300000001"


@pytest.mark.parametrize(
    "address",
    [
        "",
        "1330000000",
        "133000000012",
        "23300000001",
        "1330000000a",
        "１３３０００００００１",
        "+8713300000001",
        "86+13300000001",
        "-13300000001",
        "+8603710000000",
        "106590990371",
        b"\xff3300000001",
        "8686133000001",
    ],
)
def test_other_addresses_are_none(address: str | bytes) -> None:
    assert normalise_recipient(address) is None


def test_alphanumeric_and_internet_addresses_are_none() -> None:
    assert normalise_recipient("13300000001", 5, 0) is None
    assert normalise_recipient("13300000001", 0, 14) is None
    assert normalise_recipient("13300000001", 0, 18) is None


@given(st.text(max_size=20) | st.binary(max_size=20), st.integers(0, 255), st.integers(0, 255))
def test_any_address_gives_eleven_digits_or_none(addr: str | bytes, ton: int, npi: int) -> None:
    number = normalise_recipient(addr, ton, npi)
    assert number is None or re.fullmatch(r"1[0-9]{10}", number)


@given(st.integers(10_000_000_000, 19_999_999_999))
def test_normal_form_is_kept(number: int) -> None:
    assert normalise_recipient(str(number)) == str(number)
