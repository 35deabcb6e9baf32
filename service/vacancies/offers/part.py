"""What the offers in pools add to the room. Their scopes are those of candidates."""

from __future__ import annotations

from service.kernel.room import Room
from service.vacancies.offers import operations
from service.vacancies.offers.models import PoolOffer
from service.vacancies.offers.routes import routes

PART = Room(
    name="vacancies.offers",
    routes=(routes,),
    visible={PoolOffer: operations.visible_offers},
    export=operations.export,
    erase=operations.erase,
)
