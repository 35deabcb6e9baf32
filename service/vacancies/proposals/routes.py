"""Proposals over HTTP."""

from __future__ import annotations

from typing import Any

from service.kernel.endpoints import Call, Routes
from service.vacancies.proposals import operations
from service.vacancies.proposals.schemas import (
    ProposalAnswer,
    ProposalBody,
    ProposalDetail,
    ProposalPage,
    ProposalQuery,
    ProposalTransition,
)

routes = Routes("Proposals", "One candidate for one vacancy: consent, introduction, trial placement, outcome.")


@routes.get("/proposals", scope="proposals:read", query=ProposalQuery, response=ProposalPage)
def list_proposals(call: Call) -> Any:
    """The proposals that you may see"""
    return operations.list_proposals(call.uow, call.actor, call.query)


@routes.post(
    "/proposals",
    scope="proposals:make",
    body=ProposalBody,
    response=ProposalAnswer,
    status=201,
    location="/proposals/{id}",
)
def make_proposal(call: Call) -> Any:
    """Propose a candidate for a vacancy

    By the candidate's lead it is a proposal at once; by anybody else a request, to which the lead agrees or not.
    Employers do not propose.
    """
    return operations.make_proposal(call.uow, call.actor, call.body)


@routes.get("/proposals/{id}", scope="proposals:read", response=ProposalDetail)
def get_proposal(call: Call) -> Any:
    """One proposal

    An employer sees it once the candidate's lead has proposed, without who it is; the name only from `consented` on and
    only while the person's consent holds. The WSP or pool that has the lead for the vacancy sees it from then on too,
    but not the name.
    """
    return operations.get_proposal(call.uow, call.actor, call.id)


@routes.post(
    "/proposals/{id}/transitions",
    scope="proposals:write",
    body=ProposalTransition,
    response=ProposalAnswer,
    if_match=True,
)
def move_proposal(call: Call) -> Any:
    """Move a proposal on

    Consent is recorded by the candidate's lead, caseworker or jobcoach. A placement takes a position of the vacancy;
    the last one withdraws the vacancy's other proposals. Work beyond 48 hours a week together with other work is
    refused; an employer gets a 409 `start-held` then, which tells nothing of it. The answer holds no name.
    """
    return operations.move_proposal(call.uow, call.actor, call.id, call.body, call.expected)
