"""Name the commands for breaches and for the registers kept beside the traffic."""

from __future__ import annotations

from typing import Final

from .command import Command

OFFICE_COMMANDS: Final = (
    Command(
        ("breaches", "list"),
        "breaches:list_cases",
        "List cases of breach, and the signs that belong to none.",
        (
            "smsgw breaches list",
            "smsgw breaches list --state rectification --json",
        ),
    ),
    Command(
        ("breaches", "rows"),
        "breaches:list_rows",
        "List the 28 rows of clause 7.3, and how often each was broken.",
        (
            "smsgw breaches rows",
            "smsgw breaches rows --json",
        ),
    ),
    Command(
        ("breaches", "show"),
        "breaches:show_case",
        "Show one case with its evidence and the steps allowed now.",
        (
            "smsgw breaches show 1",
            "smsgw breaches show 1 --json",
        ),
    ),
    Command(
        ("breaches", "open"),
        "breaches:open_case",
        "Open a case by hand.",
        (
            "smsgw breaches open 12 --why 'reported by the city'",
            "smsgw breaches open 28 --grade serious --why 'harms users' --port 106590990371",
        ),
    ),
    Command(
        ("breaches", "sign"),
        "breaches:enter_sign",
        "Enter a sign of a breach that no message shows alone.",
        (
            "smsgw breaches sign 11 --why 'criticised in public' --reference 'No. 3'",
            "smsgw breaches sign 14 --why 'an owner complained' --message 1234567890",
        ),
    ),
    Command(
        ("breaches", "suspend"),
        "breaches:suspend",
        "Stop the business as a precaution (clause 7.5).",
        (
            "smsgw breaches suspend 1 --why suspicion",
            "smsgw breaches suspend 1 --why suspicion --json",
        ),
    ),
    Command(
        ("breaches", "explain"),
        "breaches:explain",
        "Record party A's explanation.",
        (
            "smsgw breaches explain 1 --why 'letter received'",
            "smsgw breaches explain 1 --why 'letter received' --json",
        ),
    ),
    Command(
        ("breaches", "dismiss"),
        "breaches:dismiss",
        "Find that there was no breach.",
        (
            "smsgw breaches dismiss 1 --why 'a test message'",
            "smsgw breaches dismiss 1 --why 'a test message' --json",
        ),
    ),
    Command(
        ("breaches", "confirm"),
        "breaches:confirm",
        "Confirm a breach; a major one stops the business.",
        (
            "smsgw breaches confirm 1 --why proved",
            "smsgw breaches confirm 2 --grade major --why proved",
        ),
    ),
    Command(
        ("breaches", "notice"),
        "breaches:notice",
        "Record that the notice was sent, by letter.",
        (
            "smsgw breaches notice 1 --why 'letter sent'",
            "smsgw breaches notice 1 --why 'letter sent' --moment 2026-03-02 --reference L-1",
        ),
    ),
    Command(
        ("breaches", "deliver"),
        "breaches:deliver",
        "Record that the letter arrived: rectification begins.",
        (
            "smsgw breaches deliver 1 --why 'slip signed'",
            "smsgw breaches deliver 1 --why 'slip signed' --moment 2026-03-02 --reference L-1",
        ),
    ),
    Command(
        ("breaches", "return"),
        "breaches:return_letter",
        "Record that the letter came back.",
        (
            "smsgw breaches return 1 --why 'address unknown'",
            "smsgw breaches return 1 --why 'address unknown' --json",
        ),
    ),
    Command(
        ("breaches", "submit"),
        "breaches:submit",
        "Record party A's evidence of rectification.",
        (
            "smsgw breaches submit 1 --why 'templates filed'",
            "smsgw breaches submit 1 --why 'templates filed' --json",
        ),
    ),
    Command(
        ("breaches", "reject"),
        "breaches:reject",
        "Refuse the evidence; rectification goes on.",
        (
            "smsgw breaches reject 1 --why incomplete",
            "smsgw breaches reject 1 --why incomplete --json",
        ),
    ),
    Command(
        ("breaches", "pass"),
        "breaches:pass_evidence",
        "Accept the evidence; the block ends with its days.",
        (
            "smsgw breaches pass 1 --why complete",
            "smsgw breaches pass 1 --why complete --json",
        ),
    ),
    Command(
        ("breaches", "fail"),
        "breaches:fail",
        "Find that rectification failed.",
        (
            "smsgw breaches fail 1 --why 'nothing came'",
            "smsgw breaches fail 1 --why 'nothing came' --json",
        ),
    ),
    Command(
        ("breaches", "stop"),
        "breaches:stop",
        "Stop the business for a major breach.",
        (
            "smsgw breaches stop 1 --why 'as confirmed'",
            "smsgw breaches stop 1 --why 'as confirmed' --json",
        ),
    ),
    Command(
        ("breaches", "close"),
        "breaches:close",
        "Close a case.",
        (
            "smsgw breaches close 1 --why 'the freeze is over'",
            "smsgw breaches close 1 --why 'the freeze is over' --json",
        ),
    ),
    Command(
        ("breaches", "terminate"),
        "breaches:terminate",
        "Terminate the contract for a breach.",
        (
            "smsgw breaches terminate 1 --why 'not rectified'",
            "smsgw breaches terminate 1 --why 'not rectified' --report",
        ),
    ),
    Command(
        ("breaches", "raise"),
        "breaches:raise_row",
        "Make a suspicion of service without consent graver.",
        (
            "smsgw breaches raise 1 8 --why '1001 complaints'",
            "smsgw breaches raise 1 22 --why '10001 complaints' --json",
        ),
    ),
    Command(
        ("blocks", "list"),
        "breaches:list_blocks",
        "List what stands in the way of submissions now.",
        (
            "smsgw blocks list",
            "smsgw blocks list --json",
        ),
    ),
    Command(
        ("blocks", "stop"),
        "breaches:stop_business",
        "Stop a business at once, without a notice.",
        (
            "smsgw blocks stop 'annex 1.14' --why '100 complaints in a month'",
            "smsgw blocks stop 9.2 --why 'an order' --port 106590990371",
        ),
    ),
    Command(
        ("blocks", "resume"),
        "breaches:resume_business",
        "Lift a stop at once.",
        (
            "smsgw blocks resume 1 --why explained",
            "smsgw blocks resume 1 --why explained --json",
        ),
    ),
    Command(
        ("complaints", "list"),
        "office:list_complaints",
        "List complaints, the latest first.",
        (
            "smsgw complaints list",
            "smsgw complaints list --limit 10 --json",
        ),
    ),
    Command(
        ("complaints", "show"),
        "office:show_complaint",
        "Show one complaint with its history.",
        (
            "smsgw complaints show 1",
            "smsgw complaints show 1 --json",
        ),
    ),
    Command(
        ("complaints", "add"),
        "office:add_complaint",
        "Enter a complaint or report of a user.",
        (
            "smsgw complaints add --channel 12321 --cause time --attribution unclear",
            "smsgw complaints add --channel 10000 --cause fee --attribution party_b",
        ),
    ),
    Command(
        ("complaints", "step"),
        "office:move_complaint",
        "Take one step of a complaint.",
        (
            "smsgw complaints step 1 reply",
            "smsgw complaints step 1 verify --attribution party_b",
        ),
    ),
    Command(
        ("incidents", "list"),
        "office:list_incidents",
        "List incidents, the latest first.",
        (
            "smsgw incidents list",
            "smsgw incidents list --limit 10 --json",
        ),
    ),
    Command(
        ("incidents", "show"),
        "office:show_incident",
        "Show one incident with its history.",
        (
            "smsgw incidents show 1",
            "smsgw incidents show 1 --json",
        ),
    ),
    Command(
        ("incidents", "add"),
        "office:add_incident",
        "Enter a security accident or a fault.",
        (
            "smsgw incidents add --side party_b --kind fault --why 'a cable was cut'",
            "smsgw incidents add --side party_a --kind security --major --why 'a break-in'",
        ),
    ),
    Command(
        ("incidents", "step"),
        "office:move_incident",
        "Take one step of an incident.",
        (
            "smsgw incidents step 1 report --reference R-1",
            "smsgw incidents step 1 written_notice --notice 1",
        ),
    ),
    Command(
        ("notices", "list"),
        "office:list_notices",
        "List notices, the latest first.",
        (
            "smsgw notices list",
            "smsgw notices list --limit 10 --json",
        ),
    ),
    Command(
        ("notices", "show"),
        "office:show_notice",
        "Show one notice with its history.",
        (
            "smsgw notices show 1",
            "smsgw notices show 1 --json",
        ),
    ),
    Command(
        ("notices", "add"),
        "office:add_notice",
        "Enter a notice that was sent.",
        (
            "smsgw notices add --subject breach --form letter --sender party_b --reference L-1",
            "smsgw notices add --subject urging --form email --sender party_b --sent-at 2026-03-02",
        ),
    ),
    Command(
        ("notices", "step"),
        "office:move_notice",
        "Enter what became of a notice.",
        (
            "smsgw notices step 1 delivered --proof 'slip 7'",
            "smsgw notices step 1 returned --why 'address unknown'",
        ),
    ),
    Command(
        ("documents", "list"),
        "office:list_documents",
        "List documents, the latest first.",
        (
            "smsgw documents list",
            "smsgw documents list --limit 10 --json",
        ),
    ),
    Command(
        ("documents", "show"),
        "office:show_document",
        "Show one document with its history.",
        (
            "smsgw documents show 1",
            "smsgw documents show 1 --json",
        ),
    ),
    Command(
        ("documents", "add"),
        "office:add_document",
        "Enter a paper that party A handed in.",
        (
            "smsgw documents add --kind subject_certificate --reference S-1",
            "smsgw documents add --kind sp_licence --reference P-1 --expires-at 2026-12-31",
        ),
    ),
    Command(
        ("documents", "step"),
        "office:move_document",
        "Enter what became of a document.",
        (
            "smsgw documents step 1 replaced --why 'a new one'",
            "smsgw documents step 1 lost --why stolen --moment 2026-03-02",
        ),
    ),
    Command(
        ("windows", "list"),
        "office:list_windows",
        "List windows, the latest first.",
        (
            "smsgw windows list",
            "smsgw windows list --limit 10 --json",
        ),
    ),
    Command(
        ("windows", "show"),
        "office:show_window",
        "Show one window with its history.",
        (
            "smsgw windows show 1",
            "smsgw windows show 1 --json",
        ),
    ),
    Command(
        ("windows", "add"),
        "office:add_window",
        "Enter a time whose failures are not party B's.",
        (
            "smsgw windows add --kind maintenance --cause planned --why 'new software'",
            "smsgw windows add --kind force_majeure --cause disaster --why flood --notice 1",
        ),
    ),
    Command(
        ("windows", "step"),
        "office:move_window",
        "Take one step of a window.",
        (
            "smsgw windows step 1 end",
            "smsgw windows step 1 agree --reference 'minutes of 2026-03-02'",
        ),
    ),
    Command(
        ("due",),
        "office:list_due",
        "List what has to be done by when, the most urgent first.",
        (
            "smsgw due",
            "smsgw due --json",
        ),
    ),
)
"""Every one of them."""

OFFICE_GROUPS: Final = {
    "breaches": "List breaches of clause 7.3, open cases and take their steps.",
    "blocks": "List what blocks submissions; stop a business at once, let it go on.",
    "complaints": "Keep the complaints of users and their one-hour clocks.",
    "incidents": "Keep security accidents and faults.",
    "notices": "Keep the notices between the parties.",
    "documents": "Keep the papers that party A handed in.",
    "windows": "Keep the times whose failures are not party B's.",
}
"""First words of these commands that have two."""
