from __future__ import annotations

from collections import Counter
from hashlib import sha256

import pytest

from config.network import (
    Capacity,
    FixedLatency,
    Latency,
    NetworkData,
    NetworkSettings,
    UniformLatency,
    adjusted,
    load_network,
)
from routing.events import Attempted
from routing.liability import CodeTable
from routing.message import (
    DELIVERED,
    EXPIRED,
    UNDELIVERABLE,
    UNKNOWN,
    Message,
    begin,
    note_attempt,
)
from routing.network import Delivered, Failed, Network, Retry
from routing.subscribers import Subscriber, Subscribers
from tests.support.submissions import AT, MESSAGE_ID, in_flight, submission

DATA = load_network()
CODES = CodeTable(DATA)
ACTIVE = Subscriber("active")
OFF = Subscriber("off")


def note(message: Message, retry: Retry, at: float) -> None:
    """Take in a failed attempt as the running gateway does."""
    attempt = message.attempts + 1
    note_attempt(message, Attempted(at, message.message_id, attempt, retry.error, retry.next_at))


def life(
    network: Network, message: Message, subscriber: Subscriber
) -> tuple[list[float], Delivered | Failed]:
    """Give the times of all attempts and what the last one said."""
    times = [network.first_due(message, subscriber)]
    while True:
        result = network.attempt(message, subscriber, times[-1])
        if not isinstance(result, Retry):
            return times, result
        note(message, result, times[-1])
        times.append(message.due_at)


def run(profile: str, seed: int, count: int) -> list[tuple[float, Delivered | Failed]]:
    """Give the time and the result of `count` messages to different numbers."""
    network, subscribers = Network(DATA, profile, seed), Subscribers(DATA, profile, seed)
    results: list[tuple[float, Delivered | Failed]] = []
    for n in range(count):
        recipient = f"133{n:08d}"
        message = begin(submission(message_id=MESSAGE_ID + n, recipient=recipient))
        times, result = life(network, message, subscribers.of(recipient))
        results.append((times[-1], result))
    return results


def test_perfect_delivers_everything_at_once() -> None:
    expected = (AT, Delivered("active", "000", DELIVERED))
    assert all(result == expected for result in run("perfect", 1, 500))


@pytest.mark.parametrize("profile", list(DATA.profiles))
def test_the_same_seed_gives_the_same_run_byte_for_byte(profile: str) -> None:
    first, second = (sha256(repr(run(profile, 9, 200)).encode()) for _ in range(2))
    assert first.digest() == second.digest()


@pytest.mark.parametrize("profile", ["healthy", "flaky", "outage", "congested"])
def test_another_seed_gives_another_run(profile: str) -> None:
    assert run(profile, 1, 200) != run(profile, 2, 200)


def test_the_order_of_the_messages_does_not_matter() -> None:
    network = Network(DATA, "flaky", 4)
    messages = [begin(submission(message_id=MESSAGE_ID + n)) for n in range(200)]
    forward = [network.attempt(message, ACTIVE, AT) for message in messages]
    backward = [network.attempt(message, ACTIVE, AT) for message in reversed(messages)]
    assert forward == backward[::-1]


@pytest.mark.parametrize("profile", list(DATA.profiles))
def test_troubles_come_as_often_as_the_profile_says(profile: str) -> None:
    network, count = Network(DATA, profile, 21), 10_000
    results = Counter(
        network.attempt(begin(submission(message_id=MESSAGE_ID + n)), ACTIVE, AT).condition
        for n in range(count)
    )
    chosen = DATA.profiles[profile]
    shares = {name: per_mille / 1000 for name, per_mille in chosen.messages.items()}
    spared = 1.0 - sum(shares.values())
    shares.update({name: spared * n / 1000 for name, n in chosen.attempts.items()})
    assert set(results) <= set(shares) | {"active"}
    for name, share in shares.items():
        assert abs(results[name] - share * count) < 5 * (share * count) ** 0.5
    assert results["active"] == pytest.approx((1.0 - sum(shares.values())) * count, abs=250)


def test_a_carriers_failure_is_drawn_once_for_a_message() -> None:
    message = begin(submission())
    note_attempt(message, Attempted(AT, MESSAGE_ID, 1, "002", AT))
    data = adjusted(DATA, NetworkSettings(messages={"gateway_fault": 1000}))
    network = Network(data, "perfect", 1)
    assert isinstance(network.attempt(message, ACTIVE, AT), Delivered)
    assert network.attempt(begin(submission()), ACTIVE, AT).error == "006"


@pytest.mark.parametrize(
    ("profile", "low", "high"),
    [("perfect", 1.0, 1.0), ("healthy", 0.9965, 0.9995), ("below_target", 0.978, 0.99),
     ("slow", 1.0, 1.0), ("congested", 0.80, 0.88), ("outage", 0.0, 0.001)],
)  # fmt: skip
def test_the_success_rate_of_the_contract_by_profile(profile: str, low: float, high: float) -> None:
    # An outage tries every message for a whole day, so fewer of them must do.
    results = run(profile, 17, 400 if profile == "outage" else 4000)
    classes = Counter(CODES.liability_of(result.state, result.error) for _, result in results)
    assert low <= classes["ok"] / (classes["ok"] + classes["carrier"]) <= high


