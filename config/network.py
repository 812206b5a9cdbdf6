"""Model the simulated network's data: conditions, profiles, error codes and magic recipients.

The data is shipped as TOML in `config/data/network` and may be replaced by a directory of the
same three files. `load_network` reads and checks all of it and reports every error at once;
`NetworkSettings` is what a settings file may change of a profile, applied by `adjusted`.
"""

import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from .shipped import DATA

Liability = Literal["ok", "exempt", "ported", "party_a", "carrier", "force_majeure"]
Stat = Literal["DELIVRD", "EXPIRED", "DELETED", "UNDELIV", "ACCEPTD", "UNKNOWN", "REJECTD"]
ServiceName = Literal["ordinary", "instant"]
MagicFault = Literal[
    "throttled",
    "queue_full",
    "system_error",
    "no_response",
    "late_response",
    "close_session",
    "receipt_before_response",
    "receipt_twice",
    "no_receipt",
]

PerMille = Annotated[int, Field(ge=0, le=1000)]
Seconds = Annotated[float, Field(ge=0, le=31 * 86400.0, allow_inf_nan=False)]
PositiveSeconds = Annotated[float, Field(gt=0, le=31 * 86400.0, allow_inf_nan=False)]
ErrorCode = Annotated[str, Field(pattern=r"^[0-9A-Z]{3}$")]
"""Three characters of a receipt's `err`."""

MIXES = ("subscribers", "messages", "attempts")
FILES = ("profiles.toml", "codes.toml", "magic.toml")


class NetworkDataError(ValueError):
    """Say what is wrong in the network's data, all errors together, one a line."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class _Model(BaseModel):
    # Built on first use: the settings build theirs as part of a whole. For the start's sake too
    # this file does without text annotations (see config.section).
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class FixedLatency(_Model):
    """Take the same time always."""

    law: Literal["fixed"]
    seconds: Seconds


class UniformLatency(_Model):
    """Take any time between two bounds, all equally likely."""

    law: Literal["uniform"]
    low_s: Seconds
    high_s: Seconds

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        _require_order(self.low_s, self.high_s)
        return self


class NormalLatency(_Model):
    """Take a normally distributed time, cut off at zero."""

    law: Literal["normal"]
    mean_s: Seconds
    deviation_s: Seconds


class ExponentialLatency(_Model):
    """Take an exponentially distributed time, at most `at_most_s`."""

    law: Literal["exponential"]
    mean_s: Seconds
    at_most_s: Seconds


class SpikeLatency(_Model):
    """Take a uniform time usually; `spikes` per mille take `spike_s` longer."""

    law: Literal["spike"]
    low_s: Seconds
    high_s: Seconds
    spikes: PerMille
    spike_s: Seconds

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        _require_order(self.low_s, self.high_s)
        return self


Latency = Annotated[
    FixedLatency | UniformLatency | NormalLatency | ExponentialLatency | SpikeLatency,
    Field(discriminator="law"),
]


class Latencies(_Model):
    """Give the latency law of each service."""

    ordinary: Latency
    instant: Latency


class Capacity(_Model):
    """Limit the attempts per second of each service; None is unlimited."""

    ordinary: Annotated[float, Field(gt=0)] | None = None
    instant: Annotated[float, Field(gt=0)] | None = None


class Condition(_Model):
    """Describe what an attempt can meet; see profiles.toml for the kinds."""

    kind: Literal["deliver", "wait", "final", "silent"]
    error: ErrorCode
    state: Literal["UNDELIVERABLE", "REJECTED", "UNKNOWN"] | None = None
    subscriber: bool = False
    en: str
    zh: str

    @model_validator(mode="after")
    def _state_of_final(self) -> Self:
        if (self.kind == "final") != (self.state is not None):
            raise ValueError('state: given for kind = "final" and for no other')
        return self


class Profile(_Model):
    """Describe one behaviour of the whole network; mixes are per mille (see profiles.toml)."""

    en: str
    zh: str
    subscribers: dict[str, PerMille] = {}
    messages: dict[str, PerMille] = {}
    attempts: dict[str, PerMille] = {}
    latency: Latencies
    retries_s: Annotated[tuple[PositiveSeconds, ...], Field(min_length=1)]
    capacity: Capacity = Capacity()

    @model_validator(mode="after")
    def _at_most_all(self) -> Self:
        for name in MIXES:
            mix: dict[str, int] = getattr(self, name)
            if sum(mix.values()) > 1000:
                raise ValueError(f"{name}: {sum(mix.values())} per mille in all, at most 1000")
        return self


class Code(_Model):
    """Describe one error code of a receipt and whose failure it is."""

    err: Annotated[str, Field(min_length=1, max_length=16)]
    liability: Liability
    by_stat: dict[Stat, Liability] = {}
    stats: tuple[Stat, ...] = ()
    digits: Annotated[str, Field(pattern=r"^\d{3}$")] | None = None
    en: str
    zh: str


class Magic(_Model):
    """Describe one magic recipient by its last four digits; `01xx` stands for a hundred."""

    number: Annotated[str, Field(pattern=r"^(\d{4}|\d{2}xx)$")]
    condition: str | None = None
    recovers_after: Annotated[int, Field(ge=0)] = 0
    retry_s: PositiveSeconds | None = None
    delay_s: Seconds = 0.0
    fault: MagicFault | None = None
    response_delay_s: Seconds = 0.0
    en: str
    zh: str


class NetworkData(_Model):
    """Hold everything the simulated network is told."""

    default_validity_s: PositiveSeconds
    report_timeout_s: PositiveSeconds
    report_timeout_error: ErrorCode
    never_attempted_error: ErrorCode
    conditions: dict[str, Condition]
    profiles: dict[str, Profile]
    codes: tuple[Code, ...]
    default_liability: dict[Stat, Liability]
    default_by_prefix: dict[str, Liability]
    magic_prefix: Annotated[str, Field(pattern=r"^\d{7}$")]
    magic: tuple[Magic, ...]


class NetworkSettings(_Model):
    """Hold the settings file's `[network]` section: a profile and what to change of it."""

    profile: str = "perfect"
    subscribers: dict[str, PerMille] | None = None
    messages: dict[str, PerMille] | None = None
    attempts: dict[str, PerMille] | None = None
    ordinary_latency: Latency | None = None
    instant_latency: Latency | None = None
    retries_s: Annotated[tuple[PositiveSeconds, ...], Field(min_length=1)] | None = None
    capacity: Capacity | None = None
    default_validity_s: PositiveSeconds | None = None
    report_timeout_s: PositiveSeconds | None = None
    magic: bool = True
    seed: Annotated[int, Field(ge=0, le=2**63 - 1)] = 1
    """Start of every random draw: the same seed and input give the same outcomes."""


