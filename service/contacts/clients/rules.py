"""Whom a caseworker may read: the present contact, whoever stands behind it, and the former one for a while.

The warm handover (rule 7 of docs/domain.md) needs both contacts for some days; after that the former one has no
business with the person any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

from service.contacts.rules import ONE_DAY, Staff


class ReaderRole(StrEnum):
    """As what a caseworker may read a client, nearest first."""

    RESPONSIBLE = "responsible"
    BACKUP = "backup"
    TEAM = "team"
    FORMER = "former"


class Reader(NamedTuple):
    """A caseworker who wants to read. `stands_in` has for each caseworker whose absence names this one as the backup,
    today, the first day of it."""

    id: str
    team_id: str | None = None
    active: bool = True
    stands_in: Mapping[str, date] = {}


class MayRead(NamedTuple):
    """As what, since when, until which day somebody was responsible (the former contact), and the last day on which
    that one may still read (None: no end is known)."""

    role: ReaderRole
    since: date
    until: date | None = None
    read_until: date | None = None


def may_read(day: date, reader: Reader, history: Iterable[tuple[date, Staff]], former_days: int) -> MayRead | None:
    """Whether `reader` may read on `day` the person with this `history` of starts. None: no.

    The caseworker who is responsible, the backup of the assignment or of an absence, and the members of a team to
    which the person is assigned may, without an end. Who was responsible before (a team where there was no caseworker)
    may up to and including `former_days` days after the next one started. Who has left may not.
    """
    begun = sorted((each for each in history if each[0] <= day), key=lambda each: each[0])
    if not begun or not reader.active:
        return None
    present = begun[-1][1]
    if present.caseworker_id == reader.id:
        return MayRead(ReaderRole.RESPONSIBLE, _since(begun, reader.id, "caseworker_id"))
    if present.backup_id == reader.id:
        return MayRead(ReaderRole.BACKUP, _since(begun, reader.id, "backup_id"))
    stands_in_since = reader.stands_in.get(present.caseworker_id or "")
    if stands_in_since is not None:
        return MayRead(ReaderRole.BACKUP, max(stands_in_since, begun[-1][0]))
    if present.team_id is not None and present.team_id == reader.team_id:
        return MayRead(ReaderRole.TEAM, _since(begun, present.team_id, "team_id"))
    return _former(day, reader, begun, former_days)


def _former(day: date, reader: Reader, begun: Sequence[tuple[date, Staff]], former_days: int) -> MayRead | None:
    """`begun` ends with a start in which the reader has no part."""
    mine = {reader.id, reader.team_id} - {None}
    at = next((at for at in range(len(begun) - 1, -1, -1) if begun[at][1].regular_id in mine), None)
    if at is None:
        return None
    ended_on = begun[at + 1][0]
    read_until = ended_on + timedelta(days=former_days)
    if day > read_until:
        return None
    regular_id = begun[at][1].regular_id
    since = begun[at][0]
    while at > 0 and begun[at - 1][1].regular_id == regular_id:
        at -= 1
        since = begun[at][0]
    return MayRead(ReaderRole.FORMER, since, ended_on - ONE_DAY, read_until)


def _since(begun: Sequence[tuple[date, Staff]], staff_id: str, place: str) -> date:
    """Since when, without a gap, `staff_id` stands in this place."""
    since = begun[-1][0]
    for start, staff in reversed(begun):
        if getattr(staff, place) != staff_id:
            break
        since = start
    return since
