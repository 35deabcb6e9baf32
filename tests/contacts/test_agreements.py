"""Start agreements over HTTP: who reads what, what a consent does at once, and what an employer may not find out."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import Any

import pytest
from sqlalchemy import event, select

from service.access.actor import NOBODY
from service.access.models import AccessEntry
from service.access.rules import PartyKind
from service.contacts.agreements import operations as agreements
from service.contacts.agreements.models import Agreement, AgreementVersion
from service.contacts.agreements.rules import AgreementError, agreed, agreement_errors
from service.contacts.agreements.wording import TASK_TEXT
from service.contacts.models import Office
from service.contacts.rules import OfficeOrganisation
from service.delivery import sequencer
from service.kernel.ids import new_id
from tests.support.examples import UNKNOWN_ID
from tests.support.house import House, Party, SettableClock
from tests.support.made import BSNS, employer_in, employment_body, establishment_of

KNOWN, STRANGER = BSNS[0], BSNS[1]
GRANTED = {"answer": "granted", "on": "2026-11-20", "means": "conversation"}
REFUSED = {"answer": "refused", "on": "2026-11-23", "means": "phone"}
AGREED: dict[str, Any] = {
    "agreedOn": "2026-11-20",
    "participants": ["employer", "employee", "jobcoach", "caseworker"],
    "roles": [
        {"task": "first_contact_at_work", "role": "employer"},
        {"task": "contact_with_uwv", "role": "jobcoach"},
    ],
    "contacts": {
        "employer": {"function": "supervisor", "phone": "+442079460002", "email": "magazijn@bakkerij.example"},
        "jobcoach": {"phone": "+442079460003"},
    },
    "consents": {
        "contactEmployer": GRANTED,
        "shareWithJobcoach": GRANTED,
        "shareProfileWithWsp": REFUSED,
    },
    "evaluations": ["2027-05-20", "2027-02-20"],
}


class World:
    """An employer with a jobcoach organisation, and UWV that knows one of its employees."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.employer = employer_in(house, "Bakkerij Brood")
        self.other = employer_in(house, "Garage Jansen")
        self.uwv = house.party(PartyKind.UWV)
        self.desk = house.party(PartyKind.DESK)
        self.jobcoach = house.party(PartyKind.JOBCOACH_ORGANISATION)
        self.strange_jobcoach = house.party(PartyKind.JOBCOACH_ORGANISATION, "other coaches")
        self.place = establishment_of(self.employer)
        office = new_id()
        reach = {"phone": "+442079460678", "email": "noor@uwv.example"}
        with house.database.transaction() as uow:
            uow.add(Office(id=office, name="UWV", organisation=OfficeOrganisation.CASELOAD, **reach))
        staff = {"officeId": office, "role": "arbeidsdeskundige", "workingDays": [1, 2, 4], **reach}
        caseworker = self.made(self.uwv, "/caseworkers", staff | {"name": "Noor Postma"})["id"]
        self.made(self.uwv, "/assignments", {"bsn": KNOWN, "caseworkerId": caseworker})
        self.employment = self.employed(KNOWN)

    def employed(self, bsn: str, **more: Any) -> str:
        coach = {"kind": "external", "organisationId": self.jobcoach.id}
        body = employment_body(self.place, bsn=bsn, jobcoach=coach, **more)
        return str(self.made(self.employer, "/employments", body)["id"])

    def made(self, party: Party, path: str, body: dict[str, Any]) -> dict[str, Any]:
        response = party.post(path, body)
        assert response.status_code == 201, response.get_data(as_text=True)
        answer: dict[str, Any] = response.get_json()
        return answer

    def path(self, agreement: str = "") -> str:
        return f"/employments/{self.employment}/agreements" + (f"/{agreement}" if agreement else "")

    def agree(self, **more: Any) -> dict[str, Any]:
        """As UWV reads it; the jobcoach organisation takes part unless told otherwise."""
        body = AGREED | {"jobcoachOrganisationId": self.jobcoach.id} | more
        return self.made(self.uwv, self.path(), body)

    def change(self, agreement: str, party: Party | None = None, **body: Any) -> Any:
        return (party or self.uwv).patch(self.path(agreement), body, If_Match="*")

    def changed(self, agreement: str, party: Party | None = None, **body: Any) -> dict[str, Any]:
        response = self.change(agreement, party, **body)
        assert response.status_code == 200, response.get_json()
        answer: dict[str, Any] = response.get_json()
        return answer

    def read(self, party: Party, agreement: str, more: str = "") -> Any:
        response = party.get(self.path(agreement) + more)
        assert response.status_code == 200, response.get_json()
        return response.get_json()

    def heard(self, party: Party) -> list[str]:
        """The types of what a party was told of agreements."""
        with self.house.database.transaction() as uow:
            sequencer.sequence(uow, 500)
        items = party.get("/events?limit=200").get_json()["items"]
        return [each["type"].removeprefix("nl.servicepunt.") for each in items if "agreements/" in each["subject"]]


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock()


