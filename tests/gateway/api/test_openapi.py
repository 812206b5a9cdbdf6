"""Hold the OpenAPI document to the standard and to the table, and the page to the document."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest

from gateway.api.app import ROUTES
from gateway.api.openapi import document

from .memory import Memory

METHODS = {"get", "put", "post", "delete"}


@pytest.fixture(scope="module")
def built() -> dict[str, Any]:
    return document(ROUTES, "1.2.3")


def walk(value: object) -> list[dict[str, Any]]:
    if isinstance(value, dict):
        return [value, *(found for item in value.values() for found in walk(item))]
    if isinstance(value, list):
        return [found for item in value for found in walk(item)]
    return []


def test_it_names_its_version_and_that_of_the_standard(built: dict[str, Any]) -> None:
    assert built["openapi"] == "3.1.0"
    assert built["info"]["version"] == "1.2.3"


def test_every_row_is_an_operation_with_its_role(built: dict[str, Any]) -> None:
    for row in ROUTES:
        operation = built["paths"][row.path][row.method.lower()]
        assert operation["x-role"] == (row.role or "none")
        assert operation["summary"] == row.summary
        assert operation["description"]


def test_there_is_no_operation_beside_the_rows(built: dict[str, Any]) -> None:
    operations = {
        (method.upper(), path) for path, item in built["paths"].items() for method in item
    }
    assert operations == {(row.method, row.path) for row in ROUTES}


def test_operation_ids_are_unique(built: dict[str, Any]) -> None:
    ids = [item["operationId"] for path in built["paths"].values() for item in path.values()]
    assert len(ids) == len(set(ids)) == len(ROUTES)


def test_every_reference_leads_somewhere(built: dict[str, Any]) -> None:
    references = [item["$ref"] for item in walk(built) if "$ref" in item]
    assert references
    for reference in references:
        assert reference.removeprefix("#/components/schemas/") in built["components"]["schemas"]


def test_every_operation_says_what_it_answers_and_how_it_fails(built: dict[str, Any]) -> None:
    for path in built["paths"].values():
        for operation in path.values():
            responses = operation["responses"]
            assert set(responses) - {"default"}
            assert all(answer["description"] for answer in responses.values())
            assert "application/problem+json" in responses["default"]["content"]


def test_parameters_of_a_path_are_declared(built: dict[str, Any]) -> None:
    for path, item in built["paths"].items():
        for operation in item.values():
            declared = {
                row["name"] for row in operation.get("parameters", ()) if row["in"] == "path"
            }
            assert declared == set(re.findall(r"\{(\w+)\}", path))


def test_parameters_of_a_query_carry_their_bounds(built: dict[str, Any]) -> None:
    rows = built["paths"]["/api/v1/messages"]["get"]["parameters"]
    limit = next(row for row in rows if row["name"] == "limit")
    assert (limit["in"], limit["required"]) == ("query", False)
    assert (limit["schema"]["minimum"], limit["schema"]["default"]) == (1, 50)


def test_what_a_uplink_may_be_is_in_the_document(built: dict[str, Any]) -> None:
    body = built["paths"]["/api/v1/mo"]["post"]["requestBody"]["content"]["application/json"]
    kinds = body["schema"].get("oneOf") or body["schema"]["anyOf"]
    assert len(kinds) == 2
    assert set(built["components"]["schemas"]["UplinkBody"]["required"]) == {"from", "to", "text"}


async def test_it_is_served(built: dict[str, Any]) -> None:
    async with Memory().client() as client:
        served = (await client.get("/api/v1/openapi.json")).json()
    assert served["paths"] == built["paths"]


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)


async def test_the_page_shows_every_operation_and_needs_nothing_from_elsewhere() -> None:
    async with Memory().client() as client:
        answer = await client.get("/api/v1/docs")
    page = _Page()
    page.feed(answer.text)
    text = "".join(page.words)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    for row in ROUTES:
        assert f"{row.method} {row.path}" in text
    tags = {tag for tag, _ in page.tags}
    assert not tags & {"script", "link", "img", "iframe"}
    targets = [attrs["href"] for _, attrs in page.tags if "href" in attrs]
    assert all(target and target.startswith("/") for target in targets)


async def test_the_pages_policy_allows_its_own_style_and_nothing_else() -> None:
    import base64
    import hashlib

    async with Memory().client() as client:
        answer = await client.get("/api/v1/docs")
    style = re.search("<style>(.*?)</style>", answer.text, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    policy = answer.headers["content-security-policy"]
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; frame-ancestors 'none'"


async def test_the_root_leads_to_the_page() -> None:
    async with Memory().client() as client:
        answer = await client.get("/")
    assert (answer.status_code, answer.headers["location"]) == (307, "/api/v1/docs")


def test_a_body_that_is_a_file_is_described_by_its_media_type(built: dict[str, Any]) -> None:
    body = built["paths"]["/api/v1/consents/import"]["post"]["requestBody"]
    assert body == {"required": True, "content": {"text/csv": {"schema": {"type": "string"}}}}
