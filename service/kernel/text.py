"""Sentences that people read, in the two languages of the service."""

from __future__ import annotations

from contextvars import ContextVar
from datetime import date
from enum import StrEnum
from typing import NamedTuple


class Language(StrEnum):
    DUTCH = "nl"
    ENGLISH = "en"


reading_language: ContextVar[Language] = ContextVar("reading_language", default=Language.DUTCH)
"""The language of whoever reads the answer in the making."""


class Text(NamedTuple):
    """One sentence in Dutch (plain language, B1) and in English."""

    nl: str
    en: str

    def in_language(self, language: Language) -> str:
        return self.en if language is Language.ENGLISH else self.nl

    def format(self, **values: object) -> Text:
        return Text(self.nl.format(**values), self.en.format(**values))


_MONTHS = (
    *("januari", "februari", "maart", "april", "mei", "juni"),
    *("juli", "augustus", "september", "oktober", "november", "december"),
)


def dutch_day(day: date) -> str:
    """A day as Dutch e-mails write it: '4 maart 2027'."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