def test_flaky_delivers_most_messages_by_a_retry() -> None:
    results = run("flaky", 3, 2000)
    delivered = sum(isinstance(result, Delivered) for _, result in results)
    first = Network(DATA, "flaky", 3)
    at_once = sum(
        isinstance(
            first.attempt(begin(submission(message_id=MESSAGE_ID + n)), ACTIVE, AT), Delivered
        )
        for n in range(2000)
    )
    assert 0.45 < at_once / 2000 < 0.55
    assert delivered / 2000 > 0.93


@pytest.mark.parametrize(
    ("condition", "state", "error"),
    [("suspended", 5, "601"), ("arrears", 5, "705"), ("nonexistent", 5, "640"),
     ("ported", 5, "NP1"), ("blacklisted", 8, "005"), ("gateway_fault", 5, "006"),
     ("congestion", 5, "908")],
)  # fmt: skip
def test_final_conditions_end_the_message_at_once(condition: str, state: int, error: str) -> None:
    times, result = life(Network(DATA, "perfect", 1), begin(submission()), Subscriber(condition))
    assert (times, result) == ([AT], Failed(condition, error, state))


def test_interception_on_the_handset_looks_like_delivery() -> None:
    message = begin(submission())
    result = Network(DATA, "perfect", 1).attempt(message, Subscriber("handset_intercept"), AT)
    assert result == Delivered("handset_intercept", "000")


@pytest.mark.parametrize(
    ("condition", "error"), [("off", "602"), ("out_of_area", "718"), ("memory_full", "007")]
)
def test_a_waiting_subscriber_is_tried_by_the_schedule_until_the_validity_ends(
    condition: str, error: str
) -> None:
    message = begin(submission(validity_at=AT + 400.0))
    times, result = life(Network(DATA, "perfect", 1), message, Subscriber(condition))
    assert [time - AT for time in times] == [0.0, 1.0, 6.0, 21.0, 81.0, 381.0, 400.0]
    assert result == Failed(condition, error, EXPIRED)


def test_the_last_entry_of_the_schedule_repeats() -> None:
    data = adjusted(DATA, NetworkSettings(retries_s=(2.0, 5.0)))
    message = begin(submission(validity_at=AT + 20.0))
    times, _ = life(Network(data, "perfect", 1), message, OFF)
    assert [time - AT for time in times] == [0.0, 2.0, 7.0, 12.0, 17.0, 20.0]


def test_without_a_validity_the_default_counts_from_the_schedule() -> None:
    data = adjusted(DATA, NetworkSettings(default_validity_s=30.0))
    network = Network(data, "perfect", 1)
    assert network.expires_at(in_flight(validity_at=0.0)) == AT + 30.0
    assert network.expires_at(in_flight(validity_at=0.0, schedule_at=AT + 10.0)) == AT + 40.0
    times, result = life(network, begin(submission(validity_at=0.0)), OFF)
    assert (times[-1], result.state) == (AT + 30.0, EXPIRED)
    late = begin(submission(validity_at=0.0))
    assert isinstance(network.attempt(late, ACTIVE, AT + 29.0), Delivered)
    assert network.attempt(late, ACTIVE, AT + 30.0).state == EXPIRED  # type: ignore[union-attr]  # no Retry at its expiry


def test_a_handset_switched_on_again_gets_the_message() -> None:
    network, message = Network(DATA, "perfect", 1), begin(submission())
    first = network.attempt(message, OFF, AT)
    assert isinstance(first, Retry)
    note(message, first, AT)
    assert network.attempt(message, ACTIVE, message.due_at) == Delivered("active", "000")


def test_a_subscriber_may_recover_after_some_attempts() -> None:
    subscriber = Subscriber("memory_full", recovers_after=2, retry_s=3.0)
    times, result = life(Network(DATA, "perfect", 1), begin(submission()), subscriber)
    assert [time - AT for time in times] == [0.0, 3.0, 6.0]
    assert result.state == DELIVERED


def test_a_message_past_its_validity_is_never_delivered() -> None:
    message = begin(submission(validity_at=AT + 10.0))
    result = Network(DATA, "perfect", 1).attempt(message, ACTIVE, AT + 10.0)
    assert result == Failed("active", "617", EXPIRED)
    assert CODES.liability_of(EXPIRED, "617") == "carrier"


def test_a_first_attempt_at_the_expiry_names_what_kept_the_subscriber_away() -> None:
    message = begin(submission(validity_at=AT + 10.0))
    network = Network(DATA, "perfect", 1)
    assert network.attempt(message, OFF, AT + 10.0) == Failed("off", "602", EXPIRED)
    silent = Subscriber("no_report")
    assert network.attempt(message, silent, AT + 10.0) == Failed("no_report", "617", EXPIRED)


def test_an_expired_message_keeps_the_error_of_its_last_attempt() -> None:
    message = begin(submission(validity_at=AT + 10.0))
    note_attempt(message, Attempted(AT, MESSAGE_ID, 1, "609", AT + 10.0))
    result = Network(DATA, "outage", 1).attempt(message, ACTIVE, AT + 10.0)
    assert result == Failed("active", "609", EXPIRED)


