"""XLSX as a stream the other way: one sheet, made piece by piece. All cells are texts and say so, so that the zeros in
front of a number stay, also in what somebody types below."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final, cast
from xml.sax.saxutils import escape

_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_KIND: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_START: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_TEXT_STYLE: Final = 1
_HEADING_STYLE: Final = 2

_PARTS: Final = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_KIND}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_KIND}.worksheet+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_KIND}.styles+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="r1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">'
    '<sheets><sheet name="Import" sheetId="1" r:id="r1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="r1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="r2" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
    # The format 49 is "text".
    "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}">'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '</fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>',
}
# What XML 1.0 cannot hold.
_NOT_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# A part is written while it grows; a moment of writing would make two equal files differ.
_WRITTEN: Final = (1980, 1, 1, 0, 0, 0)


class _Sink(io.RawIOBase):
    """What zipfile writes to: it is given away as it comes."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        piece = bytes(cast(bytes, data))
        self._parts.append(piece)
        return len(piece)

    def take(self) -> bytes:
        taken = b"".join(self._parts)
        self._parts.clear()
        return taken


class _Book(zipfile.ZipFile):
    """Whoever reads it may go away half-way: nothing is to be closed then."""

    def __del__(self) -> None: ...


class XlsxWriter:
    """A workbook of one sheet with these headings. Each method gives the bytes that come next."""

    def __init__(self, headings: Sequence[str]) -> None:
        self._headings = headings
        self._number = 0
        self._sink = _Sink()
        self._book = _Book(self._sink, "w", zipfile.ZIP_DEFLATED)

    def begin(self) -> bytes:
        for name, part in _PARTS.items():
            self._book.writestr(_about(name), _START + part)
        self._sheet = self._book.open(_about("xl/worksheets/sheet1.xml"), "w")
        columns = f'<col min="1" max="{len(self._headings)}" width="22" style="{_TEXT_STYLE}" customWidth="1"/>'
        self._put(
            f'{_START}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
            '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
            f"<cols>{columns}</cols><sheetData>"
        )
        self._add(self._headings, _HEADING_STYLE)
        return self._sink.take()

    def rows(self, rows: Iterable[Sequence[str]]) -> bytes:
        for row in rows:
            self._add(row, _TEXT_STYLE)
        return self._sink.take()

    def end(self) -> bytes:
        self._put("</sheetData></worksheet>")
        self._sheet.close()
        self._book.close()
        return self._sink.take()

    def _add(self, row: Sequence[str], style: int) -> None:
        self._number += 1
        cells = (
            f'<c r="{_letters(at)}{self._number}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{_text(text)}'
            "</t></is></c>"
            for at, text in enumerate(row, start=1)
            if text
        )
        self._put(f'<row r="{self._number}">{"".join(cells)}</row>')

    def _put(self, text: str) -> None:
        self._sheet.write(text.encode())


def _about(name: str) -> zipfile.ZipInfo:
    about = zipfile.ZipInfo(name, _WRITTEN)
    about.compress_type = zipfile.ZIP_DEFLATED
    return about


def _text(text: str) -> str:
    return escape(_NOT_XML.sub("\ufffd", text), {"\r": "&#13;"})


@lru_cache(maxsize=1024)
def _letters(number: int) -> str:
    """The letters of a column: 1 is A, 28 is AB."""
    found = ""
    while number:
        number, rest = divmod(number - 1, 26)
        found = chr(65 + rest) + found
    return found
