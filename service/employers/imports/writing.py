"""Writing what a piece of rows made new or changed, with the events and the lines in the access log that follow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, cast

from sqlalchemy import Table, bindparam, insert, update

from service.access.actor import NOBODY, ActingParty, Actor, log_many
from service.access.rules import PartyKind, Purpose
from service.delivery.events import NewEvent, publish_many
from service.employers.imports.matching import FACTS
from service.employers.imports.weighing import Case
from service.employers.models import Employment
from service.kernel.database import Id, UnitOfWork
from service.kernel.imports.models import ImportJob
from service.kernel.prepared import Prepared

_EMPLOYMENT: Final = cast(Table, Employment.__table__)
_NEW: Final = Prepared(insert(_EMPLOYMENT))
_SET: Final = (*FACTS, "chain_since", "end_said_on")
_OTHERS: Final = dict.fromkeys(each.name for each in _EMPLOYMENT.c)
"""What the clock writes: nothing yet."""
_CHANGE: Final = Prepared(
    update(_EMPLOYMENT)
    .where(
        _EMPLOYMENT.c.id == bindparam("its_id", type_=Id),
        _EMPLOYMENT.c.version == bindparam("its_version", type_=_EMPLOYMENT.c.version.type),
    )
    .values(
        version=_EMPLOYMENT.c.version + 1,
        **{name: bindparam(f"new_{name}", type_=_EMPLOYMENT.c[name].type) for name in _SET},
    )
)


class Overtaken(Exception):
    """Somebody changed an employment between our look at it and our change: the piece is to be done anew."""


def write(uow: UnitOfWork, job: ImportJob, cases: Sequence[Case]) -> None:
    """Writes these cases. Raises Overtaken, after which nothing of the piece may stay."""
    new = [case for case in cases if case.known is None]
    changed = [case for case in cases if case.known is not None]
    actor = _actor(job)
    if new:
        shared = _OTHERS | {"version": 1, "employer_id": job.party_id, "person_by_uwv": False, "created_at": uow.now}
        rows = [
            {**shared, **case.facts, "id": case.id, "person_id": case.person_id, "chain_since": case.chain_since}
            for case in new
        ]
        uow.write(_NEW, rows)
        _tell(uow, actor, new, "employment.registered", [1] * len(new))
    if changed:
        rows = [_change(case) for case in changed]
        if uow.write(_CHANGE, rows) != len(rows):
            raise Overtaken
        _tell(uow, actor, changed, "employment.changed", [row["its_version"] + 1 for row in rows])


def _change(case: Case) -> dict[str, Any]:
    known: Any = case.known
    values = {f"new_{name}": case.facts[name] for name in FACTS}
    said = known.end_said_on if known.end_date == case.facts["end_date"] else None
    beside = {"new_chain_since": case.chain_since, "new_end_said_on": said}
    return {**values, **beside, "its_id": case.id, "its_version": known.version}


def _tell(uow: UnitOfWork, actor: Actor, cases: Sequence[Case], what: str, versions: Sequence[int]) -> None:
    addresses = [f"employments/{case.id}" for case in cases]
    looks = [(case.person_id or NOBODY, address) for case, address in zip(cases, addresses, strict=True)]
    log_many(uow, actor, Purpose.EMPLOYMENT_REGISTER, what, looks)
    publish_many(
        uow,
        [
            NewEvent(what, address, version, (), {"employmentId": case.id})
            for case, address, version in zip(cases, addresses, versions, strict=True)
        ],
    )


def _actor(job: ImportJob) -> Actor:
    """Whoever sent the file: what the worker does, it does for them."""
    party = ActingParty(str(job.options.get("sender", job.party_id)), PartyKind.EMPLOYER, "")
    return Actor(job.client_id, (party,), frozenset(), f"employment-imports/{job.id}")
