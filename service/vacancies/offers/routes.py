"""Offers of candidates in pools over HTTP."""

from __future__ import annotations

from typing import Any

from service.kernel.endpoints import Call, Routes
from service.vacancies.offers import operations
from service.vacancies.offers.schemas import OfferBody, OfferEndQuery, OfferPage, OfferQuery, OfferView

routes = Routes("Pool offers", "In which mobility pools a candidate is shown, and what the person said to that.")


@routes.get("/candidates/{id}/pool-offers", scope="candidates:read", query=OfferQuery, response=OfferPage)
def list_pool_offers(call: Call) -> Any:
    """In which pools a candidate is or was shown"""
    return operations.list_offers(call.uow, call.actor, call.id, call.query)


@routes.post(
    "/candidates/{id}/pool-offers",
    scope="candidates:write",
    body=OfferBody,
    response=OfferView,
    status=201,
    location="/candidates/{candidate_id}/pool-offers/{id}",
)
def make_pool_offer(call: Call) -> Any:
    """Show a candidate in a pool, with the person's consent

    Recorded by UWV, or by the jobcoach organisation that leads or coaches the person; never by an employer or a pool.
    """
    return operations.make_offer(call.uow, call.actor, call.id, call.body)


@routes.get("/candidates/{id}/pool-offers/{offerId}", scope="candidates:read", response=OfferView)
def get_pool_offer(call: Call) -> Any:
    """One offer"""
    return operations.get_offer(call.uow, call.actor, call.id, call.path["offerId"])


@routes.delete("/candidates/{id}/pool-offers/{offerId}", scope="candidates:write", query=OfferEndQuery, if_match=True)
def end_pool_offer(call: Call) -> Any:
    """Take consent back: the pool no longer sees the candidate

    At once, and everywhere. The pool is not told why, and the person can be offered again later.
    """
    reason = call.query["reason"]
    return operations.end_offer(call.uow, call.actor, call.id, call.path["offerId"], reason, call.expected)
