"""The ranking of `matching.rank` for blocks of any size: the same candidates in the same order, found with less work.

- The block itself, an index, holds what decides most: the occupation, the distance and the hours. By these alone it is
  known how much somebody can score at most. Only who may still come among the best is read whole, the likeliest first.
- What a criterion makes of a value is found once for each value, by its judge in `criteria.py`. A row is left as soon
  as it misses too much, and only who comes among the best is made into facts and put in words.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any, Final, NamedTuple

from service.reference import places
from service.reference.nearness import Nearness
from service.reference.work_codes import WorkCondition
from service.vacancies.criteria import (
    HARD,
    JUDGES,
    NEAR_DISTANCE,
    OCCUPATION_SHARE,
    WEIGHTS,
    CandidateFacts,
    Criterion,
    Result,
    VacancyFacts,
    asked_by,
    one_talk_away,
)
from service.vacancies.matching import DistanceKm, Ranked, Ranking, assess, points_of, score_of

Row = Sequence[Any]
"""A candidate as the database keeps it: the id, then the columns that are named to `Weighing`."""


class Read(NamedTuple):
    """Which columns a criterion looks at, and what makes facts of their values.

    `for_build_up` is one of them that counts only where the employer lets people build up their hours.
    """

    columns: tuple[str, ...]
    facts: Callable[..., CandidateFacts]
    for_build_up: str | None = None


class Reading(NamedTuple):
    """How rows are read: their columns, what makes facts of a whole row, and what each criterion looks at, the quickest
    first."""

    columns: tuple[str, ...]
    facts: Callable[[Row], CandidateFacts]
    criteria: Mapping[Criterion, Read]


class Wish(NamedTuple):
    """A row of the block: one kind of work that a candidate wants, within reach of the vacancy.

    `out` says how far out the vacancy lies in the box of a candidate, as the square of a share: 0 in the middle, 1 on
    the ellipse that fills the box. Where it is None, distance and hours are not known here.
    """

    candidate_id: Any
    code: str
    out: float | None
    hours_min: float | None
    hours_max: float | None


LEAST_KM: Final = 2.0
MOST_KM: Final = 100.0
"""Longest distances wanted for which `out` is precise enough."""
SLACK: Final = 0.05
"""By which part the distance that `out` tells may differ from the one that counts: the earth is round, and distances
are compared rounded."""
FARTHEST_OUT: Final = 1 / (1 - SLACK) ** 2
"""Who lies farther out does not come as far as a near miss goes."""
_SHELLS: Final = 200
"""In how many steps of `out` distances are weighed."""

AT_ONCE: Final = 100
"""How many are fetched and weighed together at first; then twice as many, up to AT_MOST."""
AT_MOST: Final = 2000

# A weighed row is one number: its points, and above these what is not met. More than one near miss is hopeless.
_NEAR_MISS: Final = 1 << 10
_HOPELESS: Final = 2 * _NEAR_MISS
_MISS: Final = _HOPELESS
_POINTS: Final = _NEAR_MISS - 1
_LONG_KM: Final = 1e6  # rounded to a tenth it is the same


class Weighing:
    """How candidates weigh for one vacancy."""

    def __init__(self, vacancy: VacancyFacts, reading: Reading, distance_km: DistanceKm = places.distance_km) -> None:
        self._vacancy = vacancy
        self._facts = reading.facts
        self._distance_km = distance_km
        self._builds_up = WorkCondition.GRADUAL_BUILD_UP in (vacancy.offers or ())
        worth = {criterion: WEIGHTS[criterion] for criterion in asked_by(vacancy)}
        self._total = sum(worth.values())
        self._found = {
            criterion: _Found(self._judge(criterion, read))
            for criterion, read in reading.criteria.items()
            if criterion in worth
        }
        self._steps = [
            (itemgetter(*map(reading.columns.index, self._columns(reading.criteria[criterion]))), found)
            for criterion, found in self._found.items()
        ]
        if vacancy.demands is None:  # which nobody is known to meet
            worth[Criterion.DEMANDS] = 0
        # Hours that may be built up depend on what somebody needs, which does not stand in the block.
        in_block = {Criterion.OCCUPATION, Criterion.DISTANCE} | (set() if self._builds_up else {Criterion.HOURS})
        self._unknown = sum(worth[criterion] for criterion in in_block - {Criterion.OCCUPATION})
        self._rest = sum(each for criterion, each in worth.items() if criterion not in in_block)
        self._shells = [self._shell(number) for number in range(int(FARTHEST_OUT * _SHELLS) + 2)]
        # What a near miss lacks at least. The block may take one for somebody who comes near enough to be talked to.
        lacks = [worth[criterion] for criterion in HARD - {Criterion.OCCUPATION} if criterion in worth]
        self._least = min(*lacks, *(shell for shell in self._shells if shell < _NEAR_MISS))

    def weigh_block(self, wishes: Iterable[tuple[Any, ...]], how_near: Mapping[str, Nearness]) -> dict[int, list[Any]]:
        """Rows as `Wish` has them: the ids by what they weigh at most as far as the block knows, with the nearest wish.

        `how_near` has the occupations near to that of the vacancy.
        """
        works = {code: _of_occupation(nearest) for code, nearest in how_near.items()}
        unrelated = _of_occupation(Nearness.UNRELATED)
        shells = self._shells
        hours = _Found(lambda values: 0) if self._builds_up else self._found[Criterion.HOURS]
        nearest: dict[Any, int] = {}
        for candidate_id, code, out, low, high in wishes:
            weight = works.get(code, unrelated)
            if out is None:
                weight += self._unknown
            else:
                weight += shells[min(int(out * _SHELLS), len(shells) - 1)] + hours[low, high]
            known = nearest.get(candidate_id)
            if known is None or (weight >> 10, known & _POINTS) < (known >> 10, weight & _POINTS):
                nearest[candidate_id] = weight
        found: defaultdict[int, list[Any]] = defaultdict(list)
        for candidate_id, weight in nearest.items():
            found[weight].append(candidate_id)
        return found

    def _shell(self, number: int) -> int:
        """What the distance weighs at most from so far out on: as for somebody who wants to travel a long way."""
        if self._vacancy.postcode4 is None:
            return 0
        out = math.sqrt(number / _SHELLS) * (1 - SLACK)
        far_traveller = CandidateFacts("", max_distance_km=_LONG_KM)
        return self._weight(Criterion.DISTANCE, far_traveller, out * _LONG_KM * NEAR_DISTANCE)

    def weigh(self, row: Row, *, whole: bool) -> int:
        """What a row weighs; of one that is hopeless no more than that it is, unless the `whole` is wanted."""
        weight = 0
        for values, found in self._steps:
            weight += found[values(row)]
            if weight >= _HOPELESS and not whole:
                break
        return weight

    def score(self, weight: int) -> int:
        return score_of(weight & _POINTS, self._total)

    def ranked(self, row: Row) -> Ranked:
        candidate = self._facts(row)
        return Ranked(candidate.id, assess(candidate, self._vacancy, self._km(candidate.postcode4)))

    def most(self, weight: int) -> tuple[int | None, int | None]:
        """The highest score of who weighs so much in the block, as one who fits and as a near miss. None: cannot be."""
        best = self.score((weight & _POINTS) + self._rest)
        if weight >= _HOPELESS:
            return None, None
        if weight >= _NEAR_MISS:
            return None, best
        return best, self.score((weight & _POINTS) + self._rest - self._least)

    def _columns(self, read: Read) -> list[str]:
        return [name for name in read.columns if self._builds_up or name != read.for_build_up]

    def _judge(self, criterion: Criterion, read: Read) -> Callable[[Any], int]:
        facts, single = read.facts, len(self._columns(read)) == 1
        if criterion is Criterion.DISTANCE:
            return lambda values: self._weight(criterion, one := facts(*values), self._km(one.postcode4))
        if single:
            return lambda value: self._weight(criterion, facts(value), None)
        return lambda values: self._weight(criterion, facts(*values), None)

    def _weight(self, criterion: Criterion, candidate: CandidateFacts, km: float | None) -> int:
        result, share = JUDGES[criterion](candidate, self._vacancy, km)
        points = points_of(WEIGHTS[criterion], share)
        if result is not Result.NOT_MET or criterion not in HARD:
            return points
        return points + (_NEAR_MISS if one_talk_away(criterion, candidate, self._vacancy, km) else _MISS)

    def _km(self, postcode4: str | None) -> float | None:
        here = self._vacancy.postcode4
        return None if here is None or postcode4 is None else self._distance_km(here, postcode4)


class _Found(dict[Any, int]):
    """What was found for each value; one that comes for the first time is looked into."""

    def __init__(self, find: Callable[[Any], int]) -> None:
        super().__init__()
        self._find = find

    def __missing__(self, key: Any) -> int:
        found = self[key] = self._find(key)
        return found


class _First:
    """The `limit` that come first of all that were added: what fits before what does not, then by score, then by id."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._kept: list[tuple[bool, int, Any, Row]] = []

    def add(self, weighed: Iterable[tuple[bool, int, Any, Row]]) -> None:
        self._kept += weighed
        self._kept.sort(key=itemgetter(0, 1, 2))
        del self._kept[self._limit :]

    def may_take(self, most: int | None) -> bool:
        """Whether somebody with this score at best may still come among them. An equal score may: ids decide."""
        if most is None or not self._limit:
            return False
        return len(self._kept) < self._limit or self._kept[-1][:2] >= (False, -most)

    def rows(self) -> list[Row]:
        return [row for *_, row in self._kept]


