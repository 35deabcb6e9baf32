"""Files and profiles over HTTP, a party at a time."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from service.access.rules import PartyKind
from service.kernel.imports.reading import CSV, NDJSON
from service.rooms import ROOMS
from service.worker import Worker
from tests.contacts.imports_kit import WRITERS
from tests.signals.imports_kit import ROW
from tests.support.house import House, Party
from tests.support.made import BSNS, employer_in, employment_body, establishment_of

IMPORTS = "/contract-end-signal-imports"
WORK = {"tasksDoneWell": ["outdoor_work"], "whatHelps": ["buddy"], "cameBy": ["bicycle"], "hoursHeld": 20}
VIEW = {"toldOn": "2026-03-01", "means": "phone", "contradictsPhase": True}


class Office:
    def __init__(self, house: House) -> None:
        self.house = house
        self.employer = employer_in(house)
        self.uwv, self.desk = house.party(PartyKind.UWV), house.party(PartyKind.DESK)
        self.coach = house.party(PartyKind.JOBCOACH_ORGANISATION)
        coach = {"kind": "external", "organisationId": self.coach.id}
        body = employment_body(establishment_of(self.employer), jobcoach=coach)
        made = [
            self.employer.post("/employments", body | {"bsn": bsn, "employeeNumber": f"P{bsn[:3]}"}) for bsn in BSNS[:2]
        ]
        self.employments = [each.get_json()["id"] for each in made]

    def upload(self, party: Party, body: bytes, media_type: str = CSV, query: str = "") -> Any:
        return self.house.web.post(f"/v1{IMPORTS}{query}", data=body, content_type=media_type, headers=party.headers)

    def work(self) -> None:
        worker = Worker(self.house.database, ROOMS, self.house.settings, threading.Event())
        worker.run_until_idle()
        worker.close()


@pytest.fixture
def office(house: House) -> Office:
    return Office(house)


def test_a_file_in_each_form(office: Office) -> None:
    rows = [{"personeelsnummer": f"P{BSNS[0][:3]}"} | ROW, {"personeelsnummer": "?"} | ROW]
    for number, (media_type, write) in enumerate(WRITERS.items()):
        answer = office.upload(office.employer, write(rows), media_type)
        assert answer.status_code == 202, answer.get_json()
        office.work()
        job = office.employer.get(answer.headers["Location"].removeprefix("/v1")).get_json()
        outcome = "unchanged" if number else "created"
        assert (job["status"], job["counts"][outcome], job["counts"]["failed"]) == ("done", 1, 1)
        path = f"{IMPORTS}/{job['id']}"
        [failed] = office.employer.get(f"{path}/rows?status=failed").get_json()["items"]
        first = 1 if media_type == NDJSON else 2
        assert (failed["number"], failed["field"], failed["code"]) == (
            first + 1,
            "personeelsnummer",
            "unknown-reference",
        )
        [receipt] = office.employer.get(f"{path}/receipts").get_json()["items"]
        assert office.employer.get(f"{path}/receipts?outcome=failed").get_json()["items"] == []
        signal = office.employer.get(f"/contract-end-signals/{receipt['signalId']}").get_json()
        assert (receipt["number"], receipt["outcome"], receipt["employmentId"]) == (
            first,
            outcome,
            office.employments[0],
        )
        assert (receipt["receiptNumber"], receipt["acknowledgeBy"]) == (
            signal["receipt"]["number"],
            signal["receipt"]["acknowledgeBy"],
        )
        for stranger in (office.uwv, office.desk, office.coach):
            assert stranger.get(path).status_code == 404
            assert stranger.get(f"{path}/receipts").status_code == 404
    for party in (office.uwv, office.desk):
        assert office.upload(party, b"x").status_code == 403
    refused = office.upload(office.employer, b"x", query="?mode=full")
    assert refused.status_code == 400
    assert [(each["parameter"], each["code"]) for each in refused.get_json()["errors"]] == [("mode", "unknown-field")]


def test_a_profile_and_the_persons_view(office: Office) -> None:
    body = {"employmentId": office.employments[0], "phase": "decided", "employeeInformed": True}
    made = office.employer.post("/contract-end-signals", body).get_json()
    assert made["handoverProfile"] == {"askedOn": "2026-03-02", "givenOn": None}
    signal = f"/contract-end-signals/{made['id']}"
    profile, view = f"{signal}/handover-profile", f"{signal}/own-view"
    assert office.employer.request("PUT", profile, WORK, If_None_Match="*").status_code == 200
    assert office.employer.request("PUT", profile, WORK, If_None_Match="*").status_code == 412
    given = office.employer.get(profile)
    assert (given.get_json()["cameBy"], given.get_json()["hoursHeldMin"]) == (["bicycle"], None)
    again = office.employer.request("PUT", profile, WORK | {"hoursHeldMin": 24}, If_Match=given.headers["ETag"])
    assert [(each["pointer"], each["code"]) for each in again.get_json()["errors"]] == [
        ("/hoursHeldMin", "not-in-order")
    ]
    assert office.employer.get(signal).get_json()["handoverProfile"]["givenOn"] == "2026-03-02"
    assert office.coach.request("PUT", profile, WORK | {"hoursHeld": 8}, If_None_Match="*").status_code == 200
    assert office.coach.get(profile).get_json()["hoursHeld"] == 8
    assert office.employer.get(f"{profile}?by=jobcoach_organisation").status_code == 404
    assert office.desk.get(f"{profile}?by=jobcoach_organisation").get_json()["hoursHeld"] == 8
    assert office.desk.get(profile).get_json()["hoursHeld"] == 20
    assert office.desk.get(f"{profile}?by=wsp").status_code == 400
    for party in (office.employer, office.coach):
        assert party.request("PUT", view, VIEW, If_None_Match="*").status_code == 403
        assert party.get(view).status_code == 403
    assert office.uwv.request("PUT", view, VIEW, If_None_Match="*").status_code == 404  # no client of UWV
    tags = [party.get(signal).headers["ETag"] for party in (office.employer, office.coach)]
    assert office.desk.get(view).status_code == 404
    kept = office.desk.request("PUT", view, VIEW, If_None_Match="*")
    assert kept.status_code == 200, kept.get_json()
    assert kept.get_json()["recordedBy"] == office.house.settings.desk_name
    assert [party.get(signal).headers["ETag"] for party in (office.employer, office.coach)] == tags
    inside = office.desk.get(signal).get_json()["handling"]["contradiction"]
    assert inside == {"reason": None, "phase": True, "toldOn": "2026-03-01", "means": "phone"}
