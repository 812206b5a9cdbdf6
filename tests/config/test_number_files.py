from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.contract import NumberEntry, NumberSet
from config.number_files import (
    MOST_PROBLEMS,
    is_heading,
    read_number_file,
    read_number_text,
    read_numbers,
)
from config.problems import ConfigError


def write(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8")
    return path


def problems_of(path: Path) -> list[str]:
    with pytest.raises(ConfigError) as raised:
        read_number_file(path)
    return [str(problem).removeprefix(str(path)) for problem in raised.value.problems]


def test_numbers_alone_are_kept_as_integers(tmp_path: Path) -> None:
    found = read_number_file(write(tmp_path / "n", "13300000001\n13300000002\r\n\n13300000003"))
    assert list(found.singles) == [13300000001, 13300000002, 13300000003]
    assert found.entries == ()


@pytest.mark.parametrize("number", ["23300000001", "03300000001"])
def test_a_file_of_numbers_alone_holds_mobile_ones(tmp_path: Path, number: str) -> None:
    (problem,) = problems_of(write(tmp_path / "n", f"13300000001\n{number}\n"))
    assert problem.startswith(f':2: number: saw "{number}"')


def test_an_empty_file_holds_nobody(tmp_path: Path) -> None:
    found = read_number_file(write(tmp_path / "n", ""))
    assert not found.singles
    found = read_number_file(write(tmp_path / "n", "# nobody\n"))
    assert not found.singles


def test_lines_may_be_ranges_prefixes_and_comments(tmp_path: Path) -> None:
    text = "\ufeff# staff\n13300000001 # one\n13300000000-13300099999\n1770000*\n"
    found = read_number_file(write(tmp_path / "n", text))
    assert list(found.singles) == [13300000001]
    assert [entry.interval for entry in found.entries] == [
        (13300000000, 13300099999),
        (17700000000, 17700009999),
    ]


def test_a_csv_file_has_the_fields_of_an_entry(tmp_path: Path) -> None:
    text = (
        "number,from,to,prefix,valid_from,valid_to,relation\n"
        "13300000001,,,,,,\n"
        ",13300000000,13300099999,,2026-01-01,2026-12-31,staff\n"
        "\n"
        "# comment\n"
        "13300000002,,,,,2026-12-31\n"
        ",,,,,,\n"
    )
    found = read_number_file(write(tmp_path / "n.csv", text))
    assert list(found.singles) == [13300000001]
    first, second = found.entries
    assert first.relation == "staff"
    assert first.valid_from == datetime(2025, 12, 31, 16, tzinfo=UTC)
    assert second.interval == (13300000002, 13300000002)
    assert second.valid_to == datetime(2026, 12, 31, 16, tzinfo=UTC)


def test_bad_lines_are_reported_with_their_numbers(tmp_path: Path) -> None:
    text = "13300000001\n1330000000\nabc\n\n13300000009-13300000000\n133x*\n23300000001\n"
    forms = "13300000001, 13300000000-13300099999 or 1330000*"
    assert problems_of(write(tmp_path / "n", text)) == [
        ':2: number: saw "1330000000", allowed a string of 11 digits that begins with 1',
        f":3: saw 'abc', allowed {forms}",
        ":5: allowed `to` at least `from` (13300000009)",
        ':6: prefix: saw "133x", allowed a string of 1 to 11 digits that begins with 1',
        ':7: number: saw "23300000001", allowed a string of 11 digits that begins with 1',
    ]


def test_bad_rows_are_reported_with_their_lines(tmp_path: Path) -> None:
    text = "\nnumber,valid_to\n13300000001,\n1,\n13300000002,soon\n1,2,3\n"
    problems = problems_of(write(tmp_path / "n.csv", text))
    assert [problem.split(":")[1] for problem in problems] == ["4", "5", "6"]
    assert "valid_to" in problems[1]
    assert "saw 3 cells, allowed 2" in problems[2]


def test_unknown_columns_are_refused(tmp_path: Path) -> None:
    (problem,) = problems_of(write(tmp_path / "n.csv", "number,name\n13300000001,x\n"))
    assert problem.startswith(":1: saw column 'name', allowed the columns from, number")


def test_many_bad_lines_are_counted(tmp_path: Path) -> None:
    problems = problems_of(write(tmp_path / "n", "x\n" * (MOST_PROBLEMS + 5)))
    assert len(problems) == MOST_PROBLEMS + 1
    assert ": 5 more bad lines" in problems


def test_an_unreadable_file_is_reported(tmp_path: Path) -> None:
    assert problems_of(tmp_path / "missing") == [": can't be read: No such file or directory"]
    (tmp_path / "binary").write_bytes(b"\xff\xfe133")
    assert problems_of(tmp_path / "binary") == [": is not UTF-8 text (octet 0)"]


def test_a_set_is_its_entries_and_its_files(tmp_path: Path) -> None:
    plain = write(tmp_path / "n", "13300000001\n")
    entry = NumberEntry(number="13300000002")
    found = read_numbers(NumberSet(entries=(entry,), files=(plain,)))
    assert list(found.singles) == [13300000001]
    assert found.entries == (entry,)


def test_the_bad_lines_of_all_files_are_reported(tmp_path: Path) -> None:
    files = (write(tmp_path / "a", "x\n"), write(tmp_path / "b", "y\n"))
    with pytest.raises(ConfigError) as raised:
        read_numbers(NumberSet(files=files))
    assert {Path(problem.file).name for problem in raised.value.problems} == {"a", "b"}


CELLS = st.one_of(
    st.sampled_from(["13300000001", "1330000*", "2026-01-01", '"', "13300000001-13300000009", ""]),
    st.text(max_size=12),
)
LINES = st.lists(
    st.one_of(
        st.sampled_from(["number", "from,to", "prefix,valid_from", "number,relation", "# x"]),
        st.lists(CELLS, max_size=4).map(",".join),
    ),
    max_size=6,
).map(lambda lines: "\n".join(lines).encode("utf-8", "surrogatepass"))


@given(st.one_of(LINES, st.binary(max_size=60)))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_octets_are_numbers_or_problems_with_lines(tmp_path: Path, octets: bytes) -> None:
    path = tmp_path / "n"
    path.write_bytes(octets)
    places, numbers = [str(path)], [10**10]
    try:
        numbers += read_number_file(path).singles
    except ConfigError as error:
        places = [str(problem) for problem in error.problems]
    assert places
    assert all(place.startswith(str(path)) for place in places)
    assert all(number // 10**10 == 1 for number in numbers)


def test_a_cell_too_long_for_a_csv_file_is_reported(tmp_path: Path) -> None:
    content = "number,valid_from\n13300000001,2026-01-01\n" + "1" * 200_000 + ",\n"
    (problem,) = problems_of(write(tmp_path / "n", content))
    assert problem.startswith(":3:")


def test_text_is_read_as_a_file_is_and_gives_the_bad_lines_it_leaves_out() -> None:
    text = "number,valid_to\n13300000001,\n1330000,\n18900000001,2026-03-31\n"
    numbers, left_out = read_number_text(text.encode(), "users", partial=True)
    assert list(numbers.singles) == [13_300_000_001]
    assert [entry.number for entry in numbers.entries] == ["18900000001"]
    assert [(problem.file, problem.line) for problem in left_out] == [("users", 3)]
    with pytest.raises(ConfigError, match="users:3"):
        read_number_text(text.encode(), "users")
    with pytest.raises(ConfigError, match="not UTF-8"):
        read_number_text(b"\xff", "users")


@pytest.mark.parametrize(
    ("line", "heading"),
    [
        ("number", True),
        ("from, to", True),
        ("13300000001", False),
        ("1330000*", False),
        ("", False),
    ],
)
def test_a_heading_is_told_from_a_number(line: str, heading: bool) -> None:
    assert is_heading(line) == heading
