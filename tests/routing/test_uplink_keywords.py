from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.content import OptOutRules
from routing.optouts import OptOutBook
from routing.registry_events import OptedIn, OptedOut
from routing.uplink_keywords import (
    NOTHING,
    KeywordTable,
    Recognition,
    UplinkKeywords,
    normalised,
)

NUMBER = "13300000001"
PORT = "106590990371"
JUNE_1 = 1_780_243_200.0
RULES = OptOutRules()
KEYWORDS = UplinkKeywords(RULES)


@pytest.mark.parametrize(
    ("text", "action", "rule"),
    [
        ("TD", "opt_out", "optout.keywords"),
        ("td ", "opt_out", "optout.keywords"),
        ("ＴＤ", "opt_out", "optout.keywords"),
        ("T退订", "opt_out", "optout.keywords"),
        ("TD退订", "opt_out", "optout.keywords"),
        ("退订TD", "opt_out", "optout.keywords"),
        ("退订", "opt_out", "optout.keywords"),
        ("退訂", "opt_out", "optout.keywords"),
        (" 退 订。", "opt_out", "optout.keywords"),
        ("【退订】", "opt_out", "optout.keywords"),
        ("\ufeffT\u200bD\r\n", "opt_out", "optout.keywords"),
        ("拒收!", "opt_out", "optout.keywords"),
        ("0000", "opt_out", "optout.keywords"),
        ("r", "opt_out", "optout.keywords"),
        ("n", "opt_out", "optout.keywords"),
        ("QX", "opt_out", "optout.keywords"),
        ("stop", "opt_out", "optout.keywords"),
        ("00000", "opt_out_all", "optout.keywords_all"),
        ("全部退订", "opt_out_all", "optout.keywords_all"),
        ("KT", "opt_in", "optout.keywords_in"),
        ("恢复订阅", "opt_in", "optout.keywords_in"),
        ("恢復訂閱", "opt_in", "optout.keywords_in"),
        ("start", "opt_in", "optout.keywords_in"),
        ("CX", "help", "optout.keywords_help"),
        ("bz", "help", "optout.keywords_help"),
        ("帮助", "help", "optout.keywords_help"),
        ("请不要再给我发短信了", "review", "optout.review"),
        ("怎么才能退-订啊", "review", "optout.review"),
        ("退订请携带身份证到窗口办理", "review", "optout.review"),
        ("1", "none", ""),
        ("3 民警态度不好", "none", ""),
        ("收到", "none", ""),
        ("", "none", ""),
        ("。，！", "none", ""),
        ("😀", "none", ""),
        ("\ud83d\ude00", "none", ""),
        ("000", "none", ""),
        ("000000", "none", ""),
        ("TDX", "none", ""),
        ("好" * 150, "none", ""),
        ("谢" * 140 + "别再发了不要再发", "review", "optout.review"),
    ],
)
def test_uplink_text_is_read(text: str, action: str, rule: str) -> None:
    found = KEYWORDS.recognise(text, PORT)
    assert (found.action, found.rule) == (action, rule)


def test_recognition_names_the_entry_of_the_list() -> None:
    assert KEYWORDS.recognise("退訂。").word == "退订"
    assert KEYWORDS.recognise("请不要再给我发短信了").word == "不要再给我发"
    assert KEYWORDS.recognise("收到") is NOTHING


def test_table_of_the_longest_number_counts() -> None:
    keywords = UplinkKeywords(
        RULES, {PORT: OptOutRules(keywords=("OFF",)), f"{PORT}01": OptOutRules(keywords=("END",))}
    )
    asked = {
        number: [word for word in ("TD", "OFF", "END") if keywords.recognise(word, number).rule]
        for number in ("106590990372", PORT, f"{PORT}0", f"{PORT}01", f"{PORT}019", "")
    }
    assert list(asked.values()) == [["TD"], ["OFF"], ["OFF"], ["END"], ["END"], ["TD"]]


def test_keyword_of_two_lists_is_refused() -> None:
    with pytest.raises(ValueError, match=r"optout.keywords_in 'ｔ': stands in optout.keywords"):
        KeywordTable(OptOutRules(keywords_in=("ｔ",)))


def test_two_spellings_of_one_keyword_are_one() -> None:
    table = KeywordTable(OptOutRules(keywords=("TD", "ＴＤ")))
    assert table.recognise("td").word == "TD"


@pytest.mark.parametrize("key", ["keywords", "review"])
def test_keyword_of_punctuation_alone_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match=f"optout.{key} '。': at least one letter or digit"):
        KeywordTable(OptOutRules.model_validate({key: ("。",)}))


def test_refusal_is_of_the_category_that_was_answered() -> None:
    event = KEYWORDS.recognise("TD").event(NUMBER, PORT, "reminder", mo_id=5, at=JUNE_1)
    assert event == OptedOut(
        JUNE_1, NUMBER, PORT, ("reminder",), "mo", mo_id=5, who="subscriber",
        why="optout.keywords: TD",
    )  # fmt: skip
    unknown = KEYWORDS.recognise("TD").event(NUMBER, PORT, "", mo_id=5, at=JUNE_1)
    assert isinstance(unknown, OptedOut)
    assert unknown.categories == ()


def test_refusal_of_all_is_of_every_category_and_access_number() -> None:
    event = KEYWORDS.recognise("00000").event(NUMBER, PORT, "reminder", mo_id=5, at=JUNE_1)
    assert isinstance(event, OptedOut)
    assert (event.access_number, event.categories) == ("", ())


def test_acceptance_is_of_every_category_of_the_access_number() -> None:
    event = KEYWORDS.recognise("KT").event(NUMBER, PORT, "reminder", mo_id=6, at=JUNE_1)
    assert isinstance(event, OptedIn)
    assert (event.access_number, event.categories, event.mo_id) == (PORT, (), 6)


@pytest.mark.parametrize("text", ["CX", "请不要再给我发短信了", "收到"])
def test_other_texts_change_nothing(text: str) -> None:
    assert KEYWORDS.recognise(text).event(NUMBER, PORT, "notice", mo_id=5, at=JUNE_1) is None


def test_reminder_after_td_is_refused_until_kt() -> None:
    optouts = OptOutBook(RULES)
    for text, refused in (("td ", True), ("KT", False), ("退订", True)):
        change = KEYWORDS.recognise(text).event(NUMBER, PORT, "reminder", mo_id=1, at=JUNE_1)
        assert change is not None
        optouts.apply(change)
        assert (optouts.judge(NUMBER, PORT, "reminder", JUNE_1) is not None) == refused
        assert optouts.judge(NUMBER, PORT, "verification", JUNE_1) is None


@given(st.text(max_size=200))
def test_any_text_is_read_and_its_form_has_no_spaces(text: str) -> None:
    assert isinstance(KEYWORDS.recognise(text), Recognition)
    assert "".join(normalised(text).split()) == normalised(text)


@given(
    st.sampled_from([*RULES.keywords, *RULES.keywords_all, *RULES.keywords_in]),
    st.text(" \t\r\n。，！？.!?【】（）()…　", max_size=5),
    st.text(" \t\r\n。，！？.!?【】（）()…　", max_size=5),
    st.booleans(),
)
def test_spaces_punctuation_and_case_around_a_keyword_do_not_matter(
    word: str, before: str, after: str, lower: bool
) -> None:
    text = f"{before}{word.lower() if lower else word}{after}"
    assert KEYWORDS.recognise(text) == KEYWORDS.recognise(word)
