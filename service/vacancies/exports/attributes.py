"""The attributes of VUM (exchange between organisations that help people to work), and what of ours goes into each.

Facts of the VUM Gegevensstandaard 1.5 (30 April 2026) in our own words: the lists 'Entiteiten en attributen' of
vacancies (48) and of profiles (57), and the JSON names and types of the interface contract Koppelvlak 3.0.0
(github.com/ibnext/vum-docs). Where that contract takes another type than the list, `wire_type` is the one that counts.
"""

from __future__ import annotations

import csv
import re
from functools import cache
from importlib.resources import files
from io import StringIO
from typing import Literal, NamedTuple

Part = Literal["search", "detail"]

_LONGEST = re.compile(r"(AN|N|A)(?:\.\.)?(\d+)")


class Attribute(NamedTuple):
    """One row of the standard.

    `type` as the standard writes it: N digits, AN characters, A letters, each with its greatest length, or YYYY-MM-DD.
    `profile` is the part of an answer in which it stands: `search` in both, `detail` only on asking for one. `path` is
    its place in the JSON, empty where we have nothing for it; `ours` says from which field it comes, or why not.
    """

    entity: str
    attribute: str
    type: str
    profile: Part
    wire_type: str
    path: str
    ours: str

    @property
    def sent_as(self) -> str:
        """The type that counts."""
        return self.wire_type or self.type

    @property
    def longest(self) -> int:
        """The greatest number of characters. Raises ValueError for a date."""
        found = _LONGEST.fullmatch(self.sent_as)
        if found is None:
            raise ValueError(f"{self.path} has no length")
        return int(found[2])


@cache
def vacancy_attributes() -> tuple[Attribute, ...]:
    """All attributes of a vacancy, in the order of the standard."""
    return _read("vum_vacature")


@cache
def profile_attributes() -> tuple[Attribute, ...]:
    """All attributes of the profile of who looks for work, in the order of the standard."""
    return _read("vum_werkzoekende")


@cache
def longest(path: str) -> int:
    """The greatest length of what stands at this place of a vacancy or a profile."""
    (found,) = {each.longest for each in (*vacancy_attributes(), *profile_attributes()) if each.path == path}
    return found


def _read(name: str) -> tuple[Attribute, ...]:
    table = (files(__package__) / "data" / f"{name}.csv").read_text(encoding="utf-8")
    _, *rows = csv.reader(StringIO(table))
    return tuple(Attribute._make(row) for row in rows)
