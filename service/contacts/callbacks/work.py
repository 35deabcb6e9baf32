"""Call-backs that somebody has to do."""

from __future__ import annotations

from typing import Final

from service.access.actor import Actor
from service.access.rules import PartyKind, Purpose
from service.contacts.callbacks.models import CallBack
from service.contacts.callbacks.rules import CallBackStatus
from service.contacts.callbacks.views import is_live, visible_call_backs
from service.contacts.rules import ContactKind
from service.employers.work import Work, WorkKind, columns
from service.kernel.database import UnitOfWork
from service.kernel.text import Text

CALL_BACK: Final = WorkKind(
    "call_back",
    Purpose.CONTACT,
    "/call-backs/{id}",
    Text("Bel terug over verzoek {number}.", "Call back about request {number}."),
    Text("laatste dag om terug te bellen over verzoek {number}", "last day to call back about request {number}"),
)

KINDS: Final = (CALL_BACK,)


def work(uow: UnitOfWork, actor: Actor) -> list[Work]:
    """The desk has its own to do, UWV those that are with its people."""
    if actor.kind not in (PartyKind.UWV, PartyKind.DESK):
        return []
    at_desk = CallBack.handler_kind == ContactKind.DESK
    mine = at_desk if actor.kind is PartyKind.DESK else ~at_desk
    statement = visible_call_backs(actor).where(is_live(), CallBack.due_by.is_not(None), mine)
    selected = columns(
        CALL_BACK,
        id=CallBack.id,
        since=CallBack.requested_at,
        due_on=CallBack.due_by,
        seen=CallBack.status != CallBackStatus.OPEN,
        version=CallBack.version,
        number=CallBack.number,
        employer_id=CallBack.employer_id,
        employment_id=CallBack.employment_id,
        person_id=CallBack.person_id,
        level=CallBack.handler_kind,
        caseworker_id=CallBack.handler_caseworker_id,
        team_id=CallBack.handler_team_id,
    )
    return [Work(CALL_BACK, statement.with_only_columns(*selected, maintain_column_froms=True), handled=True)]
