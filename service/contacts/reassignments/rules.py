"""Many clients to other caseworkers on one date (rule 7 of docs/domain.md: few changes, and a warm handover)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from enum import StrEnum
from typing import Final, NamedTuple

from service.contacts.rules import Staff, days_of_change
from service.kernel.state import Move, StateMachine

MOST_PEOPLE: Final = 10_000
"""How many people one reassignment concerns at most: it is one transaction."""


class ReassignmentStatus(StrEnum):
    PLANNED = "planned"
    DONE = "done"
    CANCELLED = "cancelled"


class ChosenBy(StrEnum):
    """By what the people of a reassignment were chosen."""

    CASEWORKER = "caseworker"
    OFFICE = "office"
    POSTCODES = "postcodes"
    LIST = "list"


class ReassignmentWarning(StrEnum):
    """What whoever reassigns should look at."""

    CHANGED_RECENTLY = "changed_recently"
    OWN_START = "own_start"
    ALREADY_THERE = "already_there"
    AREA_OF_NOBODY = "area_of_nobody"


WHOEVER: Final = "uwv"
CLOCK: Final = "clock"

REASSIGNMENT: Final = StateMachine(
    "reassignment",
    [
        Move(ReassignmentStatus.PLANNED, ReassignmentStatus.CANCELLED, frozenset({WHOEVER})),
        Move(ReassignmentStatus.PLANNED, ReassignmentStatus.DONE, frozenset({CLOCK})),
    ],
)


def status_on(status: ReassignmentStatus, on_date: date, today: date) -> ReassignmentStatus:
    """The status as it is, also in the moments after midnight in which the clock has not written it yet."""
    if status is ReassignmentStatus.PLANNED and on_date <= today:
        return ReassignmentStatus.DONE
    return status


def changed_recently(history: Iterable[tuple[date, Staff]], on_date: date, days: int) -> bool:
    """Whether the contact changed less than `days` days before `on_date`."""
    return any(0 <= (on_date - day).days < days for day in days_of_change(history))


# --- Who goes to whom -------------------------------------------------------------------------------------------


class Client(NamedTuple):
    """What the division looks at: where somebody lives, who is responsible now (a caseworker or team), the backup."""

    id: str
    postcode4: str | None = None
    regular_id: str | None = None
    backup_id: str | None = None


class Target(NamedTuple):
    """Who takes over: a caseworker or team, how much of it beside the others, and for which areas alone (none: all)."""

    id: str
    share: int = 1
    postcodes4: frozenset[str] = frozenset()


def divide(clients: Iterable[Client], targets: Sequence[Target]) -> dict[str, int]:
    """Which of the targets each client goes to, as its place in `targets`. Each client once, in whatever order sent.

    Those who live in an area that targets named go to these, the others to the targets without an area, or to all
    where there are none such. Among those for whom the same targets come into question, each target gets its share,
    rounded by largest remainder. Within its share come first those whom it has already, so that nobody changes in
    vain, then those whose backup it is, since they know each other, then the rest by area, so that neighbours stay
    together.
    """
    groups: dict[tuple[int, ...], list[Client]] = {}
    for client in sorted(clients, key=lambda each: (each.postcode4 or "", each.id)):
        groups.setdefault(candidates_for(client.postcode4, targets), []).append(client)
    divided: dict[str, int] = {}
    for possible, group in groups.items():
        room = dict(zip(possible, quotas(len(group), [targets[at].share for at in possible]), strict=True))
        at_home = {targets[at].id: at for at in possible}
        for name in ("regular_id", "backup_id"):
            for client in group:
                at = at_home.get(getattr(client, name) or "")
                if at is not None and client.id not in divided and room[at]:
                    divided[client.id] = at
                    room[at] -= 1
        free = (at for at in possible for _ in range(room[at]))
        for client in group:
            if client.id not in divided:
                divided[client.id] = next(free)
    return divided


def candidates_for(postcode4: str | None, targets: Sequence[Target]) -> tuple[int, ...]:
    """The places of the targets that come into question for somebody who lives there."""
    local = tuple(at for at, target in enumerate(targets) if postcode4 in target.postcodes4)
    return (
        local or tuple(at for at, target in enumerate(targets) if not target.postcodes4) or tuple(range(len(targets)))
    )


def quotas(number: int, shares: Sequence[int]) -> list[int]:
    """`number` in whole parts after `shares` (each at least 1): the largest remainders are rounded up, first come
    first among equals."""
    total = sum(shares)
    parts = [divmod(number * share, total) for share in shares]
    found = [whole for whole, _ in parts]
    by_remainder = sorted(range(len(shares)), key=lambda at: (-parts[at][1], at))
    for at in by_remainder[: number - sum(found)]:
        found[at] += 1
    return found
