"""Decide who may bind: the parts of the decision that need no password and no clock of their own.

The password is checked before and elsewhere, since a slow hash must not run on the loop.
"""

from __future__ import annotations

from array import array
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final, TypeAlias

from smpp.constants import BindMode, CommandStatus, InterfaceVersion

from .reasons import BIND_STATUS, StatusProfile
from .standing import StandingBook

Network: TypeAlias = IPv4Network | IPv6Network
Address: TypeAlias = IPv4Address | IPv6Address

ALL_MODES: Final = frozenset({int(BindMode.TX), int(BindMode.RX), int(BindMode.TRX)})
FAILED_BINDS_ALLOWED: Final = 30
FAILED_BINDS_WINDOW_S: Final = 300.0
FAILED_BINDS_KEYS: Final = 100_000
CERTIFICATE_NAMES_SHOWN: Final = 200


@dataclass(slots=True, frozen=True)
class BindPolicy:
    """Hold what an account may do at bind time.

    `networks` empty = any address. `max_binds` counts all sessions of the account together.
    `standing` knows of the contract's term and of terminations; None: the account is in force.
    """

    modes: frozenset[int] = ALL_MODES
    versions: frozenset[int] = frozenset()
    """Versions the account may bind with, as `spoken` gives them; empty = any."""
    max_binds: int = 0
    """0 = no limit."""
    networks: tuple[Network, ...] = ()
    tls_only: bool = False
    certificate_names: frozenset[str] = frozenset()
    """Names of client certificates, one of which is needed; empty = none is."""
    profile: StatusProfile = "standard"
    account: str = ""
    standing: StandingBook | None = None


@dataclass(slots=True, frozen=True)
class BindAttempt:
    """Hold what is known of a bind request: `peer` is the address alone, without a port."""

    mode: int
    interface_version: int
    peer: str
    bound: int
    """Sessions this account has at the moment, without this one."""
    at: float


@dataclass(slots=True, frozen=True)
class Origin:
    """Say where a connection comes from: the address alone, and what TLS tells about it."""

    peer: str
    encrypted: bool = False
    certificate_names: frozenset[str] = frozenset()
    """Names in the verified certificate of the client; empty without one."""


@dataclass(slots=True, frozen=True)
class BindDecision:
    """Say whether a bind is allowed; status is the bind_resp's, detail is for the journal."""

    status: int
    detail: str = ""

    @property
    def allowed(self) -> bool:
        """Say whether the bind may go ahead."""
        return self.status == int(CommandStatus.ESME_ROK)


_ALLOWED: Final = BindDecision(int(CommandStatus.ESME_ROK))


def parse_networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """Read addresses and CIDR blocks (`10.0.0.0/8`, `192.0.2.1`, `2001:db8::/32`).

    Raises ValueError naming the entry, also for a block with host bits set, since that is
    usually a slip.
    """
    networks: list[Network] = []
    for text in texts:
        try:
            networks.append(ip_network(text.strip()))
        except ValueError as error:
            raise ValueError(f"allowed_ips {text!r}: {error}") from error
    return tuple(networks)


