"""Name the reasons a message can be rejected for and the mode of each check."""

from typing import Literal, get_args

from .section import Section

CheckName = Literal[
    "service_kind",
    "not_in_force",
    "port_blocked",
    "suspended",
    "enterprise_code",
    "sender_missing",
    "sender_denied",
    "destination_invalid",
    "offnet",
    "scope",
    "no_consent",
    "opted_out",
    "content_unapproved",
    "signature_missing",
    "signature_mismatch",
    "commercial",
    "prohibited",
    "impersonation",
    "time_window",
    "frequency",
    "quota",
    "throughput",
    "window",
    "queue_full",
    "encoding",
    "length",
    "expired_validity",
    "schedule",
    "duplicate_segment",
    "incomplete_message",
]
"""Every reason that a check gives, in the order of the reason list."""

ReasonName = CheckName
Mode = Literal["enforce", "monitor", "off"]

CHECK_NAMES: tuple[CheckName, ...] = get_args(CheckName)


class Checks(Section):
    """Give the mode of each check: reject, accept but record, or do not look."""

    service_kind: Mode = "enforce"
    not_in_force: Mode = "enforce"
    port_blocked: Mode = "enforce"
    suspended: Mode = "enforce"
    enterprise_code: Mode = "enforce"
    sender_missing: Mode = "enforce"
    sender_denied: Mode = "enforce"
    destination_invalid: Mode = "enforce"
    offnet: Mode = "enforce"
    scope: Mode = "enforce"
    no_consent: Mode = "enforce"
    opted_out: Mode = "enforce"
    content_unapproved: Mode = "enforce"
    signature_missing: Mode = "enforce"
    signature_mismatch: Mode = "enforce"
    commercial: Mode = "enforce"
    prohibited: Mode = "enforce"
    impersonation: Mode = "enforce"
    time_window: Mode = "enforce"
    frequency: Mode = "enforce"
    quota: Mode = "enforce"
    throughput: Mode = "enforce"
    window: Mode = "enforce"
    queue_full: Mode = "enforce"
    encoding: Mode = "enforce"
    length: Mode = "enforce"
    expired_validity: Mode = "enforce"
    schedule: Mode = "enforce"
    duplicate_segment: Mode = "enforce"
    incomplete_message: Mode = "enforce"

    def modes(self) -> dict[CheckName, Mode]:
        """Give the mode of every check by its name, in the order of the reason list."""
        return {name: getattr(self, name) for name in CHECK_NAMES}
