"""Candidates and matches, as a part of the room of vacancies."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from service.kernel.endpoints import Routes
from service.kernel.room import MailRenderer, Permission, Timer
from service.vacancies.candidates import operations
from service.vacancies.candidates.models import Candidate
from service.vacancies.candidates.pauses import PAUSE_OVER
from service.vacancies.candidates.routes import routes
from service.vacancies.rules import WORK_WITH_CANDIDATES

ROUTES: tuple[Routes, ...] = (routes,)
PERMISSIONS: tuple[Permission, ...] = (
    Permission("candidates:read", WORK_WITH_CANDIDATES, "See candidates: WSPs all who are available, others their own"),
    Permission("candidates:write", WORK_WITH_CANDIDATES, "Register candidates, and change those that you lead"),
    Permission("matches:read", WORK_WITH_CANDIDATES, "See how candidates whom you may see fit vacancies"),
)
VISIBLE: Mapping[type, Callable[[Any], Any]] = {Candidate: operations.visible_candidates}
TIMERS: tuple[Timer, ...] = (PAUSE_OVER,)
MAILS: Mapping[str, MailRenderer] = {}
