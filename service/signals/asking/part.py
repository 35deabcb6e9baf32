"""What the question to the employer adds to the room."""

from __future__ import annotations

from service.access.rules import PartyKind
from service.kernel.room import Permission, Room
from service.signals.asking import mails
from service.signals.asking.clocks import CONTACT_CHANGED, REMINDERS
from service.signals.asking.routes import answers

PART = Room(
    name="signals.asking",
    routes=(answers,),
    permissions=(
        Permission(
            "signals:answer", frozenset({PartyKind.EMPLOYER}), "Answer what is asked about an end that comes near"
        ),
    ),
    timers=(REMINDERS,),
    consumers=(CONTACT_CHANGED,),
    mails={"question-unanswered": mails.question_unanswered, "contract-extended": mails.contract_extended},
)
