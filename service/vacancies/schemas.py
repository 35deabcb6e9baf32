"""Vacancies as employers send them, and as those who look for people read them. All text in them is about work."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from marshmallow import validates_schema

from service.employers.rules import ContractType
from service.kernel.fields import Boolean, Code, Date, Id, Integer, List, Nested, String, fail_field
from service.kernel.schemas import Page, Schema, View, page_of
from service.people.schemas import WorkText
from service.reference.qualifications import DrivingLicence, LanguageLevel
from service.reference.schemas import Municipality, OccupationCode, Postcode, RegionCode
from service.reference.work_codes import WorkCondition, WorkDemand
from service.vacancies.hours import WeeklyHours, WeeklyHoursChange, WeeklyHoursView
from service.vacancies.referrals.schemas import ReceiverView
from service.vacancies.rules import JobcoachArrangement, VacancyStatus
from service.vacancies.sharing.schemas import BroughtInByView, BroughtInEmployer


class FirstStatus(StrEnum):
    """How a vacancy may begin."""

    DRAFT = "draft"
    OPEN = "open"


class WorkplaceBody(Schema):
    postcode = Postcode()
    municipality = Municipality(
        metadata={"description": "Name or CBS code; where a postcode spans two, is very new, or is left out"}
    )

    @validates_schema
    def _somewhere(self, data: Mapping[str, Any], **_: object) -> None:
        if not data:
            fail_field("postcode", "required", "Geef een postcode of een gemeente.", "Send a postcode or municipality.")


class VacancyChange(Schema):
    """What may change."""

    reference = WorkText(maximum=100, allow_none=True, metadata={"description": "The id in your own HR system"})
    title = WorkText(maximum=120)
    description = WorkText(maximum=4000, lines=True, allow_none=True)
    occupation_code = OccupationCode()
    tasks = List(WorkText(maximum=200), maximum=20)
    hours = Nested(WeeklyHoursChange, metadata={"description": "Contract hours a week"})
    start_date = Date(allow_none=True, metadata={"description": "null: a standing opening"})
    contract_type = Code(ContractType)
    positions = Integer(minimum=1, maximum=500)
    language_level = Code(LanguageLevel, allow_none=True)
    driving_licences = List(Code(DrivingLicence), unique=True)
    demands = List(
        Code(WorkDemand),
        unique=True,
        allow_none=True,
        metadata={"description": "What the work asks, see /v1/work-codes; [] says 'nothing special', null 'not said'"},
    )
    offers = List(
        Code(WorkCondition),
        unique=True,
        allow_none=True,
        metadata={"description": "What the workplace offers, see /v1/work-codes; null: not said"},
    )
    trial_placement = Boolean(metadata={"description": "You are willing to begin with a trial placement"})
    jobcoach_arrangement = Code(
        JobcoachArrangement,
        metadata={"description": "`fixed`: you work with one jobcoach organisation; candidates are told beforehand"},
    )
    jobcoach_organisation_id = Id(
        allow_none=True, metadata={"description": "With `fixed`: which organisation, where the service knows it"}
    )
    establishment_id = Id(metadata={"description": "One of your workplaces; or send `workplace`"})
    workplace = Nested(WorkplaceBody)
    expires_on = Date(metadata={"description": "The last valid day; a later day renews the vacancy"})

    @validates_schema
    def _one_place(self, data: Mapping[str, Any], **_: object) -> None:
        if "establishment_id" in data and "workplace" in data:
            fail_field(
                "workplace",
                "two-places",
                "Geef een vestiging of een werkplek, niet allebei.",
                "Send an establishment or a workplace, not both.",
            )


class VacancyBody(VacancyChange):
    """What is left out comes from the job that the signal frees, where one is named. Without one, title, occupation,
    hours, kind of contract and place are needed."""

    hours = Nested(WeeklyHours, metadata={"description": "Contract hours a week"})
    employer_id = Id(metadata={"description": "Needed only by who acts for several employers"})
    employer = Nested(BroughtInEmployer, metadata={"description": "By who brings a vacancy in: whose it is"})
    freed_by_signal_id = Id(
        metadata={"description": "The contract-end signal of the job that comes free, once its end is decided"}
    )
    status = Code(FirstStatus, load_default=FirstStatus.OPEN)


class VacancyTransition(Schema):
    to = Code(VacancyStatus, required=True)
    filled_on = Date(metadata={"description": "With `filled`: since when; today when left out"})


class WorkplaceView(View):
    name = String(required=True, allow_none=True, metadata={"description": "Of the establishment, where one is named"})
    postcode = Postcode(required=True, allow_none=True)
    municipality = String(required=True)
    municipality_code = String(required=True, metadata={"example": "GM0014"})


class VacancyView(View):
    id = Id(required=True)
    employer_id = Id(required=True)
    employer_name = String(required=True)
    reference = String(required=True, allow_none=True)
    status = Code(VacancyStatus, required=True)
    title = String(required=True)
    description = String(required=True, allow_none=True, maximum=4000)
    occupation_code = String(required=True)
    tasks = List(String(), required=True)
    hours = Nested(WeeklyHoursView, required=True)
    start_date = Date(required=True, allow_none=True)
    contract_type = Code(ContractType, required=True)
    positions = Integer(minimum=1, maximum=500, required=True)
    filled_positions = Integer(minimum=0, maximum=500, required=True)
    language_level = Code(LanguageLevel, required=True, allow_none=True)
    driving_licences = List(Code(DrivingLicence), required=True)
    demands = List(Code(WorkDemand), required=True, allow_none=True)
    offers = List(Code(WorkCondition), required=True, allow_none=True)
    trial_placement = Boolean(required=True)
    jobcoach_arrangement = Code(JobcoachArrangement, required=True)
    jobcoach_organisation_id = Id(required=True, allow_none=True)
    establishment_id = Id(required=True, allow_none=True)
    workplace = Nested(WorkplaceView, required=True)
    region_code = String(required=True, metadata={"example": "AM01"})
    freed_by_signal_id = Id(
        required=True, allow_none=True, metadata={"description": "For the employer and UWV's side; null for others"}
    )
    opened_on = Date(required=True, allow_none=True)
    expires_on = Date(required=True, allow_none=True, metadata={"description": "The last valid day"})
    filled_on = Date(required=True, allow_none=True)
    fill_days = Integer(
        minimum=0,
        maximum=100_000,
        required=True,
        allow_none=True,
        metadata={"description": "Days from the first opening to filling"},
    )
    lead = Nested(ReceiverView, required=True, allow_none=True, metadata={"description": "Who coordinates the search"})
    brought_in_by = Nested(
        BroughtInByView,
        required=True,
        allow_none=True,
        metadata={"description": "Who brought it in for the employer: for these two, WSPs and UWV's side"},
    )


class VacancyQuery(Page):
    status = Code(VacancyStatus)
    region_code = RegionCode()
    employer_id = Id()
    reference = String(maximum=100)
    freed_by_signal_id = Id()


VacancyPage = page_of(VacancyView, "VacancyPage")
