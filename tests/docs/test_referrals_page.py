"""The page about referrals says what the code does."""

from __future__ import annotations

import json
import re
from pathlib import Path

from service.access.rules import PartyKind
from service.reference import places
from service.vacancies.referrals.reasons import CLOSED_BY, REASONS, AnswerReason
from service.vacancies.referrals.rules import (
    REFERRAL,
    REGIONS_PER_ESCALATION,
    RESPOND_WORKING_DAYS,
    ReferralOrder,
    ReferralStatus,
)
from service.vacancies.referrals.schemas import ReferralQuery, ReferralView
from service.vacancies.referrals.transfers.rules import MOST_NAMED, TransferReason
from service.vacancies.referrals.transfers.schemas import TransferBody

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/integrators/referrals.md").read_text("utf-8")
ROWS = [[cell.strip() for cell in line.split("|")[1:-1]] for line in PAGE.splitlines() if line.startswith("| ")]
S = ReferralStatus


def words(text: str) -> list[str]:
    return re.findall(r"`([a-z_A-Z]+)`", text)


def test_the_example_and_its_reasons() -> None:
    example = json.loads(re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)[0])
    assert TransferBody().load(example)["reason"] is TransferReason.WRONG_REGION
    assert set(example) | {"fromId"} == {field.data_key for field in TransferBody().fields.values()}
    line = next(line for line in PAGE.splitlines() if line.startswith("- `reason`"))
    assert words(line)[1:] == [reason.value for reason in TransferReason]
    assert f"names up to {MOST_NAMED}" in PAGE


def test_the_filters_are_those_of_the_inbox() -> None:
    table = ROWS[1 : next(at for at, row in enumerate(ROWS) if row[0] == "`to`")]
    asked = {word.partition("=")[0] for row in table for word in re.findall(r"`([a-zA-Z=]+)`", row[0])}
    assert asked | {"cursor", "limit"} == {field.data_key for field in ReferralQuery().fields.values()}
    assert f"sort={ReferralOrder.RESPOND_BY.value}" in PAGE


def test_the_answers_are_the_table_of_moves() -> None:
    answers = {words(row[0])[0]: set(words(row[1])) for row in ROWS if len(row) == 3 and row[1] != "from"}
    moves: dict[str, set[str]] = {}
    for move in REFERRAL.moves:
        if PartyKind.WSP in move.who:
            moves.setdefault(move.target.value, set()).add(move.source.value)
    assert answers == moves


def test_the_reasons_are_those_of_the_code() -> None:
    line = next(line for line in PAGE.splitlines() if line.startswith("Reasons:"))
    named = words(line)
    own = [reason.value for reason in AnswerReason if reason in REASONS[S.DECLINED]]
    assert named[: len(own)] == own
    assert named[len(own) :] == [
        "returned",
        *(REASONS[S.RETURNED] - REASONS[S.DECLINED]),
        *(reason.value for reason in CLOSED_BY.values()),
        AnswerReason.TRANSFERRED.value,
    ]


def test_the_clock_and_the_regions() -> None:
    assert (RESPOND_WORKING_DAYS, REGIONS_PER_ESCALATION) == (3, 2)
    assert "three Dutch working days" in PAGE
    assert "the two nearest neighbouring regions" in PAGE
    staphorst = places.region_of("7951")
    assert staphorst is not None
    assert staphorst.name == "Regio Zwolle"
    assert places.neighbouring_regions(staphorst.code, "7951")[0].name == "Drenthe"
    assert places.neighbouring_regions(staphorst.code)[0].name != "Drenthe"


def test_what_is_told_is_in_the_list_of_events() -> None:
    events = (ROOT / "docs/integrators/events.md").read_text("utf-8")
    for told in ("referral.transferred", "proposal.transferred"):
        assert f"`{told}`" in events
        assert f"`{told}`" in PAGE
    assert {"transferredTo", "transferredFrom"} <= {field.data_key for field in ReferralView().fields.values()}
