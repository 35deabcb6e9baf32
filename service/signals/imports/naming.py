"""Which employment a row means: by its id, by the reference of the HR system, or by the employee number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from service.access.actor import Actor
from service.contacts.lists.rules import Term, meant_by_number
from service.kernel.database import UnitOfWork
from service.kernel.imports.columns import Finding
from service.kernel.imports.runner import CheckedRow, Headings
from service.kernel.text import Text
from service.signals.beginning import find_many, reporting_party

_NAMES: Final = {"employment": "id", "reference": "reference", "employee_number": "employee_number"}
_COLUMNS: Final = {"employment": "employment", "reference": "reference", "employee_number": "employeeNumber"}
_WHICH: Final = Text(
    "Noem het dienstverband: met zijn id, uw referentie of het personeelsnummer.",
    "Name the employment: by its id, your reference or the employee number.",
)
_UNKNOWN: Final = Text(
    "Dit dienstverband bestaat niet, of u mag het niet zien.", "No such employment, or it is not yours to see."
)
_TWO: Final = Text("Deze gegevens horen bij verschillende dienstverbanden.", "These belong to different employments.")
_AT_WHICH: Final = Text(
    "Een referentie of personeelsnummer hoort bij een werkgever. Zeg bij welke: employerId in het adres.",
    "A reference or employee number belongs to an employer. Say to which one: employerId in the address.",
)


class Naming:
    """The employments that the rows of a piece mean, found for all at once. Where a row names one in several ways,
    they must agree."""

    def __init__(
        self, uow: UnitOfWork, actor: Actor, employer_id: str | None, rows: Sequence[CheckedRow], headings: Headings
    ) -> None:
        self._headings = headings
        self._employer_id = employer_id
        own = frozenset(actor.party_ids(actor.kind))

        def found(name: str) -> list[Any]:
            values = list(dict.fromkeys(row.data[name] for row in rows if name in row.data))
            if name != "employment" and employer_id is None:
                return []
            return [
                each
                for each in find_many(uow, _NAMES[name], values, employer_id)
                if reporting_party(actor.kind, each) in own and employer_id in (None, each.employer_id)
            ]

        self._by: dict[str, Mapping[str, Any]] = {
            "employment": {each.id: each for each in found("employment")},
            "reference": {each.reference: each for each in found("reference")},
            "employee_number": _meant(found("employee_number"), uow),
        }

    def employment_of(self, row: CheckedRow) -> Any:
        """The employment; None where the row does not name one rightly, which is added to its findings."""
        named = [name for name in _NAMES if name in row.data]
        if not named:
            wrong = {self._headings.get(column, column) for column in _COLUMNS.values()}
            if not any(finding.field in wrong for finding in row.findings):
                column = next((each for each in _COLUMNS.values() if each in self._headings), "employment")
                self._wrong(row, column, "required", _WHICH)
            return None
        found = None
        for name in named:
            if name != "employment" and self._employer_id is None:
                self._wrong(row, _COLUMNS[name], "employer-needed", _AT_WHICH)
                return None
            value = row.data[name]
            if name == "employee_number" and found is not None and found.employee_number == value:
                continue
            other = self._by[name].get(value)
            if other is None:
                self._wrong(row, _COLUMNS[name], "unknown-reference", _UNKNOWN)
                return None
            if found is not None and other.id != found.id:
                self._wrong(row, _COLUMNS[name], "two-employments", _TWO)
                return None
            found = other
        return found

    def _wrong(self, row: CheckedRow, column: str, code: str, text: Text) -> None:
        row.findings.append(Finding(self._headings.get(column, column), code, text))


def _meant(found: Iterable[Any], uow: UnitOfWork) -> dict[str, Any]:
    several: dict[str, dict[str, Any]] = {}
    for each in found:
        several.setdefault(each.employee_number, {})[each.id] = each
    meant: dict[str, Any] = {}
    for number, same in several.items():
        term = meant_by_number((Term(each.id, each.start_date, each.end_date) for each in same.values()), uow.today)
        if term is not None:
            meant[number] = same[term.id]
    return meant
