"""Read what a foreign client says it went through, and what the gateway saw of it."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.support.gateway_process import GatewayProcess

RECIPIENT = "19900000000"
"""Magic number: delivered at once."""
UNREACHABLE = "19900000004"
"""Magic number: does not exist."""

SHORT = (
    "【示例警务】验证码482913，用于登录“示例政务”警务服务，5分钟内有效。"
    "民警不会向您索要验证码，请勿告知他人。"
)
"""Sample T01: 57 characters, one segment."""

LONG = (
    "【示例警务】便民提示：一、办理身份证可提前网上预约，全省任一户籍窗口均可受理；"
    "二、首次申领、损坏换领、丢失补领均需本人到场采集指纹和人像；"
    "三、急需使用的可同时申请临时居民身份证；四、领取证件可选择邮寄到家；"
    "五、办理进度可在预约平台查询。窗口咨询电话0371-0000000，工作日9:00至17:00，"
    "感谢您的理解和配合。"
)
"""Sample T30: 161 characters, three segments."""

REPLY = "收到"

CLIENT_WITHIN_S = 60.0


@dataclass(frozen=True, slots=True)
class Story:
    """Hold the facts of one run, by their first word, in order."""

    lines: tuple[tuple[str, ...], ...]
    output: str

    def of(self, fact: str) -> list[tuple[str, ...]]:
        """Give what follows the word `fact`, for each of its lines."""
        return [line[1:] for line in self.lines if line[0] == fact]


def run_client(*command: str | Path, environ: Mapping[str, str] | None = None) -> Story:
    """Run a client to its end; fail with all it wrote when it fails."""
    run = subprocess.run(
        command,
        env=environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=CLIENT_WITHIN_S,
        check=False,
    )
    output = f"{run.stdout}\n{run.stderr}"
    assert run.returncode == 0, f"exit status {run.returncode}:\n{output}"
    lines = (tuple(line.split()) for line in run.stdout.splitlines())
    return Story(tuple(line for line in lines if line), output)


def assert_whole(story: Story, *, told: int = 4) -> None:
    """Check the whole cycle: submissions, receipts of the same ids, the reply, the unbind.

    `told` is how many ids and receipts the client tells: one for each segment, as a rule.
    """
    ids = [line[0] for line in story.of("submitted")]
    receipted = [line[0] for line in story.of("receipt")]
    assert len(set(ids)) == len(ids) == told, story.output
    assert sorted(receipted) == sorted(ids), story.output
    assert {line[1] for line in story.of("receipt")} == {"DELIVRD"}, story.output
    assert story.of("uplink") == [(RECIPIENT, REPLY)], story.output
    assert story.of("unbound"), story.output


def unbinds(gateway: GatewayProcess) -> float:
    """Count the sessions that ended with an unbind of the ESME."""
    metrics = httpx.get(f"{gateway.url}/metrics", trust_env=False).raise_for_status().text
    pattern = r'^smsgw_smpp_sessions_closed_total\{[^}]*reason="unbind"[^}]*\} (\S+)$'
    return sum(float(value) for value in re.findall(pattern, metrics, re.MULTILINE))
