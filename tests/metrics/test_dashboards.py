"""Hold the dashboards to Grafana's form, to the metrics there are, and to a real Prometheus."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from config.loader import load_settings
from gateway.cli.app import run as run_command
from gateway.cli.exits import Exit
from gateway.load.errors import SubmitError
from gateway.load.esme import Esme
from metrics.alerts import rules_of
from metrics.dashboards import DASHBOARDS, WIDTH, Dashboard, Panel, as_grafana
from metrics.instruments import INSTRUMENTS
from tests.support.http import serving
from tests.support.inprocess import NUMBER, TEXT, running, until
from tests.support.programs import require_program

CONTRACT = load_settings(None, {}, {"contract": "henan"}).contract
PANELS = [(one, panel) for one in DASHBOARDS for panel in one.panels]
SCRAPE = """
global: {{scrape_interval: 250ms, evaluation_interval: 500ms}}
rule_files: [rules.yml]
scrape_configs:
  - job_name: smsgw
    static_configs: [{{targets: ["{target}"]}}]
"""
WITHIN_S = 60.0
by_name = pytest.mark.parametrize("dashboard", DASHBOARDS, ids=lambda one: one.name)


def plain(expr: str) -> str:
    """Put in what Grafana puts in for its variables."""
    return expr.replace("$__rate_interval", "5s").replace("$account", ".*")


def known() -> set[str]:
    names = {row.name for row in INSTRUMENTS}
    names |= {f"{row.name}_bucket" for row in INSTRUMENTS if row.kind == "histogram"}
    groups = rules_of(CONTRACT)["groups"]
    return names | {rule["record"] for group in groups for rule in group["rules"]
                    if "record" in rule}  # fmt: skip


def used(expr: str) -> set[str]:
    return set(re.findall(r"\bsmsgw[_:][\w:]+", expr))


@by_name
def test_a_dashboard_has_the_form_that_grafana_imports(dashboard: Dashboard) -> None:
    found = as_grafana(dashboard)
    assert json.loads(json.dumps(found)) == found
    assert re.fullmatch(r"[a-z-]{1,40}", found["uid"])
    panels = found["panels"]
    assert [panel["id"] for panel in panels] == list(range(1, len(panels) + 1))
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= WIDTH
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken
        taken |= cells
        assert panel["title"]
        assert panel["description"]
        refs = [target["refId"] for target in panel["targets"]]
        assert len(set(refs)) == len(refs) > 0
    variables = {one["name"] for one in found["templating"]["list"]}
    asked = set(re.findall(r"\$\{?(\w+)", json.dumps([panel["targets"] for panel in panels])))
    assert asked - {"__rate_interval"} <= variables


def test_uids_and_names_are_distinct() -> None:
    assert len({as_grafana(one)["uid"] for one in DASHBOARDS}) == len(DASHBOARDS) == 6


@pytest.mark.parametrize(
    ("dashboard", "panel"), PANELS, ids=lambda one: getattr(one, "name", getattr(one, "title", ""))
)
def test_a_panel_asks_for_metrics_that_there_are(dashboard: Dashboard, panel: Panel) -> None:
    for query in panel.queries:
        assert used(query.expr) or query.expr.startswith("vector")
        assert used(query.expr) <= known(), dashboard.name


def test_a_metric_that_there_is_not_would_be_found() -> None:
    assert not used("rate(smsgw_submitz_total[5m])") <= known()


def test_prometheus_reads_every_query(tmp_path: Path) -> None:
    rules = [
        {"record": f"panel:{number}", "expr": plain(query.expr)}
        for number, query in enumerate(q for _, panel in PANELS for q in panel.queries)
    ]
    file = tmp_path / "queries.yml"
    command = [str(require_program("promtool")), "check", "rules", str(file)]
    for more, code in (([], 0), ([{"record": "panel:wrong", "expr": "sum(rate("}], 1)):
        group = {"name": "panels", "rules": [*rules, *more]}
        file.write_text(yaml.safe_dump({"groups": [group]}), "utf-8")
        checked = subprocess.run(command, capture_output=True, text=True, check=False)
        assert min(checked.returncode, 1) == code, checked.stderr


def test_the_command_writes_a_file_for_each(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "new" / "dashboards"
    assert run_command(["dashboards", "--out", str(folder)]) == Exit.OK
    assert "6 dashboards written" in capsys.readouterr().out
    written = {path.name: json.loads(path.read_text("utf-8")) for path in folder.iterdir()}
    assert written == {f"smsgw-{one.name}.json": as_grafana(one) for one in DASHBOARDS}
    (tmp_path / "file").write_text("", "utf-8")
    assert run_command(["dashboards", "--out", str(tmp_path / "file")]) == Exit.ENVIRONMENT


# -- with a real Prometheus -----------------------------------------------------------------------


class Prometheus:
    """Ask a running Prometheus."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def started(self, process: subprocess.Popen[bytes]) -> None:
        async with asyncio.timeout(WITHIN_S):
            while not await self.ready():
                assert process.poll() is None, "prometheus has ended"
                await asyncio.sleep(0.1)

    async def ready(self) -> bool:
        try:
            return (await self._client.get("/-/ready")).status_code == 200
        except httpx.TransportError:
            return False

    async def series(self, expr: str) -> list[Any]:
        answer = (await self._client.get("/api/v1/query", params={"query": expr})).json()
        assert answer["status"] == "success", answer
        found: list[Any] = answer["data"]["result"]
        return found

    async def eventually(self, expr: str) -> bool:
        """Wait for a query to give something."""
        try:
            async with asyncio.timeout(WITHIN_S):
                while not await self.series(expr):  # noqa: ASYNC110 - another program's state
                    await asyncio.sleep(0.1)
        except TimeoutError:
            return False
        return True


