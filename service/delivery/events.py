"""Telling what happened: an event is written in the transaction that causes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple, cast

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


class NewEvent(NamedTuple):
    """An event that is to be written: what it says in `publish`.

    `sequence` is what these readers see of the order, where the version would tell them of changes that are not for
    them. It grows from event to event of this subject and these readers.
    """

    type: str
    subject: str
    version: int
    parties: Iterable[str]
    data: Mapping[str, Any]
    because: str = ""
    sequence: int | None = None


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
    return publish_many(uow, [NewEvent(type, subject, version, parties, data or {}, because)])[0]


def publish_many(uow: UnitOfWork, events: Sequence[NewEvent]) -> list[str]:
    """Writes several events at once and returns their ids. Each as `publish` says."""
    ids = [new_id() for _ in events]
    rows = [
        {
            "id": event_id,
            "type": event.type,
            "subject": event.subject,
            "subject_version": event.version,
            "sequence": event.version if event.sequence is None else event.sequence,
            "at": uow.now,
            "data": dict(event.data),
            "because": event.because,
            "position": None,
        }
        for event_id, event in zip(ids, events, strict=True)
    ]
    if rows:
        uow.write(_EVENT, rows)
    readers = [
        {"event_id": event_id, "party_id": party_id}
        for event_id, event in zip(ids, events, strict=True)
        for party_id in dict.fromkeys(event.parties)
    ]
    if readers:
        uow.write(_READERS, readers)
    return ids


def queue_mail(uow: UnitOfWork, template: str, data: Mapping[str, Any]) -> None:
    """Queues a mail. `template` names a renderer of a room, `data` holds the ids from which it is made when sent."""
    queue_mails(uow, template, [data])


def queue_mails(uow: UnitOfWork, template: str, each: Iterable[Mapping[str, Any]]) -> None:
    """Queues a mail of one kind for each of these data."""
    rows = [
        {
            "id": new_id(),
            "template": template,
            "data": dict(data),
            "status": MailStatus.QUEUED,
            "created_at": uow.now,
            "due_at": uow.now,
            "attempts": 0,
            "fence": 0,
        }
        for data in each
    ]
    if rows:
        uow.write(_MAIL, rows)
