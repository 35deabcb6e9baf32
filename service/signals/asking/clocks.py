"""What the clock does about a question that stays open, and what a disclosure does to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from service.access.rules import PartyKind
from service.delivery.events import queue_mail
from service.employers import register
from service.employers.models import Employment
from service.kernel.database import UnitOfWork
from service.kernel.room import Consumer, Timer
from service.signals.asking.questions import ask, take_back
from service.signals.asking.rules import due
from service.signals.asking.views import is_open
from service.signals.models import ASKED, Signal
from service.signals.rules import SignalOrigin, SignalPhase
from service.signals.steps import Audience, StepKind
from service.signals.telling import record, tell, tell_employer
from service.signals.views import employer_report, is_live


def _due(uow: UnitOfWork, limit: int) -> list[str]:
    wanted = select(Signal.id).where(ASKED, Signal.question_on <= uow.today)
    return list(uow.execute(wanted.order_by(Signal.question_on, Signal.id).limit(limit)).scalars())


def _fire(uow: UnitOfWork, signal_id: str) -> None:
    """Reminds the employer, and says at the end that it did not answer."""
    signal = uow.session.get(Signal, signal_id, with_for_update={"of": Signal}, populate_existing=True)
    if signal is None or signal.question_on is None or signal.question_on > uow.today:
        return
    if not is_open(signal) or signal.asked_on is None or signal.answer_by is None:
        signal.question_on = None
        if not signal.disclosed:
            take_back(signal)
        return
    found = due(signal.asked_on, signal.answer_by, signal.reminded_on, uow.today)
    signal.question_on = found.look_again_on
    if found.remind:
        signal.reminded_on = uow.today
    if found.tell_caseworker:
        signal.unanswered_since = uow.today
    if found.remind or found.tell_caseworker:
        signal.changed_at = uow.now
    uow.flush()
    if found.remind:
        record(uow, signal, StepKind.QUESTION_REMINDED, PartyKind.SYSTEM)
        tell_employer(uow, signal, "question-reminded", because="no-answer-yet")
    if found.tell_caseworker:
        record(uow, signal, StepKind.QUESTION_UNANSWERED, PartyKind.SYSTEM, audience=Audience.UWV_SIDE)
        tell(uow, signal, "changed", audience=Audience.UWV_SIDE, because="question-unanswered")
        queue_mail(uow, "question-unanswered", {"signalId": signal.id, "to": "responsible"})


REMINDERS = Timer("signals.questions", _due, _fire)


# --- The employer comes to know, or may no longer ---------------------------------------------------------------


def _contact_changed(uow: UnitOfWork, event: Mapping[str, Any]) -> None:
    """A link was disclosed: what the register warned of is asked from now on. Or that was taken back: the question
    goes with it. Or UWV's side came to know the employee, so that there may be something to warn of."""
    employment_id = event["data"]["employmentId"]
    wanted = select(Signal).where(
        Signal.employment_id == employment_id, Signal.origin == SignalOrigin.REGISTER, is_live()
    )
    signal = uow.session.scalars(
        wanted.with_for_update(of=Signal), execution_options={"populate_existing": True}
    ).one_or_none()
    if signal is None:
        register.look_again(uow, Employment.id == employment_id)
    elif not signal.disclosed:
        take_back(signal)
    elif signal.asked_on is None and employer_report(signal) is None:
        news = "reported" if signal.employer_since is None else "changed"
        # About wages that stopped the register asks each employer.
        to_ask = signal.phase is SignalPhase.ENDING_SOON
        if news == "changed" and not to_ask:
            return
        signal.employer_since = signal.employer_since or uow.now
        signal.changed_at = uow.now
        if to_ask:
            ask(uow, signal)
        uow.flush()
        if to_ask:
            record(uow, signal, StepKind.QUESTION_ASKED, PartyKind.SYSTEM)
        tell_employer(uow, signal, news, because="link-disclosed")


CONTACT_CHANGED = Consumer("signals.questions", frozenset({"contact.assigned", "contact.changed"}), _contact_changed)
