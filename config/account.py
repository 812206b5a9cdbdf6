"""Model an account: who may bind, with what limits, and in which dialect it is answered."""

from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    Field,
    PlainSerializer,
    PlainValidator,
    ValidationInfo,
    model_validator,
)

from .checks import ReasonName
from .secrets import Credential, SecretReference, credential_of, reference_of
from .section import (
    HIDDEN,
    AccessNumber,
    Allowed,
    Count,
    Network,
    Rate,
    Section,
    Service,
    Target,
    surroundings_of,
    table,
)

IdForm = Literal["decimal", "padded", "hex", "hex_upper", "uuid"]
"""How a message id is written: plain decimal, hex, decimal with zeros to 20 digits, UUID."""

ReceiptField = Literal["sub", "dlvrd", "submit_date", "done_date", "err", "text"]
BindModeName = Literal["transmitter", "receiver", "transceiver"]
VersionName = Literal["3.3", "3.4", "5.0"]
DefaultAlphabet = Literal["gsm7", "ascii", "latin1"]
Stage = Literal["submit", "receipt"]


def _secret(value: object, info: ValidationInfo) -> SecretReference:
    where = surroundings_of(info)
    return reference_of(value, environ=where.environ, directory=where.directory)


def _credential(value: object, info: ValidationInfo) -> Credential:
    where = surroundings_of(info)
    return credential_of(value, environ=where.environ, directory=where.directory)


def _octets(value: str) -> str:
    sound = value.isascii() and value.isprintable() and value.strip() == value
    if not (sound and 1 <= len(value) <= 15):
        raise ValueError("1 to 15 printable ASCII characters without spaces at the ends")
    return value


Secret = Annotated[
    SecretReference,
    PlainValidator(_secret),
    PlainSerializer(repr),
    HIDDEN,
    Allowed('a string: plain, "env:NAME", "file:PATH" or "scrypt:..."'),
]
Password = Annotated[
    Credential,
    PlainValidator(_credential),
    PlainSerializer(repr),
    HIDDEN,
    Allowed('a string: plain, "env:NAME" or "file:PATH"'),
]
"""A secret that is presented to another system."""


def _sendable(value: Credential) -> Credential:
    secret = value.reveal()
    if not (secret.isascii() and len(secret) <= OUTBIND_PASSWORD_OCTETS):
        raise ValueError(f"at most {OUTBIND_PASSWORD_OCTETS} ASCII characters")
    return value


OUTBIND_PASSWORD_OCTETS = 8
"""SMPP 3.4 §4.1.7.1: nine octets with the final NUL."""
OutbindPassword = Annotated[Password, AfterValidator(_sendable)]
SystemId = Annotated[str, AfterValidator(_octets), Allowed("1 to 15 printable ASCII characters")]
"""SMPP 3.4 §5.2.1: at most 16 octets with the final NUL."""
CertificateName = Annotated[str, Field(min_length=1, max_length=256)]


class ReceiptDialect(Section):
    """Say how message ids and delivery receipts are written; every key has peers that need it."""

    message_id: IdForm = "decimal"
    """Form of the id in submit_sm_resp, query_sm and the like."""
    receipt_id: Literal["same"] | IdForm = "same"
    """Form of the id in receipts: the same, or another to reproduce a mismatch."""
    date_digits: Literal[10, 12, 14] = 10
    """Digits of submit and done date: YYMMDDhhmm, YYMMDDhhmmss or YYYYMMDDhhmmss."""
    omit: tuple[ReceiptField, ...] = ()
    """Fields left out of the receipt's text; `id` and `stat` always stand."""
    keys: Literal["lower", "spec", "upper"] = "lower"
    """Letters of the keys: all lower; lower but `Text:` as in SMPP 3.4 Appendix B; all upper."""
    err_form: Literal["decimal", "hex"] = "decimal"
    """Digits of a numeric error code."""
    text_encoding: Literal["ascii", "latin-1", "utf-8", "utf-16-be", "gb18030"] = "ascii"
    """Encoding of the text's beginning in the receipt; what it lacks becomes `?`."""
    tlv_only: bool = False
    """Write no text at all: everything is in the TLVs."""
    tlvs: bool = True
    """Add the TLVs receipted_message_id, message_state and network_error_code."""
    multipart: Literal["segment", "first", "last"] = "segment"
    """Which segments of a concatenated message get a receipt."""
    errors: Literal["letters", "digits"] = "letters"
    """Codes of rejections at the receipt stage: 9A1 to 9A9, or 931 to 939."""


