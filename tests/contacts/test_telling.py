"""Whoever is concerned hears of each change of a contact, once, whatever caused it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from service.contacts import caseload, offices, room
from service.contacts.absences import HANDOVER
from service.contacts.assigning import NewAssignment, assign_many
from service.contacts.mails import contact_changed
from service.contacts.models import Absence, Assignment, HandoverNote
from service.contacts.reassignments.operations import reassign
from service.contacts.rules import NOTHING_TOLD, Change, Staff, Standing, Writing, person_hears, what_changed, writing
from service.contacts.telling import LOOK_AGAIN
from service.delivery.models import Event, Mail
from service.kernel.problems import Problem
from service.kernel.requests import Expected
from service.people import operations as people
from service.people.operations import Identity
from tests.contacts.contacts_world import BSNS, World

ANY = Expected(None)
STAFF = st.builds(Staff, st.sampled_from([None, "a", "b"]), st.sampled_from([None, "t"]), st.sampled_from([None, "c"]))
DAYS = st.dates(date(2026, 1, 1), date(2026, 1, 20))


def told(world: World) -> list[str]:
    return [
        row.type for row in world.rows(select(Event.type).where(Event.type.startswith("contact.")).order_by(Event.id))
    ]


def mails(world: World) -> list[tuple[str, tuple[str, ...]]]:
    """Subject and paragraphs of each queued mail, as it would be sent now."""
    found = []
    for row in world.rows(select(Mail.data).where(Mail.template == "contact-changed").order_by(Mail.id)):
        text = world.do(contact_changed, row.data)
        found.append((text.subject, text.paragraphs))
    return found


def pass_to(world: World, day: date) -> None:
    """The clock moves, and the worker does what falls due."""
    world.clock.day = day
    for timer in (HANDOVER, LOOK_AGAIN):
        for row_id in world.do(timer.due, 100):
            world.do(timer.fire, row_id)
        assert world.do(timer.due, 100) == []


@pytest.fixture
def client(world: World) -> str:
    """A client whose employer knows, with a mail address; the employment."""
    employment_id = world.employment(BSNS[0])
    identity = Identity(bsn=BSNS[0], name="Sanne de Vries", email="sanne@example.nl")
    world.do(people.find_or_create, identity, is_client=True)
    world.disclose(employment_id)
    return employment_id


# --- Rules ----------------------------------------------------------------------------------------------------------

STANDINGS = st.builds(
    Standing,
    st.sampled_from([None, "a", "b"]),
    st.sampled_from([None, "a", "b"]),
    st.booleans(),
    st.sampled_from(["", "x", "y"]),
    st.sampled_from([None, date(2026, 5, 1)]),
    st.sampled_from([None, "a", "b"]),
)


@given(before=STANDINGS, now=STANDINGS)
def test_something_is_told_exactly_when_something_differs(before: Standing, now: Standing) -> None:
    assert (what_changed(before, now) is None) == (before == now)


@given(now=STANDINGS)
def test_the_first_contact_is_assigned(now: Standing) -> None:
    assert (what_changed(NOTHING_TOLD, now) is Change.ASSIGNED) == (now.regular_id is not None)


@given(now=STANDINGS, day=DAYS)
def test_a_change_that_was_announced_is_not_mailed_again(now: Standing, day: date) -> None:
    announced = now._replace(regular_id="old", upcoming_from=day, upcoming_id=now.regular_id)
    assert not person_hears(announced, now, day, None)
    assert person_hears(announced._replace(upcoming_from=None, upcoming_id=None), now, day, None)


@given(starts=st.dictionaries(DAYS, STAFF, max_size=5), day=DAYS, staff=STAFF)
def test_writing_leaves_the_right_people_in_force(starts: dict[date, Staff], day: date, staff: Staff) -> None:
    what = writing(starts.items(), day, staff)
    after = dict(starts)
    if what is not Writing.UNCHANGED:
        assert (day in after) == (what is Writing.REPLACED)
        after[day] = staff
    in_force = max((start for start in after if start <= day), default=None)
    assert staff.is_nobody if in_force is None else after[in_force] == staff
    # Saying it again changes nothing.
    assert writing(after.items(), day, staff) is Writing.UNCHANGED


# --- Through the rooms ----------------------------------------------------------------------------------------------


def test_a_planned_change_is_announced_and_takes_effect_by_the_clock(world: World, client: str) -> None:
    old, new = world.caseworker("M. Jansen"), world.caseworker("P. Bakker", phone="+442079460777")
    world.assign(BSNS[0], old)
    world.assign(BSNS[0], new, valid_from=date(2026, 4, 1))
    assert told(world)[1:] == ["contact.assigned", "contact.upcoming"]
    upcoming = world.ask(client)["upcoming"]
    assert upcoming["valid_from"] == date(2026, 4, 1)
    assert upcoming["contact"]["name"] == "P. Bakker"
    subject, paragraphs = mails(world)[-1]
    assert subject == "U krijgt een andere contactpersoon"
    assert paragraphs[0] == "Beste Sanne de Vries,"
    assert "Vanaf 1 april 2026 is P. Bakker uw contactpersoon" in paragraphs[1]
    assert "+442079460777" in paragraphs[2]
    assert "Tot die dag blijft M. Jansen uw contactpersoon." in paragraphs[3]
    pass_to(world, date(2026, 3, 31))
    assert len(told(world)) == 3
    pass_to(world, date(2026, 4, 1))
    assert told(world)[3:] == ["contact.changed"]
    assert world.ask(client)["contact"]["name"] == "P. Bakker"
    assert len(mails(world)) == 2  # the new contact was announced


def test_a_planned_change_that_is_taken_back_is_told(world: World, client: str) -> None:
    world.assign(BSNS[0], world.caseworker("M. Jansen"))
    later = world.assign(BSNS[0], world.caseworker("P. Bakker"), valid_from=date(2026, 4, 1))
    world.do(caseload.take_back_assignment, world.uwv, later["id"], ANY)
    assert told(world)[2:] == ["contact.upcoming", "contact.upcoming"]
    assert world.ask(client)["upcoming"] is None
    subject, paragraphs = mails(world)[-1]
    assert subject == "Uw contactpersoon verandert niet"
    assert "M. Jansen blijft uw contactpersoon." in paragraphs[1]
    pass_to(world, date(2026, 4, 1))
    assert len(told(world)) == 4


def test_an_absence_is_told_when_it_begins_and_when_it_ends(world: World, client: str) -> None:
    caseworker, backup = world.caseworker("M. Jansen"), world.caseworker("P. Bakker")
    world.assign(BSNS[0], caseworker)
    world.absent(caseworker, date(2026, 3, 9), date(2026, 3, 20), backup)
    assert told(world)[1:] == ["contact.assigned"]
    pass_to(world, date(2026, 3, 8))
    assert len(told(world)) == 2
    pass_to(world, date(2026, 3, 9))
    assert told(world)[2:] == ["contact.absent"]
    subject, paragraphs = mails(world)[-1]
    assert subject == "Uw contactpersoon is afwezig"
    assert paragraphs[1] == "M. Jansen is afwezig tot en met 20 maart 2026."
    assert paragraphs[2] == "In die tijd helpt P. Bakker u."
    pass_to(world, date(2026, 3, 20))
    assert len(told(world)) == 3
    pass_to(world, date(2026, 3, 21))
    assert told(world)[3:] == ["contact.changed"]
    assert len(mails(world)) == 2


def test_a_few_days_away_are_no_mail(world: World, client: str) -> None:
    caseworker = world.caseworker("M. Jansen")
    world.assign(BSNS[0], caseworker)
    world.absent(caseworker, date(2026, 3, 2), date(2026, 3, 4))
    assert told(world)[1:] == ["contact.assigned", "contact.absent"]
    assert len(mails(world)) == 1


def test_a_new_number_is_told(world: World, client: str) -> None:
    caseworker = world.caseworker("M. Jansen")
    world.assign(BSNS[0], caseworker)
    world.do(offices.change_caseworker, world.uwv, caseworker, {"phone": "+442079460999"}, ANY)
    assert told(world)[1:] == ["contact.assigned", "contact.changed"]
    assert "De gegevens van M. Jansen zijn veranderd." in mails(world)[-1][1][1]
    assert "+442079460999" in mails(world)[-1][1][2]
    # What nobody sees of a caseworker is told to nobody.
    world.do(offices.change_caseworker, world.uwv, caseworker, {"phone": "+442079460999"}, ANY)
    assert len(told(world)) == 3


def test_who_leaves_hands_over(world: World, client: str) -> None:
    caseworker, backup = world.caseworker("M. Jansen"), world.caseworker("P. Bakker")
    world.assign(BSNS[0], caseworker, backup_id=backup)
    world.do(offices.change_caseworker, world.uwv, caseworker, {"active": False}, ANY)
    assert told(world)[2:] == ["contact.absent"]
    assert world.ask(client)["contact"]["name"] == "P. Bakker"


def test_without_an_address_there_is_no_mail(world: World) -> None:
    world.employment(BSNS[1])
    world.assign(BSNS[1], world.caseworker("M. Jansen"))
    assert told(world) == ["contact.assigned"]
    assert mails(world) == []


def test_a_long_absence_hands_over_to_the_backup_with_a_note(world: World, client: str) -> None:
    caseworker, backup = world.caseworker("M. Jansen"), world.caseworker("P. Bakker")
    world.assign(BSNS[0], caseworker, backup_id=backup)
    absence_id = world.absent(caseworker, date(2026, 3, 2), None)
    days = world.database.settings.absence_handover_days
    pass_to(world, date(2026, 3, 2) + timedelta(days=days - 1))
    assert world.rows(select(Absence.handed_over_on).where(Absence.id == absence_id))[0][0] is None
    pass_to(world, date(2026, 3, 2) + timedelta(days=days))
    assert world.rows(select(Absence.handed_over_on).where(Absence.id == absence_id))[0][0] == world.clock.day
    answer = world.ask(client)
    assert (answer["contact"]["kind"], answer["contact"]["name"]) == ("caseworker", "P. Bakker")
    last = world.rows(select(Assignment.id).order_by(Assignment.valid_from.desc()))[0].id
    assert "lang afwezig" in world.do(caseload.get_assignment, world.uwv, last)["note"]
    assert told(world)[-1] == "contact.changed"
    count = len(told(world))
    pass_to(world, world.clock.day + timedelta(days=1))
    assert len(told(world)) == count


def test_an_assignment_of_today_can_be_corrected_and_one_of_yesterday_not(world: World, client: str) -> None:
    wrong, right = world.caseworker("M. Jansen"), world.caseworker("P. Bakker")
    made = world.assign(BSNS[0], wrong, note="Werkt het liefst 's ochtends.")
    changed = world.do(caseload.change_assignment, world.uwv, made["id"], {"caseworker_id": right}, ANY)
    assert (changed["caseworker_id"], changed["version"]) == (right, 2)
    assert changed["note"] == "Werkt het liefst 's ochtends."
    assert world.ask(client)["contact"]["name"] == "P. Bakker"
    assert told(world)[1:] == ["contact.assigned", "contact.changed"]
    typed_wrong = world.assign(BSNS[0], wrong, valid_from=date(2026, 1, 5))
    world.do(caseload.take_back_assignment, world.uwv, typed_wrong["id"], ANY)
    world.clock.day += timedelta(days=1)
    for attempt in (
        lambda: world.do(caseload.change_assignment, world.uwv, made["id"], {"caseworker_id": wrong}, ANY),
        lambda: world.do(caseload.take_back_assignment, world.uwv, made["id"], ANY),
    ):
        with pytest.raises(Problem) as refused:
            attempt()
        assert refused.value.code == "assignment-is-history"


def test_notes_are_sealed_and_go_with_the_person(world: World, client: str) -> None:
    made: dict[str, Any] = world.assign(BSNS[0], world.caseworker("M. Jansen"), note="Kent het werk goed.")
    sealed = world.rows(select(HandoverNote.text))[0].text
    assert b"Kent" not in sealed
    assert world.do(room.export, made["person_id"])["assignments"][0]["note"] == "Kent het werk goed."
    world.do(room.erase, made["person_id"])
    assert world.rows(select(HandoverNote.id)) == []


def test_a_forgotten_field_ends_nothing(world: World, client: str) -> None:
    world.assign(BSNS[0], world.caseworker("M. Jansen"))
    world.clock.day += timedelta(days=1)
    with pytest.raises(Problem) as refused:
        world.do(caseload.assign, world.uwv, {"bsn": BSNS[0]})
    assert [(error.code, error.pointer) for error in refused.value.errors] == [("required", "/caseworkerId")]
    world.do(caseload.assign, world.uwv, {"bsn": BSNS[0], "caseworker_id": None})
    assert world.ask(client)["contact"]["kind"] == "desk"


def test_a_handover_leaves_what_was_planned(world: World, client: str) -> None:
    """Nobody said anything of the person: the reassignment that was announced still comes."""
    away, backup, coming = (world.caseworker(name) for name in ("M. Jansen", "P. Bakker", "N. Postma"))
    person_id = world.assign(BSNS[0], away, backup_id=backup)["person_id"]
    later = world.clock.day + timedelta(days=60)
    plan = {
        "source": {"caseworker_id": away},
        "targets": [{"caseworker_id": coming, "share": 1}],
        "on_date": later,
        "note": "Herindeling.",
        "exceptions": [],
    }
    world.do(reassign, world.uwv, plan)
    world.absent(away, world.clock.day, None)
    pass_to(world, world.clock.day + timedelta(days=world.database.settings.absence_handover_days))
    answer = world.ask(client)
    assert answer["contact"]["name"] == "P. Bakker"
    assert (answer["upcoming"]["valid_from"], answer["upcoming"]["contact"]["name"]) == (later, "N. Postma")
    # Nor does a statement that changes nothing let go of it.
    again = NewAssignment(person_id, world.clock.day, Staff(backup, None, None))
    assert world.do(assign_many, world.uwv, [again]) == {person_id: Writing.UNCHANGED}
    assert world.ask(client)["upcoming"] is not None
