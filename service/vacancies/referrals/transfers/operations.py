"""Passing vacancies on to another desk: trying it, doing it, and looking back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select, or_, select

from service.access.actor import Actor
from service.access.models import Party
from service.access.rules import PartyKind
from service.kernel.database import UnitOfWork
from service.kernel.ids import new_id
from service.kernel.paging import page
from service.kernel.problems import invalid_field, not_found
from service.vacancies.referrals.rules import RECEIVER, TARGETS
from service.vacancies.referrals.transfers import carrying, planning
from service.vacancies.referrals.transfers.models import Transfer
from service.vacancies.referrals.transfers.schemas import FIGURES


def visible_transfers(actor: Actor) -> Select[Any]:
    """Those from and to oneself; UWV's side and the operator see all."""
    statement = select(Transfer)
    if actor.is_uwv_side or actor.kind is PartyKind.OPERATOR:
        return statement
    own = actor.party_ids(*frozenset(RECEIVER.values()))
    return statement.where(or_(Transfer.from_party_id.in_(own), Transfer.to_party_id.in_(own)))


def transfer(uow: UnitOfWork, actor: Actor, data: Mapping[str, Any], *, dry_run: bool = False) -> dict[str, Any]:
    """Vacancies from one receiver to another in one transaction, or only what that would be."""
    actor.require(PartyKind.WSP, PartyKind.MOBILITY_POOL, PartyKind.DESK, PartyKind.OPERATOR)
    plan = planning.make(uow, actor, data, lock=not dry_run)
    figures = plan.figures()
    asked = {"with_candidates": data["candidates"], "with_memberships": data["memberships"], "reason": data["reason"]}
    if dry_run:
        return _shown(plan.old, plan.new) | asked | figures
    if not any(figures.values()):
        raise invalid_field(
            "/fromId", "nothing-to-transfer", "Er is niets over te dragen.", "There is nothing to pass on."
        )
    row = Transfer(
        id=new_id(),
        from_party_id=plan.old.id,
        to_party_id=plan.new.id,
        by_party_id=actor.party.id,
        by=actor.kind,
        at=uow.now,
        **asked,
        **figures,
    )
    uow.add(row)
    uow.flush()
    carrying.carry(uow, actor, plan, row)
    uow.flush()
    return _view(row, plan.old, plan.new)


def list_transfers(uow: UnitOfWork, actor: Actor, query: Mapping[str, Any]) -> dict[str, Any]:
    """The latest first."""
    statement = visible_transfers(actor)
    for name, column in (("from_id", Transfer.from_party_id), ("to_id", Transfer.to_party_id)):
        if name in query:
            statement = statement.where(column == query[name])
    if "reason" in query:
        statement = statement.where(Transfer.reason == query["reason"])
    answer = page(uow, statement, (Transfer.id,), query, lambda row: {"row": row}, descending=True)
    return answer | {"items": _views(uow, [each["row"] for each in answer["items"]])}


def get_transfer(uow: UnitOfWork, actor: Actor, transfer_id: str) -> dict[str, Any]:
    row = uow.session.scalars(visible_transfers(actor).where(Transfer.id == transfer_id)).one_or_none()
    if row is None:
        raise not_found()
    return _views(uow, [row])[0]


def _views(uow: UnitOfWork, rows: list[Transfer]) -> list[dict[str, Any]]:
    wanted = {party_id for row in rows for party_id in (row.from_party_id, row.to_party_id)}
    parties = {party.id: party for party in uow.session.scalars(select(Party).where(Party.id.in_(wanted)))}
    return [_view(row, parties[row.from_party_id], parties[row.to_party_id]) for row in rows]


def _view(row: Transfer, old: Party, new: Party) -> dict[str, Any]:
    names = ("id", "at", "by", "reason", "with_candidates", "with_memberships", *FIGURES)
    return _shown(old, new) | {name: getattr(row, name) for name in names}


def _shown(old: Party, new: Party) -> dict[str, Any]:
    return {
        name: {"kind": TARGETS[party.kind], "id": party.id, "name": party.name}
        for name, party in (("from_party", old), ("to_party", new))
    }
