"""Name the commands for the registries of numbers that verdicts look into."""

from __future__ import annotations

from typing import Final

from .command import Command

REGISTRY_COMMANDS: Final = (
    Command(
        ("consents", "list"),
        "registries:list_consents",
        "List the numbers with consents on record.",
        ("smsgw consents list", "smsgw consents list --limit 200 --json"),
    ),
    Command(
        ("consents", "show"),
        "registries:show_consents",
        "Show what a number agreed to, with the proof.",
        ("smsgw consents show 13300000001", "smsgw consents show 13300000001 --at 2026-03-01"),
    ),
    Command(
        ("consents", "add"),
        "registries:add_consent",
        "Record a consent with its proof.",
        (
            "smsgw consents add 13300000001 --channel web --proof C-1 --text-version 3",
            "smsgw consents add 13300000001 --channel written --proof L-7 --category reminder "
            "--until 2026-12-31",
        ),
    ),
    Command(
        ("consents", "remove"),
        "registries:withdraw_consent",
        "Record that a user takes a consent back.",
        (
            "smsgw consents remove 13300000001 --why 'by telephone'",
            "smsgw consents remove 13300000001 --why letter --category reminder",
        ),
    ),
    Command(
        ("consents", "import"),
        "registries:import_consents",
        "Take consents in from CSV: all rows or none.",
        (
            "smsgw consents import consents.csv --why 'yearly list'",
            "smsgw consents import consents.csv --partial --json",
        ),
    ),
    Command(
        ("consents", "export"),
        "registries:export_consents",
        "Write all consents on record as CSV.",
        ("smsgw consents export", "smsgw consents export --out consents.csv"),
    ),
    Command(
        ("optouts", "list"),
        "registries:list_optouts",
        "List the numbers with opt-outs on record.",
        ("smsgw optouts list", "smsgw optouts list --limit 200 --json"),
    ),
    Command(
        ("optouts", "show"),
        "registries:show_optouts",
        "Show what a number refuses, and what is stopped by it.",
        ("smsgw optouts show 13300000001", "smsgw optouts show 13300000001 --json"),
    ),
    Command(
        ("optouts", "add"),
        "registries:add_optout",
        "Record that a user refuses messages.",
        (
            "smsgw optouts add 13300000001 --source customer_service",
            "smsgw optouts add 13300000001 --source party_a --category reminder --proof L-9",
        ),
    ),
    Command(
        ("optouts", "remove"),
        "registries:remove_optout",
        "Record that a user takes a refusal back.",
        (
            "smsgw optouts remove 13300000001 --why 'came back'",
            "smsgw optouts remove 13300000001 --why 'came back' --category reminder --source mo",
        ),
    ),
    Command(
        ("optouts", "import"),
        "registries:import_optouts",
        "Take opt-outs in from CSV: all rows or none.",
        (
            "smsgw optouts import optouts.csv --why 'their list'",
            "smsgw optouts import - --partial",
        ),
    ),
    Command(
        ("optouts", "export"),
        "registries:export_optouts",
        "Write all opt-outs on record as CSV.",
        ("smsgw optouts export", "smsgw optouts export --out optouts.csv"),
    ),
)
"""Every one of them."""

REGISTRY_GROUPS: Final = {
    "consents": "Keep who agreed to be sent what, with the proof.",
    "optouts": "Keep who refuses to be sent what.",
}
"""First words of these commands."""
