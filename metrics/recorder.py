"""Record what the gateway does and show it to Prometheus.

One `Recorder` belongs to one gateway, so that two gateways can run in one process. It is used on
the event loop's thread alone; `freeze` copies the numbers there, and the copy may be written out
in another thread: with a hundred accounts that takes longer than the loop may be held up. Every
method takes a count, so that a batch is one call. Values outside the closed lists of `instruments`
are recorded as `unknown` or `other`: what a peer sends makes no new series.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import product
from math import nan
from typing import Protocol, TypeAlias

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import Metric

from . import instruments as i
from .breaches.cases import MOVES
from .breaches.rows import GRADES
from .instruments import Instrument
from .office_gauges import OfficeGauges
from .sla.windows import WINDOWS
from .sla_gauges import CLASSES, SlaGauges
from .tally import Distribution, Labels, Tally, read_family

_CommandKey: TypeAlias = tuple[str, int, int]

_NO_STATUS = -1
_NO_COMMAND = -1


def _nothing() -> Mapping[str, int]:
    return {}


def _no_pairs() -> Mapping[tuple[str, str], int]:
    return {}


def _zero() -> int:
    return 0


@dataclass(slots=True, frozen=True)
class Readings:
    """Hold what is read at each scrape; a configured account that is missing reads 0.

    `sessions` by (account, bind_type), `window` by (account, direction). `pdus` gives what was
    counted elsewhere since it was last asked: direction, command_id, how many.
    """

    sessions: Callable[[], Mapping[tuple[str, str], int]] = field(default=_no_pairs)
    window: Callable[[], Mapping[tuple[str, str], int]] = field(default=_no_pairs)
    in_flight: Callable[[], Mapping[str, int]] = field(default=_nothing)
    receipts_pending: Callable[[], Mapping[str, int]] = field(default=_nothing)
    archive_lag: Callable[[], int] = field(default=_zero)
    pdus: Callable[[], Iterable[tuple[str, int, int]]] = field(default=tuple)
    office: Callable[[], OfficeGauges] = field(default=OfficeGauges)
    sla: Callable[[], SlaGauges] = field(default=SlaGauges)
    term_ends: Callable[[], float] = field(default=_zero)
    faults: Callable[[], int] = field(default=_zero)


class _Source(Protocol):
    """Be what counts for one instrument."""

    @property
    def name(self) -> str: ...
    def copy(self) -> _Source: ...
    def family(self) -> Metric: ...


class _Frozen:
    """Collect what was frozen, as `prometheus_client` asks for it."""

    def __init__(self, families: Sequence[Callable[[], Metric]]) -> None:
        self._families = families

    def collect(self) -> Iterator[Metric]:
        return (family() for family in self._families)

    def describe(self) -> list[Metric]:
        """Say that no names need checking: each registry of these has one owner."""
        return []


class Recorder:
    """Count and measure for one gateway."""

    def __init__(self, accounts: Iterable[str], carriers: Iterable[str], version: str) -> None:
        """Create every series of the configured accounts and carriers at 0."""
        self._version = version
        self._accounts = frozenset(accounts)
        self._carriers = frozenset(carriers)
        self._readings = Readings()
        known = sorted(self._accounts)
        everyone = [*known, i.UNKNOWN_ACCOUNT]
        self._binds: Tally[tuple[str, str, int]] = Tally(
            i.BINDS, _bind_labels, product(everyone, i.BIND_TYPES, (0, 0x0D))
        )
        self._bind_checks = _plain(i.BIND_CHECKS, product(i.BIND_CHECK_RESULTS))
        self._bind_alarms = _plain(i.BIND_ALARMS, product(everyone))
        self._refused = _plain(i.CONNECTIONS_REFUSED, product(i.REFUSAL_REASONS))
        self._closed = _plain(i.SESSIONS_CLOSED, product(known, i.CLOSE_REASONS))
        self._pdus: Tally[_CommandKey] = Tally(i.PDUS, _pdu_labels, _pdu_keys())
        self._faults = _plain(i.SMPP_FAULTS, product(i.FAULTS))
        self._requests: Distribution[int] = Distribution(
            i.REQUEST_DURATION, _command_labels, map(int, i.REQUESTS)
        )
        self._submits = _plain(i.SUBMITS, _submit_keys(known))
        self._finals: Tally[tuple[str, str, str, int, str]] = Tally(
            i.FINALS, _final_labels, _final_keys(known, sorted(self._carriers))
        )
        self._delivery: Distribution[tuple[str, int]] = Distribution(
            i.DELIVERY_DURATION, _delivery_labels, product(i.SERVICES, i.STATES)
        )
        self._receipts = _plain(i.RECEIPTS, product(known, i.RECEIPT_RESULTS))
        self._mo = _plain(i.MO, product(everyone, i.MO_RESULTS))
        self._commit: Distribution[Labels] = Distribution(i.COMMIT_DURATION, _same, [()])
        self._batch: Distribution[Labels] = Distribution(i.BATCH_EVENTS, _same, [()])
        self._lag: Distribution[Labels] = Distribution(i.LOOP_LAG, _same, [()])

    def read_from(self, readings: Readings) -> None:
        """Say where the gauges are read, once the parts of the gateway exist."""
        self._readings = readings

    # -- sessions ---------------------------------------------------------------------------

    def bind(self, system_id: str, bind_type: str, status: int) -> None:
        """Count an answered bind; `bind_type` tx, rx or trx, `status` the command_status."""
        self._binds.add((self._account(system_id), bind_type, _status(status)))

    def bind_check(self, result: str) -> None:
        """Count a bind by what checking its password cost."""
        self._bind_checks.add((result if result in i.BIND_CHECK_RESULTS else i.OTHER,))

    def bind_alarm(self, system_id: str) -> None:
        """Count an id that is refused from an address, since it failed too often from there."""
        self._bind_alarms.add((self._account(system_id),))

    def connection_refused(self, reason: str) -> None:
        """Count a connection turned away before any PDU."""
        self._refused.add((reason if reason in i.REFUSAL_REASONS else i.OTHER,))

    def session_closed(self, account: str, reason: str) -> None:
        """Count the end of a session that was bound."""
        known = reason if reason in i.CLOSE_REASONS else i.OTHER
        self._closed.add((self._account(account), known))

    def pdus(self, direction: str, command_id: int, status: int, n: int = 1) -> None:
        """Count PDUs `received` or `sent`."""
        if command_id not in i.COMMANDS:
            command_id = _NO_COMMAND
        self._pdus.add((direction, command_id, _status(status)), n)

    def requests(self, command_id: int, duration_s: float, n: int = 1) -> None:
        """Take in the time that `n` requests answered together took."""
        if command_id in i.COMMANDS:
            self._requests.observe(command_id, duration_s, n)

    def fault(self, fault: str, n: int = 1) -> None:
        """Count misbehaviour on purpose."""
        self._faults.add((fault if fault in i.FAULTS else i.OTHER,), n)

    # -- messages ---------------------------------------------------------------------------

    def submits(self, account: str, service: str, result: str, reason: str, n: int = 1) -> None:
        """Count verdicts: `accepted` (reason `none`) or `rejected`."""
        self._submits.add((account, _service(service), result, reason), n)

    def finals(
        self,
        account: str,
        service: str,
        carrier: str,
        state: int,
        liability: str,
        durations_s: Sequence[float],
    ) -> None:
        """Count messages that ended alike; `durations_s` has one entry per message."""
        known = carrier if carrier in self._carriers else i.OTHER
        service = _service(service)
        self._finals.add(
            (self._account(account), service, known, state, liability), len(durations_s)
        )
        # Messages of one batch that nothing delayed all took the same time.
        for duration_s, n in Counter(durations_s).items():
            self._delivery.observe((service, state), duration_s, n)

    def receipts(self, account: str, result: str, n: int = 1) -> None:
        """Count receipts `sent`, `acknowledged`, `refused` or `dropped`."""
        self._receipts.add((self._account(account), result), n)

    def mo(self, account: str, result: str, n: int = 1) -> None:
        """Count uplink messages `received`, `acknowledged`, `refused` or `dropped`."""
        self._mo.add((self._account(account), result), n)

    # -- the gateway itself -----------------------------------------------------------------

    def commit(self, duration_s: float, events: int) -> None:
        """Take in one durable commit of the journal."""
        self._commit.observe((), duration_s)
        self._batch.observe((), events)

    def loop_lag(self, lag_s: float) -> None:
        """Take in how late the event loop woke."""
        self._lag.observe((), lag_s)

    def freeze(self) -> CollectorRegistry:
        """Give a registry that shows this moment's values, in the order of the instruments.

        It holds the figures of the process (`process_…`) too, which are read when it is written.
        """
        read = self._readings
        for direction, command_id, n in read.pdus():
            self.pdus(direction, command_id, 0, n)
        known = sorted(self._accounts)
        office, sla = read.office(), read.sla()
        gauges: list[tuple[Instrument, Mapping[Labels, float]]] = [
            (i.BUILD_INFO, {(self._version,): 1}),
            (i.SESSIONS, _filled(product(known, i.BIND_TYPES), read.sessions())),
            (i.WINDOW, _filled(product(known, i.DIRECTIONS), read.window())),
            (i.IN_FLIGHT, _by_account(known, read.in_flight())),
            (i.RECEIPTS_PENDING, _by_account(known, read.receipts_pending())),
            (i.ARCHIVE_LAG, {(): read.archive_lag()}),
            (i.SLA_OBJECTIVE, {(): office.objective}),
            (i.SLA_RATIO, {**dict.fromkeys(product(WINDOWS), nan), **sla.ratio}),
            (i.SLA_SEGMENTS, {**dict.fromkeys(product(WINDOWS, CLASSES), 0.0), **sla.segments}),
            (i.SLA_MET, {**dict.fromkeys(product(WINDOWS), 1.0), **sla.met}),
            (i.SLA_AS_OF, {(): sla.as_of}),
            (i.RECONCILIATION, {(): sla.difference}),
            (i.BILLED, {**dict.fromkeys(product(known, ("mt", "mo")), 0.0), **sla.billed}),
            (i.TERM_ENDS, {(): read.term_ends()}),
            (i.FAULTS_ACTIVE, {(): read.faults()}),
            (i.COMPLAINTS, _filled(i.COMPLAINT_COUNTS, office.complaints)),
            (i.BREACHES, _filled(product(GRADES, MOVES), office.breaches)),
            (i.PORTS_BLOCKED, {(): office.ports_blocked}),
        ]
        families: dict[str, Callable[[], Metric]] = {
            gauge.name: partial(read_family, gauge, values) for gauge, values in gauges
        }
        families |= {source.name: source.copy().family for source in self._sources()}
        registry = CollectorRegistry()
        registry.register(_Frozen([families[instrument.name] for instrument in i.INSTRUMENTS]))
        ProcessCollector(registry=registry)
        return registry

    def _sources(self) -> Iterator[_Source]:
        yield from (self._binds, self._bind_checks, self._bind_alarms, self._refused)
        yield from (self._closed, self._pdus, self._faults, self._requests)
        yield from (self._submits, self._finals, self._delivery, self._receipts, self._mo)
        yield from (self._commit, self._batch, self._lag)

    def _account(self, name: str) -> str:
        return name if name in self._accounts else i.UNKNOWN_ACCOUNT


# -- keys and labels -------------------------------------------------------------------------------


def _plain(instrument: Instrument, keys: Iterable[Labels]) -> Tally[Labels]:
    return Tally(instrument, _same, keys)


def _same(key: Labels) -> Labels:
    return key


def _service(name: str) -> str:
    return name if name in i.SERVICES else i.OTHER


def _status(status: int) -> int:
    return status if status in i.STATUSES else _NO_STATUS


def _bind_labels(key: tuple[str, str, int]) -> Labels:
    return key[0], key[1], i.STATUSES.get(key[2], i.OTHER)


def _pdu_labels(key: _CommandKey) -> Labels:
    return key[0], i.COMMANDS.get(key[1], i.OTHER), i.STATUSES.get(key[2], i.OTHER)


def _command_labels(key: int) -> Labels:
    return (i.COMMANDS[key],)


def _final_labels(key: tuple[str, str, str, int, str]) -> Labels:
    return key[0], key[1], key[2], i.STATES.get(key[3], i.OTHER), key[4]


def _delivery_labels(key: tuple[str, int]) -> Labels:
    return key[0], i.STATES.get(key[1], i.OTHER)


def _pdu_keys() -> Iterator[_CommandKey]:
    """Give the PDUs of every session's life with ESME_ROK."""
    return product(i.DIRECTIONS, i.COMMANDS, (0,))


def _submit_keys(accounts: Iterable[str]) -> Iterator[Labels]:
    for account, service in product(accounts, i.SERVICES):
        yield account, service, i.RESULTS[0], i.ACCEPTED_REASON
        for reason in i.REJECTIONS:
            yield account, service, i.RESULTS[1], reason


def _final_keys(
    accounts: Iterable[str], carriers: Iterable[str]
) -> Iterator[tuple[str, str, str, int, str]]:
    number_of = {name: state for state, name in i.STATES.items()}
    for account, service, carrier in product(accounts, i.SERVICES, carriers):
        for state, liability in i.ENDS:
            yield account, service, carrier, number_of[state], liability


def _filled(keys: Iterable[Labels], values: Mapping[tuple[str, str], int]) -> dict[Labels, float]:
    filled: dict[Labels, float] = dict.fromkeys(keys, 0)
    filled.update(values.items())
    return filled


def _by_account(accounts: Iterable[str], values: Mapping[str, int]) -> dict[Labels, float]:
    return {**{(name,): 0 for name in accounts}, **{(name,): n for name, n in values.items()}}
