"""Files as people make them: what one writer writes is read back, and what harms is refused."""

from __future__ import annotations

import csv
import io
import json
import tracemalloc
import zipfile
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from marshmallow import ValidationError
from openpyxl import Workbook

from service.contacts.imports.schemas import COLUMNS as CASELOAD
from service.contacts.imports.schemas import AssignmentRow
from service.kernel.fields import Email
from service.kernel.imports import reading, spreadsheet
from service.kernel.imports.columns import (
    Columns,
    DayCell,
    EmailCell,
    FileProblem,
    NumberCell,
    Row,
    RowReader,
    WordCell,
    YesNoCell,
    is_formula,
)
from service.kernel.imports.reading import CSV, MAX_CELL, NDJSON, XLSX, open_table
from service.kernel.schemas import Schema

COLUMNS = Columns({"name": ("naam", "name"), "place": ("plaats", "place"), "day": ("dag",)}, needed=(("name",),))
HEADING = ["naam", "plaats", "dag"]


class Body(io.RawIOBase):
    """Bytes as a file, and how far it was read."""

    def __init__(self, data: bytes) -> None:
        self._file = io.BytesIO(data)
        self.furthest = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def readinto(self, buffer: Any) -> int:
        count = self._file.readinto(buffer)
        self.furthest = max(self.furthest, self._file.tell())
        return count


def rows_of(data: bytes, media_type: str = CSV, charset: str | None = None) -> list[Row]:
    return list(open_table(Body(data), media_type, charset, COLUMNS).rows)


def cells_of(data: bytes, media_type: str = CSV, charset: str | None = None) -> list[dict[str, str]]:
    return [row.cells for row in rows_of(data, media_type, charset)]


def problem_of(data: bytes, media_type: str = CSV, charset: str | None = None) -> str:
    with pytest.raises(FileProblem) as caught:
        rows_of(data, media_type, charset)
    assert caught.value.text.nl != caught.value.text.en
    return caught.value.code


def csv_of(rows: list[list[str]], separator: str = ";", newline: str = "\r\n", quoting: Any = csv.QUOTE_MINIMAL) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=separator, lineterminator=newline, quoting=quoting).writerows([HEADING, *rows])
    return out.getvalue()


def xlsx_of(rows: list[list[Any]]) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in [HEADING, *rows]:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


# --- What is written is read ------------------------------------------------------------------------------------

# Not what is cut away around a text, not what begins like a formula, and nothing that XML cannot hold.
TEXT = st.text(
    st.characters(codec="cp1252", exclude_categories=("Cc", "Cs", "Z")) | st.sampled_from(" ;,\"'"), max_size=30
).map(lambda text: text.strip())
TEXTS = TEXT.filter(lambda text: not is_formula(text))
ROWS = st.lists(st.lists(TEXTS, min_size=3, max_size=3).filter(any), min_size=1, max_size=8)


def expected(rows: list[list[str]]) -> list[dict[str, str]]:
    names = ("name", "place", "day")
    return [{name: text for name, text in zip(names, row, strict=True) if text} for row in rows]


