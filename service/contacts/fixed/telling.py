"""Employers hear when one of their fixed contacts changes (rule 7 of docs/domain.md)."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm.attributes import flag_modified

from service.contacts.fixed.models import EmployerContact
from service.delivery.events import publish
from service.kernel.database import UnitOfWork


def tell(uow: UnitOfWork, row: EmployerContact, version: int) -> None:
    data = {
        "contactId": row.id,
        "employerId": row.employer_id,
        "regionCode": row.region_code,
        "side": row.side.value,
    }
    publish(uow, "employer-contact.changed", f"employer-contacts/{row.id}", version, [row.employer_id], data)


def caseworker_changed(uow: UnitOfWork, caseworker_id: str) -> None:
    """Who is somebody's fixed contact has another number or name, or has left."""
    wanted = select(EmployerContact).where(EmployerContact.caseworker_id == caseworker_id)
    rows = uow.session.scalars(wanted.order_by(EmployerContact.id).with_for_update()).all()
    for row in rows:
        row.changed_at = uow.now
        # Its version counts, also within one moment.
        flag_modified(row, "changed_at")
    uow.flush()
    for row in rows:
        tell(uow, row, row.version)
