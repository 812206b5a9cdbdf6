"""Let only listed addresses bind, and cut those a new list leaves out (X3)."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.journal.reader import SqliteJournalReader
from routing.events import OperatorAction, Unbound
from smpp.constants import CommandId
from tests.support.gateway_process import Address
from tests.support.wire import BIND_TRX, ENQUIRE, SUBMIT, Wire, bind_body, pdu, submit_body

from .certificates import Authority
from .victim import Victim, until

RBINDFAIL, RTHROTTLED = 0x0D, 0x58

ACCOUNT = """
[[account]]
system_id = "{name}"
password = "secret08"
access_numbers = [{number}]
allowed_ips = [{ips}]
{more}
"""


def toml(more: str = "", **lists: str) -> str:
    """Write accounts with their lists; `more` is added to the one called police."""
    return "".join(
        ACCOUNT.format(
            name=name,
            number='"106590990371"' if name == "police" else "",
            ips=", ".join(f'"{ip}"' for ip in ips.split()),
            more=more if name == "police" else "",
        )
        for name, ips in lists.items()
    )


def status(address: Address, system_id: str, source: str, password: bytes = b"secret08") -> int:
    with Wire(address, source=source) as wire:
        return wire.ask(pdu(BIND_TRX, bind_body(system_id.encode(), password))).command_status


@pytest.mark.slow
@pytest.mark.parametrize("mapped", [False, True], ids=["IPv4", "IPv4-mapped"])
def test_the_list_decides_whatever_the_password(
    mapped: bool, victims: Callable[..., Victim]
) -> None:
    lists = {
        "one": "127.0.0.1/32",
        "two": "127.0.0.2 192.0.2.0/24",
        "block": "127.0.0.4/31",
        "family": "0.0.0.0/0",
        "other": "::/0",
        "any": "",
        "form": "::ffff:127.0.0.1",
    }
    # Bound to the mapped address, the gateway sees its peers as ::ffff:127.0.0.x.
    host = "[::ffff:127.0.0.1]" if mapped else "127.0.0.1"
    victim = victims(toml(**lists), host=host)
    victim.start()
    address = Address("127.0.0.1", victim.port)
    allowed = {
        "one": {"127.0.0.1"},
        "two": {"127.0.0.2"},
        "block": {"127.0.0.4", "127.0.0.5"},
        "family": {f"127.0.0.{n}" for n in range(1, 7)},
        "other": set(),
        "any": {f"127.0.0.{n}" for n in range(1, 7)},
        "form": {"127.0.0.1"},
    }
    for name, expected in allowed.items():
        sources = [f"127.0.0.{n}" for n in range(1, 7)]
        bound = {source for source in sources if status(address, name, source) == 0}
        assert bound == expected, name
    assert victim.terminate() == 0


@pytest.mark.slow
def test_a_new_list_cuts_sessions_and_a_broken_file_changes_nothing(
    victims: Callable[..., Victim],
) -> None:
    victim = victims(toml(police="127.0.0.1 127.0.0.2"))
    victim.start()
    address = Address("127.0.0.1", victim.port)
    submit = pdu(SUBMIT, submit_body(), sequence=3)
    with Wire(address) as stays, Wire(address, source="127.0.0.2") as goes:
        stays.bind()
        goes.bind()
        # Two errors: both are told, and the list of before holds.
        broken = toml(police="127.0.0.1").replace('"secret08"', "5") + 'windw = 3\n[smpp]\nx = "y"'
        refused = victim.reload(broken, event="settings.refused")
        assert all(word in refused["why"] for word in ("password", "windw", "smpp.x"))
        assert goes.ask(pdu(ENQUIRE, sequence=2)).command_status == 0
        assert status(address, "police", "127.0.0.2") == 0
        told = victim.reload(toml(police="127.0.0.1") + "[network]\nseed = 5\n")
        assert told["applied"] == "account police: allowed_ips"
        assert told["needs_a_start"] == "network.seed"
        assert told["sessions_closed"] == 1
        assert goes.receive() is None
        assert stays.ask(pdu(ENQUIRE, sequence=2)).command_status == 0
        assert status(address, "police", "127.0.0.2") == RBINDFAIL
        # Rates and passwords are taken over too, at once and for the sessions there are.
        slow = "[account.throughput]\nrate = 0.001\nburst = 1"
        victim.reload(toml(slow, police="127.0.0.1").replace("secret08", "another1"))
        stays.ask(submit)
        assert stays.ask(submit).command_status == RTHROTTLED
        assert status(address, "police", "127.0.0.1") == RBINDFAIL
        assert status(address, "police", "127.0.0.1", b"another1") == 0
        shown = victim.get("/api/v1/accounts/police").json()
        assert shown["allowed_ips"] == ["127.0.0.1/32"]
        assert shown["throughput"]["rate"] == 0.001
        # An account that is gone has no sessions, and nobody binds it.
        victim.reload(toml(other="127.0.0.1"))
        farewell = stays.receive()
        assert farewell is not None
        assert farewell.command_id == CommandId.UNBIND
        assert stays.receive() is None
        assert status(address, "police", "127.0.0.1", b"another1") == RBINDFAIL
    assert victim.terminate() == 0
    recorded = [
        event
        for _, _, events in SqliteJournalReader(victim.data).read(0)
        for event in events
        if isinstance(event, OperatorAction | Unbound)
    ]
    reloads = [event.target for event in recorded if isinstance(event, OperatorAction)]
    assert reloads == ["refused", "settings", "settings", "settings"]
    reasons = [event.reason for event in recorded if isinstance(event, Unbound)]
    assert reasons.count("settings") == 2
    assert "Traceback" not in victim.errors


@pytest.mark.slow
def test_a_foreign_address_is_cut_before_its_handshake(
    victims: Callable[..., Victim], tmp_path: Path
) -> None:
    server = Authority(tmp_path, "ours").issue("server", use="serverAuth")
    tls = f'[smpp.tls]\nlisten = "127.0.0.1:0"\ncert = "{server.cert}"\nkey = "{server.key}"\n'
    victim = victims(tls + toml(police="127.0.0.1", other="127.0.0.3"))
    victim.start()
    address = Address.parse(victim.ready["smpp_tls"])

    def connect(source: str) -> socket.socket:
        return socket.create_connection((address.host, address.port), 5, (source, 0))

    # It says nothing and is cut: nothing of it is needed, and nothing is read.
    with connect("127.0.0.2") as foreign:
        assert foreign.recv(1) == b""
    until(lambda: victim.metric("smsgw_smpp_connections_refused_total", reason="address") == 1, 5)
    # The control: who may bind any account may say his ClientHello.
    with connect("127.0.0.3") as listed:
        listed.settimeout(0.3)
        with pytest.raises(TimeoutError):
            listed.recv(1)
    assert victim.terminate() == 0
