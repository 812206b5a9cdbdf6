from __future__ import annotations

import json
from pathlib import Path

import pytest

from gateway.load.options import LoadOptions
from gateway.load.traffic import FrameRing, TrafficError, load_traffic
from smpp.codec import decode
from smpp.framing import take_frames
from smpp.pdus import SubmitSm

SHORT = "【示例警务】您已恢复接收便民提醒类短信。退订请回复TD。"


def frame(text: bytes) -> bytes:
    return (16 + len(text)).to_bytes(4, "big") + b"\0\0\0\x04" + bytes(8) + text


def cut(data: bytes) -> list[tuple[int, bytes]]:
    frames, position = take_frames(data, 0, 70_000, 10_000)
    assert position == len(data)
    return [(number, data[start + 16 : end]) for start, end, _id, _status, number in frames]


def test_batches_go_round_and_carry_ascending_numbers() -> None:
    ring = FrameRing([frame(text) for text in (b"a", b"bb", b"ccc")])
    assert cut(ring.batch(2, 5)) == [(5, b"a"), (6, b"bb")]
    assert cut(ring.batch(5, 7)) == [
        (7, b"ccc"),
        (8, b"a"),
        (9, b"bb"),
        (10, b"ccc"),
        (11, b"a"),
    ]
    assert ring.batch(0, 12) == b""
    assert len(ring) == 3


def test_a_ring_of_one_repeats_it() -> None:
    ring = FrameRing([frame(b"x")])
    assert cut(ring.batch(3, 1)) == [(1, b"x"), (2, b"x"), (3, b"x")]


def test_a_ring_needs_a_message() -> None:
    with pytest.raises(ValueError, match="no messages"):
        FrameRing([])


def sent(options: LoadOptions, stream: int = 0, streams: int = 1) -> list[SubmitSm]:
    pdus = [
        decode(pdu) for message in load_traffic(options, stream, streams) for pdu in message.pdus
    ]
    assert all(isinstance(pdu, SubmitSm) for pdu in pdus)
    return pdus  # type: ignore[return-value]  # asserted above


def test_the_streams_share_the_recipients() -> None:
    options = LoadOptions(recipients="13300000000-13300000006")
    recipients = [
        [int(pdu.destination_addr) - 13300000000 for pdu in sent(options, stream, 3)]
        for stream in range(3)
    ]
    assert recipients == [[0, 3, 6], [1, 4], [2, 5]]


def test_more_streams_than_recipients_still_have_one_each() -> None:
    options = LoadOptions(recipients="13300000000-13300000001")
    assert [pdu.destination_addr for pdu in sent(options, 4, 5)] == [b"13300000000"]


def test_a_long_text_keeps_its_segments_together_with_a_reference_of_their_own() -> None:
    options = LoadOptions(recipients="13300000000-13300000001", text=SHORT * 4)
    pdus = sent(options)
    keys = [(pdu.destination_addr[-1:], pdu.short_message[3:6]) for pdu in pdus]
    assert keys == [
        (b"0", b"\x00\x02\x01"),
        (b"0", b"\x00\x02\x02"),
        (b"1", b"\x01\x02\x01"),
        (b"1", b"\x01\x02\x02"),
    ]


def test_receipts_and_times_are_asked_for_as_the_options_say() -> None:
    [pdu] = sent(
        LoadOptions(
            recipients="13300000000",
            receipts=False,
            service_type="INST",
            schedule_delivery_time="000001000000000R",
        )
    )
    assert (pdu.registered_delivery, pdu.service_type) == (0, b"INST")
    assert pdu.schedule_delivery_time == b"000001000000000R"


def write(folder: Path, *rows: object) -> LoadOptions:
    path = folder / "traffic.jsonl"
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows) + "\n", "utf-8")
    return LoadOptions(traffic=path)


def test_a_file_gives_recipient_text_sender_service_and_time(tmp_path: Path) -> None:
    options = write(
        tmp_path,
        {"at": "2026-03-18T08:00:00+08:00", "to": "13300000001", "text": SHORT},
        {
            "at": "2026-03-18T08:00:01.5+08:00",
            "to": "13300000002",
            "text": SHORT,
            "from": "10659099037101",
            "service": "instant",
        },
    )
    first, second = sent(options)
    assert (first.service_type, second.service_type) == (b"", b"INST")
    assert (first.source_addr, second.source_addr) == (b"106590990371", b"10659099037101")
    assert [message.at_s for message in load_traffic(options, 0, 1)] == [0.0, 1.5]
    assert [message.at_s for message in load_traffic(options, 1, 2)] == [1.5]


def test_a_stream_without_a_line_of_its_own_takes_one_of_the_others(tmp_path: Path) -> None:
    options = write(tmp_path, {"to": "13300000001", "text": SHORT})
    assert len(load_traffic(options, 3, 5)) == 1


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ([], "wanted an object with to and text"),
        ({"to": "13300000001"}, "text: None, wanted a string"),
        ({"to": 13300000001, "text": SHORT}, "to: 13300000001, wanted a string"),
        ({"to": "一三三", "text": SHORT}, "characters that are not ASCII"),
        ({"to": "13300000001", "text": SHORT, "at": []}, r"at: \[\], wanted seconds"),
        ({"to": "13300000001", "text": SHORT, "at": "noon"}, "Invalid isoformat"),
        ({"to": "13300000001", "text": SHORT, "at": -1}, "at lies before the first line's"),
        ({"to": "1" * 30, "text": SHORT}, "destination_addr"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, row: object, words: str) -> None:
    options = write(tmp_path, {"to": "13300000001", "text": SHORT}, row)
    with pytest.raises(TrafficError, match=rf"traffic\.jsonl:2: .*{words}"):
        load_traffic(options, 0, 1)


def test_a_file_that_is_missing_empty_or_no_json_is_named(tmp_path: Path) -> None:
    with pytest.raises(TrafficError, match="No such file"):
        load_traffic(LoadOptions(traffic=tmp_path / "none"), 0, 1)
    with pytest.raises(TrafficError, match="no message in it"):
        load_traffic(write(tmp_path), 0, 1)
    path = tmp_path / "bad"
    path.write_text("{", "utf-8")
    with pytest.raises(TrafficError, match="bad:1: Expecting property name"):
        load_traffic(LoadOptions(traffic=path), 0, 1)