@given(
    ROWS,
    st.sampled_from(";,"),
    st.sampled_from(["utf-8", "utf-8-sig", "cp1252"]),
    st.sampled_from(["\r\n", "\n", "\r"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
@settings(deadline=None, max_examples=80)
def test_csv(rows: list[list[str]], separator: str, encoding: str, newline: str, quoting: Any) -> None:
    written = csv_of(rows, separator, newline, quoting)
    charset = encoding if encoding == "cp1252" else None
    found = rows_of(written.encode(encoding), charset=charset)
    assert [row.cells for row in found] == expected(rows)
    assert [row.number for row in found] == list(range(2, len(rows) + 2))
    assert not any(row.findings for row in found)


@given(ROWS)
@settings(deadline=None, max_examples=40)
def test_ndjson(rows: list[list[str]]) -> None:
    lines = [json.dumps(dict(zip(HEADING, row, strict=True)), ensure_ascii=False) for row in rows]
    assert cells_of("\n".join(lines).encode(), NDJSON) == expected(rows)


@given(ROWS)
@settings(deadline=None, max_examples=40)
def test_xlsx(rows: list[list[str]]) -> None:
    found = rows_of(xlsx_of(rows), XLSX)
    assert [row.cells for row in found] == expected(rows)
    assert [row.number for row in found] == list(range(2, len(rows) + 2))


def test_what_a_spreadsheet_means() -> None:
    row = ["Jo", 24.5, date(2026, 3, 1)], [1234, True, datetime(2026, 3, 1, 13, 30)]  # noqa: DTZ001
    first, second = cells_of(xlsx_of(list(row)), XLSX)
    assert first == {"name": "Jo", "place": "24.5", "day": "2026-03-01"}
    assert second["name"] == "1234"
    assert second["place"] == "true"
    assert "-" not in second["day"]  # a moment is no day


def test_numbers_of_rows_are_those_of_the_sheet() -> None:
    found = rows_of(xlsx_of([["a", None, None], [None, None, None], [None, None, None], ["b", None, None]]), XLSX)
    assert [row.number for row in found] == [2, 5]
    assert [row.number for row in rows_of(b"naam\r\na\r\n\r\n;\r\nb\r\n")][:2] == [2, 4]


def test_signs_of_a_windows_program_are_read_without_being_told() -> None:
    written = "naam;plaats\r\nZoë Müller;Café €\r\n"
    for encoding in ("utf-8", "utf-8-sig", "cp1252"):
        assert cells_of(written.encode(encoding)) == [{"name": "Zoë Müller", "place": "Café €"}], encoding


def test_the_separator_that_excel_names() -> None:
    assert cells_of(b"sep=,\r\nnaam,plaats\r\na,b;c\r\n") == [{"name": "a", "place": "b;c"}]
    assert [row.number for row in rows_of(b"sep=;\r\nnaam;plaats\r\na;b\r\n")] == [3]


def test_headings_in_any_writing() -> None:
    for heading in ("NAAM", " Naam ", "name", "na_am", '"naam"'):
        assert cells_of(f"{heading};plaats\r\na;b\r\n".encode())[0]["name"] == "a"


# --- What is refused --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "media_type", "code"),
    [
        (b"", CSV, "empty-file"),
        (b"\xff\xfen\x00a\x00", CSV, "unreadable-text"),
        (b"naam;plaats\r\n\x81\x8d;x\r\n", CSV, "unreadable-text"),
        (b"\xef\xbb\xbfnaam;plaats\r\nZo\xeb;x\r\n", CSV, "unreadable-text"),  # the mark says UTF-8
        (b"naam;kleur\r\n", CSV, "unknown-column"),
        (b"plaats;dag\r\n", CSV, "missing-column"),
        (b"naam;name\r\n", CSV, "duplicate-column"),
        (b'naam;plaats\r\n"a;b\r\n', CSV, "broken-row"),
        (b"naam;plaats\r\n" + b"a" * 70_000 + b";b\r\n", CSV, "line-too-long"),
        (b"naam\r\n" + b"," * 200 + b"\r\n", CSV, "too-many-columns"),
        (b'{"naam": "' + b"a" * 70_000 + b'"}', NDJSON, "line-too-long"),
        (b"PK\x03\x04 and then nothing", XLSX, "broken-file"),
    ],
)
def test_a_file_that_cannot_be_read(data: bytes, media_type: str, code: str) -> None:
    assert problem_of(data, media_type) == code


def test_a_charset_is_believed() -> None:
    written = "naam;plaats\r\nZoë;x\r\n"
    assert problem_of(written.encode("cp1252"), charset="utf-8") == "unreadable-text"
    assert problem_of(written.encode(), charset="koi8-r") == "unreadable-text"


@pytest.mark.parametrize("text", ["=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-2+3+cmd", "\t=1", "＝1"])  # noqa: RUF001
def test_what_a_spreadsheet_would_calculate_is_refused(text: str) -> None:
    for data, media_type in (
        (csv_of([["a", text, ""]]).encode(), CSV),
        (json.dumps({"naam": "a", "plaats": text}).encode(), NDJSON),
    ):
        [row] = rows_of(data, media_type)
        assert ([each.code for each in row.findings], row.findings[0].field) == (["formula"], "plaats")
        assert "place" not in row.cells


def test_a_formula_in_a_sheet_is_refused_whatever_it_shows() -> None:
    [row] = rows_of(xlsx_of([["a", "=1+1", None]]), XLSX)
    assert [each.code for each in row.findings] == ["formula"]


@pytest.mark.parametrize("text", ["+31612345678", "-12,50", "+31 (0)6 12", "a=b", "x@example.nl"])
def test_what_only_looks_like_one_is_taken(text: str) -> None:
    assert cells_of(csv_of([["a", text, ""]]).encode()) == [{"name": "a", "place": text}]


def test_a_row_that_is_wrong_stops_no_other() -> None:
    found = rows_of(b"naam;plaats\r\na;b;c;d\r\n" + b"x" * (MAX_CELL + 1) + b";y\r\nz;z\r\n")
    assert [[each.code for each in row.findings] for row in found] == [["too-many-cells"], ["wrong-length"], []]
    lines = b'{"naam": "a"}\n[1]\n{"naam": NaN}\n{"naam": {"x": 1}}\n{"kleur": "x", "naam": "b"}\nnee\n{"naam": true}\n'
    assert [[each.code for each in row.findings] for row in rows_of(lines, NDJSON)] == [
        [],
        ["not-an-object"],
        ["malformed-json"],
        ["not-text"],
        ["unknown-field"],
        ["malformed-json"],
        [],
    ]


def packed(sheet: bytes, **more: bytes) -> bytes:
    """A workbook with this sheet, as small as one can be."""
    out = io.BytesIO()
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    parts: dict[str, str | bytes] = {
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{relations}"><sheets><sheet name="A" sheetId="1" '
        'r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
        'relationships"><Relationship Id="r1" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": sheet,
    }
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        for name, part in (parts | more).items():
            book.writestr(name, part)
    return out.getvalue()


def sheet_of(rows: bytes, before: bytes = b"") -> bytes:
    start = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    heading = b'<row r="1"><c r="A1" t="inlineStr"><is><t>naam</t></is></c></row>'
    return before + start + heading + rows + b"</sheetData></worksheet>"


def test_the_smallest_workbook() -> None:
    row = b'<row r="7"><c r="A7" t="inlineStr"><is><r><t>Jo </t></r><r><t>Vos</t></r></is></c></row>'
    [found] = rows_of(packed(sheet_of(row)), XLSX)
    assert (found.number, found.cells) == (7, {"name": "Jo Vos"})


def test_a_bomb_is_refused_before_it_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = packed(sheet_of(b" " * 60_000_000))
    assert len(bomb) < 100_000

    def unpack(*_: object) -> None:
        raise AssertionError("unpacked")

    monkeypatch.setattr(zipfile.ZipFile, "open", unpack)
    assert problem_of(bomb, XLSX) == "unpacks-too-large"


FILLING = "".join(f"{number:x}" for number in range(3_000_000)).encode()


@pytest.mark.parametrize(
    "part",
    [b"<!-- %s -->", b'<c r="A2" x="%s"/>', b'<row r="2"><c r="A2" t="inlineStr"><is><t>%s</t></is></c></row>'],
    ids=["comment", "attribute", "text"],
)
def test_what_is_loosely_packed_does_not_fill_memory(part: bytes) -> None:
    """Not dense enough to be a bomb, but one piece of it is larger than any that means something."""
    body = Body(packed(sheet_of(part % FILLING)))
    tracemalloc.start()
    try:
        with pytest.raises(FileProblem):
            list(open_table(body, XLSX, None, COLUMNS).rows)
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


def test_entities_do_not_grow() -> None:
    entities = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    row = b'<row r="2"><c r="A2" t="inlineStr"><is><t>&b;</t></is></c></row>'
    assert problem_of(packed(sheet_of(row, entities)), XLSX) == "broken-file"


def test_a_size_that_is_a_lie_is_found_out() -> None:
    """The directory says less than is packed: no more than it says is unpacked."""
    data = bytearray(packed(sheet_of(b" " * 2_000_000)))
    at = data.rindex(b"PK\x01\x02")
    assert b"sheet1" in data[at : at + 80]
    data[at + 24 : at + 28] = (1000).to_bytes(4, "little")
    assert problem_of(bytes(data), XLSX) == "broken-file"


@pytest.mark.parametrize("place", ["ZZZ2", "XFD2"])
def test_a_cell_far_away(place: str) -> None:
    row = f'<row r="2"><c r="{place}"><v>1</v></c></row>'.encode()
    assert problem_of(packed(sheet_of(row)), XLSX) == "too-many-columns"


ONE_ROW = sheet_of(b'<row r="2"><c r="A2" t="s"><v>0</v></c></row>')
TARGET = b"""<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="r1" Target="%s"/></Relationships>"""


@pytest.mark.parametrize("target", [b"../../../etc/passwd", b"/etc/passwd", b"", b"worksheets/", b"http://a.example/x"])
def test_a_sheet_that_is_elsewhere(target: bytes) -> None:
    book = packed(sheet_of(b""), **{"xl/_rels/workbook.xml.rels": TARGET % target})
    assert problem_of(book, XLSX) == "broken-file"


def test_a_bomb_under_another_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """No part is known by what it is called: a picture may be the sheet."""
    relations = {"xl/_rels/workbook.xml.rels": TARGET % b"media/image1.png"}
    assert problem_of(packed(b"", **relations, **{"xl/media/image1.png": sheet_of(b" " * 60_000_000)}), XLSX) == (
        "unpacks-too-large"
    )


def test_no_part_may_bring_entities() -> None:
    evil = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    shared = evil + b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>&a;</t></si></sst>'
    assert problem_of(packed(ONE_ROW, **{"xl/sharedStrings.xml": shared}), XLSX) == "broken-file"
    assert problem_of(packed(ONE_ROW, **{"xl/styles.xml": evil + b"<styleSheet/>"}), XLSX) == "broken-file"


def test_no_more_shared_texts_than_memory_can_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreadsheet, "MAX_SHARED", 3)
    start = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    assert cells_of(packed(ONE_ROW, **{"xl/sharedStrings.xml": start + b"<si><t>a</t></si>" * 3 + b"</sst>"}), XLSX)
    assert problem_of(packed(ONE_ROW, **{"xl/sharedStrings.xml": start + b"<si/>" * 4 + b"</sst>"}), XLSX) == (
        "unpacks-too-large"
    )


def test_a_format_that_takes_long_to_look_at() -> None:
    style = b'<styleSheet><numFmts><numFmt numFmtId="200" formatCode="%s"/></numFmts></styleSheet>' % (b"[" * 900_000)
    assert problem_of(packed(ONE_ROW, **{"xl/styles.xml": style}), XLSX) == "broken-file"


@pytest.mark.parametrize("number", [b"0", b"-1", b"1048577", b"99999999999999999999", b"9" * 5000, b"x"])
def test_a_row_that_no_sheet_has(number: bytes) -> None:
    row = b'<row r="%s"><c t="inlineStr"><is><t>a</t></is></c></row>' % number
    assert problem_of(packed(sheet_of(row)), XLSX) == "broken-file"


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_what_is_packed_otherwise(method: int) -> None:
    plain, out = zipfile.ZipFile(io.BytesIO(packed(sheet_of(b"")))), io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as book:
        for name in plain.namelist():
            book.writestr(name, plain.read(name))
    assert problem_of(out.getvalue(), XLSX) == "broken-file"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"naam;" * 10**6, "line-too-long"),
        (b"naam;" * 10_000, "too-many-columns"),
        (b'naam\r\n"' + b"x\r\n" * 300_000, "broken-row"),  # a cell that never ends
        (b"naam\r\n" + b'"' * 60_001 + b"\r\n", "broken-row"),
        (b'naam\r\n"a"b"c"\r\n', "broken-row"),
    ],
    ids=["wide", "many", "endless", "quotes", "nested"],
)
def test_rows_that_try_to_fill_memory(body: bytes, code: str) -> None:
    tracemalloc.start()
    try:
        assert problem_of(body) == code
        assert tracemalloc.get_traced_memory()[1] < 3_000_000
    finally:
        tracemalloc.stop()


