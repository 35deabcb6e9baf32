"""Contacts as callers see them, and what UWV's side sends about its people and their clients."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import phonenumbers

from service.contacts.rules import (
    CaseworkerRole,
    ConsentMeans,
    ContactKind,
    DisclosureReason,
    FallbackReason,
    OfficeOrganisation,
)
from service.employers.schemas import KvkNumber
from service.kernel.fields import (
    Boolean,
    Code,
    Date,
    Email,
    Id,
    Integer,
    List,
    Nested,
    Pattern,
    QueryBoolean,
    String,
    fail,
)
from service.kernel.schemas import Page, Schema, View, page_of
from service.people.schemas import Bsn, WorkText
from service.reference.schemas import RegionCode


class Phone(Pattern):
    """A direct number in E.164. One that cannot exist is refused."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(r"\+[1-9]\d{6,14}", "+442079460001", minimum=8, maximum=16, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            valid = phonenumbers.is_valid_number(phonenumbers.parse(text))
        except phonenumbers.NumberParseException:
            valid = False
        if not valid:
            fail("invalid-phone", "Dit telefoonnummer bestaat niet.", "There is no such phone number.")
        return text


_NOT_DIRECT = frozenset(
    {
        phonenumbers.PhoneNumberType.TOLL_FREE,
        phonenumbers.PhoneNumberType.PREMIUM_RATE,
        phonenumbers.PhoneNumberType.SHARED_COST,
        phonenumbers.PhoneNumberType.PAGER,
        phonenumbers.PhoneNumberType.VOICEMAIL,
    }
)


