from __future__ import annotations

from routing.reading import KEPT, Reader
from routing.template_registry import TemplateRegistry
from routing.templates import from_contract
from tests.support.rules import contract
from tests.support.submissions import ADVERTISEMENT, AT, TEXT, in_flight

TEMPLATE = {"id": "T10", "text": "您的号码{number}，请到窗口办理。", "category": "reminder"}
FITS = "【示例警务】您的号码12，请到窗口办理。"


def reader(**changes: object) -> tuple[Reader, TemplateRegistry]:
    agreed = contract(**changes)
    templates = TemplateRegistry(map(from_contract, agreed.templates), agreed.template)
    return Reader(agreed, templates), templates


def test_the_category_comes_from_the_words_of_the_text() -> None:
    found, _ = reader()
    assert found.read(in_flight(text=TEXT)).category == "emergency"
    code = "【示例警务】验证码482913，用于登录“示例政务”警务服务，5分钟内有效。"
    assert found.read(in_flight(text=code)).category == "verification"
    assert found.read(in_flight(text=ADVERTISEMENT)).category == "commercial"


def test_the_category_of_a_template_prevails() -> None:
    found, _ = reader(templates=[TEMPLATE])
    reading = found.read(in_flight(text=FITS))
    assert (reading.signature, reading.match.kind) == ("【示例警务】", "exact")
    assert reading.category == "reminder"


def test_a_text_is_read_once() -> None:
    found, _ = reader()
    first = found.read(in_flight())
    assert found.read(in_flight(recipient="13300000002")) is first
    assert found.read(in_flight(service="instant")) is not first


def test_what_is_kept_is_bounded() -> None:
    found, _ = reader()
    first = found.read(in_flight())
    for n in range(KEPT):
        found.read(in_flight(text=f"【示例警务】第{n}号"))
    assert found.read(in_flight()) is not first


def test_a_change_of_the_templates_holds_for_the_next_text() -> None:
    found, templates = reader()
    assert found.read(in_flight(text=FITS)).match.kind == "none"
    draft = templates.draft(AT, "party_a", "T10", "您的号码{number}，请到窗口办理。")
    templates.apply(draft)
    templates.apply(templates.submit(AT, "party_a", "T10"))
    templates.apply(templates.approve(AT, "party_b", "T10"))
    assert found.read(in_flight(text=FITS, at=AT + 1.0)).match.kind == "exact"


def test_a_template_ends_at_its_moment() -> None:
    ends = {**TEMPLATE, "valid_to": "2026-02-25T15:00:00+08:00"}
    found, _ = reader(templates=[ends])
    last = 1_772_002_800.0
    assert found.read(in_flight(text=FITS, at=last - 0.001)).match.kind == "exact"
    assert found.read(in_flight(text=FITS, at=last)).match.kind != "exact"


def test_a_missing_approval_is_told_only_where_one_is_wanted() -> None:
    assert reader()[0].read(in_flight()).unapproved is None
    wanted = reader(template={"required": True})[0].read(in_flight())
    assert wanted.unapproved is not None
