"""Mobility pools and who takes part in them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, delete, exists, insert, or_, select
from sqlalchemy.orm.attributes import flag_modified

from service.access.actor import Actor
from service.access.models import Party
from service.access.rules import PartyKind
from service.delivery.events import publish
from service.kernel.database import UnitOfWork
from service.kernel.ids import new_id
from service.kernel.paging import page
from service.kernel.problems import conflict, invalid_field, invalid_input, not_found, unknown_reference
from service.kernel.requests import Expected
from service.vacancies.pools.models import MobilityPool, PoolMember, PoolRegion

_SEES_ALL: Final = (PartyKind.UWV, PartyKind.DESK, PartyKind.OPERATOR, PartyKind.SYSTEM)

MAY_JOIN: Final = (PartyKind.EMPLOYER, PartyKind.WSP, PartyKind.UWV, PartyKind.JOBCOACH_ORGANISATION)
"""The kinds of party that can be a member of a pool."""


def visible_pools(actor: Actor) -> Select[Any]:
    """A pool sees itself, whoever is or was a member sees that pool; UWV's side and the operator see all."""
    statement = select(MobilityPool)
    if actor.kind in _SEES_ALL:
        return statement
    joined = select(PoolMember.pool_id).where(PoolMember.party_id.in_(actor.party_ids()))
    return statement.where(
        or_(MobilityPool.id.in_(actor.party_ids(PartyKind.MOBILITY_POOL)), MobilityPool.id.in_(joined))
    )


def visible_members(actor: Actor) -> Select[Any]:
    """The pool and UWV's side see all its members; a member sees the others only while it is one itself."""
    statement = select(PoolMember)
    if actor.kind in _SEES_ALL:
        return statement
    return statement.where(
        or_(
            PoolMember.pool_id.in_(actor.party_ids(PartyKind.MOBILITY_POOL)),
            PoolMember.party_id.in_(actor.party_ids()),
        )
    )


def is_member_on(day: date, member: type[PoolMember] = PoolMember) -> ColumnElement[bool]:
    """That a membership (`member`: the table, or an alias of it) holds on this day."""
    return and_(member.valid_from <= day, or_(member.valid_until.is_(None), member.valid_until >= day))


def pools_of(uow: UnitOfWork, party_id: str) -> list[str]:
    """The ids of the pools of which this party is a member today."""
    statement = select(PoolMember.pool_id).where(PoolMember.party_id == party_id, is_member_on(uow.today))
    return list(uow.session.scalars(statement.distinct().order_by(PoolMember.pool_id)))


# --- Pools ------------------------------------------------------------------------------------------------------


def create_pool(uow: UnitOfWork, actor: Actor, data: Mapping[str, Any]) -> dict[str, Any]:
    """A new pool, with the party for which its clients act."""
    actor.require(PartyKind.DESK, PartyKind.OPERATOR)
    pool_id = new_id()
    uow.add(Party(id=pool_id, kind=PartyKind.MOBILITY_POOL, name=data["name"], email=data.get("email")))
    uow.flush()
    pool = MobilityPool(id=pool_id, name=data["name"], created_at=uow.now)
    uow.add(pool)
    uow.flush()
    _work_in(uow, pool, data.get("region_codes", []))
    return _pool_view(uow, pool)


def change_pool(
    uow: UnitOfWork, actor: Actor, pool_id: str, data: Mapping[str, Any], expected: Expected
) -> dict[str, Any]:
    """Changes a pool's name, its regions, and where it hears of vacancies."""
    actor.require(PartyKind.DESK, PartyKind.OPERATOR)
    pool = pool_for(uow, actor, pool_id, for_update=True)
    expected.check(pool.version)
    party = uow.session.get_one(Party, pool.id)
    pool.name = party.name = data.get("name", pool.name)
    party.email = data.get("email", party.email)
    if "region_codes" in data:
        _work_in(uow, pool, data["region_codes"])
    # Address and regions stand in tables of their own, but are part of the pool and so of its version.
    flag_modified(pool, "name")
    uow.flush()
    return _pool_view(uow, pool)


