from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.content import TemplateRules
from routing.template_events import TemplateEvent
from routing.template_registry import TemplateError, TemplateRegistry, TemplateVersion
from routing.templates import ApprovedTemplate

TEXT = "您报称的{text}一案已受理。"
OTHER = "您报称的{text}一案经审查已立案。"
CONTRACTED = ApprovedTemplate("T06", 0, TEXT)


class Desk:
    """Do steps at given moments and take each in, as the gateway does."""

    def __init__(self, *contracted: ApprovedTemplate) -> None:
        self.registry = TemplateRegistry(contracted)
        self.events: list[TemplateEvent] = []

    def record(self, event: TemplateEvent) -> None:
        self.registry.apply(event)
        self.events.append(event)

    def draft(self, at: float, text: str = TEXT) -> None:
        self.record(self.registry.draft(at, "party_a", "T06", text))

    def submit(self, at: float) -> None:
        self.record(self.registry.submit(at, "party_a", "T06"))

    def approve(
        self, at: float, effective_from: float | None = None, until: float | None = None
    ) -> None:
        self.record(
            self.registry.approve(
                at, "party_b", "T06", effective_from=effective_from, until=until, approval="B-1"
            )
        )

    def revoke(
        self, at: float, revoked_from: float | None = None, version: int | None = None
    ) -> None:
        self.record(
            self.registry.revoke(
                at, "party_b", "T06", "停用", revoked_from=revoked_from, version=version
            )
        )

    def change(self, at: float, effective_from: float, text: str = OTHER) -> None:
        """Bring another version through the whole procedure."""
        self.draft(at, text)
        self.submit(at)
        self.approve(at, effective_from)

    def step(self, step: str, at: float, then: float) -> None:
        """Take a step by its letter: draft, submit, approve, (send) back, revoke, revoke 0."""
        if step == "d":
            self.draft(at, OTHER)
        elif step == "s":
            self.submit(at)
        elif step == "a":
            self.approve(at, then)
        elif step == "b":
            self.record(self.registry.send_back(at, "party_b", "T06", "无"))
        else:
            self.revoke(at, then, version=0 if step == "v" else None)

    def times(self) -> list[tuple[int, float, float]]:
        return [(t.version, t.valid_from, t.valid_to) for t in self.registry.approved()]


def through_the_procedure() -> Desk:
    desk = Desk()
    desk.draft(1.0)
    desk.submit(2.0)
    desk.approve(3.0, 10.0, 20.0)
    return desk


def test_a_version_goes_from_draft_to_the_end_of_its_time() -> None:
    desk = Desk()
    registry = desk.registry
    desk.draft(1.0)
    assert registry.state("T06", 1, 1.0) == "draft"
    desk.submit(2.0)
    assert registry.state("T06", 1, 2.0) == "submitted"
    desk.approve(3.0, 10.0, 20.0)
    states = [registry.state("T06", 1, at) for at in (3.0, 9.999, 10.0, 19.999, 20.0)]
    assert states == ["approved", "approved", "effective", "effective", "ended"]


def test_who_did_what_when_is_kept() -> None:
    (version,) = through_the_procedure().registry.versions("T06")
    assert version == TemplateVersion(
        "T06", 1, TEXT, "notice", "ordinary", "", "approved", 1.0, "party_a", 2.0, 3.0, "party_b",
        "B-1", 10.0, 20.0,
    )  # fmt: skip


def test_only_what_is_approved_is_in_the_book() -> None:
    desk = Desk()
    text = "您报称的财物被盗一案已受理。"
    desk.draft(1.0)
    desk.submit(2.0)
    assert desk.registry.book().judge(text, "ordinary", 5.0).kind == "none"
    desk.approve(3.0, 10.0)
    book = desk.registry.book()
    assert book.judge(text, "ordinary", 9.999).kind == "none"
    assert book.judge(text, "ordinary", 10.0).kind == "exact"


def test_what_is_sent_back_is_a_draft_again() -> None:
    desk = Desk()
    desk.draft(1.0)
    desk.submit(2.0)
    desk.record(desk.registry.send_back(3.0, "party_b", "T06", "缺少业务说明"))
    (version,) = desk.registry.versions("T06")
    assert (version.stage, version.reason) == ("draft", "缺少业务说明")
    desk.draft(4.0, OTHER)
    (version,) = desk.registry.versions("T06")
    assert (version.version, version.text) == (1, OTHER)


