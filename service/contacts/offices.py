"""UWV's offices and caseworkers, and when they are away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select, false, select

from service.access.actor import Actor
from service.access.rules import PartyKind
from service.contacts.fixed.telling import caseworker_changed
from service.contacts.models import Absence, Caseworker, Office, Team
from service.contacts.rules import told_too_late
from service.contacts.telling import people_of_caseworker, people_of_team, tell
from service.kernel.database import UnitOfWork
from service.kernel.ids import new_id
from service.kernel.paging import page
from service.kernel.problems import FieldError, conflict, invalid_input, not_found, unknown_reference
from service.kernel.requests import Expected
from service.kernel.text import Text


def visible_offices(actor: Actor) -> Select[Any]:
    """UWV's side sees how it is organised; others see the contact answer."""
    return select(Office) if actor.is_uwv_side else select(Office).where(false())


def visible_teams(actor: Actor) -> Select[Any]:
    return select(Team) if actor.is_uwv_side else select(Team).where(false())


def visible_caseworkers(actor: Actor) -> Select[Any]:
    return select(Caseworker) if actor.is_uwv_side else select(Caseworker).where(false())


def visible_absences(actor: Actor) -> Select[Any]:
    return select(Absence) if actor.is_uwv_side else select(Absence).where(false())


# --- Offices ----------------------------------------------------------------------------------------------------


_OFFICE_FIELDS = ("name", "region_code", "organisation", "phone", "email")


def list_offices(uow: UnitOfWork, actor: Actor, query: Mapping[str, Any]) -> dict[str, Any]:
    statement = visible_offices(actor)
    if "region_code" in query:
        statement = statement.where(Office.region_code == query["region_code"])
    return page(uow, statement, (Office.id,), query, _office_view)


def get_office(uow: UnitOfWork, actor: Actor, office_id: str) -> dict[str, Any]:
    return _office_view(_office(uow, actor, office_id))


def register_office(uow: UnitOfWork, actor: Actor, data: Mapping[str, Any]) -> dict[str, Any]:
    actor.require(PartyKind.UWV)
    row = Office(id=new_id(), **data)
    uow.add(row)
    uow.flush()
    return _office_view(row)


def change_office(
    uow: UnitOfWork, actor: Actor, office_id: str, data: Mapping[str, Any], expected: Expected
) -> dict[str, Any]:
    actor.require(PartyKind.UWV)
    row = _office(uow, actor, office_id, for_update=True)
    expected.check(row.version)
    for name, value in data.items():
        setattr(row, name, value)
    uow.flush()
    return _office_view(row)


def _office(uow: UnitOfWork, actor: Actor, office_id: str, *, for_update: bool = False) -> Office:
    statement = visible_offices(actor).where(Office.id == office_id)
    if for_update:
        statement = statement.with_for_update()
    row: Office | None = uow.session.scalars(statement).one_or_none()
    if row is None:
        raise not_found()
    return row


def _office_view(row: Office) -> dict[str, Any]:
    own = {name: getattr(row, name) for name in ("id", "version", *_OFFICE_FIELDS)}
    return own | {"teams": [_team_view(team) for team in row.teams]}


# --- Teams ------------------------------------------------------------------------------------------------------

_TEAM_FIELDS = ("name", "phone", "email", "active")


def add_team(uow: UnitOfWork, actor: Actor, office_id: str, data: Mapping[str, Any]) -> dict[str, Any]:
    actor.require(PartyKind.UWV)
    row = Team(id=new_id(), office_id=_office(uow, actor, office_id).id, **data)
    uow.add(row)
    uow.flush()
    return _team_view(row)


def list_teams(uow: UnitOfWork, actor: Actor, office_id: str, query: Mapping[str, Any]) -> dict[str, Any]:
    statement = visible_teams(actor).where(Team.office_id == _office(uow, actor, office_id).id)
    if "active" in query:
        statement = statement.where(Team.active == query["active"])
    return page(uow, statement, (Team.id,), query, _team_view)


def get_team(uow: UnitOfWork, actor: Actor, office_id: str, team_id: str) -> dict[str, Any]:
    return _team_view(_team(uow, actor, office_id, team_id))


def change_team(
    uow: UnitOfWork, actor: Actor, office_id: str, team_id: str, data: Mapping[str, Any], expected: Expected
) -> dict[str, Any]:
    """Raises 409 `team-in-use` where it is to become inactive while it still leads to somebody."""
    actor.require(PartyKind.UWV)
    row = _team(uow, actor, office_id, team_id, for_update=True)
    expected.check(row.version)
    if row.active and not data.get("active", True) and _in_use(uow, row.id):
        raise conflict(
            "team-in-use",
            "Er zijn nog mensen of medewerkers bij dit team. Wijs hen eerst ergens anders toe.",
            "There are people or caseworkers with this team still. Assign them elsewhere first.",
        )
    for name, value in data.items():
        setattr(row, name, value)
    uow.flush()
    tell(uow, people_of_team(uow, row.id))
    return _team_view(row)


