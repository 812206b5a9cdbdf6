"""Tell what of new settings is taken over, and what waits for a start."""

from __future__ import annotations

from typing import Any

from config.settings import Settings
from gateway.reload import change_of
from tests.support.inprocess import police, settings_of


def settings(*accounts: dict[str, Any], **changes: Any) -> Settings:
    return settings_of(account=list(accounts or (police(),)), **changes)


def test_the_same_settings_change_nothing() -> None:
    change = change_of(settings(), settings())
    assert (change.applied, change.waiting, change.removed) == ((), (), frozenset())


def test_limits_and_origins_of_accounts_are_taken_over() -> None:
    wanted = settings(police(allowed_ips=["10.0.0.0/8"], throughput={"rate": 5.0}, max_binds=3))
    change = change_of(settings(), wanted)
    assert set(change.applied) == {
        "account police: allowed_ips",
        "account police: throughput",
        "account police: max_binds",
    }
    assert change.waiting == ()
    assert change.settings.accounts["police"] == wanted.accounts["police"]


def test_what_needs_a_start_is_named_and_stays_as_it_is() -> None:
    running = settings()
    wanted = settings(
        police(gb18030=True), police(system_id="b", access_numbers=[]), http__max_page=7
    )
    change = change_of(running, wanted)
    assert set(change.waiting) == {
        "account police: gb18030",
        "account b: added",
        "http.max_page",
    }
    assert change.applied == ()
    assert change.settings.http == running.http
    assert list(change.settings.accounts) == ["police"]
    assert not change.settings.accounts["police"].gb18030


def test_an_account_that_is_gone_is_removed_and_what_it_is_owed_stays() -> None:
    running = settings(police(), police(system_id="b", access_numbers=[]))
    change = change_of(running, settings())
    assert change.removed == {"b"}
    assert change.applied == ("account b: removed",)
    assert set(change.settings.accounts) == {"police", "b"}
