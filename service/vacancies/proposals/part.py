"""Proposals, as a part of the room of vacancies."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from service.access.rules import PartyKind
from service.kernel.endpoints import Routes
from service.kernel.room import MailRenderer, Permission, Timer
from service.vacancies.proposals import operations
from service.vacancies.proposals.models import Proposal
from service.vacancies.proposals.routes import routes
from service.vacancies.rules import WORK_WITH_CANDIDATES

_EVERYBODY = WORK_WITH_CANDIDATES | {PartyKind.EMPLOYER}

ROUTES: tuple[Routes, ...] = (routes,)
PERMISSIONS: tuple[Permission, ...] = (
    Permission("proposals:read", _EVERYBODY, "See proposals; an employer those for its vacancies, without who it is"),
    Permission("proposals:make", WORK_WITH_CANDIDATES, "Propose candidates"),
    Permission("proposals:write", _EVERYBODY, "Move proposals on, each role its own moves"),
)
VISIBLE: Mapping[type, Callable[[Any], Any]] = {Proposal: operations.visible_proposals}
TIMERS: tuple[Timer, ...] = ()
MAILS: Mapping[str, MailRenderer] = {}
