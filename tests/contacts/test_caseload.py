"""UWV's side: assignments, links, caseworkers and absences, and who hears of a change."""

from __future__ import annotations

from datetime import date
from typing import Any

import phonenumbers
import pytest
from marshmallow import ValidationError
from sqlalchemy import select

from service.access.models import AccessEntry
from service.contacts import caseload, links, offices
from service.contacts.rules import CaseworkerRole
from service.contacts.schemas import AbsenceBody, CaseworkerBody, OfficeView
from service.delivery.models import Event, EventParty
from service.employers.models import Employment
from service.kernel.ids import new_id
from service.kernel.problems import Problem
from service.kernel.requests import Expected
from service.people.models import Person
from tests.contacts.contacts_world import BSNS, World

TODAY = date(2026, 3, 2)


def codes(problem: Problem) -> list[tuple[str | None, str]]:
    return [(error.pointer, error.code) for error in problem.errors]


def contact_events(world: World) -> list[tuple[str, str, int, set[str]]]:
    """Type, employment, version and readers, in order of version."""
    found = world.rows(
        select(Event.id, Event.type, Event.subject, Event.subject_version, Event.data)
        .where(Event.subject.like("employments/%/contact"))
        .order_by(Event.id)
    )
    return [
        (
            type_,
            data["employmentId"],
            version,
            {row[0] for row in world.rows(select(EventParty.party_id).where(EventParty.event_id == event_id))},
        )
        for event_id, type_, _, version, data in found
    ]


# --- Assignments --------------------------------------------------------------------------------------------------


def test_an_assignment_makes_the_person_a_client(world: World) -> None:
    employment_id = world.employment(BSNS[0])
    made = world.assign(BSNS[0], world.caseworker("M. Jansen"), name="Kim de Vries", email="kim@example.nl")
    person = world.rows(select(Person).join(Employment).where(Employment.id == employment_id))[0][0]
    assert person.is_client
    assert made["person_id"] == person.id
    assert "Kim" not in str(made)
    assert BSNS[0] not in str(made)


def test_a_client_number_finds_the_same_person(world: World) -> None:
    jansen = world.caseworker("M. Jansen")
    first = world.assign(BSNS[0], jansen, client_number="W-7")
    data = {"client_number": "W-7", "caseworker_id": jansen, "team_id": None, "backup_id": None}
    second = world.do(caseload.assign, world.uwv, data | {"valid_from": date(2026, 5, 1)})
    assert second["person_id"] == first["person_id"]


def test_two_assignments_on_one_day_are_refused(world: World) -> None:
    first = world.assign(BSNS[0], world.caseworker("M. Jansen"))
    with pytest.raises(Problem, match="409 assignment-exists") as refused:
        world.assign(BSNS[0], world.caseworker("P. Bakker"))
    assert refused.value.extra == {"existing": f"/v1/assignments/{first['id']}"}


def test_only_who_is_there_can_be_assigned(world: World) -> None:
    left = world.caseworker("M. Jansen", active=False)
    with pytest.raises(Problem) as refused:
        world.assign(BSNS[0], left, team_id=new_id(), backup_id=new_id())
    assert codes(refused.value) == [
        ("/caseworkerId", "unknown-reference"),
        ("/backupId", "unknown-reference"),
        ("/teamId", "unknown-reference"),
    ]


def test_a_backup_is_somebody_else_and_stands_beside_somebody(world: World) -> None:
    jansen = world.caseworker("M. Jansen")
    with pytest.raises(Problem) as refused:
        world.assign(BSNS[0], jansen, backup_id=jansen)
    assert codes(refused.value) == [("/backupId", "own-backup")]
    with pytest.raises(Problem) as refused:
        world.assign(BSNS[0], backup_id=jansen)
    assert codes(refused.value) == [("/backupId", "backup-of-nobody")]


def test_what_did_not_begin_cannot_end_and_leaves_nothing(world: World) -> None:
    with pytest.raises(Problem) as refused:
        world.assign(BSNS[0])
    assert codes(refused.value) == [("/caseworkerId", "nothing-to-end")]
    assert world.rows(select(Person.id)) == []


def test_the_list_is_in_order_of_days_and_logged(world: World) -> None:
    jansen = world.caseworker("M. Jansen")
    days = [date(2026, 4, 1), date(2026, 1, 1), date(2026, 2, 1)]
    made = [world.assign(BSNS[0], jansen, valid_from=day) for day in days]
    world.assign(BSNS[1], world.caseworker("P. Bakker"))
    query: dict[str, Any] = {"person_id": made[0]["person_id"], "limit": 2}
    first = world.do(caseload.list_assignments, world.uwv, query)
    second = world.do(caseload.list_assignments, world.uwv, query | {"cursor": first["next"]})
    assert [row["valid_from"] for row in first["items"] + second["items"]] == sorted(days)
    assert second["next"] is None
    seen = world.rows(select(AccessEntry.person_id).where(AccessEntry.action == "assignment.read"))
    assert seen == [(made[0]["person_id"],)] * 3


