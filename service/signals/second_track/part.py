"""What second tracks add to the room."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select

from service.access.rules import PartyKind
from service.employers.models import Employment
from service.kernel.database import UnitOfWork
from service.kernel.room import Permission, Retention, Room
from service.kernel.text import Text
from service.signals.second_track import mails
from service.signals.second_track.clocks import ESCALATION, LEFT_BEHIND, MILESTONE_NEAR
from service.signals.second_track.models import SecondTrack, SecondTrackStep
from service.signals.second_track.routes import second_tracks
from service.signals.second_track.rules import SecondTrackStatus
from service.signals.second_track.views import visible_second_tracks, visible_steps

_EMPLOYER = frozenset({PartyKind.EMPLOYER})
_HANDLERS = frozenset({PartyKind.UWV, PartyKind.DESK})
CLOSED_TERM = timedelta(days=730)
WITHDRAWN_TERM = timedelta(days=90)
AT_ONCE = 2000


def _own(person_id: str) -> Any:
    employments = select(Employment.id).where(Employment.person_id == person_id)
    return SecondTrack.employment_id.in_(employments)


def export(uow: UnitOfWork, person_id: str) -> dict[str, Any]:
    """The second tracks of a person: what the employer stated, what became of it, and each step."""
    rows = uow.session.scalars(select(SecondTrack).where(_own(person_id)).order_by(SecondTrack.id)).all()
    steps = _steps(uow, [row.id for row in rows])
    return {
        "secondTracks": [
            {
                "number": row.number,
                "waitingPeriodEndsOn": row.waiting_period_ends_on,
                "waitingPeriodChange": row.waiting_period_change,
                "plannedStartOn": row.planned_start_on,
                "agency": row.agency,
                "vacancyExpected": row.vacancy_expected,
                "status": row.status,
                "outcome": row.outcome,
                "outcomeBy": row.outcome_by,
                "reportedAt": row.reported_at,
                "overAt": row.over_at,
                "steps": steps[row.id],
            }
            for row in rows
        ]
    }


def _steps(uow: UnitOfWork, ids: Iterable[str]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {each: [] for each in ids}
    wanted = select(SecondTrackStep).where(SecondTrackStep.second_track_id.in_(found)).order_by(SecondTrackStep.id)
    for step in uow.session.scalars(wanted):
        line = {"at": step.at, "what": step.what, "from": step.from_value, "to": step.to_value, "by": step.by_kind}
        found[step.second_track_id].append(line)
    return found


def erase(uow: UnitOfWork, person_id: str) -> None:
    """All of it goes: that there was one says something about the health of whoever had this job."""
    uow.execute(delete(SecondTrack).where(_own(person_id)))


def forget_closed(uow: UnitOfWork) -> int:
    return _forget(uow, SecondTrackStatus.CLOSED, CLOSED_TERM)


def forget_withdrawn(uow: UnitOfWork) -> int:
    return _forget(uow, SecondTrackStatus.WITHDRAWN, WITHDRAWN_TERM)


def _forget(uow: UnitOfWork, status: SecondTrackStatus, term: timedelta) -> int:
    over = (SecondTrack.status == status, SecondTrack.over_at <= uow.now - term)
    old = select(SecondTrack.id).where(*over).limit(AT_ONCE)
    return uow.execute(delete(SecondTrack).where(SecondTrack.id.in_(old))).rowcount


PART = Room(
    name="signals.second_track",
    routes=(second_tracks,),
    permissions=(
        Permission(
            "second-tracks:read",
            _EMPLOYER | _HANDLERS,
            "See second tracks: an employer its own, UWV those of its clients, the desk all",
        ),
        Permission("second-tracks:report", _EMPLOYER, "Report second tracks, and change what was reported"),
        Permission(
            "second-tracks:write", _EMPLOYER | _HANDLERS, "Move second tracks on: take up, guide, close, withdraw"
        ),
        Permission("second-tracks:handle", _HANDLERS, "See who answers for second tracks behind the counter"),
    ),
    visible={SecondTrack: visible_second_tracks, SecondTrackStep: visible_steps},
    timers=(ESCALATION, MILESTONE_NEAR, LEFT_BEHIND),
    mails={
        "second-track-reported": mails.second_track_reported,
        "second-track-escalated": mails.second_track_escalated,
    },
    retention=(
        Retention(
            "second tracks that are closed",
            CLOSED_TERM,
            Text(
                "Twee jaar lang kan er een vraag of bezwaar komen over de inspanningen van de werkgever. Langer is "
                "een gegeven over gezondheid niet nodig.",
                "For two years there can be a question or an objection about the employer's efforts. Longer than that, "
                "data about health are not needed.",
            ),
            forget_closed,
        ),
        Retention(
            "second tracks that were withdrawn",
            WITHDRAWN_TERM,
            Text(
                "Drie maanden lang is na te gaan wat er is ingetrokken. Daarna is er geen reden om het te weten.",
                "For three months one can check what was withdrawn. After that there is no reason to know it.",
            ),
            forget_withdrawn,
        ),
    ),
    export=export,
    erase=erase,
)
