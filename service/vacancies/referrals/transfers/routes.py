"""Transfers over HTTP."""

from __future__ import annotations

from typing import Any

from service.kernel.endpoints import Call, Routes
from service.vacancies.referrals.transfers import operations
from service.vacancies.referrals.transfers.schemas import (
    DryRunQuery,
    TransferBody,
    TransferPage,
    TransferQuery,
    TransferTrialView,
    TransferView,
)

routes = Routes("Referral transfers", "Vacancies that go from one desk to another, with all that belongs to them.")


@routes.post(
    "/referral-transfers",
    scope="referrals:handle",
    body=TransferBody,
    query=DryRunQuery,
    response=TransferView,
    dry_run=TransferTrialView,
    status=201,
    location="/referral-transfers/{id}",
)
def transfer_referrals(call: Call) -> Any:
    """Pass vacancies on to another WSP, mobility pool or the desk

    All of it happens, or nothing. What was answered stays answered, the lead and the proposals go along, and the old
    party sees the vacancies no longer. A receiver passes on its own, the desk and the operator anybody's.
    """
    return operations.transfer(call.uow, call.actor, call.body, dry_run=call.query["dry_run"])


@routes.get("/referral-transfers", scope="referrals:read", query=TransferQuery, response=TransferPage, reading=True)
def list_referral_transfers(call: Call) -> Any:
    """The transfers from you and to you, the latest first; the desk and the operator see all"""
    return operations.list_transfers(call.uow, call.actor, call.query)


@routes.get("/referral-transfers/{id}", scope="referrals:read", response=TransferView, reading=True)
def get_referral_transfer(call: Call) -> Any:
    """One transfer"""
    return operations.get_transfer(call.uow, call.actor, call.id)
