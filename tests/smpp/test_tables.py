from __future__ import annotations

import pytest

from smpp.constants import RESPONSE_BIT, CommandId
from smpp.tables import PDUS, Bodiless, Kind, PduSpec
from smpp.tlvs import TLVS

# The mandatory parameters as SMPP 3.4 §4 and SMPP 5.0 §4.4, §4.6 print them: name/octets, where
# an integer has its width and a string its greatest size with the NUL; * marks a list or the text.
BIND = (
    "system_id/16 password/9 system_type/13 interface_version/1 addr_ton/1 addr_npi/1"
    " address_range/41"
)
SOURCE = "source_addr_ton/1 source_addr_npi/1 source_addr/21"
DESTINATION = "dest_addr_ton/1 dest_addr_npi/1 destination_addr/21"
MESSAGE = (
    "esm_class/1 protocol_id/1 priority_flag/1 schedule_delivery_time/17 validity_period/17"
    " registered_delivery/1 replace_if_present_flag/1 data_coding/1 sm_default_msg_id/1"
    " short_message*255"
)
SHEETS = {
    "bind_transmitter": BIND,
    "bind_receiver": BIND,
    "bind_transceiver": BIND,
    "bind_transmitter_resp": "system_id/16",
    "bind_receiver_resp": "system_id/16",
    "bind_transceiver_resp": "system_id/16",
    "outbind": "system_id/16 password/9",
    "unbind": "",
    "unbind_resp": "",
    "generic_nack": "",
    "enquire_link": "",
    "enquire_link_resp": "",
    "submit_sm": f"service_type/6 {SOURCE} {DESTINATION} {MESSAGE}",
    "submit_sm_resp": "message_id/65",
    "submit_multi": f"service_type/6 {SOURCE} dest_addresses*255 {MESSAGE}",
    "submit_multi_resp": "message_id/65 unsuccess_smes*255",
    "deliver_sm": f"service_type/6 {SOURCE} {DESTINATION} {MESSAGE}",
    "deliver_sm_resp": "message_id/65",
    "data_sm": (
        "service_type/6 source_addr_ton/1 source_addr_npi/1 source_addr/65 dest_addr_ton/1"
        " dest_addr_npi/1 destination_addr/65 esm_class/1 registered_delivery/1 data_coding/1"
    ),
    "data_sm_resp": "message_id/65",
    "query_sm": f"message_id/65 {SOURCE}",
    "query_sm_resp": "message_id/65 final_date/17 message_state/1 error_code/1",
    "cancel_sm": f"service_type/6 message_id/65 {SOURCE} {DESTINATION}",
    "cancel_sm_resp": "",
    "replace_sm": (
        f"message_id/65 {SOURCE} schedule_delivery_time/17 validity_period/17"
        " registered_delivery/1 sm_default_msg_id/1 short_message*255"
    ),
    "replace_sm_resp": "",
    "alert_notification": (
        "source_addr_ton/1 source_addr_npi/1 source_addr/65 esme_addr_ton/1 esme_addr_npi/1"
        " esme_addr/65"
    ),
    "broadcast_sm": (
        f"service_type/6 {SOURCE} message_id/65 priority_flag/1 schedule_delivery_time/17"
        " validity_period/17 replace_if_present_flag/1 data_coding/1 sm_default_msg_id/1"
    ),
    "broadcast_sm_resp": "message_id/65",
    "query_broadcast_sm": f"message_id/65 {SOURCE}",
    "query_broadcast_sm_resp": "message_id/65",
    "cancel_broadcast_sm": f"service_type/6 message_id/65 {SOURCE}",
    "cancel_broadcast_sm_resp": "",
}


def test_every_command_has_a_row_under_its_id() -> None:
    assert set(PDUS) == set(CommandId)
    assert all(spec.command_id == command_id for command_id, spec in PDUS.items())


def test_the_sheets_cover_every_row() -> None:
    assert set(SHEETS) == {spec.name for spec in PDUS.values()}


@pytest.mark.parametrize("spec", PDUS.values(), ids=lambda spec: spec.name)
def test_fields_stand_as_the_specification_prints_them(spec: PduSpec) -> None:
    simple = {Kind.INTEGER, Kind.C_OCTET_STRING}
    printed = [
        f"{field.name}{'/' if field.kind in simple else '*'}{field.size}" for field in spec.fields
    ]
    assert " ".join(printed) == SHEETS[spec.name]


def test_expected_tlvs_are_rows_of_the_tlv_table() -> None:
    for spec in PDUS.values():
        for tag, row in spec.tlvs.items():
            assert TLVS[tag] is row


def test_every_tlv_is_expected_somewhere() -> None:
    expected = {tag for spec in PDUS.values() for tag in spec.tlvs}
    assert expected == set(TLVS)


def test_only_responses_with_parameters_may_lack_a_body() -> None:
    for command_id, spec in PDUS.items():
        is_such = bool(command_id & RESPONSE_BIT) and bool(spec.fields)
        assert (spec.bodiless is not Bodiless.NEVER) == is_such
