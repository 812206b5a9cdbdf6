"""Let clients written by others bind, submit Chinese text, get receipts, take an uplink, unbind."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support.gateway_process import GatewayProcess
from tests.support.inprocess import NUMBER
from tests.support.programs import CLIENTS, NODE_MODULES, require_perl_module, require_program
from tests.support.waiting import wait_until

from .story import LONG, RECIPIENT, SHORT, Story, assert_whole, run_client, unbinds

SCRIPTS = Path(__file__).parent / "clients"


def smpp_of(gateway: GatewayProcess) -> str:
    return f"{gateway.smpp.host}:{gateway.smpp.port}"


def host_and_port(gateway: GatewayProcess) -> tuple[str, str]:
    return gateway.smpp.host, str(gateway.smpp.port)


def node_environment() -> dict[str, str]:
    require_program("npm smpp")
    return dict(os.environ) | {"NODE_PATH": str(NODE_MODULES)}


def run_counting_unbinds(
    gateway: GatewayProcess,
    sessions: int,
    *command: str | Path,
    environ: Mapping[str, str] | None = None,
) -> Story:
    """Run a client; check that the gateway saw each of its sessions end with an unbind."""
    before = unbinds(gateway)
    story = run_client(*command, environ=environ)
    wait_until(lambda: unbinds(gateway) == before + sessions, f"{sessions} unbinds", within_s=10)
    return story


def test_smpplib_goes_the_whole_way(gateway: GatewayProcess) -> None:
    script = CLIENTS / "smpplib_client.py"
    assert_whole(
        run_counting_unbinds(gateway, 1, sys.executable, script, smpp_of(gateway), gateway.url)
    )


def test_smpplib_submits_on_a_transmitter_and_gets_its_receipt_on_a_receiver(
    gateway: GatewayProcess,
) -> None:
    command = (sys.executable, SCRIPTS / "smpplib_binds.py", *host_and_port(gateway))
    story = run_counting_unbinds(gateway, 2, *command, RECIPIENT, SHORT)
    ((message_id,),) = story.of("submitted")
    delivered = "2"
    assert story.of("receipt") == [(message_id, delivered)]
    assert story.of("unbound") == [(), ()]


def test_aiosmpplib_goes_the_whole_way(gateway: GatewayProcess) -> None:
    command = (sys.executable, CLIENTS / "aiosmpplib_client.py", smpp_of(gateway), gateway.url)
    story = run_counting_unbinds(gateway, 1, *command)
    # Of a long message it tells one id and one receipt.
    assert_whole(story, told=2)


def test_aiosmpplib_binds_and_unbinds_in_every_mode(gateway: GatewayProcess) -> None:
    script = SCRIPTS / "aiosmpplib_binds.py"
    story = run_counting_unbinds(gateway, 3, sys.executable, script, *host_and_port(gateway))
    modes = {("receiver",), ("transmitter",), ("transceiver",)}
    assert set(story.of("bound")) == set(story.of("unbound")) == modes


@pytest.mark.foreign
def test_npm_smpp_goes_the_whole_way(gateway: GatewayProcess) -> None:
    script = CLIENTS / "npm_smpp_client.js"
    node, environ = require_program("node"), node_environment()
    command = (node, script, smpp_of(gateway), gateway.url)
    assert_whole(run_counting_unbinds(gateway, 1, *command, environ=environ))


@pytest.mark.foreign
def test_npm_smpp_binds_and_unbinds_in_every_mode(gateway: GatewayProcess) -> None:
    node, environ = require_program("node"), node_environment()
    command = (node, SCRIPTS / "npm_binds.js", smpp_of(gateway))
    story = run_counting_unbinds(gateway, 3, *command, environ=environ)
    modes = [("transmitter",), ("receiver",), ("transceiver",)]
    assert story.of("bound") == story.of("alive") == story.of("unbound") == modes


@pytest.mark.foreign
def test_perl_net_smpp_goes_the_whole_way_and_binds_in_every_mode(gateway: GatewayProcess) -> None:
    require_perl_module("Net::SMPP")
    script = SCRIPTS / "net_smpp_client.pl"
    command = (require_program("perl"), script, *host_and_port(gateway), gateway.url)
    story = run_counting_unbinds(gateway, 3, *command, RECIPIENT, SHORT, LONG)
    assert_whole(story)
    assert story.of("bound") == [("transmitter",), ("receiver",), ("transceiver",)]


@pytest.mark.foreign
def test_npm_smpp_is_told_of_a_flag_and_of_the_handset_that_is_back(
    gateway: GatewayProcess,
) -> None:
    node, environ = require_program("node"), node_environment()
    handset = "13300000077"
    script = SCRIPTS / "npm_alert.js"
    command = (node, script, smpp_of(gateway), gateway.url, handset, NUMBER, SHORT)
    story = run_counting_unbinds(gateway, 1, *command, environ=environ)
    assert story.of("flag") == [("0", "1")]
    assert story.of("alert") == [(handset, NUMBER, "0")]
