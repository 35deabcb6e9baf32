"""Plans: which services run side by side, and what a plan must keep to. Pure; rule numbers are those of
docs/domain.md."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from enum import StrEnum
from typing import Final, NamedTuple

from service.employers.rules import months_later
from service.signals.deadlines import too_long_ago
from service.signals.rules import PURCHASED_SERVICES, Service, services_exclude_each_other


class Beside(StrEnum):
    """What can stand in a plan beside its main service. Of the purchased ones only one runs at a time (rule 3)."""

    NAAR_WERK = Service.NAAR_WERK.value
    WERKFIT_MAKEN = Service.WERKFIT_MAKEN.value
    MODULAR = Service.MODULAR.value
    OWN_SERVICE = Service.OWN_SERVICE.value
    WSP_SUPPORT = "wsp_support"


SERVICE_OF: Final[dict[Beside, Service]] = {
    each: Service(each.value) for each in Beside if each is not Beside.WSP_SUPPORT
}


class PlanError(StrEnum):
    """What is wrong with a plan, as codes."""

    SERVICES_EXCLUDE = "services-exclude-each-other"
    NAMED_TWICE = "named-twice"
    END_BEFORE_START = "end-before-start"
    TOO_LONG_AGO = "too-long-ago"
    TOO_FAR_AHEAD = "too-far-ahead"


class Stretch(NamedTuple):
    """A service from a day up to and including another; None: no end yet."""

    service: Service
    start: date
    end: date | None


def overlap(one: Stretch, other: Stretch) -> bool:
    """Whether there is a day on which both run."""
    return (one.end is None or other.start <= one.end) and (other.end is None or one.start <= other.end)


def exclude_each_other(one: Stretch, other: Stretch) -> bool:
    """Whether two services may not both run as they stand: both purchased, and on a day of each (rule 3). The same
    service in two plans is one trajectory."""
    return services_exclude_each_other(one.service, other.service) and overlap(one, other)


def stretches(service: Service, beside: Iterable[Beside], start: date, end: date | None) -> list[Stretch]:
    """The services of a plan, the main one first; support by a WSP is none that anything excludes."""
    named = [service, *(SERVICE_OF[each] for each in beside if each in SERVICE_OF)]
    return [Stretch(each, start, end) for each in named]


def first_clash(own: Sequence[Stretch], others: Iterable[Sequence[Stretch]]) -> tuple[int, Stretch] | None:
    """Which of the other plans (by its place) has a service that excludes one of the own, and that service."""
    for place, other in enumerate(others):
        for each in other:
            if any(exclude_each_other(mine, each) for mine in own):
                return place, each
    return None


LATEST_START_MONTHS: Final = 36
LONGEST_MONTHS: Final = 60
"""Beyond these it is a slip of the pen. Our choice."""


def plan_errors(
    service: Service, beside: Sequence[Beside], start: date, end: date | None, reported: date
) -> list[tuple[PlanError, tuple[str | int, ...]]]:
    """All that is wrong within one plan, each with its place in it, for a signal that was `reported` on this day."""
    found: list[tuple[PlanError, tuple[str | int, ...]]] = []
    before: list[Service] = [service]
    for place, each in enumerate(beside):
        named = SERVICE_OF.get(each)
        if named is None:
            continue
        if named is service:
            found.append((PlanError.NAMED_TWICE, ("beside", place)))
        elif any(services_exclude_each_other(named, one) for one in before):
            found.append((PlanError.SERVICES_EXCLUDE, ("beside", place)))
        before.append(named)
    if too_long_ago(start, reported):
        found.append((PlanError.TOO_LONG_AGO, ("start_date",)))
    if start > months_later(reported, LATEST_START_MONTHS):
        found.append((PlanError.TOO_FAR_AHEAD, ("start_date",)))
    if end is not None and end > months_later(start, LONGEST_MONTHS):
        found.append((PlanError.TOO_FAR_AHEAD, ("end_date",)))
    if end is not None and end < start:
        found.append((PlanError.END_BEFORE_START, ("end_date",)))
    return found


def purchased(each: Stretch) -> bool:
    return each.service in PURCHASED_SERVICES


def running(services: Iterable[Stretch], today: date) -> Service | None:
    """The service to look at when another is considered: a purchased one that runs today or is still to start, else
    UWV's own."""
    live = [each for each in services if each.end is None or each.end >= today]
    first = next((each for each in live if purchased(each)), None) or next(iter(live), None)
    return None if first is None else first.service
