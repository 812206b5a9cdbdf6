"""Name the commands for what is measured, assessed and reported."""

from __future__ import annotations

from typing import Final

from .command import Command

FIGURE_COMMANDS: Final = (
    Command(
        ("assessment",),
        "assessment:assessment",
        "Show the yearly assessments, enter what people say, order a rectification.",
        (
            "smsgw assessment enter --period 2023-12-01 --support 85 --satisfaction 90",
            "smsgw assessment order --period 2023-12-01 --why 'too many faults'",
            "smsgw assessment show --period 2023-12-01 --format xlsx --out assessment.xlsx",
        ),
    ),
    Command(
        ("reports",),
        "reports:reports",
        "List the reports, show one, or produce the proof of consent for a complaint.",
        (
            "smsgw reports",
            "smsgw reports breaches --format xlsx --out breaches.xlsx",
            "smsgw reports consent-proof 1 --format zip --out proof.zip",
        ),
    ),
)
