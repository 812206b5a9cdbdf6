"""Compile what the ledger needs to know from the contract file, once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from config.contract import Contract
from config.interpretation import Breach

from .cases import Figures


def _as_sent(account: str, sender: str) -> str:
    return sender


def _never(text: str) -> bool:
    return False


@dataclass(slots=True, frozen=True)
class Terms:
    """Hold the figures of the contract, and the questions that other parts answer."""

    figures: Figures
    since: float = 0.0
    """Beginning of the service term, UTC seconds since the epoch."""
    monthly_stop: int = 100
    """Complaints in a month from which party B may stop at once; 0: never."""
    monthly_auto_stop: bool = False
    signatures: frozenset[str] = field(default=frozenset())
    """Registered ones, without brackets."""
    port_of: Callable[[str, str], str] = _as_sent
    """Gives the access number of an account's sender without its extension, "" for none."""
    refuses: Callable[[str], bool] = _never
    """Says whether an uplink text is a user's refusal."""

    @property
    def breach(self) -> Breach:
        """Give the figures of clause 7.3."""
        return self.figures.breach


def compile_terms(
    contract: Contract,
    *,
    port_of: Callable[[str, str], str] = _as_sent,
    refuses: Callable[[str], bool] = _never,
) -> Terms:
    """Read the terms out of a contract."""
    return Terms(
        Figures(contract.breach, contract.suspension.explain_days),
        since=contract.service_term().starts_at,
        monthly_stop=contract.complaints.monthly_stop,
        monthly_auto_stop=contract.complaints.monthly_auto_stop,
        signatures=frozenset(signature.text for signature in contract.signatures),
        port_of=port_of,
        refuses=refuses,
    )
