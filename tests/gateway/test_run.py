"""Hold the gateway as a process to what scripts, services and operators rely on."""

from __future__ import annotations

import asyncio
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway import run
from gateway.journal.lock import DataLock
from gateway.journal.reader import SqliteJournalReader
from gateway.load.errors import BindError
from gateway.load.esme import Esme
from routing.events import Stopped
from smpp.codec import encode
from smpp.pdus import BindTransceiver, EnquireLink
from tests.support.gateway_process import ROOT, Address
from tests.support.inprocess import NUMBER, TEXT, running, until
from tests.support.waiting import wait_until

READY_WITHIN_S = 30.0
REFUSED_WITHIN_S = 20.0
STOPPED_WITHIN_S = 5.0
AT_ONCE_S = 1.5
RECIPIENT = "13300000001"
BIND = encode(
    BindTransceiver(
        system_id=b"police", password=b"secret08", interface_version=0x34, sequence_number=1
    )
)

pytestmark = pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks into /proc")


def command(data: Path, *arguments: str) -> list[str]:
    """Give the command line: any free ports, unless the arguments name one."""
    words = [sys.executable, "-m", "gateway", "serve", "--data", str(data), *arguments]
    for option in ("--smpp", "--http"):
        if option not in arguments:
            words += (option, "127.0.0.1:0")
    return words


def environment(more: Mapping[str, str]) -> dict[str, str]:
    """Give the caller's environment without settings of its own."""
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("SMSGW_")}
    return inherited | dict(more)


def processes_about(data: Path) -> dict[int, str]:
    """Give the processes whose command line names a data directory: gateway and children."""
    found: dict[int, str] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "cmdline").read_bytes().decode("utf-8", "replace").split("\0")
            except OSError:
                continue
            if str(data) in words:
                found[int(entry.name)] = " ".join(words)
    return found


@dataclass
class Served:
    """Hold one process that has said it is ready, and where it may be looked at."""

    process: subprocess.Popen[str]
    ready: dict[str, Any]
    data: Path
    stderr_file: Path

    @property
    def smpp(self) -> Address:
        return Address.parse(self.ready["smpp"])

    def get(self, path: str) -> httpx.Response:
        return httpx.get(f"http://{self.ready['http']}{path}", trust_env=False, timeout=10.0)

    def log(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.stderr_file.read_text("utf-8").splitlines()]

    def events(self) -> list[str]:
        return [line["event"] for line in self.log()]

    def stop(self, number: int = signal.SIGTERM, within_s: float = STOPPED_WITHIN_S) -> int:
        self.process.send_signal(number)
        return self.process.wait(within_s)


@contextmanager
def serving(data: Path, *arguments: str, json_output: bool = True, **more: str) -> Iterator[Served]:
    """Start a gateway and wait for its ready line; kill what is left of it afterwards."""
    stderr_file = data.with_name(data.name + ".stderr")
    words = command(data, *arguments, *(("--json",) if json_output else ()))
    with stderr_file.open("w") as stderr:
        process = subprocess.Popen(
            words,
            cwd=ROOT,
            env=environment(more),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        )
    assert process.stdout is not None
    try:
        readable, _, _ = select.select([process.stdout], [], [], READY_WITHIN_S)
        line = process.stdout.readline() if readable else ""
        assert line, f"no ready line; stderr:\n{stderr_file.read_text('utf-8')}"
        ready = json.loads(line) if json_output else {"line": line}
        yield Served(process, ready, data, stderr_file)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        process.stdout.close()


