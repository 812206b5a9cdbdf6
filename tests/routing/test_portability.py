from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from routing.portability import Portability, PortTerms, read_terms
from routing.registry_events import ImportOpened, NumberPorted

NUMBER = "13300000001"
JUNE_1 = 1_780_243_200.0


def table(*events: NumberPorted) -> Portability:
    made = Portability()
    for event in events:
        made.apply(event)
    return made


def test_number_that_is_not_ported_belongs_to_its_prefix() -> None:
    assert table().carrier_of(NUMBER, "telecom", JUNE_1) == "telecom"
    assert table().carrier_of("POLICE", "", JUNE_1) == ""


def test_portability_goes_before_the_prefix_from_its_moment_on() -> None:
    ported = table(NumberPorted(JUNE_1, NUMBER, "mobile", JUNE_1 + 60.0))
    moments = (JUNE_1, JUNE_1 + 59.999, JUNE_1 + 60.0)
    found = [ported.carrier_of(NUMBER, "telecom", at) for at in moments]
    assert found == ["telecom", "telecom", "mobile"]
    assert ported.carrier_of("13300000002", "telecom", JUNE_1 + 60.0) == "telecom"


def test_number_ported_back_belongs_to_its_prefix_again() -> None:
    ported = table(NumberPorted(JUNE_1, NUMBER, "mobile"), NumberPorted(JUNE_1 + 1.0, NUMBER, ""))
    assert ported.carrier_of(NUMBER, "telecom", JUNE_1 + 1.0) == "telecom"
    assert ported.carrier_then(NUMBER, "telecom", JUNE_1) == "mobile"


def test_past_question_counts_what_was_known() -> None:
    ported = table(NumberPorted(JUNE_1 + 9.0, NUMBER, "mobile", JUNE_1))
    assert ported.carrier_then(NUMBER, "telecom", JUNE_1 + 1.0) == "mobile"
    assert ported.carrier_then(NUMBER, "telecom", JUNE_1 + 1.0, JUNE_1 + 1.0) == "telecom"


def test_records_unfinished_imports_and_memory_are_shown() -> None:
    ported = table(NumberPorted(JUNE_1, NUMBER, "mobile"))
    ported.apply(ImportOpened(JUNE_1, 7, "numbers"))
    (record,) = ported.records()
    assert list(ported.numbers()) == [int(NUMBER)]
    assert (record.number, record.carrier, record.ported_at) == (NUMBER, "mobile", JUNE_1)
    assert ported.records_of(NUMBER) == [record]
    assert ported.unfinished == (7,)
    assert 0 < ported.octets < 10_000


def test_terms_survive_the_form_of_an_import() -> None:
    assert read_terms(PortTerms("mobile").as_texts()) == PortTerms("mobile")


PORTINGS = st.lists(
    st.tuples(
        st.sampled_from([NUMBER, "18900000001"]),
        st.sampled_from(["mobile", "unicom", "broadnet", ""]),
        st.integers(0, 20),
    ),
    max_size=12,
)


@given(PORTINGS, st.integers(0, 30))
def test_carrier_is_that_of_the_porting_with_the_latest_moment(
    portings: list[tuple[str, str, int]], asked: int
) -> None:
    ported = table(*(NumberPorted(JUNE_1, n, c, JUNE_1 + at) for n, c, at in portings))
    for number in (NUMBER, "18900000001"):
        past = [(at, i, c) for i, (n, c, at) in enumerate(portings) if n == number and at <= asked]
        expected = max(past)[2] or "telecom" if past else "telecom"
        assert ported.carrier_of(number, "telecom", JUNE_1 + asked) == expected
        assert ported.carrier_then(number, "telecom", JUNE_1 + asked) == expected


def test_a_message_is_routed_by_what_was_known_when_it_was_submitted() -> None:
    ported = table(NumberPorted(JUNE_1, NUMBER, "mobile"))
    hour = 3600.0
    assert ported.route(NUMBER, "telecom", JUNE_1 + 1.0, JUNE_1 + hour) == ("mobile", False)
    assert ported.route(NUMBER, "telecom", JUNE_1 - 1.0, JUNE_1 + hour) == ("mobile", True)
    assert ported.route("13300000002", "telecom", JUNE_1, JUNE_1) == ("telecom", False)
    assert ported.route("POLICE", "", JUNE_1, JUNE_1) == ("", False)


def test_a_message_routed_to_the_new_carrier_goes_astray_when_the_number_comes_back() -> None:
    ported = table(NumberPorted(JUNE_1, NUMBER, "mobile"), NumberPorted(JUNE_1 + 60.0, NUMBER, ""))
    assert ported.route(NUMBER, "telecom", JUNE_1 + 1.0, JUNE_1 + 61.0) == ("telecom", True)
    assert ported.route(NUMBER, "telecom", JUNE_1 + 61.0, JUNE_1 + 62.0) == ("telecom", False)


def test_a_table_knows_whether_anything_is_on_record() -> None:
    assert table().empty
    assert not table(NumberPorted(JUNE_1, NUMBER, "mobile")).empty
