"""Hold every route to its role: a table of all routes, and who may use them from where."""

from __future__ import annotations

import re

import httpx
import pytest

from config.loader import load_settings
from config.section import Endpoint
from config.settings import Token
from gateway.api.access import (
    LOCAL,
    Caller,
    Gate,
    UnsafeListenError,
    check_listen,
    host_allowed,
    origin_allowed,
)
from gateway.api.app import ROUTES, build_routes
from gateway.api.route import Route
from routing.breach_events import BusinessStopped, CaseOpened
from routing.office_events import (
    ComplaintReceived,
    DocumentFiled,
    HoldPlaced,
    IncidentOpened,
    NoticeSent,
    WindowDeclared,
)
from routing.registry_events import ListChanged, NumberPorted, OptedOut, ReviewOpened
from routing.standing_events import ContractTerminated, ScopeDrafted, Suspended

from .memory import ELSEWHERE, NOON, TOKENS, Memory, message

OPEN = {"/livez", "/readyz"}
VIEWER_MAY_POST = {
    "/api/v1/messages:wait",
    "/api/v1/checks:explain",
    "/api/v1/templates:match",
}
"""Unsafe by their method alone: they change nothing."""
BODIES: dict[str, object] = {
    "/api/v1/mo": {"from": "13300000001", "to": "106590990371", "text": "TD"},
    "/api/v1/messages:wait": {"timeout_s": 0},
    "/api/v1/clock": {"advance_s": 60},
    "/api/v1/unsubscribe": {"number": "13300000001"},
    "/api/v1/checks:explain": {"from": "1", "to": "2", "text": "x"},
    "/api/v1/subscribers/{msisdn}": {"state": "powered_off"},
    "/api/v1/templates": {"template": "T02", "text": "您预约的业务已取消。", "why": "new"},
    "/api/v1/templates:match": {"text": "x"},
    "/api/v1/standing/suspensions": {"account": "police", "clause": "7.5", "why": "suspicion"},
    "/api/v1/standing/terminations": {
        "account": "*",
        "clause": "7.2",
        "why": "arrears",
        "ends_at": "2026-06-30",
    },
    "/api/v1/consents": {"number": "13300000001", "channel": "web", "proof": "C-1"},
    "/api/v1/lists": {"list": "black", "number": "13300000001"},
    "/api/v1/numbers": {"number": "13300000001", "carrier": "unicom"},
    "/api/v1/reviews/{mo_id}:settle": {"decision": "opt_out"},
    "/api/v1/optouts": {"number": "13300000001", "source": "customer_service"},
    "/api/v1/scope": {"entries": [{"prefix": "1330000"}], "reason": "fewer users"},
    "/api/v1/scope/import": {"entries": [{"prefix": "1330000"}]},
    "/api/v1/scope/changes": {"reason": "more users"},
    "/api/v1/scope/changes/{change}/rows": {"entries": [{"number": "13300000001"}]},
    "/api/v1/scope/changes/{change}/steps": {"action": "withdraw", "why": "not needed"},
    "/api/v1/complaints": {"channel": "12321", "cause": "time", "attribution": "unclear"},
    "/api/v1/complaints/{number}/steps": {"action": "reply"},
    "/api/v1/incidents": {"side": "party_b", "kind": "fault", "why": "a cable was cut"},
    "/api/v1/incidents/{number}/steps": {"action": "resolve"},
    "/api/v1/notices": {"subject": "other", "form": "email", "sender": "party_a"},
    "/api/v1/notices/{number}/steps": {"action": "returned", "why": "moved"},
    "/api/v1/documents": {"kind": "service_mail", "reference": "M-2"},
    "/api/v1/documents/{number}/steps": {"action": "mistaken", "why": "wrong paper"},
    "/api/v1/windows": {"kind": "maintenance", "cause": "planned", "why": "new software"},
    "/api/v1/windows/{number}/steps": {"action": "withdraw", "why": "put off"},
    "/api/v1/breaches": {"row": 12, "why": "reported by the city"},
    "/api/v1/assessments/{year}/inputs": {"support": 80},
    "/api/v1/assessments/{year}/order": {"why": "too many faults"},
    "/api/v1/breaches/signs": {"row": 11, "why": "criticised in public"},
    "/api/v1/breaches/{number}/steps": {"action": "confirm", "why": "proved"},
    "/api/v1/settlements/{period}/issue": {},
    "/api/v1/payments": {"paid_on": "2024-07-01", "amount_fen": 100},
    "/api/v1/free-month": {"first_day": "2024-03-01", "delivered_at": "2024-01-01"},
    "/api/v1/claims": {"amount_fen": 100, "happened_on": "2024-07-01", "why": "an outage"},
    "/api/v1/retention/holds": {"since": "2025-12-01", "why": "court file"},
    "/api/v1/retention/holds/{number}/release": {"why": "the file is closed"},
    "/api/v1/blocks": {"ground": "9.2", "why": "an order"},
    **{
        f"/api/v1/templates/{{template}}:{step}": {"why": "ready"}
        for step in ("submit", "approve", "send-back", "revoke")
    },
}
QUERIES: dict[str, dict[str, str]] = {
    "/api/v1/standing/suspensions/{number}": {"why": "explained"},
    "/api/v1/standing/terminations/{account}": {"why": "paid"},
    "/api/v1/consents/{msisdn}": {"why": "by telephone"},
    "/api/v1/lists/{list}/{msisdn}": {"why": "a mistake"},
    "/api/v1/numbers/{msisdn}": {"why": "ported back"},
    "/api/v1/optouts/{msisdn}": {"why": "by telephone"},
    "/api/v1/scope/import": {"reason": "fewer users"},
    "/api/v1/blocks/{number}": {"why": "the order ended"},
}
ASKED: dict[str, dict[str, str]] = {
    "/api/v1/sla/messages": {"class": "ok"},
}
"""Queries of routes that are read."""
PLACES = {
    "message_id": "1",
    "session_id": "7",
    "system_id": "police",
    "msisdn": "13300000001",
    "template": "T01",
    "number": "1",
    "account": "police",
    "change": "1",
    "period": "2023-12-01",
    "statement": "HN-1-20231201-1",
    "report": "breaches",
    "year": "2023-12-01",
    "list": "black",
    "mo_id": "1",
}

