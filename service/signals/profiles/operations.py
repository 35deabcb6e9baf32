"""Handing over what is known of the work, and writing down what the person says beside it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Select, select, update

from service.access.actor import Actor
from service.access.rules import PartyKind
from service.contacts import operations as contacts
from service.contacts.models import Caseworker
from service.delivery.events import queue_mails
from service.employers.models import Employment
from service.employers.operations import has_valid_certificate
from service.kernel.clock import amsterdam_day
from service.kernel.database import UnitOfWork
from service.kernel.problems import invalid_field, invalid_input, not_found, unknown_reference
from service.kernel.requests import NOT_THERE, Expected
from service.signals.deadlines import too_long_ago
from service.signals.models import Signal
from service.signals.profiles.models import CoachProfile, HandoverProfile, Known, OwnView
from service.signals.profiles.rules import HANDS_OVER
from service.signals.reading import load, log
from service.signals.rules import EscalationLevel
from service.signals.steps import Audience, StepKind
from service.signals.telling import record, tell
from service.signals.views import visible_signals

_UWV_SIDE: Final = (PartyKind.UWV, PartyKind.DESK)
_CODES: Final = ("tasks_done_well", "what_helps", "what_was_missing", "growth_wishes", "came_by")


def visible_profiles(actor: Actor) -> Select[Any]:
    """UWV's side, and the employer that wrote it."""
    statement = select(HandoverProfile)
    if actor.is_uwv_side or actor.kind is PartyKind.EMPLOYER:
        return statement.where(HandoverProfile.signal_id.in_(visible_signals(actor).with_only_columns(Signal.id)))
    return statement.where(HandoverProfile.signal_id.is_(None))


def visible_coach_profiles(actor: Actor) -> Select[Any]:
    """UWV's side, and the organisation that wrote it."""
    statement = select(CoachProfile)
    if actor.kind is PartyKind.JOBCOACH_ORGANISATION:
        statement = statement.where(CoachProfile.party_id.in_(actor.party_ids(actor.kind)))
    elif not actor.is_uwv_side:
        return statement.where(CoachProfile.signal_id.is_(None))
    return statement.where(CoachProfile.signal_id.in_(visible_signals(actor).with_only_columns(Signal.id)))


def visible_own_views(actor: Actor) -> Select[Any]:
    """UWV's side only."""
    statement = select(OwnView)
    if actor.is_uwv_side:
        return statement.where(OwnView.signal_id.in_(visible_signals(actor).with_only_columns(Signal.id)))
    return statement.where(OwnView.signal_id.is_(None))


# --- Handover profile -------------------------------------------------------------------------------------------


def record_handover_profile(
    uow: UnitOfWork, actor: Actor, signal_id: str, data: Mapping[str, Any], expected: Expected
) -> dict[str, Any]:
    """What an employer or a jobcoach organisation knows of the work (rule 8 of docs/domain.md), in codes about work.

    Each has one for an employment, whichever signal it came with.
    """
    actor.require(*HANDS_OVER)
    signal = load(uow, actor, signal_id, for_update=True)
    employer = actor.kind is PartyKind.EMPLOYER
    certified = employer and has_valid_certificate(uow, signal.employer_id)
    row: Any = _employers(uow, signal) if employer else _coaches(uow, signal, actor.party_ids(actor.kind))
    expected.check(NOT_THERE if row is None else row.version)
    first = row is None
    if employer:
        row = row or HandoverProfile(signal_id=signal.id)
        row.certified_employer = certified
        signal.profile_given_on = uow.today
    else:
        row = row or CoachProfile(signal_id=signal.id, party_id=_coach(uow, actor, signal))
    uow.add(row)
    _apply(row, data)
    row.changed_at = signal.changed_at = uow.now
    uow.flush()
    audience = Audience.ALL if employer else Audience.NOT_EMPLOYER
    record(uow, signal, StepKind.HANDOVER_PROFILE_RECORDED, actor.kind, audience=audience)
    tell(uow, signal, "changed", audience=audience, because="handover-profile")
    if first:
        # Both for a client and for anybody else, as with a report.
        to = ["responsible"] if signal.disclosed else ["responsible", EscalationLevel.DESK.value]
        queue_mails(
            uow, "handover-profile-given", [{"signalId": signal.id, "to": each, "by": actor.kind.value} for each in to]
        )
    log(uow, actor, signal, "signal.handover_profile_recorded")
    return profile_view(signal, row)


