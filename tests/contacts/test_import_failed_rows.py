"""Rows that failed come back as they were sent, and go in again once they are mended."""

from __future__ import annotations

import io
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from service.contacts.imports import operations
from service.contacts.imports.part import RUNNER
from service.kernel.imports import failed, runner
from service.kernel.imports.columns import PASSED_OVER, OwnNames
from service.kernel.imports.models import ImportFailed, ImportJob
from service.kernel.imports.reading import CSV, MEDIA_TYPES, NDJSON, XLSX
from service.kernel.imports.remarks import Remark, tallied, tally
from service.kernel.text import Text
from tests.contacts.imports_kit import WRITERS, Caseload, as_csv, bsns, counts
from tests.support.house import House, SettableClock

BSN = bsns(4)


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock()


@pytest.fixture
def caseload(house: House) -> Iterator[Caseload]:
    made = Caseload(house)
    yield made
    made.close()


def row(number: int, **more: Any) -> dict[str, Any]:
    return {"bsn": BSN[number], "naam": 'Zoë; de "Wit"', "ad": "noor@uwv.example", "vanaf": "23-11-2026", **more}


def file_of(caseload: Caseload, job: dict[str, Any], **headers: str) -> Any:
    return caseload.uwv.get(f"/assignment-imports/{job['id']}/failed-rows", **headers)


@pytest.mark.parametrize("media_type", MEDIA_TYPES)
def test_mended_and_sent_again(caseload: Caseload, media_type: str) -> None:
    rows = [row(0), row(1, vanaf="31-02-2026"), row(2, naam="+31 6 12", ad="weg@uwv.example"), row(3, naam="=1+1")]
    job = caseload.done(WRITERS[media_type](rows), media_type)
    assert job["counts"] == counts(read=4, created=1, failed=3)
    assert (job["failedRowsUntil"], job["allFailedRowsKept"]) == ("2026-11-30T09:00:00.000Z", True)
    answer = file_of(caseload, job)
    body = answer.get_data()
    assert answer.mimetype == media_type
    # As it is: the same rows fail for the same reasons, and come back the same.
    again = caseload.done(body, answer.content_type)
    assert again["counts"] == counts(read=3, failed=3)
    assert [found[1:] for found in caseload.wrong(again)] == [found[1:] for found in caseload.wrong(job)]
    second = file_of(caseload, again).get_data()
    assert second == body
    assert BSN[0].encode() not in body or media_type == XLSX
    mended = body if media_type != XLSX else None
    if mended is None:
        book = load_workbook(io.BytesIO(body))
        sheet = book.worksheets[0]
        assert BSN[0] not in {cell.value for line in sheet.rows for cell in line}
        for line in sheet.iter_rows(min_row=2):
            for cell in line[1:]:
                cell.value = _mend(cell.value)
        out = io.BytesIO()
        book.save(out)
        mended = out.getvalue()
    else:
        mended = _mend(mended.decode("utf-8")).encode()
    assert caseload.done(mended, media_type)["counts"] == counts(read=3, created=3)


def _mend(text: Any) -> Any:
    """What somebody would do with it."""
    for wrong, right in (
        ("31-02-2026", "1-12-2026"),
        ("weg@", "noor@"),
        ("'=1+1", "Jo"),
        ("=1+1", "Jo"),
        ("=()", "Jo"),
    ):
        text = text.replace(wrong, right) if text is not None else None
    return text


def test_a_table_says_what_is_wrong(caseload: Caseload) -> None:
    job = caseload.done(as_csv([row(1, vanaf="31-02-2026")]))
    dutch = file_of(caseload, job).get_data().decode("utf-8-sig").splitlines()
    english = file_of(caseload, job, Accept_Language="en").get_data().decode("utf-8-sig").splitlines()
    assert (dutch[0], english[0]) == ("fout;bsn;naam;ad;vanaf", "error;bsn;naam;ad;vanaf")
    assert dutch[1].startswith("vanaf: Gebruik een bestaande datum")
    assert english[1].startswith("vanaf: Use an existing date")


def test_lines_that_are_no_json_come_back_too(caseload: Caseload) -> None:
    body = b'{"bsn": 1}\nno json\n[1]\n\xff\xfe\n{"bsn": "1", "kleur": "rood"}\n'
    job = caseload.done(body, NDJSON)
    assert file_of(caseload, job).get_data() == body