def test_a_message_without_a_report_is_closed_as_unknown_and_is_the_carriers() -> None:
    message = begin(submission())
    times, result = life(Network(DATA, "perfect", 1), message, Subscriber("no_report"))
    assert [time - AT for time in times] == [0.0, 259200.0]
    assert result == Failed("no_report", "999", UNKNOWN)
    assert CODES.liability_of(result.state, result.error) == "carrier"


def test_the_report_timeout_can_be_set() -> None:
    data = adjusted(DATA, NetworkSettings(report_timeout_s=60.0))
    times, _ = life(Network(data, "perfect", 1), begin(submission()), Subscriber("no_report"))
    assert times == [AT, AT + 60.0]


def test_a_scheduled_message_waits_for_its_time() -> None:
    network = Network(DATA, "perfect", 1)
    assert network.first_due(begin(submission(schedule_at=AT + 600.0)), ACTIVE) == AT + 600.0
    assert network.first_due(begin(submission(schedule_at=AT - 600.0)), ACTIVE) == AT


def test_the_first_attempt_is_never_later_than_the_validity() -> None:
    message = begin(submission(validity_at=AT + 0.001))
    assert Network(DATA, "slow", 1).first_due(message, ACTIVE) == AT + 0.001
    delayed = Subscriber("active", delay_s=5.0)
    assert Network(DATA, "perfect", 1).first_due(message, delayed) == AT + 0.001


def latencies(profile: str, service: str, data: NetworkData = DATA) -> list[float]:
    """Give the seconds to the first attempt of 5000 messages, in ascending order."""
    network = Network(data, profile, 2)
    return sorted(
        network.first_due(begin(submission(message_id=MESSAGE_ID + n, service=service)), ACTIVE)
        - AT
        for n in range(5000)
    )


def test_exponential_latency_has_its_mean_and_its_bound() -> None:
    times = latencies("healthy", "ordinary")
    assert 1.9 < sum(times) / 5000 < 2.1
    assert 1.2 < times[2500] < 1.6  # the median is mean × ln 2
    assert times[0] >= 0.0
    assert latencies("congested", "instant")[-1] <= 60.0


def test_normal_latency_has_its_mean_and_deviation_and_no_negative_times() -> None:
    times = latencies("slow", "ordinary")
    mean = sum(times) / 5000
    assert 29.5 < mean < 30.5
    assert 9.5 < (sum((time - mean) ** 2 for time in times) / 5000) ** 0.5 < 10.5
    assert times[0] >= 0.0


def test_uniform_latency_fills_its_bounds() -> None:
    times = latencies("slow", "instant")
    assert 4.0 <= times[0] < 4.05
    assert 5.95 < times[-1] <= 6.0
    assert 4.9 < times[2500] < 5.1


def test_spike_latency_has_its_share_of_spikes() -> None:
    times = latencies("flaky", "ordinary")
    spikes = [time for time in times if time > 4.0]
    assert 180 < len(spikes) < 320  # 50 per mille of 5000
    assert all(30.5 <= time <= 34.0 for time in spikes)
    assert times[0] >= 0.5


@pytest.mark.parametrize(
    ("law", "seconds"),
    [(FixedLatency(law="fixed", seconds=3.0), 3.0), (FixedLatency(law="fixed", seconds=0.0), 0.0),
     (UniformLatency(law="uniform", low_s=2.0, high_s=2.0), 2.0)],
)  # fmt: skip
def test_ordinary_and_instant_have_laws_of_their_own(law: Latency, seconds: float) -> None:
    data = adjusted(DATA, NetworkSettings(instant_latency=law))
    assert set(latencies("perfect", "instant", data)) == {seconds}
    assert set(latencies("perfect", "ordinary", data)) == {0.0}


def test_capacity_spaces_the_attempts_of_one_service() -> None:
    data = adjusted(DATA, NetworkSettings(capacity=Capacity(ordinary=4.0)))
    network = Network(data, "perfect", 1)
    slots, previous = [], 0.0
    for _ in range(4):
        previous = network.slot("ordinary", AT, previous)
        slots.append(previous - AT)
    assert slots == [0.0, 0.25, 0.5, 0.75]
    assert network.slot("instant", AT, AT + 60.0) == AT


def test_an_unknown_profile_is_refused() -> None:
    with pytest.raises(KeyError):
        Network(DATA, "prefect", 1)


def test_the_message_is_not_changed_by_an_attempt() -> None:
    message, untouched = begin(submission()), begin(submission())
    for condition in DATA.conditions:
        Network(DATA, "outage", 1).attempt(message, Subscriber(condition), AT)
    assert message == untouched


def test_more_attempts_than_streams_are_still_answered() -> None:
    message = begin(submission())
    note_attempt(message, Attempted(AT, MESSAGE_ID, 1000, "609", AT))
    result = Network(DATA, "flaky", 1).attempt(message, Subscriber("suspended"), AT)
    assert isinstance(result, Retry) or result.state in {UNDELIVERABLE, DELIVERED}