def get_handover_profile(uow: UnitOfWork, actor: Actor, signal_id: str, by: str | None = None) -> dict[str, Any]:
    """What was handed over: a party reads its own, UWV's side that of the employer or of the jobcoach organisation
    (`by`). Raises 404."""
    signal = load(uow, actor, signal_id)
    whose = actor.kind if actor.kind in HANDS_OVER else by or PartyKind.EMPLOYER
    if by is not None and by != whose:
        raise not_found()
    row: Any
    if whose == PartyKind.EMPLOYER:
        row = _employers(uow, signal)
    else:
        row = _coaches(uow, signal, None if actor.is_uwv_side else actor.party_ids(actor.kind))
    if row is None:
        raise not_found()
    log(uow, actor, signal, "signal.handover_profile_read")
    return profile_view(signal, row)


def _employers(uow: UnitOfWork, signal: Signal) -> HandoverProfile | None:
    wanted = (
        select(HandoverProfile)
        .join(Signal, Signal.id == HandoverProfile.signal_id)
        .where(Signal.employment_id == signal.employment_id)
        .order_by(HandoverProfile.changed_at.desc())
        .limit(1)
    )
    return uow.session.scalars(wanted).one_or_none()


def _coaches(uow: UnitOfWork, signal: Signal, party_ids: list[str] | None) -> CoachProfile | None:
    wanted = (
        select(CoachProfile)
        .join(Signal, Signal.id == CoachProfile.signal_id)
        .where(Signal.employment_id == signal.employment_id)
        .order_by(CoachProfile.changed_at.desc())
        .limit(1)
    )
    if party_ids is not None:
        wanted = wanted.where(CoachProfile.party_id.in_(party_ids))
    return uow.session.scalars(wanted).one_or_none()


def _coach(uow: UnitOfWork, actor: Actor, signal: Signal) -> str:
    """For which organisation somebody hands over who acts for several: the one that coaches the employee."""
    own = actor.party_ids(PartyKind.JOBCOACH_ORGANISATION)
    coach = uow.session.get_one(Employment, signal.employment_id).jobcoach_organisation_id
    return coach if coach in own and coach is not None else own[0]


def _apply(row: Known, data: Mapping[str, Any]) -> None:
    for name in _CODES:
        setattr(row, name, [str(each) for each in data.get(name, ())])
    row.hours_held, row.hours_held_min = _kept(data.get("hours_held")), _kept(data.get("hours_held_min"))


def _kept(hours: float | None) -> Decimal | None:
    return None if hours is None else Decimal(str(hours))


def _known_view(row: Known) -> dict[str, Any]:
    codes = {name: getattr(row, name) or [] for name in _CODES}
    return codes | {"hours_held": row.hours_held, "hours_held_min": row.hours_held_min}


def profile_view(signal: Signal, row: HandoverProfile | CoachProfile) -> dict[str, Any]:
    return {
        "version": row.version,
        "signal_id": signal.id,
        **_known_view(row),
        "certified_employer": isinstance(row, HandoverProfile) and row.certified_employer,
        "given_on": amsterdam_day(row.changed_at),
    }


# --- The person's own view --------------------------------------------------------------------------------------


