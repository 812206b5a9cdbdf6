"""Whole runs against a small message centre, in this process and in several."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gateway.load.errors import BindError, ConnectError, ConnectionLostError, NoAnswerError
from gateway.load.generator import LoadWorker, Point
from gateway.load.options import LoadOptions
from gateway.load.run import run_load
from gateway.load.traffic import TrafficError

from .message_centre import MessageCentre

SHORT = "【示例警务】您已恢复接收便民提醒类短信。退订请回复TD。"


def options(centre: MessageCentre, **fields: object) -> LoadOptions:
    given: dict[str, object] = {
        "port": centre.port,
        "binds": 3,
        "window": 5,
        "drain_s": 2.0,
        "recipients": "13300000000-13300000999",
    }
    return LoadOptions(**(given | fields))  # type: ignore[arg-type]  # by name


async def test_a_count_is_sent_and_answered_to_the_last() -> None:
    async with MessageCentre().listening() as centre:
        report = await run_load(options(centre, count=100))
        await centre.until(lambda: len(centre.ended) == 3)
    assert len(centre.submitted) == report.submitted == report.accepted == report.receipts == 100
    assert report.statuses == {"ESME_ROK": 100}
    assert report.receipt_states == {"DELIVRD": 100}
    assert (report.latency.count, report.receipt_latency.count) == (100, 100)
    assert (report.errors, report.missing_receipts, report.backlog, report.exit_code) == (0,) * 4
    assert len({pdu.destination_addr for pdu in centre.submitted}) == 100


async def test_the_closed_loop_keeps_its_window_and_no_more() -> None:
    centre = MessageCentre(status_of=lambda _number: None)
    async with centre.listening():
        report = await run_load(
            options(centre, duration_s=0.05, warmup_s=0.0, drain_s=0.05, receipts=False)
        )
    assert len(centre.submitted) == 15
    assert report.unanswered == 15
    assert report.errors == 1.0
    assert report.exit_code == 1


async def test_the_open_loop_keeps_its_rate_and_says_what_was_not_sent() -> None:
    async with MessageCentre().listening() as centre:
        kept = await run_load(options(centre, rate=400.0, duration_s=0.5, warmup_s=0.1))
    assert kept.submitted == pytest.approx(240, abs=25)
    assert kept.unsent == 0
    silent = MessageCentre(status_of=lambda _number: None)
    async with silent.listening():
        full = await run_load(
            options(silent, rate=400.0, duration_s=0.3, warmup_s=0.0, drain_s=0.0)
        )
    assert full.submitted == 15
    assert full.unsent > 50


async def test_refusals_are_counted_by_status() -> None:
    centre = MessageCentre(status_of=lambda number: 0x58 if number % 4 == 0 else 0)
    async with centre.listening():
        report = await run_load(options(centre, count=40, thresholds=("errors<30%", "p99<10s")))
    assert report.statuses == {"ESME_ROK": 30, "ESME_RTHROTTLED": 10}
    assert (report.errors, report.exit_code) == (0.25, 0)


async def test_a_crossed_threshold_gives_99() -> None:
    async with MessageCentre().listening() as centre:
        report = await run_load(options(centre, count=10, thresholds=("rate>1000000",)))
    assert [judgement.kept for judgement in report.thresholds] == [False]
    assert report.exit_code == 99


async def test_receivers_beside_transmitters_get_the_receipts() -> None:
    centre = MessageCentre(receiving=("BOUND_RX",))
    async with centre.listening():
        report = await run_load(options(centre, mode="tx+rx", count=30))
        states = {dialogue.session.interface_version for dialogue in centre.dialogues}
    assert (report.sessions, report.receipts) == (6, 30)
    assert states == {0x34}


async def test_transmitters_alone_do_not_wait_for_receipts() -> None:
    async with MessageCentre(sends_receipts=False).listening() as centre:
        report = await run_load(options(centre, mode="tx", count=30, drain_s=60.0))
    assert (report.accepted, report.missing_receipts) == (30, 0)


async def test_receipts_that_never_come_are_missing() -> None:
    async with MessageCentre(sends_receipts=False).listening() as centre:
        report = await run_load(options(centre, count=10, drain_s=0.05))
    assert (report.missing_receipts, report.backlog) == (10, 10)


async def test_the_run_ends_when_every_session_is_gone() -> None:
    centre = MessageCentre(status_of=lambda number: None)
    async with centre.listening():
        worker = LoadWorker(options(centre, duration_s=60.0, warmup_s=0.0))
        await worker.connect()
        for dialogue in centre.dialogues:
            assert dialogue.transport is not None
            dialogue.transport.abort()
        result = await worker.run(0.0)
        await worker.close()
    assert sum(result.closings.values()) == 3
    assert result.measured_s < 10


async def test_a_rate_of_zero_only_holds_the_binds() -> None:
    async with MessageCentre().listening() as centre:
        report = await run_load(options(centre, rate=0.0, duration_s=0.05, warmup_s=0.0))
    assert (report.sessions, report.submitted, report.exit_code) == (3, 0, 0)


async def test_a_traffic_file_is_followed_at_its_pace(tmp_path: Path) -> None:
    path = tmp_path / "day.jsonl"
    rows = [{"at": second, "to": f"1330000000{second}", "text": SHORT} for second in range(5)]
    path.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    async with MessageCentre().listening() as centre:
        report = await run_load(options(centre, traffic=path, pace=50.0, count=5, binds=2))
    assert report.submitted == 5
    assert sorted(pdu.destination_addr[-1:] for pdu in centre.submitted) == [
        b"0",
        b"1",
        b"2",
        b"3",
        b"4",
    ]
    assert report.measured_s > 0.07


async def test_progress_comes_each_second() -> None:
    points: list[Point] = []
    async with MessageCentre().listening() as centre:
        report = await run_load(
            options(centre, rate=50.0, duration_s=1.1, warmup_s=0.0), progress=points.append
        )
    assert points == report.timeline
    assert len(points) == 1
    assert points[0].accepted == pytest.approx(50, abs=10)


@pytest.mark.parametrize("processes", [1, 2])
async def test_a_bind_that_is_refused_ends_the_run_before_it_began(processes: int) -> None:
    async with MessageCentre(bind_status=0x0E).listening() as centre:
        with pytest.raises(BindError, match="the password is wrong"):
            await run_load(options(centre, processes=processes))
        await centre.until(lambda: len(centre.ended) == len(centre.dialogues))
    assert centre.submitted == []


async def test_other_ends_of_a_bind_are_said() -> None:
    async with MessageCentre(bind_status=-1).listening() as centre:
        with pytest.raises(NoAnswerError, match=r"did not answer a bind within 0\.05 s"):
            await run_load(options(centre, connect_timeout_s=0.05))
        port = centre.port
    with pytest.raises(ConnectError, match=f"127.0.0.1:{port} refused the connection"):
        await run_load(LoadOptions(port=port))


async def test_two_processes_share_binds_and_messages() -> None:
    points: list[Point] = []
    async with MessageCentre().listening() as centre:
        report = await run_load(
            options(centre, processes=2, count=31, receipts=False), progress=points.append
        )
    assert (report.sessions, report.submitted, report.accepted) == (3, 31, 31)
    assert len(centre.submitted) == 31


async def test_an_error_of_a_process_comes_home(tmp_path: Path) -> None:
    async with MessageCentre().listening() as centre:
        with pytest.raises(TrafficError, match="No such file"):
            await run_load(options(centre, processes=2, traffic=tmp_path / "none"))


async def test_a_process_that_dies_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/bin/true")
    async with MessageCentre().listening() as centre:
        with pytest.raises(ConnectionLostError, match="a load process ended"):
            await run_load(options(centre, processes=2))
