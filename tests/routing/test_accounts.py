from __future__ import annotations

from datetime import date
from typing import Any, Final

import pytest

from config.term import ServiceTerm
from routing.accounts import (
    FAILED_BINDS_KEYS,
    BindAttempt,
    BindPolicy,
    FailedBinds,
    Origin,
    address_allowed,
    authorise_bind,
    parse_networks,
    spoken,
    why_barred,
)
from routing.standing import StandingBook
from smpp.constants import BindMode, CommandStatus
from tests.support.rules import shanghai

STARTS: Final = shanghai("2026-03-01T00:00:00")
ENDS: Final = shanghai("2026-03-03T00:00:00")


def attempt(**changes: Any) -> BindAttempt:
    fields: dict[str, Any] = {
        "mode": int(BindMode.TRX),
        "interface_version": 0x34,
        "peer": "192.0.2.7",
        "bound": 0,
        "at": 100.0,
    }
    return BindAttempt(**{**fields, **changes})


def test_bind_without_any_limit_is_allowed() -> None:
    decision = authorise_bind(BindPolicy(), attempt())
    assert decision.allowed
    assert (decision.status, decision.detail) == (CommandStatus.ESME_ROK, "")


def test_mode_that_is_not_allowed_is_refused() -> None:
    policy = BindPolicy(modes=frozenset({int(BindMode.TX), int(BindMode.RX)}))
    decision = authorise_bind(policy, attempt())
    assert decision.status == CommandStatus.ESME_RBINDFAIL
    assert decision.detail == "bind mode TRX: allowed are TX, RX"
    assert authorise_bind(policy, attempt(mode=int(BindMode.RX))).allowed


def test_mode_without_a_name_is_refused() -> None:
    assert authorise_bind(BindPolicy(), attempt(mode=9)).detail.startswith("bind mode 9")


def test_interface_version_outside_the_list_is_refused() -> None:
    policy = BindPolicy(versions=frozenset({0x34, 0x50}))
    decision = authorise_bind(policy, attempt(interface_version=0x33))
    assert decision.status == CommandStatus.ESME_RBINDFAIL
    assert decision.detail == "interface_version 0x33 (3.3): allowed are 3.4, 5.0"
    assert authorise_bind(policy, attempt(interface_version=0x50)).allowed


@pytest.mark.parametrize(
    ("interface_version", "version"),
    [(0, 0x33), (0x32, 0x33), (0x33, 0x33), (0x34, 0x34), (0x4F, 0x34), (0x50, 0x50), (255, 0x50)],
)
def test_every_interface_version_asks_for_one_of_three(
    interface_version: int, version: int
) -> None:
    assert spoken(interface_version) == version
    only = BindPolicy(versions=frozenset({version}))
    assert authorise_bind(only, attempt(interface_version=interface_version)).allowed


@pytest.mark.parametrize(("bound", "allowed"), [(0, True), (1, True), (2, False), (3, False)])
def test_number_of_binds_is_limited(bound: int, allowed: bool) -> None:
    decision = authorise_bind(BindPolicy(max_binds=2), attempt(bound=bound))
    assert decision.allowed is allowed


@pytest.mark.parametrize(
    ("at", "allowed"),
    [(STARTS - 0.1, False), (STARTS, True), (ENDS - 0.1, True), (ENDS, False)],
)
@pytest.mark.parametrize(("profile", "status"), [("standard", 0x0D), ("vendor", 0x402)])
def test_bind_outside_the_term_is_refused(
    at: float, allowed: bool, profile: Any, status: int
) -> None:
    standing = StandingBook(ServiceTerm(date(2026, 3, 1), date(2026, 3, 2)))
    policy = BindPolicy(standing=standing, profile=profile)
    decision = authorise_bind(policy, attempt(at=at))
    assert decision.status == (0 if allowed else status)
    assert ("10.1" in decision.detail) is not allowed


