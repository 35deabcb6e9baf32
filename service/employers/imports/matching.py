"""Which employment a row is about: the one with its reference, else with its employee number and first day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final, NamedTuple, cast

from sqlalchemy import Numeric, Table, bindparam, select, type_coerce

from service.employers.models import Employment
from service.kernel.among import among
from service.kernel.database import Id, UnitOfWork
from service.kernel.imports.runner import CheckedRow
from service.kernel.prepared import Prepared

FACTS: Final = (
    *("reference", "employee_number", "establishment_id", "start_date", "end_date", "contract_type", "hours_per_week"),
    *("job_title", "occupation_code", "jobcoach_kind", "jobcoach_organisation_id", "last_wage_month"),
)
"""What a row says of an employment, as the table calls it."""
_BESIDE: Final = ("id", "version", "person_id", "person_by_uwv", "chain_since", "created_at", "end_said_on")
_EMPLOYMENT: Final = cast(Table, Employment.__table__)


def _column(name: str) -> Any:
    column = _EMPLOYMENT.c[name]
    if name == "hours_per_week":
        return type_coerce(column, Numeric(5, 2, asdecimal=False)).label(name)
    return column


_ALL: Final = select(*map(_column, (*_BESIDE, *FACTS))).where(
    _EMPLOYMENT.c.employer_id == bindparam("employer_id", type_=Id)
)
_BY_REFERENCE: Final = Prepared(_ALL.where(among(_EMPLOYMENT.c.reference, "references")))
_BY_NUMBER: Final = Prepared(_ALL.where(among(_EMPLOYMENT.c.employee_number, "numbers")))

Known = Any
"""An employment as it is: FACTS, and id, version, person_id, person_by_uwv, chain_since, created_at,
end_said_on."""


class Several(NamedTuple):
    """More than one employment fits."""


Match = Known | Several | None
_Days = dict[tuple[str, date], list[Known]]


def match(uow: UnitOfWork, employer_id: str, rows: Sequence[CheckedRow]) -> list[Match]:
    """For each row its employment, where there is one."""
    references = [row.data["reference"] for row in rows if "reference" in row.data]
    by_reference: dict[str | None, Known] = {}
    if references:
        found = uow.find(_BY_REFERENCE, {"employer_id": employer_id, "references": references})
        by_reference = {each.reference: each for each in found}
    matches: list[Match] = [by_reference.get(row.data.get("reference")) for row in rows]
    rest = [at for at, one in enumerate(matches) if one is None and _day(rows[at]) is not None]
    if rest:
        numbers = list({rows[at].data["employee_number"] for at in rest})
        days: _Days = {}
        for each in uow.find(_BY_NUMBER, {"employer_id": employer_id, "numbers": numbers}):
            days.setdefault((each.employee_number, each.start_date), []).append(each)
        if days:
            for at in rest:
                matches[at] = _by_day(rows[at], days)
    return matches


def _day(row: CheckedRow) -> tuple[str, date] | None:
    data = row.data
    if "employee_number" in data and "start_date" in data:
        return data["employee_number"], data["start_date"]
    return None


def _by_day(row: CheckedRow, days: _Days) -> Match:
    """What has a reference is another employment than a row with another reference names."""
    day = _day(row)
    found = [] if day is None else days.get(day, [])
    plain = [each for each in found if each.reference is None]
    if len(plain) == 1:
        return plain[0]
    fitting = plain if "reference" in row.data else found
    if len(fitting) > 1:
        return Several()
    return fitting[0] if fitting else None


def key_of(row: CheckedRow) -> tuple[Any, ...] | None:
    """What a row that names nothing yet is known by in its file."""
    reference = row.data.get("reference")
    return _day(row) if reference is None else (reference,)
