from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.content import ConsentRules
from routing.consents import ConsentBook
from routing.registry_csv import (
    CHUNK_ROWS,
    MOST_CHUNK_ROWS,
    MOST_PROBLEMS,
    ImportHead,
    RegistryReader,
    RowProblem,
    csv_lines,
)
from routing.registry_events import (
    ConsentGranted,
    ConsentWithdrawn,
    ImportAborted,
    ImportClosed,
    ImportEvent,
    ImportOpened,
    ImportRows,
)
from routing.registry_forms import (
    CONSENTS,
    LISTED,
    OPTOUTS,
    Form,
    consent_cells,
    numbers_form,
)

NUMBER = "13300000001"
JUNE_1 = 1_780_243_200.0
"""2026-06-01 00:00 Asia/Shanghai."""

HEAD = ImportHead(7, JUNE_1, "operator", "yearly list", "consents.csv")


def lines(*rows: str) -> list[str]:
    return [f"{row}\n" for row in rows]


def read(
    rows: Iterable[str], *, partial: bool = False, chunk_rows: int = CHUNK_ROWS
) -> tuple[ConsentBook, RegistryReader, list[ImportEvent]]:
    reader = RegistryReader(CONSENTS, HEAD, partial=partial, chunk_rows=chunk_rows)
    events = list(reader.events(rows))
    book = ConsentBook(ConsentRules())
    for event in events:
        book.apply(event)
    return book, reader, events


def allowed(book: ConsentBook, number: str = NUMBER, category: str = "notice") -> bool:
    return book.judge(number, category, JUNE_1 + 1.0) is None


def test_rows_become_consents_with_their_proof() -> None:
    book, reader, events = read(
        lines(
            "number,category,channel,proof,text_version,obtained_at,expires_at",
            f"{NUMBER},notice reminder,web,DOC-1,v3,2026-05-01,2026-12-31",
            "13300000002,,,,,,",
        )
    )
    assert [type(event) for event in events] == [ImportOpened, ImportRows, ImportClosed]
    assert events[0] == ImportOpened(
        JUNE_1, 7, "consents", "operator", "yearly list", "consents.csv"
    )
    assert (reader.rows, reader.refused, reader.problems) == (2, 0, [])
    first, second = book.records()
    assert (first.categories, first.channel, first.proof) == (
        ("notice", "reminder"),
        "web",
        "DOC-1",
    )
    assert first.since == JUNE_1 - 31 * 86400
    assert first.until == JUNE_1 + 214 * 86400  # 2026-12-31 counts to its 24:00
    assert (second.categories, second.since, second.until) == ((), JUNE_1, float("inf"))


def test_columns_stand_in_any_order_behind_a_byte_order_mark() -> None:
    book, _, _ = read(lines("\ufeffproof, number", f"DOC-1,{NUMBER}"))
    assert [record.proof for record in book.records()] == ["DOC-1"]


def test_spaces_quotes_and_short_rows_are_understood() -> None:
    rows = lines("number,category,proof", f' {NUMBER} , notice ,"DOC, no. 1"', "", "13300000002")
    book, reader, _ = read(rows)
    assert [(r.number, r.proof) for r in book.records()] == [
        (NUMBER, "DOC, no. 1"),
        ("13300000002", ""),
    ]
    assert reader.rows == 2


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("1330000000,,,,", "line 2, number: '1330000000' seen, allowed: 11 digits that begin"),
        ("23300000001,,,,", "line 2, number: '23300000001'"),
        ("１３３0000000１,,,,", "line 2, number:"),
        (",,,,", "line 2, number: '' seen"),
        (f"{NUMBER},spam,,,", "line 2, category: 'spam' seen, allowed: verification, notice"),
        (f"{NUMBER},,fax,,", "line 2, channel: 'fax' seen, allowed: written, web"),
        (f"{NUMBER},,,yesterday,", "line 2, obtained_at: 'yesterday' seen, allowed: a date"),
        (f"{NUMBER},,,2026-06-02,", "line 2, obtained_at: '2026-06-02' seen, allowed: a moment up"),
        (f"{NUMBER},,,1969-12-31,", "line 2, obtained_at: '1969-12-31'"),
        (f"{NUMBER},,,,9999-12-31", "line 2, expires_at: '9999-12-31'"),
        (
            f"{NUMBER},,,2026-05-02,2026-05-01",
            "line 2, expires_at: '2026-05-01' seen, allowed: a m",
        ),
        (f"{NUMBER},,,,,more", "line 2: '6 cells' seen, allowed: 5 as in the heading"),
    ],
)
def test_bad_row_is_described_and_nothing_takes_effect(row: str, told: str) -> None:
    heading = "number,category,channel,obtained_at,expires_at"
    book, reader, events = read(lines(heading, row, "13300000002,,,,"))
    assert str(reader.problems[0]).startswith(told)
    assert isinstance(events[-1], ImportAborted)
    assert events[-1].why.startswith(told)
    assert (reader.rows, reader.refused) == (1, 1)
    assert not allowed(book, "13300000002")


