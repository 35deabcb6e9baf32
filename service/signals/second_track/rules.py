"""The second track: work at another employer while somebody is on long sick leave.

Its milestones are counted back from the end of the waiting period (the two years of continued pay), so that nobody has
to tell when the leave began. Days are days in Amsterdam. All functions are pure: time comes in as a value.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from service.access.rules import PartyKind
from service.kernel.state import Move, StateMachine
from service.kernel.text import Text


class SecondTrackStatus(StrEnum):
    """How far UWV's side is with it; `guided` says that somebody helps, not with what."""

    REPORTED = "reported"
    ACKNOWLEDGED = "acknowledged"
    GUIDED = "guided"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class Agency(StrEnum):
    """Who does the work of looking for another employer."""

    OWN = "own"
    HIRED = "hired"
    NONE_YET = "none_yet"


class WaitingPeriodChange(StrEnum):
    """Why the end of the waiting period moves. Whatever is no extension is a correction: leave that does not count, a
    mistake. Nothing asks for more, since that would be health data."""

    WAGE_SANCTION = "wage_sanction"
    AGREED_EXTENSION = "agreed_extension"
    CORRECTED = "corrected"


class SecondTrackOutcome(StrEnum):
    """What became of it. Going back to one's own work says nothing about health."""

    BACK_IN_OWN_WORK = "back_in_own_work"
    OWN_EMPLOYER = "own_employer"
    OTHER_EMPLOYER = "other_employer"
    TRIAL_PLACEMENT = "trial_placement"
    SECONDMENT = "secondment"
    NONE_YET = "none_yet"
    WIA_CLAIM = "wia_claim"


class SecondTrackStepKind(StrEnum):
    """One line of the history."""

    REPORTED = "reported"
    FACTS_CHANGED = "facts_changed"
    WAITING_PERIOD_MOVED = "waiting_period_moved"
    STATUS_CHANGED = "status_changed"
    OUTCOME_RECORDED = "outcome_recorded"
    ESCALATED = "escalated"
    MILESTONE_NEAR = "milestone_near"


# --- Status -----------------------------------------------------------------------------------------------------

LIVE_STATUSES: Final = frozenset({SecondTrackStatus.REPORTED, SecondTrackStatus.ACKNOWLEDGED, SecondTrackStatus.GUIDED})

_EMPLOYER: Final = frozenset({PartyKind.EMPLOYER})
_UWV_SIDE: Final = frozenset({PartyKind.UWV, PartyKind.DESK})
_CLOCK: Final = frozenset({PartyKind.SYSTEM})


class SecondTrackCause(StrEnum):
    """What a change of status sets going."""

    STOP_ACKNOWLEDGE_CLOCK = "stop_acknowledge_clock"
    STOP_ALL_CLOCKS = "stop_all_clocks"
    RECORD_OUTCOME = "record_outcome"


_ACKNOWLEDGED: Final = (SecondTrackCause.STOP_ACKNOWLEDGE_CLOCK,)
_CLOSED: Final = (SecondTrackCause.STOP_ALL_CLOCKS, SecondTrackCause.RECORD_OUTCOME)
_WITHDRAWN: Final = (SecondTrackCause.STOP_ALL_CLOCKS,)

# UWV's side takes it up before it closes it, so that no report stays without an answer. What is over stays over: a
# new report begins a new course.
STATUS_MACHINE: Final = StateMachine(
    "second-track",
    [
        Move(SecondTrackStatus.REPORTED, SecondTrackStatus.ACKNOWLEDGED, _UWV_SIDE, _ACKNOWLEDGED),
        Move(SecondTrackStatus.REPORTED, SecondTrackStatus.CLOSED, _EMPLOYER | _CLOCK, _CLOSED),
        Move(SecondTrackStatus.REPORTED, SecondTrackStatus.WITHDRAWN, _EMPLOYER, _WITHDRAWN),
        Move(SecondTrackStatus.ACKNOWLEDGED, SecondTrackStatus.GUIDED, _UWV_SIDE),
        Move(SecondTrackStatus.ACKNOWLEDGED, SecondTrackStatus.CLOSED, _EMPLOYER | _UWV_SIDE | _CLOCK, _CLOSED),
        Move(SecondTrackStatus.ACKNOWLEDGED, SecondTrackStatus.WITHDRAWN, _EMPLOYER, _WITHDRAWN),
        Move(SecondTrackStatus.GUIDED, SecondTrackStatus.CLOSED, _EMPLOYER | _UWV_SIDE | _CLOCK, _CLOSED),
        Move(SecondTrackStatus.GUIDED, SecondTrackStatus.WITHDRAWN, _EMPLOYER, _WITHDRAWN),
    ],
)


