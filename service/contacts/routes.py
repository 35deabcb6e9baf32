"""Contacts over HTTP: the answer for everybody, and UWV's side of it."""

from __future__ import annotations

from typing import Any

from service.contacts import caseload, links, offices, operations
from service.contacts.schemas import (
    AbsenceBody,
    AbsencePage,
    AbsenceView,
    AssignmentBody,
    AssignmentChange,
    AssignmentPage,
    AssignmentQuery,
    AssignmentView,
    CaseworkerBody,
    CaseworkerPage,
    CaseworkerQuery,
    CaseworkerView,
    ContactAnswerView,
    LinkBody,
    LinkChange,
    LinkPage,
    LinkQuery,
    LinkView,
    OfficeBody,
    OfficePage,
    OfficeQuery,
    OfficeView,
    TeamBody,
    TeamPage,
    TeamQuery,
    TeamView,
)
from service.kernel.endpoints import Call, Routes
from service.kernel.schemas import Page

contacts = Routes("Contacts", "Who answers for an employee: a professional at UWV, or the desk.")
caseloads = Routes("Caseload", "UWV's side: its people, who is responsible for whom, and what employers know.")


@contacts.get("/employments/{id}/contact", scope="contacts:read", response=ContactAnswerView, limited=True)
def get_contact(call: Call) -> Any:
    """Who is the contact for this employee today

    There is always an answer. The desk answers when no named contact is shown; that says nothing about the employee.
    """
    return operations.get_contact(call.uow, call.actor, call.id)


@caseloads.get("/offices", scope="caseload:read", query=OfficeQuery, response=OfficePage, reading=True)
def list_offices(call: Call) -> Any:
    """UWV's offices and their teams"""
    return offices.list_offices(call.uow, call.actor, call.query)


@caseloads.get("/offices/{id}", scope="caseload:read", response=OfficeView, reading=True)
def get_office(call: Call) -> Any:
    """One office"""
    return offices.get_office(call.uow, call.actor, call.id)


@caseloads.post(
    "/offices", scope="caseload:write", body=OfficeBody, response=OfficeView, status=201, location="/offices/{id}"
)
def register_office(call: Call) -> Any:
    """Register an office of UWV"""
    return offices.register_office(call.uow, call.actor, call.body)


@caseloads.patch("/offices/{id}", scope="caseload:write", body=OfficeBody, response=OfficeView)
def change_office(call: Call) -> Any:
    """Change an office"""
    return offices.change_office(call.uow, call.actor, call.id, call.body, call.expected)


@caseloads.get("/offices/{id}/teams", scope="caseload:read", query=TeamQuery, response=TeamPage, reading=True)
def list_teams(call: Call) -> Any:
    """The teams of an office"""
    return offices.list_teams(call.uow, call.actor, call.id, call.query)


@caseloads.post(
    "/offices/{id}/teams",
    scope="caseload:write",
    body=TeamBody,
    response=TeamView,
    status=201,
    location="/offices/{office_id}/teams/{id}",
)
def add_team(call: Call) -> Any:
    """Add a team to an office: one way in for the people assigned to it"""
    return offices.add_team(call.uow, call.actor, call.id, call.body)


@caseloads.get("/offices/{id}/teams/{teamId}", scope="caseload:read", response=TeamView, reading=True)
def get_team(call: Call) -> Any:
    """One team"""
    return offices.get_team(call.uow, call.actor, call.id, call.path["teamId"])


@caseloads.patch("/offices/{id}/teams/{teamId}", scope="caseload:write", body=TeamBody, response=TeamView)
def change_team(call: Call) -> Any:
    """Change a team; one that is no more becomes inactive

    Not while people are assigned to it, now or later, or to a caseworker in it, and not while caseworkers are in it.
    """
    return offices.change_team(call.uow, call.actor, call.id, call.path["teamId"], call.body, call.expected)


@caseloads.get("/caseworkers", scope="caseload:read", query=CaseworkerQuery, response=CaseworkerPage, reading=True)
def list_caseworkers(call: Call) -> Any:
    """The caseworkers"""
    return offices.list_caseworkers(call.uow, call.actor, call.query)


@caseloads.post(
    "/caseworkers",
    scope="caseload:write",
    body=CaseworkerBody,
    response=CaseworkerView,
    status=201,
    location="/caseworkers/{id}",
)
def register_caseworker(call: Call) -> Any:
    """Register a caseworker"""
    return offices.register_caseworker(call.uow, call.actor, call.body)


@caseloads.get("/caseworkers/{id}", scope="caseload:read", response=CaseworkerView, reading=True)
def get_caseworker(call: Call) -> Any:
    """One caseworker"""
    return offices.get_caseworker(call.uow, call.actor, call.id)


@caseloads.patch("/caseworkers/{id}", scope="caseload:write", body=CaseworkerBody, response=CaseworkerView)
def change_caseworker(call: Call) -> Any:
    """Change a caseworker; who leaves becomes inactive"""
    return offices.change_caseworker(call.uow, call.actor, call.id, call.body, call.expected)


