"""What the contract register asks back, over HTTP, and how complete a register is."""

from __future__ import annotations

from typing import Any

from service.employers.questions import coverage, operations
from service.employers.questions.schemas import (
    CoverageView,
    QuestionPage,
    QuestionQuery,
    QuestionTransition,
    QuestionView,
)
from service.kernel.endpoints import Call, Routes

questions = Routes("Employment questions", "What the contract register asks back, and how complete it is.")

_ONE = "/employment-questions/{id}"


@questions.get("/employment-questions", scope="employment-questions:read", query=QuestionQuery, response=QuestionPage)
def list_employment_questions(call: Call) -> Any:
    """The questions of the register, the nearest deadline first

    An employer has here what it is asked; the desk sees all, with `late=true` what nobody answered in time.
    """
    return operations.list_questions(call.uow, call.actor, call.query)


@questions.get(_ONE, scope="employment-questions:read", response=QuestionView)
def get_employment_question(call: Call) -> Any:
    """One question of the register"""
    return operations.get_question(call.uow, call.actor, call.id)


@questions.post(
    _ONE + "/transitions",
    scope="employment-questions:answer",
    body=QuestionTransition,
    response=QuestionView,
    if_match=True,
)
def answer_employment_question(call: Call) -> Any:
    """Answer a question of the register

    `still_employed`: nothing changes. `ended`: the employment gets the end date. `left_out`: you no longer want this
    service for this employee; the employment stays as it is, and we do not ask about it again.
    """
    return operations.answer_question(call.uow, call.actor, call.id, call.body, call.expected)


@questions.get("/employers/{id}/coverage", scope="employments:read", response=CoverageView, reading=True)
def get_coverage(call: Call) -> Any:
    """How complete an employer's register is

    Counts of the register, the last full list and the open questions. For the employer itself and the desk.
    """
    return coverage.get_coverage(call.uow, call.actor, call.id)