every_route = pytest.mark.parametrize("row", ROUTES, ids=lambda r: f"{r.method} {r.path}")


async def ask(client: httpx.AsyncClient, row: Route) -> httpx.Response:
    path = re.sub(r"\{(\w+)\}", lambda found: PLACES[found[1]], row.path)
    body = BODIES.get(row.path) if row.method in ("POST", "PUT") else None
    queries = QUERIES if row.method in ("POST", "DELETE") else ASKED
    query = queries.get(row.path)
    return await client.request(row.method, path, json=body, params=query)


def memory() -> Memory:
    made = Memory()
    made.messages.kept = [message(1)]
    made.messages.events = {"1": []}
    made.messages.octets = {"1": []}
    templates = made.registrar.registries.templates
    templates.apply(templates.draft(NOON, "op", "T01", "您预约的业务已取消。"))
    standing = made.registrar.registries.standing
    for change in (
        OptedOut(NOON, "13300000001"),
        ListChanged(NOON, "black", "13300000001"),
        NumberPorted(NOON, "13300000001", "mobile"),
        ReviewOpened(
            NOON, 1, "13300000001", "106590990371", "请不要再给我发短信了", "optout.review"
        ),
    ):
        made.registrar.registries.apply(change)
    standing.apply(Suspended(NOON, 1, "police", "7.5", "op", "suspicion"))
    scopes = made.registrar.registries.scopes
    scopes.apply(ScopeDrafted(NOON, 1, "op", "more users"))
    office = made.registrar.office
    for event in (
        ComplaintReceived(NOON, 1, "police", "12321", "time", "unclear", "party_b", "op"),
        IncidentOpened(NOON, 1, "police", "party_b", "fault", False, "op", "a cable was cut"),
        NoticeSent(NOON, 1, "police", "other", "email", "party_a", "op"),
        DocumentFiled(NOON, 1, "police", "service_mail", "M-1", "op"),
        WindowDeclared(NOON, 1, "party_a_platform", "hardware", NOON, "op", "a disk", NOON + 60),
        CaseOpened(NOON, 1, "police", 13, "serious", "op", "seen"),
        HoldPlaced(NOON, 1, NOON, "op", "court file"),
        BusinessStopped(NOON, 1, "police", "annex 1.14", "op", "100 complaints"),
    ):
        office.apply(event)
    standing.apply(ContractTerminated(NOON, "7.2", "op", "arrears", NOON + 86_400, "police"))
    return made


