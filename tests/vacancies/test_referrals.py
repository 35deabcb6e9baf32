"""To whom a vacancy goes, what they answer, and who is asked when nobody takes it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from service.access.actor import ActingParty, Actor
from service.access.models import Party
from service.access.rules import PartyKind
from service.delivery.models import Event
from service.kernel.database import Database
from service.kernel.ids import new_id
from service.kernel.problems import Problem
from service.kernel.requests import Expected
from service.reference import places
from service.vacancies.models import Vacancy
from service.vacancies.pools import operations as pools
from service.vacancies.referrals.rules import ReferralStatus
from service.vacancies.referrals.schemas import ReferralView
from service.vacancies.room import ROOM
from service.vacancies.rules import VacancyStatus
from tests.support.house import SettableClock
from tests.vacancies.parties import add_party
from tests.vacancies.vacancies_world import World

NOT_TAKEN = "vacancies.not-taken"
THURSDAY = datetime(2027, 3, 4, 9, tzinfo=UTC)
"""The last day to answer what was sent on Monday 1 March."""


@pytest.fixture
def world(database: Database, clock: SettableClock) -> World:
    return World(database, clock)


# --- To whom ----------------------------------------------------------------------------------------------------


def test_it_goes_to_the_pools_of_which_the_employer_is_a_member_today(world: World) -> None:
    pool = world.pool("Pool Noord", world.employer)
    world.pool("Vroeger", world.employer, valid_from=date(2026, 1, 1), valid_until=date(2027, 2, 28))
    world.pool("Van anderen", world.wsp)
    vacancy_id = world.post()["id"]
    sent = {(one["to"]["name"], one["to"]["kind"], one["because"]) for one in world.referrals(vacancy_id)}
    assert sent == {("WSP Groningen", "wsp", "region"), ("Pool Noord", "mobility_pool", "membership")}
    assert world.listed(pool) == [vacancy_id]


def test_a_region_without_a_wsp_asks_its_neighbours_at_once(world: World) -> None:
    vacancy = world.post(workplace={"municipality": "Amsterdam"})
    assert world.statuses(vacancy["id"]) == {"Servicepunt": "sent"}
    desk = {world.employer.party.id, world.desk.party.id}
    assert world.readers("vacancy.not-taken") == [desk]
    assert world.run(NOT_TAKEN) == []


def test_the_mail_says_what_came_and_by_when(world: World) -> None:
    world.pool("Zonder adres", world.employer)
    vacancy_id = world.post()["id"]
    mail, none = sorted(world.mails("referral-received"), key=lambda found: found is None)
    assert none is None
    assert mail is not None
    assert mail.recipient == "wsp@example.nl"
    text = "\n".join(mail.paragraphs)
    assert "'Medewerker magazijn' bij Bakkerij Brood in Groningen, 24 tot 32 uur per week." in text
    assert "uiterlijk op 4 maart 2027" in text
    world.answer(vacancy_id, world.wsp, "accepted")
    assert world.mails("referral-received") == [None, None]


# --- The inbox --------------------------------------------------------------------------------------------------


def test_each_sees_its_own_inbox(world: World) -> None:
    pool = world.pool("Pool Noord", world.employer)
    vacancy_id = world.post()["id"]
    stranger = world.add(PartyKind.EMPLOYER, "Een ander bedrijf")
    for actor in (world.wsp, pool):
        (found,) = world.inbox(actor)
        assert (found["to"]["id"], found["vacancy_id"]) == (actor.party.id, vacancy_id)
        assert [one["id"] for one in world.referrals(vacancy_id, actor)] == [found["id"]]
    for actor in (world.desk, world.uwv, world.employer):
        assert len(world.inbox(actor)) == 2
    assert world.inbox(stranger) == world.inbox(world.other_wsp) == []
    assert world.inbox(world.wsp, status=ReferralStatus.ACCEPTED) == []


def test_the_view_holds_all_that_the_contract_promises(world: World) -> None:
    world.post()
    shown = ReferralView().dump(world.inbox(world.wsp)[0])
    assert {field.data_key for field in ReferralView().fields.values() if field.required} <= set(shown)
    assert shown["vacancy"]["employerName"] == "Bakkerij Brood"
    assert shown["vacancy"]["hours"] == {"min": 24.0, "max": 32.0}


def test_only_its_receiver_makes_it_seen_and_that_is_no_answer(world: World) -> None:
    vacancy_id = world.post()["id"]
    (sent,) = world.inbox(world.wsp)
    for actor in (world.desk, world.uwv, world.employer):
        assert world.open_referral(sent["id"], actor)["status"] == "sent"
    seen = world.open_referral(sent["id"], world.wsp)
    assert (seen["status"], seen["seen_at"]) == ("seen", world.now)
    assert world.open_referral(sent["id"], world.wsp)["version"] == seen["version"]
    assert world.readers("referral.seen") == [{world.employer.party.id, world.wsp.party.id}]
    world.now = THURSDAY + timedelta(days=1)
    assert world.run(NOT_TAKEN) == [vacancy_id]
    with pytest.raises(Problem) as refused:
        world.open_referral(sent["id"], world.other_wsp)
    assert refused.value.status == 404


# --- Answers ----------------------------------------------------------------------------------------------------


def test_the_first_to_accept_has_the_lead_and_passes_it_on(world: World) -> None:
    pool = world.pool("Pool Noord", world.employer)
    vacancy_id = world.post()["id"]
    assert world.answer(vacancy_id, pool, "accepted")["lead"] is True
    world.now += timedelta(hours=1)
    assert world.answer(vacancy_id, world.wsp, "accepted")["lead"] is False
    assert world.get(vacancy_id)["lead"]["name"] == "Pool Noord"
    assert world.answer(vacancy_id, pool, "returned", "no_candidates")["lead"] is False
    lead = world.get(vacancy_id)["lead"]
    assert (lead["name"], lead["kind"]) == ("WSP Groningen", "wsp")
    employer = world.employer.party.id
    assert world.readers("referral.lead-given") == [{employer, pool.party.id}, {employer, world.wsp.party.id}]
    assert world.readers("referral.returned") == [{employer, pool.party.id}]


def test_only_the_receiver_answers(world: World) -> None:
    world.post()
    (sent,) = world.inbox(world.wsp)
    for actor in (world.desk, world.uwv):  # who see it
        with pytest.raises(Problem) as refused:
            world.answer(sent["vacancy_id"], actor, "accepted")
        assert (refused.value.code, refused.value.extra["allowed"]) == ("forbidden-transition", [])
    with pytest.raises(Problem) as refused:
        world.answer(sent["vacancy_id"], world.wsp, "closed")
    assert refused.value.extra["allowed"] == ["seen", "accepted", "declined", "at_capacity"]


@pytest.mark.parametrize(
    ("to", "reason", "code"),
    [
        ("declined", None, "required"),
        ("declined", "vacancy_filled", "reason-does-not-fit"),
        ("accepted", "no_candidates", "reason-does-not-fit"),
        ("at_capacity", "no_candidates", "reason-does-not-fit"),
    ],
)
def test_an_answer_and_its_reason_go_together(world: World, to: str, reason: str | None, code: str) -> None:
    vacancy_id = world.post()["id"]
    with pytest.raises(Problem) as refused:
        world.answer(vacancy_id, world.wsp, to, reason)
    assert [(error.pointer, error.code) for error in refused.value.errors] == [("/reason", code)]
    assert world.statuses(vacancy_id) == {"WSP Groningen": "sent"}


def test_an_answer_to_an_older_version_is_refused(world: World) -> None:
    vacancy_id = world.post()["id"]
    (sent,) = world.inbox(world.wsp)
    world.open_referral(sent["id"], world.wsp)
    with pytest.raises(Problem) as refused:
        world.answer(vacancy_id, world.wsp, "accepted", expected=Expected(frozenset({sent["version"]})))
    assert refused.value.status == 412


# --- When nobody takes it ---------------------------------------------------------------------------------------


def test_after_three_working_days_the_nearest_regions_and_the_desk_are_asked(world: World) -> None:
    vacancy_id = world.post()["id"]
    world.now = THURSDAY.replace(hour=22, minute=59)
    assert world.run(NOT_TAKEN) == []
    world.now = THURSDAY.replace(hour=23)
    assert world.run(NOT_TAKEN) == [vacancy_id]
    assert world.run(NOT_TAKEN) == []
    asked = ("WSP Groningen", "WSP Friesland", "WSP Drenthe", "Servicepunt")
    assert world.statuses(vacancy_id) == dict.fromkeys(asked, "sent")
    added = [one for one in world.referrals(vacancy_id) if one["because"] == "escalation"]
    assert {one["respond_by"] for one in added} == {date(2027, 3, 10)}
    assert [one["to"]["kind"] for one in added] == ["wsp", "wsp", "desk"]
    assert len(world.mails("referral-received")) == 3
    assert world.readers("vacancy.not-taken") == [{world.employer.party.id, world.desk.party.id}]
    (mail,) = world.mails("vacancy-not-taken")
    assert mail is not None
    assert mail.recipient == "servicepunt@example.nl"
    assert world.listed(world.other_wsp) == [vacancy_id]


def test_when_all_have_said_no_others_are_asked_at_once(world: World) -> None:
    pool = world.pool("Pool Noord", world.employer)
    vacancy_id = world.post()["id"]
    world.answer(vacancy_id, world.wsp, "declined", "no_candidates")
    assert set(world.statuses(vacancy_id)) == {"WSP Groningen", "Pool Noord"}
    world.answer(vacancy_id, pool, "at_capacity")
    added = {"WSP Friesland", "WSP Drenthe", "Servicepunt"}
    assert set(world.statuses(vacancy_id)) == {"WSP Groningen", "Pool Noord"} | added
    world.answer(vacancy_id, pool, "accepted")
    world.now += timedelta(days=30)
    assert world.run(NOT_TAKEN) == []
    assert world.mails("vacancy-not-taken") == [None]


def test_when_there_is_nobody_left_the_desk_has_it_alone_and_is_told_once(world: World) -> None:
    vacancy_id = world.post()["id"]
    world.now += timedelta(days=5)
    assert world.run(NOT_TAKEN) == [vacancy_id]
    for wsp in (world.other_wsp, world.third_wsp, world.wsp):
        world.answer(vacancy_id, wsp, "declined", "other_region")
    world.now += timedelta(days=30)
    assert world.run(NOT_TAKEN) == [vacancy_id]
    assert world.run(NOT_TAKEN) == []
    assert len(world.readers("vacancy.not-taken")) == len(world.mails("vacancy-not-taken")) == 1
    assert world.statuses(vacancy_id)["Servicepunt"] == "sent"


def test_the_desk_can_take_what_nobody_else_took(world: World) -> None:
    vacancy_id = world.post()["id"]
    world.answer(vacancy_id, world.wsp, "declined", "no_candidates")
    (own,) = world.inbox(world.desk, to_id=world.desk.party.id)
    assert (own["vacancy_id"], own["because"], own["lead"]) == (vacancy_id, "escalation", False)
    assert len(world.inbox(world.desk)) == 4
    assert world.open_referral(own["id"], world.uwv)["status"] == "sent"
    assert world.open_referral(own["id"], world.desk)["status"] == "seen"
    assert world.answer(vacancy_id, world.desk, "accepted")["lead"] is True
    assert world.get(vacancy_id)["lead"] == {"kind": "desk", "id": world.desk.party.id, "name": "Servicepunt"}
    world.now += timedelta(days=30)
    assert world.run(NOT_TAKEN) == []
    world.move(vacancy_id, "withdrawn")
    assert world.statuses(vacancy_id)["Servicepunt"] == "closed"


def test_for_a_renewed_vacancy_all_are_asked_anew(world: World) -> None:
    vacancy_id = world.post()["id"]
    world.answer(vacancy_id, world.wsp, "declined", "no_candidates")
    world.now += timedelta(days=91)
    assert world.run("vacancies.expired") == [vacancy_id]
    world.move(vacancy_id, "open")
    assert [one["status"] for one in world.inbox(world.wsp)] == ["declined", "sent"]
    assert [one["status"] for one in world.inbox(world.desk, to_id=world.desk.party.id)] == ["closed"]
    world.answer(vacancy_id, world.wsp, "declined", "no_candidates")
    for actor in (world.other_wsp, world.third_wsp):
        assert [one["status"] for one in world.inbox(actor)] == ["closed", "sent"]
    own = world.inbox(world.desk, to_id=world.desk.party.id)
    assert [one["status"] for one in own] == ["closed", "sent"]
    assert len(world.mails("vacancy-not-taken")) == 2
    world.move(vacancy_id, "on_hold")
    world.move(vacancy_id, "open")
    assert len(world.referrals(vacancy_id)) == 8


def test_a_renewed_vacancy_goes_to_who_had_taken_it_but_not_to_a_pool_that_the_employer_left(world: World) -> None:
    pool = world.pool("Pool Noord", world.employer)
    vacancy_id = world.post()["id"]
    world.answer(vacancy_id, world.wsp, "declined", "no_candidates")
    world.answer(vacancy_id, pool, "declined", "no_candidates")
    world.answer(vacancy_id, world.other_wsp, "accepted")
    other_id = world.post()["id"]
    world.answer(other_id, pool, "accepted")
    with world.database.transaction() as uow:
        [row] = pools.list_members(uow, world.desk, pool.party.id, {"limit": 5})["items"]
        pools.change_member(uow, world.desk, pool.party.id, row["id"], {"valid_until": uow.today}, Expected(None))
    world.now += timedelta(days=91)
    assert set(world.run("vacancies.expired")) == {vacancy_id, other_id}
    for one in (vacancy_id, other_id):
        world.move(one, "open")
    assert {name for name, status in world.statuses(vacancy_id).items() if status == "sent"} == {
        "WSP Groningen",
        "WSP Friesland",
    }
    assert {name for name, status in world.statuses(other_id).items() if status == "sent"} == {"WSP Groningen"}


def test_a_pool_that_the_employer_joins_gets_what_is_open(world: World) -> None:
    held, vacancy_id, later = (world.post()["id"] for _ in range(3))
    world.move(held, "on_hold")
    world.answer(vacancy_id, world.wsp, "accepted")
    pool = world.pool("Pool Noord", world.employer)
    soon = world.pool("Pool Straks", world.employer, valid_from=date(2027, 3, 8))
    (consumer,) = (each for each in ROOM.consumers if each.name == "vacancies.joined-pool")
    with world.database.transaction() as uow:
        events = uow.session.scalars(select(Event).where(Event.type == "pool-member.added").order_by(Event.id)).all()
        for each in events:
            consumer.handle(uow, {"data": each.data})
    assert {one["vacancy_id"] for one in world.inbox(pool)} == {vacancy_id, later}
    assert world.inbox(soon) == []
    assert world.run("vacancies.membership-began") == []
    world.move(held, "open")
    assert len(world.inbox(pool)) == 3
    world.now += timedelta(days=9)
    assert len(world.run("vacancies.membership-began")) == 1
    assert world.run("vacancies.membership-began") == []
    assert len(world.inbox(soon)) == 3
    assert world.get(vacancy_id)["lead"]["name"] == "WSP Groningen"


def test_in_another_region_the_wsp_there_is_asked_and_who_took_it_keeps_it(world: World) -> None:
    vacancy_id = world.post()["id"]
    world.answer(vacancy_id, world.wsp, "accepted")
    world.patch(vacancy_id, workplace={"postcode": "8911 AB"})
    assert world.statuses(vacancy_id) == {"WSP Groningen": "accepted", "WSP Friesland": "sent"}
    world.patch(vacancy_id, workplace={"postcode": "9711 AB"})
    assert len(world.referrals(vacancy_id)) == 2
    world.answer(vacancy_id, world.wsp, "returned", "other_region")
    assert world.statuses(vacancy_id) == {"WSP Groningen": "returned", "WSP Friesland": "sent"}


def test_who_had_no_room_can_take_it_later(world: World) -> None:
    vacancy_id = world.post()["id"]
    world.answer(vacancy_id, world.wsp, "at_capacity")
    world.answer(vacancy_id, world.other_wsp, "declined", "other_region")
    assert world.answer(vacancy_id, world.wsp, "accepted")["lead"] is True
    world.now += timedelta(days=30)
    assert world.run(NOT_TAKEN) == []
    world.answer(vacancy_id, world.wsp, "returned", "no_room_now")
    # All who were asked let their time pass: nobody is left but farther regions and the desk, which has it.
    assert world.statuses(vacancy_id)["Servicepunt"] == "sent"


@pytest.mark.parametrize(
    ("postcode", "nearest"),
    [("7951 AB", ["AM03", "AM11"]), ("1381 AB", ["AM12", "AM13"])],
    ids=["Staphorst", "Weesp"],
)
def test_the_regions_nearest_to_the_workplace_are_asked(world: World, postcode: str, nearest: list[str]) -> None:
    """Staphorst belongs to Zwolle, but Drenthe begins next door; Weesp belongs to Amsterdam, beside Gooi."""
    with world.database.transaction() as uow:
        for region in places.regions():
            if region.code not in ("AM01", "AM02", "AM03"):
                add_party(uow, PartyKind.WSP, region.wsp_name, region.code)
        regions = {row.id: row.region_code for row in uow.execute(select(Party.id, Party.region_code))}
    vacancy_id = world.post(workplace={"postcode": postcode})["id"]
    (first,) = world.referrals(vacancy_id)
    world.now = THURSDAY + timedelta(days=1)
    assert world.run(NOT_TAKEN) == [vacancy_id]
    added = [one for one in world.referrals(vacancy_id) if one["because"] == "escalation"]
    assert [regions[one["to"]["id"]] for one in added] == [*nearest, None]
    assert regions[first["to"]["id"]] not in nearest


def test_who_accepted_in_time_stops_the_clock_and_who_returns_it_starts_it_again(world: World) -> None:
    pool = world.pool("Pool Noord", world.employer)
    vacancy_id = world.post()["id"]
    world.answer(vacancy_id, world.wsp, "accepted")
    world.now = THURSDAY + timedelta(days=1)
    assert world.run(NOT_TAKEN) == []
    world.answer(vacancy_id, world.wsp, "returned", "employer_not_reached")
    assert world.statuses(vacancy_id)["WSP Friesland"] == "sent"
    assert world.get(vacancy_id)["lead"] is None
    assert world.inbox(pool)[0]["status"] == "sent"


def test_the_clock_stands_still_while_a_vacancy_is_on_hold(world: World) -> None:
    vacancy_id = world.post()["id"]
    world.move(vacancy_id, "on_hold")
    world.now += timedelta(days=14)
    assert world.run(NOT_TAKEN) == []
    world.move(vacancy_id, "open")
    assert world.run(NOT_TAKEN) == []
    assert world.inbox(world.wsp)[0]["respond_by"] == date(2027, 3, 18)
    world.now += timedelta(days=4)
    assert world.run(NOT_TAKEN) == [vacancy_id]


# --- The end ----------------------------------------------------------------------------------------------------


def test_what_ends_the_vacancy_closes_its_referrals(world: World) -> None:
    pool = world.pool("Pool Noord", world.employer)
    vacancy_id = world.post()["id"]
    world.answer(vacancy_id, world.wsp, "accepted")
    world.answer(vacancy_id, pool, "declined", "other_kind_of_work")
    world.move(vacancy_id, "withdrawn")
    assert world.statuses(vacancy_id) == {"WSP Groningen": "closed", "Pool Noord": "declined"}
    assert world.inbox(world.wsp)[0]["reason"] == "vacancy_withdrawn"
    assert world.get(vacancy_id)["lead"] is None
    assert world.readers("referral.closed") == [{world.wsp.party.id}]
    assert world.readers("vacancy.withdrawn") == [{world.employer.party.id, world.wsp.party.id}]
    with pytest.raises(Problem) as refused:
        world.answer(vacancy_id, world.wsp, "accepted")
    assert refused.value.code == "forbidden-transition"


def test_events_hold_ids_and_codes_only(world: World) -> None:
    vacancy_id = world.post()["id"]
    world.answer(vacancy_id, world.wsp, "declined", "no_candidates")
    with world.database.reading() as uow:
        kinds = {name for data in uow.session.scalars(select(Event.data)) for name in data}
        assert kinds == {"vacancyId", "referralId", "employerId", "status", "regionCodes"}
        assert uow.session.get_one(Vacancy, vacancy_id).status is VacancyStatus.OPEN


def test_a_client_that_acts_for_a_wsp_as_well_answers_for_it(world: World) -> None:
    vacancy_id = world.post()["id"]
    both = Actor("bureau", (ActingParty(new_id(), PartyKind.WSP, "Bureau"), world.wsp.party), frozenset())
    assert world.answer(vacancy_id, both, "accepted")["lead"] is True
