"""Links: which employments are UWV's clients', whose they are, and who outside UWV may know."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from service.access.models import AccessEntry
from service.contacts import links
from service.contacts.models import Link
from service.contacts.rules import (
    ConsentMeans,
    ContactKind,
    DisclosureError,
    DisclosureReason,
    disclosure_error,
)
from service.employers import employments
from service.employers.models import Employment
from service.employers.register import UNLINKED
from service.employers.rules import JobcoachKind
from service.kernel.ids import new_id
from service.kernel.problems import Problem
from service.kernel.requests import Expected
from service.people.models import Person
from tests.contacts.contacts_world import BSNS, World
from tests.contacts.test_caseload import codes, contact_events

TODAY = date(2026, 3, 2)
ANY = Expected(None)


def test_a_link_by_bsn_and_kvk_number(world: World) -> None:
    world.employment(BSNS[0], actor=world.garage)
    employment_id = world.employment(BSNS[0])
    data = {"bsn": BSNS[0], "kvk_number": "69599084", "disclosed": False}
    link = world.do(links.record_link, world.uwv, data)
    assert link["employment_id"] == employment_id
    assert (link["disclosed"], link["disclosed_since"], link["version"]) == (False, None, 1)
    with pytest.raises(Problem, match="409 link-exists"):
        world.do(links.record_link, world.uwv, data)


def test_of_several_employments_at_one_employer_the_latest_is_meant(world: World) -> None:
    world.employment(BSNS[0], start_date=date(2024, 1, 1), end_date=date(2025, 12, 31))
    latest = world.employment(BSNS[0])
    data = {"bsn": BSNS[0], "kvk_number": "69599084", "disclosed": False}
    assert world.do(links.record_link, world.uwv, data)["employment_id"] == latest


def test_a_link_to_an_employment_that_is_not_there(world: World) -> None:
    not_a_client = world.employment(BSNS[1])
    for data, where in (
        ({"bsn": BSNS[0], "kvk_number": "69599084"}, "/kvkNumber"),
        ({"employment_id": new_id()}, "/employmentId"),
        ({"employment_id": not_a_client}, "/employmentId"),
    ):
        with pytest.raises(Problem) as refused:
            world.do(links.record_link, world.uwv, data | {"disclosed": False})
        assert codes(refused.value) == [(where, "unknown-reference")]
    assert world.rows(select(Link.employment_id)) == []
    assert len(world.rows(select(Person.id))) == 1


def test_disclosing_and_taking_it_back(world: World) -> None:
    employment_id = world.employment(BSNS[0])
    world.assign(BSNS[0], world.caseworker("M. Jansen"))
    link = world.do(links.record_link, world.uwv, {"employment_id": employment_id, "disclosed": False})
    with pytest.raises(Problem) as refused:
        world.do(links.change_link, world.uwv, employment_id, {"disclosed": True}, Expected(frozenset({1})))
    assert codes(refused.value) == [("/reason", "reason-required")]
    consent = {"consent_on": TODAY, "consent_means": ConsentMeans.PHONE}
    data = {"disclosed": True, "reason": DisclosureReason.OTHER_WITH_CONSENT} | consent
    link = world.do(links.change_link, world.uwv, employment_id, data, Expected(frozenset({link["version"]})))
    assert (link["disclosed_since"], link["consent_on"], link["version"]) == (TODAY, TODAY, 2)
    with pytest.raises(Problem, match="412"):
        world.do(links.change_link, world.uwv, employment_id, {"disclosed": False}, Expected(frozenset({1})))
    world.clock.day = date(2026, 3, 9)
    data = {"reason": DisclosureReason.WAGE_DISPENSATION}
    link = world.do(links.change_link, world.uwv, employment_id, data, Expected(None))
    assert (link["disclosed_since"], link["consent_on"], link["consent_means"]) == (TODAY, None, None)
    link = world.withdraw(employment_id)
    assert (link["disclosed"], link["disclosed_since"], link["reason"]) == (False, None, None)


def test_links_are_uwvs_and_the_desks_to_see(world: World) -> None:
    employment_id = world.employment(BSNS[0], jobcoach=True)
    world.assign(BSNS[0], world.caseworker("M. Jansen"))
    world.disclose(employment_id)
    for actor in (world.uwv, world.desk):
        assert len(world.do(links.list_links, actor, {"limit": 50})["items"]) == 1
        assert world.do(links.get_link, actor, employment_id)["disclosed"]
    for actor in (world.bakery, world.jobcoaches):
        assert world.do(links.list_links, actor, {"limit": 50})["items"] == []
        with pytest.raises(Problem, match="404"):
            world.do(links.get_link, actor, employment_id)
        with pytest.raises(Problem, match="403"):
            world.do(links.change_link, actor, employment_id, {}, Expected(None))
    with pytest.raises(Problem, match="403"):
        world.do(links.record_link, world.desk, {})


START, CONSENT = DisclosureReason.START_AGREEMENT, DisclosureReason.OTHER_WITH_CONSENT


@pytest.mark.parametrize(
    ("disclosed", "reason", "on", "means", "error"),
    [
        (False, None, None, None, None),
        (False, START, None, None, DisclosureError.REASON_NOT_ALLOWED),
        (False, None, TODAY, ConsentMeans.PHONE, DisclosureError.CONSENT_NOT_ALLOWED),
        (True, None, None, None, DisclosureError.REASON_REQUIRED),
        (True, START, None, None, None),
        (True, START, TODAY, None, DisclosureError.CONSENT_NOT_ALLOWED),
        (True, CONSENT, None, ConsentMeans.PHONE, DisclosureError.CONSENT_REQUIRED),
        (True, CONSENT, TODAY, None, DisclosureError.CONSENT_REQUIRED),
        (True, CONSENT, date(2026, 3, 3), ConsentMeans.PHONE, DisclosureError.CONSENT_IN_FUTURE),
        (True, CONSENT, TODAY, ConsentMeans.LETTER, None),
    ],
)
def test_what_a_disclosure_needs(
    disclosed: bool,
    reason: DisclosureReason | None,
    on: date | None,
    means: ConsentMeans | None,
    error: DisclosureError | None,
) -> None:
    assert disclosure_error(disclosed, reason, on, means, TODAY) is error


@pytest.mark.parametrize(
    ("data", "errors"),
    [
        ({}, [("/bsn", "required"), ("/kvkNumber", "required")]),
        ({"bsn": BSNS[0]}, [("/kvkNumber", "required")]),
        ({"kvk_number": "69599084"}, [("/bsn", "required")]),
        ({"kvk_number": "69599084", "employment_id": new_id()}, [("/employmentId", "one-of")]),
        ({"bsn": BSNS[0], "employment_id": new_id()}, [("/employmentId", "unknown-reference")]),
    ],
)
def test_a_link_names_one_employment(world: World, data: dict[str, Any], errors: list[tuple[str, str]]) -> None:
    with pytest.raises(Problem) as refused:
        world.do(links.record_link, world.uwv, data | {"disclosed": False})
    assert codes(refused.value) == errors


# --- Since when ---------------------------------------------------------------------------------------------------


def test_since_when_an_employer_knows_can_be_told(world: World) -> None:
    employment_id = world.employment(BSNS[0], start_date=date(2026, 2, 1))
    world.assign(BSNS[0], world.caseworker("M. Jansen"))
    data = {"employment_id": employment_id, "disclosed": True, "reason": START}
    for day, code in ((date(2026, 3, 3), "in-the-future"), (date(2026, 1, 31), "before-start")):
        with pytest.raises(Problem) as refused:
            world.do(links.record_link, world.uwv, data | {"disclosed_since": day})
        assert codes(refused.value) == [("/disclosedSince", code)]
    made = world.do(links.record_link, world.uwv, data | {"disclosed_since": date(2026, 2, 1)})
    assert made["disclosed_since"] == date(2026, 2, 1)
    later = world.do(links.change_link, world.uwv, employment_id, {"disclosed_since": date(2026, 2, 9)}, ANY)
    assert (later["disclosed_since"], later["reason"]) == (date(2026, 2, 9), START)
    taken_back = {"disclosed": False, "disclosed_since": TODAY}
    with pytest.raises(Problem) as refused:
        world.do(links.change_link, world.uwv, employment_id, taken_back, ANY)
    assert codes(refused.value) == [("/disclosedSince", "since-not-allowed")]
    gone = world.withdraw(employment_id)
    assert {name: gone[name] for name in ("disclosed", "disclosed_since", "reason")} == {
        "disclosed": False,
        "disclosed_since": None,
        "reason": None,
    }


def test_an_employer_can_know_before_the_job_begins(world: World) -> None:
    employment_id = world.employment(BSNS[0], start_date=date(2026, 4, 1))
    world.assign(BSNS[0], world.caseworker("M. Jansen"))
    assert world.disclose(employment_id)["disclosed_since"] == TODAY


# --- Whose employment it is ---------------------------------------------------------------------------------------


def attach(world: World, employment_id: str, **person: Any) -> dict[str, Any]:
    named = person or {"bsn": BSNS[0]}
    data = {"employment_id": employment_id, "disclosed": False} | named
    made: dict[str, Any] = world.do(links.record_link, world.uwv, data)
    return made


def person_of(world: World, employment_id: str) -> Any:
    return world.rows(select(Employment.person_id).where(Employment.id == employment_id))[0][0]


@pytest.mark.parametrize("named", [{"bsn": BSNS[0]}, {"client_number": "W-7"}])
def test_uwv_says_whose_an_employment_is(world: World, named: dict[str, str]) -> None:
    employment_id = world.employment(None, name="Kim de Vries")
    nobody = person_of(world, employment_id)
    assigned = world.assign(BSNS[0], world.caseworker("M. Jansen"), client_number="W-7")
    before = world.do(employments.get_employment, world.bakery, employment_id)
    with pytest.raises(Problem, match="404"):
        world.ask(employment_id, world.uwv)
    link = attach(world, employment_id, **named)
    assert link["person_id"] == assigned["person_id"] == person_of(world, employment_id)
    assert world.ask(employment_id, world.uwv)["contact"]["name"] == "M. Jansen"
    assert world.do(employments.get_employment, world.bakery, employment_id) == before
    assert world.ask(employment_id)["contact"]["kind"] is ContactKind.DESK
    [(name, erased_at)] = world.rows(select(Person.name, Person.erased_at).where(Person.id == nobody))
    assert name is None
    assert erased_at is not None


def test_what_was_forgotten_can_still_be_linked(world: World) -> None:
    employment_id = world.employment(BSNS[0])
    world.clock.day = date(2026, 4, 15)
    world.do(UNLINKED.fire, employment_id)
    assert person_of(world, employment_id) is None
    assert attach(world, employment_id)["person_id"] == person_of(world, employment_id)


def test_an_employment_of_somebody_else_stays_that(world: World) -> None:
    owner = world.employment(BSNS[1])
    person_id = person_of(world, owner)
    with pytest.raises(Problem) as refused:
        attach(world, owner)
    assert codes(refused.value) == [("/employmentId", "other-person")]
    assert person_of(world, owner) == person_id
    assert attach(world, owner, bsn=BSNS[1])["person_id"] == person_id


def test_a_chain_of_contracts_does_not_tell_whom_uwv_named(world: World) -> None:
    first = world.employment(BSNS[0], start_date=date(2023, 1, 1), end_date=date(2025, 12, 31))
    second = world.employment(None, start_date=date(2026, 1, 1), end_date=date(2026, 12, 31))
    control = world.employment(None, start_date=date(2026, 1, 1), end_date=date(2026, 12, 31))
    attach(world, second)
    change = {"hours_per_week": 20}
    answers = [
        world.do(employments.change_employment, world.bakery, each, change, ANY) | {"id": ""}
        for each in (second, control)
    ]
    assert answers[0] == answers[1]
    again = world.do(employments.change_employment, world.bakery, first, change, ANY)
    assert "chain" not in str(again["warnings"])


# --- By mistake ---------------------------------------------------------------------------------------------------


def test_a_link_that_was_a_mistake_is_gone(world: World) -> None:
    employment_id = world.employment(BSNS[0])
    world.assign(BSNS[0], world.caseworker("M. Jansen"))
    world.disclose(employment_id)
    with pytest.raises(Problem, match="412"):
        world.do(links.remove_link, world.uwv, employment_id, Expected(frozenset({9})))
    world.do(links.remove_link, world.uwv, employment_id, Expected(frozenset({1})))
    assert world.ask(employment_id)["contact"]["kind"] is ContactKind.DESK
    for actor in (world.uwv, world.desk):
        with pytest.raises(Problem, match="404"):
            world.do(links.get_link, actor, employment_id)
        assert world.do(links.list_links, actor, {"limit": 50})["items"] == []
    [row] = world.rows(select(Link))
    assert (row[0].person_id, row[0].disclosed_since, row[0].reason) == (None, None, None)
    assert world.disclose(employment_id)["disclosed"]
    told = [(version, readers) for _, _, version, readers in contact_events(world)]
    assert [readers for _, readers in told[1:]] == [{world.bakery.party.id}] * 3
    versions = [version for version, _ in told]
    assert versions == sorted(set(versions))


def test_a_mistaken_person_goes_with_the_link_and_the_versions_go_on(world: World) -> None:
    employment_id = world.employment(None)
    wrong, right = BSNS[1], BSNS[0]
    for month in (1, 2, 3):
        world.assign(wrong, world.caseworker("P. Bakker"), valid_from=date(2026, month, 1))
    world.assign(right, world.caseworker("M. Jansen"))
    attach(world, employment_id, bsn=wrong)
    reason = {"disclosed": True, "reason": START}
    world.do(links.change_link, world.uwv, employment_id, reason, ANY)
    world.do(links.remove_link, world.uwv, employment_id, ANY)
    assert person_of(world, employment_id) is None
    attach(world, employment_id, bsn=right)
    world.do(links.change_link, world.uwv, employment_id, reason, ANY)
    assert world.ask(employment_id)["contact"]["name"] == "M. Jansen"
    versions = [version for _, of, version, _ in contact_events(world) if of == employment_id]
    assert versions == sorted(set(versions))


def test_only_uwv_removes_links(world: World) -> None:
    employment_id = world.employment(BSNS[0], jobcoach=True)
    world.assign(BSNS[0], world.caseworker("M. Jansen"))
    world.disclose(employment_id)
    for actor in (world.bakery, world.desk, world.jobcoaches):
        with pytest.raises(Problem, match="403"):
            world.do(links.remove_link, actor, employment_id, ANY)


# --- The jobcoach organisation ------------------------------------------------------------------------------------


def test_uwv_confirms_the_jobcoaches_that_the_employer_named(world: World) -> None:
    employment_id = world.employment(BSNS[0], jobcoach=True)
    world.assign(BSNS[0], world.caseworker("M. Jansen"))
    assert world.ask(employment_id, world.jobcoaches)["contact"]["kind"] is ContactKind.DESK
    data = {"employment_id": employment_id, "disclosed": False}
    other = {"jobcoach_organisation_id": world.bakery.party.id}
    with pytest.raises(Problem) as refused:
        world.do(links.record_link, world.uwv, data | other)
    assert codes(refused.value) == [("/jobcoachOrganisationId", "unknown-reference")]
    world.confirm_jobcoaches(employment_id)
    assert world.ask(employment_id, world.jobcoaches)["contact"]["name"] == "M. Jansen"
    assert world.ask(employment_id)["contact"]["kind"] is ContactKind.DESK
    none = {"jobcoach_organisation_id": None}
    world.do(links.change_link, world.uwv, employment_id, none, ANY)
    assert world.ask(employment_id, world.jobcoaches)["contact"]["kind"] is ContactKind.DESK
    assert [readers for *_, readers in contact_events(world)] == [set(), *[{world.jobcoaches.party.id}] * 2]


def test_other_jobcoaches_that_the_employer_names_later_are_not_confirmed(world: World) -> None:
    employment_id = world.employment(BSNS[0], jobcoach=True)
    world.assign(BSNS[0], world.caseworker("M. Jansen"))
    world.confirm_jobcoaches(employment_id)
    others = world.party(world.jobcoaches.kind, "Andere coaches")
    coach = {"jobcoach": {"kind": JobcoachKind.EXTERNAL, "organisation_id": others.party.id}}
    world.do(employments.change_employment, world.bakery, employment_id, coach, ANY)
    assert world.ask(employment_id, others)["contact"]["kind"] is ContactKind.DESK
    with pytest.raises(Problem, match="404"):
        world.ask(employment_id, world.jobcoaches)


def test_a_look_at_a_link_is_logged(world: World) -> None:
    employment_id = world.employment(BSNS[0])
    world.assign(BSNS[0], world.caseworker("M. Jansen"))
    world.disclose(employment_id)
    world.do(links.get_link, world.uwv, employment_id)
    world.do(links.remove_link, world.uwv, employment_id, ANY)
    logged = world.rows(select(AccessEntry.action, AccessEntry.person_id).where(AccessEntry.action.like("link.%")))
    person = person_of(world, employment_id)
    assert logged == [(f"link.{each}", person) for each in ("recorded", "read", "removed")]
