"""Compile contract, accounts and modes into the immutable snapshot that checks look into.

Everything a check needs per message is precomputed here: dates are epoch seconds, sets are
dictionaries, absent limits are absent checks. A change of the contract makes a new snapshot with
a higher version number; a message is judged wholly by one of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from config.account import Account
from config.content import Signature
from config.contract import SERVICE_KINDS, Contract, OwnedNumber
from smpp.constants import BindMode, CommandStatus, DataCoding, InterfaceVersion

from .accounts import BindPolicy, parse_networks
from .limits import TokenBucket
from .numbering import NumberPlan
from .reading import Reader
from .reasons import REASONS, STATUS_5_0, StatusProfile
from .registries import Registries
from .scope import ALWAYS, Scope
from .services import ServiceTable, compile_services
from .signature import SignatureForm

_VERSION_5_0: Final = 0x50
_MODES: Final[dict[str, int]] = {
    "transmitter": int(BindMode.TX),
    "receiver": int(BindMode.RX),
    "transceiver": int(BindMode.TRX),
}
_VERSIONS: Final[dict[str, int]] = {
    "3.3": int(InterfaceVersion.V3_3),
    "3.4": int(InterfaceVersion.V3_4),
    "5.0": int(InterfaceVersion.V5_0),
}
_BINARY: Final = (int(DataCoding.OCTET_UNSPECIFIED), int(DataCoding.OCTET_UNSPECIFIED_2))


@dataclass(slots=True, frozen=True)
class VerdictLimits:
    """Hold the bounds of one message, as `[smpp.limits]` of the settings gives them."""

    max_characters: int = 500
    """Of the whole text, signature included; UTF-16 units."""
    max_binary_octets: int = 1340
    max_validity_s: float = 7 * 86400.0
    max_schedule_s: float = 31 * 86400.0
    past_schedule_s: float = 60.0
    """How far a scheduled time may lie in the past (clocks differ); then it means at once."""


@dataclass(slots=True, frozen=True)
class Port:
    """Hold one access number as senders use it: itself, or itself with extension digits."""

    number: str
    base: str
    """The account's access number that it belongs to."""
    free: bool
    """Whether any further digits may follow."""
    signatures: tuple[str, ...]
    """Registered signatures with brackets, those without dates."""
    dated: tuple[tuple[str, float, float], ...] = ()
    """Further ones with brackets, valid from <= at < to (UTC seconds since the epoch)."""

    def registered(self, at: float) -> tuple[str, ...]:
        """Give all signatures that are registered at that moment, with brackets."""
        current = tuple(text for text, start, end in self.dated if start <= at < end)
        return self.signatures + current


