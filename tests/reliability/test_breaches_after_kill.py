"""Kill a gateway with messages under way that were accepted against the scope, and ask for row 16.

Such a message breaks clause 3.1.5 when it reaches its user, so what the ledger waits for has to be
found again. Control: a ledger that takes nothing up (`gateway.app` without its call of `take_up`)
shows no sign after the restart.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from gateway.load.esme import Esme
from gateway.load.submission import SubmitOptions
from smpp.constants import BindMode
from tests.support.gateway_process import GatewayProcess, start_gateway
from tests.support.inprocess import NUMBER, TEXT
from tests.support.waiting import wait_until

MONITOR = {
    "SMSGW_CHECKS__SCOPE": "monitor",
    "SMSGW_CHECKS__NO_CONSENT": "off",
    "SMSGW_NETWORK__PROFILE": "perfect",
}
SOON = SubmitOptions(schedule_delivery_time="000000000004000R")
STRANGERS = ("17600000001", "17600000002")
ROW = 16


async def submit(gateway: GatewayProcess) -> None:
    esme = await Esme.connect(gateway.smpp.host, gateway.smpp.port)
    try:
        await esme.bind("police", "secret08", BindMode.TRX, 0x34)
        for recipient in STRANGERS:
            await esme.submit(recipient, TEXT, NUMBER, SOON)
    finally:
        await esme.close()


def evidence(gateway: GatewayProcess) -> list[int]:
    """Give the number of breaches of row 16 in cases and signs, where there is any."""
    found = gateway.get("/api/v1/breaches")
    cases = [case["evidence"] for case in found["items"] if case["row"] == ROW]
    signs = [sign for sign in found["signs"] if sign["row"] == ROW]
    return [one["breaches"] for one in (*cases, *signs) if one["breaches"]]


@pytest.mark.parametrize("archived", [True, False], ids=["archived", "journal"])
def test_a_message_out_of_scope_counts_though_the_gateway_was_killed_before_it_arrived(
    tmp_path: Path, archived: bool
) -> None:
    data = tmp_path / "data"
    gateway = start_gateway(data, environ=MONITOR)
    try:
        asyncio.run(submit(gateway))
        if archived:
            wait_until(
                lambda: len(gateway.get("/api/v1/messages")["items"]) == len(STRANGERS),
                "both messages are in the archive",
            )
        assert evidence(gateway) == []
    finally:
        gateway.kill()
    if not archived:
        for path in data.glob("archive*"):
            path.unlink()
    gateway = start_gateway(data, environ=MONITOR)
    try:
        found = wait_until(lambda: sum(evidence(gateway)) >= len(STRANGERS) and evidence(gateway),
                           "row 16 shows")  # fmt: skip
    finally:
        gateway.terminate()
    assert found == [len(STRANGERS)]