def _require_order(low_s: float, high_s: float) -> None:
    if low_s > high_s:
        raise ValueError(f"high_s: {high_s}, at least low_s ({low_s})")


def load_network(directory: Path | None = None) -> NetworkData:
    """Read and check the three files of `directory`, or the shipped ones.

    Raises NetworkDataError with every problem found, and OSError when a file can't be read.
    """
    source = directory or DATA / "network"
    return parse_network({name: (source / name).read_text("utf-8") for name in FILES})


def parse_network(texts: Mapping[str, str]) -> NetworkData:
    """Check the text of the three files, keyed by the names in `FILES`.

    Raises NetworkDataError with every problem found, each with its file and key.
    """
    problems: list[str] = []
    raw: dict[str, dict[str, object]] = {}
    for name in FILES:
        try:
            raw[name] = tomllib.loads(texts[name])
        except tomllib.TOMLDecodeError as error:
            problems.append(f"{name}: {error}")
    if problems:
        raise NetworkDataError(problems)
    merged, origin = _merge(raw)
    try:
        data = NetworkData.model_validate(merged)
    except ValidationError as error:
        raise NetworkDataError(_described(error, origin)) from error
    problems = [*_problems_of_profiles(data), *_problems_of_codes(data), *_problems_of_magic(data)]
    if problems:
        raise NetworkDataError(problems)
    return data


def _merge(raw: Mapping[str, dict[str, object]]) -> tuple[dict[str, object], dict[str, str]]:
    """Join the files into one table; say for each top key which file it came from."""
    codes = dict(raw["codes.toml"])
    groups = codes.get("codes")
    if isinstance(groups, dict):
        lists = [rows if isinstance(rows, list) else [rows] for rows in groups.values()]
        codes["codes"] = [row for rows in lists for row in rows]
    magic = dict(raw["magic.toml"])
    if "prefix" in magic:
        magic["magic_prefix"] = magic.pop("prefix")
    tables = {"profiles.toml": raw["profiles.toml"], "codes.toml": codes, "magic.toml": magic}
    merged = {key: value for table in tables.values() for key, value in table.items()}
    return merged, {key: name for name, table in tables.items() for key in table}


