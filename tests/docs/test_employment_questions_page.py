"""The page about the questions of the register says what the code does."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

from service.employers.questions import rules
from service.employers.questions.part import TERM
from service.employers.questions.rules import Answer, LapseReason, QuestionKind
from service.employers.questions.schemas import QuestionQuery, QuestionTransition, QuestionView
from service.employers.schemas import EmploymentView

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/integrators/employment-questions.md").read_text("utf-8")


def first_cells(heading: str) -> list[str]:
    """What stands in code in the first column of the table under this heading row."""
    table = PAGE[PAGE.index(heading) :].partition("\n\n")[0].splitlines()[2:]
    return [re.findall(r"`([a-zA-Z_]+)`", row.split("|")[1])[0] for row in table]


def test_the_example_is_of_the_right_form() -> None:
    example = json.loads(re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)[0])
    assert QuestionTransition().load(example)["end_date"] == date(2026, 10, 31)


def test_kinds_answers_and_fields_are_those_of_the_code() -> None:
    assert first_cells("| `kind` |") == list(QuestionKind)
    assert first_cells("| `answer` |") == list(Answer)
    assert set(first_cells("| field |")) <= {field.data_key for field in QuestionView().fields.values()}
    lapsing = PAGE[PAGE.index("**lapses**") :].partition("\n\n")[0]
    assert {f"`{reason}`" for reason in LapseReason} <= set(re.findall(r"`[a-z_]+`", lapsing))
    filters = re.search(r"Filters: (.*)\. The", PAGE)
    assert filters is not None
    keys = {field.data_key for field in QuestionQuery().fields.values()} - {"cursor", "limit"}
    assert set(re.findall(r"`(\w+)`", filters[1])) == keys
    assert "lastWageMonth" in {field.data_key for field in EmploymentView().fields.values()}


def test_the_figures_are_those_of_the_rules() -> None:
    assert (rules.ANSWER_WORKING_DAYS, rules.REMIND_WORKING_DAYS) == (10, 5)
    assert "the tenth working day" in PAGE
    assert "after five working days" in PAGE
    assert f"after {rules.QUIET_DAYS} days" in PAGE
    assert f"more than {100 // rules.ONE_IN}% of the running employments and at least {rules.LEAST_SUSPICIOUS}" in PAGE
    assert f"`{rules.FOR_GOOD}`" in PAGE
    assert TERM.days == 365


def test_each_event_is_in_the_list_of_events() -> None:
    events = (ROOT / "docs/integrators/events.md").read_text("utf-8")
    lines = " ".join(line.split("|")[1] for line in events.splitlines() if line.startswith("| `employment-question"))
    told = set(re.findall(r"`(?:employment-question)?\.([a-z-]+)`", lines))
    code = "".join(path.read_text("utf-8") for path in (ROOT / "service/employers/questions").glob("*.py"))
    assert told == {"asked", "reminded", "late", "answered", "lapsed"}
    assert all(f'"{each}"' in code for each in told)
