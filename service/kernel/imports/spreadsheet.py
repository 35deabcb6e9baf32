"""XLSX as a stream of rows: the first sheet of a workbook, read event by event from its packed parts.

The libraries for this either hold the whole sheet in memory or take a third of a millisecond for a row, and we need
so little: texts, numbers, days, and to refuse formulas. What unpacks to too much is refused before any of it is read
(zipfile gives no more of a part than its directory promises), and so is a part with a document type, in which
entities could grow.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache
from typing import IO, Any, Final, cast
from xml.parsers import expat

from service.kernel.imports.columns import FileProblem

MAX_SHEET: Final = 1_000_000_000
MAX_TEXTS: Final = 100_000_000
MAX_PART: Final = 5_000_000
MAX_PARTS: Final = 1_000
MAX_RATIO: Final = 200
MAX_TOKEN: Final = 1_000_000
MAX_SHARED: Final = 2_000_000
MAX_FORMAT: Final = 1_000  # a spreadsheet's own limit is 255
LAST_ROW: Final = 1_048_576
MAX_TEXT: Final = 33_000  # a spreadsheet's own limit is 32,767 characters
_WINDOW: Final = 65_536

_BUILT_IN_DAYS: Final = frozenset((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)))
_BESIDE: Final = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')
_COLUMN: Final = re.compile(r"[A-Z]{1,3}")
# 1900 is no leap year, but spreadsheets believe that it is.
_DAY_ZERO: Final = date(1899, 12, 30)
_DAY_ZERO_1904: Final = date(1904, 1, 1)

# What the libraries raise for what is no spreadsheet, is cut off, or is packed in a way that they cannot open.
_BROKEN: Final = (
    zipfile.BadZipFile,
    zlib.error,
    expat.ExpatError,
    EOFError,
    KeyError,
    ValueError,
    IndexError,
    NotImplementedError,
    RuntimeError,
)

# Where somebody has put a formula, the cell reads as one.
A_FORMULA: Final = "=()"


def rows_of_first_sheet(body: io.RawIOBase, max_columns: int) -> Iterator[tuple[int, list[str]]]:
    """The number and the texts of each row that is not empty. Raises FileProblem."""
    try:
        with zipfile.ZipFile(cast(IO[bytes], body)) as book:
            _check_size(book)
            yield from _rows(book, max_columns)
    except _BROKEN:
        raise _broken() from None


def _rows(book: zipfile.ZipFile, max_columns: int) -> Iterator[tuple[int, list[str]]]:
    sheet, day_zero = _first_sheet(book)
    names = set(book.namelist())
    days = _Styles.read(book, "xl/styles.xml").days if "xl/styles.xml" in names else []
    texts = _Texts.read(book, "xl/sharedStrings.xml").found if "xl/sharedStrings.xml" in names else []
    reader = _Sheet(texts, days, day_zero, max_columns)
    # Whatever it is called: a workbook may name any part as its sheet.
    _check_part(book.getinfo(sheet), MAX_SHEET)
    with book.open(sheet) as part:
        for _ in reader.feed(part):
            yield from reader.rows
            reader.rows.clear()


def _check_size(book: zipfile.ZipFile) -> None:
    """Before anything is unpacked: what the parts say that they hold."""
    parts = book.infolist()
    if len(parts) > MAX_PARTS or len({part.filename for part in parts}) != len(parts):
        raise _broken()
    for part in parts:
        if part.flag_bits & 1:
            raise FileProblem(
                "encrypted-file",
                "Het bestand is beveiligd met een wachtwoord. Stuur het zonder.",
                "The file is protected by a password. Send it without.",
            )
        # What else zipfile can unpack, no spreadsheet writes.
        if part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise _broken()
        name = part.filename
        limit = MAX_PART
        if name.startswith("xl/worksheets/"):
            limit = MAX_SHEET
        elif name == "xl/sharedStrings.xml":
            limit = MAX_TEXTS
        elif not name.endswith((".xml", ".rels")):
            continue  # pictures and the like: never read
        _check_part(part, limit)


def _check_part(part: zipfile.ZipInfo, limit: int) -> None:
    too_dense = part.file_size > MAX_PART and part.file_size > MAX_RATIO * max(part.compress_size, 1)
    if part.file_size > limit or too_dense:
        raise _too_large()


def _too_large() -> FileProblem:
    return FileProblem(
        "unpacks-too-large",
        "Het bestand is uitgepakt te groot. Stuur het als CSV.",
        "The file is too large when unpacked. Send it as CSV.",
    )


def _broken() -> FileProblem:
    return FileProblem(
        "broken-file",
        "Dit is geen leesbaar XLSX-bestand. Bewaar het opnieuw als .xlsx, of stuur het als CSV.",
        "This is no readable XLSX file. Save it again as .xlsx, or send it as CSV.",
    )


def _first_sheet(book: zipfile.ZipFile) -> tuple[str, date]:
    workbook = _Workbook.read(book, "xl/workbook.xml")
    targets = _Relations.read(book, "xl/_rels/workbook.xml.rels").targets
    target = targets[workbook.sheets[0]]
    path = target.removeprefix("/") if target.startswith("/") else "xl/" + target
    return path, _DAY_ZERO_1904 if workbook.from_1904 else _DAY_ZERO


@lru_cache(maxsize=1024)
def _local(name: str) -> str:
    return name.rpartition("|")[2]


@lru_cache(maxsize=1024)
def _number_of(letters: str) -> int:
    """The number of a column: A is 1, AB is 28."""
    found = 0
    for letter in letters:
        found = found * 26 + ord(letter) - 64
    return found


class _Part:
    """What is taken from a part while it is parsed."""

    def __init__(self) -> None:
        self._parser = expat.ParserCreate(namespace_separator="|")
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self.start
        self._parser.EndElementHandler = self.end
        self._parser.CharacterDataHandler = self.text
        self._parser.StartDoctypeDeclHandler = self._refuse

    @classmethod
    def read(cls, book: zipfile.ZipFile, name: str) -> Any:
        made = cls()
        with book.open(name) as part:
            for _ in made.feed(part):
                pass
        return made

    def feed(self, part: IO[bytes]) -> Iterator[None]:
        fed = 0
        while piece := part.read(_WINDOW):
            self._parser.Parse(piece, False)
            fed += len(piece)
            # What is begun and not ended, such as a comment, waits in memory.
            if fed - self._parser.CurrentByteIndex > MAX_TOKEN:
                raise _broken()
            yield
        self._parser.Parse(b"", True)
        yield

    def start(self, name: str, about: dict[str, str]) -> None: ...
    def end(self, name: str) -> None: ...
    def text(self, text: str) -> None: ...

    def _refuse(self, *_: Any) -> None:
        raise _broken()


class _Workbook(_Part):
    def __init__(self) -> None:
        super().__init__()
        self.sheets: list[str] = []
        self.from_1904 = False

    def start(self, name: str, about: dict[str, str]) -> None:
        if _local(name) == "sheet":
            self.sheets.append(next(value for key, value in about.items() if _local(key) == "id" and "|" in key))
        elif _local(name) == "workbookPr":
            self.from_1904 = about.get("date1904") in ("1", "true")


class _Relations(_Part):
    def __init__(self) -> None:
        super().__init__()
        self.targets: dict[str, str] = {}

    def start(self, name: str, about: dict[str, str]) -> None:
        if _local(name) == "Relationship":
            self.targets[about["Id"]] = about["Target"]


class _Styles(_Part):
    """`days`: for each style of a cell whether it shows a number as a day."""

    def __init__(self) -> None:
        super().__init__()
        self.days: list[bool] = []
        self._formats: dict[int, bool] = {}
        self._in_cells = False

    def start(self, name: str, about: dict[str, str]) -> None:
        local = _local(name)
        if local == "numFmt":
            self._formats[int(about["numFmtId"])] = _is_of_days(about["formatCode"])
        elif local == "cellXfs":
            self._in_cells = True
        elif local == "xf" and self._in_cells:
            self.days.append(self._shows_day(int(about.get("numFmtId", "0"))))

    def end(self, name: str) -> None:
        if _local(name) == "cellXfs":
            self._in_cells = False

    def _shows_day(self, number: int) -> bool:
        return self._formats.get(number, number in _BUILT_IN_DAYS)


def _is_of_days(format_code: str) -> bool:
    if len(format_code) > MAX_FORMAT:
        raise _broken()
    return re.search(r"[dmyjhs]", _BESIDE.sub("", format_code), re.IGNORECASE) is not None


class _Texts(_Part):
    """The texts that cells share. Of a text with several fonts all parts, of a phonetic guide none."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._parts: list[str] = []
        self._length = 0
        self._in_text = False
        self._beside = 0

    def start(self, name: str, about: dict[str, str]) -> None:
        local = _local(name)
        if local == "t":
            self._in_text = not self._beside
        elif local == "si":
            self._parts = []
            self._length = 0
        elif local == "rPh":
            self._beside += 1

    def end(self, name: str) -> None:
        local = _local(name)
        if local == "t":
            self._in_text = False
        elif local == "si":
            if len(self.found) >= MAX_SHARED:
                raise _too_large()
            self.found.append("".join(self._parts))
        elif local == "rPh":
            self._beside -= 1

    def text(self, text: str) -> None:
        if self._in_text:
            self._parts.append(text)
            self._length += len(text)
            if self._length > MAX_TEXT:
                raise _broken()


