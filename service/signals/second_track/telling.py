"""Each step leaves a line in the history and is told: to the employer, the desk, and UWV for its clients."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import select

from service.access.actor import NOBODY
from service.access.models import Party
from service.access.rules import PartyKind
from service.delivery.events import publish, queue_mail
from service.kernel.database import UnitOfWork
from service.kernel.ids import new_id
from service.kernel.prepared import Prepared
from service.signals.second_track.models import SecondTrack, SecondTrackStep
from service.signals.second_track.rules import SecondTrackStepKind
from service.signals.second_track.views import address
from service.signals.steps import Audience

_OFFICES: Final = Prepared(select(Party.kind, Party.id).where(Party.kind.in_((PartyKind.UWV, PartyKind.DESK))))


def record(
    uow: UnitOfWork,
    row: SecondTrack,
    what: SecondTrackStepKind,
    by: PartyKind,
    *,
    before: Any = None,
    after: Any = None,
    audience: Audience = Audience.ALL,
) -> None:
    uow.add(
        SecondTrackStep(
            id=new_id(),
            second_track_id=row.id,
            at=uow.now,
            what=what,
            from_value=None if before is None else str(before),
            to_value=None if after is None else str(after),
            by_kind=by,
            audience=audience,
        )
    )


def tell(uow: UnitOfWork, row: SecondTrack, type: str, because: str = "") -> None:
    """Publishes `second-track.<type>`: an id and nothing else.

    Where UWV does not read, nobody does in its place: as much is written for a client as for anybody else.
    """
    inside = [
        office.id if office.kind is PartyKind.DESK or row.is_client else NOBODY for office in uow.find(_OFFICES, {})
    ]
    _publish(uow, row, type, [row.employer_id, *inside], because)


def tell_employer(uow: UnitOfWork, row: SecondTrack, type: str, because: str) -> None:
    """The same, to the employer alone."""
    _publish(uow, row, type, [row.employer_id], because)


def _publish(uow: UnitOfWork, row: SecondTrack, type: str, parties: list[str], because: str) -> None:
    publish(uow, f"second-track.{type}", address(row.id), row.version, parties, {"secondTrackId": row.id}, because)


def mail_inside(uow: UnitOfWork, row: SecondTrack) -> None:
    """To whoever is responsible and to the desk. Both are queued for everybody, so that it tells nothing; what is not
    wanted falls away when it is sent."""
    for to in ("responsible", PartyKind.DESK.value):
        queue_mail(uow, "second-track-reported", {"secondTrackId": row.id, "to": to})
