"""Hold the other resources to their shapes: probes, sessions, uplink, checks, accounts, network."""

from __future__ import annotations

import pytest

from gateway.api.ports import HealthCheck, Uplink
from gateway.api.shapes import (
    AccountList,
    Explained,
    ProfileList,
    Readiness,
    SessionList,
    SubscriberList,
    SubscriberShown,
    UplinkShown,
)

from .memory import ELSEWHERE, RECIPIENT, SENDER, Memory, conforms


@pytest.fixture
def memory() -> Memory:
    return Memory()


async def test_livez_answers(memory: Memory) -> None:
    async with memory.client() as client:
        assert (await client.get("/livez")).json() == {"alive": True}


async def test_readyz_names_each_check(memory: Memory) -> None:
    async with memory.client() as client:
        answer = await client.get("/readyz")
    conforms(answer.json(), Readiness)
    assert answer.status_code == 200
    assert answer.json()["checks"] == [
        {"name": "journal", "ok": True, "why": "last commit 2 ms ago"}
    ]


async def test_readyz_is_503_and_says_why_when_one_check_fails(memory: Memory) -> None:
    memory.health.rows.append(HealthCheck("disk", False, "no space left"))
    async with memory.client() as client:
        answer = await client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["ready"] is False
    assert answer.json()["checks"][1]["why"] == "no space left"


async def test_readyz_tells_strangers_no_details(memory: Memory) -> None:
    async with memory.client(listen=ELSEWHERE, peer="192.0.2.7") as client:
        checks = (await client.get("/readyz")).json()["checks"]
    assert checks == [{"name": "journal", "ok": True}]


async def test_metrics_come_in_the_text_format(memory: Memory) -> None:
    memory.recorder.submits("police", "instant", "accepted", "none", 3)
    async with memory.client() as client:
        answer = await client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    labels = 'account="police",reason="none",result="accepted",service="instant"'
    assert f"smsgw_submits_total{{{labels}}} 3.0\n" in answer.text


async def test_metrics_come_as_openmetrics_where_asked_for(memory: Memory) -> None:
    async with memory.client() as client:
        answer = await client.get(
            "/metrics", headers={"Accept": "application/openmetrics-text; version=1.0.0"}
        )
    assert answer.headers["content-type"].startswith("application/openmetrics-text")
    assert answer.text.endswith("# EOF\n")


async def test_sessions_are_listed_and_shown(memory: Memory) -> None:
    async with memory.client() as client:
        listed = (await client.get("/api/v1/sessions")).json()
        shown = (await client.get("/api/v1/sessions/7")).json()
    conforms(listed, SessionList)
    assert listed["items"] == [shown]
    assert shown["interface_version"] == "3.4"
    assert shown["window"] == {
        "received": {"limit": 1000, "outstanding": 3},
        "sent": {"limit": 1000, "outstanding": 0},
    }


@pytest.mark.parametrize("mode", ["unbind", "reset", "stall"])
async def test_a_session_can_be_ended_in_each_way_and_it_is_journalled(
    memory: Memory, mode: str
) -> None:
    async with memory.client("operator") as client:
        answer = await client.delete("/api/v1/sessions/7", params={"mode": mode})
    assert (answer.status_code, answer.json()) == (202, {"id": "7", "mode": mode})
    assert memory.sessions.closed == [(7, mode)]
    assert memory.audit.actions == [("operator-1", f"session {mode}", "7", "")]


async def test_an_unknown_way_to_end_a_session_is_explained(memory: Memory) -> None:
    async with memory.client() as client:
        answer = await client.delete("/api/v1/sessions/7", params={"mode": "kill"})
    assert answer.status_code == 422
    assert "\"kill\" seen, 'unbind', 'reset' or 'stall' allowed" in answer.json()["detail"]
    assert memory.sessions.closed == []


@pytest.mark.parametrize("session_id", ["8", "x", "٧", "9" * 5000])
@pytest.mark.parametrize("method", ["GET", "DELETE"])
async def test_a_session_that_is_not_there_is_said(
    memory: Memory, method: str, session_id: str
) -> None:
    async with memory.client() as client:
        answer = await client.request(method, f"/api/v1/sessions/{session_id}")
    assert answer.status_code == 404
    assert "not bound" in answer.json()["detail"]


async def test_one_uplink_message_gives_one_id(memory: Memory) -> None:
    body = {"from": RECIPIENT, "to": SENDER + "01", "text": "ＴＤ"}
    async with memory.client() as client:
        answer = await client.post("/api/v1/mo", json=body)
    assert answer.status_code == 202
    conforms(answer.json(), UplinkShown)
    assert answer.json() == {"id": "1", "account": "police"}
    assert memory.mo.taken == [Uplink(RECIPIENT, SENDER + "01", "ＴＤ")]


async def test_a_list_of_uplink_messages_gives_a_list_of_ids(memory: Memory) -> None:
    body = {"from": RECIPIENT, "to": SENDER, "text": ""}
    async with memory.client() as client:
        answer = await client.post("/api/v1/mo", json=[body, {**body, "to": "10699999"}])
    assert answer.json() == [{"id": "1", "account": "police"}, {"id": "2", "account": None}]


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ({}, "body from: nothing seen, a value allowed"),
        ({"from": "abc", "to": SENDER, "text": "x"}, 'body from: "abc" seen, a string of the form'),
        ({"from": RECIPIENT, "to": SENDER, "text": 1}, "body text: 1 seen, a string allowed"),
        ({"from": RECIPIENT, "to": SENDER, "text": "x", "cc": "y"}, "body cc: "),
        ([], "body: [] seen, at least 1 entries allowed"),
        ([{"from": RECIPIENT, "to": "x", "text": ""}], 'body 0.to: "x" seen'),
        (7, "body: 7 seen, a JSON object allowed"),
        ({"from": RECIPIENT, "to": SENDER, "text": "x" * 40_001}, "at most 40000 characters"),
    ],
)
async def test_a_wrong_uplink_message_is_explained_and_nothing_is_taken(
    memory: Memory, body: object, detail: str
) -> None:
    async with memory.client() as client:
        answer = await client.post("/api/v1/mo", json=body)
    assert answer.status_code == 422
    assert detail in answer.json()["detail"]
    assert memory.mo.taken == []


