from __future__ import annotations

from config.shipped import DATA


def test_the_data_comes_with_the_package() -> None:
    for name in ("contracts/henan.toml", "templates/smsgw.toml", "network/codes.toml"):
        assert (DATA / name).is_file()
