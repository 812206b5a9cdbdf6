from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from config import loader
from config.explain import Key, keys_of, place_of
from config.loader import check_files, load, load_contract, load_settings
from config.problems import ConfigError
from config.secrets import verify
from config.section import Endpoint, Section
from config.settings import Settings
from config.term import ServiceTerm

EVERYTHING_WRONG = """\
[smpp]
listen = "2775"
windw = 1
tls = { cert = "missing.pem" }
[smpp.timers]
response_s = 0
enquire_link_s = "30"
[network]
ordinary_latency = { law = "fixed", secnds = 1 }
[[account]]
system_id = "police"
password = 20208
window = 0
max_binds = true
[[account]]
system_id = "police"
password = "env:MISSING"
allowed_ips = ["10.0.0.1/8"]
access_numbers = ["106590990371", 107, "106590990371"]
[contract]
extends = "henan"
sla.logic = "maybe"
[[contract.scope.entries]]
number = "1"
[[contract.scope.entries]]
from = "13300000001"
"""


def write(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8")
    return path


def problems_of(path: Path | None, **environ: str) -> list[str]:
    with pytest.raises(ConfigError) as raised:
        load(path, environ)
    return [str(problem) for problem in raised.value.problems]


def test_the_defaults_are_the_documented_ones() -> None:
    settings = load_settings(None, {})
    assert settings.smpp.listen == Endpoint("127.0.0.1", 2775)
    assert settings.smpp.tls.listen == Endpoint("127.0.0.1", 3550)
    assert settings.smpp.tls.cert is None
    assert settings.http.listen == Endpoint("127.0.0.1", 8775)
    assert settings.data.dir.name == "smsgw-data"
    assert settings.data.durability == "full"
    assert settings.smpp.status_profile == "standard"
    timers = settings.smpp.timers
    assert (timers.session_init_s, timers.pdu_read_s, timers.enquire_link_s) == (30, 30, 30)
    assert (timers.inactivity_s, timers.response_s, timers.write_stall_s) == (300, 60, 30)
    limits = settings.smpp.limits
    assert (limits.failed_binds, limits.failed_binds_window_s) == (30, 300)
    assert (limits.max_pdu_bound, limits.max_pdu_unbound) == (70000, 1024)


def test_the_demo_account_is_the_documented_one() -> None:
    settings = load_settings(None, {})
    account = settings.accounts["police"]
    assert verify(account.password, b"secret08")
    assert account.access_numbers == ("106590990371",)
    assert (account.window, account.max_binds, account.throughput.rate) == (1000, 200, 0)


def test_the_shipped_contract_has_the_documented_terms() -> None:
    contract = load_settings(None, {}).contract
    ranges = [
        (13300000000, 13300099999),
        (17700000000, 17700099999),
        (18900000000, 18900099999),
        (19900000000, 19900009999),
    ]
    assert [entry.interval for entry in contract.scope.entries] == ranges
    assert [entry.interval for entry in contract.consents.entries] == ranges
    assert [signature.text for signature in contract.signatures] == ["示例警务"]
    assert [owned.number for owned in contract.access_numbers] == ["106590990371"]
    assert contract.services == ("ordinary", "instant")
    assert contract.renewal.mode == "auto"
    assert str(contract.term.last_day) == "2026-11-30"
    assert (contract.pricing.mt_fen, contract.pricing.mo_fen) == (3, 3)
    assert contract.checked


def test_loading_the_defaults_gives_no_warning() -> None:
    assert load(None, {}).warnings == ()


def test_no_contract_is_a_contract_that_checks_nothing() -> None:
    contract = load_settings(None, {}, {"contract": "none"}).contract
    assert not contract.checked
    assert contract.service_term().in_force(0.0)


def test_every_error_is_reported_at_once_with_its_line(tmp_path: Path) -> None:
    path = write(tmp_path / "smsgw.toml", EVERYTHING_WRONG)
    found = problems_of(path, SMSGW_FOO="1", SMSGW_CONTRACT__SLA__COMPLAINTS="-1")
    places = [":".join(text.removeprefix(str(path)).split(": ")[:2]) for text in found]
    assert places == [
        ":2:smpp.listen",
        ":3:smpp.windw",
        ":4:smpp.tls.cert",
        ":6:smpp.timers.response_s",
        ":7:smpp.timers.enquire_link_s",
        ":9:network.ordinary_latency.secnds",
        ":9:network.ordinary_latency.seconds",
        ":12:account[0].password",
        ":13:account[0].window",
        ":14:account[0].max_binds",
        ":16:account[1].system_id",
        ":17:account[1].password",
        ":18:account[1].allowed_ips[0]",
        ":19:account[1].access_numbers[1]",
        ":19:account[1].access_numbers[2]",
        ":22:contract.sla.logic",
        ":24:contract.scope.entries[0].number",
        ":25:contract.scope.entries[1]",
        "SMSGW_CONTRACT__SLA__COMPLAINTS:contract.sla.complaints",
        "SMSGW_FOO:foo",
    ]
    assert f"{path}:6: smpp.timers.response_s: saw 0, allowed above 0 to 86400" in found
    assert not any("20208" in text for text in found)


def test_the_environment_overrides_the_file_and_the_command_line_both(tmp_path: Path) -> None:
    path = write(tmp_path / "smsgw.toml", "[smpp.timers]\nresponse_s = 1\ninactivity_s = 2\n")
    environ = {"SMSGW_SMPP__TIMERS__RESPONSE_S": "3", "SMSGW_SMPP__LISTEN": "127.0.0.1:4"}
    settings = load_settings(path, environ, {"smpp.listen": "127.0.0.1:0", "network.seed": 7})
    assert (settings.smpp.timers.response_s, settings.smpp.timers.inactivity_s) == (3, 2)
    assert settings.smpp.listen.port == 0
    assert settings.network.seed == 7


def test_an_error_names_the_variable_or_the_command_line() -> None:
    (text,) = problems_of(None, SMSGW_HTTP__LISTEN="8775")
    assert text.startswith('SMSGW_HTTP__LISTEN: http.listen: saw "8775", allowed "host:port"')
    with pytest.raises(ConfigError, match=r"command line: smpp.listen: saw \"x\""):
        load(None, {}, {"smpp.listen": "x"})


def test_a_variable_of_an_account_that_does_not_exist_is_reported() -> None:
    (text,) = problems_of(None, SMSGW_ACCOUNT__7__WINDOW="5")
    assert text.startswith("SMSGW_ACCOUNT__7__WINDOW: account[7].window: account[7] is neither")


def test_a_variable_changes_the_demo_account() -> None:
    settings = load_settings(None, {"SMSGW_ACCOUNT__0__WINDOW": "5"})
    assert settings.accounts["police"].window == 5


def test_a_configured_account_replaces_the_demo_account(tmp_path: Path) -> None:
    text = '[[account]]\nsystem_id = "a"\npassword = "b"\n'
    settings = load_settings(write(tmp_path / "smsgw.toml", text), {})
    assert list(settings.accounts) == ["a"]


def test_secrets_are_shown_nowhere(tmp_path: Path) -> None:
    text = (
        '[[account]]\nsystem_id = "a"\npassword = "hunter22"\n'
        '[[http.tokens]]\nname = "ci"\nrole = "viewer"\ntoken = "file:token"\n'
    )
    write(tmp_path / "token", "swordfish\n")
    settings = load_settings(write(tmp_path / "smsgw.toml", text), {})
    for secret in ("hunter22", "swordfish"):
        assert secret not in repr(settings)
        assert secret not in str(settings.model_dump())
    assert verify(settings.http.tokens[0].token, "swordfish")


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('[mqtt]\nhost = "127.0.0.1"\n', "mqtt"),
        ("[data]\nretention_months = 6\n", "data.retention_months"),
    ],
)
def test_a_key_that_nothing_reads_is_an_error(tmp_path: Path, text: str, key: str) -> None:
    (found,) = problems_of(write(tmp_path / "smsgw.toml", text))
    assert f": {key}: unknown key" in found


