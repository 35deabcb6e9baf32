"""Start agreements over HTTP."""

from __future__ import annotations

from typing import Any

from service.contacts.agreements import operations
from service.contacts.agreements.schemas import AgreementBody, AgreementHistory, AgreementPage, AgreementView
from service.kernel.endpoints import Call, Routes
from service.kernel.schemas import Page

routes = Routes(
    "Agreements", "What was agreed at the start of a job: who does what, whom to reach, what may be shared."
)
_ALL = "/employments/{id}/agreements"
_ONE = _ALL + "/{agreementId}"


@routes.get(_ALL, scope="agreements:read", query=Page, response=AgreementPage)
def list_agreements(call: Call) -> Any:
    """The start agreements about an employment

    An employer reads those that it made together with the employee. That there are none says nothing about anybody.
    """
    return operations.list_agreements(call.uow, call.actor, call.id, call.query)


@routes.post(
    _ALL,
    scope="agreements:make",
    body=AgreementBody,
    response=AgreementView,
    status=201,
    location="/employments/{employment_id}/agreements/{id}",
)
def make_agreement(call: Call) -> Any:
    """Record what was agreed at the start of a job

    An employer that took part knows from then on that UWV is involved: the link is disclosed with the reason
    start_agreement. A jobcoach organisation that took part sees from then on who the contact is.
    """
    return operations.make_agreement(call.uow, call.actor, call.id, call.body)


@routes.get(_ONE, scope="agreements:read", response=AgreementView)
def get_agreement(call: Call) -> Any:
    """One start agreement

    Each party reads its own view: UWV's side all, the jobcoach organisation what it shares with UWV, the employer
    nothing of the person's consents but whether UWV may contact it.
    """
    return operations.get_agreement(call.uow, call.actor, call.id, call.path["agreementId"])


@routes.patch(_ONE, scope="agreements:write", body=AgreementBody, response=AgreementView)
def change_agreement(call: Call) -> Any:
    """Change a start agreement; what was agreed before stays readable

    A consent that is withdrawn counts at once. A jobcoach organisation changes two consents and nothing else:
    contactEmployer and shareWithJobcoach.
    """
    return operations.change_agreement(
        call.uow, call.actor, call.id, call.path["agreementId"], call.body, call.expected
    )


@routes.get(_ONE + "/history", scope="agreements:read", query=Page, response=AgreementHistory)
def list_agreement_history(call: Call) -> Any:
    """What was agreed from when on, oldest first

    Each party reads the versions that were new to it.
    """
    return operations.list_versions(call.uow, call.actor, call.id, call.path["agreementId"], call.query)
