"""The noisy half of 'in the same time': who measures how long an answer takes does not learn whom UWV knows.

Requests about employees of the two kinds are sent in turn, in a random order from a seed, and timed. The AUC of
Mann–Whitney is the chance that one of the known took longer than one of the unknown: a half where time tells nothing.
No time is asserted, only that chance: within 0.40 and 0.60. With 60 of each kind it strays by chance 0.05 (standard
deviation), so the borders are at twice that; where it lies outside, the same again is measured and counted with it, up
to five rounds, after which the borders are at more than four times. A true difference stays outside.

Times are those of the processor, for this thread: what else the machine does is not in them, which hides more than an
eighth of an answer. Nor is what a PostgreSQL server does; what is asked of it stands exactly in
`test_same_statements.py`.
"""

from __future__ import annotations

import gc
import io
import json
import random
import time
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import pytest
from werkzeug.test import EnvironBuilder

from service.contacts.models import Assignment
from service.kernel.ids import new_id
from service.people import operations as people
from service.people.operations import Identity
from service.people.rules import is_bsn
from tests.contract.privacy_world import END, PrivacyWorld
from tests.support.house import Party
from tests.support.made import employer_in, employment_body, establishment_of

pytestmark = pytest.mark.long

LOW, HIGH = 0.40, 0.60
ROUNDS = 5
SEED = 7

Times = tuple[list[float], list[float]]
"""Seconds of the processor per request: about those known to UWV, about those that are not."""
Request = tuple[Party, str, str, Any]


def auc(ours: list[float], theirs: list[float]) -> float:
    """How often one of `ours` is above one of `theirs`; a tie counts half."""
    ranked = sorted(theirs)
    above = sum(bisect_left(ranked, each) + bisect_right(ranked, each) for each in ours)
    return above / (2 * len(ours) * len(theirs))


def measured(measure: Callable[[], Times], found: Callable[[float], bool]) -> float:
    """The AUC over as many rounds as it takes until `found` says yes, at most ROUNDS."""
    known: list[float] = []
    unknown: list[float] = []
    value = 0.5
    for _ in range(ROUNDS):
        for times, more in zip((known, unknown), measure(), strict=True):
            times += more
        value = auc(known, unknown)
        if found(value):
            break
    return value


def tells_nothing(measure: Callable[[], Times]) -> None:
    value = measured(measure, lambda value: LOW <= value <= HIGH)
    assert LOW <= value <= HIGH, f"AUC {value:.3f}"


class Stopwatch:
    """Sends requests to the WSGI application and says how long each took. `slower` is a planted difference: by which
    share the answers about those known to UWV take longer."""

    def __init__(self, world: PrivacyWorld) -> None:
        self.world = world
        self.draw = random.Random(SEED)
        self.slower = 0.0

    def each(self, known: list[Request], unknown: list[Request], *, status: int = 200) -> Times:
        """One after the other in pairs, either first by chance."""
        times: Times = ([], [])
        with undisturbed():
            for pair in zip(known, unknown, strict=True):
                kinds = self.draw.sample((0, 1), 2)
                for kind in kinds:
                    seconds = self.one(pair[kind], status)
                    if kind == 0 and self.slower:
                        seconds += wait(seconds * self.slower)
                    times[kind].append(seconds)
        return times

    def one(self, request: Request, status: int) -> float:
        party, method, path, body = request
        raw = b"" if body is None else json.dumps(body).encode()
        environ = EnvironBuilder(
            f"/v1{path}", method=method, headers=[*party.headers.items()], input_stream=io.BytesIO(raw)
        ).get_environ()
        environ |= {"CONTENT_LENGTH": str(len(raw)), "CONTENT_TYPE": "application/json"}
        given: list[str] = []
        app = self.world.house.app
        began = time.thread_time()
        answer = b"".join(app(environ, lambda line, headers, *more: given.append(line)))  # type: ignore[arg-type]
        seconds = time.thread_time() - began
        assert given[0].startswith(str(status)), answer
        return seconds


def wait(seconds: float) -> float:
    began = time.thread_time()
    while (passed := time.thread_time() - began) < seconds:
        pass
    return passed


@contextmanager
def undisturbed() -> Iterator[None]:
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


