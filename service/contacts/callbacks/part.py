"""What call-backs add to the room."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select, update

from service.access.rules import PartyKind
from service.contacts.callbacks import mails
from service.contacts.callbacks.clocks import CONTACT_CHANGED, ESCALATION
from service.contacts.callbacks.models import CallBack
from service.contacts.callbacks.routes import call_backs
from service.contacts.callbacks.views import visible_call_backs
from service.contacts.rules import ContactKind
from service.employers.models import Employment
from service.kernel.database import UnitOfWork
from service.kernel.room import Permission, Retention, Room
from service.kernel.text import Text

_ASKERS = frozenset({PartyKind.EMPLOYER, PartyKind.JOBCOACH_ORGANISATION})
_CALLERS = frozenset({PartyKind.UWV, PartyKind.DESK})
TERM = timedelta(days=90)
AT_ONCE = 2000


def export(uow: UnitOfWork, person_id: str) -> dict[str, Any]:
    """Who wanted to be called about a person, and what became of it."""
    rows = uow.session.scalars(
        select(CallBack)
        .join(Employment, Employment.id == CallBack.employment_id)
        .where(Employment.person_id == person_id)
        .order_by(CallBack.id)
    )
    return {
        "callBacks": [
            {
                "number": row.number,
                "askedBy": row.party_kind,
                "subject": row.subject,
                "requestedAt": row.requested_at,
                "status": row.status,
                "doneOn": row.done_on,
            }
            for row in rows
        ]
    }


def erase(uow: UnitOfWork, person_id: str) -> None:
    """What was asked stays with who asked; that somebody at UWV handled it goes, since it tells that UWV knew."""
    own = select(Employment.id).where(Employment.person_id == person_id)
    desk = {"handler_kind": ContactKind.DESK, "handler_named": False}
    nobody = dict.fromkeys(("handler_caseworker_id", "handler_team_id"))
    uow.execute(
        update(CallBack)
        .where(CallBack.employment_id.in_(own), CallBack.handler_kind != ContactKind.DESK)
        .values(**desk, **nobody, version=CallBack.version + 1)
    )


def forget(uow: UnitOfWork) -> int:
    """Those that have been over for the term."""
    old = select(CallBack.id).where(CallBack.over_at <= uow.now - TERM).limit(AT_ONCE)
    return uow.execute(delete(CallBack).where(CallBack.id.in_(old))).rowcount


PART = Room(
    name="contacts.callbacks",
    routes=(call_backs,),
    permissions=(
        Permission(
            "callbacks:read", _ASKERS | _CALLERS, "See call-backs: who asked its own, UWV's side those it may do"
        ),
        Permission("callbacks:request", _ASKERS, "Ask to be called"),
        Permission(
            "callbacks:write", _ASKERS | _CALLERS, "Move call-backs on: withdraw, delay, say that the call was made"
        ),
        Permission("callbacks:handle", _CALLERS, "Pass call-backs on behind the counter"),
    ),
    visible={CallBack: visible_call_backs},
    timers=(ESCALATION,),
    consumers=(CONTACT_CHANGED,),
    mails={
        "call-back-requested": mails.call_back_requested,
        "call-back-passed-on": mails.call_back_passed_on,
        "call-back-escalated": mails.call_back_escalated,
        "call-back-withdrawn": mails.call_back_withdrawn,
    },
    retention=(
        Retention(
            "call-backs that are over",
            TERM,
            Text(
                "Drie maanden lang is na te gaan of er is gebeld.",
                "For three months one can check whether the call was made.",
            ),
            forget,
        ),
    ),
    export=export,
    erase=erase,
)
