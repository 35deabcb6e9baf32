"""Finding and keeping people. The only room with a BSN: what leaves it is an id, and a name to who may read it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, cast

from sqlalchemy import (
    Boolean,
    Cast,
    NestedTransaction,
    String,
    Table,
    Uuid,
    and_,
    bindparam,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    true,
    update,
)
from sqlalchemy import column as sql_column
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.exc import IntegrityError

from service.kernel.among import among
from service.kernel.chunks import chunks
from service.kernel.database import Base, UnitOfWork
from service.kernel.ids import new_id
from service.kernel.prepared import Prepared
from service.people.models import IndexKind, Person, PersonIndex


@dataclass(frozen=True, slots=True)
class Identity:
    """What identifies somebody, as given by an employer or by UWV's side. Each part may be unknown."""

    bsn: str | None = None
    name: str | None = None
    email: str | None = None
    client_number: str | None = None
    postcode4: str | None = None


Number = tuple[IndexKind, str]
_PEOPLE: Final = cast(Table, Person.__table__)
_PERSON: Final = Prepared(insert(_PEOPLE))
_REACHABLE: Final = Prepared(select(_PEOPLE.c.id).where(among(_PEOPLE.c.id, "people"), _PEOPLE.c.email.is_not(None)))
_INDEX: Final = Prepared(insert(cast(Table, PersonIndex.__table__)))


def _if_new(model: type[Base], names: Sequence[str], insert_into: Any = insert) -> Any:
    """An insert of one row that `is_new` lets through, or holds back."""
    columns = cast(Table, model.__table__).c
    values = [bindparam(name, type_=columns[name].type).label(name) for name in names]
    return insert_into(model.__table__).from_select(
        names, select(*values).where(bindparam("is_new", type_=Boolean).is_(true()))
    )


_PERSON_IF_NEW: Final = Prepared(
    _if_new(Person, ("id", "bsn", "name", "email", "postcode4", "is_client", "created_at"))
)
_ENTRY: Final = ("kind", "key_id", "hash", "person_id")
_ENTRY_IF_NEW: Final = {
    True: Prepared(_if_new(PersonIndex, _ENTRY, sqlite.insert).on_conflict_do_nothing()),
    False: Prepared(_if_new(PersonIndex, _ENTRY, postgresql.insert).on_conflict_do_nothing()),
}


def _many_if_new(model: type[Base], varying: Sequence[str], fixed: Sequence[str]) -> Prepared:
    """The same for many rows in one statement (PostgreSQL): what differs comes in arrays, `is_new` among them."""
    table = cast(Table, model.__table__)
    columns = table.c
    kinds = [*((name, columns[name].type) for name in varying), ("is_new", Boolean())]
    # An id goes in as text.
    given = [
        Cast(bindparam(name, type_=ARRAY(String() if isinstance(kind, Uuid) else kind)), ARRAY(kind))
        for name, kind in kinds
    ]
    rows = (
        func.unnest(*given)
        .table_valued(*(sql_column(name, kind) for name, kind in kinds), name="given")
        .render_derived()
    )
    values = [Cast(bindparam(name, type_=columns[name].type), columns[name].type) for name in fixed]
    wanted = select(*(rows.c[name] for name in varying), *values)
    return Prepared(insert(table).from_select([*varying, *fixed], wanted.where(rows.c.is_new)))


_PEOPLE_IF_NEW: Final = _many_if_new(Person, ("id", "bsn", "name"), ("is_client", "created_at"))
_ENTRIES_IF_NEW: Final = _many_if_new(PersonIndex, ("hash", "person_id"), ("kind", "key_id"))


def find(uow: UnitOfWork, kind: IndexKind, value: str) -> str | None:
    """The id of the person with this BSN or client number."""
    hashes = uow.vault.look_up_hashes(kind.value, value)
    wanted = or_(*(and_(PersonIndex.key_id == key_id, PersonIndex.hash == found) for key_id, found in hashes.items()))
    return uow.execute(select(PersonIndex.person_id).where(PersonIndex.kind == kind, wanted)).scalar()


def find_or_create(uow: UnitOfWork, identity: Identity, *, is_client: bool = False) -> str:
    """The person with this BSN or client number, made when nobody has it. What is known is never overwritten."""
    person_id = _find_any(uow, identity)
    if person_id is None:
        try:
            with _savepoint(uow):
                return create_many(uow, [identity], is_client=is_client)[0]
        except IntegrityError:
            # Somebody else sent the same person at this moment, and came first.
            person_id = _find_any(uow, identity)
            if person_id is None:
                raise
    if is_client:
        _complete(uow, person_id, identity)
    return person_id


