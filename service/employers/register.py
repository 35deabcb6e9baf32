"""What the clock and UWV's side do to the contract register. The employer must not be able to tell that they did."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, or_, select, update

from service.delivery.events import publish
from service.employers.models import UNKNOWN, Employment
from service.kernel.database import UnitOfWork
from service.kernel.room import Timer
from service.people import operations as people
from service.people.models import Person

_NOT_LOOKED_AT: Final[dict[str, Any]] = dict.fromkeys(("warned_end", "warned_wages", "known_on"))
_FORGOTTEN: Final = {"person_id": None, "person_by_uwv": False, **_NOT_LOOKED_AT}
AT_ONCE: Final = 200


def _due(uow: UnitOfWork, limit: int) -> list[str]:
    """Employments that are old enough, and of which the clock does not know yet that UWV's side knows the person."""
    before = uow.now - timedelta(days=uow.settings.unlinked_days)
    wanted = select(Employment.id).where(UNKNOWN, Employment.created_at < before)
    return list(uow.execute(wanted.order_by(Employment.created_at, Employment.id).limit(limit)).scalars())


def _fire(uow: UnitOfWork, employment_id: str) -> None:
    _forget(uow, [employment_id])


def _forget(uow: UnitOfWork, ids: Sequence[str]) -> None:
    """Nobody at UWV knows these employees: take name and BSN away. The rows stay, and look the same to the employer.

    Whom UWV's side does know is not looked at again.
    """
    wanted = select(Employment.id, Employment.person_id, Person.is_client).join(
        Person, Person.id == Employment.person_id
    )
    wanted = wanted.where(uow.among(Employment.id, ids)).order_by(Employment.id)
    rows = uow.execute(wanted.with_for_update(of=(Employment, Person))).all()
    known, unknown = ([row for row in rows if row.is_client is some] for some in (True, False))
    for some, values in ((known, {"known_on": uow.today}), (unknown, _FORGOTTEN)):
        if some:
            # The version stays, as in `_set_person`.
            uow.execute(update(Employment).where(uow.among(Employment.id, [row.id for row in some])).values(**values))
    gone = {row.person_id for row in unknown}
    if gone:
        others = select(Employment.person_id).where(uow.among(Employment.person_id, gone)).distinct()
        left = gone - set(uow.execute(others).scalars())
        people.erase_many(uow, sorted(left))


UNLINKED = Timer("employers.unlinked", _due, _fire, _forget, AT_ONCE)


def look_again(uow: UnitOfWork, which: ColumnElement[bool]) -> None:
    """UWV's side came to know whose employments these are: the clocks look at them anew for what comes near."""
    looked = or_(*(getattr(Employment, name).is_not(None) for name in _NOT_LOOKED_AT))
    uow.execute(update(Employment).where(which, looked).values(**_NOT_LOOKED_AT))


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
    values = {"person_id": person_id, "person_by_uwv": by_uwv, **_NOT_LOOKED_AT}
    uow.execute(update(Employment).where(Employment.id == row.id).values(values))
    uow.session.refresh(row)
    others = select(Employment.id).where(Employment.person_id == before).limit(1)
    if before is not None and not people.is_client(uow, before) and uow.execute(others).first() is None:
        people.erase(uow, before)


def _tell(uow: UnitOfWork, row: Employment) -> None:
    publish(uow, "employment.person-changed", f"employments/{row.id}", row.version, [], {"employmentId": row.id})
