"""Show what a gateway process wrote when a test that used it fails."""

from __future__ import annotations

from collections.abc import Generator

import pytest

from tests.support.gateway_process import GatewayProcess

SHOWN_CHARACTERS = 8_000


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
