"""Hold that every module has a test file of its own, where a newcomer looks for it.

A module of the gateway may do without one where a reason is written in the tables below: its tests
go through other parts and are in another file, or there is nothing in it that runs.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from .tree import PACKAGES, python_files, read, tracked_files

TRIVIAL_LINES = 20

TESTED_IN = {
    "gateway/api/app.py": "gateway/api/test_access.py",
    "gateway/api/breach_shapes.py": "gateway/api/test_breaches.py",
    "gateway/api/entries.py": "gateway/api/test_office.py",
    "gateway/api/entry_file_shapes.py": "gateway/api/test_entry_files.py",
    "gateway/api/office_shapes.py": "gateway/api/test_office.py",
    "gateway/api/registry_pages.py": "gateway/api/test_consents.py",
    "gateway/api/registry_shapes.py": "gateway/api/test_consents.py",
    "gateway/api/routes/breaches.py": "gateway/api/test_breaches.py",
    "gateway/api/routes/consents.py": "gateway/api/test_consents.py",
    "gateway/api/routes/files.py": "gateway/api/test_entry_files.py",
    "gateway/api/routes/lists.py": "gateway/api/test_lists.py",
    "gateway/api/routes/numbers.py": "gateway/api/test_lists.py",
    "gateway/api/routes/optouts.py": "gateway/api/test_consents.py",
    "gateway/api/routes/reviews.py": "gateway/api/test_reviews.py",
    "gateway/api/routes/office.py": "gateway/api/test_office.py",
    "gateway/api/routes/clock.py": "gateway/api/test_clock.py",
    "gateway/api/routes/unsubscribe.py": "gateway/test_unsubscriber.py",
    "gateway/api/unsubscribe_shapes.py": "gateway/test_unsubscriber.py",
    "gateway/remarks.py": "reliability/test_brute_force.py",
    "gateway/simulation/life.py": "gateway/simulation/test_driver.py",
    "gateway/storage.py": "gateway/test_app.py",
    "gateway/cli/dashboards.py": "metrics/test_dashboards.py",
    "gateway/cli/command.py": "gateway/cli/test_app.py",
    "gateway/cli/office_commands.py": "gateway/cli/test_app.py",
    "gateway/cli/registry_commands.py": "gateway/cli/test_app.py",
    "gateway/cli/reviews.py": "gateway/cli/test_lists.py",
    "gateway/api/bodies.py": "gateway/api/test_problems.py",
    "gateway/api/route.py": "gateway/api/test_access.py",
    "gateway/api/routes/messages.py": "gateway/api/test_messages.py",
    "gateway/api/routes/network.py": "gateway/api/test_routes.py",
    "gateway/api/routes/pages.py": "gateway/api/test_docs.py",
    "gateway/api/routes/probes.py": "gateway/api/test_routes.py",
    "gateway/api/retention_shapes.py": "gateway/api/test_retention.py",
    "gateway/api/routes/retention.py": "gateway/api/test_retention.py",
    "gateway/api/routes/statements.py": "gateway/api/test_statements.py",
    "gateway/api/statement_shapes.py": "gateway/api/test_statements.py",
    "gateway/api/routes/scope.py": "gateway/api/test_scope.py",
    "gateway/api/assessment_shapes.py": "gateway/api/test_assessments.py",
    "gateway/api/reading.py": "gateway/api/test_sla.py",
    "gateway/api/report_shapes.py": "gateway/api/test_reports.py",
    "gateway/api/routes/reports.py": "gateway/api/test_reports.py",
    "gateway/api/routes/assessments.py": "gateway/api/test_assessments.py",
    "gateway/api/routes/sla.py": "gateway/api/test_sla.py",
    "gateway/api/sla_shapes.py": "gateway/api/test_sla.py",
    "gateway/api/scope_shapes.py": "gateway/api/test_scope.py",
    "gateway/api/routes/sessions.py": "gateway/api/test_routes.py",
    "gateway/api/routes/standing.py": "gateway/api/test_standing.py",
    "gateway/api/routes/templates.py": "gateway/api/test_templates.py",
    "gateway/api/routes/traffic.py": "gateway/api/test_routes.py",
    "gateway/api/shapes.py": "gateway/api/test_openapi.py",
    "gateway/api/standing_shapes.py": "gateway/api/test_standing.py",
    "gateway/api/template_shapes.py": "gateway/api/test_templates.py",
    "gateway/cli/configuration.py": "gateway/cli/test_files.py",
    "gateway/cli/figure_commands.py": "gateway/cli/test_app.py",
    "gateway/cli/saving.py": "gateway/cli/test_sla.py",
    "gateway/cli/exits.py": "gateway/cli/test_remote.py",
    "gateway/cli/load.py": "gateway/cli/test_esme_commands.py",
    "gateway/cli/messages.py": "gateway/cli/test_remote.py",
    "gateway/cli/send.py": "gateway/cli/test_esme_commands.py",
    "gateway/cli/serve.py": "gateway/test_run.py",
    "gateway/cli/sessions.py": "gateway/cli/test_remote.py",
    "gateway/cli/target.py": "gateway/cli/test_esme_commands.py",
    "gateway/cli/traffic.py": "gateway/cli/test_remote.py",
    "gateway/cli/verify.py": "gateway/cli/test_esme_commands.py",
    "gateway/journal/memory.py": "gateway/journal/test_batching.py",
    "gateway/load/binding.py": "gateway/load/test_esme.py",
    "gateway/load/connection.py": "gateway/load/test_esme.py",
    "gateway/load/generator.py": "gateway/load/test_run.py",
    "gateway/load/html.py": "gateway/load/test_report.py",
    "gateway/load/terminal.py": "gateway/load/test_report.py",
}
"""Module → the test file in which it is tested: a command, a resource or a half of a pair."""

NOTHING_RUNS = {
    "gateway/api/ports.py": "Protocols and values of the API",
    "gateway/journal/protocol.py": "layouts of the messages between journal and committer",
    "gateway/ports.py": "Protocols of the gateway's parts",
}
"""Module → what it declares; mypy is its test."""


def modules(package: str) -> list[Path]:
    return [path for path in python_files(package) if path.name != "__init__.py"]


def file_of_tests_for(module: Path) -> Path:
    """Give where the tests of a module are: smpp/udh.py → tests/smpp/test_udh.py."""
    return Path("tests") / module.with_name(f"test_{module.name}")


def trivial(module: Path) -> bool:
    """Say whether a module is too short to have anything to test, such as `__main__`."""
    return len(read(module).splitlines()) < TRIVIAL_LINES


def without_tests(package: str) -> list[str]:
    """Name the modules of a package that have neither a test file nor a reason."""
    tracked = set(tracked_files())
    return [
        str(module)
        for module in modules(package)
        if file_of_tests_for(module) not in tracked
        and str(module) not in TESTED_IN
        and str(module) not in NOTHING_RUNS
        and not trivial(module)
    ]


@pytest.mark.parametrize("package", PACKAGES)
def test_every_module_of_the_package_has_its_test_file(package: str) -> None:
    assert without_tests(package) == []


def test_a_module_without_tests_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(TESTED_IN, "gateway/load/html.py")
    assert without_tests("gateway") == ["gateway/load/html.py"]


def test_every_reason_is_of_a_module_that_needs_one() -> None:
    tracked = set(tracked_files())
    known = {str(module) for module in modules("gateway")}
    reasons = [*TESTED_IN, *NOTHING_RUNS]
    assert [name for name in reasons if name not in known] == []
    assert [name for name in reasons if file_of_tests_for(Path(name)) in tracked] == []
    assert TESTED_IN.keys() & NOTHING_RUNS.keys() == set()


def test_every_file_named_instead_is_there() -> None:
    tracked = set(tracked_files())
    assert [name for name in TESTED_IN.values() if Path("tests") / name not in tracked] == []


@pytest.mark.parametrize("name", NOTHING_RUNS)
def test_what_is_said_to_declare_only_has_no_branches(name: str) -> None:
    words = ("    if ", "    for ", "    while ", "    try:")
    assert [word for word in words if f"\n{word}" in read(Path(name))] == []
