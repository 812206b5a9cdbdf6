from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.content import Category, Frequency, FrequencyLimit
from routing.frequency import FrequencyBook

NUMBER = "13300000001"
OTHER = "13300000002"
NOON = 1_772_337_600.0
"""2026-03-01 12:00 in Shanghai."""
CODE = (
    "【示例警务】验证码482913，用于登录“示例政务”警务服务，5分钟内有效。"
    "民警不会向您索要验证码，请勿告知他人。"
)


def limits(*rows: tuple[str, int, int, bool], exempt: tuple[Category, ...] = ()) -> Frequency:
    return Frequency(
        limits=tuple(
            FrequencyLimit.model_validate(
                {"category": name, "count": count, "period_s": period, "same_content": same}
            )
            for name, count, period, same in rows
        ),
        exempt=exempt,
    )


def accepts(book: FrequencyBook, category: str, at: float, text: str = CODE) -> bool:
    """Judge a message and count it where it is accepted."""
    if book.judge(NUMBER, category, text, at) is not None:
        return False
    book.count(NUMBER, category, text, at)
    return True


def test_a_second_code_within_a_minute_is_refused() -> None:
    book = FrequencyBook(Frequency())
    assert accepts(book, "verification", NOON)
    finding = book.judge(NUMBER, "verification", CODE, NOON + 30)
    assert finding is not None
    assert finding.en == (
        "A recipient gets at most 1 messages of category verification in 60 s, and so many have "
        "been accepted."
    )
    assert finding.zh == "同一用户60秒内最多接收1条验证码类短信，现已达到上限。"
    assert finding.seen == "13300000001: verification, 1 in 60 s"
    assert finding.allowed == "from 2026-03-01 12:01:00+08:00 on"


def test_exactly_a_minute_later_the_next_one_passes() -> None:
    book = FrequencyBook(Frequency())
    assert accepts(book, "verification", NOON)
    assert not accepts(book, "verification", NOON + 59.999)
    assert accepts(book, "verification", NOON + 60)


def test_the_limits_of_an_hour_and_a_day_hold_beside_that_of_a_minute() -> None:
    book = FrequencyBook(Frequency())
    taken = [step for step in range(100) if accepts(book, "verification", NOON + 60 * step)]
    assert taken == [0, 1, 2, 3, 4, 60, 61, 62, 63, 64]
    assert not accepts(book, "verification", NOON + 86399)
    assert accepts(book, "verification", NOON + 86400)


def test_the_earliest_moment_is_that_of_the_limit_that_holds_longest() -> None:
    book = FrequencyBook(Frequency())
    for step in range(5):
        assert accepts(book, "verification", NOON + 60.5 * step)
    finding = book.judge(NUMBER, "verification", "x", NOON + 243)
    assert finding is not None
    assert finding.seen.endswith("5 in 3600 s")
    assert finding.allowed == "from 2026-03-01 13:00:00+08:00 on"
    assert book.judge(NUMBER, "verification", "x", NOON + 3600) is None


def test_the_same_text_goes_twice_a_minute_whatever_its_category() -> None:
    book = FrequencyBook(Frequency())
    assert accepts(book, "notice", NOON)
    assert accepts(book, "reminder", NOON + 1.5)
    finding = book.judge(NUMBER, "internal", CODE, NOON + 3)
    assert finding is not None
    assert "2 messages of the same text of every category in 60 s" in finding.en
    assert "2条各类相同内容短信" in finding.zh
    assert finding.allowed == "from 2026-03-01 12:01:00+08:00 on"
    assert book.judge(NUMBER, "internal", CODE + "。", NOON + 3) is None
    assert book.judge(OTHER, "internal", CODE, NOON + 3) is None


def test_the_earliest_moment_is_told_to_the_millisecond() -> None:
    book = FrequencyBook(Frequency())
    book.count(NUMBER, "verification", CODE, NOON + 0.25)
    finding = book.judge(NUMBER, "verification", CODE, NOON + 1)
    assert finding is not None
    assert finding.allowed == "from 2026-03-01 12:01:00.250+08:00 on"


def test_judging_counts_nothing() -> None:
    book = FrequencyBook(Frequency())
    for _ in range(3):
        assert book.judge(NUMBER, "verification", CODE, NOON) is None
    assert len(book) == 0


