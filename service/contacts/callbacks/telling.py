"""Who hears of what happens to a call-back: whoever asked as far as it sees it, UWV's side all of it."""

from __future__ import annotations

from typing import Final

from sqlalchemy import select

from service.access.actor import NOBODY
from service.access.models import Party
from service.access.rules import PartyKind
from service.contacts.callbacks.models import CallBack
from service.contacts.callbacks.views import address
from service.contacts.rules import ContactKind
from service.delivery.events import publish, queue_mail
from service.kernel.database import UnitOfWork
from service.kernel.prepared import Prepared

_OFFICES: Final = Prepared(select(Party.kind, Party.id).where(Party.kind.in_((PartyKind.UWV, PartyKind.DESK))))


def tell(uow: UnitOfWork, row: CallBack, type: str, *, shown: bool = True, because: str = "") -> None:
    """Publishes `call-back.<type>`; `shown`: whoever asked can see what changed.

    Both sides count their own versions, so that what is told to one alone leaves no gap at the other. Statements are
    the same for somebody whom UWV knows and for anybody else, and write as many rows: where UWV does not read, nobody
    does in its place.
    """
    data = {"callBackId": row.id, "status": row.status.value}
    wanted = {PartyKind.DESK}
    if row.is_client or row.handler_kind is not ContactKind.DESK:
        wanted.add(PartyKind.UWV)
    inside = [office.id if office.kind in wanted else NOBODY for office in uow.find(_OFFICES, {})]
    publish(uow, f"call-back.{type}", address(row.id), row.version, inside, data, because)
    if shown:
        publish(uow, f"call-back.{type}", address(row.id), row.shown_version, [row.party_id], data, because)


def mail_handler(uow: UnitOfWork, row: CallBack, template: str) -> None:
    """Queues a mail to whoever has it to do now; it falls away when somebody else has it by the time it is sent."""
    handler = row.handler_caseworker_id or row.handler_team_id
    queue_mail(uow, template, {"callBackId": row.id, "to": row.handler_kind.value, "handlerId": handler})
