"""Read the names in certificates."""

from __future__ import annotations

import pytest

from gateway.server.tls import certificate_names


@pytest.mark.parametrize("certificate", [None, {}, "x"])
def test_without_a_certificate_there_are_no_names(certificate: object) -> None:
    assert certificate_names(certificate) == frozenset()


def test_names_are_those_of_the_subject_and_the_alternatives() -> None:
    certificate = {
        "subject": ((("countryName", "CN"),), (("commonName", "esme"),)),
        "subjectAltName": (
            ("DNS", "esme.example"),
            ("URI", "urn:esme"),
            ("email", "a@esme.example"),
            ("IP Address", "192.0.2.1"),
        ),
    }
    names = {"esme", "esme.example", "urn:esme", "a@esme.example"}
    assert certificate_names(certificate) == names
