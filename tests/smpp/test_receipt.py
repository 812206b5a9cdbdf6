"""Receipt text: dialects written, every dialect read."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smpp import receipt
from smpp.constants import CommandStatus, MessageState
from smpp.errors import EncodeError
from smpp.receipt import ReceiptDialect, ReceiptError, ReceiptField, ReceiptText
from smpp.times import CHINA_ZONE

SUBMITTED = datetime(2026, 3, 18, 9, 30, 5, tzinfo=CHINA_ZONE)
DONE = datetime(2026, 3, 18, 9, 31, 40, tzinfo=CHINA_ZONE)
DELIVERED = ReceiptText(
    id="1234567890",
    stat="DELIVRD",
    submit_date=SUBMITTED,
    done_date=DONE,
    text="[DEMO POLICE] Code 482913, valid 5 min.",
)
FAILED = replace(DELIVERED, stat="UNDELIV", err="601")


# Writing ----------------------------------------------------------------------------------------


def test_the_standard_dialect_is_that_of_appendix_b() -> None:
    assert receipt.build(DELIVERED) == (
        b"id:1234567890 sub:001 dlvrd:001 submit date:2603180930 done date:2603180931 "
        b"stat:DELIVRD err:000 text:[DEMO POLICE] Code 4"
    )


@pytest.mark.parametrize(
    ("dialect", "expected"),
    [
        (
            ReceiptDialect(date_digits=12),
            "id:1234567890 sub:001 dlvrd:000 submit date:260318093005 done date:260318093140 "
            "stat:UNDELIV err:601 text:[DEMO POLICE] Code 4",
        ),
        (
            ReceiptDialect(date_digits=14, keys="spec", zone=UTC),
            "id:1234567890 sub:001 dlvrd:000 submit date:20260318013005 "
            "done date:20260318013140 stat:UNDELIV err:601 Text:[DEMO POLICE] Code 4",
        ),
        (
            ReceiptDialect(omit=frozenset({"text", "sub", "dlvrd"}), err_form="hex"),
            "id:1234567890 submit date:2603180930 done date:2603180931 stat:UNDELIV err:259",
        ),
        (
            ReceiptDialect(omit=frozenset({"submit_date", "done_date", "err"}), keys="upper"),
            "ID:1234567890 SUB:001 DLVRD:000 STAT:UNDELIV TEXT:[DEMO POLICE] Code 4",
        ),
        (ReceiptDialect(tlv_only=True), ""),
    ],
)
def test_dialects_differ_in_digits_fields_keys_and_codes(
    dialect: ReceiptDialect, expected: str
) -> None:
    assert receipt.build(FAILED, dialect) == expected.encode()


@pytest.mark.parametrize(
    "dialect",
    [
        receipt.STANDARD,
        ReceiptDialect(date_digits=14, omit=frozenset({"sub", "err"})),
        ReceiptDialect(tlv_only=True),
    ],
)
@pytest.mark.parametrize("value", [DELIVERED, FAILED])
def test_filling_a_template_equals_building(dialect: ReceiptDialect, value: ReceiptText) -> None:
    octets = receipt.fill(
        receipt.receipt_template(dialect),
        value.id.encode(),
        receipt.receipt_date(SUBMITTED, dialect),
        receipt.receipt_date(DONE.timestamp(), dialect),
        value.stat.encode(),
        receipt.err_octets(value.err, dialect),
        receipt.snippet(value.text, dialect),
    )
    assert octets == receipt.build(value, dialect)


def test_counts_may_be_given_and_missing_dates_are_zeros() -> None:
    value = ReceiptText(id="1", stat="DELIVRD", sub=3)
    assert receipt.build(value).startswith(b"id:1 sub:003 dlvrd:003 submit date:0000000000 ")
    assert receipt.build(replace(value, sub=None)).startswith(b"id:1 sub:001 dlvrd:001")
    assert receipt.build(replace(value, dlvrd=2)).startswith(b"id:1 sub:003 dlvrd:002")


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (replace(DELIVERED, id="1 2"), "id: '1 2'"),
        (replace(DELIVERED, id=""), "id: ''"),
        (replace(DELIVERED, stat="已送达"), "stat: .* at least one ASCII character"),
        (replace(DELIVERED, err="6\n1"), "err: "),
        (replace(DELIVERED, sub=1000), "sub: 1000: allowed are 0 to 999"),
        (replace(DELIVERED, dlvrd=-1), "dlvrd: -1: allowed are 0 to 999"),
        (replace(DELIVERED, done_date=DONE.replace(tzinfo=None)), "done date: a date without zone"),
    ],
)
def test_a_value_that_its_field_cannot_carry_is_our_own_mistake(
    value: ReceiptText, message: str
) -> None:
    with pytest.raises(EncodeError, match=message):
        receipt.build(value)


@pytest.mark.parametrize(
    ("err", "decimal", "hexadecimal"),
    [("000", b"000", b"000"), ("601", b"601", b"259"), ("9A1", b"9A1", b"9A1")],
)
def test_only_numeric_codes_become_hexadecimal(
    err: str, decimal: bytes, hexadecimal: bytes
) -> None:
    assert receipt.err_octets(err) == decimal
    assert receipt.err_octets(err, ReceiptDialect(err_form="hex")) == hexadecimal


@pytest.mark.parametrize(
    ("text", "encoding", "octets"),
    [
        ("【示例警务】code 482913, valid", "ascii", b"??????code 482913, v"),
        ("【示例警务】", "utf-8", "【示例警务】".encode()),
        ("【示例警务】", "gb18030", "【示例警务】".encode("gb18030")),
        ("a\r\nb\x7f", "ascii", b"a??b?"),
        ("警　务", "utf-8", "警　务".encode()),
        ("a\ud800", "utf-8", b"a?"),
        ("", "ascii", b""),
    ],
)
def test_a_snippet_is_the_first_20_characters_in_the_dialects_codec(
    text: str, encoding: str, octets: bytes
) -> None:
    assert receipt.snippet(text, ReceiptDialect(text_encoding=encoding)) == octets


# Reading ----------------------------------------------------------------------------------------


def test_the_standard_dialect_is_read_back() -> None:
    got = receipt.parse(receipt.build(DELIVERED))
    assert got == ReceiptText(
        id="1234567890",
        stat="DELIVRD",
        sub=1,
        dlvrd=1,
        submit_date=SUBMITTED.replace(second=0),
        done_date=DONE.replace(second=0),
        err="000",
        text="[DEMO POLICE] Code 4",
    )


@pytest.mark.parametrize(
    ("octets", "expected"),
    [
        ("id:7 stat:DELIVRD", ReceiptText("7", "DELIVRD", sub=None, err="")),
        ("stat:EXPIRED err:718", ReceiptText("", "EXPIRED", sub=None, err="718")),
        ("ID: 7 STAT : delivrd", ReceiptText("7", "DELIVRD", sub=None, err="")),
        ("id:0a9f-b Stat:UNDELIV Err:9A1", ReceiptText("0a9f-b", "UNDELIV", sub=None, err="9A1")),
        (
            "stat:UNDELIV err:601 id:7 sub:1 dlvrd:0",
            ReceiptText("7", "UNDELIV", sub=1, dlvrd=0, err="601"),
        ),
        (
            "id:7 sub:001 dlvrd:001 stat:DELIVRD err:000 trailing garbage",
            ReceiptText("7", "DELIVRD", dlvrd=1),
        ),
        (
            "id:7 stat:DELIVRD err:000 Text:your id:9 stat:no",
            ReceiptText("7", "DELIVRD", sub=None, text="your id:9 stat:no"),
        ),
        (
            "text:hello id:7 stat:DELIVRD err:000",
            ReceiptText("7", "DELIVRD", sub=None, text="hello"),
        ),
        ("id:7 id:8 stat:DELIVRD", ReceiptText("7", "DELIVRD", sub=None, err="")),
        ("\r\nid:7\r\nstat:DELIVRD\r\n\0", ReceiptText("7", "DELIVRD", sub=None, err="")),
        ("id:7 stat:DELIVRD userid:9", ReceiptText("7", "DELIVRD", sub=None, err="")),
    ],
)
def test_order_case_blanks_and_missing_fields_do_not_matter(
    octets: str, expected: ReceiptText
) -> None:
    assert receipt.parse(octets.encode()) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2603180930", SUBMITTED.replace(second=0)),
        ("260318093005", SUBMITTED),
        ("202603180930", SUBMITTED.replace(second=0)),
        ("20260318093005", SUBMITTED),
        ("2026-03-18 09:30:05", SUBMITTED),
        ("26/03/18 09:30", SUBMITTED.replace(second=0)),
        ("2603180930 and more", SUBMITTED.replace(second=0)),
        ("0000000000", None),
        ("", None),
    ],
)
@pytest.mark.parametrize("key", ["done date", "Done_Date", "donedate", "DONE-DATE"])
def test_dates_are_read_in_all_their_forms(
    key: str, written: str, expected: datetime | None
) -> None:
    got = receipt.parse(f"id:7 {key}:{written} stat:DELIVRD".encode())
    assert got.done_date == expected
    assert got.suspect == ()


def test_dates_are_read_in_the_zone_of_the_dialect() -> None:
    got = receipt.parse(b"id:7 submit date:2603180930", ReceiptDialect(zone=UTC))
    assert got.submit_date == SUBMITTED.replace(second=0) + timedelta(hours=8)


@pytest.mark.parametrize(
    ("octets", "suspect"),
    [
        (b"id:7 sub:x dlvrd:1234567890", ("sub", "dlvrd")),
        (b"id:7 submit date:2613180930", ("submit_date",)),
        (b"id:7 done date:26031809 err:1", ("done_date",)),
        (b"id:7 done date:soon", ("done_date",)),
        (b"id:7 done date:\xb2\xb2", ("done_date",)),
    ],
)
def test_fields_that_cannot_be_read_are_named(octets: bytes, suspect: tuple[str, ...]) -> None:
    got = receipt.parse(octets)
    assert got.suspect == suspect
    assert (got.sub, got.dlvrd, got.submit_date, got.done_date) == (None,) * 4


def test_hexadecimal_codes_are_read_where_the_dialect_has_them() -> None:
    dialect = ReceiptDialect(err_form="hex")
    assert receipt.parse(b"id:7 err:259", dialect).err == "601"
    assert receipt.parse(b"id:7 err:000", dialect).err == "000"
    assert receipt.parse(b"id:7", dialect).err == ""
    got = receipt.parse(b"id:7 err:NP1", dialect)
    assert (got.err, got.suspect) == ("NP1", ("err",))


def test_text_that_the_codec_cannot_read_is_taken_as_latin_1() -> None:
    octets = b"id:7 stat:DELIVRD text:\xe8\xad\xa6\xff"
    assert receipt.parse(octets, ReceiptDialect(text_encoding="utf-8")).text == "è\xad¦ÿ"
    gb18030 = ReceiptDialect(text_encoding="gb18030")
    assert receipt.parse(receipt.build(replace(DELIVERED, text="警务"), gb18030), gb18030).text == (
        "警务"
    )


@pytest.mark.parametrize("octets", [b"", b"hello", b"id: ", b"stat:", b"userid:7", b"err:000"])
def test_a_text_without_id_and_stat_is_no_receipt(octets: bytes) -> None:
    with pytest.raises(ReceiptError, match="are no receipt") as caught:
        receipt.parse(octets)
    assert caught.value.command_status == CommandStatus.ESME_RX_R_APPN


# States -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "stat"),
    [
        (MessageState.ENROUTE, "ENROUTE"),
        (MessageState.DELIVERED, "DELIVRD"),
        (MessageState.EXPIRED, "EXPIRED"),
        (MessageState.DELETED, "DELETED"),
        (MessageState.UNDELIVERABLE, "UNDELIV"),
        (MessageState.ACCEPTED, "ACCEPTD"),
        (MessageState.UNKNOWN, "UNKNOWN"),
        (MessageState.REJECTED, "REJECTD"),
    ],
)
def test_every_state_has_a_word_of_seven_letters(state: MessageState, stat: str) -> None:
    assert receipt.stat_of_state(state) == stat
    assert receipt.state_of_stat(stat) is state
    assert receipt.state_of_stat(state.name.lower()) is state


def test_a_word_or_number_of_no_state_is_told_apart() -> None:
    assert receipt.state_of_stat("DTBLACK") is None
    with pytest.raises(ValueError, match="message_state 10: allowed are 0 to 9"):
        receipt.stat_of_state(10)


# Properties -------------------------------------------------------------------------------------

WORDS = st.text(st.characters(codec="ascii", min_codepoint=0x21, max_codepoint=0x7E), min_size=1)
DATES = st.integers(0, 86 * 365 * 86400).map(
    lambda s: datetime(2013, 1, 1, tzinfo=CHINA_ZONE) + timedelta(seconds=s)
)
DIALECTS = st.builds(
    ReceiptDialect,
    date_digits=st.sampled_from([10, 12, 14]),
    omit=st.frozensets(st.sampled_from(get_args(ReceiptField))),
    keys=st.sampled_from(["lower", "spec", "upper"]),
    err_form=st.sampled_from(["decimal", "hex"]),
    text_encoding=st.sampled_from(["ascii", "utf-8", "gb18030"]),
)


@given(DIALECTS, DATES, st.integers(0, 999), st.sampled_from(["警务 ok: yes", "plain", ""]))
def test_every_dialect_is_read_back(
    dialect: ReceiptDialect, done: datetime, code: int, text: str
) -> None:
    if dialect.date_digits == 10:
        done = done.replace(second=0)
    written = ReceiptText(
        "7", "UNDELIV", 1, 0, submit_date=done, done_date=done, err=f"{code:03d}", text=text
    )
    got = receipt.parse(receipt.build(written, dialect), dialect)
    shown = receipt.snippet(text, dialect).decode(dialect.text_encoding)
    omit = dialect.omit
    assert got == ReceiptText(
        "7",
        "UNDELIV",
        sub=None if "sub" in omit else 1,
        dlvrd=None if "dlvrd" in omit else 0,
        submit_date=None if "submit_date" in omit else done,
        done_date=None if "done_date" in omit else done,
        err="" if "err" in omit else f"{code:03d}",
        text="" if "text" in omit else shown,
    )


def test_a_date_of_control_characters_alone_is_suspect() -> None:
    got = receipt.parse(b"id:1 done date:\x1c stat:DELIVRD")
    assert (got.done_date, got.id) == (None, "1")
    assert "done_date" in str(got.suspect)


@given(
    st.one_of(
        st.binary(max_size=200),
        st.lists(
            st.one_of(
                st.sampled_from([b"id:", b"stat:", b"done date:", b"err:", b"text:", b"sub:"]),
                st.binary(max_size=8),
            )
        ).map(b" ".join),
    ),
    DIALECTS,
)
def test_any_octets_parse_or_raise_our_error(octets: bytes, dialect: ReceiptDialect) -> None:
    try:
        got = receipt.parse(octets, dialect)
    except ReceiptError:
        return
    assert got.id or got.stat


@given(DIALECTS, st.binary(max_size=20))
def test_the_usual_layout_reads_like_any_other(dialect: ReceiptDialect, text: bytes) -> None:
    octets = receipt.build(replace(DELIVERED, text=""), dialect) + text
    unusual = b" " + octets
    assert receipt.parse(octets, dialect) == receipt.parse(unusual, dialect)


@given(WORDS, WORDS)
def test_any_id_without_a_key_in_it_is_read_back(message_id: str, err: str) -> None:
    if ":" in message_id + err:
        return
    got = receipt.parse(receipt.build(replace(DELIVERED, id=message_id, err=err)))
    assert (got.id, got.err) == (message_id, err)
