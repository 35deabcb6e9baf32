"""What has to be done about second tracks: somebody at UWV's side takes up what was reported."""

from __future__ import annotations

from typing import Final

from sqlalchemy import not_, or_

from service.access.actor import Actor
from service.access.rules import PartyKind, Purpose
from service.employers.work import Work, WorkKind, columns
from service.kernel.database import UnitOfWork
from service.kernel.text import Text
from service.signals.rules import EscalationLevel
from service.signals.second_track.models import SecondTrack
from service.signals.second_track.rules import SecondTrackStatus
from service.signals.second_track.views import visible_second_tracks

TAKE_UP: Final = WorkKind(
    "take_up_second_track",
    Purpose.SECOND_TRACK,
    "/second-tracks/{id}",
    Text("Pak melding {number} op.", "Take up report {number}."),
    # Not what it is about: that has to do with health.
    Text("laatste dag om melding {number} op te pakken", "last day to take up report {number}"),
)

KINDS: Final = (TAKE_UP,)


def work(uow: UnitOfWork, actor: Actor) -> list[Work]:
    """UWV has those of its clients until the desk has them; the desk those, and all others."""
    row = SecondTrack
    statement = visible_second_tracks(actor).where(row.status == SecondTrackStatus.REPORTED)
    level = None
    if actor.kind is PartyKind.UWV:
        statement = statement.where(row.escalated_since.is_(None))
    elif actor.kind is PartyKind.DESK:
        statement = statement.where(or_(not_(row.is_client), row.escalated_since.is_not(None)))
        level = EscalationLevel.DESK.value
    else:
        return []
    selected = columns(
        TAKE_UP,
        id=row.id,
        since=row.reported_at,
        due_on=row.acknowledge_by,
        version=row.version,
        number=row.number,
        employer_id=row.employer_id,
        employment_id=row.employment_id,
        person_id=row.person_id,
        level=level,
    )
    return [Work(TAKE_UP, statement.with_only_columns(*selected, maintain_column_froms=True))]
