"""What the clock and UWV's side do to the contract register. The employer must not be able to tell that they did."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select, update

from service.delivery.events import publish
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
    _set_person(uow, row, None, by_uwv=False)


UNLINKED = Timer("employers.unlinked", _due, _fire)


def attach_person(uow: UnitOfWork, row: Employment, person_id: str) -> bool:
    """UWV's side says whose employment this is. False, and nothing changes, where it is somebody else's already."""
    if row.person_id == person_id:
        return True
    if row.person_id is not None and people.is_known(uow, row.person_id):
        return False
    _set_person(uow, row, person_id, by_uwv=True)
    _tell(uow, row)
    return True


def detach_person(uow: UnitOfWork, employment_id: str) -> None:
    """It is not the employment of whom UWV's side named. A person whom the employer named stays."""
    row = uow.session.get_one(Employment, employment_id, with_for_update=True)
    if row.person_by_uwv:
        _set_person(uow, row, None, by_uwv=False)
        _tell(uow, row)


def _set_person(uow: UnitOfWork, row: Employment, person_id: str | None, *, by_uwv: bool) -> None:
    """Whoever is known by this employment alone, and not to UWV's side, is forgotten."""
    before = row.person_id
    # The version stays: an ETag that changed now would tell the employer what UWV's side knows of this employee.
    values = {"person_id": person_id, "person_by_uwv": by_uwv}
    uow.execute(update(Employment).where(Employment.id == row.id).values(values))
    uow.session.refresh(row)
    others = select(Employment.id).where(Employment.person_id == before).limit(1)
    if before is not None and not people.is_client(uow, before) and uow.execute(others).first() is None:
        people.erase(uow, before)


def _tell(uow: UnitOfWork, row: Employment) -> None:
    publish(uow, "employment.person-changed", f"employments/{row.id}", row.version, [], {"employmentId": row.id})
