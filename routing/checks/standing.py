"""Check whether the account may submit at all: enterprise, term and kind of service."""

from __future__ import annotations

from ..facts import Facts
from ..finding import Finding
from ..message import Message
from ..rules import AccountRules


def enterprise_code(message: Message, rules: AccountRules, facts: Facts) -> Finding | None:
    """Want an account of the contract's enterprise (clause 3.2.2)."""
    if rules.enterprise_known:
        return None
    return Finding(
        en=f"account {rules.account} acts for another enterprise than {rules.enterprise_code}",
        zh=f"账号{rules.account}不属于企业代码{rules.enterprise_code}",
        seen=rules.account,
        allowed=f"an account of {rules.enterprise_code}",
    )


def not_in_force(message: Message, rules: AccountRules, facts: Facts) -> Finding | None:
    """Want a submission within the service term, its last day to 24:00, and before a termination
    (clauses 10.1, 4.4, 7.2 to 7.5).
    """
    return rules.registries.standing.not_in_force(rules.account, message.at)


def service_kind(message: Message, rules: AccountRules, facts: Facts) -> Finding | None:
    """Want a kind that is contracted and allowed to the account (clause 2.1)."""
    services = rules.services
    if message.service_type in services.permitted:
        return None
    allowed = ", ".join(sorted(set(services.permitted.values())))
    kind = services.kinds.get(message.service_type)
    means = "no contracted kind" if kind is None else kind
    return Finding(
        en=f"service_type {message.service_type!r} is {means}, permitted are {allowed}",
        zh=f"业务类型“{message.service_type}”未签约或不允许该账号使用，允许的业务：{allowed}",
        seen=message.service_type,
        allowed=", ".join(repr(one) for one in sorted(services.permitted)),
    )
