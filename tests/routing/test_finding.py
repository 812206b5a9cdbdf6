from __future__ import annotations

from routing.finding import Finding


def test_a_finding_leaves_its_rows_to_its_reason_and_refuses_unless_it_says_otherwise() -> None:
    found = Finding("too long", "过长")
    assert (found.seen, found.allowed, found.rows, found.watched) == ("", "", None, False)
