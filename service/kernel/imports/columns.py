"""Columns: which heading stands for which, and what is wrong with the text in them.

A schema of `kernel.schemas` is the one truth about a row. Its fields here take what people write in spreadsheets: days
as dd-mm-yyyy, ja and nee, a comma before the decimals.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final, NamedTuple

from email_validator import EmailNotValidError, validate_email
from marshmallow import ValidationError, fields, missing

from service.kernel.fields import Boolean, Code, Date, Email, Message, Number
from service.kernel.schemas import Schema
from service.kernel.text import Text


class Finding(NamedTuple):
    """What is wrong in a row, or worth knowing. `field` is a column by its own heading; None: the whole row."""

    field: str | None
    code: str
    text: Text


class FileProblem(Exception):
    """The file as a whole cannot be read, or not any further."""

    def __init__(self, code: str, nl: str, en: str) -> None:
        super().__init__(code)
        self.code = code
        self.text = Text(nl, en)


@dataclass(slots=True)
class Row:
    """A row of a file. `number` as a spreadsheet shows it; `cells` by column, without the empty ones; `sent`: the row
    as it came, a line of bytes or the texts of all its cells. `emptied` are the columns that a row of NDJSON names
    without a value; in a table that is what has a heading and no cell."""

    number: int
    cells: dict[str, str]
    findings: list[Finding] = field(default_factory=list)
    sent: bytes | Sequence[str] = b""
    emptied: frozenset[str] = frozenset()


PASSED_OVER: Final = ""
"""Stands for the column of a heading whose cells are not looked at."""
TOLD_HEADINGS: Final = ("fout", "error")
"""What we write ourselves above what was wrong with rows that are given back: passed over when they are sent again."""


@dataclass(frozen=True)
class OwnNames:
    """What a sender calls things in its own files: for a heading the column (PASSED_OVER: it is not looked at), and for
    a column its own words with what they mean. `stored_at` is the address where this is told to us."""

    headings: Mapping[str, str]
    words: Mapping[str, Mapping[str, str]]
    stored_at: str

    def __post_init__(self) -> None:
        folded = {
            column: {text.casefold(): value for text, value in all_.items()} for column, all_ in self.words.items()
        }
        object.__setattr__(self, "words", folded)

    def as_stored(self) -> dict[str, Any]:
        """As a job keeps it."""
        return {"headings": dict(self.headings), "words": dict(self.words), "stored_at": self.stored_at}


_PLACES_TOLD: Final = 10
_PLAIN_NAME: Final = re.compile(r"[a-z][a-z0-9 _.-]{0,39}", re.IGNORECASE)


@dataclass(frozen=True)
class Columns:
    """The columns of a kind of import: for each its headings, in any case and with or without signs in between.

    The name of a column is a heading of it too. `needed`: of each of these groups at least one column must be there.
    `own`: what the sender of a file calls them, which goes before what we call them.
    """

    headings: Mapping[str, tuple[str, ...]]
    needed: tuple[tuple[str, ...], ...] = ()
    own: OwnNames | None = None

    def __post_init__(self) -> None:
        known = dict.fromkeys(TOLD_HEADINGS, PASSED_OVER)
        for name, headings in self.headings.items():
            for heading in (name, *headings):
                if known.setdefault(plain_heading(heading), name) != name:
                    raise ValueError(f"{heading} is a heading of two columns")
        if self.own is not None:
            known |= {plain_heading(heading): name for heading, name in self.own.headings.items()}
        object.__setattr__(self, "_known", known)

    def with_own(self, own: OwnNames | None) -> Columns:
        """The same columns in a file of who calls them so."""
        return self if own is None else replace(self, own=own)

    def named(self, heading: str) -> str | None:
        """The column with this heading, or PASSED_OVER; None: unknown."""
        known: dict[str, str] = self._known  # type: ignore[attr-defined]
        return known.get(plain_heading(heading))

    def of(self, headings: Sequence[str]) -> list[str]:
        """The columns of a file. Raises FileProblem where one is unknown, stands twice, or is missing."""
        names = [self.named(heading) for heading in headings]
        if None in names:
            raise self._unknown(headings, names)
        found: list[str] = []
        for number, name in enumerate(names, start=1):
            if name and name in found:
                raise FileProblem(
                    "duplicate-column",
                    f"Kolom {number} staat er twee keer in. Haal er een weg.",
                    f"Column {number} stands in it twice. Remove one.",
                )
            found.append(name or PASSED_OVER)
        for group in self._missing(found):
            columns = " / ".join(self.headings[name][0] for name in group)
            raise FileProblem("missing-column", f"De kolom {columns} ontbreekt.", f"The column {columns} is missing.")
        return found

    def _missing(self, found: Sequence[str | None]) -> list[tuple[str, ...]]:
        return [group for group in self.needed if not any(name in found for name in group)]

    def _unknown(self, headings: Sequence[str], names: Sequence[str | None]) -> FileProblem:
        """Says which. A heading is repeated only where the first row surely holds headings, and not somebody's data."""
        sure = any(names) and not self._missing(names)
        places = [
            f"{at} ({heading})" if sure and shown(heading) else str(at)
            for at, (heading, name) in enumerate(zip(headings, names, strict=True), start=1)
            if name is None
        ]
        listed = ", ".join(places[:_PLACES_TOLD]) + (", …" if len(places) > _PLACES_TOLD else "")
        one = len(places) == 1
        nl = f"{'Kolom' if one else 'De kolommen'} {listed} kennen we niet."
        en = f"Column {listed} is unknown." if one else f"Columns {listed} are unknown."
        nl += " Zet in de eerste rij de namen van de kolommen, en laat weg wat we niet vragen."
        en += " Put the names of the columns in the first row, and leave out what is not asked for."
        if self.own is not None:
            nl += f" Of leg één keer vast hoe uw kolommen heten en welke wij overslaan: PUT {self.own.stored_at}."
            en += f" Or store once what your columns are called and which are passed over: PUT {self.own.stored_at}."
        return FileProblem("unknown-column", f"{nl} Wat kan: {self.choices}.", f"{en} Possible: {self.choices}.")

    def in_our_words(self, cells: dict[str, str]) -> None:
        """Puts what the sender's own words mean in their place."""
        if self.own is not None:
            for name, words in self.own.words.items():
                if name in cells:
                    cells[name] = words.get(cells[name].casefold(), cells[name])

    @property
    def choices(self) -> str:
        return ", ".join(headings[0] for headings in self.headings.values())


