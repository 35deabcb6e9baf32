"""One candidate for one vacancy: who may propose, what consent opens, and when the work may start.

The person decides whether to be introduced, and one party has the lead, so that not everybody approaches the same
person. Why one ends is in `reasons.py`. Sources: docs/domain.md, rules 11, 12, 15 and 16, and its table of clocks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from service.access.rules import PartyKind
from service.employers.rules import months_later
from service.kernel.state import Move, StateMachine
from service.kernel.text import Text

TRIAL_MONTHS_LEAST: Final = 2
TRIAL_MONTHS_MOST: Final = 6
INTENDED_MONTHS_LEAST: Final = 6
"""Months of the contract that the employer states in writing that it intends after a trial placement."""

MOST_HOURS_A_WEEK: Final = 48
"""Hours a week on average that the law allows (Arbeidstijdenwet, article 5:7, over 16 weeks)."""

TRIAL_ENDS_SOON: Final = timedelta(days=14)
"""How long before the last day of a trial placement it is asked what follows. Our choice."""


class ProposalStatus(StrEnum):
    REQUESTED = "requested"
    PROPOSED = "proposed"
    CONSENTED = "consented"
    INTRODUCED = "introduced"
    TRIAL_PLACEMENT = "trial_placement"
    PLACED = "placed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class ConsentState(StrEnum):
    """What the person said to being introduced by name to this employer."""

    NOT_ASKED = "not_asked"
    GRANTED = "granted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class ProposalRole(StrEnum):
    """In which role somebody moves a proposal; `role_in_proposal` tells which one it is."""

    LEAD = "lead"
    """The party that has the lead for the candidate."""
    PERSON_SIDE = "person_side"
    """The candidate's caseworker or jobcoach organisation, where somebody else has the lead."""
    ADVISOR = "advisor"
    """A WSP, pool, UWV or desk advisor who proposed the candidate or works on the vacancy."""
    EMPLOYER = "employer"
    SYSTEM = "system"


class ProposalWarning(StrEnum):
    """What a start is together with other work at the same time, for those who speak for the person."""

    ABOVE_48_HOURS = "above_48_hours"
    ABOVE_WANTED_HOURS = "above_wanted_hours"


class Effect(StrEnum):
    """What follows from a move of a proposal."""

    ASK_CONSENT = "ask_consent"
    """Ask the person's side for consent to this introduction."""
    SHOW_NAME = "show_name"
    HIDE_NAME = "hide_name"
    """From now on no answer to the employer holds the name, replays and stored answers included."""
    PLACE_CANDIDATE = "place_candidate"
    COUNT_POSITION = "count_position"
    """Look whether the vacancy has positions left, and fill it if not."""
    TELL_SIGNAL = "tell_signal"
    """The person found work: close the contract-end signal's course, and tell whoever reported it."""


NOT_YET_AT_WORK: Final = frozenset(
    {ProposalStatus.REQUESTED, ProposalStatus.PROPOSED, ProposalStatus.CONSENTED, ProposalStatus.INTRODUCED}
)
"""What ends with the vacancy, or with the candidate's withdrawal. A trial placement goes on."""

AT_WORK: Final = frozenset({ProposalStatus.TRIAL_PLACEMENT, ProposalStatus.PLACED})

LIVE_PROPOSAL: Final = NOT_YET_AT_WORK | {ProposalStatus.TRIAL_PLACEMENT}
"""Not ended and not placed: a candidate has at most one of these per vacancy."""

NAMED: Final = frozenset(
    {
        ProposalStatus.CONSENTED,
        ProposalStatus.INTRODUCED,
        ProposalStatus.TRIAL_PLACEMENT,
        ProposalStatus.PLACED,
    }
)
"""Where the employer may see the name, as long as consent holds."""

PERSON_SIDE: Final[frozenset[ProposalRole]] = frozenset({ProposalRole.LEAD, ProposalRole.PERSON_SIDE})
"""Who speaks for the person: records consent, and reads what was said about it."""

