"""What the room shows: the caller itself, and the access log."""

from __future__ import annotations

from service.access.rules import PartyKind, Purpose
from service.kernel.fields import Code, Date, Id, List, Moment, Nested, String
from service.kernel.schemas import Page, View, page_of


class PartyView(View):
    id = Id(required=True)
    kind = Code(PartyKind, required=True)
    name = String(required=True)
    region_code = String(
        required=True, allow_none=True, metadata={"description": "Labour-market region of a WSP; null for others."}
    )


class ClientView(View):
    id = String(required=True, maximum=100)
    name = String(required=True)


class GrantView(View):
    party = Nested(PartyView, required=True)
    valid_from = Date(required=True)
    valid_until = Date(
        required=True, allow_none=True, metadata={"description": "Last day of the grant; null: no end agreed."}
    )


class MeView(View):
    client = Nested(ClientView, required=True)
    party = Nested(PartyView, required=True, metadata={"description": "The client's own party."})
    grants = List(
        Nested(GrantView),
        required=True,
        maximum=100_000,
        metadata={"description": "Further parties for which the client may act today."},
    )
    scopes = List(String(), required=True, unique=True, metadata={"description": "What the token in use allows."})


class AccessLogQuery(Page):
    person_id = Id(metadata={"description": "Only looks at this person."})
    client_id = String(maximum=100, metadata={"description": "Only looks by this client."})
    after = Moment(metadata={"description": "Only from this moment on, itself included."})
    before = Moment(metadata={"description": "Only before this moment, itself not included."})


class AccessEntryView(View):
    id = Id(required=True)
    at = Moment(required=True)
    client_id = String(required=True, metadata={"description": "The client, or 'system' for the house itself."})
    party_id = Id(required=True)
    purpose = Code(Purpose, required=True, metadata={"description": "Key in the register of processing activities."})
    action = String(required=True, metadata={"description": "What was done, as 'contact.read'."})
    person_id = Id(required=True)
    resource = String(required=True, maximum=400, metadata={"description": "The address of what was seen, below /v1."})
    because = String(
        required=True,
        minimum=0,
        metadata={"description": "'replay' for a stored answer, or what made the house act; else empty."},
    )
    trace_id = String(
        required=True, minimum=0, metadata={"description": "W3C trace id of the request; empty for background work."}
    )


AccessLogPage = page_of(AccessEntryView, "AccessLogPage")
