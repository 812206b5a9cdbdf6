"""Send many messages, and measure responses and receipts."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Annotated, Final, Literal

from cyclopts import Parameter

from gateway.load.errors import ConnectError, EsmeError, NoAnswerError
from gateway.load.html import to_html
from gateway.load.options import LoadOptions
from gateway.load.report import Report
from gateway.load.run import run_load
from gateway.load.terminal import print_report
from gateway.load.traffic import TrafficError
from smpp.errors import EncodeError

from .exits import CommandError, Exit
from .target import parse_target

DEFAULT: Final = LoadOptions()


def load(
    *,
    target: Annotated[str, Parameter(help="Message centre, HOST:PORT.")] = "127.0.0.1:2775",
    binds: Annotated[int, Parameter(help="Sessions to bind.")] = DEFAULT.binds,
    window: Annotated[
        int | None, Parameter(help="Requests outstanding per session; 100, with a rate 1000.")
    ] = None,
    rate: Annotated[
        float | None, Parameter(help="Messages per second in all; as many as it takes if none.")
    ] = None,
    time: Annotated[float, Parameter(help="Seconds to send.")] = DEFAULT.duration_s,
    count: Annotated[int | None, Parameter(help="End after so many messages.")] = None,
    warmup: Annotated[float | None, Parameter(help="Seconds before measuring; 1.")] = None,
    drain: Annotated[float, Parameter(help="Longest wait for receipts.")] = DEFAULT.drain_s,
    mode: Annotated[
        Literal["trx", "tx+rx", "tx"], Parameter(help="How to bind; tx gets no receipts.")
    ] = "trx",
    receipts: Annotated[
        bool, Parameter(negative="--no-receipts", help="Ask for receipts and count them.")
    ] = True,
    system_id: Annotated[str, Parameter(help="Account to bind as.")] = DEFAULT.system_id,
    password: Annotated[
        str, Parameter(help="Its password.", show_default=False)
    ] = DEFAULT.password,
    sender: Annotated[
        str, Parameter(name="--from", help="Sender: the access number.")
    ] = DEFAULT.sender,
    to: Annotated[
        str, Parameter(help="Recipients: a number, or FIRST-LAST to go through.")
    ] = DEFAULT.recipients,
    text: Annotated[str, Parameter(help="Text of every message.", show_default=False)] = (
        DEFAULT.text
    ),
    dcs: Annotated[int | None, Parameter(help="data_coding; chosen by the text if none.")] = None,
    traffic: Annotated[
        Path | None, Parameter(help="JSON Lines file to send instead, over and over.")
    ] = None,
    pace: Annotated[
        float | None, Parameter(help="Follow the file's times, so many times as fast.")
    ] = None,
    processes: Annotated[int, Parameter(help="Processes to send from.")] = DEFAULT.processes,
    tls: Annotated[bool, Parameter(help="Connect by TLS.")] = False,
    tls_ca: Annotated[Path | None, Parameter(help="Authorities to trust, PEM.")] = None,
    threshold: Annotated[
        tuple[str, ...],
        Parameter(help="Bound to keep, such as 'p99<20ms' or 'errors<0.1%'; exit 99 if crossed."),
    ] = (),
    html: Annotated[Path | None, Parameter(help="Write the report as a page.")] = None,
    report: Annotated[Path | None, Parameter(help="Write the report as JSON to a file.")] = None,
    json: Annotated[bool, Parameter(help="Print the report as JSON.")] = False,
) -> int:
    """Send many messages, and measure responses and receipts."""
    host, port = parse_target(target)
    try:
        options = LoadOptions(
            host=host,
            port=port,
            system_id=system_id,
            password=password,
            mode=mode,
            binds=binds,
            window=window,
            rate=rate,
            duration_s=time,
            count=count,
            warmup_s=warmup,
            drain_s=drain,
            receipts=receipts,
            sender=sender,
            recipients=to,
            text=text,
            data_coding=dcs,
            traffic=traffic,
            pace=pace,
            processes=processes,
            thresholds=threshold,
            tls=tls,
            tls_ca=tls_ca,
        )
    except ValueError as error:
        raise CommandError(Exit.USAGE, str(error)) from error
    found = _run(options)
    _write(found, html, report, json)
    return found.exit_code


def _run(options: LoadOptions) -> Report:
    from rich.console import Console  # noqa: PLC0415 - only where there is a bar to draw
    from rich.progress import BarColumn, Progress, TextColumn  # noqa: PLC0415

    console = Console(stderr=True)
    hidden = not console.is_terminal
    columns = (BarColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=console, transient=True, disable=hidden) as bar:
        task = bar.add_task("connecting", total=options.duration_s)
        try:
            return asyncio.run(
                run_load(
                    options,
                    progress=lambda point: bar.update(
                        task,
                        completed=point.at_s,
                        description=f"{point.accepted:.0f}/s accepted, "
                        f"{point.receipts:.0f}/s receipts, p99 {point.p99_s * 1e3:.1f} ms",
                    ),
                )
            )
        except tuple(_CODES) as error:
            code = next(code for kind, code in _CODES.items() if isinstance(error, kind))
            if isinstance(error, ConnectError) and error.timed_out:
                code = Exit.TIMED_OUT
            raise CommandError(code, str(error)) from error


_CODES: Final[dict[type[Exception], Exit]] = {
    ConnectError: Exit.ENVIRONMENT,
    NoAnswerError: Exit.TIMED_OUT,
    EsmeError: Exit.REFUSED,
    TrafficError: Exit.USAGE,
    EncodeError: Exit.USAGE,
    OSError: Exit.ENVIRONMENT,
    ValueError: Exit.USAGE,
}
"""How the errors of a run end the command; the first that fits counts."""


def _write(found: Report, html: Path | None, report: Path | None, json: bool) -> None:
    from rich.console import Console  # noqa: PLC0415 - only where there is something to write

    try:
        if html is not None:
            html.write_text(to_html(found), "utf-8")
        if report is not None:
            report.write_bytes(found.to_json())
    except OSError as error:
        raise CommandError(Exit.ENVIRONMENT, f"{error.filename}: {error.strerror}") from error
    if json:
        sys.stdout.write(found.to_json().decode())
    else:
        print_report(found, Console())
