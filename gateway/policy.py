"""Compile what the gateway was told into what it decides with."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import cast

from config.contract import Contract
from config.network import NetworkData, adjusted, load_network
from config.number_files import read_numbers
from config.numbers import load_number_plan
from config.settings import Limits, Settings
from config.word_files import read_all_words
from routing.liability import CodeTable
from routing.magic import MagicNumbers
from routing.network import Network
from routing.numbering import NumberPlan
from routing.reading import Reader
from routing.receipts import Multipart, ReceiptPolicy
from routing.registries import Registries, declared_version
from routing.rules import Rules, VerdictLimits, compile_rules
from routing.subscribers import Subscribers
from routing.verdict import Judge, compile_judges

HOUR_S = 3600.0


@dataclass(frozen=True, slots=True)
class Policy:
    """Hold one compiled snapshot of settings, contract and network."""

    rules: Rules
    judges: dict[str, Judge]
    data: NetworkData
    network: Network
    subscribers: Subscribers
    codes: CodeTable
    magic: MagicNumbers
    receipts: dict[str, ReceiptPolicy]
    contract_sha256: str

    @property
    def multipart(self) -> dict[str, Multipart]:
        """Give each account's policy for receipts of concatenated messages."""
        return {account: policy.multipart for account, policy in self.receipts.items()}


def compile_policy(settings: Settings, registries: Registries | None = None) -> Policy:
    """Compile the settings, with the registries that live already, or with new ones.

    Raises NetworkDataError or KeyError for a network profile that does not exist, ConfigError
    for a file of numbers or words that can't be read.
    """
    data = adjusted(load_network(), settings.network)
    profile, seed = settings.network.profile, settings.network.seed
    contract = settings.contract
    magic = MagicNumbers(data)
    registries = registries or _registries(contract, magic)
    rules = compile_rules(
        contract,
        settings.account,
        cast("dict[str, str]", settings.checks.model_dump()),
        NumberPlan(load_number_plan()),
        profile=settings.smpp.status_profile,
        registries=registries,
        reader=Reader(contract, registries.templates, read_all_words(contract.content.files)),
        limits=_limits(settings.smpp.limits),
    )
    max_age_s = settings.data.spool.max_age_h * HOUR_S
    receipts = {
        account.system_id: ReceiptPolicy(
            multipart=account.receipt.multipart,
            digits_only=account.receipt.errors == "digits",
            max_age_s=max_age_s,
        )
        for account in settings.account
    }
    return Policy(
        rules,
        compile_judges(rules),
        data,
        Network(data, profile, seed),
        Subscribers(data, profile, seed),
        CodeTable(data),
        magic,
        receipts,
        _digest(settings.contract),
    )


def _registries(contract: Contract, magic: MagicNumbers) -> Registries:
    """Begin the registries with what the contract declares, its files included.

    Whoever tests with magic numbers sends to the same one over and over.
    """
    found = read_numbers(contract.consents)
    consents = declared_version(found.entries, found.singles)
    found = read_numbers(contract.scope)
    scope = declared_version(found.entries, found.singles)
    return Registries(contract, consents, scope, spared=magic.by_recipient)


def _digest(contract: Contract) -> str:
    """Give the SHA-256 of all that is agreed: the contract as written, then each file it names."""
    written = contract.model_dump_json(exclude_defaults=True).encode("utf-8")
    hasher = hashlib.sha256(written)
    for path in (*contract.scope.files, *contract.consents.files, *contract.content.files):
        with path.open("rb") as file:
            hashlib.file_digest(file, lambda: hasher)
    return hasher.hexdigest()


def _limits(limits: Limits) -> VerdictLimits:
    return VerdictLimits(
        max_characters=limits.max_characters,
        max_binary_octets=limits.max_binary_octets,
        max_validity_s=limits.max_validity_s,
        max_schedule_s=limits.max_schedule_s,
        past_schedule_s=limits.past_schedule_s,
    )
