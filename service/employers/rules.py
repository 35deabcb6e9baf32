"""Employers, their certificates and the employments they report: what holds, and what only looks odd.

An identifier or a date that cannot be true is refused. What is merely implausible is accepted with a warning, so
that an HR system can send its whole contract register and still learn what to look at. All functions are pure: time
comes in as a value.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final, NamedTuple

from service.kernel.text import Text
from service.people.rules import is_bsn


class ContractType(StrEnum):
    """The kind of employment, as the employer states it."""

    PERMANENT = "permanent"
    FIXED_TERM = "fixed_term"
    AGENCY = "agency"
    ON_CALL = "on_call"
    SECONDMENT = "secondment"


class JobcoachKind(StrEnum):
    """External: of a recognised organisation, chosen by the person. Internal: arranged by the employer."""

    NONE = "none"
    EXTERNAL = "external"
    INTERNAL = "internal"


class PsoLevel(StrEnum):
    """The levels of the PSO certificate (PSO-Nederland), lowest first. The 30+ certificate stands beside them."""

    ASPIRANT = "aspirant"
    BASIS = "basis"
    STEP_1 = "step_1"
    STEP_2 = "step_2"
    STEP_3 = "step_3"


PSO_VALIDITY_MONTHS: Final = 24
MAXIMUM_WEEKLY_HOURS: Final = 48
CHAIN_MONTHS: Final = 36
CHAIN_GAP_MONTHS: Final = 6
MONTHS_WITHOUT_WAGES: Final = 3

ONE_DAY: Final = timedelta(days=1)


# --- Calendar ---------------------------------------------------------------------------------------------------


def months_later(day: date, months: int) -> date:
    """The same day of the month, `months` calendar months later (or earlier, where negative); the last day where it is
    shorter.

    A result beyond the calendar becomes its last day, or its first, so that 9999-12-31 in somebody's register breaks
    nothing.

    >>> months_later(date(2027, 11, 30), 3)
    datetime.date(2028, 2, 29)
    """
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    if year > date.max.year:
        return date.max
    if year < date.min.year:
        return date.min
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def month_of(day: date) -> date:
    """The first day of the month: how a month is kept."""
    return day.replace(day=1)


def last_day_of(month: date) -> date:
    """The last day of the month in which this day lies.

    >>> last_day_of(date(2028, 2, 1))
    datetime.date(2028, 2, 29)
    """
    return month.replace(day=monthrange(month.year, month.month)[1])


# Days that payroll systems write where they know none.
SENTINEL_DATES: Final = frozenset(
    {
        date(1, 1, 1),
        date(1753, 1, 1),
        date(1800, 1, 1),
        date(1899, 12, 30),
        date(1899, 12, 31),
        date(1900, 1, 1),
        date(1970, 1, 1),
        date(2099, 12, 31),
        date(2999, 12, 31),
        date(9999, 1, 1),
        date(9999, 12, 31),
    }
)


def is_sentinel_date(day: date) -> bool:
    """Whether this day stands for 'no date' in a source system. Such a value is refused: leave the field null."""
    return day in SENTINEL_DATES


# --- Identifiers ------------------------------------------------------------------------------------------------

_KVK_NUMBER: Final = re.compile(r"[0-9]{8}")
_ESTABLISHMENT_NUMBER: Final = re.compile(r"[0-9]{12}")
_PAYROLL_TAX_NUMBER: Final = re.compile(r"([0-9]{9})L[0-9]{2}")


def _not_all_zeros(digits: str) -> bool:
    return digits.strip("0") != ""


def is_kvk_number(value: str) -> bool:
    """Eight digits, not all zeros (Handelsregister; the number has no check digit)."""
    return _KVK_NUMBER.fullmatch(value) is not None and _not_all_zeros(value)


def is_establishment_number(value: str) -> bool:
    """Twelve digits, not all zeros (vestigingsnummer, Handelsregister; no check digit)."""
    return _ESTABLISHMENT_NUMBER.fullmatch(value) is not None and _not_all_zeros(value)


def is_payroll_tax_number(value: str) -> bool:
    """Fiscal number (nine digits that pass the 11-check), the letter L, two digits (loonheffingennummer).

    A sole trader's fiscal number is a BSN: protect the whole number like one.
    """
    found = _PAYROLL_TAX_NUMBER.fullmatch(value)
    return found is not None and is_bsn(found[1])


# --- PSO certificate --------------------------------------------------------------------------------------------


def pso_last_day(valid_from: date, valid_until: date) -> date:
    """The last day on which a PSO certificate counts: it is valid for two years, a later `valid_until` adds nothing."""
    return min(valid_until, months_later(valid_from, PSO_VALIDITY_MONTHS))


def pso_valid(level: PsoLevel | None, valid_from: date, valid_until: date, today: date) -> bool:
    """Whether a PSO certificate counts today; its first and last day count.

    Every level counts alike, aspirant included. A certificate is valid for two years (PSO-Nederland): a later
    `valid_until` adds nothing. No level is no certificate.
    """
    return level is not None and valid_from <= today <= pso_last_day(valid_from, valid_until)


# --- When an employment ended, by its wages ---------------------------------------------------------------------


def end_by_wages(last_wage_month: date | None, today: date) -> date | None:
    """The last day of the last month with wages, once three whole months without any have passed; else None.

    For an employment without a registered end date (docs/domain.md, clocks; the researchers' definition). None too
    where the employer sends no months with wages. `last_wage_month` is any day in that month.

    >>> end_by_wages(date(2026, 1, 1), date(2026, 4, 30)), end_by_wages(date(2026, 1, 1), date(2026, 5, 1))
    (None, datetime.date(2026, 1, 31))
    """
    if last_wage_month is None or today < months_later(month_of(last_wage_month), MONTHS_WITHOUT_WAGES + 1):
        return None
    return last_day_of(last_wage_month)


def effective_end(end_date: date | None, last_wage_month: date | None, today: date) -> date | None:
    """The last day of an employment as far as anybody can tell today: the registered one, else the one by wages.

    The second is a presumption, about which the employer is asked: never treat it as registered.
    """
    return end_date if end_date is not None else end_by_wages(last_wage_month, today)


# --- Employments ------------------------------------------------------------------------------------------------


class RuleWarning(NamedTuple):
    """Something to look at that does not stop the message: a code for machines, a sentence for people."""

    code: str
    text: Text


class EmploymentWarning(StrEnum):
    """Codes of what looks odd in an employment."""

    END_IN_PAST = "end_in_past"
    START_EQUALS_END = "start_equals_end"
    HOURS_ABOVE_48 = "hours_above_48"
    FIXED_TERM_WITHOUT_END = "fixed_term_without_end"
    CHAIN_BEYOND_3_YEARS = "chain_beyond_3_years"


END_BEFORE_START: Final = Text("De einddatum ligt voor de begindatum.", "The end date lies before the start date.")
NOT_EXTERNAL: Final = Text(
    "Alleen bij een externe jobcoach hoort een organisatie.", "Only an external jobcoach has an organisation."
)
HOLDS_BSN: Final = Text(
    "Hier staat het BSN. Dit veld wordt teruggegeven: gebruik een eigen nummer.",
    "This holds the BSN. This field is given back: use a number of your own.",
)


def end_before_start(start: date, end: date | None) -> bool:
    """An error, not a warning: an employment cannot end before it starts. The same day is allowed."""
    return end is not None and end < start


WAGES_IN_FUTURE: Final = Text("Deze maand is nog niet begonnen.", "This month has not begun yet.")


def wages_in_future(month: date | None, today: date) -> bool:
    """Whether the last month with wages (its first day) has not begun."""
    return month is not None and month > today


def organisation_fits(kind: JobcoachKind, organisation_id: str | None) -> bool:
    """Only an external jobcoach belongs to an organisation."""
    return organisation_id is None or kind is JobcoachKind.EXTERNAL


def holds_bsn(text: str | None, bsn: str | None) -> bool:
    """Whether a field that is given back holds the BSN that came with it."""
    return bsn is not None and text is not None and bsn in text


def chain_matters(contract_type: ContractType, end: date | None) -> bool:
    """Only fixed-term contracts with an end form chains."""
    return contract_type is ContractType.FIXED_TERM and end is not None


def chain_since(start: date, earlier: Iterable[tuple[date, date]]) -> date | None:
    """The first day of the chain of fixed-term contracts that a contract from `start` continues, else None.

    `earlier` holds the (start, end) of earlier fixed-term contracts at the same employer, in any order, both days
    included. Contracts form a chain when at most six months lie between them (art. 7:668a BW).
    """
    first = start
    for earlier_start, earlier_end in sorted(earlier, reverse=True):
        gap_from = min(earlier_end, date.max - ONE_DAY) + ONE_DAY
        if earlier_start < first <= months_later(gap_from, CHAIN_GAP_MONTHS):
            first = earlier_start
    return first if first < start else None


class _Facts(NamedTuple):
    start: date
    end: date | None
    hours_per_week: Decimal | float | None
    contract_type: ContractType
    chain_since: date | None
    today: date


def _chain_too_long(facts: _Facts) -> bool:
    if facts.contract_type is not ContractType.FIXED_TERM or facts.chain_since is None or facts.end is None:
        return False
    return facts.end >= months_later(facts.chain_since, CHAIN_MONTHS)


_EMPLOYMENT_CHECKS: Final[tuple[tuple[EmploymentWarning, Callable[[_Facts], bool], Text], ...]] = (
    (
        EmploymentWarning.END_IN_PAST,
        lambda facts: facts.end is not None and facts.end < facts.today,
        Text(
            "De einddatum is al voorbij. Klopt de datum?",
            "The end date has already passed. Is the date right?",
        ),
    ),
    (
        EmploymentWarning.START_EQUALS_END,
        lambda facts: facts.end == facts.start,
        Text(
            "De begindatum en de einddatum zijn gelijk. Is de einddatum goed overgenomen?",
            "The start date and the end date are the same. Was the end date copied correctly?",
        ),
    ),
    (
        EmploymentWarning.HOURS_ABOVE_48,
        lambda facts: facts.hours_per_week is not None and facts.hours_per_week > MAXIMUM_WEEKLY_HOURS,
        Text(
            "Er staat meer dan 48 uur per week. Klopt dat?",
            "There are more than 48 hours per week. Are these the weekly hours?",
        ),
    ),
    (
        EmploymentWarning.FIXED_TERM_WITHOUT_END,
        lambda facts: facts.contract_type is ContractType.FIXED_TERM and facts.end is None,
        Text(
            "Het contract is tijdelijk, maar heeft geen einddatum. Met een einddatum kunnen wij eerder helpen.",
            "The contract is for a fixed term but has no end date. With an end date we can help earlier.",
        ),
    ),
    (
        EmploymentWarning.CHAIN_BEYOND_3_YEARS,
        _chain_too_long,
        Text(
            "De tijdelijke contracten duren samen langer dan drie jaar. Is het contract nog tijdelijk?",
            "The fixed-term contracts together last more than three years. Is the contract still for a fixed term?",
        ),
    ),
)


def employment_warnings(
    *,
    start: date,
    end: date | None,
    hours_per_week: Decimal | float | None,
    contract_type: ContractType,
    today: date,
    chain_since: date | None = None,
) -> list[RuleWarning]:
    """What looks odd in an employment, in a fixed order; an empty list where nothing does.

    `hours_per_week` in hours (48 is the weekly average that the Arbeidstijdenwet allows). `chain_since` is the first
    day of a chain that this contract continues (see the function `chain_since`), None for a first contract: one
    long fixed-term contract is allowed, a chain of more than three years is permanent (art. 7:668a BW).
    """
    facts = _Facts(start, end, hours_per_week, contract_type, chain_since, today)
    return [RuleWarning(code, text) for code, odd, text in _EMPLOYMENT_CHECKS if odd(facts)]