def test_text_that_is_too_long_is_refused() -> None:
    _, reader, _ = read(lines("number,proof", f"{NUMBER},{'x' * 201}", f"{NUMBER},{'x' * 200}"))
    assert (reader.rows, [problem.column for problem in reader.problems]) == (1, ["proof"])


def test_partial_import_leaves_bad_rows_out() -> None:
    rows = lines("number", NUMBER, "133", "13300000002")
    book, reader, events = read(rows, partial=True)
    end = events[-1]
    assert isinstance(end, ImportClosed)
    assert (end.rows, end.refused) == (2, 1)
    assert allowed(book)
    assert allowed(book, "13300000002")
    assert reader.problems == [RowProblem(3, "number", "133", "11 digits that begin with 1")]


def test_no_further_rows_are_given_out_after_a_bad_one() -> None:
    rows = lines("number", NUMBER, "133", "13300000002", "13300000003")
    book, reader, events = read(rows, chunk_rows=1)
    assert [type(event) for event in events] == [ImportOpened, ImportRows, ImportAborted]
    assert reader.rows == 3
    assert not allowed(book)


def test_problems_are_described_up_to_a_number_and_all_counted() -> None:
    _, reader, events = read(lines("number", *(["133"] * (MOST_PROBLEMS + 5))))
    assert (len(reader.problems), reader.refused) == (MOST_PROBLEMS, MOST_PROBLEMS + 5)
    end = events[-1]
    assert isinstance(end, ImportAborted)
    assert end.why.endswith("(25 bad rows in all)")


def test_as_many_bad_rows_are_described_as_the_caller_wants() -> None:
    reader = RegistryReader(CONSENTS, HEAD, most_problems=2)
    list(reader.events(lines("number", "133", "133", "133")))
    assert (len(reader.problems), reader.refused) == (2, 3)


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([], "line 1: 'no line' seen"),
        (["number,colour"], "line 1: 'colour' seen, allowed: the columns number, category"),
        (["number,number"], "line 1: 'number' seen, allowed: the columns"),
        (["category,proof"], "line 1: 'category, proof' seen, allowed: a column number"),
        (["number", f'"{"x" * 140_000}"'], "line 2: 'field larger than field limit"),
    ],
)
def test_file_that_cannot_be_read_is_refused_even_in_part(rows: list[str], told: str) -> None:
    _, reader, events = read(lines(*rows), partial=True)
    assert [type(event) for event in events] == [ImportOpened, ImportAborted]
    assert str(reader.problems[0]).startswith(told)


def test_line_of_a_problem_is_that_of_the_file_though_cells_hold_line_breaks() -> None:
    rows = lines("number,proof", f'{NUMBER},"two', 'lines"', "133,")
    _, reader, _ = read(rows)
    assert [problem.line for problem in reader.problems] == [4]


def test_withdrawal_may_stand_beside_its_consent_or_alone() -> None:
    heading = "number,category,obtained_at,withdrawn_at"
    book, reader, events = read(
        lines(
            heading,
            f"{NUMBER},notice,2026-05-01,2026-05-20",
            "13300000002,notice,,2026-05-20",
        )
    )
    shown = [(r.number, r.granted) for r in book.records()]
    assert shown == [(NUMBER, True), (NUMBER, False), ("13300000002", False)]
    assert book.held(NUMBER, "notice", JUNE_1 - 20 * 86400)
    assert not allowed(book)
    assert isinstance(events[-1], ImportClosed)
    assert (events[-1].rows, reader.rows) == (3, 2)


@pytest.mark.parametrize("moment", ["2026-04-30", "2026-06-02", "soon"])
def test_withdrawal_before_its_consent_or_to_come_is_refused(moment: str) -> None:
    heading = "number,obtained_at,withdrawn_at"
    _, reader, _ = read(lines(heading, f"{NUMBER},2026-05-01,{moment}"))
    assert [problem.column for problem in reader.problems] == ["withdrawn_at"]


def test_chunks_are_streamed_and_closed_with_their_counts() -> None:
    given: list[str] = []

    def source() -> Iterator[str]:
        for row in lines("number", *(str(13_300_000_000 + step) for step in range(25))):
            given.append(row)
            yield row

    events = RegistryReader(CONSENTS, HEAD, chunk_rows=10).events(source())
    first = [next(events), next(events)]
    assert isinstance(first[1], ImportRows)
    assert len(given) == 11
    rest = list(events)
    end = rest[-1]
    assert isinstance(end, ImportClosed)
    assert (end.rows, end.chunks) == (25, 3)


def test_column_of_equal_values_has_one() -> None:
    rows = lines("number,category", *(f"{13_300_000_000 + n},notice" for n in range(100)))
    _, _, events = read(rows)
    chunk = events[1]
    assert isinstance(chunk, ImportRows)
    sizes = [len(part) for part in (chunk.numbers, chunk.since, chunk.until, chunk.picks)]
    assert sizes == [800, 8, 8, 2]
    assert (chunk.kinds, chunk.texts) == ((("grant", "notice", "", ""),), ("",))


