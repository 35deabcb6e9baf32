"""What reassignments add to the room."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Select

from service.contacts.reassignments import operations
from service.contacts.reassignments.models import Reassignment
from service.contacts.reassignments.routes import routes
from service.kernel.endpoints import Routes
from service.kernel.room import Permission, Timer

ROUTES: tuple[Routes, ...] = (routes,)
PERMISSIONS: tuple[Permission, ...] = ()
VISIBLE: Mapping[type, Callable[[Any], Select[Any]]] = {Reassignment: operations.visible_reassignments}
TIMERS: tuple[Timer, ...] = (operations.DONE,)
