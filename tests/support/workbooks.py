"""Read a workbook back as any other program would: a zip of XML."""

from __future__ import annotations

from io import BytesIO
from typing import TypeAlias
from xml.etree import ElementTree
from zipfile import ZipFile

Rows: TypeAlias = list[list[str | float]]
_NS = {"x": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


def workbook(content: bytes) -> dict[str, Rows]:
    """Give the rows of each sheet that hold something, and in them the cells that do.

    A cell with a formula fails: none of these tables has any.
    """
    with ZipFile(BytesIO(content)) as parts:
        trees = {
            name: ElementTree.fromstring(parts.read(name))
            for name in parts.namelist()
            if name.endswith(".xml")
        }
    strings = [
        "".join(text.text or "" for text in item.iterfind(".//x:t", _NS))
        for item in trees["xl/sharedStrings.xml"].iterfind("x:si", _NS)
    ]
    names = [one.attrib["name"] for one in trees["xl/workbook.xml"].iterfind(".//x:sheet", _NS)]
    return {
        name: _rows(trees[f"xl/worksheets/sheet{number}.xml"], strings)
        for number, name in enumerate(names, 1)
    }


def _rows(tree: ElementTree.Element, strings: list[str]) -> Rows:
    assert tree.find(".//x:f", _NS) is None
    found: Rows = []
    for row in tree.iterfind(".//x:row", _NS):
        values = [
            strings[int(value.text)] if cell.get("t") == "s" else float(value.text)
            for cell in row.iterfind("x:c", _NS)
            if (value := cell.find("x:v", _NS)) is not None and value.text
        ]
        filled = [value for value in values if value != ""]
        if filled:
            found.append(filled)
    return found
