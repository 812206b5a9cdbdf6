"""Model the settings file: how the gateway listens, stores, limits and simulates.

One class per table. Contract and network profiles have files and models of their own.
"""

from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, InstanceOf, model_validator

from .account import Account, Password, ReceiptDialect, Secret
from .checks import Checks
from .contract import Contract
from .network import NetworkSettings
from .section import (
    Allowed,
    Count,
    DataPath,
    Endpoint,
    ExistingFile,
    Figure,
    Listen,
    Seconds,
    Section,
    table,
)

DEMO_ACCOUNT = {
    "system_id": "police",
    "password": "secret08",
    "access_numbers": ["106590990371"],
}
"""Exists when no account is configured."""


class Tls(Section):
    """Set up the encrypted listener, which opens when a certificate is given."""

    listen: Listen = Endpoint("127.0.0.1", 3550)
    cert: ExistingFile | None = None
    """Certificate chain, PEM."""
    key: ExistingFile | None = None
    """Private key, PEM."""
    client_ca: ExistingFile | None = None
    """Authorities whose client certificates are required; none: no client certificate. An
    account's `certificate_names` say which of them may bind it."""
    min_version: Literal["1.2", "1.3"] = "1.2"

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if (self.cert is None) != (self.key is None):
            raise ValueError("`cert` and `key` together")
        if self.client_ca is not None and self.cert is None:
            raise ValueError("`client_ca` only with `cert` and `key`")
        return self


class Timers(Section):
    """Hold the session timers of SMPP 3.4 §7.2 and two of the transport, seconds."""

    session_init_s: Seconds = 30.0
    """From the connection to the bind, in total."""
    pdu_read_s: Seconds = 30.0
    """From the first octet of a PDU to its last."""
    enquire_link_s: Seconds = 30.0
    inactivity_s: Seconds = 300.0
    """Silence of the peer; an enquire_link or the answer to one is a transaction and breaks it."""
    response_s: Seconds = 60.0
    write_stall_s: Seconds = 30.0
    """How long the peer may read nothing while something is to be sent."""
    tls_handshake_s: Seconds = 5.0
    """From an encrypted connection to the end of its handshake, in total."""


Ahead = Annotated[float, Field(gt=0, le=366 * 86400, allow_inf_nan=False)]


class Limits(Section):
    """Bound what peers can make the gateway hold, and what one message may ask for."""

    max_pdu_bound: Annotated[int, Field(ge=1024, le=16_777_216)] = 70000
    """Largest command_length in a bound session, octets."""
    max_pdu_unbound: Annotated[int, Field(ge=64, le=65536)] = 1024
    """Largest command_length before the bind, octets."""
    max_connections: Count = 20000
    max_unbound_per_address: Count = 200
    """Connections of one address that have not bound yet."""
    backlog: Annotated[int, Field(ge=1, le=65535)] = 1024
    write_buffer: Annotated[int, Field(ge=4096, le=1_073_741_824)] = 262144
    """Octets waiting for one peer above which nothing more is read from it."""
    max_in_flight: Count = 4_000_000
    """Messages of all accounts without final state; beyond it ESME_RMSGQFUL."""
    failed_binds: Figure = 30
    """Failed binds for one system_id from one address after which more are refused; 0: any."""
    failed_binds_window_s: Seconds = 300.0
    max_characters: Annotated[int, Field(ge=1, le=32767)] = 500
    """Of a whole text with its signature, UTF-16 units; beyond it ESME_RINVMSGLEN."""
    max_binary_octets: Annotated[int, Field(ge=1, le=65535)] = 1340
    """Of a binary message (ten segments by default); beyond it ESME_RINVMSGLEN."""
    max_validity_s: Ahead = 7 * 86400.0
    """Longest validity_period; beyond it ESME_RINVEXPIRY."""
    max_schedule_s: Ahead = 31 * 86400.0
    """How far ahead schedule_delivery_time may lie; beyond it ESME_RINVSCHED."""
    past_schedule_s: Annotated[float, Field(ge=0, le=86400, allow_inf_nan=False)] = 60.0
    """How far it may lie in the past, since clocks differ; then it means at once."""


class Reassembly(Section):
    """Bound how parts of concatenated messages are held until all are there."""

    timeout_s: Seconds = 180.0
    """Time from the first part to the last."""
    max_parts_held: Count = 1_000_000
    """Parts held in all accounts together."""