def test_an_approval_without_times_holds_from_now_on_without_end() -> None:
    desk = Desk()
    desk.draft(1.0)
    desk.submit(2.0)
    desk.approve(3.0)
    assert desk.times() == [(1, 3.0, math.inf)]


def test_a_change_ends_the_version_before_when_it_comes_into_force() -> None:
    desk = Desk(CONTRACTED)
    desk.change(5.0, 10.0)
    assert desk.times() == [(0, -math.inf, 10.0), (1, 10.0, math.inf)]
    states = [desk.registry.state("T06", 0, at) for at in (9.999, 10.0)]
    assert states == ["effective", "ended"]


def test_a_draft_leaves_what_is_in_force_alone() -> None:
    desk = Desk(CONTRACTED)
    desk.draft(5.0, OTHER)
    desk.submit(6.0)
    assert desk.times() == [(0, -math.inf, math.inf)]


def test_what_is_revoked_ends_and_does_not_bring_back_the_version_before() -> None:
    desk = Desk(CONTRACTED)
    desk.change(5.0, 10.0)
    desk.revoke(15.0, 16.0)
    assert desk.times() == [(0, -math.inf, 10.0), (1, 10.0, 16.0)]
    states = [desk.registry.state("T06", 1, at) for at in (15.999, 16.0)]
    assert states == ["effective", "revoked"]


def test_what_is_revoked_before_it_was_in_force_leaves_the_version_before_as_it_was() -> None:
    desk = Desk(CONTRACTED)
    desk.change(5.0, 10.0)
    desk.revoke(7.0)
    assert desk.times() == [(0, -math.inf, math.inf)]
    assert desk.registry.state("T06", 0, 12.0) == "effective"
    assert desk.registry.state("T06", 1, 12.0) == "revoked"


def test_a_version_of_the_contract_file_can_be_revoked() -> None:
    desk = Desk(CONTRACTED)
    desk.revoke(5.0)
    assert desk.times() == [(0, -math.inf, 5.0)]


def test_a_version_can_be_named_to_be_revoked() -> None:
    desk = Desk(CONTRACTED)
    desk.change(5.0, 10.0)
    desk.revoke(6.0, 8.0, version=0)
    assert desk.times() == [(0, -math.inf, 8.0), (1, 10.0, math.inf)]


def test_old_versions_can_be_left_out() -> None:
    desk = Desk(CONTRACTED)
    desk.change(5.0, 10.0)
    assert [t.version for t in desk.registry.approved(9.999)] == [0, 1]
    assert [t.version for t in desk.registry.approved(10.0)] == [1]


def test_the_same_events_make_the_same_registry() -> None:
    desk = Desk(CONTRACTED)
    desk.change(5.0, 10.0)
    desk.revoke(15.0)
    again = TemplateRegistry([CONTRACTED])
    for event in desk.events:
        again.apply(event)
    assert again.versions("T06") == desk.registry.versions("T06")
    assert again.approved() == desk.registry.approved()
    assert again.changes == len(desk.events) == 4


def test_a_verb_changes_nothing_by_itself() -> None:
    registry = TemplateRegistry()
    registry.draft(1.0, "party_a", "T06", TEXT)
    assert registry.names() == []
    assert registry.changes == 0


@pytest.mark.parametrize("step", ["submit", "approve", "send_back", "revoke"])
def test_a_step_out_of_order_is_refused(step: str) -> None:
    unknown = Desk()
    drafted = Desk()
    drafted.draft(1.0)
    if step != "submit":
        with pytest.raises(TemplateError, match=r"version 1 is draft|no version is approved"):
            take(drafted.registry, step)
    with pytest.raises(TemplateError, match=r"T06: (unknown|no version is approved)"):
        take(unknown.registry, step)


def take(registry: TemplateRegistry, step: str) -> object:
    if step == "submit":
        return registry.submit(2.0, "party_a", "T06")
    if step == "approve":
        return registry.approve(2.0, "party_b", "T06")
    if step == "send_back":
        return registry.send_back(2.0, "party_b", "T06", "无")
    return registry.revoke(2.0, "party_b", "T06", "无")


