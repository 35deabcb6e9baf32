"""A vacancy as a JobPosting of schema.org, for whoever publishes it.

Everybody can read a posting. So it holds what the work is, and nothing that says for whom or why it is open: no signal,
no trial placement or jobcoach, and neither what the work asks of a body or mind nor what the workplace offers, since
both can mirror whoever did the work before. An employer is named, not numbered: the number of a sole trader is that of
a person.

Sources: schema.org release 30.0; Google's guide to structured data of job postings, for the values of `employmentType`,
what is needed and which HTML is read; CBS for where full time begins.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from html import escape
from typing import Any, Final

from service.employers.rules import ContractType
from service.kernel.clock import AMSTERDAM
from service.reference import places
from service.reference.occupations import ESCO_OCCUPATION, occupation
from service.reference.qualifications import LanguageLevel
from service.vacancies.rules import positions_left
from service.vacancies.wording import hours_text

MEDIA_TYPE: Final = "application/ld+json"
CONTEXT: Final = "https://schema.org"
ISCO_08: Final = "https://www.ilo.org/public/english/bureau/stat/isco/isco08/"
ESCO: Final = "http://data.europa.eu/esco/concept-scheme/occupations"
LONGEST_HTML: Final = 60_000
"""Characters. A description of 4,000 and twenty tasks of 200, all of it signs that have to be escaped, are fewer."""

FULL_TIME_FROM: Final = 35
"""Hours a week: what CBS counts as full time."""

EMPLOYMENT_TYPES: Final[Mapping[ContractType, str | None]] = {
    ContractType.PERMANENT: None,
    ContractType.FIXED_TERM: "TEMPORARY",
    ContractType.AGENCY: "TEMPORARY",
    ContractType.ON_CALL: "OTHER",
    ContractType.SECONDMENT: "OTHER",
}
"""What stands beside full or part time. No value means on call, or lent to another employer."""

CONTRACT_WORDS: Final[Mapping[ContractType, str]] = {
    ContractType.PERMANENT: "vast contract",
    ContractType.FIXED_TERM: "tijdelijk contract",
    ContractType.AGENCY: "uitzendcontract",
    ContractType.ON_CALL: "oproepcontract",
    ContractType.SECONDMENT: "detachering",
}


def job_posting(vacancy: Mapping[str, Any]) -> dict[str, Any]:
    """The posting of an open vacancy, given the view of it that the reader has. What is not known is left out."""
    needed = qualifications(vacancy["language_level"], vacancy["driving_licences"])
    left = positions_left(vacancy["positions"], vacancy["filled_positions"])
    hours = vacancy["hours"]
    known = {
        "valid_through": vacancy["expires_on"] and end_of(vacancy["expires_on"]),
        "job_start_date": vacancy["start_date"],
        "total_job_openings": left or None,
        "qualifications": needed or None,
        "responsibilities": "; ".join(vacancy["tasks"]) or None,
    }
    return {
        "ld_context": CONTEXT,
        "ld_type": "JobPosting",
        "identifier": {"ld_type": "PropertyValue", "name": "Servicepunt", "value": vacancy["id"]},
        "title": vacancy["title"],
        "description": description(vacancy),
        "date_posted": vacancy["opened_on"],
        "hiring_organization": {"ld_type": "Organization", "name": vacancy["employer_name"]},
        "job_location": _place(vacancy["workplace"]),
        "employment_type": employment_types(vacancy["contract_type"], hours["min"], hours["max"]),
        "occupational_category": categories(vacancy["occupation_code"]),
        "work_hours": f"{hours_text(hours['min'], hours['max']).nl} per week",
        "direct_apply": False,
    } | {name: value for name, value in known.items() if value is not None}


def description(vacancy: Mapping[str, Any]) -> str:
    """The vacancy as HTML, of which only p, ul and li are ours: whatever was typed is escaped."""
    needed = qualifications(vacancy["language_level"], vacancy["driving_licences"])
    hours = hours_text(vacancy["hours"]["min"], vacancy["hours"]["max"]).nl
    start: date | None = vacancy["start_date"]
    lines = [line for line in (vacancy["description"] or "").splitlines() if line.strip()]
    lines.append(
        f"{vacancy['employer_name']} in {vacancy['workplace']['municipality']}: {vacancy['title']}, {hours} per week, "
        f"{CONTRACT_WORDS[vacancy['contract_type']]}."
    )
    if needed:
        lines.append(f"Nodig: {needed}.")
    if start is not None:
        lines.append(f"Begin: {start.day}-{start.month}-{start.year}.")
    tasks = "".join(f"<li>{escape(task)}</li>" for task in vacancy["tasks"])
    return "".join(f"<p>{escape(line)}</p>" for line in lines) + (tasks and f"<p>Taken:</p><ul>{tasks}</ul>")


def qualifications(level: LanguageLevel | None, licences: Iterable[str]) -> str:
    """What somebody has to be able to show; '' where nothing is asked."""
    asked = [] if level in (None, LanguageLevel.NONE) else [f"Nederlands op niveau {level}"]
    return ", ".join([*asked, *(f"rijbewijs {each}" for each in sorted(licences))])


def employment_types(contract: ContractType, least: Decimal | float, most: Decimal | float) -> list[str]:
    """Full time, part time or both, given the hours a week, and what kind of contract it is."""
    found = ["FULL_TIME"] if most >= FULL_TIME_FROM else []
    if least < FULL_TIME_FROM:
        found.append("PART_TIME")
    kind = EMPLOYMENT_TYPES[contract]
    return [*found, kind] if kind else found


def categories(code: str) -> list[dict[str, Any]]:
    """The occupation in ESCO, where that is known, and its unit group in ISCO-08."""
    found = occupation(code)
    group = occupation(found.isco_code) if found else None
    if found is None or group is None:
        return []
    listed = [_category(ISCO_08, group.uri_or_code, group.label.nl)]
    if found.uri_or_code.startswith(ESCO_OCCUPATION):
        listed.insert(0, _category(ESCO, found.uri_or_code, found.label.nl))
    return listed


def end_of(day: date) -> datetime:
    """The last second of this day in Amsterdam: a posting is valid up to and including its last day."""
    morning = datetime.combine(day + timedelta(days=1), time(), AMSTERDAM)
    return morning.astimezone(UTC) - timedelta(seconds=1)


def _category(code_set: str, code: str, name: str) -> dict[str, Any]:
    return {"ld_type": "CategoryCode", "in_code_set": code_set, "code_value": code, "name": name}


def _place(workplace: Mapping[str, Any]) -> dict[str, Any]:
    town = places.municipality(workplace["municipality_code"])
    known = {"postal_code": workplace["postcode"], "address_region": town.province if town else None}
    address = {"ld_type": "PostalAddress", "address_locality": workplace["municipality"], "address_country": "NL"}
    return {"ld_type": "Place", "address": address | {name: value for name, value in known.items() if value}}