def _described(error: ValidationError, origin: Mapping[str, str]) -> list[str]:
    lines = []
    for item in error.errors():
        path = ".".join(str(part) for part in item["loc"])
        file = origin.get(str(item["loc"][0]), "network") if item["loc"] else "network"
        seen = "" if item["type"] == "missing" else f", seen {str(item['input'])[:60]!r}"
        lines.append(f"{file}: {path}: {item['msg']}{seen}")
    return lines


def _problems_of_profiles(data: NetworkData) -> list[str]:
    problems = []
    rows = data.conditions.items()
    allowed = {
        "subscribers": [name for name, row in rows if row.subscriber],
        "messages": [name for name, row in rows if row.kind in {"final", "silent"}],
        "attempts": [name for name, row in rows if row.kind == "wait"],
    }
    for name, profile in data.profiles.items():
        for key in MIXES:
            problems += [
                f"profiles.toml: profiles.{name}.{key}.{condition}: unknown, "
                f"one of {', '.join(allowed[key])}"
                for condition in getattr(profile, key)
                if condition not in allowed[key]
            ]
    active = data.conditions.get("active")
    if active is None or active.kind != "deliver":
        problems.append('profiles.toml: conditions.active: must be there, with kind = "deliver"')
    return problems


def _problems_of_codes(data: NetworkData) -> list[str]:
    counts = Counter(code.err for code in data.codes)
    counts.update(code.digits for code in data.codes if code.digits)
    problems = [f"codes.toml: {err}: listed {n} times" for err, n in counts.items() if n > 1]
    used = {f"conditions.{name}": condition.error for name, condition in data.conditions.items()}
    used["report_timeout_error"] = data.report_timeout_error
    used["never_attempted_error"] = data.never_attempted_error
    problems += [
        f"profiles.toml: {key}: error {error} is not in codes.toml"
        for key, error in used.items()
        if error not in counts
    ]
    missing = {"DELIVRD", "EXPIRED", "DELETED", "UNDELIV", "ACCEPTD", "UNKNOWN", "REJECTD"}
    missing -= set(data.default_liability)
    return problems + [f"codes.toml: default_liability.{stat}: missing" for stat in sorted(missing)]


def _problems_of_magic(data: NetworkData) -> list[str]:
    counts = Counter(magic.number for magic in data.magic)
    problems = [f"magic.toml: {number}: listed {n} times" for number, n in counts.items() if n > 1]
    return problems + [
        f"magic.toml: {magic.number}: condition {magic.condition} unknown, "
        f"one of {', '.join(sorted(data.conditions))}"
        for magic in data.magic
        if magic.condition is not None and magic.condition not in data.conditions
    ]


def adjusted(data: NetworkData, settings: NetworkSettings) -> NetworkData:
    """Give the data with the settings' changes made to the profile they name.

    Raises NetworkDataError when the profile or a condition is unknown or a mix exceeds 1000.
    """
    profile = data.profiles.get(settings.profile)
    if profile is None:
        known = ", ".join(sorted(data.profiles))
        raise NetworkDataError([f"network.profile: {settings.profile!r}, one of {known}"])
    latency = Latencies(
        ordinary=settings.ordinary_latency or profile.latency.ordinary,
        instant=settings.instant_latency or profile.latency.instant,
    )
    plain = (*MIXES, "retries_s", "capacity")
    changes = {key: value for key in plain if (value := getattr(settings, key)) is not None}
    try:
        profile = Profile.model_validate(
            {**_fields(profile), "latency": latency, **changes},
        )
    except ValidationError as error:
        raise NetworkDataError(f"network.{item['msg']}" for item in error.errors()) from error
    times = {
        key: value
        for key in ("default_validity_s", "report_timeout_s")
        if (value := getattr(settings, key)) is not None
    }
    profiles = {**data.profiles, settings.profile: profile}
    changed = data.model_copy(
        update={"profiles": profiles, **times, **({} if settings.magic else {"magic": ()})}
    )
    problems = _problems_of_profiles(changed)
    if problems:
        where = f"profiles.toml: profiles.{settings.profile}"
        raise NetworkDataError(problem.replace(where, "network") for problem in problems)
    return changed


def _fields(model: BaseModel) -> dict[str, object]:
    return {name: getattr(model, name) for name in type(model).model_fields}