def test_foreign_address_is_refused_before_anything_else() -> None:
    policy = BindPolicy(networks=parse_networks(["10.0.0.0/8", "2001:db8::/32"]), max_binds=1)
    decision = authorise_bind(policy, attempt(bound=5))
    assert decision.detail == "address 192.0.2.7: allowed are 10.0.0.0/8, 2001:db8::/32"
    assert decision.status == CommandStatus.ESME_RBINDFAIL


@pytest.mark.parametrize(
    ("peer", "allowed"),
    [
        ("10.1.0.0", True),
        ("10.1.255.255", True),
        ("10.0.255.255", False),
        ("10.2.0.0", False),
        ("192.0.2.7", True),
        ("192.0.2.8", False),
        ("::ffff:10.1.2.3", True),
        ("::ffff:10.2.2.3", False),
        ("2001:db8::", True),
        ("2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", True),
        ("2001:db9::", False),
        ("fe80::1%eth0", True),
        ("::ffff:198.51.100.9", True),
        ("198.51.100.9", True),
        ("198.51.101.9", False),
        ("not an address", False),
        ("", False),
    ],
)
def test_address_is_compared_with_networks_of_both_families(peer: str, allowed: bool) -> None:
    networks = parse_networks(
        ["10.1.0.0/16", "192.0.2.7", "2001:db8::/32", "fe80::/10", "::ffff:198.51.100.0/120"]
    )
    assert address_allowed(peer, networks) is allowed


def test_network_of_a_whole_family_holds_it_alone() -> None:
    assert address_allowed("203.0.113.1", parse_networks(["0.0.0.0/0"]))
    assert not address_allowed("2001:db8::1", parse_networks(["0.0.0.0/0"]))
    assert not address_allowed("203.0.113.1", parse_networks(["::/0"]))


@pytest.mark.parametrize("text", ["10.0.0.1/8", "example", "10.0.0.0/33", ""])
def test_malformed_network_is_refused_by_name(text: str) -> None:
    with pytest.raises(ValueError, match="allowed_ips"):
        parse_networks([text])


def fail(guard: FailedBinds, times: int, now: float, address: str = "192.0.2.7") -> None:
    for _ in range(times):
        guard.failed("police", address, now)


def test_thirty_failures_within_five_minutes_close_the_door() -> None:
    guard = FailedBinds()
    fail(guard, 29, 0.0)
    assert not guard.refused("police", "192.0.2.7", 1.0)
    fail(guard, 1, 299.0)
    assert guard.refused("police", "192.0.2.7", 299.9)
    assert not guard.refused("police", "192.0.2.7", 300.0)


def test_failures_slide_with_time() -> None:
    guard = FailedBinds(allowed=2, window_s=10.0)
    guard.failed("police", "192.0.2.7", 0.0)
    guard.failed("police", "192.0.2.7", 9.0)
    guard.failed("police", "192.0.2.7", 12.0)
    assert guard.refused("police", "192.0.2.7", 18.9)
    assert not guard.refused("police", "192.0.2.7", 19.0)


def test_other_addresses_and_ids_are_judged_for_themselves() -> None:
    guard = FailedBinds()
    fail(guard, 30, 0.0)
    assert not guard.refused("police", "192.0.2.8", 1.0)
    assert not guard.refused("other", "192.0.2.7", 1.0)


def test_success_forgets_the_failures() -> None:
    guard = FailedBinds()
    fail(guard, 30, 0.0)
    guard.succeeded("police", "192.0.2.7")
    guard.succeeded("nobody", "192.0.2.7")
    assert not guard.refused("police", "192.0.2.7", 1.0)


def test_least_recently_failed_pair_is_forgotten_first() -> None:
    guard = FailedBinds(allowed=1, keys=2)
    for address in ("a", "b", "a", "c"):
        guard.failed("police", address, 0.0)
    assert len(guard) == 2
    assert [guard.refused("police", address, 0.0) for address in "abc"] == [True, False, True]


