"""What has to be done about the question how an end stands: the employer answers it, else UWV's side calls."""

from __future__ import annotations

from typing import Final

from service.access.actor import Actor
from service.access.rules import PartyKind, Purpose
from service.employers.work import Work, WorkKind, columns
from service.kernel.database import UnitOfWork
from service.kernel.text import Text
from service.signals.asking.views import asked
from service.signals.models import Signal
from service.signals.rules import SignalStatus
from service.signals.views import visible_signals

SAY_HOW_IT_ENDS: Final = WorkKind(
    "say_how_it_ends",
    Purpose.CONTRACT_END,
    "/contract-end-signals/{id}",
    Text(
        "Zeg hoe het staat met het contract van melding {number}: verlengd, nog niet besloten of stopt.",
        "Say how the contract of report {number} stands: extended, undecided or ending.",
    ),
    Text("laatste dag om te antwoorden bij melding {number}", "last day to answer about report {number}"),
)
CALL_EMPLOYER: Final = WorkKind(
    "call_employer",
    Purpose.CONTRACT_END,
    "/contract-end-signals/{id}",
    Text(
        "De werkgever antwoordde niet bij melding {number}. Bel, als de persoon dat goed vindt.",
        "The employer did not answer about report {number}. Call, if the person agrees.",
    ),
    Text("geen antwoord van de werkgever bij melding {number}", "no answer of the employer about report {number}"),
)

KINDS: Final = (SAY_HOW_IT_ENDS, CALL_EMPLOYER)
_PICKED_UP: Final = (SignalStatus.ACKNOWLEDGED, SignalStatus.PLANNED)


def work(uow: UnitOfWork, actor: Actor) -> list[Work]:
    """The question exists only where the link is disclosed; who calls is who is responsible for the client."""
    kind, when = SAY_HOW_IT_ENDS, {"since": Signal.reported_at, "due_on": Signal.answer_by}
    statement = visible_signals(actor).where(asked())
    if actor.kind is PartyKind.UWV:
        statement = statement.where(Signal.unanswered_since.is_not(None), Signal.status.in_(_PICKED_UP))
        kind, when = CALL_EMPLOYER, {"since": Signal.acknowledged_at}
    elif actor.kind is not PartyKind.EMPLOYER:
        return []
    selected = columns(
        kind,
        id=Signal.id,
        number=Signal.number,
        employer_id=Signal.employer_id,
        employment_id=Signal.employment_id,
        person_id=Signal.person_id,
        **when,
    )
    return [Work(kind, statement.with_only_columns(*selected, maintain_column_froms=True))]
