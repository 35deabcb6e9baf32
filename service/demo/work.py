"""A mobility pool, candidates and vacancies, made by the same operations that serve the API."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import insert
from werkzeug.security import generate_password_hash

from service.access.models import Client
from service.demo.build import REGION, Build
from service.demo.names import full_name
from service.kernel.database import UnitOfWork
from service.reference import occupations, places
from service.reference.qualifications import DrivingLicence, LanguageLevel
from service.reference.work_codes import WorkCondition, WorkDemand
from service.vacancies import operations as vacancies
from service.vacancies.candidates import operations as candidates
from service.vacancies.candidates.schemas import CandidateBody
from service.vacancies.offers import operations as offers
from service.vacancies.offers.schemas import OfferBody
from service.vacancies.pools import operations as pools
from service.vacancies.pools.schemas import MemberBody, PoolBody
from service.vacancies.schemas import VacancyBody


def make_work(build: Build) -> None:
    with build.work() as uow:
        _make_pool(build, uow)
    for _ in range(build.count(12)):
        with build.work() as uow:
            for number in range(10):
                candidate_id = _make_candidate(build, uow)
                if number % 4 == 0:
                    _show_in_pool(build, uow, candidate_id)
    for _ in range(build.count(25)):
        build.now += timedelta(minutes=7)
        with build.work() as uow:
            _make_vacancy(build, uow)


def _make_pool(build: Build, uow: UnitOfWork) -> None:
    operator = build.actor(uow, "demo-operator")
    body = PoolBody().load({"name": "Mobiliteitspool Groningen", "regionCodes": [REGION]})
    pool = pools.create_pool(uow, operator, body)
    build.made.parties["demo-pool"] = pool["id"]
    members = [*build.made.employers[:8], build.made.parties["demo-wsp"], build.made.parties["demo-jobcoach"]]
    for party_id in members:
        pools.add_member(uow, operator, pool["id"], MemberBody().load({"partyId": party_id}))
    client = {"id": "demo-pool", "name": "demo-pool", "party_id": pool["id"], "is_demo": True, "created_at": uow.now}
    secret = generate_password_hash("demo-pool-secret", method="scrypt")
    uow.execute(insert(Client), [client | {"secret_hash": secret, "jwks": None}])


def _make_candidate(build: Build, uow: UnitOfWork) -> str:
    dice = build.dice
    title = dice.choice(occupations.job_titles())
    place = dice.choice([place for place in places.postcodes_in(REGION) if place.exact])
    least = dice.choice((12, 16, 20, 24))
    body: dict[str, Any] = {
        "name": full_name(dice),
        "bsn": build.numbers.bsn(),
        "occupations": [title.isco_code],
        "hours": {"min": least, "max": least + dice.choice((0, 4, 8, 12))},
        "postcode4": place.postcode4,
        "maxDistanceKm": dice.choice((5, 10, 15, 25, 40)),
        "availableFrom": (uow.today + timedelta(days=dice.randrange(0, 120))).isoformat(),
        "languageLevel": dice.choice(list(LanguageLevel)[2:]).value,
        "drivingLicences": dice.choice(([], [], [DrivingLicence.AM.value], [DrivingLicence.B.value])),
    }
    # Of some people little is known yet.
    if dice.random() < 0.8:
        body["needs"] = [code.value for code in dice.sample(list(WorkCondition), dice.randrange(0, 4))]
        body["cannot"] = [code.value for code in dice.sample(list(WorkDemand), dice.randrange(0, 4))]
    client_id = dice.choice(("demo-uwv", "demo-wsp", "demo-wsp", "demo-jobcoach"))
    made = candidates.register_candidate(uow, build.actor(uow, client_id), CandidateBody().load(body))
    return str(made["id"])


def _show_in_pool(build: Build, uow: UnitOfWork, candidate_id: str) -> None:
    consent = {"how": "in_person", "askedBy": "A. Jansen, arbeidsdeskundige", "on": uow.today.isoformat()}
    body = OfferBody().load({"poolId": build.made.parties["demo-pool"], "consent": consent})
    offers.make_offer(uow, build.actor(uow, "demo-uwv"), candidate_id, body)


def _make_vacancy(build: Build, uow: UnitOfWork) -> None:
    dice = build.dice
    title = dice.choice(occupations.job_titles())
    employer_id = dice.choice(build.made.employers[:2])
    client_id = "demo-employer" if employer_id == build.made.parties["demo-employer"] else "demo-employer-2"
    body = {
        "title": title.title,
        "occupationCode": title.isco_code,
        "hours": {"min": title.hours_min, "max": title.hours_max},
        "contractType": "fixed_term",
        "startDate": (build.now.date() + timedelta(days=dice.randrange(40, 150))).isoformat(),
        "establishmentId": dice.choice(build.made.establishments[employer_id]),
        "demands": [code.value for code in dice.sample(list(WorkDemand), dice.randrange(0, 3))],
        "offers": [code.value for code in dice.sample(list(WorkCondition), dice.randrange(1, 6))],
        "trialPlacement": dice.random() < 0.6,
    }
    vacancies.register_vacancy(uow, build.actor(uow, client_id), VacancyBody().load(body))
