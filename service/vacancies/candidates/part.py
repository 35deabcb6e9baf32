"""Candidates and matches, as a part of the room of vacancies."""

from __future__ import annotations

from service.kernel.room import Permission, Room
from service.vacancies.candidates import operations
from service.vacancies.candidates.models import Candidate
from service.vacancies.candidates.pauses import PAUSE_OVER
from service.vacancies.candidates.routes import routes
from service.vacancies.rules import WORK_WITH_CANDIDATES

PART = Room(
    name="vacancies.candidates",
    routes=(routes,),
    permissions=(
        Permission(
            "candidates:read", WORK_WITH_CANDIDATES, "See candidates: WSPs all who are available, others their own"
        ),
        Permission("candidates:write", WORK_WITH_CANDIDATES, "Register candidates, and change those that you lead"),
        Permission("matches:read", WORK_WITH_CANDIDATES, "See how candidates whom you may see fit vacancies"),
    ),
    visible={Candidate: operations.visible_candidates},
    timers=(PAUSE_OVER,),
    export=operations.export,
    erase=operations.erase,
)
