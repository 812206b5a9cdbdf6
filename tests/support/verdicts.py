"""Make contracts, registries and submissions whose verdicts are compared octet by octet.

Run as a program it prints a digest of many verdicts, for comparing processes:

    python -m tests.support.verdicts [--leaky]

`--leaky` adds a check that goes by `hash`, which differs from process to process.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec

from routing.event import Event
from routing.events import Submission, encode_batch
from routing.facts import Facts
from routing.message import Message, begin
from routing.registry_events import (
    ConsentGranted,
    ConsentWithdrawn,
    ListChanged,
    NumberPorted,
    OptedIn,
    OptedOut,
)
from routing.rules import AccountRules
from routing.standing_events import Suspended
from routing.verdict import TABLE, Check, Judge
from tests.support.rules import rules
from tests.support.samples import SAMPLES
from tests.support.submissions import ADVERTISEMENT, AT, submission

NUMBERS: Final = ("13300000001", "13300000002", "17700000003", "13800000004", "18600000005")
OTHERS: Final = ("13300000011", "17700000012", "13800000013", "18900000014")
"""Recipients that nothing else here speaks of."""
TEXTS: Final = (
    *(sample.text for sample in SAMPLES[:12]),
    ADVERTISEMENT,
    ADVERTISEMENT.removesuffix("，拒收请回复R"),
    "【示例警务】便民提醒服务，退订请携带身份证到窗口办理。",
    "【示例警务】测试词AAA（占位敏感词）",
    "【中国电信】尊敬的客户，请到营业厅更换实名卡。",
    "【某某商城】您的验证码是123456。",
    "您的验证码是123456，5分钟内有效。",
)
SENDERS: Final = ("106590990371", "10659099037101", "106590990999", "POLICE", "")
HOUR_S: Final = 3600.0
CATEGORIES: Final = ((), ("notice",), ("commercial", "reminder"))

DECLARED: Final[dict[str, Any]] = {
    "scope": {
        "entries": [
            {"from": "13300000000", "to": "13300099999"},
            {"number": "17700000003"},
            {"prefix": "1380000"},
        ]
    },
    "consents": {
        "entries": [{"prefix": "133"}, {"number": "17700000003"}, {"prefix": "1770000001"}]
    },
    "signatures": [
        {"text": "示例警务"},
        {"text": "示例政务", "access_numbers": ["10659099037101"]},
    ],
    "templates": [
        {"id": "T1", "text": SAMPLES[0].text.removeprefix("【示例警务】"), "service": "instant"},
        {"id": "T2", "text": "您的号码{number}，请到窗口办理。"},
        {"id": "T3", "text": "您的号码{number}，请到窗口办理！"},
    ],
    "template": {"required": True},
    "ads": {
        "permissions": [
            {"id": "B-1", "valid_from": "2026-01-01", "valid_to": "2026-02-25"},
            {"id": "B-2", "valid_from": "2026-02-25", "valid_to": "2026-12-31"},
        ]
    },
    "content": {"brands": ["占位牌"], "rules": [
        {"id": "a", "category": "vulgar", "words": ["窗口"], "action": "flag"},
        {"id": "b", "category": "brand", "words": ["车管"], "action": "flag"},
    ]},
    "time_windows": [{"category": "commercial", "opens": "08:00", "closes": "22:00"}],
    "routing": {"offnet_policy": "reject"},
}  # fmt: skip
"""What a contract declares, with rows in every list."""

MODES: Final = {"frequency": "enforce", "scope": "monitor", "content_unapproved": "monitor"}


def changes_of(number: str, kind: int, pick: int, at: float) -> Event:
    """Give one change of a registry that speaks of one number."""
    categories = CATEGORIES[pick % len(CATEGORIES)]
    match kind % 6:
        case 0:
            return ConsentGranted(at, number, categories, "web", f"DOC-{pick}")
        case 1:
            return ConsentWithdrawn(at, number, categories)
        case 2:
            return OptedOut(at, number, "", categories, "customer_service")
        case 3:
            return OptedIn(at, number, "", categories, "operator")
        case 4:
            name = ("black", "white", "red")[pick % 3]
            return ListChanged(at, name, number, reason=f"R-{pick}")
        case _:
            return NumberPorted(at, number, ("telecom", "mobile", "")[pick % 3])


def ruled(
    changes: Iterable[Event] = (), declared: dict[str, Any] | None = None, **modes: str
) -> AccountRules:
    """Compile rules whose registries have taken in the changes."""
    compiled = rules(declared or DECLARED, modes={**MODES, **modes})
    for change in changes:
        compiled.registries.apply(change)
    return compiled


def given(recipient: str, text: str, sender: str = SENDERS[0], at: float = AT) -> Submission:
    """Give a submission as the server makes it: without service and carrier."""
    fields = {"service": "", "carrier": "", "recipient": recipient, "text": text}
    return submission(**fields, sender=sender, at=at)


def verdict(judge: Judge, subject: Submission) -> bytes:
    """Judge a copy and give all that a journal would hold of it."""
    copy = msgspec.structs.replace(subject)
    judge.judge(copy, Facts())
    return encode_batch([copy])


def pass_by(judge: Judge, subjects: Iterable[Submission]) -> None:
    """Judge and count other submissions, as a gateway does."""
    for subject in subjects:
        copy = msgspec.structs.replace(subject)
        judge.judge(copy, Facts())
        if copy.accepted:
            judge.count(begin(copy))


def leaky(message: Message, compiled: AccountRules, facts: Facts) -> str | None:
    """Refuse by what differs from process to process."""
    return "by chance" if hash(message.recipient) % 2 else None


LEAKY: Final = (*TABLE, Check("window", "message", leaky))


def digest(table: tuple[Check, ...] = TABLE) -> str:
    """Give the SHA-256 of the verdicts on every number, text and sender."""
    changes = [changes_of(one, n, n, AT - HOUR_S) for n, one in enumerate(NUMBERS * 3)]
    changes.append(Suspended(AT + HOUR_S, 1, "police", "7.5", "op", "seen"))
    judge = Judge(ruled(changes), table)
    hasher = hashlib.sha256()
    for at in (AT, AT + 2 * HOUR_S):
        for number in NUMBERS:
            for text in TEXTS:
                for sender in SENDERS:
                    hasher.update(verdict(judge, given(number, text, sender, at)))
    return hasher.hexdigest()


def main(arguments: Sequence[str]) -> None:
    """Print the digest."""
    print(digest(LEAKY if "--leaky" in arguments else TABLE))  # noqa: T201 - it is a program


if __name__ == "__main__":
    main(sys.argv[1:])
