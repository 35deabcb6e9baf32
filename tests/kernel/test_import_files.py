"""Files that go out come in again as they were, and what a sender calls things is understood."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from service.kernel.imports import files, remarks
from service.kernel.imports.columns import PASSED_OVER, Columns, FileProblem, OwnNames
from service.kernel.imports.files import MEDIA_TYPE, FileFormat
from service.kernel.imports.models import ImportJob
from service.kernel.imports.reading import CSV, NDJSON, open_table
from service.kernel.imports.workbook import XlsxWriter
from tests.kernel.test_imports_reading import COLUMNS, Body

TABLES = [FileFormat.CSV, FileFormat.XLSX]
CELL = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=20) | st.sampled_from(
    ["=1+1", "+31 6", "-5", "@x", "＝1", "'=1", "'a", "007", ' "a";b ', "a\nb", "a\r\nb", "=()"]  # noqa: RUF001
)


def rows_of(body: bytes, media_type: str, columns: Columns = COLUMNS) -> list[Any]:
    return list(open_table(Body(body), media_type, None, columns).rows)


@given(st.lists(st.lists(CELL, min_size=3, max_size=3), min_size=1, max_size=5), st.sampled_from(TABLES))
@settings(deadline=None, max_examples=40)
def test_what_was_read_and_written_is_read_the_same(rows: list[list[str]], form: FileFormat) -> None:
    """From what a file holds to a file that we write, and what that holds."""
    media_type = MEDIA_TYPE[form]
    write = files.writer(form, ["naam", "plaats", "dag"])
    first = rows_of(write.begin() + write.rows(rows) + write.end(), media_type)
    again = files.writer(form, ["fout", "naam", "plaats", "dag"])
    second = rows_of(again.begin() + again.rows([["wat er is", *row.sent] for row in first]) + again.end(), media_type)
    assert [(row.cells, row.findings) for row in second] == [(row.cells, row.findings) for row in first]
    assert [list(row.sent[1:]) for row in second] == [list(row.sent) for row in first]


@pytest.mark.parametrize("text", ["=HYPERLINK(1)", "+31 6 12", "-1", "@a", "\t=1", "＝1"])  # noqa: RUF001
def test_no_cell_of_a_file_of_ours_is_a_formula(text: str) -> None:
    write = files.CsvWriter(["naam"])
    assert f"'{text}" in write.rows([[text]]).decode()
    table = XlsxWriter(["naam"])
    book = load_workbook(io.BytesIO(table.begin() + table.rows([[text]]) + table.end()))
    assert book.worksheets[0]["A2"].data_type == "s"


def test_a_workbook_of_ours_is_one_to_a_spreadsheet() -> None:
    write = XlsxWriter(["bsn", "naam"])
    body = write.begin() + write.rows([["000000012", "Zoë & <Co> \x07"]]) + write.rows([["", "b"]]) + write.end()
    sheet = load_workbook(io.BytesIO(body)).worksheets[0]
    assert [[cell.value for cell in row] for row in sheet.rows] == [
        ["bsn", "naam"],
        ["000000012", "Zoë & <Co> \ufffd"],
        [None, "b"],
    ]
    assert {cell.number_format for row in sheet.rows for cell in row if cell.value} == {"@"}
    assert sheet.column_dimensions["A"].number_format == "@"
    assert sheet.freeze_panes == "A2"


# --- Own names --------------------------------------------------------------------------------------------------


def own(headings: dict[str, str], **words: dict[str, str]) -> Columns:
    return COLUMNS.with_own(OwnNames(headings, words, "/v1/here"))


def test_own_headings_go_before_ours() -> None:
    columns = own({"Roepnaam": "name", "naam": "place", "Salaris": PASSED_OVER}, place={"GR": "Groningen"})
    for body, media_type in (
        (b"naam;ROEP-NAAM;salaris\r\ngr;Jo;3000\r\nEmmen;Bo;=1\r\n", CSV),
        (b'{"naam": "gr", "roepnaam": "Jo", "Salaris": 3000}\n{"naam": "Emmen", "roepnaam": "Bo"}\n', NDJSON),
    ):
        rows = rows_of(body, media_type, columns)
        assert [row.cells for row in rows] == [{"name": "Jo", "place": "Groningen"}, {"name": "Bo", "place": "Emmen"}]
        assert not any(row.findings for row in rows)
        assert b"3000" not in rows[0].sent if media_type == NDJSON else True


def test_what_we_say_ourselves_is_passed_over() -> None:
    for heading in ("fout", "Error"):
        assert rows_of(f"{heading};naam\r\nnaam: mag niet;a\r\n".encode(), CSV)[0].cells == {"name": "a"}
    assert rows_of(b'{"fout": "x", "naam": "a"}\n', NDJSON)[0].cells == {"name": "a"}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"naam;afdeling;salaris\r\n", "De kolommen 2 (afdeling), 3 (salaris) kennen we niet."),
        (b"naam;plaats;\xc2\xa7 9\r\n", "Kolom 3 kennen we niet."),
        # No row of headings: what stands there may be about somebody.
        (b"Jo Jansen;Groningen;1-1-2026\r\n", "De kolommen 1, 2, 3 kennen we niet."),
    ],
)
def test_unknown_columns_are_named_only_where_they_are_headings(body: bytes, said: str) -> None:
    for columns in (COLUMNS, own({"x": "name"})):
        with pytest.raises(FileProblem) as caught:
            rows_of(body, CSV, columns)
        assert caught.value.text.nl.startswith(said)
        assert ("PUT /v1/here" in caught.value.text.nl) == (columns is not COLUMNS)


# --- Counting ---------------------------------------------------------------------------------------------------


def test_a_tally_is_bounded_and_never_too_high(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remarks, "MAX_TALLIED", 3)
    job = ImportJob(created_at=datetime(2026, 1, 1, tzinfo=UTC))
    for piece in (["a"] * 5 + ["b", "c", "d", "e"], ["a", "e", "e"]):
        remarks.tally(job, "x", piece)
    found = remarks.tallied(job, "x")
    assert found["a"] == 6
    assert len(found) == 3
    assert found["e"] <= 3
    assert remarks.tallied(job, "y") == {}
