"""Clients as a caseworker may read them."""

from __future__ import annotations

from service.contacts.clients.rules import ReaderRole
from service.contacts.reassignments.schemas import StaffView
from service.contacts.rules import DisclosureReason
from service.kernel.fields import Boolean, Code, Date, Id, Integer, List, Nested, String
from service.kernel.schemas import Page, View, page_of


class CaseworkerClientView(View):
    person_id = Id(required=True)
    role = Code(
        ReaderRole,
        required=True,
        metadata={"description": "As what the caseworker may read. `former`: until `readUntil`, for the warm handover"},
    )
    since = Date(required=True, metadata={"description": "The first day in this role; `former`: of being responsible"})
    until = Date(
        required=True, allow_none=True, metadata={"description": "`former`: the last day of being responsible"}
    )
    read_until = Date(
        required=True,
        allow_none=True,
        metadata={"description": "`former`: the last day of reading; else null"},
    )
    changes_this_year = Integer(
        minimum=0,
        maximum=1_000,
        required=True,
        metadata={"description": "How often the person came to another contact in this calendar year"},
    )
    note = String(required=True, allow_none=True, metadata={"description": "The handover note to the present contact"})


class CaseworkerClientQuery(Page):
    role = Code(ReaderRole)


CaseworkerClientPage = page_of(CaseworkerClientView, "CaseworkerClientPage")


class ResponsibleView(StaffView):
    """Who was, is or will be responsible, from a day on. Nobody: neither caseworker nor team."""

    valid_from = Date(data_key="from", required=True)
    until = Date(required=True, allow_none=True)
    note = String(required=True, allow_none=True)
    reassignment_id = Id(required=True, allow_none=True)


class ClientLinkView(View):
    employment_id = Id(required=True)
    employer_id = Id(required=True)
    disclosed = Boolean(required=True)
    disclosed_since = Date(required=True, allow_none=True)
    reason = Code(DisclosureReason, required=True, allow_none=True)
    jobcoach_organisation_id = Id(
        required=True, allow_none=True, metadata={"description": "The jobcoach organisation that UWV confirmed"}
    )


class CaseworkerClientDetailView(CaseworkerClientView):
    name = String(required=True, allow_none=True, metadata={"description": "null: not known to this service"})
    history = List(
        Nested(ResponsibleView),
        required=True,
        maximum=10_000,
        metadata={"description": "Who was responsible, the first one first; up to today"},
    )
    upcoming = List(
        Nested(ResponsibleView),
        required=True,
        maximum=10_000,
        metadata={"description": "The changes that are planned"},
    )
    links = List(
        Nested(ClientLinkView),
        required=True,
        maximum=10_000,
        metadata={"description": "Employments of which it was recorded whether the employer knows"},
    )
