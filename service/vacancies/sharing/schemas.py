"""Subscriptions to the shared list as they come in and go out, and what a vacancy that was brought in says besides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from service.employers.schemas import KvkNumber
from service.kernel.fields import Code, Date, Email, Id, List, Moment, Pattern, String, fail
from service.kernel.schemas import Schema, View, page_of
from service.kernel.text import Language
from service.people.schemas import WorkText
from service.reference import occupations
from service.reference.schemas import RegionCode

_REGIONS = {"description": "Labour-market regions, see /v1/regions; an empty list is all"}
_GROUPS = {"description": "The first two digits of ISCO-08 codes, see isco_code at /v1/occupations; empty: all work"}
_EMAIL = {"description": "Where the weekly digest goes, once its reader has confirmed; null: no mail"}


class BroughtInEmployer(Schema):
    kvk_number = KvkNumber(required=True)
    name = WorkText(required=True, maximum=200, metadata={"description": "Counts where we do not know the number yet"})


class BroughtInByView(View):
    id = Id(required=True)
    name = String(required=True)
    taken_over_on = Date(
        required=True, allow_none=True, metadata={"description": "Since when the employer alone decides; null: not yet"}
    )


class OccupationGroup(Pattern):
    """A sub-major group of ISCO-08."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(r"\d{2}", "93", minimum=2, maximum=2, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if occupations.group_label(text) is None:
            fail("unknown-occupation", "Deze beroepsgroep kennen we niet.", "We know no such group of occupations.")
        return text


class SubscriptionChange(Schema):
    name = String(required=True, maximum=100, metadata={"description": "Stands above the feed and the mails"})
    region_codes = List(RegionCode(), load_default=list, unique=True, metadata=_REGIONS)
    occupation_groups = List(OccupationGroup(), load_default=list, unique=True, metadata=_GROUPS)
    email = Email(allow_none=True, load_default=None, metadata=_EMAIL)
    language = Code(Language, load_default=Language.DUTCH)


class SubscriptionBody(SubscriptionChange):
    pass


class SubscriptionView(View):
    id = Id(required=True)
    name = String(required=True)
    region_codes = List(String(), required=True, metadata=_REGIONS)
    occupation_groups = List(String(), required=True, metadata=_GROUPS)
    email = String(required=True, allow_none=True, metadata=_EMAIL)
    email_confirmed_at = Moment(
        required=True, allow_none=True, metadata={"description": "null: no digest goes out yet"}
    )
    unsubscribed_at = Moment(
        required=True,
        allow_none=True,
        metadata={"description": "When the reader ended the mails; send the address anew"},
    )
    language = Code(Language, required=True)
    created_at = Moment(required=True)


class NewSubscriptionView(SubscriptionView):
    url = String(
        required=True,
        metadata={"description": "Where feed readers read it. Shown this once: whoever has it can read the feed"},
    )


SubscriptionPage = page_of(SubscriptionView, "VacancySubscriptionPage")
