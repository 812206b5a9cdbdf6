"""Hold the API of templates to its procedure, over HTTP against a whole gateway."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gateway.api.template_shapes import (
    Matched,
    TemplateList,
    TemplateVersions,
    VersionShown,
)
from gateway.clock import ManualClock
from gateway.load.errors import SubmitError
from routing.template_events import TemplateDecided, TemplateDrafted
from tests.support.http import Api, api_of
from tests.support.inprocess import NUMBER, running
from tests.support.samples import BY_ID
from tests.support.templates import TEMPLATES

from .memory import NOON, Memory, conforms

T01 = TEMPLATES[0]
BODY = BY_ID["T01"].text.partition("】")[2]
ANOTHER = "13300000002"
RECIPIENT = "13300000001"
TOKENS = [
    {"name": "auditor", "role": "viewer", "token": "viewer-token"},
    {"name": "desk", "role": "operator", "token": "operator-token"},
]


async def draft(api: Api, **changes: Any) -> Any:
    body = {
        "template": "T01", "text": T01.text, "category": "verification", "service": T01.service,
        "description": "codes", "why": "a new service",
    }  # fmt: skip
    return await api.post("templates", **{**body, **changes})


async def approved(api: Api, **changes: Any) -> Any:
    """Bring the template through the whole procedure."""
    await draft(api)
    await api.post("templates/T01:submit", why="ready")
    return await api.post("templates/T01:approve", **{"why": "in order", **changes})


async def test_a_template_goes_through_its_procedure() -> None:
    async with running(clock=ManualClock(at=NOON)) as run, api_of(run) as api:
        drafted = await draft(api)
        assert api.status == 201
        submitted = await api.post("templates/T01:submit", why="ready")
        approved_ = await api.post("templates/T01:approve", why="in order", approval="B-12")
        revoked = await api.post("templates/T01:revoke", why="no longer used")
        listed = await api.get("templates")
        shown = await api.get("templates/T01")
    conforms(listed, TemplateList)
    conforms(shown, TemplateVersions)
    steps = (drafted, submitted, approved_)
    for step in steps:
        conforms(step, VersionShown)
    states = [step["state"] for step in steps]
    assert states == ["draft", "submitted", "effective"]
    assert (drafted["version"], drafted["drafted_by"], drafted["text"]) == (1, "local", T01.text)
    assert (approved_["approval"], approved_["why"]) == ("B-12", "in order")
    assert approved_["effective_from"] == "2026-03-02T12:00:00.000+08:00"
    assert (revoked["state"], revoked["revoked_from"]) == ("revoked", approved_["effective_from"])
    assert shown == {"template": "T01", "items": [revoked]}
    assert listed["items"] == [
        {"template": "T01", "versions": 1, "effective": None, "latest": revoked}
    ]


async def test_what_is_sent_back_is_a_draft_again_and_can_be_worded_anew() -> None:
    async with running() as run, api_of(run) as api:
        await draft(api)
        await api.post("templates/T01:submit", why="ready")
        back = await api.post("templates/T01:send-back", why="too vague")
        again = await draft(api, text="您的验证码{code}，请勿告知他人。")
    assert (back["state"], back["why"]) == ("draft", "too vague")
    assert (again["state"], again["version"]) == ("draft", 1)


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ((":submit", ":submit"), "version 1 is submitted; submit wants one that is a draft"),
        ((":approve",), "version 1 is draft; approve wants one that is submitted"),
        ((":send-back",), "version 1 is draft; send_back wants one that is submitted"),
        ((":revoke",), "no version is approved"),
    ],
)
async def test_a_step_out_of_turn_is_a_conflict_that_names_the_state(
    steps: tuple[str, ...], words: str
) -> None:
    async with running() as run, api_of(run) as api:
        await draft(api)
        for step in steps:
            problem = await api.post(f"templates/T01{step}", why="in a hurry")
        assert api.status == 409
        assert words in problem["detail"]


async def test_a_draft_while_another_is_submitted_is_a_conflict() -> None:
    async with running() as run, api_of(run) as api:
        await draft(api)
        await api.post("templates/T01:submit", why="ready")
        problem = await draft(api)
        assert api.status == 409
        assert "version 1 is submitted" in problem["detail"]


async def test_a_version_comes_into_force_and_ends_by_the_clock() -> None:
    clock = ManualClock(at=NOON)
    async with running(clock=clock) as run, api_of(run) as api:
        found = await approved(api, effective_from="2026-03-03T00:00:00", until="2026-03-03")
        assert found["state"] == "approved"
        assert found["until"] == "2026-03-04T00:00:00.000+08:00"
        clock.jump(86_400 / 2)
        now = await api.get("templates")
        assert now["items"][0]["effective"]["version"] == 1
        clock.jump(86_400)
        assert [one["state"] for one in (await api.get("templates/T01"))["items"]] == ["ended"]


async def test_a_moment_that_has_passed_can_not_be_the_beginning() -> None:
    async with running(clock=ManualClock(at=NOON)) as run, api_of(run) as api:
        await approved(api, effective_from="2026-03-01")
        assert api.status == 409


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"template": "T 01"}, "template"),
        ({"text": "{nothing}"}, "text: template T01: allowed is"),
        ({"text": "{code}"}, "allowed is"),
        ({"category": "fun"}, "category"),
        ({"service": "slow"}, "service"),
        ({"why": ""}, "why"),
        ({"since": "now"}, "since"),
    ],
)
async def test_a_draft_with_a_fault_is_refused_and_not_recorded(
    changes: dict[str, str], words: str
) -> None:
    async with running() as run, api_of(run) as api:
        problem = await draft(api, **changes)
        assert api.status == 422
        assert words in problem["detail"]
        assert run.events(TemplateDrafted) == []


async def test_an_unknown_template_is_not_found() -> None:
    async with running() as run, api_of(run) as api:
        for step in ("submit", "approve", "send-back", "revoke"):
            problem = await api.post(f"templates/T99:{step}", why="none")
            assert api.status == 404
            assert "T99" in problem["detail"]
        await api.get("templates/T99")
        assert api.status == 404


async def test_lists_go_page_by_page_and_by_state() -> None:
    async with running() as run, api_of(run) as api:
        for name in ("T03", "T01", "T02"):
            await draft(api, template=name)
        await api.post("templates/T02:submit", why="ready")
        first = await api.get("templates", limit=2)
        second = await api.get("templates", limit=2, cursor=first["next"])
        submitted = await api.get("templates", state="submitted")
    assert [one["template"] for one in first["items"]] == ["T01", "T02"]
    assert ([one["template"] for one in second["items"]], second["next"]) == (["T03"], None)
    assert [one["template"] for one in submitted["items"]] == ["T02"]


async def test_a_text_is_compared_with_and_without_its_signature() -> None:
    async with running() as run, api_of(run) as api:
        before = await api.post("templates:match", text=BODY, service=T01.service)
        await approved(api)
        exact = await api.post("templates:match", text=BODY, service=T01.service)
        signed = await api.post("templates:match", text=f"【示例警务】{BODY}", service=T01.service)
        near = await api.post(
            "templates:match", text=BODY.replace("请勿告知他人", "请勿转告"), service=T01.service
        )
        other = await api.post(
            "templates:match", text=BODY,
            service="ordinary" if T01.service == "instant" else "instant",
        )  # fmt: skip
    for found in (before, exact, near, other):
        conforms(found, Matched)
    assert (before["kind"], before["template"], before["similarity"]) == ("none", None, "0")
    assert (exact["kind"], exact["template"], exact["version"]) == ("exact", "T01", 1)
    assert (exact["similarity"], exact["deviations"], exact["breach_row"]) == ("1", [], None)
    assert exact == signed
    assert near["kind"] in ("similar", "minor")
    assert 0.8 < float(near["similarity"]) < 1
    assert near["deviations"]
    assert (other["kind"], other["elsewhere"]["template"]) == ("none", "T01")
    assert T01.service in other["detail"]
    assert other["detail_zh"]


async def test_what_is_required_is_refused_until_its_template_is_approved(tmp_path: Path) -> None:
    """A change holds for the next submission, and after a restart."""
    contract: dict[str, Any] = {"contract__template__required": True}
    text = BY_ID["T01"].text
    async with running(tmp_path, **contract) as run, api_of(run) as api, await run.esme() as esme:
        with pytest.raises(SubmitError):
            await esme.submit(RECIPIENT, text, NUMBER)
        await draft(api, service="ordinary")
        await api.post("templates/T01:submit", why="ready")
        await api.post("templates/T01:approve", why="in order")
        await esme.submit(RECIPIENT, text, NUMBER)
    async with running(tmp_path, **contract) as run, api_of(run) as api, await run.esme() as esme:
        # The first user had a code just now.
        await esme.submit(ANOTHER, text, NUMBER)
        await api.post("templates/T01:revoke", why="no longer used")
        with pytest.raises(SubmitError):
            await esme.submit(RECIPIENT, text, NUMBER)


async def test_changes_carry_the_name_of_the_token_and_need_an_operator() -> None:
    async with running(http__tokens=TOKENS) as run:
        async with api_of(run, token="viewer-token") as api:
            problem = await draft(api)
            assert (api.status, "operator" in problem["detail"]) == (403, True)
        async with api_of(run, token="operator-token") as api:
            await approved(api)
        async with api_of(run, token="viewer-token") as api:
            shown = await api.get("templates/T01")
            matched = await api.post("templates:match", text=BODY, service=T01.service)
        assert [event.who for event in run.events(TemplateDrafted)] == ["desk"]
        assert [event.who for event in run.events(TemplateDecided)] == ["desk"]
    assert T01.text not in str(shown)
    assert matched["kind"] == "exact"


async def test_a_repeated_step_with_a_key_is_taken_once() -> None:
    async with running() as run, api_of(run) as api:
        await draft(api)
        api.client.headers["Idempotency-Key"] = "submit-1"
        first = await api.post("templates/T01:submit", why="ready")
        again = await api.post("templates/T01:submit", why="ready")
        assert (api.status, again) == (200, first)


async def test_what_a_full_disk_refused_is_not_said_to_be_done() -> None:
    memory = Memory()
    memory.registrar.full = True
    async with memory.client() as client:
        body = {"template": "T01", "text": T01.text, "why": "new"}
        answer = await client.post("/api/v1/templates", json=body)
    assert answer.status_code == 507
