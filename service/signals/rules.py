"""Contract-end signals: their phases and status, who may move them, and what an employer sees of them.

Deadlines, escalation and the next step are in `deadlines.py`; what the service says about them, warnings and advice
included, in `wording.py`. All functions are pure: time comes in as a value. Rule numbers are those of docs/domain.md.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from service.access.rules import PartyKind
from service.kernel.state import Move, StateMachine


class SignalPhase(StrEnum):
    """How certain the end is. A signal of the register begins as ending_soon, one of a reporter anywhere."""

    ENDING_SOON = "ending_soon"
    DOUBT = "doubt"
    DECIDED = "decided"
    ENDED = "ended"


class SignalStatus(StrEnum):
    """How far UWV's side is with the signal."""

    REPORTED = "reported"
    ACKNOWLEDGED = "acknowledged"
    PLANNED = "planned"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class SignalOrigin(StrEnum):
    """Who or what raised the signal; `register` is the early warning from the contract register."""

    EMPLOYER = "employer"
    JOBCOACH = "jobcoach"
    REGISTER = "register"
    UWV = "uwv"


class EndReason(StrEnum):
    """Why the employment ends, as the employer states it: a category, often a positive one, never a medical fact."""

    FIXED_TERM_NOT_RENEWED = "fixed_term_not_renewed"
    NO_PERMANENT_CONTRACT = "no_permanent_contract"
    REORGANISATION = "reorganisation"
    BANKRUPTCY = "bankruptcy"
    ESTABLISHMENT_CLOSES = "establishment_closes"
    LESS_WORK = "less_work"
    PROJECT_FINISHED = "project_finished"
    REPLACEMENT_FINISHED = "replacement_finished"
    AGENCY_ASSIGNMENT_FINISHED = "agency_assignment_finished"
    PROBATION_PERIOD = "probation_period"
    EMPLOYEE_WANTS_OTHER_WORK = "employee_wants_other_work"
    EMPLOYEE_WANTS_TO_GROW = "employee_wants_to_grow"
    EMPLOYEE_FOUND_NEW_WORK = "employee_found_new_work"
    EMPLOYEE_STARTS_EDUCATION = "employee_starts_education"
    EMPLOYEE_MOVES_HOUSE = "employee_moves_house"
    EMPLOYEE_CIRCUMSTANCES = "employee_circumstances"
    EMPLOYEE_RETIRES = "employee_retires"
    HOURS_DO_NOT_FIT = "hours_do_not_fit"
    TASKS_DO_NOT_FIT = "tasks_do_not_fit"
    TRAVEL_DOES_NOT_FIT = "travel_does_not_fit"
    MATCH_NO_LONGER_FITS = "match_no_longer_fits"
    MUTUAL_AGREEMENT = "mutual_agreement"
    EXTENDED_ELSEWHERE = "extended_elsewhere"
    UNKNOWN = "unknown"


class Consent(StrEnum):
    """The person's consent that UWV approaches the employer about the job (rule 1)."""

    GRANTED = "granted"
    REFUSED = "refused"
    UNKNOWN = "unknown"


class VacancyExpected(StrEnum):
    """Whether the job comes free for somebody else (rule 9)."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class EscalationLevel(StrEnum):
    """With whom a signal is, in the order in which a missed deadline passes it on."""

    CASEWORKER = "caseworker"
    BACKUP = "backup"
    TEAM = "team"
    DESK = "desk"


class Service(StrEnum):
    """The services of a plan (rule 3); the two named trajectories keep their statutory Dutch names."""

    NAAR_WERK = "naar_werk"
    WERKFIT_MAKEN = "werkfit_maken"
    MODULAR = "modular"
    OWN_SERVICE = "own_service"


class Readiness(StrEnum):
    """The professional's judgement whether the person is ready for work."""

    READY = "ready"
    NOT_YET = "not_yet"
    NOT_READY = "not_ready"


class Outcome(StrEnum):
    """What became of the person, as UWV's side records it."""

    EXTENDED = "extended"
    STAYS = "stays"
    OTHER_WORK_SAME_EMPLOYER = "other_work_same_employer"
    NEW_EMPLOYER = "new_employer"
    TRIAL_PLACEMENT = "trial_placement"
    SECONDMENT = "secondment"
    FEWER_HOURS_OR_VOLUNTARY = "fewer_hours_or_voluntary"
    BENEFIT = "benefit"
    UNKNOWN = "unknown"


class EmployerOutcome(StrEnum):
    """What an employer is told of the outcome."""

    EXTENDED = "extended"
    INTERNAL_MOVE = "internal_move"
    NEW_WORK = "new_work"
    NOT_KNOWN = "not_known"