@pytest.fixture
def world(house: House) -> World:
    return World(house)


def errors(response: Any) -> list[tuple[str, str]]:
    assert response.status_code == 400, response.get_json()
    return [(error["pointer"], error["code"]) for error in response.get_json()["errors"]]


# --- Each party its own view --------------------------------------------------------------------------------------


def test_uwv_reads_everything(world: World) -> None:
    made = world.agree()
    for party in (world.uwv, world.desk):
        read = world.read(party, made["id"])
        assert read["participants"] == ["employee", "employer", "jobcoach", "caseworker"]
        assert read["evaluations"] == ["2027-02-20", "2027-05-20"]
        assert read["contacts"]["caseworker"]["name"] == "Noor Postma"
        assert read["contacts"]["employer"] == AGREED["contacts"]["employer"]
        assert read["contacts"]["jobcoach"] == {"phone": "+442079460003", "email": None}
        assert read["roles"][0] == {
            "task": "first_contact_at_work",
            "label": "Eerste aanspreekpunt op het werk",
            "role": "employer",
        }
        assert read["consents"] == {
            "contactEmployer": GRANTED | {"recordedBy": "uwv"},
            "shareWithJobcoach": GRANTED | {"recordedBy": "uwv"},
            "shareProfileWithWsp": REFUSED | {"recordedBy": "uwv"},
            "shareProfileWithMobilityPool": None,
        }


def test_the_employer_reads_what_it_agreed_and_of_the_consents_what_concerns_it(world: World) -> None:
    made = world.agree()
    read = world.read(world.employer, made["id"])
    inside = world.read(world.uwv, made["id"])
    assert read == inside | {"consents": {"contactEmployer": {"answer": "granted"}}}
    assert world.employer.get(world.path()).get_json()["items"] == [read]
    assert "conversation" not in json.dumps(read)


def test_the_jobcoach_organisation_reads_all_but_what_is_uwvs(world: World) -> None:
    made = world.agree()
    read = world.read(world.jobcoach, made["id"])
    inside = world.read(world.uwv, made["id"])
    shared = {name: inside["consents"][name] for name in ("contactEmployer", "shareWithJobcoach")}
    assert read == inside | {"consents": shared}


def test_the_labels_follow_the_language(world: World) -> None:
    made = world.agree()
    read = world.employer.get(world.path(made["id"]), Accept_Language="en").get_json()
    assert [each["label"] for each in read["roles"]] == ["First person to turn to at work", "Keeps in touch with UWV"]
    assert all(text.nl and text.en for text in TASK_TEXT.values())


def test_nobody_else_reads_it(world: World) -> None:
    made = world.agree()
    for party in (world.other, world.strange_jobcoach):
        assert party.get(world.path()).status_code == 404
        assert party.get(world.path(made["id"])).status_code == 404
        assert party.get(world.path(made["id"]) + "/history").status_code == 404
    elsewhere = world.employed(KNOWN, reference="second")
    assert world.uwv.get(f"/employments/{elsewhere}/agreements/{made['id']}").status_code == 404
    wsp = world.house.party(PartyKind.WSP)
    assert wsp.get(world.path()).status_code == 403


def test_only_who_sat_at_the_table_reads_it(world: World) -> None:
    alone = {"participants": ["employee", "caseworker"], "jobcoachOrganisationId": None}
    without: dict[str, Any] = {"roles": [], "contacts": {}} | alone
    made = world.agree(**without)
    assert world.employer.get(world.path()).get_json() == {"items": [], "next": None}
    for party in (world.employer, world.jobcoach):
        assert party.get(world.path(made["id"])).status_code == 404
    assert world.uwv.get(f"/links/{world.employment}").status_code == 404
    contact = world.employer.get(f"/employments/{world.employment}/contact").get_json()
    assert contact["contact"]["kind"] == "desk"
    assert [world.heard(party) for party in (world.uwv, world.employer, world.jobcoach)] == [
        ["agreement.made"],
        [],
        [],
    ]


# --- What it does -------------------------------------------------------------------------------------------------


