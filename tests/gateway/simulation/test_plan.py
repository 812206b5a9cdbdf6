from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest

from config.traffic import load_day
from gateway.simulation.plan import HOUR_S, Slot, TrafficPlan
from smpp.codec import decode
from smpp.pdus import SubmitSm
from tests.support.inprocess import NUMBER

MONDAY = date(2026, 3, 16)
RANGES = [(13300000000, 13300000099), (18900000000, 18900000049)]


def plan(per_day: int = 2000, seed: int = 1) -> TrafficPlan:
    return TrafficPlan(
        load_day(), RANGES, NUMBER, "示例警务", per_day=per_day, slot_s=900, seed=seed
    )


def pdus(slots: list[Slot]) -> list[SubmitSm]:
    found = [decode(frame) for slot in slots for frame in slot.frames]
    assert all(isinstance(pdu, SubmitSm) for pdu in found)
    return [pdu for pdu in found if isinstance(pdu, SubmitSm)]


def test_a_week_has_about_seven_times_a_days_messages_and_a_quiet_weekend() -> None:
    traffic = plan()
    days = [sum(slot.messages for slot in traffic.slots(MONDAY + timedelta(n))) for n in range(7)]
    assert sum(days) == pytest.approx(7 * 2000, rel=0.1)
    assert max(days[5:]) < min(days[:5])


def test_every_recipient_is_met_before_one_comes_again() -> None:
    sent = [pdu.destination_addr for pdu in pdus(list(plan().slots(MONDAY))) if not pdu.esm_class]
    numbers = {str(n).encode() for first, last in RANGES for n in range(first, last + 1)}
    assert set(sent) == numbers
    counts = Counter(sent).values()
    assert max(counts) - min(counts) < max(counts) // 2


def test_only_what_can_not_wait_goes_out_at_night() -> None:
    night = pdus([slot for slot in plan(20_000).slots(MONDAY) if slot.at_s < 5 * HOUR_S])
    assert {pdu.service_type for pdu in night} == {b"INST"}


def test_the_same_seed_gives_the_same_messages_and_another_one_others() -> None:
    one, same, other = (list(plan(seed=seed).slots(MONDAY)) for seed in (1, 1, 2))
    assert one == same != other


def test_citizens_reply_now_and_then() -> None:
    replies = [reply for slot in plan(100_000).slots(MONDAY) for reply in slot.replies]
    assert {"TD", "CX"} <= {text for _, text in replies}
    assert len(replies) < 1000
    assert all(any(a <= int(number) <= b for a, b in RANGES) for number, _ in replies)


def test_nobody_to_send_to_is_an_error() -> None:
    with pytest.raises(ValueError, match="no recipients"):
        TrafficPlan(load_day(), [], NUMBER, "示例警务", per_day=1, slot_s=900, seed=1)
