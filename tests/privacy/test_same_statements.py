"""The exact half of 'in the same time': for an employee whom UWV knows, undisclosed, and for one whom it does not know,
each request of the employer sends the database the same statements, in the same order, for as many rows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from sqlalchemy import event, select

from service.employers.imports.part import RUNNER
from service.employers.models import Employment
from tests.contract.privacy_world import END, HIDDEN, UNKNOWN, Case, PrivacyWorld
from tests.support.house import House

PROFILE = {"tasksDoneWell": [], "whatHelps": ["fixed_tasks"], "hoursHeld": 20}

_CHANGED = re.compile(r"SET .* WHERE", re.DOTALL)
# Which columns of a row an UPDATE names depends on what stood there: on which caseworker acted, for one.

Sent = list[tuple[str, int]]
"""The statements of a request, and for how many rows each."""


@contextmanager
def taken_down(house: House) -> Iterator[Sent]:
    sent: Sent = []

    def take(_: Any, __: Any, sql: str, values: Any, ___: Any, many: bool) -> None:
        sent.append((_CHANGED.sub("SET ... WHERE", sql), len(values) if many else 1))

    event.listen(house.database.engine, "before_cursor_execute", take)
    try:
        yield sent
    finally:
        event.remove(house.database.engine, "before_cursor_execute", take)


class Both:
    """The same request for each of the two, its statements held against each other."""

    def __init__(self, world: PrivacyWorld) -> None:
        self.world = world
        world.known_to_uwv(HIDDEN["bsn"])
        self.cases: list[Case] = []
        self.counts: dict[str, int] = {}
        handlers = iter(((world.uwv, HIDDEN), (world.desk, UNKNOWN)))

        def register() -> int:
            self.cases.append(Case(world, *next(handlers)))
            return 201

        self._compare("POST /employments", [register, register], 201)

    def ask(self, method: str, path: str, body: Any = None, *, status: int = 200) -> None:
        """`{employment}`, `{signal}` and `{vacancy}` stand for each one's own, in the body too."""

        def one(case: Case) -> int:
            headers = {}
            if method in ("PATCH", "PUT") or path.endswith("/transitions"):
                headers = {"If_None_Match": "*"} if path.endswith("profile") else {"If_Match": "*"}
            own = body and {name: _own(value, case) for name, value in body.items()}
            answer = self.world.employer.request(method, _own(path, case), own, **headers)
            if method == "POST" and answer.status_code == 201:
                setattr(case, _MADE[path], answer.get_json()["id"])
            return int(answer.status_code)

        self._compare(f"{method} {path}", [partial(one, case) for case in self.cases], status)

    def _compare(self, what: str, requests: list[Callable[[], int]], status: int) -> None:
        found = []
        for request in requests:
            assert self.world.employer.get("/me").status_code == 200  # the token is checked, and known from now on
            with taken_down(self.world.house) as sent:
                assert request() == status, what
            found.append(list(sent))
        hidden, unknown = found
        assert hidden == unknown, what
        self.counts[what] = len(hidden)
        self.world.house.clock.advance(seconds=1)

    def read_all(self) -> None:
        for path in (
            "/employments/{employment}",
            "/employments/{employment}/contact",
            "/employments/{employment}/agreements",
            "/contract-end-signals/{signal}",
            "/contract-end-signals/{signal}/history",
        ):
            self.ask("GET", path)


_MADE = {
    "/contract-end-signals": "signal",
    "/vacancies": "vacancy",
    "/call-backs": "call_back",
    "/second-tracks": "track",
}


def _own(value: Any, case: Case) -> Any:
    return value.format(**vars(case)) if isinstance(value, str) and "{" in value else value


REPORT = {
    "employmentId": "{employment}",
    "phase": "doubt",
    "expectedEndDate": END,
    "endReason": "less_work",
    "employeeInformed": True,
}
CALL = {
    "employmentId": "{employment}",
    "subject": "jobcoach",
    "phone": "+442079460002",
    "windows": [{"date": "2026-11-24", "from": "09:00", "to": "10:00"}],
}
TRACK = {"employmentId": "{employment}", "waitingPeriodEndsOn": "2027-11-30", "employeeInformed": True}
SIGNAL = "/contract-end-signals/{signal}"