def test_chunk_may_hold_as_many_kinds_as_rows() -> None:
    rows = lines("number,text_version", *(f"{13_300_000_000 + n},v{n}" for n in range(10_000)))
    book, _, events = read(rows)
    assert sum(isinstance(event, ImportRows) for event in events) == 1
    last = list(book.records())[-1]
    assert (last.number, last.text_version) == ("13300009999", "v9999")


@pytest.mark.parametrize("chunk_rows", [0, MOST_CHUNK_ROWS + 1])
def test_chunks_of_a_wrong_size_are_refused(chunk_rows: int) -> None:
    with pytest.raises(ValueError, match=f"chunk_rows: {chunk_rows} seen, 1 to 50000"):
        RegistryReader(CONSENTS, HEAD, chunk_rows=chunk_rows)


def test_many_different_dates_are_read_right() -> None:
    moments = [f"2026-05-{1 + n // 86400:02d}T{n // 3600 % 24:02d}:{n // 60 % 60:02d}:{n % 60:02d}"
               for n in range(10_000)]  # fmt: skip
    rows = lines(
        "number,obtained_at", *(f"{13_300_000_000 + n},{m}" for n, m in enumerate(moments))
    )
    book, _, _ = read(rows)
    may_1 = JUNE_1 - 31 * 86400
    assert [r.since - may_1 for r in book.records()] == list(range(10_000))


@pytest.mark.parametrize("form", [CONSENTS, OPTOUTS, LISTED, numbers_form(("mobile",))])
def test_heading_that_is_written_is_one_that_is_read(form: Form) -> None:
    events = list(RegistryReader(form, HEAD).events(csv_lines(form.columns, ())))
    assert isinstance(events[-1], ImportClosed)


CATEGORIES = st.lists(st.sampled_from(["notice", "reminder", "commercial"]), unique=True)
CHANGES = st.lists(
    st.tuples(
        st.sampled_from([NUMBER, "13300000002", "18900000001"]),
        CATEGORIES.map(tuple),
        st.booleans(),
        st.sampled_from(["", "DOC-1", 'a "quoted", 登记\nline']),
        st.sampled_from([0.0, 3600.0, 90_000.0]),
    ),
    max_size=8,
)


@given(CHANGES)
def test_book_that_is_written_and_read_again_judges_alike(
    changes: list[tuple[str, tuple[str, ...], bool, str, float]],
) -> None:
    book = ConsentBook(ConsentRules())
    for step, (number, names, agreed, proof, ttl) in enumerate(changes):
        at = JUNE_1 - 1000.0 + step
        if agreed:
            end = at + ttl if ttl else 0.0
            book.apply(ConsentGranted(at, number, names, "web", proof, "v3", expires_at=end))
        else:
            book.apply(ConsentWithdrawn(at, number, names))
    again, reader, _ = read(csv_lines(CONSENTS.columns, map(consent_cells, book.records())))
    assert reader.problems == []
    for number in (NUMBER, "13300000002", "18900000001"):
        for name in ("notice", "reminder", "commercial"):
            for at in (JUNE_1 - 999.5, JUNE_1 - 996.5, JUNE_1, JUNE_1 + 7200.0):
                assert again.held(number, name, at) == book.held(number, name, at)


@given(st.text(max_size=60), st.booleans())
def test_any_text_is_read_or_refused_and_never_raises(text: str, partial: bool) -> None:
    rows = ["number,category,channel,obtained_at,expires_at,withdrawn_at\n", f"{text}\n"]
    reader = RegistryReader(CONSENTS, HEAD, partial=partial)
    events = list(reader.events(rows))
    assert isinstance(events[-1], ImportClosed | ImportAborted)


FORMULAS = (
    "=HYPERLINK(A1)",
    "+1+1",
    "-1",
    "@SUM(A1)",
    "\tx",
    "\rx",
    "'=1",
    "'示例",
    "+467012345678",
)


def test_proofs_that_look_like_formulas_are_guarded_and_read_back() -> None:
    book = ConsentBook(ConsentRules())
    for place, proof in enumerate(FORMULAS):
        event = ConsentGranted(JUNE_1, str(13_300_000_000 + place), ("notice",), "web", proof)
        book.apply(event)
    written = list(csv_lines(CONSENTS.columns, map(consent_cells, book.records())))
    cells = [row[CONSENTS.columns.index("proof")] for row in csv.reader(written[1:])]
    bare = ("=", "+1+", "-", "@", "\t", "\r")
    assert not any(cell.startswith(bare) for cell in cells)
    assert "+467012345678" in cells
    again, reader, _ = read(written)
    assert reader.problems == []
    assert [record.proof for record in again.records()] == list(FORMULAS)


def test_a_guard_is_taken_off_whoever_put_it_there() -> None:
    book, reader, _ = read(lines("number,proof", "13300000001,'=1", "13300000002,x"))
    assert reader.problems == []
    assert [record.proof for record in book.records()] == ["=1", "x"]
