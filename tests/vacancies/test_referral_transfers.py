"""Vacancies go from one desk to another: nothing is lost, and the old one sees them no longer."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event, func, select

from service.access.models import AccessEntry
from service.access.rules import PartyKind
from service.delivery.models import Event, Mail
from service.vacancies.models import Vacancy
from service.vacancies.referrals.models import Referral
from service.vacancies.referrals.transfers.schemas import FIGURES
from tests.support.examples import UNKNOWN_ID
from tests.support.house import House, Party
from tests.vacancies.transfers_kit import World, errors, items


@pytest.fixture
def world(house: House) -> World:
    return World(house)


def figures(answer: dict[str, Any]) -> dict[str, int]:
    return {name: answer[name] for name in FIGURES if answer[name]}


def assert_unknown(world: World, party: Party, path: str) -> None:
    """A 404 that differs in nothing from that of an id that never was."""
    gone, known = party.get(path), path.rpartition("/")[2]
    unknown = party.get(path.replace(known, UNKNOWN_ID))
    assert (gone.status_code, gone.headers.get("ETag")) == (404, None)
    assert gone.get_data().replace(known.encode(), UNKNOWN_ID.encode()) == unknown.get_data()
    assert [name for name, _ in gone.headers] == [name for name, _ in unknown.headers]


# --- What goes along --------------------------------------------------------------------------------------------


def test_answers_the_lead_and_the_time_to_answer_go_along(world: World) -> None:
    waiting, taken, full = (world.vacancy() for _ in range(3))
    world.wsp.get(f"/referrals/{world.referral(waiting, world.wsp)['id']}")
    led = world.answer(taken, world.wsp, "accepted")
    world.answer(full, world.wsp, "at_capacity")
    world.answer(full, world.other, "declined", reason="no_candidates")
    world.later(days=2)
    made = world.transfer(reason="organisations_change")
    assert figures(made) == {"referrals": 3, "leads": 1, "employers": 1}
    assert (made["from"]["name"], made["to"]["name"], made["by"]) == ("WSP Groningen", "WSP Friesland", "wsp")

    old, new = world.referral(waiting, world.wsp), world.referral(waiting, world.other)
    assert (old["status"], old["reason"], old["transferredTo"]["name"]) == ("closed", "transferred", "WSP Friesland")
    assert (new["status"], new["because"], new["seenAt"]) == ("sent", "transfer", None)
    assert (old["respondBy"], new["respondBy"]) == ("2026-11-26", "2026-11-30")
    assert new["transferredFrom"] == {"kind": "wsp", "id": world.wsp.id, "name": "WSP Groningen"}

    new = world.referral(taken, world.other)
    assert (new["status"], new["lead"], new["answeredAt"]) == ("accepted", True, led["answeredAt"])
    assert world.referral(taken, world.wsp)["lead"] is False
    assert world.referral(full, world.other)["status"] == "at_capacity"
    assert {row["id"] for row in items(world.other, f"/referrals?transferId={made['id']}")} == {
        world.referral(each, world.other)["id"] for each in (waiting, taken, full)
    }
    # Nobody else is asked before the new one had its time.
    world.later(days=4)
    assert waiting not in world.run("vacancies.not-taken")
    world.later(days=2)
    assert waiting in world.run("vacancies.not-taken")


def test_what_it_saw_only_through_them_is_as_unknown_for_the_old_party(world: World) -> None:
    vacancy, kept = world.vacancy(), world.vacancy(title="Een andere")
    world.answer(vacancy, world.wsp, "accepted")
    candidate = world.candidate(world.uwv)
    pair = {"vacancyId": vacancy, "candidateId": candidate, "proposedBy": "P. Smit"}
    proposal = world.wsp.post("/proposals", pair).get_json()["id"]
    world.uwv.move(f"/candidates/{candidate}", "paused", pausedUntil="2026-12-31")
    referral = world.referral(vacancy, world.wsp)["id"]
    paths = [f"/vacancies/{vacancy}", f"/referrals/{referral}", f"/proposals/{proposal}", f"/candidates/{candidate}"]
    assert [world.wsp.get(path).status_code for path in paths] == [200, 200, 200, 200]
    before = world.events(world.wsp)

    made = world.transfer(referralIds=[referral])
    assert figures(made) == {"referrals": 1, "leads": 1, "employers": 1, "proposals": 1}
    for path in paths:
        assert_unknown(world, world.wsp, path)
    for path in ("/referrals", "/vacancies", "/proposals", "/work-items", f"/referrals?transferId={made['id']}"):
        found = str(items(world.wsp, path))
        assert not any(each in found for each in (vacancy, referral, proposal, candidate)), path
    assert [row["vacancyId"] for row in items(world.wsp, "/referrals")] == [kept]
    assert world.other.get(f"/proposals/{proposal}").get_json()["proposerPartyId"] == world.other.id

    # What was told before stays told; of what follows the old party hears nothing but that it went over.
    world.employer.patch(f"/vacancies/{vacancy}", {"title": "Beter"}, If_Match="*")
    world.uwv.move(f"/proposals/{proposal}", "proposed")
    world.answer(vacancy, world.other, "returned", reason="no_candidates")
    after = world.events(world.wsp)
    assert after[: len(before)] == before
    assert [(each["type"].split("nl.servicepunt.")[1], each["subject"]) for each in after[len(before) :]] == [
        ("referral.transferred", f"referrals/{referral}")
    ]


def test_a_calendar_of_the_old_party_shows_it_no_longer(world: World) -> None:
    world.vacancy()
    url = world.wsp.post("/calendar-feeds", {"name": "Deadlines"}).get_json()["url"]
    path = url.partition("8000")[2]
    assert b"BEGIN:VEVENT" in world.house.web.get(path).get_data()
    world.transfer()
    assert b"BEGIN:VEVENT" not in world.house.web.get(path).get_data()


def test_where_the_new_party_has_the_vacancy_already_the_two_become_one(world: World) -> None:
    led, both, open_, full = (world.vacancy() for _ in range(4))
    pool = world.pool("Pool Noord", world.employer)
    assert world.run("vacancies.membership-began") != []
    world.answer(led, world.wsp, "accepted")
    world.answer(both, pool, "accepted")
    world.later(seconds=1)
    world.answer(both, world.wsp, "accepted")
    world.answer(open_, world.wsp, "at_capacity")
    world.answer(full, pool, "at_capacity")
    own = world.referral(led, pool)
    made = world.transfer(toId=pool.id)
    assert figures(made) == {"referrals": 4, "joined": 4, "leads": 1, "employers": 1}
    now = world.referral(led, pool)
    assert (now["id"], now["status"], now["lead"], now["because"]) == (own["id"], "accepted", True, "membership")
    assert [world.referral(each, pool)["status"] for each in (both, open_, full)] == ["accepted", "sent", "at_capacity"]
    assert world.referral(both, pool)["lead"] is True
    # Of `full` nobody was left who might take it.
    assert world.referral(full, world.desk)["because"] == "escalation"
    assert [row["id"] for row in items(world.desk, f"/referrals?vacancyId={open_}&toId={world.desk.id}")] == []
    taken = [row for row in items(world.employer, f"/vacancies/{led}/referrals") if row["transferredTo"]]
    assert [(row["to"]["id"], row["transferredTo"]["id"]) for row in taken] == [(world.wsp.id, pool.id)]


def test_candidates_go_along_with_the_role_that_fits(world: World) -> None:
    vacancy, elsewhere = world.vacancy(), world.vacancy()
    pool = world.pool("Pool Zuid")
    candidate = world.candidate(world.wsp, name="Sanne de Vries", bsn="123456782")
    proposals = [
        world.wsp.post("/proposals", {"vacancyId": each, "candidateId": candidate, "proposedBy": "P. Smit"}).get_json()[
            "id"
        ]
        for each in (vacancy, elsewhere)
    ]
    one = [world.referral(vacancy, world.wsp)["id"]]
    assert figures(world.transfer(toId=pool.id, referralIds=one, dry_run=True)) == {"referrals": 1}
    made = world.transfer(toId=pool.id, referralIds=one, candidates=True)
    assert figures(made) == {"referrals": 1, "proposals": 2, "candidates": 1}
    lead = pool.get(f"/candidates/{candidate}").get_json()["lead"]
    assert (lead["partyId"], lead["role"]) == (pool.id, "pool_advisor")
    assert {row["id"] for row in items(pool, "/proposals")} == set(proposals)
    assert items(world.wsp, "/proposals") == []
    agreed = pool.move(
        f"/proposals/{proposals[0]}",
        "consented",
        consent={"how": "phone", "askedBy": "A. Jansen", "on": "2026-11-23"},
    )
    assert agreed.status_code == 200
    with world.house.database.reading() as uow:
        logged = select(AccessEntry.action).where(AccessEntry.resource == f"referral-transfers/{made['id']}")
        assert sorted(uow.session.scalars(logged)) == ["candidate.transferred", "proposal.transferred"]


def test_memberships_end_yesterday_and_begin_today(world: World) -> None:
    pool, both = world.pool("Pool Noord", world.wsp), world.pool("Pool West", world.wsp, world.other)
    world.later(pool, days=10)
    body: dict[str, Any] = {"fromId": world.wsp.id, "memberships": True}
    assert figures(world.transfer(world.desk, dry_run=True, **body)) == {"memberships": 2}
    assert figures(world.transfer(world.desk, **body)) == {"memberships": 2}

    def terms(of: Party) -> list[tuple[str, str, str | None]]:
        rows = items(world.desk, f"/mobility-pools/{of.id}/members")
        return [(row["partyId"], row["validFrom"], row["validUntil"]) for row in rows]

    assert terms(pool) == [(world.wsp.id, "2026-11-23", "2026-12-02"), (world.other.id, "2026-12-03", None)]
    assert terms(both) == [(world.wsp.id, "2026-11-23", "2026-12-02"), (world.other.id, "2026-11-23", None)]
    told = [each["type"] for each in world.events(pool)]
    assert told[-2:] == ["nl.servicepunt.pool-member.removed", "nl.servicepunt.pool-member.added"]


def test_the_members_of_a_pool_go_to_the_next_one(world: World) -> None:
    old, new = world.pool("Pool Noord", world.employer), world.pool("Pool Nieuw")
    vacancy = world.vacancy()
    made = world.transfer(world.desk, fromId=old.id, toId=new.id, memberships=True, reason="organisations_change")
    assert figures(made) == {"referrals": 1, "memberships": 1}
    assert world.referral(vacancy, new)["status"] == "sent"
    assert items(world.desk, f"/mobility-pools/{old.id}/members") == []  # it began today, and leaves no trace
    later = world.vacancy()
    assert world.referral(later, new)["because"] == "membership"
    assert items(old, "/referrals") == []


# --- Who is told ------------------------------------------------------------------------------------------------


def test_both_parties_get_one_mail_and_the_employer_learns_who_has_the_lead(world: World) -> None:
    vacancies = [world.vacancy(title=f"Bakker {number}") for number in (1, 2, 3)]
    for vacancy in vacancies[:2]:
        world.answer(vacancy, world.wsp, "accepted")
    made = world.transfer()
    [away] = world.mails("referrals-passed-on")
    [here] = world.mails("referrals-taken-over")
    [lead] = world.mails("lead-passed-on")
    assert away.subject == "Overgedragen aan WSP Friesland: 3 vacatures"
    assert made["id"] in "\n".join(away.paragraphs)
    assert "Op 1 vacature is nog geen antwoord gegeven. Laat het ons weten; de eerste uiterlijk op 26 november" in (
        "\n".join(here.paragraphs)
    )
    assert lead.recipient == "employer@example.nl"
    assert "2 vacatures van u: 'Bakker 1', 'Bakker 2'. WSP Friesland heeft dat overgenomen" in "\n".join(
        lead.paragraphs
    )
    told = [each for each in world.events(world.employer) if each["type"].endswith(("transferred", "lead-given"))]
    new = {world.referral(each, world.other)["id"]: world.referral(each, world.other) for each in vacancies}
    assert [each["data"]["referralId"] for each in told if each["type"].endswith("transferred")] != []
    assert {each["data"]["referralId"] for each in told} - new.keys() == {
        world.referral(each, world.wsp)["id"] for each in vacancies[:2]
    }  # that the old one took the lead was told before
    given = [each for each in told if each["type"].endswith("lead-given") and each["data"]["referralId"] in new]
    assert {each["data"]["vacancyId"] for each in given} == set(vacancies[:2])
    assert world.employer.get(f"/vacancies/{vacancies[0]}").get_json()["lead"]["id"] == world.other.id
    history = items(world.uwv, f"/vacancies/{vacancies[0]}/referrals")
    assert [(row["to"]["name"], row["status"]) for row in history] == [
        ("WSP Groningen", "closed"),
        ("WSP Friesland", "accepted"),
    ]


def test_each_event_has_a_version_of_its_own(world: World) -> None:
    vacancy = world.vacancy()
    world.answer(vacancy, world.wsp, "accepted")
    world.transfer()
    subject = f"referrals/{world.referral(vacancy, world.other)['id']}"
    heard = [(each["type"].rpartition(".")[2], each["sequence"]) for each in world.events(world.other)]
    assert [name for name, _ in heard] == ["transferred", "lead-given"]
    assert heard[0][1] < heard[1][1]
    tag = world.other.get("/" + subject).headers["ETag"]
    moved = world.other.post(f"/{subject}/transitions", {"to": "returned", "reason": "other_region"}, If_Match=tag)
    assert moved.status_code == 200


# --- A trial, and what is refused -------------------------------------------------------------------------------


def test_a_trial_gives_the_figures_and_writes_nothing(world: World) -> None:
    world.answer(world.vacancy(), world.wsp, "accepted")
    world.candidate(world.wsp)

    def rows() -> list[Any]:
        with world.house.database.reading() as uow:
            tables = (Event, Mail, Referral, AccessEntry)
            return [uow.session.scalar(select(func.count()).select_from(table)) for table in tables]

    before = rows()
    tried = world.transfer(candidates=True, dry_run=True)
    assert rows() == before
    assert "id" not in tried
    made = world.transfer(candidates=True)
    assert {name: value for name, value in made.items() if name not in ("id", "at", "by")} == tried


def test_what_cannot_go_over_is_named(world: World) -> None:
    closed, live, foreign = world.vacancy(), world.vacancy(), world.vacancy(workplace={"postcode": "8911 AB"})
    world.answer(closed, world.wsp, "declined", reason="no_candidates")
    ids = [world.referral(live, world.wsp)["id"], world.referral(closed, world.wsp)["id"]]
    ids += [world.referral(foreign, world.other)["id"], UNKNOWN_ID]
    refused = world.transfer(referralIds=ids, status=400)
    assert errors(refused) == [
        ("/referralIds/1", "referral-not-live"),
        ("/referralIds/2", "unknown-reference"),
        ("/referralIds/3", "unknown-reference"),
    ]
    assert world.referral(live, world.wsp)["status"] == "sent"
    world.transfer(referralIds=ids[:1])
    assert errors(world.transfer(referralIds=ids[:1], status=400)) == [("/referralIds/0", "unknown-reference")]
    assert errors(world.transfer(status=400)) == [("/fromId", "nothing-to-transfer")]


def test_to_whom_and_by_whom(world: World) -> None:
    world.vacancy()
    pool = world.pool("Pool Noord")
    operator = world.house.party(PartyKind.OPERATOR)
    cases: list[tuple[Party, dict[str, Any], list[tuple[str, str]]]] = [
        (world.wsp, {"toId": world.wsp.id}, [("/toId", "same-party")]),
        (world.wsp, {"toId": world.employer.id}, [("/toId", "unknown-reference")]),
        (world.wsp, {"toId": UNKNOWN_ID}, [("/toId", "unknown-reference")]),
        (world.other, {"fromId": world.wsp.id}, [("/fromId", "unknown-reference")]),
        (world.desk, {"fromId": world.employer.id}, [("/fromId", "unknown-reference")]),
        (operator, {}, [("/fromId", "required")]),
        (world.wsp, {"toId": world.desk.id, "candidates": True}, [("/candidates", "cannot-lead")]),
        (world.wsp, {"toId": pool.id, "memberships": True}, [("/memberships", "other-kind")]),
    ]
    for by, body, expected in cases:
        assert errors(world.transfer(by, status=400, **body)) == expected, body
    world.transfer(world.wsp, memberships=True, status=403)
    for party in (world.uwv, world.employer):
        world.transfer(party, status=403)
    made = [world.transfer(by, fromId=world.wsp.id, dry_run=True)["referrals"] for by in (world.desk, operator)]
    assert made == [1, 1]
    done = world.transfer(operator, fromId=world.wsp.id)
    assert [row["id"] for row in items(operator, "/referral-transfers")] == [done["id"]]
    assert items(operator, "/referrals") == items(pool, "/referral-transfers") == []
    for party in (world.wsp, world.other, world.desk):
        assert party.get(f"/referral-transfers/{done['id']}").get_json() == done
    assert pool.get(f"/referral-transfers/{done['id']}").status_code == 404


def test_a_key_repeats_the_answer(world: World) -> None:
    world.vacancy()
    body = {"toId": world.other.id, "reason": "no_room"}
    first = world.wsp.post("/referral-transfers", body, Idempotency_Key="een-overdracht")
    again = world.wsp.post("/referral-transfers", body, Idempotency_Key="een-overdracht")
    assert (first.status_code, again.get_json()) == (201, first.get_json())
    assert len(items(world.wsp, "/referral-transfers")) == 1


# --- Afterwards -------------------------------------------------------------------------------------------------


def test_who_passed_it_on_is_not_asked_again_and_may_get_it_back(world: World) -> None:
    vacancy = world.vacancy()
    world.transfer()
    address = f"/vacancies/{vacancy}"
    world.employer.move(address, "on_hold")
    world.employer.move(address, "open")
    assert [row["to"]["id"] for row in items(world.desk, f"{address}/referrals")] == [world.wsp.id, world.other.id]
    world.transfer(world.other, toId=world.wsp.id)
    assert world.wsp.get(address).status_code == 200
    assert world.other.get(address).status_code == 404
    assert [row["status"] for row in items(world.wsp, "/referrals")] == ["sent"]
    history = items(world.employer, f"{address}/referrals")
    assert [(row["to"]["id"], row["transferredFrom"] and row["transferredFrom"]["id"]) for row in history] == [
        (world.wsp.id, None),
        (world.other.id, world.wsp.id),
        (world.wsp.id, world.other.id),
    ]


def test_a_renewed_vacancy_goes_to_who_took_it_over(world: World) -> None:
    vacancy = world.vacancy()
    world.answer(vacancy, world.wsp, "accepted")
    world.transfer()
    world.later(days=91)
    assert world.run("vacancies.expired") == [vacancy]
    renewed = world.employer.move(f"/vacancies/{vacancy}", "open")
    assert renewed.status_code == 200
    assert [row["status"] for row in items(world.other, "/referrals")] == ["closed", "sent"]
    assert items(world.wsp, "/referrals") == []


def test_the_number_of_statements_does_not_grow_with_the_vacancies(world: World) -> None:
    counts = []
    for number in (2, 8):
        for at in range(number):
            vacancy = world.vacancy()
            if at % 2:
                world.answer(vacancy, world.wsp, "accepted")
        ran: list[str] = []

        def hear(*heard: Any, ran: list[str] = ran) -> None:
            ran.append(heard[2])

        event.listen(world.house.database.engine, "before_cursor_execute", hear)
        assert world.transfer()["referrals"] == number
        event.remove(world.house.database.engine, "before_cursor_execute", hear)
        counts.append(len(ran))
    assert counts[0] == counts[1]


def test_the_clock_of_a_vacancy_that_was_taken_stands_still(world: World) -> None:
    taken = world.vacancy()
    pool = world.pool("Pool Noord", world.employer)
    world.run("vacancies.membership-began")
    world.answer(taken, pool, "accepted")
    world.transfer()
    with world.house.database.reading() as uow:
        assert uow.session.get_one(Vacancy, taken).chase_after is None
