"""The e-mail to UWV's side that something was handed over. It says that, and not what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from service.access.rules import PartyKind
from service.contacts import operations as contacts
from service.kernel.database import UnitOfWork
from service.kernel.room import MailText
from service.signals.models import Signal
from service.signals.rules import LIVE_STATUSES, EscalationLevel
from service.signals.telling import address

_WHO = {
    PartyKind.EMPLOYER: "De werkgever heeft",
    PartyKind.JOBCOACH_ORGANISATION: "De jobcoachorganisatie heeft",
}


def handover_profile_given(uow: UnitOfWork, data: Mapping[str, Any]) -> MailText | None:
    """To whoever is responsible, once for each party that hands over."""
    signal = uow.session.get(Signal, data["signalId"])
    if signal is None or signal.status not in LIVE_STATUSES:
        return None
    recipient: str | None = uow.settings.desk_email
    if data["to"] != EscalationLevel.DESK:
        known = signal.person_id if signal.is_client else None
        found = None if known is None else contacts.responsible(uow, known)
        recipient = None if found is None else found.email
    if recipient is None:
        return None
    by = PartyKind(data["by"])
    whose = "" if by is PartyKind.EMPLOYER else f"?by={by.value}"
    return MailText(
        recipient,
        f"Overdrachtsprofiel bij melding {signal.number}",
        (
            f"{_WHO[by]} bij melding {signal.number} laten weten wat in dit werk goed ging en wat helpt.",
            "Vraag ook de persoon zelf hoe die het ziet. Dat legt u naast het profiel vast.",
            f"Bekijk het profiel: {uow.settings.url}/v1/{address(signal.id)}/handover-profile{whose}",
        ),
    )
