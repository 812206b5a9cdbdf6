"""Learn nothing from a refused bind; find no password, number or text where it has no place (X1).

The hashes here cost little, so that many binds take little time. What is compared stays the same:
the hash is most of the work of an answer.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

import pytest

from gateway.journal.reader import SqliteJournalReader
from routing.events import PduRefused
from tests.support.gateway_process import Address
from tests.support.wire import (
    BIND_RX,
    BIND_TRX,
    BIND_TX,
    ENQUIRE,
    SUBMIT,
    RawPdu,
    Wire,
    bind_body,
    pdu,
    submit_body,
)

from .victim import ROOT, Victim, until

COST = 2**10
RBINDFAIL = 0x0D
TOLERANCE = 0.05
ATTEMPTS = 3
"""The machine is shared: a difference that is there is there every time, noise is not."""

PASSWORD, WRONG = b"S3ntinel", b"Wr0ngPwd"
TOO_LONG, CUT = b"L0ngerThanEight", b"Cut1nTwo"
NUMBER = "13300013579"
WORD = "暗号七四一"
TEXT = f"【示例警务】验证码482913，{WORD}。"
TOKEN = "T0kenSentinelValue"

TIMED = """
[smpp.timers]
session_init_s = 3600
[smpp.limits]
failed_binds = 0
[[account]]
system_id = "hashed"
password = "{hash}"
[[account]]
system_id = "plain"
password = "secret08"
[[account]]
system_id = "elsewhere"
password = "{hash}"
allowed_ips = ["192.0.2.1"]
"""

WATCHED = """
[network]
profile = "perfect"
[[http.tokens]]
name = "watcher"
role = "viewer"
token = "{token}"
[[account]]
system_id = "police"
password = "{password}"
access_numbers = ["106590990371"]
"""


def cheap_hash(password: bytes) -> str:
    """Write a password as the settings have it, by a hash that costs a few milliseconds."""
    salt = b"a salt of sixteen"
    digest = hashlib.scrypt(password, salt=salt, n=COST, r=8, p=1, maxmem=2**26, dklen=32)
    parts = (base64.b64encode(octets).decode("ascii") for octets in (salt, digest))
    return ":".join(("scrypt", str(COST), "8", "1", *parts))


# -- what an answer tells -----------------------------------------------------------------------


def bind_with(system_id: bytes, password: bytes, command_id: int = BIND_TRX) -> bytes:
    return pdu(command_id, bind_body(system_id, password))


def seconds_of(wire: Wire, request: bytes) -> float:
    began = time.perf_counter()
    wire.ask(request)
    return time.perf_counter() - began


def medians(wire: Wire, requests: Mapping[str, bytes], count: int) -> dict[str, float]:
    """Measure the requests in turn, so that what slows the machine slows them alike."""
    took: dict[str, list[float]] = {name: [] for name in requests}
    for _ in range(count):
        for name, request in requests.items():
            took[name].append(seconds_of(wire, request))
    return {name: statistics.median(values) for name, values in took.items()}


def telling(found: Mapping[str, float]) -> dict[str, float]:
    """Give those whose median is not that of an unknown id, in shares of it."""
    usual = found["unknown"]
    apart = {name: median / usual - 1 for name, median in found.items()}
    return {name: share for name, share in apart.items() if abs(share) > TOLERANCE}


@pytest.mark.slow
def test_the_time_of_a_refusal_does_not_tell_whether_the_account_exists(
    victims: Callable[..., Victim], many: Callable[[int, int], int]
) -> None:
    victim = victims(TIMED.format(hash=cheap_hash(b"secret08")))
    victim.start()
    requests = {
        "unknown": bind_with(b"nobody", WRONG),
        "hashed": bind_with(b"hashed", WRONG),
        "plain": bind_with(b"plain", WRONG),
        "elsewhere": bind_with(b"elsewhere", b"secret08"),
    }
    with Wire(Address("127.0.0.1", victim.port)) as wire:
        # A password that proved right once must not make wrong ones cheaper.
        with Wire(Address("127.0.0.1", victim.port)) as known:
            known.bind(body=bind_body(b"hashed", b"secret08"))
        for request in requests.values():
            wire.ask(request)
        for _ in range(ATTEMPTS):
            found = medians(wire, requests, many(200, 2000))
            if not telling(found):
                break
        assert telling(found) == {}, found
        # The control: an answer without the work of a hash is told at once.
        lazy = medians(wire, {**requests, "lazy": pdu(ENQUIRE)}, 20)
        assert "lazy" in telling(lazy)
    assert victim.terminate() == 0


@pytest.mark.slow
def test_every_refused_bind_gets_the_same_octets(victims: Callable[..., Victim]) -> None:
    victim = victims(TIMED.format(hash=cheap_hash(b"secret08")))
    victim.start()
    guesses = [
        (b"nobody", b"secret08"),
        (b"nobody", WRONG),
        (b"hashed", WRONG),
        (b"hashed", b""),
        (b"hashed", b"secret0"),
        (b"HASHED", b"secret08"),
        (b"plain", WRONG),
        (b"elsewhere", b"secret08"),
        (b"elsewhere", WRONG),
        (b"", b""),
    ]
    with Wire(Address("127.0.0.1", victim.port)) as wire:
        for command_id in (BIND_RX, BIND_TX, BIND_TRX):
            answers = {guess: wire.ask(bind_with(*guess, command_id)) for guess in guesses}
            (one,) = {_octets(answer) for answer in answers.values()}
            assert answers[b"nobody", WRONG].command_status == RBINDFAIL
            # The control: the answer to a right one is another.
            with Wire(Address("127.0.0.1", victim.port)) as right:
                assert _octets(right.ask(bind_with(b"hashed", b"secret08", command_id))) != one
    assert victim.terminate() == 0


def _octets(answer: RawPdu) -> tuple[int, int, bytes]:
    """Give everything of an answer but its sequence_number."""
    return answer.command_id, answer.command_status, answer.body


# -- where secrets have no place ----------------------------------------------------------------


def forms_of(secret: str) -> Iterator[bytes]:
    """Give what a secret can look like in a file."""
    for octets in (secret.encode(), secret.encode("utf-16-be")):
        yield octets
        yield octets.hex().encode()
        yield octets.hex().upper().encode()
        yield octets.hex(" ").encode()
        yield base64.b64encode(octets).rstrip(b"=")[:-1]
    yield json.dumps(secret)[1:-1].encode()


def leaks(artefacts: Mapping[str, bytes], secrets: Iterable[str]) -> list[tuple[str, str]]:
    """Name each artefact that has a secret in it, and the secret."""
    return [
        (name, secret)
        for secret in secrets
        for name, content in artefacts.items()
        if any(form in content for form in forms_of(secret))
    ]


def passwords() -> list[str]:
    # Half of one that was cut in two is enough to guess the rest.
    return [word.decode() for word in (PASSWORD, WRONG, TOO_LONG, CUT)] + [CUT[4:].decode(), TOKEN]


def misbehave(victim: Victim) -> None:
    """Present passwords in every way that is refused, then go on as one should."""
    address = Address("127.0.0.1", victim.port)
    with Wire(address) as wire:
        for guess in ((b"police", WRONG), (b"nobody", WRONG), (b"police", TOO_LONG)):
            wire.ask(bind_with(*guess))
        whole = bind_with(b"police", WRONG)
        # Cut within the password, with the length that goes with it.
        wire.ask(pdu(BIND_TRX, bind_body(b"police", CUT)[:12]))
        wire.bind(body=bind_body(b"police", PASSWORD))
        wire.ask(bind_with(b"police", PASSWORD))
        wire.ask(whole)
        submit = submit_body(
            destination_addr=NUMBER.encode() + b"\0",
            registered_delivery=b"\1",
            data_coding=b"\x08",
            sm_length=bytes([len(TEXT.encode("utf-16-be"))]),
            short_message=TEXT.encode("utf-16-be"),
        )
        assert wire.ask(pdu(SUBMIT, submit, sequence=7)).command_status == 0
        # One that the contract refuses, and one that can't be read.
        out_of_scope = submit.replace(NUMBER.encode(), b"13400013579")
        assert wire.ask(pdu(SUBMIT, out_of_scope, sequence=8)).command_status != 0
        assert wire.ask(pdu(SUBMIT, submit[:-3], sequence=9)).command_status != 0
    for length in (16 + 7 + 4, 16 + 7 + 6):
        with Wire(address) as wire:
            # A command_length that ends within the password: its rest is taken for a header.
            wire.send(pdu(BIND_TRX, bind_body(b"police", CUT), length=length))
            while wire.receive() is not None:
                pass


def ask_badly(victim: Victim) -> Iterator[bytes]:
    """Give /metrics, answers to requests that are refused, and what a viewer is shown."""
    for path in (
        "/metrics",
        "/api/v1/messages?q=state:NONE x:y",
        "/api/v1/messages/1",
        "/api/v1/accounts/nobody",
    ):
        yield victim.get(path).content
    for body in ({"from": 1, "to": "1", "text": 5}, {"text": "x", "to": "y", "z": 1}):
        yield victim.post("/api/v1/mo", body).content
    for token in (TOKEN, f"{TOKEN}x"):
        headers = {"Authorization": f"Bearer {token}"}
        yield victim.get("/api/v1/messages", headers).content
        yield victim.get("/api/v1/sessions", headers).content


def say_wrongly(folder: Path) -> bytes:
    """Give what the command line says of wrong settings, each with a secret in them."""
    said = b""
    wrong = (
        f'[[account]]\nsystem_id = "police"\npassword = ["{PASSWORD.decode()}"]',
        f'[[account]]\nsystem_id = "police"\npassword = "scrypt:{PASSWORD.decode()}"',
        f'[[account]]\nsystem_id = "police"\npasswort = "{PASSWORD.decode()}"',
        f'[[http.tokens]]\nname = "a"\nrole = "viewer"\ntoken = ["{TOKEN}"]',
        f'[mqtt]\npassword = ["{PASSWORD.decode()}"]',
    )
    for text in wrong:
        (folder / "wrong.toml").write_text(text, "utf-8")
        for command in ("check", "serve"):
            done = subprocess.run(
                [sys.executable, "-m", "gateway", command, "--config", folder / "wrong.toml"],
                cwd=ROOT,
                capture_output=True,
                timeout=30,
                check=False,
            )
            assert done.returncode == 3, done.stderr
            said += done.stdout + done.stderr
    return said


def command_lines(group: int) -> bytes:
    """Give the arguments of all processes of the gateway."""
    found = b""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if os.getpgid(int(entry.name)) == group:
                    found += (entry / "cmdline").read_bytes()
            except OSError:
                continue
    return found


@pytest.mark.slow
def test_secrets_numbers_and_texts_are_nowhere_they_do_not_belong(
    victims: Callable[..., Victim], tmp_path: Path
) -> None:
    pdus = tmp_path / "pdus"
    victim = victims(
        WATCHED.format(token=TOKEN, password=PASSWORD.decode()), arguments=("--log-pdus", str(pdus))
    )
    victim.start()
    misbehave(victim)
    until(lambda: victim.metric("smsgw_receipts_pending", account="police") == 1, 10, "a receipt")
    answers = b"".join(ask_badly(victim))
    assert NUMBER in victim.get("/api/v1/messages").text, "who may see it, sees it"
    arguments = command_lines(os.getpgid(victim.pid))
    assert b"gateway" in arguments
    assert victim.terminate() == 0
    shown = {
        "log": victim.errors.encode(),
        "answers": answers,
        "arguments": arguments,
        "command line": say_wrongly(tmp_path),
    }
    kept = {path.name: path.read_bytes() for path in victim.data.iterdir() if path.is_file()}
    assert any(name.startswith("journal-") for name in kept)
    assert any(name.startswith("archive") for name in kept)
    everywhere = {**shown, **kept, "pdus": pdus.read_bytes()}
    assert leaks(everywhere, passwords()) == []
    # Numbers and texts belong into journal, archive and the log of PDUs, and nowhere else.
    assert leaks(shown, [NUMBER, WORD]) == []
    # The controls: what is there is found, in files and in the octets of PDUs.
    settings = {"settings": (victim.folder / "smsgw.toml").read_bytes()}
    assert leaks(settings, passwords()) == [("settings", w) for w in (PASSWORD.decode(), TOKEN)]
    assert {secret for _, secret in leaks(kept, [NUMBER, WORD])} == {NUMBER, WORD}
    assert {secret for _, secret in leaks({"": everywhere["pdus"]}, [NUMBER, WORD])} == {
        NUMBER,
        WORD,
    }
    refused = [
        event
        for _, _, events in SqliteJournalReader(victim.data).read(0)
        for event in events
        if isinstance(event, PduRefused)
    ]
    assert len(refused) >= 6, "every refused PDU is on record, with or without its octets"
