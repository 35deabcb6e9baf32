"""A vacancy as each reader may see it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from service.access.actor import Actor
from service.employers.models import Employer, Establishment
from service.kernel.database import UnitOfWork
from service.reference import places
from service.vacancies.models import Vacancy
from service.vacancies.referrals import operations as referrals
from service.vacancies.rules import fill_days
from service.vacancies.sharing import bringing

PLAIN_FIELDS = (
    "reference",
    "title",
    "description",
    "occupation_code",
    "tasks",
    "start_date",
    "contract_type",
    "positions",
    "language_level",
    "driving_licences",
    "demands",
    "offers",
    "trial_placement",
    "jobcoach_arrangement",
    "jobcoach_organisation_id",
)
"""What a vacancy holds just as it was sent."""


def may_know_signal(actor: Actor) -> bool:
    """Whether the actor may know, of any vacancy, which signal freed it. An employer may know it of its own."""
    return actor.is_uwv_side


def view(uow: UnitOfWork, actor: Actor, row: Vacancy) -> dict[str, Any]:
    return views(uow, actor, [row])[0]


def views(uow: UnitOfWork, actor: Actor, rows: list[Vacancy]) -> list[dict[str, Any]]:
    """The views of these vacancies for this actor, with one look per table for all of them."""
    names = _names(uow, Employer, {row.employer_id for row in rows})
    workplaces = _names(uow, Establishment, {row.establishment_id for row in rows if row.establishment_id})
    leads = referrals.leads_of(uow, [row.id for row in rows])
    bringers = bringing.views_of(uow, actor, rows)
    return [
        _row_view(row)
        | {
            "employer_name": names[row.employer_id],
            "workplace": _workplace_view(row, workplaces.get(row.establishment_id or "")),
            "lead": leads.get(row.id),
            "brought_in_by": bringers.get(row.id),
            "reference": bringing.reference_for(actor, row),
            "freed_by_signal_id": row.freed_by_signal_id
            if may_know_signal(actor) or actor.acts_for(row.employer_id)
            else None,
        }
        for row in rows
    ]


def _names(uow: UnitOfWork, model: type[Employer] | type[Establishment], ids: set[str]) -> dict[str, str]:
    if not ids:
        return {}
    return {row.id: row.name for row in uow.execute(select(model.id, model.name).where(model.id.in_(ids)))}


def _workplace_view(row: Vacancy, name: str | None) -> dict[str, Any]:
    town = places.municipality(row.municipality_code)
    return {
        "name": name,
        "postcode": row.postcode,
        "municipality": town.name if town else row.municipality_code,
        "municipality_code": row.municipality_code,
    }


def _row_view(row: Vacancy) -> dict[str, Any]:
    view = {name: getattr(row, name) for name in PLAIN_FIELDS}
    opened, filled = row.opened_on, row.filled_on
    return view | {
        "id": row.id,
        "version": row.version,
        "employer_id": row.employer_id,
        "status": row.status,
        "hours": {"min": row.hours_min, "max": row.hours_max},
        "filled_positions": row.filled_positions,
        "establishment_id": row.establishment_id,
        "region_code": row.region_code,
        "opened_on": row.opened_on,
        "expires_on": row.expires_on,
        "filled_on": row.filled_on,
        "fill_days": fill_days(opened, filled) if opened and filled else None,
    }