def _work_in(uow: UnitOfWork, pool: MobilityPool, region_codes: list[str]) -> None:
    uow.execute(delete(PoolRegion).where(PoolRegion.pool_id == pool.id))
    if region_codes:
        uow.execute(insert(PoolRegion), [{"pool_id": pool.id, "region_code": code} for code in region_codes])


def list_pools(uow: UnitOfWork, actor: Actor, query: Mapping[str, Any]) -> dict[str, Any]:
    statement = visible_pools(actor)
    if "region_code" in query:
        there = select(PoolRegion.pool_id).where(PoolRegion.region_code == query["region_code"])
        everywhere = ~exists().where(PoolRegion.pool_id == MobilityPool.id)
        statement = statement.where(or_(MobilityPool.id.in_(there), everywhere))
    answer = page(uow, statement, (MobilityPool.id,), query, lambda row: row)
    return answer | {"items": _pool_views(uow, answer["items"])}


def get_pool(uow: UnitOfWork, actor: Actor, pool_id: str) -> dict[str, Any]:
    return _pool_view(uow, pool_for(uow, actor, pool_id))


def pool_for(uow: UnitOfWork, actor: Actor, pool_id: str, *, for_update: bool = False) -> MobilityPool:
    """The pool, if the actor may see it. Raises 404."""
    statement = visible_pools(actor).where(MobilityPool.id == pool_id)
    if for_update:
        statement = statement.with_for_update()
    found: MobilityPool | None = uow.session.scalars(statement).one_or_none()
    if found is None:
        raise not_found()
    return found


def _pool_view(uow: UnitOfWork, pool: MobilityPool) -> dict[str, Any]:
    return _pool_views(uow, [pool])[0]


def _pool_views(uow: UnitOfWork, pools: list[MobilityPool]) -> list[dict[str, Any]]:
    regions: dict[str, list[str]] = {pool.id: [] for pool in pools}
    found = select(PoolRegion.pool_id, PoolRegion.region_code).where(PoolRegion.pool_id.in_(list(regions)))
    for row in uow.execute(found.order_by(PoolRegion.region_code)):
        regions[row.pool_id].append(row.region_code)
    return [
        {"id": pool.id, "version": pool.version, "name": pool.name, "region_codes": regions[pool.id]} for pool in pools
    ]


# --- Members ----------------------------------------------------------------------------------------------------


