"""Memberships that go from one party to another, or from one pool to another, when organisations change."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final, cast

from sqlalchemy import Table, delete, insert, or_, select, update

from service.access.rules import PartyKind
from service.delivery.events import NewEvent, publish_many
from service.kernel.chunks import chunks
from service.kernel.database import UnitOfWork
from service.kernel.ids import new_id
from service.vacancies.pools.models import PoolMember

_TABLE: Final = cast(Table, PoolMember.__table__)


def running(uow: UnitOfWork, party_id: str, kind: PartyKind) -> list[Any]:
    """The memberships of today and later: of a pool those of its members, of anybody else its own."""
    side = _TABLE.c.pool_id if kind is PartyKind.MOBILITY_POOL else _TABLE.c.party_id
    wanted = select(_TABLE).where(
        side == party_id, or_(_TABLE.c.valid_until.is_(None), _TABLE.c.valid_until >= uow.today)
    )
    return list(uow.execute(wanted.order_by(_TABLE.c.id).with_for_update()).all())


def hand_over(uow: UnitOfWork, from_id: str, to_id: str, kind: PartyKind) -> int:
    """Ends the memberships yesterday, and begins them today for `to_id`, where it is no member in that time already.

    Those that begin today or later leave no trace with the old one. How many ended.
    """
    side = "pool_id" if kind is PartyKind.MOBILITY_POOL else "party_id"
    other = "party_id" if side == "pool_id" else "pool_id"
    old = running(uow, from_id, kind)
    terms: dict[str, list[Any]] = {}
    for row in running(uow, to_id, kind):
        terms.setdefault(getattr(row, other), []).append(row)
    events: list[NewEvent] = []
    ended: list[str] = []
    gone: list[str] = []
    new: list[dict[str, Any]] = []
    for row in old:
        values = dict(row._mapping)
        events.append(_event("pool-member.removed", values, row.version + 1))
        (ended if row.valid_from < uow.today else gone).append(row.id)
        values |= {"id": new_id(), side: to_id, "version": 1, "valid_from": max(row.valid_from, uow.today)}
        if not any(_overlap(each, values) for each in terms.get(values[other], ())):
            new.append(values)
            events.append(_event("pool-member.added", values, 1))
    yesterday = uow.today - timedelta(days=1)
    for some in chunks(ended):
        wanted = update(_TABLE).where(_TABLE.c.id.in_(some))
        uow.execute(wanted.values(valid_until=yesterday, version=_TABLE.c.version + 1))
    for some in chunks(gone):
        uow.execute(delete(_TABLE).where(_TABLE.c.id.in_(some)))
    if new:
        uow.execute(insert(_TABLE), new)
    publish_many(uow, events)
    return len(old)


def _overlap(row: Any, values: dict[str, Any]) -> bool:
    first, last = values["valid_from"], values["valid_until"]
    return (row.valid_until is None or row.valid_until >= first) and (last is None or row.valid_from <= last)


def _event(type: str, row: dict[str, Any], version: int) -> NewEvent:
    """As `operations` tells of a membership."""
    data = {"poolId": row["pool_id"], "memberId": row["id"], "partyId": row["party_id"]}
    address = f"mobility-pools/{row['pool_id']}/members/{row['id']}"
    return NewEvent(type, address, version, [row["pool_id"], row["party_id"]], data)
