"""Second tracks over HTTP: who gets in, what comes back, what cannot be said."""

from __future__ import annotations

from typing import Any

from service.access.rules import PartyKind
from tests.support.house import House, Party
from tests.support.made import BSNS, employer_in, employment_body, establishment_of

PATH = "/second-tracks"
OTHERS = [PartyKind.WSP, PartyKind.MOBILITY_POOL, PartyKind.JOBCOACH_ORGANISATION, PartyKind.OPERATOR]


class Made:
    def __init__(self, house: House) -> None:
        self.employer = employer_in(house)
        self.desk = house.party(PartyKind.DESK)
        place = establishment_of(self.employer)
        employment = self.employer.post("/employments", employment_body(place, bsn=BSNS[0])).get_json()["id"]
        self.body = {"employmentId": employment, "waitingPeriodEndsOn": "2027-11-30", "employeeInformed": True}

    def report(self, **more: Any) -> Any:
        return self.employer.post(PATH, self.body | more)


def codes(answer: Any) -> list[tuple[str, str]]:
    return [(each["code"], each["pointer"]) for each in answer.get_json()["errors"]]


def test_from_report_to_outcome(house: House) -> None:
    made = Made(house)
    answer = made.report(reference="HR-7")
    assert answer.status_code == 201, answer.get_json()
    path = answer.headers["Location"].removeprefix("/v1")
    row = answer.get_json()
    assert path == f"{PATH}/{row['id']}"
    assert row["milestones"][0] == {
        "code": "first_year_evaluation",
        "week": 52,
        "date": "2026-12-01",
        "who": "employer",
        "state": "next",
        "text": "Kijk uiterlijk op deze dag met de werknemer terug op het eerste jaar, en besluit samen over het "
        "tweede spoor.",
        "source": "Regeling procesgang eerste en tweede ziektejaar; Werkwijzer Poortwachter",
    }
    english = made.employer.get(path, Accept_Language="en").get_json()["milestones"][0]["text"]
    assert english.startswith("By this day, look back")
    again = made.report()
    assert (again.status_code, again.get_json()["existing"]) == (409, f"/v1{path}")
    assert made.employer.patch(path, {"agency": "own"}).status_code == 428
    stale = answer.headers["ETag"]
    assert made.employer.patch(path, {"agency": "own"}, If_Match=stale).status_code == 200
    assert made.employer.patch(path, {"agency": "hired"}, If_Match=stale).status_code == 412
    assert made.desk.move(path, "acknowledged").get_json()["status"] == "acknowledged"
    closed = made.employer.move(path, "closed", outcome="secondment").get_json()
    assert (closed["status"], closed["outcome"]) == ("closed", "secondment")
    assert made.desk.get(path + "/handling").get_json() == {
        "id": row["id"],
        "personId": made.desk.get(path + "/handling").get_json()["personId"],
        "disclosed": False,
        "withDesk": True,
        "responsible": None,
        "outcomeBy": "employer",
    }
    steps = [each["what"] for each in made.employer.get(path + "/history").get_json()["items"]]
    assert steps == ["reported", "facts_changed", "status_changed", "status_changed", "outcome_recorded"]


def test_other_kinds_of_party_do_not_get_in(house: House) -> None:
    made = Made(house)
    path = f"{PATH}/{made.report().get_json()['id']}"
    for kind in OTHERS:
        other = house.party(kind)
        refused = [other.get(PATH), other.get(path), other.get(path + "/history"), other.get(path + "/handling")]
        refused += [other.post(PATH, made.body), other.patch(path, {}, If_Match="*")]
        refused.append(other.post(path + "/transitions", {"to": "acknowledged"}, If_Match="*"))
        assert [answer.status_code for answer in refused] == [403] * 7, kind


def test_another_employer_and_uwv_for_somebody_unknown_find_nothing(house: House) -> None:
    made = Made(house)
    path = f"{PATH}/{made.report().get_json()['id']}"
    others: list[Party] = [employer_in(house, "another"), house.party(PartyKind.UWV)]
    for other in others:
        assert other.get(PATH).get_json()["items"] == []
        assert other.get(path).status_code == other.get(path + "/history").status_code == 404
        assert other.post(path + "/transitions", {"to": "closed"}, If_Match="*").status_code == 404


def test_an_employer_does_not_look_behind_the_counter(house: House) -> None:
    made = Made(house)
    path = f"{PATH}/{made.report().get_json()['id']}"
    assert made.employer.get(path + "/handling").status_code == 403


def test_there_is_no_place_for_anything_medical(house: House) -> None:
    made = Made(house)
    for name in ("reason", "note", "diagnosis", "firstDayOfAbsence", "sickSince", "limitations", "endReason"):
        assert codes(made.report(**{name: "x"})) == [("unknown-field", f"/{name}")]


def test_a_reference_tells_no_story(house: House) -> None:
    made = Made(house)
    for reference, code in (
        ("heeft een hernia", "wrong-form"),
        ("rug, knie", "wrong-form"),
        ("", "wrong-form"),
        ("x" * 41, "wrong-form"),
        (BSNS[0], "holds-bsn"),
        (f"NR-{BSNS[1]}", "holds-bsn"),
    ):
        assert codes(made.report(reference=reference)) == [(code, "/reference")], reference
