"""Everything that a pool can read, over HTTP: two worlds that differ only in what is hidden look the same to it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from itertools import count
from typing import Any
from uuid import UUID

import pytest

from service.access.rules import PartyKind
from service.delivery import sequencer
from service.employers.models import Employer
from service.vacancies.candidates import operations as candidates
from service.vacancies.pools.models import MobilityPool
from tests.support.house import House, Party

AN_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
SIZES = (1, 4, 5, 12)
WORK: dict[str, Any] = {
    "title": "Medewerker magazijn",
    "occupationCode": "9333",
    "hours": {"min": 24, "max": 24},
    "contractType": "fixed_term",
    "startDate": "2027-02-01",
    "workplace": {"postcode": "9712 AB"},
    "demands": [],
    "offers": ["fixed_tasks"],
    "positions": 20,
}
CONSENT = {"how": "phone", "askedBy": "A. Jansen, jobcoach", "on": "2026-11-20"}

Hidden = Callable[[int], dict[str, Any]]

# Postcodes and days of their own for each: in pairs of worlds that a pool may see alike.
FAR = ["9711", "1012", "6211", "8911", "3511", "7511", "5611", "2511", "4811", "6811", "1811", "3011"]
NEAR = ["9711", "9712", "9713", "9714", "9715", "9716", "9717", "9718", "9721", "9722", "9723", "9724"]


def scattered(n: int) -> dict[str, Any]:
    hours, day = {"min": 17 + n % 3, "max": 30}, f"2027-{1 + n:02}-{10 + n}"
    return {"postcode4": FAR[n], "availableFrom": day, "hours": hours, "maxDistanceKm": 11 + n % 5}


def scattered_otherwise(n: int) -> dict[str, Any]:
    hours, day = {"min": 22, "max": 31}, f"2028-{12 - n:02}-{28 - n}"
    return {"postcode4": FAR[-1 - n], "availableFrom": day, "hours": hours, "maxDistanceKm": 19}


def near(n: int) -> dict[str, Any]:
    hours, day = {"min": 17, "max": 31}, f"2027-02-{10 + n}"
    return {"postcode4": NEAR[n], "availableFrom": day, "hours": hours, "maxDistanceKm": 15}


def near_otherwise(n: int) -> dict[str, Any]:
    hours, day = {"min": 16, "max": 30}, f"2027-02-{28 - n}"
    return {"postcode4": NEAR[-1 - n], "availableFrom": day, "hours": hours, "maxDistanceKm": 20}


class TwoPools:
    """A house with two pools of the same name; one employer is a member of both, so that its vacancy is with both."""

    def __init__(self, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
        self.house = house
        self.pools = [house.party(PartyKind.MOBILITY_POOL, "Pool") for _ in range(2)]
        self.employer = house.party(PartyKind.EMPLOYER)
        self.uwv, self.wsp = house.party(PartyKind.UWV), house.party(PartyKind.WSP)
        # Ids in the order in which they are made, so that lists of both worlds have the same order.
        numbers = count(1)
        monkeypatch.setattr(candidates, "unlinkable_id", lambda: str(UUID(int=next(numbers) << 80 | 4 << 76 | 2 << 62)))
        desk = house.party(PartyKind.DESK)
        self.people: list[list[str]] = [[], []]
        with house.database.transaction() as uow:
            employer = Employer(id=self.employer.id, name="Brood", kvk_number="69599084", created_at=uow.now)
            uow.session.add_all(
                [employer, *(MobilityPool(id=p.id, name="Pool", created_at=uow.now) for p in self.pools)]
            )
        for pool in self.pools:
            self.done(desk.post(f"/mobility-pools/{pool.id}/members", {"partyId": self.employer.id}))
        self.vacancy = self.done(self.employer.post("/vacancies", WORK))["id"]

    def done(self, answer: Any) -> dict[str, Any]:
        assert answer.status_code in (200, 201), answer.get_json()
        found: dict[str, Any] = answer.get_json()
        return found

    def add(self, number: int, worlds: tuple[Hidden, Hidden]) -> None:
        for at, hidden in enumerate(worlds):
            profile = {"occupations": ["9333"], "needs": ["fixed_tasks"], "cannot": []} | hidden(number)
            made = self.done(self.wsp.post("/candidates", profile))["id"]
            body = {"poolId": self.pools[at].id, "consent": CONSENT}
            self.done(self.uwv.post(f"/candidates/{made}/pool-offers", body))
            self.people[at].append(made)

    def propose(self) -> None:
        """Both pools propose who came last, and what happened is told."""
        for pool, people in zip(self.pools, self.people, strict=True):
            self.done(
                pool.post("/proposals", {"vacancyId": self.vacancy, "candidateId": people[-1], "proposedBy": "P. Smit"})
            )
        with self.house.database.transaction() as uow:
            sequencer.sequence(uow, 1000)

    def read(self, at: int) -> list[str]:
        """Whatever the client of this pool can read, with the ids replaced by what they name."""
        pool, people = self.pools[at], self.people[at]
        some = list(dict.fromkeys((people[0], people[-1])))
        everything = "limit=100&nearMisses=100&withMisfits=true"
        paths = [
            "/candidates?limit=50",
            "/candidates?occupationCode=9333",
            "/candidates?occupationCode=4321",
            "/candidates?status=available",
            "/candidates?status=paused",
            f"/candidates?leadPartyId={self.wsp.id}",
            *(f"/candidates/{one}" for one in some),
            *(f"/candidates/{one}/pool-offers" for one in some),
            *(f"/candidates/{one}/matches?{everything}" for one in some),
            f"/vacancies/{self.vacancy}/matches?{everything}",
            f"/vacancies/{self.vacancy}/matches?limit=1",
            "/proposals?limit=50",
            "/events?limit=100",
            "/work-items?limit=50",
            *(f"/mobility-pools/{pool.id}/{part}" for part in ("candidates", "vacancies", "overview")),
        ]
        return [self.told(pool, people, path) for path in paths]

    def told(self, pool: Party, people: list[str], path: str) -> str:
        answer = pool.get(path)
        assert answer.status_code == 200, (path, answer.get_json())
        version = answer.headers.get("ETag", "").split("-")[0]
        names = {one: f"candidate {number}" for number, one in enumerate(people)}

        def name(found: re.Match[str]) -> str:
            return names.get(found[0], "an id")

        text = AN_ID.sub(name, json.dumps(answer.get_json(), sort_keys=True))
        text = re.sub(r'"(cursor|next|sequence)": "[^"]*"', r'"\1": ""', text)
        return f"{AN_ID.sub(name, path)} {version} {text}"


@pytest.fixture
def two(house: House, monkeypatch: pytest.MonkeyPatch) -> TwoPools:
    return TwoPools(house, monkeypatch)


@pytest.mark.parametrize(
    ("worlds", "area"),
    [((scattered, scattered_otherwise), None), ((near, near_otherwise), "97")],
    ids=["scattered", "near"],
)
def test_what_is_hidden_changes_nothing(two: TwoPools, worlds: tuple[Hidden, Hidden], area: str | None) -> None:
    for size in range(1, max(SIZES) + 1):
        two.add(size - 1, worlds)
        if size not in SIZES:
            continue
        two.propose()
        one, other = two.read(0), two.read(1)
        for told, told_elsewhere in zip(one, other, strict=True):
            assert told == told_elsewhere
        shown = area if size >= 5 else None
        [first, *_] = two.pools[0].get("/candidates").get_json()["items"]
        assert (first["area"], first["postcode4"], first["availableFrom"]) == (shown, None, None)
        assert first["hours"] == {"min": 16, "max": 32}
        assert first["maxDistanceKm"] == 20
        if shown:
            assert first["availablePeriod"] == {"first": "2027-02-01", "last": "2027-02-28"}
        for at, hidden in enumerate(worlds):
            text = " ".join(one if at == 0 else other)
            for number in range(size):
                exact = hidden(number)
                day = exact["availableFrom"]
                year, month, rest = day.split("-")
                # The middle of the area is one of its postcodes, but nowhere said to be anybody's.
                assert f'"{exact["postcode4"]}"' not in text
                if day not in ("2027-02-28", "2027-02-01"):
                    assert day not in text
                    assert f"{int(rest)}-{int(month)}-{year}" not in text


def test_a_pool_sees_whom_it_leads_exactly_and_others_by_work_only(two: TwoPools) -> None:
    pool = two.pools[0]
    led = two.done(pool.post("/candidates", {"occupations": ["9333"], "postcode4": "9711", "maxDistanceKm": 11}))
    assert (led["postcode4"], led["area"], led["maxDistanceKm"]) == ("9711", "9711", 11)
    far_led = {"occupations": ["9333"], "postcode4": "6211", "maxDistanceKm": 11}
    two.done(pool.post("/candidates", far_led))
    for number in range(3):
        two.add(number, (scattered, scattered_otherwise))
    matches = pool.get(f"/vacancies/{two.vacancy}/matches").get_json()["items"]
    # Wherever they live: one in Maastricht whom the pool leads is out of reach, one who is offered there is not told.
    assert {one["candidateId"] for one in matches} == {led["id"], *two.people[0]}
    by_id = {one["candidateId"]: {line["criterion"]: line for line in one["criteria"]} for one in matches}
    assert by_id[led["id"]]["distance"]["result"] == "met"
    for one in two.people[0]:
        assert by_id[one]["distance"]["result"] == by_id[one]["start"]["result"] == "unknown"
    refused = pool.patch(f"/candidates/{two.people[0][0]}", {"maxDistanceKm": 5}, If_Match="*")
    assert refused.status_code == 403


def test_an_approximate_match_says_that_it_is(two: TwoPools) -> None:
    for number in range(5):
        two.add(number, (near, near_otherwise))
    [first, *_] = two.pools[0].get(f"/vacancies/{two.vacancy}/matches").get_json()["items"]
    said = {line["criterion"]: line["explanation"] for line in first["criteria"]}
    assert "Gerekend vanuit het midden van postcodegebied 97." in said["distance"]
    assert "een dag van 1-2-2027 tot en met 28-2-2027" in said["start"]
    assert first["gapDays"] is None
    [exact, *_] = two.wsp.get(f"/vacancies/{two.vacancy}/matches").get_json()["items"]
    assert "Gerekend vanuit" not in str(exact)
