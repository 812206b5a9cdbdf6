"""Hold every error to the form of RFC 9457."""

from __future__ import annotations

import pytest

from gateway.api.shapes import Problem

from .memory import Memory, conforms


@pytest.mark.parametrize(
    ("method", "path", "status", "detail"),
    [
        ("GET", "/nowhere", 404, "/nowhere: no such resource; /api/v1/docs lists them"),
        ("GET", "/livez/", 404, "no such resource"),
        ("POST", "/livez", 405, "/livez: method POST seen, GET, HEAD allowed"),
        ("PUT", "/api/v1/sessions/7", 405, "method PUT seen, DELETE, GET, HEAD allowed"),
        ("BREW", "/livez", 405, "method BREW seen"),
        ("GET", "/livez?x=1", 422, "'x': no query parameters are allowed here"),
        ("GET", "/api/v1/messages?limt=5", 422, 'query parameter limt: "5" seen, only the keys'),
        ("GET", "/api/v1/messages/1", 404, "message '1': no such id"),
    ],
)
async def test_an_error_is_a_problem_that_says_what_was_seen(
    method: str, path: str, status: int, detail: str
) -> None:
    async with Memory().client() as client:
        answer = await client.request(method, path)
    problem = answer.json()
    conforms(problem, Problem)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.status_code == problem["status"] == status
    assert problem["instance"] == path.partition("?")[0]
    assert detail in problem["detail"]


async def test_a_method_that_is_not_allowed_names_those_that_are() -> None:
    async with Memory().client() as client:
        answer = await client.put("/api/v1/sessions/7")
    assert answer.headers["allow"] == "DELETE, GET, HEAD"


@pytest.mark.parametrize(
    ("content", "kind", "status", "detail"),
    [
        (b"{", "application/json", 422, "body: not JSON: "),
        (b"", "application/json", 422, "body: not JSON: "),
        (b"\xff", "application/json", 422, "body: not JSON: "),
        (b"[" * 100_000, "application/json", 422, "body: not JSON: nested too deep"),
        (b"{}", "text/plain", 415, "Content-Type: 'text/plain' seen, application/json allowed"),
        (b"null", "application/json", 422, "body: null seen, a JSON object allowed"),
    ],
)
async def test_a_body_that_is_no_json_object_is_explained(
    content: bytes, kind: str, status: int, detail: str
) -> None:
    async with Memory().client() as client:
        answer = await client.post("/api/v1/mo", content=content, headers={"Content-Type": kind})
    assert answer.status_code == status
    assert detail in answer.json()["detail"]


async def test_all_faults_of_a_body_are_told_at_once() -> None:
    async with Memory().client() as client:
        answer = await client.post("/api/v1/mo", json={"from": "x", "text": 1})
    places = [fault["at"] for fault in answer.json()["errors"]]
    assert places == ["body from", "body to", "body text"]


async def test_a_long_value_is_cut_where_it_is_shown() -> None:
    async with Memory().client() as client:
        answer = await client.post(
            "/api/v1/mo", json={"from": "x" * 10_000, "to": "106590990371", "text": ""}
        )
    assert len(answer.json()["detail"]) < 200