_LEAD: Final[frozenset[str]] = frozenset({ProposalRole.LEAD})
_PERSON: Final[frozenset[str]] = frozenset(PERSON_SIDE)
_HELPERS: Final[frozenset[str]] = _PERSON | {ProposalRole.ADVISOR}
_EVERYBODY: Final[frozenset[str]] = _HELPERS | {ProposalRole.EMPLOYER}
_TAKES_BACK: Final[frozenset[str]] = _HELPERS | {ProposalRole.SYSTEM}
_PLACING: Final = (Effect.PLACE_CANDIDATE, Effect.COUNT_POSITION, Effect.TELL_SIGNAL)
_HIDES: Final = (Effect.HIDE_NAME,)
_FREES: Final = (Effect.HIDE_NAME, Effect.COUNT_POSITION)

# Only the lead turns a request into a proposal. Only the person's side records consent, never an employer, and no
# advisor who is neither lead nor on that side. The introduction is made by those who help, so that nobody is called
# unexpectedly; that the work starts can be reported by either side. Withdrawn consent is a withdrawal.
PROPOSAL: Final = StateMachine(
    "proposal",
    [
        Move(ProposalStatus.REQUESTED, ProposalStatus.PROPOSED, _LEAD, (Effect.ASK_CONSENT,)),
        Move(ProposalStatus.REQUESTED, ProposalStatus.DECLINED, _LEAD),
        Move(ProposalStatus.REQUESTED, ProposalStatus.WITHDRAWN, _TAKES_BACK),
        Move(ProposalStatus.PROPOSED, ProposalStatus.CONSENTED, _PERSON, (Effect.SHOW_NAME,)),
        Move(ProposalStatus.PROPOSED, ProposalStatus.DECLINED, _EVERYBODY),
        Move(ProposalStatus.PROPOSED, ProposalStatus.WITHDRAWN, _TAKES_BACK),
        Move(ProposalStatus.CONSENTED, ProposalStatus.INTRODUCED, _HELPERS),
        Move(ProposalStatus.CONSENTED, ProposalStatus.DECLINED, _EVERYBODY, _HIDES),
        Move(ProposalStatus.CONSENTED, ProposalStatus.WITHDRAWN, _TAKES_BACK, _HIDES),
        Move(ProposalStatus.INTRODUCED, ProposalStatus.TRIAL_PLACEMENT, _EVERYBODY, (Effect.COUNT_POSITION,)),
        Move(ProposalStatus.INTRODUCED, ProposalStatus.PLACED, _EVERYBODY, _PLACING),
        Move(ProposalStatus.INTRODUCED, ProposalStatus.DECLINED, _EVERYBODY, _HIDES),
        Move(ProposalStatus.INTRODUCED, ProposalStatus.WITHDRAWN, _TAKES_BACK, _HIDES),
        Move(ProposalStatus.TRIAL_PLACEMENT, ProposalStatus.PLACED, _EVERYBODY, _PLACING),
        Move(ProposalStatus.TRIAL_PLACEMENT, ProposalStatus.DECLINED, _EVERYBODY, _FREES),
        Move(ProposalStatus.TRIAL_PLACEMENT, ProposalStatus.WITHDRAWN, _TAKES_BACK, _FREES),
    ],
)


class Fault(NamedTuple):
    """One thing wrong with what was asked: a code that stays the same, the field, and a sentence."""

    code: str
    field: str
    text: Text


_TRIAL_TOO_SHORT: Final = Fault(
    "trial-too-short",
    "end_date",
    Text("Een proefplaatsing duurt minstens {n} maanden.", "A trial placement lasts at least {n} months.").format(
        n=TRIAL_MONTHS_LEAST
    ),
)
_TRIAL_TOO_LONG: Final = Fault(
    "trial-too-long",
    "end_date",
    Text("Een proefplaatsing duurt hooguit {n} maanden.", "A trial placement lasts at most {n} months.").format(
        n=TRIAL_MONTHS_MOST
    ),
)
_CONTRACT_TOO_SHORT: Final = Fault(
    "intended-contract-too-short",
    "intended_months",
    Text(
        "Na een proefplaatsing hoort een contract van minstens {n} maanden.",
        "A trial placement is meant to lead to a contract of at least {n} months.",
    ).format(n=INTENDED_MONTHS_LEAST),
)


@dataclass(frozen=True, slots=True)
class WorkSpell:
    """A stretch of work: first day, last day (None: open-ended) and contract hours a week."""

    start: date
    end: date | None
    hours: float