async def test_a_lone_surrogate_is_no_text(memory: Memory) -> None:
    body = b'{"from": "13300000001", "to": "106590990371", "text": "\\ud800"}'
    async with memory.client() as client:
        answer = await client.post(
            "/api/v1/mo", content=body, headers={"Content-Type": "application/json"}
        )
    assert answer.status_code == 422
    assert "Unicode" in answer.json()["detail"]


async def test_a_full_disk_is_said_as_it_is(memory: Memory) -> None:
    memory.mo.full = True
    body = {"from": RECIPIENT, "to": SENDER, "text": "TD"}
    async with memory.client() as client:
        answer = await client.post("/api/v1/mo", json=body)
    assert answer.status_code == 507
    assert answer.json()["detail"] == "the journal has no space left"


async def test_checks_are_explained(memory: Memory) -> None:
    body = {"from": "1", "to": RECIPIENT, "text": "x", "at": "2026-03-02T12:00:00+08:00"}
    async with memory.client() as client:
        answer = await client.post("/api/v1/checks:explain", json=body)
    conforms(answer.json(), Explained)
    assert answer.json()["status_name"] == "ESME_RINVSRCADR"
    assert memory.explainer.asked[0].at == 1_772_424_000.0


async def test_an_explanation_for_a_viewer_shows_no_number(memory: Memory) -> None:
    body = {"from": "1", "to": RECIPIENT, "text": "x"}
    async with memory.client("viewer") as client:
        answer = await client.post("/api/v1/checks:explain", json=body)
    assert RECIPIENT not in answer.text
    assert "133******01" in answer.text


async def test_an_account_that_is_not_there_can_not_be_explained(memory: Memory) -> None:
    body = {"from": "1", "to": "2", "text": "x", "account": "other"}
    async with memory.client() as client:
        answer = await client.post("/api/v1/checks:explain", json=body)
    assert answer.status_code == 422
    assert answer.json()["detail"] == "account: 'other' seen, police allowed"


async def test_a_time_that_is_none_is_explained(memory: Memory) -> None:
    body = {"from": "1", "to": "2", "text": "x", "at": "tomorrow"}
    async with memory.client() as client:
        answer = await client.post("/api/v1/checks:explain", json=body)
    assert answer.json()["errors"][0]["at"] == "body at"


async def test_accounts_are_shown_without_their_secret(memory: Memory) -> None:
    async with memory.client() as client:
        listed = await client.get("/api/v1/accounts")
        shown = await client.get("/api/v1/accounts/police")
    conforms(listed.json(), AccountList)
    assert listed.json()["items"] == [shown.json()]
    assert shown.json()["sessions"] == 1
    assert shown.json()["access_numbers"] == [SENDER]
    assert "password" not in shown.text
    assert "secret" not in shown.text


async def test_an_account_that_is_not_configured_is_said(memory: Memory) -> None:
    async with memory.client() as client:
        answer = await client.get("/api/v1/accounts/nobody")
    assert answer.status_code == 404
    assert answer.json()["detail"] == "account 'nobody': not configured; there are police"


async def test_profiles_are_listed_with_the_current_one(memory: Memory) -> None:
    async with memory.client() as client:
        listed = (await client.get("/api/v1/profiles")).json()
    conforms(listed, ProfileList)
    assert listed["current"] == "perfect"
    assert [item["name"] for item in listed["items"] if item["current"]] == ["perfect"]
    assert {"healthy", "flaky", "outage"} <= {item["name"] for item in listed["items"]}


async def test_a_handset_is_put_into_a_state_and_given_back_its_own(memory: Memory) -> None:
    path = f"/api/v1/subscribers/{RECIPIENT}"
    async with memory.client("tester") as client:
        put = await client.put(path, json={"state": "powered_off"})
        listed = (await client.get("/api/v1/subscribers")).json()
        gone = await client.delete(path)
        after = (await client.get(path)).json()
    conforms(put.json(), SubscriberShown)
    conforms(listed, SubscriberList)
    assert listed["items"] == [put.json()]
    assert put.json()["state"] == "powered_off"
    assert (gone.status_code, gone.content) == (204, b"")
    assert (after["state"], after["fixed"]) == ("active", False)
    assert [action[:2] for action in memory.audit.actions] == [
        ("tester-1", "subscriber set"),
        ("tester-1", "subscriber cleared"),
    ]


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_a_handset_needs_a_mobile_number(memory: Memory, method: str) -> None:
    async with memory.client() as client:
        answer = await client.request(
            method, "/api/v1/subscribers/12", json={"state": "active"} if method == "PUT" else None
        )
    assert answer.status_code == 422
    assert answer.json()["detail"] == "msisdn: '12' seen, 11 digits allowed"


async def test_an_unknown_state_is_explained(memory: Memory) -> None:
    async with memory.client() as client:
        answer = await client.put(f"/api/v1/subscribers/{RECIPIENT}", json={"state": "asleep"})
    assert answer.json()["detail"] == "state: 'asleep' seen, one of active, powered_off"
