from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from routing.template_index import COMPARED, COUNTED, FEW, TemplateIndex, pairs_of
from routing.template_pattern import TemplatePattern
from tests.support.templates import TEMPLATES, body_of

SUBJECTS = ("身份证", "驾驶证", "居住证", "普通护照", "小型汽车", "车辆检验", "户籍业务",
            "失物招领", "出入境证件", "临时身份证")  # fmt: skip
ACTIONS = ("已制作完成", "即将到期", "预约成功", "预约取消", "办理进展", "补充材料", "缴费完成")


def compiled(*texts: str) -> list[TemplatePattern]:
    return [TemplatePattern(text, 20, str) for text in texts]


def family() -> list[str]:
    """Give texts that begin and end alike."""
    return [
        f"您好，您的{subject}{action}，请于{{date}}前处理，感谢您的配合"
        for subject in SUBJECTS
        for action in ACTIONS
    ]


def test_templates_are_filed_by_their_head_else_by_their_tail_else_together() -> None:
    index = TemplateIndex(compiled("您的验证码{code}", "{name}您好欢迎", "{code}是您的{text}"))
    assert list(index.by_head("您的验证码482913")) == [0]
    assert list(index.by_head("您的护照")) == []
    assert list(index.by_tail("王先生您好欢迎")) == [1]
    assert list(index.by_tail("王先生")) == []
    assert list(index.by_middle("482913是您的验证码")) == [2]


def test_without_templates_nothing_is_found() -> None:
    index = TemplateIndex([])
    assert not index.by_head("您好")
    assert not index.by_tail("您好")
    assert not index.by_middle("您好")
    assert index.near("您好", None) == []


def test_a_crowded_file_still_gives_few() -> None:
    texts = family()
    assert len(texts) > FEW
    index = TemplateIndex(compiled(*texts))
    for number, text in enumerate(texts):
        found = index.by_head(text.format(date="明天"))
        assert number in found
        assert len(found) <= FEW
        assert list(found) == sorted(found)


def test_those_that_share_most_with_a_text_come_first() -> None:
    index = TemplateIndex(compiled(*(template.text for template in TEMPLATES)))
    for number, template in enumerate(TEMPLATES):
        near = index.near(body_of(template.id), None)
        assert near[0] == number
        assert len(near) <= COMPARED


def test_what_is_not_permitted_is_not_given() -> None:
    index = TemplateIndex(compiled("您的验证码是", "您的验证码为"))
    assert index.near("您的验证码", lambda number: number == 1) == [1]


def test_rare_pairs_tell_one_of_a_family_even_where_no_pair_is_its_own() -> None:
    texts = family()
    index = TemplateIndex(compiled(*texts))
    for number, text in enumerate(texts):
        assert index.near(text.replace("请于", "务必在"), None)[0] == number


def test_no_more_are_counted_than_agreed() -> None:
    index = TemplateIndex(compiled(*(["您好"] * (COUNTED + 5))))
    assert index.near("您好", lambda number: number >= COUNTED - 2) == [COUNTED - 2, COUNTED - 1]


@given(st.sampled_from(family()), st.sampled_from(family()))
def test_what_fits_is_among_those_found(first: str, second: str) -> None:
    patterns = compiled(*family(), first, second)
    index = TemplateIndex(patterns)
    text = second.format(date="3月18日")
    fitting = {n for n, found in enumerate(patterns) if found.free_values(text) is not None}
    assert fitting <= set(index.by_head(text))


def test_pairs_are_those_of_neighbours() -> None:
    assert pairs_of("您好吗") == {"您好", "好吗"}
    assert pairs_of("您") == set()
