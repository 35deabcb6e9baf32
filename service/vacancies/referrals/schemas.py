"""Referrals as they go out, and what their receivers answer."""

from __future__ import annotations

from service.kernel.fields import Boolean, Code, Date, Id, Moment, Nested, QueryBoolean, String
from service.kernel.schemas import Page, Schema, View, page_of
from service.reference.schemas import RegionCode
from service.vacancies.hours import WeeklyHoursView
from service.vacancies.referrals.reasons import AnswerReason
from service.vacancies.referrals.rules import ReferralOrder, ReferralReason, ReferralStatus, ReferralTarget
from service.vacancies.rules import VacancyStatus


class ReceiverView(View):
    kind = Code(ReferralTarget, required=True)
    id = Id(required=True)
    name = String(required=True)


class ReferredVacancyView(View):
    """Enough of the vacancy to choose from an inbox; the whole stands at /v1/vacancies/{id}."""

    title = String(required=True)
    status = Code(VacancyStatus, required=True)
    employer_name = String(required=True)
    municipality = String(required=True, metadata={"description": "Of the workplace"})
    region_code = String(required=True, metadata={"example": "AM01"})
    occupation_code = String(required=True)
    hours = Nested(WeeklyHoursView, required=True)
    start_date = Date(required=True, allow_none=True)


class ReferralView(View):
    id = Id(required=True)
    vacancy_id = Id(required=True)
    to = Nested(ReceiverView, required=True)
    because = Code(ReferralReason, required=True, metadata={"description": "Why it came to this party"})
    status = Code(ReferralStatus, required=True)
    reason = Code(AnswerReason, required=True, allow_none=True)
    lead = Boolean(required=True, metadata={"description": "Whether this party coordinates the search"})
    respond_by = Date(required=True, metadata={"description": "Last day to answer; looking at it is no answer"})
    sent_at = Moment(required=True)
    seen_at = Moment(required=True, allow_none=True)
    answered_at = Moment(required=True, allow_none=True)
    transferred_from = Nested(
        ReceiverView, required=True, allow_none=True, metadata={"description": "Who had the vacancy before"}
    )
    transferred_to = Nested(
        ReceiverView, required=True, allow_none=True, metadata={"description": "Who has it since it was passed on"}
    )
    vacancy = Nested(ReferredVacancyView, required=True)


class ReferralQuery(Page):
    status = Code(ReferralStatus)
    vacancy_id = Id()
    to_id = Id(metadata={"description": "Only what came to this party; the desk, which sees all, finds its own so"})
    lead = QueryBoolean(metadata={"description": "Whether its receiver has the lead for the vacancy"})
    region_code = RegionCode(metadata={"description": "Of the workplace"})
    respond_before = Date(
        metadata={"description": "Only what still waits for an answer whose last day lies before this one"}
    )
    transfer_id = Id(metadata={"description": "Only what came by this transfer"})
    sort = Code(
        ReferralOrder,
        metadata={
            "description": "`id`: as they came. `respondBy`: only what still waits for an answer, by its last day"
        },
    )


class ReferralTransition(Schema):
    to = Code(ReferralStatus, required=True)
    reason = Code(AnswerReason, metadata={"description": "With `declined` and `returned`: why"})


ReferralPage = page_of(ReferralView, "ReferralPage")
