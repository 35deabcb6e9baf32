"""Why a proposal was declined or withdrawn, who may say so, and what of it the employer reads.

The reasons are about work and its course, never about health. Source: docs/domain.md, rules 11, 12 and 15.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple

from service.kernel.text import Text
from service.vacancies.proposals.rules import NAMED, PERSON_SIDE, ProposalRole, ProposalStatus


class ReasonSide(StrEnum):
    """Whose reason it is."""

    EMPLOYER = "employer"
    CANDIDATE = "candidate"
    LEAD = "lead"
    PROCESS = "process"


class DeclineReason(StrEnum):
    """Why a proposal was declined or withdrawn: about work and its course, never about health."""

    OTHER_CANDIDATE = "other_candidate"
    HOURS_DO_NOT_MATCH = "hours_do_not_match"
    START_DATE_DOES_NOT_MATCH = "start_date_does_not_match"
    TASKS_DO_NOT_MATCH = "tasks_do_not_match"
    LICENCE_MISSING = "licence_missing"
    LANGUAGE_DOES_NOT_MATCH = "language_does_not_match"
    GUIDANCE_NOT_AVAILABLE = "guidance_not_available"
    TRIAL_ENDED_WITHOUT_CONTRACT = "trial_ended_without_contract"
    EMPLOYER_GIVES_NO_REASON = "employer_gives_no_reason"

    PREFERS_OTHER_WORK = "prefers_other_work"
    HOURS_DO_NOT_SUIT = "hours_do_not_suit"
    START_DATE_DOES_NOT_SUIT = "start_date_does_not_suit"
    TASKS_DO_NOT_SUIT = "tasks_do_not_suit"
    TOO_FAR = "too_far"
    FOUND_OTHER_WORK = "found_other_work"
    STAYS_IN_JOB = "stays_in_job"
    CONSENT_REFUSED = "consent_refused"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    CANDIDATE_GIVES_NO_REASON = "candidate_gives_no_reason"

    ANOTHER_PROPOSAL_FIRST = "another_proposal_first"
    NOT_THE_RIGHT_TIME = "not_the_right_time"

    VACANCY_FILLED = "vacancy_filled"
    VACANCY_WITHDRAWN = "vacancy_withdrawn"
    CANDIDATE_NO_LONGER_AVAILABLE = "candidate_no_longer_available"
    MADE_BY_MISTAKE = "made_by_mistake"


class ReasonRule(NamedTuple):
    """Whose reason it is, with which statuses it goes, and whether the employer may read it."""

    side: ReasonSide
    ends_in: frozenset[ProposalStatus]
    employer_reads: bool
    text: Text


_DECLINED: Final = frozenset({ProposalStatus.DECLINED})
_WITHDRAWN: Final = frozenset({ProposalStatus.WITHDRAWN})
_R: Final = DeclineReason

_REASON_GROUPS: Final[list[tuple[ReasonSide, frozenset[ProposalStatus], bool, dict[DeclineReason, Text]]]] = [
    (
        ReasonSide.EMPLOYER,
        _DECLINED,
        True,
        {
            _R.OTHER_CANDIDATE: Text("De werkgever koos iemand anders.", "The employer chose somebody else."),
            _R.HOURS_DO_NOT_MATCH: Text("De uren passen niet bij het werk.", "The hours do not match the work."),
            _R.START_DATE_DOES_NOT_MATCH: Text("De begindatum past niet.", "The start date does not match."),
            _R.TASKS_DO_NOT_MATCH: Text(
                "De ervaring past niet bij de taken.", "The experience does not match the tasks."
            ),
            _R.LICENCE_MISSING: Text("Een nodig rijbewijs ontbreekt.", "A driving licence that is needed is missing."),
            _R.LANGUAGE_DOES_NOT_MATCH: Text("Het taalniveau past niet.", "The language level does not match."),
            _R.GUIDANCE_NOT_AVAILABLE: Text("Er is geen begeleiding te regelen.", "Guidance cannot be arranged."),
            _R.TRIAL_ENDED_WITHOUT_CONTRACT: Text("De proef leidde niet tot werk.", "The trial did not lead to work."),
            _R.EMPLOYER_GIVES_NO_REASON: Text("De werkgever noemt geen reden.", "The employer gives no reason."),
        },
    ),
    (
        ReasonSide.CANDIDATE,
        _DECLINED | _WITHDRAWN,
        False,
        {
            _R.PREFERS_OTHER_WORK: Text("De kandidaat wil ander werk.", "The candidate prefers other work."),
            _R.HOURS_DO_NOT_SUIT: Text("De kandidaat wil andere uren.", "The hours do not suit the candidate."),
            _R.START_DATE_DOES_NOT_SUIT: Text(
                "De kandidaat wil een andere begindatum.", "The start date does not suit."
            ),
            _R.TASKS_DO_NOT_SUIT: Text("De kandidaat wil andere taken.", "The tasks do not suit the candidate."),
            _R.TOO_FAR: Text("De reis is te ver.", "The journey is too far."),
            _R.FOUND_OTHER_WORK: Text("De kandidaat vond ander werk.", "The candidate found other work."),
            _R.STAYS_IN_JOB: Text("De kandidaat houdt het huidige werk.", "The candidate stays in the present job."),
            _R.CANDIDATE_GIVES_NO_REASON: Text("De kandidaat noemt geen reden.", "The candidate gives no reason."),
        },
    ),
    (
        ReasonSide.CANDIDATE,
        _DECLINED,
        False,
        {_R.CONSENT_REFUSED: Text("De kandidaat geeft geen toestemming.", "The candidate gives no consent.")},
    ),
    (
        ReasonSide.CANDIDATE,
        _WITHDRAWN,
        False,
        {_R.CONSENT_WITHDRAWN: Text("De kandidaat trok de toestemming in.", "The candidate withdrew consent.")},
    ),
    (
        ReasonSide.LEAD,
        _DECLINED | _WITHDRAWN,
        False,
        {
            _R.ANOTHER_PROPOSAL_FIRST: Text("Een andere voordracht gaat voor.", "Another proposal comes first."),
            _R.NOT_THE_RIGHT_TIME: Text("Het is nu niet het goede moment.", "This is not the right time."),
        },
    ),
    (
        ReasonSide.PROCESS,
        _WITHDRAWN,
        True,
        {
            _R.VACANCY_FILLED: Text("De vacature is vervuld.", "The vacancy is filled."),
            _R.VACANCY_WITHDRAWN: Text("De vacature is ingetrokken.", "The vacancy was withdrawn."),
        },
    ),
    (
        ReasonSide.PROCESS,
        _WITHDRAWN,
        False,
        {
            _R.CANDIDATE_NO_LONGER_AVAILABLE: Text("De kandidaat zoekt niet meer.", "The candidate no longer looks."),
            _R.MADE_BY_MISTAKE: Text("De voordracht was een vergissing.", "The proposal was a mistake."),
        },
    ),
]

REASONS: Final[dict[DeclineReason, ReasonRule]] = {
    reason: ReasonRule(side, ends_in, employer_reads, text)
    for side, ends_in, employer_reads, texts in _REASON_GROUPS
    for reason, text in texts.items()
}
"""The one list of reasons."""

# Whose reasons a role may pass on. Whoever helps may write down what the employer said by telephone;
# what the candidate said is passed on by the candidate's own side.
REASON_SIDES: Final[dict[ProposalRole, frozenset[ReasonSide]]] = {
    ProposalRole.LEAD: frozenset(ReasonSide),
    ProposalRole.PERSON_SIDE: frozenset({ReasonSide.CANDIDATE, ReasonSide.EMPLOYER, ReasonSide.PROCESS}),
    ProposalRole.ADVISOR: frozenset({ReasonSide.EMPLOYER, ReasonSide.PROCESS}),
    ProposalRole.EMPLOYER: frozenset({ReasonSide.EMPLOYER}),
    ProposalRole.SYSTEM: frozenset({ReasonSide.PROCESS, ReasonSide.CANDIDATE}),
}


# A reason that can be true only of a proposal that has come so far, and no farther.
_SOURCES: Final[dict[DeclineReason, frozenset[ProposalStatus]]] = {
    _R.TRIAL_ENDED_WITHOUT_CONTRACT: frozenset({ProposalStatus.TRIAL_PLACEMENT}),
    _R.CONSENT_REFUSED: frozenset({ProposalStatus.REQUESTED, ProposalStatus.PROPOSED}),
    _R.CONSENT_WITHDRAWN: NAMED,
}

ABOUT_CONSENT: Final = frozenset({_R.CONSENT_REFUSED, _R.CONSENT_WITHDRAWN})


def reason_allowed(
    reason: DeclineReason, target: ProposalStatus, role: ProposalRole, source: ProposalStatus | None = None
) -> bool:
    """Whether this role may end a proposal in `target` for this reason. False where `target` is no end.

    With `source`, the status that it leaves, also whether the reason can be true of it.
    """
    rule = REASONS[reason]
    fits = source is None or reason not in _SOURCES or source in _SOURCES[reason]
    return fits and target in rule.ends_in and rule.side in REASON_SIDES[role]


def reasons_for(
    target: ProposalStatus, role: ProposalRole, source: ProposalStatus | None = None
) -> tuple[DeclineReason, ...]:
    """The reasons that this role may choose from, in the order of the list."""
    return tuple(reason for reason in DeclineReason if reason_allowed(reason, target, role, source))


def reason_for_employer(reason: DeclineReason | None) -> DeclineReason | None:
    """The reason as the employer reads it: its own and the vacancy's; never the candidate's side's."""
    return reason if reason is not None and REASONS[reason].employer_reads else None


def reason_read_by(role: ProposalRole | None, reason: DeclineReason | None) -> DeclineReason | None:
    """The reason as this role reads it.

    That consent was refused or withdrawn is known to the lead and the person's own side, so that it costs nothing
    later: another advisor reads that the candidate gives no reason.
    """
    if role is ProposalRole.EMPLOYER:
        return reason_for_employer(reason)
    if reason in ABOUT_CONSENT and role not in PERSON_SIDE:
        return DeclineReason.CANDIDATE_GIVES_NO_REASON
    return reason