class _Sheet(_Part):
    def __init__(self, texts: list[str], days: list[bool], day_zero: date, max_columns: int) -> None:
        super().__init__()
        self.rows: list[tuple[int, list[str]]] = []
        self._texts = texts
        self._days = days
        self._day_zero = day_zero
        self._max_columns = max_columns
        self._number = 0
        self._cells: list[str] = []
        self._column = 0
        self._kind = ""
        self._style = 0
        self._formula = False
        self._taking = False
        self._length = 0
        self._parts: list[str] = []

    def start(self, name: str, about: dict[str, str]) -> None:
        local = _local(name)
        if local == "c":
            self._begin_cell(about)
        elif local in ("v", "t"):
            self._taking = True
        elif local == "f":
            self._formula = True
        elif local == "row":
            self._number = int(about["r"]) if "r" in about else self._number + 1
            if not 0 < self._number <= LAST_ROW:
                raise _broken()
            self._cells = []
            self._column = 0

    def _begin_cell(self, about: dict[str, str]) -> None:
        place = about.get("r")
        if place is None:
            self._column += 1
        else:
            letters = _COLUMN.match(place)
            if letters is None:
                raise _broken()
            self._column = _number_of(letters[0])
        self._kind = about.get("t", "n")
        self._style = int(about.get("s", "0"))
        self._formula = False
        self._parts = []
        self._length = 0

    def end(self, name: str) -> None:
        local = _local(name)
        if local == "c":
            self._end_cell()
        elif local in ("v", "t"):
            self._taking = False
        elif local == "row":
            if self._cells:
                self.rows.append((self._number, self._cells))
            self._cells = []

    def text(self, text: str) -> None:
        if self._taking:
            self._parts.append(text)
            self._length += len(text)
            if self._length > MAX_TEXT:
                raise _broken()

    def _end_cell(self) -> None:
        text = A_FORMULA if self._formula else self._value("".join(self._parts))
        if not text:
            return
        if self._column > self._max_columns:
            raise FileProblem(
                "too-many-columns",
                f"Er zijn meer dan {self._max_columns} kolommen.",
                f"There are more than {self._max_columns} columns.",
            )
        cells = self._cells
        while len(cells) < self._column:
            cells.append("")
        cells[self._column - 1] = text

    def _value(self, text: str) -> str:
        kind = self._kind
        if kind == "s":
            return self._texts[int(text)] if text else ""
        if kind in ("inlineStr", "str"):
            return text
        if kind == "b":
            return "true" if text == "1" else "false"
        if kind == "d":
            return text.removesuffix("T00:00:00")
        if kind == "e" or not text:
            return text
        if self._style < len(self._days) and self._days[self._style]:
            return self._as_day(float(text))
        number = float(text)
        return str(int(number)) if number.is_integer() and abs(number) < 1e15 else text

    def _as_day(self, number: float) -> str:
        if not number.is_integer() or not 0 < number < 3_000_000:
            return str(number)
        return (self._day_zero + timedelta(days=int(number))).isoformat()
