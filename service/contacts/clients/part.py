"""What the clients of a caseworker add to the room."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Select

from service.contacts.clients.routes import routes
from service.kernel.endpoints import Routes
from service.kernel.room import Permission

ROUTES: tuple[Routes, ...] = (routes,)
PERMISSIONS: tuple[Permission, ...] = ()
VISIBLE: Mapping[type, Callable[[Any], Select[Any]]] = {}
