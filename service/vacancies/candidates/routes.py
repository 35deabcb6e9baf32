"""Candidates and matches over HTTP."""

from __future__ import annotations

from typing import Any

from service.kernel.endpoints import Call, Routes
from service.vacancies import matches as matching
from service.vacancies.candidates import operations
from service.vacancies.candidates.schemas import (
    CandidateBody,
    CandidateChange,
    CandidatePage,
    CandidateQuery,
    CandidateTransition,
    CandidateView,
    MatchesQuery,
    MatchesView,
)

routes = Routes(
    "Candidates",
    "Pseudonymous profiles of people who look for work, never shown to employers, and how they fit vacancies.",
)


@routes.get("/candidates", scope="candidates:read", query=CandidateQuery, response=CandidatePage)
def list_candidates(call: Call) -> Any:
    """The candidates that you may see"""
    return operations.list_candidates(call.uow, call.actor, call.query)


@routes.post(
    "/candidates",
    scope="candidates:write",
    body=CandidateBody,
    response=CandidateView,
    status=201,
    location="/candidates/{id}",
)
def register_candidate(call: Call) -> Any:
    """Register a candidate

    Name and BSN are kept sealed and never given back here. An employer reads the name on a proposal, and only while the
    person agrees to it.
    """
    return operations.register_candidate(call.uow, call.actor, call.body)


@routes.get("/candidates/{id}", scope="candidates:read", response=CandidateView)
def get_candidate(call: Call) -> Any:
    """One candidate"""
    return operations.get_candidate(call.uow, call.actor, call.id)


@routes.patch("/candidates/{id}", scope="candidates:write", body=CandidateChange, response=CandidateView)
def change_candidate(call: Call) -> Any:
    """Change a candidate: only its lead and UWV's side may"""
    return operations.change_candidate(call.uow, call.actor, call.id, call.body, call.expected)


@routes.post(
    "/candidates/{id}/transitions",
    scope="candidates:write",
    body=CandidateTransition,
    response=CandidateView,
    if_match=True,
)
def move_candidate(call: Call) -> Any:
    """Pause, resume, place or withdraw a candidate: only its lead may"""
    return operations.move_candidate(call.uow, call.actor, call.id, call.body, call.expected)


@routes.get("/vacancies/{id}/matches", scope="matches:read", query=MatchesQuery, response=MatchesView)
def list_vacancy_matches(call: Call) -> Any:
    """The candidates who fit a vacancy best

    Available candidates whom you may see, who look for this work or work near to it and want to travel that far. In
    `nearMisses` those who miss one hard requirement by little, with what would make it fit.
    """
    return matching.matches_of_vacancy(call.uow, call.actor, call.id, call.query)


@routes.get("/candidates/{id}/matches", scope="matches:read", query=MatchesQuery, response=MatchesView)
def list_candidate_matches(call: Call) -> Any:
    """The open vacancies that fit a candidate best

    In `nearMisses` those that miss one hard requirement by little, with what would make it fit.
    """
    return matching.matches_of_candidate(call.uow, call.actor, call.id, call.query)
