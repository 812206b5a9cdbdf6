from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from config.content import ConsentRules
from routing.category_masks import CATEGORIES
from routing.consents import (
    DECLARED,
    ConsentBook,
    ConsentTerms,
    code_request,
    read_terms,
    required_categories,
)
from routing.registry_events import ConsentGranted, ConsentWithdrawn, ImportOpened
from routing.scope import ScopeEntry, compile_version

NUMBER = "13300000001"
DAY = 86400.0
JUNE_1 = 1_780_243_200.0
"""2026-06-01 00:00 Asia/Shanghai."""

RANGE = compile_version(1, float("-inf"), [ScopeEntry.between("13300000000", "13300099999")])


def book(*events: ConsentGranted | ConsentWithdrawn, declared: bool = False) -> ConsentBook:
    made = ConsentBook(ConsentRules(), RANGE if declared else None)
    for event in events:
        made.apply(event)
    return made


def granted(at: float = JUNE_1, /, **fields: object) -> ConsentGranted:
    return ConsentGranted(at, NUMBER, **fields)  # type: ignore[arg-type]  # fields by name


def seen(consents: ConsentBook, category: str, at: float, number: str = NUMBER) -> str:
    finding = consents.judge(number, category, at)
    return "" if finding is None else finding.seen


def test_number_without_a_consent_is_refused_with_advice() -> None:
    finding = book().judge(NUMBER, "notice", JUNE_1)
    assert finding is not None
    assert finding.en == "No consent of the user to notice messages is on record."
    assert finding.zh == "无该用户同意接收通知类短信的记录。"
    assert (finding.seen, finding.allowed) == (
        "13300000001: no record",
        "a recorded consent to notice",
    )


def test_consent_holds_from_the_moment_it_was_obtained_until_it_expires() -> None:
    consents = book(granted(obtained_at=JUNE_1 - DAY, expires_at=JUNE_1 + DAY))
    end = JUNE_1 + DAY
    assert [seen(consents, "notice", at) for at in (JUNE_1, end - 0.001)] == ["", ""]
    assert seen(consents, "notice", end) == "13300000001: expired"
    finding = consents.judge(NUMBER, "notice", end)
    assert finding is not None
    assert finding.en.endswith("expired at 2026-06-02 00:00:00+08:00.")
    assert consents.held(NUMBER, "notice", JUNE_1 - DAY)
    assert not consents.held(NUMBER, "notice", JUNE_1 - DAY - 0.001)


def test_consent_is_per_category() -> None:
    consents = book(granted(categories=("notice", "reminder")))
    assert [seen(consents, name, JUNE_1) for name in ("notice", "reminder")] == ["", ""]
    finding = consents.judge(NUMBER, "commercial", JUNE_1)
    assert finding is not None
    assert finding.en == "The consent on record is for notice, reminder, not for commercial."
    assert finding.allowed == "notice, reminder"


def test_withdrawal_holds_for_the_next_verdict_of_the_same_millisecond() -> None:
    consents = book(granted(JUNE_1), ConsentWithdrawn(JUNE_1, NUMBER, ("reminder",)))
    assert seen(consents, "reminder", JUNE_1) == "13300000001: withdrawn"
    assert seen(consents, "reminder", JUNE_1 - 5.0) == "13300000001: withdrawn"
    assert seen(consents, "notice", JUNE_1) == ""


def test_withdrawal_never_waits_and_is_never_outlived_by_an_older_consent() -> None:
    later = JUNE_1 + 10 * DAY
    consents = book(
        granted(obtained_at=later), ConsentWithdrawn(JUNE_1 + 1.0, NUMBER, withdrawn_at=later)
    )
    assert [bool(seen(consents, "notice", at)) for at in (JUNE_1 + 1.0, later + DAY)] == [
        True,
        True,
    ]


def test_later_consent_counts_after_a_withdrawal() -> None:
    consents = book(granted(), ConsentWithdrawn(JUNE_1 + 1.0, NUMBER), granted(JUNE_1 + 2.0))
    assert seen(consents, "notice", JUNE_1 + 2.0) == ""
    assert [consents.held(NUMBER, "notice", JUNE_1 + step) for step in (0.5, 1.5, 2.5)] == [
        True,
        False,
        True,
    ]


