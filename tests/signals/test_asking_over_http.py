"""Answering the question of an early warning, from outside."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from service.access.models import AccessEntry
from service.access.rules import PartyKind
from service.signals.early_warning import EARLY_WARNING
from tests.support.house import House, Party
from tests.support.made import BSNS, employer_in, employment_body, establishment_of

END = "2026-05-15"


class Asked:
    """An employer that knows of the link of one employee, and was asked this morning."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.uwv = house.party(PartyKind.UWV)
        house.party(PartyKind.DESK)
        self.employer = employer_in(house)
        self.place = establishment_of(self.employer)
        self.job = self.employment(BSNS[0])
        assigned = self.uwv.post("/assignments", {"bsn": BSNS[0], "caseworkerId": None})
        link = {"employmentId": self.job, "disclosed": True, "reason": "start_agreement", "bsn": BSNS[0]}
        assert self.uwv.post("/links", link).status_code == 201, assigned.get_json()
        assert EARLY_WARNING.fire_many is not None
        with house.database.transaction() as uow:
            EARLY_WARNING.fire_many(uow, EARLY_WARNING.due(uow, 100))
        [self.signal] = self.employer.get("/contract-end-signals").get_json()["items"]
        self.path = f"/contract-end-signals/{self.signal['id']}"

    def employment(self, bsn: str) -> str:
        body = employment_body(self.place, bsn=bsn, endDate=END)
        return str(self.employer.post("/employments", body).get_json()["id"])

    def answer(self, body: dict[str, Any], **headers: str) -> TestResponse:
        tag = {"If_Match": self.employer.get(self.path).headers["ETag"]}
        return self.employer.post(f"{self.path}/answers", body, **(tag | headers))

    def event_types(self, party: Party | None = None) -> list[str]:
        from service.delivery import sequencer

        with self.house.database.transaction() as uow:
            sequencer.sequence(uow, 500)
        items = (party or self.employer).get(f"/events?subject={self.path.lstrip('/')}&limit=100").get_json()["items"]
        return [each["type"].rpartition(".")[2] for each in items]


@pytest.fixture
def asked(house: House) -> Asked:
    return Asked(house)


def test_extended(asked: Asked) -> None:
    assert asked.signal["question"]["answerBy"] == "2026-03-16"
    before = asked.employer.get(f"/employments/{asked.job}")
    body = {"answer": "extended", "endDate": None}
    assert asked.employer.post(f"{asked.path}/answers", body).status_code == 428
    stale = asked.answer(body, If_Match='"1-0123456789abcdef"')
    assert stale.status_code == 412
    key = {"Idempotency_Key": "answer-1"}
    done = asked.answer(body, **key)
    assert done.status_code == 200, done.get_json()
    assert (done.get_json()["status"], done.get_json()["question"]["answer"]) == ("withdrawn", "extended")
    assert done.headers["ETag"] == asked.employer.get(asked.path).headers["ETag"]
    job = asked.employer.get(f"/employments/{asked.job}")
    assert (job.get_json()["endDate"], job.get_json()["contractType"]) == (None, "permanent")
    assert job.headers["ETag"] != before.headers["ETag"]
    again = asked.answer({"answer": "undecided"})
    assert (again.status_code, again.get_json()["type"].rpartition("#")[2]) == (409, "no-open-question")
    assert asked.event_types() == ["reported", "withdrawn"]
    with asked.house.database.reading() as uow:
        actions = set(uow.session.scalars(select(AccessEntry.action)))
    assert {"signal.answered", "employment.changed"} <= actions


def test_undecided_and_ending(asked: Asked) -> None:
    refused = asked.answer({"answer": "ending"})
    assert refused.status_code == 400
    assert [each["code"] for each in refused.get_json()["errors"]] == ["employee-not-informed"]
    wrong = asked.answer({"answer": "perhaps", "phase": "doubt"})
    assert sorted(each["pointer"] for each in wrong.get_json()["errors"]) == ["/answer", "/phase"]
    done = asked.answer({"answer": "undecided", "vacancyExpected": "yes", "reference": "HR-9"})
    mine = done.get_json()
    assert (done.status_code, mine["phase"], mine["vacancyExpected"]) == (200, "doubt", "yes")
    assert (mine["expectedEndDate"], mine["receipt"]["number"]) == (END, mine["number"])
    assert asked.event_types() == ["reported", "reported"]
    assert asked.event_types(asked.uwv) == ["reported", "reported"]
    decided = asked.employer.patch(
        asked.path, {"phase": "decided", "employeeInformed": True}, If_Match=done.headers["ETag"]
    )
    assert decided.status_code == 200, decided.get_json()


def test_ending(asked: Asked) -> None:
    body = {"answer": "ending", "employeeInformed": True, "endReason": "less_work", "endDate": "2026-04-30"}
    mine = asked.answer(body).get_json()
    assert (mine["phase"], mine["endReason"], mine["expectedEndDate"]) == ("decided", "less_work", "2026-04-30")
    assert (mine["question"]["answer"], mine["receipt"]["leadTimeDays"]) == ("ending", 59)


def test_nobody_else_answers_and_nothing_else_can_be_answered(asked: Asked, house: House) -> None:
    other, coaches = employer_in(house, "other"), house.party(PartyKind.JOBCOACH_ORGANISATION)
    body, tag = {"answer": "undecided"}, {"If_Match": "*"}
    assert other.post(f"{asked.path}/answers", body, **tag).status_code == 404
    assert coaches.post(f"{asked.path}/answers", body, **tag).status_code == 403
    stranger = asked.employment(BSNS[1])
    report = {"employmentId": stranger, "phase": "doubt", "employeeInformed": False}
    own = asked.employer.post("/contract-end-signals", report).get_json()
    assert own["question"] is None
    refused = asked.employer.post(f"/contract-end-signals/{own['id']}/answers", body, **tag)
    assert (refused.status_code, refused.get_json()["type"].rpartition("#")[2]) == (409, "no-open-question")
