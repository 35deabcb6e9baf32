"""What the clock does to the contract register."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select, update

from service.employers.models import Employment
from service.kernel.database import UnitOfWork
from service.kernel.room import Timer
from service.people import operations as people
from service.people.models import Person


def _due(uow: UnitOfWork, limit: int) -> list[str]:
    before = uow.now - timedelta(days=uow.settings.unlinked_days)
    statement = (
        select(Employment.id)
        .join(Person, Person.id == Employment.person_id)
        .where(Person.is_client.is_(False), Employment.created_at < before)
        .order_by(Employment.created_at, Employment.id)
        .limit(limit)
    )
    return list(uow.session.scalars(statement))


def _fire(uow: UnitOfWork, employment_id: str) -> None:
    """Nobody at UWV knows this employee: take name and BSN away. The row stays, and looks the same to the employer."""
    row = uow.session.get_one(Employment, employment_id, with_for_update=True)
    if row.person_id is None or people.is_client(uow, row.person_id):
        return
    person_id = row.person_id
    # The version stays: an ETag that changed now would tell the employer that nobody at UWV knows this employee.
    uow.execute(update(Employment).where(Employment.id == employment_id).values(person_id=None))
    others = select(Employment.id).where(Employment.person_id == person_id).limit(1)
    if uow.execute(others).first() is None:
        people.erase(uow, person_id)


UNLINKED = Timer("employers.unlinked", _due, _fire)
