"""Fold delivery pending flags: one of each, bounded, due when the handset is back."""

from __future__ import annotations

import pytest

from routing import pending_alerts
from routing.alert_events import AlertClosed, DeliveryPending, HandsetAvailable
from routing.events import Stopped
from routing.pending_alerts import PendingAlerts

NUMBER = "106590990371"
HANDSET = "13300000001"


def flag(
    recipient: str = HANDSET, account: str = "police", sender: str = NUMBER
) -> DeliveryPending:
    return DeliveryPending(1.0, 7, account, recipient, sender)


def book_of(*flags: DeliveryPending) -> PendingAlerts:
    book = PendingAlerts()
    for one in flags:
        book.apply(one)
    return book


def test_a_flag_is_set_once_however_often_it_is_asked_for() -> None:
    book = book_of(flag(), DeliveryPending(2.0, 8, "police", HANDSET, NUMBER))
    assert list(book.flags.values()) == [flag()]
    assert book.is_set("police", HANDSET, NUMBER)
    assert not book.is_set("police", "13300000002", NUMBER)


def test_a_handset_that_is_back_makes_the_flags_of_all_accounts_due() -> None:
    book = book_of(flag(), flag(account="b"), flag("13300000002"))
    assert book.awaited(HANDSET)
    book.apply(HandsetAvailable(2.0, HANDSET))
    assert list(book.due.values()) == [flag(account="b"), flag()]
    assert not book.awaited(HANDSET)
    assert book.awaited("13300000002")


def test_a_flag_that_is_closed_is_forgotten_and_closing_it_again_does_nothing() -> None:
    book = book_of(flag(), flag(sender=NUMBER + "01"))
    book.apply(HandsetAvailable(2.0, HANDSET))
    for _time in range(2):
        book.apply(AlertClosed(3.0, "police", HANDSET, NUMBER, "sent"))
    assert list(book.flags) == list(book.due) == [("police", HANDSET, NUMBER + "01")]
    book.drop(("police", HANDSET, NUMBER + "01"))
    assert not book.flags
    assert not book.due
    book.apply(flag())
    assert book.awaited(HANDSET)


def test_other_events_and_handsets_nobody_waits_for_change_nothing() -> None:
    book = book_of(flag())
    book.apply(Stopped(2.0, "signal"))
    book.apply(HandsetAvailable(2.0, "13300000009"))
    assert list(book.flags) == [("police", HANDSET, NUMBER)]
    assert not book.due


def test_there_is_room_for_so_many_of_an_account_and_so_many_in_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pending_alerts, "MOST_OF_ACCOUNT", 1)
    monkeypatch.setattr(pending_alerts, "MOST", 2)
    book = book_of(flag())
    assert not book.room("police")
    assert book.room("b")
    book.apply(flag(account="b"))
    assert not book.room("c")
    book.drop(("police", HANDSET, NUMBER))
    assert book.room("police")
    assert not book.room("b")