def shown(heading: str) -> str | None:
    """A name from a file as we dare to repeat it: what looks like a name of a column."""
    return heading if _PLAIN_NAME.fullmatch(heading) else None


def plain_heading(heading: str) -> str:
    """What tells one heading from another: letters and digits, in any case."""
    return re.sub(r"[\W_]+", "", heading).casefold()


# --- Text in cells ----------------------------------------------------------------------------------------------

RISKY: Final = frozenset("=@+-＝＠＋－\t\r")  # noqa: RUF001
_SIGNED: Final = re.compile(r"[+-][0-9][0-9 .,()-]*")
FORMULA: Final = Message(
    "formula",
    Text(
        "Deze cel begint als een formule. Zet er alleen de waarde in.",
        "This cell begins like a formula. Put the value itself in it.",
    ),
)


def is_formula(text: str) -> bool:
    """Whether a spreadsheet that opens this text would calculate with it. A signed number is none."""
    return text[:1] in RISKY and _SIGNED.fullmatch(text) is None


class DayCell(Date):
    """A day: 2026-03-01 or 1-3-2026."""

    wrong = Message(
        "not-a-date",
        Text(
            "Gebruik een bestaande datum tussen 1900 en 2200: dd-mm-jjjj of jjjj-mm-dd.",
            "Use an existing date between 1900 and 2200: dd-mm-yyyy or yyyy-mm-dd.",
        ),
    )
    _DUTCH = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})", re.ASCII)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        if isinstance(value, str) and (dutch := self._DUTCH.fullmatch(value)):
            value = f"{dutch[3]}-{int(dutch[2]):02}-{int(dutch[1]):02}"
        return super()._deserialize(value, attr, data, **kwargs)


class YesNoCell(Boolean):
    wrong = Message("not-a-boolean", Text("Hier hoort ja of nee.", "This must be yes or no."))
    _MEANT: Final = {
        **dict.fromkeys(("ja", "j", "yes", "y", "true", "waar", "1"), True),
        **dict.fromkeys(("nee", "n", "no", "false", "onwaar", "0"), False),
    }

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> bool:
        found = self._MEANT.get(value.casefold()) if isinstance(value, str) else None
        if found is None:
            raise self.make_error("invalid")
        return found


