"""Share out file descriptors; pause where none is left."""

from __future__ import annotations

import errno
import resource
import socket
import subprocess
import sys
from typing import Any

import pytest

from gateway.descriptors import (
    PAUSE_S,
    RESERVED,
    UNLIMITED,
    Doorway,
    open_doorway,
    raise_descriptor_limit,
    share_out,
)


def test_where_descriptors_abound_everybody_gets_what_is_set() -> None:
    room = share_out(UNLIMITED, 20_000, 4_096)
    assert (room.smpp, room.http) == (20_000, 4_096)


@pytest.mark.parametrize("descriptors", [128, 256, 1_024, 20_000])
def test_all_connections_together_leave_the_reserve(descriptors: int) -> None:
    room = share_out(descriptors, 20_000, 4_096)
    assert room.smpp + room.http == descriptors - RESERVED
    assert room.smpp > room.http


@pytest.mark.parametrize("descriptors", [0, RESERVED, RESERVED + 1])
def test_with_hardly_any_there_is_room_for_one_of_each(descriptors: int) -> None:
    room = share_out(descriptors, 20_000, 4_096)
    assert (room.smpp, room.http) == (1, 1)


def test_what_http_does_not_want_is_left_to_smpp() -> None:
    room = share_out(1_024, 20_000, 10)
    assert (room.smpp, room.http) == (1_024 - RESERVED - 10, 10)


def test_the_soft_limit_is_raised_to_the_hard_one() -> None:
    # In a process of its own: limits can't be put back.
    script = (
        "import resource as r; from gateway.descriptors import raise_descriptor_limit as raised;"
        "r.setrlimit(r.RLIMIT_NOFILE, (100, 300));"
        "print(raised(), *r.getrlimit(r.RLIMIT_NOFILE))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["300", "300", "300"]


def test_no_limit_at_all_is_a_large_number(monkeypatch: pytest.MonkeyPatch) -> None:
    infinite = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    monkeypatch.setattr(resource, "getrlimit", lambda _which: infinite)
    assert raise_descriptor_limit() == UNLIMITED


class Clock:
    """Tell the time that the test sets."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize("number", [errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM])
def test_after_descriptors_ran_out_it_accepts_nobody_for_a_while(
    number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    tries: list[int] = []

    def accept(_self: socket.socket) -> tuple[socket.socket, Any]:
        tries.append(number)
        raise OSError(number, "none left")

    monkeypatch.setattr(socket.socket, "accept", accept)
    with Doorway(socket.AF_INET, 1, clock) as doorway:
        with pytest.raises(OSError, match="none left"):
            doorway.accept()
        with pytest.raises(BlockingIOError):
            doorway.accept()
        assert len(tries) == 1
        clock.now += PAUSE_S
        with pytest.raises(OSError, match="none left"):
            doorway.accept()
    assert len(tries) == 2


def test_another_error_makes_no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    tries: list[int] = []

    def accept(_self: socket.socket) -> tuple[socket.socket, Any]:
        tries.append(1)
        raise ConnectionAbortedError

    monkeypatch.setattr(socket.socket, "accept", accept)
    with Doorway(socket.AF_INET, 1, Clock()) as doorway:
        for _ in range(2):
            with pytest.raises(ConnectionAbortedError):
                doorway.accept()
    assert len(tries) == 2


def test_it_listens_and_what_it_accepts_sends_without_delay() -> None:
    with (
        open_doorway("127.0.0.1", 0, 1, Clock()) as doorway,
        socket.create_connection(doorway.getsockname()),
    ):
        doorway.setblocking(True)
        accepted, _peer = doorway.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_a_port_in_use_is_an_error_and_leaves_nothing_open() -> None:
    with (
        open_doorway("127.0.0.1", 0, 1, Clock()) as doorway,
        pytest.raises(OSError, match="in use"),
    ):
        open_doorway("127.0.0.1", doorway.getsockname()[1], 1, Clock())
