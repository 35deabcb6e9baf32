"""The employments that the guide to a first case walks with, under references that it can name."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from service.access.actor import system
from service.contacts import links
from service.contacts.agreements import operations as agreements
from service.contacts.agreements.schemas import AgreementBody
from service.contacts.assigning import NewAssignment, assign_many
from service.contacts.models import Caseworker
from service.contacts.rules import Staff
from service.contacts.schemas import LinkBody
from service.demo.build import Build
from service.demo.names import full_name
from service.employers import employments
from service.employers.schemas import EmploymentBody
from service.kernel.database import UnitOfWork
from service.kernel.requests import Expected
from service.people import operations as people
from service.people.operations import Identity
from service.signals import operations as signals
from service.signals.plans.schemas import PlanBody
from service.signals.schemas import SignalBody, TransitionBody
from service.vacancies.candidates import operations as candidates
from service.vacancies.candidates.schemas import CandidateBody

DISCLOSED = "example-disclosed"
"""An employee of demo-employer: a client of UWV, and the employer knows."""
UNDISCLOSED = "example-undisclosed"
"""A client of UWV as well, but the employer does not know."""
UNKNOWN = "example-unknown"
"""Nobody at UWV knows this employee."""
ENDED = "example-ended"
"""A job at demo-employer-2 that has ended; who had it is a candidate with demo-wsp."""
COACHED = "example-coached"
"""An employee of demo-employer whom demo-jobcoach coaches; they made a start agreement with UWV."""

_ANY = Expected(None)


def tell_story(build: Build) -> None:
    today = build.now.date() + timedelta(days=30)
    with build.work() as uow:
        caseworker_id = _somebody_present(build, uow)
        for reference, known in ((DISCLOSED, True), (UNDISCLOSED, True), (UNKNOWN, False)):
            person = _person(build, uow, caseworker_id, known)
            body = _employment(build, "demo-employer", reference, _month_end(today, 100))
            employment = employments.register_employment(
                uow, build.actor(uow, "demo-employer"), EmploymentBody().load(body | person)
            )
            if reference == DISCLOSED:
                _agree(build, uow, employment["id"])
        person = _person(build, uow, caseworker_id, True)
        ended = _employment(build, "demo-employer-2", ENDED, today - timedelta(days=10))
        employment = employments.register_employment(
            uow, build.actor(uow, "demo-employer-2"), EmploymentBody().load(ended | person)
        )
        _disclose(build, uow, employment["id"])
        _make_coached(build, uow, caseworker_id, _month_end(today, 200))
    _report(build, employment["id"], today - timedelta(days=10))
    _offer_as_candidate(build, employment["id"])


def _person(build: Build, uow: UnitOfWork, caseworker_id: str, known: bool) -> dict[str, str]:
    """Name and BSN as the employer sends them; whom UWV knows already has a caseworker."""
    identity = Identity(bsn=build.numbers.bsn(), name=full_name(build.dice))
    if known:
        person_id = people.find_or_create(uow, identity, is_client=True)
        staff = Staff(caseworker_id, None, build.made.caseworkers[1])
        assign_many(uow, system("demo"), [NewAssignment(person_id, uow.today, staff)])
    return {"bsn": str(identity.bsn), "name": str(identity.name)}


def _somebody_present(build: Build, uow: UnitOfWork) -> str:
    """A caseworker with a full week who is not away."""
    for caseworker_id in build.made.caseworkers[2:]:
        row = uow.session.scalars(select(Caseworker).where(Caseworker.id == caseworker_id)).one()
        if len(row.working_days) >= 4:
            return caseworker_id
    return build.made.caseworkers[2]


def _employment(build: Build, client_id: str, reference: str, end: date) -> dict[str, Any]:
    establishments = build.made.establishments[build.made.parties[client_id]]
    return {
        "reference": reference,
        "employeeNumber": reference.upper(),
        "establishmentId": establishments[0],
        "startDate": (end - timedelta(days=360)).isoformat(),
        "endDate": end.isoformat(),
        "contractType": "fixed_term",
        "hoursPerWeek": 24,
        "jobTitle": "Magazijnmedewerker",
        "occupationCode": "9333",
    }


def _month_end(today: date, days: int) -> date:
    later = today + timedelta(days=days)
    return (later.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def _disclose(build: Build, uow: UnitOfWork, employment_id: str) -> None:
    body = {"employmentId": employment_id, "disclosed": True, "reason": "start_agreement"}
    links.record_link(uow, build.actor(uow, "demo-uwv"), LinkBody().load(body))


def _make_coached(build: Build, uow: UnitOfWork, caseworker_id: str, end: date) -> None:
    coach = {"jobcoach": {"kind": "external", "organisationId": build.made.parties["demo-jobcoach"]}}
    body = _employment(build, "demo-employer", COACHED, end) | _person(build, uow, caseworker_id, True) | coach
    made = employments.register_employment(uow, build.actor(uow, "demo-employer"), EmploymentBody().load(body))
    _agree(build, uow, made["id"], coached=True)


def _agree(build: Build, uow: UnitOfWork, employment_id: str, *, coached: bool = False) -> None:
    """Employer and UWV sat down with the employee, and the jobcoach where there is one: the link is disclosed."""
    uwv, today = build.actor(uow, "demo-uwv"), uow.today
    consent = {"answer": "granted", "on": today.isoformat(), "means": "conversation"}
    body: dict[str, Any] = {
        "agreedOn": today.isoformat(),
        "participants": ["employee", "employer", "caseworker"],
        "roles": [
            {"task": "first_contact_at_work", "role": "employer"},
            {"task": "reports_changes", "role": "employee"},
            {"task": "warns_early", "role": "employer"},
        ],
        "contacts": {
            "employer": {"function": "supervisor", "phone": build.numbers.phone(), "email": "hr@demo.example.nl"}
        },
        "consents": {"contactEmployer": consent},
        "evaluations": [(today + timedelta(days=days)).isoformat() for days in (90, 180)],
    }
    if coached:
        body["participants"] += ["jobcoach"]
        body["jobcoachOrganisationId"] = build.made.parties["demo-jobcoach"]
        body["roles"] += [{"task": "jobcoaching", "role": "jobcoach"}]
        body["contacts"]["jobcoach"] = {"phone": build.numbers.phone(), "email": "jobcoaches@demo.example.nl"}
        body["consents"]["shareWithJobcoach"] = consent
    agreements.make_agreement(uow, uwv, employment_id, AgreementBody().load(body))


def _report(build: Build, employment_id: str, end: date) -> None:
    """Reported, acknowledged and planned in the month before; the clock does the rest."""
    with build.work() as uow:
        body = {
            "employmentId": employment_id,
            "phase": "decided",
            "expectedEndDate": end.isoformat(),
            "endReason": "fixed_term_not_renewed",
            "employeeInformed": True,
            "vacancyExpected": "no",
        }
        signal = signals.report_signal(uow, build.actor(uow, "demo-employer-2"), SignalBody().load(body))
    build.now += timedelta(days=1)
    with build.work() as uow:
        uwv = build.actor(uow, "demo-uwv")
        signals.move_signal(uow, uwv, signal["id"], TransitionBody().load({"to": "acknowledged"}), _ANY)
        plan = {"service": "naar_werk", "startDate": build.now.date().isoformat(), "lead": "arbeidsdeskundige"}
        signals.record_plan(uow, uwv, signal["id"], PlanBody().load(plan), _ANY)
        signals.move_signal(uow, uwv, signal["id"], TransitionBody().load({"to": "planned"}), _ANY)


def _offer_as_candidate(build: Build, employment_id: str) -> None:
    with build.work() as uow:
        body = {
            "employmentId": employment_id,
            "occupations": ["9333"],
            "hours": {"min": 20, "max": 28},
            "postcode4": "9711",
            "maxDistanceKm": 60,
            "needs": ["fixed_tasks", "permanent_supervisor"],
            "cannot": ["night_work"],
            "languageLevel": "B1",
            "drivingLicences": [],
            "lead": {"partyId": build.made.parties["demo-wsp"]},
        }
        candidates.register_candidate(uow, build.actor(uow, "demo-uwv"), CandidateBody().load(body))
