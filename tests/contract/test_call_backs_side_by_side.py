"""A call-back about somebody whom UWV knows behind the employer's back, and one about somebody whom it does not know,
side by side over HTTP through their whole life: everything that the employer can see is compared, to the letter."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from sqlalchemy import event

from service.access.rules import PartyKind
from service.rooms import ROOMS
from tests.contract.privacy_world import HIDDEN, UNKNOWN, Case, PrivacyWorld, everything
from tests.support.house import House, Party

pytestmark = pytest.mark.long
_OWN_NUMBER = re.compile(r"TB-[0-9A-Z]{5}-[0-9A-Z]{5}")
_TAG = re.compile(r'"(\d+)-[0-9a-f]+"')
ASK = {
    "subject": "contract_change",
    "phone": "+442079460002",
    "windows": [
        {"date": "2026-11-25", "from": "09:00", "to": "12:00"},
        {"date": "2026-11-24", "from": "13:30", "to": "14:00"},
    ],
}
FILTERS = [
    *(f"status={status}" for status in ("open", "delayed", "not_reached", "done", "withdrawn", "given_up")),
    *(f"dueBefore={day}" for day in ("2026-11-25", "2026-11-26", "2026-12-03", "2027-12-31")),
]


class Asked(Case):
    """One employee with a call-back, as the employer sees both."""

    call_back = ""

    @property
    def its_path(self) -> str:
        return f"/call-backs/{self.call_back}"

    def ask(self, **more: Any) -> Any:
        response = self.world.employer.post("/call-backs", ASK | {"employmentId": self.employment} | more)
        assert response.status_code in (201, 409), response.get_json().get("errors")
        if response.status_code == 201:
            self.call_back = response.get_json()["id"]
        return self._exactly(response)

    def answered(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        return self._exactly(self.world.employer.request(method, path, body, **headers))

    def seen(self) -> dict[str, Any]:
        found = super().seen()
        found["call-back"] = self.answered("GET", self.its_path) if self.call_back else None
        every = everything(self.world.employer, "/call-backs")
        found["call-backs"] = [self._masked(json.dumps(each)) for each in every if self._is_mine(json.dumps(each))]
        for query in (*FILTERS, f"employmentId={self.employment}"):
            listed = everything(self.world.employer, f"/call-backs?{query}")
            found[self._masked(query)] = [
                self._masked(json.dumps(each)) for each in listed if each["id"] == self.call_back
            ]
        events = everything(self.world.employer, "/events")
        # Here the versions count as they are, not from the first that was told.
        found["exact events"] = [self._masked(json.dumps(each)) for each in events if self._is_mine(json.dumps(each))]
        found["exact pushed"] = [
            self._masked(json.dumps(each)) for each in self.world.receiver.heard if self._is_mine(json.dumps(each))
        ]
        return found

    def _exactly(self, response: Any) -> Any:
        """Status, headers with the version in the tag, and text; only ids, numbers and the digest over them masked.

        What is left of the limits counts the requests of both cases, in whose order they are sent.
        """
        aside = {"ETag", "RateLimit"}
        headers = sorted((name, self._masked(value)) for name, value in response.headers if name not in aside)
        tag = _TAG.fullmatch(response.headers.get("ETag", ""))
        return response.status_code, tag and tag[1], headers, self._masked(response.get_data(as_text=True))

    def _is_mine(self, text: str) -> bool:
        return super()._is_mine(text) or (bool(self.call_back) and self.call_back in text)

    def _masked(self, text: str) -> str:
        if self.call_back:
            text = text.replace(self.call_back, "CALL-BACK")
        return _OWN_NUMBER.sub("NUMBER", super()._masked(text))


class Pair:
    """Whom UWV knows, undisclosed, and whom it does not."""

    def __init__(self, world: PrivacyWorld) -> None:
        self.world = world
        self.hidden, self.unknown = Asked(world, world.desk, HIDDEN), Asked(world, world.desk, UNKNOWN)
        world.known_to_uwv(HIDDEN["bsn"])
        self.same("before", *[case.answered("GET", f"/employments/{case.employment}/contact") for case in self])

    def __iter__(self) -> Iterator[Asked]:
        yield from (self.hidden, self.unknown)

    def same(self, what: str, *answers: Any) -> dict[str, Any]:
        """The answers to both are alike, and so is all that can be seen, before and after the worker's turn."""
        if answers:
            hidden, unknown = answers
            assert hidden == unknown, what
        while True:
            hidden_sees, unknown_sees = self.hidden.seen(), self.unknown.seen()
            for name in hidden_sees | unknown_sees:
                assert hidden_sees.get(name) == unknown_sees.get(name), f"{what}: {name}"
            if not self.world.work():
                return hidden_sees

    def handled(self, what: str, body: dict[str, Any], hidden_by: Party | None = None) -> dict[str, Any]:
        """A move behind the counter, for the known one by UWV where it was passed on."""
        for case in self:
            by = (hidden_by or self.world.desk) if case is self.hidden else self.world.desk
            self.world.done(by, "POST", case.its_path + "/transitions", body)
        return self.same(what)

    def behind(self, body: dict[str, Any], by: Party | None = None) -> dict[str, Any]:
        """What only happens to the one whom UWV knows, and the other has nothing of. Raises unless nothing shows."""
        tags = [self.world.employer.get(case.its_path).headers["ETag"] for case in self]
        before = self.hidden.seen()
        done: dict[str, Any] = self.world.done(by or self.world.desk, "PATCH", self.hidden.its_path, {"handler": body})
        self.same("behind the counter")
        assert self.hidden.seen() == before
        assert tags == [self.world.employer.get(case.its_path).headers["ETag"] for case in self]
        return done

    def handler(self) -> str:
        inside: str = self.world.desk.get(self.hidden.its_path).get_json()["handling"]["handler"]["name"]
        return inside


