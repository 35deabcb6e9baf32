"""Answering the question of an early warning over HTTP."""

from __future__ import annotations

from typing import Any

from service.kernel.endpoints import Call, Routes
from service.signals.asking import operations
from service.signals.asking.schemas import AnswerBody
from service.signals.schemas import SignalView

answers = Routes("Early warning", "The contract register shows that an end comes near: the employer is asked, once.")


@answers.post(
    "/contract-end-signals/{id}/answers",
    scope="signals:answer",
    body=AnswerBody,
    response=SignalView,
    if_match=True,
)
def answer_contract_end_question(call: Call) -> Any:
    """Answer what is asked about an end that comes near

    `extended` changes the employment in the contract register and withdraws the signal. `undecided` and `ending` are
    your report, with a receipt. For employers; while `question` of the signal has no answer.
    """
    return operations.answer_question(call.uow, call.actor, call.id, call.body, call.expected)
