"""A row of the contract register, with the headings that HR systems give its columns."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from service.employers.rules import ContractType, JobcoachKind
from service.employers.schemas import NOT_A_REAL_DATE, ContractDate
from service.kernel.fields import Id, Message, String, fail
from service.kernel.imports.columns import Columns, DayCell, NumberCell, WordCell
from service.kernel.imports.jobs import ImportQuery
from service.kernel.schemas import Schema
from service.kernel.text import Text
from service.people.schemas import Bsn, WorkText
from service.reference.schemas import OccupationCode

COLUMNS: Final = Columns(
    {
        "reference": (
            *("referentie", "reference", "dienstverband-id", "contract-id", "dienstverbandnummer", "contractnummer"),
            *("employmentId", "contractId", "id"),
        ),
        "employeeNumber": (
            *("personeelsnummer", "employeeNumber", "medewerkernummer", "medewerker", "medewerkercode", "persnr"),
            *("pers.nr.", "pernr", "werknemernummer", "employeeId", "personnelNumber"),
        ),
        "bsn": ("bsn", "burgerservicenummer"),
        "name": ("naam", "name", "volledige naam", "naam medewerker", "employeeName", "fullName"),
        "establishment": (
            *("vestiging", "establishment", "vestigingsnummer", "establishmentId", "establishmentNumber"),
            *("werklocatie", "location"),
        ),
        "startDate": (
            *(
                "begindatum",
                "startDate",
                "startdatum",
                "datum in dienst",
                "in dienst",
                "indienst",
                "begindatum contract",
            ),
            *("startdatum contract", "contract begindatum", "begda", "hireDate", "contractStartDate"),
        ),
        "endDate": (
            *("einddatum", "endDate", "einddatum contract", "datum uit dienst", "uit dienst", "uitdienst"),
            *("contract einddatum", "endda", "contractEndDate"),
        ),
        "contractType": (
            *("contractsoort", "contractType", "soort contract", "type contract", "contractvorm", "dienstverbandtype"),
            *("type dienstverband", "soort dienstverband", "dienstverband"),
        ),
        "hoursPerWeek": (
            *("uren per week", "hoursPerWeek", "uren", "contracturen", "contracturen per week", "aantal uren per week"),
            *("uren p/w", "gemiddeld aantal uren per week", "weeklyHours", "contractHours"),
        ),
        "jobTitle": ("functie", "jobTitle", "functienaam", "functieomschrijving", "functietitel"),
        "occupationCode": ("beroepscode", "occupationCode", "isco", "isco-08"),
        "jobcoachKind": ("jobcoach", "jobcoachKind", "soort jobcoach"),
        "jobcoachOrganisation": ("jobcoachorganisatie", "jobcoachOrganisation"),
        "lastWageMonth": ("laatste loonmaand", "lastWageMonth", "laatste verloning", "laatste loonperiode"),
    },
    needed=(("reference", "employeeNumber"),),
)

EXAMPLE: Final = (
    {
        "reference": "VOORBEELD-1",
        "employeeNumber": "000001",
        "bsn": "000000012",
        "name": "Voorbeeld Een",
        "establishment": "Vestiging Voorbeeld",
        "startDate": "01-01-2026",
        "endDate": "31-12-2030",
        "contractType": "tijdelijk",
        "hoursPerWeek": "24,5",
        "jobTitle": "Medewerker magazijn",
        "occupationCode": "9333",
    },
    {
        "reference": "VOORBEELD-2",
        "name": "Voorbeeld Twee",
        "establishment": "Vestiging Voorbeeld",
        "startDate": "01-01-2026",
        "contractType": "vast",
    },
)
"""Taken over only where there is such an establishment: a row that is left in a file by mistake fails."""

CONTRACTS: Final = {
    **dict.fromkeys(
        (
            *("vast", "vast contract", "vast dienstverband", "vaste dienst", "onbepaald", "onbepaalde tijd", "o"),
            *("contract voor onbepaalde tijd", "voor onbepaalde tijd", "dienstverband onbepaalde tijd", "indefinite"),
        ),
        ContractType.PERMANENT,
    ),
    **dict.fromkeys(
        (
            *("tijdelijk", "tijdelijk contract", "tijdelijk dienstverband", "tijdelijke dienst", "bepaald", "b"),
            *("bepaalde tijd", "contract voor bepaalde tijd", "voor bepaalde tijd", "dienstverband bepaalde tijd"),
            *("jaarcontract", "fixed-term", "temporary"),
        ),
        ContractType.FIXED_TERM,
    ),
    **dict.fromkeys(
        ("uitzend", "uitzendkracht", "uitzendcontract", "uitzendovereenkomst", "inlenen", "temp agency"),
        ContractType.AGENCY,
    ),
    **dict.fromkeys(
        (
            *(
                "oproep",
                "oproepkracht",
                "oproepcontract",
                "oproepovereenkomst",
                "nuluren",
                "nul-uren",
                "nul uren",
                "0-uren",
            ),
            *(
                "nulurencontract",
                "nul-urencontract",
                "0-urencontract",
                "min-max",
                "min-maxcontract",
                "on call",
                "on-call",
            ),
            *("afroep", "zero hours"),
        ),
        ContractType.ON_CALL,
    ),
    **dict.fromkeys(("detachering", "gedetacheerd", "detacheringscontract", "payroll"), ContractType.SECONDMENT),
}
_COACHES: Final = {
    **dict.fromkeys(("geen", "nee", "no"), JobcoachKind.NONE),
    **dict.fromkeys(("extern", "externe jobcoach"), JobcoachKind.EXTERNAL),
    **dict.fromkeys(("intern", "interne jobcoach"), JobcoachKind.INTERNAL),
}


class ContractDayCell(ContractDate, DayCell):
    """A day as payroll systems write it: also 20261231, and with a time of midnight behind it. What stands for 'no
    date' is refused, also where it is no day of the calendar."""

    wrong = DayCell.wrong
    _MIDNIGHT = re.compile(r"(.{8,10}?)[ T]0?0:00(?::00(?:\.0+)?)?Z?", re.ASCII)
    _CLOSE = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
    _DUTCH_DAY = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})", re.ASCII)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> date:
        if isinstance(value, str):
            if midnight := self._MIDNIGHT.fullmatch(value):
                value = midnight[1]
            if close := self._CLOSE.fullmatch(value):
                value = f"{close[1]}-{close[2]}-{close[3]}"
            elif dutch := self._DUTCH_DAY.fullmatch(value):
                value = f"{dutch[3]}-{int(dutch[2]):02}-{int(dutch[1]):02}"
            if _is_zeros(value):
                fail("not-a-real-date", *NOT_A_REAL_DATE)
        return super()._deserialize(value, attr, data, **kwargs)


