"""Check what no single table can: keys that must differ, and parts that must fit together.

`duplicates` looks at the raw tables, so that it finds its errors beside those of the models.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from .content import TemplateRules
from .contract import Contract
from .explain import Explanation, Key
from .secrets import verify
from .settings import DEMO_ACCOUNT, Settings
from .template_text import LONGEST_FREE_TEXT, parse_template
from .term import ServiceTerm

_PASSWORD_OCTETS: Final = 8
"""SMPP 3.4 §5.2.2: nine octets with the final NUL."""


def duplicates(table: Mapping[str, object]) -> Iterator[Explanation]:
    """Find accounts with the same system_id and access numbers with two owners."""
    owners: dict[object, str] = {}
    ids: dict[object, int] = {}
    accounts = table.get("account")
    for index, account in enumerate(accounts if isinstance(accounts, list | tuple) else ()):
        if not isinstance(account, Mapping):
            continue
        system_id = account.get("system_id")
        if isinstance(system_id, str) and ids.setdefault(system_id, index) != index:
            message = f"{system_id!r} is the system_id of account[{ids[system_id]}] too"
            yield Explanation(("account", index, "system_id"), "", message)
        for place, number in enumerate(_listed(account, "access_numbers")):
            key: Key = ("account", index, "access_numbers", place)
            owner = f"account[{index}]"
            if not isinstance(number, str):
                continue
            if number in owners:
                yield Explanation(key, "", f"{number} belongs to {owners[number]} already")
            owners.setdefault(number, owner)


def duplicates_in_contract(table: Mapping[str, object]) -> Iterator[Explanation]:
    """Find access numbers, signatures, templates and rules that are listed twice."""
    content = table.get("content")
    lists = (
        (("access_numbers",), table, "number"),
        (("signatures",), table, "text"),
        (("templates",), table, "id"),
        (("content", "rules"), content if isinstance(content, Mapping) else {}, "id"),
    )
    for path, holder, name in lists:
        seen: set[object] = set()
        for index, row in enumerate(_listed(holder, path[-1])):
            value = row.get(name) if isinstance(row, Mapping) else None
            if isinstance(value, str) and value in seen:
                yield Explanation((*path, index, name), "", f"{value!r} is listed above already")
            seen.add(value if isinstance(value, str) else None)


def free_texts_too_long(table: Mapping[str, object]) -> Iterator[Explanation]:
    """Find templates with a longer free text than `template.free_text` allows."""
    rules = table.get("template")
    longest = rules.get("free_text") if isinstance(rules, Mapping) else None
    if not isinstance(longest, int) or not 0 <= longest <= LONGEST_FREE_TEXT:
        longest = TemplateRules().free_text
    for index, template in enumerate(_listed(table, "templates")):
        text = template.get("text") if isinstance(template, Mapping) else None
        if not isinstance(text, str) or _why_no_template(text, LONGEST_FREE_TEXT):
            continue
        problem = _why_no_template(text, longest)
        if problem:
            yield Explanation(("templates", index, "text"), "", f"allowed is {problem}")


def _why_no_template(text: str, longest: int) -> str:
    try:
        parse_template(text, longest)
    except ValueError as error:
        return str(error)
    return ""


def _listed(table: Mapping[str, object], key: str) -> tuple[object, ...]:
    values = table.get(key)
    return tuple(values) if isinstance(values, list | tuple) else ()


def certificates_unchecked(table: Mapping[str, object]) -> Iterator[Explanation]:
    """Find accounts that nobody could bind, since no client certificate is ever asked for."""
    smpp = table.get("smpp")
    tls = smpp.get("tls") if isinstance(smpp, Mapping) else None
    offered = tls if isinstance(tls, Mapping) else {}
    accounts = table.get("account")
    for index, account in enumerate(accounts if isinstance(accounts, list | tuple) else ()):
        if not isinstance(account, Mapping):
            continue
        if account.get("certificate_names") and not offered.get("client_ca"):
            message = "allowed with `smpp.tls.client_ca`, which says whose certificates count"
            yield Explanation(("account", index, "certificate_names"), "", message)
        if account.get("tls_only") is True and not offered.get("cert"):
            message = "allowed with `smpp.tls.cert` and `key`, without which nothing is encrypted"
            yield Explanation(("account", index, "tls_only"), "", message)


def settings_warnings(settings: Settings) -> Iterator[Explanation]:
    """Point out what works and may surprise."""
    yield from _exposed(settings)
    contract = settings.contract
    bases = tuple(owned.number for owned in contract.access_numbers)
    for index, account in enumerate(settings.account):
        if account.password.octets > _PASSWORD_OCTETS:
            message = (
                f"{account.password.octets} octets; SMPP has room for {_PASSWORD_OCTETS}, "
                "so a strict client can't send it"
            )
            yield Explanation(("account", index, "password"), "", message)
        for place, number in enumerate(account.access_numbers):
            if contract.checked and not number.startswith(bases):
                key: Key = ("account", index, "access_numbers", place)
                message = f"{number} is no access number of the contract ({', '.join(bases)})"
                yield Explanation(key, "", message)
        for service in account.services:
            if contract.checked and service not in contract.services:
                message = f"{service!r} is not contracted; its messages are rejected (clause 2.1)"
                yield Explanation(("account", index, "services"), "", message)


def _exposed(settings: Settings) -> Iterator[Explanation]:
    """Point out accounts that more people can bind than may be meant."""
    smpp = settings.smpp
    listens = [smpp.listen, *([smpp.tls.listen] if smpp.tls.cert is not None else [])]
    exposed = not all(listen.loopback for listen in listens)
    for index, account in enumerate(settings.account):
        demo = DEMO_ACCOUNT["system_id"], DEMO_ACCOUNT["password"]
        same = account.system_id == demo[0] and not account.password.slow
        if exposed and same and verify(account.password, str(demo[1])):
            message = "the demo account's, which everybody knows, and other machines can connect"
            yield Explanation(("account", index, "password"), "", message)
        if smpp.tls.client_ca is not None and not account.certificate_names:
            message = "empty, so every certificate that `smpp.tls.client_ca` signed may bind it"
            yield Explanation(("account", index, "certificate_names"), "", message)


def contract_warnings(contract: Contract) -> Iterator[Explanation]:
    """Point out where the contract does not do what it seems to say."""
    term = contract.term
    if contract.renewal.mode == "auto" and contract.renewal.months == 0:
        message = "without months nothing is renewed (clause 11.11)"
        yield Explanation(("renewal", "months"), "", message)
    if contract.effective_from == "signature" and contract.signed_on is None:
        message = "without signed_on the service starts with the term (clause 10.1)"
        yield Explanation(("effective_from",), "", message)
    opens = ServiceTerm(term.first_day, term.last_day)
    for index, signature in enumerate(contract.signatures):
        if signature.valid_to and signature.valid_to.timestamp() <= opens.starts_at:
            message = "ends before the term starts"
            yield Explanation(("signatures", index, "valid_to"), "", message)
