from __future__ import annotations

from inspect import isdatadescriptor

from routing.facts import Facts
from routing.limits import TokenBucket

FIELDS = {
    "now": 5.0,
    "outstanding": 3,
    "queued": 4,
    "full": "the disk is full",
    "text_error": "odd length",
    "validity_error": "bad validity",
    "schedule_error": "bad schedule",
    "fault_status": 0x58,
    "part_octets": 140,
    "part_total": 3,
    "continues": True,
}


def test_dry_run_sees_every_fact_and_takes_no_token() -> None:
    facts = Facts(5.0, TokenBucket(1.0, 1.0, 5.0))
    for name, value in FIELDS.items():
        setattr(facts, name, value)
    twin = facts.for_dry_run()
    assert {name: getattr(twin, name) for name in FIELDS} == FIELDS
    stated = {name for name, value in vars(Facts).items() if isdatadescriptor(value)}
    assert set(FIELDS) | {"bucket"} == stated
    assert twin.bucket is not None
    assert twin.bucket.take(5.0)
    assert facts.bucket is not None
    assert facts.bucket.take(5.0)


def test_dry_run_without_a_limit_has_none() -> None:
    assert Facts().for_dry_run().bucket is None
