"""Who sees what of a second track: the employer that reported it, UWV for its clients, the desk. Nobody else.

All see the same, but for the outcome. So nothing in it can tell an employer whether UWV knows the employee; who
answers for a client behind the counter is a resource of its own.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, select

from service.access.actor import Actor
from service.access.rules import PartyKind
from service.contacts import operations as contacts
from service.kernel.database import UnitOfWork
from service.signals.second_track.models import SecondTrack, SecondTrackStep
from service.signals.second_track.rules import (
    LIVE_STATUSES,
    SecondTrackOutcome,
    SecondTrackStatus,
    milestones,
    outcome_for_employer,
)
from service.signals.steps import Audience

_SHOWN = (
    "id", "version", "number", "employment_id", "employer_id", "reference", "waiting_period_ends_on",
    "waiting_period_change", "planned_start_on", "agency", "employee_informed", "vacancy_expected", "status",
    "acknowledge_by", "escalated_since", "reported_at", "acknowledged_at", "over_at",
)  # fmt: skip


def visible_second_tracks(actor: Actor) -> Select[Any]:
    """An employer sees its own, UWV those of its clients, the desk all."""
    statement = select(SecondTrack)
    if actor.kind in (PartyKind.DESK, PartyKind.SYSTEM):
        return statement
    if actor.kind is PartyKind.UWV:
        return statement.where(SecondTrack.is_client)
    own = actor.party_ids(PartyKind.EMPLOYER) if actor.kind is PartyKind.EMPLOYER else []
    return statement.where(SecondTrack.employer_id.in_(own))


def visible_steps(actor: Actor) -> Select[Any]:
    """The lines of those that the actor sees; an employer without what stays on UWV's side."""
    seen = visible_second_tracks(actor).with_only_columns(SecondTrack.id)
    statement = select(SecondTrackStep).where(SecondTrackStep.second_track_id.in_(seen))
    return statement if actor.is_uwv_side else statement.where(SecondTrackStep.audience == Audience.ALL)


def is_live() -> ColumnElement[bool]:
    """The condition under which an employment has at most one."""
    return SecondTrack.status.in_(sorted(LIVE_STATUSES))


def address(second_track_id: str) -> str:
    return f"second-tracks/{second_track_id}"


def second_track_view(uow: UnitOfWork, actor: Actor, row: SecondTrack) -> dict[str, Any]:
    """All fields but the outcome are the same for every reader."""
    view = {name: getattr(row, name) for name in _SHOWN}
    return view | {
        "milestones": [each._asdict() for each in milestones(row.period, uow.today)],
        "outcome": _outcome(actor, row),
    }


def _outcome(actor: Actor, row: SecondTrack) -> SecondTrackOutcome | None:
    if row.status is not SecondTrackStatus.CLOSED:
        return None
    return row.outcome if actor.is_uwv_side else outcome_for_employer(row.outcome, row.outcome_by)


def handling_view(uow: UnitOfWork, row: SecondTrack) -> dict[str, Any]:
    """Who answers behind the counter. It is with the desk where UWV has nobody, and once a deadline was missed."""
    found = contacts.responsible(uow, row.person_id) if row.is_client and row.person_id is not None else None
    return {
        "id": row.id,
        "person_id": row.person_id,
        "disclosed": row.disclosed,
        "outcome_by": row.outcome_by,
        "with_desk": found is None or row.escalated_since is not None,
        "responsible": found
        and {
            "kind": found.kind,
            "caseworker_id": found.caseworker_id,
            "name": found.name,
            "phone": found.phone,
        },
    }


def step_view(actor: Actor, step: SecondTrackStep) -> dict[str, Any]:
    by = step.by_kind
    if not actor.is_uwv_side and by is PartyKind.UWV:
        # The desk stands for everybody behind the counter: who acts would tell who is a client.
        by = PartyKind.DESK
    return {
        "id": step.id,
        "at": step.at,
        "what": step.what,
        "from_value": step.from_value,
        "to_value": step.to_value,
        "by": by,
    }