def test_nested_quotes_are_text() -> None:
    [found] = cells_of(b'naam\r\n"' + b'""' * 900 + b'"\r\n')
    assert found == {"name": '"' * 900}


@given(st.binary(max_size=300))
@settings(deadline=None, max_examples=60)
def test_noise_is_refused_or_read_but_breaks_nothing(noise: bytes) -> None:
    whole = packed(sheet_of(noise))
    for data, media_type in ((noise, CSV), (b"naam;plaats\n" + noise, CSV), (noise, NDJSON), (whole, XLSX)):
        with suppress(FileProblem):
            rows_of(data, media_type)


def test_reading_is_a_stream() -> None:
    """A row is there before the rest is read (the encoding told, so that nothing is looked through first)."""
    lines = b"".join(b'{"naam": "Jo %06d"}\n' % number for number in range(50_000))
    body = Body(lines)
    table = open_table(body, NDJSON, None, COLUMNS)
    assert next(table.rows).cells == {"name": "Jo 000000"}
    assert body.furthest < 100_000
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(["naam"])
    for number in range(20_000):
        sheet.append([f"Jo {number:06}"])
    out = io.BytesIO()
    book.save(out)
    tracemalloc.start()
    try:
        assert sum(1 for _ in open_table(Body(out.getvalue()), XLSX, None, COLUMNS).rows) == 20_000
        assert tracemalloc.get_traced_memory()[1] < 3_000_000
    finally:
        tracemalloc.stop()


