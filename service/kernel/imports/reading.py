"""Files as a stream of numbered rows. Whatever is sent, memory holds one row and a window on the body."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import orjson

from service.kernel import strict_json
from service.kernel.csv_text import meant
from service.kernel.imports.columns import (
    FORMULA,
    PASSED_OVER,
    RISKY,
    Columns,
    FileProblem,
    Finding,
    Row,
    is_formula,
    shown,
)
from service.kernel.imports.spreadsheet import rows_of_first_sheet
from service.kernel.problems import Problem
from service.kernel.schemas import UNKNOWN
from service.kernel.text import Text

CSV: Final = "text/csv"
NDJSON: Final = "application/x-ndjson"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MEDIA_TYPES: Final = (CSV, NDJSON, XLSX)

MAX_ROWS: Final = 1_000_000
MAX_COLUMNS: Final = 100
MAX_CELL: Final = 2_000
_MAX_LINE: Final = 65_536
_WINDOW: Final = 65_536

_DISARMED: Final = "'"
_LOOKED_AT: Final = RISKY | {_DISARMED}
_ASIDE: Final = " \t\r\n\u00a0\ufeff"
_TOO_LONG: Final = Text(
    f"Deze cel heeft meer dan {MAX_CELL} tekens.", f"This cell holds more than {MAX_CELL} characters."
)


@dataclass(frozen=True)
class Table:
    """An opened file: its rows, and for each column its own heading (for NDJSON filled while reading).

    `first` is the row of headings, `names` the column of each; both empty for NDJSON.
    """

    headings: Mapping[str, str]
    rows: Iterator[Row]
    first: Sequence[str] = ()
    names: Sequence[str] = ()


def open_table(body: io.RawIOBase, media_type: str, charset: str | None, columns: Columns) -> Table:
    """The rows of a file. Raises FileProblem, also while they are read."""
    body.seek(0)
    if media_type == NDJSON:
        headings: dict[str, str] = {}
        return Table(headings, _limited(_json_rows(body, columns, headings)))
    lines = _csv_lines(body, charset) if media_type == CSV else rows_of_first_sheet(body, MAX_COLUMNS)
    first = next((line for line in lines if any(text.strip(_ASIDE) for text in line[1])), None)
    if first is None:
        raise FileProblem("empty-file", "Er staan geen rijen in.", "There are no rows in it.")
    heading = [text.strip(_ASIDE) for text in first[1]]
    while heading and not heading[-1]:
        heading.pop()
    names = columns.of(heading)
    by_column = {name: text for name, text in zip(names, heading, strict=True) if name != PASSED_OVER}
    rows = _table_rows(lines, names, by_column, columns)
    return Table(by_column, _limited(rows), heading, names)


def _limited(rows: Iterator[Row]) -> Iterator[Row]:
    for count, row in enumerate(rows, start=1):
        if count > MAX_ROWS:
            raise FileProblem(
                "too-many-rows",
                f"Er staan meer dan {MAX_ROWS} rijen in. Verdeel ze over meer bestanden.",
                f"There are more than {MAX_ROWS} rows in it. Divide them over more files.",
            )
        yield row


def _table_rows(
    lines: Iterator[tuple[int, list[str]]], names: list[str], headings: Mapping[str, str], columns: Columns
) -> Iterator[Row]:
    width = len(names)
    for number, texts in lines:
        cells = {name: text for name, each in zip(names, texts, strict=False) if name and (text := each.strip(_ASIDE))}
        row = Row(number, cells, sent=texts)
        if len(texts) > width and any(text.strip(_ASIDE) for text in texts[width:]):
            why = Text(
                "Deze rij heeft meer cellen dan er kolommen zijn. Staat er een scheidingsteken in een tekst? Zet die "
                "tekst tussen aanhalingstekens.",
                "This row has more cells than there are columns. Does a text hold the separator? Put that text in "
                "quotes.",
            )
            row.findings.append(Finding(None, "too-many-cells", why))
        elif not cells:
            continue
        _look_at_cells(row, headings, disarmed=True)
        columns.in_our_words(row.cells)
        yield row


def _look_at_cells(row: Row, headings: Mapping[str, str], *, disarmed: bool = False) -> None:
    """`disarmed`: a formula may stand behind an apostrophe, as we write it ourselves."""
    texts = row.cells.values()
    if _LOOKED_AT.isdisjoint([text[0] for text in texts]) and max(map(len, texts), default=0) <= MAX_CELL:
        return
    for name in [name for name, text in row.cells.items() if text[0] in _LOOKED_AT or len(text) > MAX_CELL]:
        text = row.cells[name]
        if disarmed and text[0] == _DISARMED:
            row.cells[name] = text = meant(text).strip(_ASIDE) or text
        if is_formula(text):
            row.findings.append(Finding(headings.get(name, name), FORMULA.code, FORMULA.text))
        elif len(text) > MAX_CELL:
            row.findings.append(Finding(headings.get(name, name), "wrong-length", _TOO_LONG))
        else:
            continue
        del row.cells[name]


# --- CSV --------------------------------------------------------------------------------------------------------

_ENCODINGS: Final = {
    **dict.fromkeys(("utf-8", "utf8", "us-ascii"), "utf-8"),
    **dict.fromkeys(("windows-1252", "cp1252", "iso-8859-1", "iso-8859-15", "latin1"), "cp1252"),
}


def _csv_lines(body: io.RawIOBase, charset: str | None) -> Iterator[tuple[int, list[str]]]:
    encoding = _encoding(body, charset)
    body.seek(0)
    # A body is a file that is read forwards; the wrapper closes nothing that somebody else needs.
    text = io.TextIOWrapper(io.BufferedReader(body, _WINDOW), encoding, newline="")
    lines = _lines(text)
    first = next(lines, "")
    named = first.strip().casefold()
    skipped = 0
    if named in ("sep=;", "sep=,"):
        separator = named[-1]
        skipped = 1
    else:
        separator = _separator(first)
        lines = _with_first(first, lines)
    reader = csv.reader(lines, delimiter=separator, strict=True)
    number = skipped
    try:
        for cells in reader:
            number += 1
            if len(cells) > MAX_COLUMNS:
                raise _too_many_columns()
            yield number, cells
    except csv.Error:
        raise FileProblem(
            "broken-row",
            f"Rij {number + 1} is niet te lezen. Staat er een aanhalingsteken open, of een los aanhalingsteken in een "
            "tekst?",
            f"Row {number + 1} cannot be read. Is there a quote that is not closed, or a single quote in a text?",
        ) from None


def _separator(line: str) -> str:
    """What stands between the headings, outside quotes."""
    outside = "".join(line.split('"')[::2])
    return ";" if outside.count(";") >= outside.count(",") and ";" in outside else ","


def _with_first(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest


def _lines(text: io.TextIOWrapper) -> Iterator[str]:
    while line := text.readline(_MAX_LINE):
        if len(line) == _MAX_LINE and line[-1] not in "\r\n":
            raise _line_too_long()
        yield line


def _encoding(body: io.RawIOBase, charset: str | None) -> str:
    """UTF-8, with or without a byte order mark, else the Windows encoding of western Europe: as the sender says, or as
    the whole of the file allows."""
    start = body.read(4) or b""
    body.seek(0)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise _unreadable()
    if charset is not None:
        named = _ENCODINGS.get(charset.casefold())
        wanted = [] if named is None else [named]
    else:
        wanted = ["utf-8"] if start.startswith(codecs.BOM_UTF8) else ["utf-8", "cp1252"]
    for encoding in wanted:
        if _fits(body, encoding):
            return "utf-8-sig" if encoding == "utf-8" else encoding
    raise _unreadable()


def _fits(body: io.RawIOBase, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    body.seek(0)
    try:
        while part := body.read(_WINDOW):
            decoder.decode(part)
        decoder.decode(b"", True)
    except UnicodeDecodeError:
        return False
    return True


def _unreadable() -> FileProblem:
    return FileProblem(
        "unreadable-text",
        "De tekens zijn niet te lezen. Bewaar het bestand als 'CSV UTF-8'.",
        "The characters cannot be read. Save the file as 'CSV UTF-8'.",
    )


def _line_too_long() -> FileProblem:
    return FileProblem(
        "line-too-long",
        "Een regel is langer dan 65.000 tekens. Staat elke rij op een eigen regel?",
        "A line is longer than 65,000 characters. Does each row stand on a line of its own?",
    )


def _too_many_columns() -> FileProblem:
    return FileProblem(
        "too-many-columns",
        f"Er zijn meer dan {MAX_COLUMNS} kolommen.",
        f"There are more than {MAX_COLUMNS} columns.",
    )


# --- NDJSON -----------------------------------------------------------------------------------------------------


def _json_rows(body: io.RawIOBase, columns: Columns, headings: dict[str, str]) -> Iterator[Row]:
    raw = io.BufferedReader(body, _WINDOW)
    number = 0
    while line := raw.readline(_MAX_LINE):
        if len(line) == _MAX_LINE and not line.endswith(b"\n"):
            raise _line_too_long()
        number += 1
        if number == 1:
            line = line.removeprefix(codecs.BOM_UTF8)
        if not line.strip():
            continue
        row = _json_row(number, line, columns, headings)
        columns.in_our_words(row.cells)
        yield row


def _json_row(number: int, line: bytes, columns: Columns, headings: dict[str, str]) -> Row:
    row = Row(number, {}, sent=line.rstrip(b"\r\n"))
    try:
        value = strict_json.loads(line)
    except Problem as problem:
        row.findings.append(Finding(None, problem.code, problem.detail))
        return row
    if not isinstance(value, dict):
        why = Text("Op elke regel hoort één JSON-object.", "Each line must be one JSON object.")
        row.findings.append(Finding(None, "not-an-object", why))
        return row
    passed_over = set()
    for key, item in value.items():
        name = columns.named(key)
        if name == PASSED_OVER:
            passed_over.add(key)
            continue
        if name is None:
            row.findings.append(Finding(shown(key), UNKNOWN.code, UNKNOWN.text))
            continue
        text = _as_text(item)
        if text is None:
            wrong = Text("Hier hoort tekst, een getal, true of false.", "This must be text, a number, true or false.")
            row.findings.append(Finding(key, "not-text", wrong))
        elif name in row.cells:
            row.findings.append(Finding(key, "duplicate-column", Text("Staat er twee keer.", "Stands here twice.")))
        elif text := text.strip(_ASIDE):
            headings.setdefault(name, key)
            row.cells[name] = text
        else:
            row.emptied |= {name}
    if passed_over:
        row.sent = orjson.dumps({key: item for key, item in value.items() if key not in passed_over})
    _look_at_cells(row, headings)
    return row


def _as_text(value: object) -> str | None:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    return value if isinstance(value, str) else None
