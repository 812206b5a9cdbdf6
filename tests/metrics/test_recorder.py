"""Hold the recorder to its series: there from the start, closed, and each event in its place."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from prometheus_client import generate_latest
from prometheus_client.exposition import choose_encoder
from prometheus_client.parser import text_string_to_metric_families

from metrics.instruments import (
    CLOSE_REASONS,
    ENDS,
    INSTRUMENTS,
    LIABILITIES,
    REJECTIONS,
    SERVICES,
)
from metrics.recorder import Readings, Recorder
from routing.reasons import REASONS
from smpp.constants import CommandId, CommandStatus, MessageState


@pytest.fixture
def recorder() -> Recorder:
    return Recorder(["police"], ["telecom", "mobile"], "1.2.3")


def value(recorder: Recorder, name: str, **labels: str) -> float | None:
    """Give one sample as it is scraped, None when there is no such series."""
    return recorder.freeze().get_sample_value(name, labels)


def series(recorder: Recorder, family: str) -> list[Mapping[str, str]]:
    text = generate_latest(recorder.freeze()).decode()
    return [
        sample.labels
        for found in text_string_to_metric_families(text)
        for sample in found.samples
        if sample.name == family
    ]


def test_every_instrument_is_shown_in_the_order_of_the_table(recorder: Recorder) -> None:
    text = generate_latest(recorder.freeze()).decode()
    names = [line.split()[2] for line in text.splitlines() if line.startswith("# TYPE smsgw_")]
    assert names == [instrument.name for instrument in INSTRUMENTS]


def test_every_instrument_has_its_type_labels_and_help(recorder: Recorder) -> None:
    found = {family.name: family for family in recorder.freeze().collect()}
    for instrument in INSTRUMENTS:
        family = found[instrument.name.removesuffix("_total")]
        assert family.type == instrument.kind
        assert family.documentation == instrument.help
        for sample in family.samples:
            assert set(sample.labels) - {"le"} == set(instrument.labels)


def test_everything_has_series_before_anything_happened(recorder: Recorder) -> None:
    for instrument in INSTRUMENTS:
        suffix = "_count" if instrument.kind == "histogram" else ""
        assert series(recorder, instrument.name + suffix), instrument.name


def test_openmetrics_can_be_written_too(recorder: Recorder) -> None:
    write, _ = choose_encoder("application/openmetrics-text; version=1.0.0")
    assert write(recorder.freeze()).endswith(b"# EOF\n")


def test_the_process_is_measured(recorder: Recorder) -> None:
    resident = value(recorder, "process_resident_memory_bytes")
    assert resident is not None
    assert resident > 1_000_000


def test_a_rejection_of_every_reason_has_a_series_from_the_start(recorder: Recorder) -> None:
    rejected = {
        (row["service"], row["reason"])
        for row in series(recorder, "smsgw_submits_total")
        if row["result"] == "rejected"
    }
    assert rejected == {(service, reason) for service in SERVICES for reason in REJECTIONS}
    assert set(REJECTIONS) == set(REASONS) - {"none"}


def test_every_end_has_a_series_from_the_start(recorder: Recorder) -> None:
    ends = {
        (row["carrier"], row["state"], row["liability"])
        for row in series(recorder, "smsgw_messages_final_total")
    }
    assert ends == {(carrier, *end) for carrier in ("telecom", "mobile") for end in ENDS}
    assert {liability for _, liability in ENDS} <= set(LIABILITIES)


def test_submits_are_counted_by_verdict(recorder: Recorder) -> None:
    recorder.submits("police", "instant", "accepted", "none", 7)
    recorder.submits("police", "ordinary", "rejected", "scope")
    labels = {"account": "police", "service": "instant", "result": "accepted", "reason": "none"}
    assert value(recorder, "smsgw_submits_total", **labels) == 7
    labels |= {"service": "ordinary", "result": "rejected", "reason": "scope"}
    assert value(recorder, "smsgw_submits_total", **labels) == 1


def test_finals_are_counted_and_their_durations_measured(recorder: Recorder) -> None:
    delivered = int(MessageState.DELIVERED)
    recorder.finals("police", "instant", "telecom", delivered, "ok", [0.2, 0.3, 400.0])
    labels = {
        "account": "police", "service": "instant", "carrier": "telecom", "state": "DELIVERED",
        "liability": "ok",
    }  # fmt: skip
    assert value(recorder, "smsgw_messages_final_total", **labels) == 3
    name = "smsgw_message_delivery_duration_seconds"
    labels = {"service": "instant", "state": "DELIVERED"}
    assert value(recorder, f"{name}_count", **labels) == 3
    assert value(recorder, f"{name}_bucket", **labels, le="0.25") == 1
    assert value(recorder, f"{name}_sum", **labels) == 400.5


def test_pdus_are_named(recorder: Recorder) -> None:
    recorder.pdus("received", CommandId.SUBMIT_SM, 0, 5)
    recorder.pdus("sent", CommandId.SUBMIT_SM_RESP, CommandStatus.ESME_RTHROTTLED)
    name = "smsgw_smpp_pdus_total"
    labels = {"direction": "received", "command": "submit_sm", "status": "ESME_ROK"}
    assert value(recorder, name, **labels) == 5
    labels = {"direction": "sent", "command": "submit_sm_resp", "status": "ESME_RTHROTTLED"}
    assert value(recorder, name, **labels) == 1


def test_a_vendor_status_of_ours_is_shown_by_its_number(recorder: Recorder) -> None:
    recorder.pdus("sent", CommandId.SUBMIT_SM_RESP, 0x410)
    labels = {"direction": "sent", "command": "submit_sm_resp", "status": "0x00000410"}
    assert value(recorder, "smsgw_smpp_pdus_total", **labels) == 1


def test_binds_of_unknown_ids_are_one_account(recorder: Recorder) -> None:
    for number in range(1000):
        recorder.bind(f"guess{number}", "trx", CommandStatus.ESME_RBINDFAIL)
    recorder.bind("police", "trx", 0)
    labels = {"account": "unknown", "bind_type": "trx", "status": "ESME_RBINDFAIL"}
    assert value(recorder, "smsgw_smpp_binds_total", **labels) == 1000
    labels = {"account": "police", "bind_type": "trx", "status": "ESME_ROK"}
    assert value(recorder, "smsgw_smpp_binds_total", **labels) == 1


def test_what_peers_send_makes_no_series_without_bound(recorder: Recorder) -> None:
    before = len(generate_latest(recorder.freeze()).splitlines())
    for number in range(1000):
        recorder.pdus("received", 0x1000 + number, 0x5000 + number)
        recorder.session_closed(f"x{number}", f"reason {number}")
        recorder.finals(f"x{number}", f"s{number}", f"c{number}", 90, "ok", [1.0])
        recorder.receipts(f"x{number}", "sent")
        recorder.mo(f"x{number}", "received")
        recorder.fault(f"fault {number}")
        recorder.submits("police", f"s{number}", "accepted", "none")
        recorder.requests(0x1000 + number, 1.0)
    after = len(generate_latest(recorder.freeze()).splitlines())
    assert after - before < 40
    labels = {"direction": "received", "command": "other", "status": "other"}
    assert value(recorder, "smsgw_smpp_pdus_total", **labels) == 1000


@pytest.mark.parametrize("reason", CLOSE_REASONS)
def test_each_end_of_a_session_has_its_series(recorder: Recorder, reason: str) -> None:
    recorder.session_closed("police", reason)
    labels = {"account": "police", "reason": reason}
    assert value(recorder, "smsgw_smpp_sessions_closed_total", **labels) == 1


def test_receipts_uplink_and_faults_are_counted(recorder: Recorder) -> None:
    recorder.receipts("police", "acknowledged", 3)
    recorder.mo("", "received")
    recorder.fault("throttled", 2)
    acknowledged = {"account": "police", "result": "acknowledged"}
    assert value(recorder, "smsgw_receipts_total", **acknowledged) == 3
    assert value(recorder, "smsgw_mo_total", account="unknown", result="received") == 1
    assert value(recorder, "smsgw_smpp_faults_total", fault="throttled") == 2


def test_requests_commits_and_lag_are_measured(recorder: Recorder) -> None:
    recorder.requests(CommandId.SUBMIT_SM, 0.003, 64)
    recorder.commit(0.0009, 120)
    recorder.loop_lag(0.3)
    name = "smsgw_smpp_request_duration_seconds_bucket"
    assert value(recorder, name, command="submit_sm", le="0.005") == 64
    assert value(recorder, "smsgw_journal_commit_duration_seconds_bucket", le="0.001") == 1
    assert value(recorder, "smsgw_journal_batch_events_sum") == 120
    assert value(recorder, "smsgw_event_loop_lag_seconds_bucket", le="0.25") == 0


def test_gauges_are_read_at_each_scrape_and_missing_accounts_are_zero(recorder: Recorder) -> None:
    lag = [5]
    recorder.read_from(
        Readings(
            sessions=lambda: {("police", "trx"): 2},
            window=lambda: {("police", "received"): 17},
            in_flight=lambda: {},
            receipts_pending=lambda: {"police": 4},
            archive_lag=lambda: lag[0],
        )
    )
    assert value(recorder, "smsgw_smpp_sessions", account="police", bind_type="trx") == 2
    assert value(recorder, "smsgw_smpp_sessions", account="police", bind_type="rx") == 0
    assert value(recorder, "smsgw_smpp_window", account="police", direction="received") == 17
    assert value(recorder, "smsgw_messages_in_flight", account="police") == 0
    assert value(recorder, "smsgw_receipts_pending", account="police") == 4
    lag[0] = 6
    assert value(recorder, "smsgw_archive_lag_events") == 6


def test_pdus_that_sessions_count_themselves_are_taken_over_at_each_scrape(
    recorder: Recorder,
) -> None:
    counted = [("received", int(CommandId.ENQUIRE_LINK), 3)]

    def taken() -> list[tuple[str, int, int]]:
        rows = counted.copy()
        counted.clear()
        return rows

    recorder.read_from(Readings(pdus=taken))
    labels = {"direction": "received", "command": "enquire_link", "status": "ESME_ROK"}
    for _scrape in range(2):
        assert value(recorder, "smsgw_smpp_pdus_total", **labels) == 3


def test_a_frozen_registry_stands_still(recorder: Recorder) -> None:
    frozen = recorder.freeze()
    recorder.loop_lag(0.1)
    assert frozen.get_sample_value("smsgw_event_loop_lag_seconds_count") == 0


def test_two_recorders_know_nothing_of_each_other(recorder: Recorder) -> None:
    other = Recorder(["police"], [], "1.2.3")
    other.loop_lag(0.1)
    assert value(recorder, "smsgw_event_loop_lag_seconds_count") == 0


def test_the_version_is_shown(recorder: Recorder) -> None:
    assert value(recorder, "smsgw_build_info", version="1.2.3") == 1
