"""Bind with right and wrong credentials, from allowed and other addresses, within the limits."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from config import secrets
from config.secrets import SecretReference, hash_password
from gateway.clock import ManualClock, SystemClock
from gateway.load.binding import bind_request
from gateway.load.errors import BindError
from gateway.load.esme import Esme
from gateway.server import binder
from routing.events import BindRefused, Bound, Submission
from smpp.codec import encode, tlv
from smpp.constants import BindMode, CommandStatus, TlvTag
from smpp.pdus import BindTransceiverResp, Pdu, SubmitSm
from tests.support.inprocess import NUMBER, TEXT, Running, police, running, until

FAIL = CommandStatus.ESME_RBINDFAIL


async def refusal(esme: Esme, system_id: str, password: str) -> Pdu:
    return await esme.request(bind_request(system_id, password, BindMode.TRX, 0x34))


async def status_of(gateway: Running, system_id: str = "police", password: str = "x") -> int:
    esme = await gateway.esme(None)
    async with esme:
        return (await refusal(esme, system_id, password)).command_status


@pytest.mark.parametrize("mode", BindMode)
async def test_each_mode_binds_and_names_the_gateway_and_its_version(mode: BindMode) -> None:
    async with running() as gateway, await gateway.esme(None) as esme:
        answer = await esme.bind("police", "secret08", mode)
        assert answer.command_status == 0
        assert encode(answer)[16:].startswith(b"smsgw\0")
        assert tlv(answer, TlvTag.SC_INTERFACE_VERSION) == b"\x50"
        (bound,) = gateway.events(Bound)
        assert (bound.mode, bound.interface_version) == (mode.name, 0x34)


@pytest.mark.parametrize("version", [0x00, 0x33])
async def test_a_session_before_3_4_gets_no_tlvs(version: int) -> None:
    async with running() as gateway, await gateway.esme(None) as esme:
        answer = await esme.bind("police", "secret08", interface_version=version)
        assert isinstance(answer, BindTransceiverResp)
        assert answer.tlvs == ()


async def test_a_wrong_password_and_an_unknown_id_get_the_same_answer() -> None:
    async with running() as gateway, await gateway.esme(None) as esme:
        wrong = await refusal(esme, "police", "wrong")
        unknown = await refusal(esme, "nobody", "wrong")
        assert encode(wrong)[16:] == encode(unknown)[16:]
        assert wrong.command_status == unknown.command_status == FAIL
        details = [event.detail for event in gateway.events(BindRefused)]
        assert details == ["wrong password", "unknown system_id"]


async def test_a_refused_bind_may_be_tried_again_on_the_connection() -> None:
    async with running() as gateway, await gateway.esme(None) as esme:
        with pytest.raises(BindError):
            await esme.bind("police", "wrong")
        await esme.bind("police", "secret08")
        await esme.submit("13300000001", TEXT, NUMBER)


async def test_after_too_many_failures_the_pair_is_refused_for_a_while() -> None:
    clock = ManualClock(SystemClock.at(), SystemClock.now())
    settings: dict[str, Any] = {"smpp__limits__failed_binds": 3}
    async with running(clock=clock, **settings) as gateway:
        for _ in range(3):
            assert await status_of(gateway) == FAIL
        assert await status_of(gateway, password="secret08") == FAIL
        assert gateway.events(BindRefused)[-1].detail == "too many failed binds"
        elsewhere = await gateway.esme(local_host="127.0.0.2")
        await elsewhere.unbind()
        clock.advance(301.0)
        assert await status_of(gateway, password="secret08") == 0


async def test_no_limit_refuses_nobody() -> None:
    settings: dict[str, Any] = {"smpp__limits__failed_binds": 0}
    async with running(**settings) as gateway:
        for _ in range(40):
            await status_of(gateway)
        assert await status_of(gateway, password="secret08") == 0


async def test_only_listed_addresses_may_bind() -> None:
    account = police(allowed_ips=["127.0.0.2", "10.0.0.0/8"])
    async with running(account=[account]) as gateway:
        assert await status_of(gateway, password="secret08") == FAIL
        assert "allowed_ips" in gateway.events(BindRefused)[0].detail
        allowed = await gateway.esme(local_host="127.0.0.2")
        await allowed.unbind()


@pytest.mark.parametrize(
    ("account", "mode", "version", "status"),
    [
        ({"bind_modes": ["transmitter"]}, BindMode.TX, 0x34, CommandStatus.ESME_ROK),
        ({"bind_modes": ["transmitter"]}, BindMode.RX, 0x34, FAIL),
        ({"bind_modes": ["transmitter"]}, BindMode.TRX, 0x34, FAIL),
        ({"bind_modes": ["receiver", "transmitter"]}, BindMode.TRX, 0x34, FAIL),
        ({"bind_modes": ["transceiver"]}, BindMode.TRX, 0x34, CommandStatus.ESME_ROK),
        ({"interface_versions": ["3.4", "5.0"]}, BindMode.TRX, 0x33, FAIL),
        ({"interface_versions": ["3.4", "5.0"]}, BindMode.TRX, 0x00, FAIL),
        ({"interface_versions": ["3.4", "5.0"]}, BindMode.TRX, 0x50, CommandStatus.ESME_ROK),
        ({"interface_versions": ["3.3"]}, BindMode.TRX, 0x00, CommandStatus.ESME_ROK),
        ({"interface_versions": ["3.3"]}, BindMode.TRX, 0x34, FAIL),
    ],
)
async def test_only_the_account_s_modes_and_versions_bind(
    account: dict[str, object], mode: BindMode, version: int, status: int
) -> None:
    async with running(account=[police(**account)]) as gateway, await gateway.esme(None) as esme:
        answer = await esme.request(bind_request("police", "secret08", mode, version))
        assert answer.command_status == status
        refused = [event.detail.split(": ")[-1] for event in gateway.events(BindRefused)]
        assert [detail.startswith("allowed are") for detail in refused] == [True] * bool(status)


async def test_no_more_sessions_bind_than_the_account_may_have() -> None:
    async with running(account=[police(max_binds=2)]) as gateway:
        async with await gateway.esme(), await gateway.esme():
            assert await status_of(gateway, password="secret08") == FAIL
        await until(lambda: not gateway.gateway.sessions.of("police"))
        assert await status_of(gateway, password="secret08") == 0


async def test_submits_pipelined_behind_the_bind_are_served() -> None:
    async with running() as gateway, await gateway.esme(None) as esme:
        bind = bind_request("police", "secret08", BindMode.TRX, 0x34)
        submit = SubmitSm(
            source_addr=NUMBER.encode(),
            destination_addr=b"13300000001",
            data_coding=8,
            short_message=TEXT.encode("utf-16-be"),
            sequence_number=2,
        )
        bind.sequence_number = 1
        esme.connection.write(encode(bind) + encode(submit))
        await until(lambda: gateway.events(Submission))
        assert gateway.events(Submission)[0].accepted


# -- slow hashes -----------------------------------------------------------------------------


async def test_a_hashed_password_is_checked_off_the_loop_and_remembered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hashed: list[bytes] = []
    verify = secrets.verify

    def counting(secret: SecretReference, password: bytes) -> bool:
        if secret.slow:
            hashed.append(password)
        return verify(secret, password)

    monkeypatch.setattr(binder, "verify", counting)
    async with running(account=[police(password=hashed_secret())]) as gateway:
        assert await status_of(gateway, password="wrong") == FAIL
        assert await status_of(gateway, password="secret08") == 0
        assert hashed == [b"wrong", b"secret08"]
        assert await status_of(gateway, password="secret08") == 0
        assert len(hashed) == 2
        # A wrong password costs the hash whatever is remembered, and so does an unknown id.
        assert await status_of(gateway, password="wrong") == FAIL
        assert await status_of(gateway, "nobody", "wrong") == FAIL
        assert len(hashed) == 4


def hashed_secret() -> str:
    return hash_password("secret08")


async def test_more_binds_than_the_pool_holds_are_throttled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(binder, "HASHES_WAITING", 0)
    async with running(account=[police(password=hashed_secret())]) as gateway:
        assert await status_of(gateway, password="secret08") == CommandStatus.ESME_RTHROTTLED


async def test_a_failing_password_check_is_our_error_and_the_session_lives(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def failing(_secret: SecretReference, _password: bytes) -> bool:
        raise OSError("no memory for the hash")

    async with running(account=[police(password=hashed_secret())]) as gateway:
        monkeypatch.setattr(binder, "verify", failing)
        async with await gateway.esme(None) as esme:
            answer = await refusal(esme, "police", "secret08")
            assert answer.command_status == CommandStatus.ESME_RSYSERR
            monkeypatch.undo()
            await esme.bind("police", "secret08")


async def test_an_esme_that_left_during_the_hash_leaves_nothing_behind() -> None:
    async with running(account=[police(password=hashed_secret())]) as gateway:
        esme = await gateway.esme(None)
        answer = esme.connection.request(bind_request("police", "secret08", BindMode.TRX, 0x34))
        answer.add_done_callback(lambda done: done.exception())
        await esme.close()
        await until(lambda: len(gateway.gateway.sessions) == 0)
        assert gateway.gateway.sessions.of("police") == []


async def test_a_hash_that_comes_after_the_session_s_end_binds_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ended = threading.Event()

    def slow(_secret: SecretReference, _password: bytes) -> bool:
        return ended.wait(10.0)

    monkeypatch.setattr(binder, "verify", slow)
    settings: dict[str, Any] = {"smpp__timers__session_init_s": 0.05}
    async with running(account=[police(password=hashed_secret())], **settings) as gateway:
        esme = await gateway.esme(None)
        answer = esme.connection.request(bind_request("police", "secret08", BindMode.TRX, 0x34))
        answer.add_done_callback(lambda done: done.exception())
        await until(lambda: all(c.session.closed for c in gateway.gateway.sessions))
        ended.set()
        pool = gateway.gateway.binder._pool
        finished = pool.submit(lambda: None)
        await until(finished.done)
        await until(lambda: not gateway.gateway.binder._hashing)
        assert gateway.gateway.sessions.of("police") == []
        assert gateway.events(Bound) == []
        await esme.close()