def test_an_account_takes_from_the_common_dialect_what_it_does_not_set(tmp_path: Path) -> None:
    text = (
        '[smpp.dialect]\nmessage_id = "hex"\nkeys = "upper"\n'
        '[[account]]\nsystem_id = "a"\npassword = "b"\nreceipt = { keys = "lower" }\n'
    )
    receipt = load_settings(write(tmp_path / "smsgw.toml", text), {}).accounts["a"].receipt
    assert (receipt.message_id, receipt.keys, receipt.date_digits) == ("hex", "lower", 10)


def test_pages_on_an_open_address_need_a_token() -> None:
    (text,) = problems_of(None, SMSGW_HTTP__LISTEN="0.0.0.0:8775")
    assert "allowed `tokens`, at least one, since 0.0.0.0:8775 is not loopback" in text
    settings = load_settings(None, {}, {"http.listen": "0.0.0.0:8775", "http.enabled": False})
    assert not settings.http.enabled


def test_a_contract_file_stands_beside_the_settings(tmp_path: Path) -> None:
    write(tmp_path / "ours.toml", 'extends = "henan"\nnumber = "X1"\n[scope]\nfiles = ["n.txt"]\n')
    write(tmp_path / "n.txt", "13300000001\n")
    path = write(tmp_path / "smsgw.toml", 'contract = "ours.toml"\n')
    contract = load_settings(path, {}).contract
    assert contract.number == "X1"
    assert contract.scope.files == (tmp_path / "n.txt",)
    assert load_contract(tmp_path / "ours.toml") == contract


