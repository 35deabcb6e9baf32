"""Referrals over HTTP."""

from __future__ import annotations

from typing import Any

from service.kernel.endpoints import Call, Routes
from service.vacancies.referrals import operations
from service.vacancies.referrals.schemas import ReferralPage, ReferralQuery, ReferralTransition, ReferralView

routes = Routes("Referrals", "The inbox of a WSP, a pool or the desk: vacancies that came to it, and its answers.")


@routes.get("/referrals", scope="referrals:read", query=ReferralQuery, response=ReferralPage, reading=True)
def list_referrals(call: Call) -> Any:
    """The vacancies that came to you; the desk sees those of others too"""
    return operations.list_referrals(call.uow, call.actor, call.query)


@routes.get("/referrals/{id}", scope="referrals:read", response=ReferralView)
def get_referral(call: Call) -> Any:
    """One referral

    When its receiver reads it, it becomes `seen`, and the employer is told so. That is no answer: `respondBy` stands.
    """
    return operations.get_referral(call.uow, call.actor, call.id)


@routes.post(
    "/referrals/{id}/transitions",
    scope="referrals:handle",
    body=ReferralTransition,
    response=ReferralView,
    if_match=True,
)
def answer_referral(call: Call) -> Any:
    """Accept a vacancy, decline it, say that there is no room now, or give it back

    Several may accept; the first has the lead. When nobody accepts in three working days, or all decline, the nearest
    regions and the desk are asked.
    """
    return operations.answer_referral(call.uow, call.actor, call.id, call.body, call.expected)
