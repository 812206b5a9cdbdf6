"""Keep complaints, incidents, notices, papers and windows, and list what is due."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Final, Literal

from cyclopts import Parameter

from .exits import Exit
from .output import shown, write_fields, write_json, write_table
from .remote import THIS_MACHINE, Gateway, call

_COLUMNS: Final = {
    "complaints": ("complaint", "state", "account", "channel", "cause", "attribution", "owner",
                   "number", "received_at"),
    "incidents": ("incident", "state", "account", "side", "kind", "major", "discovered_at", "late"),
    "notices": ("notice", "standing", "account", "subject", "form", "sender", "sent_at",
                "effective_at"),
    "documents": ("document", "holds", "account", "kind", "reference", "valid_from", "expires_at",
                  "result"),
    "windows": ("window", "state", "relieves", "kind", "cause", "starts_at", "ends_at"),
}  # fmt: skip
_TASK_COLUMNS = ("due_at", "overdue", "entry", "account", "clause", "detail", "detail_zh")

Side = Literal["party_a", "party_b"]
Number = Annotated[int, Parameter(name="NUMBER", help="Number of the entry.")]
Account = Annotated[
    str, Parameter(name="--account", help="system_id; may be left out where there is only one.")
]
Why = Annotated[str, Parameter(name="--why", help="Why; it is journalled with who did it.")]
Moment = Annotated[str | None, Parameter(name="--moment", help="When it happened; now.")]
Reference = Annotated[
    str, Parameter(name="--reference", help="Number of the ticket, the letter or the paper.")
]
NoticeNumber = Annotated[
    int | None, Parameter(name="--notice", help="Number of the written notice.")
]
NetworkCause = Annotated[
    Literal["third_party", "malicious", "unproven"] | None,
    Parameter(name="--cause", help="How a major one of party A brought the network down."),
]
Json = Annotated[bool, Parameter(name="--json", help="Print the answer as JSON.")]


def _lister(name: str) -> Callable[..., int]:
    """Make the command that lists one register."""

    def entries(
        *,
        account: Annotated[str, Parameter(help="Only of this account.")] = "",
        state: Annotated[str, Parameter(help="Only in this state.")] = "",
        limit: Annotated[int, Parameter(help="Most entries to list.")] = 50,
        cursor: Annotated[str, Parameter(help="Go on where an earlier list ended.")] = "",
        json: Json = False,
        gateway: Gateway = THIS_MACHINE,
    ) -> int:
        query: dict[str, str | int] = {"limit": limit}
        given = {"account": account, "state": state, "cursor": cursor}
        query |= {key: value for key, value in given.items() if value}
        answer = call(gateway, "GET", name, query=query)
        if json:
            write_json(answer)
            return Exit.OK
        write_table(answer["items"], _COLUMNS[name])
        for counts in answer.get("counts", ()):
            write_fields({"counts": counts})
        return Exit.OK

    entries.__doc__ = f"List {name}, the latest first."
    return entries


def _shower(name: str) -> Callable[..., int]:
    """Make the command that shows one entry."""

    def entry(number: Number, /, *, json: Json = False, gateway: Gateway = THIS_MACHINE) -> int:
        return _write(call(gateway, "GET", f"{name}/{number}"), json)

    entry.__doc__ = f"Show one entry of {name} with its history."
    return entry


list_complaints: Final = _lister("complaints")
list_incidents: Final = _lister("incidents")
list_notices: Final = _lister("notices")
list_documents: Final = _lister("documents")
list_windows: Final = _lister("windows")
show_complaint: Final = _shower("complaints")
show_incident: Final = _shower("incidents")
show_notice: Final = _shower("notices")
show_document: Final = _shower("documents")
show_window: Final = _shower("windows")


def add_complaint(
    *,
    channel: Annotated[str, Parameter(help="Where it came in, such as 10000 or 12321.")],
    cause: Annotated[str, Parameter(help="What it is about, such as no_consent or time.")],
    attribution: Annotated[
        Literal["party_a", "party_b", "unclear"], Parameter(help="Who answers for it.")
    ],
    message: Annotated[str, Parameter(help="Id of the message it is about.")] = "",
    number: Annotated[str, Parameter(help="Who complains; follows from the message.")] = "",
    account: Account = "",
    owner: Annotated[Side, Parameter(help="Who received it and has to act.")] = "party_b",
    received_at: Annotated[str | None, Parameter(help="When it came in; now.")] = None,
    reference: Reference = "",
    port: Annotated[
        list[str] | None, Parameter(help="Access number; all if none; may be repeated.")
    ] = None,
    why: Why = "",
    json: Json = False,
    gateway: Gateway = THIS_MACHINE,
) -> int:
    """Enter a complaint or report of a user."""
    body = {
        "channel": channel, "cause": cause, "attribution": attribution, "message_id": message,
        "number": number, "account": account, "owner": owner, "received_at": received_at,
        "reference": reference, "ports": port, "why": why,
    }  # fmt: skip
    return _post(gateway, "complaints", body, json)


def move_complaint(
    number: Number,
    action: Annotated[
        Literal["transfer", "reply", "verify", "reject", "close", "reopen", "void"],
        Parameter(name="ACTION", help="The step."),
    ],
    /,
    *,
    owner: Annotated[Side | None, Parameter(help="For transfer: who has to act.")] = None,
    attribution: Annotated[Side | None, Parameter(help="For verify: who answers for it.")] = None,
    cause: Annotated[str, Parameter(help="For verify, where it proved to be another.")] = "",
    moment: Moment = None,
    why: Why = "",
    json: Json = False,
    gateway: Gateway = THIS_MACHINE,
) -> int:
    """Take one step of a complaint."""
    body = {"action": action, "owner": owner, "attribution": attribution, "cause": cause,
            "moment": moment, "why": why}  # fmt: skip
    return _post(gateway, f"complaints/{number}/steps", body, json)


def add_incident(
    *,
    side: Annotated[Side, Parameter(help="Whose it is.")],
    kind: Annotated[Literal["security", "fault"], Parameter(help="What it is.")],
    why: Annotated[str, Parameter(help="What happened; it is journalled with who did it.")],
    major: Annotated[bool, Parameter(help="A major one; due within 24 hours.")] = False,
    account: Account = "",
    discovered_at: Annotated[str | None, Parameter(help="When it was discovered; now.")] = None,
    cause: NetworkCause = None,
    json: Json = False,
    gateway: Gateway = THIS_MACHINE,
) -> int:
    """Enter a security accident or a fault."""
    body = {"side": side, "kind": kind, "why": why, "major": major, "account": account,
            "discovered_at": discovered_at, "cause": cause}  # fmt: skip
    return _post(gateway, "incidents", body, json)


def move_incident(
    number: Number,
    action: Annotated[
        Literal[
            "report",
            "written_notice",
            "stop",
            "resume",
            "release",
            "attribute",
            "resolve",
            "close",
        ],
        Parameter(name="ACTION", help="The step."),
    ],
    /,
    *,
    reference: Reference = "",
    notice: NoticeNumber = None,
    moment: Moment = None,
    why: Why = "",
    cause: NetworkCause = None,
    json: Json = False,
    gateway: Gateway = THIS_MACHINE,
) -> int:
    """Take one step of an incident."""
    body = {"action": action, "reference": reference, "notice": notice, "moment": moment,
            "why": why, "cause": cause}  # fmt: skip
    return _post(gateway, f"incidents/{number}/steps", body, json)


def add_notice(
    *,
    subject: Annotated[str, Parameter(help="What it is about, such as breach or free_month.")],
    form: Annotated[Literal["letter", "fax", "email"], Parameter(help="How it was sent.")],
    sender: Annotated[Side, Parameter(help="Who sent it.")],
    account: Account = "",
    sent_at: Annotated[str | None, Parameter(help="When it was sent; now.")] = None,
    reference: Reference = "",
    text: Annotated[str, Parameter(help="What it says.")] = "",
    json: Json = False,
    gateway: Gateway = THIS_MACHINE,
) -> int:
    """Enter a notice that was sent."""
    body = {"subject": subject, "form": form, "sender": sender, "account": account,
            "sent_at": sent_at, "reference": reference, "text": text}  # fmt: skip
    return _post(gateway, "notices", body, json)


def move_notice(
    number: Number,
    action: Annotated[
        Literal["delivered", "refused", "returned", "withdrawn"],
        Parameter(name="RESULT", help="What became of it."),
    ],
    /,
    *,
    proof: Annotated[str, Parameter(help="Signed slip, fax report or reference.")] = "",
    moment: Moment = None,
    why: Why = "",
    json: Json = False,
    gateway: Gateway = THIS_MACHINE,
) -> int:
    """Enter what became of a notice."""
    body = {"action": action, "proof": proof, "moment": moment, "why": why}
    return _post(gateway, f"notices/{number}/steps", body, json)


def add_document(
    *,
    kind: Annotated[str, Parameter(help="What it is, such as subject_certificate.")],
    reference: Annotated[str, Parameter(help="Its number.")],
    account: Account = "",
    valid_from: Annotated[str | None, Parameter(help="From when it holds; now.")] = None,
    expires_at: Annotated[
        str | None, Parameter(help="When it expires; never. A date counts to its 24:00.")
    ] = None,
    sha256: Annotated[str, Parameter(help="Digest of the file, hexadecimal.")] = "",
    json: Json = False,
    gateway: Gateway = THIS_MACHINE,
) -> int:
    """Enter a paper that party A handed in."""
    body = {"kind": kind, "reference": reference, "account": account, "valid_from": valid_from,
            "expires_at": expires_at, "sha256": sha256}  # fmt: skip
    return _post(gateway, "documents", body, json)


def move_document(
    number: Number,
    action: Annotated[
        Literal["lost", "revoked", "replaced", "mistaken"],
        Parameter(name="RESULT", help="How it ended."),
    ],
    /,
    *,
    moment: Moment = None,
    why: Why = "",
    json: Json = False,
    gateway: Gateway = THIS_MACHINE,
) -> int:
    """Enter that a paper no longer holds."""
    body = {"action": action, "moment": moment, "why": why}
    return _post(gateway, f"documents/{number}/steps", body, json)


def add_window(
    *,
    kind: Annotated[
        Literal["force_majeure", "government_order", "party_a_platform", "maintenance"],
        Parameter(help="Whose failures it excuses."),
    ],
    cause: Annotated[str, Parameter(help="What happened, such as disaster or planned.")],
    why: Annotated[str, Parameter(help="Why; it is journalled with who did it.")],
    starts_at: Annotated[str | None, Parameter(help="When it begins; now.")] = None,
    ends_at: Annotated[str | None, Parameter(help="When it ends; open.")] = None,
    prefix: Annotated[
        list[str] | None, Parameter(help="Recipients concerned; all if none; may be repeated.")
    ] = None,
    area: Annotated[
        list[str] | None, Parameter(help="Area concerned; all if none; may be repeated.")
    ] = None,
    notice: NoticeNumber = None,
    reference: Reference = "",
    json: Json = False,
    gateway: Gateway = THIS_MACHINE,
) -> int:
    """Enter a time whose failures are not party B's."""
    body = {
        "kind": kind, "cause": cause, "why": why, "starts_at": starts_at, "ends_at": ends_at,
        "prefixes": prefix, "areas": area, "notice": notice, "reference": reference,
    }  # fmt: skip
    return _post(gateway, "windows", body, json)


