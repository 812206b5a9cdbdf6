"""Hold what is kept of a day, in memory and on disk."""

from __future__ import annotations

import pytest

from metrics.sla.days import INDEX_BITS, INDEX_MASK, Day, Failure, cell_of, lag_and_hour

FAILURE = Failure(2**63 - 1, 1717200000.123456, 1717286400.5, 13300000001, cell_of(7, 3, 23))


def test_alike_messages_are_one_number() -> None:
    day = Day(19875)
    for _ in range(1000):
        day.add(7)
    assert day.cells == {7: 1000}
    assert day.revision == 1000


def test_messages_in_flight_leave_nothing_behind() -> None:
    day = Day(19875)
    day.wait(3, 1439, 1)
    day.wait(3, 1439, 1)
    day.wait(3, 1439, -1)
    [(key, number)] = day.pending.items()
    assert (key >> INDEX_BITS, key & INDEX_MASK, number) == (1439, 3, 1)
    day.wait(3, 1439, -1)
    assert day.pending == {}
    with pytest.raises(KeyError):
        day.wait(3, 1439, 0)


def test_failures_are_kept_exactly() -> None:
    day = Day(19875)
    day.keep(FAILURE)
    day.keep(FAILURE._replace(number=0))
    assert list(day.failures()) == [FAILURE, FAILURE._replace(number=0)]


def test_a_day_survives_the_disk() -> None:
    day = Day(19875)
    day.add(FAILURE.cell)
    day.keep(FAILURE)
    day.wait(1, 2, 1)
    day.hidden[5] = 7
    again = Day.restored(day.state())
    assert again.state() == day.state()
    assert list(again.failures()) == [FAILURE]


@pytest.mark.parametrize(
    ("lag", "hour", "seen"), [(0, 0, 0), (0, 23, 0), (1, 0, 0), (1, 23, 23), (400, 7, 7)]
)
def test_a_cell_tells_the_days_and_the_hour_where_it_matters(
    lag: int, hour: int, seen: int
) -> None:
    cell = cell_of(INDEX_MASK, lag, hour)
    assert (cell & INDEX_MASK, lag_and_hour(cell)) == (INDEX_MASK, (lag, seen))
