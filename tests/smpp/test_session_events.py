"""Bound and name what a session tells; how it is told is tested with the session."""

from __future__ import annotations

from smpp.pdus import EnquireLinkResp
from smpp.session_events import Answered, Closed, SessionLimits


def test_the_default_limits_are_those_that_are_documented() -> None:
    limits = SessionLimits()
    assert (limits.max_pdu_bound, limits.max_pdu_unbound, limits.window) == (70_000, 1_024, 1_000)
    assert (limits.session_init_s, limits.pdu_read_s, limits.enquire_link_s) == (30.0, 30.0, 30.0)
    assert (limits.inactivity_s, limits.response_s) == (300.0, 60.0)


def test_events_are_compared_by_what_they_say() -> None:
    assert Closed("eof") == Closed("eof") != Closed("unbind")
    pdu = EnquireLinkResp(sequence_number=1)
    assert Answered("context", pdu, 0.0) == Answered("context", pdu, 0.0)
