"""Read the settings and the contract, and report every error of all of them at once.

Sources, from below: the shipped contract; the settings file and the contract file; variables
named SMSGW_ with `__` between the parts of a key (SMSGW_SMPP__TIMERS__RESPONSE_S, list elements
by number: SMSGW_ACCOUNT__0__WINDOW); the command line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

from pydantic import ValidationError

from .account import Account, ReceiptDialect
from .contract import Contract
from .cross_checks import (
    certificates_unchecked,
    contract_warnings,
    duplicates,
    duplicates_in_contract,
    free_texts_too_long,
    settings_warnings,
)
from .explain import Explanation, Key, explain, kind_of
from .layers import (
    Assignment,
    FileLayer,
    Layer,
    Table,
    assign,
    from_command_line,
    from_environment,
    merge,
    origin_of,
    read_layer,
)
from .network import NetworkDataError, NetworkSettings, adjusted, load_network
from .number_files import read_numbers
from .problems import ConfigError, Problem, in_order
from .section import Section, Surroundings
from .settings import DEMO_ACCOUNT, Settings
from .shipped import DATA
from .word_files import read_all_words

SHIPPED_CONTRACTS: Final = ("henan", "none")
DEFAULT_CONTRACT: Final = "henan"
_DEEPEST: Final = 8
"""How many contract files may extend one another."""

SETTINGS_PATHS: Final[tuple[Key, ...]] = (
    ("smpp", "tls", "cert"),
    ("smpp", "tls", "key"),
    ("smpp", "tls", "client_ca"),
    ("data", "dir"),
)
CONTRACT_PATHS: Final[tuple[Key, ...]] = (
    ("scope", "files"),
    ("consents", "files"),
    ("content", "files"),
)
"""Keys that hold paths: relative ones are taken from the folder of the file they stand in."""

_Model = TypeVar("_Model", bound=Section)


@dataclass(slots=True)
class Loaded:
    """Hold settings that are in order, and what may surprise about them."""

    settings: Settings
    warnings: tuple[Problem, ...] = ()


@dataclass(slots=True)
class _Gathering:
    """Gather the layers of one model and everything that is wrong with them."""

    layers: list[Layer] = field(default_factory=list)
    table: Table = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def lay(self, layer: FileLayer, paths: tuple[Key, ...]) -> None:
        self.layers.append(layer)
        self.table = merge(self.table, _absolute(layer.table, paths, layer.directory))

    def assign(self, item: Assignment, model: type[Section], paths: tuple[Key, ...]) -> None:
        if item.key in paths and isinstance(item.value, str):
            item = replace(item, value=str(Path.cwd() / item.value))
        try:
            assign(self.table, item, model)
        except ConfigError as error:
            self.problems += error.problems
        else:
            self.layers.append(item)

    def add(self, found: Iterable[Explanation], level: str = "error") -> None:
        self.problems += self.problems_of(found, level)

    def problems_of(self, found: Iterable[Explanation], level: str) -> Iterator[Problem]:
        for item in found:
            where = origin_of(self.layers, item.key)
            yield Problem(
                where.file,
                where.line,
                where.key,
                item.seen,
                item.message,
                "warning" if level == "warning" else "error",
            )

    def validated(self, model: type[_Model], surroundings: Surroundings) -> _Model | None:
        data = _with_tuples(self.table)
        try:
            return model.model_validate(data, strict=True, context=surroundings)
        except ValidationError as error:
            details = error.errors(include_url=False)
            self.add(explain(model, data, detail) for detail in details)
        return None


def load_settings(
    path: Path | None,
    environ: Mapping[str, str],
    overrides: Mapping[str, object] | None = None,
) -> Settings:
    """Read the settings; see `load`."""
    return load(path, environ, overrides).settings


def load(
    path: Path | None,
    environ: Mapping[str, str],
    overrides: Mapping[str, object] | None = None,
) -> Loaded:
    """Read a settings file (None: the defaults) and the contract it names.

    `overrides` holds what the command line sets, by dotted keys: `{"smpp.listen": "[::1]:0"}`.
    The key `contract` takes a shipped name or a path. Raises ConfigError with every problem.
    """
    gathering, contract_parts, file = _settings_sources(path, environ, overrides or {})
    surroundings = Surroundings(file.directory if file else Path.cwd(), environ)
    contracts = _Gathering()
    contract = _contract(contracts, file, contract_parts, surroundings)
    gathering.table["contract"] = contract or _placeholder()
    gathering.add(duplicates(gathering.table))
    gathering.add(certificates_unchecked(gathering.table))
    settings = gathering.validated(Settings, surroundings)
    if settings and settings.network.model_fields_set:
        gathering.add(_network_problems(settings.network))
    problems = gathering.problems + contracts.problems
    if problems or settings is None or contract is None:
        raise ConfigError(problems)
    warnings = [
        *gathering.problems_of(settings_warnings(settings), "warning"),
        *contracts.problems_of(contract_warnings(contract), "warning"),
    ]
    return Loaded(_with_dialects(settings), in_order(warnings))


def load_contract(name: str | Path, environ: Mapping[str, str] | None = None) -> Contract:
    """Read a contract by its shipped name or its path.

    Raises ConfigError with every problem.
    """
    gathering = _Gathering()
    parts = [Assignment(("contract",), str(name), str(name))]
    contract = _contract(gathering, None, parts, Surroundings(environ=environ or {}))
    if contract is None or gathering.problems:
        raise ConfigError(gathering.problems)
    return contract


def check_files(
    path: Path | None,
    environ: Mapping[str, str],
    overrides: Mapping[str, object] | None = None,
) -> list[Problem]:
    """Check the settings, the contract, the network profile and every file these name.

    Gives errors and warnings; never raises for what it finds.
    """
    try:
        loaded = load(path, environ, overrides)
    except ConfigError as error:
        return list(error.problems)
    problems = list(loaded.warnings)
    contract = loaded.settings.contract
    named: tuple[Callable[[], object], ...] = (
        partial(read_numbers, contract.scope),
        partial(read_numbers, contract.consents),
        partial(read_all_words, contract.content.files),
    )
    for read in named:
        try:
            read()
        except ConfigError as error:
            problems += error.problems
    return list(in_order(problems))


def _settings_sources(
    path: Path | None, environ: Mapping[str, str], overrides: Mapping[str, object]
) -> tuple[_Gathering, list[Assignment], FileLayer | None]:
    """Lay the sources of the settings; give apart what is said about the contract."""
    gathering = _Gathering()
    file = None
    if path is not None:
        try:
            file = read_layer(path, str(path))
            gathering.lay(file, SETTINGS_PATHS)
        except ConfigError as error:
            gathering.problems += error.problems
    if not gathering.table.get("account"):
        gathering.table["account"] = [DEMO_ACCOUNT]
    contract_parts = []
    for item in (*from_environment(environ), *from_command_line(overrides)):
        if item.key[0] == "contract":
            contract_parts.append(item)
        else:
            gathering.assign(item, Settings, SETTINGS_PATHS)
    return gathering, contract_parts, file


def _contract(
    gathering: _Gathering,
    file: FileLayer | None,
    parts: list[Assignment],
    surroundings: Surroundings,
) -> Contract | None:
    """Lay the sources of the contract and validate them."""
    named = file.table.get("contract", DEFAULT_CONTRACT) if file else DEFAULT_CONTRACT
    directory, place = surroundings.directory, Assignment(("contract",), named, "")
    for part in parts:
        if part.key == ("contract",):
            named, directory, place, file = part.value, Path.cwd(), part, None
    try:
        if isinstance(named, dict) and file is not None:
            _lay_contract(gathering, file.under("contract", named))
        elif isinstance(named, str) and named:
            _lay_contract(gathering, _contract_layer(named, directory))
        else:
            where = file.origin(("contract",)) if file else place.origin(())
            allowed = f"{' or '.join(SHIPPED_CONTRACTS)}, a path, or a table"
            problem = Problem(where.file, where.line, where.key, kind_of(named), allowed)
            raise ConfigError([problem])
    except ConfigError as error:
        gathering.problems += error.problems
        return None
    for part in parts:
        if len(part.key) > 1:
            inner = replace(part, key=part.key[1:], prefix=("contract",))
            gathering.assign(inner, Contract, CONTRACT_PATHS)
    gathering.add(duplicates_in_contract(gathering.table))
    gathering.add(free_texts_too_long(gathering.table))
    return gathering.validated(Contract, surroundings)


def _lay_contract(gathering: _Gathering, layer: FileLayer) -> None:
    """Lay a contract's table over those it extends."""
    chain = [layer]
    while "extends" in chain[-1].table:
        top = chain[-1]
        name = top.table["extends"]
        where = top.origin(("extends",))
        if not isinstance(name, str) or len(chain) > _DEEPEST:
            allowed = f"allowed a shipped contract or a path, at most {_DEEPEST} in a chain"
            raise ConfigError([Problem(where.file, where.line, where.key, "", allowed)])
        chain.append(_contract_layer(name, top.directory))
    for part in reversed(chain):
        part.table = {key: value for key, value in part.table.items() if key != "extends"}
        gathering.lay(part, CONTRACT_PATHS)


