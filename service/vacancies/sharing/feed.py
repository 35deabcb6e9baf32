"""The shared list as it is read: the newest changes of open vacancies, in pages whose cost does not grow with it.

Each region with each group of occupations is a walk of its own down an index, newest first, as far as one page goes;
the walks are laid together. Only then are the rows of that page read.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import product
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Select, func, select, tuple_, union_all

from service.employers.models import Employer
from service.kernel.database import UnitOfWork
from service.reference import places
from service.vacancies.models import IS_OPEN, Vacancy
from service.vacancies.sharing.models import VacancySubscription
from service.vacancies.sharing.rules import PAGE, Offer

ORDER: Final = (Vacancy.changed_at, Vacancy.id)
"""By what the list is ordered, the newest first."""


class Shown(NamedTuple):
    """Of a vacancy what tells whether a reader has seen it as it is."""

    id: str
    changed_at: datetime
    version: int


def newest(
    uow: UnitOfWork, subscription: VacancySubscription, before: Sequence[Any] | None, limit: int = PAGE
) -> list[Shown]:
    """At most `limit` vacancies of the list, those with the newest change first; `before` is where a page ended."""
    walks = []
    for wanted in _partitions(subscription):
        walk = select(Vacancy.id, Vacancy.changed_at, Vacancy.version).where(IS_OPEN, *wanted)
        if before is not None:
            walk = walk.where(tuple_(*ORDER) < tuple(before))
        walks.append(walk.order_by(Vacancy.changed_at.desc(), Vacancy.id.desc()).limit(limit))
    if len(walks) == 1:
        rows = uow.execute(walks[0])
    else:
        together = union_all(*(select(walk.subquery()) for walk in walks)).subquery()
        order = (together.c.changed_at.desc(), together.c.id.desc())
        rows = uow.execute(select(together).order_by(*order).limit(limit))
    return [Shown(row.id, row.changed_at, row.version) for row in rows]


def _partitions(subscription: VacancySubscription) -> list[tuple[ColumnElement[bool], ...]]:
    everywhere: list[tuple[ColumnElement[bool], ...]] = [()]
    by_region = [(Vacancy.region_code == code,) for code in subscription.region_codes] or everywhere
    by_work = [(Vacancy.sub_major == code,) for code in subscription.occupation_groups] or everywhere
    return [(*place, *work) for place, work in product(by_region, by_work)]


_OFFER: Final = select(
    Vacancy.id,
    Vacancy.version,
    Vacancy.changed_at,
    Vacancy.offered_at,
    Vacancy.opened_on,
    Vacancy.title,
    Vacancy.description,
    Vacancy.tasks,
    Employer.name.label("employer"),
    Vacancy.municipality_code,
    Vacancy.region_code,
    Vacancy.occupation_code,
    Vacancy.hours_min,
    Vacancy.hours_max,
    Vacancy.start_date,
    Vacancy.positions,
    Vacancy.created_at,
).join(Employer, Employer.id == Vacancy.employer_id)


def offers(uow: UnitOfWork, ids: Sequence[str]) -> list[Offer]:
    """These vacancies, in this order."""
    found = {row.id: _offer(row) for row in uow.execute(_OFFER.where(uow.among(Vacancy.id, ids)))}
    return [found[one] for one in ids if one in found]


def _offer(row: Any) -> Offer:
    town = places.municipality(row.municipality_code)
    values = row._asdict()
    values["municipality"] = town.name if town else values["municipality_code"]
    del values["municipality_code"]
    return Offer(**(values | {"hours_min": float(row.hours_min), "hours_max": float(row.hours_max)}))


# --- What is new in it ------------------------------------------------------------------------------------------


def _offered(columns: Select[Any], subscription: VacancySubscription, after: datetime, until: datetime) -> Select[Any]:
    # What was offered has changed since: that is the column of the index.
    statement = columns.where(IS_OPEN, Vacancy.changed_at > after, Vacancy.offered_at > after).where(
        Vacancy.offered_at <= until
    )
    if subscription.region_codes:
        statement = statement.where(Vacancy.region_code.in_(subscription.region_codes))
    if subscription.occupation_groups:
        statement = statement.where(Vacancy.sub_major.in_(subscription.occupation_groups))
    return statement


def count_offered(uow: UnitOfWork, subscription: VacancySubscription, after: datetime, until: datetime) -> int:
    """How many vacancies were opened, or opened again, in this time and still are."""
    counted = _offered(select(func.count()).select_from(Vacancy), subscription, after, until)
    return int(uow.execute(counted).scalar_one())


def newly_offered(
    uow: UnitOfWork, subscription: VacancySubscription, after: datetime, until: datetime, limit: int
) -> list[Offer]:
    """The newest of them."""
    found = _offered(select(Vacancy.id), subscription, after, until)
    ids = uow.execute(found.order_by(Vacancy.offered_at.desc(), Vacancy.id.desc()).limit(limit)).scalars().all()
    return offers(uow, ids)
