"""What a file says of employers: whether they know, for many clients at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final, NamedTuple

from sqlalchemy import select

from service.contacts.models import Link
from service.contacts.rules import ConsentMeans, DisclosureError, DisclosureReason, disclosure_error
from service.contacts.telling import tell_link, who_knows
from service.employers.models import Employer, Employment
from service.kernel.database import UnitOfWork
from service.kernel.imports.columns import REQUIRED_CELL, Finding
from service.kernel.imports.runner import CheckedRow, Headings
from service.kernel.text import Text

_WRONG: Final = {
    DisclosureError.REASON_REQUIRED: ("reason", Text("Zeg hoe de werkgever het weet.", "Say how the employer knows.")),
    DisclosureError.REASON_NOT_ALLOWED: (
        "reason",
        Text("Een reden hoort er alleen bij als de werkgever het weet.", "A reason goes only with a disclosed link."),
    ),
    DisclosureError.CONSENT_REQUIRED: (
        "consentOn",
        Text("Zeg wanneer en hoe de persoon toestemming gaf.", "Say when and how the person consented."),
    ),
    DisclosureError.CONSENT_NOT_ALLOWED: (
        "consentOn",
        Text("Bij deze reden hoort geen toestemming.", "No consent goes with this reason."),
    ),
    DisclosureError.CONSENT_IN_FUTURE: (
        "consentOn",
        Text("Deze dag ligt in de toekomst.", "This day lies in the future."),
    ),
}
_NO_EMPLOYMENT: Final = Text(
    "We kennen geen dienstverband van deze persoon bij deze werkgever. Of de werkgever het weet, is niet vastgelegd.",
    "We know no employment of this person at this employer. Whether the employer knows was not recorded.",
)
_ABOUT_A_LINK: Final = ("disclosed", "reason", "consent_on", "consent_means")


class Statement(NamedTuple):
    """What a row says of a link."""

    disclosed: bool
    reason: DisclosureReason | None
    consent_on: date | None
    consent_means: ConsentMeans | None

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Statement:
        return cls(data["disclosed"], data.get("reason"), data.get("consent_on"), data.get("consent_means"))


def check(uow: UnitOfWork, row: CheckedRow, headings: Headings) -> None:
    """Adds to the findings what the cells about an employer do not say rightly together."""
    data = row.data

    def wrong(column: str, code: str, text: Text) -> None:
        row.findings.append(Finding(headings.get(column, column), code, text))

    told = not data.keys().isdisjoint(_ABOUT_A_LINK)
    if row.failed or not (told or "employer" in data):
        return
    if "employer" not in data:
        wrong("employer", "required", REQUIRED_CELL)
    if "disclosed" not in data:
        wrong("disclosed", "required", REQUIRED_CELL)
    else:
        error = disclosure_error(*Statement.of(data), uow.today)
        if error is not None:
            column, text = _WRONG[error]
            wrong(column, error.value, text)


class Telling(NamedTuple):
    """A link of which others may know something else now; `knew` are the parties that knew until now."""

    link: Link
    person_id: str
    knew: list[str]


def record(
    uow: UnitOfWork, rows: Mapping[str, CheckedRow], headings: Headings, *, dry_run: bool
) -> tuple[set[str], list[Telling]]:
    """Writes what these people's rows say. Whose link is another now, and whom that is to be told."""
    stating = {person_id: row for person_id, row in rows.items() if "employer" in row.data}
    employments = _employments(uow, stating)
    links = _links(uow, list(employments.values()))
    changed: set[str] = set()
    telling: list[Telling] = []
    for person_id, row in stating.items():
        employment = employments.get(person_id)
        if employment is None:
            heading = headings.get("employer", "employer")
            row.warnings.append(Finding(heading, "no-employment", _NO_EMPLOYMENT))
            continue
        statement = Statement.of(row.data)
        link = links.get(employment)
        before = None if link is None or link.person_id is None else _statement_of(link)
        if before == statement:
            continue
        changed.add(person_id)
        if dry_run:
            continue
        knew = [] if before is None else who_knows(uow, employment)
        if link is None:
            link = Link(employment_id=employment)
            uow.session.add(link)
        link.person_id = person_id
        link.reason, link.consent_on, link.consent_means = (
            statement.reason,
            statement.consent_on,
            statement.consent_means,
        )
        was_disclosed = before is not None and before.disclosed
        if statement.disclosed != was_disclosed:
            link.disclosed_since = uow.today if statement.disclosed else None
            telling.append(Telling(link, person_id, knew))
    if changed and not dry_run:
        uow.flush()
    return changed, telling


def tell(uow: UnitOfWork, telling: Sequence[Telling]) -> None:
    for link, person_id, knew in telling:
        tell_link(uow, link, person_id, knew)


def _employments(uow: UnitOfWork, rows: Mapping[str, CheckedRow]) -> dict[str, str]:
    """The employment of each of these people at the employer that the row names; of several the latest."""
    if not rows:
        return {}
    wanted = (
        select(Employment.person_id, Employment.id, Employer.kvk_number)
        .join(Employer, Employer.id == Employment.employer_id)
        .where(
            Employment.person_id.in_(list(rows)),
            Employer.kvk_number.in_({row.data["employer"] for row in rows.values()}),
        )
        .order_by(Employment.start_date, Employment.id)
    )
    return {
        row.person_id: row.id for row in uow.execute(wanted) if rows[row.person_id].data["employer"] == row.kvk_number
    }


def _links(uow: UnitOfWork, employment_ids: Sequence[str]) -> dict[str, Link]:
    if not employment_ids:
        return {}
    wanted = select(Link).where(uow.among(Link.employment_id, employment_ids)).with_for_update()
    return {row.employment_id: row for row in uow.session.scalars(wanted)}


def _statement_of(row: Link) -> Statement:
    return Statement(row.disclosed_since is not None, row.reason, row.consent_on, row.consent_means)
