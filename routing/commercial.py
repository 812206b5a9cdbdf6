"""Judge commercial messages: permission, consent, the user's own request, the way to refuse.

Clause 3.1.8: nothing commercial without party B's prior permission, save where the user asked for
it (用户主动触发). Clause 3.1.7 and annex 1 item 10(3): nothing commercial without the user's
consent. `ads.requires` says which of the two is wanted, both by default. A message within
`ads.trigger_window_h` of an uplink message from its recipient to the same access number was asked
for, and needs neither. Every commercial message says how to refuse further ones, by a reply that
this gateway obeys, without conditions (breach row 20); that a text says so doesn't make it
commercial.

Beside its finding the check gives the rows of clause 7.3 that the message is evidence for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final, TypeAlias

from config.commercial_words import CommercialWords
from config.content import AdPermission, AdRules, OptOutRules
from config.section import SHANGHAI

from .classification import Classification
from .finding import Finding

LastMoAt: TypeAlias = Callable[[str, str], float | None]
"""Gives the time of the last uplink message of a number to an access number, None for none.

The access number is the message's sender, with its extension; whether a message to the number
without it counts too is for the look-up to say.
"""

HasConsent: TypeAlias = Callable[[str, float], bool]
"""Says whether a number has consented to commercial messages at that moment."""

ROW_OBSTACLE: Final = 20
ROW_UNSIGNED: Final = 21
ROW_UNPERMITTED: Final = 23

_HOUR_S: Final = 3600.0
_SHOWN: Final = 3
"""Finds that a sentence names."""


@dataclass(slots=True, frozen=True)
class AdJudgement:
    """Say what was found about a message, and which rows of clause 7.3 it is evidence for."""

    finding: Finding | None = None
    rows: tuple[int, ...] = ()
    permission: str = ""
    """The permission it was sent by."""
    triggered: bool = False
    """Whether the user asked for it."""


_IN_ORDER: Final = AdJudgement()


@dataclass(slots=True, frozen=True)
class _Permission:
    id: str
    starts_at: float
    ends_at: float


class Permissions:
    """Hold party B's permissions by access number, in the order of their times."""

    __slots__ = ("_by_number", "_lengths")

    def __init__(self, permissions: Iterable[AdPermission]) -> None:
        """File them; a permission without access numbers is for all of them."""
        self._by_number: dict[str, list[_Permission]] = {}
        for given in permissions:
            permission = _Permission(
                given.id, given.valid_from.timestamp(), given.valid_to.timestamp()
            )
            for number in given.access_numbers or ("",):
                self._by_number.setdefault(number, []).append(permission)
        for found in self._by_number.values():
            found.sort(key=lambda p: (p.starts_at, p.id))
        self._lengths = sorted({len(number) for number in self._by_number}, reverse=True)

    def of(self, sender: str) -> list[_Permission]:
        """Give those of a sender, those of its longest part first, whatever their times."""
        found: list[_Permission] = []
        for length in self._lengths:
            if length <= len(sender):
                found += self._by_number.get(sender[:length], ())
        return found

    def valid(self, sender: str, at: float) -> str:
        """Give the id of a permission in force for a sender, "" for none."""
        for permission in self.of(sender):
            if permission.starts_at <= at < permission.ends_at:
                return permission.id
        return ""


class OptOutWording:
    """Find in a text how to refuse further messages, and what stands in the way of it.

    The forms are those in use: 拒收请回复R, 回T退订, 退订回T, 回TD退订, 退订回复N, 回复退订, and a
    TD at the end. Only replies that the gateway takes for a refusal count. Texts and keywords
    have gone through the same `fold`.
    """

    __slots__ = ("_obstacle", "_way", "example")

    def __init__(
        self,
        rules: OptOutRules,
        obstacles: Iterable[str] = (),
        fold: Callable[[str], str] = str,
    ) -> None:
        keywords = {fold(word) for word in (*rules.keywords, *rules.keywords_all)}
        letters = _listed(word for word in keywords if word.isascii())
        words = _listed(word for word in keywords if not word.isascii())
        refuse = "(?:退订|拒收|取消订阅)"
        reply = "(?:回复?|发送?|编辑(?:短信)?)[“”\"'‘’：: ]{0,2}"
        self._way = re.compile(
            rf"{refuse}(?:请|可)?(?:{reply})?[：: ]?(?:{letters})(?![0-9A-Za-z])"
            rf"|{reply}(?:{letters})[“”\"'‘’ ]{{0,2}}(?:即可|可以|可|以)?{refuse}"
            rf"|(?<![0-9A-Za-z])(?:{letters}){refuse}"
            rf"|{reply}(?:{words})"
            rf"|(?<![0-9A-Za-z])(?:{_listed(keywords & {fold('TD')})})[。.]?\Z"
        )
        listed = _listed(fold(word) for word in obstacles)
        self._obstacle = re.compile(rf"{refuse}[^。！!；;\n]{{0,20}}?(?:{listed})")
        reply_with = next((word for word in rules.keywords if word.isascii()), "TD")
        self.example = f"拒收请回复{reply_with}"
        """A wording that would do."""

    def way(self, text: str) -> str:
        """Give the words that say how to refuse, "" where there are none."""
        found = self._way.search(text)
        return found.group() if found is not None else ""

    def obstacle(self, text: str) -> str:
        """Give the words that put a condition before a refusal, "" where there are none."""
        if "订" not in text and "拒收" not in text:
            return ""
        found = self._obstacle.search(text)
        return found.group() if found is not None else ""


