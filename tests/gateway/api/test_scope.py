"""Hold changes of the user scope to what they do to traffic, over HTTP."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.api.scope_shapes import (
    ChangeList,
    ChangeMade,
    NumberInScope,
    RowsTaken,
    ScopeShown,
)
from gateway.clock import ManualClock
from gateway.load.errors import SubmitError
from tests.support.http import Api, api_of
from tests.support.inprocess import NUMBER, TEXT, Running, running

from .memory import NOON, Memory, conforms

INSIDE = "13300000001"
OTHER = "18900000001"
ONE: dict[str, Any] = {"entries": [{"number": OTHER}], "reason": "fewer users"}
CSV = {"Content-Type": "text/csv"}


async def in_scope(run: Running, recipient: str) -> bool:
    async with await run.esme() as esme:
        try:
            await esme.submit(recipient, TEXT, NUMBER)
        except SubmitError:
            return False
    return True


async def put(api: Api, **changes: Any) -> Any:
    answer = await api.client.put("/api/v1/scope", json={**ONE, **changes})
    api.status = answer.status_code
    return answer.json()


async def test_a_new_scope_holds_for_the_next_submission_and_after_a_restart(
    tmp_path: Path,
) -> None:
    async with running(tmp_path) as run, api_of(run) as api:
        assert await in_scope(run, INSIDE)
        made = await put(api)
        assert (api.status, made["state"], made["version"], made["rows"]) == (
            201,
            "effective",
            2,
            1,
        )
        conforms(made, ChangeMade)
        assert not await in_scope(run, INSIDE)
        assert await in_scope(run, OTHER)
    async with running(tmp_path) as run, api_of(run) as api:
        assert not await in_scope(run, INSIDE)
        assert await in_scope(run, OTHER)
        shown = await api.get("scope")
        conforms(shown, ScopeShown)
        assert [version["version"] for version in shown["versions"]] == [1, 2]
        assert shown["in_force"] == {**shown["versions"][1], "change": 1}
        # What is revoked gives way to the version before.
        await api.post("scope/changes/1/steps", action="revoke", why="a mistake")
        assert await in_scope(run, INSIDE)


async def test_a_change_goes_through_its_procedure_and_waits_for_its_day() -> None:
    clock = ManualClock(at=NOON)
    async with running(clock=clock) as run, api_of(run) as api:
        drafted = await api.post(
            "scope/changes", reason="next month", effective_from="2026-04-01", source="paper 7"
        )
        assert (drafted["change"], drafted["actions"]) == (1, ["complete", "withdraw"])
        rows = "/api/v1/scope/changes/1/rows"
        first = await api.client.post(rows, content=f"{OTHER}\n", headers=CSV)
        conforms(first.json(), RowsTaken)
        more = await api.client.post(rows, json={"entries": [{"prefix": "1890001"}]})
        assert more.json()["rows"] == 2
        steps = "scope/changes/1/steps"
        refused = await api.post(steps, action="submit", why="x")
        assert (api.status, "aren't complete" in refused["detail"]) == (409, True)
        for action, state in (
            ("complete", "draft"),
            ("submit", "submitted"),
            ("approve", "approved"),
        ):
            assert (await api.post(steps, action=action, why="as agreed"))["state"] == state
        refused = await api.client.post(rows, json={"entries": [{"number": INSIDE}]})
        assert (refused.status_code, "no entries can be added" in refused.text) == (409, True)
        assert await in_scope(run, INSIDE)
        number = await api.get(f"scope/numbers/{INSIDE}", at="2026-04-01")
        conforms(number, NumberInScope)
        assert (number["in_scope"], number["version"]) == (False, 2)
        clock.advance(30 * 86_400.0)
        assert not await in_scope(run, INSIDE)
        assert await in_scope(run, "18900010009")
        found = await api.get("scope/changes")
        conforms(found, ChangeList)
        assert [change["state"] for change in found["items"]] == ["effective"]


async def post_csv(client: httpx.AsyncClient, text: str, **query: Any) -> httpx.Response:
    where = "/api/v1/scope/import"
    return await client.post(where, content=text, headers=CSV, params={"reason": "a file", **query})


async def test_a_file_is_imported_whole_or_not_at_all() -> None:
    kept = Memory()
    text = f"number,valid_to\n{INSIDE},\n1330000,\n{OTHER},2026-13-01\n"
    async with kept.client() as client:
        answer = await post_csv(client, text)
        assert answer.status_code == 422
        detail = answer.json()["detail"]
        assert "line:3" in detail
        assert "line:4" in detail
        assert kept.registrar.recorded == []
        answer = await post_csv(client, text, partial=True)
        assert (answer.status_code, answer.json()["rows"]) == (201, 1)
        assert len(answer.json()["left_out"]) == 2
        scope = kept.registrar.registries.scopes.scope
        assert scope.includes(INSIDE, NOON)
        assert not scope.includes(OTHER, NOON)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no entry seen"),
        ("1330000*\n13300000001\n", "both name 13300000001 for the same time"),
        ("names\n13300000001\n", "line:1"),
        ("\xff", "not UTF-8"),
    ],
)
async def test_a_bad_file_says_what_is_wrong_with_it(text: str, words: str) -> None:
    async with Memory().client() as client:
        answer = await client.post(
            "/api/v1/scope/import", content=text.encode("latin-1"), headers=CSV,
            params={"reason": "a file"},
        )  # fmt: skip
    assert (answer.status_code, words in answer.json()["detail"]) == (422, True), answer.text


async def test_another_kind_of_body_is_refused() -> None:
    async with Memory().client() as client:
        answer = await client.post(
            "/api/v1/scope/import", content=b"x", headers={"Content-Type": "image/png"},
            params={"reason": "a file"},
        )  # fmt: skip
    assert (answer.status_code, "image/png" in answer.json()["detail"]) == (415, True)


@pytest.mark.parametrize(
    ("change", "status", "words"),
    [
        ({"entries": []}, 422, "entries"),
        ({"entries": [{"number": "1"}]}, 422, "number"),
        ({"entries": [{"number": INSIDE}, {"number": INSIDE}]}, 422, "entries 1 and 2 both name"),
        ({"reason": ""}, 422, "reason"),
        ({"effective_from": "tomorrow"}, 422, "effective_from"),
    ],
)
async def test_a_bad_change_says_what_is_allowed(
    change: dict[str, Any], status: int, words: str
) -> None:
    async with Memory().client() as client:
        answer = await client.put("/api/v1/scope", json={**ONE, **change})
    assert (answer.status_code, words in answer.text) == (status, True), answer.text


async def test_what_is_not_there_is_named() -> None:
    async with Memory().client() as client:
        for path in ("changes/7", "changes/x", "changes/²"):
            answer = await client.get(f"/api/v1/scope/{path}")
            assert (answer.status_code, "there is none" in answer.text) == (404, True)
