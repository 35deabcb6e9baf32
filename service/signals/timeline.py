"""The course of a signal as one list for whoever reported it: what happened, what is next, what comes after that.

Made from the steps and the next step as this reader may see them, so it tells nothing that these do not tell. All
functions are pure: time comes in as a value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final, NamedTuple, cast

from service.access.rules import PartyKind
from service.kernel.clock import amsterdam_day
from service.kernel.text import Text, dutch_day
from service.signals.deadlines import NextStep, NextStepCode
from service.signals.rules import LIVE_STATUSES, EscalationLevel, SignalPhase, SignalStatus
from service.signals.steps import StepKind
from service.signals.wording import ESCALATION_TEXT, PHASE_TEXT

CONTRACT_ENDS: Final = "contract_ends"
TimelineCode: Final = cast(
    type[StrEnum],
    cast(Any, StrEnum)("TimelineCode", [(code.upper(), code) for code in (*StepKind, *NextStepCode, CONTRACT_ENDS)]),
)
"""What an entry is about: a step that was taken, a step to take, or the end of the contract."""


class TimelineState(StrEnum):
    """Where an entry lies: behind, whose turn it is now, or still to come."""

    DONE = "done"
    NOW = "now"
    AHEAD = "ahead"


class TimelineEntry(NamedTuple):
    """`at` is when it happened, null for what did not happen yet; `on` the day, the last one for what is to be done,
    null where there is no deadline. `by` is who did it, or whose turn it is."""

    at: datetime | None
    on: date | None
    what: str
    text: Text
    by: PartyKind
    state: TimelineState


@dataclass(frozen=True, slots=True)
class Course:
    """How far a signal is, as its reader sees it. `next` is the step that is next; `number` that of the reader's own
    receipt; `start_interview_by` None where the reader hears nothing of an interview."""

    reader: PartyKind
    status: SignalStatus
    phase: SignalPhase
    end: date | None
    plan_by: date
    start_interview_by: date | None
    asked: PartyKind
    next: NextStep | None
    number: str | None = None


_WHO: Final = {
    PartyKind.EMPLOYER: Text("De werkgever", "The employer"),
    PartyKind.JOBCOACH_ORGANISATION: Text("De jobcoachorganisatie", "The jobcoach organisation"),
    PartyKind.SYSTEM: Text("De dienst", "The service"),
}
_COUNTER: Final = Text("UWV of het Servicepunt", "UWV or the desk")
_UNDECIDED: Final = (SignalPhase.ENDING_SOON, SignalPhase.DOUBT)

# What concerns the report itself, and not what becomes of the person. An employer reads it after the end too.
_ANSWERS: Final = (StepKind.SEEN, StepKind.ESCALATED, StepKind.VACANCY_CHANGED)
_ANSWERED: Final = (SignalStatus.ACKNOWLEDGED, SignalStatus.PLANNED)


def timeline(course: Course, steps: Iterable[Mapping[str, Any]], today: date) -> list[TimelineEntry]:
    """The entries in their order: what happened, then whose turn it is, then what comes after that.

    `steps` are views of the history, oldest first. After the end date an employer reads of answers to its own report,
    of its own deeds and of its vacancy, and of nothing to come: it hears no more of the person.
    """
    past = [_done(course, step) for step in steps if _concerns(course, step)]
    ends = _ends(course)
    if ends is not None and ends.on is not None and ends.on < today:
        past.append(ends._replace(state=TimelineState.DONE))
        past.sort(key=_day)
        ends = None
    entries = past
    if course.next is not None:
        entries.append(_to_do(course.next, TimelineState.NOW))
    if course.reader is PartyKind.EMPLOYER and course.end is not None and course.end < today:
        return entries
    return [*entries, *_ahead(course, ends)]


def _day(entry: TimelineEntry) -> date:
    return entry.on or date.max


def _concerns(course: Course, step: Mapping[str, Any]) -> bool:
    if course.reader is not PartyKind.EMPLOYER or course.end is None or amsterdam_day(step["at"]) <= course.end:
        return True
    if step["by"] is PartyKind.EMPLOYER or step["what"] in _ANSWERS:
        return True
    answers = step["what"] is StepKind.STATUS_CHANGED and step["to_value"] in _ANSWERED
    return answers and step["from_value"] != SignalStatus.CLOSED


def _ahead(course: Course, ends: TimelineEntry | None) -> list[TimelineEntry]:
    """What comes after the step that is next."""
    following = []
    if course.next is not None:
        first = course.next.what
        if first is NextStepCode.ACKNOWLEDGE:
            following.append(NextStep(NextStepCode.MAKE_PLAN, course.plan_by, PartyKind.UWV))
        if first in (NextStepCode.ACKNOWLEDGE, NextStepCode.MAKE_PLAN):
            if course.phase in _UNDECIDED:
                following.append(NextStep(NextStepCode.TELL_DECISION, None, course.asked))
            elif course.phase is SignalPhase.DECIDED:
                following.append(NextStep(NextStepCode.CARRY_OUT_PLAN, course.end, PartyKind.UWV))
    entries = [_to_do(step, TimelineState.AHEAD) for step in following]
    if ends is not None:
        entries.append(ends)
    interview = course.start_interview_by
    if (
        interview is not None
        and course.next is not None
        and course.next.what is not NextStepCode.START_INTERVIEW
        and course.phase not in _UNDECIDED
    ):
        entries.append(_to_do(NextStep(NextStepCode.START_INTERVIEW, interview, PartyKind.UWV), TimelineState.AHEAD))
    # What has no day keeps its place before the end of the contract.
    return sorted(entries, key=lambda entry: entry.on or course.end or date.max)


def _ends(course: Course) -> TimelineEntry | None:
    """The end of the contract, while the signal is about one."""
    if course.end is None or course.status not in LIVE_STATUSES:
        return None
    day = _written(course.end)
    if course.phase in _UNDECIDED:
        text = Text("De verwachte einddatum is {day.nl}.", "The expected end date is {day.en}.").format(day=day)
    else:
        text = Text("Het contract eindigt op {day.nl}.", "The contract ends on {day.en}.").format(day=day)
    if course.reader is PartyKind.EMPLOYER and course.phase not in _UNDECIDED:
        text = Text(
            text.nl + " Daarna hoort u niets meer over deze werknemer, tenzij de werknemer dat wil.",
            text.en + " After that you hear no more about this employee, unless the employee wants it.",
        )
    return TimelineEntry(None, course.end, CONTRACT_ENDS, text, PartyKind.SYSTEM, TimelineState.AHEAD)


# --- What to do -------------------------------------------------------------------------------------------------

_DEEDS: Final[dict[NextStepCode, Text]] = {
    NextStepCode.ACKNOWLEDGE: Text("{who.nl} pakt de melding op", "{who.en} picks up the report"),
    NextStepCode.MAKE_PLAN: Text("{who.nl} maakt een plan", "{who.en} makes a plan"),
    NextStepCode.TELL_DECISION: Text(
        "{who.nl} laat weten of het contract doorgaat", "{who.en} tells whether the contract goes on"
    ),
    NextStepCode.CARRY_OUT_PLAN: Text("{who.nl} voert het plan uit", "{who.en} carries out the plan"),
    NextStepCode.START_INTERVIEW: Text("{who.nl} houdt een startgesprek", "{who.en} holds a start interview"),
    NextStepCode.CALL_EMPLOYER: Text("{who.nl} belt de werkgever", "{who.en} calls the employer"),
}


def _to_do(step: NextStep, state: TimelineState) -> TimelineEntry:
    text = _DEEDS[step.what].format(who=_who(step.whose))
    if step.by is not None:
        day = _written(step.by)
        text = Text(f"{text.nl}, uiterlijk op {day.nl}.", f"{text.en}, by {day.en} at the latest.")
    else:
        text = Text(f"{text.nl}.", f"{text.en}.")
    return TimelineEntry(None, step.by, step.what.value, text, step.whose, state)


def _who(kind: PartyKind) -> Text:
    return _WHO.get(kind, _COUNTER)


def _written(day: date) -> Text:
    return Text(dutch_day(day), f"{day.day} {day:%B %Y}")


# --- What happened ----------------------------------------------------------------------------------------------

STEP_TEXT: Final[dict[StepKind, Text]] = {
    StepKind.REPORTED: Text("{who.nl} meldde het einde van een contract.", "{who.en} reported the end of a contract."),
    StepKind.SEEN: Text("{who.nl} heeft de melding gezien.", "{who.en} has seen the report."),
    StepKind.FACTS_CHANGED: Text("{who.nl} paste de melding aan.", "{who.en} changed the report."),
    StepKind.END_DATE_CHANGED: Text("{who.nl} haalde de einddatum weg.", "{who.en} removed the end date."),
    StepKind.PHASE_CHANGED: Text("{who.nl} paste de melding aan.", "{who.en} changed the report."),
    StepKind.STATUS_CHANGED: Text("De melding is een stap verder.", "The report went one step on."),
    StepKind.REPORT_WITHDRAWN: Text("{who.nl} trok de melding in.", "{who.en} withdrew the report."),
    StepKind.ESCALATED: Text("De melding ging naar iemand anders.", "The report was passed on."),
    StepKind.PLAN_RECORDED: Text("{who.nl} legde het plan vast.", "{who.en} recorded the plan."),
    StepKind.HANDOVER_PROFILE_RECORDED: Text(
        "{who.nl} gaf door wat er goed ging in het werk.", "{who.en} handed over what went well in the work."
    ),
    StepKind.OUTCOME_RECORDED: Text("{who.nl} legde de uitkomst vast.", "{who.en} recorded the outcome."),
    StepKind.VACANCY_CHANGED: Text("De vrijgekomen vacature is veranderd.", "The freed vacancy has changed."),
    StepKind.PAUSED: Text("{who.nl} wacht op wens van de persoon.", "{who.en} waits, as the person wishes."),
    StepKind.PAUSE_ENDED: Text("{who.nl} gaat weer verder.", "{who.en} goes on again."),
    StepKind.START_INTERVIEW_RECORDED: Text(
        "{who.nl} legde vast wat er met het startgesprek is gedaan.", "{who.en} recorded the start interview."
    ),
    StepKind.OWN_VIEW_RECORDED: Text(
        "{who.nl} legde vast hoe de persoon het ziet.", "{who.en} recorded how the person sees it."
    ),
    StepKind.QUESTION_ASKED: Text(
        "Wij vroegen de werkgever of het contract doorgaat.", "We asked the employer whether the contract goes on."
    ),
    StepKind.QUESTION_REMINDED: Text(
        "Wij herinnerden de werkgever aan onze vraag.", "We reminded the employer of our question."
    ),
    StepKind.QUESTION_ANSWERED: Text("De werkgever gaf antwoord.", "The employer answered."),
    StepKind.QUESTION_UNANSWERED: Text("De werkgever gaf geen antwoord.", "The employer did not answer."),
}
_TO: Final[dict[tuple[StepKind, str], Text]] = {
    **{(StepKind.PHASE_CHANGED, phase.value): Text(f"{text.nl}.", f"{text.en}.") for phase, text in PHASE_TEXT.items()},
    **{
        (StepKind.ESCALATED, level.value): Text(f"{text.nl}.", f"{text.en}.")
        for level, text in ESCALATION_TEXT.items()
        if level in EscalationLevel
    },
    (StepKind.STATUS_CHANGED, SignalStatus.REPORTED): Text("De melding loopt weer.", "The report is live again."),
    (StepKind.STATUS_CHANGED, SignalStatus.ACKNOWLEDGED): Text("De melding is opgepakt.", "The report was picked up."),
    (StepKind.STATUS_CHANGED, SignalStatus.PLANNED): Text("Er is een plan.", "There is a plan."),
    (StepKind.STATUS_CHANGED, SignalStatus.CLOSED): Text("De melding is afgerond.", "The report was closed."),
    (StepKind.STATUS_CHANGED, SignalStatus.WITHDRAWN): Text("De melding is ingetrokken.", "The report was withdrawn."),
    (StepKind.VACANCY_CHANGED, "open"): Text("De vrijgekomen vacature staat open.", "The freed vacancy is open."),
    (StepKind.VACANCY_CHANGED, "filled"): Text("De vrijgekomen vacature is vervuld.", "The freed vacancy is filled."),
}


def _done(course: Course, step: Mapping[str, Any]) -> TimelineEntry:
    what, by, at = StepKind(step["what"]), PartyKind(step["by"]), step["at"]
    return TimelineEntry(at, amsterdam_day(at), what.value, _sentence(course, what, by, step), by, TimelineState.DONE)


def _sentence(course: Course, what: StepKind, by: PartyKind, step: Mapping[str, Any]) -> Text:
    after = step["to_value"]
    if what is StepKind.REPORTED and by is course.reader and course.number is not None:
        return Text(
            "Wij ontvingen uw melding. Het nummer is {number}.", "We received your report. Its number is {number}."
        ).format(number=course.number)
    if what is StepKind.REPORTED and by is PartyKind.SYSTEM:
        return Text(
            "In de contractenlijst kwam de einddatum dichterbij.", "In the contract register the end date came near."
        )
    if what is StepKind.END_DATE_CHANGED and after is not None:
        day = _written(date.fromisoformat(after))
        return Text("De einddatum is nu {day.nl}.", "The end date is now {day.en}.").format(day=day)
    text = _TO.get((what, after or "")) or STEP_TEXT[what]
    return text.format(who=_who(by))