def active_team(uow: UnitOfWork, team_id: str) -> Team | None:
    """The team, unless it does not exist or is no more. It stays active until the transaction ends."""
    # Locked against its change only: many can be assigned to one team at once.
    wanted = select(Team).where(Team.id == team_id, Team.active).with_for_update(read=True, key_share=True)
    return uow.session.scalars(wanted).one_or_none()


def _in_use(uow: UnitOfWork, team_id: str) -> bool:
    """Whether an assignment in force or to come leads to the team, or an active caseworker is in it."""
    works_there = select(Caseworker.id).where(Caseworker.team_id == team_id, Caseworker.active)
    return bool(people_of_team(uow, team_id)) or uow.session.scalar(works_there.limit(1)) is not None


def _team(uow: UnitOfWork, actor: Actor, office_id: str, team_id: str, *, for_update: bool = False) -> Team:
    statement = visible_teams(actor).where(Team.id == team_id, Team.office_id == office_id)
    if for_update:
        statement = statement.with_for_update()
    row: Team | None = uow.session.scalars(statement).one_or_none()
    if row is None:
        raise not_found()
    return row


def _team_view(row: Team) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ("id", "version", "office_id", *_TEAM_FIELDS)}


# --- Caseworkers ------------------------------------------------------------------------------------------------

_CASEWORKER_FIELDS = ("office_id", "team_id", "name", "role", "phone", "email", "working_days", "active")
_TOLD = ("name", "phone", "email", "active")


def register_caseworker(uow: UnitOfWork, actor: Actor, data: Mapping[str, Any]) -> dict[str, Any]:
    """A new caseworker. Raises 400 where the office, or the team in it, does not exist."""
    actor.require(PartyKind.UWV)
    row = Caseworker(id=new_id())
    _apply(uow, actor, row, data)
    uow.add(row)
    uow.flush()
    return _caseworker_view(row)


def list_caseworkers(uow: UnitOfWork, actor: Actor, query: Mapping[str, Any]) -> dict[str, Any]:
    statement = visible_caseworkers(actor)
    for name in ("office_id", "team_id", "active"):
        if name in query:
            statement = statement.where(getattr(Caseworker, name) == query[name])
    return page(uow, statement, (Caseworker.id,), query, _caseworker_view)


def get_caseworker(uow: UnitOfWork, actor: Actor, caseworker_id: str) -> dict[str, Any]:
    return _caseworker_view(_caseworker(uow, actor, caseworker_id))


def change_caseworker(
    uow: UnitOfWork, actor: Actor, caseworker_id: str, data: Mapping[str, Any], expected: Expected
) -> dict[str, Any]:
    actor.require(PartyKind.UWV)
    row = _caseworker(uow, actor, caseworker_id, for_update=True)
    expected.check(row.version)
    before = _caseworker_view(row)
    _apply(uow, actor, row, data)
    uow.flush()
    tell(uow, people_of_caseworker(uow, row.id))
    if any(getattr(row, name) != before[name] for name in _TOLD):
        caseworker_changed(uow, row.id)
    return _caseworker_view(row)


def active_caseworker(uow: UnitOfWork, caseworker_id: str) -> Caseworker | None:
    """The caseworker, unless it does not exist or has left."""
    row = uow.session.get(Caseworker, caseworker_id)
    return row if row is not None and row.active else None


def _caseworker(uow: UnitOfWork, actor: Actor, caseworker_id: str, *, for_update: bool = False) -> Caseworker:
    statement = visible_caseworkers(actor).where(Caseworker.id == caseworker_id)
    if for_update:
        # Its id stays, so that whoever assigns people to it meanwhile need not wait: that one holds the people.
        statement = statement.with_for_update(key_share=True)
    row: Caseworker | None = uow.session.scalars(statement).one_or_none()
    if row is None:
        raise not_found()
    return row


def _apply(uow: UnitOfWork, actor: Actor, row: Caseworker, data: Mapping[str, Any]) -> None:
    new = {name: getattr(row, name) for name in _CASEWORKER_FIELDS} | dict(data)
    errors = []
    if uow.session.scalars(visible_offices(actor).where(Office.id == new["office_id"])).one_or_none() is None:
        errors.append(unknown_reference("/officeId"))
    elif new["team_id"] is not None:
        # Who has left may stay in a team that is no more.
        team = active_team(uow, new["team_id"]) if new["active"] else uow.session.get(Team, new["team_id"])
        if team is None or team.office_id != new["office_id"]:
            errors.append(unknown_reference("/teamId"))
    if errors:
        raise invalid_input(errors)
    new["working_days"] = sorted(new["working_days"])
    for name in _CASEWORKER_FIELDS:
        setattr(row, name, new[name])