def record_own_view(
    uow: UnitOfWork, actor: Actor, signal_id: str, data: Mapping[str, Any], expected: Expected
) -> dict[str, Any]:
    """What the person says itself. UWV's side only: no other party reads it, or hears that it is there."""
    actor.require(*_UWV_SIDE)
    signal = load(uow, actor, signal_id, for_update=True)
    row = uow.session.get(OwnView, signal.id)
    expected.check(NOT_THERE if row is None else row.version)
    if data["told_on"] > uow.today:
        raise invalid_field("/toldOn", "in-the-future", "Deze dag ligt in de toekomst.", "This day lies in the future.")
    if too_long_ago(data["told_on"], amsterdam_day(signal.reported_at)):
        raise invalid_field(
            "/toldOn",
            "too-long-ago",
            "Deze dag ligt meer dan een jaar voor de melding. Klopt het jaar?",
            "This day lies more than a year before the report. Is the year right?",
        )
    recorder = _recorder(uow, actor, signal, data.get("caseworker_id"))
    if row is None:
        row = OwnView(signal_id=signal.id)
        uow.add(row)
    _apply(row, data)
    row.opinions = [f"{each['topic']}:{each['opinion']}" for each in data["opinions"]]
    row.wants_conditions = [str(each) for each in data["wants_conditions"]]
    row.wants_hours_min, row.wants_hours_max = _kept(data["wants_hours_min"]), _kept(data["wants_hours_max"])
    for name in ("not_now", "contradicted_reason", "contradicts_phase", "told_on", "means"):
        setattr(row, name, data[name])
    row.caseworker_id, row.recorded_by = recorder
    row.changed_at = uow.now
    uow.flush()
    against = row.contradicted_reason is not None or row.contradicts_phase
    # Beside the statement, so that whoever reads the one reads the other. The version stays: nobody else may notice.
    uow.execute(
        update(Signal)
        .where(Signal.id == signal.id)
        .values(
            contradicted_reason=row.contradicted_reason,
            contradicts_phase=row.contradicts_phase if against else None,
            contradicted_on=row.told_on if against else None,
            contradicted_means=row.means if against else None,
        )
    )
    record(uow, signal, StepKind.OWN_VIEW_RECORDED, actor.kind, audience=Audience.UWV_SIDE)
    log(uow, actor, signal, "signal.own_view_recorded")
    return own_view(row)


def get_own_view(uow: UnitOfWork, actor: Actor, signal_id: str) -> dict[str, Any]:
    actor.require(*_UWV_SIDE)
    row = uow.session.scalars(visible_own_views(actor).where(OwnView.signal_id == signal_id)).one_or_none()
    if row is None:
        raise not_found()
    log(uow, actor, load(uow, actor, signal_id), "signal.own_view_read")
    return own_view(row)


def _recorder(uow: UnitOfWork, actor: Actor, signal: Signal, caseworker_id: str | None) -> tuple[str | None, str]:
    """Who wrote it down: the caseworker that is named, else the one responsible; the desk for the desk."""
    if caseworker_id is not None:
        wanted = select(Caseworker.name).where(Caseworker.id == caseworker_id, Caseworker.active)
        name = uow.execute(wanted).scalar()
        if name is None:
            raise invalid_input([unknown_reference("/caseworkerId")])
        return caseworker_id, name
    if actor.kind is PartyKind.UWV and signal.person_id is not None:
        found = contacts.responsible(uow, signal.person_id)
        if found is not None:
            return found.caseworker_id, found.name
    return None, uow.settings.desk_name if actor.kind is PartyKind.DESK else actor.party.name


def own_view(row: OwnView) -> dict[str, Any]:
    opinions = [each.partition(":") for each in row.opinions]
    same = ("not_now", "contradicted_reason", "contradicts_phase", "told_on", "means", "recorded_by")
    return {
        "version": row.version,
        "signal_id": row.signal_id,
        **_known_view(row),
        "opinions": [{"topic": topic, "opinion": opinion} for topic, _, opinion in opinions],
        "wants_hours_min": row.wants_hours_min,
        "wants_hours_max": row.wants_hours_max,
        "wants_conditions": row.wants_conditions,
        **{name: getattr(row, name) for name in same},
        "recorded_on": amsterdam_day(row.changed_at),
    }