def test_a_contract_names_the_file_of_its_errors(tmp_path: Path) -> None:
    write(tmp_path / "ours.toml", 'number = "X1"\n\n[sla]\nlogic = "maybe"\n')
    path = write(tmp_path / "smsgw.toml", 'contract = "ours.toml"\n[data]\ndurability = 1\n')
    found = problems_of(path)
    ours = str(tmp_path / "ours.toml")
    assert (
        f'{ours}:4: sla.logic: saw "maybe", allowed "or", "and", "rate_only" or "complaints_only"'
        in found
    )
    assert any(text.startswith(f"{ours}: term: missing, required: a table") for text in found)
    assert any(text.startswith(f"{path}:3: data.durability: saw 1") for text in found)


def test_the_command_line_chooses_another_contract(tmp_path: Path) -> None:
    path = write(tmp_path / "smsgw.toml", '[contract]\nextends = "nowhere"\n')
    assert load_settings(path, {}, {"contract": "henan"}).contract.checked
    assert load_settings(path, {"SMSGW_CONTRACT": "none"}).contract.kind == "none"
    chosen = load_settings(path, {"SMSGW_CONTRACT": "none"}, {"contract": "henan"})
    assert chosen.contract.kind == "industry"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("contract = 5", ":1: contract: saw a number, allowed henan or none, a path, or a table"),
        ('contract = ""', ":1: contract: saw a string"),
        ("[contract]\nextends = 5", ":2: contract.extends: allowed a shipped contract"),
        ('contract = "missing.toml"', "missing.toml: can't be read"),
        ('contract = "loop.toml"', "loop.toml:1: extends: allowed a shipped contract or a path"),
    ],
)
def test_a_contract_that_cannot_be_found_is_reported(tmp_path: Path, text: str, said: str) -> None:
    write(tmp_path / "loop.toml", 'extends = "loop.toml"\n')
    found = problems_of(write(tmp_path / "smsgw.toml", text + "\n"))
    assert any(said in line for line in found)


def test_settings_and_contract_that_are_no_toml_are_reported_together(tmp_path: Path) -> None:
    write(tmp_path / "ours.toml", "number = \n")
    path = write(tmp_path / "smsgw.toml", "[smpp\n")
    found = problems_of(path, SMSGW_CONTRACT=str(tmp_path / "ours.toml"))
    assert [text.removeprefix(str(tmp_path)).split(": ")[0] for text in found] == [
        "/ours.toml:1",
        "/smsgw.toml:1",
    ]


