"""The caseload as a file: what comes of its rows, once and again, on both databases and from all three formats."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from service.access.models import AccessEntry
from service.access.rules import PartyKind
from service.contacts.models import Assignment, Link
from service.contacts.room import ROOM
from service.delivery.models import Event, Mail
from service.kernel.imports import jobs
from service.kernel.imports.models import ImportJob, ImportRow, ImportSeen, UploadPiece
from service.kernel.imports.reading import CSV, MEDIA_TYPES, NDJSON
from service.people import operations as people
from service.people.models import IndexKind, Person
from tests.contacts.imports_kit import WRITERS, Caseload, as_csv, as_ndjson, bsns, counts
from tests.support.house import House, SettableClock
from tests.support.made import employer_in, employment_body, establishment_of

BSN = bsns(12)


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock()


@pytest.fixture
def caseload(house: House) -> Iterator[Caseload]:
    made = Caseload(house)
    yield made
    made.close()


def row(number: int, **more: Any) -> dict[str, Any]:
    return {
        "bsn": BSN[number],
        "clientnummer": f"C{number}",
        "naam": f"Client {number}",
        "e-mailadres": f"client{number}@example.nl",
        "postcode4": "9711",
        "ad": "noor@uwv.example",
        "achtervang": "bo@uwv.example",
        "vanaf": "23-11-2026",
        **more,
    }


def everything(house: House) -> dict[str, int]:
    """How many rows there are of what an import may write."""
    with house.database.reading() as uow:
        return {
            table.__tablename__: uow.session.scalar(select(func.count()).select_from(table)) or 0
            for table in (Assignment, Person, Link, Event, Mail, AccessEntry, ImportRow, ImportSeen, UploadPiece)
        }


def assignment_of(house: House, bsn: str) -> Any:
    with house.database.reading() as uow:
        person_id = people.find(uow, IndexKind.BSN, bsn)
        found = select(Assignment).where(Assignment.person_id == person_id).order_by(Assignment.valid_from.desc())
        return uow.session.scalars(found).first()


# --- What comes of a file ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("media_type", MEDIA_TYPES)
def test_a_new_caseload(caseload: Caseload, house: House, media_type: str) -> None:
    job = caseload.done(WRITERS[media_type]([row(1), row(2, ad="", team="Team Noord")]), media_type)
    assert (job["status"], job["counts"]) == ("done", counts(read=2, created=2))
    assert job["problem"] is None
    first, second = assignment_of(house, BSN[1]), assignment_of(house, BSN[2])
    assert (first.caseworker_id, first.backup_id) == (caseload.staff["noor"], caseload.staff["bo"])
    assert first.valid_from.isoformat() == "2026-11-23"
    assert (second.caseworker_id, second.team_id) == (None, caseload.team)
    with house.database.reading() as uow:
        assert people.names_of(uow, [first.person_id]) == {first.person_id: "Client 1"}
        assert people.email_of(uow, first.person_id) == "client1@example.nl"
        assert people.find(uow, IndexKind.CLIENT_NUMBER, "C1") == first.person_id


@pytest.mark.parametrize("media_type", MEDIA_TYPES)
def test_the_same_file_twice_changes_nothing(caseload: Caseload, house: House, media_type: str) -> None:
    employer = employer_in(house)
    employment = employment_body(establishment_of(employer), bsn=BSN[1])
    assert employer.post("/employments", employment).status_code == 201
    with house.database.reading() as uow:
        kvk = uow.connection.exec_driver_sql("SELECT kvk_number FROM employer").scalar()
    known = {"kvk": kvk, "bekend": "ja", "reden": "startafspraken"}
    body = WRITERS[media_type]([row(1, **known), row(2), row(3, ad="niemand", achtervang="")])
    first = caseload.done(body, media_type)
    # Nobody is responsible for somebody unknown: there is nothing to end.
    assert first["counts"] == counts(read=3, created=2, failed=1)
    before = everything(house)
    assert before["link"] == 1
    again = caseload.done(body, media_type, "?mode=full")
    assert again["counts"] == counts(read=3, unchanged=2, failed=1)
    assert everything(house) == before | {"import_row": before["import_row"] + 1}
    caseload.days_later(40)
    before = everything(house)
    assert caseload.done(body, media_type)["counts"] == counts(read=3, unchanged=2, failed=1)
    assert everything(house) == before | {"import_row": before["import_row"] + 1}


def test_without_a_day_it_is_the_day_on_which_the_file_came(caseload: Caseload, house: House) -> None:
    body = as_csv([{"bsn": BSN[1], "ad": "noor@uwv.example"}])
    assert caseload.done(body)["counts"] == counts(read=1, created=1)
    assert assignment_of(house, BSN[1]).valid_from.isoformat() == "2026-11-23"
    caseload.days_later(3)
    assert caseload.done(body)["counts"] == counts(read=1, unchanged=1)


def test_what_is_another_is_changed_and_told(caseload: Caseload, house: House) -> None:
    caseload.done([row(1), row(2)])
    with house.database.reading() as uow:
        mails = uow.session.scalar(select(func.count()).select_from(Mail))
    caseload.days_later(1)
    job = caseload.done([row(1, ad="kim@uwv.example", vanaf="2026-11-24"), row(2)])
    assert job["counts"] == counts(read=2, changed=1, unchanged=1)
    assert assignment_of(house, BSN[1]).caseworker_id == caseload.staff["kim"]
    with house.database.reading() as uow:
        assert uow.session.scalar(select(func.count()).select_from(Mail)) == (mails or 0) + 1
        person_id = people.find(uow, IndexKind.BSN, BSN[1])
        entries = uow.session.scalars(select(AccessEntry).where(AccessEntry.person_id == person_id)).all()
    assert [entry.because for entry in entries if entry.action.startswith("assignment")].count(
        f"assignment-imports/{job['id']}"
    ) == 1


def test_what_was_missing_of_a_person_is_added_and_nothing_overwritten(caseload: Caseload, house: House) -> None:
    caseload.done([{"clientnummer": "C1", "ad": "noor@uwv.example", "naam": "Eerste Naam"}])
    job = caseload.done([row(1, vanaf="")])
    assert job["counts"] == counts(read=1, changed=1)
    with house.database.reading() as uow:
        person_id = people.find(uow, IndexKind.BSN, BSN[1])
        assert person_id is not None
        assert person_id == people.find(uow, IndexKind.CLIENT_NUMBER, "C1")
        assert people.name_of(uow, person_id) == "Eerste Naam"
        assert people.email_of(uow, person_id) == "client1@example.nl"
    assert caseload.done([row(1, vanaf="")])["counts"] == counts(read=1, unchanged=1)


def test_nobody_any_more(caseload: Caseload, house: House) -> None:
    caseload.done([row(1)])
    caseload.days_later(1)
    ended = row(1, ad="niemand", achtervang="", vanaf="24-11-2026")
    assert caseload.done([ended])["counts"] == counts(read=1, changed=1)
    assert assignment_of(house, BSN[1]).caseworker_id is None
    assert caseload.done([ended])["counts"] == counts(read=1, unchanged=1)


# --- What is wrong ----------------------------------------------------------------------------------------------


def test_each_row_says_what_is_wrong_and_how_to_mend_it(caseload: Caseload, house: House) -> None:
    rows = [
        row(1),
        row(2, bsn="123456789"),
        row(3, ad="weg@uwv.example"),
        row(4, vanaf="31-02-2026"),
        row(1, clientnummer="C99"),
        row(5, achtervang="noor@uwv.example"),
        row(6, naam="=HYPERLINK(1)"),
        row(7, bsn="", clientnummer=""),
        row(8, ad=""),
        row(9, bekend="ja"),
        row(10, **{"e-mailadres": "geen adres"}),
    ]
    job = caseload.done(rows)
    assert job["counts"] == counts(read=11, created=1, failed=10)
    assert caseload.wrong(job) == [
        (3, "bsn", "invalid-bsn"),
        (4, "ad", "unknown-reference"),
        (5, "vanaf", "not-a-date"),
        (6, "bsn", "twice"),
        (7, "achtervang", "own-backup"),
        (8, "naam", "formula"),
        (9, "bsn", "required"),
        (10, "ad", "required"),
        (11, "employer", "required"),
        (11, "reason", "reason-required"),
        (12, "e-mailadres", "invalid-email"),
    ]
    dutch, english = caseload.rows(job)[0], caseload.rows(job, Accept_Language="en")[0]
    assert (dutch["detail"], english["detail"]) == (
        "Dit is geen geldig BSN (9 cijfers).",
        "This is not a valid BSN (9 digits).",
    )
    assert dutch["mend"] != english["mend"]
    assert caseload.rows(job, "?status=warned") == []
    assert len(caseload.rows(job, "?status=failed&limit=3")) == 3
    stored = str(house.database.engine.connect().exec_driver_sql("SELECT * FROM import_row").fetchall())
    for value in ("123456789", "weg@", "HYPERLINK", "geen adres", BSN[1]):
        assert value not in stored
    assert everything(house)["person"] == 1


def test_two_numbers_that_do_not_belong_together(caseload: Caseload) -> None:
    caseload.done([row(1), row(2)])
    job = caseload.done([row(1, clientnummer="C2"), row(3, clientnummer="C2")])
    assert caseload.wrong(job) == [(2, "clientnummer", "two-people"), (3, "bsn", "other-bsn")]


def test_the_same_person_by_another_number_is_twice(caseload: Caseload) -> None:
    rows = [row(1), {"clientnummer": "C1", "ad": "kim@uwv.example"}]
    for query in ("?dryRun=true", "", ""):
        job = caseload.done(rows, query=query)
        assert caseload.wrong(job) == [(3, "clientnummer", "twice")], query


def test_what_makes_a_file_unreadable(caseload: Caseload) -> None:
    for body, media_type, code in (
        (b"bsn;ad;kleur\r\n", CSV, "unknown-column"),
        (b"bsn;naam\r\n", CSV, "missing-column"),
        (b"bsn;ad;bsn\r\n", CSV, "duplicate-column"),
        (b"\r\n\r\n", CSV, "empty-file"),
        (b"no zip", MEDIA_TYPES[2], "broken-file"),
    ):
        job = caseload.done(body, media_type)
        assert (job["status"], job["problem"]["code"]) == ("failed", code)
        assert job["problem"]["detail"]


def test_a_file_that_breaks_off_keeps_what_was_done(caseload: Caseload, house: House) -> None:
    job = caseload.done(as_csv([row(1)]) + b'"open;noor@uwv.example\r\n')
    assert (job["status"], job["problem"]["code"]) == ("failed", "broken-row")
    assert job["counts"] == counts(read=1, created=1)
    assert everything(house)["upload_piece"] == 0


def test_a_later_assignment_stays_and_is_told(caseload: Caseload, house: House) -> None:
    caseload.done([row(1, vanaf="2026-01-01")])
    caseload.done([row(1, vanaf="2026-11-20", ad="kim@uwv.example")])
    job = caseload.done([row(1, vanaf="2026-01-01")])
    assert job["counts"] == counts(read=1, unchanged=1, warned=1)
    assert caseload.wrong(job) == [(2, "vanaf", "later-assignment")]
    assert assignment_of(house, BSN[1]).caseworker_id == caseload.staff["kim"]


# --- Dry runs and full files ------------------------------------------------------------------------------------


def test_a_dry_run_counts_the_same_and_writes_nothing(caseload: Caseload, house: House) -> None:
    caseload.done([row(1), row(2), row(3)])
    rows = [row(1), row(2, ad="kim@uwv.example"), row(4), row(5, ad="weg@uwv.example"), row(1)]
    before = everything(house)
    dry = caseload.done(rows, query="?mode=full&dryRun=true")
    assert everything(house) | {"import_row": 0} == before | {"import_row": 0}
    real = caseload.done(rows, query="?mode=full")
    assert dry["dryRun"] is True
    assert dry["counts"] == real["counts"] == counts(read=5, unchanged=1, changed=1, created=1, failed=2, missing=1)
    assert caseload.wrong(dry) == caseload.wrong(real)


def test_who_is_missing_is_told_and_ended_only_when_asked(caseload: Caseload, house: House) -> None:
    caseload.done([row(1), row(2), row(3)])
    job = caseload.done([row(1)], query="?mode=full")
    assert job["counts"] == counts(read=1, unchanged=1, missing=2)
    missing = caseload.rows(job, "?status=missing")
    with house.database.reading() as uow:
        absent = {people.find(uow, IndexKind.BSN, BSN[number]) for number in (2, 3)}
    assert {each["subjectId"] for each in missing} == absent
    assert {each["number"] for each in missing} == {0}
    assert caseload.done([row(1)], query="?mode=full&endMissing=true&dryRun=true")["counts"]["ended"] == 2
    # A row with something wrong may be the very person who seems to be missing.
    careful = caseload.done([row(1), row(2, bsn="000000000", clientnummer="")], query="?mode=full&endMissing=true")
    assert careful["counts"] == counts(read=2, unchanged=1, failed=1, missing=2)
    assert assignment_of(house, BSN[2]).caseworker_id is not None
    ended = caseload.done([row(1)], query="?mode=full&endMissing=true")
    assert ended["counts"] == counts(read=1, unchanged=1, ended=2)
    assert assignment_of(house, BSN[2]).caseworker_id is None
    assert caseload.done([row(1)], query="?mode=full&endMissing=true")["counts"] == counts(read=1, unchanged=1)


def test_who_is_missing_is_ended_only_for_a_full_file(caseload: Caseload) -> None:
    answer = caseload.send(b"clientnummer;ad\r\n", query="?endMissing=true")
    assert answer.status_code == 400
    [error] = answer.get_json()["errors"]
    assert (error["parameter"], error["code"]) == ("endMissing", "needs-full")


def test_a_row_that_fails_is_not_missing(caseload: Caseload) -> None:
    caseload.done([row(1), row(2)])
    job = caseload.done([row(1), row(2, vanaf="gisteren")], query="?mode=full")
    assert job["counts"] == counts(read=2, unchanged=1, failed=1)


# --- What employers know ----------------------------------------------------------------------------------------


def test_what_an_employer_knows_comes_along(caseload: Caseload, house: House) -> None:
    employer = employer_in(house)
    place = establishment_of(employer)
    made = [employer.post("/employments", employment_body(place, bsn=BSN[n])).get_json()["id"] for n in (1, 2)]
    with house.database.reading() as uow:
        kvk = uow.connection.exec_driver_sql("SELECT kvk_number FROM employer").scalar()
    known = {"kvk": kvk, "bekend": "ja", "reden": "loondispensatie"}
    consent = {"reden": "anders, met toestemming", "toestemming op": "1-11-2026", "toestemming via": "gesprek"}
    job = caseload.done([row(1, **known), row(2, **known | consent), row(3, **known)])
    assert job["counts"] == counts(read=3, created=3, warned=1)
    assert caseload.wrong(job) == [(4, "kvk", "no-employment")]
    contact = employer.get(f"/employments/{made[0]}/contact").get_json()["contact"]
    assert (contact["kind"], contact["name"]) == ("caseworker", "noor")
    taken_back = caseload.done([row(1, kvk=kvk, bekend="nee")])
    assert taken_back["counts"] == counts(read=1, changed=1)
    assert employer.get(f"/employments/{made[0]}/contact").get_json()["contact"]["kind"] == "desk"
    wrong = caseload.done([row(1, kvk=kvk, bekend="ja"), row(2, **known | {"toestemming op": "1-11-2026"})])
    assert caseload.wrong(wrong) == [(2, "reden", "reason-required"), (3, "toestemming op", "consent-not-allowed")]


# --- Sending ----------------------------------------------------------------------------------------------------


def test_the_same_key_is_one_import(caseload: Caseload, house: House) -> None:
    body = as_csv([row(1)])
    first = caseload.send(body, Idempotency_Key="k1")
    again = caseload.send(body, Idempotency_Key="k1")
    assert again.headers["Idempotent-Replayed"] == "true"
    assert (again.get_data(), again.headers["Location"]) == (first.get_data(), first.headers["Location"])
    for other in (
        caseload.send(as_csv([row(2)]), Idempotency_Key="k1"),
        caseload.send(body, query="?dryRun=true", Idempotency_Key="k1"),
    ):
        assert (other.status_code, other.get_json()["type"].rpartition("#")[2]) == (409, "idempotency-key-reused")
    with house.database.reading() as uow:
        assert len(uow.session.scalars(select(ImportJob)).all()) == 1
        # What came in for nothing is thrown away at once.
        assert set(uow.session.scalars(select(UploadPiece.upload_id))) == {first.get_json()["id"]}


def test_what_is_no_file_of_ours(caseload: Caseload, house: House) -> None:
    refused = caseload.send(b"{}", "application/json")
    assert (refused.status_code, refused.headers["Accept-Post"]) == (415, ", ".join(MEDIA_TYPES))
    assert caseload.send(b"").get_json()["type"].rpartition("#")[2] == "empty-file"
    assert caseload.send(as_csv([row(1)]), query="?mode=alles").status_code == 400
    assert caseload.send(as_csv([row(1)]), Content_Encoding="gzip").status_code == 415
    assert everything(house)["upload_piece"] == 0


def test_a_body_is_sealed_while_it_waits(caseload: Caseload, house: House) -> None:
    caseload.send(as_ndjson([row(1)]), NDJSON)
    with house.database.reading() as uow:
        [sealed] = uow.session.scalars(select(UploadPiece.sealed)).all()
    assert BSN[1].encode() not in sealed


def test_no_more_than_twenty_wait(caseload: Caseload) -> None:
    body = as_csv([row(1)])
    statuses = [caseload.send(body).status_code for _ in range(21)]
    assert statuses == [202] * 20 + [409]


def test_imports_belong_to_who_sent_them(caseload: Caseload, house: House) -> None:
    job = caseload.done([row(1)])
    other = house.party(PartyKind.UWV, "another UWV")
    assert other.get(f"/assignment-imports/{job['id']}").status_code == 404
    assert other.get(f"/assignment-imports/{job['id']}/rows").status_code == 404
    assert other.get("/assignment-imports").get_json()["items"] == []
    assert [each["id"] for each in caseload.uwv.get("/assignment-imports").get_json()["items"]] == [job["id"]]
    assert house.party(PartyKind.DESK).get("/assignment-imports").status_code == 403


def test_imports_are_forgotten_after_their_term(caseload: Caseload, house: House) -> None:
    job = caseload.done([row(1), row(2, vanaf="x")])
    house.clock.now += jobs.KEPT_FOR - timedelta(minutes=1)
    caseload.worker.run_until_idle()
    assert everything(house)["import_row"] == 1
    house.clock.advance(hours=2)
    caseload.days_later(0)
    assert caseload.uwv.get(f"/assignment-imports/{job['id']}").status_code == 404
    assert everything(house)["import_row"] == 0


def test_a_person_who_is_erased_is_no_longer_named(caseload: Caseload, house: House) -> None:
    caseload.done([row(1), row(2)])
    job = caseload.done([row(1)], query="?mode=full")
    [missing] = caseload.rows(job)
    assert ROOM.erase is not None
    with house.database.transaction() as uow:
        ROOM.erase(uow, missing["subjectId"])
    assert caseload.rows(job) == []
