"""Hold what a check must know beside the submission and the rules: the state of the moment.

One object per session or account, kept and overwritten by the server for each message: making a
new one would cost more than most checks.
"""

from __future__ import annotations

from .limits import TokenBucket


class Facts:
    """State the moment's facts about one submission; the defaults are those of an idle gateway.

    Only the throughput check changes anything: it takes tokens from `bucket`.
    """

    __slots__ = (
        "bucket",
        "continues",
        "fault_status",
        "full",
        "now",
        "outstanding",
        "part_octets",
        "part_total",
        "queued",
        "schedule_error",
        "text_error",
        "validity_error",
    )

    def __init__(self, now: float = 0.0, bucket: TokenBucket | None = None) -> None:
        self.now = now
        """Monotonic seconds, for the bucket."""
        self.bucket = bucket
        """The account's throughput; None without a limit."""
        self.outstanding = 0
        """Requests of the session without a response, this one included."""
        self.queued = 0
        """Accepted messages of the account without a final state."""
        self.full = ""
        """What else is full (the gateway as a whole, the disk), as a sentence; "" = nothing."""
        self.text_error = ""
        """Why the text can't be decoded or is suspicious; "" = it is in order."""
        self.validity_error = ""
        """Why validity_period can't be read; "" = it can."""
        self.schedule_error = ""
        """Why schedule_delivery_time can't be read; "" = it can."""
        self.fault_status = 0
        """command_status that an injected fault asks for; 0 = no such fault."""
        self.part_octets = 0
        """User data of the (longest) part of a concatenated message with its header; 0 = single."""
        self.part_total = 0
        """Parts of the concatenated message this part belongs to; 0 = single."""
        self.continues = False
        """Whether another part of this message was admitted before."""

    def for_dry_run(self) -> Facts:
        """Give a copy whose bucket is a copy, so that nothing is used up."""
        twin = Facts(self.now, None if self.bucket is None else self.bucket.copy())
        twin.outstanding = self.outstanding
        twin.queued = self.queued
        twin.full = self.full
        twin.text_error = self.text_error
        twin.validity_error = self.validity_error
        twin.schedule_error = self.schedule_error
        twin.fault_status = self.fault_status
        twin.part_octets = self.part_octets
        twin.part_total = self.part_total
        twin.continues = self.continues
        return twin
