"""Hold what the intake knows of one account, and read its submissions' addresses and text."""

from __future__ import annotations

from dataclasses import dataclass, field

from config.account import Account
from routing.facts import Facts
from routing.rules import AccountRules
from routing.verdict import Judge
from smpp.concat import CountingRule, segment_count
from smpp.errors import DecodeError, EncodeError
from smpp.text import TextError, decode_text, decode_ucs2

from .wire_ids import WireIds

UCS2 = 8
SINGLE_UCS2_OCTETS = 140
SINGLE_CHARACTERS = 70

SENDERS_KEPT = 1_024

ALPHABETS = {"gsm7": "gsm0338", "ascii": "ascii", "latin1": "latin1"}
"""The settings' names of default alphabets → those of smpp.text."""


@dataclass
class InFlight:
    """Count the accepted messages of all accounts without a final state, and bound them."""

    most: int
    count: int = 0


@dataclass
class Desk:
    """Serve one account. `in_flight` counts its accepted messages without a final state."""

    account: Account
    rules: AccountRules
    judge: Judge
    wire_ids: WireIds
    facts: Facts
    counting: CountingRule
    max_spool: int
    everyone: InFlight
    in_flight: int = 0
    senders: dict[bytes, str] = field(default_factory=dict)
    """Source addresses seen, as text: one string for all messages of a sender."""
    alphabet: str = field(init=False)

    def __post_init__(self) -> None:
        self.alphabet = ALPHABETS[self.account.default_alphabet]

    def hold(self, messages: int) -> None:
        """Count messages as accepted without a final state; a negative number takes them off."""
        self.in_flight += messages
        self.everyone.count += messages

    def sender_of(self, source_addr: bytes) -> str:
        """Give a source address as text, and remember it."""
        if len(self.senders) >= SENDERS_KEPT:
            self.senders.clear()
        sender = self.senders[source_addr] = source_addr.decode("latin-1")
        return sender

    def read_text(self, data: bytes, data_coding: int) -> str:
        """Decode user data; what can't be decoded is left to the encoding check.

        Sets `facts.text_error`. What is undecodable is kept as hexadecimal digits, so that the
        journal loses nothing.
        """
        facts = self.facts
        facts.text_error = ""
        if data_coding == UCS2:
            try:
                text = decode_ucs2(data)
            except UnicodeDecodeError:
                pass
            else:
                if "\ufffd" not in text and "\0" not in text:
                    return text
        try:
            decoded = decode_text(data, data_coding, self.alphabet, self.account.gb18030)
        except TextError as error:
            facts.text_error = str(error)
            return data.hex()
        if decoded.notes:
            facts.text_error = "; ".join(decoded.notes)
        return decoded.text

    def count_segments(self, text: str, octets: int, data_coding: int) -> int:
        """Count the segments a message in one PDU is billed as (annex: 70 characters, then 67)."""
        if octets <= SINGLE_CHARACTERS or (data_coding == UCS2 and octets <= SINGLE_UCS2_OCTETS):
            return 1
        try:
            return segment_count(
                text, data_coding, self.counting, self.alphabet, gb18030=self.account.gb18030
            )
        except (DecodeError, EncodeError, ValueError):
            return max(1, -(-octets // SINGLE_UCS2_OCTETS))
