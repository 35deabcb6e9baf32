"""Reference data, for everybody who builds on the service."""

from __future__ import annotations

from typing import Any

from service.kernel.endpoints import Call, Routes
from service.reference import occupations, places, work_codes
from service.reference.schemas import OccupationsQuery, OccupationsView, RegionsView, WorkCodesView

routes = Routes("Reference", "Regions, occupations and the codes about work that other resources use.")


@routes.get("/regions", scope=None, response=RegionsView, reading=True)
def list_regions(call: Call) -> Any:
    """All 35 labour-market regions with their WSP"""
    return {"items": places.regions()}


@routes.get("/occupations", scope=None, query=OccupationsQuery, response=OccupationsView, reading=True)
def search_occupations(call: Call) -> Any:
    """Search occupations by a Dutch or English word, best first

    ISCO-08 unit groups and ESCO occupations. This service uses the ESCO classification of the European Commission.
    """
    return {"items": occupations.search(call.query["query"], call.query["limit"])}


@routes.get("/work-codes", scope=None, response=WorkCodesView, reading=True)
def list_work_codes(call: Call) -> Any:
    """The codes about work: needs and offers, limits and demands"""
    return {"items": work_codes.work_codes()}
