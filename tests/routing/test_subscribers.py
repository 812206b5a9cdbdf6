from __future__ import annotations

from collections import Counter

import pytest

from config.network import load_network
from routing.subscribers import PROFILE_DELAY, Subscribers

DATA = load_network()
NUMBERS = [f"133{n:08d}" for n in range(20_000)]


def test_a_number_keeps_its_state() -> None:
    first, second = Subscribers(DATA, "healthy", 3), Subscribers(DATA, "healthy", 3)
    forward = [first.of(number) for number in NUMBERS[:2000]]
    assert forward == list(reversed([second.of(number) for number in reversed(NUMBERS[:2000])]))


def test_another_seed_puts_others_in_the_same_states() -> None:
    one, other = Subscribers(DATA, "healthy", 1), Subscribers(DATA, "healthy", 2)
    assert [one.of(n).condition for n in NUMBERS] != [other.of(n).condition for n in NUMBERS]


@pytest.mark.parametrize("profile", list(DATA.profiles))
def test_the_mix_is_the_profiles(profile: str) -> None:
    subscribers = Subscribers(DATA, profile, 11)
    counts = Counter(subscribers.of(number).condition for number in NUMBERS)
    mix = DATA.profiles[profile].subscribers
    assert set(counts) <= set(mix) | {"active"}
    for state, share in mix.items():
        expected = share / 1000 * len(NUMBERS)
        assert abs(counts[state] - expected) < 5 * expected**0.5
    assert counts["active"] == len(NUMBERS) - sum(counts[state] for state in mix)


def test_every_named_state_can_be_set_and_cleared() -> None:
    subscribers = Subscribers(DATA, "perfect", 1)
    assert set(subscribers.states) == {
        "active", "off", "out_of_area", "suspended", "arrears", "memory_full", "nonexistent",
        "ported", "handset_intercept", "blacklisted",
    }  # fmt: skip
    for state in subscribers.states:
        subscribers.put("13300000001", state)
        assert subscribers.of("13300000001").condition == state
        assert subscribers.explicit() == {"13300000001": state}
    subscribers.clear("13300000001")
    subscribers.clear("13300000001")
    assert subscribers.of("13300000001").condition == "active"


def test_a_set_state_may_pass_after_some_attempts() -> None:
    subscribers = Subscribers(DATA, "perfect", 1)
    subscribers.put("13300000001", "off", recovers_after=2)
    subscriber = subscribers.of("13300000001")
    assert (subscriber.condition, subscriber.recovers_after) == ("off", 2)
    assert (subscriber.magic, subscriber.delay_s) == (False, PROFILE_DELAY)


def test_a_set_state_goes_before_the_magic_number() -> None:
    subscribers = Subscribers(DATA, "perfect", 1)
    subscribers.put("19900000004", "active")
    assert subscribers.of("19900000004").condition == "active"


def test_an_unknown_state_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"'asleep', one of active, handset_intercept, off"):
        Subscribers(DATA, "perfect", 1).put("13300000001", "asleep")


def test_a_number_that_its_carrier_serves_no_more_is_ported() -> None:
    subscribers = Subscribers(DATA, "perfect", 1)
    assert subscribers.of("13300000001", ported=True).condition == "ported"
    assert subscribers.of("13300000001").condition == "active"


def test_set_states_and_magic_numbers_go_before_porting() -> None:
    subscribers = Subscribers(DATA, "perfect", 1)
    subscribers.put("13300000001", "off")
    assert subscribers.of("13300000001", ported=True).condition == "off"
    assert subscribers.of("19900000000", ported=True).condition == "active"


def test_addresses_that_are_no_numbers_have_a_state_too() -> None:
    subscribers = Subscribers(DATA, "healthy", 1)
    for address in ("", "POLICE", "示例", "１３３", "x" * 65):
        assert subscribers.of(address) == subscribers.of(address)


def test_an_unknown_profile_is_refused() -> None:
    with pytest.raises(KeyError):
        Subscribers(DATA, "prefect", 1)


def test_an_outage_meets_everybody_and_ends() -> None:
    subscribers = Subscribers(DATA, "healthy", 3)
    before = [subscribers.of(number) for number in NUMBERS[:500]]
    subscribers.put(NUMBERS[0], "off")
    subscribers.overcome("gateway_fault")
    conditions = [subscribers.of(number).condition for number in NUMBERS[:500]]
    assert conditions == ["off"] + ["gateway_fault"] * 499
    subscribers.clear(NUMBERS[0])
    subscribers.overcome("")
    assert [subscribers.of(number) for number in NUMBERS[:500]] == before
    with pytest.raises(ValueError, match="condition: 'flood', one of active"):
        subscribers.overcome("flood")


@pytest.mark.parametrize(
    ("state", "away", "reachable"),
    [
        ("off", True, False),
        ("out_of_area", True, False),
        ("memory_full", True, False),
        ("active", False, True),
        ("nonexistent", False, False),
    ],
)
def test_a_handset_is_there_or_away_for_the_moment_or_neither(
    state: str, away: bool, reachable: bool
) -> None:
    subscribers = Subscribers(DATA, "perfect", 1)
    subscribers.put(NUMBERS[0], state)
    assert subscribers.away(NUMBERS[0]) is away
    assert subscribers.reachable(NUMBERS[0]) is reachable


def test_a_network_that_is_down_says_nothing_of_its_handsets() -> None:
    subscribers = Subscribers(DATA, "perfect", 1)
    subscribers.overcome("network_down")
    assert not subscribers.away(NUMBERS[0])
    assert not subscribers.reachable(NUMBERS[0])
