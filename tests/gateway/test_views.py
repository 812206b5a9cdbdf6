from __future__ import annotations

import asyncio

import pytest

from gateway.api.ports import (
    CloseMode,
    ExplainRequest,
    HealthCheck,
    JsonObject,
    RefusedError,
    Uplink,
    UplinkTaken,
)
from gateway.load.errors import SubmitError
from gateway.load.esme import BindMode, SubmitOptions
from gateway.views import (
    Auditor,
    Explaining,
    Handsets,
    HealthView,
    RegistriesView,
    SessionViews,
    Uplinks,
)
from routing.events import MoReceived, OperatorAction
from routing.standing_events import Suspended, SuspensionLifted
from tests.support.inprocess import NUMBER, TEXT, Running, police, running, until

RECIPIENT = "13300000001"
UNREACHABLE = "19900000001"
TRAFFIC = police(system_id="traffic", access_numbers=["106590990372"])


def sessions_of(run: Running, window: int = 1000) -> SessionViews:
    return SessionViews(run.gateway.sessions, run.gateway.clock, lambda _account: window)


def explaining(run: Running) -> Explaining:
    gateway = run.gateway
    return Explaining(gateway.policy.rules, gateway.desks, gateway.clock)


def handsets(run: Running) -> Handsets:
    policy = run.gateway.policy
    return Handsets(policy.subscribers, policy.rules, run.gateway.clock)


def failed(found: JsonObject) -> list[str]:
    checks = found["checks"]
    assert isinstance(checks, list)
    return [check["name"] for check in checks if not check["passed"]]


# -- sessions -----------------------------------------------------------------------------------


async def test_a_bound_session_is_shown_with_its_counts_and_windows() -> None:
    async with running() as run, await run.esme(BindMode.TX) as esme:
        await esme.submit(RECIPIENT, TEXT, NUMBER)
        views = sessions_of(run, window=50)
        (view,) = views.all()
        again = views.get(view.id)
    assert again is not None
    assert again.id == view.id
    assert (view.account, view.bind_type, view.state) == ("police", "tx", "BOUND_TX")
    assert (view.peer, view.interface_version) == ("127.0.0.1", 0x34)
    assert (view.submits, view.deliveries) == (1, 0)
    assert (view.received.limit, view.received.outstanding) == (50, 0)
    assert (view.sent.limit, view.sent.outstanding) == (1000, 0)
    assert view.bound_at <= view.last_activity_at


async def test_deliveries_and_unanswered_ones_are_counted() -> None:
    async with running() as run:
        esme = await run.esme(acknowledge=lambda _delivery: None)
        await esme.submit(RECIPIENT, TEXT, NUMBER)
        views = sessions_of(run)
        await until(lambda: views.all()[0].sent.outstanding == 1)
        assert views.all()[0].deliveries == 1
        esme.connection.abort()


async def test_connections_that_are_not_bound_are_not_shown() -> None:
    async with running() as run:
        esme = await run.esme(None)
        await until(lambda: len(run.gateway.sessions) == 1)
        (connection,) = run.gateway.sessions
        views = sessions_of(run)
        assert views.all() == []
        assert views.get(connection.session_id) is None
        await esme.close()


async def test_what_the_bind_and_the_connection_said_is_shown() -> None:
    async with running() as run:
        esme = await run.esme(None)
        await esme.bind("police", "secret08", system_type="OTP")
        (view,) = sessions_of(run).all()
        assert (view.system_type, view.tls) == ("OTP", False)
        await esme.unbind()


@pytest.mark.parametrize("mode", ["unbind", "reset", "stall"])
async def test_a_connection_that_is_not_bound_can_not_be_ended(mode: CloseMode) -> None:
    async with running() as run:
        esme = await run.esme(None)
        await until(lambda: len(run.gateway.sessions) == 1)
        (connection,) = run.gateway.sessions
        assert not sessions_of(run).close(connection.session_id, mode)
        assert (connection.open, connection.stalled) == (True, False)
        await esme.close()


async def test_a_session_is_unbound_politely() -> None:
    async with running() as run:
        esme = await run.esme()
        views = sessions_of(run)
        assert views.close(views.all()[0].id, "unbind")
        assert await esme.lost == "unbind"
        await until(lambda: views.all() == [])


async def test_a_session_is_reset() -> None:
    async with running() as run:
        esme = await run.esme()
        views = sessions_of(run)
        assert views.close(views.all()[0].id, "reset")
        assert await esme.lost in ("eof", "reset")
        await until(lambda: views.all() == [])