@caseloads.get("/caseworkers/{id}/absences", scope="caseload:read", query=Page, response=AbsencePage, reading=True)
def list_absences(call: Call) -> Any:
    """When a caseworker is away"""
    return offices.list_absences(call.uow, call.actor, call.id, call.query)


@caseloads.post(
    "/caseworkers/{id}/absences",
    scope="caseload:write",
    body=AbsenceBody,
    response=AbsenceView,
    status=201,
    location="/caseworkers/{caseworker_id}/absences/{id}",
)
def report_absence(call: Call) -> Any:
    """Report that a caseworker is away, and who stands in

    The backup answers from the first day to the last, without a further step.
    """
    return offices.report_absence(call.uow, call.actor, call.id, call.body)


@caseloads.get("/caseworkers/{id}/absences/{absenceId}", scope="caseload:read", response=AbsenceView, reading=True)
def get_absence(call: Call) -> Any:
    """One absence"""
    return offices.get_absence(call.uow, call.actor, call.id, call.path["absenceId"])


@caseloads.patch(
    "/caseworkers/{id}/absences/{absenceId}", scope="caseload:write", body=AbsenceBody, response=AbsenceView
)
def change_absence(call: Call) -> Any:
    """Shorten or prolong an absence, or change who stands in"""
    return offices.change_absence(call.uow, call.actor, call.id, call.path["absenceId"], call.body, call.expected)


@caseloads.delete("/caseworkers/{id}/absences/{absenceId}", scope="caseload:write", if_match=True)
def remove_absence(call: Call) -> Any:
    """Take back an absence that was reported by mistake

    Somebody who is back earlier gets another last day instead.
    """
    return offices.remove_absence(call.uow, call.actor, call.id, call.path["absenceId"], call.expected)


@caseloads.get("/assignments", scope="assignments:read", query=AssignmentQuery, response=AssignmentPage)
def list_assignments(call: Call) -> Any:
    """Who is responsible for whom, by the day on which it starts"""
    return caseload.list_assignments(call.uow, call.actor, call.query)


@caseloads.post(
    "/assignments",
    scope="assignments:write",
    body=AssignmentBody,
    response=AssignmentView,
    status=201,
    location="/assignments/{id}",
)
def assign(call: Call) -> Any:
    """Say who is responsible for a person from a day on

    It holds until the next assignment of the person starts. With null for the caseworker, and no team, it ends.
    """
    return caseload.assign(call.uow, call.actor, call.body)


@caseloads.get("/assignments/{id}", scope="assignments:read", response=AssignmentView)
def get_assignment(call: Call) -> Any:
    """One assignment"""
    return caseload.get_assignment(call.uow, call.actor, call.id)


@caseloads.patch("/assignments/{id}", scope="assignments:write", body=AssignmentChange, response=AssignmentView)
def change_assignment(call: Call) -> Any:
    """Correct an assignment that starts today or later, or was made today

    What began and was made before today is history: make a new one.
    """
    return caseload.change_assignment(call.uow, call.actor, call.id, call.body, call.expected)


@caseloads.delete("/assignments/{id}", scope="assignments:write", if_match=True)
def take_back_assignment(call: Call) -> Any:
    """Take back an assignment that starts today or later, or was made today"""
    return caseload.take_back_assignment(call.uow, call.actor, call.id, call.expected)


@caseloads.get("/links", scope="caseload:read", query=LinkQuery, response=LinkPage)
def list_links(call: Call) -> Any:
    """The employments of clients of which it was recorded whether the employer knows"""
    return links.list_links(call.uow, call.actor, call.query)


@caseloads.post(
    "/links",
    scope="caseload:write",
    body=LinkBody,
    response=LinkView,
    status=201,
    location="/links/{employment_id}",
)
def record_link(call: Call) -> Any:
    """Record whether an employer knows that UWV is involved

    Only a disclosed link shows the employer a named contact. Without a record a link is undisclosed.
    """
    return links.record_link(call.uow, call.actor, call.body)


@caseloads.get("/links/{id}", scope="caseload:read", response=LinkView)
def get_link(call: Call) -> Any:
    """One link, by its employment"""
    return links.get_link(call.uow, call.actor, call.id)


@caseloads.patch("/links/{id}", scope="caseload:write", body=LinkChange, response=LinkView)
def change_link(call: Call) -> Any:
    """Disclose a link, or take that back"""
    return links.change_link(call.uow, call.actor, call.id, call.body, call.expected)


@caseloads.delete("/links/{id}", scope="caseload:write", if_match=True)
def remove_link(call: Call) -> Any:
    """Take back a link that was recorded by mistake

    Start agreements that were recorded with it go too. To withdraw a disclosure, change the link instead.
    """
    return links.remove_link(call.uow, call.actor, call.id, call.expected)
