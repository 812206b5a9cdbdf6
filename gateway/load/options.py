"""Say what a load run does; everything about it is decided here before a connection opens."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

from smpp.concat import SplitMethod
from smpp.constants import RECEIPT_ALWAYS, RECEIPT_NONE

from .submission import SubmitOptions
from .thresholds import Threshold, parse_threshold

DEFAULT_TEXT = (
    "【示例警务】紧急提醒：您可能正在遭遇电信网络诈骗，请立即停止转账汇款，不要透露验证码。"
    "如需帮助请拨打96110或110。"
)
"""An emergency's warning: of the samples the one that no limit of frequency touches, however many
messages a run sends to how few recipients."""
LoadMode = Literal["trx", "tx+rx", "tx"]
"""trx: each bind sends and receives; tx+rx: each is a pair of sessions; tx: no receiver at all."""

CLOSED_WINDOW = 100
OPEN_WINDOW = 1000


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """Describe one load run. Times are seconds, rates messages (submit_sm) per second in total.

    `rate` None is the closed loop: each bind keeps `window` requests outstanding. A rate is the
    open loop: messages fall due by the clock whatever the gateway does, and their latency counts
    from when they were due. `rate` 0 only holds the binds. `window` None means 100 closed and
    1,000 open. The run sends for `warmup_s`, which is not measured (None: 1 s, or none with
    `count`), and `duration_s`, or until `count` messages are sent; then it waits up to `drain_s`
    for what is missing.

    `recipients` is a number or an inclusive range "first-last", sent to in turn. `traffic` is a
    JSON Lines file to send in place of `text`, over and over; with `pace` it follows the times
    of its lines, `pace` times as fast. `thresholds` are expressions like "p99<20ms".
    """

    host: str = "127.0.0.1"
    port: int = 2775
    system_id: str = "police"
    password: str = field(default="secret08", repr=False)
    mode: LoadMode = "trx"
    binds: int = 10
    window: int | None = None
    rate: float | None = None
    duration_s: float = 10.0
    count: int | None = None
    warmup_s: float | None = None
    drain_s: float = 10.0
    receipts: bool = True
    sender: str = "106590990371"
    recipients: str = "13300000000-13300099999"
    text: str = DEFAULT_TEXT
    data_coding: int | None = None
    service_type: str = ""
    method: SplitMethod = "udh8"
    schedule_delivery_time: str = ""
    validity_period: str = ""
    traffic: Path | None = None
    pace: float | None = None
    processes: int = 1
    thresholds: tuple[str, ...] = ()
    interface_version: int = 0x34
    tls: bool = False
    tls_ca: Path | None = None
    tls_verify: bool = True
    connect_timeout_s: float = 10.0
    response_s: float = 60.0

    def __post_init__(self) -> None:
        """Raise ValueError with everything that is wrong."""
        problems = [text for bad, text in self._rules() if bad]
        for expression in self.thresholds:
            try:
                parse_threshold(expression)
            except ValueError as error:
                problems.append(str(error))
        try:
            self.recipient_range()
        except ValueError as error:
            problems.append(str(error))
        if problems:
            raise ValueError("; ".join(problems))

    def _rules(self) -> list[tuple[bool, str]]:
        return [
            (self.mode not in get_args(LoadMode), f"mode: {self.mode!r}, allowed trx, tx+rx, tx"),
            (not 0 < self.port < 65536, f"port: {self.port}, allowed 1 to 65535"),
            (self.binds < 1, f"binds: {self.binds}, at least 1"),
            (self.processes < 1, f"processes: {self.processes}, at least 1"),
            (
                self.processes > self.binds >= 1,
                f"processes: {self.processes}, at most one for each of the {self.binds} binds",
            ),
            (self.window is not None and self.window < 1, f"window: {self.window}, at least 1"),
            (self.rate is not None and self.rate < 0, f"rate: {self.rate}, at least 0"),
            (self.duration_s <= 0, f"duration: {self.duration_s} s, more than 0"),
            (self.count is not None and self.count < 1, f"count: {self.count}, at least 1"),
            ((self.warmup_s or 0) < 0, f"warm-up: {self.warmup_s} s, at least 0"),
            (self.drain_s < 0, f"drain: {self.drain_s} s, at least 0"),
            (self.pace is not None and self.pace <= 0, f"pace: {self.pace}, more than 0"),
            (
                self.pace is not None and self.traffic is None,
                "pace: needs a traffic file, whose times it follows",
            ),
            (
                self.pace is not None and self.rate is not None,
                "pace and rate: only one of both, each says when messages are due",
            ),
        ]

    def recipient_range(self) -> tuple[int, int, int]:
        """Give the first recipient, the last, and the digits they are written with."""
        first, dash, last = self.recipients.partition("-")
        last = last if dash else first
        if not (first.isdigit() and last.isdigit() and len(first) == len(last)):
            raise ValueError(
                f"recipients: {self.recipients!r}, wanted a number or first-last of equal length"
            )
        if int(first) > int(last):
            raise ValueError(f"recipients: {self.recipients!r}, the first is above the last")
        return int(first), int(last), len(first)

    @property
    def open_loop(self) -> bool:
        return self.rate is not None or self.pace is not None

    @property
    def effective_window(self) -> int:
        """Give the window of each bind."""
        if self.window is not None:
            return self.window
        return OPEN_WINDOW if self.open_loop else CLOSED_WINDOW

    @property
    def effective_warmup_s(self) -> float:
        if self.warmup_s is not None:
            return self.warmup_s
        return 0.0 if self.count is not None else 1.0

    def submit_options(self) -> SubmitOptions:
        """Give how each text is submitted."""
        return SubmitOptions(
            data_coding=self.data_coding,
            method=self.method,
            registered_delivery=RECEIPT_ALWAYS if self.receipts else RECEIPT_NONE,
            service_type=self.service_type,
            schedule_delivery_time=self.schedule_delivery_time,
            validity_period=self.validity_period,
        )

    def parsed_thresholds(self) -> list[Threshold]:
        return [parse_threshold(expression) for expression in self.thresholds]

    def ssl_context(self) -> ssl.SSLContext | None:
        """Give the TLS settings; None without TLS. Raises OSError for a bad CA file."""
        if not self.tls:
            return None
        context = ssl.create_default_context(cafile=self.tls_ca)
        if not self.tls_verify:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context
