"""E-mails to UWV's side. No name and no BSN: the number says which signal it is, the link leads to it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from service.contacts import operations as contacts
from service.kernel.database import UnitOfWork
from service.kernel.room import MailText
from service.kernel.text import dutch_day
from service.signals.course import running_deadline
from service.signals.models import Signal
from service.signals.rules import EscalationLevel, SignalStatus
from service.signals.telling import address
from service.signals.views import told_outside
from service.signals.wording import PHASE_TEXT

_WITH = {
    EscalationLevel.CASEWORKER: "de contactpersoon",
    EscalationLevel.BACKUP: "de achtervang",
    EscalationLevel.TEAM: "het team",
    EscalationLevel.DESK: "het Servicepunt",
}


_WAITS = {
    SignalStatus.REPORTED: "wacht op een antwoord",
    SignalStatus.ACKNOWLEDGED: "wacht op een plan",
    SignalStatus.PLANNED: "wacht op een startgesprek",
}


def recipient_of(uow: UnitOfWork, signal: Signal, to: str) -> str | None:
    """The address of whoever stands at this level today; None when nobody does."""
    if to == EscalationLevel.DESK:
        return uow.settings.desk_email
    if not signal.is_client or signal.person_id is None:
        return None
    found = contacts.responsible(uow, signal.person_id)
    if found is None:
        return None
    levels = {each.kind.value: each.email for each in (found, found.backup, found.team) if each is not None}
    return found.email if to == "responsible" else levels.get(to, uow.settings.desk_email)


def _open(uow: UnitOfWork, data: Mapping[str, Any]) -> tuple[Signal, date, str] | None:
    """The signal, its running deadline and the recipient; None when there is nothing left to do."""
    signal = uow.session.get(Signal, data["signalId"])
    deadline = None if signal is None else running_deadline(signal)
    recipient = None if signal is None else recipient_of(uow, signal, data["to"])
    return None if signal is None or deadline is None or recipient is None else (signal, deadline, recipient)


def link_to(uow: UnitOfWork, signal: Signal) -> str:
    return f"Bekijk de melding: {uow.settings.url}/v1/{address(signal.id)}"


def signal_reported(uow: UnitOfWork, data: Mapping[str, Any]) -> MailText | None:
    """To whoever is responsible: a contract end was reported."""
    found = _open(uow, data)
    if found is None or not told_outside(found[0]):
        return None
    signal, deadline, recipient = found
    return MailText(
        recipient,
        f"Nieuwe melding {signal.number}: contract loopt af",
        (
            f"Er is een melding dat een contract afloopt. Het nummer is {signal.number}.",
            f"Wat is er gemeld? {PHASE_TEXT[signal.phase].nl}.",
            f"Laat uiterlijk op {dutch_day(deadline)} weten dat u de melding oppakt.",
            link_to(uow, signal),
        ),
    )


def signal_escalated(uow: UnitOfWork, data: Mapping[str, Any]) -> MailText | None:
    """To the next one: a deadline has passed and the signal is now here."""
    found = _open(uow, data)
    if found is None:
        return None
    signal, deadline, recipient = found
    return MailText(
        recipient,
        f"Melding {signal.number} is nu bij u",
        (
            f"Melding {signal.number} {_WAITS[signal.status]}. De termijn was {dutch_day(deadline)}.",
            "De melding is nu bij u. Wilt u die oppakken?",
            link_to(uow, signal),
        ),
    )


def signal_passed_on(uow: UnitOfWork, data: Mapping[str, Any]) -> MailText | None:
    """To the one who had it before."""
    found = _open(uow, data)
    if found is None:
        return None
    signal, _, recipient = found
    return MailText(
        recipient,
        f"Melding {signal.number} is nu bij {_WITH[EscalationLevel(data['now'])]}",
        (
            f"Melding {signal.number} is nu bij {_WITH[EscalationLevel(data['now'])]}.",
            "Weet u iets dat kan helpen? Neem dan samen contact op.",
            link_to(uow, signal),
        ),
    )
