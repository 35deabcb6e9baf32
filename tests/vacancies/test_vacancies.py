"""Vacancies: what an employer sends, who sees it, and the course that it takes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from marshmallow import ValidationError

from service.access.rules import PartyKind
from service.kernel.database import Database
from service.kernel.ids import new_id
from service.kernel.problems import Problem
from service.kernel.requests import Expected
from service.kernel.schemas import field_errors
from service.reference import places
from service.vacancies import operations as vacancies
from service.vacancies.models import Vacancy
from service.vacancies.room import ROOM
from service.vacancies.rules import VacancyStatus
from service.vacancies.schemas import VacancyBody, VacancyView
from tests.support.house import SettableClock
from tests.vacancies.vacancies_world import World


@pytest.fixture
def world(database: Database, clock: SettableClock) -> World:
    return World(database, clock)


def codes(refused: pytest.ExceptionInfo[Problem]) -> set[tuple[str | None, str]]:
    return {(error.pointer, error.code) for error in refused.value.errors}


# --- Opening ----------------------------------------------------------------------------------------------------


def test_a_vacancy_opens_at_once_and_goes_to_the_wsp_of_its_region(world: World) -> None:
    made = world.post()
    assert (made["status"], made["region_code"]) == ("open", "AM01")
    assert (made["opened_on"], made["expires_on"]) == (date(2027, 3, 1), date(2027, 5, 30))
    assert (made["demands"], made["offers"], made["positions"]) == (None, None, 1)
    sent = world.referrals(made["id"])
    assert [(one["to"]["name"], one["because"], one["status"]) for one in sent] == [("WSP Groningen", "region", "sent")]
    assert sent[0]["respond_by"] == date(2027, 3, 4)
    both = {world.employer.party.id, world.wsp.party.id}
    assert world.readers("vacancy.opened") == [both]
    assert world.readers("referral.sent") == [both]


def test_the_view_holds_all_that_the_contract_promises(world: World) -> None:
    vacancy_id = world.post(demands=["shift_work"], drivingLicences=["B"], languageLevel="A2")["id"]
    shown = VacancyView().dump(world.get(vacancy_id))
    required = {field.data_key for field in VacancyView().fields.values() if field.required}
    assert required <= set(shown)
    assert shown["hours"] == {"min": 24.0, "max": 32.0}
    assert shown["workplace"]["municipality"] == "Groningen"
    assert (shown["demands"], shown["drivingLicences"], shown["languageLevel"]) == (["shift_work"], ["B"], "A2")


def test_a_draft_stays_with_its_employer_until_it_opens(world: World) -> None:
    draft = world.post(status="draft")
    assert (draft["status"], draft["opened_on"]) == ("draft", None)
    assert world.referrals(draft["id"]) == []
    for actor in (world.wsp, world.uwv, world.desk):
        assert world.listed(actor) == []
    world.now += timedelta(days=7)
    opened = world.move(draft["id"], "open")
    assert opened["opened_on"] == date(2027, 3, 8)
    assert world.listed(world.wsp) == world.listed(world.uwv) == [draft["id"]]


def test_the_place_comes_from_an_establishment(world: World) -> None:
    place = world.establishment(world.employer)
    made = world.post(without="workplace", establishmentId=place)
    assert (made["region_code"], made["workplace"]["name"]) == ("AM02", "Filiaal Leeuwarden")
    with world.database.reading() as uow:
        row = uow.session.get_one(Vacancy, made["id"])
        assert row.postcode4 == "8911"
        assert row.latitude == pytest.approx(53.2, abs=0.1)
        assert row.longitude == pytest.approx(5.8, abs=0.1)


def test_the_municipality_stands_in_for_a_postcode_that_we_do_not_know(world: World) -> None:
    made = world.post(workplace={"postcode": "1004ZZ", "municipality": "Groningen"})
    assert made["region_code"] == "AM01"
    only = world.post(workplace={"municipality": "Leeuwarden"})
    assert (only["region_code"], only["workplace"]["postcode"]) == ("AM02", None)
    with world.database.reading() as uow:
        assert uow.session.get_one(Vacancy, only["id"]).latitude is None


@pytest.mark.parametrize(
    ("workplace", "region"),
    [
        ({"postcode": "9711AB"}, "AM01"),
        ({"postcode": "9711AB", "municipality": "Groningen"}, "AM01"),
        # Beside it: a postcode can lie in two.
        ({"postcode": "9865AA", "municipality": "Achtkarspelen"}, "AM02"),
        ({"postcode": "9865AA"}, "AM01"),
        ({"postcode": "9711AB", "municipality": "Leeuwarden"}, None),
        ({"postcode": "1011AB", "municipality": "Maastricht"}, None),
        ({"postcode": "1004ZZ", "municipality": "Maastricht"}, "AM30"),
    ],
)
def test_postcode_and_municipality_must_not_contradict_each_other(
    workplace: dict[str, str], region: str | None
) -> None:
    area = places.postcode(workplace["postcode"])
    named = places.municipality(workplace["municipality"]) if "municipality" in workplace else None
    fits = named is None or places.may_lie_in(workplace["postcode"], named.code)
    assert fits is (region is not None)
    if region is not None:
        town = named or places.municipality(area.municipality_code if area else "")
        assert town is not None
        assert town.region_code == region


def test_a_place_that_contradicts_itself_is_refused(world: World) -> None:
    with pytest.raises(Problem) as refused:
        world.post(workplace={"postcode": "9711AB", "municipality": "Leeuwarden"})
    assert codes(refused) == {("/workplace/municipality", "place-contradicts")}
    made = world.post(workplace={"postcode": "9865AA", "municipality": "Achtkarspelen"})
    assert (made["region_code"], made["workplace"]["municipality"]) == ("AM02", "Achtkarspelen")
    # Another municipality without a postcode: the postcode that was there goes where it cannot lie in it.
    moved = world.patch(made["id"], workplace={"municipality": "Emmen"})
    assert (moved["region_code"], moved["workplace"]["postcode"]) == ("AM03", None)
    near = world.post(workplace={"postcode": "9865AA"})
    assert world.patch(near["id"], workplace={"municipality": "Achtkarspelen"})["workplace"]["postcode"] == "9865AA"


def test_all_that_is_missing_is_named_at_once(world: World) -> None:
    with pytest.raises(Problem) as refused, world.database.transaction() as uow:
        vacancies.register_vacancy(uow, world.employer, VacancyBody().load({}))
    needed = {"/title", "/occupationCode", "/hours", "/contractType", "/establishmentId"}
    assert codes(refused) == {(pointer, "required") for pointer in needed}


def test_what_cannot_be_is_refused(world: World) -> None:
    stranger = world.add(PartyKind.EMPLOYER, "Een ander bedrijf")
    with pytest.raises(Problem) as refused:
        world.post(without="workplace", establishmentId=world.establishment(stranger))
    assert codes(refused) == {("/establishmentId", "unknown-reference")}
    with pytest.raises(Problem) as refused:
        world.post(hours={"min": 32, "max": 24}, expiresOn="2027-12-31", workplace={"postcode": "1004ZZ"})
    assert codes(refused) == {
        ("/hours", "not-in-order"),
        ("/expiresOn", "out-of-range"),
        ("/workplace/postcode", "unknown-postcode"),
    }
    with pytest.raises(Problem) as refused:
        world.post(employerId=stranger.party.id)
    assert codes(refused) == {("/employerId", "unknown-reference")}


@pytest.mark.parametrize("field", ["title", "description", "reference", "tasks"])
@pytest.mark.parametrize("number", ["123456782", "123.456.782", "1234 56 782"])
def test_a_bsn_in_the_text_is_refused_without_repeating_it(field: str, number: str) -> None:
    text = f"Bel over {number}"
    with pytest.raises(ValidationError) as refused:
        VacancyBody().load({field: [text] if field == "tasks" else text})
    (error,) = field_errors(refused.value.messages)
    assert error.code == "holds-bsn"
    assert "/" + field in (error.pointer or "")
    assert not any(number in sentence for sentence in error.text)


@pytest.mark.parametrize("text", ["Bel 0612345678", "123456789", "Ordernummer 1234567820", "12345678"])
def test_other_numbers_are_fine(text: str) -> None:
    assert VacancyBody().load({"description": f"Werk:\n{text}"})["description"].endswith(text)


# --- Only one at a time -----------------------------------------------------------------------------------------


def test_a_reference_is_unique_among_live_vacancies_of_an_employer(world: World) -> None:
    first = world.post(reference="V-1")
    with pytest.raises(Problem) as refused:
        world.post(reference="V-1")
    assert (refused.value.status, refused.value.code) == (409, "vacancy-exists")
    assert refused.value.extra["existing"] == f"/v1/vacancies/{first['id']}"
    world.post(world.add(PartyKind.EMPLOYER, "Een ander bedrijf"), reference="V-1")
    world.move(first["id"], "withdrawn")
    second = world.post(reference="V-1")
    third = world.post(reference="V-3")
    with pytest.raises(Problem):
        world.patch(third["id"], reference="V-1")
    assert world.listed(world.employer, reference="V-1") == [first["id"], second["id"]]


def test_renewing_checks_the_reference_again(world: World) -> None:
    first = world.post(reference="V-1")
    world.now += timedelta(days=91)
    assert world.run("vacancies.expired") == [first["id"]]
    world.post(reference="V-1")
    with pytest.raises(Problem) as refused:
        world.move(first["id"], "open")
    assert refused.value.code == "vacancy-exists"
    assert world.get(first["id"])["status"] == "expired"


# --- Who sees what ----------------------------------------------------------------------------------------------


def test_who_sees_an_open_vacancy(world: World) -> None:
    made = world.post()
    stranger = world.add(PartyKind.EMPLOYER, "Een ander bedrijf")
    pool = world.add(PartyKind.MOBILITY_POOL, "Pool")
    operator = world.add(PartyKind.OPERATOR, "Beheer")
    for actor in (world.employer, world.wsp, world.uwv, world.desk):
        assert world.listed(actor) == [made["id"]]
    for actor in (stranger, world.other_wsp, pool, operator):
        assert world.listed(actor) == []
        for look in (world.get, world.referrals):
            with pytest.raises(Problem) as refused:
                look(made["id"], actor)
            assert refused.value.status == 404


def test_a_jobcoach_organisation_sees_what_is_open_and_who_offers_it(world: World) -> None:
    coach = world.add(PartyKind.JOBCOACH_ORGANISATION, "Coach en Co")
    world.post(status="draft")
    on_hold, made = world.post()["id"], world.post()
    world.move(on_hold, "on_hold")
    assert world.listed(coach) == [made["id"]]
    shown = world.get(made["id"], coach)
    assert shown == world.get(made["id"], world.wsp)
    assert (shown["employer_name"], shown["workplace"]["municipality"]) == ("Bakkerij Brood", "Groningen")
    assert world.referrals(made["id"], coach) == []
    with pytest.raises(Problem) as refused:
        world.patch(made["id"], coach, title="Iets anders")
    assert refused.value.status == 403
    world.move(made["id"], "filled")
    assert world.listed(coach) == []
    with pytest.raises(Problem) as refused:
        world.get(made["id"], coach)
    assert refused.value.status == 404


def test_only_the_employer_changes_its_vacancy(world: World) -> None:
    made = world.post()
    for actor in (world.wsp, world.uwv, world.desk):
        with pytest.raises(Problem) as refused:
            world.patch(made["id"], actor, title="Iets anders")
        assert refused.value.status == 403
        with pytest.raises(Problem) as refused:
            world.move(made["id"], "withdrawn", actor)
        assert (refused.value.code, refused.value.extra["allowed"]) == ("forbidden-transition", [])


def test_filters(world: World) -> None:
    here, there = world.post()["id"], world.post(workplace={"municipality": "Leeuwarden"})["id"]
    assert world.listed(world.uwv, region_code="AM02") == [there]
    world.move(here, "on_hold")
    assert world.listed(world.uwv, status=VacancyStatus.ON_HOLD) == [here]
    assert world.listed(world.uwv, employer_id=world.employer.party.id) == [here, there]
    assert world.listed(world.uwv, employer_id=new_id()) == []


# --- Changing ---------------------------------------------------------------------------------------------------


def test_a_change_is_told_and_moves_along_to_another_region(world: World) -> None:
    made = world.post()
    stale = Expected(frozenset({made["version"] - 1}))
    with pytest.raises(Problem) as refused:
        world.patch(made["id"], expected=stale, title="Iets anders")
    assert refused.value.status == 412
    changed = world.patch(made["id"], title="Iets anders", hours={"max": 36})
    assert (changed["title"], changed["hours"]) == ("Iets anders", {"min": 24, "max": 36})
    assert changed["version"] > made["version"]
    world.patch(made["id"], workplace={"postcode": "8911AA"})
    assert {one["to"]["name"] for one in world.referrals(made["id"])} == {"WSP Groningen", "WSP Friesland"}
    everybody = {world.employer.party.id, world.wsp.party.id}
    assert world.readers("vacancy.changed") == [everybody, everybody | {world.other_wsp.party.id}]


def test_what_has_ended_cannot_change(world: World) -> None:
    made = world.post()
    world.move(made["id"], "withdrawn")
    with pytest.raises(Problem) as refused:
        world.patch(made["id"], title="Iets anders")
    assert refused.value.code == "vacancy-ended"
    with pytest.raises(Problem) as refused:
        world.move(made["id"], "open")
    assert refused.value.code == "forbidden-transition"


# --- The course -------------------------------------------------------------------------------------------------


def test_expiry_ends_the_search_and_renewing_begins_it_again(world: World) -> None:
    made = world.post()
    world.now += timedelta(days=90)
    assert world.run("vacancies.expired") == []
    world.now += timedelta(days=1)
    assert world.run("vacancies.expired") == [made["id"]]
    assert world.run("vacancies.expired") == []
    assert world.get(made["id"])["status"] == "expired"
    assert [(one["status"], one["reason"]) for one in world.referrals(made["id"])] == [("closed", "vacancy_expired")]
    assert world.readers("vacancy.expired") == [{world.employer.party.id, world.wsp.party.id}]
    again = world.move(made["id"], "open")
    assert (again["opened_on"], again["expires_on"]) == (date(2027, 3, 1), date(2027, 8, 29))
    assert [one["status"] for one in world.referrals(made["id"])] == ["closed", "sent"]


def test_the_employer_is_told_once_before_each_last_day(world: World) -> None:
    made, held = world.post(), world.post(expiresOn="2027-05-20")
    world.post(status="draft", expiresOn="2027-05-20")
    stranger = world.add(PartyKind.EMPLOYER, "Een ander bedrijf")
    world.move(held["id"], "on_hold")
    version = world.get(made["id"])["version"]
    world.now = datetime(2027, 5, 5, 12, tzinfo=UTC)
    assert world.run("vacancies.expiring") == []
    world.now = datetime(2027, 5, 16, 12, tzinfo=UTC)
    assert world.run("vacancies.expiring") == [held["id"], made["id"]]
    assert world.run("vacancies.expiring") == []
    assert world.readers("vacancy.expiring") == [{world.employer.party.id}] * 2
    assert world.get(made["id"])["version"] == version
    # A later last day is told anew, in its time; one that is near is told at once.
    world.patch(made["id"], expiresOn="2027-06-30")
    soon = world.post(stranger, expiresOn="2027-05-18")
    assert world.run("vacancies.expiring") == [soon["id"]]
    assert world.readers("vacancy.expiring")[-1] == {stranger.party.id}
    world.now = datetime(2027, 6, 16, 12, tzinfo=UTC)
    assert world.run("vacancies.expiring") == [made["id"]]
    # Once it has passed there is nothing to tell.
    world.now = datetime(2027, 8, 1, 12, tzinfo=UTC)
    assert world.run("vacancies.expiring") == []


def test_many_are_told_at_once(world: World) -> None:
    (timer,) = (each for each in ROOM.timers if each.name == "vacancies.expiring")
    ids = [world.post(expiresOn="2027-03-10")["id"] for _ in range(3)]
    with world.database.transaction() as uow:
        due = timer.due(uow, 500)
        assert (due, timer.fire_many is not None) == (ids, True)
        assert timer.fire_many is not None
        timer.fire_many(uow, due)
    assert len(world.readers("vacancy.expiring")) == 3
    assert world.run("vacancies.expiring") == []


def test_a_later_last_day_renews_also_afterwards(world: World) -> None:
    made = world.post(reference="V-1")
    later = world.patch(made["id"], expiresOn="2027-05-20")
    assert (later["status"], later["expires_on"]) == ("open", date(2027, 5, 20))
    world.now = datetime(2027, 5, 25, 12, tzinfo=UTC)
    assert world.run("vacancies.expired") == [made["id"]]
    unrenewed = world.patch(made["id"], title="Iets anders")
    assert (unrenewed["status"], unrenewed["title"]) == ("expired", "Iets anders")
    for day in ("2027-05-24", "2027-08-24"):
        with pytest.raises(Problem) as refused:
            world.patch(made["id"], expiresOn=day)
        assert codes(refused) == {("/expiresOn", "out-of-range")}
    again = world.patch(made["id"], expiresOn="2027-06-10", positions=2)
    assert (again["status"], again["expires_on"], again["positions"]) == ("open", date(2027, 6, 10), 2)
    assert again["opened_on"] == date(2027, 3, 1)
    assert world.readers("vacancy.renewed") == [{world.employer.party.id, world.wsp.party.id}]
    assert [one["status"] for one in world.referrals(made["id"])] == ["closed", "sent"]
    world.now = datetime(2027, 6, 12, 12, tzinfo=UTC)
    assert world.run("vacancies.expired") == [made["id"]]
    second = world.post(reference="V-1")
    with pytest.raises(Problem) as refused:
        world.patch(made["id"], expiresOn="2027-06-30")
    assert refused.value.extra["existing"] == f"/v1/vacancies/{second['id']}"
    world.move(second["id"], "withdrawn")
    assert world.patch(made["id"], expiresOn="2027-06-30")["status"] == "open"


def test_a_draft_does_not_open_after_the_last_day_that_was_chosen(world: World) -> None:
    draft = world.post(status="draft", expiresOn="2027-03-05")
    world.now += timedelta(days=10)
    with pytest.raises(Problem) as refused:
        world.move(draft["id"], "open")
    assert (refused.value.status, refused.value.code) == (409, "last-day-passed")
    world.patch(draft["id"], expiresOn="2027-04-01")
    assert world.move(draft["id"], "open")["expires_on"] == date(2027, 4, 1)


def test_a_last_day_of_the_employers_own_choice_holds(world: World) -> None:
    made = world.post(expiresOn="2027-03-10")
    assert made["expires_on"] == date(2027, 3, 10)
    world.now = datetime(2027, 3, 10, 22, 59, tzinfo=UTC)
    assert world.run("vacancies.expired") == []
    world.now = datetime(2027, 3, 10, 23, 0, tzinfo=UTC)
    assert world.run("vacancies.expired") == [made["id"]]


def test_placements_fill_it_one_by_one(world: World) -> None:
    made = world.post(positions=2)
    world.now += timedelta(days=20)
    assert world.fill(made["id"], date(2027, 3, 15)) is False
    assert world.get(made["id"])["filled_positions"] == 1
    with pytest.raises(Problem) as refused:
        world.patch(made["id"], positions=1)
    assert codes(refused) == {("/positions", "too-few-positions")}
    assert world.fill(made["id"], date(2027, 3, 20)) is True
    filled = world.get(made["id"])
    assert (filled["status"], filled["filled_on"], filled["fill_days"]) == ("filled", date(2027, 3, 20), 19)
    assert [(one["status"], one["reason"]) for one in world.referrals(made["id"])] == [("closed", "vacancy_filled")]
    both = {world.employer.party.id, world.wsp.party.id}
    assert world.readers("vacancy.position-filled") == world.readers("vacancy.filled") == [both]
    assert world.listed(world.wsp) == [made["id"]]
    with pytest.raises(Problem) as refused:
        world.fill(made["id"], date(2027, 3, 20))
    assert refused.value.code == "no-position-left"


def test_the_employer_says_that_it_is_filled(world: World) -> None:
    made = world.post(positions=3)
    world.now += timedelta(days=5)
    for day in ("2027-02-28", "2027-03-07"):
        with pytest.raises(Problem) as refused:
            world.move(made["id"], "filled", filledOn=day)
        assert codes(refused) == {("/filledOn", "day-does-not-fit")}
    filled = world.move(made["id"], "filled", filledOn="2027-03-04")
    assert (filled["status"], filled["filled_positions"], filled["fill_days"]) == ("filled", 3, 3)


def test_on_hold_and_back(world: World) -> None:
    made = world.post()
    world.now += timedelta(days=10)
    world.move(made["id"], "on_hold")
    world.now += timedelta(days=10)
    back = world.move(made["id"], "open")
    assert (back["opened_on"], back["expires_on"]) == (date(2027, 3, 1), date(2027, 6, 19))
    assert [one["respond_by"] for one in world.referrals(made["id"])] == [date(2027, 3, 24)]
    assert [len(found) for found in (world.readers("vacancy.held"), world.readers("vacancy.resumed"))] == [1, 1]
