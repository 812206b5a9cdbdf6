from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from gateway.load.errors import BindError, ConnectError, EsmeError
from gateway.load.options import LoadOptions
from gateway.load.traffic import TrafficError
from gateway.load.worker import Order, error_of, failure_of, read_order


def test_an_order_survives_the_way() -> None:
    order = Order(LoadOptions(traffic=Path("day.jsonl"), thresholds=("p99<1s",)), 3)
    assert read_order(msgspec.json.encode(order, enc_hook=str)) == order


@pytest.mark.parametrize(
    "error",
    [
        ConnectError("refused", timed_out=True),
        BindError("police", 0x0E),
        TrafficError("line 3"),
        EsmeError("something else"),
    ],
)
def test_errors_come_home_as_what_they_were(error: Exception) -> None:
    home = error_of(failure_of(error))
    assert type(home) is type(error)
    assert str(home) == str(error)
    assert getattr(home, "command_status", 0) == getattr(error, "command_status", 0)
    assert getattr(home, "timed_out", False) == getattr(error, "timed_out", False)


def test_an_error_of_another_kind_is_at_least_said() -> None:
    assert str(error_of(failure_of(ValueError("why")))) == "why"