def test_declared_range_consents_to_everything_until_withdrawn() -> None:
    consents = book(declared=True)
    assert [seen(consents, name, JUNE_1) for name in CATEGORIES] == [""] * len(CATEGORIES)
    assert seen(consents, "notice", JUNE_1, "13300100000") == "13300100000: no record"
    consents.apply(ConsentWithdrawn(JUNE_1, NUMBER, ("commercial",)))
    assert seen(consents, "commercial", JUNE_1) == "13300000001: withdrawn"
    assert seen(consents, "notice", JUNE_1) == ""


def test_declared_numbers_are_those_of_the_contract_adopted_last() -> None:
    consents = book()
    consents.adopt(ConsentRules(exempt=("internal",)), RANGE)
    assert seen(consents, "notice", JUNE_1) == ""
    assert seen(consents, "internal", JUNE_1, "18900000001") == ""


def test_recipient_that_is_no_number_has_no_consent() -> None:
    assert seen(book(declared=True), "notice", JUNE_1, "POLICE") == "POLICE: no record"


def test_unknown_category_is_refused_in_any_case() -> None:
    for rules in (ConsentRules(), ConsentRules(required_for=("commercial",))):
        with pytest.raises(ValueError, match="category 'spam'"):
            ConsentBook(rules).judge(NUMBER, "spam", JUNE_1)
    with pytest.raises(ValueError, match="category 'spam'"):
        book(granted(categories=("spam",)))


@pytest.mark.parametrize(
    ("rules", "free"),
    [
        (ConsentRules(), set[str]()),
        (ConsentRules(exempt=("internal", "emergency")), {"internal", "emergency"}),
        (ConsentRules(required_for=("commercial",)), set(CATEGORIES) - {"commercial"}),
        (ConsentRules(exempt=("public_interest",)), set[str]()),
        (ConsentRules(public_interest_approval="B-1"), {"public_interest"}),
        (
            ConsentRules(required_for=("commercial", "public_interest"), exempt=("commercial",)),
            set(CATEGORIES) - {"public_interest"},
        ),
    ],
)
def test_categories_that_need_no_consent(rules: ConsentRules, free: set[str]) -> None:
    assert set(CATEGORIES) - required_categories(rules) == free
    consents = ConsentBook(rules)
    assert {name for name in CATEGORIES if not seen(consents, name, JUNE_1)} == free


def test_request_of_a_code_is_a_consent_to_codes_for_ten_minutes() -> None:
    consents = book(code_request(NUMBER, JUNE_1, ConsentRules()))
    moments = (JUNE_1, JUNE_1 + 599.999, JUNE_1 + 600.0)
    assert [bool(seen(consents, "verification", at)) for at in moments] == [False, False, True]
    assert seen(consents, "notice", JUNE_1) == "13300000001: verification"


def test_request_of_a_code_does_not_shorten_a_lasting_consent() -> None:
    consents = book(granted(), code_request(NUMBER, JUNE_1 + 1.0, ConsentRules()))
    assert seen(consents, "verification", JUNE_1 + DAY) == ""


@pytest.mark.parametrize(
    ("fields", "missing"),
    [
        ({"channel": "written", "proof": "DOC-1"}, ()),
        ({"channel": "written"}, ("proof",)),
        ({"channel": "web", "proof": "DOC-1"}, ("text_version",)),
        ({"channel": "app"}, ("proof", "text_version")),
        ({"channel": "employment", "proof": "staff-2026"}, ()),
        ({"channel": "request"}, ()),
        ({}, ("channel", "proof", "text_version")),
    ],
)
def test_proof_says_what_is_missing(fields: dict[str, str], missing: tuple[str, ...]) -> None:
    proof = book(granted(**fields)).proof(NUMBER, "notice", JUNE_1 + 1.0)
    assert (proof.held, proof.missing) == (True, missing)
    assert proof.deciding is not None
    assert proof.deciding.proof == fields.get("proof", "")


def test_proof_of_a_withdrawn_consent_lacks_the_consent_and_shows_both() -> None:
    consents = book(granted(proof="DOC-1", channel="written"), ConsentWithdrawn(JUNE_1, NUMBER))
    proof = consents.proof(NUMBER, "notice", JUNE_1)
    assert (proof.held, proof.missing) == (False, ("consent",))
    assert [record.granted for record in proof.records] == [True, False]
    assert proof.deciding == proof.records[1]


