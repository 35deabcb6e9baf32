"""What a cell names: a workplace of the employer, an organisation of jobcoaches."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple, cast

from sqlalchemy import Table, bindparam, select

from service.access.models import Party
from service.access.rules import PartyKind
from service.employers.models import Establishment
from service.kernel.database import Id, UnitOfWork
from service.kernel.imports.runner import CheckedRow
from service.kernel.prepared import Prepared
from service.kernel.text import Text

_PLACE: Final = cast(Table, Establishment.__table__)
_PLACES: Final = Prepared(
    select(_PLACE.c.id, _PLACE.c.number, _PLACE.c.name).where(
        _PLACE.c.employer_id == bindparam("employer_id", type_=Id)
    )
)

_UNKNOWN_PLACE: Final = Text("Deze vestiging kennen we niet.", "This establishment is unknown.")
_AMBIGUOUS: Final = Text("Hier zijn er meer van.", "There is more than one of these.")
_WHICH_PLACE: Final = Text("Zeg bij welke vestiging dit is.", "Say at which establishment this is.")
_NO_PLACE: Final = Text(
    "Er is nog geen vestiging vastgelegd. Doe dat eerst.", "No establishment is registered yet. Do that first."
)
_UNKNOWN_COACHES: Final = Text(
    "Deze jobcoachorganisatie kennen we niet.", "This organisation of jobcoaches is unknown."
)


class Wrong(NamedTuple):
    """Why a cell names nothing."""

    code: str
    text: Text


class Named:
    """Things by what they may be called. What has the same name as another goes by something surer."""

    def __init__(self, unknown: Text, called: Iterable[tuple[str, Sequence[str | None]]]) -> None:
        self._unknown = Wrong("unknown-reference", unknown)
        self._ids: dict[str, set[str]] = {}
        for each, names in called:
            for name in names:
                if name:
                    self._ids.setdefault(name.casefold(), set()).add(each)

    def find(self, text: str) -> str | Wrong:
        found = self._ids.get(text.casefold())
        if found is None and text.isdecimal():
            # A spreadsheet takes the zeros from the front of a number.
            found = self._ids.get(text.zfill(12))
        if found is None:
            return self._unknown
        return next(iter(found)) if len(found) == 1 else Wrong("ambiguous", _AMBIGUOUS)


class Places:
    """The establishments of an employer."""

    def __init__(self, uow: UnitOfWork, employer_id: str) -> None:
        rows = uow.find(_PLACES, {"employer_id": employer_id})
        self._named = Named(_UNKNOWN_PLACE, ((row.id, (row.id, row.number, row.name)) for row in rows))
        self._found: dict[str | None, str | Wrong] = {}
        if len(rows) == 1:
            self._found[None] = rows[0].id
        else:
            self._found[None] = Wrong("required", _WHICH_PLACE) if rows else Wrong("no-establishment", _NO_PLACE)

    def find(self, text: str | None) -> str | Wrong:
        """The one with this id, number or name; without a text the only one."""
        found = self._found.get(text)
        if found is None:
            found = self._found[text] = self._named.find(text or "")
        return found


def coaches(uow: UnitOfWork, rows: Sequence[CheckedRow]) -> Named:
    """The organisations of jobcoaches by id and name; nothing is asked where no row names one."""
    if not any("jobcoach_organisation" in row.data for row in rows):
        return Named(_UNKNOWN_COACHES, ())
    found = uow.execute(select(Party.id, Party.name).where(Party.kind == PartyKind.JOBCOACH_ORGANISATION))
    return Named(_UNKNOWN_COACHES, ((row.id, (row.id, row.name)) for row in found))