# --- Services ---------------------------------------------------------------------------------------------------

# Trajectories that UWV buys: one at a time (rule 3). Own service by AID and WSP may run beside any of them.
PURCHASED_SERVICES: Final = frozenset({Service.NAAR_WERK, Service.WERKFIT_MAKEN, Service.MODULAR})


def services_exclude_each_other(one: Service, other: Service) -> bool:
    """Whether two different services cannot run at the same time: both are purchased (rule 3)."""
    return one is not other and one in PURCHASED_SERVICES and other in PURCHASED_SERVICES


# --- Status -----------------------------------------------------------------------------------------------------


class SignalCause(StrEnum):
    """What a change of status sets going."""

    START_ACKNOWLEDGE_CLOCK = "start_acknowledge_clock"
    START_PLAN_CLOCK = "start_plan_clock"
    STOP_CLOCKS = "stop_clocks"
    TELL_REPORTERS = "tell_reporters"
    TELL_CONTACT = "tell_contact"


_UWV_SIDE: Final = frozenset({PartyKind.UWV, PartyKind.DESK})
_OUTSIDE_REPORTERS: Final = frozenset({PartyKind.EMPLOYER, PartyKind.JOBCOACH_ORGANISATION})
_CLOCK: Final = frozenset({PartyKind.SYSTEM})

_TO_ACKNOWLEDGED: Final = (SignalCause.START_PLAN_CLOCK, SignalCause.TELL_REPORTERS)
_TO_PLANNED: Final = (SignalCause.STOP_CLOCKS, SignalCause.TELL_REPORTERS)
_TO_CLOSED: Final = (SignalCause.STOP_CLOCKS, SignalCause.TELL_REPORTERS)
_TO_WITHDRAWN: Final = (SignalCause.STOP_CLOCKS, SignalCause.TELL_CONTACT)
_TO_REPORTED: Final = (SignalCause.START_ACKNOWLEDGE_CLOCK, SignalCause.TELL_CONTACT)

# Withdrawing and taking that back is for a party that reported this very signal: the caller checks which one it is.
# The clock closes what outlived its end date, and withdraws a register signal whose end date has moved away.
STATUS_MACHINE: Final = StateMachine(
    "contract-end-signal",
    [
        Move(SignalStatus.REPORTED, SignalStatus.ACKNOWLEDGED, _UWV_SIDE, _TO_ACKNOWLEDGED),
        Move(SignalStatus.REPORTED, SignalStatus.CLOSED, _CLOCK, _TO_CLOSED),
        Move(SignalStatus.REPORTED, SignalStatus.WITHDRAWN, _OUTSIDE_REPORTERS | _CLOCK, _TO_WITHDRAWN),
        Move(SignalStatus.ACKNOWLEDGED, SignalStatus.PLANNED, _UWV_SIDE, _TO_PLANNED),
        Move(SignalStatus.ACKNOWLEDGED, SignalStatus.CLOSED, _UWV_SIDE | _CLOCK, _TO_CLOSED),
        Move(SignalStatus.ACKNOWLEDGED, SignalStatus.WITHDRAWN, _OUTSIDE_REPORTERS | _CLOCK, _TO_WITHDRAWN),
        Move(SignalStatus.PLANNED, SignalStatus.CLOSED, _UWV_SIDE | _CLOCK, _TO_CLOSED),
        Move(SignalStatus.PLANNED, SignalStatus.WITHDRAWN, _OUTSIDE_REPORTERS | _CLOCK, _TO_WITHDRAWN),
        Move(SignalStatus.CLOSED, SignalStatus.ACKNOWLEDGED, _UWV_SIDE, _TO_ACKNOWLEDGED),
        Move(SignalStatus.WITHDRAWN, SignalStatus.REPORTED, _OUTSIDE_REPORTERS, _TO_REPORTED),
    ],
)

LIVE_STATUSES: Final = frozenset({SignalStatus.REPORTED, SignalStatus.ACKNOWLEDGED, SignalStatus.PLANNED})


# --- Phase ------------------------------------------------------------------------------------------------------

_REPORTERS: Final = _OUTSIDE_REPORTERS | {PartyKind.UWV}

# Only forward, and one way back: decided after all not so sure. The clock, or an end that UWV's records show, ends it.
PHASE_MACHINE: Final = StateMachine(
    "contract-end-signal-phase",
    [
        Move(SignalPhase.ENDING_SOON, SignalPhase.DOUBT, _REPORTERS),
        Move(SignalPhase.ENDING_SOON, SignalPhase.DECIDED, _REPORTERS),
        Move(SignalPhase.ENDING_SOON, SignalPhase.ENDED, _REPORTERS | _CLOCK),
        Move(SignalPhase.DOUBT, SignalPhase.DECIDED, _REPORTERS),
        Move(SignalPhase.DOUBT, SignalPhase.ENDED, _REPORTERS | _CLOCK),
        Move(SignalPhase.DECIDED, SignalPhase.DOUBT, _REPORTERS),
        Move(SignalPhase.DECIDED, SignalPhase.ENDED, _REPORTERS | _CLOCK),
    ],
)