def test_only_uwv_sees_and_makes_assignments(world: World) -> None:
    made = world.assign(BSNS[0], world.caseworker("M. Jansen"))
    for actor in (world.bakery, world.desk, world.jobcoaches):
        with pytest.raises(Problem, match="403"):
            world.do(caseload.list_assignments, actor, {"limit": 50})
        with pytest.raises(Problem, match="404"):
            world.do(caseload.get_assignment, actor, made["id"])
        with pytest.raises(Problem, match="403"):
            world.do(caseload.assign, actor, {})
        assert world.rows(caseload.visible_assignments(actor)) == []
    assert len(world.rows(caseload.visible_assignments(world.uwv))) == 1


# --- Who hears of it ----------------------------------------------------------------------------------------------


def test_a_change_is_told_to_the_employer_that_knows_and_to_the_jobcoaches(world: World) -> None:
    knows = world.employment(BSNS[0], jobcoach=True)
    not_told = world.employment(BSNS[0], actor=world.garage)
    world.employment(BSNS[0], reference="ended", start_date=date(2025, 1, 1), end_date=date(2026, 3, 1))
    bakery, coaches = world.bakery.party.id, world.jobcoaches.party.id
    world.assign(BSNS[0], world.caseworker("M. Jansen"))
    assert contact_events(world) == [
        ("contact.assigned", knows, 1, set()),
        ("contact.assigned", not_told, 1, set()),
    ]
    world.disclose(knows)
    assert contact_events(world)[2:] == [("contact.changed", knows, 2, {bakery})]
    world.confirm_jobcoaches(knows)
    assert contact_events(world)[3:] == [("contact.changed", knows, 3, {bakery, coaches})]
    world.assign(BSNS[0], world.caseworker("P. Bakker"), valid_from=date(2026, 4, 1))
    assert contact_events(world)[4:] == [
        ("contact.upcoming", knows, 4, {bakery, coaches}),
        ("contact.upcoming", not_told, 4, set()),
    ]
    world.withdraw(knows)
    assert contact_events(world)[6:] == [("contact.changed", knows, 5, {bakery, coaches})]


def test_filling_in_the_past_and_an_undisclosed_link_tell_nobody(world: World) -> None:
    employment_id = world.employment(BSNS[0])
    world.assign(BSNS[0], world.caseworker("M. Jansen"), valid_from=date(2026, 2, 1))
    world.assign(BSNS[0], world.caseworker("P. Bakker"), valid_from=date(2025, 1, 1))
    assert len(contact_events(world)) == 1
    world.do(links.record_link, world.uwv, {"employment_id": employment_id, "disclosed": False})
    assert contact_events(world)[1:] == [("contact.changed", employment_id, 2, set())]


# --- Caseworkers and absences -------------------------------------------------------------------------------------


def test_a_caseworker_changes_by_version(world: World) -> None:
    caseworker_id = world.caseworker("M. Jansen", working_days=[4, 1])
    assert world.do(offices.get_caseworker, world.uwv, caseworker_id)["working_days"] == [1, 4]
    change = {"phone": "+442079460699", "team_id": world.team_id}
    changed = world.do(offices.change_caseworker, world.uwv, caseworker_id, change, Expected(frozenset({1})))
    assert (changed["phone"], changed["team_id"], changed["version"]) == ("+442079460699", world.team_id, 2)
    with pytest.raises(Problem, match="412"):
        world.do(offices.change_caseworker, world.uwv, caseworker_id, change, Expected(frozenset({1})))


def test_a_team_belongs_to_the_office(world: World) -> None:
    with pytest.raises(Problem) as refused:
        world.caseworker("M. Jansen", team_id=new_id())
    assert codes(refused.value) == [("/teamId", "unknown-reference")]
    with pytest.raises(Problem) as refused:
        world.caseworker("M. Jansen", office_id=new_id(), team_id=world.team_id)
    assert codes(refused.value) == [("/officeId", "unknown-reference")]


def test_caseworkers_by_filter(world: World) -> None:
    world.caseworker("M. Jansen", team_id=world.team_id)
    world.caseworker("P. Bakker", active=False)

    def names(**query: Any) -> list[str]:
        found = world.do(offices.list_caseworkers, world.desk, {"limit": 50} | query)
        return [row["name"] for row in found["items"]]

    assert names() == ["M. Jansen", "P. Bakker"]
    assert names(team_id=world.team_id) == ["M. Jansen"]
    assert names(active=False) == ["P. Bakker"]
    assert names(office_id=new_id()) == []