class Smpp(Section):
    """Set up the SMPP side."""

    listen: Listen = Endpoint("127.0.0.1", 2775)
    system_id: Annotated[
        str, Field(pattern=r"^[!-~]{1,15}$"), Allowed("1 to 15 printable ASCII characters")
    ] = "smsgw"
    """What the gateway calls itself in bind responses."""
    status_profile: Literal["standard", "vendor"] = "standard"
    """Statuses of the SMPP table only, or one of 0x0401 to 0x0431 per rule of the contract."""
    tls: Tls = table()
    timers: Timers = table()
    limits: Limits = table()
    reassembly: Reassembly = table()
    dialect: ReceiptDialect = table()
    """Dialect of the accounts that set none."""


class Token(Section):
    """Allow one caller of the API in."""

    name: Annotated[str, Field(min_length=1, max_length=64)]
    role: Literal["viewer", "tester", "operator"]
    token: Secret


class Http(Section):
    """Set up pages, API and metrics."""

    listen: Listen = Endpoint("127.0.0.1", 8775)
    enabled: bool = True
    tokens: tuple[Token, ...] = ()
    """Needed on any address that is not loopback."""
    max_body: Annotated[int, Field(ge=1024, le=1_073_741_824)] = 16_777_216
    """Largest request body, octets."""
    max_page: Annotated[int, Field(ge=1, le=100_000)] = 1000
    """Largest `limit` of a list."""
    max_connections: Count = 4096
    """Connections at once; beyond them the oldest without a request at work makes room."""
    head_s: Seconds = 10.0
    """Time for a request's head, in total."""
    body_s: Seconds = 30.0
    """Time for a request's body, in total."""

    @model_validator(mode="after")
    def _guarded(self) -> Self:
        if self.enabled and not self.listen.loopback and not self.tokens:
            raise ValueError(f"`tokens`, at least one, since {self.listen} is not loopback")
        return self


_INTERFACE_FORM = "an http or https address without a name in it, and not a link-local one"


def _interface(value: str) -> str:
    """Read the address of an interface; on link-local ones clouds keep secrets."""
    parts = urlsplit(value)
    host = parts.hostname or ""
    if parts.scheme not in ("http", "https") or not host or "@" in parts.netloc:
        raise ValueError(_INTERFACE_FORM)
    if reserved(host):
        raise ValueError(_INTERFACE_FORM)
    return value


def reserved(host: str) -> bool:
    """Say whether a host is an address that no interface has: link-local, multicast, 0.0.0.0."""
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return address.is_link_local or address.is_multicast or address.is_unspecified


InterfaceUrl = Annotated[
    str, Field(max_length=2000), AfterValidator(_interface), Allowed(_INTERFACE_FORM)
]


class Unsubscribe(Section):
    """Call party A's interface for unsubscriptions (clause 4.3)."""

    url: InterfaceUrl | None = None
    """Where it is told of every refusal that it has not made itself; none: nowhere."""
    token: Password | None = None
    """Sent to it as a bearer token."""
    timeout_s: Annotated[float, Field(gt=0, le=300, allow_inf_nan=False)] = 10.0
    """How long one call may take, seconds."""
    attempts: Annotated[int, Field(ge=1, le=10)] = 3
    """Calls in a row before a request waits."""
    pause_s: Annotated[float, Field(gt=0, le=86400, allow_inf_nan=False)] = 600.0
    """How long a request waits after that many calls in vain, seconds."""


class Spool(Section):
    """Bound the receipts and uplink messages that wait for an ESME.

    The count never costs one that waits: it stops the intake. Only the age gives one up.
    """

    max_age_h: Annotated[int, Field(ge=1, le=8760)] = 72
    max_per_account: Count = 1_000_000


class Data(Section):
    """Say where and how surely data is kept."""

    dir: DataPath = Path("smsgw-data")
    durability: Literal["full", "normal", "none"] = "full"
    """`full` survives a power cut; `normal` may lose answered messages in one; `none` keeps
    nothing on disk."""
    retention: Literal["automatic", "manual"] = "manual"
    """`automatic` removes months that nothing keeps any more; with `manual` somebody has to ask."""
    spool: Spool = table()


class Settings(Section):
    """Hold everything the gateway is told."""

    smpp: Smpp = table()
    http: Http = table()
    data: Data = table()
    checks: Checks = table()
    network: NetworkSettings = table()
    unsubscribe: Unsubscribe = table()
    account: tuple[Account, ...]
    contract: InstanceOf[Contract]
    """Read and validated apart: see `config.loader`."""

    @property
    def accounts(self) -> dict[str, Account]:
        """Give the accounts by their system_id."""
        return {account.system_id: account for account in self.account}