async def test_a_stalled_session_answers_nothing_and_stays() -> None:
    async with running() as run:
        esme = await run.esme()
        views = sessions_of(run)
        view = views.all()[0]
        assert views.close(view.id, "stall")
        waiting = asyncio.ensure_future(esme.submit(RECIPIENT, TEXT, NUMBER))
        async with await run.esme() as other:
            await other.submit(RECIPIENT, TEXT, NUMBER)
        assert not waiting.done()
        assert views.all()[0].submits == 0
        esme.connection.abort()
        await asyncio.gather(waiting, return_exceptions=True)


async def test_a_session_that_is_gone_can_not_be_ended() -> None:
    async with running() as run:
        assert not sessions_of(run).close(4711, "unbind")


# -- uplink messages ----------------------------------------------------------------------------


async def test_uplink_messages_are_recorded_and_delivered() -> None:
    async with running() as run, await run.esme() as esme:
        taken = await Uplinks(run.gateway.mo).take([Uplink(RECIPIENT, NUMBER, "TD")])
        uplink = await esme.uplink()
        (recorded,) = run.events(MoReceived)
    assert taken == [UplinkTaken(recorded.mo_id, "police")]
    assert recorded.source == "api"
    assert uplink.text == "TD"


async def test_an_uplink_message_to_a_number_of_nobody_is_recorded_for_nobody() -> None:
    async with running() as run:
        (taken,) = await Uplinks(run.gateway.mo).take([Uplink(RECIPIENT, "10086", "TD")])
        assert taken.account == ""
        assert [event.mo_id for event in run.events(MoReceived)] == [taken.id]


@pytest.mark.parametrize(
    ("sender", "recipient", "text", "words"),
    [
        ("一", NUMBER, "TD", "sender"),
        (RECIPIENT, "", "TD", "access number"),
        (RECIPIENT, NUMBER, "长" * 20_000, "text"),
    ],
)
async def test_one_wrong_uplink_message_refuses_all_and_records_none(
    sender: str, recipient: str, text: str, words: str
) -> None:
    async with running() as run:
        right = Uplink(RECIPIENT, NUMBER, "TD")
        with pytest.raises(RefusedError, match=f"^{words}: ") as refused:
            await Uplinks(run.gateway.mo).take([right, Uplink(sender, recipient, text)])
        assert refused.value.status == 422
        await run.gateway.journal.flush()
        assert run.events(MoReceived) == []


async def test_an_uplink_message_that_a_full_disk_refused_is_not_said_to_be_taken() -> None:
    async with running() as run:
        assert run.store is not None
        run.store.refuse(True)
        with pytest.raises(RefusedError, match="full") as refused:
            await Uplinks(run.gateway.mo).take([Uplink(RECIPIENT, NUMBER, "TD")])
        run.store.refuse(False)
        assert refused.value.status == 507


# -- explaining ---------------------------------------------------------------------------------


async def test_an_explanation_lists_every_check_and_names_what_the_verdict_saw() -> None:
    async with running() as run:
        found = explaining(run).explain(ExplainRequest(NUMBER, f"+86{RECIPIENT}", TEXT))
    assert (found["accepted"], found["status"], found["reason"]) == (True, 0, "none")
    assert (found["account"], found["service"]) == ("police", "ordinary")
    assert (found["recipient"], found["carrier"], found["segments"]) == (RECIPIENT, "telecom", 1)
    assert failed(found) == []
    assert isinstance(found["checks"], list)
    assert len(found["checks"]) > 10


async def test_an_explanation_names_the_check_that_refuses() -> None:
    async with running() as run:
        found = explaining(run).explain(ExplainRequest(NUMBER, "13399999999", TEXT))
    assert (found["accepted"], found["reason"]) == (False, "scope")
    assert found["status"] != 0
    assert failed(found)[0] == "scope"


async def test_an_explanation_says_nothing_of_the_submission_before_it() -> None:
    async with running() as run, await run.esme() as esme:
        wrong = SubmitOptions(validity_period="not a time", schedule_delivery_time="neither")
        with pytest.raises(SubmitError):
            await esme.submit(RECIPIENT, TEXT, NUMBER, wrong)
        found = explaining(run).explain(ExplainRequest(NUMBER, RECIPIENT, TEXT))
        assert failed(found) == []


async def test_an_explanation_uses_up_no_throughput() -> None:
    slow = police(throughput={"rate": 0.001, "burst": 1})
    async with running(account=[slow]) as run, await run.esme() as esme:
        for _ in range(3):
            assert explaining(run).explain(ExplainRequest(NUMBER, RECIPIENT, TEXT))["accepted"]
        await esme.submit(RECIPIENT, TEXT, NUMBER)
        found = explaining(run).explain(ExplainRequest(NUMBER, RECIPIENT, TEXT))
        assert found["reason"] == "throughput"