def test_memory_is_bounded_under_a_flood_of_ids() -> None:
    guard = FailedBinds(keys=100)
    for n in range(1000):
        guard.failed(f"id{n}", "192.0.2.7", 0.0)
    assert len(guard) == 100


def test_limit_of_zero_refuses_nobody() -> None:
    guard = FailedBinds(allowed=0)
    fail(guard, 100, 0.0)
    assert not guard.refused("police", "192.0.2.7", 0.0)
    assert len(guard) == 0


def test_failures_left_are_counted_by_the_window() -> None:
    guard = FailedBinds(allowed=3, window_s=10.0)
    assert guard.left("police", "192.0.2.7", 0.0) == 3
    guard.failed("police", "192.0.2.7", 0.0)
    guard.failed("police", "192.0.2.7", 5.0)
    assert guard.left("police", "192.0.2.7", 9.9) == 1
    assert guard.left("police", "192.0.2.7", 10.0) == 2
    assert guard.left("police", "192.0.2.7", 15.0) == 3
    assert FailedBinds(allowed=0).left("police", "192.0.2.7", 0.0) == float("inf")


def test_a_refused_pair_is_news_once_in_a_window() -> None:
    guard = FailedBinds(allowed=1, window_s=10.0)
    assert not guard.alarming("police", "192.0.2.7", 0.0)
    guard.failed("police", "192.0.2.7", 0.0)
    assert [guard.alarming("police", "192.0.2.7", now) for now in (1, 2, 10.9, 11)] == [
        True,
        False,
        False,
        True,
    ]
    guard.succeeded("police", "192.0.2.7")
    guard.failed("police", "192.0.2.7", 12.0)
    assert guard.alarming("police", "192.0.2.7", 12.0)


def test_no_more_than_100_000_pairs_are_remembered_and_what_was_told_goes_with_them() -> None:
    guard = FailedBinds(allowed=1)
    for n in range(FAILED_BINDS_KEYS + 1_000):
        system_id = f"id{n}"
        guard.failed(system_id, "192.0.2.7", 0.0)
        guard.alarming(system_id, "192.0.2.7", 0.0)
    assert FAILED_BINDS_KEYS == len(guard) == len(guard._told) == 100_000
    assert not guard.refused("id999", "192.0.2.7", 0.0)
    assert guard.refused("id1000", "192.0.2.7", 0.0)


@pytest.mark.parametrize(
    ("policy", "origin", "why"),
    [
        (BindPolicy(), Origin("192.0.2.7"), ""),
        (BindPolicy(networks=parse_networks(["192.0.2.7/32"])), Origin("192.0.2.7"), ""),
        (
            BindPolicy(networks=parse_networks(["192.0.2.7/32"])),
            Origin("192.0.2.8"),
            "address 192.0.2.8 is not in allowed_ips: 192.0.2.7/32",
        ),
        (BindPolicy(networks=parse_networks(["0.0.0.0/0"])), Origin("::ffff:192.0.2.8"), ""),
        (BindPolicy(tls_only=True), Origin("192.0.2.7", encrypted=True), ""),
        (
            BindPolicy(tls_only=True),
            Origin("192.0.2.7"),
            "not encrypted, and the account is tls_only",
        ),
        (
            BindPolicy(certificate_names=frozenset({"a", "b"})),
            Origin("192.0.2.7", True, frozenset({"b", "c"})),
            "",
        ),
        (
            BindPolicy(certificate_names=frozenset({"b", "a"})),
            Origin("192.0.2.7", True, frozenset({"c"})),
            "a certificate of c: certificate_names are a, b",
        ),
        (
            BindPolicy(certificate_names=frozenset({"a"})),
            Origin("192.0.2.7"),
            "no certificate: certificate_names are a",
        ),
    ],
)
def test_an_origin_is_barred_whatever_the_password(
    policy: BindPolicy, origin: Origin, why: str
) -> None:
    assert why_barred(policy, origin) == why