def test_proof_tells_what_was_known_at_the_time_from_what_was_recorded_later() -> None:
    consents = book(granted(JUNE_1 + DAY, obtained_at=JUNE_1, proof="DOC-1"))
    assert consents.proof(NUMBER, "notice", JUNE_1 + 1.0).held
    assert not consents.proof(NUMBER, "notice", JUNE_1 + 1.0, known_at=JUNE_1 + 1.0).held


def test_proof_of_a_declared_number_names_the_declaration_and_lacks_the_document() -> None:
    proof = book(declared=True).proof(NUMBER, "notice", JUNE_1)
    assert (proof.held, proof.missing) == (True, ("proof", "text_version"))
    assert [record.channel for record in proof.records] == [DECLARED]


def test_terms_survive_the_form_of_an_import() -> None:
    for terms in (ConsentTerms(True, 6, "web", "v3"), ConsentTerms(False, (1 << 16) - 1)):
        assert read_terms(terms.as_texts()) == terms


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        (("gave", "", "", ""), "kind of consent 'gave'"),
        (("grant", "spam", "", ""), "category 'spam'"),
        (("grant", "", "fax", ""), "channel 'fax': one of written, web"),
    ],
)
def test_bad_terms_of_an_import_are_refused(texts: tuple[str, ...], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        read_terms(texts)


def test_records_of_all_numbers_are_in_their_order() -> None:
    consents = book(granted(), ConsentGranted(JUNE_1, "13000000001", ("notice",)))
    shown = [(record.number, record.categories) for record in consents.records()]
    assert [str(number) for number in consents.numbers()] == [number for number, _ in shown]
    assert shown == [("13000000001", ("notice",)), (NUMBER, ())]


def test_unfinished_import_and_memory_are_shown() -> None:
    consents = book(granted())
    assert 0 < consents.octets < 10_000
    consents.apply(ImportOpened(JUNE_1, 7, "consents"))
    assert consents.unfinished == (7,)


NUMBERS = st.sampled_from([NUMBER, "13300000002", "18900000001"])
CATEGORY = st.sampled_from(["notice", "reminder", "commercial"])


class ConsentMachine(RuleBasedStateMachine):
    """Compare the book with a dictionary of what each number last said of each category."""

    def __init__(self) -> None:
        super().__init__()
        self.consents = book(declared=True)
        self.model: dict[tuple[str, str], list[tuple[float, float, bool]]] = {}
        self.now = JUNE_1

    def say(self, number: str, names: tuple[str, ...], until: float, *, agreed: bool) -> None:
        for name in names or CATEGORIES:
            self.model.setdefault((number, name), []).append((self.now, until, agreed))

    @rule(number=NUMBERS, names=st.lists(CATEGORY, max_size=2, unique=True).map(tuple),
          ttl=st.sampled_from([0.0, 1.0, 5.0]))  # fmt: skip
    def grant(self, number: str, names: tuple[str, ...], ttl: float) -> None:
        end = self.now + ttl if ttl else 0.0
        self.consents.apply(ConsentGranted(self.now, number, names, expires_at=end))
        self.say(number, names, end or float("inf"), agreed=True)

    @rule(number=NUMBERS, names=st.lists(CATEGORY, max_size=2, unique=True).map(tuple))
    def withdraw(self, number: str, names: tuple[str, ...]) -> None:
        self.consents.apply(ConsentWithdrawn(self.now, number, names))
        self.say(number, names, float("inf"), agreed=False)

    @rule(step=st.sampled_from([0.5, 1.0, 4.0]))
    def time_passes(self, step: float) -> None:
        self.now += step

    @rule(number=NUMBERS, name=CATEGORY)
    def judge(self, number: str, name: str) -> None:
        said = [row for row in self.model.get((number, name), []) if self.now < row[1]]
        agreed = said[-1][2] if said else number.startswith("133000")
        assert (self.consents.judge(number, name, self.now) is None) == agreed
        assert self.consents.held(number, name, self.now) == agreed


TestConsents = ConsentMachine.TestCase
TestConsents.settings = settings(max_examples=80, stateful_step_count=25, deadline=None)


def test_records_of_a_number_leave_out_what_the_contract_declares() -> None:
    consents = book(granted(), declared=True)
    assert consents.records_of(NUMBER) == list(consents.records())
    assert consents.records_of("13300000002") == []
