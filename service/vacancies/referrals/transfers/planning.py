"""What a transfer would do: which vacancies go over, and how each stands afterwards. Writes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from sqlalchemy import Select, select

from service.access.actor import Actor
from service.access.models import Party
from service.access.rules import PartyKind
from service.kernel.chunks import chunks
from service.kernel.database import UnitOfWork
from service.kernel.problems import FieldError, forbidden, invalid_field, invalid_input, unknown_reference
from service.kernel.text import Text
from service.vacancies.candidates.models import Candidate
from service.vacancies.models import Vacancy
from service.vacancies.pools import handing_over
from service.vacancies.proposals.models import Proposal
from service.vacancies.referrals.models import Referral
from service.vacancies.referrals.rules import LIVE_REFERRAL, TARGETS
from service.vacancies.referrals.transfers.rules import (
    MOST_REFERRALS,
    Standing,
    carried_over,
    joined,
    usual_role,
)

_ABOUT: Final = ("id", "vacancy_id", "version", "because", *Standing.__slots__)
_KEEPERS: Final = (PartyKind.DESK, PartyKind.OPERATOR)


class Going(NamedTuple):
    """A referral that goes over: as it was, what the new party had of that vacancy, and how it stands then."""

    old: Any
    own: Any | None
    after: Standing


@dataclass(slots=True)
class Plan:
    old: Party
    new: Party
    going: list[Going] = field(default_factory=list)
    candidates: list[Any] = field(default_factory=list)
    proposals: list[Any] = field(default_factory=list)
    memberships: int = 0

    @property
    def vacancy_ids(self) -> list[str]:
        return [each.old.vacancy_id for each in self.going]

    def figures(self) -> dict[str, int]:
        leads = [each.old.employer_id for each in self.going if each.old.lead]
        return {
            "referrals": len(self.going),
            "joined": sum(each.own is not None for each in self.going),
            "leads": len(leads),
            "employers": len(set(leads)),
            "proposals": len(self.proposals),
            "candidates": len(self.candidates),
            "memberships": self.memberships,
        }


def make(uow: UnitOfWork, actor: Actor, data: Mapping[str, Any], *, lock: bool) -> Plan:
    """The plan for what was sent. With `lock` nobody else moves these vacancies until the end of the transaction.

    Raises 400 with all that is wrong, 403 for memberships that the actor does not keep.
    """
    old, new = _parties(uow, actor, data)
    plan = Plan(old, new)
    which = _which(old, data.get("referral_ids"))
    held = _lock(uow, which, new) if lock else None
    _check_named(uow, old, data.get("referral_ids"))
    _fill(uow, plan, which, held)
    if data["candidates"]:
        plan.candidates = _candidates(uow, old, lock=lock)
    plan.proposals = _proposals(uow, plan, with_led=data["candidates"], lock=lock)
    if data["memberships"]:
        plan.memberships = len(handing_over.running(uow, old.id, old.kind))
    return plan


# --- Who --------------------------------------------------------------------------------------------------------


def _parties(uow: UnitOfWork, actor: Actor, data: Mapping[str, Any]) -> tuple[Party, Party]:
    errors: list[FieldError] = []
    receives = actor.kind in TARGETS
    if "from_id" not in data and not receives:
        raise invalid_field("/fromId", "required", "Dit veld is verplicht.", "This field is required.")
    old = uow.session.get(Party, data.get("from_id", actor.party.id))
    new = uow.session.get(Party, data["to_id"])
    if old is None or old.kind not in TARGETS or not (actor.kind in _KEEPERS or actor.acts_for(old.id)):
        errors.append(unknown_reference("/fromId"))
    if new is None or new.kind not in TARGETS:
        errors.append(unknown_reference("/toId"))
    if errors or old is None or new is None:
        raise invalid_input(errors)
    if old.id == new.id:
        text = Text("Dit is al de partij die ze heeft.", "This is the party that has them.")
        errors.append(FieldError("same-party", text, pointer="/toId"))
    if data["candidates"] and usual_role(new.kind) is None:
        text = Text("Deze partij kan geen regie hebben.", "This party cannot have the lead.")
        errors.append(FieldError("cannot-lead", text, pointer="/candidates"))
    if data["memberships"] and (new.kind is not old.kind or new.kind is PartyKind.DESK):
        text = Text(
            "Lidmaatschappen gaan alleen van WSP naar WSP, of van pool naar pool.",
            "Memberships go from WSP to WSP, or from pool to pool.",
        )
        errors.append(FieldError("other-kind", text, pointer="/memberships"))
    if errors:
        raise invalid_input(errors)
    if data["memberships"] and actor.kind not in _KEEPERS:
        raise forbidden(
            "Lidmaatschappen van pools houdt het Servicepunt bij. Vraag het daar.",
            "The desk keeps the memberships of pools. Ask it.",
        )
    return old, new


# --- Which referrals --------------------------------------------------------------------------------------------


def _which(old: Party, named: Sequence[str] | None) -> Select[Any]:
    wanted = select(Referral.vacancy_id).where(Referral.party_id == old.id, Referral.status.in_(sorted(LIVE_REFERRAL)))
    return wanted if named is None else wanted.where(Referral.id.in_(named))


def _check_named(uow: UnitOfWork, old: Party, named: Sequence[str] | None) -> None:
    if named is None:
        return
    own = select(Referral.id, Referral.status).where(
        Referral.id.in_(named), Referral.party_id == old.id, Referral.passed_on_at.is_(None)
    )
    found = {row.id: row.status for row in uow.execute(own)}
    over = Text(
        "Deze doorgeleiding is gesloten, afgewezen of teruggegeven. Er is niets meer over te dragen.",
        "This referral was closed, declined or returned. There is nothing left to pass on.",
    )
    errors = [
        unknown_reference(f"/referralIds/{at}")
        if each not in found
        else FieldError("referral-not-live", over, pointer=f"/referralIds/{at}")
        for at, each in enumerate(named)
        if found.get(each) not in LIVE_REFERRAL
    ]
    if errors:
        raise invalid_input(errors)


def _lock(uow: UnitOfWork, which: Select[Any], new: Party) -> set[str]:
    """Vacancies first, then their referrals with either party, each in the order of ids: as everybody locks."""
    vacancies = select(Vacancy.id).where(Vacancy.id.in_(which)).order_by(Vacancy.id).with_for_update()
    held = list(uow.execute(vacancies).scalars())
    for some in chunks(held):
        both = select(Referral.id).where(uow.among(Referral.vacancy_id, some)).order_by(Referral.id)
        uow.execute(both.with_for_update())
    return set(held)


def _fill(uow: UnitOfWork, plan: Plan, which: Select[Any], held: set[str] | None) -> None:
    columns = [getattr(Referral, name) for name in _ABOUT]
    live = Referral.status.in_(sorted(LIVE_REFERRAL))
    wanted = (
        select(*columns, Vacancy.employer_id, Vacancy.status.label("vacancy_status"), Vacancy.chase_after)
        .join(Vacancy, Vacancy.id == Referral.vacancy_id)
        .where(Referral.party_id == plan.old.id, live, Referral.vacancy_id.in_(which))
        .order_by(Referral.vacancy_id)
        .limit(MOST_REFERRALS + 1)
    )
    # One that came while we waited for the others is not held, and stays for the next time.
    rows = [row for row in uow.execute(wanted) if held is None or row.vacancy_id in held]
    if len(rows) > MOST_REFERRALS:
        raise invalid_field(
            "/referralIds",
            "too-many-referrals",
            f"Dit zijn er meer dan {MOST_REFERRALS}. Noem ze, in delen.",
            f"These are more than {MOST_REFERRALS}. Name them, in parts.",
        )
    own: dict[str, Any] = {}
    for some in chunks([row.vacancy_id for row in rows]):
        there = select(*columns).where(Referral.party_id == plan.new.id, live, uow.among(Referral.vacancy_id, some))
        own |= {row.vacancy_id: row for row in uow.execute(there)}
    for row in rows:
        mine, came = own.get(row.vacancy_id), standing(row)
        after = carried_over(came, uow.today) if mine is None else joined(standing(mine), came, uow.today)
        plan.going.append(Going(row, mine, after))


def standing(row: Any) -> Standing:
    return Standing(*(getattr(row, name) for name in Standing.__slots__))


# --- What goes along --------------------------------------------------------------------------------------------


def _candidates(uow: UnitOfWork, old: Party, *, lock: bool) -> list[Any]:
    wanted = select(Candidate.id, Candidate.person_id).where(Candidate.lead_party_id == old.id).order_by(Candidate.id)
    return list(uow.execute(wanted.with_for_update() if lock else wanted).all())


def _proposals(uow: UnitOfWork, plan: Plan, *, with_led: bool, lock: bool) -> list[Any]:
    """Those that the old party made for these vacancies, but for candidates that it leads and keeps. Where these go
    along, all that it made of them do, so that it sees nobody whom it no longer leads."""
    of_old = (
        select(Proposal.id, Proposal.vacancy_id, Proposal.status, Proposal.version)
        .add_columns(Candidate.person_id, Candidate.lead_party_id)
        .join(Candidate, Candidate.id == Proposal.candidate_id)
        .where(Proposal.proposer_party_id == plan.old.id)
        .order_by(Proposal.id)
    )
    if lock:
        of_old = of_old.with_for_update(of=Proposal)
    led = Candidate.lead_party_id == plan.old.id
    found = {row.id: row for row in uow.execute(of_old.where(led))} if with_led else {}
    for some in chunks(sorted(plan.vacancy_ids)):
        for_these = of_old.where(uow.among(Proposal.vacancy_id, some))
        found |= {row.id: row for row in uow.execute(for_these if with_led else for_these.where(~led))}
    return [found[each] for each in sorted(found)]
