from __future__ import annotations

from gateway.server.replacements import Replacements
from routing.events import Replaced
from routing.message import DELIVERED
from tests.support.submissions import AT, MESSAGE_ID, TEXT, in_flight


def replaced(text: str, schedule_at: float = 0.0) -> Replaced:
    return Replaced(AT + 1.0, MESSAGE_ID, text, 8, 1, 1, AT + 86400.0, schedule_at)


def test_a_replacement_holds_at_once() -> None:
    message = in_flight()
    Replacements().begin(message, replaced("改"))
    assert message.text == "改"


def test_a_refused_one_is_taken_back_with_its_schedule() -> None:
    message, replacements = in_flight(due_at=AT + 5.0), Replacements()
    replacements.begin(message, replaced("改", AT + 600.0))
    assert message.due_at == 0.0
    assert replacements.refused(message)
    assert (message.text, message.schedule_at, message.due_at) == (TEXT, 0.0, AT + 5.0)


def test_one_refused_leaves_those_stored_before_and_waiting_after() -> None:
    message, replacements = in_flight(), Replacements()
    for text in ("一", "二", "三"):
        replacements.begin(message, replaced(text))
    replacements.stored(message)
    replacements.refused(message)
    assert message.text == "三"
    replacements.refused(message)
    assert message.text == "一"


def test_a_final_message_gets_its_text_back_and_no_further_attempt() -> None:
    message, replacements = in_flight(), Replacements()
    replacements.begin(message, replaced("改"))
    message.state = DELIVERED
    assert not replacements.refused(message)
    assert message.text == TEXT


def test_an_attempt_made_meanwhile_keeps_the_time_of_the_next() -> None:
    message, replacements = in_flight(), Replacements()
    replacements.begin(message, replaced("改"))
    message.attempts, message.due_at = 1, AT + 60.0
    assert not replacements.refused(message)
    assert (message.text, message.due_at) == (TEXT, AT + 60.0)
