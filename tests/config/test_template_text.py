from __future__ import annotations

import re

import pytest

from config.template_text import NAMES, Variable, parse_template
from tests.support.programs import ROOT


def spelled(text: str, free_text: int = 20) -> list[str]:
    return [str(piece) for piece in parse_template(text, free_text)]


def only_variable(text: str) -> Variable:
    (found,) = (piece for piece in parse_template(text, 20) if isinstance(piece, Variable))
    return found


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("您好", ["您好"]),
        ("验证码{code}，有效", ["验证码", "{code}", "，有效"]),
        ("{name}您好{date}{time}", ["{name}", "您好", "{date}", "{time}"]),
        ("用{{大括号}}的{code}", ["用{大括号}的", "{code}"]),
        ("请到{item:12}领取", ["请到", "{item:12}", "领取"]),
    ],
)
def test_fixed_pieces_and_variables_come_in_order(text: str, pieces: list[str]) -> None:
    assert spelled(text) == pieces


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("code", "4829"), ("code", "48291300"), ("number", "15"), ("number", "3.50"),
        ("minutes", "5"), ("tail4", "1234"), ("date", "2026年3月2日"), ("date", "3月18日"),
        ("date", "3月22日（周日）"), ("date", "2026-03-18"), ("date", "明天"),
        ("date", "2026年5月"), ("date", "2026/3/18"), ("date", "2026.3.18"),
        ("date", "星期三"), ("time", "9:30"), ("time", "上午9:30"), ("time", "14:00:05"),
        ("time", "9时30分"), ("time", "下午3点"), ("case_no", "SL-000123"),
        ("serial", "H20260117"), ("serial", "EMS000000000"), ("phone", "0371-0000000"),
        ("phone", "13300000001"), ("phone", "96110"), ("phone", "110"),
        ("url", "http://example.invalid/a"), ("url", "example.invalid"), ("name", "王先生"),
        ("text", "示例大道与示例路交叉口"),
    ],
)  # fmt: skip
def test_a_value_has_the_form_of_its_variable(name: str, value: str) -> None:
    assert re.fullmatch(only_variable(f"您好{{{name}}}").pattern, value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("code", "482"), ("code", "482913001"), ("code", "48A913"), ("number", "1,5"),
        ("tail4", "12345"), ("date", "2026-03/18"), ("date", "三月"), ("time", "930"),
        ("case_no", "SL-00012"), ("serial", "A1"), ("phone", "1234"), ("url", "没有链接"),
        ("text", "二" * 21), ("text", "上\n下"), ("name", "【示例政务】"), ("text", ""),
    ],
)  # fmt: skip
def test_another_value_has_not(name: str, value: str) -> None:
    assert re.fullmatch(only_variable(f"您好{{{name}}}").pattern, value) is None


@pytest.mark.parametrize("name", NAMES)
def test_every_listed_name_can_be_used_and_says_its_form(name: str) -> None:
    assert only_variable(f"您好{{{name}}}").form


def test_the_reference_lists_every_variable_with_its_form() -> None:
    reference = (ROOT / "docs" / "configuration.md").read_text("utf-8")
    for name in NAMES:
        variable = only_variable(f"您好{{{name}}}")
        wanted = f"`{{{name}}}`" if variable.free else f"| `{{{name}}}` | {variable.form} |"
        assert wanted in reference


def test_a_free_text_without_length_takes_the_longest_allowed() -> None:
    assert only_variable("您好{text}").longest == 20
    assert only_variable("您好{text:20}").longest == 20
    assert only_variable("您好{item:3}").longest == 3


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("您好{coed}", "variables of the list code, .*{coed} is none"),
        ("您好{code:4}", "{code:4} is none"),
        ("您好{}", "{} is none"),
        ("您好{Name}", "{Name} is none"),
        ("您好{code", "variables in braces"),
        ("您好}code", "variables in braces"),
        ("您好{text:21}", r"1 to 20 characters \(template.free_text\); {text:21} has 21"),
        ("您好{text:0}", "{text:0} has 0"),
        ("您好{name}{place}", "fixed text between the free texts {name} and {place}"),
        ("您好{name}{date}{place}", "fixed text between the free texts {name} and {place}"),
        ("{name}，{code}。", "at least 2 fixed characters in a row"),
        ("{text}", "at least 2 fixed characters in a row"),
        ("", "at least 2 fixed characters in a row"),
    ],
)
def test_what_is_no_template_is_refused_with_what_is_allowed(text: str, allowed: str) -> None:
    with pytest.raises(ValueError, match=allowed):
        parse_template(text, 20)


def test_no_free_text_at_all_can_be_agreed() -> None:
    with pytest.raises(ValueError, match="free text of 1 to 0"):
        parse_template("您好{name}", 0)
    assert spelled("您好{code}", 0) == ["您好", "{code}"]