def take_in(uow: UnitOfWork, identity: Identity) -> str:
    """The person whom an employer sends, made when nobody has the BSN.

    Whoever it is, the same statements run, for somebody who is known without a row: else the time that an answer takes
    would tell the employer whom others, UWV among them, know.
    """
    known = _find_any(uow, identity)
    person_id = new_id()
    row = _row(uow, person_id, identity, is_client=False)
    entries = [entry for kind, value in _numbers(identity) for entry in _index_entries(uow, person_id, kind, value)]
    uow.write(_PERSON_IF_NEW, row | {"is_new": known is None})
    if entries:
        uow.write(_ENTRY_IF_NEW[uow.is_sqlite], [entry | {"is_new": known is None} for entry in entries])
    settled = _find_any(uow, identity) or person_id
    if known is None and settled != person_id:
        # Somebody else sent the same person at this moment, and came first.
        uow.execute(delete(Person).where(Person.id == person_id))
    return settled


class NewPerson(NamedTuple):
    """Somebody who is to be made if `is_new`, and for whom the same is sent to the database if not."""

    id: str
    identity: Identity
    is_new: bool


def create_if_new(uow: UnitOfWork, people: Sequence[NewPerson], hashes: Mapping[str, list[bytes]]) -> None:
    """Makes those who are new, and lets nobody see how many of them there are. Of an identity only BSN and name.

    `hashes` are those of the BSNs, for each key, in the order of the people who have one.
    """
    bsns = uow.vault.seal_many("person", "bsn", [(each.id, each.identity.bsn) for each in people])
    names = uow.vault.seal_many("person", "name", [(each.id, each.identity.name) for each in people])
    if uow.is_sqlite:
        shared = {"email": None, "postcode4": None, "is_client": False, "created_at": uow.now}
        rows = [
            {"id": each.id, "bsn": bsn, "name": name, "is_new": each.is_new, **shared}
            for each, bsn, name in zip(people, bsns, names, strict=True)
        ]
        uow.write(_PERSON_IF_NEW, rows)
    else:
        arrays: dict[str, list[Any]] = {"id": [each.id for each in people], "bsn": bsns, "name": names}
        arrays["is_new"] = [each.is_new for each in people]
        uow.write(_PEOPLE_IF_NEW, arrays | {"is_client": False, "created_at": uow.now})
    numbered = [each for each in people if each.identity.bsn is not None]
    if not numbered:
        return
    kind = IndexKind.BSN
    for key_id, hashed in hashes.items():
        if uow.is_sqlite:
            rows = [
                {"kind": kind, "key_id": key_id, "hash": one, "person_id": each.id, "is_new": each.is_new}
                for each, one in zip(numbered, hashed, strict=True)
            ]
            uow.write(_ENTRY_IF_NEW[True], rows)
        else:
            arrays = {"hash": hashed, "person_id": [each.id for each in numbered]}
            arrays["is_new"] = [each.is_new for each in numbered]
            uow.write(_ENTRIES_IF_NEW, arrays | {"kind": kind, "key_id": key_id})


def _find_any(uow: UnitOfWork, identity: Identity) -> str | None:
    for kind, value in _numbers(identity):
        if (person_id := find(uow, kind, value)) is not None:
            return person_id
    return None


def _numbers(identity: Identity) -> list[tuple[IndexKind, str]]:
    """What a person is found by, surest first."""
    known = ((IndexKind.BSN, identity.bsn), (IndexKind.CLIENT_NUMBER, identity.client_number))
    return [(kind, value) for kind, value in known if value is not None]


def _savepoint(uow: UnitOfWork) -> NestedTransaction:
    """A part that may fail without the rest. What the session holds back belongs to the rest."""
    uow.flush()
    return uow.connection.begin_nested()


def create_many(uow: UnitOfWork, identities: Sequence[Identity], *, is_client: bool = False) -> list[str]:
    """New people, in one statement. The caller knows that none of them is there yet."""
    ids = [new_id() for _ in identities]
    rows = [
        _row(uow, person_id, identity, is_client=is_client) for person_id, identity in zip(ids, identities, strict=True)
    ]
    if rows:
        uow.write(_PERSON, rows)
    index(uow, {person_id: _numbers(identity) for person_id, identity in zip(ids, identities, strict=True)})
    return ids


def index(uow: UnitOfWork, numbers: Mapping[str, Sequence[Number]]) -> None:
    """Lets these people be found by these numbers, which are nobody's yet."""
    entries = []
    for kind in IndexKind:
        owned = [(person_id, value) for person_id, some in numbers.items() for of, value in some if of is kind]
        for key_id, hashes in uow.vault.look_up_many(kind, [value for _, value in owned]).items():
            entries += [
                {"kind": kind, "key_id": key_id, "hash": hashed, "person_id": person_id}
                for (person_id, _), hashed in zip(owned, hashes, strict=True)
            ]
    if entries:
        uow.write(_INDEX, entries)


