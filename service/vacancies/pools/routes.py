"""Mobility pools over HTTP."""

from __future__ import annotations

from typing import Any

from service.kernel.endpoints import Call, Routes
from service.vacancies.candidates.schemas import CandidatePage
from service.vacancies.pools import operations, sharing
from service.vacancies.pools.schemas import (
    MemberBody,
    MemberChange,
    MemberPage,
    MemberQuery,
    MemberView,
    OverviewView,
    PoolBody,
    PoolChange,
    PoolPage,
    PoolQuery,
    PoolView,
    SharedQuery,
    SharedVacancyPage,
)

routes = Routes("Mobility pools", "Employers and helpers of a region, looking together for the right place for people.")


@routes.get("/mobility-pools", scope="pools:read", query=PoolQuery, response=PoolPage, reading=True)
def list_mobility_pools(call: Call) -> Any:
    """The pools that you may see"""
    return operations.list_pools(call.uow, call.actor, call.query)


@routes.post(
    "/mobility-pools",
    scope="pools:write",
    body=PoolBody,
    response=PoolView,
    status=201,
    location="/mobility-pools/{id}",
)
def create_mobility_pool(call: Call) -> Any:
    """Create a pool, with the party for which its clients act"""
    return operations.create_pool(call.uow, call.actor, call.body)


@routes.get("/mobility-pools/{id}", scope="pools:read", response=PoolView, reading=True)
def get_mobility_pool(call: Call) -> Any:
    """One pool"""
    return operations.get_pool(call.uow, call.actor, call.id)


@routes.patch("/mobility-pools/{id}", scope="pools:write", body=PoolChange, response=PoolView)
def change_mobility_pool(call: Call) -> Any:
    """Change the name of a pool, its regions, and where it hears of vacancies"""
    return operations.change_pool(call.uow, call.actor, call.id, call.body, call.expected)


@routes.get("/mobility-pools/{id}/members", scope="pools:read", query=MemberQuery, response=MemberPage, reading=True)
def list_pool_members(call: Call) -> Any:
    """The members of a pool

    A member sees the others as long as it takes part, and afterwards only its own membership.
    """
    return operations.list_members(call.uow, call.actor, call.id, call.query)


@routes.post(
    "/mobility-pools/{id}/members",
    scope="pools:write",
    body=MemberBody,
    response=MemberView,
    status=201,
    location="/mobility-pools/{pool_id}/members/{id}",
)
def add_pool_member(call: Call) -> Any:
    """Make a party a member of a pool

    From then on the vacancies that an employer among the members opens go to the pool too.
    """
    return operations.add_member(call.uow, call.actor, call.id, call.body)


@routes.get("/mobility-pools/{id}/members/{memberId}", scope="pools:read", response=MemberView, reading=True)
def get_pool_member(call: Call) -> Any:
    """One membership"""
    return operations.get_member(call.uow, call.actor, call.id, call.path["memberId"])


@routes.patch("/mobility-pools/{id}/members/{memberId}", scope="pools:write", body=MemberChange, response=MemberView)
def change_pool_member(call: Call) -> Any:
    """Change the last day of a membership"""
    return operations.change_member(call.uow, call.actor, call.id, call.path["memberId"], call.body, call.expected)


@routes.delete("/mobility-pools/{id}/members/{memberId}", scope="pools:write", if_match=True)
def remove_pool_member(call: Call) -> Any:
    """End a membership: yesterday was its last day"""
    return operations.remove_member(call.uow, call.actor, call.id, call.path["memberId"], call.expected)


@routes.get(
    "/mobility-pools/{id}/vacancies",
    scope="vacancies:read",
    query=SharedQuery,
    response=SharedVacancyPage,
    reading=True,
)
def list_pool_vacancies(call: Call) -> Any:
    """The open vacancies of the employers among the members

    For the pool, and for who is a member today.
    """
    return sharing.list_shared_vacancies(call.uow, call.actor, call.id, call.query)


@routes.get("/mobility-pools/{id}/candidates", scope="candidates:read", query=SharedQuery, response=CandidatePage)
def list_pool_candidates(call: Call) -> Any:
    """The people who agreed to be shown in a pool

    For the pool, and for members who help people to work; never for employers. Place and time only as far as at least
    five of those shown there share them.
    """
    return sharing.list_shared_candidates(call.uow, call.actor, call.id, call.query)


@routes.get("/mobility-pools/{id}/overview", scope="pools:read", response=OverviewView, reading=True)
def get_pool_overview(call: Call) -> Any:
    """Counts of a pool: members, open vacancies, and people per group of occupations

    For members, employers too. A count of people below five is null.
    """
    return sharing.overview(call.uow, call.actor, call.id)
