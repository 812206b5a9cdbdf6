"""Hold the limits of all accounts together: what one account holds, another can't have."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gateway.load.errors import SubmitError
from gateway.load.esme import Esme
from smpp.constants import CommandStatus
from tests.support.inprocess import NUMBER, TEXT, Running, police, running, until

RECIPIENT = "13300000001"
OTHER_NUMBER = "106590990372"
ACCOUNTS = [police(), police(system_id="traffic", access_numbers=[OTHER_NUMBER])]
COMMON: dict[str, Any] = {"contract": "none", "account": ACCOUNTS}
LONG = TEXT * 3


async def status_of(esme: Esme, text: str, sender: str) -> int:
    """Submit a text; give the first command_status that is not ESME_ROK, or 0."""
    try:
        await esme.submit(RECIPIENT, text, sender)
    except SubmitError as error:
        return error.command_status
    return 0


def in_flight(run: Running) -> list[int]:
    return [desk.in_flight for desk in run.gateway.desks.values()]


async def test_beyond_max_in_flight_every_account_is_refused_until_a_message_is_final() -> None:
    async with (
        running(**COMMON, smpp__limits__max_in_flight=1) as run,
        await run.esme() as first,
        await run.esme(system_id="traffic") as traffic,
    ):
        run.gateway.policy.subscribers.put(RECIPIENT, "off")
        submitted = await first.submit(RECIPIENT, TEXT, NUMBER)
        assert await status_of(traffic, TEXT, OTHER_NUMBER) == CommandStatus.ESME_RMSGQFUL
        assert in_flight(run) == [1, 0]
        assert await first.cancel(submitted.message_ids[0], NUMBER) == 0
        await until(lambda: in_flight(run) == [0, 0], "the cancelled message is final")
        assert await status_of(traffic, TEXT, OTHER_NUMBER) == 0


async def test_messages_that_a_restart_finds_open_count(
    tmp_path: Path,
) -> None:
    data = tmp_path / "data"
    down: dict[str, Any] = {**COMMON, "network__profile": "outage"}
    async with running(data, **down) as run, await run.esme() as esme:
        await esme.submit(RECIPIENT, TEXT, NUMBER)
    async with (
        running(data, **down, smpp__limits__max_in_flight=1) as run,
        await run.esme(system_id="traffic") as traffic,
    ):
        assert in_flight(run) == [1, 0]
        assert await status_of(traffic, TEXT, OTHER_NUMBER) == CommandStatus.ESME_RMSGQFUL


async def test_beyond_max_parts_held_no_concatenated_message_may_begin() -> None:
    async with (
        running(**COMMON, smpp__reassembly__max_parts_held=1) as run,
        await run.esme() as esme,
    ):
        assert await status_of(esme, LONG, NUMBER) == CommandStatus.ESME_RMSGQFUL
        assert await status_of(esme, TEXT, NUMBER) == 0