def test_an_employer_that_took_part_knows_from_then_on(world: World) -> None:
    contact = f"/employments/{world.employment}/contact"
    for party in (world.employer, world.jobcoach):
        assert party.get(contact).get_json()["contact"]["kind"] == "desk"
    world.agree()
    link = world.uwv.get(f"/links/{world.employment}").get_json()
    assert (link["disclosedSince"], link["reason"]) == ("2026-11-20", "start_agreement")
    for party in (world.employer, world.jobcoach):
        assert party.get(contact).get_json()["contact"]["name"] == "Noor Postma"


def test_a_disclosure_that_was_taken_back_hides_it_and_stays_so(world: World) -> None:
    made = world.agree()
    taken_back = world.uwv.patch(f"/links/{world.employment}", {"disclosed": False}, If_Match="*")
    assert taken_back.status_code == 200
    world.changed(made["id"], evaluations=["2027-03-01"])
    assert world.employer.get(world.path(made["id"])).status_code == 404
    assert world.employer.get(world.path()).get_json()["items"] == []
    assert world.heard(world.employer) == ["agreement.made"]
    assert world.read(world.jobcoach, made["id"])["evaluations"] == ["2027-03-01"]


def test_an_employer_that_comes_to_take_part_knows_from_then_on(world: World) -> None:
    made = world.agree(participants=["employee", "jobcoach"], roles=[], contacts={})
    assert world.employer.get(world.path()).get_json()["items"] == []
    world.changed(made["id"], participants=["employee", "employer", "jobcoach"])
    assert world.read(world.employer, made["id"])["participants"] == ["employee", "employer", "jobcoach"]
    assert len(world.read(world.employer, made["id"], "/history")["items"]) == 1
    assert len(world.read(world.uwv, made["id"], "/history")["items"]) == 2


def test_a_confirmation_that_is_taken_back_hides_it_from_the_jobcoaches(world: World) -> None:
    made = world.agree()
    world.uwv.patch(f"/links/{world.employment}", {"jobcoachOrganisationId": None}, If_Match="*")
    assert world.jobcoach.get(world.path(made["id"])).status_code == 404
    assert world.jobcoach.get(world.path()).get_json()["items"] == []


def test_the_next_jobcoach_organisation_reads_nothing_of_it(world: World) -> None:
    made = world.agree()
    coach = {"kind": "external", "organisationId": world.strange_jobcoach.id}
    world.employer.patch(f"/employments/{world.employment}", {"jobcoach": coach}, If_Match="*")
    assert world.strange_jobcoach.get(world.path()).get_json()["items"] == []
    for party in (world.jobcoach, world.strange_jobcoach):
        assert party.get(world.path(made["id"])).status_code == 404


def test_a_mistaken_link_takes_its_agreements_along(world: World) -> None:
    made = world.agree()
    removed = world.uwv.request("DELETE", f"/links/{world.employment}", If_Match="*")
    assert (removed.status_code, removed.get_data()) == (204, b"")
    for party in (world.uwv, world.employer, world.jobcoach):
        assert party.get(world.path(made["id"])).status_code == 404
        assert party.get(world.path()).get_json()["items"] == []


# --- Changing -----------------------------------------------------------------------------------------------------


def test_a_consent_is_withdrawn_at_once_by_uwv_or_jobcoach(world: World) -> None:
    made = world.agree()
    for party, by in ((world.jobcoach, "jobcoach_organisation"), (world.uwv, "uwv")):
        world.changed(made["id"], consents={"contactEmployer": GRANTED})
        world.changed(made["id"], party, consents={"contactEmployer": REFUSED})
        assert world.read(world.employer, made["id"])["consents"] == {"contactEmployer": {"answer": "refused"}}
        inside = world.read(world.uwv, made["id"])["consents"]
        assert inside["contactEmployer"] == REFUSED | {"recordedBy": by}
        assert inside["shareProfileWithWsp"] == REFUSED | {"recordedBy": "uwv"}
    answers = [each["consents"]["contactEmployer"]["answer"] for each in _history(world, world.uwv, made)]
    assert answers == ["granted", "refused", "granted", "refused"]


def _history(world: World, party: Party, made: dict[str, Any]) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = world.read(party, made["id"], "/history")["items"]
    return items


def test_a_jobcoach_organisation_records_consents_that_it_shares_and_nothing_else(world: World) -> None:
    made = world.agree()
    bodies: tuple[dict[str, Any], ...] = (
        {"evaluations": []},
        {"consents": {"shareProfileWithWsp": GRANTED}},
        {"consents": {"contactEmployer": GRANTED}, "roles": []},
    )
    for body in bodies:
        refused = world.change(made["id"], world.jobcoach, **body)
        assert refused.status_code == 403
        assert refused.get_json()["type"].endswith("#not-allowed")
    assert world.jobcoach.post(world.path(), AGREED).status_code == 403
    for party in (world.employer, world.desk):
        assert world.change(made["id"], party, consents={"contactEmployer": REFUSED}).status_code == 403
        assert party.post(world.path(), AGREED).status_code == 403


