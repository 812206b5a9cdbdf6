"""Write examples/traffic/day.jsonl: one day of a police force's messages, as JSON Lines.

    python tools/generate_sample_traffic.py           write the file
    python tools/generate_sample_traffic.py --check   exit 1 when it differs from what is written

Texts are the samples of the tests. The shares follow the traffic of such a sender: codes 35 %,
notices 40 %, traffic 15 %, fraud warnings 8 %, internal 2 %; mornings from 9 to 11 and afternoons
from 15 to 17 are busiest, and only codes and urgent words go out at night.
"""

from __future__ import annotations

import json
import random
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.support.samples import BY_ID  # noqa: E402 - needs the path above

TARGET = ROOT / "examples" / "traffic" / "day.jsonl"
MESSAGES = 2_000
SEED = 20260318
DAY = datetime(2026, 3, 18, tzinfo=timezone(timedelta(hours=8)))

SHARES: dict[str, tuple[float, tuple[str, ...]]] = {
    "verify": (0.35, ("T01", "T01", "T01", "T02")),
    "notice": (
        0.40,
        ("T03", "T03", "T04", "T04", "T05", "T06", "T07", "T08", "T08", "T09", "T10", "T18", "T18",
         "T19", "T20", "T23", "T26", "T27", "T28", "T30"),
    ),
    "traffic": (0.15, ("T14", "T14", "T14", "T15", "T15", "T16", "T17", "T17", "T21", "T22")),
    "antifraud": (0.08, ("T11", "T11", "T12", "T13")),
    "internal": (0.02, ("T24", "T25")),
}  # fmt: skip
"""Category → share of the day, texts (as often as they come)."""

HOURS_OPEN = (1, 0.5, 0.3, 0.2, 0.2, 0.5, 2, 4, 7, 12, 12, 8, 6, 6, 8, 12, 12, 8, 6, 5, 5, 4, 3, 2)
"""Weight of each hour for what goes out at any time."""
HOURS_OFFICE = (0,) * 8 + (6, 14, 14, 8, 4, 5, 8, 14, 14, 8, 4, 2) + (0,) * 4
"""Weight of each hour for what can wait for the day."""

SCOPE = (13_300_000_000, 17_700_000_000, 18_900_000_000)
"""First number of each range of the demonstration's scope; a range holds 100,000."""
RANGE = 100_000


def messages() -> list[dict[str, str]]:
    """Make the day's messages in the order of their times; each call gives the same."""
    draw = random.Random(SEED)
    recipients = draw.sample(range(len(SCOPE) * RANGE), MESSAGES)
    rows: list[dict[str, str]] = []
    for category, (share, ids) in SHARES.items():
        for _ in range(round(share * MESSAGES)):
            sample = BY_ID[draw.choice(ids)]
            hours = HOURS_OPEN if sample.service == "instant" else HOURS_OFFICE
            [hour] = draw.choices(range(24), hours)
            at = DAY + timedelta(hours=hour, milliseconds=draw.randrange(3_600_000))
            block, number = divmod(recipients[len(rows)], RANGE)
            rows.append(
                {
                    "at": at.isoformat(timespec="milliseconds"),
                    "to": str(SCOPE[block] + number),
                    "service": sample.service,
                    "category": category,
                    "text": sample.text,
                }
            )
    return sorted(rows, key=lambda row: row["at"])


def render() -> str:
    """Give the whole file."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in messages())


def main() -> int:
    """Write or check the file."""
    content = render()
    if "--check" in sys.argv[1:]:
        if TARGET.exists() and TARGET.read_text("utf-8") == content:
            return 0
        print(f"{TARGET.relative_to(ROOT)} differs: run {Path(__file__).name}", file=sys.stderr)
        return 1
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(content, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
