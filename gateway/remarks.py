"""Say in the log, and count, what a gateway's parts tell of connections and processes."""

from __future__ import annotations

from collections.abc import Callable

from metrics.recorder import Recorder
from smpp.constants import CommandId

from .log import Log
from .seldom import Seldom


class Remarks:
    """Keep log and counters of what happens beside the messages."""

    def __init__(
        self, log: Log, recorder: Recorder, now: Callable[[], float], failed_binds: int
    ) -> None:
        """`now` gives monotonic seconds; `failed_binds` is how many bring the alarm about."""
        self._log = log
        self._recorder = recorder
        self._failed_binds = failed_binds
        self._seldom = Seldom(now)

    def bind_alarm(self, system_id: str, peer: str) -> None:
        """Tell of guesses at a password."""
        self._recorder.bind_alarm(system_id)
        why = f"{self._failed_binds} binds failed; more are refused for a while"
        self._log.warning("bind.alarm", system_id=system_id, peer=peer, why=why)

    def invited(self, account: str, address: str, why: str) -> None:
        """Say what became of an outbind; its pauses keep these lines few."""
        if why:
            self._log.warning("outbind.failed", account=account, peer=address, why=why)
        else:
            self._recorder.pdus("sent", CommandId.OUTBIND, 0)
            self._log.info("outbind.sent", account=account, peer=address)

    def turned_away(self, peer: str, reason: str, detail: str) -> None:
        """Count it, and say it now and then: whoever is turned away may come often."""
        self._recorder.connection_refused(reason)
        left_out = self._seldom.due(reason)
        if left_out is not None:
            self._log.warning(
                "connection.refused", peer=peer, reason=reason, why=detail, left_out=left_out
            )

    def check_broken(self, account: str, mistake: str) -> None:
        """Tell now and then of messages that no check could judge, which are refused."""
        left_out = self._seldom.due(mistake if mistake.startswith("check ") else "message")
        if left_out is not None:
            self._log.error("check.broken", account=account, why=mistake, left_out=left_out)

    def removed(self, months: tuple[str, ...], who: str) -> None:
        """Tell of months whose records need not be kept any more, and are gone."""
        self._log.info("records.removed", months=", ".join(months), who=who)

    def archiver_died(self, exit_code: int) -> None:
        """Tell of an archiver that ended unasked; it is started again."""
        self._log.warning("archiver.died", exit_code=exit_code)
