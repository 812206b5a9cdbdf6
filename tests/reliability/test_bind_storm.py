"""Bind by the hundred with right and wrong passwords; the bound sessions feel nothing (R10)."""

from __future__ import annotations

import hashlib
import time
from base64 import b64encode
from collections.abc import Callable

import pytest

from tests.support.gateway_process import Address
from tests.support.wire import BIND_TRX, ENQUIRE, Wire, bind_body, pdu

from .bind_storm import RIGHT_EVERY
from .canary import Canary, p99
from .driver import Orders
from .metrics import lag_of
from .victim import Victim

OK, RBINDFAIL, RTHROTTLED = 0x00, 0x0D, 0x58
LONGEST_S = 20.0
"""The queue of 64 hashes, one after another, on a machine that has other work."""
P99_S = 0.3
LAG_S = 0.25
"""100 ms on a machine of its own: the next bucket leaves room for what else runs in CI."""
SHARE_IN_TIME = 0.98
WAKES_PER_S = 5
SETTINGS = """
contract = "none"
[[account]]
system_id = "police"
password = "secret08"
[[account]]
system_id = "hashed"
password = "{hash}"
[[account]]
system_id = "guessed"
password = "{hash}"
"""


def hashed_password(n: int) -> str:
    """Give the scrypt form of the password; N = 2^12 costs a quarter of what users get."""
    salt = b"salt of the test"
    digest = hashlib.scrypt(b"secret08", salt=salt, n=n, r=8, p=1, maxmem=1 << 26, dklen=32)
    return f"scrypt:{n}:8:1:{b64encode(salt).decode()}:{b64encode(digest).decode()}"


@pytest.mark.slow
def test_a_storm_of_binds_is_borne(
    victims: Callable[..., Victim], many: Callable[[int, int], int]
) -> None:
    binds, seconds = many(500, 5_000), many(2, 60)
    victim = victims(SETTINGS.format(hash=hashed_password(many(1 << 12, 1 << 14))))
    victim.start()
    address = Address("127.0.0.1", victim.port)
    options = ("--port", str(victim.port), "--binds", str(binds), "--seconds", str(seconds))
    # The account that binds rightly has done so before, as one whose link was cut.
    with Wire(address) as bound:
        bound.bind(BIND_TRX, bind_body(b"hashed", b"secret08"))
        before = lag_of(victim)
        began = time.monotonic()
        with (
            Orders("bind_storm", *options, "--wrong", "guessed", "--right", "hashed:secret08") as s,
            Canary(victim.port) as canary,
        ):
            figures = s.status("storm")
            took_s = time.monotonic() - began
            met = canary.measure(0)
        lag = lag_of(victim) - before
        assert bound.ask(pdu(ENQUIRE, sequence=9)).command_status == OK
    right = binds // RIGHT_EVERY
    assert figures[f"right {OK}"] == right, f"right passwords did not all bind: {figures}"
    hashed = figures[f"wrong {RBINDFAIL}"]
    # The surplus is refused at once and never reaches the hash.
    assert hashed + figures[f"wrong {RTHROTTLED}"] == binds - right
    assert figures["longest_s"] <= LONGEST_S
    assert met.accepted == met.sent
    assert p99(met.answers_s) <= P99_S
    assert lag.count >= WAKES_PER_S * took_s, "the lag was not measured"
    assert lag.share_within(LAG_S) >= SHARE_IN_TIME
    assert victim.metric("smsgw_smpp_bind_checks_total", result="hashed") <= hashed + 1
    assert victim.terminate() == 0
