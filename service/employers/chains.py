"""Chains of fixed-term contracts: what is remembered of the earlier ones, for one person or for many at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple, cast

from sqlalchemy import Table, bindparam, select

from service.employers.models import Employment
from service.employers.rules import ContractType, chain_matters, chain_since
from service.kernel.among import among
from service.kernel.database import Id, UnitOfWork
from service.kernel.prepared import Prepared

_EMPLOYMENT: Final = cast(Table, Employment.__table__)
_EARLIER: Final = Prepared(
    select(*(_EMPLOYMENT.c[name] for name in ("person_id", "id", "start_date", "end_date"))).where(
        among(_EMPLOYMENT.c.person_id, "people"),
        _EMPLOYMENT.c.employer_id == bindparam("employer_id", type_=Id),
        _EMPLOYMENT.c.contract_type == bindparam("kind", type_=_EMPLOYMENT.c.contract_type.type),
        _EMPLOYMENT.c.created_at >= bindparam("remembered", type_=_EMPLOYMENT.c.created_at.type),
        _EMPLOYMENT.c.person_by_uwv.is_(False),
        _EMPLOYMENT.c.end_date.is_not(None),
    )
)

Terms = dict[str, tuple[date, date]]
"""The first and last days of a person's fixed-term contracts, by employment."""


class Chained(NamedTuple):
    """What of an employment says whether it continues a chain, and what is known of that until now."""

    id: str
    person_id: str | None
    person_by_uwv: bool
    start: date
    end: date | None
    contract_type: ContractType
    since: date | None
    created_at: datetime


def remembered_since(uow: UnitOfWork) -> datetime:
    """What was sent before is left out of chains for everybody: of somebody whom UWV does not know it is forgotten by
    then, and a warning would tell who that is."""
    return uow.now - timedelta(days=uow.settings.unlinked_days)


def terms_of(uow: UnitOfWork, employer_id: str, person_ids: Sequence[str]) -> dict[str, Terms]:
    """The fixed-term contracts of these people at this employer that are remembered, by person."""
    found: dict[str, Terms] = {}
    values = {
        "people": person_ids,
        "employer_id": employer_id,
        "kind": ContractType.FIXED_TERM,
        "remembered": remembered_since(uow),
    }
    # Past what the session holds back: the employment in question is not to be written before it is complete.
    for row in _EARLIER.rows(uow.driver, values):
        found.setdefault(row.person_id, {})[row.id] = (row.start_date, row.end_date)
    return found


def asks_for_terms(contract: Chained, remembered: datetime) -> bool:
    """Whether the chain is to be looked for. Not where what is known stays: of an old employment, and where nobody says
    whose it is."""
    return (
        chain_matters(contract.contract_type, contract.end)
        and contract.person_id is not None
        and contract.created_at >= remembered
    )


def is_remembered(contract: Chained, remembered: datetime) -> bool:
    """Whether `terms_of` would give this contract to those that come after it."""
    return asks_for_terms(contract, remembered) and not contract.person_by_uwv


def settled(contract: Chained, terms: Mapping[str, tuple[date, date]], remembered: datetime) -> date | None:
    """The first day of the chain that a contract continues. `terms` are those of its person.

    Nothing is said about a person whom the employer did not name.
    """
    if not chain_matters(contract.contract_type, contract.end):
        return None
    if not asks_for_terms(contract, remembered):
        return contract.since
    if contract.person_by_uwv:
        return None
    return chain_since(contract.start, [term for each, term in terms.items() if each != contract.id])
