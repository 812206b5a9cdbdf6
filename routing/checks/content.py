"""Check the text: encoding, length and the enterprise signature."""

from __future__ import annotations

from typing import Final

from smpp.constants import DataCoding
from smpp.text import utf16_length

from ..facts import Facts
from ..finding import Finding
from ..folding import skeleton
from ..message import Message
from ..rules import AccountRules
from ..signature import name_problem, signature_of, why_missing

_ROW_UNSIGNED: Final = 21
"""A commercial message without the provider's name."""
_PART_OCTETS: Final = 140
_SHOWN: Final = 40
"""Characters of a text that a finding quotes."""
_PART_SEPTETS: Final = 160
"""7-bit alphabets travel unpacked over SMPP: one octet for each of 160 septets."""
_SEVEN_BIT: Final = frozenset({int(DataCoding.DEFAULT), int(DataCoding.IA5)})


def encoding(message: Message, rules: AccountRules, facts: Facts) -> Finding | None:
    """Want a text that decodes by its data_coding and holds no sign of a wrong one."""
    if not facts.text_error:
        return None
    return Finding(
        en=facts.text_error,
        zh=f"文本无法按data_coding {message.data_coding}解码，或解码后有乱码迹象",
        seen=facts.text_error,
        allowed="a text that is encoded as its data_coding says",
    )


def length(message: Message, rules: AccountRules, facts: Facts) -> Finding | None:
    """Want a text no longer than its data_coding's limit, in parts that fit one short message.

    Characters are UTF-16 units, as on the handset. Binary texts are hexadecimal digits.
    """
    text = message.text
    data_coding = message.data_coding
    limit = rules.max_lengths.get(data_coding, rules.limits.max_characters)
    if facts.part_octets > _PART_OCTETS:
        room = _PART_SEPTETS if data_coding in _SEVEN_BIT else _PART_OCTETS
        if facts.part_octets > room:
            return Finding(
                en=f"a part has {facts.part_octets} octets with its header, at most {room} fit",
                zh=f"长短信的一段含头部共{facts.part_octets}字节，最多{room}字节",
                seen=str(facts.part_octets),
                allowed=str(room),
            )
    if len(text) <= limit >> 1:
        return None
    size = utf16_length(text)
    if size <= limit:
        return None
    if data_coding in rules.max_lengths:
        octets, most = size // 2, limit // 2
        return Finding(
            en=f"{octets} octets, at most {most}",
            zh=f"内容共{octets}字节，最多{most}字节",
            seen=str(octets),
            allowed=str(most),
        )
    return Finding(
        en=f"{size} characters with the signature, at most {limit}",
        zh=f"内容含签名共{size}字，最多{limit}字",
        seen=str(size),
        allowed=str(limit),
    )


def signature_missing(message: Message, rules: AccountRules, facts: Facts) -> Finding | None:
    """Want a signature in brackets at the agreed place (clause 3.1.9)."""
    text = message.text
    if rules.leads and text.startswith(rules.unowned.signatures):
        return None
    if signature_of(text, rules.form):
        return None
    port = rules.ports.get(message.sender) or rules.port_of(message.sender) or rules.unowned
    registered = ", ".join(port.registered(message.at))
    commercial = rules.reader.read(message).classification.commercial
    return Finding(
        en=why_missing(text, rules.form),
        zh=f"签名缺失或位置不符；应使用登记的签名：{registered or '无'}",
        seen=text[:_SHOWN],
        allowed=registered,
        rows=(_ROW_UNSIGNED,) if commercial else (),
    )


def signature_mismatch(message: Message, rules: AccountRules, facts: Facts) -> Finding | None:
    """Want exactly one signature, and one registered for the sender's access number.

    A text without any is `signature_missing`'s.
    """
    text = message.text
    port = rules.ports.get(message.sender) or rules.port_of(message.sender) or rules.unowned
    if (
        rules.leads
        and text.startswith(port.signatures)
        and text.rfind("【") <= 0
        and text.count("】") <= 1
    ):
        return None
    found = signature_of(text, rules.form)
    if not found:
        return None
    registered = port.registered(message.at)
    if found not in registered:
        problem = name_problem(found, rules.form)
        names = ", ".join(registered)
        return Finding(
            en=f"signature {found} "
            + (f"has {problem}" if problem else "is not registered")
            + f"; registered for {port.number or 'this account'}: "
            + (names or "none")
            + _alike(found, registered),
            zh=f"签名{found}{'格式不符' if problem else '未登记'}；"
            f"{port.number or '该账号'}登记的签名：{names or '无'}",
            seen=found,
            allowed=names,
        )
    rest = text[len(found) :] if text.startswith(found) else text[: -len(found)]
    if "【" in rest or "】" in rest:
        return Finding(
            en=f"full-width brackets 【】 beside the signature {found}: exactly one is allowed",
            zh=f"签名{found}之外还有【】；只允许一个签名",
            seen=rest[:_SHOWN],
            allowed=f"{found} alone",
        )
    return None


def _alike(found: str, registered: tuple[str, ...]) -> str:
    """Say which registered signature one that isn't only looks like."""
    form = skeleton(found)
    twins = [text for text in registered if skeleton(text) == form]
    return f"; it only looks like {twins[0]}" if twins else ""
