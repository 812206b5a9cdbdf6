"""Test the workbook by reading it back as any other program would: a zip of XML."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from io import BytesIO
from xml.etree import ElementTree
from zipfile import ZipFile

from metrics.breaches.periods import start_of
from metrics.settlement.settlement import Adjustment, Settlement, settle
from metrics.settlement.statement import StatementBook, heading_of
from metrics.settlement.table import View
from metrics.settlement.workbook import as_xlsx

from .samples import CONTRACT, PERIOD, counts, judged

NS = {"x": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


def settled(*adjustments: Adjustment) -> Settlement:
    return settle(CONTRACT, PERIOD, counts(), judged(), adjustments=adjustments)


def issued(settlement: Settlement) -> View:
    at = start_of(date(2024, 12, 4))
    statement = StatementBook().draft(settlement, heading_of(CONTRACT), at, cut_off_at=at)
    return View(settlement, statement, 223_635, date(2025, 1, 23))


def tree(book: bytes, name: str) -> ElementTree.Element:
    with ZipFile(BytesIO(book)) as parts:
        return ElementTree.fromstring(parts.read(name))


def sheet(book: bytes, number: int) -> dict[str, str | float]:
    """Give the cells of a sheet that hold something, by their place."""
    strings = [
        "".join(text.text or "" for text in item.iterfind(".//x:t", NS))
        for item in tree(book, "xl/sharedStrings.xml").iterfind("x:si", NS)
    ]
    found: dict[str, str | float] = {}
    for cell in tree(book, f"xl/worksheets/sheet{number}.xml").iterfind(".//x:c", NS):
        value = cell.find("x:v", NS)
        if value is not None and value.text is not None:
            shared = cell.get("t") == "s"
            found[cell.attrib["r"]] = strings[int(value.text)] if shared else float(value.text)
    return found


def beside(cells: dict[str, str | float], label: str) -> str | float:
    """Give the value of the summary beside a label."""
    place = next(place for place, value in cells.items() if value == label)
    return cells["F" + place[1:]]


def test_there_is_a_chinese_and_an_english_sheet() -> None:
    book = as_xlsx(issued(settled()))
    names = [one.get("name") for one in tree(book, "xl/workbook.xml").iterfind(".//x:sheet", NS)]
    assert names == ["结算单", "Statement"]
    assert sheet(book, 1)["A1"] == "行业短信费用结算单"
    assert sheet(book, 2)["A1"] == "Settlement of industry SMS fees"


def test_the_reckoning_is_in_numbers() -> None:
    cells = sheet(as_xlsx(issued(settled())), 1)
    assert beside(cells, "通信费合计（元，5.2、5.3）") == 37869.00
    assert beside(cells, "成功率（3.2.4）") == 0.98424951
    assert beside(cells, "减免费用（元，3.2.4）") == -596.46
    assert beside(cells, "应付金额（元，含税）") == 37272.54
    assert beside(cells, "逾期违约金（元，7.2），截至2025-01-23") == 2236.35


def test_the_sums_of_the_table_are_formulas_with_their_values() -> None:
    book = as_xlsx(issued(settled()))
    formulas = {
        cell.attrib["r"]: formula.text
        for cell in tree(book, "xl/worksheets/sheet2.xml").iterfind(".//x:c", NS)
        if (formula := cell.find("x:f", NS)) is not None
    }
    assert formulas == {
        "D35": "SUM(D11:D34)", "E35": "SUM(E11:E34)", "G35": "SUM(G11:G34)",
    }  # fmt: skip
    cells = sheet(book, 2)
    assert cells["D35"] == 1_262_300
    assert cells["G35"] == 37869.00
    rows = [cells[f"G{row}"] for row in range(11, 35)]
    assert round(sum(one for one in rows if isinstance(one, float)), 2) == 37869.00


def test_the_statement_names_its_number_parties_and_digest() -> None:
    view = issued(settled())
    assert view.statement is not None
    texts = set(sheet(as_xlsx(view), 1).values())
    assert {view.statement.number, CONTRACT.party_a.name, CONTRACT.party_b.name} <= texts
    assert f"校验值（SHA-256）：{view.statement.digest}" in texts


def test_a_draft_says_that_it_is_one() -> None:
    assert "草稿，未出具" in sheet(as_xlsx(View(settled())), 1).values()


def test_free_text_is_no_formula() -> None:
    reason = '=HYPERLINK("x")'
    corrected = issued(settled(Adjustment(date(2023, 12, 1), 0, 30, 0, reason)))
    assert corrected.statement is not None
    statement = replace(corrected.statement, corrects="S-1", reason=reason)
    book = as_xlsx(corrected._replace(statement=statement))
    assert reason in sheet(book, 1).values()
    with ZipFile(BytesIO(book)) as parts:
        assert b"<f>HYPERLINK" not in parts.read("xl/worksheets/sheet1.xml")


def test_equal_settlements_give_equal_octets() -> None:
    assert as_xlsx(issued(settled())) == as_xlsx(issued(settled()))
    assert as_xlsx(View(settled())) == as_xlsx(View(settled()))
