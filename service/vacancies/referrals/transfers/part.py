"""What the transfers add to the room. Their scopes are those of the referrals."""

from __future__ import annotations

from service.kernel.room import Room
from service.vacancies.referrals.transfers import mails, operations
from service.vacancies.referrals.transfers.models import Transfer
from service.vacancies.referrals.transfers.routes import routes

PART = Room(
    name="vacancies.referral-transfers",
    routes=(routes,),
    visible={Transfer: operations.visible_transfers},
    mails={
        "referrals-passed-on": mails.passed_on,
        "referrals-taken-over": mails.taken_over,
        "lead-passed-on": mails.lead_passed_on,
    },
)