def rank(
    block: Mapping[int, Sequence[Any]],
    fetch: Callable[[Sequence[Any]], Iterable[Row]],
    weighing: Weighing,
    limit: int,
    *,
    near_limit: int = 0,
    with_misfits: bool = False,
    at_once: int = AT_ONCE,
) -> Ranking:
    """What `matching.rank` gives for the candidates in `block`, which is what `weigh_block` found.

    `fetch` gives the rows of those with these ids; one that does not look for work now has none.
    """
    best, near = _First(limit), _First(near_limit)

    def look_at(ids: Sequence[Any]) -> None:
        fitting, missing = [], []
        for row in fetch(ids):
            weight = weighing.weigh(row, whole=with_misfits)
            below = -weighing.score(weight)
            if weight < _NEAR_MISS or with_misfits:
                fitting.append((weight >= _NEAR_MISS, below, row[0], row))
            if _NEAR_MISS <= weight < _HOPELESS:
                missing.append((False, below, row[0], row))
        best.add(fitting)
        near.add(missing)

    queue = [(weight, each) for weight in sorted(block, key=_points, reverse=True) for each in block[weight]]
    most = {weight: weighing.most(weight) for weight in block}
    at = 0
    while at < len(queue):
        wanted = {each for each, (fit, miss) in most.items() if best.may_take(fit) or near.may_take(miss)}
        ids: list[Any] = []
        while at < len(queue) and len(ids) < at_once:
            weight, candidate_id = queue[at]
            if with_misfits or weight in wanted:
                ids.append(candidate_id)
            at += 1
        if ids:
            look_at(ids)
        at_once = min(2 * at_once, AT_MOST)
    return Ranking(*(tuple(map(weighing.ranked, found.rows())) for found in (best, near)))


def _points(weight: int) -> int:
    return weight & _POINTS


def _of_occupation(nearest: Nearness) -> int:
    result, share = OCCUPATION_SHARE[nearest]
    return points_of(WEIGHTS[Criterion.OCCUPATION], share) + (_MISS if result is Result.NOT_MET else 0)