class DirectPhone(Phone):
    """A number at which these people themselves pick up. An 088 number can be one, an 0800 or 0900 number cannot."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        # 14 with a dialling code leads to a town hall, and counts as the number of an organisation, as 088 does.
        if text.startswith("+3114") or phonenumbers.number_type(phonenumbers.parse(text)) in _NOT_DIRECT:
            fail(
                "not-direct",
                "Dit is een servicenummer. Geef het nummer waarop men direct bereikbaar is.",
                "This is a service number. Send the number at which one is reached directly.",
            )
        return text


def _weekdays(**kwargs: Any) -> List:
    about = {"description": "ISO weekdays: 1 Monday to 7 Sunday"}
    return List(Integer(minimum=1, maximum=7), minimum=1, maximum=7, unique=True, metadata=about, **kwargs)


# --- The contact answer -----------------------------------------------------------------------------------------


class ContactView(View):
    kind = Code(ContactKind, required=True)
    name = String(required=True)
    role = Code(CaseworkerRole, required=True, allow_none=True, metadata={"description": "null for a team or the desk"})
    office = String(required=True, allow_none=True, metadata={"description": "null for the desk"})
    phone = Phone(required=True)
    email = Email(required=True)
    working_days = _weekdays(required=True)
    absent_until = Date(
        required=True,
        allow_none=True,
        metadata={"description": "Last day on which the regular contact is away; null: not away, or not known"},
    )
    reachable_on = Date(
        required=True,
        allow_none=True,
        metadata={
            "description": "First day, from today, on which this contact works; null: away, and not known until when"
        },
    )


class UpcomingView(View):
    valid_from = Date(data_key="from", required=True)
    contact = Nested(ContactView, required=True)


class ContactAnswerView(View):
    employment_id = Id(required=True)
    employee_number = String(required=True, allow_none=True)
    contact = Nested(ContactView, required=True)
    backup = Nested(
        ContactView, required=True, allow_none=True, metadata={"description": "Whom to call when the contact is away"}
    )
    since = Date(
        required=True, allow_none=True, metadata={"description": "Since when this arrangement holds; null for the desk"}
    )
    fallback_reason = Code(
        FallbackReason,
        required=True,
        allow_none=True,
        metadata={"description": "Why somebody else than the regular contact answers"},
    )
    upcoming = Nested(
        UpcomingView, required=True, allow_none=True, metadata={"description": "The next change, when it is known"}
    )


# --- Offices and caseworkers ------------------------------------------------------------------------------------


class TeamBody(Schema):
    name = String(required=True, maximum=120)
    phone = DirectPhone(required=True, metadata={"description": "The way in to the team (E.164)"})
    email = Email(required=True)
    active = Boolean(load_default=True, metadata={"description": "false: no longer a way in to anybody"})


class TeamView(View):
    id = Id(required=True)
    office_id = Id(required=True)
    name = String(required=True)
    phone = Phone(required=True)
    email = Email(required=True)
    active = Boolean(required=True)


class TeamQuery(Page):
    active = QueryBoolean()


TeamPage = page_of(TeamView, "TeamPage")


class OfficeBody(Schema):
    name = String(required=True, maximum=120)
    region_code = RegionCode(
        allow_none=True,
        load_default=None,
        metadata={"description": "The region for which it answers; null: no one region"},
    )
    organisation = Code(
        OfficeOrganisation,
        required=True,
        metadata={"description": "caseload: a caseworker per client; team: one workload for all"},
    )
    phone = Phone(required=True, metadata={"description": "The number of the office (E.164)"})
    email = Email(required=True)


class OfficeView(View):
    id = Id(required=True)
    name = String(required=True)
    region_code = String(required=True, allow_none=True, metadata={"example": "AM01"})
    organisation = Code(OfficeOrganisation, required=True)
    phone = Phone(required=True)
    email = Email(required=True)
    teams = List(Nested(TeamView), required=True, maximum=1000)


class OfficeQuery(Page):
    region_code = RegionCode()


OfficePage = page_of(OfficeView, "OfficePage")


class CaseworkerBody(Schema):
    office_id = Id(required=True)
    team_id = Id(allow_none=True, load_default=None, metadata={"description": "A team of that office"})
    name = String(required=True, maximum=120)
    role = Code(CaseworkerRole, required=True)
    phone = DirectPhone(required=True, metadata={"description": "The direct, visible number (E.164)"})
    email = Email(required=True)
    working_days = _weekdays(required=True)
    active = Boolean(load_default=True, metadata={"description": "false: has left, and answers no more"})


class CaseworkerView(View):
    id = Id(required=True)
    office_id = Id(required=True)
    team_id = Id(required=True, allow_none=True)
    name = String(required=True)
    role = Code(CaseworkerRole, required=True)
    phone = Phone(required=True)
    email = Email(required=True)
    working_days = _weekdays(required=True)
    active = Boolean(required=True)


class CaseworkerQuery(Page):
    office_id = Id()
    team_id = Id()
    active = QueryBoolean()


CaseworkerPage = page_of(CaseworkerView, "CaseworkerPage")


class AbsenceBody(Schema):
    """No reason: why somebody is away is nobody's business here."""

    first_day = Date(required=True)
    last_day = Date(
        allow_none=True, load_default=None, metadata={"description": "The last day away; null until further notice"}
    )
    backup_id = Id(
        allow_none=True, load_default=None, metadata={"description": "Who stands in for all clients on these days"}
    )
    planned = Boolean(
        load_default=True, metadata={"description": "false: sudden, and may have begun before it is reported"}
    )


class AbsenceView(View):
    id = Id(required=True)
    caseworker_id = Id(required=True)
    first_day = Date(required=True)
    last_day = Date(required=True, allow_none=True)
    backup_id = Id(required=True, allow_none=True)
    planned = Boolean(required=True)


AbsencePage = page_of(AbsenceView, "AbsencePage")


# --- Assignments and links --------------------------------------------------------------------------------------


