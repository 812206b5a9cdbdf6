from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.events import SegmentHeld
from routing.reassembly import MAX_PART_OCTETS, Arrival, HeldPart, Key, Reassembler

KEY: Key = ("police", "106590990371", "13300000001", "udh8", 7, 3)


def held(index: int, **changes: Any) -> SegmentHeld:
    fields: dict[str, Any] = {
        "at": 0.0,
        "message_id": 100 + index,
        "account": "police",
        "session_id": 1,
        "sequence_number": index,
        "sender": "106590990371",
        "recipient": "13300000001",
        "reference": 7,
        "total": 3,
        "index": index,
        "registered_delivery": 1,
        "pdu": b"",
        "kind": "udh8",
    }
    return SegmentHeld(**{**fields, **changes})


def content(arrival: Arrival) -> list[bytes]:
    return [part.user_data for part in arrival.parts]


@pytest.mark.parametrize("order", [(1, 2, 3), (3, 2, 1), (2, 3, 1)])
def test_parts_in_any_order_give_the_message_in_order(order: tuple[int, ...]) -> None:
    reassembler = Reassembler()
    arrivals = [reassembler.add(held(i), b"part %d" % i, 0.0) for i in order]
    assert [arrival.outcome for arrival in arrivals] == ["held", "held", "complete"]
    assert content(arrivals[2]) == [b"part 1", b"part 2", b"part 3"]
    assert arrivals[2].message_id == 101
    assert len(reassembler) == 0
    assert reassembler.room_of("police") == (0, 0)


@pytest.mark.parametrize(("one", "other"), [("udh8", "udh16"), ("udh8", "sar"), ("udh16", "sar")])
def test_equal_references_of_two_kinds_are_two_messages(one: str, other: str) -> None:
    reassembler = Reassembler()
    for index in (1, 2):
        reassembler.add(held(index, kind=one), b"one %d" % index, 0.0)
        reassembler.add(held(index, kind=other), b"other %d" % index, 0.0)
    first = reassembler.add(held(3, kind=one), b"one 3", 0.0)
    second = reassembler.add(held(3, kind=other), b"other 3", 0.0)
    assert content(first) == [b"one 1", b"one 2", b"one 3"]
    assert content(second) == [b"other 1", b"other 2", b"other 3"]


def test_a_repeated_part_is_given_as_it_came_before() -> None:
    reassembler = Reassembler()
    first = held(1, wire_id="0000002A")
    reassembler.add(first, b"one", 0.0)
    again = reassembler.add(held(1, message_id=999), b"one", 1.0)
    assert (again.outcome, again.message_id) == ("repeated", first.message_id)
    assert again.parts[0].held is first


def test_a_withdrawn_part_is_taken_again_and_is_no_repetition() -> None:
    reassembler = Reassembler()
    first, second = held(1), held(2)
    reassembler.add(first, b"one", 0.0)
    reassembler.add(second, b"two", 0.0)
    reassembler.withdraw(second)
    assert reassembler.add(held(2), b"two", 1.0).outcome == "held"
    reassembler.withdraw(second)
    assert reassembler.add(held(2), b"two", 1.0).outcome == "repeated"


def test_withdrawing_the_only_part_leaves_nothing() -> None:
    reassembler = Reassembler()
    first = held(1)
    reassembler.add(first, b"one", 0.0)
    reassembler.withdraw(first)
    reassembler.withdraw(first)
    assert (len(reassembler), reassembler.room_of("police")) == (0, (0, 0))


def test_restored_parts_are_waited_with_whatever_the_bounds() -> None:
    reassembler = Reassembler(max_messages=0)
    reassembler.restore(HeldPart(held(1), b"one", 5.0))
    reassembler.restore(HeldPart(held(2), b"two", 6.0))
    assert reassembler.next_deadline() == 185.0
    arrival = reassembler.add(held(3), b"three", 7.0)
    assert content(arrival) == [b"one", b"two", b"three"]
    assert reassembler.room_of("police") == (0, 0)


