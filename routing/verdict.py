"""Walk the ordered table of checks over a submission and set its verdict.

The table is the whole policy: one row per check, in the order of the walk, which is

    enterprise, term, suspension, blocks -> service kind -> sender -> recipient -> faults -> speed,
    window, queue, times -> (reassembly) -> encoding, length -> signature -> prohibited words,
    impersonation, commercial content, hours, template -> scope -> consent -> refusals

All enforced and monitored checks run, all failures are recorded, and the first enforced one
decides; what a check only watches for (`Finding.watched`) is recorded as if it were monitored.
Checks that are off, that belong to a contract where there is none, or that can't fail for the
account (no throughput limit, say) are left out when the walk is compiled.

A message in one PDU goes through all rows (`Judge.judge`). A part of a concatenated message goes
through the rows of stage `segment` as it arrives (`judge_part`), and the message, once it is
whole, through those of stage `message` (`judge_whole`); rows of stage `both` run twice.

How a refusal shows: at stage `submit` by the command_status of the response. At stage `receipt`
the response says ESME_ROK and a receipt says REJECTD with the reason's error. A single PDU and a
part are refused at `submit`, a whole message at `receipt`, unless the account sets the stage of
the reason. `submit` for a whole message is the status of the part that completed it; the error is
set as well, for the receipts of the parts already answered.

The hot path is `judge` for a message in order: a few dictionary look-ups, and one call per check.
It is typed throughout and free of dynamic tricks, so that it can be compiled.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from smpp.constants import CommandStatus, Npi, Ton

from .checks import (
    addresses,
    content,
    flow,
    recipients,
    registered,
    standing,
    times,
    volumes,
    wording,
)
from .events import Failure, Submission
from .facts import Facts
from .finding import Finding
from .message import Message, begin
from .numbering import MSISDN_DIGITS, normalise_recipient
from .reasons import FAULT, INTERNAL, REASONS
from .rules import AccountRules, Rules

CheckFunction: TypeAlias = Callable[[Message, AccountRules, Facts], str | Finding | None]
Stage = Literal["segment", "message", "both"]
Stop = Literal["submit", "receipt"]
"""Where a refusal shows unless the account says otherwise."""

_ALPHANUMERIC: Final = int(Ton.ALPHANUMERIC)
_NO_TELEPHONE: Final = int(Npi.INTERNET)
"""Values below these two are certainly those of a telephone number; the others need a look."""
_ROK: Final = int(CommandStatus.ESME_ROK)


def _always(rules: AccountRules) -> bool:
    return True


def _foreign_enterprise(rules: AccountRules) -> bool:
    return not rules.enterprise_known


def _has_rate(rules: AccountRules) -> bool:
    return rules.throughput_rate > 0


def _answers_overflow(rules: AccountRules) -> bool:
    """Leave the window to the server where it is to stop reading or to close."""
    return rules.window_overflow in ("throttle", "queue_full")


def _rejects_offnet(rules: AccountRules) -> bool:
    return rules.rejects_offnet


def _has_hours(rules: AccountRules) -> bool:
    return rules.reader.hours.limited


def _wants_templates(rules: AccountRules) -> bool:
    return rules.registries.templates.rules.required


def _has_quota(rules: AccountRules) -> bool:
    return rules.registries.quota.limited


def _has_limits(rules: AccountRules) -> bool:
    return rules.registries.frequency.limited


@dataclass(frozen=True)
class Check:
    """Be one row of the table."""

    reason: str
    """Name of the check and of the reason it gives."""
    stage: Stage
    look: CheckFunction
    contract: bool = True
    """Whether it is a rule of the contract, so that it is left out where there is none."""
    applies: Callable[[AccountRules], bool] = _always
    """Whether it can fail at all for an account."""

    @property
    def clause(self) -> str:
        """Give the clause of the contract, or the section of SMPP, that it enforces."""
        return REASONS[self.reason].clause


TABLE: Final[tuple[Check, ...]] = (
    Check("enterprise_code", "segment", standing.enterprise_code, applies=_foreign_enterprise),
    Check("not_in_force", "segment", standing.not_in_force),
    Check("suspended", "segment", registered.suspended),
    Check("port_blocked", "segment", registered.port_blocked),
    Check("service_kind", "segment", standing.service_kind),
    Check("sender_missing", "segment", addresses.sender_missing),
    Check("sender_denied", "segment", addresses.sender_denied),
    Check("destination_invalid", "segment", addresses.destination_invalid),
    Check("offnet", "segment", registered.offnet, applies=_rejects_offnet),
    Check(FAULT, "segment", flow.fault, contract=False),
    Check("throughput", "segment", flow.throughput, contract=False, applies=_has_rate),
    Check("window", "segment", flow.window, contract=False, applies=_answers_overflow),
    Check("queue_full", "segment", flow.queue_full, contract=False),
    Check("expired_validity", "segment", times.expired_validity, contract=False),
    Check("schedule", "segment", times.schedule, contract=False),
    Check("quota", "message", volumes.quota, applies=_has_quota),
    Check("encoding", "message", content.encoding),
    Check("length", "both", content.length),
    Check("signature_missing", "message", content.signature_missing),
    Check("signature_mismatch", "message", content.signature_mismatch),
    Check("prohibited", "message", wording.prohibited),
    Check("impersonation", "message", wording.impersonation),
    Check("commercial", "message", wording.commercial),
    Check("time_window", "message", wording.time_window, applies=_has_hours),
    Check("content_unapproved", "message", wording.content_unapproved, applies=_wants_templates),
    Check("scope", "message", recipients.scope),
    Check("no_consent", "message", registered.no_consent),
    Check("opted_out", "message", registered.opted_out),
    Check("frequency", "message", volumes.frequency, applies=_has_limits),
)
"""Every check, in the order of the walk."""


COUNTING: Final = frozenset({"frequency", "quota"})
"""Checks that go by what was accepted before."""


def mode_of(check: Check, rules: AccountRules) -> str:
    """Give a check's mode under these rules: `enforce`, `monitor` or `off`."""
    if check.contract and not rules.checked:
        return "off"
    return rules.modes.get(check.reason, "enforce")


