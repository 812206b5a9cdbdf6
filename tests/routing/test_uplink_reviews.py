from __future__ import annotations

import pytest

from routing.registry_events import ReviewOpened, ReviewSettled
from routing.uplink_reviews import DECISIONS, UplinkReviews


def opened(mo_id: int) -> ReviewOpened:
    text = "请不要再给我发短信了"
    return ReviewOpened(1.0, mo_id, "13300000001", "106590990371", text, "optout.review")


def test_messages_wait_in_order_until_a_person_has_read_them() -> None:
    reviews = UplinkReviews()
    for mo_id in (1, 2, 3):
        reviews.apply(opened(mo_id))
    reviews.apply(ReviewSettled(2.0, 2, "opt_out", "operator"))
    assert reviews.waiting() == (opened(1), opened(3))


@pytest.mark.parametrize("decision", DECISIONS)
def test_every_decision_settles(decision: str) -> None:
    reviews = UplinkReviews()
    reviews.apply(opened(1))
    reviews.apply(ReviewSettled(2.0, 1, decision, "operator"))
    assert reviews.waiting() == ()


def test_unknown_decision_is_refused_and_the_message_still_waits() -> None:
    reviews = UplinkReviews()
    reviews.apply(opened(1))
    with pytest.raises(ValueError, match="decision 'maybe': one of opt_out, opt_out_all, none"):
        reviews.apply(ReviewSettled(2.0, 1, "maybe", "operator"))
    assert reviews.waiting() == (opened(1),)


def test_message_that_does_not_wait_cannot_be_settled() -> None:
    with pytest.raises(ValueError, match="uplink message 9: not one that waits"):
        UplinkReviews().apply(ReviewSettled(2.0, 9, "none", "operator"))