class WordCell(Code):
    """One of a closed list: its code, or a word for it in `words`, in any case. Who reads Dutch is told the words: of
    each code the first."""

    def __init__(self, enum: type[StrEnum], words: Mapping[str, StrEnum], **kwargs: Any) -> None:
        super().__init__(enum, **kwargs)
        self._words = {word.casefold(): member.value for word, member in words.items()}
        first = {member: word for word, member in reversed(list(words.items()))}
        listed = "; ".join(first.get(member, member.value) for member in enum)
        self.wrong = Message(self.wrong.code, Text(f"Kies uit: {listed}.", self.wrong.text.en))

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> StrEnum:
        if isinstance(value, str):
            plain = value.casefold()
            value = self._words.get(plain, plain.replace(" ", "_"))
        return super()._deserialize(value, attr, data, **kwargs)


class NumberCell(Number):
    """A number with a comma or a point before its decimals."""

    _FORM = re.compile(r"-?\d{1,12}(?:[.,]\d{1,6})?", re.ASCII)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> float:
        if not isinstance(value, str) or self._FORM.fullmatch(value) is None:
            raise self.make_error("invalid")
        return super()._deserialize(float(value.replace(",", ".")), attr, data, **kwargs)


class EmailCell(Email):
    """An e-mail address. Checking one costs more than all else in a row: the part after the @ is checked once, and so
    is all of what is not plain before it."""

    _PLAIN = re.compile(r"([a-z0-9]+(?:[._+-][a-z0-9]+)*)@([^@]+)", re.ASCII | re.IGNORECASE)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        plain = self._PLAIN.fullmatch(value) if isinstance(value, str) and len(value) <= 254 else None
        if plain is not None and len(plain[1]) <= 64:
            domain = _domain(plain[2])
            if domain is not None and len(plain[1]) + len(domain) <= 200:
                return f"{plain[1]}@{domain}"
        return super()._deserialize(value, attr, data, **kwargs)


@lru_cache(maxsize=4096)
def _domain(text: str) -> str | None:
    """A domain as the library writes it; None: let it look at the whole."""
    try:
        return validate_email("x@" + text, check_deliverability=False).domain
    except EmailNotValidError:
        return None


class RowReader:
    """Reads rows with a schema: the same as `schema.load`, field by field, without what that does for nested data."""

    def __init__(self, schema: Schema) -> None:
        self._fields: list[tuple[str, str, Callable[..., Any], Sequence[Any], fields.Field[Any]]] = [
            (str(each.data_key), each.attribute or name, each._deserialize, each.validators, each)
            for name, each in schema.load_fields.items()
        ]

    def read(self, rows: Sequence[Row], headings: Mapping[str, str]) -> list[dict[str, Any]]:
        """What is right in each of these rows; what is wrong is added to its findings, by the heading of its column.

        What stands in many rows is looked at once, and nothing of it is kept.
        """
        named = {key for row in rows for key in row.cells}
        found: list[dict[str, Any]] = [{} for _ in rows]
        for key, name, deserialize, validators, each in self._fields:
            optional = not each.required and each.load_default is missing
            if optional and key not in named:
                continue
            right: dict[str, Any] = {}
            for row, values in zip(rows, found, strict=True):
                text = row.cells.get(key)
                if text is None:
                    if optional:
                        continue
                    if each.required:
                        row.findings.append(Finding(headings.get(key, key), "required", REQUIRED_CELL))
                    else:
                        values[name] = each.load_default
                elif text in right:
                    values[name] = right[text]
                else:
                    try:
                        value = deserialize(text, key, row.cells)
                        for validator in validators:
                            validator(value)
                        values[name] = right[text] = value
                    except ValidationError as error:
                        heading = headings.get(key, key)
                        row.findings.extend(Finding(heading, one.code, one.text) for one in _messages(error.messages))
        return found


REQUIRED_CELL: Final = Text("Deze cel mag niet leeg zijn.", "This cell may not be empty.")


def _messages(node: Any) -> Iterator[Message]:
    if isinstance(node, Message):
        yield node
    elif isinstance(node, (list, tuple)):
        for each in node:
            yield from _messages(each)
    elif isinstance(node, dict):
        for each in node.values():
            yield from _messages(each)