def refused(data: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a gateway that must not start; an exit code in time means that it has really ended."""
    return subprocess.run(
        command(data, "--json", *arguments),
        cwd=ROOT,
        env=environment(more),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=REFUSED_WITHIN_S,
        check=False,
    )


def assert_all_gone(data: Path) -> None:
    """See that no process of the gateway is left and its data directory is free."""
    wait_until(lambda: not processes_about(data), f"no process about {data}", within_s=5.0)
    with DataLock.acquire(data):
        pass


def last_event(data: Path) -> object:
    return [event for _n, _at, events in SqliteJournalReader(data).read(0) for event in events][-1]


def why(stderr: str) -> str:
    """Give the reason of the refusal in a log of JSON lines."""
    (line,) = [json.loads(line) for line in stderr.splitlines() if "start.refused" in line]
    return str(line["why"])


def bind_raw(address: Address) -> socket.socket:
    """Bind with a bare socket, which answers nothing of itself."""
    peer = socket.create_connection((address.host, address.port), timeout=10.0)
    peer.sendall(BIND)
    response = peer.recv(1024)
    assert response[4:12] == bytes.fromhex("8000000900000000")
    return peer


# -- ready --------------------------------------------------------------------------------------


def test_the_ready_line_names_ports_that_answer(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with serving(data) as served:
        assert set(served.ready) == {"event", "smpp", "http", "pid", "data"}
        assert served.ready["event"] == "ready"
        assert served.ready["pid"] == served.process.pid
        assert served.ready["data"] == str(data.resolve())
        assert served.smpp.host == "127.0.0.1"
        assert served.smpp.port > 0
        bind_raw(served.smpp).close()
        assert served.get("/livez").status_code == 200
        assert served.stop() == 0
        assert served.process.stdout is not None
        assert served.process.stdout.read() == ""


def test_readyz_names_each_check_as_soon_as_the_ready_line_is_there(tmp_path: Path) -> None:
    with serving(tmp_path / "data") as served:
        answer = served.get("/readyz")
        assert answer.status_code == 200
        checks = {check["name"]: check for check in answer.json()["checks"]}
        assert set(checks) == {"smpp", "journal", "disk", "term", "archive"}
        assert all(check["ok"] for check in checks.values())
        assert "MiB free" in checks["disk"]["why"]
        assert "behind the journal" in checks["archive"]["why"]


def test_people_get_lines_to_read(tmp_path: Path) -> None:
    with serving(tmp_path / "data", json_output=False) as served:
        assert served.ready["line"].startswith("smsgw ")
        assert served.ready["line"].endswith("is ready\n")
        assert served.process.stdout is not None
        shown = "".join(served.process.stdout.readline() for _ in range(4))
        for word in ("SMPP  127.0.0.1:", "HTTP  http://127.0.0.1:", str(tmp_path), "Ctrl-C"):
            assert word in shown


def test_without_http_the_ready_line_has_none_and_smpp_works(tmp_path: Path) -> None:
    with serving(tmp_path / "data", SMSGW_HTTP__ENABLED="false") as served:
        assert served.ready["http"] is None
        bind_raw(served.smpp).close()
        assert served.stop() == 0


def test_with_durability_none_nothing_is_written_and_no_archive_is_asked_for(
    tmp_path: Path,
) -> None:
    with serving(tmp_path / "data", SMSGW_DATA__DURABILITY="none") as served:
        names = [check["name"] for check in served.get("/readyz").json()["checks"]]
        assert names == ["smpp", "journal", "disk", "term"]
        assert list(processes_about(served.data)) == [served.process.pid]
        assert served.stop() == 0
    assert not (tmp_path / "data").exists()


def test_a_simulated_clock_goes_through_days_at_once_and_on_from_there(tmp_path: Path) -> None:
    data = tmp_path / "data"
    clock = "/api/v1/clock"
    with serving(data, "--clock", "2026-08-01T10:00:00") as served:
        assert served.get(clock).json()["at"].startswith("2026-08-01T10:00:")
        sent = asyncio.run(submitted(served, "19900000001"))
        url = f"http://{served.ready['http']}"
        moved = httpx.post(f"{url}{clock}", json={"advance_s": 4 * 86400}, trust_env=False)
        assert moved.json()["at"].startswith("2026-08-05T10:00:")
        wait_until(
            lambda: served.get(f"/api/v1/messages/{sent}").json()["state"] == "EXPIRED",
            "the message expires with its days",
            within_s=10.0,
        )
        assert served.stop() == 0
    early = refused(data, "--clock", "2026-08-02")
    assert early.returncode == 2
    assert "time never goes back" in early.stderr
    with serving(data, "--clock", "last") as served:
        assert served.get(clock).json()["at"].startswith("2026-08-05T10:0")


def test_a_clock_that_is_no_time_is_refused(tmp_path: Path) -> None:
    answer = refused(tmp_path / "data", "--clock", "soon")
    assert answer.returncode == 2
    assert "--clock soon: now, last, or" in answer.stderr


async def submitted(served: Served, recipient: str) -> str:
    """Submit one message and give its id."""
    async with await Esme.connect(served.smpp.host, served.smpp.port) as esme:
        await esme.bind("police", "secret08")
        return (await esme.submit(recipient, TEXT, NUMBER)).message_ids[0]


# -- stopping -----------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_unbinds_records_the_stop_and_leaves_no_process(
    tmp_path: Path, number: signal.Signals
) -> None:
    data = tmp_path / "data"
    with serving(data) as served:
        assert len(processes_about(data)) == 3, "gateway, committer and archiver"
        with bind_raw(served.smpp) as peer:
            served.process.send_signal(number)
            unbind = peer.recv(1024)
            assert unbind[:8] == bytes.fromhex("0000001000000006")
            peer.sendall(bytes.fromhex("0000001080000006") + bytes(4) + unbind[12:16])
            assert peer.recv(1024) == b""
            peer.close()
            assert served.process.wait(STOPPED_WITHIN_S) == 0
        assert served.events()[-1] == "gateway.stopped"
    assert_all_gone(data)
    stopped = last_event(data)
    assert isinstance(stopped, Stopped)
    assert stopped.reason == "signal"


def test_an_esme_that_does_not_answer_the_unbind_delays_the_stop_within_its_limit(
    tmp_path: Path,
) -> None:
    with serving(tmp_path / "data") as served, bind_raw(served.smpp):
        assert served.stop() == 0
    assert_all_gone(tmp_path / "data")


def test_a_second_signal_ends_at_once(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with serving(data) as served, bind_raw(served.smpp) as peer:
        served.process.send_signal(signal.SIGTERM)
        assert peer.recv(1024)[4:8] == bytes.fromhex("00000006")
        assert served.stop(within_s=AT_ONCE_S) == 0
        assert "gateway.stopped" not in served.events()
    assert_all_gone(data)


def test_a_journal_that_dies_ends_the_gateway(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with serving(data) as served:
        (committer,) = [pid for pid, words in processes_about(data).items() if "committer" in words]
        os.kill(committer, signal.SIGKILL)
        assert served.process.wait(STOPPED_WITHIN_S) == 4
        assert "gateway.failed" in served.events()
    assert_all_gone(data)


# -- refusing to start --------------------------------------------------------------------------


@pytest.mark.parametrize("option", ["--smpp", "--http"])
def test_a_port_in_use_is_named_and_everything_opened_is_closed(
    tmp_path: Path, option: str
) -> None:
    data = tmp_path / "data"
    with socket.create_server(("127.0.0.1", 0)) as holder:
        address = f"127.0.0.1:{holder.getsockname()[1]}"
        done = refused(data, option, address)
    assert done.returncode == 4
    assert why(done.stderr).startswith(f"{address}: Address already in use")
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert_all_gone(data)
    stopped = last_event(data)
    assert isinstance(stopped, Stopped)
    assert stopped.reason == "failure"


def test_an_address_of_another_machine_is_named(tmp_path: Path) -> None:
    # RFC 5737: 192.0.2.0/24 belongs to nobody.
    done = refused(tmp_path / "data", "--smpp", "192.0.2.1:0")
    assert done.returncode == 4
    assert "192.0.2.1:0" in why(done.stderr)
    assert_all_gone(tmp_path / "data")


def test_a_data_directory_in_use_is_named_with_its_owner(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with DataLock.acquire(data):
        done = refused(data)
        assert list(processes_about(data)) == []
    assert done.returncode == 4
    assert str(data) in why(done.stderr)
    assert f"pid {os.getpid()}" in why(done.stderr)


def test_a_data_directory_that_can_not_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    done = refused(tmp_path / "file" / "data")
    assert done.returncode == 4
    assert str(tmp_path / "file") in why(done.stderr)


def test_a_file_for_the_pdus_that_can_not_be_made_is_named(tmp_path: Path) -> None:
    done = refused(tmp_path / "data", "--log-pdus", str(tmp_path / "missing" / "pdus"))
    assert done.returncode == 4
    assert str(tmp_path / "missing") in why(done.stderr)


def test_a_bad_configuration_is_refused_with_file_line_and_key(tmp_path: Path) -> None:
    config = tmp_path / "smsgw.toml"
    config.write_text('[smpp]\nsystem_id = "smsgw"\ncolour = 1\n\n[data]\ndurability = "some"\n')
    done = refused(tmp_path / "data", "--config", str(config))
    assert done.returncode == 3
    assert f"{config}:3" in done.stderr
    assert "smpp.colour" in done.stderr
    assert f"{config}:6" in done.stderr
    assert "data.durability" in done.stderr
    assert not (tmp_path / "data").exists()


def test_a_certificate_that_is_none_is_a_matter_of_configuration(tmp_path: Path) -> None:
    pem = tmp_path / "cert.pem"
    pem.write_text("no certificate")
    files = {"SMSGW_SMPP__TLS__CERT": str(pem), "SMSGW_SMPP__TLS__KEY": str(pem)}
    done = refused(tmp_path / "data", SMSGW_SMPP__TLS__LISTEN="127.0.0.1:0", **files)
    assert done.returncode == 3
    assert str(pem) in why(done.stderr)
    assert_all_gone(tmp_path / "data")


def test_a_failpoint_that_can_not_be_reached_is_refused(tmp_path: Path) -> None:
    done = refused(tmp_path / "data", SMSGW_FAILPOINT="nowhere:1")
    assert done.returncode == 3
    assert "nowhere:1 seen, name:n with one of batch.before, " in why(done.stderr)
    assert not (tmp_path / "data").exists()


def test_a_committer_that_dies_during_the_start_is_named(tmp_path: Path) -> None:
    done = refused(tmp_path / "data", SMSGW_FAILPOINT="segment.after:1")
    assert done.returncode == 4
    assert "the committer ended unasked (killed by signal 9)" in why(done.stderr)
    assert "failpoint.armed" in done.stderr
    assert_all_gone(tmp_path / "data")


# -- what is written ----------------------------------------------------------------------------


def test_the_log_of_pdus_has_each_pdu_as_octets_fields_and_a_sentence(tmp_path: Path) -> None:
    pdus = tmp_path / "pdus.txt"
    link = encode(EnquireLink(sequence_number=2))
    with serving(tmp_path / "data", "--log-pdus", str(pdus)) as served:
        with socket.create_connection((served.smpp.host, served.smpp.port), timeout=10.0) as peer:
            # The bind in two pieces, the second with the next PDU behind it.
            peer.sendall(BIND[:20])
            wait_until(lambda: served.get("/livez").status_code == 200, "the first piece is read")
            peer.sendall(BIND[20:] + link)
            wait_until(lambda: "enquire_link_resp" in pdus.read_text("utf-8"), "all is logged")
        assert served.stop() == 0
    text = pdus.read_text("utf-8")
    assert "session 1 received 37 octets" in text
    assert "bind_transceiver 1: by police" in text
    assert "received 16 octets\n0000  00 00 00 10 00 00 00 15" in text
    assert "command_id = 21  (enquire_link)" in text
    assert "session 1 (police) sent 16 octets" in text
    assert "malformed" not in text
    assert "secret08" not in text
    assert "73 65 63 72 65 74" not in text


async def _talk(address: Address, url: str) -> None:
    """Do what brings numbers, texts and passwords in: binds, a message, an uplink message."""
    async with await Esme.connect(address.host, address.port) as esme:
        await esme.bind("police", "secret08")
        submitted = await esme.submit(RECIPIENT, TEXT, NUMBER)
        await esme.receipt(submitted.message_ids[0])
        async with httpx.AsyncClient(base_url=url, trust_env=False) as client:
            uplink = {"from": RECIPIENT, "to": NUMBER, "text": "TD 482913"}
            assert (await client.post("/api/v1/mo", json=uplink)).status_code == 202
            asked = {"from": NUMBER, "to": RECIPIENT, "text": TEXT}
            assert (await client.post("/api/v1/checks:explain", json=asked)).status_code == 200
        await esme.uplink()
    esme = await Esme.connect(address.host, address.port)
    with pytest.raises(BindError):
        await esme.bind("police", "hunter22")
    await esme.close()


def test_the_log_holds_no_secret_number_or_text(tmp_path: Path) -> None:
    with serving(tmp_path / "data", "--profile", "perfect") as served:
        asyncio.run(_talk(served.smpp, f"http://{served.ready['http']}"))
        assert served.stop() == 0
        written = served.stderr_file.read_text("utf-8")
        assert served.events()[0] == "gateway.ready"
    words = ("secret08", "hunter22", RECIPIENT, "482913", "验证码")
    for hidden in (*words, json.dumps("验证码")[1:-1]):
        assert hidden not in written


async def test_a_pause_of_the_event_loop_is_measured() -> None:
    async with running() as gateway:

        def late(within: str) -> float:
            series = gateway.gateway.recorder.freeze()
            name = "smsgw_event_loop_lag_seconds"
            most = series.get_sample_value(f"{name}_bucket", {"le": within})
            count = series.get_sample_value(f"{name}_count")
            assert most is not None
            assert count is not None
            return count - most

        measuring = asyncio.ensure_future(run._measure_lag(gateway.gateway))
        await asyncio.sleep(0)
        # Nothing but the loop's own thread standing still is the matter here.
        threading.Event().wait(run.LAG_INTERVAL_S + 0.06)
        await until(lambda: late("0.05") >= 1)
        measuring.cancel()
