"""E-mails to whoever has to call. No name of an employee: a mailbox is no place for it, the link leads there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from service.access.models import Party
from service.contacts.callbacks.models import CallBack
from service.contacts.callbacks.rules import LIVE_STATUSES, CallBackStatus
from service.contacts.callbacks.views import address, handler_contact, is_named, phone_of, windows_of
from service.contacts.callbacks.wording import SUBJECT_TEXT
from service.kernel.database import UnitOfWork
from service.kernel.room import MailText
from service.kernel.text import dutch_day


def _read(uow: UnitOfWork, data: Mapping[str, Any]) -> tuple[CallBack, str] | None:
    """The call-back and the address of its handler; None when somebody else has it by now."""
    row = uow.session.get(CallBack, data["callBackId"])
    if row is None or row.handler_kind != data["to"]:
        return None
    if (row.handler_caseworker_id or row.handler_team_id) != data["handlerId"]:
        return None
    return row, handler_contact(uow, row)["email"]


def _render(uow: UnitOfWork, data: Mapping[str, Any], title: str, opening: str) -> MailText | None:
    found = _read(uow, data)
    if found is None:
        return None
    row, recipient = found
    if row.status not in LIVE_STATUSES or row.due_by is None:
        return None
    asker = uow.session.get_one(Party, row.party_id).name
    times = "\n".join(f"{dutch_day(day)}, {start:%H:%M} tot {end:%H:%M} uur" for day, start, end in windows_of(row))
    values = {"number": row.number, "due": dutch_day(row.due_by)}
    return MailText(
        recipient,
        title.format(**values),
        (
            opening.format(**values),
            f"Wie vraagt het? {asker}, telefoon {phone_of(uow, row)}.",
            f"Waarover? {SUBJECT_TEXT[row.subject].nl}.",
            f"Wanneer kunt u bellen?\n{times}",
            f"Bel uiterlijk op {values['due']}. Noem het nummer {row.number}.",
            _from_where(uow, row),
            f"Bekijk het verzoek: {uow.settings.url}/v1/{address(row.id)}",
        ),
    )


def _from_where(uow: UnitOfWork, row: CallBack) -> str:
    """The number that the asker was told. A caseworker's own number would tell an employer that UWV is involved."""
    if is_named(uow, row):
        return "Bel met een nummer dat zichtbaar is."
    return (
        f"Bel namens het {uow.settings.desk_name}, zichtbaar met nummer {uow.settings.desk_phone}. "
        "Zeg niet of UWV iemand kent."
    )


def call_back_requested(uow: UnitOfWork, data: Mapping[str, Any]) -> MailText | None:
    """Somebody wants to be called."""
    return _render(uow, data, "Terugbelverzoek {number}", "Iemand vraagt of u terugbelt. Het nummer is {number}.")


def call_back_passed_on(uow: UnitOfWork, data: Mapping[str, Any]) -> MailText | None:
    """A call-back is now with the recipient."""
    return _render(uow, data, "Terugbelverzoek {number} is nu bij u", "Terugbelverzoek {number} is aan u doorgegeven.")


def call_back_escalated(uow: UnitOfWork, data: Mapping[str, Any]) -> MailText | None:
    """The call did not come in time: it is now with the recipient."""
    return _render(
        uow,
        data,
        "Terugbelverzoek {number} is te laat",
        "Terugbelverzoek {number} wacht nog. De laatste dag was {due}. Het verzoek is nu bij u. Wilt u vandaag bellen?",
    )


def call_back_withdrawn(uow: UnitOfWork, data: Mapping[str, Any]) -> MailText | None:
    """The call is no longer wanted."""
    found = _read(uow, data)
    if found is None or found[0].status is not CallBackStatus.WITHDRAWN:
        return None
    row, recipient = found
    return MailText(
        recipient,
        f"Terugbelverzoek {row.number} is ingetrokken",
        (f"Terugbelverzoek {row.number} is ingetrokken. U hoeft niet meer te bellen.",),
    )
