"""The events of a caller in one gap-free order, to read instead of being called, or to catch up after."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, or_, select

from service.access.actor import Actor
from service.delivery import sequencer
from service.delivery.cloudevents import cloud_event
from service.delivery.models import Event, EventParty
from service.delivery.rules import own_type
from service.kernel import paging
from service.kernel.database import UnitOfWork


def visible_events(actor: Actor) -> Select[Any]:
    """The events that one of the caller's parties may read, once they have their position."""
    reader = exists().where(EventParty.event_id == Event.id, EventParty.party_id.in_(actor.party_ids()))
    return select(Event).where(Event.position.is_not(None), reader)


def of_type(wanted: str) -> ColumnElement[bool]:
    """What `rules.type_matches` says, of an event in the database."""
    prefix = own_type(wanted)
    return or_(Event.type == prefix, Event.type.startswith(prefix + ".", autoescape=True))


def list_events(uow: UnitOfWork, actor: Actor, query: Mapping[str, Any]) -> dict[str, Any]:
    """A page of events. `next` is always there: at the end it is where to go on later."""
    # Read first: an event that gets its position while we look is for the next page.
    head = sequencer.head(uow)
    statement = visible_events(actor).where(Event.position <= head)
    if (subject := query.get("subject")) is not None:
        statement = statement.where(Event.subject == subject)
    if (wanted := query.get("type")) is not None:
        statement = statement.where(of_type(wanted))
    found = paging.page(uow, statement, (Event.position,), query, lambda event: cloud_event(uow.settings, event))
    if found["next"] is None:
        found["next"] = paging.cursor_at(uow, [head])
    return found