def test_what_was_agreed_before_stays_readable_to_those_who_agreed(world: World) -> None:
    made = world.agree()
    tag = world.uwv.get(world.path(made["id"])).headers["ETag"]
    world.changed(made["id"], evaluations=["2027-03-01"])
    stale = world.uwv.patch(world.path(made["id"]), {"evaluations": []}, If_Match=tag)
    assert stale.status_code == 412
    world.changed(made["id"], consents={"shareProfileWithMobilityPool": GRANTED})
    world.changed(made["id"], world.jobcoach, consents={"shareWithJobcoach": REFUSED})
    assert world.changed(made["id"], evaluations=["2027-03-01"])["evaluations"] == ["2027-03-01"]
    days = [each["evaluations"] for each in _history(world, world.employer, made)]
    assert days == [["2027-02-20", "2027-05-20"], ["2027-03-01"]]
    assert len(_history(world, world.jobcoach, made)) == 3
    inside = _history(world, world.uwv, made)
    assert [each["by"] for each in inside] == ["uwv", "uwv", "uwv", "jobcoach_organisation"]
    made_and_changed = ["agreement.made", "agreement.changed"]
    assert world.heard(world.employer) == made_and_changed
    assert world.heard(world.jobcoach) == [*made_and_changed, "agreement.changed"]
    assert world.heard(world.uwv) == [*made_and_changed, "agreement.changed", "agreement.changed"]
    first = world.uwv.get(world.path(made["id"]) + "/history?limit=1").get_json()
    rest = world.uwv.get(world.path(made["id"]) + f"/history?cursor={first['next']}").get_json()
    assert first["items"] + rest["items"] == inside


def test_what_others_change_does_not_move_the_employers_tag(world: World) -> None:
    made = world.agree()
    before = world.employer.get(world.path(made["id"])).headers["ETag"]
    world.changed(made["id"], consents={"shareProfileWithMobilityPool": GRANTED})
    assert world.employer.get(world.path(made["id"])).headers["ETag"] == before


def test_contacts_change_one_by_one(world: World) -> None:
    made = world.agree()
    employer = {"function": "hr", "phone": "+442079460004", "email": None}
    changed = world.changed(made["id"], contacts={"employer": employer})
    assert changed["contacts"]["employer"] == employer
    assert changed["contacts"]["jobcoach"]["phone"] == "+442079460003"
    assert world.changed(made["id"], contacts={"jobcoach": None})["contacts"]["jobcoach"] is None


def test_after_the_last_day_an_employer_hears_no_more(world: World) -> None:
    made = world.agree()
    world.employer.patch(f"/employments/{world.employment}", {"endDate": "2026-11-22"}, If_Match="*")
    world.changed(made["id"], consents={"contactEmployer": REFUSED})
    assert world.heard(world.employer) == ["agreement.made"]


# --- What is refused ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ({"agreedOn": "2026-11-24"}, [("/agreedOn", "in-the-future")]),
        ({"participants": []}, [("/participants", "wrong-length")]),
        ({"participants": ["employer"], "roles": [], "contacts": {}}, [("/participants", "employee-missing")]),
        (
            {"participants": ["employee", "employer"]},
            [("/roles/1/role", "not-a-participant"), ("/contacts/jobcoach", "not-a-participant")],
        ),
        (
            {"roles": [{"task": "daily_guidance", "role": role} for role in ("employer", "jobcoach")]},
            [("/roles/1/task", "task-twice")],
        ),
        (
            {"consents": {"contactEmployer": GRANTED | {"on": "2026-11-24"}}},
            [("/consents/contactEmployer/on", "in-the-future")],
        ),
        ({"evaluations": ["2026-11-19"]}, [("/evaluations/0", "before-agreement")]),
        ({"contacts": {"employee": {"phone": "+442079460002"}}}, [("/contacts/employee", "unknown-field")]),
        ({"notes": "Kim heeft rust nodig"}, [("/notes", "unknown-field")]),
        ({"jobcoachOrganisationId": UNKNOWN_ID}, [("/jobcoachOrganisationId", "unknown-reference")]),
    ],
)
def test_what_cannot_be_agreed(world: World, more: dict[str, Any], found: list[tuple[str, str]]) -> None:
    assert errors(world.uwv.post(world.path(), AGREED | more)) == found
    assert world.uwv.get(f"/links/{world.employment}").status_code == 404


