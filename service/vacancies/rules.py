"""What a vacancy and a candidate may become, how long a vacancy stays valid, and when it is filled.

Sources: docs/domain.md, rules 9 (a job end frees a vacancy), 15 (somebody must have the lead) and 16 (not everyone
starts again at once). Plain values only: every day comes in from outside.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from service.access.rules import PartyKind
from service.kernel.state import Move, StateMachine

VALID_DAYS: Final = 90
"""Calendar days that a vacancy stays open when its employer names no last day. Our choice; renewing starts it again."""

EXPIRES_SOON: Final = timedelta(days=14)
"""How long before its last valid day the employer is told of it, and the vacancy stands in its worklist. Our choice."""


class VacancyStatus(StrEnum):
    DRAFT = "draft"
    OPEN = "open"
    ON_HOLD = "on_hold"
    FILLED = "filled"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class JobcoachArrangement(StrEnum):
    """Whether a candidate keeps the jobcoach of its own choice (docs/domain.md, rule 12).

    `fixed`: the employer works with one jobcoach organisation, which candidates are told beforehand.
    """

    FREE = "free"
    FIXED = "fixed"


class CandidateStatus(StrEnum):
    AVAILABLE = "available"
    PAUSED = "paused"
    PLACED = "placed"
    WITHDRAWN = "withdrawn"


class CandidateLeadRole(StrEnum):
    """In which role somebody has the lead for a candidate (docs/domain.md, rule 15)."""

    ARBEIDSDESKUNDIGE = "arbeidsdeskundige"
    AID = "aid"
    PROCESS_COORDINATOR = "process_coordinator"
    WSP_ADVISOR = "wsp_advisor"
    POOL_ADVISOR = "pool_advisor"
    JOBCOACH = "jobcoach"


class ConsentHow(StrEnum):
    """How somebody was asked for consent."""

    IN_PERSON = "in_person"
    PHONE = "phone"
    WRITTEN = "written"


class Effect(StrEnum):
    """What follows from a move of a vacancy or a candidate, in the words of the tables below."""

    REFER = "refer"
    """Send it to the WSP of the workplace's region and to the employer's pools, where it is not there yet."""
    SET_VALIDITY = "set_validity"
    """Compute the last valid day anew, from the day of this move (`expires_on`)."""
    CLOSE_REFERRALS = "close_referrals"
    WITHDRAW_PROPOSALS = "withdraw_proposals"
    """Withdraw the proposals that have not led to work yet (`proposals.rules.NOT_YET_AT_WORK`); a trial goes on."""
    PAUSE_CLOCKS = "pause_clocks"
    RESUME_CLOCKS = "resume_clocks"
    TELL_SIGNAL = "tell_signal"
    """Pass the new status to the contract-end signal that freed the vacancy, for whoever reported it."""


HELPERS: Final = frozenset({PartyKind.WSP, PartyKind.MOBILITY_POOL, PartyKind.JOBCOACH_ORGANISATION})
"""Who help people to work, beside UWV's side."""

WORK_WITH_CANDIDATES: Final = HELPERS | {PartyKind.UWV, PartyKind.DESK}
"""Who see profiles and how these fit: never an employer."""

BRING_VACANCIES: Final = frozenset({PartyKind.JOBCOACH_ORGANISATION, PartyKind.REINTEGRATION_COMPANY})
"""Who share the list of open vacancies, and bring vacancies of employers in their network into it."""

LIVE_VACANCY: Final = frozenset({VacancyStatus.DRAFT, VacancyStatus.OPEN, VacancyStatus.ON_HOLD})
"""Vacancies that take part: a `reference` is unique per employer among these. Renewing an expired one checks again."""

_EMPLOYER: Final[frozenset[str]] = frozenset({PartyKind.EMPLOYER})
_OR_BROUGHT_IN: Final[frozenset[str]] = _EMPLOYER | BRING_VACANCIES
_SYSTEM: Final[frozenset[str]] = frozenset({PartyKind.SYSTEM})
_LEADS: Final[frozenset[str]] = frozenset(
    {PartyKind.UWV, PartyKind.WSP, PartyKind.MOBILITY_POOL, PartyKind.JOBCOACH_ORGANISATION}
)
_ENDS: Final = (Effect.CLOSE_REFERRALS, Effect.WITHDRAW_PROPOSALS, Effect.TELL_SIGNAL)
_LAPSES: Final = (Effect.CLOSE_REFERRALS, Effect.TELL_SIGNAL)

