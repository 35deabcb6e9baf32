"""Plans and service advice over HTTP."""

from __future__ import annotations

from typing import Any

from service.kernel.endpoints import Call, Routes
from service.kernel.schemas import Page
from service.signals.plans import operations
from service.signals.plans.schemas import AdviceView, EarlierPlanPage, PlanBody, PlanView

routes = Routes("Plans", "What is planned for somebody whose contract ends, and advice on services. UWV's side only.")
_ONE = "/contract-end-signals/{id}"


@routes.put(_ONE + "/plan", scope="signals:handle", body=PlanBody, response=PlanView)
def record_contract_end_plan(call: Call) -> Any:
    """Record the plan: the services chosen, from when until when, who leads

    It stays on UWV's side. The others learn that there is one when the signal moves to `planned`. Of the purchased
    services one runs at a time, also over more than one signal of the same person: else 400, or 409
    `services-exclude-each-other` with the address of the other plan.
    """
    return operations.record_plan(call.uow, call.actor, call.id, call.body, call.expected)


@routes.get(_ONE + "/plan", scope="signals:handle", response=PlanView)
def get_contract_end_plan(call: Call) -> Any:
    """The plan of a signal"""
    return operations.get_plan(call.uow, call.actor, call.id)


@routes.get(_ONE + "/plan/history", scope="signals:handle", query=Page, response=EarlierPlanPage)
def list_earlier_contract_end_plans(call: Call) -> Any:
    """What was planned before, oldest first

    The plan that holds now is not in it.
    """
    return operations.list_earlier_plans(call.uow, call.actor, call.id, call.query)


@routes.get(_ONE + "/advice", scope="signals:handle", response=AdviceView)
def get_contract_end_advice(call: Call) -> Any:
    """Services to consider and what else to think of, each with its rule and conditions

    It explains, and the professional decides: nothing follows from it.
    """
    return operations.get_advice(call.uow, call.actor, call.id)
