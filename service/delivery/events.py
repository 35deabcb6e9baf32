"""Telling what happened: an event is written in the transaction that causes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, cast

from sqlalchemy import Table, insert

from service.delivery.models import Event, EventParty, Mail
from service.delivery.rules import MailStatus
from service.kernel.database import UnitOfWork
from service.kernel.ids import new_id
from service.kernel.prepared import Prepared

_EVENT: Final = Prepared(insert(cast(Table, Event.__table__)))
_READERS: Final = Prepared(insert(cast(Table, EventParty.__table__)))
_MAIL: Final = Prepared(
    insert(cast(Table, Mail.__table__)),
    ("id", "template", "data", "status", "created_at", "due_at", "attempts", "fence"),
)


def publish(
    uow: UnitOfWork,
    type: str,
    subject: str,
    version: int,
    parties: Iterable[str],
    data: Mapping[str, Any] | None = None,
    because: str = "",
) -> str:
    """Writes an event and returns its id.

    `type` without our prefix ("contract-end-signal.reported"); `subject` the address of the resource below /v1
    ("contract-end-signals/<id>"); `version` the subject's row version, which orders its events; `parties` may read it
    (none: only our own consumers hear of it); `data` holds ids and codes, never personal data.
    """
    event_id = new_id()
    uow.write(
        _EVENT,
        {
            "id": event_id,
            "type": type,
            "subject": subject,
            "subject_version": version,
            "at": uow.now,
            "data": dict(data or {}),
            "because": because,
            "position": None,
        },
    )
    readers = [{"event_id": event_id, "party_id": party_id} for party_id in dict.fromkeys(parties)]
    if readers:
        uow.write(_READERS, readers)
    return event_id


def queue_mail(uow: UnitOfWork, template: str, data: Mapping[str, Any]) -> None:
    """Queues a mail. `template` names a renderer of a room, `data` holds the ids from which it is made when sent."""
    uow.write(
        _MAIL,
        {
            "id": new_id(),
            "template": template,
            "data": dict(data),
            "status": MailStatus.QUEUED,
            "created_at": uow.now,
            "due_at": uow.now,
            "attempts": 0,
            "fence": 0,
        },
    )
