"""What the one who asks may know of candidates: all of it, or what a pool may know."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import select

from service.access.actor import Actor
from service.access.rules import PartyKind
from service.employers.models import Employment
from service.kernel.database import UnitOfWork
from service.kernel.text import Text
from service.vacancies.candidates.free import free_from
from service.vacancies.candidates.models import Candidate
from service.vacancies.criteria import CandidateFacts, Criterion, Result
from service.vacancies.matching import CriterionResult
from service.vacancies.offers import showing
from service.vacancies.offers.models import PoolOffer
from service.vacancies.pools import coarse
from service.vacancies.pools.coarse import Hidden, Period, Shown


class Sight:
    """What is shown of place and time, by candidate. Who is not in it is seen exactly, or not at all."""

    def __init__(self, shown: Mapping[str, Shown]) -> None:
        self._shown = shown

    def of(self, candidate_id: str) -> Shown | None:
        return self._shown.get(candidate_id)

    def blur(self, facts: CandidateFacts) -> CandidateFacts:
        """The facts as they may be weighed: what is hidden takes no part.

        A period counts from its first day, an area from its middle. The present contract is no matter of a pool's.
        """
        shown = self.of(facts.id)
        if shown is None:
            return facts
        known_hours = facts.hours_min is not None and facts.hours_max is not None
        least, most = coarse.hours_band(facts.hours_min or 0, facts.hours_max or 0)
        farthest = facts.max_distance_km
        return facts._replace(
            postcode4=None if shown.area is None else coarse.middle_of(shown.area),
            max_distance_km=None if farthest is None else float(coarse.distance_band(farthest)),
            hours_min=float(least) if known_hours else None,
            hours_max=float(most) if known_hours else None,
            available_from=shown.period.first if shown.period else None,
            contract_ends=None,
        )

    def word(self, candidate_id: str, line: CriterionResult) -> CriterionResult:
        """A line of a match, which says where it is about a middle or a period."""
        shown = self.of(candidate_id)
        about = None
        if shown is not None and line.weight and line.result is not Result.UNKNOWN:
            if line.criterion is Criterion.DISTANCE and shown.area is not None and len(shown.area) < 4:
                about = Text(
                    f" Gerekend vanuit het midden van postcodegebied {shown.area}.",
                    f" Counted from the middle of postcode area {shown.area}.",
                )
            period = shown.period
            if line.criterion is Criterion.START and period is not None and period.first != period.last:
                about = _between(period)
        if about is None:
            return line
        nl, en = line.explanation
        return line._replace(explanation=Text(nl + about.nl, en + about.en))


def sight_of(uow: UnitOfWork, actor: Actor) -> Sight:
    """What this caller may know. Only a pool sees less than all of whom it sees, unless it has the lead."""
    if actor.kind is not PartyKind.MOBILITY_POOL:
        return Sight({})
    own = actor.party_ids(*PartyKind)
    groups: defaultdict[str, dict[str, Hidden]] = defaultdict(dict)
    pools = actor.party_ids(PartyKind.MOBILITY_POOL)
    statement = _offered(pools).add_columns(PoolOffer.pool_id).where(Candidate.lead_party_id.not_in(own))
    for row in uow.execute(statement):
        groups[row.pool_id][row.id] = _hidden(row)
    steps: dict[str, coarse.Step] = {}
    people: dict[str, Hidden] = {}
    for group in groups.values():
        step = coarse.finest_step(group.values(), uow.today)
        people |= group
        for candidate_id in group:
            steps[candidate_id] = max(step, steps.get(candidate_id, step))
    return Sight({one: coarse.shown_at(steps[one], hidden, uow.today) for one, hidden in people.items()})


def sight_in(uow: UnitOfWork, pool_id: str, known: Iterable[str]) -> Sight:
    """What a member of a pool may know of those shown there. Whom it knows anyway (`known`) hides nobody else."""
    people = {row.id: _hidden(row) for row in uow.execute(_offered([pool_id]))}
    of_own = set(known)
    group = [hidden for candidate_id, hidden in people.items() if candidate_id not in of_own]
    step = coarse.finest_step(group, uow.today)
    return Sight({one: coarse.shown_at(step, hidden, uow.today) for one, hidden in people.items()})


def blurred_view(row: Candidate, shown: Shown) -> dict[str, Any]:
    """What stands in the view of a candidate in place of what is hidden. There is no version: it would tell that
    something hidden changed."""
    hours = None
    if row.hours_min is not None and row.hours_max is not None:
        least, most = coarse.hours_band(row.hours_min, row.hours_max)
        hours = {"min": least, "max": most}
    return {
        "version": None,
        "postcode4": None,
        "area": shown.area,
        "max_distance_km": coarse.distance_band(row.max_distance_km),
        "hours": hours,
        "available_from": None,
        "available_period": shown.period._asdict() if shown.period else None,
        "paused_until": None,
    }


def exact_place_and_time(row: Candidate) -> dict[str, Any]:
    """The same for who may see all of it."""
    free = free_from(row.available_from, row.employment.end_date if row.employment else None)
    return {
        "postcode4": row.postcode4,
        "area": row.postcode4,
        "available_from": free,
        "available_period": Period(free, free)._asdict() if free else None,
    }


def _offered(pool_ids: list[str]) -> Any:
    return (
        select(Candidate.id, Candidate.postcode4, Candidate.available_from, Employment.end_date)
        .join(PoolOffer, PoolOffer.candidate_id == Candidate.id)
        .outerjoin(Employment, Employment.id == Candidate.employment_id)
        .where(
            PoolOffer.pool_id.in_(pool_ids),
            PoolOffer.ended_at.is_(None),
            Candidate.id.in_(showing.shown_in(pool_ids)),
        )
    )


def _hidden(row: Any) -> Hidden:
    free: date | None = free_from(row.available_from, row.end_date)
    return Hidden(row.postcode4, free)


def _between(period: Period) -> Text:
    first, last = period
    return Text(
        f" Bij benadering: een dag van {first.day}-{first.month}-{first.year} tot en met "
        f"{last.day}-{last.month}-{last.year}.",
        f" That is about: a day from {first.isoformat()} up to and including {last.isoformat()}.",
    )