class CommercialCheck:
    """Judge messages by one version of the rules; never changed afterwards."""

    __slots__ = ("_consent", "_permission", "_permissions", "_window_s", "wording")

    def __init__(
        self,
        rules: AdRules,
        opt_out: OptOutRules,
        words: CommercialWords,
        fold: Callable[[str], str] = str,
    ) -> None:
        """Compile."""
        self._permission = rules.requires in ("both", "permission")
        self._consent = rules.requires in ("both", "consent")
        self._permissions = Permissions(rules.permissions)
        self._window_s = rules.trigger_window_h * _HOUR_S
        self.wording = OptOutWording(opt_out, words.obstacles, fold)

    def judge(
        self,
        text: str,
        found: Classification,
        *,
        sender: str,
        recipient: str,
        at: float,
        signature: str,
        last_mo_at: LastMoAt,
        has_consent: HasConsent,
    ) -> AdJudgement:
        """Judge one message.

        `text` is the folded text with or without signature, `signature` the bracketed one that
        was found ("" for none), `sender` the access number with its extension, `at` UTC seconds
        since the epoch. The look-ups are asked for commercial messages only.
        """
        obstacle = self.wording.obstacle(text)
        if found.category != "commercial":
            return AdJudgement(rows=(ROW_OBSTACLE,)) if obstacle else _IN_ORDER
        triggered = self._triggered(last_mo_at(recipient, sender), at)
        permission = self._permissions.valid(sender, at)
        rows: list[int] = []
        problems: list[Finding] = []
        if self._permission and not triggered and not permission:
            rows.append(ROW_UNPERMITTED)
            problems.append(self._without_permission(sender, at))
        if self._consent and not triggered and not has_consent(recipient, at):
            problems.append(_WITHOUT_CONSENT)
        if not signature:
            rows.append(ROW_UNSIGNED)
        if obstacle:
            rows.append(ROW_OBSTACLE)
            problems.append(_hindered(obstacle))
        elif not self.wording.way(text):
            rows.append(ROW_OBSTACLE)
            problems.append(self._without_wording())
        shown = tuple(sorted(rows))
        finding = replace(_together(found, problems), rows=shown) if problems else None
        return AdJudgement(finding, shown, permission, triggered)

    def hindered(self, text: str) -> Finding | None:
        """Give what stands in the way of refusing in a text of any category, None for nothing.

        It is watched for, and stops nothing: what an office asks for may be quoted so too.
        """
        if "订" not in text and "拒收" not in text:  # nearly all texts, without a further call
            return None
        obstacle = self.wording.obstacle(text)
        if not obstacle:
            return None
        return replace(_hindered(obstacle), rows=(ROW_OBSTACLE,), watched=True)

    def _triggered(self, last_mo: float | None, at: float) -> bool:
        return last_mo is not None and 0.0 <= at - last_mo <= self._window_s > 0.0

    def _without_permission(self, sender: str, at: float) -> Finding:
        nearest = min(
            self._permissions.of(sender),
            key=lambda p: min(abs(p.starts_at - at), abs(p.ends_at - at)),
            default=None,
        )
        allowed = ""
        if nearest is not None:
            allowed = (
                f"permission {nearest.id}, {_moment(nearest.starts_at)} to "
                f"{_moment(nearest.ends_at)}"
            )
        return Finding(
            f"no permission of the carrier for {sender} at that time",
            f"接入号码{sender}在该时间无运营商许可",
            sender,
            allowed,
        )

    def _without_wording(self) -> Finding:
        return Finding(
            "it doesn't say how to refuse by a reply that is obeyed",
            "未告知有效的拒收方式",
            "",
            self.wording.example,
        )


_WITHOUT_CONSENT: Final = Finding(
    "the recipient has not consented to commercial messages", "用户未同意接收商业性短信息"
)


def _hindered(obstacle: str) -> Finding:
    return Finding(
        f"it makes refusing difficult ({obstacle!r})",
        f"对用户拒收设置障碍（“{obstacle}”）",
        obstacle,
    )


def _together(found: Classification, problems: list[Finding]) -> Finding:
    """Put what is wrong into one sentence, with what makes the text commercial."""
    because = list(dict.fromkeys(evidence.text for evidence in found.evidence))
    shown, shown_zh = "", ""
    if because:
        more = len(because) > _SHOWN
        shown = f" ({', '.join(because[:_SHOWN])}{', …' if more else ''})"
        shown_zh = f"（{'、'.join(because[:_SHOWN])}{'等' if more else ''}）"
    return Finding(
        f"the text is commercial{shown}: " + "; ".join(problem.en for problem in problems),
        f"内容为商业性短信息{shown_zh}：" + "；".join(problem.zh for problem in problems),
        because[0] if because else problems[0].seen,
        problems[0].allowed,
    )


def _listed(words: Iterable[str]) -> str:
    ordered = sorted(set(words) - {""}, key=lambda word: (-len(word), word))
    return "|".join(map(re.escape, ordered)) or "(?!)"


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).astimezone(SHANGHAI).isoformat(" ", "minutes")
