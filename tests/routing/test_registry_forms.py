from __future__ import annotations

import pytest

from config.content import ConsentRules, OptOutRules
from routing.consents import ConsentBook, ConsentRecord
from routing.lists import NumberLists
from routing.optouts import OptOutBook
from routing.portability import Portability
from routing.registry_csv import ImportHead, RegistryReader, csv_lines
from routing.registry_events import ListChanged, NumberPorted, OptedIn, OptedOut
from routing.registry_forms import (
    CONSENTS,
    LISTED,
    OPTOUTS,
    CellError,
    Form,
    consent_cells,
    list_cells,
    moment_text,
    numbers_form,
    optout_cells,
    port_cells,
)

NUMBER = "13300000001"
PORT = "106590990371"
JUNE_1 = 1_780_243_200.0
HEAD = ImportHead(7, JUNE_1 + 100.0, "operator")
NUMBERS = numbers_form(("telecom", "mobile"))


def problem(form: Form, heading: str, row: str) -> str:
    reader = RegistryReader(form, HEAD)
    list(reader.events([f"{heading}\n", f"{row}\n"]))
    return str(reader.problems[0])


def test_moment_is_written_with_the_offset_of_the_contracts_clock() -> None:
    assert moment_text(JUNE_1) == "2026-06-01T00:00:00+08:00"
    assert moment_text(JUNE_1 + 0.25) == "2026-06-01T00:00:00.250000+08:00"
    assert moment_text(float("inf")) == ""


def test_optouts_survive_being_written_and_read() -> None:
    book = OptOutBook(OptOutRules())
    book.apply(OptedOut(JUNE_1, NUMBER, PORT, ("reminder",), "mo", "MO 5"))
    book.apply(OptedOut(JUNE_1, "13300000002", source="customer_service"))
    book.apply(OptedIn(JUNE_1 + 1.0, "13300000002", PORT))
    again = OptOutBook(OptOutRules())
    for event in RegistryReader(OPTOUTS, HEAD).events(
        csv_lines(OPTOUTS.columns, map(optout_cells, book.records()))
    ):
        again.apply(event)
    assert [optout_cells(r) for r in again.records()] == [optout_cells(r) for r in book.records()]
    for number in (NUMBER, "13300000002"):
        found = [b.stopped_categories(number, PORT, JUNE_1 + 200.0) for b in (book, again)]
        assert found[0] == found[1]


def test_row_of_a_number_alone_is_a_refusal_of_everything() -> None:
    book = OptOutBook(OptOutRules())
    for event in RegistryReader(OPTOUTS, HEAD).events(["number\n", f"{NUMBER}\n"]):
        book.apply(event)
    assert book.judge(NUMBER, PORT, "notice", JUNE_1 + 100.0) is not None


def test_lists_survive_being_written_and_read() -> None:
    lists = NumberLists()
    lists.apply(ListChanged(JUNE_1, "black", NUMBER, reason="投诉", valid_to=JUNE_1 + 9.0))
    lists.apply(ListChanged(JUNE_1, "red", "1330000", valid_from=JUNE_1 + 500.0))
    lists.apply(ListChanged(JUNE_1, "white", NUMBER, scope="account", holder="police"))
    lists.apply(ListChanged(JUNE_1 + 1.0, "white", NUMBER, False, "account", "police"))
    again = NumberLists()
    for event in RegistryReader(LISTED, HEAD).events(
        csv_lines(LISTED.columns, map(list_cells, lists.records()))
    ):
        again.apply(event)
    assert [list_cells(r) for r in again.records()] == [list_cells(r) for r in lists.records()]


def test_ported_numbers_survive_being_written_and_read() -> None:
    table = Portability()
    table.apply(NumberPorted(JUNE_1, NUMBER, "mobile"))
    table.apply(NumberPorted(JUNE_1 + 1.0, NUMBER, "", JUNE_1 + 900.0))
    again = Portability()
    for event in RegistryReader(NUMBERS, HEAD).events(
        csv_lines(NUMBERS.columns, map(port_cells, table.records()))
    ):
        again.apply(event)
    assert [port_cells(r) for r in again.records()] == [port_cells(r) for r in table.records()]