def test_they_are_sealed_and_many_come_in_pieces(
    caseload: Caseload, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(failed, "_PIECE", 200)
    monkeypatch.setattr(runner, "PIECE_ROWS", 5)
    rows = [row(1, naam=f"Naam {at}", vanaf="x") for at in range(12)]
    for media_type in (CSV, XLSX):
        job = caseload.done(WRITERS[media_type](rows), media_type)
        with house.database.reading() as uow:
            sealed = uow.session.scalars(select(ImportFailed.sealed).where(ImportFailed.job_id == job["id"])).all()
        assert len(sealed) >= 3
        assert not any(BSN[1].encode() in each or b"Naam" in each for each in sealed)
        again = caseload.done(file_of(caseload, job).get_data(), media_type)
        assert again["counts"] == counts(read=12, failed=12)


def test_no_more_than_there_is_room_for(caseload: Caseload, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [row(1, vanaf="x") for _ in range(5)]
    for limit, value, kept in (("MAX_ROWS", 3, 3), ("MAX_SIZE", 110, 2)):
        with monkeypatch.context() as patch:
            patch.setattr(failed, limit, value)
            job = caseload.done(rows)
        assert (job["counts"]["failed"], job["allFailedRowsKept"]) == (5, False)
        assert file_of(caseload, job).get_data().count(b"\r\n") == 1 + kept
    # A row longer than any line could be: not kept, and nothing else is lost by it.
    wide = [row(1, naam="y" * 32_000, email="z" * 32_000, achtervang="a" * 2_000), row(2, vanaf="x")]
    job = caseload.done(WRITERS[XLSX](wide), XLSX)
    assert (job["counts"]["failed"], job["allFailedRowsKept"]) == (2, False)


def test_to_give_many_takes_no_memory(house: House, caseload: Caseload) -> None:
    """As many as there may be, and as large: a piece at a time."""
    job = caseload.done([row(1, vanaf="x")])
    content = b'{"first":["naam"],"rows":[' + b",".join([b'[[],["%s"]]' % (b"x" * 2000)] * 50) + b"]}"
    with house.database.transaction() as uow:
        for number in range(1, 80):
            sealed = uow.vault.seal_bytes("import_failed", str(number), job["id"], content)
            uow.add(ImportFailed(job_id=job["id"], number=number, sealed=sealed))
    for media_type in (CSV, XLSX):
        with house.database.transaction() as uow:
            found = uow.session.get_one(ImportJob, job["id"])
            found.media_type = media_type
            file = failed.as_file(uow, found, "x")
        assert file.following is not None
        tracemalloc.start()
        size = len(file.body)
        with house.database.reading() as uow:
            while (piece := file.following(uow)) is not None:
                size += len(piece)
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
        tracemalloc.stop()
        assert size > (7_500_000 if media_type == CSV else 20_000)


# --- What a kind may add ----------------------------------------------------------------------------------------


@pytest.fixture
def named(caseload: Caseload, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The caseload, whose sender calls things otherwise, and which is counted."""
    headings = {"Wie": "caseworker", "Nr.": "bsn", "Inkomen": PASSED_OVER}

    def handle(uow: Any, job: ImportJob, rows: Any, named: Any) -> None:
        tally(job, "names", [str(each.data.get("name")) for each in rows])
        operations.handle(uow, job, rows, named)

    kind = replace(
        operations.KIND,
        headings=lambda uow, job: OwnNames(headings, {"caseworker": {"N": "noor@uwv.example"}}, "/v1/here"),
        handle=handle,
        review=lambda uow, job: [
            Remark("same-name", Text(f"Ze heten {name}.", f"Called {name}."), count)
            for name, count in tallied(job, "names").items()
            if count > 1
        ],
    )
    monkeypatch.setattr(RUNNER, "kind", kind)
    return headings


def test_own_names_are_understood_and_what_nobody_asked_for_is_not_kept(
    caseload: Caseload, house: House, named: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "PIECE_ROWS", 2)
    rows = [{"Nr.": bsn, "Wie": "n", "naam": "Jo", "Inkomen": "3000"} for bsn in [*BSN[:3], "123456789"]]
    for media_type in (CSV, NDJSON):
        caseload.send(WRITERS[media_type](rows), media_type)
        with house.database.transaction() as uow:
            [job_id] = RUNNER.due(uow, 1)
            RUNNER.fire(uow, job_id)
        # The names are those with which the file was begun, also for another worker.
        named["Wie"] = "backup"
        RUNNER._open.clear()
        caseload.worker.run_until_idle()
        named["Wie"] = "caseworker"
        job = caseload.uwv.get(f"/assignment-imports/{job_id}").get_json()
        assert (job["problem"], job["counts"]["read"], job["counts"]["failed"]) == (None, 4, 1)
        assert caseload.wrong(job) == [(5 if media_type == CSV else 4, "Nr.", "invalid-bsn")]
        found = file_of(caseload, job).get_data()
        assert b"3000" not in found
        assert b"Nr." in found
        assert job["remarks"] == [{"code": "same-name", "detail": "Ze heten Jo.", "count": 4}]
        with house.database.reading() as uow:
            assert uow.session.get_one(ImportJob, job_id).tally is None
    missing = caseload.done(b"Nr.;Wie;Loon\r\n")
    assert "PUT /v1/here" in missing["problem"]["detail"]
    assert "3 (Loon)" in missing["problem"]["detail"]
