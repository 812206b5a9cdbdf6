from __future__ import annotations

from gateway.archive.rows import iso, received, subject_of, submitted, to_json
from routing.events import Failure, MoReceived, Stopped
from tests.support.submissions import AT, MESSAGE_ID, TEXT, submission


def test_times_are_written_with_offset_and_milliseconds() -> None:
    assert iso(1_772_000_000_042) == "2026-02-25T14:13:20.042+08:00"
    assert iso(None) is None


def test_a_message_in_json_has_the_fixed_fields() -> None:
    shape = to_json(submitted(submission(), 1), "100099")
    assert shape["id"] == str(MESSAGE_ID)
    assert shape["enterprise_code"] == "100099"
    assert (shape["direction"], shape["service"], shape["state"]) == ("mt", "ordinary", "ENROUTE")
    assert (shape["sender"], shape["recipient"]) == ("106590990371", "13300000001")
    assert (shape["text"], shape["segments"], shape["data_coding"]) == (TEXT, 1, 8)
    assert shape["submitted_at"] == "2026-02-25T14:13:20.000+08:00"
    assert (shape["final_at"], shape["liability"], shape["fee"]) == (None, "pending", None)
    assert shape["verdict"] == {
        "accepted": True,
        "status": 0,
        "status_name": "ESME_ROK",
        "reason": "none",
        "clause": "",
        "checks": [],
    }
    assert shape["receipt"] == {"state": "waiting", "attempts": 0, "acknowledged_at": None}


def test_a_rejected_message_names_the_checks_that_failed() -> None:
    event = submission(
        accepted=False,
        status=0x412,
        reason="scope",
        failures=(Failure("scope", "enforce", "13300000001 is not in scope", rows=(16,)),),
    )
    shape = to_json(submitted(event, 1), "")
    assert (shape["state"], shape["liability"]) == ("REJECTED", None)
    assert shape["final_at"] == shape["submitted_at"]
    verdict = shape["verdict"]
    assert isinstance(verdict, dict)
    assert (verdict["status"], verdict["status_name"]) == (0x412, "0x00000412")
    (check,) = verdict["checks"]
    assert check["breach_rows"] == [16]
    assert (check["name"], check["passed"], check["mode"]) == ("scope", False, "enforce")
    assert check["clause"] == verdict["clause"] != ""
    assert check["detail"] == "13300000001 is not in scope"


def test_an_uplink_message_has_the_same_shape() -> None:
    event = MoReceived(AT, 7, "police", "13300000001", "106590990371", "TD", 1, "api")
    shape = to_json(received(event, 1), "")
    assert (shape["direction"], shape["sender"], shape["recipient"]) == (
        "mo",
        "13300000001",
        "106590990371",
    )
    assert shape.keys() == to_json(submitted(submission(), 1), "").keys()


def test_a_message_rejected_at_the_receipt_stage_waits_for_its_receipt() -> None:
    event = submission(accepted=False, status=0, error="9A3", reason="scope")
    row = submitted(event, 1)
    assert (row.state, row.error, row.receipt_state) == (8, "9A3", "waiting")


def test_the_subject_of_an_event_is_its_message() -> None:
    assert subject_of(submission(message_id=5)) == 5
    assert subject_of(MoReceived(AT, 7, "police", "1", "2", "TD", 1, "api")) == 7
    assert subject_of(Stopped(AT, "done")) == 0