def test_message_of_one_part_is_complete_at_once() -> None:
    arrival = Reassembler(max_messages=0).add(held(1, total=1), b"all", 0.0)
    assert (arrival.outcome, content(arrival)) == ("complete", [b"all"])


def test_messages_to_several_recipients_interleave() -> None:
    reassembler = Reassembler()
    recipients = ("13300000001", "13300000002")
    done: list[bytes] = []
    for index in (2, 1, 3):
        for recipient in recipients:
            data = f"{recipient} {index};".encode()
            arrival = reassembler.add(held(index, recipient=recipient), data, 0.0)
            done.append(b"".join(content(arrival)))
    whole = [f"{r} 1;{r} 2;{r} 3;".encode() for r in recipients]
    assert done == [b"", b"", b"", b"", *whole]


def test_repeated_part_is_answered_with_the_first_id_and_changes_nothing() -> None:
    reassembler = Reassembler()
    reassembler.add(held(1), b"one", 0.0)
    again = reassembler.add(held(1, message_id=999), b"one", 1.0)
    assert (again.outcome, again.message_id) == ("repeated", 101)
    reassembler.add(held(2), b"two", 1.0)
    assert content(reassembler.add(held(3), b"three", 1.0)) == [b"one", b"two", b"three"]


def test_part_with_the_same_index_and_other_content_is_refused() -> None:
    reassembler = Reassembler()
    reassembler.add(held(1), b"one", 0.0)
    other = reassembler.add(held(1), b"uno", 0.0)
    assert (other.outcome, other.reason) == ("refused", "duplicate_segment")
    assert "part 1 of 3 with reference 7" in other.detail
    reassembler.add(held(2), b"two", 0.0)
    assert content(reassembler.add(held(3), b"three", 0.0))[0] == b"one"


def test_another_total_is_another_message() -> None:
    reassembler = Reassembler()
    reassembler.add(held(1, total=2), b"a", 0.0)
    reassembler.add(held(1, total=3), b"b", 0.0)
    assert len(reassembler) == 2
    assert content(reassembler.add(held(2, total=2), b"c", 0.0)) == [b"a", b"c"]


@pytest.mark.parametrize(("index", "total"), [(0, 3), (4, 3), (-1, 3), (1, 0), (0, 0)])
def test_impossible_index_is_refused(index: int, total: int) -> None:
    reassembler = Reassembler()
    arrival = reassembler.add(held(index, total=total), b"x", 0.0)
    assert (arrival.outcome, arrival.reason) == ("refused", "incomplete_message")
    assert len(reassembler) == 0


def test_part_longer_than_a_short_message_is_refused() -> None:
    arrival = Reassembler().add(held(1), bytes(MAX_PART_OCTETS + 1), 0.0)
    assert (arrival.outcome, arrival.reason) == ("refused", "length")


def test_message_that_stays_incomplete_is_given_up_after_the_timeout() -> None:
    reassembler = Reassembler(timeout_s=180.0)
    reassembler.add(held(3), b"three", 10.0)
    reassembler.add(held(1), b"one", 100.0)
    assert reassembler.expired(189.9) == []
    [given_up] = reassembler.expired(190.0)
    assert given_up.key == KEY
    assert given_up.started_at == 10.0
    assert given_up.missing == (2,)
    assert [part.held.index for part in given_up.parts] == [1, 3]
    assert reassembler.room_of("police") == (0, 0)


def test_only_messages_whose_time_is_over_are_given_up_oldest_first() -> None:
    reassembler = Reassembler(timeout_s=100.0)
    for reference, now in ((1, 0.0), (2, 10.0), (3, 50.0)):
        reassembler.add(held(1, reference=reference), b"x", now)
    assert [incomplete.key[4] for incomplete in reassembler.expired(120.0)] == [1, 2]
    assert reassembler.next_deadline() == 150.0
    assert [incomplete.key[4] for incomplete in reassembler.expired(150.0)] == [3]
    assert reassembler.next_deadline() is None


