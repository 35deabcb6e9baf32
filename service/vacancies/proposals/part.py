"""Proposals, as a part of the room of vacancies."""

from __future__ import annotations

from service.access.rules import PartyKind
from service.kernel.room import Permission, Room
from service.vacancies.proposals import operations
from service.vacancies.proposals.models import Proposal
from service.vacancies.proposals.routes import routes
from service.vacancies.proposals.trials import TRIAL_ENDING
from service.vacancies.rules import WORK_WITH_CANDIDATES

_EVERYBODY = WORK_WITH_CANDIDATES | {PartyKind.EMPLOYER}

PART = Room(
    name="vacancies.proposals",
    routes=(routes,),
    permissions=(
        Permission(
            "proposals:read", _EVERYBODY, "See proposals; an employer those for its vacancies, without who it is"
        ),
        Permission("proposals:make", WORK_WITH_CANDIDATES, "Propose candidates"),
        Permission("proposals:write", _EVERYBODY, "Move proposals on, each role its own moves"),
    ),
    visible={Proposal: operations.visible_proposals},
    timers=(TRIAL_ENDING,),
    export=operations.export,
    erase=operations.erase,
)