class Crowd:
    """Many people of both kinds."""

    def __init__(self, world: PrivacyWorld) -> None:
        self.world = world
        self.bsns = (text for text in map(str, count(900_000_000)) if is_bsn(text))

    def more(self, number: int) -> tuple[list[str], list[str]]:
        """The BSNs of this many whom UWV knows, and of as many whom nobody knows."""
        known = [next(self.bsns) for _ in range(number)]
        caseworker, backup = self.world.caseworkers
        with self.world.house.database.transaction() as uow:
            for person_id in people.create_many(uow, [Identity(bsn=each) for each in known], is_client=True):
                uow.add(
                    Assignment(
                        id=new_id(),
                        person_id=person_id,
                        valid_from=uow.today,
                        caseworker_id=caseworker,
                        backup_id=backup,
                        created_at=uow.now,
                    )
                )
        return known, [next(self.bsns) for _ in range(number)]

    def employments(self, party: Party, place: str, bsns: list[str]) -> list[str]:
        made = [party.post("/employments", employment_body(place, endDate=END, bsn=each)) for each in bsns]
        assert {each.status_code for each in made} == {201}
        return [each.get_json()["id"] for each in made]

    def both(self, number: int) -> tuple[list[str], list[str]]:
        """The employments of as many of either kind, after the worker's turn: there are early warnings by now."""
        known, unknown = self.more(number)
        employer, place = self.world.employer, self.world.place
        mixed = [each for pair in zip(known, unknown, strict=True) for each in pair]
        found = dict(zip(mixed, self.employments(employer, place, mixed), strict=True))
        self.world.work()
        return [found[each] for each in known], [found[each] for each in unknown]


@pytest.fixture
def watch(world: PrivacyWorld) -> Stopwatch:
    world.done(world.employer, "PATCH", f"/webhooks/{world.webhook}", {"status": "paused"})
    return Stopwatch(world)


def contacts(world: PrivacyWorld, ids: list[str], times: int) -> list[Request]:
    return [(world.employer, "GET", f"/employments/{each}/contact", None) for _ in range(times) for each in ids]


@pytest.mark.slow
def test_looking_up_a_contact(world: PrivacyWorld, watch: Stopwatch) -> None:
    known, unknown = Crowd(world).both(20)
    tells_nothing(lambda: watch.each(contacts(world, known, 6), contacts(world, unknown, 6)))
    tells_nothing(
        lambda: watch.each(
            *([(world.employer, "GET", f"/employments/{each}", None) for each in ids * 4] for ids in (known, unknown))
        )
    )


@pytest.mark.slow
def test_reporting_a_contract_end(world: PrivacyWorld, watch: Stopwatch) -> None:
    """About the known there is an early warning already, which the report takes over."""
    crowd = Crowd(world)

    def report(employment: str) -> Request:
        body = {"employmentId": employment, "phase": "doubt", "expectedEndDate": END, "employeeInformed": True}
        return world.employer, "POST", "/contract-end-signals", body

    def measure() -> Times:
        known, unknown = crowd.both(60)
        return watch.each([report(each) for each in known], [report(each) for each in unknown], status=201)

    tells_nothing(measure)
    assert len(world.uwv.get("/contract-end-signals?limit=100").get_json()["items"]) >= 60


@pytest.mark.slow
def test_registering_an_employee(world: PrivacyWorld, watch: Stopwatch) -> None:
    crowd = Crowd(world)

    def measure() -> Times:
        kinds = crowd.more(60)
        known, unknown = (
            [(world.employer, "POST", "/employments", employment_body(world.place, bsn=each)) for each in bsns]
            for bsns in kinds
        )
        return watch.each(known, unknown, status=201)

    tells_nothing(measure)


@pytest.mark.slow
def test_lists(world: PrivacyWorld, watch: Stopwatch) -> None:
    """Of two employers: UWV knows all employees of one, and none of the other."""
    employers = [employer_in(world.house, name) for name in ("knows none", "is known none of")]
    crowd = Crowd(world)
    for employer, bsns in zip(employers, crowd.more(20), strict=True):
        for employment in crowd.employments(employer, establishment_of(employer), bsns):
            body = {"employmentId": employment, "phase": "doubt", "expectedEndDate": END, "employeeInformed": True}
            assert employer.post("/contract-end-signals", body).status_code == 201
    world.work()
    for path in ("/employments", "/contract-end-signals"):
        requests = [[(employer, "GET", f"{path}?limit=20", None)] * 30 for employer in employers]
        tells_nothing(lambda requests=requests: watch.each(*requests))  # type: ignore[misc]


@pytest.mark.slow
def test_a_planted_difference_shows(world: PrivacyWorld, watch: Stopwatch) -> None:
    """An eighth more for those whom UWV knows."""
    watch.slower = 0.125
    known, unknown = Crowd(world).both(20)
    value = measured(
        lambda: watch.each(contacts(world, known, 6), contacts(world, unknown, 6)), lambda value: value > HIGH
    )
    assert value > HIGH, f"AUC {value:.3f}"


def test_the_chance_itself() -> None:
    assert auc([1, 2, 3], [1, 2, 3]) == 0.5
    assert auc([4, 5], [1, 2]) == 1
    assert auc([1, 3], [2]) == 0.5
    draw = random.Random(SEED)
    one, other = ([draw.gauss(1, 0.1) for _ in range(2000)] for _ in range(2))
    assert 0.47 < auc(one, other) < 0.53
    assert auc([each * 1.1 for each in one], other) > 0.7
