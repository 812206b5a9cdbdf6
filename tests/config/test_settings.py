from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from config.section import Section, Surroundings
from config.settings import Data, Http, Limits, Smpp, Timers, Tls


@pytest.mark.parametrize(
    ("model", "values"),
    [
        (Timers, {"response_s": 0}),
        (Timers, {"response_s": 86401}),
        (Timers, {"response_s": float("inf")}),
        (Limits, {"max_pdu_bound": 1023}),
        (Limits, {"backlog": 0}),
        (Smpp, {"status_profile": "other"}),
        (Smpp, {"system_id": "名"}),
        (Data, {"durability": "some"}),
        (Http, {"listen": "0.0.0.0:8775"}),
    ],
)
def test_a_value_out_of_bounds_is_refused(model: type[Section], values: object) -> None:
    with pytest.raises(ValidationError):
        model.model_validate(values)


def test_a_certificate_and_its_key_come_together(tmp_path: Path) -> None:
    for name in ("cert", "key", "ca"):
        (tmp_path / name).write_bytes(b"")
    where = Surroundings(tmp_path)
    made = Tls.model_validate({"cert": "cert", "key": "key", "client_ca": "ca"}, context=where)
    assert made.cert == tmp_path / "cert"
    for bad in ({"cert": "cert"}, {"key": "key"}):
        with pytest.raises(ValidationError, match="`cert` and `key` together"):
            Tls.model_validate(bad, context=where)
    with pytest.raises(ValidationError, match="`client_ca` only with"):
        Tls.model_validate({"client_ca": "ca"}, context=where)


def test_an_open_address_is_served_to_those_with_a_token() -> None:
    token = {"name": "ci", "role": "viewer", "token": "secret"}
    made = Http.model_validate({"listen": "0.0.0.0:8775", "tokens": [token]})
    assert made.tokens[0].role == "viewer"
    assert not made.listen.loopback
