"""Many candidates, as they might be, and vacancies to find them for; the same for the same numbers, made once and kept.

Four kinds of work. The candidates who look for `thin` work are as many however large the table is, those for `dense`
work are ten times as many in a table that is ten times as large. `skewed`: 40% of all look for work in one
occupation group. The others look for other work. Postcodes are drawn alike from those in use.
"""

from __future__ import annotations

import hashlib
import json
import random
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple, cast

from rich.progress import track
from sqlalchemy import Index, Table, func, insert, select, text
from sqlalchemy.schema import CreateIndex, CreateTable

from service.access.rules import PartyKind
from service.employers.models import Employer, Employment, Establishment
from service.employers.rules import ContractType, JobcoachKind
from service.kernel.database import Base, UnitOfWork
from service.kernel.prepared import Prepared
from service.people.models import Person
from service.reference import occupations, places
from service.reference.nearness import near_groups
from service.reference.qualifications import DrivingLicence, LanguageLevel
from service.reference.work_codes import WorkCondition, WorkDemand
from service.schema import migrate
from service.vacancies import criteria
from service.vacancies.candidates.box import around
from service.vacancies.candidates.models import Candidate, CandidateOccupation
from service.vacancies.models import Vacancy
from service.vacancies.referrals.models import Referral
from service.vacancies.referrals.rules import ReferralReason, ReferralStatus, ReferralTarget
from service.vacancies.rules import CandidateLeadRole, CandidateStatus, JobcoachArrangement, VacancyStatus
from service.vacancies.sharing.rules import sub_major_of
from tests.support import databases
from tests.support.house import House, SettableClock, settings_for

PIECE: Final = 10_000
VACANCIES: Final = 60
"""Of each measured kind of work."""
KINDS: Final = {
    "thin": ("33", "34", "41", "42", "43", "44"),
    "dense": ("71", "72", "74", "75", "81", "82", "83", "93"),
    "skewed": ("91",),
    "other": ("51", "52", "53", "54", "61", "92", "94", "96"),
}
MEASURED: Final = ("thin", "dense", "skewed")
SMALL: Final = 100_000
ROOM: Final[dict[str, Any]] = {"token_seconds": 10**9}


class Kept(NamedTuple):
    """A database with its folder of keys, and the token of a WSP to which all vacancies came."""

    url: str
    folder: Path
    token: str


@contextmanager
def crowd(kind: str, candidates: int) -> Iterator[Kept]:
    """Made at the first question, where it was broken off from there on; kept in the folder for temporary files until
    this file, or a table, changes."""
    folder = Path(tempfile.gettempdir()) / "servicepunt-bench" / f"{_edition()}-{candidates}"
    folder.mkdir(parents=True, exist_ok=True)
    folder.parent.chmod(0o711)
    folder.chmod(0o711)
    with _server(kind, folder) as url:
        migrate(url)
        house = House(settings_for(folder, url, **ROOM), SettableClock())
        begun = folder / f"{kind}.json"
        try:
            if not begun.exists():
                begun.write_text(json.dumps(begin(house, candidates)))
            parties = json.loads(begun.read_text())
            seed(house, candidates, **parties["ids"])
        finally:
            house.close()
        yield Kept(url, folder, parties["token"])


@contextmanager
def _server(kind: str, folder: Path) -> Iterator[str]:
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'crowd.db'}"
        return
    server = databases.Server(folder / "postgresql", durable=True)
    if databases.postmaster(server.data) is None:
        server.start()
    try:
        yield server.url
    finally:
        server.stop()


def _edition() -> str:
    """Other data, or other tables, are another edition."""
    tables = [cast(Table, model.__table__) for model in (Candidate, CandidateOccupation, Vacancy, Referral)]
    parts = [str(part) for table in tables for part in (CreateTable(table), *map(CreateIndex, _sorted(table)))]
    return hashlib.sha256("".join((*parts, Path(__file__).read_text())).encode()).hexdigest()[:8]


