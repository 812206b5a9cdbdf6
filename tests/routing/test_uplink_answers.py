from __future__ import annotations

import pytest

from config.content import OptOutRules
from routing.events import MoReceived, UplinkAnswered
from routing.uplink_answers import PAUSE_S, UplinkAnswers

AT = 1_000_000.0
NUMBER = "13300000001"
PORT = "106590990371"
OUT = "您已退订，今后不再向您发送该类信息。"
RULES = OptOutRules(answer_out=OUT, answer_in="您已恢复接收。", answer_help="可回复TD退订。")


def uplink(at: float = AT, port: str = PORT) -> MoReceived:
    return MoReceived(at, 7, "police", NUMBER, port, "TD", 1, "api", 8)


@pytest.mark.parametrize(
    ("action", "text"),
    [
        ("opt_out", RULES.answer_out),
        ("opt_out_all", RULES.answer_out),
        ("opt_in", RULES.answer_in),
        ("help", RULES.answer_help),
    ],
)
def test_each_keyword_has_its_answer(action: str, text: str) -> None:
    answer = UplinkAnswers(RULES).answer(action, NUMBER, uplink())
    assert answer == UplinkAnswered(AT, 7, NUMBER, PORT, text)


@pytest.mark.parametrize("action", ["none", "review"])
def test_what_is_no_keyword_has_no_answer(action: str) -> None:
    assert UplinkAnswers(RULES).answer(action, NUMBER, uplink()) is None


def test_without_a_text_nothing_is_answered() -> None:
    assert UplinkAnswers(OptOutRules()).answer("opt_out", NUMBER, uplink()) is None


def test_a_number_is_answered_once_in_the_pause_from_each_access_number() -> None:
    answers = UplinkAnswers(RULES)
    assert answers.answer("opt_out", NUMBER, uplink()) is not None
    assert answers.answer("opt_in", NUMBER, uplink(AT + PAUSE_S - 1)) is None
    assert answers.answer("opt_out", NUMBER, uplink(AT + 1, "106590990372")) is not None
    assert answers.answer("opt_out", NUMBER, uplink(AT + PAUSE_S)) is not None