async def test_an_explanation_knows_a_full_queue() -> None:
    small = police(max_queued=1)
    async with running(account=[small]) as run, await run.esme() as esme:
        await esme.submit(UNREACHABLE, TEXT, NUMBER)
        found = explaining(run).explain(ExplainRequest(NUMBER, RECIPIENT, TEXT))
        assert found["reason"] == "queue_full"


async def test_the_account_is_the_named_one_the_sender_s_owner_or_the_first() -> None:
    async with running(contract="none", account=[police(), TRAFFIC]) as run:
        explain = explaining(run).explain
        named = ExplainRequest(NUMBER, RECIPIENT, TEXT, account="traffic")
        owned = ExplainRequest("106590990372", RECIPIENT, TEXT)
        nobody_s = ExplainRequest("10086", RECIPIENT, TEXT)
        asked = [explain(request)["account"] for request in (named, owned, nobody_s)]
        assert asked == ["traffic", "traffic", "police"]
        with pytest.raises(ValueError, match="'fire' seen, one of police, traffic allowed"):
            explain(ExplainRequest(NUMBER, RECIPIENT, TEXT, account="fire"))


async def test_service_coding_and_time_may_be_asked_for() -> None:
    async with running() as run:
        explain = explaining(run).explain
        instant = explain(ExplainRequest(NUMBER, RECIPIENT, TEXT, service="instant"))
        assert instant["service"] == "instant"
        long_ago = explain(ExplainRequest(NUMBER, RECIPIENT, TEXT, at=0.0))
        assert not long_ago["accepted"]
        with pytest.raises(ValueError, match="data_coding 0"):
            explain(ExplainRequest(NUMBER, RECIPIENT, TEXT, data_coding=0))


# -- handsets, health, audit --------------------------------------------------------------------


async def test_a_handset_gets_a_state_and_its_own_one_back() -> None:
    async with running() as run:
        view = handsets(run)
        assert "off" in view.states()
        before = view.get(RECIPIENT)
        assert (before.state, before.fixed, before.carrier) == ("active", False, "telecom")
        set_to = view.put(f"+86{RECIPIENT}", "off", recovers_after=2)
        assert (set_to.msisdn, set_to.state, set_to.fixed) == (RECIPIENT, "off", True)
        assert view.fixed() == [set_to]
        view.clear(RECIPIENT)
        assert view.get(RECIPIENT) == before


async def test_a_state_that_is_set_decides_what_becomes_of_a_message() -> None:
    async with running() as run, await run.esme() as esme:
        handsets(run).put(RECIPIENT, "suspended", recovers_after=0)
        submitted = await esme.submit(RECIPIENT, TEXT, NUMBER)
        receipt = await esme.receipt(submitted.message_ids[0])
        assert receipt.stat == "UNDELIV"


async def test_what_is_no_mobile_number_or_no_state_is_refused_in_words() -> None:
    async with running() as run:
        view = handsets(run)
        with pytest.raises(ValueError, match="'10086' seen, a mainland mobile number allowed"):
            view.get("10086")
        with pytest.raises(ValueError, match="'asleep', one of"):
            view.put(RECIPIENT, "asleep", recovers_after=0)


def test_health_is_asked_for_each_time() -> None:
    states = iter((True, False))
    view = HealthView(lambda: [HealthCheck("smpp", next(states), "")])
    assert [view.checks()[0].ok, view.checks()[0].ok] == [True, False]


async def test_what_a_person_did_is_journalled() -> None:
    async with running() as run:
        auditor = Auditor(run.gateway.journal, run.gateway.clock)
        auditor.record("local", "PUT", "/api/v1/subscribers", "off")
        await run.gateway.journal.flush()
        (action,) = run.events(OperatorAction)
    assert (action.who, action.action) == ("local", "PUT")
    assert (action.target, action.detail) == ("/api/v1/subscribers", "off")


async def test_changes_of_registries_are_refused_where_they_do_not_fit_or_find_no_space() -> None:
    async with running() as run:
        view = RegistriesView(run.gateway.registrar)
        at = run.gateway.clock.at()
        with pytest.raises(RefusedError, match="suspension 9: there is none") as refused:
            await view.record([SuspensionLifted(at, 9, "op", "none")])
        assert refused.value.status == 409
        await view.record([Suspended(at, 1, "police", "7.5", "op", "suspicion")])
        assert view.registries.standing.suspension(1) is not None
        assert run.store is not None
        run.store.refuse(True)
        with pytest.raises(RefusedError, match="full") as refused:
            await view.record([SuspensionLifted(at, 1, "op", "explained")])
        run.store.refuse(False)
        assert refused.value.status == 507
