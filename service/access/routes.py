"""Who am I, and who saw what of whom."""

from __future__ import annotations

from typing import Any

from service.access import operations
from service.access.rules import ME
from service.access.schemas import AccessLogPage, AccessLogQuery, MeView
from service.kernel.endpoints import Call, Routes

routes = Routes("Access", "Who calls and what it may do, and the log of looks at people's data.")


@routes.get("/me", scope=ME, response=MeView, reading=True)
def get_me(call: Call) -> Any:
    """Who am I

    The client, its party, the parties for which it may act today, and the scopes of the token in use.
    Every valid token may ask this.
    """
    return operations.get_me(call.uow, call.actor)


@routes.get("/access-log", scope="access-log:read", query=AccessLogQuery, response=AccessLogPage)
def list_access_log(call: Call) -> Any:
    """Read who saw or changed whose data

    Newest first. Reading this log is logged too, one line for each person on the page.
    """
    return operations.list_access_log(call.uow, call.actor, call.query)