class Throughput(Section):
    """Limit how fast an account may submit: a token bucket."""

    rate: Rate = 0.0
    """Messages or segments per second; 0 is unlimited."""
    burst: Annotated[int, Field(ge=0, le=10_000_000)] = 0
    """Size of the bucket; 0 is one second's worth of the rate."""
    unit: Literal["message", "segment"] = "message"
    """What costs a token. By `message` all segments of an admitted message are admitted."""
    reaction: Literal["throttle", "queue_full", "delay"] = "throttle"
    """Answer ESME_RTHROTTLED, answer ESME_RMSGQFUL, or read on only when the rate allows."""


class Account(Section):
    """Describe one account, keyed by its system_id."""

    system_id: SystemId
    password: Secret
    enterprise_code: Annotated[str, Field(max_length=32)] = ""
    """The enterprise code the account acts for; empty: the contract's."""
    access_numbers: tuple[AccessNumber, ...] = ()
    services: Annotated[tuple[Service, ...], Field(min_length=1)] = ("ordinary", "instant")
    """Services the account may use; the first is that of a message with empty service_type."""
    max_binds: Annotated[int, Field(ge=1, le=100_000)] = 200
    window: Annotated[int, Field(ge=1, le=100_000)] = 1000
    """Requests of the ESME that may wait for a response, per session."""
    window_overflow: Literal["throttle", "queue_full", "stop_reading", "close"] = "throttle"
    """What happens to a request beyond the window."""
    deliver_window: Annotated[int, Field(ge=1, le=100_000)] = 1000
    """deliver_sm that may wait for the ESME's response, per session."""
    max_queued: Count = 2_000_000
    """Accepted messages without final state; beyond it ESME_RMSGQFUL."""
    throughput: Throughput = table()
    allowed_ips: tuple[Network, ...] = ()
    """Addresses and networks that may bind; empty: any."""
    bind_modes: Annotated[tuple[BindModeName, ...], Field(min_length=1)] = (
        "transmitter",
        "receiver",
        "transceiver",
    )
    """Bind operations it may use."""
    interface_versions: Annotated[tuple[VersionName, ...], Field(min_length=1)] = (
        "3.3",
        "3.4",
        "5.0",
    )
    """Versions of SMPP it may bind with."""
    tls_only: bool = False
    """Whether it may bind on the encrypted listener alone."""
    certificate_names: tuple[CertificateName, ...] = ()
    """Names (CN of the subject, or DNS, URI and e-mail of the alternative names), one of which the
    client's certificate must have; empty: no certificate is asked for here."""
    outbind: Target | None = None
    """Where the gateway connects to and sends an outbind when receipts or uplink messages wait
    and nobody is bound to receive them; none: nowhere."""
    outbind_password: OutbindPassword | None = None
    """The gateway's own password in the outbind, for the ESME to check."""
    default_alphabet: DefaultAlphabet = "gsm7"
    """What data_coding 0 means."""
    gb18030: bool = False
    """Whether data_coding 15 is GB18030 text."""
    receipt: ReceiptDialect = table()
    """Keys that differ from `[smpp.dialect]`; after loading, the whole dialect in force."""
    reject_stage: dict[ReasonName, Stage] = Field(default={})
    """Where a reason's rejection shows, other than: a single message at `submit`, a
    concatenated one at `receipt`."""

    @model_validator(mode="after")
    def _outbind_is_plain(self) -> Self:
        if self.outbind is not None and (self.tls_only or self.certificate_names):
            raise ValueError(
                "`outbind` only without `tls_only` and `certificate_names`: connections that the "
                "gateway opens are not encrypted"
            )
        return self