def role_in_proposal(party: PartyKind, *, has_lead: bool = False, on_person_side: bool = False) -> ProposalRole | None:
    """The strongest role of a party in a proposal; None when it has none.

    An employer is the employer and nothing else, whatever else is said of it. `on_person_side`: the party is the
    candidate's own caseworker or jobcoach organisation.
    """
    if party is PartyKind.EMPLOYER:
        return ProposalRole.EMPLOYER
    if party is PartyKind.SYSTEM:
        return ProposalRole.SYSTEM
    if party is PartyKind.OPERATOR:
        return None
    if has_lead:
        return ProposalRole.LEAD
    if on_person_side:
        return ProposalRole.PERSON_SIDE
    return None if party is PartyKind.JOBCOACH_ORGANISATION else ProposalRole.ADVISOR


def initial_status(proposer_party: object, lead_party: object) -> ProposalStatus:
    """`proposed` when the party that has the lead for the candidate proposes, else `requested`.

    Both are party ids of one type. One party approaches a person, not several: docs/domain.md, rule 15.
    """
    return ProposalStatus.PROPOSED if proposer_party == lead_party else ProposalStatus.REQUESTED


def name_visible(status: ProposalStatus, consent: ConsentState) -> bool:
    """Whether the employer may see the candidate's name: from `consented` on, only while consent holds."""
    return consent is ConsentState.GRANTED and status in NAMED


def employer_sees(status: ProposalStatus, *, was_proposed: bool) -> bool:
    """Whether the employer sees the proposal at all, without a name: once the candidate's lead made it one.

    A request that never became a proposal stays unseen after its end; `was_proposed` tells that of an ended one.
    """
    if status in (ProposalStatus.DECLINED, ProposalStatus.WITHDRAWN):
        return was_proposed
    return status is not ProposalStatus.REQUESTED


def last_day_of(start: date, months: int) -> date:
    """The last day of a period of whole months: from 15 March, two months last until 14 May.

    Where that month is too short, its own last day: from 31 December, two months last until the end of February.
    """
    end = months_later(start, months)
    return end - timedelta(days=1) if end.day == start.day else end


def trial_placement_errors(start: date, end: date, intended_months: int) -> tuple[Fault, ...]:
    """All that is wrong with a trial placement; empty when it may be.

    It lasts 2 to 6 months (`end` is its last day), and the employer intends a contract of at least 6 months after it:
    docs/domain.md, table of clocks.
    """
    checks = (
        (end < last_day_of(start, TRIAL_MONTHS_LEAST), _TRIAL_TOO_SHORT),
        (end > last_day_of(start, TRIAL_MONTHS_MOST), _TRIAL_TOO_LONG),
        (intended_months < INTENDED_MONTHS_LEAST, _CONTRACT_TOO_SHORT),
    )
    return tuple(fault for wrong, fault in checks if wrong)


def overlap(a: WorkSpell, b: WorkSpell) -> bool:
    """Whether the two share at least one day. A last day counts as worked."""
    return (b.end is None or a.start <= b.end) and (a.end is None or b.start <= a.end)


def peak_hours(new: WorkSpell, others: Iterable[WorkSpell]) -> float:
    """The most contract hours a week that are worked at one time during `new`, which counts itself."""
    beside = [other for other in others if overlap(new, other)]
    days = {new.start, *(other.start for other in beside if other.start > new.start)}
    return max(
        new.hours + sum(other.hours for other in beside if overlap(WorkSpell(day, day, 0), other)) for day in days
    )


def clashes(new: WorkSpell, *others: WorkSpell) -> bool:
    """Whether `new` overlaps with other work, and together they pass 48 hours a week at some time. Exactly 48 is
    allowed: hours a week are no timetable, so that two small jobs may go together."""
    return any(overlap(new, other) for other in others) and peak_hours(new, others) > MOST_HOURS_A_WEEK


def warning_of(new: WorkSpell, others: Sequence[WorkSpell], most_wanted: float | None) -> ProposalWarning | None:
    """What to look at where `new` overlaps with other work. `most_wanted`: hours a week, None where not known."""
    if not any(overlap(new, other) for other in others):
        return None
    if clashes(new, *others):
        return ProposalWarning.ABOVE_48_HOURS
    too_many = most_wanted is not None and peak_hours(new, others) > most_wanted
    return ProposalWarning.ABOVE_WANTED_HOURS if too_many else None


def ends_soon(last_day: date, today: date) -> bool:
    """Whether it is time to ask what follows on a trial placement. It stays so after its last day."""
    return last_day <= today + TRIAL_ENDS_SOON