def test_a_step_is_not_taken_twice() -> None:
    desk = through_the_procedure()
    with pytest.raises(TemplateError, match="version 1 is approved; submit wants one that is a d"):
        desk.submit(4.0)
    with pytest.raises(TemplateError, match="approved; approve wants one that is submitted"):
        desk.approve(4.0)
    desk.revoke(5.0)
    with pytest.raises(TemplateError, match="version 1 is revoked; revoke wants one that is app"):
        desk.revoke(6.0)


def test_what_has_ended_cannot_be_revoked() -> None:
    with pytest.raises(TemplateError, match="version 1 is ended"):
        through_the_procedure().revoke(20.0)


def test_no_draft_begins_while_another_version_waits_for_its_decision() -> None:
    desk = Desk()
    desk.draft(1.0)
    desk.submit(2.0)
    with pytest.raises(TemplateError, match="version 1 is submitted; another draft can begin when"):
        desk.draft(3.0)


def test_nothing_is_approved_or_revoked_for_the_past() -> None:
    desk = Desk()
    desk.draft(1.0)
    desk.submit(2.0)
    with pytest.raises(TemplateError, match=r"effective_from lies 0\.5 s before the approval"):
        desk.approve(3.0, 2.5)
    with pytest.raises(TemplateError, match="until isn't after effective_from"):
        desk.approve(3.0, 4.0, 4.0)
    desk.approve(3.0)
    with pytest.raises(TemplateError, match="revoked_from lies 1 s in the past"):
        desk.revoke(5.0, 4.0)


@pytest.mark.parametrize(
    ("name", "text", "category", "service", "message"),
    [
        ("", TEXT, "notice", "ordinary", "template name '': allowed are 1 to 64 letters"),
        ("a b", TEXT, "notice", "ordinary", "template name 'a b': allowed are"),
        ("T06", TEXT, "news", "ordinary", "category 'news', allowed are verification, notice,"),
        ("T06", TEXT, "notice", "smart", "service 'smart', allowed are ordinary, instant"),
        ("T06", "{text}", "notice", "ordinary", "template T06: allowed is a text with at least 2"),
        ("T06", "您的{text:21}", "notice", "ordinary", r"template T06: .* \{text:21\} has 21"),
    ],
)
def test_a_draft_of_a_wrong_form_is_refused(
    name: str, text: str, category: str, service: str, message: str
) -> None:
    with pytest.raises(TemplateError, match=message):
        TemplateRegistry().draft(1.0, "party_a", name, text, category=category, service=service)


def test_a_longer_free_text_can_be_agreed() -> None:
    registry = TemplateRegistry(rules=TemplateRules(free_text=40))
    assert registry.draft(1.0, "party_a", "T06", "您的{text:40}").version == 1


def test_unknown_versions_are_named() -> None:
    desk = through_the_procedure()
    with pytest.raises(TemplateError, match="no version 2; there are 1"):
        desk.registry.state("T06", 2, 1.0)
    with pytest.raises(TemplateError, match="template T07: unknown"):
        desk.registry.state("T07", 1, 1.0)
    with pytest.raises(TemplateError, match="template T06: unknown"):
        TemplateRegistry().apply(desk.events[1])


def test_a_name_is_once_in_the_contract_file() -> None:
    with pytest.raises(ValueError, match="T06: more than once in the contract file"):
        TemplateRegistry([CONTRACTED, CONTRACTED])


@given(st.lists(st.tuples(st.sampled_from("dsabrv"), st.integers(0, 5)), max_size=25))
def test_at_any_moment_at_most_one_version_is_in_force(steps: list[tuple[str, int]]) -> None:
    desk = Desk(CONTRACTED)
    registry = desk.registry
    for moment, (step, delay) in enumerate(steps):
        try:
            desk.step(step, float(moment), float(moment + delay))
        except TemplateError:
            continue
    for at in range(-1, len(steps) + 8):
        effective = [
            v.version
            for v in registry.versions("T06")
            if registry.state("T06", v.version, at) == "effective"
        ]
        assert effective == [t.version for t in registry.approved() if t.valid_at(at)]
        assert len(effective) <= 1


def test_the_book_of_all_versions_is_kept_until_something_changes() -> None:
    desk = Desk(CONTRACTED)
    first = desk.registry.book()
    assert desk.registry.book() is first
    assert desk.registry.book(since=0.0) is not first
    assert desk.registry.book(fold=str.lower) is not first
    desk.draft(1.0)
    assert desk.registry.book() is not first