def test_the_table_holds_every_route_of_the_application() -> None:
    served = {
        (method, route.path)
        for route in build_routes(Memory().context).routes
        for method in getattr(route, "methods", set()) - {"HEAD"}
        if hasattr(route, "path")
    }
    assert served == {(row.method, row.path) for row in ROUTES}


@every_route
async def test_on_loopback_no_token_is_needed(row: Route) -> None:
    async with memory().client() as client:
        answer = await ask(client, row)
    assert answer.status_code in row.answers


@every_route
async def test_elsewhere_a_token_is_needed(row: Route) -> None:
    async with memory().client(listen=ELSEWHERE, peer="192.0.2.7") as client:
        answer = await ask(client, row)
    if row.path in OPEN:
        assert answer.status_code == 200
    else:
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
        assert answer.headers["content-type"] == "application/problem+json"


@every_route
async def test_on_an_open_address_a_loopback_peer_needs_a_token_too(row: Route) -> None:
    async with memory().client(listen=ELSEWHERE) as client:
        answer = await ask(client, row)
    assert (answer.status_code == 401) == (row.path not in OPEN)


@every_route
async def test_a_viewer_reads_and_changes_nothing(row: Route) -> None:
    async with memory().client("viewer", listen=ELSEWHERE, peer="192.0.2.7") as client:
        answer = await ask(client, row)
    unsafe = row.method != "GET" and row.path not in VIEWER_MAY_POST
    if unsafe or row.path.endswith("/pdu"):
        assert answer.status_code == 403
        assert "role viewer seen" in answer.json()["detail"]
    else:
        assert answer.status_code in row.answers


@every_route
async def test_an_operator_may_do_everything(row: Route) -> None:
    async with memory().client("operator", listen=ELSEWHERE, peer="192.0.2.7") as client:
        answer = await ask(client, row)
    assert answer.status_code in row.answers


async def test_a_tester_may_not_end_sessions() -> None:
    async with memory().client("tester") as client:
        answer = await client.delete("/api/v1/sessions/7")
    assert answer.status_code == 403


@pytest.mark.parametrize("given", ["Bearer wrong", "Basic dGVzdGVy", "Bearer"])
async def test_a_wrong_token_is_refused_on_loopback_as_well(given: str) -> None:
    async with memory().client(headers={"Authorization": given}) as client:
        answer = await client.get("/api/v1/messages")
    # "Bearer" alone presents nothing: on loopback that is as good as no header at all.
    assert answer.status_code == (200 if given == "Bearer" else 401)


