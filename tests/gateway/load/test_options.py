from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from gateway.load.options import LoadOptions


def test_everything_wrong_is_said_at_once() -> None:
    with pytest.raises(ValueError, match="binds") as caught:
        LoadOptions(binds=0, rate=-1.0, recipients="133-1", thresholds=("nonsense",))
    words = str(caught.value)
    assert "binds: 0, at least 1" in words
    assert "rate: -1.0, at least 0" in words
    assert "recipients: '133-1', wanted a number or first-last" in words
    assert "threshold 'nonsense'" in words


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"mode": "rx"}, "mode: 'rx', allowed trx, tx"),
        ({"port": 0}, "port: 0, allowed 1 to 65535"),
        ({"processes": 11}, "at most one for each of the 10 binds"),
        ({"window": 0}, "window: 0"),
        ({"duration_s": 0.0}, "duration"),
        ({"count": 0}, "count: 0"),
        ({"warmup_s": -1.0}, "warm-up"),
        ({"drain_s": -1.0}, "drain"),
        ({"pace": 1.0}, "pace: needs a traffic file"),
        ({"pace": 0.0, "traffic": Path("x")}, "pace: 0.0, more than 0"),
        ({"pace": 1.0, "rate": 5.0, "traffic": Path("x")}, "only one of both"),
        ({"recipients": "13300000009-13300000001"}, "the first is above the last"),
    ],
)
def test_each_rule(options: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        LoadOptions(**options)  # type: ignore[arg-type]  # by name


def test_the_window_is_wider_in_the_open_loop_unless_given() -> None:
    assert LoadOptions().effective_window == 100
    assert LoadOptions(rate=5.0).effective_window == 1000
    assert LoadOptions(rate=5.0, window=7).effective_window == 7


def test_a_count_has_no_warm_up_unless_given() -> None:
    assert LoadOptions().effective_warmup_s == 1.0
    assert LoadOptions(count=10).effective_warmup_s == 0.0
    assert LoadOptions(count=10, warmup_s=2.0).effective_warmup_s == 2.0


def test_a_single_recipient_keeps_its_digits() -> None:
    assert LoadOptions(recipients="00123").recipient_range() == (123, 123, 5)


def test_the_password_is_not_shown() -> None:
    assert "secret08" not in repr(LoadOptions())


def test_tls_is_off_unless_asked_for_and_verifies_unless_told_not_to() -> None:
    assert LoadOptions().ssl_context() is None
    strict = LoadOptions(tls=True).ssl_context()
    lax = LoadOptions(tls=True, tls_verify=False).ssl_context()
    assert strict is not None
    assert lax is not None
    assert strict.verify_mode == ssl.CERT_REQUIRED
    assert (lax.verify_mode, lax.check_hostname) == (ssl.CERT_NONE, False)