def test_part_after_the_timeout_opens_a_new_message() -> None:
    reassembler = Reassembler()
    reassembler.add(held(1), b"one", 0.0)
    reassembler.expired(180.0)
    assert reassembler.add(held(2), b"two", 181.0).outcome == "held"
    assert reassembler.expired(361.0)[0].missing == (1, 3)


def test_reference_can_be_used_again_as_soon_as_the_message_is_complete() -> None:
    reassembler = Reassembler()
    for _ in range(3):
        arrivals = [reassembler.add(held(i), b"same", 0.0) for i in (1, 2, 3)]
        assert arrivals[2].outcome == "complete"


def test_open_messages_are_bounded_per_account_and_can_still_be_finished() -> None:
    reassembler = Reassembler(max_messages=2)
    for reference in (1, 2):
        reassembler.add(held(1, reference=reference), b"x", 0.0)
    refused = reassembler.add(held(1, reference=3), b"x", 0.0)
    assert (refused.outcome, refused.reason) == ("refused", "queue_full")
    assert "at most 2" in refused.detail
    assert reassembler.add(held(1, account="other"), b"x", 0.0).outcome == "held"
    assert reassembler.add(held(2, reference=1), b"y", 0.0).outcome == "held"
    assert reassembler.add(held(3, reference=1), b"z", 0.0).outcome == "complete"
    assert reassembler.add(held(1, reference=3), b"x", 0.0).outcome == "held"


def test_octets_of_all_parts_are_set_aside_when_a_message_opens() -> None:
    reassembler = Reassembler(max_octets=5 * MAX_PART_OCTETS)
    reassembler.add(held(1), b"x", 0.0)
    assert reassembler.room_of("police") == (1, 3 * MAX_PART_OCTETS)
    assert reassembler.add(held(1, reference=8), b"x", 0.0).reason == "queue_full"
    assert reassembler.add(held(1, reference=8, total=2), b"x", 0.0).outcome == "held"


def test_open_message_is_known_by_its_key() -> None:
    reassembler = Reassembler()
    assert not reassembler.is_open(KEY)
    reassembler.add(held(2), b"two", 0.0)
    assert reassembler.is_open(KEY)
    assert not reassembler.is_open((*KEY[:5], 4))
    assert not reassembler.is_open((*KEY[:3], "sar", *KEY[4:]))


@given(st.data())
def test_any_interleaving_with_repetitions_gives_the_same_messages(data: st.DataObject) -> None:
    totals = data.draw(st.lists(st.integers(2, 5), min_size=1, max_size=5))
    expected = {
        reference: [b"%d/%d" % (reference, index) for index in range(1, total + 1)]
        for reference, total in enumerate(totals)
    }
    parts = [(ref, index) for ref, total in enumerate(totals) for index in range(1, total + 1)]
    reassembler = Reassembler()
    done: dict[int, list[bytes]] = {}
    for reference, index in data.draw(st.permutations(parts)):
        part = held(index, reference=reference, total=totals[reference])
        octets = b"%d/%d" % (reference, index)
        arrival = reassembler.add(part, octets, 0.0)
        if arrival.outcome == "complete":
            done[reference] = content(arrival)
        elif data.draw(st.booleans()):
            assert reassembler.add(part, octets, 0.0).outcome == "repeated"
    assert done == expected
    assert len(reassembler) == 0
    assert reassembler.room_of("police") == (0, 0)


def test_all_accounts_together_may_hold_so_many_parts_and_what_is_begun_can_be_finished() -> None:
    reassembler = Reassembler(max_parts=5)
    reassembler.add(held(1), b"one", 0.0)
    other = reassembler.add(held(1, account="traffic"), b"one", 0.0)
    assert (other.outcome, other.reason) == ("refused", "queue_full")
    assert "3 parts, 3 more are asked for; at most 5 may" in other.detail
    assert reassembler.add(held(2), b"two", 0.0).outcome == "held"
    assert reassembler.add(held(3), b"three", 0.0).outcome == "complete"
    assert reassembler.add(held(1, account="traffic"), b"one", 0.0).outcome == "held"
    assert reassembler.expired(180.0) != []
    assert reassembler.add(held(1), b"one", 180.0).outcome == "held"
