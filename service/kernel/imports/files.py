"""Files that go out: templates, and rows to be mended. What is written here, the import reads again as it was."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Final, Protocol

import orjson

from service.kernel import csv_text
from service.kernel.endpoints import Download
from service.kernel.imports.reading import CSV, NDJSON, XLSX
from service.kernel.imports.workbook import XlsxWriter


class FileFormat(StrEnum):
    CSV = "csv"
    NDJSON = "ndjson"
    XLSX = "xlsx"


MEDIA_TYPE: Final = {FileFormat.CSV: CSV, FileFormat.NDJSON: NDJSON, FileFormat.XLSX: XLSX}
FORMAT: Final = {media_type: each for each, media_type in MEDIA_TYPE.items()}


class Writer(Protocol):
    """A table with headings. Each method gives the bytes that come next."""

    def begin(self) -> bytes: ...
    def rows(self, rows: Iterable[Sequence[str]]) -> bytes: ...
    def end(self) -> bytes: ...


class CsvWriter:
    """With a byte order mark: by that a spreadsheet knows that it is UTF-8."""

    def __init__(self, headings: Sequence[str]) -> None:
        self._headings = headings

    def begin(self) -> bytes:
        return codecs.BOM_UTF8 + csv_text.line(self._headings).encode()

    def rows(self, rows: Iterable[Sequence[str]]) -> bytes:
        return "".join(map(csv_text.line, rows)).encode()

    def end(self) -> bytes:
        return b""


def writer(form: FileFormat, headings: Sequence[str]) -> Writer:
    """For CSV and XLSX."""
    return XlsxWriter(headings) if form is FileFormat.XLSX else CsvWriter(headings)


def download(form: FileFormat, name: str, body: bytes) -> Download:
    """A file of this form, with its beginning. `name` has no ending yet."""
    charset = "; charset=utf-8" if form is FileFormat.CSV else ""
    return Download(MEDIA_TYPE[form] + charset, f"{name}.{form}", body)


def template(
    form: FileFormat, name: str, headings: Mapping[str, Sequence[str]], example: Sequence[Mapping[str, str]]
) -> Download:
    """An empty file with examples of rows. People get the first heading of each column, programs its name."""
    if form is FileFormat.NDJSON:
        return download(form, name, b"".join(orjson.dumps(row) + b"\n" for row in example))
    table = writer(form, [each[0] for each in headings.values()])
    rows = ([row.get(column, "") for column in headings] for row in example)
    return download(form, name, table.begin() + table.rows(rows) + table.end())
