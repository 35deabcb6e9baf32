"""The page about call-backs says what the code does."""

from __future__ import annotations

import json
import re
from pathlib import Path

from service.access.rules import PartyKind
from service.contacts.callbacks.rules import STATUS_MACHINE, CallBackStatus, CallBackSubject
from service.contacts.callbacks.schemas import CallBackBody, CallBackView
from service.delivery.rules import TYPE_PREFIX

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/integrators/call-backs.md").read_text("utf-8")


def test_the_example_is_of_the_right_form() -> None:
    example = json.loads(re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)[0])
    assert CallBackBody().load(example)["subject"] is CallBackSubject.CONTRACT_CHANGE


def test_the_subjects_are_those_of_the_code() -> None:
    line = next(line for line in PAGE.splitlines() if line.startswith("- `subject`"))
    assert re.findall(r"`([a-z_]+)`", line)[1:] == [subject.value for subject in CallBackSubject]


def test_the_course_is_the_table_of_moves() -> None:
    rows = [[cell.strip() for cell in row.split("|")[1:-1]] for row in PAGE.splitlines() if row.startswith("| ")]
    course = [row for row in rows if len(row) == 4 and row[0] != "status"]
    assert {row[0].strip("`") for row in course} - {""} == set(CallBackStatus)
    goes_on = {to for row in course[:2] for to in re.findall(r"`([a-z_]+)`", row[2])}
    moves = {move.target.value for move in STATUS_MACHINE.moves if move.source is CallBackStatus.OPEN}
    assert goes_on == moves
    assert set(STATUS_MACHINE.allowed(CallBackStatus.OPEN, PartyKind.EMPLOYER)) == {CallBackStatus.WITHDRAWN}


def test_the_fields_of_the_answer_exist() -> None:
    names = {field.data_key for field in CallBackView().fields.values()}
    about = re.findall(r"^\| `([a-zA-Z]+)` \| [^|]+ \|$", PAGE, re.MULTILINE)
    assert about
    assert set(about) <= names


def test_each_event_is_in_the_list_of_events() -> None:
    events = (ROOT / "docs/integrators/events.md").read_text("utf-8")
    assert TYPE_PREFIX in events
    told = {"requested", "passed-on", "escalated"} | {
        status.value.replace("_", "-") for status in CallBackStatus if status is not CallBackStatus.OPEN
    }
    lines = " ".join(line.split("|")[1] for line in events.splitlines() if line.startswith("| `call-back"))
    assert set(re.findall(r"`(?:call-back)?\.([a-z-]+)`", lines)) == told