# The vacancy is its employer's: nobody else moves it, except who brought it in, which may renew and withdraw it (that
# it did, is checked first). The service itself fills it when the last position is taken by a placement, and lets it
# expire. WSPs and pools answer on their referral instead. Expiry is only a clock: it stops the search, but talks that
# are under way go on, and can still fill it. A trial placement outlives even a withdrawal: when it becomes a contract,
# the work was done by somebody after all.
VACANCY: Final = StateMachine(
    "vacancy",
    [
        Move(
            VacancyStatus.DRAFT,
            VacancyStatus.OPEN,
            _EMPLOYER,
            (Effect.SET_VALIDITY, Effect.REFER, Effect.TELL_SIGNAL),
        ),
        Move(VacancyStatus.DRAFT, VacancyStatus.WITHDRAWN, _EMPLOYER, (Effect.TELL_SIGNAL,)),
        Move(VacancyStatus.OPEN, VacancyStatus.ON_HOLD, _EMPLOYER, (Effect.PAUSE_CLOCKS, Effect.TELL_SIGNAL)),
        Move(VacancyStatus.OPEN, VacancyStatus.FILLED, _EMPLOYER | _SYSTEM, _ENDS),
        Move(VacancyStatus.OPEN, VacancyStatus.WITHDRAWN, _OR_BROUGHT_IN, _ENDS),
        Move(VacancyStatus.OPEN, VacancyStatus.EXPIRED, _SYSTEM, _LAPSES),
        Move(
            VacancyStatus.ON_HOLD,
            VacancyStatus.OPEN,
            _EMPLOYER,
            (Effect.SET_VALIDITY, Effect.RESUME_CLOCKS, Effect.REFER, Effect.TELL_SIGNAL),
        ),
        Move(VacancyStatus.ON_HOLD, VacancyStatus.FILLED, _EMPLOYER | _SYSTEM, _ENDS),
        Move(VacancyStatus.ON_HOLD, VacancyStatus.WITHDRAWN, _OR_BROUGHT_IN, _ENDS),
        Move(VacancyStatus.ON_HOLD, VacancyStatus.EXPIRED, _SYSTEM, _LAPSES),
        Move(
            VacancyStatus.EXPIRED,
            VacancyStatus.OPEN,
            _OR_BROUGHT_IN,
            (Effect.SET_VALIDITY, Effect.REFER, Effect.TELL_SIGNAL),
        ),
        Move(VacancyStatus.EXPIRED, VacancyStatus.FILLED, _EMPLOYER | _SYSTEM, _ENDS),
        Move(VacancyStatus.EXPIRED, VacancyStatus.WITHDRAWN, _OR_BROUGHT_IN, _ENDS),
        Move(VacancyStatus.WITHDRAWN, VacancyStatus.FILLED, _SYSTEM, (Effect.TELL_SIGNAL,)),
    ],
)

# These roles count only for the party that has the lead for this candidate: the operation checks that first.
# Never an employer: a candidate is moved by its own side. The service places it through a proposal, and makes it
# available again when `pausedUntil` has passed.
CANDIDATE: Final = StateMachine(
    "candidate",
    [
        Move(CandidateStatus.AVAILABLE, CandidateStatus.PAUSED, _LEADS, (Effect.PAUSE_CLOCKS,)),
        Move(CandidateStatus.AVAILABLE, CandidateStatus.PLACED, _LEADS | _SYSTEM, (Effect.WITHDRAW_PROPOSALS,)),
        Move(CandidateStatus.AVAILABLE, CandidateStatus.WITHDRAWN, _LEADS | _SYSTEM, (Effect.WITHDRAW_PROPOSALS,)),
        Move(CandidateStatus.PAUSED, CandidateStatus.AVAILABLE, _LEADS | _SYSTEM, (Effect.RESUME_CLOCKS,)),
        Move(CandidateStatus.PAUSED, CandidateStatus.PLACED, _LEADS | _SYSTEM, (Effect.WITHDRAW_PROPOSALS,)),
        Move(CandidateStatus.PAUSED, CandidateStatus.WITHDRAWN, _LEADS | _SYSTEM, (Effect.WITHDRAW_PROPOSALS,)),
        Move(CandidateStatus.PLACED, CandidateStatus.AVAILABLE, _LEADS),
        Move(CandidateStatus.PLACED, CandidateStatus.WITHDRAWN, _LEADS | _SYSTEM),
    ],
)

LEAD_ROLES: Final[Mapping[PartyKind, frozenset[CandidateLeadRole]]] = {
    PartyKind.UWV: frozenset(
        {CandidateLeadRole.ARBEIDSDESKUNDIGE, CandidateLeadRole.AID, CandidateLeadRole.PROCESS_COORDINATOR}
    ),
    PartyKind.WSP: frozenset({CandidateLeadRole.WSP_ADVISOR}),
    PartyKind.MOBILITY_POOL: frozenset({CandidateLeadRole.POOL_ADVISOR}),
    PartyKind.JOBCOACH_ORGANISATION: frozenset({CandidateLeadRole.JOBCOACH}),
}


def may_lead(party: PartyKind, role: CandidateLeadRole) -> bool:
    """Whether this kind of party can have the lead for a candidate in this role. An employer never can."""
    return role in LEAD_ROLES.get(party, frozenset())


def expires_on(opened: date, valid_until: date | None = None) -> date:
    """The last day on which the vacancy is open: `valid_until`, else 90 calendar days after `opened`.

    `opened` is the day of the latest opening: renewing a vacancy starts the count again.
    Raises ValueError when `valid_until` lies before `opened`.
    """
    if valid_until is None:
        return opened + timedelta(days=VALID_DAYS)
    if valid_until < opened:
        raise ValueError("the last valid day lies before the day of opening")
    return valid_until


def has_expired(last_valid_day: date, today: date) -> bool:
    """Whether the vacancy's last valid day has passed. The day itself still counts as open."""
    return today > last_valid_day


def fill_days(opened: date, filled: date) -> int:
    """Calendar days from the first opening to filling; 0 on the same day.

    How soon a freed vacancy is filled is recorded nowhere else (docs/domain.md, 'What is not recorded anywhere
    today'). Raises ValueError when it was filled before it was opened.
    """
    if filled < opened:
        raise ValueError("a vacancy cannot be filled before it was opened")
    return (filled - opened).days


def positions_left(positions: int, placed: int, on_trial: int = 0) -> int:
    """How many positions can still be filled: a placement and a running trial placement each hold one. Never below 0.

    Raises ValueError when a number is negative or there is no position at all.
    """
    if positions < 1 or placed < 0 or on_trial < 0:
        raise ValueError("a vacancy has at least one position, and counts are not negative")
    return max(0, positions - placed - on_trial)


def is_filled(positions: int, placed: int) -> bool:
    """Whether every position is taken by a placement. A trial placement may still end without one."""
    return positions_left(positions, placed) == 0
