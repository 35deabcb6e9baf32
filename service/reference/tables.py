"""Reading the tables in `data/`, and the form in which names are compared."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterator
from importlib.resources import files
from io import StringIO

_SEPARATORS = re.compile(r"[\W_]+")


def read_table(name: str) -> Iterator[dict[str, str]]:
    """The rows of `data/<name>.csv`, each by column name.

    Raises FileNotFoundError where the package holds no such table.
    """
    table = files(__package__) / "data" / f"{name}.csv"
    yield from csv.DictReader(StringIO(table.read_text(encoding="utf-8")))


def split_cell(cell: str) -> tuple[str, ...]:
    """The values of a cell that holds several, separated by `|`."""
    return tuple(cell.split("|")) if cell else ()


def plain_words(text: str) -> str:
    """The words of `text` without case, accents and punctuation, one space between them.

    >>> plain_words("  's-Gravenhage / Súdwest-Fryslân ")
    's gravenhage sudwest fryslan'
    """
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(character for character in decomposed if not unicodedata.combining(character))
    return _SEPARATORS.sub(" ", letters).strip()