def test_an_unknown_profile_or_mix_is_reported_at_its_key(tmp_path: Path) -> None:
    path = write(tmp_path / "smsgw.toml", '[network]\nprofile = "gone"\n')
    (text,) = problems_of(path)
    assert text.startswith(f"{path}:2: network.profile: 'gone', one of ")


def test_relative_paths_belong_to_where_they_stand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in ("etc", "run"):
        (tmp_path / folder).mkdir()
    path = write(tmp_path / "etc" / "smsgw.toml", '[data]\ndir = "d"\n')
    monkeypatch.chdir(tmp_path / "run")
    assert load_settings(path, {}).data.dir == tmp_path / "etc" / "d"
    assert load_settings(path, {}, {"data.dir": "d"}).data.dir == tmp_path / "run" / "d"
    assert load_settings(path, {"SMSGW_DATA__DIR": "d"}).data.dir == tmp_path / "run" / "d"


def path_keys(model: type[Section], prefix: Key = ()) -> Iterator[Key]:
    """Give the keys of a model that hold paths, lists of tables left out."""
    for name in keys_of(model):
        place = place_of(model, (name,))
        assert place is not None
        if "existing_file" in str(place) or "data_path" in str(place):
            yield (*prefix, name)
        if isinstance(place.annotation, type) and issubclass(place.annotation, Section):
            yield from path_keys(place.annotation, (*prefix, name))


def test_all_paths_of_the_models_are_known_to_the_loader() -> None:
    found = {key for key in path_keys(Settings) if key[0] != "contract"}
    assert found == set(loader.SETTINGS_PATHS)
    contract = {key[1:] for key in path_keys(Settings) if key[0] == "contract"}
    assert contract == set(loader.CONTRACT_PATHS)


def test_check_reports_warnings_and_the_lines_of_number_files(tmp_path: Path) -> None:
    write(tmp_path / "n.txt", "13300000001\nnobody\n")
    path = write(
        tmp_path / "smsgw.toml",
        '[[account]]\nsystem_id = "a"\npassword = "secret0890"\n'
        '[contract]\nextends = "henan"\nscope.files = ["n.txt"]\nrenewal.months = 0\n',
    )
    found = check_files(path, {})
    assert [(Path(problem.file).name, problem.line, problem.level) for problem in found] == [
        ("n.txt", 2, "error"),
        ("smsgw.toml", 3, "warning"),
        ("smsgw.toml", 7, "warning"),
    ]
    assert "secret0890" not in "".join(map(str, found))


def test_check_of_errors_gives_them() -> None:
    found = check_files(None, {"SMSGW_FOO": "1"})
    assert [(problem.file, problem.key) for problem in found] == [("SMSGW_FOO", "foo")]
    assert check_files(None, {}) == []


def test_files_of_words_are_checked_with_those_of_numbers(tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("rude 词\n", "utf-8")
    (tmp_path / "users.csv").write_text("133\n", "utf-8")
    path = tmp_path / "smsgw.toml"
    path.write_text(
        '[contract]\nextends = "henan"\n[contract.scope]\nfiles = ["users.csv"]\n'
        '[contract.content]\nfiles = ["words.txt"]\n',
        "utf-8",
    )
    found = check_files(path, {})
    assert [(Path(one.file).name, one.line) for one in found] == [
        ("users.csv", 1),
        ("words.txt", 1),
    ]


def test_the_term_of_the_shipped_contract_is_renewed() -> None:
    term = load_contract("henan").service_term()
    assert isinstance(term, ServiceTerm)
    assert term.renewal_months == 12


def test_the_shipped_contracts_are_found_from_anywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in loader.SHIPPED_CONTRACTS:
        assert load_contract(name).number


def test_an_unknown_contract_raises() -> None:
    with pytest.raises(ConfigError, match="can't be read"):
        load_contract("nowhere.toml")
