"""Mobility pools and their members, as they come in and go out."""

from __future__ import annotations

from service.access.rules import PartyKind
from service.kernel.fields import Code, Date, Email, Id, Integer, List, Nested, QueryBoolean, Sentence, String
from service.kernel.schemas import Page, Schema, View, page_of
from service.reference.schemas import OccupationCode, RegionCode
from service.vacancies.hours import WeeklyHoursView


class PoolChange(Schema):
    name = String()
    region_codes = List(
        RegionCode(), maximum=35, unique=True, metadata={"description": "Where the pool works; empty: everywhere"}
    )
    email = Email(allow_none=True, metadata={"description": "Where the pool hears of a new vacancy"})


class PoolBody(PoolChange):
    name = String(required=True)


class PoolView(View):
    id = Id(required=True, metadata={"description": "Also the id of its party"})
    name = String(required=True)
    region_codes = List(RegionCode(), required=True, metadata={"description": "Empty: everywhere"})


class PoolQuery(Page):
    region_code = RegionCode(metadata={"description": "Pools that work in this region"})


class MemberBody(Schema):
    party_id = Id(required=True, metadata={"description": "An employer, a WSP, UWV or a jobcoach organisation"})
    valid_from = Date(metadata={"description": "First day as a member; today when left out"})
    valid_until = Date(allow_none=True, load_default=None, metadata={"description": "Last day as a member"})


class MemberChange(Schema):
    valid_until = Date(allow_none=True, metadata={"description": "Last day as a member; null: no end is known"})


class MemberView(View):
    id = Id(required=True)
    pool_id = Id(required=True)
    party_id = Id(required=True)
    kind = Code(PartyKind, required=True)
    name = String(required=True)
    valid_from = Date(required=True)
    valid_until = Date(required=True, allow_none=True)


class MemberQuery(Page):
    current = QueryBoolean(metadata={"description": "true: only who is a member today"})


PoolPage = page_of(PoolView, "MobilityPoolPage")
MemberPage = page_of(MemberView, "PoolMemberPage")


class SharedQuery(Page):
    occupation_code = OccupationCode()


class SharedVacancyView(View):
    """A vacancy of a member in a few words; who it came to reads all of it at /v1/vacancies."""

    vacancy_id = Id(required=True)
    title = String(required=True)
    employer_name = String(required=True)
    municipality = String(required=True)
    occupation_code = String(maximum=120, required=True)
    hours = Nested(WeeklyHoursView, required=True)
    start_date = Date(required=True, allow_none=True)
    positions = Integer(minimum=1, maximum=500, required=True)


class MembersOfKindView(View):
    kind = Code(PartyKind, required=True)
    members = Integer(minimum=0, maximum=100_000, required=True)


class OccupationGroupView(View):
    isco_code = String(required=True, metadata={"description": "A sub-major group of ISCO-08"})
    name = Sentence(required=True)
    candidates = Integer(
        minimum=0,
        maximum=1_000_000,
        required=True,
        allow_none=True,
        metadata={"description": "Rounded down to a multiple of five; null: fewer than five, or none"},
    )


class OverviewView(View):
    members = List(Nested(MembersOfKindView), required=True)
    open_vacancies = Integer(minimum=0, maximum=1_000_000, required=True)
    fewest_shown = Integer(minimum=1, maximum=100, required=True, metadata={"description": "Below it a count is null"})
    occupation_groups = List(
        Nested(OccupationGroupView),
        required=True,
        metadata={"description": "Always all groups. Somebody can look for work in more than one"},
    )


SharedVacancyPage = page_of(SharedVacancyView, "SharedVacancyPage")
