"""Proposals, what the person said to being introduced, and the course that each took."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, Index, Numeric, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from service.access.rules import PartyKind
from service.kernel.database import Base, Id, Versioned, code
from service.vacancies.candidates.models import Candidate
from service.vacancies.models import Vacancy
from service.vacancies.proposals.reasons import DeclineReason
from service.vacancies.proposals.rules import LIVE_PROPOSAL, ConsentState, ProposalStatus
from service.vacancies.rules import ConsentHow

_LIVE = text("status IN ({})".format(", ".join(f"'{status.value}'" for status in sorted(LIVE_PROPOSAL))))


TO_ASK = text(f"status = '{ProposalStatus.TRIAL_PLACEMENT.value}' AND trial_asked_on IS NULL")
"""What the clock looks at."""


class Proposal(Base, Versioned):
    """One candidate for one vacancy.

    `was_proposed`: the candidate's lead made it a proposal, so that the employer sees it, also after its end.
    `employer_id` is that of the vacancy. `proposed_by`: the professional who decided so; null for older ones.
    `rules_version`: the matching rules by which the proposer saw the pair; null
    for proposals older than this column. Hours are contract hours a week; `end_date` is the last day of a trial, or of
    the contract once somebody is placed (null: not agreed). `held_on`: an employer wanted to start and was asked to
    talk to the candidate's side first. `trial_asked_on`: those concerned were asked what follows on it.
    """

    __tablename__ = "proposal"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    vacancy_id: Mapped[str] = mapped_column(Id, ForeignKey("vacancy.id"))
    employer_id: Mapped[str] = mapped_column(Id, ForeignKey("employer.id"))
    candidate_id: Mapped[str] = mapped_column(Id, ForeignKey("candidate.id"))
    proposer_party_id: Mapped[str] = mapped_column(Id, ForeignKey("party.id"))
    proposed_by: Mapped[str | None]
    status: Mapped[ProposalStatus] = mapped_column(code(ProposalStatus))
    was_proposed: Mapped[bool]
    consent: Mapped[ConsentState] = mapped_column(code(ConsentState))
    reason: Mapped[DeclineReason | None] = mapped_column(code(DeclineReason))
    start_date: Mapped[date | None]
    end_date: Mapped[date | None]
    hours: Mapped[Decimal | None] = mapped_column(Numeric(5, 2))
    intended_contract_months: Mapped[int | None]
    rules_version: Mapped[str | None]
    held_on: Mapped[date | None]
    trial_asked_on: Mapped[date | None]
    created_at: Mapped[datetime]

    candidate: Mapped[Candidate] = relationship(viewonly=True)
    vacancy: Mapped[Vacancy] = relationship(viewonly=True)

    __table_args__ = (
        Index(
            "uq_proposal_live", "vacancy_id", "candidate_id", unique=True, postgresql_where=_LIVE, sqlite_where=_LIVE
        ),
        Index("ix_proposal_vacancy", "vacancy_id", "id"),
        Index("ix_proposal_candidate", "candidate_id", "id"),
        Index("ix_proposal_employer", "employer_id", "id"),
        Index("ix_proposal_proposer", "proposer_party_id", "candidate_id"),
        Index("ix_proposal_trial_to_ask", "end_date", "id", postgresql_where=TO_ASK, sqlite_where=TO_ASK),
    )

    @property
    def address(self) -> str:
        return f"proposals/{self.id}"


class ConsentRecord(Base):
    """What the person said to this introduction: who asked, how, and on which day. The latest one holds.

    `told_fixed_jobcoach`: that the employer works with one jobcoach organisation, and `told_organisation_id` which
    one, as far as the vacancy said so.
    """

    __tablename__ = "proposal_consent"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    proposal_id: Mapped[str] = mapped_column(Id, ForeignKey("proposal.id"), index=True)
    state: Mapped[ConsentState] = mapped_column(code(ConsentState))
    how: Mapped[ConsentHow | None] = mapped_column(code(ConsentHow))
    asked_by: Mapped[str | None]
    asked_on: Mapped[date]
    told_fixed_jobcoach: Mapped[bool | None]
    told_organisation_id: Mapped[str | None] = mapped_column(Id)
    recorded_by: Mapped[str] = mapped_column(Id)
    recorded_at: Mapped[datetime]


class ProposalMove(Base):
    """One step in the course of a proposal, as those concerned may read it."""

    __tablename__ = "proposal_move"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    proposal_id: Mapped[str] = mapped_column(Id, ForeignKey("proposal.id"), index=True)
    at: Mapped[datetime]
    status: Mapped[ProposalStatus] = mapped_column(code(ProposalStatus))
    by: Mapped[PartyKind] = mapped_column("by_kind", code(PartyKind))
    reason: Mapped[DeclineReason | None] = mapped_column(code(DeclineReason))
