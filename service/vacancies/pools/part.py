"""What the mobility pools add to the room."""

from __future__ import annotations

from service.access.rules import PartyKind
from service.kernel.room import Permission, Room
from service.vacancies.pools import operations
from service.vacancies.pools.models import MobilityPool, PoolMember
from service.vacancies.pools.routes import routes
from service.vacancies.rules import WORK_WITH_CANDIDATES

_KEEPERS = frozenset({PartyKind.DESK, PartyKind.OPERATOR})

PART = Room(
    name="vacancies.pools",
    routes=(routes,),
    permissions=(
        Permission(
            "pools:read",
            _KEEPERS | WORK_WITH_CANDIDATES | {PartyKind.EMPLOYER},
            "See mobility pools: members and the pool itself their own, UWV's side all",
        ),
        Permission("pools:write", _KEEPERS, "Create mobility pools and keep their members"),
    ),
    visible={
        MobilityPool: operations.visible_pools,
        PoolMember: operations.visible_members,
    },
)
