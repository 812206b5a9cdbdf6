"""Hold the 28 breaches of clause 7.3: what each is, how grave, and how it comes to be known.

The sentences say a row in short; the contract's own table is the text that counts. Clause 7.3
calls its list open, so row 28 takes what no other row names, at a grade that a person chooses.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from config.interpretation import Grade

Detection = Literal["traffic", "partly", "person"]
"""How a breach shows: in the traffic alone, in traffic beside other data, to a person."""

GRADES: Final[tuple[Grade, ...]] = ("general", "serious", "major")
"""From the lightest to the gravest."""

GRADES_ZH: Final[dict[Grade, str]] = {"general": "一般", "serious": "严重", "major": "重大"}

RANK: Final[dict[str, int]] = {grade: rank for rank, grade in enumerate(GRADES)}
"""A grade's place in `GRADES`, for comparing."""

CLAUSE: Final[dict[Grade, str]] = {"general": "7.3.1", "serious": "7.3.2", "major": "7.3.3"}
"""Clause that says what follows a breach of the grade."""


@dataclass(slots=True, frozen=True)
class Row:
    """Describe one row of the table of clause 7.3."""

    number: int
    grade: Grade
    """The lightest grade it can have; `grades` are all of them."""
    detection: Detection
    clause: str
    """Clause of the duty that is broken; 7.3 where the row itself is the duty."""
    en: str
    zh: str
    grades: tuple[Grade, ...]


def _row(
    number: int, grade: Grade, detection: Detection, clause: str, words: tuple[str, str]
) -> Row:
    return Row(number, grade, detection, clause, words[0], words[1], (grade,))


# fmt: off
_TABLE: Final[tuple[Row, ...]] = (
    _row(1, "general", "partly", "3.1.7", (
        "Served users who had not agreed; complaints up to the first limit",
        "未经用户同意即提供服务，投诉量未超过第一档")),
    _row(2, "general", "partly", "4.3", (
        "A technical problem of party A keeps users from refusing its messages",
        "甲方技术问题使用户无法拒收")),
    _row(3, "general", "traffic", "3.1.6", (
        "Changed the approved description or content on its own",
        "擅自调整经批准的业务说明或内容")),
    _row(4, "general", "traffic", "3.1.9", (
        "The actual provider's name differs from the one in the application",
        "实际业务提供人与申请名称不符")),
    _row(5, "general", "partly", "4.3.1", (
        "A message caused a user's complaint", "发送短信引起用户投诉")),
    _row(6, "general", "traffic", "3.1.10", (
        "Used the carrier's name or marks in promotion without its consent",
        "推广中擅自使用运营商名称、标识")),
    _row(7, "general", "traffic", "7.2", (
        "Did not pay the fees as required", "未按要求缴纳款项")),
    _row(8, "serious", "partly", "3.1.7", (
        "Served users who had not agreed; complaints above the first limit",
        "未经用户同意即提供服务，投诉量超过第一档")),
    _row(9, "serious", "traffic", "7.3", (
        "General breaches on a large scale, or several one after another",
        "大面积、大量或连续多次发生一般违约")),
    _row(10, "serious", "person", "7.3", (
        "Users appealed to an authority, or provincial media reported, through party A's fault",
        "因甲方原因被申诉到主管部门或被省级以上媒体负面报道")),
    _row(11, "serious", "person", "7.3", (
        "An authority criticised publicly through party A's fault",
        "因甲方原因被主管部门通报")),
    _row(12, "serious", "person", "7.3", (
        "Another case that gravely harms users or the carrier's credit",
        "其他严重侵害用户利益或运营商信誉的案件")),
    _row(13, "serious", "traffic", "3.1.3", (
        "Content that is illegal or unhealthy, or tends to be",
        "内容不合法、不健康或有此导向")),
    _row(14, "serious", "partly", "3.1.2", (
        "Content without its owner's authorisation", "提供未经权利人授权的内容")),
    _row(15, "serious", "traffic", "3.1.6", (
        "Ran a business that was not reviewed", "开展未经审核的业务")),
    _row(16, "serious", "traffic", "3.1.5", (
        "Sent to users beyond the declared scope", "实际发送用户超出申报范围")),
    _row(17, "serious", "traffic", "3.1.6", (
        "Changed the content in a major way on its own", "擅自对业务内容作重大调整")),
    _row(18, "serious", "partly", "3.1.12", (
        "Weak security let a third party cause a major failure of the network",
        "安全缺陷被第三方利用，造成网络重大故障")),
    _row(19, "serious", "traffic", "3.1.9", (
        "Sent messages without a sender's number or code", "短信缺少发送端号码或代码")),
    _row(20, "serious", "partly", "3.1.8", (
        "Put an obstacle in the way of users who refuse", "对用户拒收设置障碍")),
    _row(21, "serious", "traffic", "3.1.9", (
        "Sent commercial messages without the provider's name",
        "商业短信未注明提供者名称")),
    _row(22, "major", "partly", "3.1.7", (
        "Served users who had not agreed; complaints above the second limit",
        "未经用户同意即提供服务，投诉量超过第二档")),
    _row(23, "major", "traffic", "3.1.8", (
        "Sent advertisements or commercial messages without prior permission",
        "未经许可发送广告或商业信息")),
    _row(24, "major", "person", "7.3", (
        "The carrier was held responsible, or main media reported, through party A's fault",
        "因甲方原因运营商被判责任或被主要媒体负面报道")),
    _row(25, "major", "traffic", "7.3", (
        "Serious breaches on a large scale, or several one after another",
        "大面积、大量或连续多次发生严重违约")),
    _row(26, "major", "partly", "3.1.12", (
        "Caused a major failure of the network, on purpose or without proof of a third party",
        "恶意或不能证明系第三方原因，造成网络重大故障")),
    _row(27, "major", "partly", "7.3", (
        "Transferred or leased an access number", "转让或出租短信端口号")),
    Row(28, "general", "person", "7.3",
        "Other activity or content that harms the carrier, users or society",
        "其他有损运营商、用户或社会利益的活动或内容", GRADES),
)
# fmt: on

ROWS: Final[dict[int, Row]] = {row.number: row for row in _TABLE}
"""Every row by its number, in the contract's order."""

CONSENT_ROWS: Final = (1, 8, 22)
"""The same breach at three grades, by the number of complaints."""


def row_of(number: int) -> Row:
    """Give a row.

    Raises ValueError saying which numbers there are.
    """
    row = ROWS.get(number)
    if row is None:
        raise ValueError(f"breach row {number}: clause 7.3 has rows 1 to {len(ROWS)}")
    return row


def grade_of(number: int, chosen: str = "") -> Grade:
    """Give the grade of a breach of the row; `chosen` is a person's choice, "" the row's own.

    Raises ValueError for a grade that the row cannot have.
    """
    row = row_of(number)
    if not chosen:
        return row.grade
    for grade in row.grades:
        if grade == chosen:
            return grade
    raise ValueError(
        f"breach row {number}: grade {chosen!r} was chosen, allowed is {', '.join(row.grades)}"
    )
