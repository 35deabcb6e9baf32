"""Fields for places and occupations that exist, and the views of the reference data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from service.kernel.fields import List, Nested, Pattern, QueryInteger, String, fail
from service.kernel.schemas import Schema, View
from service.reference import occupations, places


class Postcode(Pattern):
    """A Dutch postcode; becomes '1234AB'. Whether its four digits exist is for the caller: a municipality can stand in
    for a postcode that is newer than our table."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(r"[1-9]\d{3} ?(?!S[ADS])[A-Z]{2}", "9711AB", minimum=6, maximum=7, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        return super()._deserialize(value, attr, data, **kwargs).replace(" ", "")


class Postcode4(Pattern):
    """The four digits of an existing postcode."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(r"[1-9]\d{3}", "9711", minimum=4, maximum=4, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if places.postcode(text) is None:
            fail("unknown-postcode", "Deze postcode bestaat niet.", "There is no such postcode.")
        return text


class Municipality(String):
    """A municipality by name or CBS code; becomes its code."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        found = places.municipality(super()._deserialize(value, attr, data, **kwargs))
        if found is None:
            fail("unknown-municipality", "Deze gemeente kennen we niet.", "We know no such municipality.")
        return found.code


class RegionCode(String):
    """The code of a labour-market region that exists."""

    def __init__(self, **kwargs: Any) -> None:
        about = {"description": "Labour-market region, see /v1/regions", "example": "AM01", "pattern": "^AM[0-9]{2}$"}
        super().__init__(minimum=4, maximum=4, metadata=about | kwargs.pop("metadata", {}), **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if places.region(text) is None:
            fail("unknown-region", "Deze regio kennen we niet.", "We know no such region.")
        return text


class OccupationCode(String):
    """A unit group of ISCO-08 (four digits) or the URI of an ESCO occupation."""

    def __init__(self, **kwargs: Any) -> None:
        about = {
            "description": "ISCO-08 unit group (four digits) or ESCO occupation URI: see /v1/occupations",
            "example": "4321",
        }
        super().__init__(minimum=4, maximum=120, metadata=about | kwargs.pop("metadata", {}), **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if occupations.occupation(text) is None:
            fail(
                "unknown-occupation",
                "Dit beroep kennen we niet. Zoek de code op via /v1/occupations.",
                "We know no such occupation. Look its code up at /v1/occupations.",
            )
        return text


class RegionView(View):
    code = String(required=True, metadata={"example": "AM01"})
    name = String(required=True)
    wsp_name = String(required=True, metadata={"description": "The employer service point of the region"})
    website = String(required=True)


class RegionsView(View):
    items = List(Nested(RegionView), required=True)


class OccupationsQuery(Schema):
    query = String(required=True, minimum=2, maximum=100, metadata={"example": "magazijn"})
    limit = QueryInteger(minimum=1, maximum=50, load_default=20)


class LabelView(View):
    nl = String(required=True)
    en = String(required=True)


class OccupationView(View):
    code = String(required=True, attribute="uri_or_code", metadata={"description": "What other fields accept"})
    isco_code = String(required=True, metadata={"description": "ISCO-08 unit group"})
    label = Nested(LabelView, required=True)
    alternative_labels = List(String(), required=True, attribute="alternative_labels_nl", maximum=1000)


class OccupationsView(View):
    items = List(Nested(OccupationView), required=True)


class WorkCodeView(View):
    code = String(required=True)
    kind = String(required=True)
    label = Nested(LabelView, required=True, metadata={"description": "As a candidate's side says it"})
    offer_label = Nested(LabelView, required=True, metadata={"description": "As a vacancy's side says it"})


class WorkCodesView(View):
    items = List(Nested(WorkCodeView), required=True)