def _sorted(table: Table) -> list[Index]:
    return sorted(table.indexes, key=lambda index: str(index.name))


def shares(candidates: int) -> dict[str, int]:
    """How many candidates look for each kind of work."""
    found = {"thin": min(SMALL, candidates) // 5, "dense": candidates // 5, "skewed": candidates * 2 // 5}
    return found | {"other": candidates - sum(found.values())}


def begin(house: House, candidates: int) -> dict[str, Any]:
    """A WSP to which all vacancies came, the employer of all, and the vacancies."""
    lead, employer = house.party(PartyKind.WSP, "WSP Groningen"), house.party(PartyKind.EMPLOYER, "Noorderzon")
    draw = random.Random("vacancies")
    with house.database.transaction() as uow:
        place = write_employer(uow, employer.id, draw)
        for kind in MEASURED:
            write_vacancies(uow, [vacancy_of(draw, kind, employer.id, uow.today) for _ in range(VACANCIES)], lead.id)
    token = lead.headers["Authorization"].removeprefix("Bearer ")
    return {"token": token, "ids": {"lead": lead.id, "employer_id": employer.id, "place": place}}


def seed(house: House, candidates: int, lead: str, employer_id: str, place: str) -> None:
    """Writes the candidates that are not there yet, piece by piece."""
    kinds = [kind for kind, many in shares(candidates).items() for _ in range(many)]
    random.Random("kinds").shuffle(kinds)
    with house.database.reading() as uow:
        done = uow.execute(select(func.count()).select_from(Candidate)).scalar_one()
    if done == candidates:
        return
    for start in track(range(done, candidates, PIECE), description=f"{candidates:,} candidates from {done:,} on"):
        with house.database.transaction() as uow:
            if uow.is_sqlite:
                uow.execute(text("PRAGMA cache_size=-2000000"))
            draw = random.Random(f"candidates from {start} on")
            write_candidates(uow, kinds[start : start + PIECE], draw, employer_id, place, lead)
    with house.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE" if connection.dialect.name == "sqlite" else "VACUUM ANALYZE"))
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")


# --- Vacancies --------------------------------------------------------------------------------------------------


def new_id(draw: random.Random) -> str:
    return str(uuid.UUID(int=draw.getrandbits(128), version=4))


def write_employer(uow: UnitOfWork, employer_id: str, draw: random.Random) -> str:
    """Its workplace."""
    uow.add(Employer(id=employer_id, name="Noorderzon", kvk_number="90000001", created_at=uow.now))
    uow.flush()
    return write_place(uow, employer_id, draw)


def write_place(uow: UnitOfWork, employer_id: str, draw: random.Random) -> str:
    place = new_id(draw)
    where = {"postcode": "9711AB", "municipality_code": "GM0014", "region_code": "AM01"}
    uow.add(Establishment(id=place, employer_id=employer_id, name="Loods", **where))
    uow.flush()
    return place


def vacancy_of(draw: random.Random, kind: str, employer_id: str, today: date) -> dict[str, Any]:
    """About work that is near only to work of its own kind."""
    groups = KINDS[kind]
    code = code_in(draw, draw.choice(groups))
    while any(group[:2] not in groups for group in near_groups(code)):
        code = code_in(draw, draw.choice(groups))
    return vacancy(draw, employer_id, today, code, draw.choice(_postcodes()))


def vacancy(
    draw: random.Random, employer_id: str, today: date, code: str, area: places.Postcode, **more: Any
) -> dict[str, Any]:
    town = places.municipality(area.municipality_code)
    assert town is not None
    low = draw.choice((8, 16, 20, 24, 32, 36))
    return {
        "id": new_id(draw), "version": 1, "employer_id": employer_id, "reference": None, "status": VacancyStatus.OPEN,
        "title": "Medewerker", "description": None, "occupation_code": code, "tasks": [], "hours_min": Decimal(low),
        "hours_max": Decimal(min(40, low + draw.choice((0, 0, 4, 8)))),
        "start_date": today + timedelta(days=draw.randint(7, 120)) if draw.random() < 0.8 else None,
        "contract_type": ContractType.FIXED_TERM, "positions": 1, "filled_positions": 0,
        "language_level": draw.choice((None, None, LanguageLevel.A1, LanguageLevel.A2, LanguageLevel.B1)),
        "driving_licences": [DrivingLicence.B.value] if draw.random() < 0.2 else [],
        "demands": _some(draw, WorkDemand, 0.2, 0.2, 4), "offers": _some(draw, WorkCondition, 0.2, 0.1, 8),
        "trial_placement": draw.random() < 0.5, "jobcoach_arrangement": JobcoachArrangement.FREE,
        "establishment_id": None, "postcode": f"{area.postcode4}AB", "municipality_code": area.municipality_code,
        "region_code": town.region_code, "latitude": area.latitude, "longitude": area.longitude,
        "freed_by_signal_id": None, "opened_on": today, "expires_on": today + timedelta(days=90), "filled_on": None,
        "chase_after": None, "with_desk_since": None,
    } | more  # fmt: skip


def write_vacancies(uow: UnitOfWork, vacancies: list[dict[str, Any]], receiver: str) -> None:
    moments = dict.fromkeys(("created_at", "changed_at", "offered_at"), uow.now)
    rows = [each | moments | {"sub_major": sub_major_of(each["occupation_code"])} for each in vacancies]
    write(uow, Vacancy, rows)
    write(uow, Referral, [referral(uow, each["id"], receiver, str(uuid.uuid4())) for each in vacancies])


def referral(uow: UnitOfWork, vacancy_id: str, receiver: str, id: str) -> dict[str, Any]:
    return {
        "id": id, "version": 1, "vacancy_id": vacancy_id, "kind": ReferralTarget.WSP, "party_id": receiver,
        "because": ReferralReason.REGION, "status": ReferralStatus.SENT, "reason": None, "lead": False,
        "respond_by": uow.today + timedelta(days=3), "sent_at": uow.now, "seen_at": None, "answered_at": None,
        "accepted_at": None,
    }  # fmt: skip


# --- Candidates -------------------------------------------------------------------------------------------------


def write_candidates(
    uow: UnitOfWork, kinds: list[str], draw: random.Random, employer_id: str, place: str, lead: str
) -> None:
    persons, jobs, candidates, wishes = [], [], [], []
    for kind in kinds:
        one = _candidate(draw, kind, uow.today) | {"lead_party_id": lead, "created_by": lead, "created_at": uow.now}
        persons.append(_person(one["person_id"], uow))
        if draw.random() < 0.1:
            one["employment_id"] = new_id(draw)
            jobs.append(_job(draw, one, employer_id, place, uow))
        candidates.append(one)
        wishes += _wishes(one)
    for model, rows in ((Person, persons), (Employment, jobs), (Candidate, candidates), (CandidateOccupation, wishes)):
        write(uow, model, rows)


def _candidate(draw: random.Random, kind: str, today: date) -> dict[str, Any]:
    group = draw.choice(KINDS[kind])
    wanted = {code_in(draw, group)}
    for _ in range(draw.choices((0, 1, 2, 3), (35, 30, 20, 15))[0]):
        wanted.add(code_in(draw, group if draw.random() < 0.6 else draw.choice(KINDS[kind])))
    low = draw.choice((8, 12, 16, 20, 24, 32))
    known = draw.random() < 0.9
    return {
        "id": new_id(draw), "version": 1, "person_id": new_id(draw), "employment_id": None,
        "lead_role": CandidateLeadRole.WSP_ADVISOR, "occupations": sorted(wanted),
        "hours_min": Decimal(low) if known else None,
        "hours_max": Decimal(min(40, low + draw.choice((0, 4, 8, 12, 16)))) if known else None,
        "postcode4": draw.choice(_postcodes()).postcode4, "max_distance_km": Decimal(draw.randint(5, 40)),
        "available_from": None if draw.random() < 0.4 else today + timedelta(days=draw.randint(-200, 200)),
        "needs": _some(draw, WorkCondition, 0.1, 0.25, 5), "cannot": _some(draw, WorkDemand, 0.1, 0.3, 5),
        "language_level": draw.choice((None, *LanguageLevel)),
        "driving_licences": draw.choice((None, [], [], ["AM"], ["B"], ["B"], ["B", "BE"], ["A", "B"], ["B", "C"])),
        "paused_until": None,
        "status": draw.choices(
            (CandidateStatus.AVAILABLE, CandidateStatus.PAUSED, CandidateStatus.PLACED), (75, 15, 10)
        )[0],
    }  # fmt: skip


def _person(person_id: str, uow: UnitOfWork) -> dict[str, Any]:
    empty = dict.fromkeys(("bsn", "name", "email", "postcode4", "erased_at"))
    return {"id": person_id, "is_client": True, "created_at": uow.now, **empty}


def _job(draw: random.Random, one: dict[str, Any], employer_id: str, place: str, uow: UnitOfWork) -> dict[str, Any]:
    nothing = dict.fromkeys(column.name for column in cast(Table, Employment.__table__).columns)
    return nothing | {
        "id": one["employment_id"], "version": 1, "employer_id": employer_id, "person_id": one["person_id"],
        "person_by_uwv": False, "establishment_id": place, "employee_number": one["id"][:13],
        "start_date": uow.today - timedelta(days=500),
        "end_date": uow.today + timedelta(days=draw.randint(-30, 200)) if draw.random() < 0.8 else None,
        "contract_type": ContractType.FIXED_TERM, "job_title": "Medewerker", "occupation_code": "9333",
        "jobcoach_kind": JobcoachKind.NONE, "created_at": uow.now,
    }  # fmt: skip


def _wishes(one: dict[str, Any]) -> list[dict[str, Any]]:
    area = places.postcode(one["postcode4"])
    assert area is not None
    box = around(area.latitude, area.longitude, float(one["max_distance_km"]) * criteria.NEAR_DISTANCE)
    found = []
    for code in one["occupations"]:
        isco = _isco()[code]
        found.append({"candidate_id": one["id"], "code": code, "isco_code": isco, "sub_major": isco[:2]})
    copied = {name: one[name] for name in ("max_distance_km", "hours_min", "hours_max")}
    return [each | box._asdict() | copied for each in found]


# --- Drawing and writing ----------------------------------------------------------------------------------------


def write(uow: UnitOfWork, model: type[Base], rows: list[dict[str, Any]]) -> None:
    empty = dict.fromkeys(column.name for column in cast(Table, model.__table__).columns)
    if rows:
        uow.write(_insert(model), [empty | row for row in rows])


@cache
def _insert(model: type[Base]) -> Prepared:
    return Prepared(insert(cast(Table, model.__table__)))


@cache
def _postcodes() -> list[places.Postcode]:
    return [area for region in places.regions() for area in places.postcodes_in(region.code) if area.exact]


@cache
def _isco() -> dict[str, str]:
    return {one.uri_or_code: one.isco_code for one in occupations.all_occupations()}


@cache
def _codes(group: str) -> tuple[list[str], list[str]]:
    """What people say they want in this sub-major group: often a title of our own list, else anything in it."""
    titles = [title.isco_code for title in occupations.job_titles() if title.isco_code.startswith(group)]
    every = [code for code, isco in _isco().items() if isco.startswith(group)]
    return titles or every, every


def code_in(draw: random.Random, group: str) -> str:
    titles, every = _codes(group)
    return draw.choice(titles if draw.random() < 0.6 else every)


def _some(draw: random.Random, codes: Any, unknown: float, nothing: float, most: int) -> list[str] | None:
    chance = draw.random()
    if chance < unknown:
        return None
    if chance < unknown + nothing:
        return []
    return sorted(draw.sample([code.value for code in codes], draw.randint(1, most)))