def outcome_for_employer(outcome: SecondTrackOutcome | None, by: PartyKind | None) -> SecondTrackOutcome | None:
    """What an employer reads of the outcome: its own statement. What UWV's side recorded can tell of a benefit."""
    return outcome if by is PartyKind.EMPLOYER else None


# --- The end of the waiting period ------------------------------------------------------------------------------

WAITING_WEEKS: Final = 104
LONGEST_SANCTION: Final = timedelta(weeks=52)
LONGEST_AGREED: Final = timedelta(weeks=104)


class DateError(StrEnum):
    """What is wrong with a date."""

    IN_THE_PAST = "in-the-past"
    TOO_SOON = "too-soon"
    TOO_LATE = "too-late"


def end_error(end: date, today: date) -> DateError | None:
    """What is wrong with this end of a waiting period: it is not over, and has begun already."""
    if end < today:
        return DateError.IN_THE_PAST
    return DateError.TOO_LATE if end > today + timedelta(weeks=WAITING_WEEKS) else None


def move_error(change: WaitingPeriodChange, before: date, after: date, today: date) -> DateError | None:
    """What is wrong with moving the end of the waiting period from `before` to `after`.

    A wage sanction adds a year at most (52 weeks; Wet WIA, article 25). An extension that employer and employee agree
    on has no maximum: a bound keeps out typing errors. Neither makes the period shorter.
    """
    if change is WaitingPeriodChange.CORRECTED:
        return end_error(after, today)
    if after <= before:
        return DateError.TOO_SOON
    longest = LONGEST_SANCTION if change is WaitingPeriodChange.WAGE_SANCTION else LONGEST_AGREED
    return DateError.TOO_LATE if after > before + longest else None


class WaitingPeriod(NamedTuple):
    """The last day of the waiting period, and the day on which it would have ended without extension."""

    end: date
    regular_end: date


def moved(period: WaitingPeriod, change: WaitingPeriodChange, after: date) -> WaitingPeriod:
    """The period with another end. An extension comes at the end: the first year stays where it was."""
    extended = period.end != period.regular_end
    if change is WaitingPeriodChange.CORRECTED:
        return WaitingPeriod(after, min(period.regular_end, after) if extended else after)
    return WaitingPeriod(after, period.regular_end)


# --- Milestones -------------------------------------------------------------------------------------------------


class MilestoneCode(StrEnum):
    """The days that matter, in their order."""

    FIRST_YEAR_EVALUATION = "first_year_evaluation"
    SECOND_TRACK_START = "second_track_start"
    UWV_LETTER = "uwv_letter"
    FINAL_EVALUATION = "final_evaluation"
    WIA_APPLICATION = "wia_application"
    WAITING_PERIOD_END = "waiting_period_end"


class MilestoneActor(StrEnum):
    """Whose turn it is."""

    EMPLOYER = "employer"
    EMPLOYEE = "employee"
    UWV = "uwv"


class MilestoneState(StrEnum):
    """Where today stands. A milestone that has passed is past, met or not: nobody is judged by it here."""

    PAST = "past"
    NEXT = "next"
    LATER = "later"


class MilestoneRule(NamedTuple):
    """One row of the table: so many weeks before the end, of the first year before the end without extension."""

    code: MilestoneCode
    weeks_before_end: int
    from_regular_end: bool
    who: MilestoneActor
    text: Text
    source: str


class Milestone(NamedTuple):
    """A milestone of one waiting period. `week` is the week of absence, in a period without extension."""

    code: MilestoneCode
    week: int
    day: date
    who: MilestoneActor
    state: MilestoneState
    text: Text
    source: str


