"""Hold that the register of windows relieves failures, also when it changes afterwards."""

from __future__ import annotations

from datetime import date
from math import inf

from config.interpretation import ForceMajeure
from metrics.notices import NoticeRegister
from metrics.sla import Classes, DeclaredRelief, Readings, SlaView, Window
from metrics.sla.relief import NoRelief
from metrics.windows import WindowRegister
from routing.office_events import NoticeClosed, NoticeSent, WindowDeclared, WindowMoved

from .traffic import DAY_S, folded, instant, mt

NOON = instant("2024-06-01T12:00")
JUNE = Window(date(2024, 6, 1), date(2024, 6, 30))
HENAN = "410000"


def register(require_notice: bool = False) -> WindowRegister:
    return WindowRegister(ForceMajeure(require_notice=require_notice), NoticeRegister())


def declare(
    book: WindowRegister, kind: str, cause: str, *, areas: tuple[str, ...] = (), notice: int = 0
) -> None:
    event = WindowDeclared(
        NOON + DAY_S, len(book.windows) + 1, kind, cause, NOON - 60, "desk", "why", NOON + 60,
        (), areas, notice, "no. 1",
    )  # fmt: skip
    book.check(event)
    book.apply(event)


def counted(view: SlaView) -> Classes:
    return view.counts(JUNE, NOON + 9 * DAY_S).classes()


def test_nothing_is_relieved_without_windows() -> None:
    nothing = NoRelief()
    assert (nothing.token(), nothing.spans(), nothing.class_at(NOON, "1")) == ((), (), None)
    relief = DeclaredRelief(register())
    assert (relief.token(), relief.spans(), relief.class_at(NOON, "1")) == ((), (), None)


def test_a_fault_of_party_as_platform_is_its_own_until_it_is_withdrawn() -> None:
    book = register()
    view = SlaView(folded(mt(1, NOON, "carrier")), Readings(), DeclaredRelief(book))
    assert counted(view) == Classes(carrier=1)
    declare(book, "party_a_platform", "hardware")
    assert counted(view) == Classes(party_a=1)
    book.apply(WindowMoved(NOON + DAY_S, 1, "withdraw", "desk", "a mistake"))
    assert counted(view) == Classes(carrier=1)


def test_force_majeure_counts_once_its_notice_has_effect() -> None:
    book = register(require_notice=True)
    notice = NoticeSent(
        NOON + 60, 1, "police", "force_majeure", "letter", "party_b", "desk", NOON + 60
    )
    book.notices.apply(notice)
    declare(book, "force_majeure", "disaster", notice=1)
    view = SlaView(folded(mt(1, NOON, "carrier")), Readings(), DeclaredRelief(book))
    assert counted(view) == Classes(carrier=1)
    delivered = NoticeClosed(NOON + DAY_S, 1, "delivered", "desk", NOON + DAY_S, "slip")
    book.notices.apply(delivered)
    assert counted(view) == Classes(force_majeure=1)


def test_another_reading_of_the_notice_is_another_register_of_the_same_windows() -> None:
    strict = register(require_notice=True)
    declare(strict, "force_majeure", "disaster")
    loose = WindowRegister(ForceMajeure(require_notice=False), strict.notices, strict.windows)
    book = folded(mt(1, NOON, "carrier"))
    assert counted(SlaView(book, Readings(), DeclaredRelief(strict))) == Classes(carrier=1)
    assert counted(SlaView(book, Readings(), DeclaredRelief(loose))) == Classes(force_majeure=1)


def test_a_window_of_an_area_asks_for_the_area_of_the_number() -> None:
    book = register()
    declare(book, "government_order", "order", areas=(HENAN,))
    failures = folded(
        mt(1, NOON, "carrier", recipient="13300000001"),
        mt(2, NOON, "carrier", recipient="17700000001"),
    )
    relief = DeclaredRelief(book, lambda number: HENAN if number.startswith("133") else "")
    assert counted(SlaView(failures, Readings(), relief)) == Classes(carrier=1, force_majeure=1)
    assert counted(SlaView(failures, Readings(), DeclaredRelief(book))) == Classes(carrier=2)


def test_an_open_window_has_no_end() -> None:
    book = register()
    event = WindowDeclared(
        NOON, 1, "government_order", "order", NOON - 60, "desk", "why", reference="no. 1"
    )
    book.apply(event)
    assert DeclaredRelief(book).spans() == ((NOON - 60, inf),)
