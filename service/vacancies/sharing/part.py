"""What the shared list adds to the room."""

from __future__ import annotations

from service.kernel.room import Permission, Room, Timer
from service.vacancies.sharing import grouping, mailing
from service.vacancies.sharing.models import VacancySubscription
from service.vacancies.sharing.operations import visible_subscriptions
from service.vacancies.sharing.routes import routes
from service.vacancies.sharing.rules import SUBSCRIBE

PART = Room(
    name="vacancies.sharing",
    routes=(routes,),
    permissions=(
        Permission(
            "vacancies:subscribe", SUBSCRIBE, "Follow the open vacancies of regions, by a feed and a weekly digest"
        ),
    ),
    visible={VacancySubscription: visible_subscriptions},
    timers=(
        Timer("vacancies.digest", mailing.due, mailing.fire),
        Timer("vacancies.ungrouped", grouping.due, grouping.fire, grouping.fire_many),
    ),
    mails={mailing.ASKED_MAIL: mailing.asked_mail, mailing.DIGEST_MAIL: mailing.digest_mail},
)
