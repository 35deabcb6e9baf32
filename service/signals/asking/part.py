"""What the question to the employer adds to the room."""

from __future__ import annotations

from service.kernel.room import Room
from service.signals.asking import mails
from service.signals.asking.clocks import CONTACT_CHANGED, REMINDERS
from service.signals.asking.routes import answers

PART = Room(
    name="signals.asking",
    routes=(answers,),
    timers=(REMINDERS,),
    consumers=(CONTACT_CHANGED,),
    mails={"question-unanswered": mails.question_unanswered, "contract-extended": mails.contract_extended},
)