@pytest.fixture
def world(house: House) -> Iterator[PrivacyWorld]:
    made = PrivacyWorld(house)
    yield made
    made.worker.close()


@pytest.fixture
def pair(world: PrivacyWorld) -> Pair:
    return Pair(world)


def test_the_whole_life_of_a_call_back(world: PrivacyWorld, pair: Pair) -> None:
    pair.same("asked", *[case.ask() for case in pair])
    assert '"status":"open"' in pair.hidden.seen()["call-back"][3]
    pair.same("asked again", *[case.ask() for case in pair])
    assert pair.behind({"kind": "caseworker"})["handling"]["handler"]["name"] == "Noor Postma"
    pair.behind({"kind": "desk"}, world.uwv)
    pair.behind({"kind": "caseworker"})
    # Due on Wednesday 25 November.
    world.later(days=3)
    assert '"escalation":{"level":"desk","since":"2026-11-26"}' in pair.same("no call in time")["call-back"][3]
    assert pair.handler() == "Bo Bakker"
    pair.behind({"kind": "caseworker", "caseworkerId": world.caseworkers[0]}, world.uwv)
    told = len(pair.hidden.seen()["exact events"])
    # Friday 27, Monday 30 November.
    world.later(days=1)
    assert pair.handler() == "Bo Bakker"
    world.later(days=3)
    pair.same("further steps, which only UWV's side hears of")
    assert pair.handler() == "Servicepunt"
    assert len(pair.hidden.seen()["exact events"]) == told
    pair.behind({"kind": "caseworker"})
    pair.handled("delayed", {"to": "delayed", "delayedUntil": "2026-12-04"}, world.uwv)
    assert '"dueBy":"2026-12-04"' in pair.hidden.seen()["call-back"][3]
    pair.handled("in vain", {"to": "not_reached"}, world.uwv)
    assert '"dueBy":"2026-12-04"' in pair.hidden.seen()["call-back"][3]
    world.later(days=7)
    assert '"since":"2026-12-07"' in pair.same("not tried again in time")["call-back"][3]
    pair.handled("in vain again", {"to": "not_reached"}, world.uwv)
    pair.same("a change with an old tag", *[old_tag(case) for case in pair])
    pair.same("not for the employer", *[move(case, "done") for case in pair])
    for days in (0, 31):
        world.later(days=days)
        pair.same("the days of an unlinked employment are over")
    pair.handled("called", {"to": "done"}, world.uwv)
    pair.same("nothing to withdraw", *[move(case, "withdrawn") for case in pair])
    pair.same("asked anew", *[case.ask(subject="other", windows=windows("2027-01-12")) for case in pair])
    pair.same("withdrawn", *[move(case, "withdrawn") for case in pair])
    world.later(days=89)
    assert pair.same("still kept")["call-back"][0] == 200
    world.later(days=2)
    assert pair.same("forgotten")["call-back"][0] == 404
    assert world.desk.get("/call-backs").get_json()["items"] == []


def windows(day: str) -> list[dict[str, str]]:
    return [{"date": day, "from": "10:00", "to": "10:30"}]


def move(case: Asked, to: str, tag: str = "*") -> Any:
    return case.answered("POST", case.its_path + "/transitions", {"to": to}, If_Match=tag)


def old_tag(case: Asked) -> Any:
    """A tag from the beginning is stale, the present one is not."""
    refused = move(case, "withdrawn", '"1-0123456789abcdef"')
    assert refused[0] == 412
    return refused


