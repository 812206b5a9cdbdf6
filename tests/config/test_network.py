from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest

from config.network import (
    FILES,
    Capacity,
    FixedLatency,
    NetworkDataError,
    NetworkSettings,
    adjusted,
    load_network,
    parse_network,
)


def shipped() -> dict[str, str]:
    """Give the text of the shipped files."""
    folder = files("config").joinpath("data", "network")
    return {name: folder.joinpath(name).read_text("utf-8") for name in FILES}


def problems_of(name: str, old: str, new: str) -> tuple[str, ...]:
    """Give the problems reported when one piece of a shipped file is replaced."""
    texts = shipped()
    assert old in texts[name]
    texts[name] = texts[name].replace(old, new, 1)
    with pytest.raises(NetworkDataError) as caught:
        parse_network(texts)
    return caught.value.problems


def test_the_shipped_data_has_the_named_profiles() -> None:
    names = set(load_network().profiles)
    assert {"perfect", "healthy", "flaky", "outage", "slow", "congested"} <= names


def test_every_row_is_explained_in_both_languages() -> None:
    data = load_network()
    assert all(row.en and row.zh for row in data.profiles.values())
    assert all(row.en and row.zh for row in data.conditions.values())
    assert all(row.en and row.zh for row in data.codes)
    assert all(row.en and row.zh for row in data.magic)


def test_a_message_without_a_validity_period_is_kept_for_72_hours() -> None:
    assert load_network().default_validity_s == 72 * 3600.0


def test_a_directory_takes_the_place_of_the_shipped_data(tmp_path: Path) -> None:
    for name, text in shipped().items():
        changed = text.replace("default_validity_s = 259200.0", "default_validity_s = 60.0")
        (tmp_path / name).write_text(changed, "utf-8")
    assert load_network(tmp_path).default_validity_s == 60.0


def test_a_missing_file_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"profiles\.toml"):
        load_network(tmp_path)


def test_broken_toml_names_the_file() -> None:
    (problem,) = problems_of("codes.toml", "[codes]", "[codes")
    assert problem.startswith("codes.toml: ")


def test_an_unknown_key_names_file_key_and_value() -> None:
    (problem,) = problems_of("magic.toml", 'condition = "off"', 'conditoin = "off"')
    assert problem.startswith("magic.toml: magic.1.conditoin: ")
    assert "'off'" in problem


def test_all_errors_are_reported_together() -> None:
    texts = shipped()
    texts["profiles.toml"] = texts["profiles.toml"].replace("seconds = 0.0", "seconds = -1.0", 1)
    texts["codes.toml"] = texts["codes.toml"].replace('"exempt"', '"nobody"', 1)
    with pytest.raises(NetworkDataError) as caught:
        parse_network(texts)
    assert {problem.split(":")[0] for problem in caught.value.problems} == {
        "profiles.toml",
        "codes.toml",
    }
    assert str(caught.value).count("\n") == 1


def test_a_missing_key_is_reported_without_a_value() -> None:
    (problem,) = problems_of("profiles.toml", "report_timeout_s = 259200.0\n", "")
    assert "report_timeout_s" in problem
    assert "seen" not in problem


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        ("profiles.toml", "{ gateway_fault = 2 }", "{ storm = 2 }", "messages.storm: unknown"),
        ("profiles.toml", "{ gateway_fault = 2 }", "{ busy = 2 }", "messages.busy: unknown"),
        ("profiles.toml", "{ busy = 200 }", "{ congestion = 200 }", "attempts.congestion: unknown"),
        ("profiles.toml", "{ off = 7,", "{ congestion = 7,", "subscribers.congestion"),
        ("profiles.toml", "busy = 250", "busy = 751", "1001 per mille"),
        ("profiles.toml", "low_s = 4.0, high_s = 6.0", "low_s = 4.0, high_s = 3.0", "high_s"),
        ("profiles.toml", "low_s = 0.5, high_s = 4.0", "low_s = 5.0, high_s = 4.0", "high_s"),
        ("profiles.toml", 'state = "REJECTED"\n', "", "state"),
        ("profiles.toml", 'error = "602"', 'error = "604"', "604"),
        ("profiles.toml", 'kind = "deliver"', 'kind = "wait"', "conditions.active"),
        ("codes.toml", 'err = "603"', 'err = "602"', "602"),
        ("codes.toml", 'digits = "931"', 'digits = "602"', "602"),
        ("codes.toml", 'DELETED = "party_a"\n', "", "DELETED"),
        ("magic.toml", 'condition = "off"', 'condition = "asleep"', "asleep"),
        ("magic.toml", 'number = "0002"', 'number = "0001"', "0001"),
        ("magic.toml", 'prefix = "1990000"', 'prefix = "199"', "magic_prefix"),
    ],
)  # fmt: skip
def test_inconsistent_data_is_refused(file: str, old: str, new: str, told: str) -> None:
    assert any(told in problem for problem in problems_of(file, old, new))


