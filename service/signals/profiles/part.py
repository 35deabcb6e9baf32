"""What handover profiles and the person's own view add to the room."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select, update

from service.access.rules import PartyKind
from service.kernel.database import UnitOfWork
from service.kernel.room import Permission, Room
from service.signals.models import Signal
from service.signals.profiles import operations
from service.signals.profiles.mails import handover_profile_given
from service.signals.profiles.models import CONTRADICTION, CoachProfile, HandoverProfile, OwnView
from service.signals.profiles.routes import routes
from service.signals.profiles.schemas import HandoverProfileView, OwnViewView


def export(uow: UnitOfWork, person_id: str) -> dict[str, Any]:
    """What was handed over about a person, by what kind of party, and what the person said itself."""
    own = select(Signal).where(Signal.person_id == person_id).order_by(Signal.reported_at)
    signals = {row.id: row for row in uow.session.scalars(own)}
    profiles: list[dict[str, Any]] = []
    given: list[tuple[PartyKind, Any]] = [
        (PartyKind.EMPLOYER, HandoverProfile),
        (PartyKind.JOBCOACH_ORGANISATION, CoachProfile),
    ]
    for by, model in given:
        rows = uow.session.scalars(select(model).where(model.signal_id.in_(signals)).order_by(model.changed_at))
        profiles += [
            {"by": by, **HandoverProfileView().dump(operations.profile_view(signals[row.signal_id], row))}
            for row in rows
        ]
    views = uow.session.scalars(select(OwnView).where(OwnView.signal_id.in_(signals)).order_by(OwnView.changed_at))
    return {
        "handoverProfiles": profiles,
        "ownViews": [OwnViewView().dump(operations.own_view(row)) for row in views],
    }


def erase(uow: UnitOfWork, person_id: str) -> None:
    """All of it goes, and so does what stands of it beside statements."""
    own = select(Signal.id).where(Signal.person_id == person_id)
    for model in (HandoverProfile, CoachProfile, OwnView):
        uow.execute(delete(model).where(model.signal_id.in_(own)))
    uow.execute(update(Signal).where(Signal.person_id == person_id).values(dict.fromkeys(CONTRADICTION)))


PART = Room(
    name="signals.profiles",
    routes=(routes,),
    permissions=(
        Permission(
            "handover-profiles:write",
            frozenset({PartyKind.EMPLOYER, PartyKind.JOBCOACH_ORGANISATION}),
            "Hand over what one knows of the work that went well",
        ),
    ),
    visible={
        HandoverProfile: operations.visible_profiles,
        CoachProfile: operations.visible_coach_profiles,
        OwnView: operations.visible_own_views,
    },
    mails={"handover-profile-given": handover_profile_given},
    export=export,
    erase=erase,
)
