"""Vacancies as a file: each row does what a single request does, and the same file twice does nothing."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import event, func, select

from service.access.actor import Actor
from service.access.rules import PartyKind
from service.delivery.models import Event, EventParty, Mail
from service.kernel.database import Database
from service.kernel.imports.reading import NDJSON
from service.kernel.problems import Problem
from service.vacancies.imports.rules import Course, RowStatus, Step, step_of
from service.vacancies.models import Vacancy
from service.vacancies.referrals.models import Referral
from service.vacancies.rules import LIVE_VACANCY, VacancyStatus
from tests.support.house import SettableClock
from tests.vacancies.test_vacancies_freed import signal
from tests.vacancies.vacancies_world import World
from tests.vacancies.vacancy_imports_kit import row, send

ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


@pytest.fixture
def world(database: Database, clock: SettableClock) -> World:
    return World(database, clock)


def made(world: World, count: int = 1) -> list[Vacancy]:
    with world.database.reading() as uow:
        rows = list(uow.session.scalars(select(Vacancy).order_by(Vacancy.created_at, Vacancy.reference)))
    assert len(rows) == count
    return rows


def everything(world: World, vacancy_id: str) -> dict[str, Any]:
    """All that anybody sees, hears and is mailed of a vacancy."""
    found: dict[str, Any] = {}
    actors = (world.employer, world.wsp, world.other_wsp, world.uwv, world.desk)
    for actor in actors:
        try:
            views = [world.get(vacancy_id, actor), world.referrals(vacancy_id, actor)]
            found[actor.party.name] = ID.sub("id", repr(views))
        except Problem as problem:
            found[actor.party.name] = problem.status
    names = {actor.party.id: actor.party.name for actor in actors}
    with world.database.reading() as uow:
        subjects = [f"vacancies/{vacancy_id}"]
        sent = uow.session.scalars(select(Referral.id).where(Referral.vacancy_id == vacancy_id).order_by(Referral.id))
        referrals = list(sent)
        subjects += [f"referrals/{each}" for each in referrals]
        told = (
            select(Event.type, Event.subject_version, Event.sequence, Event.data, Event.because, EventParty.party_id)
            .join(EventParty, EventParty.event_id == Event.id)
            .where(Event.subject.in_(subjects))
        )
        rows = [each._asdict() for each in uow.execute(told)]
        for each in rows:
            each["party_id"] = names.get(each["party_id"], each["party_id"])
        found["events"] = sorted(ID.sub("id", repr(each)) for each in rows)
        queued = uow.execute(select(Mail.template, Mail.data)).all()
        found["mails"] = sorted(each.template for each in queued if each.data.get("referralId") in referrals)
        found["not taken"] = sum(each.data.get("vacancyId") == vacancy_id for each in queued)
    return found


def test_a_row_does_what_a_single_request_does(world: World) -> None:
    """For whoever is behind it: all that is seen, heard and mailed is the same."""
    world.pool("Pool Noord", world.employer, valid_from=date(2027, 1, 1))
    place = world.establishment(world.employer)
    coach = world.add(PartyKind.JOBCOACH_ORGANISATION, "Coach en Co").party.id
    described: list[tuple[dict[str, Any], dict[str, str]]] = [
        ({}, {}),
        ({"status": "draft"}, {"status": "concept"}),
        # In a region without a WSP: others are asked at once.
        ({"workplace": {"municipality": "Maastricht"}}, {"postcode": "", "gemeente": "Maastricht"}),
        (
            {
                "description": "Inpakken en meer.",
                "tasks": ["Inpakken", "Dozen stapelen"],
                "startDate": "2027-04-01",
                "positions": 3,
                "languageLevel": "A2",
                "drivingLicences": ["B", "BE"],
                "demands": ["shift_work", "noisy_surroundings"],
                "offers": [],
                "trialPlacement": True,
                "jobcoachArrangement": "fixed",
                "jobcoachOrganisationId": coach,
                "workplace": {"postcode": "9711AB", "municipality": "Groningen"},
                "expiresOn": "2027-03-20",
            },
            {
                "omschrijving": "Inpakken en meer.",
                "taken": "Inpakken; Dozen stapelen",
                "begindatum": "1-4-2027",
                "aantal": "3",
                "taalniveau": "a2",
                "rijbewijs": "b, BE",
                "eisen": "shift_work; Er is veel lawaai op het werk",
                "aanbod": "geen",
                "proefplaatsing": "ja",
                "jobcoach": "vast",
                "jobcoachorganisatie": "coach en co",
                "gemeente": "groningen",
                "geldig_tot_en_met": "20-03-2027",
            },
        ),
    ]
    singles = [world.post(reference=f"S-{at}", **body)["id"] for at, (body, _) in enumerate(described)]
    singles.append(world.post(reference="S-4", without="workplace", establishmentId=place)["id"])
    rows = [row(f"F-{at}", **cells) for at, (_, cells) in enumerate(described)]
    rows.append(row("F-4", postcode="", vestiging="filiaal leeuwarden"))
    done = send(world, rows)
    assert done["counts"] == {"read": 5, "created": 5}, done
    for at, single in enumerate(singles):
        receipt = done["receipts"][at + 2]
        other = everything(world, receipt["vacancy_id"])
        assert {key: str(value).replace("F-", "S-") for key, value in other.items()} == {
            key: str(value) for key, value in everything(world, single).items()
        }, at
        assert receipt["reference"] == f"F-{at}"
    with world.database.reading() as uow:
        kept = uow.execute(select(Vacancy.client_id).distinct()).scalars().all()
    assert kept == [world.employer.client_id]


def test_the_same_file_twice_does_nothing(world: World, database: Database) -> None:
    rows = [row("V-1"), row("V-2", status="concept"), row("V-3", eisen="night_work shift_work", taken="A; B")]
    first = send(world, rows)
    written: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda _c, _k, sql, *_: written.append(sql))
    again = send(world, rows)
    assert again["counts"] == {"read": 3, "unchanged": 3}
    assert not [
        sql for sql in written if re.match(r"(INSERT INTO|UPDATE|COPY) .?(vacancy(?!_imp)|referral|event|mail)", sql)
    ]
    same = [{**each, "outcome": None} for each in first["receipts"].values()]
    assert [{**each, "outcome": None} for each in again["receipts"].values()] == same
    # In another order the same, also where it was made by a single request.
    world.post(reference="V-4")
    assert send(world, [row("V-4"), row("V-3", eisen="shift_work night_work")])["counts"] == {"read": 2, "unchanged": 2}


def test_a_row_changes_what_its_client_reported(world: World) -> None:
    one, other = world.post(reference="S")["id"], send(world, [row("F")])["receipts"][2]["vacancy_id"]
    world.patch(one, title="Chauffeur", hours={"max": 36}, workplace={"postcode": "8911AA"})
    changed = {"referentie": "F", "titel": "Chauffeur", "uren tot": "36", "postcode": "8911AA"}
    done = send(world, [changed])
    assert done["counts"] == {"read": 1, "changed": 1}
    assert everything(world, other)["Bakkerij Brood"].replace("'F'", "'S'") == everything(world, one)["Bakkerij Brood"]
    assert world.readers("vacancy.changed")[0] == world.readers("vacancy.changed")[1]
    wrong = send(world, [{"referentie": "F", "titel": "Iets", "uren vanaf": "40"}])
    assert (wrong["counts"], wrong["rows"]) == ({"read": 1, "failed": 1}, [(2, "uren vanaf", "not-in-order")])
    assert world.get(other)["title"] == "Chauffeur"


def test_a_second_system_of_the_employer_is_told_where_the_first_one_is(world: World) -> None:
    second = replace(world.employer, client_id="planning")
    made_there = send(world, [row("V-1")])["receipts"][2]["vacancy_id"]
    refused = send(world, [row("V-1", titel="Anders"), row("V-2")], second)
    assert (refused["counts"], refused["rows"]) == (
        {"read": 2, "failed": 1, "created": 1},
        [(2, "referentie", "vacancy-exists")],
    )
    assert f"/v1/vacancies/{made_there}" in refused["details"][0]
    assert world.get(made_there)["title"] == "Medewerker magazijn"
    # A single request is refused whoever sends it.
    for actor in (world.employer, second):
        with pytest.raises(Problem) as problem:
            world.post(actor, reference="V-1")
        assert problem.value.extra["existing"] == f"/v1/vacancies/{made_there}"
    # Once it is over the reference is free for the second, and the first is told.
    world.move(made_there, "withdrawn")
    assert send(world, [row("V-1")], second)["counts"] == {"read": 1, "created": 1}
    assert send(world, [row("V-1")])["rows"] == [(2, "referentie", "vacancy-exists")]
    # Another employer has references of its own.
    stranger = world.add(PartyKind.EMPLOYER, "Een ander bedrijf")
    assert send(world, [row("V-1")], stranger)["counts"] == {"read": 1, "created": 1}


def test_what_was_reported_before_clients_were_kept_is_taken_over(world: World) -> None:
    vacancy_id = world.post(reference="V-1")["id"]
    with world.database.transaction() as uow:
        uow.session.get_one(Vacancy, vacancy_id).client_id = None
    assert send(world, [row("V-1", titel="Anders")])["counts"] == {"read": 1, "changed": 1}
    assert send(world, [row("V-1")], replace(world.employer, client_id="planning"))["counts"] == {
        "read": 1, "failed": 1,
    }  # fmt: skip


def test_the_status_in_a_row(world: World) -> None:
    first = send(world, [row(f"V-{at}", status="concept" if at == 4 else "") for at in range(5)])
    ids = [first["receipts"][number]["vacancy_id"] for number in range(2, 7)]
    world.now += timedelta(days=5)
    rows = [
        row("V-0", status="ingetrokken", titel="Wat hier staat is niet meer van belang"),
        row("V-1", status="vervuld", vervuld_op="4-3-2027"),
        row("V-2", status="aangehouden"),
        row("V-3", status="concept"),
        row("V-4", status="open", titel="Bij het openen"),
        row("V-5", status="vervuld"),
        row("V-6", status="on_hold"),
    ]
    tried = send(world, rows, dry_run=True)
    assert [world.get(each)["status"] for each in ids] == ["open"] * 4 + ["draft"]
    done = send(world, rows)
    assert done["counts"] == tried["counts"] == {"read": 7, "changed": 4, "unchanged": 1, "failed": 2, "warned": 1}
    assert done["rows"] == tried["rows"] == [
        (5, "status", "forbidden-transition"),
        (7, "referentie", "vacancy-unknown"),
        (8, "status", "forbidden-transition"),
    ]  # fmt: skip
    now = [world.get(each) for each in ids]
    assert [each["status"] for each in now] == ["withdrawn", "filled", "on_hold", "open", "open"]
    assert [each["title"] for each in now] == ["Medewerker magazijn"] * 4 + ["Bij het openen"]
    assert now[1]["filled_on"] == date(2027, 3, 4)
    # The same again says nothing new; an old file opens nothing again.
    assert send(world, [rows[0], rows[1], rows[2], rows[4]])["counts"] == {"read": 4, "unchanged": 4}
    old = send(world, [row("V-0"), row("V-1", titel="Anders")])
    assert old["counts"] == {"read": 2, "unchanged": 2, "warned": 2}
    assert {code for *_, code in old["rows"]} == {"vacancy-over"}
    assert [each["vacancy_id"] for each in old["receipts"].values()] == ids[:2]
    assert send(world, [row("V-2", status="open")])["counts"] == {"read": 1, "changed": 1}
    wrong = send(world, [row("V-2", status="filled", vervuld_op="2027-03-20")])
    assert wrong["rows"] == [(2, "vervuld op", "day-does-not-fit")]


def test_a_row_renews_what_has_expired(world: World) -> None:
    rows = [row("V-0"), row("V-1", laatste_dag="2027-03-10"), row("V-2"), row("V-3")]
    ids = [each["vacancy_id"] for each in send(world, rows)["receipts"].values()]
    world.now += timedelta(days=91)
    assert len(world.run("vacancies.expired")) == 4
    again = send(world, [rows[0], row("V-1", status="open", laatste_dag="2027-03-10")])
    assert again["counts"] == {"read": 2, "unchanged": 2, "warned": 2}
    assert {code for *_, code in again["rows"]} == {"vacancy-expired"}
    renewing = [
        row("V-1", laatste_dag="2027-06-30", titel="Nog steeds"),
        row("V-2", status="open"),
        row("V-3", status="ingetrokken"),
    ]
    assert send(world, renewing)["counts"] == {"read": 3, "changed": 3}
    now = [world.get(each) for each in ids]
    assert [each["status"] for each in now] == ["expired", "open", "open", "withdrawn"]
    assert [each["expires_on"] for each in now[1:3]] == [date(2027, 6, 30), date(2027, 8, 29)]
    assert now[1]["title"] == "Nog steeds"
    assert len(world.readers("vacancy.renewed")) == 2
    assert send(world, renewing)["counts"] == {"read": 3, "unchanged": 3}


def test_a_vacancy_comes_from_a_signal_by_its_id_or_receipt(world: World) -> None:
    signals = [signal(world) for _ in range(4)]
    with world.database.reading() as uow:
        from service.signals import operations

        numbers = [operations.get_signal(uow, world.employer, each)["number"] for each in signals]
    doubt = signal(world, phase="doubt")
    foreign = world.add(PartyKind.EMPLOYER, "Een ander bedrijf")
    world.post(foreign)
    taken = world.post(freedBySignalId=signals[3])["id"]
    rows = [
        {"referentie": "V-0", "melding": signals[0]},
        {"referentie": "V-1", "melding": numbers[1].lower(), "titel": "Huismeester"},
        {"referentie": "V-2", "melding": doubt},
        {"referentie": "V-3", "melding": "SP-00000-00000"},
        {"referentie": "V-4", "melding": numbers[3]},
        {"referentie": "V-5", "melding": numbers[0]},
    ]
    done = send(world, rows)
    assert done["counts"] == {"read": 6, "created": 2, "failed": 4}
    assert done["rows"] == [
        (4, "melding", "end-not-decided"),
        (5, "melding", "unknown-reference"),
        (6, "melding", "vacancy-exists"),
        (7, "melding", "twice"),
    ]
    assert f"/v1/vacancies/{taken}" in done["details"][2]
    first, second = (world.get(done["receipts"][number]["vacancy_id"]) for number in (2, 3))
    assert (first["title"], first["occupation_code"], first["start_date"]) == ("Schoonmaker", "9112", date(2027, 5, 1))
    assert (first["freed_by_signal_id"], first["region_code"]) == (signals[0], "AM02")
    assert (second["title"], second["freed_by_signal_id"]) == ("Huismeester", signals[1])
    with world.database.reading() as uow:
        assert operations.get_signal(uow, world.employer, signals[0])["freed_vacancy"]["id"] == first["id"]
    assert send(world, rows[:2])["counts"] == {"read": 2, "unchanged": 2}
    other = send(world, [{"referentie": "V-0", "melding": numbers[2], "titel": "Iets anders"}])
    assert other["rows"] == [(2, "melding", "fixed")]
    assert send(world, [{**rows[0], "referentie": "X"}], foreign)["rows"] == [(2, "melding", "unknown-reference")]


def test_a_dry_run_says_the_same_and_writes_nothing(world: World) -> None:
    world.post(reference="V-1")
    rows = [row("V-1", titel="Anders"), row("V-2"), row("V-3", postcode="1004ZZ"), row("V-4", status="withdrawn")]
    before = everything(world, made(world)[0].id)
    tried = send(world, rows, dry_run=True)
    assert (everything(world, made(world)[0].id), tried["receipts"]) == (before, {})
    done = send(world, rows)
    assert (tried["counts"], tried["rows"]) == (done["counts"], done["rows"])
    assert done["counts"] == {"read": 4, "changed": 1, "created": 1, "unchanged": 1, "failed": 1, "warned": 1}


def test_what_is_wrong_is_said_by_column(world: World) -> None:
    place = world.establishment(world.employer)
    world.add(PartyKind.JOBCOACH_ORGANISATION, "Coach en Co")
    done = send(
        world,
        [
            row("V-1"),
            row("V-1"),
            row(""),
            row("V-2", beroep="0000", contractsoort="zomaar", eisen="night_work dansen", aantal="1.5"),
            row("V-3", vestiging=place),
            row("V-4", postcode="", vestiging="Nergens"),
            row("V-5", uren_tot=""),
            row("V-6", titel="Bel 123456782"),
            row("V-7", gemeente="Leeuwarden"),
            row("V-8", laatste_dag="2028-01-01"),
            {"referentie": "V-9"},
            row("V-10", jobcoachorganisatie="Coach en Co"),
            row("V-11", jobcoachorganisatie="Niemand"),
        ],
    )
    assert done["counts"] == {"read": 13, "created": 1, "failed": 12}
    assert done["rows"] == [
        (3, "referentie", "twice"),
        (4, "referentie", "required"),
        (5, "beroep", "unknown-occupation"),
        (5, "contractsoort", "unknown-code"),
        (5, "aantal", "not-an-integer"),
        (5, "eisen", "unknown-code"),
        (6, "postcode", "two-places"),
        (7, "vestiging", "unknown-reference"),
        (8, "uren tot", "required"),
        (9, "titel", "holds-bsn"),
        (10, "gemeente", "place-contradicts"),
        (11, "laatste dag", "out-of-range"),
        (12, "titel", "required"),
        (12, "beroep", "required"),
        (12, "uren vanaf", "required"),
        (12, "contractsoort", "required"),
        (12, "vestiging", "required"),
        (13, "jobcoachorganisatie", "not-fixed"),
        (14, "jobcoachorganisatie", "unknown-reference"),
    ]


def test_ndjson_takes_what_json_has(world: World) -> None:
    lines = [
        {
            "reference": "V-1",
            "title": "Kok",
            "occupationCode": "5120",
            "hours": 24.5,
            "contractType": "permanent",
            "positions": 2,
            "trialPlacement": True,
            "postcode": "9711AB",
            "startDate": "doorlopend",
        }
    ]
    body = "".join(json.dumps(each) + "\n" for each in lines).encode()
    done = send(world, body, media_type=NDJSON)
    view = world.get(done["receipts"][1]["vacancy_id"])
    assert (view["hours"]["min"], view["positions"], view["trial_placement"]) == (24.5, 2, True)


def test_many_in_few_statements(world: World, database: Database) -> None:
    """A file of a thousand costs about as many statements as one of ten."""
    world.pool("Pool Noord", world.employer, valid_from=date(2027, 1, 1))

    def statements(count: int, at: int) -> int:
        asked: list[str] = []

        def listen(_c: Any, _k: Any, sql: str, *_: Any) -> None:
            asked.append(sql)

        event.listen(database.engine, "before_cursor_execute", listen)
        done = send(world, [row(f"V-{at + each}") for each in range(count)])
        event.remove(database.engine, "before_cursor_execute", listen)
        assert done["counts"] == {"read": count, "created": count}
        return len(asked)

    assert statements(200, 1_000) <= statements(10, 0) + 5
    with world.database.reading() as uow:
        assert uow.session.scalar(select(func.count()).select_from(Referral)) == 2 * 210


def test_only_an_employer_sends_and_sees_files(world: World) -> None:
    with pytest.raises(Problem) as refused:
        send(world, [row("V-1")], world.wsp)
    assert refused.value.status == 403
    both = Actor(
        "office", (world.employer.party, world.add(PartyKind.EMPLOYER, "Een ander bedrijf").party), frozenset()
    )
    with pytest.raises(Problem) as refused:
        send(world, [row("V-1")], both)
    assert [error.parameter for error in refused.value.errors] == ["employerId"]
    assert send(world, [row("V-1")], both, employer_id=both.parties[1].id)["counts"] == {"read": 1, "created": 1}


# --- The rule ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("asked", [None, *RowStatus])
@pytest.mark.parametrize("known", [None, *VacancyStatus])
def test_what_a_row_comes_to(asked: RowStatus | None, known: VacancyStatus | None) -> None:
    same = step_of(asked, known, differs=False, later=False, passed=False)
    other = step_of(asked, known, differs=True, later=False, passed=False)
    to = None if asked is None else VacancyStatus(asked)
    ends = to in (VacancyStatus.FILLED, VacancyStatus.WITHDRAWN)
    if known is None:
        assert same == other == Step(Course.NOTHING if ends else Course.BEGINS)
    elif known in (VacancyStatus.FILLED, VacancyStatus.WITHDRAWN):
        # No file leads out of these.
        assert same == other == Step(Course.SAME if to is known else Course.OVER)
    elif known in LIVE_VACANCY:
        moves = to not in (None, known)
        assert (same.course is Course.CHANGES) is moves
        assert other.course is Course.CHANGES
        assert other.facts is not ends
        assert same.to == other.to == (to if moves else None)
    else:
        assert (same.course is Course.EXPIRED) is (to is None)
        opens = to in (None, VacancyStatus.OPEN)
        over = step_of(asked, known, differs=True, later=False, passed=True)
        assert over.course is (Course.EXPIRED if opens else Course.CHANGES)
        if opens:
            assert step_of(asked, known, differs=True, later=True, passed=False) == Step(Course.CHANGES, facts=True)
