"""Tell which service kind (clause 2.1) a submission asks for by its SMPP service_type."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(slots=True, frozen=True)
class ServiceTable:
    """Hold what each service_type means for one account.

    `kinds` names the kind of every listed service_type, contracted or not. `permitted` holds only
    those whose kind is both contracted and allowed to the account; its values are `ordinary` or
    `instant`. `default` is the service of a message that is accepted without a permitted type.
    """

    kinds: dict[str, str]
    permitted: dict[str, str]
    default: str
    any_type: bool
    """Whether unlisted types are the default service (no contract is applied)."""

    def service_of(self, service_type: str) -> str:
        """Give the service to route a message by."""
        return self.permitted.get(service_type, self.default)

    def type_for(self, service: str) -> str:
        """Give a service_type that asks for this service, the empty one if it does.

        Raises ValueError naming the permitted services.
        """
        for service_type, permitted in sorted(self.permitted.items()):
            if permitted == service:
                return service_type
        if self.any_type and service == self.default:
            return ""
        allowed = ", ".join(sorted(set(self.permitted.values()))) or "none"
        raise ValueError(f"service {service!r}: permitted to this account are {allowed}")


def compile_services(
    service_types: Mapping[str, str],
    contracted: tuple[str, ...],
    account: tuple[str, ...],
    *,
    any_type: bool = False,
) -> ServiceTable:
    """Compile the contract's service types and kinds with the account's services.

    In `service_types` the value `account` stands for the account's first service.
    """
    kinds = {
        service_type: account[0] if kind == "account" else kind
        for service_type, kind in service_types.items()
    }
    allowed = set(account) & (set(contracted) | (set(account) if any_type else set()))
    permitted = {name: kind for name, kind in kinds.items() if kind in allowed}
    return ServiceTable(kinds, permitted, account[0], any_type)