def add_member(uow: UnitOfWork, actor: Actor, pool_id: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """Makes a party a member. Raises 409 `already-member` when it is one already in part of that time."""
    actor.require(PartyKind.DESK, PartyKind.OPERATOR)
    pool = pool_for(uow, actor, pool_id, for_update=True)
    party = uow.session.get(Party, data["party_id"])
    if party is None or party.kind not in MAY_JOIN:
        raise invalid_input([unknown_reference("/partyId")])
    row = PoolMember(
        id=new_id(),
        pool_id=pool.id,
        party_id=party.id,
        valid_from=data.get("valid_from", uow.today),
        valid_until=data.get("valid_until"),
    )
    _check_term(uow, row)
    uow.add(row)
    uow.flush()
    _tell(uow, "pool-member.added", row)
    return _member_view(uow, row)


def change_member(
    uow: UnitOfWork, actor: Actor, pool_id: str, member_id: str, data: Mapping[str, Any], expected: Expected
) -> dict[str, Any]:
    """Changes the last day of a membership."""
    actor.require(PartyKind.DESK, PartyKind.OPERATOR)
    row = _member(uow, actor, pool_id, member_id, for_update=True)
    expected.check(row.version)
    if "valid_until" in data:
        row.valid_until = data["valid_until"]
        _check_term(uow, row)
    uow.flush()
    _tell(uow, "pool-member.changed", row)
    return _member_view(uow, row)


def remove_member(uow: UnitOfWork, actor: Actor, pool_id: str, member_id: str, expected: Expected) -> None:
    """Ends a membership: yesterday was its last day. One that began today or later leaves no trace."""
    actor.require(PartyKind.DESK, PartyKind.OPERATOR)
    row = _member(uow, actor, pool_id, member_id, for_update=True)
    expected.check(row.version)
    yesterday = uow.today - timedelta(days=1)
    if row.valid_from > yesterday:
        uow.session.delete(row)
    elif row.valid_until is None or row.valid_until > yesterday:
        row.valid_until = yesterday
    uow.flush()
    _tell(uow, "pool-member.removed", row)


def list_members(uow: UnitOfWork, actor: Actor, pool_id: str, query: Mapping[str, Any]) -> dict[str, Any]:
    """The members of a pool. One that is no longer a member sees its own membership only."""
    pool = pool_for(uow, actor, pool_id)
    statement = _members(uow, actor, pool.id)
    if query.get("current"):
        statement = statement.where(is_member_on(uow.today))
    answer = page(uow, statement, (PoolMember.id,), query, lambda row: row)
    parties = _parties(uow, [row.party_id for row in answer["items"]])
    return answer | {"items": [_member_row(row, parties[row.party_id]) for row in answer["items"]]}


def get_member(uow: UnitOfWork, actor: Actor, pool_id: str, member_id: str) -> dict[str, Any]:
    return _member_view(uow, _member(uow, actor, pool_id, member_id))


def _members(uow: UnitOfWork, actor: Actor, pool_id: str) -> Select[Any]:
    own = select(PoolMember.id).where(
        PoolMember.pool_id == pool_id, PoolMember.party_id.in_(actor.party_ids()), is_member_on(uow.today)
    )
    takes_part = uow.execute(own.limit(1)).first() is not None
    statement = select(PoolMember) if takes_part else visible_members(actor)
    return statement.where(PoolMember.pool_id == pool_id)


def _member(uow: UnitOfWork, actor: Actor, pool_id: str, member_id: str, *, for_update: bool = False) -> PoolMember:
    # The pool is locked first, so that two changes at once cannot make memberships that overlap.
    pool = pool_for(uow, actor, pool_id, for_update=for_update)
    found: PoolMember | None = uow.session.scalars(
        _members(uow, actor, pool.id).where(PoolMember.id == member_id)
    ).one_or_none()
    if found is None:
        raise not_found()
    return found


def _check_term(uow: UnitOfWork, row: PoolMember) -> None:
    if row.valid_until is not None and row.valid_until < row.valid_from:
        raise invalid_field(
            "/validUntil",
            "end-before-start",
            "De laatste dag ligt voor de eerste.",
            "The last day lies before the first.",
        )
    same = select(PoolMember.id).where(
        PoolMember.pool_id == row.pool_id,
        PoolMember.party_id == row.party_id,
        PoolMember.id != row.id,
        or_(PoolMember.valid_until.is_(None), PoolMember.valid_until >= row.valid_from),
    )
    if row.valid_until is not None:
        same = same.where(PoolMember.valid_from <= row.valid_until)
    with uow.session.no_autoflush:
        existing = uow.session.execute(same.limit(1)).scalar()
    if existing is not None:
        raise conflict(
            "already-member",
            "Deze partij is in die tijd al lid van deze pool.",
            "This party is a member of this pool in that time already.",
            existing=f"/v1/mobility-pools/{row.pool_id}/members/{existing}",
        )


def _tell(uow: UnitOfWork, type: str, row: PoolMember) -> None:
    address = f"mobility-pools/{row.pool_id}/members/{row.id}"
    data = {"poolId": row.pool_id, "memberId": row.id, "partyId": row.party_id}
    publish(uow, type, address, row.version, [row.pool_id, row.party_id], data)


def _parties(uow: UnitOfWork, party_ids: list[str]) -> dict[str, Party]:
    return {party.id: party for party in uow.session.scalars(select(Party).where(Party.id.in_(party_ids)))}


def _member_view(uow: UnitOfWork, row: PoolMember) -> dict[str, Any]:
    return _member_row(row, uow.session.get_one(Party, row.party_id))


def _member_row(row: PoolMember, party: Party) -> dict[str, Any]:
    return {
        "id": row.id,
        "version": row.version,
        "pool_id": row.pool_id,
        "party_id": row.party_id,
        "kind": party.kind,
        "name": party.name,
        "valid_from": row.valid_from,
        "valid_until": row.valid_until,
    }
