"""Calendar feeds over HTTP. Where they are read is in `web.py`."""

from __future__ import annotations

from typing import Any

from service.kernel.endpoints import Call, Routes
from service.kernel.schemas import Page
from service.worklists.calendars import operations
from service.worklists.calendars.schemas import (
    CalendarFeedBody,
    CalendarFeedPage,
    CalendarFeedView,
    NewCalendarFeedView,
)

routes = Routes("Calendar feeds", "Deadlines in your own calendar, without names, by a secret address.")

_ONE = "/calendar-feeds/{id}"
_SCOPE = "calendar-feeds:manage"


@routes.post(
    "/calendar-feeds", scope=_SCOPE, body=CalendarFeedBody, response=NewCalendarFeedView, status=201, location=_ONE
)
def make_calendar_feed(call: Call) -> Any:
    """Make a calendar feed

    The answer holds its address, this once. Whoever has the address can read the feed, so treat it as a password.
    """
    return operations.make_feed(call.uow, call.actor, call.body)


@routes.get("/calendar-feeds", scope=_SCOPE, query=Page, response=CalendarFeedPage, reading=True)
def list_calendar_feeds(call: Call) -> Any:
    """List your calendar feeds"""
    return operations.list_feeds(call.uow, call.actor, call.query)


@routes.get(_ONE, scope=_SCOPE, response=CalendarFeedView, reading=True)
def get_calendar_feed(call: Call) -> Any:
    """Read a calendar feed"""
    return operations.get_feed(call.uow, call.actor, call.id)


@routes.delete(_ONE, scope=_SCOPE, if_match=True)
def revoke_calendar_feed(call: Call) -> Any:
    """Revoke a calendar feed

    Its address leads nowhere from then on.
    """
    return operations.revoke_feed(call.uow, call.actor, call.id, call.expected)
