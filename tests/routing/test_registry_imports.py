from __future__ import annotations

from array import array
from hashlib import sha256

import pytest

from routing.number_history import NEVER, NumberHistory
from routing.registry_events import ImportAborted, ImportClosed, ImportOpened, ImportRows
from routing.registry_imports import ImportMismatchError, Imports, digest, numbers_of, packed

FIRST = 13_300_000_001


def anything(terms: str) -> bool:
    return True


def rows(index: int = 0, count: int = 2, *, import_id: int = 7) -> ImportRows:
    start = FIRST + index * count
    return ImportRows(
        at=10.0,
        import_id=import_id,
        index=index,
        numbers=packed(array("Q", range(start, start + count))),
        since=packed(array("d", [1.0])),
        until=packed(array("d", [NEVER])),
        kinds=(("grant",), ("withdraw",)),
        picks=packed(array("H", [n % 2 for n in range(count)])),
        texts=tuple(f"proof {n}" for n in range(count)),
    )


def closing(*chunks: ImportRows) -> ImportClosed:
    hasher = sha256()
    for chunk in chunks:
        digest(hasher, chunk)
    count = sum(len(numbers_of(chunk)) for chunk in chunks)
    return ImportClosed(11.0, 7, count, len(chunks), hasher.hexdigest())


def opened() -> tuple[NumberHistory[str], Imports[str]]:
    history = NumberHistory[str](lambda new, old: True)
    imports = Imports("consents", history, lambda texts: texts[0])
    imports.apply(ImportOpened(9.0, 7, "consents"))
    return history, imports


def said(history: NumberHistory[str], count: int = 4) -> list[str | None]:
    return [history.said(FIRST + step, anything, 20.0) for step in range(count)]


def test_rows_take_effect_all_at_once_with_the_closing_event() -> None:
    history, imports = opened()
    chunks = (rows(0), rows(1))
    for chunk in chunks:
        imports.apply(chunk)
    assert said(history) == [None] * 4
    assert imports.unfinished == (7,)
    imports.apply(closing(*chunks))
    assert said(history) == ["grant", "withdraw", "grant", "withdraw"]
    assert not imports.unfinished
    assert history.rows(FIRST)[0].text == "proof 0"
    assert history.rows(FIRST)[0].recorded_at == 11.0


def test_aborted_import_never_takes_effect() -> None:
    history, imports = opened()
    imports.apply(rows())
    imports.apply(ImportAborted(11.0, 7, "line 3"))
    assert said(history) == [None] * 4
    assert imports.unfinished == ()


def test_imports_of_other_registries_are_passed_over() -> None:
    history, imports = opened()
    imports.apply(ImportOpened(9.0, 8, "optouts"))
    imports.apply(rows(import_id=8))
    imports.apply(ImportClosed(10.0, 8, 2, 1, ""))
    assert not history.knows(FIRST)


@pytest.mark.parametrize("change", ["rows", "chunks", "sha256"])
def test_closing_event_that_does_not_agree_leaves_everything_out(change: str) -> None:
    history, imports = opened()
    chunk = rows()
    imports.apply(chunk)
    end = closing(chunk)
    setattr(end, change, {"rows": 3, "chunks": 2, "sha256": "0" * 64}[change])
    with pytest.raises(ImportMismatchError, match="2 rows in 1 chunks"):
        imports.apply(end)
    assert said(history) == [None] * 4
    assert imports.unfinished == ()


def test_digest_covers_every_column() -> None:
    first = closing(rows()).sha256
    for name, value in {
        "numbers": packed(array("Q", [FIRST, FIRST + 2])),
        "since": packed(array("d", [2.0])),
        "until": packed(array("d", [5.0])),
        "kinds": (("grant",), ("withdrawn",)),
        "picks": packed(array("H", [0, 0])),
        "texts": ("proof",),
    }.items():
        changed = rows()
        setattr(changed, name, value)
        assert closing(changed).sha256 != first, name


def test_chunk_out_of_order_is_refused() -> None:
    _, imports = opened()
    with pytest.raises(ImportMismatchError, match="chunk 1 seen, 0 is next"):
        imports.apply(rows(1))


def test_events_after_the_end_and_a_second_opening_are_refused() -> None:
    _, imports = opened()
    imports.apply(ImportAborted(11.0, 7, ""))
    with pytest.raises(ImportMismatchError, match="import 7 has ended already"):
        imports.apply(rows())
    with pytest.raises(ImportMismatchError, match="a fresh number above 0"):
        imports.apply(ImportOpened(12.0, 7, "consents"))
    with pytest.raises(ImportMismatchError, match="a fresh number above 0"):
        imports.apply(ImportOpened(12.0, 0, "consents"))


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("numbers", b"\x00" * 7, "breaks off within a row"),
        ("since", packed(array("d", [1.0, 1.0, 1.0])), r"columns of \[2, 3\] rows"),
        ("texts", (), r"columns of \[0, 2\] rows"),
        ("picks", packed(array("H", [0, 2])), "kind 2 picked, 0 to 1 are there"),
    ],
)
def test_chunk_whose_columns_do_not_fit_is_refused(name: str, value: object, told: str) -> None:
    history, imports = opened()
    chunk = rows()
    setattr(chunk, name, value)
    with pytest.raises(ImportMismatchError, match=f"import 7, chunk 0: .*{told}"):
        imports.apply(chunk)
    assert len(history) == 0


def test_columns_are_the_same_on_a_machine_of_the_other_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Turned round twice, the octets of this machine's order are those of the other one's.
    monkeypatch.setattr("routing.registry_imports._LITTLE", False)
    assert packed(array("Q", [FIRST])) == FIRST.to_bytes(8, "big")
    assert list(numbers_of(rows())) == [FIRST, FIRST + 1]


def test_numbers_are_packed_in_little_endian_order() -> None:
    assert packed(array("Q", [FIRST])) == FIRST.to_bytes(8, "little")
    assert list(numbers_of(rows())) == [FIRST, FIRST + 1]