@pytest.mark.parametrize("header", ["Forwarded", "X-Forwarded-For", "X-Real-IP", "Via"])
async def test_what_came_through_a_proxy_is_not_local(header: str) -> None:
    async with memory().client(headers={header: "192.0.2.7"}) as client:
        answer = await client.get("/api/v1/messages")
    assert answer.status_code == 401


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8775", "", "127.0.0.1.evil.example"]
)
async def test_a_foreign_host_is_refused_on_loopback(host: str) -> None:
    async with memory().client(headers={"Host": host}) as client:
        answer = await client.get("/livez")
    assert answer.status_code == 421
    assert "Host:" in answer.json()["detail"]


async def test_any_host_will_do_where_a_token_is_needed() -> None:
    async with memory().client(
        "viewer", listen=ELSEWHERE, peer="192.0.2.7", headers={"Host": "sms.example"}
    ) as client:
        assert (await client.get("/api/v1/messages")).status_code == 200


@pytest.mark.parametrize(
    ("host", "allowed"),
    [
        ("localhost", True),
        ("LOCALHOST:8775", True),
        ("localhost.", True),
        ("127.0.0.1:8775", True),
        ("[::1]:8775", True),
        ("[::1]", True),
        ("::1", True),
        ("gateway.internal:8775", True),
        ("other.internal:8775", False),
        ("localhost.evil.example", False),
    ],
)
def test_hosts_that_name_this_machine(host: str, allowed: bool) -> None:
    assert host_allowed(host, Endpoint("gateway.internal", 8775)) is allowed


async def test_a_page_of_another_site_changes_nothing() -> None:
    kept = memory()
    async with kept.client(headers={"Origin": "https://evil.example"}) as client:
        answer = await client.delete("/api/v1/sessions/7")
        assert (await client.get("/api/v1/sessions")).status_code == 200
    assert answer.status_code == 403
    assert not kept.sessions.closed


async def test_our_own_page_may_change_something() -> None:
    async with memory().client(headers={"Origin": "http://127.0.0.1:8775"}) as client:
        assert (await client.delete("/api/v1/sessions/7")).status_code == 202


def test_an_origin_without_a_host_is_foreign() -> None:
    assert not origin_allowed("null", "127.0.0.1:8775")


def test_listening_elsewhere_without_tokens_is_refused() -> None:
    settings = load_settings(None, {})
    with pytest.raises(UnsafeListenError, match=r"0\.0\.0\.0:8775 seen.*http\.tokens"):
        check_listen(settings.http, ELSEWHERE)


def test_listening_elsewhere_with_a_token_is_allowed() -> None:
    check_listen(Memory().settings.http, ELSEWHERE)


def test_listening_on_loopback_needs_no_token() -> None:
    check_listen(load_settings(None, {}).http, Endpoint("::1", 8775))


HASHED = "scrypt:2:1:1:AAAAAAAAAAAAAAAA:{digest}"


def hashed_token() -> Token:
    import base64
    import hashlib

    salt = bytes(12)
    digest = hashlib.scrypt(b"slow-token", salt=salt, n=2, r=1, p=1, dklen=32)
    secret = HASHED.format(digest=base64.b64encode(digest).decode())
    row = {"name": "slow", "role": "tester", "token": secret}
    return load_settings(None, {}, {"http.tokens": [row]}).http.tokens[0]


async def test_a_hashed_token_is_recognised_and_remembered() -> None:
    gate = Gate([hashed_token()], loopback=False)
    for _ in range(2):
        caller = await gate.identify("192.0.2.7", {"authorization": "Bearer slow-token"})
        assert caller == Caller("slow", "tester")
    assert await gate.identify("192.0.2.7", {"authorization": "Bearer other"}) is None


@pytest.mark.parametrize(
    ("peer", "local"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("192.0.2.7", False),
        ("", False),
    ],
)
async def test_only_a_loopback_peer_is_local(peer: str, local: bool) -> None:
    caller = await Gate([], loopback=True).identify(peer, {})
    assert caller == (Caller(LOCAL, "operator") if local else None)


def test_tokens_of_the_test_have_all_roles() -> None:
    assert set(TOKENS) == {"viewer", "tester", "operator"}
