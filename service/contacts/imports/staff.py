"""Who is meant in a cell: a caseworker by id or e-mail address, a team by id or by its name and office."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import func, or_, select

from service.contacts.models import Caseworker, Office, Team
from service.contacts.rules import Staff
from service.kernel.database import UnitOfWork
from service.kernel.ids import is_id
from service.kernel.imports.columns import Finding
from service.kernel.imports.runner import CheckedRow, Headings
from service.kernel.text import Text

NOBODY: Final = frozenset({"niemand", "nobody"})
"""In the column of the caseworker: from this day on nobody is responsible."""

_UNKNOWN: Final = Text("Deze medewerker of dit team kennen we niet, of niet meer.", "Unknown, or has left.")
_AMBIGUOUS: Final = Text("Hier zijn er meer van.", "There is more than one of these.")
_NOBODY_NAMED: Final = Text(
    "Noem een arbeidsdeskundige of een team. Is niemand meer verantwoordelijk? Schrijf 'niemand'.",
    "Name a caseworker or a team. Is nobody responsible any more? Write 'nobody'.",
)
_NO_BACKUP_OF_NOBODY: Final = Text("Achtervang van niemand kan niet.", "There is nobody whose backup this could be.")
_OWN_BACKUP: Final = Text("Kies een ander als achtervang.", "Choose somebody else as the backup.")


class Naming:
    """The caseworkers and teams that a piece of rows names, found in two statements."""

    def __init__(self, uow: UnitOfWork, rows: Sequence[CheckedRow]) -> None:
        people = {row.data[name] for row in rows for name in ("caseworker", "backup") if name in row.data}
        self._caseworkers = _caseworkers(uow, {text.casefold() for text in people} - NOBODY)
        self._teams = _teams(uow, {row.data["team"].casefold() for row in rows if "team" in row.data})
        self._staff: dict[tuple[str | None, ...], Staff] = {}

    def staff_of(self, row: CheckedRow, headings: Headings) -> Staff | None:
        """Who is to be responsible; None where the row does not say it rightly, which is added to its findings."""
        named = tuple(map(row.data.get, ("caseworker", "team", "office", "backup")))
        staff = self._staff.get(named)
        if staff is None:
            staff = self._staff_of(row, headings)
            # Where nobody is named, it depends on whether another finding says so already.
            if staff is not None and (named[0] or named[1]):
                self._staff[named] = staff
        return staff

    def _staff_of(self, row: CheckedRow, headings: Headings) -> Staff | None:
        data = row.data
        before = len(row.findings)

        def wrong(column: str, code: str, text: Text) -> None:
            row.findings.append(Finding(headings.get(column, column), code, text))

        named = data.get("caseworker", "").casefold()
        caseworker = team = backup = None
        if named in NOBODY and ("team" in data or "backup" in data):
            wrong("backup" if "backup" in data else "team", "backup-of-nobody", _NO_BACKUP_OF_NOBODY)
        if not (named or "team" in data):
            # Where a cell was wrong, that was said already.
            told = {headings.get(each, each) for each in ("caseworker", "team")}
            if not any(each.field in told for each in row.findings):
                wrong("caseworker", "required", _NOBODY_NAMED)
        if named and named not in NOBODY:
            caseworker = self._one(self._caseworkers.get(named, ()), "caseworker", wrong)
        if "team" in data and named not in NOBODY:
            office = data.get("office", "").casefold()
            found = self._teams.get(data["team"].casefold(), ())
            team = self._one([each for each, place in found if office in ("", place)], "team", wrong)
        if "backup" in data and named not in NOBODY:
            backup = self._one(self._caseworkers.get(data["backup"].casefold(), ()), "backup", wrong)
            if backup is not None and backup == caseworker:
                wrong("backup", "own-backup", _OWN_BACKUP)
        return None if len(row.findings) > before else Staff(caseworker, team, backup)

    @staticmethod
    def _one(found: Collection[str], column: str, wrong: Any) -> str | None:
        if len(found) == 1:
            return next(iter(found))
        if found:
            wrong(column, "ambiguous", _AMBIGUOUS)
        else:
            wrong(column, "unknown-reference", _UNKNOWN)
        return None


def _caseworkers(uow: UnitOfWork, texts: Collection[str]) -> Mapping[str, list[str]]:
    """The active caseworkers with these ids or addresses."""
    if not texts:
        return {}
    ids = [each for each in texts if is_id(each)]
    wanted = select(Caseworker.id, func.lower(Caseworker.email).label("email")).where(
        Caseworker.active, or_(Caseworker.id.in_(ids), func.lower(Caseworker.email).in_(list(texts)))
    )
    found: dict[str, list[str]] = {}
    for row in uow.execute(wanted):
        found.setdefault(row.email, []).append(row.id)
        found[row.id] = [row.id]
    return found


def _teams(uow: UnitOfWork, texts: Collection[str]) -> Mapping[str, list[tuple[str, str]]]:
    """The teams with these ids or names, each with its office."""
    if not texts:
        return {}
    ids = [each for each in texts if is_id(each)]
    wanted = (
        select(Team.id, func.lower(Team.name).label("name"), func.lower(Office.name).label("office"))
        .join(Office, Office.id == Team.office_id)
        .where(Team.active, or_(Team.id.in_(ids), func.lower(Team.name).in_(list(texts))))
    )
    found: dict[str, list[tuple[str, str]]] = {}
    for row in uow.execute(wanted):
        found.setdefault(row.name, []).append((row.id, row.office))
        found[row.id] = [(row.id, row.office)]
    return found
