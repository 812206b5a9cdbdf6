from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from routing.lists import UNLISTED, ListTerms, NumberLists, Place, place_of, read_terms
from routing.registry_csv import ImportHead, RegistryReader
from routing.registry_events import ListChanged
from routing.registry_forms import LISTED

NUMBER = "13300000001"
JUNE_1 = 1_780_243_200.0
ACCOUNT = "police"
SIGNATURE = "示例警务"


def lists(*events: ListChanged) -> NumberLists:
    made = NumberLists()
    for event in events:
        made.apply(event)
    return made


def on(name: str, entry: str = NUMBER, at: float = JUNE_1, **fields: object) -> ListChanged:
    return ListChanged(at, name, entry, **fields)  # type: ignore[arg-type]  # fields by name


def names(made: NumberLists, at: float = JUNE_1, number: str = NUMBER) -> set[str]:
    return set(made.standing(number, ACCOUNT, SIGNATURE, at).reasons)


def test_number_on_no_list_passes() -> None:
    made = lists(on("black", "13300000002"), on("red", "1331"))
    assert made.standing(NUMBER, ACCOUNT, SIGNATURE, JUNE_1) is UNLISTED
    assert made.judge(NUMBER, ACCOUNT, SIGNATURE, JUNE_1) is None
    assert made.standing("POLICE", ACCOUNT, SIGNATURE, JUNE_1) is UNLISTED


@pytest.mark.parametrize(
    ("listed", "refused_by", "exempt"),
    [
        (("red",), "red", False),
        (("black",), "black", False),
        (("white",), "", True),
        (("black", "white"), "", True),
        (("red", "white"), "red", True),
        (("red", "black"), "red", False),
    ],
)
def test_red_refuses_always_and_black_unless_white(
    listed: tuple[str, ...], refused_by: str, exempt: bool
) -> None:
    standing = lists(*map(on, listed)).standing(NUMBER, ACCOUNT, SIGNATURE, JUNE_1)
    assert (standing.refused_by, standing.exempt) == (refused_by, exempt)


def test_finding_names_list_and_reason() -> None:
    made = lists(on("black", reason="malicious complaints"))
    finding = made.judge(NUMBER, ACCOUNT, SIGNATURE, JUNE_1)
    assert finding is not None
    assert finding.en == ("The recipient refused or complained (black list): malicious complaints.")
    assert finding.zh == "被叫号码在黑名单内：malicious complaints。"
    assert finding.seen == "13300000001: black list"
    bare = lists(on("red")).judge(NUMBER, ACCOUNT, SIGNATURE, JUNE_1)
    assert bare is not None
    assert bare.en == "The recipient is protected (red list)."


@pytest.mark.parametrize("prefix", ["1", "133", "1330000000"])
def test_first_digits_list_every_number_that_begins_with_them(prefix: str) -> None:
    made = lists(on("red", prefix))
    assert names(made) == {"red"}
    assert names(made, number="18900000001") == ({"red"} if prefix == "1" else set())


@pytest.mark.parametrize(
    ("scope", "holder", "listed"),
    [
        ("global", "", True),
        ("account", "police", True),
        ("account", "other", False),
        ("signature", "示例警务", True),
        ("signature", "示例政务", False),
    ],
)
def test_entry_holds_for_whom_it_is_made(scope: str, holder: str, listed: bool) -> None:
    assert bool(names(lists(on("black", scope=scope, holder=holder)))) == listed


def test_entry_ends_with_its_dates() -> None:
    made = lists(on("black", valid_from=JUNE_1 + 10.0, valid_to=JUNE_1 + 20.0))
    moments = (JUNE_1 + 9.999, JUNE_1 + 10.0, JUNE_1 + 19.999, JUNE_1 + 20.0)
    assert [bool(names(made, at)) for at in moments] == [False, True, True, False]


def test_entry_taken_off_touches_no_other() -> None:
    made = lists(on("black"), on("black", "133"), on("red"), on("black", listed=False))
    assert names(made) == {"black", "red"}
    made.apply(on("black", "133", listed=False))
    assert names(made) == {"red"}


def test_entry_of_one_account_taken_off_leaves_the_global_one() -> None:
    made = lists(
        on("black"),
        on("black", scope="account", holder=ACCOUNT),
        on("black", NUMBER, listed=False, scope="account", holder=ACCOUNT),
    )
    assert names(made) == {"black"}


