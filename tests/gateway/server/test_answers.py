"""Answer a submission when it is on disk, never before, and as its fault asks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest

from gateway.load.errors import SubmitError
from gateway.load.esme import Submitted
from gateway.server import answers as answers_module
from routing.events import Outcome, Submission
from smpp.constants import BindMode
from smpp.pdus import EnquireLink
from tests.support.inprocess import NUMBER, TEXT, Running, running, until

TO = "19900000000"


def hold_back(gateway: Running, monkeypatch: pytest.MonkeyPatch) -> list[Callable[[], None]]:
    """Keep batches from the disk until their entry of the list is called."""
    assert gateway.store is not None
    held: list[Callable[[], None]] = []
    begin = gateway.store.begin
    monkeypatch.setattr(
        gateway.store, "begin", lambda at, blob: held.append(partial(begin, at, blob))
    )
    return held


async def test_no_response_goes_out_before_its_submission_is_on_disk(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with running() as gateway, await gateway.esme(BindMode.TX) as esme:
        await gateway.gateway.journal.flush()
        held = hold_back(gateway, monkeypatch)
        answer = asyncio.ensure_future(esme.submit(TO, TEXT, NUMBER))
        await until(lambda: held)
        # An enquire_link behind it needs no disk: its answer shows that the wire is free.
        (connection,) = gateway.gateway.sessions
        await esme.request(EnquireLink())
        assert connection.submitted == 1
        assert not answer.done()
        assert gateway.gateway.open_messages.messages == {}
        monkeypatch.undo()
        held[0]()
        assert isinstance(await answer, Submitted)


async def test_what_a_full_disk_did_not_take_is_refused_and_not_in_flight() -> None:
    async with running() as gateway, await gateway.esme() as esme:
        assert gateway.store is not None
        gateway.store.refuse(True)
        with pytest.raises(SubmitError, match="ESME_RMSGQFUL"):
            await esme.submit(TO, TEXT, NUMBER)
        desk = gateway.gateway.desks["police"]
        assert (desk.in_flight, desk.everyone.count) == (0, 0)
        gateway.store.refuse(False)
        await esme.submit(TO, TEXT, NUMBER)
        assert len(gateway.events(Submission)) == 1


async def test_a_message_on_disk_is_delivered_though_its_sender_is_gone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with running() as gateway:
        esme = await gateway.esme(BindMode.TX)
        await gateway.gateway.journal.flush()
        held = hold_back(gateway, monkeypatch)
        answer = asyncio.ensure_future(esme.submit(TO, TEXT, NUMBER))
        await until(lambda: held)
        esme.connection.abort()
        await until(lambda: len(gateway.gateway.sessions) == 0)
        monkeypatch.undo()
        held[0]()
        await until(lambda: gateway.events(Outcome))
        await asyncio.gather(answer, return_exceptions=True)


async def test_a_response_that_comes_after_its_receipt_is_sent_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(answers_module, "EARLY_RECEIPT_S", 0.05)
    async with running() as gateway, await gateway.esme() as esme:
        submitted = await esme.submit("19900000013", TEXT, NUMBER)
        assert (await esme.receipt(submitted.message_ids[0])).stat == "DELIVRD"
        (bound,) = gateway.gateway.sessions
        assert bound.session.unanswered == 0


async def test_a_late_response_to_a_session_that_is_gone_goes_nowhere() -> None:
    async with running() as gateway:
        recipients = gateway.gateway.policy.magic.by_recipient
        recipients["19900000205"] = replace(recipients["19900000205"], response_delay_s=0.1)
        esme = await gateway.esme()
        answer = asyncio.ensure_future(esme.submit("19900000205", TEXT, NUMBER))
        await until(lambda: gateway.events(Submission))
        esme.connection.abort()
        await asyncio.gather(answer, return_exceptions=True)
        # The message was stored as accepted, so it has its outcome.
        await until(lambda: gateway.events(Outcome))


async def test_messages_refused_and_accepted_in_one_read_are_counted_apart() -> None:
    async with running() as gateway, await gateway.esme() as esme:
        sent = [esme.submit(to, TEXT, NUMBER) for to in (TO, "13399999999", TO)]
        answers = await asyncio.gather(*sent, return_exceptions=True)
        assert [isinstance(answer, Submitted) for answer in answers] == [True, False, True]
        counted = gateway.gateway.recorder.freeze()
        labels = {"account": "police", "service": "ordinary"}
        for result, reason, n in (("accepted", "none", 2), ("rejected", "scope", 1)):
            more = {**labels, "result": result, "reason": reason}
            assert counted.get_sample_value("smsgw_submits_total", more) == n
