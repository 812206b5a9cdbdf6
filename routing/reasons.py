"""Define the closed list of reasons: why a message was refused, in every vocabulary at once.

One row per reason name. A row says which clause of the contract (or section of SMPP) the reason
comes from, the command_status under both status profiles, the three-character receipt error of a
message refused after reassembly, what a person reads, and what to change.

- `standard` uses only statuses of the SMPP 3.4 table (§5.1.3): common clients drop the session on
  a value they don't know. `vendor` gives each rule of the contract its own value out of the range
  0x400-0x4FF that SMPP 3.4 reserves for MC vendors; reasons of the protocol keep their status.
- Receipt errors start with 9 and a letter, away from the carriers' own three-digit codes; `digits`
  is the same for a peer that reads numbers only. 9A1-9A9 are the contract's rules, 9B0-9B9 the
  rest.
- SMPP 5.0 has statuses that 3.4 lacks; `STATUS_5_0` names those that sessions of 5.0 are given.
- A refusal at bind time has its own status: at bind ESME_RSUBMITFAIL would make no sense.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from smpp.constants import CommandStatus

StatusProfile = Literal["standard", "vendor"]
"""Which command_status a refusal carries."""

NONE: Final = "none"
"""The reason of an accepted message."""

INTERNAL: Final = "internal"
"""The reason of a message whose check raised: refused, since nobody can say it is in order."""

FAULT: Final = "fault"
"""The reason of a message refused by an injected fault; its status comes from the fault."""


@dataclass(slots=True, frozen=True)
class Reason:
    """Describe one reason: statuses are command_status values, errors are three characters."""

    name: str
    clause: str
    standard: int
    vendor: int
    error: str
    digits: str
    title: str
    title_zh: str
    advice: str

    def status(self, profile: StatusProfile) -> int:
        """Give the command_status of a submit_sm_resp under the profile."""
        return self.vendor if profile == "vendor" else self.standard

    def receipt_error(self, *, digits_only: bool = False) -> str:
        """Give the `err:` of a REJECTD receipt."""
        return self.digits if digits_only else self.error


def _row(
    name: str, clause: str, statuses: tuple[CommandStatus, int | None], errors: tuple[str, str],
    words: tuple[str, str, str],
) -> Reason:  # fmt: skip
    standard, vendor = statuses
    return Reason(
        name=name,
        clause=clause,
        standard=int(standard),
        vendor=int(standard) if vendor is None else vendor,
        error=errors[0],
        digits=errors[1],
        title=words[0],
        title_zh=words[1],
        advice=words[2],
    )


_OK = CommandStatus.ESME_ROK
_FAIL = CommandStatus.ESME_RSUBMITFAIL
_SOURCE = CommandStatus.ESME_RINVSRCADR
_DESTINATION = CommandStatus.ESME_RINVDSTADR
_THROTTLED = CommandStatus.ESME_RTHROTTLED
_QUEUE_FULL = CommandStatus.ESME_RMSGQFUL
_SYSTEM = CommandStatus.ESME_RSYSERR

# fmt: off
_TABLE: Final[tuple[Reason, ...]] = (
    _row("none", "", (_OK, None), ("", ""), (
        "Accepted", "已接受", "Nothing needs to change.")),
    _row("service_kind", "2.1", (CommandStatus.ESME_RINVSERTYP, 0x401), ("9B1", "941"), (
        "Service kind not contracted", "业务种类未签约",
        "Send it as a contracted kind: service_type of an ordinary or an instant message.")),
    _row("not_in_force", "10.1", (_FAIL, 0x402), ("9B0", "940"), (
        "Service term not in force", "不在服务期内",
        "Send within the service term, or renew the contract.")),
    _row("port_blocked", "7.3.1", (_FAIL, 0x403), ("9A8", "938"), (
        "Access number blocked for rectification", "端口屏蔽整改中",
        "Finish the rectification and have it confirmed; binds, receipts and uplink go on.")),
    _row("suspended", "7.5", (_FAIL, 0x404), ("9A8", "938"), (
        "Business suspended", "业务已中止",
        "Settle the cause of the suspension named in the notice.")),
    _row("enterprise_code", "3.2.2", (CommandStatus.ESME_RINVSYSID, 0x405), ("9B1", "941"), (
        "Enterprise code unknown", "企业代码不存在",
        "Bind with an account that belongs to the contract's enterprise code.")),
    _row("sender_missing", "3.1.9", (_SOURCE, None), ("9B2", "942"), (
        "No sender number", "未携带主叫号码",
        "Put one of the account's access numbers into source_addr.")),
    _row("sender_denied", "3.1.9", (_SOURCE, None), ("9B2", "942"), (
        "Sender is not an access number of this account", "主叫号码不属于该账号",
        "Use one of the account's access numbers, digits only, with a permitted extension.")),
    _row("destination_invalid", "1.9", (_DESTINATION, None), ("9B3", "943"), (
        "Recipient is not a mainland mobile number", "被叫号码不是大陆手机号码",
        "Give an 11-digit mobile number, with or without +86, 0086 or 86.")),
    _row("offnet", "1.8", (_DESTINATION, 0x406), ("9B3", "943"), (
        "Recipient is not on this carrier's network", "被叫号码不在本网",
        "Send it through the recipient's own carrier.")),
    _row("scope", "3.1.5", (_DESTINATION, 0x410), ("9A1", "931"), (
        "Recipient outside the declared user scope", "超出报备的用户范围",
        "Declare the number by the change procedure before sending to it.")),
    _row("no_consent", "3.1.7", (_FAIL, 0x411), ("9A2", "932"), (
        "No consent on record", "无用户同意记录",
        "Obtain and record the user's consent for this kind of message first.")),
    _row("opted_out", "3.1.8", (_FAIL, 0x412), ("9A3", "933"), (
        "The user has opted out", "用户已退订",
        "Take the number off the list; only the user can opt in again.")),
    _row("content_unapproved", "3.1.6", (_FAIL, 0x420), ("9A4", "934"), (
        "No approved template matches", "内容未经审批",
        "Use an approved template, or have this text approved.")),
    _row("signature_missing", "3.1.9", (_FAIL, 0x421), ("9A5", "935"), (
        "Enterprise signature missing", "缺少企业签名",
        "Begin the text with the registered signature in full-width brackets.")),
    _row("signature_mismatch", "3.1.9", (_FAIL, 0x422), ("9A5", "935"), (
        "Enterprise signature not registered for this number", "企业签名与端口报备不一致",
        "Use exactly one signature, one that is registered for this access number.")),
    _row("commercial", "3.1.8", (_FAIL, 0x423), ("9A6", "936"), (
        "Commercial content without permission", "未经许可的商业内容",
        "Obtain the carrier's prior permission, or let the user trigger the message.")),
    _row("prohibited", "annex 1.7", (_FAIL, 0x424), ("9A7", "937"), (
        "Prohibited content", "违禁内容", "Remove the prohibited words.")),
    _row("impersonation", "3.1.10", (_FAIL, 0x425), ("9A7", "937"), (
        "Passes as the carrier", "冒用运营商名义",
        "Don't write as if the carrier provided or co-provided the service.")),
    _row("time_window", "3.1.8", (_FAIL, 0x426), ("9A6", "936"), (
        "Outside the permitted hours", "不在允许的发送时段",
        "Send within the permitted hours, or schedule the message.")),
    _row("frequency", "3.1.1", (_THROTTLED, 0x430), ("9A9", "939"), (
        "Too many messages to this recipient", "超出单号码发送频次",
        "Wait before sending to this recipient again.")),
    _row("quota", "3.1.1", (_THROTTLED, 0x431), ("9A9", "939"), (
        "Quota used up", "超出发送配额", "Wait for the next day, or agree on a larger quota.")),
    _row("throughput", "3.1.12", (_THROTTLED, None), ("9B7", "947"), (
        "Faster than the agreed throughput", "超出约定速率",
        "Slow down to the agreed rate and send this message again.")),
    _row("window", "SMPP 3.4 §2.7", (_THROTTLED, None), ("9B7", "947"), (
        "More unanswered requests than the window", "超出窗口大小",
        "Wait for responses before sending further requests.")),
    _row("queue_full", "SMPP 3.4 §5.1.3", (_QUEUE_FULL, None), ("9B7", "947"), (
        "Queue full", "队列已满", "Wait for deliveries to finish and send this message again.")),
    _row("encoding", "SMPP 3.4 §5.2.19", (_FAIL, None), ("9B4", "944"), (
        "Text can't be decoded", "文本无法解码",
        "Encode the text as its data_coding says; for Chinese 8, UCS2 in big-endian order.")),
    _row("length", "SMPP 3.4 §5.2.21", (CommandStatus.ESME_RINVMSGLEN, None), ("9B5", "945"), (
        "Text too long", "文本超长", "Shorten the text, or send it as several messages.")),
    _row("expired_validity", "SMPP 3.4 §5.2.16", (CommandStatus.ESME_RINVEXPIRY, None),
         ("9B6", "946"), (
        "Validity period can't be used", "有效期无效",
        "Give a validity_period that is well formed, in the future and within the limit.")),
    _row("schedule", "SMPP 3.4 §5.2.15", (CommandStatus.ESME_RINVSCHED, None), ("9B6", "946"), (
        "Scheduled time can't be used", "定时时间无效",
        "Give a schedule_delivery_time that is well formed, within the limit and before the end "
        "of the validity period.")),
    _row("duplicate_segment", "SMPP 3.4 §5.3.2.22", (_FAIL, None), ("9B8", "948"), (
        "Another part with this index is already here", "长短信分段重复",
        "Use a new reference number for each concatenated message.")),
    _row("incomplete_message", "SMPP 3.4 §5.3.2.22", (_FAIL, None), ("9B8", "948"), (
        "Parts of the concatenated message are missing", "长短信分段不完整",
        "Send all parts within the time limit, with equal reference and total.")),
    _row("fault", "SMPP 3.4 §5.1.3", (_SYSTEM, None), ("9B9", "949"), (
        "Injected fault", "注入的故障",
        "None: this recipient or a fault rule asks for this answer.")),
    _row("internal", "3.2.1", (_SYSTEM, None), ("9B9", "949"), (
        "Internal error of the gateway", "网关内部错误",
        "Send it again later; the gateway's log names the cause.")),
)
# fmt: on

REASONS: Final[dict[str, Reason]] = {row.name: row for row in _TABLE}
"""Every reason by name, in the order of the closed list."""

STATUS_5_0: Final[dict[str, int]] = {"encoding": int(CommandStatus.ESME_RINVDCS)}
"""command_status in a session of SMPP 5.0, where its table (§4.7.6) has one that 3.4 lacks."""

BIND_STATUS: Final[dict[str, tuple[int, int]]] = {
    "not_in_force": (int(CommandStatus.ESME_RBINDFAIL), 0x402),
    "suspended": (int(CommandStatus.ESME_RBINDFAIL), 0x404),
}
"""(standard, vendor) command_status of a bind refused for this reason."""


def cited(clause: str) -> str:
    """Give a reason's source as a text cites it: `clause 3.1.9`, `annex 1.7`, `SMPP 3.4 §2.7`."""
    return f"clause {clause}" if clause[:1].isdigit() else clause


def reason(name: str) -> Reason:
    """Give the row of a reason.

    Raises ValueError naming the closed list when there is no such reason.
    """
    row = REASONS.get(name)
    if row is None:
        raise ValueError(f"reason {name!r}: not one of {', '.join(REASONS)}")
    return row