def test_the_tag_of_before_the_hidden_changes_still_fits(world: PrivacyWorld, pair: Pair) -> None:
    pair.same("asked", *[case.ask() for case in pair])
    tags = [world.employer.get(case.its_path).headers["ETag"] for case in pair]
    for _ in range(3):
        pair.behind({"kind": "caseworker"})
        pair.behind({"kind": "desk"})
    answers = [move(case, "withdrawn", tag) for case, tag in zip(pair, tags, strict=True)]
    assert answers[0][:2] == (200, "2")
    pair.same("withdrawn with the tag of the answer", *answers)


def test_another_caseworker_shows_nowhere(world: PrivacyWorld, pair: Pair) -> None:
    pair.same("asked", *[case.ask() for case in pair])
    pair.behind({"kind": "caseworker"})
    world.later(hours=20)
    before = pair.hidden.seen()
    new = {"bsn": HIDDEN["bsn"], "caseworkerId": world.caseworkers[1]}
    world.made(world.uwv, "/assignments", new)
    world.later(minutes=1)
    assert pair.handler() == "Bo Bakker"
    assert pair.hidden.seen() == before
    pair.same("handed over")


def test_erasing_the_person_shows_nowhere(world: PrivacyWorld, pair: Pair) -> None:
    pair.same("asked", *[case.ask() for case in pair])
    pair.behind({"kind": "caseworker"})
    before = pair.hidden.seen()
    person_id = world.desk.get(pair.hidden.its_path).get_json()["handling"]["personId"]
    with world.house.database.transaction() as uow:
        for room in reversed(ROOMS):
            if room.erase is not None:
                room.erase(uow, person_id)
    assert pair.hidden.seen() == before
    pair.same("erased")
    world.later(days=6)
    pair.same("a missed day after that")
    assert pair.handler() == "Servicepunt"


def test_a_repeated_request_gets_the_same_answer(world: PrivacyWorld, pair: Pair) -> None:
    answers = []
    for case in pair:
        body = ASK | {"employmentId": case.employment}
        first = world.employer.post("/call-backs", body, Idempotency_Key=f"key-{case.employment}")
        case.call_back = first.get_json()["id"]
        again = world.employer.post("/call-backs", body, Idempotency_Key=f"key-{case.employment}")
        assert again.headers["Idempotent-Replayed"] == "true"
        assert again.get_data() == first.get_data()
        answers.append(case._exactly(again))
    pair.same("repeated", *answers)


def test_it_takes_the_same_statements_for_both(world: PrivacyWorld, pair: Pair) -> None:
    """What the database is asked while the employer waits."""
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        asked.append(statement)

    def statements(do: Callable[[], Any]) -> list[str]:
        asked.clear()
        do()
        return list(asked)

    steps: dict[str, Callable[[Asked], Any]] = {
        "ask": lambda case: case.ask(),
        "ask again": lambda case: case.ask(),
        "get": lambda case: world.employer.get(case.its_path),
        "list": lambda case: world.employer.get(f"/call-backs?employmentId={case.employment}"),
        "withdraw": lambda case: move(case, "withdrawn"),
    }
    event.listen(world.house.database.engine, "before_cursor_execute", note)
    for name, step in steps.items():
        hidden, unknown = (statements(partial(step, case)) for case in pair)
        assert hidden, name
        assert hidden == unknown, name


def test_a_person_with_a_disclosed_link_is_called_by_name(world: PrivacyWorld, pair: Pair) -> None:
    """The comparison above would see a difference: here is one."""
    body = {"employmentId": pair.hidden.employment, "disclosed": True, "reason": "start_agreement"}
    world.made(world.uwv, "/links", body)
    for case in pair:
        case.ask()
    assert pair.hidden.seen()["call-back"] != pair.unknown.seen()["call-back"]
    assert "Noor Postma" in pair.hidden.seen()["call-back"][3]


def test_kinds_of_party_that_have_nothing_to_do_with_it(world: PrivacyWorld, pair: Pair) -> None:
    pair.hidden.ask()
    assert world.jobcoach.get(pair.hidden.its_path).status_code == 404
    assert world.wsp.get(pair.hidden.its_path).status_code == 403
    other = world.house.party(PartyKind.EMPLOYER, "another")
    assert other.get(pair.hidden.its_path).status_code == 404
    assert other.get("/call-backs").get_json()["items"] == []
    assert world.employer.get("/call-backs?handledBy=desk").status_code == 403
    assert world.uwv.get(pair.unknown.its_path or "/call-backs/x").status_code == 404