class AccountRules:
    """Hold everything the checks need about one account; never changed after compilation."""

    __slots__ = (
        "account",
        "bind",
        "checked",
        "digits_only",
        "enterprise_code",
        "enterprise_known",
        "form",
        "leads",
        "lengths",
        "limits",
        "max_digits",
        "max_lengths",
        "max_queued",
        "modes",
        "plan",
        "ports",
        "reader",
        "registries",
        "reject_stage",
        "rejects_offnet",
        "scope",
        "services",
        "signatures",
        "statuses",
        "statuses_5_0",
        "throughput_burst",
        "throughput_by_segment",
        "throughput_delays",
        "throughput_rate",
        "unowned",
        "version",
        "window",
        "window_overflow",
    )

    def __init__(self, account: Account, shared: _Shared) -> None:
        contract = shared.contract
        self.version = shared.version
        self.account = account.system_id
        self.checked = contract.checked
        """Whether the contract's checks apply; without, only protocol and limits do."""
        self.enterprise_code = contract.enterprise_code
        self.enterprise_known = account.enterprise_code in ("", contract.enterprise_code)
        self.modes = shared.modes
        self.plan = shared.plan
        self.scope = shared.scope
        self.registries = shared.registries
        self.rejects_offnet = contract.routing.offnet_policy == "reject"
        self.reader = shared.reader
        self.services = _services(contract, account)
        self.form = shared.form
        self.signatures = _signatures(contract, shared.form)
        """Registered ones of the contract, with brackets."""
        self.leads = shared.form.position != "suffix"
        self.max_digits = contract.max_number_digits
        self.ports = _ports(contract, account, shared.form)
        self.lengths = tuple(sorted({len(number) for number in self.ports}, reverse=True))
        self.unowned = _unowned_port(self.ports)
        """Stands in for the port of a sender that isn't owned, so that signatures of the
        account are still told from foreign ones."""
        self.limits = shared.limits
        self.max_lengths = dict.fromkeys(_BINARY, 2 * shared.limits.max_binary_octets)
        """Characters by data_coding where it isn't `limits.max_characters`; a binary text is
        kept as hexadecimal digits."""
        self.window = account.window
        self.window_overflow: str = account.window_overflow
        self.max_queued = account.max_queued
        rate = account.throughput
        self.throughput_rate = rate.rate
        self.throughput_burst = float(rate.burst or max(1.0, rate.rate))
        self.throughput_by_segment = rate.unit == "segment"
        self.throughput_delays: bool = (
            rate.rate > 0
            and rate.reaction == "delay"
            and self.modes.get("throughput", "enforce") == "enforce"
        )
        """Whether reading is slowed down to the rate; nothing is refused then."""
        self.digits_only = account.receipt.errors == "digits"
        self.reject_stage: dict[str, str] = {
            str(k): str(v) for k, v in account.reject_stage.items()
        }
        self.statuses = _statuses(account, shared.profile)
        self.statuses_5_0 = {**self.statuses, **STATUS_5_0}
        self.bind = BindPolicy(
            modes=frozenset(_MODES[name] for name in account.bind_modes),
            versions=frozenset(_VERSIONS[name] for name in account.interface_versions),
            max_binds=account.max_binds,
            networks=parse_networks(account.allowed_ips),
            tls_only=account.tls_only,
            certificate_names=frozenset(account.certificate_names),
            profile=shared.profile,
            account=self.account,
            standing=self.registries.standing,
        )

    def status_of(self, reason: str, interface_version: int) -> int:
        """Give the command_status of a refusal in a session of that version."""
        known = self.statuses if interface_version < _VERSION_5_0 else self.statuses_5_0
        return known[reason]

    def port_of(self, sender: str) -> Port | None:
        """Give the access number a sender belongs to by the longest prefix; None for none.

        Extension digits must be permitted, and the whole at most `max_digits` long.
        """
        port = self.ports.get(sender)
        if port is not None:
            return port
        size = len(sender)
        if size > self.max_digits or not (sender.isascii() and sender.isdigit()):
            return None
        for length in self.lengths:
            if length < size:
                port = self.ports.get(sender[:length])
                if port is not None:
                    return port if port.free else None
        return None

    def base_of(self, sender: str) -> str:
        """Give the access number without extension that a sender belongs to, "" for none."""
        port = self.ports.get(sender) or self.port_of(sender)
        return "" if port is None else port.base

    def new_bucket(self, now: float) -> TokenBucket | None:
        """Give the account's throughput limit, full; None where there is none.

        All sessions of the account share one bucket.
        """
        if self.throughput_rate <= 0:
            return None
        return TokenBucket(self.throughput_rate, self.throughput_burst, now)


@dataclass(slots=True, frozen=True)
class Owner:
    """Say who owns a number that an uplink message was sent to (clauses 1.8 and 1.9)."""

    account: str
    number: str
    extension: str


@dataclass(slots=True, frozen=True)
class Rules:
    """Hold one version of everything agreed and set."""

    version: int
    profile: StatusProfile
    contract: str
    """Number of the contract."""
    accounts: dict[str, AccountRules]
    plan: NumberPlan
    scope: Scope
    modes: dict[str, str]
    owners: dict[str, str]
    """system_id by access number; of several accounts with one number the first listed."""
    owner_lengths: tuple[int, ...]
    registries: Registries

    def owner_of(self, access_number: str) -> Owner | None:
        """Give the owner of an access number with extension digits, by the longest prefix.

        Whether the extension is registered doesn't matter here: an uplink message belongs to
        the owner of the base number in any case.
        """
        for length in self.owner_lengths:
            base = access_number[:length]
            account = self.owners.get(base)
            if account is not None:
                return Owner(account, base, access_number[length:])
        return None


@dataclass(slots=True, frozen=True)
class _Shared:
    """Hold what the accounts of one snapshot have in common."""

    contract: Contract
    version: int
    modes: dict[str, str]
    profile: StatusProfile
    plan: NumberPlan
    scope: Scope
    form: SignatureForm
    limits: VerdictLimits
    registries: Registries
    reader: Reader


