"""The page about second tracks says what the code does."""

from __future__ import annotations

import json
import re
from enum import StrEnum
from pathlib import Path

import pytest

from service.access.rules import PartyKind
from service.signals.second_track import part, rules
from service.signals.second_track.rules import MILESTONES, STATUS_MACHINE, WAITING_WEEKS, SecondTrackStatus
from service.signals.second_track.schemas import SecondTrackBody

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/integrators/second-track.md").read_text("utf-8")
ROWS = [[cell.strip() for cell in line.split("|")[1:-1]] for line in PAGE.splitlines() if line.startswith("| ")]


def test_the_example_is_of_the_right_form() -> None:
    example = json.loads(re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)[0])
    assert SecondTrackBody().load(example).keys() == SecondTrackBody().fields.keys()


def test_the_milestones_are_the_table_of_the_code() -> None:
    told = [tuple(cell.strip("`") for cell in row[:4]) for row in ROWS if len(row) == 5 and row[0] != "code"]
    assert told == [
        (rule.code, str(WAITING_WEEKS - rule.weeks_before_end), f"{rule.weeks_before_end} weeks", rule.who)
        for rule in MILESTONES
    ]


def test_the_course_is_the_table_of_moves() -> None:
    course = [row for row in ROWS if len(row) == 4 and row[0] != "status"]
    found: dict[tuple[str, str], set[str]] = {}
    status = ""
    for row in course:
        status = row[0].strip("`") or status
        found[(status, row[3])] = set(re.findall(r"`([a-z_]+)`", row[2]))
    kinds = {"UWV's side": PartyKind.DESK, "the employer": PartyKind.EMPLOYER}
    for each in SecondTrackStatus:
        for name, kind in kinds.items():
            assert found.get((each, name), set()) == set(STATUS_MACHINE.allowed(each, kind)), (each, name)


@pytest.mark.parametrize("codes", [rules.Agency, rules.WaitingPeriodChange, rules.SecondTrackOutcome])
def test_each_code_is_named(codes: type[StrEnum]) -> None:
    assert {each.value for each in codes} <= set(re.findall(r"`([a-z_]+)`", PAGE))


def test_the_terms_are_those_of_the_code() -> None:
    assert (part.CLOSED_TERM.days, part.WITHDRAWN_TERM.days) == (2 * 365, 90)
    assert (rules.CLOSE_AFTER.days, rules.REMIND_BEFORE.days) == (13 * 7, 4 * 7)
    assert (rules.LONGEST_SANCTION.days, rules.LONGEST_AGREED.days) == (52 * 7, 104 * 7)


def test_each_event_is_in_the_list_of_events() -> None:
    events = (ROOT / "docs/integrators/events.md").read_text("utf-8")
    lines = " ".join(line.split("|")[1] for line in events.splitlines() if line.startswith("| `second-track"))
    told = {"changed", "escalated", "milestone-near"} | {status.value for status in SecondTrackStatus}
    assert set(re.findall(r"`(?:second-track)?\.([a-z-]+)`", lines)) == told
