"""Many clients to other caseworkers on one date: all or nothing, told once, and called off where that is possible."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, text

from service.access.models import AccessEntry
from service.access.rules import PartyKind
from service.contacts import caseload, offices, room
from service.contacts.assigning import NewAssignment, assign_many
from service.contacts.models import Assignment, HandoverNote, Link, Office, Team
from service.contacts.reassignments import operations
from service.contacts.reassignments.models import Reassignment
from service.contacts.reassignments.rules import ReassignmentStatus
from service.contacts.reassignments.schemas import ReassignmentBody
from service.contacts.rules import DisclosureReason, OfficeOrganisation, Staff
from service.delivery.models import Event, EventParty, Mail
from service.employers.models import Employment
from service.employers.rules import ContractType, JobcoachKind
from service.kernel.ids import new_id
from service.kernel.problems import Problem
from service.kernel.schemas import field_errors
from service.people import operations as people
from service.people.models import Person
from service.people.operations import Identity
from tests.contacts.contacts_world import BSNS, World
from tests.contacts.reassigning_kit import (
    ANY,
    APRIL,
    BEFORE,
    body,
    cancel,
    clients_of,
    mails,
    pass_to,
    people_in,
    reassign,
    responsible,
    told,
)
from tests.support.house import House

TODAY = date(2026, 3, 2)


@pytest.fixture
def staff(world: World) -> list[str]:
    return [world.caseworker(name) for name in ("M. Jansen", "P. Bakker", "N. Postma", "B. de Wit")]


def errors_of(attempt: Callable[[], Any]) -> list[tuple[str | None, str]]:
    with pytest.raises(Problem) as refused:
        attempt()
    return [(error.pointer, error.code) for error in refused.value.errors] or [(None, refused.value.code)]


# --- Its course -------------------------------------------------------------------------------------------------


def test_it_is_announced_and_takes_effect_by_the_clock(world: World, staff: list[str]) -> None:
    old, new, *_ = staff
    employment_id = world.employment(BSNS[0], jobcoach=True)
    world.assign(BSNS[0], old, valid_from=BEFORE, name="Sanne", email="sanne@example.nl")
    world.disclose(employment_id)
    world.confirm_jobcoaches(employment_id)
    count = len(told(world))
    made = reassign(world, {"caseworker_id": old}, new)
    assert (made["status"], made["people"], made["employers"], made["jobcoaches"]) == ("planned", 1, 1, 1)
    assert made["targets"] == [{"caseworker_id": new, "team_id": None, "people": 1}]
    assert told(world)[count:] == ["contact.upcoming"]
    assert told(world, "reassignment.%") == ["reassignment.planned"]
    upcoming = world.ask(employment_id)["upcoming"]
    assert (upcoming["valid_from"], upcoming["contact"]["name"]) == (APRIL, "P. Bakker")
    assert mails(world)[-1] == "U krijgt een andere contactpersoon"
    many = len(mails(world))
    # At midnight the answer is right at once, before any worker came by.
    world.clock.day = APRIL
    assert world.ask(employment_id)["contact"]["name"] == "P. Bakker"
    assert world.do(operations.get_reassignment, world.uwv, made["id"])["status"] == "done"
    assert errors_of(lambda: cancel(world, made["id"])) == [(None, "forbidden-transition")]
    pass_to(world, APRIL)
    assert told(world)[count:] == ["contact.upcoming", "contact.changed"]
    assert told(world, "reassignment.%") == ["reassignment.planned", "reassignment.done"]
    assert len(mails(world)) == many
    assert world.rows(select(Reassignment.status))[0].status is ReassignmentStatus.DONE


def test_cancelled_before_its_date_nothing_happens_and_that_is_told(world: World, staff: list[str]) -> None:
    old, new, *_ = staff
    employment_id = world.employment(BSNS[0])
    world.assign(BSNS[0], old, valid_from=BEFORE, email="sanne@example.nl")
    world.disclose(employment_id)
    made = reassign(world, {"caseworker_id": old}, new)
    count = len(told(world))
    cancelled = cancel(world, made["id"])
    assert (cancelled["status"], cancelled["people"], cancelled["version"]) == ("cancelled", 1, 2)
    assert people_in(world, made["id"]) == []
    assert world.rows(select(HandoverNote.id)) == []
    assert told(world)[count:] == ["contact.upcoming"]
    assert world.ask(employment_id)["upcoming"] is None
    assert mails(world)[-1] == "Uw contactpersoon verandert niet"
    assert errors_of(lambda: cancel(world, made["id"])) == [(None, "forbidden-transition")]
    pass_to(world, APRIL)
    assert len(told(world)) == count + 1
    assert world.ask(employment_id)["contact"]["name"] == "M. Jansen"


def test_of_today_it_is_done_at_once(world: World, staff: list[str]) -> None:
    ids = clients_of(world, staff[0], 3)
    made = reassign(world, {"caseworker_id": staff[0]}, staff[1], on_date=TODAY)
    assert made["status"] == "done"
    assert responsible(world, TODAY) == dict.fromkeys(ids, staff[1])


def test_not_in_the_past(world: World, staff: list[str]) -> None:
    yesterday = TODAY - timedelta(days=1)
    attempt = body({"caseworker_id": staff[0]}, staff[1], on_date=yesterday)
    assert errors_of(lambda: world.do(operations.reassign, world.uwv, attempt)) == [("/onDate", "in-the-past")]


def test_a_dry_run_tells_who_gets_whom_and_changes_nothing(world: World, staff: list[str]) -> None:
    ids = clients_of(world, staff[0], 4)
    moved = clients_of(world, staff[1], 1)
    reassign(world, {"person_ids": moved}, staff[0], on_date=TODAY)
    world.clock.day += timedelta(days=1)
    before = world.rows(select(Assignment.id, Assignment.version).order_by(Assignment.id))
    looks = len(world.rows(select(AccessEntry.id)))
    tried = reassign(world, {"caseworker_id": staff[0]}, staff[1], staff[2], dry_run=True)
    assert "id" not in tried
    assert [each["people"] for each in tried["targets"]] == [3, 2]
    listed = {client["person_id"]: client for each in tried["targets"] for client in each["clients"]}
    assert listed.keys() == {*ids, *moved}
    assert [listed[each]["changes_this_year"] for each in (*moved, *ids)] == [2, 1, 1, 1, 1]
    assert [listed[each]["changed_recently"] for each in (*moved, *ids)] == [True, False, False, False, False]
    assert tried["warnings"] == [{"code": "changed_recently", "count": 1}]
    assert world.rows(select(Assignment.id, Assignment.version).order_by(Assignment.id)) == before
    assert len(world.rows(select(Reassignment.id))) == 1
    assert len(world.rows(select(HandoverNote.id))) == 1
    assert len(world.rows(select(AccessEntry.id))) == looks + 5
    # What was tried is what is done.
    done = reassign(world, {"caseworker_id": staff[0]}, staff[1], staff[2])
    for target in tried["targets"]:
        there = {client["person_id"] for client in target["clients"]}
        now = [
            each for each in people_in(world, done["id"]) if each["after"]["caseworker_id"] == target["caseworker_id"]
        ]
        assert there == {each["person_id"] for each in now}


# --- Whom it takes ----------------------------------------------------------------------------------------------


def test_chosen_by_office_by_area_or_by_list(world: World, staff: list[str]) -> None:
    reach = {"phone": "+442079460678", "email": "assen@example.nl"}
    office = world.add(
        Office(id=new_id(), name="UWV Assen", region_code=None, organisation=OfficeOrganisation.TEAM, **reach)
    )
    team = world.add(Team(id=new_id(), office_id=office, name="Team Assen", active=True, **reach))
    elsewhere = world.caseworker("E. Smit", office_id=office)
    at_home = clients_of(world, staff[0], 2, postcode4="9711")
    away = clients_of(world, elsewhere, 2, postcode4="9711")
    by_team = world.assign(BSNS[0], team_id=team, valid_from=BEFORE, postcode4="9712")["person_id"]

    def taken(**source: Any) -> set[str]:
        tried = reassign(world, source, staff[3], dry_run=True)
        return {client["person_id"] for each in tried["targets"] for client in each["clients"]}

    assert taken(office_id=office) == {*away, by_team}
    assert taken(postcodes4=["9711"]) == {*at_home, *away}
    assert taken(postcodes4=["9711", "9712"], office_id=office) == {*away, by_team}
    assert taken(person_ids=[at_home[0], by_team]) == {at_home[0], by_team}
    assert taken(caseworker_id=elsewhere) == set(away)


def test_whoever_left_hands_over_and_who_left_takes_nobody(world: World, staff: list[str]) -> None:
    gone = world.caseworker("V. Gegaan")
    ids = clients_of(world, gone, 2)
    world.do(offices.change_caseworker, world.uwv, gone, {"active": False}, ANY)
    assert reassign(world, {"caseworker_id": gone}, staff[0], on_date=TODAY)["people"] == 2
    attempt = body({"person_ids": ids}, gone)
    assert errors_of(lambda: world.do(operations.reassign, world.uwv, attempt)) == [
        ("/to/0/caseworkerId", "unknown-reference")
    ]


def test_all_that_is_wrong_is_named_at_once(world: World, staff: list[str]) -> None:
    ids = clients_of(world, staff[0], 1)
    world.employment(BSNS[1])  # a person whom UWV does not know
    stranger = world.rows(select(Person.id).where(Person.is_client.is_(False)))[0].id
    targets = (staff[1], staff[1], {"caseworker_id": staff[2], "backup_id": staff[2]}, {"team_id": new_id()})
    exceptions = [{"person_id": ids[0], "caseworker_id": new_id()}, {"person_id": ids[0], "excluded": True}]
    attempt = body({"person_ids": [*ids, stranger, new_id()]}, *targets, exceptions=exceptions)
    assert errors_of(lambda: world.do(operations.reassign, world.uwv, attempt)) == [
        ("/from/personIds/1", "unknown-reference"),
        ("/from/personIds/2", "unknown-reference"),
        ("/to/1", "named-twice"),
        ("/to/2/backupId", "own-backup"),
        ("/to/3/teamId", "unknown-reference"),
        ("/exceptions/0/caseworkerId", "unknown-reference"),
        ("/exceptions/1/personId", "named-twice"),
    ]
    other = clients_of(world, staff[1], 1)
    attempt = body({"caseworker_id": staff[0]}, staff[2], exceptions=[{"person_id": other[0], "excluded": True}])
    assert errors_of(lambda: world.do(operations.reassign, world.uwv, attempt)) == [
        ("/exceptions/0/personId", "unknown-reference")
    ]
    assert errors_of(lambda: reassign(world, {"caseworker_id": staff[3]}, staff[2])) == [("/from", "nobody-chosen")]


def test_exceptions_have_a_note_or_a_contact_of_their_own_or_stay(world: World, staff: list[str]) -> None:
    ids = clients_of(world, staff[0], 4)
    exceptions = [
        {"person_id": ids[0], "note": "Belt liever niet."},
        {"person_id": ids[1], "caseworker_id": staff[2], "note": "Kent N. Postma."},
        {"person_id": ids[2], "excluded": True},
    ]
    made = reassign(world, {"caseworker_id": staff[0]}, staff[1], exceptions=exceptions)
    assert made["people"] == 3
    assert [(each["caseworker_id"], each["people"]) for each in made["targets"]] == [(staff[1], 2), (staff[2], 1)]
    found = {each["person_id"]: each for each in people_in(world, made["id"], limit=2)}
    assert {each: found[each]["note"] for each in found} == {
        ids[0]: "Belt liever niet.",
        ids[1]: "Kent N. Postma.",
        ids[3]: "Lees het dossier en maak kennis.",
    }
    assert found[ids[1]]["before"] == {"caseworker_id": staff[0], "team_id": None, "backup_id": None}
    assert found[ids[1]]["after"] == {"caseworker_id": staff[2], "team_id": None, "backup_id": None}
    assert {each["changes_this_year"] for each in found.values()} == {1}
    assert responsible(world, APRIL)[ids[2]] == staff[0]
    # One note for all who have none of their own, sealed, and it goes with the last of them.
    sealed = world.rows(select(HandoverNote.text))
    assert len(sealed) == 3
    assert all(b"Belt" not in row.text for row in sealed)
    world.do(room.erase, ids[0])
    assert len(world.rows(select(HandoverNote.id))) == 2
    world.do(room.erase, ids[3])
    assert len(world.rows(select(HandoverNote.id))) == 1


def test_who_knows_the_client_comes_first_and_backups_stay(world: World, staff: list[str]) -> None:
    old, known, other, gone = staff
    with_known = clients_of(world, old, 2, backup_id=known)
    with_gone = clients_of(world, old, 2, backup_id=gone)
    world.do(offices.change_caseworker, world.uwv, gone, {"active": False}, ANY)
    made = reassign(world, {"caseworker_id": old}, {"team_id": world.team_id}, other, known)
    found = {each["person_id"]: each["after"] for each in people_in(world, made["id"])}
    assert [each["people"] for each in made["targets"]] == [2, 1, 1]
    assert sum(found[each]["caseworker_id"] == known for each in with_known) == 1
    for after in found.values():
        # Nobody stands in for oneself; who left does not; and before a team there is nobody.
        kept = after["caseworker_id"] == other and after["backup_id"] is not None
        assert after["backup_id"] == (known if kept else None)
    assert found.keys() == {*with_known, *with_gone}
    third = world.caseworker("K. Visser")
    again = reassign(world, {"person_ids": with_known}, {"caseworker_id": third, "backup_id": other})
    assert all(each["after"]["backup_id"] == other for each in people_in(world, again["id"]))


def test_who_is_there_already_stays(world: World, staff: list[str]) -> None:
    clients_of(world, staff[0], 3)
    clients_of(world, staff[1], 1)
    made = reassign(world, {"office_id": world.office_id}, staff[0], staff[1])
    assert made["people"] == 1
    assert made["warnings"] == [{"code": "already_there", "count": 3}]
    assert Counter(responsible(world, APRIL).values()) == {staff[0]: 2, staff[1]: 2}


def test_areas_of_targets_and_of_nobody(world: World, staff: list[str]) -> None:
    near, far = (clients_of(world, staff[0], 2, postcode4=area) for area in ("9711", "9999"))
    local = {"caseworker_id": staff[1], "postcodes4": ["9711"]}
    tried = reassign(world, {"caseworker_id": staff[0]}, local, staff[2], dry_run=True)
    assert [{client["person_id"] for client in each["clients"]} for each in tried["targets"]] == [set(near), set(far)]
    assert tried["warnings"] == []
    tried = reassign(world, {"caseworker_id": staff[0]}, local, dry_run=True)
    assert tried["targets"][0]["people"] == 4
    assert tried["warnings"] == [{"code": "area_of_nobody", "count": 2}]


# --- Beside what else is said of a person -----------------------------------------------------------------------


def test_a_start_of_ones_own_stays_and_another_reassignment_gives_way(world: World, staff: list[str]) -> None:
    own = world.assign(BSNS[0], staff[0], valid_from=BEFORE)["person_id"]
    world.assign(BSNS[0], staff[3], valid_from=APRIL + timedelta(days=30))
    ids = clients_of(world, staff[0], 2)
    first = reassign(world, {"caseworker_id": staff[0]}, staff[1])
    assert (first["people"], first["warnings"]) == (2, [{"code": "own_start", "count": 1}])
    assert responsible(world, APRIL)[own] == staff[0]
    # Said later, of the same day, of an earlier one and of a later one: what was said last holds.
    second = reassign(world, {"person_ids": ids}, staff[2])
    assert people_in(world, first["id"]) == []
    assert responsible(world, APRIL) == {own: staff[0]} | dict.fromkeys(ids, staff[2])
    third = reassign(world, {"person_ids": ids}, staff[3], on_date=APRIL - timedelta(days=7))
    assert people_in(world, second["id"]) == []
    assert responsible(world, date(2027, 1, 1)) == dict.fromkeys([own, *ids], staff[3])
    reassign(world, {"person_ids": ids}, staff[1], on_date=APRIL)
    assert len(people_in(world, third["id"])) == 2
    # What is said of one person comes before what was said of many.
    row = world.rows(select(Assignment.id).where(Assignment.person_id == ids[0]).order_by(Assignment.valid_from))[-1]
    changed = world.do(caseload.change_assignment, world.uwv, row.id, {"caseworker_id": staff[2]}, ANY)
    assert changed["reassignment_id"] is None
    assert len(world.rows(select(HandoverNote.id))) == 2


def test_changed_less_than_a_year_ago_warns_or_refuses(world: World, staff: list[str]) -> None:
    ids = clients_of(world, staff[0], 2)
    reassign(world, {"person_ids": ids[:1]}, staff[1], on_date=TODAY)
    warned = reassign(world, {"person_ids": ids}, staff[2], dry_run=True)
    assert warned["warnings"] == [{"code": "changed_recently", "count": 1}]
    world.database.settings = replace(world.database.settings, contact_change_refused=True)
    world.clock.day += timedelta(days=1)
    with pytest.raises(Problem) as refused:
        reassign(world, {"person_ids": ids}, staff[2])
    assert (refused.value.code, refused.value.extra) == ("contact-changed-recently", {"personIds": ids[:1]})
    assert len(world.rows(select(Reassignment.id))) == 1
    # A dry run shows them all the same.
    assert reassign(world, {"person_ids": ids}, staff[2], dry_run=True)["people"] == 2
    excluded = [{"person_id": ids[0], "excluded": True}]
    assert reassign(world, {"person_ids": ids}, staff[2], exceptions=excluded)["people"] == 1
    year_later = TODAY + timedelta(days=365)
    assert reassign(world, {"person_ids": ids[:1]}, staff[2], on_date=year_later)["warnings"] == []


# --- Many -------------------------------------------------------------------------------------------------------


def many(world: World, caseworker_id: str, number: int) -> list[str]:
    """Clients with an employment each, every third one over; every other link is disclosed and every other person has
    an address; each fifth has a jobcoach, of one organisation."""
    with world.database.transaction() as uow:
        identities = [Identity(name="x", email=f"p{at}@example.nl" if at % 2 else None) for at in range(number)]
        ids = people.create_many(uow, identities, is_client=True)
        fixed = {
            "version": 1, "employer_id": world.bakery.party.id, "establishment_id": world.bakery_place,
            "reference": None, "start_date": BEFORE, "contract_type": ContractType.FIXED_TERM, "created_at": uow.now,
        }  # fmt: skip
        rows = [
            fixed
            | {
                "id": new_id(), "person_id": each, "employee_number": f"P{at}",
                "end_date": TODAY - timedelta(days=1) if at % 3 == 0 else None,
                "jobcoach_kind": JobcoachKind.NONE if at % 5 else JobcoachKind.EXTERNAL,
                "jobcoach_organisation_id": None if at % 5 else world.jobcoaches.party.id,
            }
            for at, each in enumerate(ids)
        ]  # fmt: skip
        uow.execute(insert(Employment), rows)
        link = {"version": 1, "disclosed_since": BEFORE, "reason": DisclosureReason.START_AGREEMENT}
        # UWV confirmed the jobcoach where the link is recorded, and there alone.
        same = ("person_id", "jobcoach_organisation_id")
        linked = [link | {"employment_id": row["id"]} | {name: row[name] for name in same} for row in rows[::2]]
        uow.execute(insert(Link), linked)
    world.do(assign_many, world.uwv, [NewAssignment(each, BEFORE, Staff(caseworker_id, None, None)) for each in ids])
    return ids


@pytest.mark.slow
def test_of_2000_each_one_concerned_hears_once(world: World, staff: list[str]) -> None:
    ids = many(world, staff[0], 2_000)
    world.clock.day += timedelta(days=1)
    before = {row.id for row in world.rows(select(Event.id))}
    letters = {row.id for row in world.rows(select(Mail.id))}
    made = reassign(world, {"caseworker_id": staff[0]}, staff[1], staff[2], staff[3])
    assert (made["people"], made["employers"], made["jobcoaches"]) == (2_000, 1, 1)
    assert [each["people"] for each in made["targets"]] == [667, 667, 666]
    running = {
        f"employments/{row.id}/contact": row
        for row in world.rows(
            select(Employment.id, Link.jobcoach_organisation_id, Link.employment_id.label("linked"))
            .outerjoin(Link, Link.employment_id == Employment.id)
            .where(Employment.end_date.is_(None))
        )
    }
    events = [
        row
        for row in world.rows(select(Event.id, Event.subject, Event.type).where(Event.type.like("contact.%")))
        if row.id not in before
    ]
    assert {row.type for row in events} == {"contact.upcoming"}
    assert sorted(row.subject for row in events) == sorted(running)
    readers: dict[str, set[str]] = {}
    for row in world.rows(select(EventParty.event_id, EventParty.party_id)):
        readers.setdefault(row.event_id, set()).add(row.party_id)
    for event in events:
        employment = running[event.subject]
        expected = {world.bakery.party.id} if employment.linked else set()
        expected |= {employment.jobcoach_organisation_id} - {None}
        assert readers.get(event.id, set()) == expected
    written = [row for row in world.rows(select(Mail.id, Mail.data)) if row.id not in letters]
    assert sorted(row.data["personId"] for row in written) == sorted(ids[1::2])
    # On the day: an event for each again, and no mail.
    count = len(told(world))
    pass_to(world, APRIL)
    assert told(world)[count:] == ["contact.changed"] * len(running)
    assert len(world.rows(select(Mail.id))) == len(letters) + len(written)


# --- At the same time -------------------------------------------------------------------------------------------


def at_once(*attempts: Callable[[], Any]) -> list[Exception]:
    """Begins all of them together. What went wrong."""
    wrong: list[Exception] = []
    start = threading.Barrier(len(attempts))

    def work(attempt: Callable[[], Any]) -> None:
        start.wait(timeout=30)
        try:
            attempt()
        except Exception as error:
            wrong.append(error)

    threads = [threading.Thread(target=work, args=(attempt,)) for attempt in attempts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert not any(thread.is_alive() for thread in threads)
    return wrong


def until_blocked(world: World, how_many: int) -> None:
    """Waits until so many transactions wait for a lock (PostgreSQL; on SQLite there is one transaction at a time)."""
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    end = time.monotonic() + 60
    while not world.database.is_sqlite and world.rows(waiting)[0][0] < how_many:
        assert time.monotonic() < end, "nobody waits"
        time.sleep(0.05)


def test_lists_in_opposite_orders_wait_for_each_other(world: World) -> None:
    """More than one statement locks at a time: in the order in which they were sent, both would give up."""
    with world.database.transaction() as uow:
        ids = sorted(people.create_many(uow, [Identity(name="x")] * 1_500, is_client=True))
    if world.database.is_sqlite:
        return
    wrong: list[Exception] = []

    def lock(order: list[str]) -> None:
        try:
            world.do(people.lock, order)
        except Exception as error:
            wrong.append(error)

    threads = [threading.Thread(target=lock, args=(order,)) for order in (ids, ids[::-1])]
    with world.database.transaction() as uow:
        people.lock(uow, [ids[200]])
        for at, thread in enumerate(threads, 1):
            thread.start()
            until_blocked(world, at)
    for thread in threads:
        thread.join(timeout=60)
    assert wrong == []


def test_a_change_of_the_target_does_not_stand_in_the_way(world: World, staff: list[str]) -> None:
    """It holds the caseworker and waits for the people, of whom the reassignment holds all and names the caseworker."""
    ids = clients_of(world, staff[0], 5, backup_id=staff[1])
    change = {"phone": "+442079460777"}
    wrong: list[Exception] = []

    def work() -> None:
        try:
            world.do(offices.change_caseworker, world.uwv, staff[1], change, ANY)
        except Exception as error:
            wrong.append(error)

    thread = threading.Thread(target=work)
    with world.database.transaction() as uow:
        people.lock(uow, ids)
        thread.start()
        until_blocked(world, 1)
        operations.reassign(uow, world.uwv, body({"caseworker_id": staff[0]}, staff[1]))
    thread.join(timeout=60)
    assert wrong == []
    assert responsible(world, APRIL) == dict.fromkeys(ids, staff[1])


def test_what_is_said_of_one_meanwhile_is_seen(world: World, staff: list[str]) -> None:
    """A single assignment that comes first takes its person out of the reassignment that waits for it."""
    one = world.assign(BSNS[0], staff[0], valid_from=BEFORE)["person_id"]
    ids = clients_of(world, staff[0], 5)
    made: list[dict[str, Any]] = []
    thread = threading.Thread(target=lambda: made.append(reassign(world, {"caseworker_id": staff[0]}, staff[1])))
    with world.database.transaction() as uow:
        sent = {"bsn": BSNS[0], "caseworker_id": staff[2], "team_id": None, "backup_id": None}
        caseload.assign(uow, world.uwv, sent)
        thread.start()
        until_blocked(world, 1)
    thread.join(timeout=60)
    assert made[0]["people"] == 5
    assert responsible(world, APRIL) == {one: staff[2]} | dict.fromkeys(ids, staff[1])


@pytest.mark.slow
def test_at_the_same_time_there_is_no_deadlock_and_one_start_a_day(world: World, staff: list[str]) -> None:
    """Lists that overlap, in opposite orders; a change of a caseworker that tells the same people; one by hand."""
    ids = clients_of(world, staff[0], 300)
    one = world.assign(BSNS[0], staff[0], valid_from=BEFORE)["person_id"]
    for _ in range(3):
        wrong = at_once(
            lambda: reassign(world, {"person_ids": [*ids, one]}, staff[1]),
            lambda: reassign(world, {"person_ids": [one, *reversed(ids)]}, staff[2]),
            lambda: reassign(world, {"office_id": world.office_id}, staff[1], staff[2], staff[3]),
            lambda: world.do(offices.change_caseworker, world.uwv, staff[1], {"phone": "+442079460777"}, ANY),
            lambda: world.assign(BSNS[0], staff[3], valid_from=APRIL),
        )
        refused = [error for error in wrong if not isinstance(error, Problem)]
        assert refused == []
        # Refused may be: nothing to change any more, or by hand twice on one day.
        assert {str(error) for error in wrong} <= {"400 invalid-input", "409 assignment-exists"}
        starts = world.rows(select(Assignment.person_id, Assignment.valid_from, Assignment.reassignment_id))
        assert Counter((row.person_id, row.valid_from) for row in starts).most_common(1)[0][1] == 1
        # Whoever was last has all of those that its list named.
        of_day = {row.person_id: row.reassignment_id for row in starts if row.valid_from == APRIL}
        last = Counter(of_day[each] for each in ids if each in of_day)
        assert max(last.values()) >= 200
        listed = {row.id: row.people for row in world.rows(select(Reassignment.id, Reassignment.people))}
        for reassignment_id in last:
            assert reassignment_id in listed


# --- Over HTTP --------------------------------------------------------------------------------------------------


def test_over_http(house: House) -> None:
    uwv = house.party(PartyKind.UWV)
    with house.database.transaction() as uow:
        office_id = new_id()
        reach = {"phone": "+442079460678", "email": "a@example.nl"}
        caseload_office = OfficeOrganisation.CASELOAD
        uow.add(Office(id=office_id, name="UWV", region_code=None, organisation=caseload_office, **reach))
    person = {"officeId": office_id, "role": "arbeidsdeskundige", "workingDays": [1], **reach}
    old, new = (uwv.post("/caseworkers", person | {"name": name}).get_json()["id"] for name in ("A", "B"))
    assigned = {"bsn": BSNS[0], "caseworkerId": old, "validFrom": "2025-01-01"}
    person_id = uwv.post("/assignments", assigned).get_json()["personId"]
    sent = {
        "from": {"caseworkerId": old},
        "to": [{"caseworkerId": new}],
        "onDate": "2026-12-01",
        "note": "Maak kennis.",
    }
    key = {"Idempotency_Key": "reassign-1"}
    tried = uwv.post("/reassignments?dryRun=true", sent, **key)
    assert (tried.status_code, "Location" in tried.headers) == (200, False)
    assert tried.get_json()["targets"][0]["clients"] == [
        {"personId": person_id, "changesThisYear": 1, "changedRecently": False}
    ]
    assert uwv.get("/reassignments").get_json()["items"] == []
    # A key that was used for a dry run does not stand for the real thing.
    assert uwv.post("/reassignments", sent, **key).status_code == 409
    made = uwv.post("/reassignments", sent, Idempotency_Key="reassign-2")
    assert made.status_code == 201
    address = made.headers["Location"].removeprefix("/v1")
    assert made.get_json()["from"] == {
        "chosenBy": "caseworker", "caseworkerId": old, "officeId": None, "postcodes4": None,
    }  # fmt: skip
    again = uwv.post("/reassignments", sent, Idempotency_Key="reassign-2")
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.get_json() == made.get_json()
    listed = uwv.get(f"{address}/people").get_json()["items"]
    assert [(each["personId"], each["from"]["caseworkerId"], each["note"]) for each in listed] == [
        (person_id, old, "Maak kennis.")
    ]
    assert [each["id"] for each in uwv.get("/reassignments?status=planned").get_json()["items"]] == [
        made.get_json()["id"]
    ]
    assert uwv.post(f"{address}/transitions", {"to": "cancelled"}).status_code == 428
    stale = uwv.post(f"{address}/transitions", {"to": "cancelled"}, If_Match='"9-0123456789abcdef"')
    assert stale.status_code == 412
    assert uwv.move(address, "done").status_code == 409
    assert uwv.move(address, "cancelled").get_json()["status"] == "cancelled"
    assert uwv.get("/reassignments?status=planned").get_json()["items"] == []
    assert house.party(PartyKind.DESK).get("/reassignments").status_code == 403


WRONG: list[tuple[dict[str, Any], tuple[str, str]]] = [
    ({"from": {}}, ("/from/caseworkerId", "one-of")),
    ({"from": {"caseworkerId": "x" * 3}}, ("/from/caseworkerId", "not-an-id")),
    ({"from": {"postcodes4": ["9711"], "personIds": [new_id()]}}, ("/from/caseworkerId", "one-of")),
    ({"to": []}, ("/to", "wrong-length")),
    ({"to": [{}]}, ("/to/0/caseworkerId", "one-of")),
    ({"to": [{"caseworkerId": new_id(), "teamId": new_id()}]}, ("/to/0/caseworkerId", "one-of")),
    ({"note": "Bel 123456782."}, ("/note", "holds-bsn")),
    ({"exceptions": [{"personId": new_id()}]}, ("/exceptions/0/excluded", "one-of")),
    ({"exceptions": [{"personId": new_id(), "excluded": True, "note": "x"}]}, ("/exceptions/0/excluded", "one-of")),
]


@pytest.mark.parametrize(("sent", "error"), WRONG, ids=[f"{at}" for at in range(len(WRONG))])
def test_what_the_form_demands(sent: dict[str, Any], error: tuple[str, str]) -> None:
    whole = {"from": {"caseworkerId": new_id()}, "to": [{"teamId": new_id()}], "onDate": "2026-12-01", "note": "x"}
    messages = ReassignmentBody().validate(whole | sent)
    assert [(each.pointer, each.code) for each in field_errors(messages)] == [error]


def test_areas_of_one_office_may_be_chosen() -> None:
    source = {"postcodes4": ["9711"], "officeId": new_id()}
    whole = {"from": source, "to": [{"teamId": new_id()}], "onDate": "2026-12-01", "note": "x"}
    assert ReassignmentBody().validate(whole) == {}
