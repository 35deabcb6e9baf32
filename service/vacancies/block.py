"""The block of a vacancy: who wants work near to it, within reach. One index holds all of it.

What stands there is read as `quick.Wish`, by which the ranking knows whom it need not read whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Float, bindparam, case, cast, func, null, select

from service.kernel.among import among
from service.kernel.database import UnitOfWork
from service.kernel.prepared import Prepared
from service.reference.nearness import groups_near
from service.vacancies import quick
from service.vacancies.candidates.models import CandidateOccupation
from service.vacancies.criteria import HOURS_TO_BUILD_UP, NEAR_HOURS
from service.vacancies.models import Vacancy


def in_groups(code: str) -> ColumnElement[bool]:
    """The wishes that may be near to this occupation, by their unit groups."""
    return CandidateOccupation.isco_code.in_(sorted(groups_near(code)))


_LATITUDE, _LONGITUDE = bindparam("latitude", type_=Float()), bindparam("longitude", type_=Float())
_BOX: Final = (
    CandidateOccupation.south <= _LATITUDE,
    CandidateOccupation.north >= _LATITUDE,
    CandidateOccupation.west <= _LONGITUDE,
    CandidateOccupation.east >= _LONGITUDE,
)
_NORTH: Final = (2 * _LATITUDE - CandidateOccupation.south - CandidateOccupation.north) / (
    CandidateOccupation.north - CandidateOccupation.south
)
_EAST: Final = (2 * _LONGITUDE - CandidateOccupation.west - CandidateOccupation.east) / (
    CandidateOccupation.east - CandidateOccupation.west
)
_OUT: Final = case(
    (CandidateOccupation.max_distance_km.between(quick.LEAST_KM, quick.MOST_KM), _NORTH * _NORTH + _EAST * _EAST)
)
_NOT_HOPELESS: Final = (
    func.coalesce(_OUT, 0) <= quick.FARTHEST_OUT,
    func.coalesce(CandidateOccupation.hours_min, 0) <= bindparam("most_hours", type_=Float()),
    func.coalesce(CandidateOccupation.hours_max, 1000) >= bindparam("least_hours", type_=Float()),
)


_GROUP: Final = CandidateOccupation.__table__.c.isco_code


def _block_of(out: ColumnElement[Any], *conditions: ColumnElement[bool]) -> Prepared:
    """Reads what `quick.Wish` holds."""
    wish = CandidateOccupation
    columns = (wish.candidate_id, wish.code, out.label("out"), wish.hours_min, wish.hours_max)
    return Prepared(select(*columns).where(among(_GROUP, "groups"), *conditions))


_IN_BOX: Final = _block_of(_OUT, *_BOX)
_IN_REACH: Final = _block_of(_OUT, *_BOX, *_NOT_HOPELESS)
_ANYWHERE: Final = _block_of(cast(null(), Float))


def wishes(uow: UnitOfWork, vacancy: Vacancy, *, with_misfits: bool) -> Sequence[Any]:
    """The block of a vacancy, as `quick.Wish` has it. Only an index is read for it."""
    values: dict[str, Any] = {"groups": sorted(groups_near(vacancy.occupation_code))}
    if vacancy.latitude is None or vacancy.longitude is None:
        return uow.find_raw(_ANYWHERE, values)
    values |= {"latitude": vacancy.latitude, "longitude": vacancy.longitude}
    if with_misfits:
        return uow.find_raw(_IN_BOX, values)
    bridge = max(NEAR_HOURS, HOURS_TO_BUILD_UP)
    hours = {"least_hours": float(vacancy.hours_min) - bridge, "most_hours": float(vacancy.hours_max) + bridge}
    return uow.find_raw(_IN_REACH, values | hours)