def test_offices_with_their_teams(world: World) -> None:
    found = world.do(offices.list_offices, world.desk, {"limit": 50, "region_code": "AM01"})
    assert OfficeView().dump(found["items"][0])["teams"] == [
        {
            "id": world.team_id,
            "officeId": world.office_id,
            "name": "Team Noord",
            "phone": "+442079460600",
            "email": "noord@uwv.example",
            "active": True,
        }
    ]
    assert world.do(offices.get_office, world.uwv, world.office_id) == found["items"][0]
    assert world.do(offices.list_offices, world.desk, {"limit": 50, "region_code": "AM02"})["items"] == []


def test_employers_do_not_see_how_uwv_is_organised(world: World) -> None:
    caseworker_id = world.caseworker("M. Jansen")
    for ask, wanted in ((offices.get_office, world.office_id), (offices.get_caseworker, caseworker_id)):
        with pytest.raises(Problem, match="404"):
            world.do(ask, world.bakery, wanted)
    for visible in (
        offices.visible_offices,
        offices.visible_teams,
        offices.visible_caseworkers,
        offices.visible_absences,
    ):
        assert world.rows(visible(world.bakery)) == []


def test_an_open_absence_is_closed_later(world: World) -> None:
    caseworker_id, backup_id = world.caseworker("M. Jansen"), world.caseworker("P. Bakker")
    absence_id = world.absent(caseworker_id, TODAY, None, backup_id)
    change = {"last_day": date(2026, 3, 6)}
    expected = Expected(frozenset({1}))
    changed = world.do(offices.change_absence, world.uwv, caseworker_id, absence_id, change, expected)
    assert (changed["last_day"], changed["backup_id"], changed["version"]) == (date(2026, 3, 6), backup_id, 2)
    listed = world.do(offices.list_absences, world.desk, caseworker_id, {"limit": 50})
    assert listed == {"items": [changed], "next": None}
    with pytest.raises(Problem, match="404"):
        world.do(offices.get_absence, world.uwv, backup_id, absence_id)


def test_an_absence_must_make_sense(world: World) -> None:
    caseworker_id = world.caseworker("M. Jansen")
    with pytest.raises(Problem) as refused:
        world.absent(caseworker_id, TODAY, date(2026, 3, 1), caseworker_id)
    assert codes(refused.value) == [("/lastDay", "end-before-start"), ("/backupId", "own-backup")]
    with pytest.raises(Problem) as refused:
        world.absent(caseworker_id, TODAY, None, new_id())
    assert codes(refused.value) == [("/backupId", "unknown-reference")]


# --- What comes in ------------------------------------------------------------------------------------------------

CASEWORKER = {
    "officeId": "019c0000-0000-7000-8000-000000000000",
    "name": "M. Jansen",
    "role": "arbeidsdeskundige",
    "phone": "+442079460601",
    "email": "m.jansen@uwv.example",
    "workingDays": [1, 2],
}


def refused_fields(schema: Any, data: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(ValidationError) as refused:
        schema.load(data)
    messages: Any = refused.value.messages
    return {name: found[0].code for name, found in messages.items()}


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("phone", "02079460601", "wrong-form"),
        ("phone", "+44 20 7946 0601", "wrong-form"),
        ("phone", "+4420794", "invalid-phone"),
        ("phone", "+99912345678", "invalid-phone"),
        ("email", "m.jansen", "invalid-email"),
        ("email", "a@uwv.example, b@uwv.example", "invalid-email"),
        ("workingDays", [], "wrong-length"),
        ("workingDays", [1, 1], "duplicate"),
        ("role", "boss", "unknown-code"),
    ],
)
def test_a_caseworker_can_be_reached(field: str, value: Any, code: str) -> None:
    assert CaseworkerBody().load(CASEWORKER)["role"] is CaseworkerRole.ARBEIDSDESKUNDIGE
    assert refused_fields(CaseworkerBody(), CASEWORKER | {field: value}) == {field: code}


def test_a_dutch_number_is_accepted() -> None:
    example = phonenumbers.example_number("NL")
    assert example is not None
    phone = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
    assert CaseworkerBody().load(CASEWORKER | {"phone": phone})["phone"] == phone


def test_a_change_sets_only_what_was_sent() -> None:
    assert CaseworkerBody(partial=True).load({"active": False}) == {"active": False}
    assert AbsenceBody(partial=True).load({"lastDay": None}) == {"last_day": None}


def test_an_assignment_names_somebody(world: World) -> None:
    data = {"name": "Kim de Vries", "caseworker_id": new_id(), "team_id": None, "backup_id": None}
    with pytest.raises(Problem) as refused:
        world.do(caseload.assign, world.uwv, data)
    assert codes(refused.value) == [("/bsn", "required"), ("/caseworkerId", "unknown-reference")]
