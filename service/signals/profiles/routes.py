"""Handover profiles and the person's own view, over HTTP."""

from __future__ import annotations

from typing import Any

from service.kernel.endpoints import Call, Routes
from service.signals.profiles import operations
from service.signals.profiles.schemas import (
    HandoverProfileBody,
    HandoverProfileQuery,
    HandoverProfileView,
    OwnViewBody,
    OwnViewView,
)

routes = Routes("Handover profiles", "What those around the person know of the work, and the person's own view.")

_ONE = "/contract-end-signals/{id}"


@routes.put(
    _ONE + "/handover-profile",
    scope="handover-profiles:write",
    body=HandoverProfileBody,
    response=HandoverProfileView,
)
def record_handover_profile(call: Call) -> Any:
    """Hand over what you know of the work

    Codes about work only. It reaches UWV's side and nobody else. An employer and a jobcoach organisation have one each
    for an employment.
    """
    return operations.record_handover_profile(call.uow, call.actor, call.id, call.body, call.expected)


@routes.get(_ONE + "/handover-profile", scope="signals:read", query=HandoverProfileQuery, response=HandoverProfileView)
def get_handover_profile(call: Call) -> Any:
    """What was handed over

    Your own; for UWV's side the employer's, or with `by` the jobcoach organisation's.
    """
    return operations.get_handover_profile(call.uow, call.actor, call.id, call.query.get("by"))


@routes.put(_ONE + "/own-view", scope="signals:handle", body=OwnViewBody, response=OwnViewView)
def record_own_view(call: Call) -> Any:
    """Write down what the person says itself

    Of the work, of what the employer handed over, of the reason that the employer states, and what it wants now. It
    stays on UWV's side: no employer and no jobcoach organisation reads it, or hears that it is there.
    """
    return operations.record_own_view(call.uow, call.actor, call.id, call.body, call.expected)


@routes.get(_ONE + "/own-view", scope="signals:handle", response=OwnViewView)
def get_own_view(call: Call) -> Any:
    """What the person says itself"""
    return operations.get_own_view(call.uow, call.actor, call.id)