def _contract_layer(name: str, directory: Path) -> FileLayer:
    if name in SHIPPED_CONTRACTS:
        return read_layer(DATA / "contracts" / f"{name}.toml", f"{name} (shipped)")
    path = directory / name
    return read_layer(path, str(path))


def _absolute(table: Table, paths: tuple[Key, ...], directory: Path) -> Table:
    """Give the table with its relative paths taken from a folder."""
    for path in paths:
        holder: object = table
        for part in path[:-1]:
            holder = holder.get(str(part)) if isinstance(holder, Mapping) else None
        value = holder.get(str(path[-1])) if isinstance(holder, Mapping) else None
        changed: object = None
        if isinstance(value, str) and value:
            changed = str(directory / value)
        elif isinstance(value, list):
            changed = [str(directory / v) if isinstance(v, str) and v else v for v in value]
        if changed is not None:
            nested: Table = {str(path[-1]): changed}
            for part in reversed(path[:-1]):
                nested = {str(part): nested}
            table = merge(table, nested)
    return table


def _with_tuples(value: object) -> object:
    """Give a value with tuples for lists, as strict validation asks."""
    if isinstance(value, dict):
        return {key: _with_tuples(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return tuple(_with_tuples(part) for part in value)
    return value


def _placeholder() -> Contract:
    """Stand in for a contract that has errors of its own, to find those of the settings."""
    return Contract.model_construct(kind="none")


def _network_problems(settings: NetworkSettings) -> Iterator[Explanation]:
    try:
        adjusted(load_network(), settings)
    except NetworkDataError as error:
        for line in error.problems:
            name, _, message = line.partition(": ")
            key = tuple(name.split(".")) if name.startswith("network.") else ("network",)
            yield Explanation(key, "", message or line)


def _with_dialects(settings: Settings) -> Settings:
    """Give each account the whole dialect: its own keys over those of `[smpp.dialect]`."""
    accounts = tuple(_with_dialect(each, settings.smpp.dialect) for each in settings.account)
    return settings.model_copy(update={"account": accounts})


def _with_dialect(account: Account, default: ReceiptDialect) -> Account:
    own = {name: getattr(account.receipt, name) for name in account.receipt.model_fields_set}
    return account.model_copy(update={"receipt": default.model_copy(update=own)})
