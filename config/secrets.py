"""Keep secrets as references against which a presented one can be verified, never as text.

A reference is made from what the settings file says: a plain secret, `env:NAME`, `file:PATH`, or
a hash `scrypt:N:R:P:SALT:HASH` (SALT and HASH in base64) as `hash_password` writes it. A plain
secret is kept as an HMAC under a key of the process, so no dump or traceback shows it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

SCRYPT_N: Final = 2**14
SCRYPT_R: Final = 8
SCRYPT_P: Final = 1
_DIGEST_OCTETS: Final = 32
_LONGEST_FILE: Final = 4096
_MOST_MEMORY: Final = 256 * 2**20
_FORM: Final = "scrypt:N:R:P:SALT:HASH with N a power of 2, R and P 1 to 16, N*R at most 2097152"


@dataclass(frozen=True, slots=True, repr=False)
class SecretReference:
    """Hold what is needed to verify a secret; its text form shows nothing of it.

    `slow` says that `verify` takes tens of milliseconds (a scrypt hash): do it off the loop.
    `octets` is the length of a plain secret, 0 when only a hash is known.
    """

    key: bytes = field(repr=False)
    digest: bytes = field(repr=False)
    cost: tuple[int, int, int] = (0, 0, 0)
    octets: int = 0

    @property
    def slow(self) -> bool:
        return self.cost[0] > 0

    def __repr__(self) -> str:
        """Show that there is a secret and nothing else."""
        return "SecretReference(not shown)"


def plain_reference(secret: str) -> SecretReference:
    """Make a reference from a plain secret, keeping only a digest under a random key.

    Raises ValueError when it is empty.
    """
    if not secret:
        raise ValueError("at least 1 character")
    key = os.urandom(_DIGEST_OCTETS)
    octets = secret.encode("utf-8")
    return SecretReference(key, _keyed(key, octets), octets=len(octets))


def hash_password(password: str, *, salt: bytes | None = None) -> str:
    """Give the `scrypt:` form of a password for the settings file (about 90 ms).

    Raises ValueError when it is empty.
    """
    if not password:
        raise ValueError("password: seen 0 characters, at least 1")
    chosen = os.urandom(16) if salt is None else salt
    cost = (SCRYPT_N, SCRYPT_R, SCRYPT_P)
    digest = _scrypt(password.encode("utf-8"), chosen, cost, _DIGEST_OCTETS)
    texts = (base64.b64encode(octets).decode("ascii") for octets in (chosen, digest))
    return ":".join(("scrypt", *map(str, cost), *texts))


def verify(reference: SecretReference, presented: bytes | str) -> bool:
    """Say whether the presented secret is the referenced one, in time independent of its text."""
    octets = presented.encode("utf-8") if isinstance(presented, str) else presented
    if reference.slow:
        digest = _scrypt(octets, reference.key, reference.cost, len(reference.digest))
    else:
        digest = _keyed(reference.key, octets)
    return hmac.compare_digest(reference.digest, digest)


@dataclass(frozen=True, slots=True, repr=False)
class Credential:
    """Hold a secret that must be presented to another system; only `reveal` shows it."""

    _secret: str

    def reveal(self) -> str:
        """Give the secret."""
        return self._secret

    def __repr__(self) -> str:
        """Show that there is a secret and nothing else."""
        return "Credential(not shown)"


def credential_of(value: object, *, environ: Mapping[str, str], directory: Path) -> Credential:
    """Make a credential from a value of the settings file: plain, `env:NAME` or `file:PATH`.

    Raises ValueError with what is allowed, and never with the value.
    """
    if isinstance(value, Credential):
        return value
    secret = _resolved(value, environ, directory)
    if not secret or secret.startswith("scrypt:"):
        raise ValueError('a string: plain, "env:NAME" or "file:PATH"; a hash can\'t be presented')
    return Credential(secret)


def reference_of(value: object, *, environ: Mapping[str, str], directory: Path) -> SecretReference:
    """Make a reference from a value of the settings file.

    Raises ValueError with what is allowed, and never with the value.
    """
    if isinstance(value, SecretReference):
        return value
    secret = _resolved(value, environ, directory)
    return _hashed(secret) if secret.startswith("scrypt:") else plain_reference(secret)


def _resolved(value: object, environ: Mapping[str, str], directory: Path) -> str:
    """Give the secret, or the hash, that a value stands for."""
    if not isinstance(value, str):
        raise ValueError('a string: plain, "env:NAME", "file:PATH" or "scrypt:..."')
    kind, _, rest = value.partition(":")
    if kind == "env":
        return _from_environment(rest, environ)
    if kind == "file":
        return _from_file(rest, directory)
    return value


def _from_environment(name: str, environ: Mapping[str, str]) -> str:
    secret = environ.get(name, "")
    if not secret:
        raise ValueError(f"a variable that is set and not empty; {name or 'no name'} is not")
    return secret


def _from_file(name: str, directory: Path) -> str:
    try:
        with (directory / name).open("rb") as file:
            octets = file.read(_LONGEST_FILE + 1)
        secret = octets.decode("utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise ValueError(f"a readable file with the secret alone; {name}: {reason}") from error
    if not secret or len(octets) > _LONGEST_FILE:
        raise ValueError(f"a file of 1 to {_LONGEST_FILE} octets with the secret alone; {name}")
    return secret


def _hashed(text: str) -> SecretReference:
    parts = text.split(":")
    try:
        _, n, r, p, salt, digest = parts
        cost = (int(n), int(r), int(p))
        octets = [base64.b64decode(part, validate=True) for part in (salt, digest)]
    except (ValueError, binascii.Error):
        raise ValueError(_FORM) from None
    power = cost[0] >= 2 and not cost[0] & (cost[0] - 1)
    bounded = 1 <= cost[1] <= 16 and 1 <= cost[2] <= 16
    if not (power and bounded and 128 * cost[0] * cost[1] <= _MOST_MEMORY):
        raise ValueError(_FORM)
    if len(octets[0]) < 8 or not 16 <= len(octets[1]) <= 64:
        raise ValueError(f"{_FORM}; SALT of at least 8 octets, HASH of 16 to 64")
    return SecretReference(octets[0], octets[1], cost)


def _keyed(key: bytes, secret: bytes) -> bytes:
    return hmac.digest(key, secret, "sha256")


def _scrypt(secret: bytes, salt: bytes, cost: tuple[int, int, int], length: int) -> bytes:
    n, r, p = cost
    # scrypt needs 128·N·R octets; OpenSSL refuses unless the limit allows for its own extra.
    memory = 128 * r * (n + p + 2) + 65536
    return hashlib.scrypt(secret, salt=salt, n=n, r=r, p=p, maxmem=memory, dklen=length)