def address_allowed(peer: str, networks: tuple[Network, ...]) -> bool:
    """Say whether an address is in one of the networks; an IPv4-mapped IPv6 one counts as IPv4.

    A zone (`fe80::1%eth0`) is taken off. What is no address is in no network.
    """
    try:
        address: Address = ip_address(peer.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return any(address in _unmapped(network) for network in networks)


def why_barred(policy: BindPolicy, origin: Origin) -> str:
    """Say why an account may not be bound from there, whatever the password; "" = it may.

    Holds before a bind, and for the sessions there are when the policy changes.
    """
    if policy.networks and not address_allowed(origin.peer, policy.networks):
        allowed = ", ".join(str(network) for network in policy.networks)
        return f"address {origin.peer} is not in allowed_ips: {allowed}"
    if policy.tls_only and not origin.encrypted:
        return "not encrypted, and the account is tls_only"
    if policy.certificate_names and not policy.certificate_names & origin.certificate_names:
        names = ", ".join(sorted(origin.certificate_names))[:CERTIFICATE_NAMES_SHOWN]
        allowed = ", ".join(sorted(policy.certificate_names))
        seen = f"a certificate of {names}" if names else "no certificate"
        return f"{seen}: certificate_names are {allowed}"
    return ""


def _unmapped(network: Network) -> Network:
    """Give the IPv4 network that an IPv4-mapped IPv6 block (::ffff:0:0/96 and longer) means."""
    mapped = network.network_address
    if not isinstance(mapped, IPv6Address) or network.prefixlen < 96:
        return network
    inner = mapped.ipv4_mapped
    return network if inner is None else IPv4Network((inner, network.prefixlen - 96))


def authorise_bind(policy: BindPolicy, attempt: BindAttempt) -> BindDecision:
    """Decide about a bind whose password is right; the first rule that fails decides.

    Address, mode, version, term, number of binds, in this order: what the account may never do
    comes before what it may not do at the moment.
    """
    if policy.networks and not address_allowed(attempt.peer, policy.networks):
        allowed = ", ".join(str(network) for network in policy.networks)
        return _refused(f"address {attempt.peer}: allowed are {allowed}")
    if attempt.mode not in policy.modes:
        names = ", ".join(BindMode(mode).name for mode in sorted(policy.modes))
        return _refused(f"bind mode {_mode_name(attempt.mode)}: allowed are {names}")
    version = spoken(attempt.interface_version)
    if policy.versions and version not in policy.versions:
        versions = ", ".join(_version_name(one) for one in sorted(policy.versions))
        return _refused(
            f"interface_version 0x{attempt.interface_version:02X} ({_version_name(version)}): "
            f"allowed are {versions}"
        )
    standing = policy.standing
    found = standing.bind_refused(policy.account, attempt.at) if standing is not None else None
    if found is not None:
        standard, vendor = BIND_STATUS["not_in_force"]
        return BindDecision(vendor if policy.profile == "vendor" else standard, found.en)
    if policy.max_binds and attempt.bound >= policy.max_binds:
        return _refused(f"{attempt.bound} sessions are bound, at most {policy.max_binds} may be")
    return _ALLOWED


def spoken(interface_version: int) -> int:
    """Give the version that a bind's interface_version asks for: 3.3, 3.4 or 5.0.

    SMPP 3.4 §5.2.4: 0x00 to 0x33 are 3.3. What lies between or above is the next lower one.
    """
    return max(version for version in InterfaceVersion if version <= max(interface_version, 0x33))


def _version_name(version: int) -> str:
    return f"{version >> 4}.{version & 0x0F}"


def _refused(detail: str) -> BindDecision:
    return BindDecision(int(CommandStatus.ESME_RBINDFAIL), detail)


def _mode_name(mode: int) -> str:
    return BindMode(mode).name if mode in ALL_MODES else str(mode)


class FailedBinds:
    """Count failed binds by (system_id, address), so that guessing passwords is refused cheaply.

    After `allowed` failures within `window_s` further binds of that id from that address are
    refused until the oldest of them is older than the window. Refused ones are not counted. The
    id as a whole is never locked: other addresses are judged for themselves. At most `keys` pairs
    are remembered, the least recently failed one is forgotten first.
    """

    def __init__(
        self,
        allowed: int = FAILED_BINDS_ALLOWED,
        window_s: float = FAILED_BINDS_WINDOW_S,
        keys: int = FAILED_BINDS_KEYS,
    ) -> None:
        """Allow that many failures; 0 refuses nobody."""
        self.allowed = allowed
        self.window_s = window_s
        self.keys = keys
        self._failures: OrderedDict[tuple[str, str], array[float]] = OrderedDict()
        self._told: dict[tuple[str, str], float] = {}

    def __len__(self) -> int:
        """Give the number of remembered pairs."""
        return len(self._failures)

    def refused(self, system_id: str, address: str, now: float) -> bool:
        """Say whether this pair has failed too often; look before checking the password."""
        return self.left(system_id, address, now) <= 0

    def left(self, system_id: str, address: str, now: float) -> float:
        """Give how many failures this pair has left; without a limit any number."""
        if self.allowed <= 0:
            return float("inf")
        times = self._failures.get((system_id, address), ())
        return self.allowed - sum(now - at < self.window_s for at in times)

    def alarming(self, system_id: str, address: str, now: float) -> bool:
        """Say whether a refusal of this pair is news: the first one is, then one in a window."""
        key = (system_id, address)
        told = self._told.get(key)
        if key not in self._failures or (told is not None and now - told < self.window_s):
            return False
        self._told[key] = now
        return True

    def failed(self, system_id: str, address: str, now: float) -> None:
        """Count one failure at monotonic time `now`."""
        if self.allowed <= 0:
            return
        key = (system_id, address)
        times = self._failures.get(key)
        if times is None:
            times = array("d")
            self._failures[key] = times
            if len(self._failures) > self.keys:
                forgotten, _times = self._failures.popitem(last=False)
                self._told.pop(forgotten, None)
        else:
            self._failures.move_to_end(key)
        times.append(now)
        if len(times) > self.allowed:
            del times[0]

    def succeeded(self, system_id: str, address: str) -> None:
        """Forget the pair's failures after a successful bind."""
        self._failures.pop((system_id, address), None)
        self._told.pop((system_id, address), None)
