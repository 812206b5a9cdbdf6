"""Hold what the ledger reads out of a contract."""

from __future__ import annotations

from metrics.breaches.terms import compile_terms
from tests.support.breaches import moment
from tests.support.rules import contract


def test_terms_come_from_the_contract() -> None:
    terms = compile_terms(
        contract(
            breach={"consent_serious": 7},
            suspension={"explain_days": 3},
            complaints={"monthly_stop": 9, "monthly_auto_stop": True},
        )
    )
    assert terms.breach.consent_serious == 7
    assert (terms.figures.explain_days, terms.monthly_stop) == (3, 9)
    assert terms.monthly_auto_stop
    assert terms.since == moment("2023-12-01 00:00:00")
    assert terms.signatures == {"示例警务"}


def test_without_answers_of_others_a_sender_is_its_own_port_and_nothing_refuses() -> None:
    terms = compile_terms(contract())
    assert terms.port_of("police", "10659099037101") == "10659099037101"
    assert not terms.refuses("TD")


def test_answers_of_others_are_taken() -> None:
    terms = compile_terms(
        contract(),
        port_of=lambda account, sender: sender[:12],
        refuses=lambda text: text == "TD",
    )
    assert terms.port_of("police", "10659099037101") == "106590990371"
    assert terms.refuses("TD")
