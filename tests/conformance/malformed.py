"""List malformed, misplaced and odd PDUs, each with the answer that the specification requires.

The rules the rows follow:

- A bad command_length is nacked and ends the stream; an unknown command_id is nacked and the
  session lives (SMPP 3.4 §2.8, §4.3). The nack carries the sequence_number, or 0 when it can't be
  told (3.4 §4.3.1).
- Any other error of a request is answered by the operation's own response with the field's status,
  and the session lives (5.0 §2.8.2). A wrong state is ESME_RINVBNDSTS (5.0 §2.8.2); a second bind
  is ESME_RALYBND (5.0 §4.7.6).
- Unknown and unexpected TLVs are ignored (3.4 §3.3); one to three octets left over, or a TLV that
  overruns the body, are ESME_RINVTLVSTREAM (5.0 §4.7.6).
- Reserved values mean their default or are ignored (3.4 §3.3), unless a status of their own exists.
- A response is never answered.
- A wrong password or system_id is ESME_RBINDFAIL; ESME_RINVPASWD and ESME_RINVSYSID are for bad
  lengths (5.0 §4.7.6).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from smpp.constants import CommandStatus as Status
from tests.support.wire import (
    ALERT,
    BIND_RX,
    BIND_TRX,
    BIND_TX,
    CANCEL,
    DATA,
    DELIVER,
    ENQUIRE,
    MULTI,
    NACK,
    OUTBIND,
    QUERY,
    REPLACE,
    RESPONSE,
    SUBMIT,
    UNBIND,
    bind_body,
    cstring,
    pdu,
    submit_body,
    submit_fields,
    tlv,
)

OPEN = 0
"""The state before any bind; other states are the command_id of the bind that leads to them."""

SEQUENCE = 0x01020304

ANY_STATUS = frozenset(range(0x113)) | frozenset(range(0x400, 0x500))
"""Where the specification asks for an answer and leaves the status open."""
ERRORS = ANY_STATUS - {0}


class After(Enum):
    """Say what becomes of the session."""

    LIVES = "it answers an enquire_link next"
    ENDS = "FIN, without RST"


@dataclass(frozen=True, slots=True)
class Answer:
    """Allow one answer: its command_id, the statuses it may have, its sequence_number."""

    command_id: int
    statuses: frozenset[int]
    sequence: int = SEQUENCE


@dataclass(frozen=True, slots=True)
class Case:
    """Hold one row: in state `state` send `octets`; `answers` come, in order, and no other."""

    name: str
    state: int
    octets: bytes
    answers: tuple[Answer, ...]
    after: After = After.LIVES


def answer(command_id: int, *statuses: int, sequence: int = SEQUENCE) -> tuple[Answer, ...]:
    """Allow the response to `command_id` (or a generic_nack) with one of `statuses`."""
    return (Answer(command_id | RESPONSE, frozenset(statuses), sequence),)


def request(command_id: int, body: bytes = b"", *, sequence: int = SEQUENCE) -> bytes:
    return pdu(command_id, body, sequence=sequence)


def submit(rest: bytes = b"", **changes: bytes) -> bytes:
    return request(SUBMIT, submit_body(rest, **changes))


ADDRESS = b"\1\1106590990371\0"
TARGET = b"\1\119900000000\0"
RECIPIENT = b"\1" + TARGET
UNKNOWN_ID = cstring("99999999999999999999")
AFTER_DESTINATIONS = bytes([0, 0, 0, 0, 0, 0, 0, 0, 0, 2]) + b"hi"


def multi_body(count: int, destinations: bytes, source: bytes = ADDRESS) -> bytes:
    """Build the body of a submit_multi (SMPP 3.4 §4.5.1)."""
    return b"\0" + source + bytes([count]) + destinations + AFTER_DESTINATIONS


DATA_BODY = b"\0" + ADDRESS + TARGET + b"\0\0\0" + tlv(0x0424, b"hello")
QUERY_BODY = UNKNOWN_ID + ADDRESS
CANCEL_BODY = b"\0" + UNKNOWN_ID + ADDRESS + TARGET
REPLACE_BODY = UNKNOWN_ID + ADDRESS + b"\0\0\0\0\2hi"
MULTI_BODY = multi_body(1, RECIPIENT)
DELIVER_BODY = submit_body()

REQUESTS: dict[str, tuple[int, bytes]] = {
    "submit_sm": (SUBMIT, submit_body()),
    "submit_multi": (MULTI, MULTI_BODY),
    "data_sm": (DATA, DATA_BODY),
    "query_sm": (QUERY, QUERY_BODY),
    "cancel_sm": (CANCEL, CANCEL_BODY),
    "replace_sm": (REPLACE, REPLACE_BODY),
    "deliver_sm": (DELIVER, DELIVER_BODY),
    "unbind": (UNBIND, b""),
}

BINDS = {"bind_receiver": BIND_RX, "bind_transmitter": BIND_TX, "bind_transceiver": BIND_TRX}


def lengths() -> Iterator[Case]:
    """Give command_lengths that no PDU can have, with and without the rest of the header."""
    values = (0, 1, 4, 8, 15, 70_001, 0x0100_0000, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF)
    for state, where in ((OPEN, "before the bind"), (BIND_TRX, "bound")):
        for value in values:
            whole = pdu(SUBMIT, sequence=SEQUENCE, length=value)
            nack = answer(NACK, Status.ESME_RINVCMDLEN)
            yield Case(f"length {value} {where}", state, whole, nack, After.ENDS)
    for value in (0, 15, 0xFFFF_FFFF):
        nack = answer(NACK, Status.ESME_RINVCMDLEN, sequence=0)
        octets = value.to_bytes(4, "big")
        yield Case(f"length {value} and no more", BIND_TRX, octets, nack, After.ENDS)
    nack = answer(NACK, Status.ESME_RINVCMDLEN)
    long = pdu(BIND_TRX, bind_body(rest=tlv(0x1400, bytes(1_100))), sequence=SEQUENCE)
    yield Case("bind of more than 1,024 octets", OPEN, long, nack, After.ENDS)
    behind = request(ENQUIRE, sequence=7) + pdu(SUBMIT, sequence=SEQUENCE, length=3)
    first = answer(ENQUIRE, Status.ESME_ROK, sequence=7)
    yield Case("length 3 behind a good PDU", BIND_TRX, behind, first + nack, After.ENDS)
    most = submit(tlv(0x0424, bytes(65_000)), sm_length=b"\0", short_message=b"")
    yield Case("65,000 octets of message_payload", BIND_TRX, most, answer(SUBMIT, *ANY_STATUS))


def strangers() -> Iterator[Case]:
    """Give what other protocols say first; all of it reads as an absurd command_length."""
    greetings = {
        "a TLS ClientHello": bytes.fromhex("16030102000100") + bytes(505),
        "an HTTP request": b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        "an SSH banner": b"SSH-2.0-OpenSSH_9.2p1\r\n",
        "a PROXY line": b"PROXY TCP4 127.0.0.1 127.0.0.1 40000 2775\r\n",
        "a line of text": b"\r\n\r\n\r\n\r\n\r\n",
        "octets of ones": b"\xff" * 64,
    }
    for name, octets in greetings.items():
        sequence = int.from_bytes(octets[12:16], "big") if len(octets) >= 16 else 0
        nack = answer(NACK, Status.ESME_RINVCMDLEN, sequence=sequence)
        yield Case(f"{name} on the plain port", OPEN, octets, nack, After.ENDS)


def commands() -> Iterator[Case]:
    """Give command_ids that the specification does not define, as requests and as responses."""
    nack = answer(NACK, Status.ESME_RINVCMDID)
    unknown = (0, 0x0A, 0x0C, 0x22, 0x100, 0x104, 0x0001_0200, 0x7FFF_FFFF)
    for command_id in unknown:
        for state in (OPEN, BIND_TX, BIND_TRX):
            octets = request(command_id, b"body")
            yield Case(f"unknown command 0x{command_id:x} in state {state}", state, octets, nack)
    for command_id in (0x8000_000A, 0x8000_0100, 0xFFFF_FFFF):
        octets = request(command_id, b"body")
        yield Case(f"unknown response 0x{command_id:x}", BIND_TRX, octets, ())


def responses() -> Iterator[Case]:
    """Give responses to nothing; none is answered, and an unbind_resp does not end the session."""
    ids = (BIND_TRX, SUBMIT, DELIVER, DATA, UNBIND, ENQUIRE, QUERY, MULTI, 0)
    for command_id in ids:
        for status in (0, 8):
            octets = pdu(command_id | RESPONSE, b"", sequence=SEQUENCE, status=status)
            name = f"unsolicited response 0x{command_id:02x} with status {status}"
            yield Case(name, BIND_TRX, octets, ())
    yield Case("submit_sm_resp before the bind", OPEN, request(SUBMIT | RESPONSE), ())
    broken = request(DELIVER | RESPONSE, b"no end of the string")
    yield Case("unsolicited and unreadable response", BIND_TRX, broken, ())


def states() -> Iterator[Case]:
    """Give operations in states that do not allow them."""
    for name, (command_id, body) in REQUESTS.items():
        refused = answer(command_id, Status.ESME_RINVBNDSTS)
        yield Case(f"{name} before the bind", OPEN, request(command_id, body), refused)
    for name in ("submit_sm", "submit_multi", "query_sm", "cancel_sm", "replace_sm", "deliver_sm"):
        command_id, body = REQUESTS[name]
        refused = answer(command_id, Status.ESME_RINVBNDSTS)
        yield Case(f"{name} from a receiver", BIND_RX, request(command_id, body), refused)
    for state in (BIND_TX, BIND_TRX):
        refused = answer(DELIVER, Status.ESME_RINVBNDSTS)
        octets = request(DELIVER, DELIVER_BODY)
        yield Case(f"deliver_sm in state {state}", state, octets, refused)
    for name, command_id in BINDS.items():
        for state in BINDS.values():
            again = answer(command_id, Status.ESME_RALYBND)
            octets = request(command_id, bind_body())
            yield Case(f"{name} again in state {state}", state, octets, again)
    misplaced = frozenset({Status.ESME_RINVBNDSTS, Status.ESME_RINVCMDID})
    outbind = request(OUTBIND, cstring("mc") + cstring("secret"))
    yield Case("outbind from an ESME", BIND_TRX, outbind, answer(NACK, *misplaced))
    alert = request(ALERT, ADDRESS + TARGET)
    yield Case("alert_notification from an ESME", BIND_TRX, alert, answer(NACK, *misplaced))
    early = answer(ENQUIRE, Status.ESME_ROK, Status.ESME_RINVBNDSTS)
    yield Case("enquire_link before the bind", OPEN, request(ENQUIRE), early)
    wrong_state_first = submit_body()[:20]
    refused = answer(SUBMIT, Status.ESME_RINVBNDSTS)
    yield Case("state before body", BIND_RX, request(SUBMIT, wrong_state_first), refused)


def headers() -> Iterator[Case]:
    """Give headers that are odd and still good."""
    for sequence in (0, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF):
        good = answer(ENQUIRE, Status.ESME_ROK, sequence=sequence)
        octets = request(ENQUIRE, sequence=sequence)
        yield Case(f"sequence_number 0x{sequence:x} is given back", BIND_TRX, octets, good)
    status = pdu(ENQUIRE, sequence=SEQUENCE, status=0x58)
    rok = answer(ENQUIRE, Status.ESME_ROK)
    yield Case("command_status in a request is ignored", BIND_TRX, status, rok)
    twice = submit() + submit()
    both = answer(SUBMIT, Status.ESME_ROK) * 2
    yield Case("one sequence_number twice", BIND_TRX, twice, both)


def surplus() -> Iterator[Case]:
    """Give operations without a body with octets behind them."""
    for count in (1, 2, 3):
        for name, command_id in (("enquire_link", ENQUIRE), ("unbind", UNBIND)):
            broken = answer(command_id, Status.ESME_RINVTLVSTREAM)
            octets = request(command_id, bytes(count))
            yield Case(f"{name} and {count} surplus octets", BIND_TRX, octets, broken)
    rok = answer(ENQUIRE, Status.ESME_ROK)
    unknown = request(ENQUIRE, tlv(0x1400, b"any"))
    yield Case("enquire_link with an unknown TLV", BIND_TRX, unknown, rok)
    overrun = request(ENQUIRE, tlv(0x1400, b"any", length=4))
    broken = answer(ENQUIRE, Status.ESME_RINVTLVSTREAM)
    yield Case("enquire_link with a TLV that overruns", BIND_TRX, overrun, broken)


TOO_LONG: dict[str, tuple[bytes, int]] = {
    "service_type": (b"SEVENS\0", Status.ESME_RINVSERTYP),
    "source_addr": (b"1" * 21 + b"\0", Status.ESME_RINVSRCADR),
    "destination_addr": (b"1" * 21 + b"\0", Status.ESME_RINVDSTADR),
    "schedule_delivery_time": (b"0" * 17 + b"\0", Status.ESME_RINVSCHED),
    "validity_period": (b"0" * 17 + b"\0", Status.ESME_RINVEXPIRY),
}

BAD_TIMES = (
    b"1",
    b"261301000000000R",
    b"26010199000000+",
    b"YYMMDDhhmmsstnn+",
    b"260101000000000X",
)


def submissions() -> Iterator[Case]:
    """Give submit_sm with fields cut off, too long, unterminated or impossible."""
    names = list(submit_fields())
    for position, name in enumerate(names):
        body = b"".join(list(submit_fields().values())[:position])
        cut = answer(SUBMIT, *ERRORS)
        yield Case(f"submit_sm cut before {name}", BIND_TRX, request(SUBMIT, body), cut)
    for name, (value, status) in TOO_LONG.items():
        refused = answer(SUBMIT, status)
        yield Case(f"submit_sm with {name} too long", BIND_TRX, submit(**{name: value}), refused)
        before = list(submit_fields())[: names.index(name)]
        head = b"".join(submit_fields()[key] for key in before)
        open_end = request(SUBMIT, head + value[:3].rstrip(b"\0"))
        unended = answer(SUBMIT, status, Status.ESME_RINVCMDLEN)
        yield Case(f"submit_sm whose {name} has no NUL", BIND_TRX, open_end, unended)
    for value in BAD_TIMES:
        late = submit(schedule_delivery_time=value + b"\0")
        refused = answer(SUBMIT, Status.ESME_RINVSCHED)
        yield Case(f"schedule_delivery_time {value!r}", BIND_TRX, late, refused)
        expired = submit(validity_period=value + b"\0")
        refused = answer(SUBMIT, Status.ESME_RINVEXPIRY)
        yield Case(f"validity_period {value!r}", BIND_TRX, expired, refused)


def lengths_of_text() -> Iterator[Case]:
    """Give sm_lengths that disagree with the body."""
    beyond = answer(SUBMIT, Status.ESME_RINVMSGLEN)
    for length in (6, 7, 100, 254, 255):
        octets = submit(sm_length=bytes([length]))
        yield Case(f"sm_length {length} for 5 octets", BIND_TRX, octets, beyond)
    rest = answer(SUBMIT, Status.ESME_RINVTLVSTREAM)
    for length in (2, 3, 4):
        octets = submit(sm_length=bytes([length]))
        yield Case(f"sm_length {length} for 5 octets", BIND_TRX, octets, rest)
    octets = submit(sm_length=b"\0")
    yield Case("sm_length 0 for 5 octets", BIND_TRX, octets, rest)
    whole = submit(sm_length=b"\xfe", short_message=b"a" * 254)
    yield Case("sm_length 254", BIND_TRX, whole, answer(SUBMIT, *ANY_STATUS))
    longest = submit(sm_length=b"\xff", short_message=b"a" * 255)
    yield Case("sm_length 255", BIND_TRX, longest, answer(SUBMIT, *ANY_STATUS))
    empty = submit(sm_length=b"\0", short_message=b"")
    yield Case("no text at all", BIND_TRX, empty, answer(SUBMIT, *ANY_STATUS))
    replaced = request(REPLACE, REPLACE_BODY[:-3] + b"\x09hi")
    refused = answer(REPLACE, Status.ESME_RINVMSGLEN)
    yield Case("replace_sm with sm_length beyond the body", BIND_TRX, replaced, refused)


def parameters() -> Iterator[Case]:
    """Give TLVs that are cut off, of the wrong length, unknown, misplaced or many."""
    stream = answer(SUBMIT, Status.ESME_RINVTLVSTREAM)
    for count in (1, 2, 3):
        octets = submit(b"\2\4\0"[:count])
        yield Case(f"TLV header of {count} octets", BIND_TRX, octets, stream)
    for length in (3, 100, 65_535):
        octets = submit(tlv(0x0204, b"\0\1", length=length))
        yield Case(f"TLV of length {length} with 2 octets", BIND_TRX, octets, stream)
    unknown = submit(tlv(0x1401, b"ab", length=65_535))
    yield Case("unknown TLV that overruns", BIND_TRX, unknown, stream)
    size = answer(SUBMIT, Status.ESME_RINVTLVLEN)
    sizes = {
        "user_message_reference": (0x0204, b"\1"),
        "user_message_reference, empty": (0x0204, b""),
        "sar_msg_ref_num": (0x020C, b"\0\0\1"),
        "sar_total_segments": (0x020E, b""),
        "sar_segment_seqnum": (0x020F, b"\0\1"),
        "source_port": (0x020A, b"\0\0\0\1"),
        "callback_num": (0x0381, b"1" * 20),
        "privacy_indicator": (0x0201, b"\0\0"),
    }
    for name, (tag, value) in sizes.items():
        octets = submit(tlv(tag, value))
        yield Case(f"{name} of {len(value)} octets", BIND_TRX, octets, size)
    rok = answer(SUBMIT, Status.ESME_ROK)
    good = {
        "an unknown TLV": tlv(0x3FFF, b"anything"),
        "an unknown TLV without value": tlv(0x7FFF, b""),
        "a reserved tag": tlv(0xFFFF, b"\1"),
        "1,000 unknown TLVs": tlv(0x1400, b"\1") * 1_000,
        "a TLV of receipts": tlv(0x001E, b"1\0"),
        "a TLV of binds": tlv(0x0210, b"\x34"),
        "one TLV twice": tlv(0x0204, b"\0\1") + tlv(0x0204, b"\0\2"),
        "a reserved value of language_indicator": tlv(0x020D, b"\xfe"),
    }
    for name, rest in good.items():
        yield Case(f"submit_sm with {name} is taken", BIND_TRX, submit(rest), rok)


def user_data() -> Iterator[Case]:
    """Give user data headers and segment numbers that can't be; each gets its one answer."""
    headers_of_text = {
        "no octet": b"",
        "only its length": b"\5",
        "a length beyond the text": b"\xff\0\3\1\2\1hello",
        "an element beyond the header": b"\3\0\x20\1hello",
        "a length of 0": b"\0hello",
        "part 0": b"\5\0\3\1\2\0hello",
        "part 3 of 2": b"\5\0\3\1\2\3hello",
        "0 parts": b"\5\0\3\1\0\1hello",
        "an empty element": b"\2\0\0hello",
        "two references": b"\x0b\0\3\1\1\1\x08\4\0\2\1\1hello",
    }
    for name, text in headers_of_text.items():
        octets = submit(esm_class=b"\x40", sm_length=bytes([len(text)]), short_message=text)
        some = answer(SUBMIT, *ANY_STATUS)
        yield Case(f"user data header: {name}", BIND_TRX, octets, some)
    odd = submit(data_coding=b"\x08", sm_length=b"\3", short_message=b"\0a\0")
    yield Case("UCS2 of 3 octets", BIND_TRX, odd, answer(SUBMIT, *ANY_STATUS))
    half = submit(data_coding=b"\x08", sm_length=b"\2", short_message=b"\xd8\x3d")
    yield Case("half a surrogate pair", BIND_TRX, half, answer(SUBMIT, *ANY_STATUS))
    sar = tlv(0x020C, b"\0\1") + tlv(0x020E, b"\2") + tlv(0x020F, b"\3")
    yield Case("sar part 3 of 2", BIND_TRX, submit(sar), answer(SUBMIT, *ANY_STATUS))


