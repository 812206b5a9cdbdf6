"""Be a small ESME: bind, submit a text, show its ids, and wait for its receipts if asked to."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from cyclopts import Parameter

from gateway.load.errors import (
    BindError,
    ConnectError,
    ConnectionLostError,
    EsmeError,
    NoAnswerError,
    SubmitError,
    status_name,
)
from gateway.load.esme import Esme
from gateway.load.submission import SubmitOptions
from smpp.constants import RECEIPT_ALWAYS, RECEIPT_NONE
from smpp.errors import EncodeError

from .app import complain
from .exits import CommandError, Exit
from .output import shown, write_json

Cut = Literal["udh8", "udh16", "sar", "payload"]


@dataclass(slots=True, frozen=True)
class _Job:
    """Hold what to send where."""

    to: str
    text: str
    sender: str
    system_id: str
    password: str
    host: str
    port: int
    count: int
    options: SubmitOptions
    wait_s: float | None


def send(
    to: Annotated[str, Parameter(name="TO", help="Recipient.")],
    text: Annotated[str, Parameter(name="TEXT", help="Text; it is cut if it is long.")],
    /,
    *,
    sender: Annotated[
        str, Parameter(name="--from", help="Sender: the access number.")
    ] = "106590990371",
    system_id: Annotated[str, Parameter(help="Account to bind as.")] = "police",
    password: Annotated[  # the demo account's, which is in the documentation
        str, Parameter(help="Its password.", show_default=False)
    ] = "secret08",  # noqa: S107
    host: Annotated[str, Parameter(help="Host of the message centre.")] = "127.0.0.1",
    port: Annotated[int, Parameter(help="Its SMPP port.")] = 2775,
    count: Annotated[int, Parameter(help="How many times to send the text.")] = 1,
    udh: Annotated[Cut, Parameter(help="How a long text is cut.")] = "udh8",
    dcs: Annotated[int | None, Parameter(help="data_coding; chosen by the text if none.")] = None,
    service_type: Annotated[str, Parameter(help="service_type of the submit_sm.")] = "",
    receipt: Annotated[bool, Parameter(help="Ask for delivery receipts.")] = False,
    wait: Annotated[bool, Parameter(help="Ask for receipts and wait for them.")] = False,
    timeout: Annotated[float, Parameter(help="Longest wait for each receipt, seconds.")] = 60.0,
    json: Annotated[bool, Parameter(help="Print one JSON object a message.")] = False,
) -> int:
    """Bind, submit a text, and show the message ids."""
    if count < 1:
        raise CommandError(Exit.USAGE, f"--count: {count} seen, 1 or more allowed")
    options = SubmitOptions(
        data_coding=dcs,
        method=udh,
        service_type=service_type,
        registered_delivery=RECEIPT_ALWAYS if receipt or wait else RECEIPT_NONE,
    )
    job = _Job(
        to,
        text,
        sender,
        system_id,
        password,
        host,
        port,
        count,
        options,
        timeout if wait else None,
    )
    try:
        outcomes = asyncio.run(_send(job, json))
    except tuple(_CODES) as error:
        code = next(code for kind, code in _CODES.items() if isinstance(error, kind))
        if isinstance(error, ConnectError) and error.timed_out:
            code = Exit.TIMED_OUT
        raise CommandError(code, str(error)) from error
    return max(outcomes, default=Exit.OK)


_CODES: dict[type[Exception], Exit] = {
    ConnectError: Exit.ENVIRONMENT,
    BindError: Exit.REFUSED,
    NoAnswerError: Exit.TIMED_OUT,
    ConnectionLostError: Exit.REFUSED,
    EsmeError: Exit.REFUSED,
    EncodeError: Exit.USAGE,
    ValueError: Exit.USAGE,
}
"""What ends the whole command; a refused message ends only itself."""


async def _send(job: _Job, json: bool) -> list[Exit]:
    esme = await Esme.connect(job.host, job.port)
    async with esme:
        await esme.bind(job.system_id, job.password)
        return [await _one(esme, job, json) for _ in range(job.count)]


async def _one(esme: Esme, job: _Job, json: bool) -> Exit:
    """Send one message and say what became of it."""
    try:
        submitted = await esme.submit(job.to, job.text, job.sender, job.options)
    except SubmitError as error:
        failed = {"status": status_name(error.command_status), "ids": list(error.message_ids)}
        if json:
            write_json({**failed, "detail": str(error)})
        else:
            complain(f"{error}; 'smsgw messages list is:rejected' says why")
        return Exit.FAILED
    ids = list(submitted.message_ids)
    report: dict[str, Any] = {"status": "ESME_ROK", "ids": ids}
    if job.wait_s is None:
        _say(json, report, f"accepted, id {' '.join(map(shown, ids))}")
        return Exit.OK
    return await _receipts(esme, job.wait_s, json, report)


async def _receipts(esme: Esme, wait_s: float, json: bool, report: dict[str, Any]) -> Exit:
    receipts: list[dict[str, str]] = []
    for message_id in report["ids"]:
        try:
            receipt = await esme.receipt(message_id, wait_s)
        except NoAnswerError as error:
            _say(json, {**report, "receipts": receipts, "detail": str(error)}, str(error))
            return Exit.TIMED_OUT
        receipts.append({"id": message_id, "stat": receipt.stat, "err": receipt.error})
    words = ", ".join(f"id {shown(r['id'])} {shown(r['stat'])} err {r['err']}" for r in receipts)
    _say(json, {**report, "receipts": receipts}, f"accepted; receipts: {words}")
    delivered = all(receipt["stat"] == "DELIVRD" for receipt in receipts)
    return Exit.OK if delivered else Exit.FAILED


def _say(json: bool, report: dict[str, Any], words: str) -> None:
    if json:
        write_json(report)
    else:
        print(shown(words))
