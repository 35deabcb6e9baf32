"""Vacancies, referrals, mobility pools, candidates, proposals and exports, as one part of the house.

Each of the parts says in its `part.py` what it adds.
"""

from __future__ import annotations

from service.access.rules import PartyKind
from service.kernel.room import Permission, Room, joined
from service.vacancies import operations
from service.vacancies.candidates.part import PART as CANDIDATES
from service.vacancies.expiry import EXPIRED, EXPIRING
from service.vacancies.exports.part import PART as EXPORTS
from service.vacancies.imports.part import PART as IMPORTS
from service.vacancies.models import Vacancy
from service.vacancies.offers.part import PART as OFFERS
from service.vacancies.pools.part import PART as POOLS
from service.vacancies.proposals.part import PART as PROPOSALS
from service.vacancies.referrals.part import PART as REFERRALS
from service.vacancies.referrals.transfers.part import PART as TRANSFERS
from service.vacancies.routes import routes
from service.vacancies.rules import BRING_VACANCIES, WORK_WITH_CANDIDATES
from service.vacancies.sharing.part import PART as SHARING

_OWN = Room(
    name="vacancies.vacancies",
    routes=(routes,),
    permissions=(
        Permission(
            "vacancies:read",
            WORK_WITH_CANDIDATES | BRING_VACANCIES | {PartyKind.EMPLOYER},
            "See vacancies: an employer its own, a WSP or pool those that came to it, a jobcoach organisation or "
            "re-integration company the open ones, UWV's side all that were opened",
        ),
        Permission(
            "vacancies:write",
            BRING_VACANCIES | {PartyKind.EMPLOYER},
            "Open, change and end your own vacancies, or those that you brought in for an employer",
        ),
    ),
    visible={Vacancy: operations.visible_vacancies},
    timers=(EXPIRING, EXPIRED),
)

# Proposals and offers before candidates: erasing finds them through the candidate, who is then cut off from the person.
ROOM = joined("vacancies", _OWN, IMPORTS, REFERRALS, TRANSFERS, POOLS, SHARING, PROPOSALS, OFFERS, CANDIDATES, EXPORTS)
