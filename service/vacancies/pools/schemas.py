"""Mobility pools and their members, as they come in and go out."""

from __future__ import annotations

from service.access.rules import PartyKind
from service.kernel.schemas import Code, Date, Email, Id, List, Page, QueryBoolean, Schema, String, View, page_of
from service.reference.schemas import RegionCode


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
