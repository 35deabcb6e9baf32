"""The shared list of vacancies over HTTP. Where its feeds are read is in `web.py`."""

from __future__ import annotations

from typing import Any

from service.kernel.endpoints import Call, Routes
from service.kernel.schemas import Page
from service.vacancies.schemas import VacancyView
from service.vacancies.sharing import operations
from service.vacancies.sharing.schemas import (
    NewSubscriptionView,
    SubscriptionBody,
    SubscriptionChange,
    SubscriptionPage,
    SubscriptionView,
)
from service.vacancies.sharing.taking_over import take_over

routes = Routes("Shared list", "Open vacancies of regions, as a feed and a weekly digest; and what others bring in.")

_ONE = "/vacancy-subscriptions/{id}"
_SCOPE = "vacancies:subscribe"


@routes.post(
    "/vacancy-subscriptions",
    scope=_SCOPE,
    body=SubscriptionBody,
    response=NewSubscriptionView,
    status=201,
    location=_ONE,
    limited=True,
)
def subscribe_to_vacancies(call: Call) -> Any:
    """Follow the open vacancies of regions

    The answer holds the address of an Atom feed, this once. Whoever has it can read the feed, so treat it as a
    password. With `email`, a digest goes there each week once its reader has confirmed.
    """
    return operations.subscribe(call.uow, call.actor, call.body)


@routes.get("/vacancy-subscriptions", scope=_SCOPE, query=Page, response=SubscriptionPage, reading=True)
def list_vacancy_subscriptions(call: Call) -> Any:
    """List your subscriptions"""
    return operations.list_subscriptions(call.uow, call.actor, call.query)


@routes.get(_ONE, scope=_SCOPE, response=SubscriptionView, reading=True)
def get_vacancy_subscription(call: Call) -> Any:
    """Read a subscription"""
    return operations.get_subscription(call.uow, call.actor, call.id)


@routes.patch(_ONE, scope=_SCOPE, body=SubscriptionChange, response=SubscriptionView, limited=True)
def change_vacancy_subscription(call: Call) -> Any:
    """Change a subscription

    The address of its feed stays the same. A new e-mail address is asked first.
    """
    return operations.change(call.uow, call.actor, call.id, call.body, call.expected)


@routes.delete(_ONE, scope=_SCOPE, if_match=True)
def revoke_vacancy_subscription(call: Call) -> Any:
    """Revoke a subscription

    Its feed leads nowhere from then on, and no mail goes out.
    """
    return operations.revoke(call.uow, call.actor, call.id, call.expected)


@routes.post("/vacancies/{id}/take-over", scope="vacancies:write", response=VacancyView, if_match=True)
def take_over_vacancy(call: Call) -> Any:
    """Take over a vacancy that was brought in for you

    From then on only you change it. Who brought it in still hears how it fares.
    """
    return take_over(call.uow, call.actor, call.id, call.expected)