NEEDS_INFORMED_EMPLOYEE: Final = frozenset({SignalPhase.DECIDED, SignalPhase.ENDED})


def phase_allowed(phase: SignalPhase, employee_informed: bool) -> bool:
    """Whether a signal may stand in this phase: decided and ended require that the employee was informed."""
    return employee_informed or phase not in NEEDS_INFORMED_EMPLOYEE


# --- End reasons ------------------------------------------------------------------------------------------------


class ReasonSide(StrEnum):
    """With whom a reason lies."""

    EMPLOYER = "employer"
    EMPLOYEE = "employee"
    MATCH = "match"
    UNKNOWN = "unknown"


_EMPLOYEE_SIDE: Final = (
    EndReason.EMPLOYEE_WANTS_OTHER_WORK,
    EndReason.EMPLOYEE_WANTS_TO_GROW,
    EndReason.EMPLOYEE_FOUND_NEW_WORK,
    EndReason.EMPLOYEE_STARTS_EDUCATION,
    EndReason.EMPLOYEE_MOVES_HOUSE,
    EndReason.EMPLOYEE_CIRCUMSTANCES,
    EndReason.EMPLOYEE_RETIRES,
)
_MATCH_SIDE: Final = (
    EndReason.HOURS_DO_NOT_FIT,
    EndReason.TASKS_DO_NOT_FIT,
    EndReason.TRAVEL_DOES_NOT_FIT,
    EndReason.MATCH_NO_LONGER_FITS,
    EndReason.MUTUAL_AGREEMENT,
)
REASON_SIDE: Final[dict[EndReason, ReasonSide]] = {
    **dict.fromkeys(EndReason, ReasonSide.EMPLOYER),
    **dict.fromkeys(_EMPLOYEE_SIDE, ReasonSide.EMPLOYEE),
    **dict.fromkeys(_MATCH_SIDE, ReasonSide.MATCH),
    EndReason.UNKNOWN: ReasonSide.UNKNOWN,
}


# --- The employer's view ----------------------------------------------------------------------------------------


class EmployerStatus(StrEnum):
    """How far a signal is, as an employer sees it."""

    RECEIVED = "received"
    SEEN = "seen"
    ACKNOWLEDGED = "acknowledged"
    PLANNED = "planned"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


def employer_status(status: SignalStatus, seen: bool) -> EmployerStatus:
    """Received, seen, acknowledged, planned (that, not what), then closed or withdrawn. `seen` shows only at first."""
    if status is SignalStatus.REPORTED:
        return EmployerStatus.SEEN if seen else EmployerStatus.RECEIVED
    return EmployerStatus(status.value)


# Voluntary work, fewer hours, a benefit and the unknown look alike; a trial placement or secondment is new work.
EMPLOYER_OUTCOME: Final[dict[Outcome, EmployerOutcome]] = {
    Outcome.EXTENDED: EmployerOutcome.EXTENDED,
    Outcome.STAYS: EmployerOutcome.EXTENDED,
    Outcome.OTHER_WORK_SAME_EMPLOYER: EmployerOutcome.INTERNAL_MOVE,
    Outcome.NEW_EMPLOYER: EmployerOutcome.NEW_WORK,
    Outcome.TRIAL_PLACEMENT: EmployerOutcome.NEW_WORK,
    Outcome.SECONDMENT: EmployerOutcome.NEW_WORK,
    Outcome.FEWER_HOURS_OR_VOLUNTARY: EmployerOutcome.NOT_KNOWN,
    Outcome.BENEFIT: EmployerOutcome.NOT_KNOWN,
    Outcome.UNKNOWN: EmployerOutcome.NOT_KNOWN,
}


def employer_outcome(outcome: Outcome, *, disclosed: bool, after_end: bool, person_agrees: bool) -> EmployerOutcome:
    """What the employer is told of an outcome.

    What happens at the employer itself (extended, internal move) it knows. New work is told only where the link is
    disclosed and, after the end date (`after_end`), only if the person agrees; else it is not known.
    """
    told = EMPLOYER_OUTCOME[outcome]
    if told is EmployerOutcome.NEW_WORK and not (disclosed and (person_agrees or not after_end)):
        return EmployerOutcome.NOT_KNOWN
    return told