def compiled_rows(rules: AccountRules, table: tuple[Check, ...] = TABLE) -> tuple[Check, ...]:
    """Give the rows that can fail for this account, in order."""
    return tuple(
        check for check in table if mode_of(check, rules) != "off" and check.applies(rules)
    )


class Judge:
    """Judge the submissions of one account by one snapshot of the rules."""

    __slots__ = (
        "_all",
        "_counts",
        "_message",
        "_plan",
        "_rows",
        "_segment",
        "_service",
        "_services",
        "rules",
    )

    def __init__(self, rules: AccountRules, table: tuple[Check, ...] = TABLE) -> None:
        """Compile the walks; each row of the table needs a function of its own."""
        rows = compiled_rows(rules, table)
        self.rules = rules
        # The walks hold bare functions: a message in order never needs the rest of a row.
        self._rows = {row.look: row for row in rows}
        self._all = tuple(row.look for row in rows)
        self._segment = tuple(row.look for row in rows if row.stage != "message")
        self._message = tuple(row.look for row in rows if row.stage != "segment")
        names = {row.reason for row in rows}
        self._counts = not names.isdisjoint(COUNTING)
        self._plan = rules.plan.carriers
        self._services = rules.services.permitted
        self._service = rules.services.default

    def judge(self, submission: Submission, facts: Facts) -> None:
        """Judge a message that came in one PDU.

        The submission is fresh: accepted, without failures. Sets its service, carrier and rules,
        brings its recipient to 11 digits where that is possible, and sets accepted, status,
        reason, error and failures.
        """
        self._judge(self._all, submission, facts, "submit")

    def failures_of(self, message: Message, facts: Facts) -> list[Failure] | None:
        """Walk as `judge` does through a message made with `completed`; None: in order.

        The caller concludes with `conclude` where there are failures.
        """
        return self._walk(self._all, message, facts)

    def count(self, message: Message) -> None:
        """Count a message that was accepted, where a check goes by how many there were."""
        if self._counts:
            volumes.count(message, self.rules)

    def judge_part(self, submission: Submission, facts: Facts) -> None:
        """Judge one part of a concatenated message as it arrives (text: the part's, or "")."""
        self._judge(self._segment, submission, facts, "submit")

    def judge_whole(self, submission: Submission, facts: Facts) -> None:
        """Judge a concatenated message whose parts were admitted and are all there."""
        self._judge(self._message, submission, facts, "receipt")

    def _judge(
        self, looks: tuple[CheckFunction, ...], submission: Submission, facts: Facts, stage: Stop
    ) -> None:
        """Set what follows from the submission's own fields, walk, and set the verdict."""
        submission.rules = self.rules.version
        submission.service, submission.recipient, submission.carrier = self.completed(
            submission.service_type,
            submission.recipient,
            submission.dest_ton,
            submission.dest_npi,
        )
        failures = self._walk(looks, begin(submission), facts)
        if failures is not None:
            self.conclude(submission, facts, failures, stage)

    def completed(
        self, service_type: str, recipient: str, dest_ton: int, dest_npi: int
    ) -> tuple[str, str, str]:
        """Give service, recipient (11 digits where that is possible) and carrier ("": unknown)."""
        service = self._services.get(service_type, self._service)
        carrier = self._plan.get(recipient[:5], "")
        if (
            carrier
            and len(recipient) == MSISDN_DIGITS
            and recipient.isascii()
            and recipient.isdigit()
            and dest_ton < _ALPHANUMERIC
            and dest_npi < _NO_TELEPHONE
        ):
            return service, recipient, carrier
        number = normalise_recipient(recipient, dest_ton, dest_npi)
        if number is None:
            return service, recipient, ""
        return service, number, self._plan.get(number[:5], "")

    def _walk(
        self, looks: tuple[CheckFunction, ...], message: Message, facts: Facts
    ) -> list[Failure] | None:
        """Look through all checks; None where none failed."""
        rules = self.rules
        failures: list[Failure] | None = None
        for look in looks:
            try:
                found = look(message, rules, facts)
                if found is None:
                    continue
                failure = self._failure(look, found)
            except Exception as error:
                # Whatever went wrong: fail closed, and let the other checks have their say.
                failure = self._raised(look, error)
            if failures is None:
                failures = []
            failures.append(failure)
        return failures

    def _failure(self, look: CheckFunction, found: str | Finding) -> Failure:
        row = self._rows[look]
        mode = mode_of(row, self.rules)
        if isinstance(found, Finding):
            if found.watched:
                mode = "monitor"
            return Failure(
                row.reason, mode, found.en, found.zh, found.seen, found.allowed, found.rows
            )
        return Failure(row.reason, mode, found)

    def _raised(self, look: CheckFunction, error: Exception) -> Failure:
        """Refuse for a check that raised, whatever its mode: nobody can say it passed."""
        name = self._rows[look].reason
        return Failure(INTERNAL, "enforce", f"check {name}: {type(error).__name__}: {error}")

    def conclude(
        self, submission: Submission, facts: Facts, failures: list[Failure], stage: Stop = "submit"
    ) -> None:
        """Set the verdict that these failures make."""
        submission.failures = tuple(failures)
        for failure in failures:
            if failure.mode == "enforce":
                self._refuse(submission, facts, stage, failure.reason)
                return

    def _refuse(self, submission: Submission, facts: Facts, stage: str, reason: str) -> None:
        rules = self.rules
        chosen = rules.reject_stage.get(reason, stage)
        submission.accepted = False
        submission.reason = reason
        submission.status = _ROK
        if chosen == "submit":
            version = submission.interface_version
            submission.status = (
                facts.fault_status if reason == FAULT else rules.status_of(reason, version)
            )
        if chosen == "receipt" or stage == "receipt":
            submission.error = REASONS[reason].receipt_error(digits_only=rules.digits_only)


def compile_judges(rules: Rules) -> dict[str, Judge]:
    """Compile one judge per account, by system_id."""
    return {system_id: Judge(account) for system_id, account in rules.accounts.items()}
