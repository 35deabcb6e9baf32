"""An employer takes over the vacancy that others brought in for it."""

from __future__ import annotations

from typing import Any

from service.access.actor import Actor
from service.kernel.database import UnitOfWork
from service.kernel.problems import conflict, forbidden
from service.kernel.requests import Expected
from service.vacancies import operations as vacancies
from service.vacancies import views
from service.vacancies.sharing import bringing


def take_over(uow: UnitOfWork, actor: Actor, vacancy_id: str, expected: Expected) -> dict[str, Any]:
    """From now on only the employer changes it; who brought it in still hears how it fares.

    Raises 409 `not-brought-in` where there is nothing to take over.
    """
    row = vacancies.vacancy_for(uow, actor, vacancy_id, for_update=True)
    if not actor.acts_for(row.employer_id):
        raise forbidden("Alleen de werkgever kan zijn vacature overnemen.", "Only its employer takes a vacancy over.")
    expected.check(row.version)
    if row.brought_in_by_id is None or row.taken_over_on is not None:
        raise conflict(
            "not-brought-in",
            "Deze vacature is al van u alleen.",
            "This vacancy is yours alone already.",
        )
    row.taken_over_on = uow.today
    uow.flush()
    bringing.tell(uow, "vacancy.taken-over", row)
    return views.view(uow, actor, row)
