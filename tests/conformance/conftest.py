"""Run one gateway, as a new user starts it, for all foreign clients."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.gateway_process import GatewayProcess, running_gateway


@pytest.fixture(scope="session")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GatewayProcess]:
    """Run a gateway with the shipped contract and the demo account."""
    with running_gateway(tmp_path_factory.mktemp("conformance") / "data") as process:
        yield process
