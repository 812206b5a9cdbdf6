"""Show what a gateway process wrote when a test that used it fails; test no stale compilation."""

from __future__ import annotations

from collections.abc import Generator

import pytest

from tests.support.gateway_process import GatewayProcess
from tools.compile_hot import stale

SHOWN_CHARACTERS = 8_000


def pytest_configure(config: pytest.Config) -> None:
    """Refuse to test compiled modules that are older than their sources."""
    del config
    old = stale()
    if old:
        raise pytest.UsageError(f"compiled before the source changed: {old}; make compile or plain")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed and isinstance(item, pytest.Function):
        for name, value in item.funcargs.items():
            if isinstance(value, GatewayProcess):
                report.sections.append((f"stderr of {name}", value.stderr()[-SHOWN_CHARACTERS:]))
    return report
