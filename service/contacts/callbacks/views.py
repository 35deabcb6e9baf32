"""Who sees what of a call-back.

Whoever asked sees the contact that it may know: the desk unless the link is disclosed, or it coaches the employee
itself. What happens behind the counter is in `handling`, which only UWV's side gets.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from service.access.actor import Actor
from service.access.models import Party
from service.access.rules import PartyKind
from service.contacts import answer
from service.contacts import operations as contacts
from service.contacts.callbacks.models import CallBack
from service.contacts.callbacks.rules import LIVE_STATUSES, Window
from service.contacts.models import Absence, Caseworker, Office, Team
from service.contacts.operations import Responsible
from service.contacts.rules import OFFICE_DAYS, ContactKind, absence_on, reachable_on
from service.contacts.rules import Absence as Away
from service.kernel.database import UnitOfWork
from service.people import operations as people


def visible_call_backs(actor: Actor) -> Select[Any]:
    """Those who asked see their own; UWV those about its clients and what was passed on to it; the desk all."""
    statement = select(CallBack)
    if actor.kind in (PartyKind.DESK, PartyKind.SYSTEM):
        return statement
    if actor.kind is PartyKind.UWV:
        return statement.where(or_(CallBack.is_client, CallBack.handler_kind != ContactKind.DESK))
    return statement.where(CallBack.party_id.in_(actor.party_ids(PartyKind.EMPLOYER, PartyKind.JOBCOACH_ORGANISATION)))


def is_live() -> ColumnElement[bool]:
    return CallBack.status.in_(sorted(LIVE_STATUSES))


def address(call_back_id: str) -> str:
    return f"call-backs/{call_back_id}"


# --- Windows as they are sent and kept: times as text -----------------------------------------------------------


def read_window(sent: Mapping[str, Any]) -> Window:
    return Window(sent["day"], time.fromisoformat(sent["start"]), time.fromisoformat(sent["end"]))


def window_view(window: Window) -> dict[str, Any]:
    return {"day": window.day, "start": f"{window.start:%H:%M}", "end": f"{window.end:%H:%M}"}


def windows_of(row: CallBack) -> list[Window]:
    return [read_window(each | {"day": date.fromisoformat(each["day"])}) for each in row.windows]


def phone_of(uow: UnitOfWork, row: CallBack) -> str:
    return uow.vault.open("call_back", "phone", row.id, row.phone)


# --- Views ------------------------------------------------------------------------------------------------------


def is_named(uow: UnitOfWork, row: CallBack) -> bool:
    """Whether the asker may know who at UWV handles it: it coaches the employee itself, or is the employer that knows
    of the link. After the end of the employment an employer hears no more of the person."""
    if row.party_kind is PartyKind.JOBCOACH_ORGANISATION:
        return row.coached
    return row.disclosed and (row.end_date is None or row.end_date >= uow.today)


def call_back_view(uow: UnitOfWork, actor: Actor, row: CallBack) -> dict[str, Any]:
    """The call-back as this actor sees it."""
    inside, named = actor.is_uwv_side, is_named(uow, row)
    desk = answer.desk(uow.settings, uow.today)
    contact = handler_contact(uow, row) if inside or named else desk
    level, since = row.handler_kind, row.escalated_since
    if not (inside or named):
        level, since = ContactKind.DESK, row.overdue_since
    view = {
        "id": row.id,
        "version": row.version if inside else row.shown_version,
        "number": row.number,
        "employer_id": row.employer_id,
        "employment_id": row.employment_id,
        "subject": row.subject,
        "phone": phone_of(uow, row),
        "windows": [window_view(window) for window in windows_of(row)],
        "status": row.status,
        "requested_at": row.requested_at,
        "contact": contact,
        "called_from": contact["phone"] if named else desk["phone"],
        "answer_by": row.answer_by,
        "due_by": row.due_by,
        "delayed_until": row.delayed_until,
        "attempts": row.attempts,
        "last_tried_at": row.last_tried_at,
        "done_on": row.done_on,
        "escalation": None if since is None else {"level": level, "since": since},
    }
    if inside:
        view["handling"] = _handling(uow, row, contact["name"])
    return view


def _handling(uow: UnitOfWork, row: CallBack, handler_name: str) -> dict[str, Any]:
    return {
        "handler": {
            "kind": row.handler_kind,
            "caseworker_id": row.handler_caseworker_id,
            "name": handler_name,
        },
        "responsible": responsible_view(uow, row),
        "party_id": row.party_id,
        "asked_by": row.party_kind,
        "asker_name": uow.session.get_one(Party, row.party_id).name,
        "person_id": row.person_id,
        "employee_name": None if row.person_id is None else people.name_of(uow, row.person_id),
        "disclosed": row.disclosed,
    }


def responsible_for(uow: UnitOfWork, row: CallBack) -> Responsible | None:
    """Who answers for the employee today; None: nobody, or it is about no employee."""
    return None if row.person_id is None else contacts.responsible(uow, row.person_id)


def responsible_view(uow: UnitOfWork, row: CallBack) -> dict[str, Any] | None:
    found = responsible_for(uow, row)
    if found is None:
        return None
    return {"kind": found.kind, "caseworker_id": found.caseworker_id, "name": found.name, "phone": found.phone}


def handler_contact(uow: UnitOfWork, row: CallBack) -> dict[str, Any]:
    """Whoever has it to do, in the form of every contact."""
    if row.handler_caseworker_id is not None:
        staff: Any = uow.session.get_one(Caseworker, row.handler_caseworker_id)
        role, working_days, spans = staff.role, staff.working_days, _absences(uow, staff.id)
    elif row.handler_team_id is not None:
        staff = uow.session.get_one(Team, row.handler_team_id)
        role, working_days, spans = None, OFFICE_DAYS, frozenset()
    else:
        return answer.desk(uow.settings, uow.today)
    away = absence_on(uow.today, spans)
    return {
        "kind": row.handler_kind,
        "name": staff.name,
        "role": role,
        "office": uow.session.get_one(Office, staff.office_id).name,
        "phone": staff.phone,
        "email": staff.email,
        "working_days": working_days,
        "absent_until": None if away is None else away.last,
        "reachable_on": reachable_on(uow.today, working_days, spans),
    }


def _absences(uow: UnitOfWork, caseworker_id: str) -> frozenset[Away]:
    """Those that are not over."""
    spans = uow.execute(
        select(Absence.first_day, Absence.last_day).where(
            and_(Absence.caseworker_id == caseworker_id, func.coalesce(Absence.last_day, uow.today) >= uow.today)
        )
    )
    return frozenset(Away(span.first_day, span.last_day) for span in spans)