RESERVED: dict[str, tuple[bytes, tuple[int, ...]]] = {
    "source_addr_ton": (b"\7", (Status.ESME_RINVSRCTON,)),
    "source_addr_npi": (b"\2", (Status.ESME_RINVSRCNPI,)),
    "dest_addr_ton": (b"\xff", (Status.ESME_RINVDSTTON,)),
    "dest_addr_npi": (b"\xff", (Status.ESME_RINVDSTNPI,)),
    "esm_class": (b"\x3c", (Status.ESME_RINVESMCLASS,)),
    "priority_flag": (b"\xff", (Status.ESME_RINVPRTFLG,)),
    "registered_delivery": (b"\xe0", (Status.ESME_RINVREGDLVFLG,)),
    "replace_if_present_flag": (b"\2", (Status.ESME_RINVREPFLAG,)),
    "data_coding": (b"\x0b", (Status.ESME_RINVDCS, Status.ESME_RX_R_APPN)),
    "sm_default_msg_id": (b"\xff", (Status.ESME_RINVDFTMSGID,)),
}


def reserved() -> Iterator[Case]:
    """Give reserved values: taken as their default, or refused with the field's own status."""
    for name, (value, statuses) in RESERVED.items():
        either = answer(SUBMIT, Status.ESME_ROK, *statuses)
        yield Case(f"reserved {name}", BIND_TRX, submit(**{name: value}), either)


