"""The contacts of many as a table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final

from service.kernel.csv_text import SEPARATOR, cell, line

_CONTACT: Final = ("kind", "name", "role", "office", "phone", "email", "working_days", "absent_until", "reachable_on")
_BACKUP: Final = ("name", "phone", "email", "absent_until", "reachable_on")
_UPCOMING: Final = ("kind", "name", "phone", "email")
COLUMNS: Final = (
    "employmentId", "employeeNumber", "since",
    "contactKind", "contactName", "contactRole", "contactOffice", "contactPhone", "contactEmail", "contactWorkingDays",
    "contactAbsentUntil", "contactReachableOn",
    "backupName", "backupPhone", "backupEmail", "backupAbsentUntil", "backupReachableOn",
    "fallbackReason",
    "upcomingFrom", "upcomingKind", "upcomingName", "upcomingPhone", "upcomingEmail",
)  # fmt: skip
HEAD: Final = line(COLUMNS)


def sheet(answers: Iterable[Mapping[str, Any]]) -> str:
    """A row per answer. What many share is written once."""
    written: dict[int, str] = {}
    rows = []
    for answer in answers:
        shared = written.get(id(answer["contact"]))
        if shared is None:
            shared = written[id(answer["contact"])] = _shared(answer)
        number, since = cell(answer["employee_number"]), _text(answer["since"])
        rows.append(SEPARATOR.join((answer["employment_id"], number, since, shared)))
    return "".join(rows)


def _shared(answer: Mapping[str, Any]) -> str:
    backup, upcoming = answer["backup"] or {}, answer["upcoming"] or {}
    later = upcoming.get("contact", {})
    return line(
        _text(value)
        for value in (
            *(answer["contact"][name] for name in _CONTACT),
            *(backup.get(name) for name in _BACKUP),
            answer["fallback_reason"],
            upcoming.get("valid_from"),
            *(later.get(name) for name in _UPCOMING),
        )
    )


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, date):
        return value.isoformat()
    return " ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