@pytest.mark.parametrize("codes", ["codes = 1", "codes = { smgp = 1 }"])
def test_codes_that_are_no_table_are_refused(codes: str) -> None:
    texts = shipped()
    head = texts["codes.toml"].split("[codes]")[0]
    texts["codes.toml"] = f"{codes}\n{head}"
    with pytest.raises(NetworkDataError, match=r"codes\.toml: codes"):
        parse_network(texts)


def test_a_magic_file_without_prefix_is_refused() -> None:
    (problem,) = problems_of("magic.toml", 'prefix = "1990000"', "")
    assert "magic_prefix" in problem


def test_settings_change_only_the_profile_they_name() -> None:
    data = load_network()
    changed = adjusted(
        data,
        NetworkSettings(
            profile="healthy",
            subscribers={"off": 500},
            messages={},
            instant_latency=FixedLatency(law="fixed", seconds=3.0),
            retries_s=(1.0,),
            capacity=Capacity(ordinary=10.0),
            default_validity_s=60.0,
        ),
    )
    profile = changed.profiles["healthy"]
    assert profile.subscribers == {"off": 500}
    assert profile.messages == {}
    assert profile.latency.instant == FixedLatency(law="fixed", seconds=3.0)
    assert profile.latency.ordinary == data.profiles["healthy"].latency.ordinary
    assert profile.retries_s == (1.0,)
    assert profile.capacity.ordinary == 10.0
    assert changed.default_validity_s == 60.0
    assert changed.report_timeout_s == data.report_timeout_s
    assert changed.profiles["flaky"] == data.profiles["flaky"]


def test_default_settings_change_nothing() -> None:
    data = load_network()
    assert adjusted(data, NetworkSettings()) == data


def test_magic_recipients_can_be_switched_off() -> None:
    assert adjusted(load_network(), NetworkSettings(magic=False)).magic == ()


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        (NetworkSettings(profile="prefect"), "network.profile: 'prefect', one of"),
        (NetworkSettings(subscribers={"asleep": 1}), "network.subscribers.asleep: unknown"),
        (NetworkSettings(attempts={"busy": 600, "network_down": 600}), "1200 per mille"),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings: NetworkSettings, told: str) -> None:
    with pytest.raises(NetworkDataError) as caught:
        adjusted(load_network(), settings)
    assert told in str(caught.value)


def test_the_documentation_names_every_row() -> None:
    text = (Path(__file__).parents[2] / "docs" / "network.md").read_text("utf-8")
    data = load_network()
    rows = [line.split("|")[1].strip() for line in text.splitlines() if line.startswith("| ")]
    assert {magic.number for magic in data.magic} <= set(rows)
    for name in (*data.profiles, *data.conditions):
        assert f"`{name}`" in rows
    listed = {code.split(" ")[0] for row in rows for code in row.split(", ")}
    assert {code.err for code in data.codes} <= listed
    assert all(f"`{key}`" in text for key in NetworkSettings.model_fields)
