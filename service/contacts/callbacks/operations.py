"""Asking for a call-back, and reading about them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from service.access.actor import NOBODY, Actor, log_access
from service.access.rules import PartyKind, Purpose
from service.contacts.callbacks.models import CallBack
from service.contacts.callbacks.rules import (
    LAST_HOUR,
    SHORTEST_WINDOW_MINUTES,
    WINDOWS_WITHIN_WORKING_DAYS,
    CallBackStatus,
    DayError,
    Window,
    answer_by,
    day_error,
    long_enough,
    overlap,
)
from service.contacts.callbacks.telling import mail_handler, tell
from service.contacts.callbacks.views import (
    address,
    call_back_view,
    is_live,
    is_named,
    read_window,
    responsible_for,
    visible_call_backs,
    window_view,
)
from service.contacts.operations import Responsible
from service.contacts.rules import ContactKind
from service.employers.employments import employer_of, visible_employments
from service.employers.models import Employment
from service.kernel.database import UnitOfWork
from service.kernel.ids import new_id, spoken_number
from service.kernel.paging import page
from service.kernel.problems import (
    FieldError,
    Problem,
    conflict,
    forbidden,
    invalid_input,
    not_found,
    unknown_reference,
)
from service.kernel.text import Text
from service.reference.working_days import next_working_day

DAY_ERRORS = {
    DayError.TOO_SOON: Text("Kies een latere dag.", "Choose a later day."),
    DayError.TOO_LATE: Text(
        f"Kies een dag binnen {WINDOWS_WITHIN_WORKING_DAYS} werkdagen.",
        f"Choose a day within {WINDOWS_WITHIN_WORKING_DAYS} working days.",
    ),
    DayError.NOT_A_WORKING_DAY: Text("Dit is geen werkdag.", "This is no working day."),
}
_TOO_SHORT = Text(
    f"Geef minstens {SHORTEST_WINDOW_MINUTES} minuten, tot uiterlijk {LAST_HOUR:%H:%M} uur.",
    f"Give {SHORTEST_WINDOW_MINUTES} minutes or more, until {LAST_HOUR:%H:%M} at the latest.",
)
_OVERLAP = Text("Deze tijd overlapt met een andere.", "This time overlaps with another.")


# --- Asking -----------------------------------------------------------------------------------------------------


def request_call_back(uow: UnitOfWork, actor: Actor, data: Mapping[str, Any]) -> dict[str, Any]:
    """Asks to be called. An employer asks about an employee or in general, a jobcoach organisation about
    whom it coaches.

    With the link disclosed, and for a jobcoach organisation, it goes to who answers for the employee; else to the desk,
    for an employee whom UWV knows as for anybody else. Raises 400 for an employment that is not the caller's and for
    windows in which nobody can call, 409 `call-back-exists` while the party waits for a call about the same.
    """
    actor.require(PartyKind.EMPLOYER, PartyKind.JOBCOACH_ORGANISATION)
    party_id, employer_id = _asker(uow, actor, data)
    sent = [read_window(each) for each in data["windows"]]
    _check_windows(uow, sent)
    windows = sorted(sent)
    row_id = new_id()
    due_by = answer_by(uow.today, [window.day for window in windows])
    row = CallBack(
        id=row_id,
        number=spoken_number("TB"),
        party_id=party_id,
        party_kind=actor.kind,
        employer_id=employer_id,
        employment_id=data.get("employment_id"),
        subject=data["subject"],
        phone=uow.vault.seal("call_back", "phone", row_id, data["phone"]),
        windows=[window_view(window) | {"day": window.day.isoformat()} for window in windows],
        status=CallBackStatus.OPEN,
        shown_version=1,
        requested_at=uow.now,
        answer_by=due_by,
        due_by=due_by,
        attempts=0,
        handler_kind=ContactKind.DESK,
        handler_named=False,
        escalate_on=next_working_day(due_by),
    )
    _save(uow, row)
    if is_named(uow, row):
        hand_over(row, responsible_for(uow, row))
        uow.flush()
    log(uow, actor, row, "call-back.requested")
    tell(uow, row, "requested")
    mail_handler(uow, row, "call-back-requested")
    return call_back_view(uow, actor, row)


def _asker(uow: UnitOfWork, actor: Actor, data: Mapping[str, Any]) -> tuple[str, str]:
    """The party that asks, and the employer that it is about. Raises 400."""
    employment_id = data.get("employment_id")
    if employment_id is None:
        if actor.kind is PartyKind.JOBCOACH_ORGANISATION:
            text = Text("Zeg om welke werknemer het gaat.", "Say about which employee this is.")
            raise invalid_input([FieldError("required", text, pointer="/employmentId")])
        employer_id = employer_of(actor, data.get("employer_id"))
        return employer_id, employer_id
    found: Employment | None = uow.session.scalars(
        visible_employments(actor).where(Employment.id == employment_id)
    ).one_or_none()
    party_id = None if found is None else _speaker(actor.kind, found)
    if found is None or party_id is None:
        raise invalid_input([unknown_reference("/employmentId")])
    if data.get("employer_id", found.employer_id) != found.employer_id:
        raise invalid_input([unknown_reference("/employerId")])
    return party_id, found.employer_id


def _speaker(kind: PartyKind, employment: Employment) -> str | None:
    """For whom a party of this kind asks: the employer, or the organisation that coaches the employee."""
    return employment.employer_id if kind is PartyKind.EMPLOYER else employment.jobcoach_organisation_id


def _check_windows(uow: UnitOfWork, windows: list[Window]) -> None:
    errors = []
    for place, window in enumerate(windows):
        wrong = day_error(window.day, uow.today)
        if wrong is not None:
            errors.append(FieldError(wrong.value, DAY_ERRORS[wrong], pointer=f"/windows/{place}/date"))
        if not long_enough(window):
            errors.append(FieldError("window-too-short", _TOO_SHORT, pointer=f"/windows/{place}/to"))
        elif any(overlap(window, earlier) for earlier in windows[:place]):
            errors.append(FieldError("overlap", _OVERLAP, pointer=f"/windows/{place}"))
    if errors:
        raise invalid_input(errors)


def _save(uow: UnitOfWork, row: CallBack) -> None:
    same = select(CallBack.id).where(
        CallBack.party_id == row.party_id,
        CallBack.employment_id.is_not_distinct_from(row.employment_id),
        CallBack.subject == row.subject,
        is_live(),
    )
    existing = uow.session.execute(same).scalar()
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
        "call-back-exists",
        "U wacht al op een telefoontje hierover. Trek dat verzoek eerst in.",
        "You are waiting for a call about this already. Withdraw that request first.",
        **extra,
    )


def hand_over(row: CallBack, found: Responsible | None) -> None:
    """To whoever answers for the employee today; nobody: the desk."""
    row.handler_kind = ContactKind.DESK if found is None else found.kind
    row.handler_caseworker_id = None if found is None else found.caseworker_id
    row.handler_team_id = None if found is None else found.team_id
    row.handler_named = False


# --- Reading ----------------------------------------------------------------------------------------------------


def load(uow: UnitOfWork, actor: Actor, call_back_id: str, *, for_update: bool = False) -> CallBack:
    """The call-back, if the actor may see it. Raises 404."""
    statement = visible_call_backs(actor).where(CallBack.id == call_back_id)
    if for_update:
        statement = statement.with_for_update(of=CallBack)
    row: CallBack | None = uow.session.scalars(
        statement, execution_options={"populate_existing": for_update}
    ).one_or_none()
    if row is None:
        raise not_found()
    return row


def log(uow: UnitOfWork, actor: Actor, row: CallBack, action: str) -> None:
    """A line in the access log where it is about an employee, also where there is no person behind the employment."""
    if row.employment_id is not None:
        log_access(uow, actor, Purpose.CONTACT, action, [row.person_id or NOBODY], address(row.id))


def get_call_back(uow: UnitOfWork, actor: Actor, call_back_id: str) -> dict[str, Any]:
    row = load(uow, actor, call_back_id)
    log(uow, actor, row, "call-back.read")
    return call_back_view(uow, actor, row)


def list_call_backs(uow: UnitOfWork, actor: Actor, query: Mapping[str, Any]) -> dict[str, Any]:
    """The call-backs that the actor may see. Raises 403 where somebody outside asks who handles them."""
    if not actor.is_uwv_side and query.keys() & {"handled_by", "caseworker_id"}:
        raise forbidden(
            "Zoeken op wie belt kan alleen bij UWV en het Servicepunt.",
            "Only UWV and the desk can search by who handles it.",
        )
    statement = visible_call_backs(actor)
    for name, column in (
        ("status", CallBack.status),
        ("employment_id", CallBack.employment_id),
        ("employer_id", CallBack.employer_id),
        ("handled_by", CallBack.handler_kind),
        ("caseworker_id", CallBack.handler_caseworker_id),
    ):
        if name in query:
            statement = statement.where(column == query[name])
    if "due_before" in query:
        statement = statement.where(CallBack.due_by < query["due_before"])

    def view(row: CallBack) -> dict[str, Any]:
        log(uow, actor, row, "call-back.read")
        return call_back_view(uow, actor, row)

    return page(uow, statement, (CallBack.id,), query, view)
