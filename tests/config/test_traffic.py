from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from config.shipped import DATA
from config.traffic import load_day


def test_the_shares_of_the_shipped_day_are_of_a_thousand() -> None:
    day = load_day()
    assert sum(row.share for row in day.texts) == 1000
    assert {row.service for row in day.texts} == {"instant", "ordinary"}


def test_no_shipped_text_brings_its_own_signature() -> None:
    assert [text for row in load_day().texts for text in row.texts if "【" in text] == []


def test_a_day_of_another_length_is_refused(tmp_path: Path) -> None:
    text = (DATA / "traffic" / "police.toml").read_text("utf-8")
    changed = tmp_path / "day.toml"
    changed.write_text(text.replace("any = [1, ", "any = ["), "utf-8")
    with pytest.raises(ValidationError, match="any"):
        load_day(changed)
