"""Storing what an employer calls things in its files, and giving it to the import that reads one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Select, select

from service.access.actor import Actor
from service.access.rules import PartyKind
from service.employers.mappings.models import ImportMapping
from service.employers.mappings.rules import has_value, twice
from service.kernel.database import UnitOfWork
from service.kernel.imports.columns import PASSED_OVER, OwnNames, plain_heading
from service.kernel.imports.models import ImportJob
from service.kernel.problems import FieldError, invalid_input, not_found
from service.kernel.requests import NOT_THERE, Expected
from service.kernel.text import Text

_SEES_ALL: Final = (PartyKind.DESK, PartyKind.OPERATOR, PartyKind.SYSTEM)
_TWICE: Final = Text("Dit staat er twee keer in.", "This stands in it twice.")
_NO_NAME: Final = Text("Hier hoort minstens één letter of cijfer.", "This needs a letter or a digit.")
_NO_VALUE: Final = Text("Deze waarde kan die kolom niet hebben.", "That column cannot have this value.")


def visible_mappings(actor: Actor) -> Select[Any]:
    """An employer its own; the desk all, since it is called when a file does not fit."""
    statement = select(ImportMapping)
    if actor.kind in _SEES_ALL:
        return statement
    return statement.where(ImportMapping.employer_id.in_(actor.party_ids(PartyKind.EMPLOYER)))


def get_mapping(uow: UnitOfWork, actor: Actor, employer_id: str) -> dict[str, Any]:
    return _view(_mapping(uow, actor, employer_id))


def store_mapping(
    uow: UnitOfWork, actor: Actor, employer_id: str, data: Mapping[str, Any], expected: Expected
) -> dict[str, Any]:
    """The whole of it; what was there before goes. Files that are being worked off go on with what they began with."""
    if employer_id not in actor.party_ids(PartyKind.EMPLOYER):
        raise not_found()
    row = uow.session.get(ImportMapping, employer_id, with_for_update=True)
    expected.check(NOT_THERE if row is None else row.version)
    errors = _errors(data)
    if errors:
        raise invalid_input(errors)
    if row is None:
        row = ImportMapping(employer_id=employer_id)
        uow.add(row)
    row.columns = [{"heading": each["heading"], "column": each["column"]} for each in data["columns"]]
    row.words = [dict(each) for each in data["words"]]
    row.changed_at = uow.now
    uow.flush()
    return _view(row)


def forget_mapping(uow: UnitOfWork, actor: Actor, employer_id: str, expected: Expected) -> None:
    row = _mapping(uow, actor, employer_id, for_update=True)
    expected.check(row.version)
    uow.session.delete(row)
    uow.flush()


def own_names(uow: UnitOfWork, job: ImportJob) -> OwnNames:
    """For `ImportKind.headings`: what the employer whose file this is calls things. Without a mapping nothing, but
    where one can be stored."""
    row = uow.session.get(ImportMapping, job.party_id)
    headings: dict[str, str] = {}
    words: dict[str, dict[str, str]] = {}
    if row is not None:
        headings = {each["heading"]: each["column"] or PASSED_OVER for each in row.columns}
        for each in row.words:
            words.setdefault(each["column"], {})[each["text"]] = each["value"]
    return OwnNames(headings, words, f"/v1/employers/{job.party_id}/import-mapping")


def _mapping(uow: UnitOfWork, actor: Actor, employer_id: str, *, for_update: bool = False) -> ImportMapping:
    statement = visible_mappings(actor).where(ImportMapping.employer_id == employer_id)
    row: ImportMapping | None = uow.session.scalars(
        statement.with_for_update() if for_update else statement
    ).one_or_none()
    if row is None:
        raise not_found()
    return row


def _errors(data: Mapping[str, Any]) -> list[FieldError]:
    headings = [plain_heading(each["heading"]) for each in data["columns"]]
    words = [(each["column"], each["text"].casefold()) for each in data["words"]]
    return [
        *(FieldError("blank", _NO_NAME, f"/columns/{at}/heading") for at, each in enumerate(headings) if not each),
        *(FieldError("named-twice", _TWICE, f"/columns/{at}/heading") for at in twice(headings) if headings[at]),
        *(FieldError("named-twice", _TWICE, f"/words/{at}/text") for at in twice(words)),
        *(
            FieldError("not-a-value", _NO_VALUE, f"/words/{at}/value")
            for at, each in enumerate(data["words"])
            if not has_value(each["column"], each["value"])
        ),
    ]


def _view(row: ImportMapping) -> dict[str, Any]:
    return {"version": row.version, "columns": row.columns, "words": row.words, "changed_at": row.changed_at}
