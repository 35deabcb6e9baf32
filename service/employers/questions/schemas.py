"""Questions of the register and their answers: codes and days, no free text. And how complete a register is."""

from __future__ import annotations

from service.employers.questions.rules import Answer, LapseReason, QuestionKind, QuestionStatus
from service.employers.schemas import ContractDate, WageMonth
from service.kernel.fields import Boolean, Code, Date, Id, Integer, Moment, Nested, QueryBoolean, Sentence, String
from service.kernel.schemas import Page, Schema, View, page_of


class QuestionView(View):
    id = Id(required=True)
    employer_id = Id(required=True)
    employment_id = Id(required=True)
    reference = String(required=True, allow_none=True, metadata={"description": "Of the employment: your own id"})
    employee_number = String(required=True, allow_none=True, metadata={"description": "Of the employment"})
    kind = Code(
        QuestionKind,
        required=True,
        metadata={"description": "`missing`: not in your full list. `no_wages`: three whole months without wages"},
    )
    question = Sentence(required=True)
    import_id = Id(required=True, allow_none=True, metadata={"description": "The full list that did not name it"})
    last_wage_month = WageMonth(required=True, allow_none=True, metadata={"description": "As it was when we asked"})
    proposed_end_date = Date(
        required=True,
        allow_none=True,
        metadata={"description": "What the wages suggest; the end date of the answer `ended` unless you give another"},
    )
    status = Code(QuestionStatus, required=True)
    asked_at = Moment(required=True)
    answer_by = Date(required=True, metadata={"description": "Ten working days after we asked"})
    late = Boolean(
        required=True, metadata={"description": "Open after `answerBy`. It stays open, and the desk sees it"}
    )
    answer = Code(Answer, required=True, allow_none=True)
    end_date = Date(required=True, allow_none=True, metadata={"description": "With the answer `ended`"})
    answered_at = Moment(required=True, allow_none=True)
    lapsed_at = Moment(required=True, allow_none=True)
    lapsed_because = Code(
        LapseReason,
        required=True,
        allow_none=True,
        metadata={
            "description": "`named_again`: a later file names it. `end_registered`: the end date is in the register. "
            "`wages_changed`: the last month with wages is another now. `left_out`: said with another question."
        },
    )
    quiet_until = Date(
        required=True,
        allow_none=True,
        metadata={"description": "The last day on which your answer keeps us from asking again; 9999-12-31: for good"},
    )


class QuestionQuery(Page):
    status = Code(QuestionStatus)
    kind = Code(QuestionKind)
    employer_id = Id()
    employment_id = Id()
    late = QueryBoolean(metadata={"description": "Only those that are open after their `answerBy`, or only the others"})


QuestionPage = page_of(QuestionView, "EmploymentQuestionPage")


class QuestionTransition(Schema):
    to = Code(QuestionStatus, required=True, metadata={"description": "`answered`; a question lapses by itself"})
    answer = Code(Answer, metadata={"description": "Required for `answered`"})
    end_date = ContractDate(
        metadata={
            "description": "With `ended` only: the last day. May be left out where the question proposes one. "
            "It becomes the end date of the employment"
        }
    )


# --- How complete a register is ---------------------------------------------------------------------------------


def _count(about: str) -> Integer:
    return Integer(minimum=0, maximum=100_000_000, required=True, metadata={"description": about})


class CoveredEmploymentsView(View):
    running = _count("Begun, and not ended")
    starting = _count("Not begun yet; the figures below do not count them")
    with_end = _count("Running, with an end date")
    fixed_term_without_end = _count("Running for a fixed term without an end date: we cannot warn in time")
    ending_within1_month = _count("Running, and ending within a month")
    ending_within3_months = _count("The same within three months, those above included")
    ending_within6_months = _count("The same within six months, those above included")
    without_reference = _count("Running, without a reference of yours")
    without_occupation = _count("Running, without an occupation")
    without_hours = _count("Running, without hours a week")
    without_wage_month = _count("Running, without a last month with wages")
    without_recent_wages = _count("Running without an end date, and three whole months without wages")


class LastListView(View):
    import_id = Id(required=True)
    finished_at = Moment(required=True)
    rows = _count("Rows of the file that were looked at")
    failed = _count("Rows with something wrong: nothing of them was taken over")
    missing = _count("Employments of the register that the list does not name")


class CoveredQuestionsView(View):
    open = _count("Waiting for an answer")
    late = _count("Of these, how many wait after their `answerBy`")


class CoverageView(View):
    employer_id = Id(required=True)
    on = Date(required=True, metadata={"description": "The figures are those of now"})
    employments = Nested(CoveredEmploymentsView, required=True)
    last_import_at = Moment(
        required=True, allow_none=True, metadata={"description": "The last file; null: none in the last 90 days"}
    )
    last_full_list = Nested(
        LastListView,
        required=True,
        allow_none=True,
        metadata={"description": "The last full list that was read to its end; null: none in the last 90 days"},
    )
    questions = Nested(CoveredQuestionsView, required=True)