def other_requests() -> Iterator[Case]:
    """Give the other operations, malformed."""
    many = RECIPIENT * 254
    no_number = Status.ESME_RINVNUMDESTS
    multi = {
        "no destination": (multi_body(0, b""), (no_number,)),
        "fewer destinations than counted": (b"\0" + ADDRESS + b"\3" + RECIPIENT * 2, tuple(ERRORS)),
        "dest_flag 0": (multi_body(1, b"\0" + TARGET), (Status.ESME_RINVDESTFLAG,)),
        "dest_flag 3": (multi_body(1, b"\3" + TARGET), (Status.ESME_RINVDESTFLAG,)),
        "a list name too long": (
            multi_body(1, b"\2" + b"n" * 21 + b"\0"),
            (Status.ESME_RINVDLNAME,),
        ),
        "254 destinations": (multi_body(254, many), (Status.ESME_ROK,)),
    }
    for name, (body, statuses) in multi.items():
        octets = request(MULTI, body)
        yield Case(f"submit_multi with {name}", BIND_TRX, octets, answer(MULTI, *statuses))
    not_found = {
        "query_sm": (Status.ESME_RQUERYFAIL, Status.ESME_RINVMSGID),
        "cancel_sm": (Status.ESME_RCANCELFAIL, Status.ESME_RINVMSGID),
        "replace_sm": (Status.ESME_RREPLACEFAIL, Status.ESME_RINVMSGID),
    }
    for name, statuses in not_found.items():
        command_id, body = REQUESTS[name]
        refused = answer(command_id, *statuses)
        yield Case(f"{name} of an unknown message", BIND_TRX, request(command_id, body), refused)
        nothing = answer(command_id, *ERRORS)
        yield Case(f"{name} without a body", BIND_TRX, request(command_id), nothing)
    long_id = cstring("1" * 65)
    bodies = {QUERY: long_id + ADDRESS, CANCEL: b"\0" + long_id + ADDRESS + TARGET}
    for command_id, body in bodies.items():
        refused = answer(command_id, Status.ESME_RINVMSGID)
        octets = request(command_id, body)
        yield Case(f"message_id of 65 characters in 0x{command_id:x}", BIND_TRX, octets, refused)
    cut = request(DATA, DATA_BODY[:9])
    yield Case("data_sm cut off", BIND_TRX, cut, answer(DATA, *ERRORS))
    overrun = request(DATA, DATA_BODY[:-2])
    broken = answer(DATA, Status.ESME_RINVTLVSTREAM)
    yield Case("data_sm whose payload is cut off", BIND_TRX, overrun, broken)


