"""A vacancy from a contract-end signal: the job is not described again, and the signal hears how the vacancy fares."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from service.access.rules import PartyKind
from service.employers import employments
from service.employers.schemas import EmploymentBody
from service.kernel.database import Database
from service.kernel.ids import new_id
from service.kernel.problems import Problem
from service.signals import operations as signals
from service.signals.models import Signal
from service.signals.schemas import SignalBody
from service.vacancies import operations as vacancies
from service.vacancies.schemas import VacancyBody
from tests.support.house import SettableClock
from tests.vacancies.vacancies_world import World


@pytest.fixture
def world(database: Database, clock: SettableClock) -> World:
    return World(database, clock)


def signal(world: World, phase: str = "decided", **job: Any) -> str:
    place = world.establishment(world.employer)
    sent = {
        "establishmentId": place,
        "startDate": "2025-05-01",
        "endDate": "2027-04-30",
        "contractType": "fixed_term",
        "hoursPerWeek": 28.5,
        "jobTitle": "Schoonmaker",
        "occupationCode": "9112",
    }
    with world.database.transaction() as uow:
        employment = employments.register_employment(uow, world.employer, EmploymentBody().load(sent | job))
        report = {
            "employmentId": employment["id"],
            "phase": phase,
            "expectedEndDate": "2027-04-30",
            "employeeInformed": True,
        }
        return str(signals.report_signal(uow, world.employer, SignalBody().load(report))["id"])


def freed(world: World, signal_id: str, **body: Any) -> dict[str, Any]:
    with world.database.transaction() as uow:
        data = VacancyBody().load({"freedBySignalId": signal_id, **body})
        return vacancies.register_vacancy(uow, world.employer, data)


def told(world: World, signal_id: str) -> tuple[Any, ...]:
    with world.database.reading() as uow:
        row = uow.session.get_one(Signal, signal_id)
        return row.freed_vacancy_id, row.freed_vacancy_status, row.freed_vacancy_opened_on, row.freed_vacancy_filled_on


def test_the_job_that_comes_free_fills_in_the_vacancy(world: World) -> None:
    made = freed(world, signal(world))
    assert (made["title"], made["occupation_code"], made["contract_type"]) == ("Schoonmaker", "9112", "fixed_term")
    assert made["hours"] == {"min": Decimal("28.5"), "max": Decimal("28.5")}
    assert made["start_date"] == date(2027, 5, 1)
    assert (made["region_code"], made["workplace"]["name"]) == ("AM02", "Filiaal Leeuwarden")
    assert world.statuses(made["id"]) == {"WSP Friesland": "sent"}


def test_what_the_employer_says_wins(world: World) -> None:
    made = freed(world, signal(world), title="Huismeester", startDate=None, workplace={"postcode": "9711AB"})
    assert (made["title"], made["start_date"], made["region_code"]) == ("Huismeester", None, "AM01")
    assert made["occupation_code"] == "9112"


OVERRIDES: dict[str, tuple[Any, str, Any]] = {
    "title": ("Huismeester", "title", "Huismeester"),
    "occupationCode": ("5153", "occupation_code", "5153"),
    "hours": ({"min": 16, "max": 20}, "hours", {"min": 16, "max": 20}),
    "contractType": ("permanent", "contract_type", "permanent"),
    "startDate": ("2027-06-01", "start_date", date(2027, 6, 1)),
    "workplace": ({"municipality": "Emmen"}, "region_code", "AM03"),
    "establishmentId": (None, "establishment_id", None),
}


def test_each_thing_that_comes_from_the_job_can_be_said_otherwise(world: World) -> None:
    """And the rest still comes from the job."""
    facts = {own for _, own, _ in OVERRIDES.values()} - {"region_code", "establishment_id"}
    usual = freed(world, signal(world))
    assert all(usual[each] is not None for each in facts)
    for name, (sent, own, shown) in OVERRIDES.items():
        if sent is None:
            sent = shown = world.establishment(world.employer)
        made = freed(world, signal(world), **{name: sent})
        assert made[own] == shown != usual[own], name
        assert {each: made[each] for each in facts - {own}} == {each: usual[each] for each in facts - {own}}, name


def test_without_a_known_end_there_is_no_first_day(world: World) -> None:
    """A decided end without a day: the rest comes over."""
    signal_id = signal(world)
    with world.database.transaction() as uow:
        row = uow.session.get_one(Signal, signal_id)
        row.expected_end_date = row.reports[0].expected_end_date = None
    made = freed(world, signal_id)
    assert (made["start_date"], made["title"]) == (None, "Schoonmaker")


def test_what_the_job_does_not_tell_is_still_asked(world: World) -> None:
    with pytest.raises(Problem) as refused:
        freed(world, signal(world, jobTitle=None, hoursPerWeek=None))
    assert {error.pointer for error in refused.value.errors} == {"/title", "/hours"}


def test_a_signal_frees_one_vacancy_at_a_time_and_only_once_decided(world: World) -> None:
    signal_id = signal(world)
    first = freed(world, signal_id)
    with pytest.raises(Problem) as refused:
        freed(world, signal_id)
    assert refused.value.code == "vacancy-exists"
    assert refused.value.extra["existing"] == f"/v1/vacancies/{first['id']}"
    world.move(first["id"], "withdrawn")
    assert freed(world, signal_id)["status"] == "open"
    with pytest.raises(Problem) as refused:
        freed(world, signal(world, phase="doubt"))
    assert refused.value.code == "end-not-decided"
    with pytest.raises(Problem) as refused:
        freed(world, new_id())
    assert [error.pointer for error in refused.value.errors] == ["/freedBySignalId"]


def test_another_employer_cannot_use_the_signal(world: World) -> None:
    signal_id = signal(world)
    stranger = world.add(PartyKind.EMPLOYER, "Een ander bedrijf")
    with pytest.raises(Problem) as refused:
        world.post(stranger, freedBySignalId=signal_id)
    assert [(error.pointer, error.code) for error in refused.value.errors] == [
        ("/freedBySignalId", "unknown-reference")
    ]


def test_the_signal_hears_how_its_vacancy_fares(world: World) -> None:
    signal_id = signal(world)
    draft = freed(world, signal_id, status="draft")
    assert told(world, signal_id) == (None, None, None, None)
    world.move(draft["id"], "open")
    opened = date(2027, 3, 1)
    assert told(world, signal_id) == (draft["id"], "open", opened, None)
    world.now += timedelta(days=10)
    assert world.fill(draft["id"], date(2027, 3, 11)) is True
    assert told(world, signal_id) == (draft["id"], "filled", opened, date(2027, 3, 11))


def test_only_the_employer_and_uwvs_side_learn_which_signal_it_was(world: World) -> None:
    signal_id = signal(world)
    vacancy_id = freed(world, signal_id)["id"]
    for actor in (world.employer, world.uwv, world.desk):
        assert world.get(vacancy_id, actor)["freed_by_signal_id"] == signal_id
        assert world.listed(actor, freed_by_signal_id=signal_id) == [vacancy_id]
    for actor in (world.other_wsp, world.add(PartyKind.JOBCOACH_ORGANISATION, "Coach en Co")):
        assert world.get(vacancy_id, actor)["freed_by_signal_id"] is None
        assert world.listed(actor, freed_by_signal_id=signal_id) == []
