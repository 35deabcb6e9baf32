"""How a candidate fits a vacancy, and who fits best. Matching ranks; a person decides.

All are weighed by numbers alone (`criteria.py`); only what is returned is put in words (`wording.py`).
"""

from __future__ import annotations

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
    one_talk_away,
)

RULES_VERSION: Final = "2026-12"
"""Stands in every answer and on every proposal; changes with each weight, bound or meaning of a criterion that does."""


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
    the present contract and the start. A near miss fails one hard requirement (`obstacle`), by so little that one talk
    may mend it; `near_miss` says what would.
    """

    score: int
    verdict: Verdict
    criteria: tuple[CriterionResult, ...]
    gap_days: int | None
    rules_version: str
    obstacle: Criterion | None
    near_miss: Text | None


class Ranked(NamedTuple):
    """A candidate or a vacancy in a ranking."""

    id: str
    match: Match


class Ranking(NamedTuple):
    """The best ones, and apart from them the nearest misses; both the best first."""

    items: tuple[Ranked, ...]
    near_misses: tuple[Ranked, ...]


_FAILS: Final = Result.NOT_MET


def assess(candidate: CandidateFacts, vacancy: VacancyFacts, distance_km: float | None) -> Match:
    """How this candidate fits this vacancy. `distance_km` lies between their postcodes; None where it is unknown."""
    asked = asked_by(vacancy)
    criteria = []
    for criterion, weight in WEIGHTS.items():
        if criterion in asked:
            result, share = JUDGES[criterion](candidate, vacancy, distance_km)
            why = wording.explanation(criterion, candidate, vacancy, distance_km, result)
            criteria.append(CriterionResult(criterion, result, weight, points_of(weight, share), why))
        else:
            criteria.append(CriterionResult(criterion, Result.MET, 0, 0, wording.NOT_ASKED[criterion]))
    failed = [line.criterion for line in criteria if line.result is Result.NOT_MET and line.criterion in HARD]
    met = all(line.result is Result.MET for line in criteria)
    verdict = Verdict.FITS if met else Verdict.FITS_WITH_ADJUSTMENTS
    ends, start = candidate.contract_ends, vacancy.start_date
    near = len(failed) == 1 and one_talk_away(failed[0], candidate, vacancy, distance_km)
    return Match(
        score=score_of(sum(line.points for line in criteria), sum(line.weight for line in criteria)),
        verdict=Verdict.DOES_NOT_FIT if failed else verdict,
        criteria=tuple(criteria),
        gap_days=gap_days(ends, start) if ends and start else None,
        rules_version=RULES_VERSION,
        obstacle=failed[0] if near else None,
        near_miss=wording.remedy(failed[0], candidate, vacancy, distance_km) if near else None,
    )


DistanceKm = Callable[[str, str], float | None]


def rank(
    candidates: Iterable[CandidateFacts],
    vacancy: VacancyFacts,
    limit: int,
    *,
    near_limit: int = 0,
    distance_km: DistanceKm = places.distance_km,
    with_misfits: bool = False,
) -> Ranking:
    """The best `limit` candidates for a vacancy: by score, equal ones by id, whatever order they came in.

    Beside them the best `near_limit` near misses. `with_misfits` adds all that do not fit to the first list, after the
    others. Each candidate is weighed once, a distance is asked once per postcode.
    """
    scale = _scale(vacancy)
    km = _distance_from(vacancy.postcode4, distance_km)

    def weighed() -> Iterator[_Weighed]:
        for one in candidates:
            far = km(one.postcode4)
            failed, below = _weigh(scale, one, vacancy, far)
            yield _Weighed((bool(failed), below, one.id), failed, one, vacancy, far)

    return _best(weighed(), limit, near_limit, with_misfits)


def rank_vacancies(
    candidate: CandidateFacts,
    vacancies: Iterable[VacancyFacts],
    limit: int,
    *,
    near_limit: int = 0,
    distance_km: DistanceKm = places.distance_km,
    with_misfits: bool = False,
) -> Ranking:
    """The best `limit` vacancies for a candidate, in the same order and by the same rules as `rank`."""
    km = _distance_from(candidate.postcode4, distance_km)

    def weighed() -> Iterator[_Weighed]:
        for one in vacancies:
            far = km(one.postcode4)
            failed, below = _weigh(_scale(one), candidate, one, far)
            yield _Weighed((bool(failed), below, one.id), failed, candidate, one, far)

    return _best(weighed(), limit, near_limit, with_misfits)


class _Weighed(NamedTuple):
    """A pair with its place in the ranking: what fits before what does not, then by score, then by id.

    `failed`: the hard requirements that are not met.
    """

    order: tuple[bool, int, str]
    failed: tuple[Criterion, ...]
    candidate: CandidateFacts
    vacancy: VacancyFacts
    km: float | None


class _Scale(NamedTuple):
    """What a vacancy asks about: each criterion with its judge and its weight; and the whole weight."""

    judges: tuple[tuple[Criterion, Judge, int], ...]
    total: int


def _scale(vacancy: VacancyFacts) -> _Scale:
    return _scale_of(asked_by(vacancy))


@cache
def _scale_of(asked: tuple[Criterion, ...]) -> _Scale:
    judges = tuple((criterion, JUDGES[criterion], WEIGHTS[criterion]) for criterion in asked)
    return _Scale(judges, sum(weight for _, _, weight in judges))


def _weigh(
    scale: _Scale, candidate: CandidateFacts, vacancy: VacancyFacts, distance_km: float | None
) -> tuple[tuple[Criterion, ...], int]:
    """The hard requirements that are not met, and the score below zero: what sorts first is best."""
    points = 0
    failed: tuple[Criterion, ...] = ()
    for criterion, judge, weight in scale.judges:
        result, share = judge(candidate, vacancy, distance_km)
        points += points_of(weight, share)
        if result is _FAILS and criterion in HARD:
            failed = (*failed, criterion)
    return failed, -score_of(points, scale.total)


def points_of(weight: int, share: float) -> int:
    """What a criterion of this weight scores."""
    return int(weight * share + 0.5)


def score_of(points: int, total: int) -> int:
    """The points as a share, 0 to 100, of the weights that count."""
    return int(100 * points / total + 0.5)


class _Best:
    """The `limit` that come first of all that are added."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._kept: list[_Weighed] = []

    def add(self, one: _Weighed) -> None:
        self._kept.append(one)
        # Only now and then, so that the work per candidate stays the same however many there are.
        if len(self._kept) > 4 * self._limit + 64:
            self._cut()

    def ranked(self) -> tuple[Ranked, ...]:
        self._cut()
        return tuple(Ranked(one.order[2], assess(one.candidate, one.vacancy, one.km)) for one in self._kept)

    def _cut(self) -> None:
        self._kept.sort(key=attrgetter("order"))
        del self._kept[self._limit :]


def _best(weighed: Iterable[_Weighed], limit: int, near_limit: int, with_misfits: bool) -> Ranking:
    best, near = _Best(limit), _Best(near_limit)
    for one in weighed:
        if with_misfits or not one.failed:
            best.add(one)
        if near_limit and len(one.failed) == 1 and one_talk_away(one.failed[0], one.candidate, one.vacancy, one.km):
            near.add(one)
    return Ranking(best.ranked(), near.ranked())


def _distance_from(postcode4: str | None, distance_km: DistanceKm) -> Callable[[str | None], float | None]:
    @cache
    def to(other: str | None) -> float | None:
        return None if postcode4 is None or other is None else distance_km(postcode4, other)

    return to
