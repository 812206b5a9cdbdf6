"""Name the commands, and run the one that the arguments ask for.

The commands' modules are imported when they run, so that `--help` answers at once.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Final

from cyclopts import App, CycloptsError, Parameter

from gateway.printable import printable
from gateway.version import VERSION

from .command import Command
from .exits import CommandError, Exit
from .figure_commands import FIGURE_COMMANDS
from .office_commands import OFFICE_COMMANDS, OFFICE_GROUPS
from .registry_commands import REGISTRY_COMMANDS, REGISTRY_GROUPS

DESCRIPTION: Final = (
    "Play a carrier's industry-SMS gateway over SMPP, and apply the contract to every message."
)
EXIT_CODES: Final = (
    "Exit codes: 0 ok, 1 a check or message failed, 2 usage, 3 invalid configuration, "
    "4 environment (port in use, disk, database, nobody listening), 5 refused by the server, "
    "6 timed out, 99 threshold crossed."
)
_TEXT: Final = "'【示例警务】您的居住证签注将于30日后到期。'"


COMMANDS: Final = (
    Command(("serve",), "serve:serve", "Run the gateway until SIGTERM or Ctrl-C.", (
        "smsgw serve",
        "smsgw serve --config smsgw.toml --log-pdus pdus.log",
        "smsgw serve --contract none --smpp 127.0.0.1:0 --http 127.0.0.1:0 --json",
    )),
    Command(("init",), "files:init",
            "Write an annotated smsgw.toml and contract.toml to start from.", (
        "smsgw init",
        "smsgw init --dir /etc/smsgw",
    )),
    Command(("check",), "files:check", "Check the configuration: every error at once.", (
        "smsgw check",
        "smsgw check --config smsgw.toml --json",
    )),
    Command(("hash-password",), "files:hash_password",
            "Hash a password for the settings; it is asked for, or read from standard input.", (
        "smsgw hash-password",
        "printf %s \"$PASSWORD\" | smsgw hash-password",
    )),
    Command(("send",), "send:send", "Bind, submit a text, and show the message ids.", (
        f"smsgw send 13300000001 {_TEXT} --wait",
        "smsgw send 19900000002 '【示例警务】测试' --receipt --wait --json",
        "smsgw send 13300000001 '【示例警务】测试' --host 10.0.0.5 --port 2775 --count 10",
    )),
    Command(("mo",), "traffic:mo", "Inject an uplink message, as if a handset had sent it.", (
        "smsgw mo 13300000001 106590990371 TD",
        "smsgw mo 13300000001 10659099037101 收到 --json",
    )),
    Command(("explain",), "traffic:explain",
            "Show every check, its verdict and clause; nothing is sent, nothing charged.", (
        f"smsgw explain --from 106590990371 --to 13300000001 {_TEXT}",
        "smsgw explain --from 106590990371 --to 13300000001 --service instant '验证码482913'",
    )),
    Command(("dashboards",), "dashboards:dashboards", "Write Grafana's dashboards.", (
        "smsgw dashboards --out dashboards",
        "smsgw dashboards --out /var/lib/grafana/dashboards",
    )),
    Command(("rules",), "rules:rules",
            "Write Prometheus's recording and alert rules with the contract's own figures.", (
        "smsgw rules --out smsgw.rules.yml",
        "smsgw rules --contract contract.toml",
    )),
    Command(("simulate",), "simulate:simulate",
            "Live through days of a contract in simulated time.", (
        "smsgw simulate --from 2023-12-01 --to 2026-11-30 --per-day 5000 --data three-years",
        "smsgw simulate --from 2026-01-01 --to 2026-01-31 --profile below_target --seed 7 --json",
    )),
    Command(("messages", "list"), "messages:list_messages",
            "List messages that match, newest first.", (
        "smsgw messages list",
        "smsgw messages list 'to:133* is:rejected' --limit 20",
        "smsgw messages list 'state:EXPIRED | reason:scope' --json",
    )),
    Command(("messages", "show"), "messages:show",
            "Show a message: its data, PDUs, checks or history.", (
        "smsgw messages show 812345678901234567",
        "smsgw messages show 812345678901234567 --why",
        "smsgw messages show 812345678901234567 --pdu --json",
    )),
    Command(("messages", "wait"), "messages:wait", "Wait until so many messages match.", (
        "smsgw messages wait 'state:DELIVERED to:13300000001'",
        "smsgw messages wait 'account:police is:rejected' --count 3 --timeout 60",
    )),
    Command(("messages", "export"), "messages:export",
            "Write all messages that match to a file or to standard output.", (
        "smsgw messages export --out messages.csv",
        "smsgw messages export 'after:2026-03-01 before:2026-04-01' --format jsonl",
    )),
    Command(("sessions", "list"), "sessions:list_sessions", "List the bound sessions.", (
        "smsgw sessions list",
        "smsgw sessions list --json",
    )),
    Command(("sessions", "unbind"), "sessions:unbind", "End a session politely.", (
        "smsgw sessions unbind 7",
        "smsgw sessions unbind 7 --json",
    )),
    Command(("sessions", "reset"), "sessions:reset", "End a session by a TCP reset.", (
        "smsgw sessions reset 7",
        "smsgw sessions reset 7 --json",
    )),
    Command(("sessions", "stall"), "sessions:stall",
            "Leave a session open, but read and write nothing on it any more.", (
        "smsgw sessions stall 7",
        "smsgw sessions stall 7 --json",
    )),
    Command(("unsubscribe", "show"), "unsubscribe:show",
            "Show what a user has consented to and what he refuses.", (
        "smsgw unsubscribe show 13300000001",
        "smsgw unsubscribe show 13300000001 --json",
    )),
    Command(("unsubscribe", "send"), "unsubscribe:send",
            "Record a user's refusal; it holds at once, and party A is told.", (
        "smsgw unsubscribe send 13300000001 --why 'called the hotline'",
        "smsgw unsubscribe send 13300000001 --category reminder --proof B-20260318-7",
    )),
    Command(("unsubscribe", "report"), "unsubscribe:report",
            "Show how party A's interface worked, and what it has not completed.", (
        "smsgw unsubscribe report",
        "smsgw unsubscribe report --from 2026-03-01 --to 2026-03-31 --json",
    )),
    Command(("retention", "show"), "retention:show", "Show what is kept, and by which reason.", (
        "smsgw retention show",
        "smsgw retention show --json",
    )),
    Command(("retention", "run"), "retention:run", "Remove the months that nothing keeps.", (
        "smsgw retention run",
        "smsgw retention run --json",
    )),
    Command(("retention", "hold"), "retention:hold", "Order records to be kept longer.", (
        "smsgw retention hold 2026-01-01 --why 'court file'",
        "smsgw retention hold 2026-01-01T08:00:00+08:00 --why audit --reference A-17",
    )),
    Command(("retention", "release"), "retention:release", "Release an order to keep records.", (
        "smsgw retention release 1 --why 'the file is closed'",
        "smsgw retention release 1 --why done --json",
    )),
    Command(("clock", "now"), "clock:now", "Show the business time that the gateway goes by.", (
        "smsgw clock now",
        "smsgw clock now --json",
    )),
    Command(("clock", "advance"), "clock:advance", "Put a simulated clock forward.", (
        "smsgw clock advance 90d",
        "smsgw clock advance --to 2026-12-01T00:00:00+08:00",
    )),
    Command(("clock", "scale"), "clock:scale", "Let a simulated clock run at another pace.", (
        "smsgw clock scale 3600",
        "smsgw clock scale 0",
    )),
    Command(("templates", "list"), "templates:list_templates", "List templates by name.", (
        "smsgw templates list",
        "smsgw templates list --state submitted --json",
    )),
    Command(("templates", "show"), "templates:show", "Show every version of a template.", (
        "smsgw templates show T01",
        "smsgw templates show T01 --json",
    )),
    Command(("templates", "draft"), "templates:draft",
            "Begin a version of a template, or word its open draft anew.", (
        "smsgw templates draft T05 '您预约的{text}业务已取消。' --why 'new service'",
        "smsgw templates draft T29 'Code {code}.' --category verification --service instant "
        "--why codes",
    )),
    Command(("templates", "submit"), "templates:submit", "Submit the open draft for approval.", (
        "smsgw templates submit T05 --why 'ready for approval'",
        "smsgw templates submit T05 --why ready --json",
    )),
    Command(("templates", "approve"), "templates:approve",
            "Approve what is submitted, as party B.", (
        "smsgw templates approve T05 --why 'in order' --approval B-12",
        "smsgw templates approve T05 --why 'in order' --from 2026-04-01 --until 2026-09-30",
    )),
    Command(("templates", "send-back"), "templates:send_back",
            "Refuse what is submitted, as party B: it is a draft again.", (
        "smsgw templates send-back T05 --why 'too vague'",
        "smsgw templates send-back T05 --why 'too vague' --json",
    )),
    Command(("templates", "revoke"), "templates:revoke",
            "End a version that is approved or in force.", (
        "smsgw templates revoke T05 --why 'no longer used'",
        "smsgw templates revoke T05 --version 2 --from 2026-06-30T18:00 --why 'replaced'",
    )),
    Command(("templates", "match"), "templates:match",
            "Compare a text with the approved templates; nothing is sent.", (
        f"smsgw templates match {_TEXT}",
        "smsgw templates match '验证码482913' --service instant --json",
    )),
    Command(("standing", "show"), "standing:show",
            "Show the term, and of each account what stands in its way and when it ends.", (
        "smsgw standing show",
        "smsgw standing show --json",
    )),
    Command(("standing", "suspensions"), "standing:suspensions",
            "List every suspension, over or not.", (
        "smsgw standing suspensions",
        "smsgw standing suspensions --json",
    )),
    Command(("standing", "suspend"), "standing:suspend",
            "Suspend an account's business: submissions are refused, the rest goes on.", (
        "smsgw standing suspend police --clause 7.5 --why 'suspicion of fraud'",
        "smsgw standing suspend police --clause 7.2 --why arrears --port 106590990371 "
        "--until 2026-06-30",
        "smsgw standing suspend '*' --clause 'annex 13' --why 'order of the authority'",
    )),
    Command(("standing", "lift"), "standing:lift", "End a suspension at once.", (
        "smsgw standing lift 1 --why explained",
        "smsgw standing lift 1 --why explained --json",
    )),
    Command(("standing", "terminations"), "standing:terminations",
            "List the terminations that weren't taken back.", (
        "smsgw standing terminations",
        "smsgw standing terminations --json",
    )),
    Command(("standing", "terminate"), "standing:terminate",
            "End the contract, or an account's part of it.", (
        "smsgw standing terminate '*' --clause 7.2 --end 2026-06-30 --why arrears",
        "smsgw standing terminate police --clause 4.4 --notice 2026-03-02 --end 2026-06-30 "
        "--why moved",
    )),
    Command(("standing", "reinstate"), "standing:reinstate", "Take a termination back.", (
        "smsgw standing reinstate police --why paid",
        "smsgw standing reinstate '*' --why mistake",
    )),
    Command(("scope", "show"), "scope:show", "Show the user scope in force, and every version.", (
        "smsgw scope show",
        "smsgw scope show --json",
    )),
    Command(("scope", "check"), "scope:check", "Say whether a number is in scope.", (
        "smsgw scope check 13300000001",
        "smsgw scope check 13300000001 --at 2026-04-01",
    )),
    Command(("scope", "import"), "scope:import_file",
            "Put a new scope in force from a file of any size.", (
        "smsgw scope import users.csv --why 'list of March'",
        "smsgw scope import users.csv --why 'list of April' --from 2026-04-01",
        "smsgw scope import users.csv --why 'list of April' --draft --partial",
    )),
    Command(("scope", "changes"), "scope:changes", "List the changes of the scope.", (
        "smsgw scope changes",
        "smsgw scope changes --limit 10 --json",
    )),
    Command(("scope", "step"), "scope:step", "Take one step of a change.", (
        "smsgw scope step 1 approve --why 'as agreed'",
        "smsgw scope step 1 revoke --why 'a mistake'",
    )),
    Command(("sla",), "sla:sla", "Show the quality index of clause 3.2.4, under any reading.", (
        "smsgw sla messages --class carrier --from 2026-03-01 --to 2026-03-31",
        "smsgw sla --window trailing12 --reading sla.logic=and --json",
        "smsgw sla what-if",
    )),
    Command(("statements", "list"), "statements:statements", "List every statement.", (
        "smsgw statements list",
        "smsgw statements list --json",
    )),
    Command(("statements", "show"), "statements:show", "Show a statement as it was issued.", (
        "smsgw statements show HN-2023-20251201-1",
        "smsgw statements show HN-2023-20251201-1 --format xlsx --out statement.xlsx",
    )),
    Command(("statements", "issue"), "statements:issue", "Issue the statement of a period.", (
        "smsgw statements issue --period 2025-12-01",
        "smsgw statements issue --period 2025-12-01 --reason 'a window was declared late'",
    )),
    Command(("payments", "list"), "statements:payments", "List every payment.", (
        "smsgw payments list",
        "smsgw payments list --json",
    )),
    Command(("payments", "enter"), "statements:pay", "Enter what party A has paid.", (
        "smsgw payments enter 37869.00 --on 2026-06-20",
        "smsgw payments enter 120.50 --on 2026-07-20 --purpose late_fee --reference B-7",
    )),
    Command(("arrears",), "statements:arrears", "Show what is owed, with late fees.", (
        "smsgw arrears",
        "smsgw arrears --on 2026-08-01 --json",
    )),
    Command(("claims", "list"), "statements:claims", "List claims, and what of them is owed.", (
        "smsgw claims list",
        "smsgw claims list --json",
    )),
    Command(("claims", "enter"), "statements:claim", "Enter a loss that party A claims.", (
        "smsgw claims enter 1200.50 --on 2026-05-03 --why 'warnings came a day late'",
        "smsgw claims enter 80 --on 2026-05-03 --why outage --reference C-2",
    )),
    Command(("free-month",), "statements:free_month", "Show or grant the month without fee.", (
        "smsgw free-month",
        "smsgw free-month 2026-02-01 --delivered 2025-12-20",
    )),
    Command(("settlement",), "sla:settlement", "Show settlements: all periods, or one.", (
        "smsgw settlement",
        "smsgw settlement --period 2025-12-01 --reading sla.logic=and",
        "smsgw settlement --period 2025-12-01 --format xlsx --out settlement.xlsx",
    )),
    *FIGURE_COMMANDS,
    *OFFICE_COMMANDS,
    *REGISTRY_COMMANDS,
    Command(("evidence",), "evidence:evidence", "Write the records behind a figure.", (
        "smsgw evidence --account police --from 2026-06-01 --to 2026-06-30 --class carrier --out e",
        "smsgw evidence --account police --from 2026-06-01 --to 2026-06-01 --class ok --out day.e",
    )),
    Command(("reconcile",), "reconcile:reconciliation", "Compare independent counts, or lists.", (
        "smsgw reconcile --data smsgw-data",
        "smsgw reconcile --theirs june.csv --from 2026-06-01 --to 2026-06-30 --out differing.csv",
    )),
    Command(("verify",), "verify:verify",
            "Check the journal's hash chain, and that the archive agrees with it.", (
        "smsgw verify",
        "smsgw verify --data /var/lib/smsgw --json",
    )),
    Command(("load",), "load:load", "Send many messages, and measure responses and receipts.", (
        "smsgw load",
        "smsgw load --rate 5000 --time 60 --threshold 'p99<20ms' --threshold 'errors<0.1%'",
        "smsgw load --target 127.0.0.1:2775 --binds 10 --window 100 --html report.html",
    )),
)  # fmt: skip
"""Every command there is."""

GROUPS: Final = {
    "unsubscribe": "Unsubscribe users at the hotline, and see how party A's interface works.",
    "statements": "Issue and show statements.",
    "payments": "List and enter payments.",
    "claims": "List and enter claims.",
    "retention": "Show what is kept and why, and remove what need not be.",
    "clock": "Show the gateway's clock, and move that of a simulation.",
    "messages": "List, show, wait for and export messages.",
    "sessions": "List and end SMPP sessions.",
    "templates": "List templates, change them by their procedure, compare texts with them.",
    "standing": "Show the standing of accounts; suspend, lift, terminate.",
    "scope": "Show the user scope, import a new one, take the steps of its changes.",
    **OFFICE_GROUPS,
    **REGISTRY_GROUPS,
}
"""First words of commands of two words."""


def build() -> App:
    """Build the parser of the command line."""
    app = App(
        name="smsgw",
        help=DESCRIPTION,
        help_epilogue=EXIT_CODES,
        version=VERSION,
        help_format="plaintext",
        result_action="return_value",
        default_parameter=Parameter(negative=()),
    )
    groups = {word: App(name=word, help=text) for word, text in GROUPS.items()}
    for group in groups.values():
        app.command(group)
    for command in COMMANDS:
        owner = app if len(command.words) == 1 else groups[command.words[0]]
        owner.command(
            f"gateway.cli.{command.function}",
            name=command.words[-1],
            help=command.help,
            help_epilogue="\n".join(("Examples:", *(f"  {line}" for line in command.examples))),
            help_format="plaintext",
        )
    return app


def run(arguments: Sequence[str]) -> int:
    """Run one command and give its exit code."""
    try:
        result: object = build()(
            list(arguments), exit_on_error=False, print_error=False, result_action="return_value"
        )
        sys.stdout.flush()
    except CycloptsError as error:
        complain(f"{error}; see smsgw --help")
        return Exit.USAGE
    except CommandError as error:
        complain(str(error))
        return error.code
    except KeyboardInterrupt:
        return 130
    except (BrokenPipeError, SystemExit):
        # Whoever read our output has seen enough, as `head` does; the rest goes nowhere. (rich
        # turns the first of these errors into the second.)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.OK
    return result if isinstance(result, int) else Exit.OK


def complain(message: str) -> None:
    """Write to standard error what was wrong; a line of it can't be broken from outside."""
    for line in message.splitlines() or [""]:
        print(f"smsgw: {printable(line)}", file=sys.stderr)
