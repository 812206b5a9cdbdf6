from __future__ import annotations

import pytest

from config.network import NetworkSettings, adjusted, load_network
from routing.events import Attempted
from routing.magic import REFUSALS, SUBMIT_FAULTS, MagicNumbers
from routing.message import (
    DELIVERED,
    EXPIRED,
    REJECTED,
    UNDELIVERABLE,
    UNKNOWN,
    begin,
    note_attempt,
)
from routing.network import Network, Retry
from routing.subscribers import Subscribers
from tests.support.submissions import AT, submission

DATA = load_network()
MAGIC = MagicNumbers(DATA)


def life(digits: str, profile: str) -> tuple[int, str, float, int]:
    """Give (state, error, seconds to the outcome, attempts) of a message to a magic number."""
    recipient = f"1990000{digits}"
    message = begin(submission(recipient=recipient, validity_at=AT + 7200.0))
    network, subscribers = Network(DATA, profile, 5), Subscribers(DATA, profile, 5)
    at = network.first_due(message, subscribers.of(recipient))
    while True:
        result = network.attempt(message, subscribers.of(recipient), at)
        if not isinstance(result, Retry):
            return result.state, result.error, at - AT, message.attempts + 1
        event = Attempted(
            at, message.message_id, message.attempts + 1, result.error, result.next_at
        )
        note_attempt(message, event)
        at = message.due_at


@pytest.mark.parametrize("profile", list(DATA.profiles))
@pytest.mark.parametrize(
    ("digits", "state", "error", "seconds"),
    [
        ("0000", DELIVERED, "000", 0.0),
        ("0001", EXPIRED, "602", 7200.0),
        ("0002", UNDELIVERABLE, "601", 0.0),
        ("0003", UNDELIVERABLE, "705", 0.0),
        ("0004", UNDELIVERABLE, "640", 0.0),
        ("0005", DELIVERED, "000", 2.0),
        ("0006", EXPIRED, "718", 7200.0),
        ("0007", UNDELIVERABLE, "NP1", 0.0),
        ("0008", REJECTED, "005", 0.0),
        ("0009", UNDELIVERABLE, "006", 0.0),
        ("0010", UNDELIVERABLE, "908", 0.0),
        ("0011", UNKNOWN, "999", 259200.0),
        ("0012", DELIVERED, "000", 0.0),
        ("0013", DELIVERED, "000", 0.0),
    ],
)
def test_the_outcome_is_the_same_in_every_profile(
    profile: str, digits: str, state: int, error: str, seconds: float
) -> None:
    assert life(digits, profile)[:3] == (state, error, seconds)


@pytest.mark.parametrize("profile", ["perfect", "outage"])
@pytest.mark.parametrize("seconds", range(100))
def test_01xx_is_delivered_after_xx_seconds(profile: str, seconds: int) -> None:
    assert life(f"01{seconds:02d}", profile) == (DELIVERED, "000", float(seconds), 1)


def test_memory_full_is_delivered_by_the_second_attempt() -> None:
    assert life("0005", "perfect")[3] == 2


def test_powered_off_is_tried_until_the_validity_ends() -> None:
    assert life("0001", "perfect")[3] > 5


@pytest.mark.parametrize(
    ("digits", "fault"),
    [
        ("0011", "no_receipt"),
        ("0012", "receipt_twice"),
        ("0013", "receipt_before_response"),
        ("0201", "throttled"),
        ("0202", "queue_full"),
        ("0203", "system_error"),
        ("0204", "no_response"),
        ("0205", "late_response"),
        ("0206", "close_session"),
    ],
)
def test_faults_of_the_answer_and_of_the_receipt(digits: str, fault: str) -> None:
    row = MAGIC.lookup(f"1990000{digits}")
    assert row is not None
    assert row.fault == fault
    assert (fault in SUBMIT_FAULTS) == digits.startswith("02")
    assert (fault in REFUSALS) == (digits in {"0201", "0202", "0203"})
    assert row.response_delay_s == (5.0 if digits == "0205" else 0.0)


def test_the_other_rows_have_no_fault() -> None:
    faulty = {"0011", "0012", "0013", "0201", "0202", "0203", "0204", "0205", "0206"}
    assert {digits for digits, row in MAGIC.table.items() if row.fault} == faulty


def test_the_table_has_exactly_the_documented_numbers() -> None:
    expected = {f"{n:04d}" for n in (*range(14), *range(100, 200), *range(201, 207))}
    assert set(MAGIC.table) == expected


@pytest.mark.parametrize("form", ["{}", "86{}", "+86{}", "0086{}"])
def test_the_country_code_does_not_matter(form: str) -> None:
    row = MAGIC.lookup(form.format("19900000004"))
    assert row is not None
    assert (row.digits, row.condition) == ("0004", "nonexistent")
    assert Subscribers(DATA, "perfect", 1).of(form.format("19900000004")).magic


@pytest.mark.parametrize(
    "recipient",
    ["", "0001", "13300000001", "19900010001", "119900000001", "4419900000001", "19900000500"],
)
def test_other_recipients_are_ordinary(recipient: str) -> None:
    assert MAGIC.lookup(recipient) is None


def test_magic_can_be_switched_off() -> None:
    data = adjusted(DATA, NetworkSettings(magic=False))
    assert MagicNumbers(data).lookup("19900000001") is None
    assert Subscribers(data, "perfect", 1).of("19900000001").condition == "active"


def test_draws_play_no_part() -> None:
    results = [
        Network(DATA, "flaky", seed).attempt(
            begin(submission(recipient="19900000000")),
            Subscribers(DATA, "flaky", seed).of("19900000000"),
            AT,
        )
        for seed in range(20)
    ]
    assert {result.error for result in results} == {"000"}
