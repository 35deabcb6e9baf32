"""Who takes part, and for whom a client may act."""

from __future__ import annotations

from enum import StrEnum


class PartyKind(StrEnum):
    """The roles in which somebody meets the service."""

    EMPLOYER = "employer"
    UWV = "uwv"
    DESK = "desk"
    WSP = "wsp"
    MOBILITY_POOL = "mobility_pool"
    JOBCOACH_ORGANISATION = "jobcoach_organisation"
    REINTEGRATION_COMPANY = "reintegration_company"
    OPERATOR = "operator"
    SYSTEM = "system"


class Purpose(StrEnum):
    """Why somebody's data were looked at or changed: the keys of the register of processing activities in the docs."""

    EMPLOYMENT_REGISTER = "employment_register"
    CONTACT = "contact"
    CASELOAD = "caseload"
    CONTRACT_END = "contract_end"
    SECOND_TRACK = "second_track"
    MATCHING = "matching"
    PLACEMENT = "placement"
    OPERATION = "operation"


ME = "me:read"
"""The scope that every valid token has, asked for or not: whoever calls may know who it is."""
