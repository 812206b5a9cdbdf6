"""Measure one thing each, in one round. All loads are the gateway's own load generator's."""

from __future__ import annotations

import asyncio
import statistics
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from gateway.load.generator import LoadWorker
from gateway.load.options import LoadOptions
from gateway.load.report import Report
from gateway.load.run import run_load

from . import codec, disk, lists, servers
from .machine import memory_mb

BINDS, WINDOW = 10, 100
STEADY_RATE = 5_000.0
IDLE_RATE = 10.0
"""Messages per second at which each one finds an idle gateway."""
IN_FLIGHT = 1_000_000
GROWTH = 0.02
"""Receipts owed may grow by this share of the rate before it counts as growing."""


@dataclass(frozen=True, slots=True)
class Bench:
    """Say how long each round takes and where the data lies."""

    seconds: float
    folder: Path


Figures = dict[str, float]
"""Name of a row → what this round measured."""


def _load(port: int, bench: Bench, **options: object) -> Report:
    settings: dict[str, object] = {
        "port": port,
        "binds": BINDS,
        "window": WINDOW,
        "duration_s": bench.seconds,
        "receipts": False,
    }
    made = LoadOptions(**(settings | options))  # type: ignore[arg-type]  # names of its fields
    report = asyncio.run(run_load(made))
    if report.errors or report.closings:
        raise RuntimeError(f"the load failed: {report.statuses}, {report.closings}")
    return report


def codec_alone(bench: Bench) -> Figures:
    seconds = bench.seconds / 4
    return {
        "codec_decode": codec.decode_rate(seconds),
        "codec_encode": codec.encode_rate(seconds),
    }


def npm_bare(bench: Bench) -> Figures:
    with servers.npm_smpp() as port:
        return {"npm": _load(port, bench).accepted_rate}


def generator_alone(bench: Bench) -> Figures:
    with servers.echo(receipts=False) as port:
        bare = _load(port, bench).accepted_rate
    with servers.echo(receipts=True) as port:
        full = _load(port, bench, receipts=True).receipt_rate
    return {"echo": bare, "echo_full": full}


def bare(bench: Bench) -> Figures:
    with servers.gateway("bare", bench.folder) as gateway:
        return {"bare": _load(gateway.smpp.port, bench).accepted_rate}


def checks(bench: Bench) -> Figures:
    with servers.gateway("checks", bench.folder) as gateway:
        return {"checks": _load(gateway.smpp.port, bench).accepted_rate}


def durable(bench: Bench) -> Figures:
    with servers.gateway("durable", bench.folder) as gateway:
        return {"durable": _load(gateway.smpp.port, bench).accepted_rate}


def large_lists(bench: Bench) -> Figures:
    """Measure with every registry as large as a province's, and with a tenth of each."""
    with servers.gateway("durable", bench.folder) as gateway:
        plain, _all = memory_mb(gateway.pid)
    figures: Figures = {}
    for key, sizes in (("lists", lists.FULL), ("lists_tenth", lists.FULL.tenth())):
        with servers.with_lists(sizes, bench.folder) as gateway:
            figures[f"{key}_memory"] = memory_mb(gateway.pid)[0] - plain
            figures[key] = _load(gateway.smpp.port, bench).accepted_rate
    return figures


def full_cycle(bench: Bench) -> Figures:
    """Measure receipts acknowledged per second, and how the receipts owed grow meanwhile."""
    with servers.gateway("durable", bench.folder) as gateway:
        report = _load(gateway.smpp.port, bench, receipts=True)
    return {
        "full": min(report.receipt_rate, report.accepted_rate),
        "full_growth": max(0.0, report.backlog_growth) / (report.accepted_rate or 1.0),
        "full_missing": float(report.missing_receipts),
    }


def steady(bench: Bench) -> Figures:
    """Measure latency at a fixed rate that a real account may have."""
    with servers.gateway("durable", bench.folder) as gateway:
        report = _load(gateway.smpp.port, bench, receipts=True, rate=STEADY_RATE, window=None)
    return {
        "steady_p50": report.latency.p50_ms,
        "steady_p99": report.latency.p99_ms,
        "steady_receipt_p99": report.receipt_latency.p99_ms,
    }


def single(bench: Bench) -> Figures:
    """Measure one message at a time beside the disk alone, on the same file system."""
    count = max(10, int(bench.seconds * IDLE_RATE))
    pause_s = 1.0 / IDLE_RATE
    with servers.gateway("durable", bench.folder) as gateway:
        report = _load(gateway.smpp.port, bench, binds=1, rate=IDLE_RATE, receipts=False)
    return {
        "single": report.latency.p50_ms,
        "fdatasync": 1e3 * statistics.median(disk.fdatasync_s(bench.folder, count, pause_s)),
        "commit": 1e3 * statistics.median(disk.sqlite_commit_s(bench.folder, count, pause_s)),
    }


def start(bench: Bench) -> Figures:
    began = monotonic()
    with servers.gateway("durable", bench.folder):
        return {"start": 1e3 * (monotonic() - began)}


def idle_binds(bench: Bench) -> Figures:
    """Measure the memory of 1,000 and 10,000 binds that do nothing."""
    figures: Figures = {}
    with servers.gateway("many binds", bench.folder) as gateway:
        for binds in (1_000, 10_000):
            options = LoadOptions(
                port=gateway.smpp.port, binds=binds, rate=0.0, connect_timeout_s=60.0
            )
            own, together = asyncio.run(_hold(options, gateway.pid))
            figures[f"binds_{binds}"] = own
            figures[f"binds_{binds}_all"] = together
    return figures


async def _hold(options: LoadOptions, pid: int) -> tuple[float, float]:
    worker = LoadWorker(options)
    await worker.connect()
    try:
        return memory_mb(pid)
    finally:
        await worker.close()


def in_flight(bench: Bench) -> Figures:
    """Measure the memory of a million messages that wait for their schedule."""
    with servers.gateway("durable", bench.folder) as gateway:
        _load(
            gateway.smpp.port,
            bench,
            receipts=True,
            # Nobody waits for the receipts, which come tomorrow.
            mode="tx",
            count=IN_FLIGHT,
            duration_s=600.0,
            # Relative time of SMPP 3.4 §7.1.1.2: in one day.
            schedule_delivery_time="000001000000000R",
        )
        own, together = memory_mb(gateway.pid)
    return {"in_flight": own, "in_flight_all": together}