def compile_rules(  # noqa: PLR0913 - what is optional is given by name
    contract: Contract,
    accounts: Iterable[Account],
    modes: Mapping[str, str],
    plan: NumberPlan,
    *,
    version: int = 1,
    profile: StatusProfile = "standard",
    scope: Scope | None = None,
    limits: VerdictLimits | None = None,
    registries: Registries | None = None,
    reader: Reader | None = None,
) -> Rules:
    """Compile one snapshot.

    `modes` gives `enforce`, `monitor` or `off` by check name; a check that is not named is
    enforced. `scope` takes the place of the one in the registries; `registries` are those that
    live already, without them there are new ones; `reader` is one that knows the words of files.
    """
    if registries is None:
        registries = Registries(contract)
    listed = tuple(accounts)
    shared = _Shared(
        contract=contract,
        version=version,
        modes=dict(modes),
        profile=profile,
        plan=plan,
        scope=registries.scopes.scope if scope is None else scope,
        form=SignatureForm(
            position=contract.signature.position,
            allow_ascii=contract.signature.allow_ascii,
            min_length=contract.signature.min_length,
            max_length=contract.signature.max_length,
        ),
        limits=limits or VerdictLimits(),
        registries=registries,
        reader=reader or Reader(contract, registries.templates),
    )
    owners: dict[str, str] = {}
    for account in listed:
        for number in account.access_numbers:
            owners.setdefault(number, account.system_id)
    return Rules(
        version=version,
        profile=profile,
        contract=contract.number,
        accounts={account.system_id: AccountRules(account, shared) for account in listed},
        plan=plan,
        scope=shared.scope,
        modes=shared.modes,
        owners=owners,
        owner_lengths=tuple(sorted({len(number) for number in owners}, reverse=True)),
        registries=registries,
    )


def _services(contract: Contract, account: Account) -> ServiceTable:
    contracted = tuple(SERVICE_KINDS[number] for number in contract.service_kinds)
    return compile_services(
        contract.service_types, contracted, account.services, any_type=not contract.checked
    )


def _statuses(account: Account, profile: StatusProfile) -> dict[str, int]:
    statuses = {name: row.status(profile) for name, row in REASONS.items()}
    full = int(CommandStatus.ESME_RMSGQFUL)
    if account.throughput.reaction == "queue_full":
        statuses["throughput"] = full
    if account.window_overflow == "queue_full":
        statuses["window"] = full
    return statuses


def _ports(contract: Contract, account: Account, form: SignatureForm) -> dict[str, Port]:
    """Compile the account's numbers, their registered extensions, and the extended numbers that
    have signatures of their own.
    """
    ports: dict[str, Port] = {}
    for base in account.access_numbers:
        owned = _owned(contract, base)
        free = owned is None or owned.extension_policy == "free"
        extended = {base}
        if owned is not None:
            registered = (owned.number + extension for extension in owned.extensions)
            extended.update(number for number in registered if number.startswith(base))
        if free:
            extended.update(
                number
                for signature in contract.signatures
                for number in signature.access_numbers
                if number.startswith(base)
            )
        for number in extended:
            known = ports.get(number)
            if known is None or len(known.base) < len(base):
                ports[number] = _port(number, base, contract.signatures, form, free=free)
    return ports


def _signatures(contract: Contract, form: SignatureForm) -> frozenset[str]:
    return frozenset(
        text for signature in contract.signatures for text in form.bracketed(signature.text)
    )


def _owned(contract: Contract, number: str) -> OwnedNumber | None:
    """Give the contract's entry that an account's number is, or is an extension of."""
    matching = [own for own in contract.access_numbers if number.startswith(own.number)]
    return max(matching, key=lambda own: len(own.number), default=None)


def _port(
    number: str, base: str, signatures: Iterable[Signature], form: SignatureForm, *, free: bool
) -> Port:
    plain: list[str] = []
    dated: list[tuple[str, float, float]] = []
    for signature in signatures:
        if signature.access_numbers and not number.startswith(signature.access_numbers):
            continue
        texts = form.bracketed(signature.text)
        start, end = signature.valid_from, signature.valid_to
        if start is None and end is None:
            plain.extend(texts)
            continue
        since = ALWAYS[0] if start is None else start.timestamp()
        until = ALWAYS[1] if end is None else end.timestamp()
        dated.extend((text, since, until) for text in texts)
    return Port(number, base, free, tuple(plain), tuple(dated))


def _unowned_port(ports: dict[str, Port]) -> Port:
    plain = dict.fromkeys(text for port in ports.values() for text in port.signatures)
    dated = dict.fromkeys(entry for port in ports.values() for entry in port.dated)
    return Port("", "", False, tuple(plain), tuple(dated))
