from __future__ import annotations

from pathlib import Path

import pytest

from gateway.clock import ManualClock
from gateway.journal.reader import SqliteJournalReader
from gateway.load.errors import SubmitError
from routing.events import UplinkAnswered
from routing.registry_events import OptedIn, OptedOut
from routing.standing_events import SuspensionLifted
from tests.support.http import api_of
from tests.support.inprocess import NUMBER, TEXT, running

USER = "13300000001"
ANSWER = "您已退订，今后不再向您发送该类信息。"


async def test_a_refusal_by_reply_stops_the_next_message_and_outlives_a_restart(
    tmp_path: Path,
) -> None:
    async with running(tmp_path) as gateway, await gateway.esme() as esme:
        await esme.submit(USER, TEXT, NUMBER)
        gateway.gateway.mo.receive(USER, NUMBER, "TD", source="test")
        with pytest.raises(SubmitError):
            await esme.submit(USER, TEXT, NUMBER)
    async with running(tmp_path) as gateway, await gateway.esme() as esme:
        with pytest.raises(SubmitError):
            await esme.submit(USER, TEXT, NUMBER)
        gateway.gateway.mo.receive(USER, NUMBER, "KT", source="test")
        await esme.submit(USER, TEXT, NUMBER)


async def test_a_recorded_change_is_on_disk() -> None:
    async with running() as gateway:
        registrar = gateway.gateway.registrar
        at = registrar.clock.at()
        await registrar.record([OptedOut(at, USER, NUMBER, source="operator", who="op")])
        assert registrar.registries.optouts.judge(USER, NUMBER, "notice", at) is not None
        assert [event.number for event in gateway.events(OptedOut)] == [USER]


async def test_a_change_that_began_earlier_counts_for_messages_judged_meanwhile() -> None:
    """The end of an import bears the time of its beginning; messages may have come in between."""
    clock = ManualClock(at=1_772_424_000.0)
    async with running(clock=clock) as gateway:
        registrar = gateway.gateway.registrar
        began = clock.at()
        clock.advance(5.0)
        await registrar.record([OptedOut(began, USER, NUMBER, source="operator", who="op")])
        assert registrar.registries.changed_at == clock.at()


async def test_what_does_not_fit_is_refused_and_not_recorded() -> None:
    async with running() as gateway:
        registrar = gateway.gateway.registrar
        at = registrar.clock.at()
        wrong = SuspensionLifted(at, 9, "op", "none")
        with pytest.raises(ValueError, match="suspension 9"):
            await registrar.record([OptedIn(at, USER, NUMBER), wrong])
        assert gateway.events(SuspensionLifted) == []


async def test_the_users_own_message_is_remembered_over_a_restart(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway:
        gateway.gateway.mo.receive(USER, NUMBER, "1", source="test")
    async with running(tmp_path) as gateway:
        assert gateway.gateway.registrar.registries.uplinks.last(USER, NUMBER) is not None


async def test_the_carriers_own_answer_is_shown_with_the_message_and_neither_billed_nor_counted(
    tmp_path: Path,
) -> None:
    contract = tmp_path / "contract.toml"
    contract.write_text(f'extends = "henan"\n[optout]\nanswer_out = "{ANSWER}"\n', "utf-8")
    async with running(tmp_path / "data", contract=str(contract)) as run, api_of(run) as api:
        mo = run.gateway.mo.receive(USER, NUMBER, "TD", source="test")
        run.gateway.mo.receive(USER, NUMBER, "TD", source="test")
        path = f"/api/v1/messages/{mo.mo_id}/timeline"
        await run.gateway.journal.flush()
        events = (await api.client.get(path)).json()["events"]
        assert [event for event in events if ANSWER in str(event)] != []
        index = (await api.client.get("/api/v1/sla")).json()
        assert (index["pending"], index["base"]) == (2, 0)  # the two uplink messages alone
    recorded = [e for _, _, batch in SqliteJournalReader(tmp_path / "data").read(0) for e in batch]
    assert [e.text for e in recorded if isinstance(e, UplinkAnswered)] == [ANSWER]
