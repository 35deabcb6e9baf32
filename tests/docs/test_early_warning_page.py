"""The page about early warnings says what the code does."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

from service.kernel.problems import Problem
from service.signals.asking.rules import Answer, answer_by, first_reminder
from service.signals.asking.schemas import AnswerBody, EndQuestionView

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/integrators/early-warning.md").read_text("utf-8")
EXAMPLES = [json.loads(text) for text in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)]


def test_the_examples_are_of_the_right_form() -> None:
    question, body = EXAMPLES
    assert question.keys() == {field.data_key for field in EndQuestionView().fields.values()}
    try:
        assert AnswerBody().load(body)["answer"] is Answer.EXTENDED
    except Problem as refused:
        raise AssertionError(refused.errors) from None


def test_the_days_of_the_example_are_those_of_the_rule() -> None:
    asked, by = (date.fromisoformat(EXAMPLES[0][name]) for name in ("askedOn", "answerBy"))
    assert answer_by(asked, date(2026, 12, 31)) == by
    assert asked < first_reminder(asked, by) < by


def test_each_answer_and_field_stands_in_the_table() -> None:
    rows = [row.split("|")[1:-1] for row in PAGE.splitlines() if re.match(r"\| `[a-z]+` \|", row)]
    assert [re.findall(r"`([a-z]+)`", row[0]) for row in rows] == [["answer"], *[[each.value] for each in Answer]]
    named = set(re.findall(r"`([a-zA-Z]+)`", " ".join(row[1] for row in rows[1:])))
    fields = {str(field.data_key) for field in AnswerBody().fields.values()}
    assert fields - {"answer"} <= named
