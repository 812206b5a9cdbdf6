"""Run Kannel's bearerbox and smsbox against a gateway, configured in a folder of the test."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.support.gateway_process import Address
from tests.support.programs import require_program
from tests.support.waiting import wait_until

PASSWORD = "tester08"
STOPPED_WITHIN_S = 20.0

CORE = """\
group = core
admin-port = {admin}
admin-interface = 127.0.0.1
admin-password = {password}
smsbox-port = {smsbox}
smsbox-interface = 127.0.0.1
box-allow-ip = 127.0.0.1
dlr-storage = internal
log-file = {folder}/bearerbox.log
log-level = 0

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = {sendsms}
sendsms-interface = 127.0.0.1
mo-recode = true
log-file = {folder}/smsbox.log
log-level = 0

group = sendsms-user
username = tester
password = {password}
concatenation = true
max-messages = 10

group = sms-service
keyword = default
catch-all = true
max-messages = 0
get-url = "{listener}/uplink?from=%p&to=%P&text=%a"
"""

SMSC = """
group = smsc
smsc = smpp
smsc-id = smsgw
host = {host}
smsc-username = police
smsc-password = secret08
system-type = ""
source-addr-ton = 2
source-addr-npi = 1
dest-addr-ton = 1
dest-addr-npi = 1
reconnect-delay = 1
"""

TRANSCEIVER = ("port = {port}\ntransceiver-mode = true\n",)
TRANSMITTER_AND_RECEIVER = ("port = {port}\n", "receive-port = {port}\n")
"""What each connection of bearerbox says of its mode."""


@dataclass(frozen=True, slots=True)
class Kannel:
    """Talk to a running pair of bearerbox and smsbox."""

    admin: int
    sendsms: int
    folder: Path
    listener: str

    def status(self) -> str:
        """Give bearerbox's own status, empty while it does not answer."""
        try:
            page = f"http://127.0.0.1:{self.admin}/status.txt"
            return httpx.get(page, params={"password": PASSWORD}, trust_env=False).text
        except httpx.TransportError:
            return ""

    def send(self, sender: str, recipient: str, text: str) -> None:
        """Submit a text in UCS2 and ask for all delivery reports at the listener."""
        report = f"{self.listener}/receipt?type=%d&id=%F&text=%A"
        parameters = {
            "username": "tester",
            "password": PASSWORD,
            "from": sender,
            "to": recipient,
            "text": text,
            "charset": "UTF-8",
            "coding": "2",
            "dlr-mask": "31",
            "dlr-url": report,
        }
        page = f"http://127.0.0.1:{self.sendsms}/cgi-bin/sendsms"
        answer = httpx.get(page, params=parameters, trust_env=False, timeout=30.0)
        assert answer.status_code == 202, answer.text

    def logs(self) -> str:
        """Give the last of what both boxes wrote."""
        parts = (path.read_text("utf-8", "replace") for path in sorted(self.folder.glob("*.log")))
        return "\n".join(part[-6_000:] for part in parts)


@contextmanager
def running_kannel(
    folder: Path, gateway: Address, listener: str, modes: tuple[str, ...] = TRANSCEIVER
) -> Iterator[Kannel]:
    """Run both boxes for the length of a `with`, connected once for each of `modes`.

    Bearerbox is asked to stop first, so that it unbinds.
    """
    bearerbox, smsbox = require_program("bearerbox"), require_program("smsbox")
    admin, smsbox_port, sendsms = free_ports(3)
    kannel = Kannel(admin, sendsms, folder, listener)
    configuration = folder / "kannel.conf"
    configuration.write_text(
        CORE.format(
            admin=admin,
            smsbox=smsbox_port,
            sendsms=sendsms,
            password=PASSWORD,
            folder=folder,
            listener=listener,
        )
        + "".join((SMSC + mode).format(host=gateway.host, port=gateway.port) for mode in modes)
    )
    with running(bearerbox, configuration, folder):
        wait_until(lambda: kannel.status().count("(online") == len(modes), "bearerbox online")
        with running(smsbox, configuration, folder):
            wait_until(lambda: "(on-line" in kannel.status(), "smsbox connected")
            wait_until(lambda: accepts(sendsms), "smsbox listening")
            yield kannel


@contextmanager
def running(program: Path, configuration: Path, folder: Path) -> Iterator[None]:
    """Run one box until the `with` ends, then ask it to stop."""
    output = (folder / f"{program.name}.out").open("w")
    with output:
        process = subprocess.Popen(
            [program, configuration],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(STOPPED_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def free_ports(count: int) -> list[int]:
    """Find free ports for programs that can't be told to take any."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [listening.getsockname()[1] for listening in sockets]
    for listening in sockets:
        listening.close()
    return ports


def accepts(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1.0).close()
    except OSError:
        return False
    return True
