"""Parties, vacancies, jobs and candidates for the tests of candidates, matches and proposals."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from service.access.actor import Actor
from service.access.models import AccessEntry
from service.access.rules import PartyKind
from service.delivery.models import Event, EventParty
from service.employers.models import Employment, Establishment
from service.employers.rules import ContractType, JobcoachKind
from service.kernel.database import Database
from service.kernel.ids import new_id
from service.kernel.requests import Expected
from service.people import operations as people
from service.people.operations import Identity
from service.vacancies import matches
from service.vacancies import operations as vacancies
from service.vacancies.candidates import operations as candidates
from service.vacancies.candidates.schemas import CandidateBody, CandidateChange, CandidateTransition, MatchesQuery
from service.vacancies.offers import operations as offers
from service.vacancies.offers.schemas import OfferBody, OfferEndQuery
from service.vacancies.proposals import operations as proposals
from service.vacancies.proposals.schemas import ProposalBody, ProposalTransition
from service.vacancies.referrals import operations as referrals
from service.vacancies.referrals.schemas import ReferralTransition
from service.vacancies.schemas import VacancyBody, VacancyTransition
from tests.vacancies.parties import add_party

ANY = Expected(None)
BSN, OTHER_BSN = "123456782", "111222333"
NAME = "Sanne de Vries"
CONSENT = {"how": "phone", "askedBy": "A. Jansen, jobcoach", "on": "2026-11-23"}

PROFILE: dict[str, Any] = {
    "occupations": ["9333"],
    "hours": {"min": 16, "max": 32},
    "postcode4": "9711",
    "maxDistanceKm": 20,
    "needs": ["fixed_tasks", "quiet_workplace"],
    "cannot": ["night_work"],
}
WORK: dict[str, Any] = {
    "title": "Medewerker magazijn",
    "occupationCode": "9333",
    "hours": {"min": 24, "max": 24},
    "contractType": "fixed_term",
    "startDate": "2027-02-01",
    "workplace": {"postcode": "9712 AB"},
    "demands": [],
    "offers": ["fixed_tasks"],
}


class World:
    """One of each kind of party, and the verbs that the tests use, each in its own transaction."""

    def __init__(self, database: Database) -> None:
        self.database = database
        with database.transaction() as uow:
            self.employer = add_party(uow, PartyKind.EMPLOYER, "Bakkerij Brood")
            self.other_employer = add_party(uow, PartyKind.EMPLOYER, "Meubels en meer")
            self.uwv = add_party(uow, PartyKind.UWV, "UWV")
            self.desk = add_party(uow, PartyKind.DESK, "Servicepunt")
            self.wsp = add_party(uow, PartyKind.WSP, "WSP Groningen", "AM01")
            self.other_wsp = add_party(uow, PartyKind.WSP, "WSP Friesland", "AM02")
            self.pool = add_party(uow, PartyKind.MOBILITY_POOL, "Pool Noord")
            self.coach = add_party(uow, PartyKind.JOBCOACH_ORGANISATION, "Coach en Co")

    # Jobs and people

    def job(self, ends: date | None, *, name: str = NAME, bsn: str = BSN, coach: Actor | None = None) -> str:
        """An employment at the other employer, of a client of UWV."""
        job_id, establishment_id = new_id(), new_id()
        with self.database.transaction() as uow:
            person_id = people.find_or_create(uow, Identity(bsn=bsn, name=name), is_client=True)
            uow.add(
                Establishment(
                    id=establishment_id,
                    employer_id=self.other_employer.party.id,
                    name="Filiaal",
                    postcode="9711AA",
                    municipality_code="GM0014",
                    region_code="AM01",
                )
            )
            uow.flush()
            uow.add(
                Employment(
                    id=job_id,
                    employer_id=self.other_employer.party.id,
                    person_id=person_id,
                    establishment_id=establishment_id,
                    start_date=date(2025, 1, 1),
                    end_date=ends,
                    contract_type=ContractType.FIXED_TERM,
                    hours_per_week=Decimal(32),
                    jobcoach_kind=JobcoachKind.EXTERNAL if coach else JobcoachKind.NONE,
                    jobcoach_organisation_id=coach.party.id if coach else None,
                    created_at=uow.now,
                )
            )
        return job_id

    # Vacancies

    def vacancy(self, **body: Any) -> str:
        with self.database.transaction() as uow:
            return str(vacancies.register_vacancy(uow, self.employer, VacancyBody().load(WORK | body))["id"])

    def move_vacancy(self, vacancy_id: str, to: str) -> None:
        with self.database.transaction() as uow:
            vacancies.move_vacancy(uow, self.employer, vacancy_id, VacancyTransition().load({"to": to}), ANY)

    def vacancy_status(self, vacancy_id: str) -> str:
        with self.database.reading() as uow:
            return str(vacancies.vacancy_for(uow, self.employer, vacancy_id).status)

    def take(self, vacancy_id: str, actor: Actor) -> str:
        """Answers the referral that came to this actor: it takes the vacancy. Returns the referral's id."""
        with self.database.transaction() as uow:
            [sent] = referrals.list_referrals(uow, actor, {"limit": 50, "vacancy_id": vacancy_id})["items"]
            data = ReferralTransition().load({"to": "accepted"})
            return str(referrals.answer_referral(uow, actor, sent["id"], data, ANY)["id"])

    def give_back(self, referral_id: str, actor: Actor) -> None:
        data = ReferralTransition().load({"to": "returned", "reason": "no_candidates"})
        with self.database.transaction() as uow:
            referrals.answer_referral(uow, actor, referral_id, data, ANY)

    # Candidates

    def candidate(self, actor: Actor | None = None, **body: Any) -> dict[str, Any]:
        with self.database.transaction() as uow:
            return candidates.register_candidate(uow, actor or self.wsp, CandidateBody().load(PROFILE | body))

    def change(self, candidate_id: str, actor: Actor | None = None, expected: Expected = ANY, **body: Any) -> Any:
        data = CandidateChange(partial=True).load(body)
        with self.database.transaction() as uow:
            return candidates.change_candidate(uow, actor or self.wsp, candidate_id, data, expected)

    def move_candidate(self, candidate_id: str, to: str, actor: Actor | None = None, **body: Any) -> Any:
        data = CandidateTransition().load({"to": to, **body})
        with self.database.transaction() as uow:
            return candidates.move_candidate(uow, actor or self.wsp, candidate_id, data, ANY)

    def get_candidate(self, candidate_id: str, actor: Actor | None = None) -> dict[str, Any]:
        with self.database.transaction() as uow:
            return candidates.get_candidate(uow, actor or self.wsp, candidate_id)

    def listed(self, actor: Actor, **query: Any) -> set[str]:
        with self.database.transaction() as uow:
            items = candidates.list_candidates(uow, actor, {"limit": 50, **query})["items"]
        return {item["id"] for item in items}

    # Offers in pools

    def offer(self, candidate_id: str, actor: Actor | None = None, pool: Actor | None = None) -> dict[str, Any]:
        data = OfferBody().load({"poolId": (pool or self.pool).party.id, "consent": CONSENT})
        with self.database.transaction() as uow:
            return offers.make_offer(uow, actor or self.uwv, candidate_id, data)

    def take_back(self, candidate_id: str, offer_id: str, actor: Actor | None = None, reason: str = "") -> None:
        query = OfferEndQuery().load({"reason": reason} if reason else {})
        with self.database.transaction() as uow:
            offers.end_offer(uow, actor or self.uwv, candidate_id, offer_id, query["reason"], ANY)

    def offers_of(self, candidate_id: str, actor: Actor | None = None, **query: Any) -> list[dict[str, Any]]:
        with self.database.transaction() as uow:
            return list(offers.list_offers(uow, actor or self.uwv, candidate_id, {"limit": 50, **query})["items"])

    # Matches

    def matches_answer(self, vacancy_id: str, actor: Actor | None = None, **query: str) -> dict[str, Any]:
        with self.database.transaction() as uow:
            return matches.matches_of_vacancy(uow, actor or self.wsp, vacancy_id, MatchesQuery().load(query))

    def matches(self, vacancy_id: str, actor: Actor | None = None, **query: str) -> list[dict[str, Any]]:
        return list(self.matches_answer(vacancy_id, actor, **query)["items"])

    def vacancies_answer(self, candidate_id: str, actor: Actor | None = None, **query: str) -> dict[str, Any]:
        with self.database.transaction() as uow:
            return matches.matches_of_candidate(uow, actor or self.wsp, candidate_id, MatchesQuery().load(query))

    def vacancies_for(self, candidate_id: str, actor: Actor | None = None, **query: str) -> list[dict[str, Any]]:
        return list(self.vacancies_answer(candidate_id, actor, **query)["items"])

    # Proposals

    def propose(self, vacancy_id: str, candidate_id: str, actor: Actor | None = None) -> dict[str, Any]:
        data = ProposalBody().load({"vacancyId": vacancy_id, "candidateId": candidate_id, "proposedBy": "P. Smit, WSP"})
        with self.database.transaction() as uow:
            return proposals.make_proposal(uow, actor or self.wsp, data)

    def move(
        self, proposal_id: str, to: str, actor: Actor | None = None, expected: Expected = ANY, **body: Any
    ) -> dict[str, Any]:
        data = ProposalTransition().load({"to": to, **body})
        with self.database.transaction() as uow:
            return proposals.move_proposal(uow, actor or self.wsp, proposal_id, data, expected)

    def get(self, proposal_id: str, actor: Actor | None = None) -> dict[str, Any]:
        with self.database.transaction() as uow:
            return proposals.get_proposal(uow, actor or self.wsp, proposal_id)

    def seen_by(self, actor: Actor, **query: Any) -> list[dict[str, Any]]:
        with self.database.transaction() as uow:
            return list(proposals.list_proposals(uow, actor, {"limit": 50, **query})["items"])

    def introduced(self, vacancy_id: str, candidate_id: str) -> str:
        """A proposal by the candidate's lead that has come as far as the introduction."""
        proposal_id = str(self.propose(vacancy_id, candidate_id)["id"])
        self.move(proposal_id, "consented", consent=CONSENT)
        self.move(proposal_id, "introduced")
        return proposal_id

    # What others learn

    def events(self, subject: str) -> list[tuple[str, set[str]]]:
        """The type of each event about this, and who may read it."""
        with self.database.reading() as uow:
            rows = uow.session.scalars(select(Event).where(Event.subject == subject).order_by(Event.id)).all()
            return [
                (
                    row.type,
                    set(uow.session.scalars(select(EventParty.party_id).where(EventParty.event_id == row.id))),
                )
                for row in rows
            ]

    def logged(self, action: str) -> list[tuple[str, str]]:
        """Who did this, to whom."""
        with self.database.reading() as uow:
            found = select(AccessEntry.client_id, AccessEntry.person_id).where(AccessEntry.action == action)
            return [(row.client_id, row.person_id) for row in uow.execute(found.order_by(AccessEntry.id))]