def move_window(
    number: Number,
    action: Annotated[
        Literal["end", "notice", "agree", "dispute", "settle", "withdraw"],
        Parameter(name="ACTION", help="The step."),
    ],
    /,
    *,
    notice: NoticeNumber = None,
    reference: Reference = "",
    moment: Moment = None,
    why: Why = "",
    json: Json = False,
    gateway: Gateway = THIS_MACHINE,
) -> int:
    """Take one step of a window."""
    body = {"action": action, "notice": notice, "reference": reference, "moment": moment,
            "why": why}  # fmt: skip
    return _post(gateway, f"windows/{number}/steps", body, json)


def list_due(*, json: Json = False, gateway: Gateway = THIS_MACHINE) -> int:
    """List what has to be done, the most urgent first."""
    answer = call(gateway, "GET", "due")
    if json:
        write_json(answer)
    else:
        write_table(answer["items"], _TASK_COLUMNS)
    return Exit.OK


def _post(gateway: Gateway, path: str, body: dict[str, Any], json: bool) -> int:
    given = {key: value for key, value in body.items() if value not in (None, "")}
    return _write(call(gateway, "POST", path, body=given), json)


def _write(answer: dict[str, Any], json: bool) -> int:
    if json:
        write_json(answer)
        return Exit.OK
    history = answer.pop("history")
    write_fields({key: value for key, value in answer.items() if value not in (None, "", [])})
    for event in history:
        said = {key: value for key, value in event.items() if key not in ("event", "at")}
        print(f"  {shown(event['at'])} {shown(event['event'])} {shown(said)}")
    return Exit.OK
