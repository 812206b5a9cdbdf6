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
    Command(
        ("lists", "list"),
        "lists:list_entries",
        "List the entries of the red, black and white list.",
        (
            "smsgw lists list",
            "smsgw lists list --limit 200 --json",
        ),
    ),
    Command(
        ("lists", "show"),
        "lists:show_entry",
        "Show on which lists a number is.",
        (
            "smsgw lists show 13300000001",
            "smsgw lists show 13300000001 --account police --json",
        ),
    ),
    Command(
        ("lists", "add"),
        "lists:add_entry",
        "Put a number or first digits on a list.",
        (
            "smsgw lists add 13300000001 --list black --reason complaint",
            "smsgw lists add 13300000001 --list white --account police --until 2026-12-31",
        ),
    ),
    Command(
        ("lists", "remove"),
        "lists:remove_entry",
        "Take a number or first digits off a list.",
        (
            "smsgw lists remove 13300000001 --list black --why settled",
            "smsgw lists remove 13300000001 --list white --account police --why 'no longer'",
        ),
    ),
    Command(
        ("lists", "import"),
        "lists:import_entries",
        "Take entries of lists in from CSV: all rows or none.",
        (
            "smsgw lists import lists.csv --why 'list of March'",
            "smsgw lists import lists.csv --partial --json",
        ),
    ),
    Command(
        ("lists", "export"),
        "lists:export_entries",
        "Write all entries of the lists as CSV.",
        (
            "smsgw lists export",
            "smsgw lists export --out lists.csv",
        ),
    ),
    Command(
        ("numbers", "list"),
        "lists:list_ported",
        "List the ported numbers on record.",
        (
            "smsgw numbers list",
            "smsgw numbers list --limit 200 --json",
        ),
    ),
    Command(
        ("numbers", "show"),
        "lists:show_ported",
        "Show which carrier serves a number.",
        (
            "smsgw numbers show 13300000001",
            "smsgw numbers show 13300000001 --at 2026-03-01",
        ),
    ),
    Command(
        ("numbers", "add"),
        "lists:add_ported",
        "Record that a number is served by another carrier.",
        (
            "smsgw numbers add 13300000001 --carrier unicom",
            "smsgw numbers add 13300000001 --carrier mobile --at 2026-04-01 --why notice",
        ),
    ),
    Command(
        ("numbers", "remove"),
        "lists:remove_ported",
        "Give a number back to the carrier of its prefix.",
        (
            "smsgw numbers remove 13300000001 --why 'ported back'",
            "smsgw numbers remove 13300000001 --why mistake --json",
        ),
    ),
    Command(
        ("numbers", "import"),
        "lists:import_ported",
        "Take ported numbers in from CSV: all rows or none.",
        (
            "smsgw numbers import ported.csv --why 'table of March'",
            "smsgw numbers import ported.csv --partial --json",
        ),
    ),
    Command(
        ("numbers", "export"),
        "lists:export_ported",
        "Write all ported numbers as CSV.",
        (
            "smsgw numbers export",
            "smsgw numbers export --out ported.csv",
        ),
    ),
    Command(
        ("templates", "import"),
        "registries:import_templates",
        "Take templates in from CSV: all rows or none.",
        (
            "smsgw templates import approved.csv --why 'application of March'",
            "smsgw templates import approved.csv --partial --json",
        ),
    ),
    Command(
        ("templates", "export"),
        "registries:export_templates",
        "Write all templates as CSV.",
        (
            "smsgw templates export",
            "smsgw templates export --out templates.csv",
        ),
    ),
    Command(
        ("complaints", "import"),
        "registries:import_complaints",
        "Enter complaints from CSV: all rows or none.",
        (
            "smsgw complaints import march.csv --why 'report of 12321'",
            "smsgw complaints import march.csv --partial --json",
        ),
    ),
    Command(
        ("reviews", "list"),
        "reviews:list_reviews",
        "List uplink messages that a person has to read.",
        (
            "smsgw reviews list",
            "smsgw reviews list --json",
        ),
    ),
    Command(
        ("reviews", "show"),
        "reviews:show_review",
        "Show an uplink message that a person has to read.",
        (
            "smsgw reviews show 812345678901234567",
            "smsgw reviews show 812345678901234567 --json",
        ),
    ),
    Command(
        ("reviews", "settle"),
        "reviews:settle_review",
        "Record what a person read in an uplink message.",
        (
            "smsgw reviews settle 812345678901234567 opt_out",
            "smsgw reviews settle 812345678901234567 none --why 'a question'",
        ),
    ),
)
"""Every one of them."""

REGISTRY_GROUPS: Final = {
    "consents": "Keep who agreed to be sent what, with the proof.",
    "optouts": "Keep who refuses to be sent what.",
    "lists": "Keep the red, the black and the white list of numbers.",
    "numbers": "Keep which carrier serves a ported number.",
    "reviews": "Read uplink messages that mention a refusal.",
}
"""First words of these commands."""
