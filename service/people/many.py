"""Finding, completing and taking in many people at once, as UWV's side or an employer names them in a file."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple, cast

from sqlalchemy import Table, bindparam, select, update

from service.kernel.among import among
from service.kernel.database import UnitOfWork
from service.kernel.ids import new_id
from service.kernel.prepared import Prepared, with_dashes
from service.people.models import IndexKind, Person, PersonIndex
from service.people.operations import Identity, NewPerson, Number, create_if_new, index, sealed

_PERSON: Final = cast(Table, Person.__table__)
_INDEX: Final = cast(Table, PersonIndex.__table__)
_COMPLETED: Final = ("bsn", "name", "email")

_OWNERS: Final = Prepared(
    select(_INDEX.c.hash, _INDEX.c.person_id).where(
        _INDEX.c.kind == bindparam("kind", type_=_INDEX.c.kind.type),
        _INDEX.c.key_id == bindparam("key_id", type_=_INDEX.c.key_id.type),
        among(_INDEX.c.hash, "hashes"),
    )
)
_KNOWN: Final = Prepared(
    select(
        _PERSON.c.id,
        _PERSON.c.is_client,
        _PERSON.c.postcode4,
        *(_PERSON.c[name].is_(None).label(name) for name in _COMPLETED),
    ).where(among(_PERSON.c.id, "people"))
)


class Known(NamedTuple):
    """Whose number it is (None: nobody's), and its newest hash."""

    person_id: str | None
    hash: bytes

    @property
    def key(self) -> str:
        """An id that stands for the number and tells nothing of it."""
        return with_dashes(self.hash[:16].hex())


def find_many(uow: UnitOfWork, numbers: Iterable[Number]) -> dict[Number, Known]:
    """Whose these BSNs and client numbers are."""
    wanted = list(numbers)
    found: dict[Number, Known] = {}
    for kind in IndexKind:
        values = [value for of, value in wanted if of is kind]
        if not values:
            continue
        hashes = uow.vault.look_up_many(kind, values)
        owners = _owners(uow, kind, values, hashes)
        for value, one in zip(values, hashes[uow.vault.newest], strict=True):
            found[kind, value] = Known(owners.get(value), one)
    return found


def _owners(
    uow: UnitOfWork, kind: IndexKind, values: Sequence[str], hashes: Mapping[str, Sequence[bytes]]
) -> dict[str, str]:
    """Whose these numbers are, of those that are somebody's. `hashes` are theirs, for each key."""
    owners: dict[str, str] = {}
    for key_id, hashed in hashes.items():
        rows = uow.find(_OWNERS, {"kind": kind, "key_id": key_id, "hashes": hashed})
        by_hash = {row.hash: row.person_id for row in rows}
        for value, one in zip(values, hashed, strict=True) if by_hash else ():
            if one in by_hash:
                owners.setdefault(value, by_hash[one])
    return owners


def with_bsn(uow: UnitOfWork, person_ids: Collection[str]) -> set[str]:
    """Those of these people whose BSN is known."""
    known = select(Person.id).where(uow.among(Person.id, person_ids), Person.bsn.is_not(None))
    return set(uow.execute(known).scalars()) if person_ids else set()


def complete_many(
    uow: UnitOfWork,
    known: Mapping[str, Identity],
    new_numbers: Mapping[str, Sequence[Number]],
    *,
    dry_run: bool = False,
) -> set[str]:
    """UWV's side names these people: adds what was missing, overwrites nothing but the area in which they live, and
    says of whom there was something to write. `new_numbers` are those that nobody has yet, by whose they are. In a dry
    run it only says so."""
    if not known:
        return set()
    changed = set(new_numbers)
    updates: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row in uow.find(_KNOWN, {"people": list(known)}):
        identity = known[row.id]
        added = {}
        if row.bsn or row.name or row.email:
            added = {each: getattr(identity, each) for each in _COMPLETED if getattr(row, each)}
            added = {each: value for each, value in added.items() if value}
        moved = identity.postcode4 not in (None, row.postcode4)
        if added or moved or not row.is_client:
            changed.add(row.id)
            new: dict[str, Any] = {f"new_{name}": sealed(uow, name, row.id, value) for name, value in added.items()}
            if moved:
                new["new_postcode4"] = identity.postcode4
            updates.setdefault(tuple(new), []).append({"person": row.id, **new})
    if dry_run:
        return changed
    for names, rows in updates.items():
        values: dict[str, Any] = {name.removeprefix("new_"): bindparam(name) for name in names}
        statement = update(_PERSON).where(_PERSON.c.id == bindparam("person")).values(is_client=True, **values)
        uow.execute(statement, rows)
    index(uow, new_numbers)
    return changed


def take_in_many(uow: UnitOfWork, identities: Sequence[Identity], *, dry_run: bool = False) -> list[str]:
    """The people whom an employer sends, in their order, made where nobody has the BSN. For a dry run the same is asked
    and nothing written: who is new gets an id that stays with nobody.

    Whoever they are, the same statements run, for as many rows: see `operations.take_in`. Where somebody else sends one
    of them at this moment and comes first, the database refuses the number, and all is to be done anew.
    """
    bsns = list(dict.fromkeys(each.bsn for each in identities if each.bsn is not None))
    hashes = uow.vault.look_up_many(IndexKind.BSN, bsns)
    owners = _owners(uow, IndexKind.BSN, bsns, hashes) if bsns else {}
    settled: dict[str, str] = {}
    ids: list[str] = []
    new: list[NewPerson] = []
    for identity in identities:
        bsn = identity.bsn
        if bsn is not None and bsn in settled:
            ids.append(settled[bsn])
            continue
        person_id = new_id()
        known = None if bsn is None else owners.get(bsn)
        if bsn is not None:
            settled[bsn] = known or person_id
        new.append(NewPerson(person_id, identity, known is None))
        ids.append(known or person_id)
    if not dry_run:
        create_if_new(uow, new, hashes)
    return ids
