"""An employer's fixed contacts, as they come in and go out."""

from __future__ import annotations

from service.contacts.fixed.rules import Side, UwvContactKind, WspContactKind
from service.contacts.rules import CaseworkerRole
from service.contacts.schemas import ContactView, DirectPhone, Phone
from service.kernel.fields import Boolean, Code, Email, Id, List, Moment, Nested, String
from service.kernel.schemas import Page, Schema, View, page_of
from service.reference.schemas import RegionCode

_BY_UWV = {"description": "Who it is, said by UWV"}


class FixedContactChange(Schema):
    """UWV names one of its caseworkers; a WSP gives name, phone and e-mail of its advisor."""

    caseworker_id = Id(metadata=_BY_UWV)
    name = String(maximum=120, metadata={"description": "The advisor, said by the WSP"})
    phone = DirectPhone(metadata={"description": "The advisor's direct, visible number (E.164), said by the WSP"})
    email = Email(metadata={"description": "Said by the WSP"})


class FixedContactBody(FixedContactChange):
    employer_id = Id(required=True)
    region_code = RegionCode(required=True)


class FixedContactView(View):
    id = Id(required=True)
    employer_id = Id(required=True)
    region_code = String(required=True, metadata={"example": "AM01"})
    side = Code(Side, required=True)
    caseworker_id = Id(
        required=True, allow_none=True, metadata={"description": "UWV's contact; null for whoever is not of UWV's side"}
    )
    name = String(required=True)
    phone = Phone(required=True)
    email = Email(required=True)
    active = Boolean(required=True, metadata={"description": "false: has left; an office of the region answers"})
    changed_at = Moment(required=True)


class FixedContactQuery(Page):
    employer_id = Id()
    region_code = RegionCode()
    side = Code(Side)
    caseworker_id = Id()


FixedContactPage = page_of(FixedContactView, "FixedContactPage")


class UwvContactView(ContactView):
    kind = Code(UwvContactKind, required=True)
    role = Code(CaseworkerRole, required=True, allow_none=True, metadata={"description": "null for office and desk"})


class WspContactView(View):
    kind = Code(WspContactKind, required=True)
    name = String(required=True)
    phone = Phone(required=True, allow_none=True, metadata={"description": "null: see website"})
    email = Email(required=True, allow_none=True, metadata={"description": "null: see website"})
    website = String(required=True, allow_none=True, metadata={"description": "Of the WSP; null for the desk"})


class RegionContactsView(View):
    region_code = String(required=True, metadata={"example": "AM01"})
    region_name = String(required=True)
    uwv = Nested(UwvContactView, required=True)
    wsp = Nested(WspContactView, required=True)


class ContactsOfEmployerView(View):
    items = List(
        Nested(RegionContactsView),
        required=True,
        metadata={"description": "One for each region in which the employer has a workplace"},
    )
