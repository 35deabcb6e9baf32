"""Employers, workplaces, certificates and the contract register over HTTP."""

from __future__ import annotations

from typing import Any

from service.employers import employments as register
from service.employers import operations
from service.employers.schemas import (
    EmployerBody,
    EmployerPage,
    EmployerQuery,
    EmployerView,
    EmploymentBody,
    EmploymentChange,
    EmploymentPage,
    EmploymentQuery,
    EmploymentView,
    EstablishmentBody,
    EstablishmentPage,
    EstablishmentView,
    PsoCertificateBody,
    PsoCertificateView,
)
from service.kernel.endpoints import Call, Routes
from service.kernel.schemas import Page

employers = Routes("Employers", "Employers, their workplaces and PSO certificates.")
employments = Routes("Employments", "The contract register: one person at one employer, from start to end.")


@employers.get("/employers", scope="employers:read", query=EmployerQuery, response=EmployerPage, reading=True)
def list_employers(call: Call) -> Any:
    """The employers for which you act"""
    return operations.list_employers(call.uow, call.actor, call.query)


@employers.post(
    "/employers",
    scope="employers:write",
    body=EmployerBody,
    response=EmployerView,
    status=201,
    location="/employers/{id}",
)
def register_employer(call: Call) -> Any:
    """Register an employer"""
    return operations.register_employer(call.uow, call.actor, call.body)


@employers.get("/employers/{id}", scope="employers:read", response=EmployerView, reading=True)
def get_employer(call: Call) -> Any:
    """One employer"""
    return operations.get_employer(call.uow, call.actor, call.id)


@employers.get(
    "/employers/{id}/establishments", scope="employers:read", query=Page, response=EstablishmentPage, reading=True
)
def list_establishments(call: Call) -> Any:
    """The workplaces of an employer"""
    return operations.list_establishments(call.uow, call.actor, call.id, call.query)


@employers.post(
    "/employers/{id}/establishments",
    scope="establishments:write",
    body=EstablishmentBody,
    response=EstablishmentView,
    status=201,
    location="/employers/{employer_id}/establishments/{id}",
)
def register_establishment(call: Call) -> Any:
    """Register a workplace"""
    return operations.register_establishment(call.uow, call.actor, call.id, call.body)


@employers.get(
    "/employers/{id}/establishments/{establishmentId}",
    scope="employers:read",
    response=EstablishmentView,
    reading=True,
)
def get_establishment(call: Call) -> Any:
    """One workplace"""
    return operations.get_establishment(call.uow, call.actor, call.id, call.path["establishmentId"])


@employers.get("/employers/{id}/pso-certificate", scope="employers:read", response=PsoCertificateView, reading=True)
def get_pso_certificate(call: Call) -> Any:
    """The employer's PSO certificate, and whether it is valid today"""
    return operations.get_certificate(call.uow, call.actor, call.id)


@employers.put(
    "/employers/{id}/pso-certificate",
    scope="employers:write",
    body=PsoCertificateBody,
    response=PsoCertificateView,
)
def record_pso_certificate(call: Call) -> Any:
    """Record the employer's PSO certificate; the newest replaces the one before"""
    return operations.record_certificate(call.uow, call.actor, call.id, call.body, call.expected)


@employments.get("/employments", scope="employments:read", query=EmploymentQuery, response=EmploymentPage)
def list_employments(call: Call) -> Any:
    """The employments that you may see"""
    return register.list_employments(call.uow, call.actor, call.query)


@employments.post(
    "/employments",
    scope="employments:write",
    body=EmploymentBody,
    response=EmploymentView,
    status=201,
    location="/employments/{id}",
)
def register_employment(call: Call) -> Any:
    """Register an employment

    Send only the employees for whom you want this service. Name and BSN are kept sealed, serve to find the responsible
    professional, and are never given back.
    """
    return register.register_employment(call.uow, call.actor, call.body)


@employments.get("/employments/{id}", scope="employments:read", response=EmploymentView)
def get_employment(call: Call) -> Any:
    """One employment"""
    return register.get_employment(call.uow, call.actor, call.id)


@employments.patch("/employments/{id}", scope="employments:write", body=EmploymentChange, response=EmploymentView)
def change_employment(call: Call) -> Any:
    """Change an employment, its end date for example"""
    return register.change_employment(call.uow, call.actor, call.id, call.body, call.expected)
