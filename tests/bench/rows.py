"""Say what is measured, in which order, in which words, and what it has to reach."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from . import measures
from .measures import Bench, Figures

Measure = Callable[[Bench], Figures]


@dataclass(frozen=True, slots=True)
class Row:
    """Describe one figure. `target` is compared with the median, or with the median's ratio to
    that of `beside`; `at_least` says in which direction."""

    key: str
    words: str
    unit: str
    target: float | None = None
    beside: str = ""
    at_least: bool = True


REPEATED: dict[str, Measure] = {
    "codec": measures.codec_alone,
    "generator": measures.generator_alone,
    "npm": measures.npm_bare,
    "bare": measures.bare,
    "checks": measures.checks,
    "durable": measures.durable,
    "lists": measures.large_lists,
    "full": measures.full_cycle,
    "steady": measures.steady,
    "single": measures.single,
    "start": measures.start,
}
"""Measured in every round, in this order, so that a change of the machine meets all alike."""
ONCE: dict[str, Measure] = {"binds": measures.idle_binds}
"""Memory does not vary between rounds."""
ON_DEMAND: dict[str, Measure] = {"flight": measures.in_flight}
"""Takes minutes."""

ROWS = (
    Row("codec_decode", "codec alone: submit_sm framed and decoded", "1/s"),
    Row("codec_encode", "codec alone: submit_sm_resp encoded", "1/s"),
    Row("echo", "load generator against an echo", "1/s"),
    Row("echo_full", "load generator against an echo, receipts acknowledged", "1/s"),
    Row("npm", "npm smpp 0.5.1: bare accept", "1/s"),
    Row("bare", "bare accept", "1/s", 4.0, "npm"),
    Row("checks", "accept with every check", "1/s", None, "npm"),
    Row("durable", "accept with every check and durable journal", "1/s", 2.0, "npm"),
    Row("lists_tenth", "  with a tenth of the lists below", "1/s", None, "durable"),
    Row("lists", "  with 2,000,000 in scope, 2,000,000 consents, 200,000 refusals, 100,000 words, "
        "500 templates", "1/s", 0.7, "durable"),
    Row("lists_tenth_memory", "  memory of a tenth of the lists", "MB"),
    Row("lists_memory", "  memory of these lists", "MB", 1_000.0, "", at_least=False),
    Row("full", "full cycle, receipts acknowledged", "1/s", 0.8, "npm"),
    Row("full_growth", "  receipts owed: growth as a share of the rate", "", measures.GROWTH, "",
        at_least=False),
    Row("full_missing", "  receipts that did not come", "", 0.0, "", at_least=False),
    Row("steady_p50", "submit_sm_resp at 5,000/s, p50", "ms"),
    Row("steady_p99", "submit_sm_resp at 5,000/s, p99", "ms", 20.0, "", at_least=False),
    Row("steady_receipt_p99", "receipt at 5,000/s, p99", "ms"),
    Row("fdatasync", "fdatasync of 512 octets", "ms"),
    Row("commit", "SQLite commit of one row", "ms"),
    Row("single", "single message on an idle gateway", "ms", 2.0, "fdatasync", at_least=False),
    Row("start", "start to ready", "ms", 1_000.0, "", at_least=False),
    Row("binds_1000", "1,000 idle binds: memory of the gateway's process", "MB"),
    Row("binds_1000_all", "1,000 idle binds: memory of all its processes", "MB", 150.0, "",
        at_least=False),
    Row("binds_10000", "10,000 idle binds: memory of the gateway's process", "MB"),
    Row("binds_10000_all", "10,000 idle binds: memory of all its processes", "MB", 300.0, "",
        at_least=False),
    Row("in_flight", "1,000,000 messages in flight: the gateway's process", "MB"),
    Row("in_flight_all", "1,000,000 messages in flight: all its processes", "MB", 1_500.0, "",
        at_least=False),
)  # fmt: skip
