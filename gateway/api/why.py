"""Say why a message was accepted or rejected, and how it ended: every check, in order."""

from __future__ import annotations

from collections.abc import Mapping

from config.settings import Settings
from routing.explain import keys_of
from routing.liability import CodeTable
from routing.reasons import REASONS, Reason, cited
from routing.verdict import TABLE, Check

from .ports import JsonObject

_PENDING = frozenset({"ENROUTE", "SCHEDULED"})


def why(message: Mapping[str, object], settings: Settings, codes: CodeTable) -> JsonObject:
    """Give the verdict with every check of the table, and what the outcome means.

    A check that is not recorded as failed has passed; it is shown in its present mode.
    """
    verdict = _object(message.get("verdict"))
    reason = REASONS.get(str(verdict.get("reason", "none")), REASONS["none"])
    failed = {str(row.get("name")): row for row in _rows(verdict.get("checks"))}
    checks = [_check(check, failed.get(check.reason), settings) for check in TABLE]
    known = {check.reason for check in TABLE}
    checks += [_row(row, REASONS.get(name)) for name, row in failed.items() if name not in known]
    outcome = _outcome(message, codes)
    return {
        "id": message.get("id"),
        "accepted": verdict.get("accepted", True),
        "status": verdict.get("status", 0),
        "status_name": verdict.get("status_name", "ESME_ROK"),
        "reason": reason.name,
        "clause": reason.clause,
        "advice": reason.advice,
        "sentence": _sentence(reason, failed, outcome),
        "checks": checks,
        "outcome": outcome,
    }


def _check(check: Check, row: Mapping[str, object] | None, settings: Settings) -> JsonObject:
    if row is not None:
        return _row(row, REASONS[check.reason])
    off = check.contract and not settings.contract.checked
    # `fault` and `internal` are no checks one can set a mode for.
    mode = "off" if off else getattr(settings.checks, check.reason, "enforce")
    reason = REASONS[check.reason]
    return {
        "name": check.reason,
        "title": reason.title,
        "title_zh": reason.title_zh,
        "passed": True,
        "mode": mode,
        "clause": check.clause,
        "detail": "",
        "detail_zh": "",
        "seen": "",
        "allowed": "",
        "breach_rows": [],
        "keys": list(keys_of(check.reason)),
        "advice": "",
    }


def _row(row: Mapping[str, object], reason: Reason | None) -> JsonObject:
    passed = bool(row.get("passed", False))
    return {
        "name": row.get("name"),
        "title": reason.title if reason else "",
        "title_zh": reason.title_zh if reason else "",
        "passed": passed,
        "mode": row.get("mode", "enforce"),
        "clause": row.get("clause", reason.clause if reason else ""),
        "detail": row.get("detail", ""),
        "detail_zh": row.get("detail_zh") or (reason.title_zh if reason and not passed else ""),
        "seen": row.get("seen", ""),
        "allowed": row.get("allowed", ""),
        "breach_rows": row.get("breach_rows", []),
        "keys": list(keys_of(str(row.get("name")))),
        "advice": reason.advice if reason and not passed else "",
    }


def _outcome(message: Mapping[str, object], codes: CodeTable) -> JsonObject:
    error = str(message.get("error") or "")
    english, chinese = codes.meaning(error) if error else ("", "")
    return {
        "state": message.get("state"),
        "error": error,
        "meaning": english,
        "meaning_zh": chinese,
        "liability": message.get("liability"),
    }


def _sentence(
    reason: Reason, failed: Mapping[str, Mapping[str, object]], outcome: JsonObject
) -> str:
    if reason.name != "none":
        detail = str(failed.get(reason.name, {}).get("detail") or reason.title)
        return f"Rejected, {reason.name} ({cited(reason.clause)}): {detail}. {reason.advice}"
    state, error = outcome["state"], outcome["error"]
    if state in _PENDING:
        return "Accepted; its delivery is not finished."
    code = f", error {error} ({outcome['meaning']})" if outcome["meaning"] else ""
    return f"Accepted, then {state}{code}; liability: {outcome['liability']}."


def _object(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def _rows(value: object) -> list[Mapping[str, object]]:
    return [row for row in value if isinstance(row, Mapping)] if isinstance(value, list) else []