def _row(uow: UnitOfWork, person_id: str, identity: Identity, *, is_client: bool) -> dict[str, object]:
    return {
        "id": person_id,
        "bsn": sealed(uow, "bsn", person_id, identity.bsn),
        "name": sealed(uow, "name", person_id, identity.name),
        "email": sealed(uow, "email", person_id, identity.email),
        "postcode4": identity.postcode4,
        "is_client": is_client,
        "created_at": uow.now,
        "erased_at": None,
    }


def names_of(uow: UnitOfWork, person_ids: Iterable[str]) -> dict[str, str]:
    """The names that are known, by person."""
    return _opened(uow, "name", person_ids)


def name_of(uow: UnitOfWork, person_id: str) -> str | None:
    return names_of(uow, [person_id]).get(person_id)


def email_of(uow: UnitOfWork, person_id: str) -> str | None:
    return _opened(uow, "email", [person_id]).get(person_id)


def with_email(uow: UnitOfWork, person_ids: Sequence[str]) -> set[str]:
    """Those of these people to whom a mail can be sent."""
    return {row.id for row in uow.find(_REACHABLE, {"people": person_ids})}


def lock(uow: UnitOfWork, person_ids: Iterable[str]) -> None:
    """Lets nobody else change who answers for these people until the end of the transaction.

    Always in the same order, so that two who lock many wait for each other instead of both giving up. On SQLite
    nobody else writes in the meantime anyway.
    """
    if uow.is_sqlite:
        return
    for some in chunks(sorted(set(person_ids))):
        wanted = select(literal(1)).where(Person.id.in_(some)).order_by(Person.id)
        uow.execute(wanted.with_for_update(key_share=True)).all()


def is_client(uow: UnitOfWork, person_id: str) -> bool:
    """Whether UWV's side knows this person."""
    return bool(uow.execute(select(Person.is_client).where(Person.id == person_id)).scalar())


def is_known(uow: UnitOfWork, person_id: str) -> bool:
    """Whether it is certain who this is: by a BSN or client number, or since UWV's side works with this person."""
    numbers = select(PersonIndex.person_id).where(PersonIndex.person_id == person_id).limit(1)
    return is_client(uow, person_id) or uow.execute(numbers).first() is not None


def export(uow: UnitOfWork, person_id: str) -> dict[str, str]:
    """Everything that this room knows of a person, for the person."""
    opened = {
        column: values[person_id]
        for column in ("bsn", "name", "email")
        if person_id in (values := _opened(uow, column, [person_id]))
    }
    postcode4 = uow.execute(select(Person.postcode4).where(Person.id == person_id)).scalar()
    return opened if postcode4 is None else opened | {"postcode4": postcode4}


def erase(uow: UnitOfWork, person_id: str) -> None:
    """Takes away all that identifies a person. The row stays, so that what refers to it keeps its meaning."""
    erase_many(uow, [person_id])


def erase_many(uow: UnitOfWork, person_ids: Sequence[str]) -> None:
    """The same for several people."""
    uow.execute(delete(PersonIndex).where(uow.among(PersonIndex.person_id, person_ids)))
    uow.execute(
        update(Person)
        .where(uow.among(Person.id, person_ids))
        .values(bsn=None, name=None, email=None, postcode4=None, is_client=False, erased_at=uow.now)
    )


def _opened(uow: UnitOfWork, column: str, person_ids: Iterable[str]) -> dict[str, str]:
    value = getattr(Person, column)
    wanted = select(Person.id, value.label("sealed")).where(Person.id.in_(list(person_ids)), value.is_not(None))
    rows = uow.execute(wanted).all()
    return {row.id: uow.vault.open("person", column, row.id, row.sealed) for row in rows}


def sealed(uow: UnitOfWork, column: str, person_id: str, value: str | None) -> bytes | None:
    """A value as it stands in this column of this person's row."""
    return None if value is None else uow.vault.seal("person", column, person_id, value)


def _index_entries(uow: UnitOfWork, person_id: str, kind: IndexKind, value: str) -> list[dict[str, object]]:
    return [
        {"kind": kind, "key_id": key_id, "hash": found, "person_id": person_id}
        for key_id, found in uow.vault.look_up_hashes(kind.value, value).items()
    ]


def _complete(uow: UnitOfWork, person_id: str, identity: Identity) -> None:
    """UWV's side names somebody whom an employer sent before: add what was missing."""
    person = uow.session.get_one(Person, person_id, with_for_update=True)
    person.is_client = True
    for column in ("bsn", "name", "email"):
        value = getattr(identity, column)
        if getattr(person, column) is None and value is not None:
            setattr(person, column, sealed(uow, column, person_id, value))
    if identity.postcode4 is not None:
        person.postcode4 = identity.postcode4
    for kind, value in _numbers(identity):
        if find(uow, kind, value) is None:
            # Where somebody else gives the number to another person at this moment, it stays with the first.
            with suppress(IntegrityError), _savepoint(uow):
                uow.execute(insert(PersonIndex), _index_entries(uow, person_id, kind, value))
