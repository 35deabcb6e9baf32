"""The clocks of a contract-end signal: deadlines, escalation, lead times, and the step that is next.

Deadlines are dates and end with that day in Amsterdam. Working days are those of the Algemene termijnenwet: no
weekend, no Good Friday, no 5 May in any year. The day on which something happened is day 0. All functions are pure.
Every `received` and `today` is a day in Amsterdam.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from service.access.rules import PartyKind
from service.employers.rules import months_later
from service.reference.working_days import add_working_days
from service.signals.rules import EndReason, EscalationLevel, SignalPhase, SignalStatus

ACKNOWLEDGE_WORKING_DAYS: Final = 3
ACKNOWLEDGE_WORKING_DAYS_URGENT: Final = 1
URGENT_WITHIN: Final = timedelta(days=30)
PLAN_WORKING_DAYS: Final = 15
START_INTERVIEW_WITHIN: Final = timedelta(days=28)
TIMELY_MONTHS: Final = 3
SHORT_CONTRACT_MONTHS: Final = 6
EARLY_WARNING_MONTHS: Final = 3
DIRECT_BELOW_DAYS: Final = 7
ONE_DAY: Final = timedelta(days=1)


# --- Deadlines --------------------------------------------------------------------------------------------------


def is_urgent(received: date, end: date | None) -> bool:
    """Whether the end lies within 30 days of the receipt, or before it."""
    return end is not None and end - received <= URGENT_WITHIN


def acknowledge_by(received: date, end: date | None) -> date:
    """The working day by which UWV's side acknowledges: the third after the receipt, the first if it is urgent."""
    urgent = is_urgent(received, end)
    return add_working_days(received, ACKNOWLEDGE_WORKING_DAYS_URGENT if urgent else ACKNOWLEDGE_WORKING_DAYS)


def plan_by(acknowledged: date, end: date | None) -> date:
    """The working day by which a plan is made, counted from the (expected) day of acknowledgement.

    The fifteenth working day after it; at the latest the day before the end, or the last working day before that;
    never before the first working day after the acknowledgement.
    """
    earliest = add_working_days(acknowledged, 1)
    if end is None:
        return add_working_days(acknowledged, PLAN_WORKING_DAYS)
    if end <= earliest:
        return earliest
    return max(earliest, min(add_working_days(acknowledged, PLAN_WORKING_DAYS), add_working_days(end, -1)))


def start_interview_by(end: date | None, *, has_new_work: bool = False) -> date | None:
    """The day by which the start interview is held: 28 calendar days after an end without new work.

    None without an end date, and where there is new work. Not moved for weekends: the four weeks are the limit.
    """
    if end is None or has_new_work:
        return None
    return end + min(START_INTERVIEW_WITHIN, date.max - end)


def interview_due(by: date, *, planned: date | None, resumed: date | None) -> date:
    """The day by which a start interview is held, as the clock runs: `by`, or four weeks after a pause; never before
    the first working day after the plan, where that came late."""
    found = by if resumed is None else max(by, resumed + START_INTERVIEW_WITHIN)
    return found if planned is None else max(found, add_working_days(planned, 1))


def plan_by_from(day_0: date, end: date | None) -> date:
    """The day by which a plan is made after a pause that ended on `day_0`. An end that came meanwhile hurries nobody:
    fifteen working days."""
    return plan_by(day_0, end if end is not None and end > day_0 else None)


class Clock(NamedTuple):
    """How the deadline of a status runs: whether a pause of the person stops it, and whether those who reported hear
    of it when it is missed."""

    stops_in_pause: bool
    told_outside: bool


# Who reported is answered, whatever the person needs; an interview after the end is between the person and UWV.
CLOCKS: Final[dict[SignalStatus, Clock]] = {
    SignalStatus.REPORTED: Clock(stops_in_pause=False, told_outside=True),
    SignalStatus.ACKNOWLEDGED: Clock(stops_in_pause=True, told_outside=True),
    SignalStatus.PLANNED: Clock(stops_in_pause=True, told_outside=False),
}


# --- Escalation -------------------------------------------------------------------------------------------------

ESCALATION_PATH: Final = tuple(EscalationLevel)


def escalation_at(
    deadline: date, today: date, path: Sequence[EscalationLevel] = ESCALATION_PATH
) -> EscalationLevel | None:
    """With whom a signal is, `today`, whose deadline was not met; None as long as no working day has passed since.

    One step per working day: caseworker → backup → team → desk. On the first working day after the deadline it is
    with the second of `path`, and it stays with the last. A caller leaves out of `path` whom there is not (no
    backup, a contact that is a team), so that no day is lost on an empty chair; it holds one level or more.
    """
    reached: EscalationLevel | None = None
    for level in path[1:] or path:
        deadline = add_working_days(deadline, 1)
        if deadline > today:
            break
        reached = level
    return reached


def escalated_since(deadline: date, level: EscalationLevel, path: Sequence[EscalationLevel] = ESCALATION_PATH) -> date:
    """The working day on which a missed deadline brings a signal to `level`.

    ValueError for a level that `path` does not escalate to: its first one where there are more, or none of it.
    """
    steps = path[1:] or path
    return add_working_days(deadline, steps.index(level) + 1)


# --- Lead time --------------------------------------------------------------------------------------------------


def lead_time_days(received: date, end: date | None) -> int | None:
    """Calendar days from the receipt to the end; negative where the end was past; None without an end date."""
    return None if end is None else (end - received).days