BIND_TOO_LONG: dict[str, tuple[bytes, int]] = {
    "system_id": (bind_body(b"s" * 16), Status.ESME_RINVSYSID),
    "password": (bind_body(password=b"p" * 9), Status.ESME_RINVPASWD),
    "system_type": (bind_body(system_type=b"t" * 13), Status.ESME_RINVSYSTYP),
    "address_range": (bind_body(address_range=b"1" * 41), Status.ESME_RINVPARLEN),
}


def binds() -> Iterator[Case]:
    """Give binds that fail, and the session that may bind after them."""
    for name, (body, status) in BIND_TOO_LONG.items():
        octets = request(BIND_TRX, body)
        yield Case(f"bind with {name} too long", OPEN, octets, answer(BIND_TRX, status))
    whole = bind_body()
    for position in (0, 3, 7, 12, 16, 17, 18, 19):
        octets = request(BIND_TRX, whole[:position])
        refused = answer(BIND_TRX, *ERRORS)
        yield Case(f"bind cut off after {position} octets", OPEN, octets, refused)
    fail = answer(BIND_TRX, Status.ESME_RBINDFAIL)
    wrong = {
        "an unknown system_id": bind_body(b"stranger"),
        "a wrong password": bind_body(password=b"secret09"),
        "an empty password": bind_body(password=b""),
        "an empty system_id": bind_body(b""),
        "octets above 127": bind_body(b"\xff\xfe", b"\xff"),
        "SQL": bind_body(b"' OR 1=1 --", b"' OR 1"),
    }
    for name, body in wrong.items():
        yield Case(f"bind with {name}", OPEN, request(BIND_TRX, body), fail)
    rok = answer(BIND_TRX, Status.ESME_ROK)
    good = {
        "version 0": bind_body(version=0),
        "version 3.3": bind_body(version=0x33),
        "version 5.0": bind_body(version=0x50),
        "version 255": bind_body(version=0xFF),
        "an unknown TLV": bind_body(rest=tlv(0x1400, b"any")),
        "address_range of 40 octets": bind_body(address_range=b"1" * 40),
    }
    for name, body in good.items():
        octets = request(BIND_TRX, body)
        yield Case(f"bind with {name} is taken", OPEN, octets, rok)
    surplus_octet = request(BIND_TRX, bind_body(rest=b"\0"))
    broken = answer(BIND_TRX, Status.ESME_RINVTLVSTREAM)
    yield Case("bind with a surplus octet", OPEN, surplus_octet, broken)
    again = request(BIND_TRX, bind_body(b"stranger")) + request(BIND_TRX, whole)
    yield Case("bind after a failed bind", OPEN, again, fail + rok)
    pipelined = request(BIND_TRX, whole) + submit()
    order = rok + answer(SUBMIT, Status.ESME_ROK)
    yield Case("submit_sm right behind the bind", OPEN, pipelined, order)


def endings() -> Iterator[Case]:
    """Give unbinds with something around them."""
    rok = answer(UNBIND, Status.ESME_ROK)
    yield Case("unbind", BIND_TRX, request(UNBIND), rok, After.ENDS)
    behind = request(UNBIND) + submit() + request(ENQUIRE)
    yield Case("requests behind an unbind", BIND_TRX, behind, rok, After.ENDS)
    before = submit() + request(UNBIND)
    order = answer(SUBMIT, Status.ESME_ROK) + rok
    yield Case("unbind behind a submit_sm", BIND_TRX, before, order, After.ENDS)


CASES: tuple[Case, ...] = (
    *lengths(),
    *strangers(),
    *commands(),
    *responses(),
    *states(),
    *headers(),
    *surplus(),
    *submissions(),
    *lengths_of_text(),
    *parameters(),
    *user_data(),
    *reserved(),
    *other_requests(),
    *binds(),
    *endings(),
)