def test_no_more_rows_than_a_million(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_ROWS", 2)
    assert problem_of(b"naam\r\na\r\nb\r\nc\r\n") == "too-many-rows"


# --- Text in cells ----------------------------------------------------------------------------------------------


class _Cells(Schema):
    day = DayCell()
    yes = YesNoCell()
    number = NumberCell(minimum=0, maximum=100)
    email = EmailCell()


@given(st.dates(date(1900, 1, 1), date(2199, 12, 31)))
def test_a_day_in_each_writing(day: date) -> None:
    for text in (day.isoformat(), f"{day:%d-%m-%Y}", f"{day.day}-{day.month}-{day.year}", f"{day:%d/%m/%Y}"):
        assert _Cells().load({"day": text}) == {"day": day}


@pytest.mark.parametrize("text", ["31-02-2026", "2026-02-31", "1-1-26", "01-13-2026", "gisteren", "1-1-1800"])
def test_no_day(text: str) -> None:
    with pytest.raises(ValidationError):
        _Cells().load({"day": text})


def test_numbers_and_answers_as_people_write_them() -> None:
    assert _Cells().load({"number": "24,5", "yes": "Ja"}) == {"number": 24.5, "yes": True}
    assert _Cells().load({"number": "24.50", "yes": "NEE"}) == {"number": 24.5, "yes": False}
    for wrong in ({"number": "1.234,5"}, {"number": "veel"}, {"yes": "misschien"}):
        with pytest.raises(ValidationError):
            _Cells().load(wrong)


LOCAL = st.text("abcXYZ019._+-' ", min_size=1, max_size=12) | st.text("a", min_size=60, max_size=66)
DOMAIN = st.sampled_from(["example.nl", "EXAMPLE.nl", "bücher.example", "localhost", "a..b", "x.test", "", "-a.nl"])


@given(LOCAL, DOMAIN)
@settings(deadline=None)
def test_an_address_is_what_it_is_everywhere(local: str, domain: str) -> None:
    """The quick way and the library's own come to the same."""

    class Slow(Schema):
        email = Email()

    def outcome(load: Callable[[], Any]) -> Any:
        try:
            return load()
        except ValidationError:
            return None

    given_text = {"email": f"{local}@{domain}"}
    assert outcome(lambda: _Cells().load(given_text)) == outcome(lambda: Slow().load(given_text))


ROW = st.fixed_dictionaries(
    {},
    optional={
        "bsn": st.sampled_from(["123456782", "123456789", "1"]),
        "clientNumber": st.sampled_from(["C1", "x" * 60]),
        "email": st.sampled_from(["a@example.nl", "geen"]),
        "validFrom": st.sampled_from(["1-2-2026", "2026-02-01", "ooit"]),
        "disclosed": st.sampled_from(["ja", "nee", "?"]),
        "reason": st.sampled_from(["loondispensatie", "start_agreement", "niks"]),
        "postcode4": st.sampled_from(["9711", "0000"]),
        "name": st.sampled_from(["Jo", "\x07", " "]),
    },
)


@given(ROW)
@settings(deadline=None)
def test_a_row_is_read_as_its_schema_reads_it(cells: dict[str, str]) -> None:
    schema = AssignmentRow()
    row = Row(2, cells)
    [found] = RowReader(schema).read([row], {})
    right: Any
    wrong: set[str] = set()
    try:
        right = schema.load(cells)
    except ValidationError as error:
        right, wrong = error.valid_data, set(error.messages)
    assert (found, {each.field for each in row.findings}) == (right, wrong)


def test_each_column_of_the_caseload_is_a_field_of_its_schema() -> None:
    assert set(CASELOAD.headings) == {field.data_key for field in AssignmentRow().load_fields.values()}


class Shape(StrEnum):
    ROUND = "round"
    SQUARE = "square"
    OTHER = "other"


def test_who_reads_dutch_is_told_the_words_that_are_understood() -> None:
    cell = WordCell(Shape, {"rond": Shape.ROUND, "bol": Shape.ROUND, "vierkant, recht": Shape.SQUARE})
    told = cell.wrong.text
    assert told.nl == "Kies uit: rond; vierkant, recht; other."
    assert told.en == "Choose from: round, square, other."
    assert [cell.deserialize(word) for word in ("Rond", "BOL", "vierkant, recht", "other")] == [
        *(Shape.ROUND, Shape.ROUND, Shape.SQUARE, Shape.OTHER)
    ]
