from __future__ import annotations

import pytest

from routing.links import LINK, first_link, host_of
from tests.support.samples import SAMPLES, Sample


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("点击 http://example.invalid/a 抢购", "http://example.invalid/a"),
        ("点击https://example.invalid。", "https://example.invalid"),
        ("登录www.example.invalid查看", "www.example.invalid"),
        ("登录example.invalid/a?b=1查看", "example.invalid/a?b=1"),
        ("登录EXAMPLE.INVALID/A查看", "EXAMPLE.INVALID/A"),
        ("点a.example，退订", "a.example"),
        ("点a.zzz/q，退订", "a.zzz/q"),
        ("点example.invalid:8080/a退订", "example.invalid:8080/a"),
        ("http://没有", "http://"),
    ],
)
def test_a_link_is_found_without_what_stands_around_it(text: str, link: str) -> None:
    assert first_link(text) == link


@pytest.mark.parametrize(
    "text",
    ["您好", "编号No.12已受理", "3.50元", "at 9 a.m. or later", "valid 5 min. Do not share it.",
     "user@example.invalid", "第1.2版", "1.10.3.4"],
)  # fmt: skip
def test_what_only_looks_like_one_is_none(text: str) -> None:
    assert first_link(text) == ""


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.id)
def test_no_sample_has_one(sample: Sample) -> None:
    assert first_link(sample.text) == ""
    assert LINK.search(sample.text) is None


@pytest.mark.parametrize(
    ("link", "host"),
    [
        ("http://Example.invalid/a", "example.invalid"),
        ("example.invalid/a", "example.invalid"),
        ("http://example.invalid:80/", "example.invalid"),
        ("", ""),
    ],
)
def test_the_host_of_a_link_is_in_small_letters(link: str, host: str) -> None:
    assert host_of(link) == host
