"""Send a police force's day, and what its contract refuses, through a gateway as it is shipped."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any, NamedTuple

import pytest

from config.section import SHANGHAI
from gateway.clock import ManualClock
from gateway.load.errors import SubmitError
from gateway.load.esme import Esme
from gateway.load.submission import SubmitOptions
from routing.events import Submission
from routing.reasons import REASONS
from smpp.constants import Ton
from tests.support.inprocess import NUMBER, Running, running
from tests.support.samples import BY_ID, SAMPLES, Sample

MORNING = datetime(2026, 3, 10, 10, tzinfo=SHANGHAI).timestamp()
LAST_MOMENT = datetime(2026, 12, 1, tzinfo=SHANGHAI).timestamp()
USER = "13300000001"
STRANGER = "18600000001"
"""Of another operator, and not in the scope."""


class Refused(NamedTuple):
    """Be one message that the contract refuses, with every reason in order."""

    id: str
    text: str
    reasons: tuple[str, ...]
    to: str = USER
    sender: str = NUMBER
    options: dict[str, Any] = {}  # noqa: RUF012  # never changed


REFUSED = (
    Refused("N01", "您的验证码是123456，5分钟内有效。", ("signature_missing",)),
    Refused("N02", "【某某商城】您的验证码是123456。", ("signature_mismatch",)),
    Refused("N03", "【示例警务】【示例政务】您好，预约成功。", ("signature_mismatch",)),
    Refused("N04", "您好，预约成功。【示例警务】", ("signature_missing",)),
    Refused(
        "N05",
        "【示例警务】周年大促，全场五折，点击 http://example.invalid/a 抢购，拒收请回复R",
        ("commercial",),
    ),
    Refused(
        "N06",
        "【中国电信】尊敬的客户，请到营业厅更换实名卡。",
        ("signature_mismatch", "impersonation"),
    ),
    Refused(
        "N07",
        "【示例警务】受中国电信委托，我们联合为您提供流量优惠。",
        ("impersonation", "commercial"),
    ),
    Refused("N08", "【示例警务】测试词AAA（占位敏感词）", ("prohibited",)),
    Refused("N09", BY_ID["T18"].text, ("scope", "no_consent"), to="13400000001"),
    Refused("N13", BY_ID["T11"].text, ("sender_missing",), sender=""),
    Refused(
        "N13 named",
        BY_ID["T11"].text,
        ("sender_denied",),
        sender="POLICE",
        options={"source_addr_ton": Ton.ALPHANUMERIC},
    ),
    Refused("N17 MMS", BY_ID["T18"].text, ("service_kind",), options={"service_type": "MMS"}),
    Refused("N17 smart", BY_ID["T18"].text, ("service_kind",), options={"service_type": "SMART"}),
)


@pytest.fixture
async def gateway() -> AsyncIterator[Running]:
    async with running(clock=ManualClock(at=MORNING)) as found:
        yield found


def service_of(sample: Sample) -> SubmitOptions:
    return SubmitOptions(service_type="INST" if sample.service == "instant" else "")


async def reasons_of(gateway: Running, esme: Esme, case: Refused) -> tuple[tuple[str, ...], int]:
    """Submit; give the reasons recorded and the command_status."""
    with pytest.raises(SubmitError) as refused:
        await esme.submit(case.to, case.text, case.sender, SubmitOptions(**case.options))
    recorded = gateway.events(Submission)[-1]
    assert not recorded.accepted
    return tuple(failure.reason for failure in recorded.failures), refused.value.command_status


async def test_a_whole_day_is_accepted(gateway: Running) -> None:
    async with await gateway.esme() as esme:
        day = [sample for sample in SAMPLES if sample.id != "T29"]
        for place, sample in enumerate(day):
            await esme.submit(f"1330000{place:04}", sample.text, NUMBER, service_of(sample))
        recorded = gateway.events(Submission)
    assert [event.reason for event in recorded] == ["none"] * len(day)
    assert [event.segment_count for event in recorded] == [sample.segments for sample in day]


async def test_a_signature_in_ascii_brackets_is_none_as_shipped(gateway: Running) -> None:
    async with await gateway.esme() as esme:
        case = Refused("T29", BY_ID["T29"].text, ("signature_missing",))
        assert (await reasons_of(gateway, esme, case))[0] == case.reasons


@pytest.mark.parametrize("case", REFUSED, ids=[case.id for case in REFUSED])
async def test_what_the_contract_refuses(gateway: Running, case: Refused) -> None:
    async with await gateway.esme() as esme:
        found, status = await reasons_of(gateway, esme, case)
    assert found == case.reasons
    assert status == REASONS[found[0]].status("standard")


async def test_an_obstacle_to_refusing_goes_out_and_is_on_record(gateway: Running) -> None:
    async with await gateway.esme() as esme:
        await esme.submit(USER, "【示例警务】便民提醒，退订请携带身份证到窗口办理", NUMBER)
    (failure,) = gateway.events(Submission)[-1].failures
    assert (failure.reason, failure.mode, failure.rows) == ("commercial", "monitor", (20,))


async def test_a_user_without_consent_is_spared() -> None:
    numbers: dict[str, Any] = {"contract__consents__entries": [{"number": "13300000002"}]}
    clock = ManualClock(at=MORNING)
    async with running(clock=clock, **numbers) as gateway, await gateway.esme() as esme:
        case = Refused("N10", BY_ID["T13"].text, ("no_consent",))
        assert (await reasons_of(gateway, esme, case))[0] == case.reasons
        await esme.submit("13300000002", BY_ID["T13"].text, NUMBER)


async def test_a_user_who_refused_is_spared_from_what_he_refused(gateway: Running) -> None:
    async with await gateway.esme() as esme:
        await esme.submit(USER, BY_ID["T15"].text, NUMBER)
        gateway.gateway.mo.receive(USER, NUMBER, "TD", source="test")
        case = Refused("N11", BY_ID["T15"].text, ("opted_out",))
        assert (await reasons_of(gateway, esme, case))[0] == case.reasons


async def test_a_changed_text_is_not_the_approved_one() -> None:
    approved = {"id": "T07", "text": BY_ID["T07"].text.partition("】")[2], "category": "notice"}
    listed: dict[str, Any] = {
        "contract__templates": [approved],
        "contract__template__required": True,
    }
    changed = BY_ID["T07"].text
    for words, others in (("财物被盗", "手机遗失"), ("到示例派出所领取", "上网查看")):
        changed = changed.replace(words, others)
    clock = ManualClock(at=MORNING)
    async with running(clock=clock, **listed) as gateway, await gateway.esme() as esme:
        await esme.submit(USER, BY_ID["T07"].text, NUMBER)
        case = Refused("N12", changed, ("content_unapproved",))
        assert (await reasons_of(gateway, esme, case))[0] == case.reasons


async def test_a_second_code_within_the_minute_is_refused(gateway: Running) -> None:
    async with await gateway.esme() as esme:
        await esme.submit(USER, BY_ID["T01"].text, NUMBER, service_of(BY_ID["T01"]))
        case = Refused("N14", BY_ID["T01"].text, ("frequency",), options={"service_type": "INST"})
        assert (await reasons_of(gateway, esme, case))[0] == case.reasons


async def test_a_warning_of_fraud_passes_for_nobody(gateway: Running) -> None:
    async with await gateway.esme() as esme:
        await esme.submit(USER, BY_ID["T12"].text, NUMBER, service_of(BY_ID["T12"]))


async def test_without_renewal_the_term_ends_with_its_last_millisecond() -> None:
    clock = ManualClock(at=LAST_MOMENT - 0.001)
    ends: dict[str, Any] = {"contract__renewal__mode": "none"}
    async with running(clock=clock, **ends) as gateway, await gateway.esme() as esme:
        await esme.submit(USER, BY_ID["T18"].text, NUMBER)
        clock.advance(0.001)
        case = Refused("N18", BY_ID["T18"].text, ("not_in_force",), to="13300000002")
        assert (await reasons_of(gateway, esme, case))[0] == case.reasons
    renewed = ManualClock(at=LAST_MOMENT)
    async with running(clock=renewed) as gateway, await gateway.esme() as esme:
        await esme.submit(USER, BY_ID["T18"].text, NUMBER)
