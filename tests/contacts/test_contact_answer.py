"""The contact answer: never empty, and the same for a client unknown to the employer as for nobody's client."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import event, select

from service.access.actor import NOBODY
from service.access.models import AccessEntry
from service.access.rules import PartyKind, Purpose
from service.config import Settings
from service.contacts import offices, operations, room
from service.contacts.models import Assignment
from service.contacts.rules import CaseworkerRole, ContactKind, FallbackReason
from service.contacts.schemas import ContactAnswerView
from service.employers.models import Employment
from service.employers.register import UNLINKED
from service.kernel.ids import new_id
from service.kernel.problems import Problem
from service.kernel.requests import Expected
from tests.contacts.contacts_world import BSNS, World

DESK = {
    "kind": "desk",
    "name": Settings().desk_name,
    "role": None,
    "office": None,
    "phone": Settings().desk_phone,
    "email": Settings().desk_email,
    "workingDays": [1, 2, 3, 4, 5],
    "absentUntil": None,
    "reachableOn": "2026-03-02",
}
JANSEN = {
    "kind": "caseworker",
    "name": "M. Jansen",
    "role": "arbeidsdeskundige",
    "office": "UWV Groningen",
    "phone": "+442079460601",
    "email": "ad@uwv.example",
    "workingDays": [1, 2, 4],
    "absentUntil": None,
    "reachableOn": "2026-03-02",
}


def person_of(world: World, employment_id: str) -> Any:
    return world.rows(select(Employment.person_id).where(Employment.id == employment_id))[0][0]


def told(world: World, employment_id: str, **more: Any) -> Any:
    return ContactAnswerView().dump(world.ask(employment_id, **more))


def test_disclosed_shows_the_caseworker_and_the_backup(world: World) -> None:
    employment_id = world.employment(BSNS[0])
    jansen, bakker = world.caseworker("M. Jansen"), world.caseworker("P. Bakker")
    world.assign(BSNS[0], jansen, backup_id=bakker, valid_from=date(2026, 2, 1))
    world.disclose(employment_id)
    assert told(world, employment_id) == {
        "employmentId": employment_id,
        "employeeNumber": "0042",
        "contact": JANSEN,
        "backup": JANSEN | {"kind": "backup", "name": "P. Bakker"},
        "since": "2026-02-01",
        "fallbackReason": None,
        "upcoming": None,
    }


def test_undisclosed_unlinked_and_forgotten_are_alike(world: World) -> None:
    undisclosed, unlinked, withdrawn, nameless = (world.employment(bsn) for bsn in (*BSNS[:3], None))
    jansen = world.caseworker("M. Jansen", team_id=world.team_id)
    world.absent(jansen, date(2026, 3, 1), date(2026, 3, 20))
    for bsn in (BSNS[0], BSNS[2]):
        world.assign(bsn, jansen)
        world.assign(bsn, world.caseworker("P. Bakker"), valid_from=date(2026, 6, 1))
    world.disclose(withdrawn)
    assert world.ask(withdrawn)["contact"]["kind"] is ContactKind.TEAM
    world.withdraw(withdrawn)
    answers = [world.ask(each) | {"employment_id": ""} for each in (undisclosed, unlinked, withdrawn, nameless)]
    assert all(answer == answers[0] for answer in answers)
    assert told(world, unlinked) == {
        "employmentId": unlinked,
        "employeeNumber": "0042",
        "contact": DESK,
        "backup": None,
        "since": None,
        "fallbackReason": "desk",
        "upcoming": None,
    }


def test_undisclosed_and_unlinked_cost_the_same_statements(world: World) -> None:
    undisclosed, unlinked, forgotten = (world.employment(bsn) for bsn in BSNS[:3])
    world.assign(BSNS[0], world.caseworker("M. Jansen"))
    world.do(lambda uow: setattr(uow.session.get(Employment, forgotten), "person_id", None))
    seen: list[str] = []
    event.listen(world.database.engine, "before_cursor_execute", lambda *arguments: seen.append(arguments[2]))
    courses = []
    for employment_id in (undisclosed, unlinked, forgotten):
        world.ask(employment_id)
        courses.append(tuple(seen))
        seen.clear()
    assert courses[0] == courses[1] == courses[2]
    assert [text.split()[0] for text in courses[0] if not text.startswith("BEGIN")] == ["SELECT", "INSERT", "INSERT"]


def test_every_question_leaves_one_line_in_the_access_log(world: World) -> None:
    client, other, forgotten = (world.employment(bsn) for bsn in BSNS[:3])
    people = [person_of(world, client), person_of(world, other), NOBODY]
    world.assign(BSNS[0], world.caseworker("M. Jansen"))
    world.do(lambda uow: setattr(uow.session.get(Employment, forgotten), "person_id", None))
    for employment_id in (client, other, forgotten):
        world.ask(employment_id)
    line = (AccessEntry.person_id, AccessEntry.purpose, AccessEntry.party_id, AccessEntry.resource)
    found = world.rows(select(*line).where(AccessEntry.action == "contact.read").order_by(AccessEntry.id))
    assert found == [
        (person, Purpose.CONTACT, world.bakery.party.id, f"employments/{employment_id}")
        for person, employment_id in zip(people, (client, other, forgotten), strict=True)
    ]


def test_an_absent_caseworker_is_replaced_by_the_backup(world: World) -> None:
    employment_id = world.employment(BSNS[0])
    jansen, bakker = world.caseworker("M. Jansen"), world.caseworker("P. Bakker", phone="+442079460602")
    world.assign(BSNS[0], jansen, backup_id=bakker)
    world.disclose(employment_id)
    world.absent(jansen, date(2026, 3, 3), date(2026, 3, 6))
    world.absent(jansen, date(2026, 3, 7), date(2026, 3, 20))
    assert world.ask(employment_id)["contact"]["name"] == "M. Jansen"
    world.clock.day = date(2026, 3, 3)
    answer = told(world, employment_id)
    assert answer["contact"]["kind"] == "backup"
    assert answer["contact"]["name"] == "P. Bakker"
    assert answer["contact"]["phone"] == "+442079460602"
    assert answer["contact"]["absentUntil"] == "2026-03-20"
    assert answer["fallbackReason"] == "absent"
    assert answer["backup"] is None
    assert answer["since"] == "2026-03-02"
    world.clock.day = date(2026, 3, 21)
    assert world.ask(employment_id)["contact"]["name"] == "M. Jansen"


def test_the_backup_of_an_absence_comes_before_that_of_the_assignment(world: World) -> None:
    employment_id = world.employment(BSNS[0])
    jansen, bakker, visser = (world.caseworker(name) for name in ("M. Jansen", "P. Bakker", "K. Visser"))
    world.assign(BSNS[0], jansen, backup_id=bakker)
    world.disclose(employment_id)
    world.absent(jansen, date(2026, 3, 2), date(2026, 3, 6), visser)
    world.absent(jansen, date(2026, 5, 4), date(2026, 5, 8), bakker)
    assert world.ask(employment_id)["contact"]["name"] == "K. Visser"
    world.clock.day = date(2026, 3, 7)
    answer = world.ask(employment_id)
    assert (answer["contact"]["name"], answer["backup"]["name"]) == ("M. Jansen", "P. Bakker")


def test_an_absent_backup_is_named_with_the_last_day_away(world: World) -> None:
    employment_id = world.employment(BSNS[0])
    jansen, bakker = world.caseworker("M. Jansen", team_id=world.team_id), world.caseworker("P. Bakker")
    world.assign(BSNS[0], jansen, backup_id=bakker)
    world.disclose(employment_id)
    world.absent(bakker, date(2026, 2, 2), date(2026, 3, 9))
    assert told(world, employment_id)["backup"]["absentUntil"] == "2026-03-09"
    world.absent(jansen, date(2026, 3, 2), None)
    answer = told(world, employment_id)
    assert (answer["contact"]["kind"], answer["contact"]["absentUntil"]) == ("team", None)
    assert answer["fallbackReason"] == "absent"


def test_who_has_left_answers_no_more(world: World) -> None:
    employment_id = world.employment(BSNS[0])
    jansen, bakker = world.caseworker("M. Jansen"), world.caseworker("P. Bakker")
    world.assign(BSNS[0], jansen, backup_id=bakker)
    world.disclose(employment_id)
    for left, kind in ((jansen, ContactKind.BACKUP), (bakker, ContactKind.DESK)):
        world.do(offices.change_caseworker, world.uwv, left, {"active": False}, Expected(None))
        assert world.ask(employment_id)["contact"]["kind"] is kind


def test_a_team_office_answers_by_its_team(world: World) -> None:
    employment_id = world.employment(BSNS[0])
    world.assign(BSNS[0], team_id=world.team_id)
    world.disclose(employment_id)
    answer = told(world, employment_id)
    assert answer["contact"] == {
        "kind": "team",
        "name": "Team Noord",
        "role": None,
        "office": "UWV Groningen",
        "phone": "+442079460600",
        "email": "noord@uwv.example",
        "workingDays": [1, 2, 3, 4, 5],
        "absentUntil": None,
        "reachableOn": "2026-03-02",
    }
    assert (answer["fallbackReason"], answer["since"]) == (None, "2026-03-02")


def test_nobody_assigned_leaves_the_desk(world: World) -> None:
    employment_id = world.employment(BSNS[0])
    world.assign(BSNS[0], world.caseworker("M. Jansen"), valid_from=date(2026, 2, 1))
    world.disclose(employment_id)
    world.assign(BSNS[0], valid_from=date(2026, 3, 2))
    answer = told(world, employment_id)
    assert (answer["contact"], answer["since"], answer["fallbackReason"]) == (DESK, None, "desk")


def test_the_next_change_is_told_beforehand(world: World) -> None:
    employment_id = world.employment(BSNS[0])
    world.assign(BSNS[0], world.caseworker("M. Jansen"), valid_from=date(2026, 2, 1))
    world.assign(BSNS[0], valid_from=date(2026, 9, 1))
    world.assign(BSNS[0], world.caseworker("P. Bakker"), valid_from=date(2026, 6, 1))
    world.disclose(employment_id)
    answer = told(world, employment_id)
    assert answer["contact"] == JANSEN
    assert answer["upcoming"] == {
        "from": "2026-06-01",
        "contact": JANSEN | {"name": "P. Bakker", "reachableOn": "2026-06-01"},
    }
    world.clock.day = date(2026, 6, 1)
    answer = told(world, employment_id)
    assert answer["contact"]["name"] == "P. Bakker"
    assert answer["upcoming"] == {"from": "2026-09-01", "contact": DESK | {"reachableOn": "2026-09-01"}}


def test_a_first_assignment_that_lies_ahead(world: World) -> None:
    employment_id = world.employment(BSNS[0])
    world.assign(BSNS[0], team_id=world.team_id, valid_from=date(2026, 4, 1))
    world.disclose(employment_id)
    answer = told(world, employment_id)
    assert answer["contact"] == DESK
    assert answer["upcoming"]["from"] == "2026-04-01"
    assert answer["upcoming"]["contact"]["name"] == "Team Noord"


def test_each_day_has_its_own_assignment(world: World) -> None:
    employment_id = world.employment(BSNS[0])
    names = {date(2026, 1, 5): "A", date(2026, 2, 2): "B", date(2026, 3, 2): "C"}
    for day, name in names.items():
        world.assign(BSNS[0], world.caseworker(name), valid_from=day)
    world.disclose(employment_id)
    seen = {}
    for day in (date(2026, 1, 5), date(2026, 2, 1), date(2026, 2, 2), date(2026, 3, 1), date(2026, 3, 2)):
        world.clock.day = day
        seen[day] = world.ask(employment_id)["contact"]["name"]
    assert list(seen.values()) == ["A", "A", "B", "B", "C"]


def test_another_employers_employment_is_not_there(world: World) -> None:
    employment_id = world.employment(BSNS[0], actor=world.garage)
    world.assign(BSNS[0], world.caseworker("M. Jansen"))
    world.disclose(employment_id)
    problems = []
    for wanted in (employment_id, new_id()):
        with pytest.raises(Problem) as refused:
            world.ask(wanted)
        problems.append((refused.value.status, refused.value.code, refused.value.detail))
    assert problems[0] == problems[1]
    assert problems[0][:2] == (404, "not-found")
    assert world.rows(select(AccessEntry.id).where(AccessEntry.action == "contact.read")) == []


def test_uwv_desk_and_jobcoach_see_the_real_contact_of_an_undisclosed_client(world: World) -> None:
    employment_id = world.employment(BSNS[0], jobcoach=True)
    world.assign(BSNS[0], world.caseworker("M. Jansen"))
    assert told(world, employment_id, actor=world.jobcoaches)["contact"] == DESK
    world.confirm_jobcoaches(employment_id)
    for actor in (world.uwv, world.desk, world.jobcoaches):
        assert told(world, employment_id, actor=actor)["contact"] == JANSEN
    assert told(world, employment_id)["contact"] == DESK


def test_jobcoaches_and_uwv_see_their_own_part_only(world: World) -> None:
    employment_id = world.employment(BSNS[0])
    for actor in (world.jobcoaches, world.uwv):
        with pytest.raises(Problem, match="404 not-found"):
            world.ask(employment_id, actor)
    assert told(world, employment_id, actor=world.desk)["contact"] == DESK


@pytest.mark.parametrize("kind", [PartyKind.WSP, PartyKind.MOBILITY_POOL, PartyKind.OPERATOR])
def test_other_parties_do_not_ask(world: World, kind: PartyKind) -> None:
    with pytest.raises(Problem, match="403 not-allowed"):
        world.ask(world.employment(BSNS[0]), world.party(kind, "WSP Groningen"))


def test_a_bureau_asks_for_each_of_its_employers(world: World) -> None:
    garage = world.employment(BSNS[0], actor=world.garage)
    bureau = type(world.bakery)("bureau", (*world.bakery.parties, *world.garage.parties), frozenset())
    assert world.ask(garage, bureau)["contact"]["kind"] is ContactKind.DESK


# --- What other rooms ask -----------------------------------------------------------------------------------------


def test_public_contact_follows_disclosure(world: World) -> None:
    employment_id = world.employment(BSNS[0])
    world.assign(BSNS[0], world.caseworker("M. Jansen"))
    assert world.do(operations.public_contact, employment_id)["kind"] is ContactKind.DESK
    assert not world.do(operations.is_disclosed, employment_id)
    world.disclose(employment_id)
    assert world.do(operations.public_contact, employment_id) == world.ask(employment_id)["contact"]
    assert world.do(operations.is_disclosed, employment_id)
    world.withdraw(employment_id)
    assert world.do(operations.public_contact, employment_id)["kind"] is ContactKind.DESK
    assert not world.do(operations.is_disclosed, employment_id)


def test_responsible_looks_behind_the_counter(world: World) -> None:
    employment_id = world.employment(BSNS[0])
    person_id = person_of(world, employment_id)
    assert world.do(operations.responsible, person_id) is None
    jansen, bakker = world.caseworker("M. Jansen", team_id=world.team_id), world.caseworker("P. Bakker")
    world.assign(BSNS[0], jansen, backup_id=bakker)
    found = world.do(operations.responsible, person_id)
    assert (found.kind, found.caseworker_id, found.role) == (
        ContactKind.CASEWORKER,
        jansen,
        CaseworkerRole.ARBEIDSDESKUNDIGE,
    )
    assert (found.backup.caseworker_id, found.team.name, found.office_name) == (bakker, "Team Noord", "UWV Groningen")
    world.absent(jansen, date(2026, 3, 2), None)
    found = world.do(operations.responsible, person_id)
    assert (found.kind, found.caseworker_id, found.backup) == (ContactKind.BACKUP, bakker, None)
    world.absent(bakker, date(2026, 3, 2), None)
    found = world.do(operations.responsible, person_id)
    assert (found.kind, found.caseworker_id, found.email) == (ContactKind.TEAM, None, "noord@uwv.example")


def test_parties(world: World) -> None:
    assert world.do(operations.uwv_parties) == [world.uwv.party.id]
    assert world.do(operations.desk_parties) == [world.desk.party.id]


# --- The end of it ------------------------------------------------------------------------------------------------


def test_erasing_a_person_leaves_the_desk(world: World) -> None:
    employment_id = world.employment(BSNS[0])
    person_id = person_of(world, employment_id)
    world.assign(BSNS[0], world.caseworker("M. Jansen"))
    world.disclose(employment_id)
    exported = world.do(room.export, person_id)
    assert exported["assignments"] == [
        {"from": date(2026, 3, 2), "caseworker": "M. Jansen", "team": None, "note": None}
    ]
    assert exported["links"][0]["disclosedSince"] == date(2026, 3, 2)
    world.do(room.erase, person_id)
    assert world.rows(select(Assignment.id)) == []
    answer = world.ask(employment_id)
    assert (answer["contact"]["kind"], answer["fallback_reason"]) == (ContactKind.DESK, FallbackReason.DESK)


def test_a_client_is_not_forgotten_after_a_month(world: World) -> None:
    client, other = world.employment(BSNS[0]), world.employment(BSNS[1])
    world.assign(BSNS[0], world.caseworker("M. Jansen"))
    world.clock.day = date(2026, 4, 15)
    for each in world.do(UNLINKED.due, 10):
        world.do(UNLINKED.fire, each)
    assert world.do(UNLINKED.due, 10) == []
    assert person_of(world, client) is not None
    assert person_of(world, other) is None


def test_after_the_end_the_employer_sees_the_desk(world: World) -> None:
    employment_id = world.employment(BSNS[0], end_date=date(2026, 3, 31), jobcoach=True)
    world.assign(BSNS[0], world.caseworker("M. Jansen"))
    world.disclose(employment_id)
    world.clock.day = date(2026, 3, 31)
    assert world.ask(employment_id)["contact"]["name"] == "M. Jansen"
    world.clock.day = date(2026, 4, 1)
    assert world.ask(employment_id)["contact"]["kind"] == ContactKind.DESK
    assert world.ask(employment_id, world.uwv)["contact"]["name"] == "M. Jansen"