@asynccontextmanager
async def prometheus(folder: Path, target: str) -> AsyncIterator[Prometheus]:
    (folder / "prometheus.yml").write_text(SCRAPE.format(target=target), "utf-8")
    rules = rules_of(CONTRACT)
    for group in rules["groups"]:
        group["interval"] = "500ms"
    (folder / "rules.yml").write_text(yaml.safe_dump(rules, allow_unicode=True), "utf-8")
    port = free_port()
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(  # noqa: ASYNC220 - once, before anything waits
            [
                str(require_program("prometheus")), f"--config.file={folder}/prometheus.yml",
                f"--storage.tsdb.path={folder}/tsdb", f"--web.listen-address=127.0.0.1:{port}",
            ],
            stdout=log, stderr=log,
        )  # fmt: skip
        try:
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
                asked = Prometheus(client)
                await asked.started(process)
                yield asked
        finally:
            process.terminate()
            await asyncio.to_thread(process.wait, WITHIN_S)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.sla_watch.INTERVAL_S", 0.2)


async def traffic(esme: Esme, ended: asyncio.Event) -> None:
    """Send one message that is delivered and one that is refused, again and again."""
    while not ended.is_set():
        sent = await esme.submit("13300000001", TEXT, NUMBER)
        await esme.receipt(sent.message_ids[0])
        with pytest.raises(SubmitError):
            await esme.submit("17600000001", TEXT, NUMBER)
        await asyncio.sleep(0.05)


@pytest.mark.usefixtures("quick")
async def test_no_panel_is_empty_while_a_gateway_has_traffic(tmp_path: Path) -> None:
    data, folder = tmp_path / "data", tmp_path / "prometheus"
    folder.mkdir()
    async with running(data) as run, serving(run) as url, await run.esme() as esme:
        ended = asyncio.Event()
        load = asyncio.ensure_future(traffic(esme, ended))
        try:
            async with prometheus(folder, url.removeprefix("http://")) as asked:
                empty = [
                    (one.name, panel.title, query.expr)
                    for one, panel in PANELS
                    for query in panel.queries
                    if not await asked.eventually(plain(query.expr))
                ]
                assert empty == []
                assert await asked.series("smsgw_submitz_total") == []
                accepted = plain(DASHBOARDS[0].panels[0].queries[0].expr)
                [found] = await asked.series(accepted)
                assert float(found["value"][1]) > 0
                await until(lambda: not load.done())
        finally:
            ended.set()
            await load
