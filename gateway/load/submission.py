"""Make the submit_sm PDUs of a text."""

from __future__ import annotations

from dataclasses import dataclass

from smpp.concat import SplitMethod, split
from smpp.constants import RECEIPT_ALWAYS, Npi, Ton
from smpp.pdus import SubmitSm
from smpp.text import choose_data_coding
from smpp.tlvs import Tlv


@dataclass(frozen=True, slots=True)
class SubmitOptions:
    """Say how a text is submitted. The defaults suit Chinese text with a receipt.

    `data_coding` None chooses 0 where the default alphabet can carry the text, else 8 (UCS2).
    `method` cuts long texts. `first_receipt_only` asks for a receipt with the first segment
    alone, as Kannel does. `esm_class` is or-ed with what the cut needs; times are SMPP times
    (§7.1.1), empty for none.
    """

    data_coding: int | None = None
    method: SplitMethod = "udh8"
    registered_delivery: int = RECEIPT_ALWAYS
    first_receipt_only: bool = False
    service_type: str = ""
    esm_class: int = 0
    protocol_id: int = 0
    priority_flag: int = 0
    schedule_delivery_time: str = ""
    validity_period: str = ""
    replace_if_present_flag: int = 0
    default_alphabet: str = "gsm0338"
    gb18030: bool = False
    source_addr_ton: int | None = None
    source_addr_npi: int | None = None
    dest_addr_ton: int | None = None
    dest_addr_npi: int | None = None
    tlvs: tuple[Tlv, ...] = ()


DEFAULT_OPTIONS = SubmitOptions()


def submissions(
    to: str,
    text: str,
    sender: str = "",
    options: SubmitOptions = DEFAULT_OPTIONS,
    reference: int = 0,
) -> list[SubmitSm]:
    """Make the PDUs of one message, one for each segment, in order.

    `reference` ties the segments together; it is reduced to what the method can hold.
    Raises EncodeError for a text that the data_coding can't carry, or too long; ValueError for
    addresses that are not ASCII or an unknown default alphabet. Lengths of addresses are left
    to the codec, which raises EncodeError.
    """
    data_coding = options.data_coding
    if data_coding is None:
        data_coding = choose_data_coding(text, options.default_alphabet)
    limit = 0x100 if options.method == "udh8" else 0x10000
    parts = split(
        text,
        data_coding,
        options.default_alphabet,
        options.method,
        reference % limit,
        gb18030=options.gb18030,
    )
    source_addr, source_ton, source_npi = _address("sender", sender)
    destination_addr, dest_ton, dest_npi = _address("to", to)
    return [
        SubmitSm(
            service_type=options.service_type.encode("ascii"),
            source_addr_ton=_or(options.source_addr_ton, source_ton),
            source_addr_npi=_or(options.source_addr_npi, source_npi),
            source_addr=source_addr,
            dest_addr_ton=_or(options.dest_addr_ton, dest_ton),
            dest_addr_npi=_or(options.dest_addr_npi, dest_npi),
            destination_addr=destination_addr,
            esm_class=options.esm_class | part.esm_class,
            protocol_id=options.protocol_id,
            priority_flag=options.priority_flag,
            schedule_delivery_time=options.schedule_delivery_time.encode("ascii"),
            validity_period=options.validity_period.encode("ascii"),
            registered_delivery=(
                options.registered_delivery if number == 0 or not options.first_receipt_only else 0
            ),
            replace_if_present_flag=options.replace_if_present_flag,
            data_coding=data_coding,
            short_message=part.short_message,
            tlvs=part.tlvs + options.tlvs,
        )
        for number, part in enumerate(parts)
    ]


def _address(name: str, address: str) -> tuple[bytes, int, int]:
    """Give the octets of an address, its ton and its npi (SMPP 3.4 §5.2.5, §5.2.6)."""
    if not address.isascii():
        raise ValueError(f"{name}: {address!r} has characters that are not ASCII")
    octets = address.encode("ascii")
    if not address:
        return octets, Ton.UNKNOWN, Npi.UNKNOWN
    if address.lstrip("+").isdigit():
        ton = Ton.INTERNATIONAL if address.startswith("+") else Ton.UNKNOWN
        return octets, ton, Npi.ISDN
    return octets, Ton.ALPHANUMERIC, Npi.UNKNOWN


def _or(chosen: int | None, otherwise: int) -> int:
    return int(otherwise) if chosen is None else chosen