def test_recipients_categories_and_signatures_are_counted_apart() -> None:
    book = FrequencyBook(limits(("verification", 1, 60, False), ("notice", 1, 60, False)))
    book.count(NUMBER, "verification", "a", NOON, "【示例警务】")
    assert book.judge(NUMBER, "verification", "b", NOON, "【示例警务】") is not None
    assert book.judge(NUMBER, "verification", "b", NOON, "【示例政务】") is None
    assert book.judge(OTHER, "verification", "b", NOON, "【示例警务】") is None
    assert book.judge(NUMBER, "notice", "b", NOON, "【示例警务】") is None


def test_an_exempt_category_is_neither_limited_nor_counted() -> None:
    book = FrequencyBook(Frequency())
    assert all(accepts(book, "emergency", NOON) for _ in range(20))
    assert len(book) == 0
    assert accepts(book, "notice", NOON)


def test_without_limits_everything_passes_and_nothing_is_kept() -> None:
    book = FrequencyBook(limits())
    assert all(accepts(book, "verification", NOON) for _ in range(20))
    assert len(book) == 0
    assert book.horizon_s == 0


def test_recipients_are_forgotten_after_the_longest_period() -> None:
    book = FrequencyBook(limits(("notice", 2, 60, False)))
    for step in range(10_000):
        book.count(str(13_300_000_000 + step), "notice", "x", NOON + step)
    assert len(book) <= 120


def test_a_clock_that_steps_back_gives_nothing_away() -> None:
    book = FrequencyBook(limits(("notice", 2, 60, False)))
    book.count(NUMBER, "notice", "x", NOON)
    book.count(NUMBER, "notice", "x", NOON - 30)
    assert book.judge(NUMBER, "notice", "x", NOON - 30) is not None
    assert book.judge(NUMBER, "notice", "x", NOON + 59) is not None
    assert book.judge(NUMBER, "notice", "x", NOON + 60) is None


def test_the_same_messages_make_the_same_book_after_a_restart() -> None:
    first, second = FrequencyBook(Frequency()), FrequencyBook(Frequency())
    sent = [(NOON + 700 * step, NUMBER) for step in range(300)]
    for at, number in sent:
        first.count(number, "verification", CODE, at)
    last = sent[-1][0]
    for at, number in sent:
        if at + second.horizon_s > last:
            second.count(number, "verification", CODE, at)
    for later in (1.0, 59.0, 600.0, 3000.0, 80_000.0):
        judged = [
            book.judge(NUMBER, "verification", CODE, last + later) for book in (first, second)
        ]
        assert judged[0] == judged[1]


@pytest.mark.parametrize("look", ["judge", "count"])
def test_an_unknown_category_is_an_error(look: str) -> None:
    with pytest.raises(ValueError, match="category 'advert': not one of verification, notice"):
        getattr(FrequencyBook(Frequency()), look)(NUMBER, "advert", "x", NOON)


ROW = st.tuples(
    st.sampled_from(["notice", "reminder", "any"]),
    st.integers(1, 5),
    st.sampled_from([1, 7, 20, 60]),
    st.booleans(),
)
STEP = st.tuples(
    st.sampled_from([0.0, 0.5, 1.0, 3.0, 6.5, 7.0, 20.0, 59.5, 130.0]),
    st.sampled_from([NUMBER, OTHER]),
    st.sampled_from(["notice", "reminder", "emergency"]),
    st.sampled_from(["x", "y"]),
)


@given(st.lists(ROW, max_size=5), st.lists(STEP, max_size=80))
def test_a_naive_count_of_all_messages_agrees(
    rows: list[tuple[str, int, int, bool]], steps: Sequence[tuple[float, str, str, str]]
) -> None:
    book = FrequencyBook(limits(*rows, exempt=("emergency",)))
    sent: list[tuple[float, str, str, str]] = []
    at = NOON
    for wait, recipient, category, text in steps:
        at += wait

        def refused(
            moment: float, who: str = recipient, what: str = category, body: str = text
        ) -> bool:
            return what != "emergency" and any(
                count <= sum(
                    moment - when < period
                    for when, to, kind, said in sent
                    if to == who and kind != "emergency" and name in ("any", kind)
                    and (said == body or not same)
                )
                for name, count, period, same in rows
                if name in ("any", what)
            )  # fmt: skip

        finding = book.judge(recipient, category, text, at)
        assert (finding is not None) == refused(at)
        if finding is None:
            book.count(recipient, category, text, at)
            sent.append((at, recipient, category, text))
