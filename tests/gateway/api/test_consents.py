"""Hold the API of consents and opt-outs to what they do to traffic."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gateway.api.registry_shapes import (
    ConsentList,
    NumberConsents,
    NumberOptOuts,
    OptOutList,
)
from gateway.clock import ManualClock
from routing.registry_events import ConsentGranted, ConsentWithdrawn, OptedIn, OptedOut
from tests.support.http import api_of
from tests.support.inprocess import NUMBER, TEXT, running

from .memory import NOON, Memory, conforms

USER = "13300000001"
OUTSIDE = "13300100000"
"""Nobody declared a consent for it."""
CONSENT = {"number": OUTSIDE, "channel": "web", "proof": "C-1", "text_version": "3"}
PATH = "/api/v1/consents"
OPTOUTS = "/api/v1/optouts"


async def judged(api: Any) -> str:
    found = await api.post("checks:explain", **{"from": NUMBER, "to": USER, "text": TEXT})
    return str(found["reason"])


async def test_a_withdrawal_and_a_refusal_hold_for_the_next_verdict_and_after_a_restart(
    tmp_path: Path,
) -> None:
    async with running(tmp_path) as run, api_of(run) as api:
        assert await judged(api) == "none"
        gone = await api.delete(f"consents/{USER}", why="by telephone")
        assert (api.status, gone["held"]) == (200, [])
        assert await judged(api) == "no_consent"
        await api.post("consents", **{**CONSENT, "number": USER})
        assert await judged(api) == "none"
        out = await api.post("optouts", number=USER, source="customer_service", why="call 7")
        assert (api.status, out["stopped"][0]["access_number"]) == (201, NUMBER)
        assert await judged(api) == "opted_out"
    async with running(tmp_path) as run, api_of(run) as api:
        assert await judged(api) == "opted_out"
        back = await api.delete(f"optouts/{USER}", why="came back")
        assert (api.status, back["stopped"], len(back["records"])) == (200, [], 2)
        assert await judged(api) == "none"
        records = (await api.get(f"consents/{USER}"))["records"]
        assert [(one["channel"], one["granted"]) for one in records] == [
            ("declared", True),
            ("", False),
            ("web", True),
        ]


async def test_a_consent_shows_with_its_proof_and_what_that_lacks() -> None:
    memory = Memory()
    async with memory.client() as client:
        made = await client.post(PATH, json={**CONSENT, "category": "reminder"})
        bare = await client.post(PATH, json={"number": "+86" + OUTSIDE, "source": "written"})
    assert (made.status_code, bare.status_code) == (201, 201)
    conforms(bare.json(), NumberConsents)
    assert made.json()["held"] == ["reminder"]
    first, second = bare.json()["records"]
    assert (first["proof"], first["missing"], first["categories"]) == ("C-1", [], ["reminder"])
    assert first["since"] == "2026-03-02T12:00:00.000+08:00"
    assert (second["missing"], second["categories"], second["until"]) == (["proof"], [], None)
    event = memory.registrar.recorded[0]
    assert isinstance(event, ConsentGranted)
    assert event.who == "local"


async def test_a_declared_consent_shows_and_is_withdrawn() -> None:
    memory = Memory()
    async with memory.client() as client:
        before = (await client.get(f"{PATH}/{USER}")).json()
        gone = await client.delete(
            f"{PATH}/{USER}", params={"why": "letter", "category": "notice reminder"}
        )
        then = (await client.get(f"{PATH}/{USER}", params={"at": "2026-03-02T11:00:00"})).json()
    assert before["records"][0]["channel"] == "declared"
    assert set(before["held"]) - set(gone.json()["held"]) == {"notice", "reminder"}
    assert then["held"] == before["held"]
    (event,) = memory.registrar.recorded
    assert isinstance(event, ConsentWithdrawn)
    assert (event.why, event.categories) == ("letter", ("notice", "reminder"))


async def test_the_request_of_a_code_is_a_consent_to_codes_for_some_minutes() -> None:
    memory = Memory()
    async with memory.client() as client:
        made = await client.post(PATH, json={"number": OUTSIDE, "channel": "request"})
        memory.clock.jump(memory.settings.contract.consent.code_ttl_s)
        later = await client.get(f"{PATH}/{OUTSIDE}")
    assert made.json()["held"] == ["verification"]
    assert later.json()["held"] == []


async def test_numbers_are_listed_by_page_in_rising_order() -> None:
    memory = Memory()
    async with memory.client() as client:
        for number in ("13300100003", "13300100001", "13300100002"):
            await client.post(PATH, json={**CONSENT, "number": number})
        first = (await client.get(PATH, params={"limit": 2})).json()
        rest = (await client.get(PATH, params={"limit": 2, "cursor": first["next"]})).json()
        wrong = await client.get(PATH, params={"cursor": "x"})
    conforms(first, ConsentList)
    assert [item["number"] for item in first["items"]] == ["13300100001", "13300100002"]
    assert ([item["number"] for item in rest["items"]], rest["next"]) == (["13300100003"], None)
    assert (wrong.status_code, "cursor" in wrong.json()["detail"]) == (422, True)


async def test_a_viewer_sees_masked_numbers_and_changes_nothing() -> None:
    memory = Memory()
    memory.registrar.registries.apply(OptedOut(NOON, USER, source="mo"))
    memory.registrar.registries.apply(ConsentGranted(NOON, OUTSIDE))
    memory.registrar.registries.apply(ConsentGranted(NOON, USER))
    async with memory.client("viewer") as client:
        for path in (f"{PATH}?limit=1", OPTOUTS, f"{PATH}/{USER}", f"{OPTOUTS}/{USER}"):
            shown = await client.get(path)
            assert shown.status_code == 200
            assert "133******01" in shown.text
            assert "13300" not in shown.text
        assert (await client.post(PATH, json=CONSENT)).status_code == 403


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"number": "1330000000"}, "11 digits"),
        ({"category": "adverts"}, "verification, notice"),
        ({"category": 7}, "list of categories"),
        ({"channel": "rumour"}, "written"),
        ({"at": "2026-03-03"}, "up to now"),
        ({"expires_at": "2026-03-01"}, "a moment after"),
    ],
)
async def test_a_consent_that_cannot_be_is_refused(changes: dict[str, object], words: str) -> None:
    memory = Memory()
    async with memory.client() as client:
        answer = await client.post(PATH, json={**CONSENT, **changes})
    assert answer.status_code == 422
    assert words in answer.text
    assert not memory.registrar.recorded


async def test_a_refusal_names_access_number_category_source_and_moment() -> None:
    memory = Memory()
    body = {"number": USER, "category": "reminder", "access_number": NUMBER, "source": "party_a",
            "proof": "L-9", "at": "2026-03-01", "why": "their list"}  # fmt: skip
    async with memory.client() as client:
        made = await client.post(OPTOUTS, json=body)
        listed = await client.get(OPTOUTS)
        query = {"why": "came back", "access_number": NUMBER, "source": "mo", "proof": "L-10"}
        back = await client.delete(f"{OPTOUTS}/{USER}", params=query)
    conforms(made.json(), NumberOptOuts)
    conforms(listed.json(), OptOutList)
    (record,) = listed.json()["items"][0]["records"]
    assert (record["source"], record["proof"]) == ("party_a", "L-9")
    assert record["since"] == "2026-03-01T00:00:00.000+08:00"
    assert [one["refused"] for one in back.json()["records"]] == [True, False]
    out, taken_back = memory.registrar.recorded
    assert isinstance(out, OptedOut)
    assert (out.who, out.why, out.categories) == ("local", "their list", ("reminder",))
    assert isinstance(taken_back, OptedIn)
    assert (taken_back.source, taken_back.proof) == ("mo", "L-10")


async def test_a_refusal_of_a_foreign_access_number_and_an_unknown_one_are_refused() -> None:
    async with Memory().client() as client:
        foreign = {"number": USER, "source": "mo", "access_number": "10650000"}
        foreign_answer = await client.post(OPTOUTS, json=foreign)
        unknown = await client.delete(f"{OPTOUTS}/{USER}", params={"why": "x"})
        malformed = await client.get(f"{OPTOUTS}/12")
    assert (foreign_answer.status_code, NUMBER in foreign_answer.text) == (422, True)
    assert (unknown.status_code, malformed.status_code) == (404, 422)


async def test_a_full_disk_refuses_the_change() -> None:
    memory = Memory()
    memory.registrar.full = True
    async with memory.client() as client:
        assert (await client.post(PATH, json=CONSENT)).status_code == 507


async def test_a_consent_expires_at_its_moment() -> None:
    clock = ManualClock(at=NOON)
    async with running(clock=clock) as run, api_of(run) as api:
        await api.post("consents", **{**CONSENT, "expires_at": "2026-03-02"})
        clock.jump(43_199.0)
        assert (await api.get(f"consents/{OUTSIDE}"))["held"]
        clock.jump(1.0)
        assert (await api.get(f"consents/{OUTSIDE}"))["held"] == []
