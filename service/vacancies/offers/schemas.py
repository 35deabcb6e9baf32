"""Offers of a candidate in a pool, as they come in and go out."""

from __future__ import annotations

from service.kernel.fields import Code, Date, Id, Moment, Nested, QueryBoolean, String
from service.kernel.schemas import Page, Schema, View, page_of
from service.vacancies.consent import ConsentBody
from service.vacancies.offers.rules import OfferEnd, TakenBack
from service.vacancies.rules import ConsentHow


class OfferBody(Schema):
    pool_id = Id(required=True)
    consent = Nested(
        ConsentBody, required=True, metadata={"description": "What the person said to being shown in this pool"}
    )


class OfferConsentView(View):
    how = Code(ConsentHow, required=True)
    asked_by = String(required=True)
    on = Date(required=True)


class OfferView(View):
    """A pool reads its own while they last, without the consent."""

    id = Id(required=True)
    candidate_id = Id(required=True)
    pool_id = Id(required=True)
    pool = String(required=True, metadata={"description": "The pool's name"})
    consent = Nested(OfferConsentView, required=True, allow_none=True)
    offered_at = Moment(required=True)
    ended_at = Moment(required=True, allow_none=True)
    end_reason = Code(OfferEnd, required=True, allow_none=True)


class OfferQuery(Page):
    current = QueryBoolean(metadata={"description": "true: only those that last"})


class OfferEndQuery(Schema):
    reason = Code(
        TakenBack,
        load_default=TakenBack.CONSENT_WITHDRAWN,
        metadata={"description": "`consent_withdrawn` when left out. Never told to the pool"},
    )


OfferPage = page_of(OfferView, "PoolOfferPage")
