"""A call that did not come in time passes on, one step per working day."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from service.contacts.callbacks.models import CallBack
from service.contacts.callbacks.moves import handed_over, handler
from service.contacts.callbacks.operations import hand_over
from service.contacts.callbacks.rules import LIVE_STATUSES, escalated
from service.contacts.callbacks.telling import mail_handler, tell
from service.contacts.callbacks.views import is_live, is_named, responsible_for
from service.contacts.operations import Responsible
from service.contacts.rules import ContactKind
from service.kernel.database import UnitOfWork
from service.kernel.room import Consumer, Timer
from service.reference.working_days import next_working_day


def _due(uow: UnitOfWork, limit: int) -> list[str]:
    statement = (
        select(CallBack.id)
        .where(CallBack.escalate_on <= uow.today)
        .order_by(CallBack.escalate_on, CallBack.id)
        .limit(limit)
    )
    return list(uow.execute(statement).scalars())


def _fire(uow: UnitOfWork, call_back_id: str) -> None:
    """Passes it on to whom it belongs today.

    Whoever asked hears of the first day of a delay, the same for everybody; of the steps after that only where it may
    know who handles it.
    """
    row = uow.session.get(CallBack, call_back_id, with_for_update=True, populate_existing=True)
    if row is None or row.escalate_on is None or row.escalate_on > uow.today or row.status not in LIVE_STATUSES:
        return
    there = _levels(responsible_for(uow, row))
    found = escalated(row.handler_kind, row.escalate_on, uow.today, frozenset(there))
    if found is None:
        return
    level, since = found
    named, first = is_named(uow, row), row.overdue_since is None
    if first:
        row.overdue_since = row.escalate_on
    row.escalated_since = since
    hand_over(row, there.get(level))
    row.escalate_on = None if level is ContactKind.DESK else next_working_day(uow.today)
    if first or named:
        row.shown_version += 1
    uow.flush()
    tell(uow, row, "escalated", shown=first or named, because="deadline-passed")
    mail_handler(uow, row, "call-back-escalated")


def _levels(found: Responsible | None) -> dict[ContactKind, Responsible]:
    if found is None:
        return {}
    return {each.kind: each for each in (found, found.backup, found.team) if each is not None}


ESCALATION = Timer("contacts.call-backs", _due, _fire)


# --- Another becomes responsible --------------------------------------------------------------------------------


def _contact_changed(uow: UnitOfWork, event: Mapping[str, Any]) -> None:
    """A call-back goes along with the employee, unless it is with somebody who was chosen by name."""
    statement = (
        select(CallBack)
        .where(
            CallBack.employment_id == event["data"]["employmentId"],
            is_live(),
            CallBack.handler_kind != ContactKind.DESK,
            CallBack.handler_named.is_(False),
        )
        .order_by(CallBack.id)
    )
    for row in uow.session.scalars(statement.with_for_update(of=CallBack)).all():
        found = responsible_for(uow, row)
        fit = {(each.kind, each.caseworker_id, each.team_id) for each in _levels(found).values()}
        before = handler(row)
        if before not in fit:
            hand_over(row, found)
            handed_over(uow, row, before)


CONTACT_CHANGED = Consumer(
    "contacts.call-backs", frozenset({"contact.assigned", "contact.changed", "contact.absent"}), _contact_changed
)
