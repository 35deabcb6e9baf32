"""Who acts, for whom, and the line that each look at a person leaves behind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, cast

import uuid_utils
from sqlalchemy import Cast as SqlCast
from sqlalchemy import String, Table, bindparam, column, func, insert, select
from sqlalchemy.dialects.postgresql import ARRAY

from service.access.models import AccessEntry
from service.access.rules import PartyKind, Purpose
from service.kernel.database import Id, UnitOfWork
from service.kernel.ids import new_id
from service.kernel.prepared import Prepared
from service.kernel.problems import forbidden

NOBODY: Final = "00000000-0000-0000-0000-000000000000"
"""Stands where there is no person, or no reader: what was written for somebody is written for nobody as well, so that
neither time nor size tells the two apart."""


@dataclass(frozen=True, slots=True)
class ActingParty:
    """A party for which the caller may act. `region_code` only for a WSP."""

    id: str
    kind: PartyKind
    name: str
    region_code: str | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """The caller of an operation: a client, its own party, and all parties for which it may act (its own first)."""

    client_id: str
    parties: tuple[ActingParty, ...]
    scopes: frozenset[str]
    because: str = ""

    @property
    def kind(self) -> PartyKind:
        return self.parties[0].kind

    @property
    def party(self) -> ActingParty:
        return self.parties[0]

    @property
    def is_uwv_side(self) -> bool:
        """UWV's own people and the desk, who may know that somebody is a client."""
        return self.kind in (PartyKind.UWV, PartyKind.DESK, PartyKind.SYSTEM)

    def party_ids(self, *kinds: PartyKind) -> list[str]:
        """The ids of the parties of these kinds (all kinds when none is named) for which the caller acts."""
        return [party.id for party in self.parties if not kinds or party.kind in kinds]

    def region_codes(self) -> list[str]:
        return [party.region_code for party in self.parties if party.region_code is not None]

    def acts_for(self, party_id: str) -> bool:
        return any(party.id == party_id for party in self.parties)

    def require(self, *kinds: PartyKind) -> None:
        """Raises 403 unless the caller is of one of these kinds."""
        if self.kind not in kinds:
            raise forbidden("Uw soort partij mag dit niet.", "Your kind of party may not do this.")

    def as_system(self, because: str) -> Actor:
        """The house itself, on behalf of this caller, who stays known to the access log."""
        return replace(self, parties=(_HOUSE, *self.parties), scopes=frozenset(), because=because)


_HOUSE = ActingParty(NOBODY, PartyKind.SYSTEM, "Servicepunt")


def system(because: str) -> Actor:
    """The house itself, at work by the clock or on an event."""
    return Actor("system", (_HOUSE,), frozenset(), because)


_PURPOSES: Final = {each.value: each for each in Purpose}
_ENTRY: Final = cast(Table, AccessEntry.__table__)
_ENTER: Final = Prepared(insert(_ENTRY))


def _enter_many() -> Prepared:
    """For PostgreSQL: what differs comes as arrays, since each row of an INSERT of its own costs a round trip."""
    arrays = {"id": ("ids", Id), "person_id": ("people", Id), "resource": ("resources", String())}
    given = [SqlCast(bindparam(name, type_=ARRAY(String())), ARRAY(kind)) for name, kind in arrays.values()]
    rows = func.unnest(*given).table_valued(*(column(name, kind) for name, (_, kind) in arrays.items()), name="looks")
    columns = [each for each in _ENTRY.c if each.name not in arrays]
    fixed = [SqlCast(bindparam(each.name, type_=each.type), each.type) for each in columns]
    names = [*arrays, *(each.name for each in columns)]
    return Prepared(insert(_ENTRY).from_select(names, select(*rows.render_derived().c, *fixed)))


_ENTER_MANY: Final = _enter_many()


def log_access(
    uow: UnitOfWork, actor: Actor, purpose: Purpose, action: str, person_ids: Iterable[str], resource: str
) -> None:
    """Notes that `actor` saw or changed data of these people; written in the same transaction, just before its end.

    `action` is a verb of the room ("contact.read"), `resource` the address of what was seen ("employments/…").
    """
    for person_id in person_ids:
        entry = {
            "client_id": actor.client_id,
            "party_id": actor.party.id,
            "purpose": purpose.value,
            "action": action,
            "person_id": person_id,
            "resource": resource,
            "because": actor.because,
        }
        uow.note("access", entry, _write)


def log_looks(uow: UnitOfWork, actor: Actor, purpose: Purpose, action: str, looks: Sequence[tuple[str, str]]) -> None:
    """The same for many people at once: each with the address of what was seen. Written now, by one statement.

    Not for requests that can be repeated by an Idempotency-Key. The ids of people are as the database keeps them.
    """
    if not looks:
        return
    shared = {
        "at": uow.now,
        "client_id": actor.client_id,
        "party_id": actor.party.id,
        "purpose": purpose,
        "action": action,
        "because": actor.because,
        "trace_id": uow.trace_id,
    }
    uow.flush()
    if uow.is_sqlite:
        rows = [(uuid_utils.uuid7().hex, person_id, resource) for person_id, resource in looks]
        _ENTER.spread(uow.driver, shared, ("id", "person_id", "resource"), rows)
        return
    people, resources = zip(*looks, strict=True)
    uow.write(
        _ENTER_MANY,
        shared | {"ids": [new_id() for _ in looks], "people": list(people), "resources": list(resources)},
    )


def log_many(uow: UnitOfWork, actor: Actor, purpose: Purpose, action: str, looks: Sequence[tuple[str, str]]) -> None:
    """The same as `log_looks`, with the ids of people as we hand them out."""
    if uow.is_sqlite:
        looks = [(person_id.replace("-", ""), resource) for person_id, resource in looks]
    log_looks(uow, actor, purpose, action, looks)


def log_replay(uow: UnitOfWork, notes: Mapping[str, list[Any]]) -> None:
    """A stored answer was given again: so was the look at the people in it."""
    for entry in notes.get("access", []):
        uow.note("access", entry | {"because": "replay"}, _write)


def _write(uow: UnitOfWork) -> None:
    shared = {"at": uow.now, "trace_id": uow.trace_id}
    rows = [
        {"id": new_id(), **entry, "purpose": _PURPOSES[entry["purpose"]], **shared} for entry in uow.notes["access"]
    ]
    uow.write(_ENTER, rows)
