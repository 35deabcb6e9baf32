"""Whom a caseworker may read, and until when."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

from service.access.models import AccessEntry
from service.access.rules import PartyKind
from service.contacts import offices
from service.contacts.assigning import histories_of, starts_of
from service.contacts.clients import operations
from service.contacts.clients.rules import Reader, ReaderRole, may_read
from service.contacts.models import Assignment
from service.kernel.ids import new_id
from service.kernel.problems import Problem
from service.people import operations as people
from service.people.operations import Identity
from tests.contacts.contacts_world import BSNS, World
from tests.contacts.reassigning_kit import ANY, APRIL, BEFORE, clients_of, reassign
from tests.support.house import House


def listed(world: World, caseworker_id: str, **query: Any) -> dict[str, dict[str, Any]]:
    """All pages, by person."""
    found: dict[str, dict[str, Any]] = {}
    asked: dict[str, Any] = {"limit": 7} | query
    while True:
        page = world.do(operations.list_clients, world.uwv, caseworker_id, asked)
        found |= {each["person_id"]: each for each in page["items"]}
        if page["next"] is None:
            return found
        asked["cursor"] = page["next"]


def get(world: World, caseworker_id: str, person_id: str) -> dict[str, Any]:
    found: dict[str, Any] = world.do(operations.get_client, world.uwv, caseworker_id, person_id)
    return found


def test_the_former_contact_reads_for_a_fortnight_and_then_no_longer(world: World) -> None:
    old, new, backup = (world.caseworker(name) for name in ("M. Jansen", "P. Bakker", "N. Postma"))
    employment_id = world.employment(BSNS[0])
    person_id = world.assign(BSNS[0], old, valid_from=BEFORE, backup_id=backup, name="Sanne")["person_id"]
    world.disclose(employment_id)
    reassign(world, {"caseworker_id": old}, new)
    days = world.database.settings.handover_read_days
    assert listed(world, old)[person_id]["role"] is ReaderRole.RESPONSIBLE
    assert listed(world, new) == {}
    assert [each["caseworker_id"] for each in get(world, old, person_id)["upcoming"]] == [new]
    for day in (APRIL, APRIL + timedelta(days=days)):
        world.clock.day = day
        found = get(world, old, person_id)
        assert (found["role"], found["since"], found["until"]) == (ReaderRole.FORMER, BEFORE, date(2026, 3, 31))
        assert found["read_until"] == APRIL + timedelta(days=days)
        assert listed(world, old).keys() == listed(world, old, role=ReaderRole.FORMER).keys() == {person_id}
    world.clock.day = APRIL + timedelta(days=days + 1)
    with pytest.raises(Problem, match="404"):
        get(world, old, person_id)
    assert listed(world, old) == {}
    # The present one and the backup go on, and the history stays.
    found = get(world, new, person_id)
    assert (found["name"], found["role"], found["note"]) == (
        "Sanne",
        ReaderRole.RESPONSIBLE,
        "Lees het dossier en maak kennis.",
    )
    assert [(each["caseworker_id"], each["valid_from"], each["until"]) for each in found["history"]] == [
        (old, BEFORE, date(2026, 3, 31)),
        (new, APRIL, None),
    ]
    assert [(each["employment_id"], each["disclosed"]) for each in found["links"]] == [(employment_id, True)]
    assert found["changes_this_year"] == 1
    assert get(world, backup, person_id)["role"] is ReaderRole.BACKUP


def test_how_long_is_a_setting(world: World) -> None:
    from dataclasses import replace

    world.database.settings = replace(world.database.settings, handover_read_days=0)
    old, new = world.caseworker("M. Jansen"), world.caseworker("P. Bakker")
    person_id = clients_of(world, old, 1)[0]
    reassign(world, {"caseworker_id": old}, new)
    world.clock.day = APRIL
    assert get(world, old, person_id)["read_until"] == APRIL
    world.clock.day += timedelta(days=1)
    with pytest.raises(Problem, match="404"):
        get(world, old, person_id)


def test_who_stands_in_during_an_absence_reads_on_those_days(world: World) -> None:
    away, stands_in = world.caseworker("M. Jansen"), world.caseworker("P. Bakker")
    person_id = clients_of(world, away, 1)[0]
    first = world.clock.day + timedelta(days=1)
    world.absent(away, first, first, stands_in)
    for day, expected in ((first - timedelta(days=1), None), (first, first), (first + timedelta(days=1), None)):
        world.clock.day = day
        found = listed(world, stands_in)
        assert (found[person_id]["since"] if found else None) == expected
    assert listed(world, away)[person_id]["role"] is ReaderRole.RESPONSIBLE


def test_each_look_is_logged_with_the_person(world: World) -> None:
    caseworker = world.caseworker("M. Jansen")
    ids = clients_of(world, caseworker, 2)
    before = len(world.rows(select(AccessEntry.id)))
    listed(world, caseworker)
    get(world, caseworker, ids[0])
    rows = world.rows(select(AccessEntry.person_id, AccessEntry.action).order_by(AccessEntry.id))[before:]
    assert [row.action for row in rows] == ["client.read"] * 3
    assert sorted(row.person_id for row in rows) == sorted([*ids, ids[0]])


def test_what_is_not_there(world: World) -> None:
    caseworker = world.caseworker("M. Jansen")
    person_id = clients_of(world, world.caseworker("P. Bakker"), 1)[0]
    for caseworker_id, somebody in ((caseworker, person_id), (caseworker, new_id()), (new_id(), person_id)):
        with pytest.raises(Problem, match="404"):
            get(world, caseworker_id, somebody)
    with pytest.raises(Problem, match="403"):
        world.do(operations.list_clients, world.desk, caseworker, {"limit": 5})


@pytest.mark.parametrize("seed", [1, 2])
def test_the_list_is_what_the_rule_says(world: World, seed: int) -> None:
    """Random histories: what the database finds is whom `may_read` allows, in each role."""
    dice = random.Random(seed)
    staff = [world.caseworker(f"C{at}", team_id=world.team_id if at % 2 else None) for at in range(4)]
    first = world.clock.day - timedelta(days=40)
    with world.database.transaction() as uow:
        ids = people.create_many(uow, [Identity(name="x")] * 60, is_client=True)
        rows = []
        for person_id in ids:
            for after in dice.sample(range(60), dice.randrange(0, 5)):
                caseworker, backup = dice.choice([None, *staff]), dice.choice([None, None, *staff])
                team = dice.choice([None, None, world.team_id])
                rows.append(
                    {
                        "id": new_id(),
                        "version": 1,
                        "person_id": person_id,
                        "valid_from": first + timedelta(days=after),
                        "caseworker_id": caseworker,
                        "team_id": team,
                        "backup_id": backup if caseworker or team else None,
                        "created_at": uow.now,
                    }
                )
        uow.execute(insert(Assignment), rows)
        histories = {each: starts_of(rows) for each, rows in histories_of(uow, ids).items()}
    world.absent(staff[0], world.clock.day - timedelta(days=3), None, staff[3])
    world.do(offices.change_caseworker, world.uwv, staff[2], {"active": False}, ANY)
    roles = set()
    for at, caseworker_id in enumerate(staff):
        stands_in = {staff[0]: world.clock.day - timedelta(days=3)} if at == 3 else {}
        reader = Reader(caseworker_id, world.team_id if at % 2 else None, at != 2, stands_in)
        days = world.database.settings.handover_read_days
        expected = {
            person_id: found
            for person_id, history in histories.items()
            if (found := may_read(world.clock.day, reader, history, days)) is not None
        }
        shown = listed(world, caseworker_id)
        assert {person_id: each["role"] for person_id, each in shown.items()} == {
            person_id: each.role for person_id, each in expected.items()
        }
        for role in ReaderRole:
            wanted = {person_id for person_id, each in expected.items() if each.role is role}
            assert listed(world, caseworker_id, role=role).keys() == wanted
            roles |= {role} if wanted else set()
    assert roles == set(ReaderRole)


def test_over_http(house: House) -> None:
    desk = house.party(PartyKind.DESK)
    assert desk.get(f"/caseworkers/{new_id()}/clients").status_code == 403
    uwv = house.party(PartyKind.UWV)
    assert uwv.get(f"/caseworkers/{new_id()}/clients").status_code == 404
    assert uwv.get(f"/caseworkers/{new_id()}/clients?role=nobody").status_code == 400
