"""What the caseworker hears of the question to the employer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from service.kernel.database import UnitOfWork
from service.kernel.room import MailText
from service.kernel.text import dutch_day
from service.signals.asking.rules import Answer
from service.signals.asking.views import is_open
from service.signals.mails import link_to, recipient_of
from service.signals.models import Signal
from service.signals.rules import Consent

_MAY_CALL: Final = {
    Consent.GRANTED: "U mag de werkgever bellen: de werknemer vindt dat goed.",
    Consent.REFUSED: "Bel de werkgever niet: de werknemer wil dat niet.",
    Consent.UNKNOWN: "U mag de werkgever bellen als de werknemer dat goedvindt. Vraag dat eerst.",
}
"""UWV needs the person's consent to approach the employer (docs/domain.md, rule 1)."""


def question_unanswered(uow: UnitOfWork, data: Mapping[str, Any]) -> MailText | None:
    """To whoever is responsible: the employer has not answered."""
    signal = uow.session.get(Signal, data["signalId"])
    recipient = None if signal is None else recipient_of(uow, signal, data["to"])
    if signal is None or recipient is None or not is_open(signal) or signal.answer_by is None:
        return None
    return MailText(
        recipient,
        f"Melding {signal.number}: de werkgever heeft niet geantwoord",
        (
            f"Melding {signal.number} gaat over een contract dat afloopt. "
            "Wij vroegen de werkgever of het contract doorgaat.",
            f"De werkgever heeft niet geantwoord. De laatste dag was {dutch_day(signal.answer_by)}.",
            _MAY_CALL[signal.consent_to_contact_employer],
            link_to(uow, signal),
        ),
    )


def contract_extended(uow: UnitOfWork, data: Mapping[str, Any]) -> MailText | None:
    """To whoever is responsible: the contract goes on."""
    signal = uow.session.get(Signal, data["signalId"])
    recipient = None if signal is None else recipient_of(uow, signal, data["to"])
    if signal is None or recipient is None or signal.answer is not Answer.EXTENDED:
        return None
    return MailText(
        recipient,
        f"Melding {signal.number}: het contract gaat door",
        (
            f"De werkgever heeft geantwoord op melding {signal.number}. Het contract gaat door.",
            "De melding is daarom ingetrokken. U hoeft niets te doen.",
            link_to(uow, signal),
        ),
    )
