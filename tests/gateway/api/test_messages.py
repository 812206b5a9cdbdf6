"""Hold the answers about messages to their shapes."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.api.ports import RawPdu
from gateway.api.shapes import MessageList, MessageView, PdusShown, Problem, Timeline, Why
from smpp.codec import encode
from smpp.pdus import SubmitSm

from .memory import NOON, RECIPIENT, SENDER, TEXT, Memory, conforms, message

ROOT = "/api/v1/messages"


@pytest.fixture
def memory() -> Memory:
    made = Memory()
    made.messages.kept = [
        message(3, state="EXPIRED", error="602", liability="exempt"),
        message(2, recipient="13300000002"),
        message(1),
    ]
    return made


async def test_a_list_has_items_newest_first_and_a_cursor(memory: Memory) -> None:
    async with memory.client() as client:
        first = (await client.get(ROOT, params={"limit": 2})).json()
        rest = (await client.get(ROOT, params={"limit": 2, "cursor": first["next"]})).json()
    conforms(first, MessageList)
    assert [item["id"] for item in first["items"]] == ["3", "2"]
    assert [item["id"] for item in rest["items"]] == ["1"]
    assert rest["next"] is None


async def test_a_list_keeps_to_the_query(memory: Memory) -> None:
    async with memory.client() as client:
        found = (await client.get(ROOT, params={"q": "to:13300000002"})).json()
    assert [item["id"] for item in found["items"]] == ["2"]


async def test_a_query_that_is_none_is_explained(memory: Memory) -> None:
    async with memory.client() as client:
        answer = await client.get(ROOT, params={"q": "colour:red"})
    assert answer.status_code == 422
    assert "'colour:red' seen" in answer.json()["detail"]


@pytest.mark.parametrize("limit", ["0", "1001", "x"])
async def test_a_limit_out_of_bounds_is_explained(memory: Memory, limit: str) -> None:
    async with memory.client() as client:
        answer = await client.get(ROOT, params={"limit": limit})
    assert answer.status_code == 422
    assert "query parameter limit" in answer.json()["detail"]


async def test_a_message_is_shown_whole(memory: Memory) -> None:
    async with memory.client() as client:
        shown = (await client.get(f"{ROOT}/1")).json()
    conforms(shown, MessageView)
    assert (shown["recipient"], shown["text"]) == (RECIPIENT, TEXT)


async def test_a_viewer_does_not_see_what_decided(memory: Memory) -> None:
    row = {
        "name": "scope", "passed": False, "mode": "enforce", "clause": "3.1.5",
        "detail": f"{RECIPIENT} is in no scope", "detail_zh": f"号码{RECIPIENT}不在范围",
        "seen": "验证码482913", "allowed": f"from {RECIPIENT} on",
    }  # fmt: skip
    verdict = {
        "accepted": False, "status": 11, "status_name": "ESME_RINVDSTADR", "reason": "scope",
        "clause": "3.1.5", "checks": [row],
    }  # fmt: skip
    memory.messages.kept = [message(1, verdict=verdict)]
    async with memory.client("viewer") as client:
        for path in (f"{ROOT}/1", f"{ROOT}/1/why"):
            text = (await client.get(path)).text
            assert "133******01 is in no scope" in text
            assert "号码133******01不在范围" in text
            assert RECIPIENT not in text
            assert "482913" not in text


async def test_a_viewer_sees_numbers_and_texts_masked(memory: Memory) -> None:
    memory.messages.events = {"1": [{"at": "x", "event": "submission", "recipient": RECIPIENT}]}
    async with memory.client("viewer") as client:
        for path in (ROOT, f"{ROOT}/1", f"{ROOT}/1/timeline", f"{ROOT}/1/why"):
            text = (await client.get(path)).text
            assert RECIPIENT not in text
            assert TEXT not in text
        shown = (await client.get(f"{ROOT}/1")).json()
    assert shown["recipient"] == "133******01"
    assert shown["sender"] == SENDER
    assert shown["text"].startswith("[57 characters, ")


@pytest.mark.parametrize("part", ["", "/pdu", "/timeline", "/why"])
async def test_an_unknown_id_is_said(memory: Memory, part: str) -> None:
    async with memory.client() as client:
        answer = await client.get(f"{ROOT}/999{part}")
    assert answer.status_code == 404
    assert answer.json()["detail"] == "message '999': no such id in the archive"


async def test_pdus_are_shown_field_by_field_each_on_its_own(memory: Memory) -> None:
    parts = [
        encode(SubmitSm(destination_addr=RECIPIENT.encode(), sequence_number=number))
        for number in (1, 2)
    ]
    memory.messages.octets = {"1": [RawPdu(NOON, "received", b"".join(parts))]}
    async with memory.client() as client:
        shown = (await client.get(f"{ROOT}/1/pdu")).json()
    conforms(shown, PdusShown)
    assert [pdu["hex"] for pdu in shown["pdus"]] == [part.hex() for part in parts]
    assert shown["pdus"][0]["at"] == "2026-03-02T12:00:00.000+08:00"
    fields = {field["name"]: field for field in shown["pdus"][1]["fields"]}
    assert fields["sequence_number"]["value"] == 2
    assert fields["destination_addr"]["value"] == RECIPIENT.encode().hex()


async def test_octets_that_are_no_pdu_are_shown_with_their_fault(memory: Memory) -> None:
    memory.messages.octets = {"1": [RawPdu(NOON, "received", b"\0\0\0\4\0\0\0\4junk")]}
    async with memory.client() as client:
        pdus = (await client.get(f"{ROOT}/1/pdu")).json()["pdus"]
    assert pdus[0]["error"]


async def test_a_timeline_writes_ids_as_strings(memory: Memory) -> None:
    memory.messages.events = {"1": [{"at": "x", "event": "outcome", "message_id": 2**62}]}
    async with memory.client() as client:
        shown = (await client.get(f"{ROOT}/1/timeline")).json()
    conforms(shown, Timeline)
    assert shown["events"] == [{"at": "x", "event": "outcome", "message_id": str(2**62)}]


async def test_why_shows_every_check_and_what_the_outcome_means(memory: Memory) -> None:
    async with memory.client() as client:
        shown = (await client.get(f"{ROOT}/3/why")).json()
    conforms(shown, Why)
    assert shown["accepted"] is True
    assert all(check["passed"] for check in shown["checks"])
    assert {"scope", "signature_missing", "sender_denied"} <= {c["name"] for c in shown["checks"]}
    assert shown["outcome"]["meaning"] == "powered off"
    assert shown["sentence"] == (
        "Accepted, then EXPIRED, error 602 (powered off); liability: exempt."
    )


async def test_why_names_what_decided_and_what_to_change(memory: Memory) -> None:
    failed = {"name": "scope", "passed": False, "mode": "enforce", "detail": "out of scope"}
    verdict = {
        "accepted": False, "status": 0x0B, "status_name": "ESME_RINVDSTADR", "reason": "scope",
        "clause": "3.1.5", "checks": [failed],
    }  # fmt: skip
    memory.messages.kept.append(message(9, state="REJECTED", verdict=verdict))
    async with memory.client() as client:
        shown = (await client.get(f"{ROOT}/9/why")).json()
    by_name = {check["name"]: check for check in shown["checks"]}
    assert by_name["scope"]["detail"] == "out of scope"
    assert by_name["scope"]["advice"]
    assert by_name["length"]["passed"]
    assert shown["sentence"].startswith("Rejected, scope (clause 3.1.5): out of scope.")


async def test_why_of_a_waiting_message_says_so(memory: Memory) -> None:
    memory.messages.kept.append(message(9, state="ENROUTE", error="", liability="pending"))
    async with memory.client() as client:
        shown = (await client.get(f"{ROOT}/9/why")).json()
    assert shown["sentence"] == "Accepted; its delivery is not finished."


async def test_a_check_recorded_under_a_name_of_today_no_more_is_still_shown(
    memory: Memory,
) -> None:
    failed = {"name": "frequency", "passed": False, "mode": "monitor", "detail": "3 in 60 s"}
    verdict = {"accepted": True, "status": 0, "reason": "none", "checks": [failed]}
    memory.messages.kept.append(message(9, verdict=verdict))
    async with memory.client() as client:
        shown = (await client.get(f"{ROOT}/9/why")).json()
    last = shown["checks"][-1]
    assert (last["name"], last["mode"], last["clause"]) == ("frequency", "monitor", "3.1.1")


async def wait(memory: Memory, **body: object) -> tuple[int, Any]:
    async with memory.client() as client:
        answer = await client.post(f"{ROOT}:wait", json=body)
    return answer.status_code, answer.json()


async def test_waiting_ends_as_soon_as_enough_match(memory: Memory) -> None:
    memory.messages.arrivals = [message(4), message(5)]
    status, found = await wait(memory, q="state:DELIVERED", count=4, timeout_s=10)
    assert status == 200
    assert [item["id"] for item in found["items"]] == ["5", "4", "2", "1"]
    assert memory.clock.now() == 0.0


async def test_waiting_in_vain_ends_in_time_with_what_came_nearest(memory: Memory) -> None:
    status, problem = await wait(
        memory, q="state:EXPIRED to:13300000002 account:police", count=1, timeout_s=12
    )
    assert status == 408
    conforms(problem, Problem)
    assert memory.clock.now() == 12.0
    assert problem["items"] == []
    assert [row["message"]["id"] for row in problem["nearest"]] == ["3", "2", "1"]
    assert problem["nearest"][0]["matched"] == ["state:EXPIRED", "account:police"]
    assert problem["nearest"][0]["missed"] == ["to:13300000002"]


async def test_too_few_matches_are_shown_with_the_408(memory: Memory) -> None:
    status, problem = await wait(memory, q="state:EXPIRED", count=2, timeout_s=0)
    assert status == 408
    assert [item["id"] for item in problem["items"]] == ["3"]
    assert problem["detail"].startswith("1 of 2 messages matched 'state:EXPIRED'")


@pytest.mark.parametrize(
    ("body", "at"),
    [
        ({"count": 0}, "body count"),
        ({"timeout_s": 301}, "body timeout_s"),
        ({"wait": 1}, "body wait"),
        ({"q": 3}, "body q"),
    ],
)
async def test_a_wait_out_of_bounds_is_explained(
    memory: Memory, body: dict[str, object], at: str
) -> None:
    status, problem = await wait(memory, **body)
    assert status == 422
    assert [fault["at"] for fault in problem["errors"]] == [at]