# Ends that nobody can report three months ahead: they come at once, or on the employee's own short notice.
UNFORESEEABLE_REASONS: Final = frozenset(
    {EndReason.BANKRUPTCY, EndReason.PROBATION_PERIOD, EndReason.EMPLOYEE_FOUND_NEW_WORK}
)


def timely(received: date, end: date | None, contract_start: date | None, reason: EndReason) -> bool | None:
    """Whether the signal came at least three calendar months before the end. It serves learning, never a reproach.

    None where the question makes no sense: no end date, a contract shorter than six months (last day included), or
    an end that could not be foreseen. An unknown start counts as a longer contract.
    """
    if end is None or reason in UNFORESEEABLE_REASONS:
        return None
    if contract_start is not None and end < months_later(contract_start, SHORT_CONTRACT_MONTHS) - ONE_DAY:
        return None
    return months_later(received, TIMELY_MONTHS) <= end


def early_warning_due(end: date | None, today: date, *, linked: bool, live_signal: bool) -> bool:
    """Whether the register raises a signal: the end is today or within three months, the person is linked, and no
    live signal is there yet.
    """
    if end is None or live_signal or not linked:
        return False
    return today <= end <= months_later(today, EARLY_WARNING_MONTHS)


def gap_days(end: date, start: date) -> int:
    """Days without work between the last day of a contract and the first of the next; negative where they overlap."""
    return (start - end).days - 1


def is_direct(gap: int) -> bool:
    """From job to job: a gap (in days) below a week."""
    return gap < DIRECT_BELOW_DAYS


# --- Days that cannot be meant ----------------------------------------------------------------------------------

REMEMBERED_MONTHS: Final = 12


def too_long_ago(day: date, reported: date) -> bool:
    """Whether a day on which something was done for a signal lies so far before its report that it is a slip."""
    return day < months_later(reported, -REMEMBERED_MONTHS)


# --- What comes next --------------------------------------------------------------------------------------------


class NextStepCode(StrEnum):
    """The one thing that has to happen now."""

    ACKNOWLEDGE = "acknowledge"
    MAKE_PLAN = "make_plan"
    TELL_DECISION = "tell_decision"
    CARRY_OUT_PLAN = "carry_out_plan"
    START_INTERVIEW = "start_interview"
    CALL_EMPLOYER = "call_employer"


class NextStep(NamedTuple):
    """What, by which day (None: no deadline), and whose turn it is.

    `whose` says UWV for everything behind the counter, the desk included: it must not tell who is linked.
    """

    what: NextStepCode
    by: date | None
    whose: PartyKind


_PLANNED_STEPS: Final = {
    SignalPhase.ENDING_SOON: NextStepCode.TELL_DECISION,
    SignalPhase.DOUBT: NextStepCode.TELL_DECISION,
    SignalPhase.DECIDED: NextStepCode.CARRY_OUT_PLAN,
    SignalPhase.ENDED: NextStepCode.START_INTERVIEW,
}
NEXT_STEPS: Final[dict[tuple[SignalStatus, SignalPhase], NextStepCode]] = {
    **{(SignalStatus.REPORTED, phase): NextStepCode.ACKNOWLEDGE for phase in SignalPhase},
    **{(SignalStatus.ACKNOWLEDGED, phase): NextStepCode.MAKE_PLAN for phase in SignalPhase},
    **{(SignalStatus.PLANNED, phase): step for phase, step in _PLANNED_STEPS.items()},
}


# What would press the person. The end of the contract is no deadline of anybody, and an answer stays due.
STOPPED_BY_PAUSE: Final = frozenset({NextStepCode.MAKE_PLAN, NextStepCode.START_INTERVIEW})


def next_step(
    status: SignalStatus,
    phase: SignalPhase,
    *,
    acknowledge_by: date | None = None,
    plan_by: date | None = None,
    end: date | None = None,
    start_interview_by: date | None = None,
    reporter: PartyKind = PartyKind.EMPLOYER,
    paused: bool = False,
) -> NextStep | None:
    """The step that is next (rule 13 of docs/domain.md: received, seen, picked up, what is next), or None.

    Closed and withdrawn signals have no next step, and neither has a planned one after the end without a start
    interview to hold (`start_interview_by` None). `reporter` is the party that is asked for its decision: give UWV
    for a register signal that the employer is not asked about. `paused`: no deadline of `STOPPED_BY_PAUSE` runs.
    """
    what = NEXT_STEPS.get((status, phase))
    if what is None or (what is NextStepCode.START_INTERVIEW and start_interview_by is None):
        return None
    by = {
        NextStepCode.ACKNOWLEDGE: acknowledge_by,
        NextStepCode.MAKE_PLAN: plan_by,
        NextStepCode.TELL_DECISION: None,
        NextStepCode.CARRY_OUT_PLAN: end,
        NextStepCode.START_INTERVIEW: start_interview_by,
    }[what]
    if paused and what in STOPPED_BY_PAUSE:
        by = None
    return NextStep(what, by, reporter if what is NextStepCode.TELL_DECISION else PartyKind.UWV)


def employer_next_step(step: NextStep | None) -> NextStep | None:
    """The next step as an employer may see it: an interview after the end is between the person and UWV."""
    return None if step is None or step.what is NextStepCode.START_INTERVIEW else step
