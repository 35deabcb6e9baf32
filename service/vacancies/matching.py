"""How a candidate fits a vacancy, and who fits best. Matching ranks; a person decides.

All are weighed by numbers alone (`criteria.py`); only what is returned is put in words (`wording.py`).
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from operator import attrgetter
from typing import Final, NamedTuple

from service.kernel.text import Text
from service.reference import places
from service.signals.deadlines import gap_days
from service.vacancies import wording
from service.vacancies.criteria import (
    HARD,
    JUDGES,
    WEIGHTS,
    CandidateFacts,
    Criterion,
    Judge,
    Result,
    VacancyFacts,
    asked_by,
)

RULES_VERSION: Final = "2026-11"
"""Stands in every answer; changes whenever a weight, a bound or the meaning of a criterion changes."""


class Verdict(StrEnum):
    """`fits`: all that counts is met. `fits_with_adjustments`: something is still to arrange, to agree or to ask.

    `does_not_fit`: a hard requirement is not met.
    """

    FITS = "fits"
    FITS_WITH_ADJUSTMENTS = "fits_with_adjustments"
    DOES_NOT_FIT = "does_not_fit"


class CriterionResult(NamedTuple):
    """One line of a match. `points` is at most `weight`; both are 0 where the vacancy does not ask about it."""

    criterion: Criterion
    result: Result
    weight: int
    points: int
    explanation: Text


@dataclass(frozen=True, slots=True)
class Match:
    """How a candidate fits a vacancy. `score` is 0 to 100: the points as a share of the weights that count.

    Read the verdict before the score: the score of what does not fit tells how near it comes. `gap_days` lie between
    the present contract and the start. `near_miss` says what would make it fit where one hard requirement is not met.
    """

    score: int
    verdict: Verdict
    criteria: tuple[CriterionResult, ...]
    gap_days: int | None
    rules_version: str
    near_miss: Text | None


class Ranked(NamedTuple):
    """A candidate or a vacancy in a ranking."""

    id: str
    match: Match


_FAILS: Final = Result.NOT_MET


def assess(candidate: CandidateFacts, vacancy: VacancyFacts, distance_km: float | None) -> Match:
    """How this candidate fits this vacancy. `distance_km` lies between their postcodes; None where it is unknown."""
    asked = asked_by(vacancy)
    criteria = []
    for criterion, weight in WEIGHTS.items():
        if criterion in asked:
            result, share = JUDGES[criterion](candidate, vacancy, distance_km)
            why = wording.explanation(criterion, candidate, vacancy, distance_km, result)
            criteria.append(CriterionResult(criterion, result, weight, _points(weight, share), why))
        else:
            criteria.append(CriterionResult(criterion, Result.MET, 0, 0, wording.NOT_ASKED[criterion]))
    failed = [line.criterion for line in criteria if line.result is Result.NOT_MET and line.criterion in HARD]
    met = all(line.result is Result.MET for line in criteria)
    verdict = Verdict.FITS if met else Verdict.FITS_WITH_ADJUSTMENTS
    ends, start = candidate.contract_ends, vacancy.start_date
    return Match(
        score=_score(sum(line.points for line in criteria), sum(line.weight for line in criteria)),
        verdict=Verdict.DOES_NOT_FIT if failed else verdict,
        criteria=tuple(criteria),
        gap_days=gap_days(ends, start) if ends and start else None,
        rules_version=RULES_VERSION,
        near_miss=wording.remedy(failed[0], candidate, vacancy, distance_km) if len(failed) == 1 else None,
    )


DistanceKm = Callable[[str, str], float | None]


def rank(
    candidates: Iterable[CandidateFacts],
    vacancy: VacancyFacts,
    limit: int,
    *,
    distance_km: DistanceKm = places.distance_km,
    with_misfits: bool = False,
) -> tuple[Ranked, ...]:
    """The best `limit` candidates for a vacancy: by score, equal ones by id, whatever order they came in.

    `with_misfits` adds those that do not fit, after all others. A distance is asked once per postcode.
    """
    scale = _scale(vacancy)
    km = _distance_from(vacancy.postcode4, distance_km)

    def weighed() -> Iterator[_Weighed]:
        for one in candidates:
            far = km(one.postcode4)
            yield _Weighed((*_weigh(scale, one, vacancy, far), one.id), one, vacancy, far)

    return _best(weighed(), limit, with_misfits)


def rank_vacancies(
    candidate: CandidateFacts,
    vacancies: Iterable[VacancyFacts],
    limit: int,
    *,
    distance_km: DistanceKm = places.distance_km,
    with_misfits: bool = False,
) -> tuple[Ranked, ...]:
    """The best `limit` vacancies for a candidate, in the same order and by the same rules as `rank`."""
    km = _distance_from(candidate.postcode4, distance_km)

    def weighed() -> Iterator[_Weighed]:
        for one in vacancies:
            far = km(one.postcode4)
            yield _Weighed((*_weigh(_scale(one), candidate, one, far), one.id), candidate, one, far)

    return _best(weighed(), limit, with_misfits)


class _Weighed(NamedTuple):
    """A pair with its place in the ranking: what fits before what does not, then by score, then by id."""

    order: tuple[bool, int, str]
    candidate: CandidateFacts
    vacancy: VacancyFacts
    km: float | None


class _Scale(NamedTuple):
    """What a vacancy asks about: per criterion its judge, its weight and whether it is hard; and the whole weight."""

    judges: tuple[tuple[Judge, int, bool], ...]
    total: int


def _scale(vacancy: VacancyFacts) -> _Scale:
    judges = tuple((JUDGES[criterion], WEIGHTS[criterion], criterion in HARD) for criterion in asked_by(vacancy))
    return _Scale(judges, sum(weight for _, weight, _ in judges))


def _weigh(
    scale: _Scale, candidate: CandidateFacts, vacancy: VacancyFacts, distance_km: float | None
) -> tuple[bool, int]:
    """Whether a hard requirement is not met, and the score below zero: what sorts first is best."""
    points = 0
    misfit = False
    for judge, weight, is_hard in scale.judges:
        result, share = judge(candidate, vacancy, distance_km)
        points += _points(weight, share)
        if is_hard and result is _FAILS:
            misfit = True
    return misfit, -_score(points, scale.total)


def _points(weight: int, share: float) -> int:
    return int(weight * share + 0.5)


def _score(points: int, total: int) -> int:
    return int(100 * points / total + 0.5)


def _best(weighed: Iterable[_Weighed], limit: int, with_misfits: bool) -> tuple[Ranked, ...]:
    shown = (one for one in weighed if with_misfits or not one.order[0])
    best = heapq.nsmallest(limit, shown, key=attrgetter("order"))
    return tuple(Ranked(one.order[2], assess(one.candidate, one.vacancy, one.km)) for one in best)


def _distance_from(postcode4: str | None, distance_km: DistanceKm) -> Callable[[str | None], float | None]:
    @cache
    def to(other: str | None) -> float | None:
        return None if postcode4 is None or other is None else distance_km(postcode4, other)

    return to
