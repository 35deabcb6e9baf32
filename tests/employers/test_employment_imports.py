"""The contract register as a file: what comes of its rows, once and again, on both databases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from sqlalchemy import func, select

from service.access.models import AccessEntry, Grant
from service.access.rules import PartyKind
from service.delivery.models import Event
from service.employers.imports import operations, writing
from service.employers.imports.part import RUNNER
from service.employers.models import Employment
from service.employers.register import attach_person
from service.kernel.imports import runner
from service.kernel.imports.models import ImportRow, ImportSeen, UploadPiece
from service.kernel.imports.reading import MEDIA_TYPES, NDJSON
from service.people import operations as people
from service.people.models import IndexKind, Person, PersonIndex
from tests.contacts.imports_kit import WRITERS, as_csv, as_ndjson, bsns, counts
from tests.employers.register_kit import Register
from tests.support.house import House
from tests.support.made import employer_in, employment_body, establishment_of

BSN = bsns(12)


@pytest.fixture
def register(house: House) -> Iterator[Register]:
    made = Register(house)
    yield made
    made.close()


def row(number: int, **more: Any) -> dict[str, Any]:
    return {
        "referentie": f"HR-{number}",
        "personeelsnummer": f"P{number}",
        "bsn": BSN[number],
        "naam": f"Medewerker {number}",
        "begindatum": "01-01-2025",
        "einddatum": "28-02-2027",
        "contractsoort": "tijdelijk",
        "uren per week": "24,5",
        "functie": "Magazijnmedewerker",
        "beroepscode": "9333",
        **more,
    }


def everything(house: House) -> dict[str, int]:
    """How many rows there are of what an import may write, and the sum of all versions."""
    with house.database.reading() as uow:
        tables = (Employment, Person, PersonIndex, Event, AccessEntry, ImportRow, ImportSeen, UploadPiece)
        found = {each.__tablename__: uow.session.scalar(select(func.count()).select_from(each)) or 0 for each in tables}
        return found | {"versions": uow.session.scalar(select(func.sum(Employment.version))) or 0}


# --- What HR systems export -------------------------------------------------------------------------------------

EXPORTS: dict[str, bytes] = {
    "AFAS": (
        "Medewerker;Naam;BSN;Datum in dienst;Einddatum contract;Type dienstverband;Aantal uren per week;Functie\r\n"
        f"100042;Postma, Noor;{BSN[0]};01-01-2025;28-02-2027;Bepaalde tijd;24,00;Magazijnmedewerker\r\n"
    ).encode("cp1252"),
    "Nmbrs": (
        "Persnr;Naam;BSN;Startdatum contract;Einddatum contract;Soort contract;Uren per week;Functie\r\n"
        f"100042;N. Postma;{BSN[0]};2025-01-01T00:00:00;2027-02-28T00:00:00;Tijdelijk;24;Magazijnmedewerker\r\n"
    ).encode("utf-8-sig"),
    "Visma": (
        '"Werknemernummer","Naam medewerker","Burgerservicenummer","Begindatum contract","Contract einddatum",'
        '"Contractvorm","Contracturen per week","Functieomschrijving"\n'
        f'"100042","Postma, Noor","{BSN[0]}","1-1-2025","28-2-2027","Contract voor bepaalde tijd","24.0",'
        '"Magazijnmedewerker"\n'
    ).encode(),
    "Exact": (
        "Medewerkercode;Volledige naam;BSN;Datum in dienst;Datum uit dienst;Type contract;"
        "Gemiddeld aantal uren per week;Functienaam\r\n"
        f"100042;Noor Postma;{BSN[0]};01-01-2025 00:00:00;28-02-2027 00:00:00;Bepaald;24;Magazijnmedewerker\r\n"
    ).encode(),
    "SAP": (
        f"PERNR;BSN;BEGDA;ENDDA;Contractsoort;Uren;Functie\r\n100042;{BSN[0]};20250101;28.02.2027;Tijdelijk;24,00;"
        "Magazijnmedewerker\r\n"
    ).encode(),
}


@pytest.mark.parametrize("system", EXPORTS)
def test_exports_of_hr_systems(register: Register, system: str) -> None:
    job = register.done(EXPORTS[system])
    assert (job["status"], job["problem"], job["counts"]) == ("done", None, counts(read=1, created=1))
    [made] = register.employments()
    wanted = {
        "reference": None,
        "employeeNumber": "100042",
        "establishmentId": register.place,
        "startDate": "2025-01-01",
        "endDate": "2027-02-28",
        "contractType": "fixed_term",
        "hoursPerWeek": 24.0,
        "jobTitle": "Magazijnmedewerker",
    }
    assert {name: made[name] for name in wanted} == wanted
    assert register.done(EXPORTS[system])["counts"] == counts(read=1, unchanged=1)


def test_no_end_in_the_manner_of_sap_is_told(register: Register) -> None:
    job = register.done(EXPORTS["SAP"].replace(b"28.02.2027", b"31.12.9999"))
    assert job["counts"] == counts(read=1, failed=1)
    [told] = register.rows(job, Accept_Language="en")
    assert (told["field"], told["code"]) == ("ENDDA", "not-a-real-date")
    assert "empty" in told["mend"]


# --- What comes of a file ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("media_type", MEDIA_TYPES)
def test_a_new_register(register: Register, house: House, media_type: str) -> None:
    first_row = row(1) | {"laatste loonmaand": "10-2026"}
    body = WRITERS[media_type]([first_row, row(2, bsn="", einddatum="", contractsoort="vast")])
    job = register.done(body, media_type)
    assert (job["status"], job["counts"]) == ("done", counts(read=2, created=2))
    first, second = register.employments()
    assert first == {
        "id": first["id"],
        "employerId": register.employer.id,
        "reference": "HR-1",
        "employeeNumber": "P1",
        "establishmentId": register.place,
        "startDate": "2025-01-01",
        "endDate": "2027-02-28",
        "contractType": "fixed_term",
        "hoursPerWeek": 24.5,
        "jobTitle": "Magazijnmedewerker",
        "occupationCode": "9333",
        "jobcoach": {"kind": "none", "organisationId": None},
        "lastWageMonth": "2026-10",
        "warnings": [],
    }
    assert (second["endDate"], second["contractType"]) == (None, "permanent")
    with house.database.reading() as uow:
        person_id = people.find(uow, IndexKind.BSN, BSN[1])
        assert person_id is not None
        rows = uow.session.scalars(select(Employment).order_by(Employment.id)).all()
        assert (rows[0].person_id, rows[0].version) == (person_id, 1)
        assert rows[1].person_id is not None
        assert people.names_of(uow, [person_id, rows[1].person_id]) == {
            person_id: "Medewerker 1",
            rows[1].person_id: "Medewerker 2",
        }
        assert people.export(uow, person_id) == {"bsn": BSN[1], "name": "Medewerker 1"}
        assert not people.is_client(uow, person_id)
        events = uow.session.scalars(select(Event).order_by(Event.subject)).all()
        entries = uow.session.scalars(select(AccessEntry).where(AccessEntry.action == "employment.registered")).all()
    assert [(each.type, each.subject, each.subject_version, each.data) for each in events] == [
        ("employment.registered", f"employments/{each.id}", 1, {"employmentId": each.id}) for each in rows
    ]
    assert {(each.person_id, each.resource, each.client_id, each.party_id, each.because) for each in entries} == {
        (
            each.person_id,
            f"employments/{each.id}",
            register.employer.client_id,
            register.employer.id,
            f"employment-imports/{job['id']}",
        )
        for each in rows
    }


@pytest.mark.parametrize("media_type", MEDIA_TYPES)
def test_the_same_file_twice_changes_nothing(register: Register, house: House, media_type: str) -> None:
    body = WRITERS[media_type]([row(1), row(2, bsn=""), row(3, contractsoort="vast", einddatum="")])
    assert register.done(body, media_type)["counts"] == counts(read=3, created=3)
    before = everything(house)
    for query in ("", "?mode=full", "?dryRun=true"):
        assert register.done(body, media_type, query)["counts"] == counts(read=3, unchanged=3)
    assert everything(house) == before
    register.days_later(40)
    with house.database.reading() as uow:
        assert uow.session.scalars(select(Employment.person_id)).all() == [None] * 3, "nobody is known to UWV"
    before = everything(house)
    assert register.done(body, media_type)["counts"] == counts(read=3, unchanged=3)
    assert everything(house) == before


def test_what_is_another_is_changed(register: Register, house: House) -> None:
    coaches = house.party(PartyKind.JOBCOACH_ORGANISATION, "Sterk aan het werk")
    register.done([row(1), row(2), row(3)])
    second = establishment_of(register.employer)
    before = register.employments()
    job = register.done(
        [
            row(1, einddatum="", contractsoort="vast", vestiging="", jobcoach="", jobcoachorganisatie=""),
            row(2, vestiging=second, jobcoach="", jobcoachorganisatie="sterk aan het werk") | {"uren per week": "32"},
            row(3, vestiging=register.place, jobcoach="", jobcoachorganisatie=""),
        ]
    )
    assert job["counts"] == counts(read=3, changed=2, unchanged=1)
    after = register.employments()
    assert after[0] == before[0] | {"endDate": None, "contractType": "permanent"}
    external = {"kind": "external", "organisationId": coaches.id}
    assert after[1] == before[1] | {"hoursPerWeek": 32.0, "establishmentId": second, "jobcoach": external}
    assert after[2] == before[2]
    with house.database.reading() as uow:
        changes = uow.session.scalars(select(Event).where(Event.type == "employment.changed")).all()
        logged = uow.session.scalars(select(AccessEntry).where(AccessEntry.action == "employment.changed")).all()
        versions = uow.session.scalars(select(Employment.version).order_by(Employment.id)).all()
    assert {(each.subject, each.subject_version) for each in changes} == {
        (f"employments/{each['id']}", 2) for each in after[:2]
    }
    assert len(logged) == 2
    assert versions == [2, 2, 1]


def test_what_is_not_in_the_file_stays_as_it_is(register: Register) -> None:
    register.done([row(1), row(2)])
    before = register.employments()
    job = register.done([{"referentie": "HR-1", "einddatum": "31-03-2027"}, {"referentie": "HR-2", "einddatum": ""}])
    assert job["counts"] == counts(read=2, changed=2, warned=1)
    assert register.told(job) == [(3, "einddatum", "fixed_term_without_end")]
    first, second = register.employments()
    assert first == before[0] | {"endDate": "2027-03-31"}
    assert (second["endDate"], second["hoursPerWeek"]) == (None, 24.5)
    # A line of JSON says for itself what it is about: the second says nothing of hours, and nothing of an end.
    job = register.done(
        as_ndjson([{"reference": "HR-1", "hoursPerWeek": None, "endDate": "2027-02-28"}, {"reference": "HR-2"}]), NDJSON
    )
    assert job["counts"] == counts(read=2, changed=1, unchanged=1)
    assert register.employments()[0] == before[0] | {"hoursPerWeek": None}
    assert register.employments()[1] == second


def test_what_is_known_by_number_and_first_day(register: Register) -> None:
    made = register.employer.post(
        "/employments", employment_body(register.place, employeeNumber="P1", startDate="2025-01-01", bsn=BSN[1])
    ).get_json()
    without = {name: text for name, text in row(1).items() if name != "referentie"}
    job = register.done([without, without | {"begindatum": "01-06-2024", "einddatum": "31-12-2024"}])
    assert job["counts"] == counts(read=2, created=1, changed=1, warned=1)
    assert register.told(job) == [(3, "einddatum", "end_in_past")]
    # It gets its reference when that comes, and is found by it from then on.
    assert register.done([row(1)])["counts"] == counts(read=1, changed=1)
    assert register.employments()[0] == made | {"hoursPerWeek": 24.5, "reference": "HR-1"}
    assert register.done([row(1, begindatum="2-1-2025")])["counts"] == counts(read=1, changed=1)
    # Another reference is another employment.
    assert register.done([row(1, referentie="HR-9", begindatum="2-1-2025")])["counts"] == counts(read=1, created=1)
    again = register.done([without | {"begindatum": "02-01-2025"}])
    assert register.told(again) == [(2, "personeelsnummer", "ambiguous")]


def test_a_row_that_names_nothing_or_the_same_again_is_refused(register: Register, house: House) -> None:
    register.done([row(1)])
    without = {"referentie": "", "bsn": ""}
    job = register.done(
        [
            row(1),
            row(2),
            row(2, functie="Kok"),
            row(3, **without, personeelsnummer=""),
            row(4, **without),
            row(4, **without, functie="Kok"),
            row(5, **without, begindatum="31-02-2026"),
            row(1, referentie="", begindatum="01-01-2025"),
            row(6, contractsoort=""),
        ]
    )
    assert register.told(job) == [
        (4, "referentie", "twice"),
        (5, "referentie", "required"),
        (7, "personeelsnummer", "twice"),
        (8, "begindatum", "not-a-date"),
        (9, "personeelsnummer", "twice"),
        (10, "contractsoort", "required"),
    ]
    assert job["counts"] == counts(read=9, created=2, unchanged=1, failed=6)
    assert everything(house)["import_seen"] == 0


@pytest.mark.parametrize("dry_run", [False, True])
def test_what_stood_in_an_earlier_piece_is_refused_too(
    register: Register, monkeypatch: pytest.MonkeyPatch, dry_run: bool
) -> None:
    monkeypatch.setattr(runner, "PIECE_ROWS", 2)
    rows = [row(1), row(2, contractsoort="?"), row(1), row(2), row(3), row(3, functie="Kok"), row(4)]
    job = register.done(rows, query="?dryRun=true" if dry_run else "")
    assert register.told(job, "?status=failed") == [
        (3, "contractsoort", "unknown-code"),
        (4, "referentie", "twice"),
        (5, "referentie", "twice"),
        (7, "referentie", "twice"),
    ]
    assert job["counts"] == counts(read=7, created=3, failed=4)


def test_wrong_together(register: Register) -> None:
    register.done([row(1), row(2)])
    job = register.done(
        [
            row(1, einddatum="31-12-2024"),
            row(3, referentie=f"x{BSN[3]}"),
            row(4, personeelsnummer=BSN[4]),
            row(5, jobcoach="intern", jobcoachorganisatie="Niemand"),
            row(6, vestiging="Elders"),
            row(7, begindatum=""),
            row(8) | {"laatste loonmaand": "12-2026"},
        ]
    )
    assert register.told(job) == [
        (2, "einddatum", "end-before-start"),
        (3, "referentie", "holds-bsn"),
        (4, "personeelsnummer", "holds-bsn"),
        (5, "jobcoachorganisatie", "unknown-reference"),
        (6, "vestiging", "unknown-reference"),
        (7, "begindatum", "required"),
        (8, "laatste loonmaand", "in-the-future"),
    ]
    assert job["counts"] == counts(read=7, failed=7)
    job = register.done([{"referentie": "HR-1", "begindatum": "01-03-2027"}])
    assert register.told(job) == [(2, "endDate", "end-before-start")]


def test_the_jobcoach(register: Register, house: House) -> None:
    coaches = house.party(PartyKind.JOBCOACH_ORGANISATION, "Sterk aan het werk")
    rows = [
        row(1, jobcoach="extern", jobcoachorganisatie=coaches.id),
        row(2, jobcoach="intern", jobcoachorganisatie=""),
        row(3, jobcoach="intern", jobcoachorganisatie="Sterk aan het werk"),
    ]
    job = register.done(rows)
    assert register.told(job) == [(4, "jobcoachorganisatie", "not-external")]
    assert [each["jobcoach"] for each in register.employments()] == [
        {"kind": "external", "organisationId": coaches.id},
        {"kind": "internal", "organisationId": None},
    ]
    # Without the column of the organisation it stays.
    assert register.done([row(1, jobcoach="extern")])["counts"] == counts(read=1, unchanged=1)
    assert register.done([row(1, jobcoach="geen")])["counts"] == counts(read=1, changed=1)
    assert register.employments()[0]["jobcoach"] == {"kind": "none", "organisationId": None}


def test_the_establishment(register: Register, house: House) -> None:
    body = {"name": "Loods Noord", "postcode": "9712AB", "number": "000037178598"}
    address = f"/employers/{register.employer.id}/establishments"
    north = register.employer.post(address, body).get_json()["id"]
    twins = [register.employer.post(address, {"name": "Filiaal", "postcode": "9711AB"}) for _ in range(2)]
    assert {each.status_code for each in twins} == {201}
    cells = ["000037178598", "37178598", "loods noord", north, "Hoofdvestiging", "Filiaal", "Elders", ""]
    job = register.done([row(at, vestiging=cell) for at, cell in enumerate(cells)])
    assert [each["establishmentId"] for each in register.employments()] == [north] * 4 + [register.place]
    assert register.told(job) == [
        (7, "vestiging", "ambiguous"),
        (8, "vestiging", "unknown-reference"),
        (9, "vestiging", "required"),
    ]
    other = employer_in(house, "Waddenwind")
    theirs = register.done([row(1, vestiging=north)], party=other)
    assert theirs["counts"] == counts(read=1, failed=1)
    [told] = other.get(f"/employment-imports/{theirs['id']}/rows").get_json()["items"]
    assert told["code"] == "unknown-reference"
    without = register.done([row(1)], party=other)
    [told] = other.get(f"/employment-imports/{without['id']}/rows").get_json()["items"]
    assert told["code"] == "no-establishment"


def test_odd_is_told_once_and_taken_over(register: Register) -> None:
    rows = [
        row(1, einddatum="01-02-2026"),
        row(2, einddatum="01-01-2025") | {"uren per week": "50"},
        row(3, einddatum=""),
        row(4),
    ]
    job = register.done(rows)
    assert job["counts"] == counts(read=4, created=4, warned=3)
    found = register.rows(job, "?status=warned")
    assert [(each["number"], each["field"], each["code"]) for each in found] == [
        (2, "einddatum", "end_in_past"),
        (3, "einddatum", "end_in_past"),
        (3, "einddatum", "start_equals_end"),
        (3, "uren per week", "hours_above_48"),
        (4, "einddatum", "fixed_term_without_end"),
    ]
    of_each = [[warning["code"] for warning in each["warnings"]] for each in register.employments()]
    assert [code for codes in of_each for code in codes] == [each["code"] for each in found]
    assert register.done(rows)["counts"] == counts(read=4, unchanged=4)


def test_chains_are_those_that_single_reports_would_find(register: Register, house: House) -> None:
    """One person, one contract after the other, in one file and one by one at another employer: the same warnings."""
    terms = [("2022-01-01", "2022-12-31"), ("2023-02-01", "2024-12-31"), ("2025-01-01", "2027-02-28")]
    job = register.done(
        [row(at, bsn=BSN[0], begindatum=start, einddatum=end) for at, (start, end) in enumerate(terms, start=1)]
    )
    assert [told for told in register.told(job) if told[2] != "end_in_past"] == [
        (4, "contractsoort", "chain_beyond_3_years")
    ]
    other = employer_in(house, "Waddenwind")
    place = establishment_of(other)
    for at, (start, end) in enumerate(terms, start=1):
        body = employment_body(place, reference=f"HR-{at}", startDate=start, endDate=end, bsn=BSN[0])
        assert other.post("/employments", body).status_code == 201
    alike = [
        [[warning["code"] for warning in each["warnings"]] for each in register.employments(party)]
        for party in (None, other)
    ]
    assert alike[0] == alike[1]
    with house.database.reading() as uow:
        chained = uow.session.execute(select(Employment.chain_since, Employment.start_date)).all()
        persons = uow.session.scalars(select(Employment.person_id).distinct()).all()
    assert {since and since.isoformat() for since, start in chained if start.isoformat() != "2022-01-01"} == {
        "2022-01-01"
    }
    assert len(persons) == 1
    # A change is seen by those behind it.
    job = register.done([row(1, bsn=BSN[0], begindatum="2022-01-01", einddatum="2022-06-30")])
    changed = register.done([row(3, bsn=BSN[0], begindatum="2025-01-01", einddatum="2027-01-31")])
    assert (job["counts"]["changed"], changed["counts"]) == (1, counts(read=1, changed=1, warned=1))
    with house.database.reading() as uow:
        own = select(Employment.chain_since).where(
            Employment.employer_id == register.employer.id, Employment.reference == "HR-3"
        )
        assert str(uow.session.scalar(own)) == "2023-02-01"


def test_a_dry_run_counts_the_same_and_writes_nothing(register: Register, house: House) -> None:
    register.done([row(1), row(2), row(3)])
    rows = [
        row(1),
        row(2, functie="Kok"),
        row(4),
        row(4, referentie="HR-40", begindatum="2022-01-01", einddatum="2024-12-31"),
        row(5, einddatum="x"),
    ]
    before = everything(house)
    dry = register.done(rows, query="?dryRun=true&mode=full")
    assert dry["counts"] == counts(read=5, created=2, changed=1, unchanged=1, failed=1, warned=1, missing=1)
    now = everything(house)
    assert now == before | {"import_row": before["import_row"] + 3}
    told = register.told(dry)
    real = register.done(rows, query="?mode=full")
    assert (real["counts"], register.told(real)) == (dry["counts"], told)


def test_what_a_full_file_does_not_name_is_told_and_never_ended(
    register: Register, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "PIECE_ROWS", 2)
    register.done([row(at) for at in range(7)] + [row(8, einddatum="22-11-2026"), row(9, einddatum="23-11-2026")])
    other = employer_in(house, "Waddenwind")
    assert other.post("/employments", employment_body(establishment_of(other))).status_code == 201
    before = register.employments()
    # One that failed was named all the same.
    job = register.done([row(0), row(1, contractsoort="?"), row(10)], query="?mode=full")
    assert job["counts"] == counts(read=3, created=1, unchanged=1, failed=1, missing=6)
    missing = register.rows(job, "?status=missing")
    ids = {each["reference"]: each["id"] for each in before}
    assert [each["subjectId"] for each in missing] == [ids[f"HR-{at}"] for at in (2, 3, 4, 5, 6, 9)]
    assert {(each["number"], each["code"]) for each in missing} == {(0, "missing")}
    assert register.employments()[: len(before)] == before
    with house.database.reading() as uow:
        looks = uow.session.scalars(select(AccessEntry).where(AccessEntry.action == "employment-import.read")).all()
    assert {each.resource for each in looks} == {f"employments/{each['subjectId']}" for each in missing}
    assert register.done([row(0)], query="?mode=changes")["counts"] == counts(read=1, unchanged=1)


def test_a_file_that_undoes_an_answer_says_so(register: Register) -> None:
    register.done([row(at) for at in range(1, 4)])
    job = register.done([row(1), row(2)], query="?mode=full")
    assert (job["counts"]["missing"], job["remarks"]) == (1, [])
    [asked] = register.employer.get("/employment-questions?status=open").get_json()["items"]
    assert asked["importId"] == job["id"]
    answer = {"answer": "ended", "endDate": "2026-11-22"}
    question = f"/employment-questions/{asked['id']}"
    assert register.employer.move(question, "answered", **answer).status_code == 200
    again = register.done([row(3)])
    assert (2, "einddatum", "undoes_answer") in register.told(again, "?status=warned")
    assert register.done([row(3)])["counts"] == counts(read=1, unchanged=1)


def test_whom_uwv_named_stays(register: Register, house: House) -> None:
    register.done([row(1, bsn="", naam="")])
    with house.database.transaction() as uow:
        [person_id] = people.create_many(uow, [people.Identity(bsn=BSN[2])], is_client=True)
        assert attach_person(uow, uow.session.scalars(select(Employment)).one(), person_id)
    assert register.done([row(1)])["counts"] == counts(read=1, unchanged=1)
    assert register.done([row(1, functie="Kok")])["counts"] == counts(read=1, changed=1)
    with house.database.reading() as uow:
        found = uow.session.scalars(select(Employment)).one()
        assert (found.person_id, found.person_by_uwv) == (person_id, True)
        assert people.find(uow, IndexKind.BSN, BSN[1]) is None
        assert people.export(uow, person_id) == {"bsn": BSN[2]}


# --- Who may ----------------------------------------------------------------------------------------------------


def test_who_acts_for_several_employers_says_for_which(register: Register, house: House) -> None:
    bureau, other = register.employer, employer_in(house, "Waddenwind")
    establishment_of(other)
    with house.database.transaction() as uow:
        uow.add(Grant(client_id=bureau.client_id, party_id=other.id, valid_from=uow.today, valid_until=None))
    register.days_later(0)  # a new token, which knows of the grant
    refused = register.send(as_csv([row(1)]))
    assert refused.status_code == 400
    assert [(each["parameter"], each["code"]) for each in refused.get_json()["errors"]] == [("employerId", "required")]
    third = employer_in(house, "Derde")
    wrong = register.send(as_csv([row(1)]), query=f"?employerId={third.id}")
    assert [(e["parameter"], e["code"]) for e in wrong.get_json()["errors"]] == [("employerId", "unknown-reference")]
    job = register.done([row(1)], query=f"?employerId={other.id}")
    assert job["counts"] == counts(read=1, created=1)
    assert [each["employerId"] for each in register.employments()] == [other.id]
    with house.database.reading() as uow:
        entry = uow.session.scalars(select(AccessEntry).where(AccessEntry.action == "employment.registered")).one()
        assert (entry.client_id, entry.party_id) == (bureau.client_id, bureau.id)
        assert not uow.session.scalars(select(UploadPiece)).all()
    # Both see it: who sent it, and whose register it is. Nobody else does.
    for party, status in ((other, 200), (third, 404), (house.party(PartyKind.UWV), 404)):
        for path in ("", "/rows"):
            assert party.get(f"/employment-imports/{job['id']}{path}").status_code == status
        assert len(party.get("/employment-imports").get_json()["items"]) == (status == 200)


def test_unknown_columns_are_refused(register: Register) -> None:
    job = register.done(b"referentie;begindatum;contractsoort;salaris\r\nHR-1;1-1-2025;vast;3000\r\n")
    assert (job["status"], job["problem"]["code"]) == ("failed", "unknown-column")
    job = register.done(b"begindatum;contractsoort\r\n1-1-2025;vast\r\n")
    assert (job["status"], job["problem"]["code"]) == ("failed", "missing-column")


# --- Breaking off -----------------------------------------------------------------------------------------------


def test_a_piece_that_breaks_off_is_done_anew(
    register: Register, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "PIECE_ROWS", 2)
    really, calls = runner.mark_seen, iter((False, True, False, False, False))

    def broken(*given: Any) -> None:
        really(*given)
        if next(calls):
            raise RuntimeError("the worker dies after it wrote the second piece")

    monkeypatch.setattr(operations, "mark_seen", broken)
    rows = [row(at) for at in range(1, 6)]
    job_id = register.send(as_csv(rows)).get_json()["id"]
    seen: list[int] = []
    for _ in range(6):
        try:
            with house.database.transaction() as uow:
                RUNNER.fire(uow, job_id)
        except RuntimeError:
            pass
        seen.append(everything(house)["employment"])
    assert seen == [2, 2, 4, 5, 5, 5]
    found = register.employer.get(f"/employment-imports/{job_id}").get_json()
    assert (found["status"], found["counts"]) == ("done", counts(read=5, created=5))
    now = everything(house)
    assert (now["event"], now["person"], now["person_index"], now["import_seen"]) == (5, 5, 5, 0)


def test_a_change_that_somebody_else_made_meanwhile_is_not_lost(
    register: Register, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    register.done([row(1), row(2)])
    really = writing._change

    def older(case: Any) -> Mapping[str, Any]:
        return {**really(case), "its_version": case.known.version - (case.row.number == 3)}

    monkeypatch.setattr(writing, "_change", older)
    job_id = register.send(as_csv([row(1, functie="Kok"), row(2, functie="Kok")])).get_json()["id"]
    with pytest.raises(writing.Overtaken), house.database.transaction() as uow:
        RUNNER.fire(uow, job_id)
    assert {each["jobTitle"] for each in register.employments()} == {"Magazijnmedewerker"}
    monkeypatch.undo()
    register.worker.run_until_idle()
    assert {each["jobTitle"] for each in register.employments()} == {"Kok"}
