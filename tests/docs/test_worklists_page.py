"""The page about worklists says what the code does."""

from __future__ import annotations

import json
import re
from pathlib import Path

from service.signals.schemas import TimelineEntryView
from service.signals.timeline import TimelineState
from service.worklists.calendars.rules import MOST_FEEDS, READS_PER_MINUTE
from service.worklists.calendars.schemas import CalendarFeedBody
from service.worklists.rules import NEW_WORKING_DAYS, Due
from service.worklists.schemas import WorkItemQuery, WorkItemView
from service.worklists.sources import KINDS

PAGE = (Path(__file__).resolve().parents[2] / "docs/integrators/worklists.md").read_text("utf-8")
EXAMPLES = [json.loads(each) for each in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)]
ROWS = re.findall(r"^\| `([a-zA-Z_]+)` \| (.+) \|$", PAGE, re.MULTILINE)


def test_the_kinds_are_those_of_the_code() -> None:
    assert [name for name, rest in ROWS if rest.count("|") == 2] == list(KINDS)


def test_the_item_has_the_fields_of_an_answer() -> None:
    required = {field.data_key for field in WorkItemView().fields.values() if field.required}
    assert EXAMPLES[0].keys() == required
    assert KINDS[EXAMPLES[0]["kind"]].text.nl.format(number=EXAMPLES[0]["number"]) == EXAMPLES[0]["text"]


def test_the_timeline_has_the_fields_of_an_answer() -> None:
    about = [name for name, rest in ROWS if rest.count("|") == 0]
    assert about == [field.data_key for field in TimelineEntryView().fields.values()]
    for state in TimelineState:
        assert f"`{state.value}`" in PAGE


def test_the_filters_exist() -> None:
    line = next(line for line in PAGE.splitlines() if line.startswith("- Filters:"))
    named = set(re.findall(r"`([a-zA-Z]+)`", line)) - set(Due)
    assert named | {"cursor", "limit"} == {field.data_key for field in WorkItemQuery().fields.values()}
    assert set(Due) <= set(re.findall(r"`([a-z]+)`", line))


def test_the_feed_and_the_numbers() -> None:
    assert CalendarFeedBody().load(EXAMPLES[1])["remind_days_before"] == 1
    assert f"at most {MOST_FEEDS} feeds" in PAGE
    assert f"{READS_PER_MINUTE} times a minute" in PAGE
    assert NEW_WORKING_DAYS == 3
    assert "last three working days" in PAGE
