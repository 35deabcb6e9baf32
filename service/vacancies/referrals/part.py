"""What the referrals add to the room."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from service.access.models import Party
from service.access.rules import PartyKind
from service.employers.models import Employer
from service.kernel.database import UnitOfWork
from service.kernel.room import MailText, Permission, Room, Timer
from service.kernel.text import dutch_day
from service.reference import places
from service.vacancies.models import Vacancy
from service.vacancies.referrals import joining, leaving, operations, sending
from service.vacancies.referrals.models import Referral
from service.vacancies.referrals.routes import routes
from service.vacancies.referrals.rules import WAITING
from service.vacancies.rules import VacancyStatus
from service.vacancies.wording import hours_text

_HANDLES = frozenset({PartyKind.WSP, PartyKind.MOBILITY_POOL, PartyKind.DESK})


def referral_received(uow: UnitOfWork, data: Mapping[str, Any]) -> MailText | None:
    """To a WSP or pool: a vacancy came, and by when an answer is asked. Nothing once it was answered or closed."""
    referral = uow.session.get(Referral, data["referralId"])
    if referral is None or referral.status not in WAITING:
        return None
    receiver = uow.session.get_one(Party, referral.party_id)
    if receiver.email is None:
        return None
    vacancy = uow.session.get_one(Vacancy, referral.vacancy_id)
    return MailText(
        receiver.email,
        f"Nieuwe vacature: {vacancy.title}",
        (
            f"Beste collega's van {receiver.name},",
            f"Er is een nieuwe vacature voor u: {_described(uow, vacancy)}",
            f"Kunt u iemand zoeken voor dit werk? Laat het ons weten uiterlijk op {dutch_day(referral.respond_by)}. "
            "U kunt ja zeggen, nee zeggen, of zeggen dat u nu geen ruimte heeft. Bekijken is nog geen "
            "antwoord.",
            f"Nummer van deze doorgeleiding: {referral.id}",
        ),
    )


def vacancy_not_taken(uow: UnitOfWork, data: Mapping[str, Any]) -> MailText | None:
    """To the desk: nobody took a vacancy. Nothing once somebody did, or when it is no longer open."""
    vacancy = uow.session.get(Vacancy, data["vacancyId"])
    if vacancy is None or vacancy.status is not VacancyStatus.OPEN or operations.leads_of(uow, [vacancy.id]):
        return None
    return MailText(
        uow.settings.desk_email,
        f"Niemand heeft deze vacature opgepakt: {vacancy.title}",
        (
            "Beste collega's,",
            f"Niemand heeft deze vacature op tijd opgepakt: {_described(uow, vacancy)}",
            "We hebben hem ook gestuurd naar de regio's die het dichtst bij liggen, als die er nog waren. "
            "Wilt u meezoeken?",
            f"Nummer van deze vacature: {vacancy.id}",
        ),
    )


def _described(uow: UnitOfWork, vacancy: Vacancy) -> str:
    employer = uow.session.get_one(Employer, vacancy.employer_id)
    town = places.municipality(vacancy.municipality_code)
    hours = hours_text(float(vacancy.hours_min), float(vacancy.hours_max)).nl
    where = f" in {town.name}" if town else ""
    return f"'{vacancy.title}' bij {employer.name}{where}, {hours} per week."


PART = Room(
    name="vacancies.referrals",
    routes=(routes,),
    permissions=(
        Permission(
            "referrals:read",
            _HANDLES | {PartyKind.OPERATOR},
            "See the vacancies that came to you, the desk all; transfers, the operator these alone",
        ),
        Permission(
            "referrals:handle",
            _HANDLES | {PartyKind.OPERATOR},
            "Answer the vacancies that came to you and pass them on; the operator only passes on",
        ),
    ),
    visible={Referral: operations.visible_referrals},
    timers=(Timer("vacancies.not-taken", sending.due, sending.fire), joining.BEGAN, leaving.ENDED),
    consumers=(joining.JOINED, leaving.LEFT),
    mails={
        "referral-received": referral_received,
        "vacancy-not-taken": vacancy_not_taken,
    },
)
