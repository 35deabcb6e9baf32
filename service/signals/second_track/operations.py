"""Reporting a second track, changing what was reported, moving it on, and reading about it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from service.access.actor import NOBODY, Actor, log_access
from service.access.rules import PartyKind, Purpose
from service.employers.employments import visible_employments
from service.employers.models import Employment
from service.kernel.database import UnitOfWork
from service.kernel.ids import new_id, spoken_number
from service.kernel.paging import page
from service.kernel.problems import (
    FieldError,
    Problem,
    conflict,
    forbidden_move,
    invalid_field,
    invalid_input,
    not_found,
    unknown_reference,
)
from service.kernel.requests import Expected
from service.kernel.state import ForbiddenMove
from service.kernel.text import Text
from service.reference.working_days import next_working_day
from service.signals.deadlines import acknowledge_by
from service.signals.second_track.models import SecondTrack, SecondTrackStep
from service.signals.second_track.rules import (
    LIVE_STATUSES,
    STATUS_MACHINE,
    DateError,
    SecondTrackCause,
    SecondTrackOutcome,
    SecondTrackStatus,
    SecondTrackStepKind,
    WaitingPeriodChange,
    end_error,
    move_error,
    moved,
    next_reminder,
)
from service.signals.second_track.telling import mail_inside, record, tell
from service.signals.second_track.views import (
    address,
    handling_view,
    is_live,
    second_track_view,
    step_view,
    visible_second_tracks,
    visible_steps,
)
from service.signals.steps import Audience

_FACTS: Final = ("reference", "planned_start_on", "agency", "vacancy_expected")
_END: Final = "/waitingPeriodEndsOn"
_DATE_ERRORS: Final = {
    DateError.IN_THE_PAST: Text("Deze dag is al voorbij.", "This day has passed."),
    DateError.TOO_SOON: Text("Deze dag is te vroeg.", "This day is too early."),
    DateError.TOO_LATE: Text("Deze dag is te laat.", "This day is too late."),
}


# --- Reporting --------------------------------------------------------------------------------------------------


def report_second_track(uow: UnitOfWork, actor: Actor, data: Mapping[str, Any]) -> dict[str, Any]:
    """An employer reports that an employee looks for work at another employer during long sick leave.

    Raises 400 for an employment that is not the caller's, an employee who was not told, and dates that cannot be; 409
    `second-track-exists` while the employment has a live one.
    """
    actor.require(PartyKind.EMPLOYER)
    wanted = visible_employments(actor).where(Employment.id == data["employment_id"])
    employment: Employment | None = uow.session.scalars(wanted).one_or_none()
    if employment is None:
        raise invalid_input([unknown_reference("/employmentId")])
    if not data["employee_informed"]:
        raise invalid_field(
            "/employeeInformed",
            "employee-not-informed",
            "Vertel het eerst aan de werknemer. Daarna kunt u het tweede spoor melden.",
            "Tell the employee first. After that you can report the second track.",
        )
    end = data["waiting_period_ends_on"]
    _refuse(end_error(end, uow.today), _END)
    _check_planned(data["planned_start_on"], end, "/plannedStartOn")
    by = acknowledge_by(uow.today, end)
    row = SecondTrack(
        id=new_id(),
        number=spoken_number("TS"),
        employment_id=employment.id,
        employer_id=employment.employer_id,
        waiting_period_ends_on=end,
        regular_end_on=end,
        employee_informed=True,
        status=SecondTrackStatus.REPORTED,
        acknowledge_by=by,
        escalate_on=next_working_day(by),
        reported_at=uow.now,
        **{name: data[name] for name in _FACTS},
    )
    row.remind_on = next_reminder(row.period, uow.today)
    _save(uow, row)
    record(uow, row, SecondTrackStepKind.REPORTED, actor.kind, after=row.status)
    tell(uow, row, "reported")
    mail_inside(uow, row)
    _log(uow, actor, row, "reported")
    return second_track_view(uow, actor, row)


def _save(uow: UnitOfWork, row: SecondTrack) -> None:
    existing = uow.session.execute(
        select(SecondTrack.id).where(SecondTrack.employment_id == row.employment_id, is_live())
    ).scalar()
    if existing is not None:
        raise _exists(existing)
    uow.add(row)
    try:
        uow.flush()
    except IntegrityError:
        raise _exists(None) from None


def _exists(existing: str | None) -> Problem:
    extra = {"existing": f"/v1/{address(existing)}"} if existing else {}
    return conflict(
        "second-track-exists",
        "Voor dit dienstverband loopt al een tweede spoor. Werk dat bij, of sluit het eerst af.",
        "This employment has a live second track already. Bring that up to date, or close it first.",
        **extra,
    )


def _refuse(error: DateError | None, pointer: str) -> None:
    if error is not None:
        raise invalid_input([FieldError(error.value, _DATE_ERRORS[error], pointer=pointer)])


def _check_planned(planned: date | None, end: date, pointer: str) -> None:
    """The second track begins before the waiting period is over."""
    if planned is not None and planned > end:
        _refuse(DateError.TOO_SOON if pointer == _END else DateError.TOO_LATE, pointer)


# --- Reading ----------------------------------------------------------------------------------------------------


def _load(uow: UnitOfWork, actor: Actor, second_track_id: str, *, for_update: bool = False) -> SecondTrack:
    """The second track, if the actor may see it. Raises 404."""
    statement = visible_second_tracks(actor).where(SecondTrack.id == second_track_id)
    if for_update:
        statement = statement.with_for_update(of=SecondTrack)
    row: SecondTrack | None = uow.session.scalars(
        statement, execution_options={"populate_existing": for_update}
    ).one_or_none()
    if row is None:
        raise not_found()
    return row


def _log(uow: UnitOfWork, actor: Actor, row: SecondTrack, action: str) -> None:
    """The line in the access log, under a purpose of its own; one without a person leaves one too."""
    people = [row.person_id or NOBODY]
    log_access(uow, actor, Purpose.SECOND_TRACK, f"second-track.{action}", people, address(row.id))


def get_second_track(uow: UnitOfWork, actor: Actor, second_track_id: str) -> dict[str, Any]:
    row = _load(uow, actor, second_track_id)
    _log(uow, actor, row, "read")
    return second_track_view(uow, actor, row)


def list_second_tracks(uow: UnitOfWork, actor: Actor, query: Mapping[str, Any]) -> dict[str, Any]:
    """The second tracks that the actor may see."""
    statement = visible_second_tracks(actor)
    for name in ("status", "employment_id", "employer_id"):
        if name in query:
            statement = statement.where(getattr(SecondTrack, name) == query[name])
    if "ends_before" in query:
        statement = statement.where(SecondTrack.waiting_period_ends_on < query["ends_before"])

    def view(row: SecondTrack) -> dict[str, Any]:
        _log(uow, actor, row, "read")
        return second_track_view(uow, actor, row)

    return page(uow, statement, (SecondTrack.id,), query, view)


def get_handling(uow: UnitOfWork, actor: Actor, second_track_id: str) -> dict[str, Any]:
    """Who answers for it behind the counter, and whose it is."""
    actor.require(PartyKind.UWV, PartyKind.DESK)
    row = _load(uow, actor, second_track_id)
    _log(uow, actor, row, "handling_read")
    return handling_view(uow, row)


def list_history(uow: UnitOfWork, actor: Actor, second_track_id: str, query: Mapping[str, Any]) -> dict[str, Any]:
    """What happened, oldest first, as far as it is for this actor."""
    row = _load(uow, actor, second_track_id)
    _log(uow, actor, row, "history_read")
    statement = visible_steps(actor).where(SecondTrackStep.second_track_id == row.id)
    return page(uow, statement, (SecondTrackStep.id,), query, lambda step: step_view(actor, step))


# --- Facts ------------------------------------------------------------------------------------------------------


def change_second_track(
    uow: UnitOfWork, actor: Actor, second_track_id: str, data: Mapping[str, Any], expected: Expected
) -> dict[str, Any]:
    """The employer changes what it reported, the end of the waiting period with a code that says why it moves.

    Raises 409 `second-track-over` once it is closed or withdrawn.
    """
    actor.require(PartyKind.EMPLOYER)
    row = _load(uow, actor, second_track_id, for_update=True)
    expected.check(row.version)
    if row.status not in LIVE_STATUSES:
        raise conflict(
            "second-track-over",
            "Dit tweede spoor is afgesloten of ingetrokken. U kunt een nieuw tweede spoor melden.",
            "This second track was closed or withdrawn. You can report a new one.",
        )
    before = row.waiting_period_ends_on
    _move_end(uow, row, data)
    planned = data.get("planned_start_on", row.planned_start_on)
    _check_planned(planned, row.waiting_period_ends_on, "/plannedStartOn" if "planned_start_on" in data else _END)
    changed = [name for name in _FACTS if name in data and getattr(row, name) != data[name]]
    for name in changed:
        setattr(row, name, data[name])
    end_moved = row.waiting_period_ends_on != before
    uow.flush()
    if end_moved:
        what, after = SecondTrackStepKind.WAITING_PERIOD_MOVED, row.waiting_period_ends_on
        record(uow, row, what, actor.kind, before=before, after=after)
    if changed:
        record(uow, row, SecondTrackStepKind.FACTS_CHANGED, actor.kind)
    if changed or end_moved:
        tell(uow, row, "changed")
    _log(uow, actor, row, "changed")
    return second_track_view(uow, actor, row)


def _move_end(uow: UnitOfWork, row: SecondTrack, data: Mapping[str, Any]) -> None:
    """The end of the waiting period and why it moves come together. Reminders follow it."""
    after: date | None = data.get("waiting_period_ends_on")
    change: WaitingPeriodChange | None = data.get("waiting_period_change")
    if after is None and change is None:
        return
    if after is None or change is None:
        raise invalid_field(
            _END if after is None else "/waitingPeriodChange",
            "required",
            "Geef de nieuwe datum en waarom die verandert.",
            "Give the new date and why it moves.",
        )
    if after == row.waiting_period_ends_on:
        return
    _refuse(move_error(change, row.waiting_period_ends_on, after, uow.today), _END)
    row.waiting_period_ends_on, row.regular_end_on = moved(row.period, change, after)
    row.waiting_period_change = change
    row.remind_on = next_reminder(row.period, uow.today)


# --- Status -----------------------------------------------------------------------------------------------------


def move_second_track(
    uow: UnitOfWork, actor: Actor, second_track_id: str, data: Mapping[str, Any], expected: Expected
) -> dict[str, Any]:
    """UWV's side takes it up, guides, closes it; the employer closes it with an outcome, or withdraws it.

    Raises 409 with the allowed moves.
    """
    row = _load(uow, actor, second_track_id, for_update=True)
    expected.check(row.version)
    target: SecondTrackStatus = data["to"]
    try:
        STATUS_MACHINE.move(row.status, target, actor.kind)
    except ForbiddenMove as refused:
        raise forbidden_move(refused.source, refused.target, refused.allowed) from None
    if target is SecondTrackStatus.CLOSED and "outcome" not in data:
        raise invalid_field("/outcome", "required", "Zeg hoe het is afgelopen.", "Say what became of it.")
    if target is not SecondTrackStatus.CLOSED and "outcome" in data:
        raise invalid_field(
            "/outcome", "not-with-this-move", "Dit hoort niet bij deze stap.", "This does not belong to this move."
        )
    apply_move(uow, row, target, actor.kind, data.get("outcome"))
    _log(uow, actor, row, target.value)
    return second_track_view(uow, actor, row)


def apply_move(
    uow: UnitOfWork,
    row: SecondTrack,
    target: SecondTrackStatus,
    by: PartyKind,
    outcome: SecondTrackOutcome | None = None,
    because: str = "",
) -> None:
    """Moves it on, with what the table says that follows. Raises ForbiddenMove."""
    source, causes = row.status, STATUS_MACHINE.move(row.status, target, by).causes
    row.status = target
    if SecondTrackCause.STOP_ACKNOWLEDGE_CLOCK in causes:
        row.acknowledged_at = uow.now
        row.escalate_on = row.escalated_since = None
    if SecondTrackCause.STOP_ALL_CLOCKS in causes:
        row.escalate_on = row.escalated_since = row.remind_on = None
        row.over_at = uow.now
    if SecondTrackCause.RECORD_OUTCOME in causes:
        row.outcome, row.outcome_by = outcome, by
    uow.flush()
    record(uow, row, SecondTrackStepKind.STATUS_CHANGED, by, before=source, after=target)
    if SecondTrackCause.RECORD_OUTCOME in causes:
        audience = Audience.ALL if by is PartyKind.EMPLOYER else Audience.UWV_SIDE
        record(uow, row, SecondTrackStepKind.OUTCOME_RECORDED, by, after=outcome, audience=audience)
    tell(uow, row, target.value, because)
