"""Candidates and matches as they come in and go out: never a name or a BSN, and never to an employer."""

from __future__ import annotations

from service.kernel.fields import (
    Code,
    Date,
    Id,
    Integer,
    List,
    Nested,
    Number,
    Pattern,
    QueryBoolean,
    QueryInteger,
    Sentence,
    String,
)
from service.kernel.schemas import Page, Schema, View, page_of
from service.people.schemas import Bsn
from service.reference.qualifications import DrivingLicence, LanguageLevel
from service.reference.schemas import OccupationCode, Postcode4
from service.reference.work_codes import WorkCondition, WorkDemand
from service.vacancies.criteria import Criterion, Result
from service.vacancies.hours import WeeklyHours, WeeklyHoursChange, WeeklyHoursView
from service.vacancies.matching import Verdict
from service.vacancies.rules import CandidateLeadRole, CandidateStatus

MOST_KILOMETRES = 300
_NULL_UNKNOWN = "null: not known; an empty list: none. See /v1/work-codes"


class LeadBody(Schema):
    party_id = Id(metadata={"description": "Your own party when left out; the desk names one"})
    role = Code(CandidateLeadRole, metadata={"description": "The usual role of that kind of party when left out"})


class CandidateChange(Schema):
    """What may change. The person stays the same; who has none yet can be given one."""

    bsn = Bsn(metadata={"description": "Links the profile to a person; never given back"})
    name = String(
        maximum=120,
        load_only=True,
        metadata={"writeOnly": True, "description": "Shown to an employer only while the person agrees to it"},
    )
    employment_id = Id(
        allow_none=True,
        load_only=True,
        metadata={"writeOnly": True, "description": "The present or last job; it frees the candidate after its end"},
    )
    occupations = List(OccupationCode(), minimum=1, maximum=10, unique=True, required=True)
    hours = Nested(WeeklyHoursChange, allow_none=True, metadata={"description": "Contract hours a week"})
    postcode4 = Postcode4(required=True)
    max_distance_km = Number(
        minimum=0, maximum=MOST_KILOMETRES, required=True, metadata={"description": "As the crow flies"}
    )
    available_from = Date(allow_none=True)
    needs = List(Code(WorkCondition), allow_none=True, unique=True, metadata={"description": _NULL_UNKNOWN})
    cannot = List(Code(WorkDemand), allow_none=True, unique=True, metadata={"description": _NULL_UNKNOWN})
    language_level = Code(LanguageLevel, allow_none=True)
    driving_licences = List(Code(DrivingLicence), allow_none=True, unique=True)
    lead = Nested(LeadBody, metadata={"description": "Who coordinates: only the lead approaches the person"})
    paused_until = Date(allow_none=True, metadata={"description": "The last day of a pause; null ends it"})


class CandidateBody(CandidateChange):
    """A new profile. Give a BSN, a name or an employment to link a person; without, no name can ever be shown."""

    hours = Nested(WeeklyHours, allow_none=True, metadata={"description": "Contract hours a week"})


class CandidateTransition(Schema):
    to = Code(CandidateStatus, required=True)
    paused_until = Date(metadata={"description": "With `paused`: the last day of the pause"})


class LeadView(View):
    party_id = Id(required=True)
    party = String(required=True, metadata={"description": "The party's name"})
    role = Code(CandidateLeadRole, required=True)


class PeriodView(View):
    first = Date(required=True)
    last = Date(required=True)


class CandidateView(View):
    """A pool that has not the lead sees place and time only as far as several of those offered there share them.

    `area` and `availablePeriod` are for everybody; `postcode4`, `availableFrom` and `pausedUntil` are null for such a
    pool, hours and distance in bands.
    """

    id = Id(required=True)
    occupations = List(String(maximum=120), required=True)
    hours = Nested(WeeklyHoursView, required=True, allow_none=True)
    postcode4 = Postcode4(required=True, allow_none=True, metadata={"description": "null: you see the area only"})
    area = Pattern(
        r"[1-9][0-9]([0-9]{2})?",
        "97",
        required=True,
        allow_none=True,
        metadata={"description": "Two or four digits of the postcode; null: you may not know it"},
    )
    max_distance_km = Number(minimum=0, maximum=MOST_KILOMETRES, required=True)
    available_from = Date(
        required=True,
        allow_none=True,
        metadata={"description": "Not before the day after the present job ends; null: not known"},
    )
    available_period = Nested(
        PeriodView,
        required=True,
        allow_none=True,
        metadata={"description": "The first day on which somebody can start lies in it; null: not known, or not shown"},
    )
    needs = List(Code(WorkCondition), required=True, allow_none=True)
    cannot = List(Code(WorkDemand), required=True, allow_none=True)
    language_level = Code(LanguageLevel, required=True, allow_none=True)
    driving_licences = List(Code(DrivingLicence), required=True, allow_none=True)
    lead = Nested(LeadView, required=True)
    paused_until = Date(required=True, allow_none=True)
    status = Code(CandidateStatus, required=True)


class CandidateQuery(Page):
    status = Code(CandidateStatus)
    occupation_code = OccupationCode()
    lead_party_id = Id()


CandidatePage = page_of(CandidateView, "CandidatePage")


class MatchesQuery(Schema):
    limit = QueryInteger(minimum=1, maximum=100, load_default=20)
    with_misfits = QueryBoolean(
        load_default=False, metadata={"description": "Add those that do not fit, after all others"}
    )
    near_misses = QueryInteger(
        minimum=0, maximum=100, load_default=5, metadata={"description": "How many near misses you want at most"}
    )


class CriterionView(View):
    criterion = Code(Criterion, required=True)
    result = Code(Result, required=True)
    weight = Integer(minimum=0, maximum=100, required=True, metadata={"description": "0: the vacancy asks nothing"})
    points = Integer(minimum=0, maximum=100, required=True, metadata={"description": "At most the weight"})
    explanation = Sentence(required=True)


class MatchView(View):
    """How a candidate fits a vacancy, with reasons. It ranks; a person decides."""

    vacancy_id = Id(required=True)
    candidate_id = Id(required=True)
    score = Integer(minimum=0, maximum=100, required=True, metadata={"description": "Read the verdict first"})
    verdict = Code(Verdict, required=True)
    criteria = List(Nested(CriterionView), required=True)
    near_miss = Sentence(
        required=True,
        allow_none=True,
        metadata={"description": "What would make it fit, where it misses one hard requirement by little"},
    )
    gap_days = Integer(
        minimum=-100_000,
        maximum=100_000,
        required=True,
        allow_none=True,
        metadata={"description": "Days between the last job and the start; below 7 is from job to job"},
    )
    rules_version = String(required=True)


class NearMissView(MatchView):
    """A match that misses one hard requirement by little: `nearMiss` says what would make it fit."""

    obstacle = Code(Criterion, required=True, metadata={"description": "The requirement that is not met"})
    in_the_way = Sentence(required=True, metadata={"description": "What stands in the way, with the figures"})


class MatchesView(View):
    """The best ones first, and apart from them the near misses."""

    items = List(Nested(MatchView), required=True)
    near_misses = List(
        Nested(NearMissView),
        required=True,
        metadata={"description": "Those that miss one hard requirement by little, the best first"},
    )
    rules_version = String(required=True, metadata={"description": "The version of the matching rules"})
