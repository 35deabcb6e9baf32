"""Which employment is meant by an employee number that has several, and what many answers share. Pure: the day comes in
as a value."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple


class Shared(dict[str, Any]):
    """A contact answer. All that have the same object as their contact differ in employment, number and since only."""


class Term(NamedTuple):
    """One employment: its id, first day, and last day if that is known."""

    id: str
    start: date
    end: date | None

    def runs_on(self, day: date) -> bool:
        return self.start <= day and (self.end is None or day <= self.end)


def meant_by_number(terms: Iterable[Term], today: date) -> Term | None:
    """The one that runs today, else the latest; the latest start where there are several of either."""
    return max(terms, key=lambda term: (term.runs_on(today), term.start, term.id), default=None)
