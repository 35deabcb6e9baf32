"""Making, listing and revoking calendar feeds, and reading one by its secret."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import Select, delete, func, select

from service.access import limits
from service.access.actor import NOBODY, Actor, log_access
from service.access.limits import Limit
from service.access.models import Client
from service.access.operations import load_actor
from service.contacts.models import Caseworker, Office, Team
from service.contacts.offices import visible_caseworkers, visible_offices, visible_teams
from service.kernel.database import UnitOfWork
from service.kernel.ids import new_id
from service.kernel.paging import page
from service.kernel.problems import conflict, forbidden, invalid_input, not_found, unknown_reference
from service.kernel.requests import Expected
from service.kernel.secret_links import digest, new_secret
from service.worklists.calendars.models import CalendarFeed
from service.worklists.calendars.rules import (
    MOST_ENTRIES,
    MOST_FEEDS,
    READS_PER_MINUTE,
    Entry,
)
from service.worklists.operations import staff_of
from service.worklists.reading import Wanted, address, find
from service.worklists.sources import KINDS
from service.worklists.staff import Staff

READ_WORK: Final = "work-items:read"
_LIMIT: Final = Limit("calendars", READS_PER_MINUTE, 10**9)
_STAFF: Final = (
    ("caseworker_id", "/caseworkerId", Caseworker, visible_caseworkers),
    ("team_id", "/teamId", Team, visible_teams),
    ("office_id", "/officeId", Office, visible_offices),
)


def visible_feeds(actor: Actor) -> Select[Any]:
    """Those that clients of one's own party made."""
    return select(CalendarFeed).where(CalendarFeed.party_id == actor.party.id)


def make_feed(uow: UnitOfWork, actor: Actor, data: Mapping[str, Any]) -> dict[str, Any]:
    """A feed and, this once, the address that opens it.

    Raises 403 for a token that may not read worklists, 400 for staff that there is not, 409 for one feed too many.
    """
    if READ_WORK not in actor.scopes:
        raise forbidden(
            f"Een agenda toont uw werk. Vraag een token met ook de scope '{READ_WORK}'.",
            f"A calendar shows your work. Ask for a token that has the scope '{READ_WORK}' too.",
        )
    staff_of(actor, data)
    wrong = [
        unknown_reference(where)
        for name, where, model, visible in _STAFF
        if data.get(name) is not None
        and uow.session.scalars(visible(actor).where(model.id == data[name])).first() is None
    ]
    if wrong:
        raise invalid_input(wrong)
    _lock_client(uow, actor.client_id)
    count = uow.session.scalar(select(func.count()).where(CalendarFeed.client_id == actor.client_id)) or 0
    if count >= MOST_FEEDS:
        raise conflict(
            "too-many-feeds",
            f"Een systeem heeft hooguit {MOST_FEEDS} agenda's. Trek er eerst een in.",
            f"A client has at most {MOST_FEEDS} calendar feeds. Revoke one first.",
        )
    secret = new_secret()
    row = CalendarFeed(
        id=new_id(),
        client_id=actor.client_id,
        party_id=actor.party.id,
        name=data["name"],
        kinds=[kind.value for kind in data["kinds"]],
        language=data["language"],
        remind_days_before=data["remind_days_before"],
        secret_digest=digest(secret),
        created_at=uow.now,
        **{name: data.get(name) for name in Staff._fields},
    )
    uow.add(row)
    uow.flush()
    return _view(row) | {"url": f"{uow.settings.url}/calendar/{secret}.ics"}


def _lock_client(uow: UnitOfWork, client_id: str) -> None:
    """Two at once must not pass the limit together."""
    uow.execute(select(Client.id).where(Client.id == client_id).with_for_update())


def list_feeds(uow: UnitOfWork, actor: Actor, query: Mapping[str, Any]) -> dict[str, Any]:
    return page(uow, visible_feeds(actor), (CalendarFeed.id,), query, _view)


def get_feed(uow: UnitOfWork, actor: Actor, feed_id: str) -> dict[str, Any]:
    return _view(_feed(uow, actor, feed_id))


def revoke_feed(uow: UnitOfWork, actor: Actor, feed_id: str, expected: Expected) -> None:
    """From now on its address leads nowhere."""
    row = _feed(uow, actor, feed_id)
    expected.check(row.version)
    uow.execute(delete(CalendarFeed).where(CalendarFeed.id == row.id))


def _feed(uow: UnitOfWork, actor: Actor, feed_id: str) -> CalendarFeed:
    row: CalendarFeed | None = uow.session.scalars(visible_feeds(actor).where(CalendarFeed.id == feed_id)).one_or_none()
    if row is None:
        raise not_found()
    return row


def _view(row: CalendarFeed) -> dict[str, Any]:
    names = ("id", "version", "name", "kinds", "language", *Staff._fields, "remind_days_before", "created_at")
    return {name: getattr(row, name) for name in names}


# --- Reading one ------------------------------------------------------------------------------------------------


def open_feed(uow: UnitOfWork, secret: str) -> tuple[CalendarFeed, Actor]:
    """The feed that this secret opens, and who reads it: the client that made it, as it stands today.

    Raises the same 404 for a secret that never was, one that was revoked, and one whose client was revoked.
    """
    wanted = select(CalendarFeed).where(CalendarFeed.secret_digest == digest(secret))
    row = uow.session.scalars(wanted).one_or_none()
    actor = None if row is None else load_actor(uow, row.client_id, frozenset({READ_WORK}))
    # A client that came to another party has no right to what it made for the one before.
    if row is None or actor is None or actor.party.id != row.party_id:
        raise not_found()
    limits.count(uow, actor, _LIMIT, 0)
    return row, replace(actor, because="calendar")


def entries_of(uow: UnitOfWork, row: CalendarFeed, actor: Actor) -> list[Entry]:
    """The days in the feed: the deadlines of the work that its client sees in its worklist."""
    wanted = Wanted(kinds=row.kinds, with_day=True, staff=Staff(row.caseworker_id, row.team_id, row.office_id))
    found = []
    for each in find(uow, actor, wanted, MOST_ENTRIES):
        kind = KINDS[each.kind]
        if each.employment_id is not None or each.person_id is not None:
            log_access(uow, actor, kind.purpose, "calendar.read", [each.person_id or NOBODY], row.address)
        about = kind.deadline.format(number=each.number).in_language(row.language)
        found.append(
            Entry(
                uid=f"{each.kind}-{each.id}{f'-{each.due_on}' if kind.repeats else ''}",
                day=each.due_on,
                summary=f"{uow.settings.desk_name}: {about}",
                url=f"{uow.settings.url}/v1{address(kind, each)}",
                since=each.since,
                sequence=each.row_version,
            )
        )
    return found
