"""What an employer calls its columns: stored by itself, read by the import, seen by nobody else but the desk."""

from __future__ import annotations

from typing import Any

import pytest

from service.access.rules import PartyKind
from service.employers.imports.remarks import MANY_ALIKE, count_end_dates, days_alike, review
from service.employers.imports.schemas import COLUMNS
from service.employers.mappings.operations import own_names
from service.employers.mappings.rules import MappedColumn
from service.kernel.imports.columns import PASSED_OVER, Columns
from service.kernel.imports.models import ImportJob
from service.kernel.imports.runner import CheckedRow
from tests.support.house import House, Party
from tests.support.made import employer_in

BODY: dict[str, Any] = {
    "columns": [
        {"heading": "Medew.nr", "column": "employeeNumber"},
        {"heading": "Dv. einde", "column": "endDate"},
        {"heading": "Salaris", "column": None},
    ],
    "words": [{"column": "contractType", "text": "BEP", "value": "fixed_term"}],
}


def address(employer: Party) -> str:
    return f"/employers/{employer.id}/import-mapping"


def put(employer: Party, body: Any, **headers: str) -> Any:
    return employer.request("PUT", address(employer), body, **(headers or {"If_None_Match": "*"}))


def test_stored_changed_and_forgotten(house: House) -> None:
    employer = employer_in(house)
    assert employer.get(address(employer)).status_code == 404
    made = put(employer, BODY)
    assert (made.status_code, made.get_json()["columns"]) == (200, BODY["columns"])
    assert put(employer, BODY).status_code == 412
    found = employer.get(address(employer))
    assert (found.get_json(), found.headers["ETag"]) == (made.get_json(), made.headers["ETag"])
    changed = put(employer, {"columns": BODY["columns"][:1]}, If_Match=made.headers["ETag"])
    assert (changed.status_code, changed.get_json()["words"]) == (200, [])
    assert employer.request("DELETE", address(employer), If_Match=made.headers["ETag"]).status_code == 412
    assert employer.request("DELETE", address(employer), If_Match=changed.headers["ETag"]).status_code == 204
    assert employer.get(address(employer)).status_code == 404


def test_an_import_knows_it(house: House) -> None:
    employer, other = employer_in(house), employer_in(house, "other")
    put(employer, BODY)
    with house.database.reading() as uow:
        own = own_names(uow, ImportJob(party_id=employer.id))
        nothing = own_names(uow, ImportJob(party_id=other.id))
    assert own.stored_at == f"/v1/employers/{employer.id}/import-mapping"
    columns = Columns({"employeeNumber": ("x",), "endDate": ("y",), "contractType": ("z",)}).with_own(own)
    assert columns.of(["MEDEW NR", "dv einde", "salaris", "z"]) == [
        "employeeNumber",
        "endDate",
        PASSED_OVER,
        "contractType",
    ]
    cells = {"contractType": "bep"}
    columns.in_our_words(cells)
    assert cells == {"contractType": "fixed_term"}
    assert (nothing.headings, nothing.words) == ({}, {})


def test_others_see_nothing_of_it(house: House) -> None:
    employer, other = employer_in(house), employer_in(house, "other")
    tag = put(employer, BODY).headers["ETag"]
    assert house.party(PartyKind.DESK).get(address(employer)).status_code == 200
    for party in (other, house.party(PartyKind.UWV), house.party(PartyKind.JOBCOACH_ORGANISATION)):
        assert party.get(address(employer)).status_code == 404
    for answer in (
        other.request("PUT", address(employer), BODY, If_None_Match="*"),
        other.request("PUT", address(employer), BODY, If_Match=tag),
        other.request("DELETE", address(employer), If_Match=tag),
    ):
        assert answer.status_code == 404


@pytest.mark.parametrize(
    ("columns", "words", "place", "code"),
    [
        ([("nr", "reference"), ("N.R.", "name")], [], "/columns/1/heading", "named-twice"),
        ([("--", "reference")], [], "/columns/0/heading", "blank"),
        ([("123456782", "reference")], [], "/columns/0/heading", "holds-bsn"),
        ([("nr", "salary")], [], "/columns/0/column", "unknown-code"),
        ([("nr", "reference")], [("contractType", "V", "vast")], "/words/0/value", "not-a-value"),
        ([("nr", "reference")], [("contractType", "V", "permanent")] * 2, "/words/1/text", "named-twice"),
        ([("nr", "reference")], [("name", "V", "permanent")], "/words/0/column", "unknown-code"),
    ],
)
def test_what_cannot_be(house: House, columns: Any, words: Any, place: str, code: str) -> None:
    body = {
        "columns": [{"heading": heading, "column": column} for heading, column in columns],
        "words": [{"column": column, "text": text, "value": value} for column, text, value in words],
    }
    answer = put(employer_in(house), body)
    assert answer.status_code == 400
    assert [(each["pointer"], each["code"]) for each in answer.get_json()["errors"]] == [(place, code)]


# --- A register as a whole --------------------------------------------------------------------------------------


def test_days_alike() -> None:
    counts = {"2027-01-01": MANY_ALIKE, "2027-02-28": MANY_ALIKE + 1, "2026-12-31": 900}
    assert [(day.isoformat(), count) for day, count in days_alike(counts)] == [("2026-12-31", 900), ("2027-02-28", 41)]
    assert days_alike({}) == []


def test_a_register_full_of_one_end_date(house: House) -> None:
    job = ImportJob()
    with house.database.reading() as uow:
        rows = [CheckedRow(at, {"end_date": uow.today} if at % 2 else {}, []) for at in range(100)]
        count_end_dates(job, rows[:60])
        assert review(uow, job) == []
        count_end_dates(job, rows[60:])
        [remark] = review(uow, job)
    assert (remark.code, remark.count) == ("end-dates-alike", 50)
    assert "23 november 2026" in remark.text.nl
    assert "2026-11-23" in remark.text.en


def test_what_can_be_named_are_the_columns_of_the_register() -> None:
    assert {each.value for each in MappedColumn} == set(COLUMNS.headings)