class ClientNumber(String):
    """UWV's own number of a client."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(maximum=40, load_only=True, metadata={"writeOnly": True}, **kwargs)


class AssignmentBody(Schema):
    """The person by BSN or client number (one is needed), and who is responsible from a day on.

    Nobody, from that day on, is null for the caseworker or the team.
    """

    bsn = Bsn()
    client_number = ClientNumber()
    name = String(maximum=120, load_only=True, metadata={"writeOnly": True})
    email = Email(load_only=True, metadata={"writeOnly": True})
    postcode4 = Pattern(
        r"[1-9]\d{3}", "9711", minimum=4, maximum=4, metadata={"description": "The area in which the person lives"}
    )
    valid_from = Date(metadata={"description": "The first day; today when left out"})
    caseworker_id = Id(allow_none=True, metadata={"description": "This or the team must be said; null: nobody"})
    team_id = Id(allow_none=True, metadata={"description": "Left out: the team of the caseworker"})
    backup_id = Id(allow_none=True)
    note = WorkText(
        allow_none=True,
        minimum=1,
        maximum=2000,
        metadata={"description": "The warm handover: what the next contact must know. UWV alone reads it; no BSN"},
    )


class AssignmentChange(Schema):
    caseworker_id = Id(allow_none=True)
    team_id = Id(allow_none=True)
    backup_id = Id(allow_none=True)
    note = WorkText(minimum=1, maximum=2000)


class AssignmentView(View):
    id = Id(required=True)
    person_id = Id(required=True, metadata={"description": "Opaque; the same for all rows of one person"})
    valid_from = Date(required=True)
    caseworker_id = Id(required=True, allow_none=True)
    team_id = Id(required=True, allow_none=True)
    backup_id = Id(required=True, allow_none=True)
    reassignment_id = Id(
        required=True, allow_none=True, metadata={"description": "The reassignment of many that it belongs to"}
    )
    note = String(maximum=2000, required=True, allow_none=True)


class AssignmentQuery(Page):
    person_id = Id()
    caseworker_id = Id()
    team_id = Id()


AssignmentPage = page_of(AssignmentView, "AssignmentPage")


_SINCE = {"description": "Since when the employer knows; today when left out. Not before the employment began"}
_COACH = {
    "description": "Confirms that the jobcoach organisation of the employment, which its employer named, coaches this "
    "person: from then on it sees who the contact is. null: not confirmed"
}


class LinkBody(Schema):
    """The employment by its id, or by the person's BSN or client number and the employer's KvK number.

    The id together with BSN or client number says whose an employment is that was registered without BSN.
    """

    employment_id = Id()
    bsn = Bsn()
    client_number = ClientNumber()
    kvk_number = KvkNumber()
    disclosed = Boolean(
        required=True,
        metadata={"description": "Whether the employer knows, with the person's knowledge, that UWV is involved"},
    )
    disclosed_since = Date(metadata=_SINCE)
    reason = Code(DisclosureReason, allow_none=True, metadata={"description": "How the employer knows"})
    consent_on = Date(allow_none=True, metadata={"description": "For other_with_consent: when the person agreed"})
    consent_means = Code(ConsentMeans, allow_none=True, metadata={"description": "For other_with_consent: how"})
    jobcoach_organisation_id = Id(allow_none=True, metadata=_COACH)


class LinkChange(Schema):
    disclosed = Boolean()
    disclosed_since = Date(metadata=_SINCE)
    reason = Code(DisclosureReason, allow_none=True)
    consent_on = Date(allow_none=True)
    consent_means = Code(ConsentMeans, allow_none=True)
    jobcoach_organisation_id = Id(allow_none=True, metadata=_COACH)


class LinkView(View):
    employment_id = Id(required=True)
    person_id = Id(required=True)
    disclosed = Boolean(required=True)
    disclosed_since = Date(required=True, allow_none=True)
    reason = Code(DisclosureReason, required=True, allow_none=True)
    consent_on = Date(required=True, allow_none=True)
    consent_means = Code(ConsentMeans, required=True, allow_none=True)
    jobcoach_organisation_id = Id(required=True, allow_none=True, metadata={"description": "null: not confirmed"})


class LinkQuery(Page):
    person_id = Id()


LinkPage = page_of(LinkView, "LinkPage")
