"""What has to be done about contract-end signals: the next step of each, for whose turn it is."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import ColumnElement, String, and_, case, cast, func, not_, null, or_
from sqlalchemy.orm import aliased

from service.access.actor import Actor
from service.access.rules import PartyKind, Purpose
from service.employers.work import Work, WorkKind, columns
from service.kernel.database import UnitOfWork
from service.kernel.text import Text
from service.signals.asking.views import asked
from service.signals.models import Signal, SignalReport
from service.signals.rules import EscalationLevel, SignalPhase, SignalStatus
from service.signals.views import visible_signals


def _kind(code: str, text: Text, deadline: Text) -> WorkKind:
    return WorkKind(code, Purpose.CONTRACT_END, "/contract-end-signals/{id}", text, deadline)


ACKNOWLEDGE: Final = _kind(
    "acknowledge",
    Text("Pak melding {number} op.", "Pick up report {number}."),
    Text("laatste dag om melding {number} op te pakken", "last day to pick up report {number}"),
)
MAKE_PLAN: Final = _kind(
    "make_plan",
    Text("Maak een plan bij melding {number}.", "Make a plan for report {number}."),
    Text("laatste dag voor het plan bij melding {number}", "last day for the plan for report {number}"),
)
CARRY_OUT_PLAN: Final = _kind(
    "carry_out_plan",
    Text("Voer het plan uit bij melding {number}.", "Carry out the plan for report {number}."),
    Text("einddatum bij melding {number}", "end date of report {number}"),
)
START_INTERVIEW: Final = _kind(
    "start_interview",
    Text("Houd het startgesprek bij melding {number}.", "Hold the start interview for report {number}."),
    Text("laatste dag voor het gesprek bij melding {number}", "last day for the interview for report {number}"),
)
AWAIT_DECISION: Final = _kind(
    "await_decision",
    Text(
        "Bij melding {number} is nog niet besloten of het contract doorgaat. Vraag ernaar als het lang duurt.",
        "For report {number} it is still open whether the contract goes on. Ask if it takes long.",
    ),
    Text("melding {number} wacht op een besluit", "report {number} waits for a decision"),
)
TELL_DECISION: Final = _kind(
    "tell_decision",
    Text(
        "Laat weten of het contract van melding {number} doorgaat.",
        "Tell whether the contract of report {number} goes on.",
    ),
    Text("laat weten of het contract van melding {number} doorgaat", "tell whether the contract of {number} goes on"),
)

KINDS: Final = (ACKNOWLEDGE, MAKE_PLAN, CARRY_OUT_PLAN, START_INTERVIEW, AWAIT_DECISION, TELL_DECISION)

_UNDECIDED: Final = (SignalPhase.ENDING_SOON, SignalPhase.DOUBT)
_PLANNED: Final = and_(Signal.status == SignalStatus.PLANNED, Signal.planned_at.is_not(None))


def work(uow: UnitOfWork, actor: Actor) -> list[Work]:
    """What `deadlines.next_step` says of each signal, in the words of the database."""
    if actor.kind in (PartyKind.UWV, PartyKind.DESK):
        return _inside(actor)
    if actor.kind in (PartyKind.EMPLOYER, PartyKind.JOBCOACH_ORGANISATION):
        return [_of_reporter(actor)]
    return []


def _inside(actor: Actor) -> list[Work]:
    """UWV has its clients' signals, unless they were passed on to the desk; the desk those, and all in which it stands
    in front because the employer does not know of a link."""
    known = and_(Signal.is_client, Signal.disclosed)
    at_desk = Signal.escalation_level == EscalationLevel.DESK
    mine: ColumnElement[bool]
    level: Any
    if actor.kind is PartyKind.DESK:
        mine = or_(not_(known), at_desk)
        level = EscalationLevel.DESK.value
    else:
        # Where the desk only stands in front, the case stays with who is responsible for the client.
        mine = or_(Signal.escalation_level.is_(None), not_(at_desk), not_(Signal.disclosed))
        level = case((at_desk, null()), else_=cast(Signal.escalation_level, String))
    decided = and_(_PLANNED, Signal.phase == SignalPhase.DECIDED)
    dated = Signal.expected_end_date.is_not(None)
    # A pause stops what would press the person.
    runs = Signal.paused_until.is_(None)
    to_hold = and_(Signal.start_interview_by.is_not(None), Signal.interview_result.is_(None))
    ended = and_(_PLANNED, Signal.phase == SignalPhase.ENDED, to_hold, runs)
    waiting = _PLANNED
    if actor.kind is PartyKind.UWV:
        # There it is `call_employer` (asking/work.py) once the employer has let the question pass.
        waiting = and_(_PLANNED, not_(and_(asked(), Signal.unanswered_since.is_not(None))))
    picked_up = func.coalesce(Signal.acknowledged_at, Signal.reported_at)
    since_plan = {"since": Signal.planned_at, "seen": True}
    found: list[tuple[WorkKind, ColumnElement[bool], dict[str, Any]]] = [
        (
            ACKNOWLEDGE,
            Signal.status == SignalStatus.REPORTED,
            {"due_on": Signal.acknowledge_by, "since": Signal.reported_at, "seen": Signal.seen_at.is_not(None)},
        ),
        (
            MAKE_PLAN,
            and_(Signal.status == SignalStatus.ACKNOWLEDGED, runs),
            {"due_on": Signal.plan_by, "since": picked_up, "seen": True},
        ),
        # Apart, so that each goes by an index.
        (CARRY_OUT_PLAN, and_(decided, dated), {"due_on": Signal.expected_end_date, **since_plan}),
        (CARRY_OUT_PLAN, and_(decided, not_(dated)), since_plan),
        (START_INTERVIEW, ended, {"due_on": Signal.start_interview_by, **since_plan}),
        *((AWAIT_DECISION, and_(waiting, Signal.phase == phase), since_plan) for phase in _UNDECIDED),
    ]
    return [
        Work(
            kind,
            visible_signals(actor)
            .where(which, mine)
            .with_only_columns(
                *columns(
                    kind,
                    id=Signal.id,
                    version=Signal.version,
                    number=Signal.number,
                    employer_id=Signal.employer_id,
                    employment_id=Signal.employment_id,
                    person_id=Signal.person_id,
                    level=level,
                    **when,
                ),
                maintain_column_froms=True,
            ),
        )
        for kind, which, when in found
    ]


def _of_reporter(actor: Actor) -> Work:
    """An employer, or a jobcoach organisation where the employer is not asked, says whether the contract goes on. By
    what it stated itself: that others know more shows nowhere."""
    own = aliased(SignalReport)
    same = and_(own.signal_id == Signal.id, own.party_kind == actor.kind, own.party_id.in_(actor.party_ids()))
    # Where it is asked by a day, that is work of its own kind.
    statement = (
        visible_signals(actor)
        .select_from(Signal)
        .outerjoin(own, same)
        .where(_PLANNED, own.withdrawn_at.is_(None), not_(asked()))
    )
    phase: Any = Signal.phase
    if actor.kind is PartyKind.EMPLOYER:
        phase = func.coalesce(own.phase, Signal.phase)
    else:
        statement = statement.where(Signal.employer_since.is_(None), own.id.is_not(None))
    selected = columns(
        TELL_DECISION,
        id=Signal.id,
        since=Signal.planned_at,
        number=func.coalesce(own.number, Signal.number),
        employer_id=Signal.employer_id,
        employment_id=Signal.employment_id,
        person_id=Signal.person_id,
    )
    return Work(
        TELL_DECISION, statement.where(phase.in_(_UNDECIDED)).with_only_columns(*selected, maintain_column_froms=True)
    )