MILESTONES: Final = (
    MilestoneRule(
        MilestoneCode.FIRST_YEAR_EVALUATION,
        52,
        True,
        MilestoneActor.EMPLOYER,
        Text(
            "Kijk uiterlijk op deze dag met de werknemer terug op het eerste jaar, en besluit samen over het tweede "
            "spoor.",
            "By this day, look back on the first year with the employee, and decide together on the second track.",
        ),
        "Regeling procesgang eerste en tweede ziektejaar; Werkwijzer Poortwachter",
    ),
    MilestoneRule(
        MilestoneCode.SECOND_TRACK_START,
        46,
        True,
        MilestoneActor.EMPLOYER,
        Text(
            "Is er geen uitzicht op werk bij u? Dan begint het tweede spoor uiterlijk zes weken na die evaluatie.",
            "No prospect of work with you? Then the second track begins within six weeks after that evaluation.",
        ),
        "Werkwijzer Poortwachter",
    ),
    MilestoneRule(
        MilestoneCode.UWV_LETTER,
        16,
        False,
        MilestoneActor.UWV,
        Text(
            "Rond deze dag schrijft UWV de werknemer hoe een WIA-uitkering wordt aangevraagd.",
            "Around this day UWV writes to the employee how to apply for a WIA benefit.",
        ),
        "Wet WIA, artikel 64, tweede lid",
    ),
    MilestoneRule(
        MilestoneCode.FINAL_EVALUATION,
        13,
        False,
        MilestoneActor.EMPLOYER,
        Text(
            "Zorg voor het actuele oordeel van de bedrijfsarts en houd de eindevaluatie. De werknemer heeft uw "
            "stukken nodig voor de aanvraag.",
            "See to the current opinion of the occupational physician and hold the final evaluation. The employee "
            "needs your papers for the application.",
        ),
        "Regeling procesgang eerste en tweede ziektejaar",
    ),
    MilestoneRule(
        MilestoneCode.WIA_APPLICATION,
        11,
        False,
        MilestoneActor.EMPLOYEE,
        Text(
            "Uiterlijk op deze dag vraagt de werknemer een WIA-uitkering aan, als die dan nodig is.",
            "By this day the employee applies for a WIA benefit, if one is needed then.",
        ),
        "Wet WIA, artikel 64, derde lid",
    ),
    MilestoneRule(
        MilestoneCode.WAITING_PERIOD_END,
        0,
        False,
        MilestoneActor.UWV,
        Text(
            "De laatste dag van de wachttijd. Bij een aanvraag kijkt UWV wat er aan re-integratie is gedaan.",
            "The last day of the waiting period. With an application, UWV looks at what was done to return to work.",
        ),
        "Wet WIA, artikelen 23 en 65",
    ),
)


def milestones(period: WaitingPeriod, today: date) -> list[Milestone]:
    """The milestones of a waiting period in their order, each with where `today` stands."""
    found: list[Milestone] = []
    next_found = False
    for rule in MILESTONES:
        end = period.regular_end if rule.from_regular_end else period.end
        day = end - timedelta(weeks=rule.weeks_before_end)
        state = MilestoneState.PAST
        if day >= today:
            state = MilestoneState.LATER if next_found else MilestoneState.NEXT
            next_found = True
        week = WAITING_WEEKS - rule.weeks_before_end
        found.append(Milestone(rule.code, week, day, rule.who, state, rule.text, rule.source))
    return found


# --- Reminders --------------------------------------------------------------------------------------------------

REMIND_BEFORE: Final = timedelta(weeks=4)


def next_reminder(period: WaitingPeriod, told: date) -> date | None:
    """The next day on which the employer is reminded of a milestone of its own; None: there is none to come.

    `told` is the day on which it last saw them all: what was within four weeks then, it knows.
    """
    days = [each.day - REMIND_BEFORE for each in milestones(period, told) if each.who is MilestoneActor.EMPLOYER]
    return min((day for day in days if day > told), default=None)


def to_remind_of(period: WaitingPeriod, since: date, today: date) -> Milestone | None:
    """Of what the employer is reminded `today`, when reminders since `since` are still to be given.

    After a standstill that is one, the nearest; None where all of them are past.
    """
    due: Sequence[Milestone] = [
        each
        for each in milestones(period, today)
        if each.who is MilestoneActor.EMPLOYER
        and each.state is not MilestoneState.PAST
        and since <= each.day - REMIND_BEFORE <= today
    ]
    return min(due, key=lambda each: each.day, default=None)


# --- What is over -----------------------------------------------------------------------------------------------

CLOSE_AFTER: Final = timedelta(weeks=13)
"""So long after the end of the waiting period the clock closes what nobody closed: it would stay for ever."""


def left_behind_before(today: date) -> date:
    """A waiting period that ended before this day is left behind."""
    return today - CLOSE_AFTER