def test_withdrawal_is_written_as_a_withdrawal_alone() -> None:
    record = ConsentRecord(
        NUMBER, False, ("notice",), "", "", "", JUNE_1, float("inf"), JUNE_1, 0, ()
    )
    assert dict(zip(CONSENTS.columns, consent_cells(record), strict=True)) == {
        "number": NUMBER,
        "category": "notice",
        "channel": "",
        "proof": "",
        "text_version": "",
        "obtained_at": "",
        "expires_at": "",
        "withdrawn_at": "2026-06-01T00:00:00+08:00",
    }


@pytest.mark.parametrize(
    ("form", "heading", "row", "told"),
    [
        (CONSENTS, "number,channel", f"{NUMBER},fax", "line 2, channel: 'fax' seen"),
        (CONSENTS, "number,category", f"{NUMBER},spam", "line 2, category: 'spam' seen"),
        (
            CONSENTS,
            "number,text_version",
            f"{NUMBER},{'v' * 201}",
            "line 2, text_version: 'vvvvvvvvvvvvvvvvvvvv… (201 characters)' seen",
        ),
        (OPTOUTS, "number,state", f"{NUMBER},gone", "line 2, state: 'gone' seen, allowed: out, in"),
        (OPTOUTS, "number,source", f"{NUMBER},fax", "line 2, source: 'fax'"),
        (OPTOUTS, "number,access_number", f"{NUMBER},POLICE", "line 2, access_number: 'POLICE'"),
        (OPTOUTS, "number,access_number", f"{NUMBER},10", "line 2, access_number: '10'"),
        (OPTOUTS, "number,at", f"{NUMBER},2026-06-02", "line 2, at: '2026-06-02' seen"),
        (LISTED, "number,list", f"{NUMBER},grey", "line 2, list: 'grey' seen, allowed: red, black"),
        (LISTED, "number", f"{NUMBER}", "line 2, list: '' seen"),
        (LISTED, "prefix,list", "2330,red", "line 2, prefix: '2330' seen, allowed: 1 to 11"),
        (
            LISTED,
            "prefix,number,list",
            f"133,{NUMBER},red",
            "line 2, prefix: '133' seen, allowed: ",
        ),
        (LISTED, "prefix,number,list", ",,red", "line 2, number: '' seen"),
        (LISTED, "number,list,scope", f"{NUMBER},red,town", "line 2, scope: 'town' seen"),
        (
            LISTED,
            "number,list,scope",
            f"{NUMBER},red,account",
            "line 2, holder: '' seen, allowed: t",
        ),
        (LISTED, "number,list,holder", f"{NUMBER},red,police", "line 2, holder: 'police' seen"),
        (LISTED, "number,list,state", f"{NUMBER},red,up", "line 2, state: 'up' seen, allowed: on"),
        (
            NUMBERS,
            "number,carrier",
            f"{NUMBER},acme",
            "line 2, carrier: 'acme' seen, allowed: tele",
        ),
    ],
)
def test_bad_cell_is_described(form: Form, heading: str, row: str, told: str) -> None:
    assert problem(form, heading, row).startswith(told)


def test_lists_and_portings_may_begin_after_the_import() -> None:
    for form, heading, row in (
        (LISTED, "number,list,valid_from", f"{NUMBER},red,2027-01-01"),
        (NUMBERS, "number,carrier,ported_at", f"{NUMBER},mobile,2027-01-01"),
    ):
        reader = RegistryReader(form, HEAD)
        list(reader.events([f"{heading}\n", f"{row}\n"]))
        assert reader.problems == []


def test_consents_in_a_row_are_read() -> None:
    book = ConsentBook(ConsentRules())
    heading = "number,category,channel,text_version,obtained_at,withdrawn_at\n"
    row = f"{NUMBER},notice,web,v3,2026-05-01,2026-05-02\n"
    for event in RegistryReader(CONSENTS, HEAD).events([heading, row]):
        book.apply(event)
    assert [(r.granted, r.categories, r.channel) for r in book.records()] == [
        (True, ("notice",), "web"),
        (False, ("notice",), ""),
    ]


def test_entry_is_a_number_or_where_there_are_prefixes_a_prefix() -> None:
    assert LISTED.entry("", "1330") == 1330
    assert OPTOUTS.entry(NUMBER, "") == int(NUMBER)
    for number in ("", "133", "2" * 11, "1330000000x"):
        with pytest.raises(CellError, match=r"number: .* allowed: 11 digits"):
            OPTOUTS.entry(number, "1330")


def test_cell_error_names_column_value_and_what_is_allowed() -> None:
    error = CellError("number", "133", "11 digits")
    assert str(error) == "number: '133' seen, allowed: 11 digits"
