"""The mail to whom a case goes on with, after a pause."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from service.kernel.database import UnitOfWork
from service.kernel.room import MailText
from service.kernel.text import dutch_day
from service.signals.course import running_deadline
from service.signals.mails import link_to, recipient_of
from service.signals.models import Signal
from service.signals.rules import SignalStatus

_NEXT = {
    SignalStatus.REPORTED: "Laat uiterlijk op {day} weten dat u de melding oppakt.",
    SignalStatus.ACKNOWLEDGED: "Maak samen uiterlijk op {day} een plan.",
    SignalStatus.PLANNED: "Voer uiterlijk op {day} het startgesprek.",
}


def pause_over(uow: UnitOfWork, data: Mapping[str, Any]) -> MailText | None:
    """To whoever is responsible: the clocks run again. None where there is a new pause, or nothing left to do."""
    signal = uow.session.get(Signal, data["signalId"])
    if signal is None or signal.status not in _NEXT or signal.paused_until is not None:
        return None
    recipient = recipient_of(uow, signal, data["to"])
    if recipient is None:
        return None
    deadline = running_deadline(signal)
    step = () if deadline is None else (_NEXT[signal.status].format(day=dutch_day(deadline)),)
    return MailText(
        recipient,
        f"Melding {signal.number}: de pauze is voorbij",
        (
            f"De pauze bij melding {signal.number} is voorbij. De termijnen lopen weer.",
            *step,
            "Is er meer tijd nodig? Verleng dan de pauze.",
            link_to(uow, signal),
        ),
    )
