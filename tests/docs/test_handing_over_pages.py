"""The tables of the pages on files of contract ends and on handing over are those of the code."""

from __future__ import annotations

import re

from service.signals.imports.schemas import COLUMNS, SignalImportQuery
from service.signals.profiles.rules import Topic, WayToWork
from service.signals.profiles.schemas import HandoverProfileView, OwnViewView
from tests.support.running import ROOT

BULK = (ROOT / "docs/integrators/signals-in-bulk.md").read_text("utf-8")
HANDOVER = (ROOT / "docs/integrators/handover.md").read_text("utf-8")


def test_the_columns_of_the_guide() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| ([^|]+) \|", BULK[BULK.index("## Columns") :], flags=re.MULTILINE))
    told = {name: tuple(each.strip() for each in rows[name].split(",")) for name in COLUMNS.headings}
    assert told == COLUMNS.headings
    asked = {str(field.data_key) for field in SignalImportQuery().fields.values()}
    assert set(re.findall(r"^\| `(\w+)(?:=true)?` \| (?!d)", BULK[: BULK.index("## Columns")], re.MULTILINE)) == asked


def test_the_fields_of_the_guide() -> None:
    named = set(re.findall(r"`(\w+)`", HANDOVER))
    for view in (HandoverProfileView, OwnViewView):
        fields = {str(field.data_key) for field in view().fields.values()}
        assert fields - {"signalId", "givenOn", "recordedOn"} <= named
    assert {each.value for each in (*Topic, *WayToWork)} <= named
