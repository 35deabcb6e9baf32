"""The question to the employer, and its answer."""

from __future__ import annotations

from service.kernel.fields import Boolean, Code, Date, String
from service.kernel.schemas import Schema, View
from service.signals.asking.rules import Answer
from service.signals.rules import EndReason, VacancyExpected

_ANSWER = {"description": "`extended`: the contract goes on; `undecided`: in doubt; `ending`: it will end"}
_END = {
    "description": "With `extended`, required: the new last day, or null for a permanent contract. Else the last day "
    "of the contract, if it is another than the one asked about"
}
_INFORMED = {"description": "`ending` requires that the employee was informed", "default": False}


class AnswerBody(Schema):
    answer = Code(Answer, required=True, metadata=_ANSWER)
    end_date = Date(allow_none=True, metadata=_END)
    employee_informed = Boolean(metadata=_INFORMED)
    end_reason = Code(EndReason, metadata={"description": "Your statement, as a category. Never a medical reason"})
    vacancy_expected = Code(VacancyExpected, metadata={"description": "Whether the job comes free for somebody else"})
    reference = String(maximum=100, allow_none=True, metadata={"description": "Your own id of the report"})


class EndQuestionView(View):
    """How does this end stand? Asked of the employer, once."""

    asked_on = Date(required=True)
    answer_by = Date(required=True)
    reminded_on = Date(required=True, allow_none=True, metadata={"description": "The last reminder"})
    answer = Code(Answer, required=True, allow_none=True, metadata=_ANSWER)
    answered_on = Date(required=True, allow_none=True)
