"""Tables as text (RFC 4180), for programs and for spreadsheets.

Separated by semicolons: that is what spreadsheets in the Netherlands expect. A cell that a spreadsheet would take for a
formula gets an apostrophe in front.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

SEPARATOR: Final = ";"
_FORMULA: Final = tuple("=+-@\t\r\n\0＝＋－＠")  # noqa: RUF001
_TO_QUOTE: Final = re.compile(r'[;,"\r\n\t]|^\s|\s$')


def cell(text: str | None) -> str:
    """One cell; None is an empty one."""
    if not text:
        return ""
    if text.startswith(_FORMULA):
        text = "'" + text
    if _TO_QUOTE.search(text) is None:
        return text
    return '"' + text.replace('"', '""') + '"'


def meant(text: str) -> str:
    """A cell without the apostrophe that stands before what would be a formula: the other way round of `cell`."""
    return text[1:] if text.startswith("'") and text[1:].startswith(_FORMULA) else text


def line(cells: Iterable[str | None]) -> str:
    """One row, with its end."""
    return SEPARATOR.join(map(cell, cells)) + "\r\n"