def test_entry_that_has_yet_to_begin_can_be_taken_off() -> None:
    made = lists(on("black", valid_from=JUNE_1 + 10.0), on("black", listed=False))
    assert names(made, JUNE_1 + 11.0) == set()


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"name": "grey"}, "list 'grey': one of red, black, white"),
        ({"scope": "town"}, "scope 'town': one of global"),
        ({"scope": "account"}, "the name of the account"),
        ({"holder": "police"}, "holder 'police' with scope global: nothing"),
        ({"entry": "2330"}, "entry '2330': 1 to 11 digits"),
        ({"entry": ""}, "entry ''"),
        ({"entry": "133000000011"}, "entry '133000000011'"),
    ],
)
def test_bad_change_is_refused(fields: dict[str, str], told: str) -> None:
    change = ListChanged(JUNE_1, **{"name": "red", "entry": NUMBER, **fields})  # type: ignore[arg-type]  # fields by name
    with pytest.raises(ValueError, match=told):
        lists(change)


def test_imported_prefixes_are_looked_for() -> None:
    made = NumberLists()
    reader = RegistryReader(LISTED, ImportHead(7, JUNE_1, "operator"))
    for event in reader.events(["list,prefix,number\n", "black,1330000,\n", "red,,13300000001\n"]):
        made.apply(event)
    assert names(made) == {"black", "red"}
    assert names(made, number="13300000002") == {"black"}
    assert made.unfinished == ()


def test_records_are_in_the_order_of_entries() -> None:
    made = lists(on("black", reason="complaint"), on("red", "133"))
    shown = [(record.name, record.entry, record.reason) for record in made.records()]
    assert list(made.numbers()) == [133, int(NUMBER)]
    assert [record.entry for record in made.records_of("133")] == ["133"]
    assert shown == [("red", "133", ""), ("black", NUMBER, "complaint")]
    assert 0 < made.octets < 10_000


def test_terms_survive_the_form_of_an_import() -> None:
    for terms in (ListTerms(Place("red"), True), ListTerms(Place("white", "account", "a"), False)):
        assert read_terms(terms.as_texts()) == terms
    with pytest.raises(ValueError, match="state 'up': on or off"):
        read_terms(("red", "up", "global", ""))
    assert place_of("red", "global", "") == Place("red")


ENTRIES = st.sampled_from([NUMBER, "13300000002", "133", "1330000"])
NAMES = st.sampled_from(["red", "black", "white"])
PLACES = st.sampled_from([("global", ""), ("account", ACCOUNT), ("account", "other")])


class ListMachine(RuleBasedStateMachine):
    """Compare the lists with a dictionary of entries and their end."""

    def __init__(self) -> None:
        super().__init__()
        self.lists = lists()
        self.model: dict[tuple[str, str, str, str], list[tuple[float, bool]]] = {}
        self.now = JUNE_1

    @rule(name=NAMES, entry=ENTRIES, place=PLACES, ttl=st.sampled_from([0.0, 2.0]))
    def put(self, name: str, entry: str, place: tuple[str, str], ttl: float) -> None:
        end = self.now + ttl if ttl else 0.0
        scope, holder = place
        self.lists.apply(on(name, entry, self.now, scope=scope, holder=holder, valid_to=end))
        ends = end or float("inf")
        self.model.setdefault((name, entry, *place), []).append((ends, True))

    @rule(name=NAMES, entry=ENTRIES, place=PLACES)
    def take_off(self, name: str, entry: str, place: tuple[str, str]) -> None:
        scope, holder = place
        self.lists.apply(on(name, entry, self.now, listed=False, scope=scope, holder=holder))
        self.model[(name, entry, *place)] = []

    @rule()
    def time_passes(self) -> None:
        self.now += 1.0

    @rule(number=st.sampled_from([NUMBER, "13300000002", "13399999999"]))
    def ask(self, number: str) -> None:
        expected = {
            name
            for (name, entry, _, holder), puts in self.model.items()
            if number.startswith(entry) and holder in ("", ACCOUNT)
            if any(self.now < ends for ends, _ in puts)
        }
        assert names(self.lists, self.now, number) == expected


TestLists = ListMachine.TestCase
TestLists.settings = settings(max_examples=80, stateful_step_count=25, deadline=None)