def test_an_organisation_goes_with_a_jobcoach_that_takes_part(world: World) -> None:
    body = {"agreedOn": "2026-11-20", "participants": ["employee"], "jobcoachOrganisationId": world.jobcoach.id}
    assert errors(world.uwv.post(world.path(), body)) == [("/jobcoachOrganisationId", "not-a-participant")]


def test_nothing_is_agreed_about_whom_uwv_does_not_know(world: World) -> None:
    stranger = world.employed(STRANGER, reference="stranger")
    assert world.uwv.post(f"/employments/{stranger}/agreements", AGREED).status_code == 404


def test_a_change_keeps_what_it_does_not_name() -> None:
    day = date(2026, 11, 20)
    first = agreed({}, {"agreed_on": day, "participants": ["employee"]}, "uwv")
    consent = {"answer": "granted", "on": day, "means": "phone"}
    second = agreed(first, {"consents": {"contact_employer": consent}}, "uwv")
    assert agreed(second, {"consents": {"contact_employer": consent}}, "jobcoach_organisation") == second
    assert agreed(second, {}, "uwv") == second
    assert agreement_errors(second, day) == []
    [found] = agreement_errors(second | {"participants": ["employer"]}, day)
    assert found.error is AgreementError.EMPLOYEE_MISSING


# --- Undisclosed and unlinked -------------------------------------------------------------------------------------


def test_undisclosed_and_unlinked_look_the_same(world: World) -> None:
    without = {"roles": [], "contacts": {}, "participants": ["employee", "jobcoach", "caseworker"]}
    hidden = world.agree(**without)
    stranger = world.employed(STRANGER, reference="stranger")
    pairs = ((world.employment, hidden["id"]), (stranger, UNKNOWN_ID))
    statements: list[str] = []
    event.listen(
        world.house.database.engine, "before_cursor_execute", lambda *arguments: statements.append(arguments[2])
    )
    seen = []
    for employment, agreement in pairs:
        course: list[Any] = []
        for path in ("", f"/{agreement}", f"/{agreement}/history", "?limit=1"):
            statements.clear()
            response = world.employer.get(f"/employments/{employment}/agreements{path}")
            body = response.get_data(as_text=True).replace(employment, "EMPLOYMENT").replace(agreement, "AGREEMENT")
            headers = sorted((name, value) for name, value in response.headers if name != "ETag")
            course.append((response.status_code, headers, body, tuple(statements)))
        response = world.employer.patch(f"/employments/{employment}/agreements/{agreement}", {}, If_Match="*")
        course.append((response.status_code, re.sub(r"[0-9a-f-]{36}", "ID", response.get_data(as_text=True))))
        seen.append(course)
    assert seen[0] == seen[1]
    assert [step[0] for step in seen[0]] == [200, 404, 404, 200, 403]
    assert world.heard(world.employer) == []


def test_each_look_leaves_a_line_in_the_access_log(world: World) -> None:
    made = world.agree()
    stranger = world.employed(STRANGER, reference="stranger")
    for party in (world.employer, world.jobcoach):
        party.get(world.path())
        party.get(world.path(made["id"]))
        party.get(world.path(made["id"]) + "/history")
    world.employer.get(f"/employments/{stranger}/agreements")
    with world.house.database.reading() as uow:
        person = uow.session.scalars(select(Agreement.person_id)).one()
        lines = uow.session.execute(
            select(AccessEntry.action, AccessEntry.person_id).where(AccessEntry.action.like("agreement.%"))
        ).all()
    looked = ["agreement.read", "agreement.read", "agreement.history_read"]
    assert [line.action for line in lines] == ["agreement.made", *looked, *looked, "agreement.read"]
    assert {line.person_id for line in lines[:-1]} == {person}
    assert lines[-1].person_id not in (person, NOBODY)


# --- The person ---------------------------------------------------------------------------------------------------


def test_a_person_is_told_and_forgotten(world: World) -> None:
    made = world.agree()
    world.changed(made["id"], consents={"contactEmployer": REFUSED})
    with world.house.database.transaction() as uow:
        person = uow.session.scalars(select(Agreement.person_id)).one()
        told = agreements.export(uow, person)
        assert [each["consents"]["contact_employer"]["answer"] for each in told] == ["granted", "refused"]
        agreements.erase(uow, person)
    with world.house.database.reading() as uow:
        assert uow.session.scalars(select(Agreement)).all() == []
        assert uow.session.scalars(select(AgreementVersion)).all() == []
    assert world.employer.get(world.path(made["id"])).status_code == 404
