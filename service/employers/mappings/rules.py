"""Which columns of a contract register an employer may name, and for which it may have words of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Final

from service.employers.rules import ContractType, JobcoachKind


class MappedColumn(StrEnum):
    """A column of the contract register."""

    REFERENCE = "reference"
    EMPLOYEE_NUMBER = "employeeNumber"
    BSN = "bsn"
    NAME = "name"
    ESTABLISHMENT = "establishment"
    START_DATE = "startDate"
    END_DATE = "endDate"
    CONTRACT_TYPE = "contractType"
    HOURS_PER_WEEK = "hoursPerWeek"
    JOB_TITLE = "jobTitle"
    OCCUPATION_CODE = "occupationCode"
    JOBCOACH_KIND = "jobcoachKind"
    JOBCOACH_ORGANISATION = "jobcoachOrganisation"
    LAST_WAGE_MONTH = "lastWageMonth"


class WordColumn(StrEnum):
    """A column that holds one of a closed list."""

    CONTRACT_TYPE = "contractType"
    JOBCOACH_KIND = "jobcoachKind"


VALUES: Final[Mapping[str, type[StrEnum]]] = {
    WordColumn.CONTRACT_TYPE: ContractType,
    WordColumn.JOBCOACH_KIND: JobcoachKind,
}


def has_value(column: str, value: str) -> bool:
    return value in {member.value for member in VALUES[column]}


def twice(names: Sequence[object]) -> Iterator[int]:
    """Where something stands that stood before."""
    seen: set[object] = set()
    for at, name in enumerate(names):
        if name in seen:
            yield at
        seen.add(name)