def _is_zeros(text: str) -> bool:
    return text.strip("0-/. ") == ""


class MonthCell(ContractDayCell):
    """A month, as its first day: 2026-08, 8-2026, 202608, or any day of it."""

    wrong = Message(
        "not-a-month", Text("Schrijf de maand als 08-2026 of 2026-08.", "Write the month as 2026-08 or 08-2026.")
    )
    _YEAR_FIRST = re.compile(r"(\d{4})[-/.]?(\d{2})", re.ASCII)
    _MONTH_FIRST = re.compile(r"(\d{1,2})[-/.](\d{4})", re.ASCII)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> date:
        if isinstance(value, str) and not _is_zeros(value):
            if found := self._YEAR_FIRST.fullmatch(value):
                value = f"{found[1]}-{found[2]}-01"
            elif found := self._MONTH_FIRST.fullmatch(value):
                value = f"{found[2]}-{int(found[1]):02}-01"
        return super()._deserialize(value, attr, data, **kwargs).replace(day=1)


class EmploymentRow(Schema):
    """What may stand in a cell. What cells say together is looked at where the row is handled."""

    reference = String(maximum=100)
    employee_number = String(maximum=50)
    bsn = Bsn()
    name = String(maximum=120)
    establishment = String(maximum=200)
    start_date = ContractDayCell()
    end_date = ContractDayCell()
    contract_type = WordCell(ContractType, CONTRACTS)
    hours_per_week = NumberCell(minimum=0, maximum=80)
    job_title = WorkText(maximum=120)
    occupation_code = OccupationCode()
    jobcoach_kind = WordCell(JobcoachKind, _COACHES)
    jobcoach_organisation = String(maximum=200)
    last_wage_month = MonthCell()


class EmploymentImportQuery(ImportQuery):
    employer_id = Id(metadata={"description": "Whose register it is; needed only by who acts for several employers"})
