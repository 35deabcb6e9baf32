"""Plans and service advice as they are sent. All of it stays on UWV's side."""

from __future__ import annotations

from service.access.rules import PartyKind
from service.kernel.fields import Boolean, Code, Date, Id, Integer, List, Moment, Nested, Sentence, String
from service.kernel.schemas import Schema, View, page_of
from service.signals.plans.advice import AdviceCondition, AdviceSubject
from service.signals.plans.rules import Beside
from service.signals.rules import Readiness, Service
from service.signals.steps import PlanLead

_BESIDE = {"description": "What runs beside the service; of the purchased ones one runs at a time"}
_END = {"description": "The last day of the service; null as long as it goes on"}
_LEAD = {"description": "Who leads"}
_READINESS = {"description": "What the professional judges; null: not judged yet"}
_JOBCOACH = {"description": "The jobcoach continues beside it"}


class PlanBody(Schema):
    service = Code(Service, required=True)
    beside = List(Code(Beside), maximum=5, unique=True, load_default=list, metadata=_BESIDE)
    start_date = Date(required=True)
    end_date = Date(allow_none=True, load_default=None, metadata=_END)
    lead = Code(PlanLead, required=True, metadata=_LEAD)
    readiness = Code(Readiness, allow_none=True, load_default=None, metadata=_READINESS)
    jobcoach_continues = Boolean(load_default=False, metadata=_JOBCOACH)


class _Planned(View):
    service = Code(Service, required=True)
    beside = List(Code(Beside), required=True, metadata=_BESIDE)
    start_date = Date(required=True)
    end_date = Date(required=True, allow_none=True, metadata=_END)
    lead = Code(PlanLead, required=True, metadata=_LEAD)
    readiness = Code(Readiness, required=True, allow_none=True, metadata=_READINESS)
    jobcoach_continues = Boolean(required=True, metadata=_JOBCOACH)


class PlanView(_Planned):
    signal_id = Id(required=True)
    during_contract = Boolean(
        required=True,
        allow_none=True,
        metadata={"description": "Whether it starts while the contract runs; null without an end date"},
    )
    recorded_on = Date(required=True)


class EarlierPlanView(_Planned):
    recorded_at = Moment(required=True)
    replaced_at = Moment(required=True)
    by = Code(PartyKind, required=True, allow_none=True)


EarlierPlanPage = page_of(EarlierPlanView, "EarlierPlanPage")


class AdviceRuleView(View):
    number = Integer(required=True, minimum=1, maximum=16, metadata={"description": "The number of the domain page"})
    text = Sentence(required=True)
    source = String(required=True)


class AdviceConditionView(View):
    code = Code(AdviceCondition, required=True)
    text = Sentence(required=True)
    met = Boolean(
        required=True,
        allow_none=True,
        metadata={"description": "Whether it holds, as far as the facts tell; null: yours to judge"},
    )


class AdviceItemView(View):
    subject = Code(AdviceSubject, required=True)
    service = Code(Service, required=True, allow_none=True, metadata={"description": "Where it is about a service"})
    rule = Nested(AdviceRuleView, required=True)
    text = Sentence(required=True)
    conditions = List(Nested(AdviceConditionView), required=True)


class AdviceView(View):
    """Services to consider come first, the best first."""

    signal_id = Id(required=True)
    readiness = Code(Readiness, required=True, allow_none=True)
    end_date = Date(
        required=True, allow_none=True, metadata={"description": "The expected end, as UWV's side knows it"}
    )
    running_service = Code(Service, required=True, allow_none=True)
    note = Sentence(required=True, metadata={"description": "It explains; the professional decides"})
    items = List(Nested(AdviceItemView), required=True)
