from __future__ import annotations

from config.problems import ConfigError, Problem, in_order


def test_a_problem_names_place_key_what_was_seen_and_what_is_allowed() -> None:
    problem = Problem("smsgw.toml", 12, "smpp.window", "0", "1 to 100000")
    assert str(problem) == "smsgw.toml:12: smpp.window: saw 0, allowed 1 to 100000"


def test_a_problem_says_only_what_is_known() -> None:
    assert str(Problem("SMSGW_X", None, "x", "", "unknown key")) == "SMSGW_X: x: unknown key"
    assert str(Problem("a.toml", None, "", "", "can't be read")) == "a.toml: can't be read"


def test_a_warning_says_that_it_is_one() -> None:
    problem = Problem("a.toml", 3, "key", "", "may surprise", "warning")
    assert str(problem) == "a.toml:3: key: warning: may surprise"


def test_problems_stand_in_the_order_of_lines_and_once() -> None:
    late, early = Problem("a", 10, "x", "", "m"), Problem("a", 9, "y", "", "m")
    assert in_order([late, early, late]) == (early, late)
    error = ConfigError([late, early])
    assert error.problems == (early, late)
    assert str(error) == "a:9: y: m\na:10: x: m"
