"""Hold compose.yaml and what it mounts to the files there are; no container runs here."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from config.loader import load_settings
from gateway.cli.app import run
from gateway.cli.exits import Exit
from metrics.dashboards import DASHBOARDS, as_grafana
from tests.support.programs import ROOT, require_program

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DEPLOY = ROOT / "deploy"
by_service = pytest.mark.parametrize("name", SERVICES)


def test_the_four_services_are_there() -> None:
    assert set(SERVICES) == {"gateway", "prometheus", "grafana", "mosquitto"}


@by_service
def test_a_service_is_published_on_loopback_alone(name: str) -> None:
    assert SERVICES[name]["ports"]
    assert all(port.startswith("127.0.0.1:") for port in SERVICES[name]["ports"])


@by_service
def test_a_service_tells_whether_it_is_well(name: str) -> None:
    image = (ROOT / "Dockerfile").read_text("utf-8")
    assert "healthcheck" in SERVICES[name] or (name == "gateway" and "HEALTHCHECK" in image)


@by_service
def test_what_a_service_mounts_is_there_and_read_only(name: str) -> None:
    for mount in SERVICES[name].get("volumes", ()):
        source, _, rest = mount.partition(":")
        if source.startswith("./"):
            assert (ROOT / source).exists(), source
            assert rest.endswith(":ro"), mount
        else:
            assert source in COMPOSE["volumes"]


@by_service
def test_no_secret_is_written_down(name: str) -> None:
    declared = COMPOSE["secrets"]
    for secret in SERVICES[name].get("secrets", ()):
        assert declared[secret]["file"].startswith("deploy/secrets/")
    texts = [str(value) for value in SERVICES[name].get("environment", {}).values()]
    assert not [text for text in texts if len(text) >= 16 and not text.startswith(("/run", "0."))]
    assert sorted(path.name for path in (DEPLOY / "secrets").iterdir()
                  if path.name not in declared) == [".gitignore"]  # fmt: skip


def test_prometheus_reads_its_configuration(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("x", "utf-8")
    text = (DEPLOY / "prometheus" / "prometheus.yml").read_text("utf-8")
    text = text.replace("/etc/prometheus", str(DEPLOY / "prometheus"))
    text = text.replace("/run/secrets/metrics_token", str(token))
    file = tmp_path / "prometheus.yml"
    command = [str(require_program("promtool")), "check", "config", str(file)]
    for content, code in ((text, 0), (text.replace("rule_files", "rule_filez"), 1)):
        file.write_text(content, "utf-8")
        found = subprocess.run(command, capture_output=True, text=True, check=False)
        assert min(found.returncode, 1) == code, found.stderr


def test_the_gateway_reads_its_settings(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("0123456789abcdef0123456789abcdef\n", "utf-8")
    text = (DEPLOY / "smsgw.toml").read_text("utf-8")
    file = tmp_path / "smsgw.toml"
    file.write_text(text.replace("/run/secrets/metrics_token", str(token)), "utf-8")
    settings = load_settings(file, dict(SERVICES["gateway"]["environment"]), {})
    assert [(one.name, one.role) for one in settings.http.tokens] == [("prometheus", "viewer")]
    assert not settings.http.listen.loopback


def test_rules_and_dashboards_are_those_of_the_shipped_contract(tmp_path: Path) -> None:
    rules = tmp_path / "rules.yml"
    assert run(["rules", "--contract", "henan", "--out", str(rules)]) == Exit.OK
    assert (DEPLOY / "prometheus" / "rules.yml").read_text("utf-8") == rules.read_text("utf-8")
    folder = DEPLOY / "grafana" / "dashboards"
    written = {path.name: json.loads(path.read_text("utf-8")) for path in folder.iterdir()}
    assert written == {f"smsgw-{one.name}.json": as_grafana(one) for one in DASHBOARDS}
