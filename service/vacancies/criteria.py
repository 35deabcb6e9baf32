"""What matching looks at, and how well a candidate meets each of it: numbers only, so that many can be weighed.

Hard requirements come first, then the weights. A near miss misses one hard requirement by little. What is not known
never scores, and is shown as unknown. The facts below hold nothing about health, benefit, age, sex or origin, so that
none of it can take part. What is found is put in words in `wording.py`.

Sources: docs/domain.md, rules 9, 11, 12 and 16; the weights and bounds are our own choice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from enum import StrEnum
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Final, NamedTuple

from service.reference.nearness import Nearness, nearness
from service.reference.qualifications import DrivingLicence, LanguageLevel, covered_licences, language_rank
from service.reference.work_codes import WorkCondition, WorkDemand


class Criterion(StrEnum):
    OCCUPATION = "occupation"
    HOURS = "hours"
    DISTANCE = "distance"
    DEMANDS = "demands"
    LANGUAGE = "language"
    LICENCES = "licences"
    NEEDS = "needs"
    START = "start"


class Result(StrEnum):
    MET = "met"
    PARTLY = "partly"
    NOT_MET = "not_met"
    UNKNOWN = "unknown"


WEIGHTS: Final[Mapping[Criterion, int]] = MappingProxyType(
    {
        Criterion.OCCUPATION: 30,
        Criterion.HOURS: 15,
        Criterion.DISTANCE: 15,
        Criterion.DEMANDS: 10,
        Criterion.LANGUAGE: 5,
        Criterion.LICENCES: 5,
        Criterion.NEEDS: 15,
        Criterion.START: 5,
    }
)
"""What each criterion counts for. One that this vacancy does not ask about counts for 0, for every candidate alike."""

HARD: Final = frozenset(WEIGHTS) - {Criterion.NEEDS, Criterion.START}
"""Not met here means that it does not fit. What somebody needs can be arranged, and a start date can be agreed."""

OCCUPATION_SHARE: Final[Mapping[Nearness, tuple[Result, float]]] = MappingProxyType(
    {
        Nearness.SAME: (Result.MET, 1.0),
        Nearness.SAME_UNIT_GROUP: (Result.MET, 0.9),
        Nearness.SAME_TITLE: (Result.PARTLY, 0.75),
        Nearness.SAME_MINOR_GROUP: (Result.PARTLY, 0.6),
        Nearness.NEIGHBOURING: (Result.PARTLY, 0.45),
        Nearness.SAME_SUB_MAJOR: (Result.PARTLY, 0.3),
        Nearness.UNRELATED: (Result.NOT_MET, 0.0),
    }
)
HOURS_TO_DISCUSS: Final = 4
"""Hours a week that may lie between both wishes before it does not fit."""
HOURS_TO_BUILD_UP: Final = 12
"""The same where the candidate needs to build up gradually and the employer offers that: one begins with few hours."""
DISTANCE_TO_DISCUSS: Final = 1.2
"""How many times the longest distance that a candidate wants can still be talked about."""
FARTHEST_SHARE: Final = 0.7
"""What distance scores at exactly the longest distance wanted; nearer scores more, up to 1 next door."""
LATE_DAYS_TO_DISCUSS: Final = 31
"""Calendar days after the start date on which a candidate may begin before the start is not met."""
DISCUSS_SHARE: Final = 0.5
"""What a criterion scores where something is to be agreed on."""
LONG_OVERLAP_SHARE: Final = 0.2
"""What the start scores where a contract keeps a candidate for longer than that: more to agree on, still no misfit."""

NEAR_HOURS: Final = 12
"""Hours a week between both wishes that one talk may still bridge: up to here it is a near miss."""
NEAR_DISTANCE: Final = 1.5
"""The same for the distance, in times the longest distance that a candidate wants."""
NEAR_LANGUAGE_LEVELS: Final = 2
"""The same for Dutch, in levels of the CEFR."""
NEAR_DEMANDS: Final = 2
"""The same for demands that a candidate cannot meet, as a number."""


class CandidateFacts(NamedTuple):
    """What is known of a candidate. None means unknown; an empty set means that the candidate said 'nothing'.

    Occupations are ISCO-08 codes or ESCO URIs. Hours are contract hours a week, distance is kilometres as the crow
    flies. `contract_ends` is the last day of a contract that still runs; None where there is none.
    """

    id: str
    occupations: tuple[str, ...] = ()
    hours_min: float | None = None
    hours_max: float | None = None
    postcode4: str | None = None
    max_distance_km: float | None = None
    available_from: date | None = None
    contract_ends: date | None = None
    needs: frozenset[WorkCondition] | None = None
    cannot: frozenset[WorkDemand] | None = None
    language: LanguageLevel | None = None
    licences: frozenset[DrivingLicence] | None = None


class VacancyFacts(NamedTuple):
    """What the vacancy asks and offers. None means that the employer has not said, with two exceptions.

    `start_date` None is a standing opening: the start is agreed together. `language` None asks for no level.
    All of `licences` are needed. `trial_placement`: the employer is willing to begin with one; it never scores.
    """

    id: str
    occupation: str | None = None
    hours_min: float | None = None
    hours_max: float | None = None
    postcode4: str | None = None
    start_date: date | None = None
    demands: frozenset[WorkDemand] | None = None
    offers: frozenset[WorkCondition] | None = None
    language: LanguageLevel | None = None
    licences: frozenset[DrivingLicence] = frozenset()
    trial_placement: bool = False


class Finding(NamedTuple):
    """How well one criterion is met, and which share of its weight that scores, from 0 to 1."""

    result: Result
    share: float


MET: Final = Finding(Result.MET, 1.0)
TO_DISCUSS: Final = Finding(Result.PARTLY, DISCUSS_SHARE)
LONG_OVERLAP: Final = Finding(Result.PARTLY, LONG_OVERLAP_SHARE)
NOT_MET: Final = Finding(Result.NOT_MET, 0.0)
UNKNOWN: Final = Finding(Result.UNKNOWN, 0.0)

# The same wishes, distances and codes come back for candidate after candidate: what was found is kept.
_kept = lru_cache(maxsize=4096)

Judge = Callable[[CandidateFacts, VacancyFacts, float | None], Finding]
"""Given a candidate, a vacancy that asks about this criterion, and the kilometres between them (None: not known)."""


def asked_by(vacancy: VacancyFacts) -> tuple[Criterion, ...]:
    """What plays a part for this vacancy: it asks something, or has not said whether it does."""
    return _all_but(
        no_demands=vacancy.demands is not None and not vacancy.demands,
        no_language=vacancy.language is None or vacancy.language is LanguageLevel.NONE,
        no_licences=not vacancy.licences,
        no_start=vacancy.start_date is None,
    )


@cache
def _all_but(*, no_demands: bool, no_language: bool, no_licences: bool, no_start: bool) -> tuple[Criterion, ...]:
    nothing = {
        Criterion.DEMANDS: no_demands,
        Criterion.LANGUAGE: no_language,
        Criterion.LICENCES: no_licences,
        Criterion.START: no_start,
    }
    return tuple(criterion for criterion in WEIGHTS if not nothing.get(criterion))


@_kept
def nearest_wish(wishes: tuple[str, ...], asked: str) -> tuple[Nearness, str]:
    """Which of these occupations (one at least) comes nearest to the one asked, and how near."""
    place, wish = min((_PLACE[nearness(wish, asked)], wish) for wish in wishes)
    return _NEARNESS[place], wish


@_kept
def missing_licences(held: frozenset[DrivingLicence], needed: frozenset[DrivingLicence]) -> frozenset[DrivingLicence]:
    """What somebody lacks who holds these categories, with all that come with them."""
    return needed - covered_licences(held)


def hours_apart(candidate: CandidateFacts, vacancy: VacancyFacts) -> float | None:
    """The hours a week between what both want; 0 or less where these meet, None where one of them is not known."""
    low, high, own_low, own_high = vacancy.hours_min, vacancy.hours_max, candidate.hours_min, candidate.hours_max
    if low is None or high is None or own_low is None or own_high is None:
        return None
    return max(low - own_high, own_low - high)


def _occupation(candidate: CandidateFacts, vacancy: VacancyFacts, _: float | None) -> Finding:
    if vacancy.occupation is None or not candidate.occupations:
        return UNKNOWN
    return _BY_NEARNESS[nearest_wish(candidate.occupations, vacancy.occupation)[0]]


def _hours(candidate: CandidateFacts, vacancy: VacancyFacts, _: float | None) -> Finding:
    apart = hours_apart(candidate, vacancy)
    if apart is None:
        return UNKNOWN
    if apart <= 0:
        return MET
    bridge = HOURS_TO_BUILD_UP if builds_up(candidate, vacancy) else HOURS_TO_DISCUSS
    return TO_DISCUSS if apart <= bridge else NOT_MET


def builds_up(candidate: CandidateFacts, vacancy: VacancyFacts) -> bool:
    """Whether somebody who wants fewer hours now needs to build these up, and the employer offers that."""
    if WorkCondition.GRADUAL_BUILD_UP not in (candidate.needs or ()):
        return False
    fewer = (candidate.hours_max or 0) < (vacancy.hours_min or 0)
    return fewer and WorkCondition.GRADUAL_BUILD_UP in (vacancy.offers or ())


def _distance(candidate: CandidateFacts, _: VacancyFacts, distance_km: float | None) -> Finding:
    if distance_km is None or candidate.max_distance_km is None:
        return UNKNOWN
    return _within(distance_km, candidate.max_distance_km)


@_kept
def _within(distance_km: float, most: float) -> Finding:
    km = round(distance_km, 1)
    if km <= most:
        return Finding(Result.MET, 1.0 - (1.0 - FARTHEST_SHARE) * (km / most if most else 0.0))
    return TO_DISCUSS if km <= most * DISTANCE_TO_DISCUSS else NOT_MET


def _demands(candidate: CandidateFacts, vacancy: VacancyFacts, _: float | None) -> Finding:
    if vacancy.demands is None or candidate.cannot is None:
        return UNKNOWN
    return MET if vacancy.demands.isdisjoint(candidate.cannot) else NOT_MET


def _language(candidate: CandidateFacts, vacancy: VacancyFacts, _: float | None) -> Finding:
    if candidate.language is None or vacancy.language is None:
        return UNKNOWN
    return MET if _LANGUAGE_RANK[candidate.language] >= _LANGUAGE_RANK[vacancy.language] else NOT_MET


def _licences(candidate: CandidateFacts, vacancy: VacancyFacts, _: float | None) -> Finding:
    if candidate.licences is None:
        return UNKNOWN
    return NOT_MET if missing_licences(candidate.licences, vacancy.licences) else MET


def _needs(candidate: CandidateFacts, vacancy: VacancyFacts, _: float | None) -> Finding:
    if candidate.needs is None:
        return UNKNOWN
    if not candidate.needs:
        return MET
    return UNKNOWN if vacancy.offers is None else _offered(candidate.needs, vacancy.offers)


@_kept
def _offered(needs: frozenset[WorkCondition], offers: frozenset[WorkCondition]) -> Finding:
    present = len(needs & offers)
    if present == len(needs):
        return MET
    return Finding(Result.PARTLY, present / len(needs)) if present else NOT_MET


def _start(candidate: CandidateFacts, vacancy: VacancyFacts, _: float | None) -> Finding:
    start, ends, free = vacancy.start_date, candidate.contract_ends, candidate.available_from
    if start is None:
        return UNKNOWN
    if ends is not None and ends >= start:
        from_day = ends if free is None else max(ends, free)
        return TO_DISCUSS if (from_day - start).days <= LATE_DAYS_TO_DISCUSS else LONG_OVERLAP
    if free is None:
        return UNKNOWN
    if free <= start:
        return MET
    return TO_DISCUSS if (free - start).days <= LATE_DAYS_TO_DISCUSS else NOT_MET


JUDGES: Final[Mapping[Criterion, Judge]] = MappingProxyType(
    {
        Criterion.OCCUPATION: _occupation,
        Criterion.HOURS: _hours,
        Criterion.DISTANCE: _distance,
        Criterion.DEMANDS: _demands,
        Criterion.LANGUAGE: _language,
        Criterion.LICENCES: _licences,
        Criterion.NEEDS: _needs,
        Criterion.START: _start,
    }
)


# --- How far off it is -------------------------------------------------------------------------------------------


def one_talk_away(
    failed: Criterion, candidate: CandidateFacts, vacancy: VacancyFacts, distance_km: float | None
) -> bool:
    """Whether this hard requirement, the only one that is not met, could be met after one talk with either side.

    Other work than somebody wants never is: a wish is nothing to talk out of.
    """
    if failed is Criterion.HOURS:
        return (hours_apart(candidate, vacancy) or 0.0) <= NEAR_HOURS
    if failed is Criterion.DISTANCE:
        return round(distance_km or 0.0, 1) <= (candidate.max_distance_km or 0.0) * NEAR_DISTANCE
    if failed is Criterion.DEMANDS:
        return len((vacancy.demands or frozenset()) & (candidate.cannot or frozenset())) <= NEAR_DEMANDS
    if failed is Criterion.LANGUAGE and vacancy.language is not None and candidate.language is not None:
        return _LANGUAGE_RANK[vacancy.language] - _LANGUAGE_RANK[candidate.language] <= NEAR_LANGUAGE_LEVELS
    return failed is Criterion.LICENCES


_NEARNESS: Final = tuple(Nearness)
_PLACE: Final = {near: place for place, near in enumerate(_NEARNESS)}
_BY_NEARNESS: Final = {near: Finding(*found) for near, found in OCCUPATION_SHARE.items()}
_LANGUAGE_RANK: Final = {level: language_rank(level) for level in LanguageLevel}
