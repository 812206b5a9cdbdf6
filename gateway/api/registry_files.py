"""Take registries of numbers in from CSV, and give them out as CSV that can be taken in again.

A file is read whole before anything of it is recorded, so that a bad row changes nothing. Then its
rows are recorded some thousands at a time, with messages in between, and hold all at once at the
end. When the disk fills up within, nothing of it holds.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import asdict
from itertools import islice
from typing import Final

from starlette.responses import Response, StreamingResponse

from gateway.masking import mask_number
from routing.registry_csv import ImportHead, RegistryReader, csv_lines
from routing.registry_events import ImportEvent
from routing.registry_forms import Form

from .ports import JsonObject, RefusedError
from .problems import problem
from .registry_pages import AnyCall
from .registry_shapes import ImportQuery
from .route import Call

MEDIA_TYPE: Final = "text/csv"
MOST_BAD_ROWS: Final = 10_000
"""Bad rows that are described; further ones are counted."""
_CHUNK_ROWS: Final = 2_000
"""Rows that are recorded in one go: it keeps the event loop for some 4 ms."""
_LINES: Final = 500
"""Lines that are written in one go."""


async def import_file(call: Call[ImportQuery, None], form: Form) -> Response:
    """Take in the rows of the body: all of them or, unless `partial`, none."""
    context, query = call.context, call.query
    text = await text_of(call)
    import_id = context.registrar.registries.new_import()
    head = ImportHead(import_id, context.clock.at(), call.by.name, query.why, query.file)
    reader = RegistryReader(
        form, head, partial=query.partial, chunk_rows=_CHUNK_ROWS, most_problems=MOST_BAD_ROWS
    )
    events = await asyncio.to_thread(_read, reader, text)
    bad_rows = [asdict(bad) for bad in reader.problems]
    if reader.failed:
        more: JsonObject = {"refused": reader.refused, "bad_rows": bad_rows}
        return problem(422, _words(reader), instance=call.request.url.path, more=more)
    for event in events:
        await context.registrar.record([event])
    result = {
        "import_id": import_id,
        "registry": form.registry,
        "rows": reader.rows,
        "refused": reader.refused,
        "bad_rows": bad_rows,
    }
    return call.answer(result)


def export_file(call: AnyCall, form: Form, rows: Iterable[tuple[str, ...]]) -> Response:
    """Give the rows out as a file; for viewers with masked numbers."""
    if not call.by.sees_all:
        rows = _masked(form, rows)
    return csv_response(form.registry, form.columns, rows)


def csv_response(name: str, columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Response:
    """Give a table out as a file."""
    name = f'attachment; filename="{name}.csv"'
    return StreamingResponse(
        _written(csv_lines(columns, rows)),
        media_type=f"{MEDIA_TYPE}; charset=utf-8",
        headers={"Content-Disposition": name},
    )


def wants_file(call: AnyCall) -> bool:
    """Say whether the caller asks for CSV instead of JSON."""
    return MEDIA_TYPE in call.request.headers.get("accept", "")


async def text_of(call: AnyCall) -> str:
    """Give the body of a request as text, which has to be CSV in UTF-8 (RefusedError 415, 422)."""
    kind = call.request.headers.get("content-type", "none")
    if MEDIA_TYPE not in kind:
        raise RefusedError(415, f"Content-Type: {kind[:80]!r} seen, {MEDIA_TYPE} allowed")
    octets = await call.request.body()
    try:
        return octets.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RefusedError(422, f"body: not UTF-8 at octet {error.start}") from error


def _read(reader: RegistryReader, text: str) -> list[ImportEvent]:
    return list(reader.events(io.StringIO(text, newline="")))


def _words(reader: RegistryReader) -> str:
    more = f"; {reader.refused} bad rows in all" if reader.refused > 1 else ""
    return f"{reader.problems[0]}{more}; nothing was imported"


def _masked(form: Form, rows: Iterable[tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    places = [form.columns.index(name) for name in ("number", "prefix") if name in form.columns]
    for row in rows:
        cells = list(row)
        for place in places:
            cells[place] = mask_number(cells[place])
        yield tuple(cells)


async def _written(lines: Iterator[str]) -> AsyncIterator[str]:
    """Write some lines at a time, and let others go before the next."""
    while part := "".join(islice(lines, _LINES)):
        yield part
        await asyncio.sleep(0)