def _caseworker_view(row: Caseworker) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ("id", "version", *_CASEWORKER_FIELDS)}


# --- Absences ---------------------------------------------------------------------------------------------------

_ABSENCE_FIELDS = ("first_day", "last_day", "backup_id", "planned")


def report_absence(uow: UnitOfWork, actor: Actor, caseworker_id: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """Days on which a caseworker is away. Several may overlap: they count as one time away."""
    actor.require(PartyKind.UWV)
    row = Absence(id=new_id(), caseworker_id=_caseworker(uow, actor, caseworker_id).id)
    _apply_absence(uow, row, data)
    uow.add(row)
    uow.flush()
    tell(uow, people_of_caseworker(uow, caseworker_id))
    return _absence_view(row)


def list_absences(uow: UnitOfWork, actor: Actor, caseworker_id: str, query: Mapping[str, Any]) -> dict[str, Any]:
    caseworker = _caseworker(uow, actor, caseworker_id)
    statement = visible_absences(actor).where(Absence.caseworker_id == caseworker.id)
    return page(uow, statement, (Absence.first_day, Absence.id), query, _absence_view)


def get_absence(uow: UnitOfWork, actor: Actor, caseworker_id: str, absence_id: str) -> dict[str, Any]:
    return _absence_view(_absence(uow, actor, caseworker_id, absence_id))


def change_absence(
    uow: UnitOfWork, actor: Actor, caseworker_id: str, absence_id: str, data: Mapping[str, Any], expected: Expected
) -> dict[str, Any]:
    """Shortens or prolongs an absence, or names somebody else who stands in."""
    actor.require(PartyKind.UWV)
    row = _absence(uow, actor, caseworker_id, absence_id, for_update=True)
    expected.check(row.version)
    _apply_absence(uow, row, data)
    uow.flush()
    tell(uow, people_of_caseworker(uow, caseworker_id))
    return _absence_view(row)


def remove_absence(uow: UnitOfWork, actor: Actor, caseworker_id: str, absence_id: str, expected: Expected) -> None:
    """As if it was never reported: the caseworker answers again."""
    actor.require(PartyKind.UWV)
    row = _absence(uow, actor, caseworker_id, absence_id, for_update=True)
    expected.check(row.version)
    uow.session.delete(row)
    uow.flush()
    tell(uow, people_of_caseworker(uow, caseworker_id))


def _absence(
    uow: UnitOfWork, actor: Actor, caseworker_id: str, absence_id: str, *, for_update: bool = False
) -> Absence:
    wanted = (Absence.id == absence_id, Absence.caseworker_id == caseworker_id)
    statement = visible_absences(actor).where(*wanted)
    if for_update:
        statement = statement.with_for_update()
    row: Absence | None = uow.session.scalars(statement).one_or_none()
    if row is None:
        raise not_found()
    return row


def _apply_absence(uow: UnitOfWork, row: Absence, data: Mapping[str, Any]) -> None:
    new = {name: getattr(row, name) for name in _ABSENCE_FIELDS} | dict(data)
    errors = []
    if new["last_day"] is not None and new["last_day"] < new["first_day"]:
        text = Text("De laatste dag ligt voor de eerste.", "The last day lies before the first.")
        errors.append(FieldError("end-before-start", text, pointer="/lastDay"))
    begins = (new["first_day"], new["planned"])
    if begins != (row.first_day, row.planned) and told_too_late(*begins, uow.today):
        text = Text(
            "Deze dag is voorbij. Was het onverwacht? Geef dan planned: false.",
            "This day is over. If it was sudden, send planned: false.",
        )
        errors.append(FieldError("in-the-past", text, pointer="/firstDay"))
    if new["backup_id"] is not None:
        if new["backup_id"] == row.caseworker_id:
            errors.append(own_backup())
        elif "backup_id" in data and active_caseworker(uow, new["backup_id"]) is None:
            errors.append(unknown_reference("/backupId"))
    if errors:
        raise invalid_input(errors)
    for name in _ABSENCE_FIELDS:
        setattr(row, name, new[name])


def own_backup(where: str = "") -> FieldError:
    """Nobody stands in for oneself. `where` is the place of the object in the body."""
    text = Text("Kies een ander als achtervang.", "Choose somebody else as the backup.")
    return FieldError("own-backup", text, pointer=f"{where}/backupId")


def _absence_view(row: Absence) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ("id", "version", "caseworker_id", *_ABSENCE_FIELDS)}
