"""What people read of a transfer: one mail for each party, however many vacancies went over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select

from service.access.models import Party
from service.kernel.database import UnitOfWork
from service.kernel.room import MailText
from service.kernel.text import dutch_day
from service.vacancies.models import Vacancy
from service.vacancies.referrals.models import Referral
from service.vacancies.referrals.rules import WAITING
from service.vacancies.referrals.transfers.models import Transfer, TransferredReferral

TITLES_SHOWN = 10


def passed_on(uow: UnitOfWork, data: Mapping[str, Any]) -> MailText | None:
    """To the old party: what went over, and that it sees it no longer."""
    row, old, new = _parties(uow, data)
    if old.email is None:
        return None
    return MailText(
        old.email,
        f"Overgedragen aan {new.name}: {_vacancies(row.referrals)}",
        (
            f"Beste collega's van {old.name},",
            f"{_vacancies(row.referrals)} van u {_are(row.referrals)} overgedragen aan {new.name}. {_along(row)}",
            "U ziet deze vacatures niet meer in uw lijst. Wat u al had gedaan, is mee overgegaan.",
            f"Nummer van deze overdracht: {row.id}",
        ),
    )


def taken_over(uow: UnitOfWork, data: Mapping[str, Any]) -> MailText | None:
    """To the new party: what came, and by when an answer is asked of what still waits for one."""
    row, old, new = _parties(uow, data)
    if new.email is None:
        return None
    waiting = (
        select(func.count().label("number"), func.min(Referral.respond_by).label("first"))
        .join(TransferredReferral, TransferredReferral.after_id == Referral.id)
        .where(TransferredReferral.transfer_id == row.id, Referral.status.in_(sorted(WAITING)))
    )
    found = uow.execute(waiting).one()
    number, first = found.number, found.first
    asked = (
        f"Op {_vacancies(number)} is nog geen antwoord gegeven. Laat het ons weten; de eerste uiterlijk op "
        f"{dutch_day(first)}."
        if number
        else "Op alle vacatures is al een antwoord gegeven."
    )
    return MailText(
        new.email,
        f"Overgenomen van {old.name}: {_vacancies(row.referrals)}",
        (
            f"Beste collega's van {new.name},",
            f"{_vacancies(row.referrals)} van {old.name} {_are(row.referrals)} aan u overgedragen. {_along(row)}",
            asked if row.referrals else "Er zijn geen vacatures bij.",
            f"Nummer van deze overdracht: {row.id}",
        ),
    )


def lead_passed_on(uow: UnitOfWork, data: Mapping[str, Any]) -> MailText | None:
    """To an employer: who has the lead for its vacancies now. Nothing where that is somebody else meanwhile."""
    row, old, new = _parties(uow, data)
    employer = uow.session.get_one(Party, data["employerId"])
    if employer.email is None:
        return None
    led = (
        select(Vacancy.title)
        .join(Referral, Referral.vacancy_id == Vacancy.id)
        .join(TransferredReferral, TransferredReferral.after_id == Referral.id)
        .where(TransferredReferral.transfer_id == row.id, Vacancy.employer_id == employer.id, Referral.lead)
        .order_by(Vacancy.id)
    )
    titles = list(uow.execute(led).scalars())
    if not titles:
        return None
    shown = ", ".join(f"'{title}'" for title in titles[:TITLES_SHOWN])
    more = f" en nog {len(titles) - TITLES_SHOWN}" if len(titles) > TITLES_SHOWN else ""
    reach = f" U bereikt {new.name} op {new.email}." if new.email else ""
    return MailText(
        employer.email,
        f"{new.name} zoekt nu voor u",
        (
            f"Beste {employer.name},",
            f"{old.name} zocht mensen voor {_vacancies(len(titles))} van u: {shown}{more}. "
            f"{new.name} heeft dat overgenomen en heeft nu de regie.{reach}",
            "U hoeft niets te doen. Wie al was voorgedragen, blijft voorgedragen.",
        ),
    )


def _parties(uow: UnitOfWork, data: Mapping[str, Any]) -> tuple[Transfer, Party, Party]:
    row = uow.session.get_one(Transfer, data["transferId"])
    return row, uow.session.get_one(Party, row.from_party_id), uow.session.get_one(Party, row.to_party_id)


def _vacancies(number: int) -> str:
    return f"{number} vacature" if number == 1 else f"{number} vacatures"


def _are(number: int) -> str:
    return "is" if number == 1 else "zijn"


def _along(row: Transfer) -> str:
    """What went along, where that is anything."""
    found = []
    if row.proposals:
        found.append(f"{row.proposals} " + ("voordracht" if row.proposals == 1 else "voordrachten"))
    if row.candidates:
        found.append(f"de regie over {row.candidates} " + ("kandidaat" if row.candidates == 1 else "kandidaten"))
    if row.memberships:
        found.append(f"{row.memberships} " + ("lidmaatschap" if row.memberships == 1 else "lidmaatschappen"))
    return f"Mee gingen: {', '.join(found)}." if found else ""
