"""Finding and completing many people at once, as UWV's side names them in a file."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, cast
from uuid import UUID

from sqlalchemy import Table, bindparam, select, update

from service.kernel.database import UnitOfWork
from service.people.models import IndexKind, Person, PersonIndex
from service.people.operations import Identity, Number, index, sealed


class Known(NamedTuple):
    """Whose number it is (None: nobody's), and a key that stands for the number and tells nothing of it."""

    person_id: str | None
    key: str


def find_many(uow: UnitOfWork, numbers: Iterable[Number]) -> dict[Number, Known]:
    """Whose these BSNs and client numbers are."""
    hashes = {number: uow.vault.look_up_hashes(number[0].value, number[1]) for number in numbers}
    found = {}
    for kind in IndexKind:
        wanted = [each for (of, _), each in hashes.items() if of is kind]
        owners = _owners(uow, kind, wanted)
        for number, each in hashes.items():
            if number[0] is kind:
                owner = next((owners[one] for one in each.items() if one in owners), None)
                found[number] = Known(owner, str(UUID(bytes=each[uow.vault.newest][:16])))
    return found


def _owners(uow: UnitOfWork, kind: IndexKind, hashes: Sequence[Mapping[str, bytes]]) -> dict[tuple[str, bytes], str]:
    if not hashes:
        return {}
    wanted = select(PersonIndex.key_id, PersonIndex.hash, PersonIndex.person_id).where(
        PersonIndex.kind == kind,
        PersonIndex.key_id.in_(list(hashes[0])),
        uow.among(PersonIndex.hash, [one for each in hashes for one in each.values()]),
    )
    return {(row.key_id, bytes(row.hash)): row.person_id for row in uow.execute(wanted)}


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
    columns = ("bsn", "name", "email")
    wanted = select(
        Person.id,
        Person.is_client,
        Person.postcode4,
        *(getattr(Person, name).is_(None).label(name) for name in columns),
    )
    changed = set(new_numbers)
    updates: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row in uow.execute(wanted.where(uow.among(Person.id, known))):
        identity = known[row.id]
        added = {name: getattr(identity, name) for name in columns if getattr(row, name) and getattr(identity, name)}
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
        table = cast(Table, Person.__table__)
        statement = update(table).where(table.c.id == bindparam("person")).values(is_client=True, **values)
        uow.execute(statement, rows)
    index(uow, new_numbers)
    return changed
