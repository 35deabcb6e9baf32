"""Those who take part, as actors."""

from __future__ import annotations

from itertools import count

from service.access.actor import ActingParty, Actor
from service.access.models import Party
from service.access.rules import PartyKind
from service.employers.models import Employer
from service.kernel.database import UnitOfWork
from service.kernel.ids import new_id

_KVK_NUMBERS = count(69599084)


def add_party(
    uow: UnitOfWork, kind: PartyKind, name: str, region: str | None = None, *, email: str | None = None
) -> Actor:
    """A party of its own, with the row of an employer where it is one."""
    party_id = new_id()
    uow.add(Party(id=party_id, kind=kind, name=name, region_code=region, email=email))
    uow.flush()
    if kind is PartyKind.EMPLOYER:
        uow.add(Employer(id=party_id, name=name, kvk_number=str(next(_KVK_NUMBERS)), created_at=uow.now))
    return Actor(f"client of {name}", (ActingParty(party_id, kind, name, region),), frozenset())