def test_each_request_sends_the_same_statements(world: PrivacyWorld) -> None:
    both = Both(world)
    hidden = both.cases[0]
    world.work()
    # An early warning, which UWV deals with out of the employer's sight: a report takes it over.
    [early] = world.uwv.get("/contract-end-signals").get_json()["items"]
    world.done(world.uwv, "POST", f"/contract-end-signals/{early['id']}/transitions", {"to": "acknowledged"})
    world.house.clock.advance(seconds=1)
    both.ask("POST", "/contract-end-signals", REPORT, status=201)
    assert hidden.signal == early["id"]
    both.ask("POST", "/contract-end-signals", REPORT, status=409)
    both.read_all()
    for case in both.cases:
        assert case.handler.get(case.path).status_code == 200
        world.done(case.handler, "POST", case.path + "/transitions", {"to": "acknowledged"})
    both.read_all()
    both.ask("POST", "/call-backs", CALL, status=201)
    both.ask("POST", "/call-backs", CALL, status=409)
    both.ask("GET", "/call-backs/{call_back}")
    both.ask("POST", "/second-tracks", TRACK, status=201)
    both.ask("POST", "/second-tracks", TRACK, status=409)
    for path in ("", "/{track}", "/{track}/history"):
        both.ask("GET", "/second-tracks" + path)
    both.ask("PATCH", "/second-tracks/{track}", {"agency": "hired"})
    both.ask("POST", "/second-tracks/{track}/transitions", {"to": "closed", "outcome": "none_yet"})
    both.ask("PATCH", SIGNAL, {"phase": "decided", "expectedEndDate": "2027-01-15"})
    both.ask("PATCH", "/employments/{employment}", {"endDate": "2027-01-15"})
    world.work()
    both.ask("PUT", SIGNAL + "/handover-profile", PROFILE)
    both.ask("GET", SIGNAL + "/handover-profile")
    both.ask("POST", "/vacancies", {"freedBySignalId": "{signal}"}, status=201)
    both.ask("GET", "/vacancies/{vacancy}")
    both.ask("GET", "/vacancies/{vacancy}/referrals")
    both.ask("POST", SIGNAL + "/transitions", {"to": "withdrawn"})
    both.ask("POST", SIGNAL + "/transitions", {"to": "reported"})
    both.read_all()
    world.later(days=31)
    with world.house.database.reading() as uow:
        rows = [uow.session.get_one(Employment, case.employment).person_id for case in both.cases]
    assert [row is None for row in rows] == [False, True], "the unknown one was forgotten, the other was not"
    both.read_all()
    both.ask("PATCH", SIGNAL, {"vacancyExpected": "no"})
    both.ask("PATCH", "/employments/{employment}", {"hoursPerWeek": 20})
    world.work()
    both.ask("POST", SIGNAL + "/transitions", {"to": "withdrawn"})
    both.ask("POST", "/contract-end-signals", REPORT, status=201)
    both.read_all()
    assert min(both.counts.values()) > 1, both.counts


LIST = "referentie;bsn;naam;begindatum;einddatum;contractsoort\nHR-{0};{1};{2};01-01-2025;{3};tijdelijk\n"
COUNTED = ("status", "counts", "problem", "allRowsTold")


def test_a_file_about_either_sends_the_same_statements_and_tells_the_same(world: PrivacyWorld) -> None:
    """New, the same again, in a dry run, and changed; while both are remembered, and after the unknown one is not."""
    world.known_to_uwv(HIDDEN["bsn"])
    world.work()

    def imported(number: int, person: dict[str, str], end: str, query: str, more: str) -> tuple[Sent, Any, int]:
        body = LIST.format(number, person["bsn"], person["name"], end) + more.format(number, person["bsn"])
        answer = world.house.web.post(
            f"/v1/employment-imports{query}", data=body, content_type="text/csv", headers=world.employer.headers
        )
        assert answer.status_code == 202, answer.get_json()
        job = answer.get_json()["id"]
        with taken_down(world.house) as sent, world.house.database.transaction() as uow:
            RUNNER.fire(uow, job)
        found = world.employer.get(f"/employment-imports/{job}").get_json()
        rows = world.employer.get(f"/employment-imports/{job}/rows").get_json()
        return list(sent), ({name: found[name] for name in COUNTED}, rows), found["counts"]["read"]

    def both(end: str, query: str = "", more: str = "") -> Sent:
        alike = [imported(number, person, end, query, more) for number, person in enumerate((HIDDEN, UNKNOWN))]
        assert alike[0] == alike[1]
        return alike[0][0]

    seen = [both("31-01-2027", "?dryRun=true"), both("31-01-2027"), both("31-01-2027"), both("28-02-2027")]
    assert len({len(sent) for sent in seen}) == 4, "each of these does something else"
    world.work()
    world.later(days=31)
    with world.house.database.reading() as uow:
        people = uow.session.scalars(select(Employment.person_id).order_by(Employment.reference)).all()
    assert [each is None for each in people] == [False, True], "the unknown one was forgotten, the other was not"
    both("28-02-2027")
    both("31-03-2027")
    # One changes and another follows it: no chain may tell that the first is still somebody's.
    both("30-04-2027", more="HR-{0}-next;{1};;01-05-2027;31-12-2029;tijdelijk\n")
    both("31-03-2027")
    assert len(both("31-03-2027", "?mode=full&dryRun=true")) > 5


def test_the_comparison_sees_a_disclosed_one(world: PrivacyWorld) -> None:
    """Of an employer that knows of the link other things are asked: the desk hears nothing of it, for one."""
    world.known_to_uwv(HIDDEN["bsn"])
    sent = []
    for person in (HIDDEN, UNKNOWN):
        case = Case(world, world.uwv, person)
        if person is HIDDEN:
            link = {"employmentId": case.employment, "disclosed": True, "reason": "start_agreement"}
            world.made(world.uwv, "/links", link)
        with taken_down(world.house) as statements:
            assert case.report()[0] == 201
        sent.append(list(statements))
    assert sent[0] != sent[1]
