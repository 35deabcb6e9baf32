"""The employer answers: the contract goes on, that is not decided yet, or it ends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from service.access.actor import Actor
from service.access.rules import PartyKind
from service.delivery.events import queue_mail
from service.employers import employments as register
from service.employers.models import Employment
from service.employers.rules import ContractType
from service.kernel.database import UnitOfWork
from service.kernel.ids import unlinkable_id
from service.kernel.problems import FieldError, conflict, invalid_field, invalid_input
from service.kernel.requests import Expected
from service.kernel.text import Text
from service.signals.asking.questions import settle, warn_again
from service.signals.asking.rules import PHASE_OF, Answer
from service.signals.asking.views import is_open
from service.signals.course import first_clocks
from service.signals.models import Signal, SignalReport
from service.signals.reading import load, log
from service.signals.reporting import report_signal
from service.signals.rules import Consent, EndReason, SignalOrigin, SignalStatus, VacancyExpected
from service.signals.steps import Audience, StepKind, TransitionReason, receipt_number
from service.signals.taking_over import move_over
from service.signals.telling import mail_contact, record, tell
from service.signals.views import FACTS, signal_view, version_for

_REPORTED: Final[dict[str, Any]] = {
    "reference": None,
    "end_reason": EndReason.UNKNOWN,
    "employee_informed": False,
    "vacancy_expected": VacancyExpected.UNKNOWN,
}
_WITH_REPORT: Final = {
    "reference": "/reference",
    "end_reason": "/endReason",
    "employee_informed": "/employeeInformed",
    "vacancy_expected": "/vacancyExpected",
}


def answer_question(
    uow: UnitOfWork, actor: Actor, signal_id: str, data: Mapping[str, Any], expected: Expected
) -> dict[str, Any]:
    """The employer says how the end stands of which the register warned.

    Raises 409 `no-open-question` where nothing is asked, or no longer; 400 for a decision of which the employee does
    not know, and for an extension that is none.
    """
    actor.require(PartyKind.EMPLOYER)
    signal = load(uow, actor, signal_id, for_update=True)
    expected.check(version_for(actor, signal, uow.settings))
    if not is_open(signal):
        raise conflict(
            "no-open-question",
            "Bij deze melding staat geen vraag open.",
            "There is no open question about this signal.",
        )
    answer: Answer = data["answer"]
    if answer is Answer.EXTENDED:
        return _extended(uow, actor, signal, data)
    report = {name: data.get(name, otherwise) for name, otherwise in _REPORTED.items()}
    report |= {
        "employment_id": signal.employment_id,
        "phase": PHASE_OF[answer],
        "expected_end_date": data.get("end_date", signal.expected_end_date),
        "consent_to_contact_employer": Consent.UNKNOWN,
    }
    # Joining notes the answer, as it does for an employer that reports without having been asked.
    return report_signal(uow, actor, report)


def _extended(uow: UnitOfWork, actor: Actor, signal: Signal, data: Mapping[str, Any]) -> dict[str, Any]:
    """The register gets the new end, in the employer's name; the signal goes, and the caseworker hears why."""
    _check_extension(signal, data)
    employment = register.employment(uow, actor, signal.employment_id, for_update=True)
    changes: dict[str, Any] = {"end_date": data["end_date"]}
    if data["end_date"] is None and employment.contract_type is ContractType.FIXED_TERM:
        changes["contract_type"] = ContractType.PERMANENT
    register.apply_change(uow, actor, employment, changes, answered=True)
    warn_again(uow, employment.id)
    settle(uow, signal, Answer.EXTENDED)
    source, signal.status = signal.status, SignalStatus.WITHDRAWN
    signal.escalation_level = signal.escalated_since = signal.escalate_on = None
    signal.changed_at = uow.now
    uow.flush()
    why = TransitionReason.CONTRACT_EXTENDED
    record(uow, signal, StepKind.STATUS_CHANGED, PartyKind.EMPLOYER, before=source, after=signal.status, reason=why)
    tell(uow, signal, "withdrawn", because="question-answered")
    queue_mail(uow, "contract-extended", {"signalId": signal.id, "to": "responsible"})
    if others := [each for each in signal.reports if each.withdrawn_at is None]:
        _others_go_on(uow, signal, others)
    log(uow, actor, signal, "signal.answered")
    return signal_view(actor, signal, uow.settings)


def _check_extension(signal: Signal, data: Mapping[str, Any]) -> None:
    text = Text("Dit hoort niet bij dit antwoord.", "This does not belong to this answer.")
    errors = [
        FieldError("not-with-this-answer", text, pointer=where) for name, where in _WITH_REPORT.items() if name in data
    ]
    if errors:
        raise invalid_input(errors)
    if "end_date" not in data:
        raise invalid_field(
            "/endDate",
            "required",
            "Zeg tot wanneer het contract doorgaat, of null als het vast wordt.",
            "Say until when the contract goes on, or null where it becomes permanent.",
        )
    end, known = data["end_date"], signal.expected_end_date
    if end is not None and known is not None and end <= known:
        raise invalid_field(
            "/endDate",
            "not-later",
            "Deze datum is niet later dan de einddatum die al bekend is.",
            "This date is not later than the end date that is known already.",
        )


def _others_go_on(uow: UnitOfWork, gone: Signal, others: list[SignalReport]) -> None:
    """What a jobcoach organisation reported is not the employer's to end: it goes on in a signal of its own, which the
    employer sees only where it saw that report."""
    visible = any(each.visible_to_employer for each in others)
    facts = {name: getattr(others[-1], name) for name in FACTS}
    employment = uow.session.get_one(Employment, gone.employment_id)
    signal = Signal(
        id=unlinkable_id(),
        number=receipt_number(),
        employment_id=gone.employment_id,
        employer_id=gone.employer_id,
        person_id=gone.person_id,
        origin=SignalOrigin.JOBCOACH,
        **facts,
        registered_end_date=employment.end_date,
        status=SignalStatus.REPORTED,
        employer_since=uow.now if visible else None,
        told_employer=0,
        tell_employer=False,
        reported_at=uow.now,
        changed_at=uow.now,
        **first_clocks(uow.today, facts["expected_end_date"]),
    )
    uow.add(signal)
    uow.flush()
    move_over(uow, gone, signal, others)
    uow.session.refresh(signal)
    audience = Audience.ALL if visible else Audience.NOT_EMPLOYER
    by = PartyKind.JOBCOACH_ORGANISATION
    record(uow, signal, StepKind.REPORTED, by, after=signal.phase, audience=audience)
    tell(uow, signal, "reported", audience=audience, because="others-go-on")
    mail_contact(uow, signal)
