"""Measure the codec alone: no socket, no loop."""

from __future__ import annotations

from time import perf_counter

from gateway.load.options import DEFAULT_TEXT
from gateway.load.submission import submissions
from smpp.codec import encode
from smpp.framing import take_frames
from smpp.pdus import SubmitSmResp
from smpp.session import HOT_DECODERS

BATCH = 1_000


def decode_rate(seconds: float) -> float:
    """Give how many submit_sm are framed and decoded per second, all fields."""
    [pdu] = submissions("13300000001", DEFAULT_TEXT, "106590990371")
    pdu.sequence_number = 7
    data = encode(pdu) * BATCH
    done = 0
    began = now = perf_counter()
    while now - began < seconds:
        position = 0
        while position < len(data):
            frames, position = take_frames(data, position, 70_000, 64)
            for start, end, command_id, _status, number in frames:
                HOT_DECODERS[command_id](data, start, end, number)
        done += BATCH
        now = perf_counter()
    return done / (now - began)


def encode_rate(seconds: float) -> float:
    """Give how many submit_sm_resp are made and encoded per second."""
    done = 0
    began = now = perf_counter()
    while now - began < seconds:
        for number in range(BATCH):
            encode(SubmitSmResp(message_id=b"123456789012345678", sequence_number=number + 1))
        done += BATCH
        now = perf_counter()
    return done / (now - began)
