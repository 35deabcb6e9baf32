"""The page about proposals says what the code does."""

from __future__ import annotations

import json
import re
from itertools import product
from pathlib import Path

import pytest

from service.vacancies.proposals import work
from service.vacancies.proposals.checks import _FIELDS, _NAMES
from service.vacancies.proposals.reasons import DeclineReason, reason_allowed, reason_read_by
from service.vacancies.proposals.rules import (
    INTENDED_MONTHS_LEAST,
    MOST_HOURS_A_WEEK,
    PROPOSAL,
    TRIAL_ENDS_SOON,
    TRIAL_MONTHS_LEAST,
    TRIAL_MONTHS_MOST,
    ProposalRole,
    ProposalStatus,
    ProposalWarning,
)
from service.vacancies.proposals.schemas import ProposalTransition
from service.vacancies.rules import ConsentHow

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/integrators/proposals.md").read_text("utf-8")
ROWS = [[cell.strip() for cell in line.split("|")[1:-1]] for line in PAGE.splitlines() if line.startswith("| `")]
REASON_ROWS = {row[0].strip("`"): row for row in ROWS if row[0].strip("`") in set(DeclineReason)}
WHO = {
    "lead": ProposalRole.LEAD,
    "person's side": ProposalRole.PERSON_SIDE,
    "advisor": ProposalRole.ADVISOR,
    "employer": ProposalRole.EMPLOYER,
    "the service": ProposalRole.SYSTEM,
}
ENDS = (ProposalStatus.DECLINED, ProposalStatus.WITHDRAWN)


def codes(cell: str) -> list[str]:
    return re.findall(r"`([a-zA-Z_]+)`", cell)


def roles(cell: str) -> set[ProposalRole]:
    return {WHO[each.strip()] for each in cell.split(",")}


def test_the_course_is_the_table_of_moves() -> None:
    told = {
        (source, row[0].strip("`")): roles(row[2])
        for row in ROWS
        if row[0].strip("`") not in REASON_ROWS
        for source in codes(row[1])
    }
    assert told == {(move.source.value, move.target.value): move.who for move in PROPOSAL.moves}


def test_each_step_needs_what_the_table_says() -> None:
    for row in ROWS:
        target = row[0].strip("`")
        if target in REASON_ROWS:
            continue
        needs, _, may = row[3].partition("may hold")
        needed, allowed = _FIELDS[ProposalStatus(target)]
        assert codes(needs) == [_NAMES[name] for name in needed], target
        beside = [_NAMES[name] for name in allowed if name != "consent"]
        assert sorted(codes(may)) == sorted(beside), target


def test_every_reason_is_in_the_list_in_the_order_of_the_code() -> None:
    assert list(REASON_ROWS) == list(DeclineReason)


@pytest.mark.parametrize(("role", "end"), list(product(ProposalRole, ENDS)))
def test_each_role_gives_the_reasons_of_the_list_and_no_others(role: ProposalRole, end: ProposalStatus) -> None:
    for reason in DeclineReason:
        _, ends, who, *_ = REASON_ROWS[reason]
        listed = end.value in codes(ends) and role in roles(who)
        assert reason_allowed(reason, end, role) is listed, reason


def test_each_reader_reads_what_the_list_says() -> None:
    for reason in DeclineReason:
        *_, employer, advisor = REASON_ROWS[reason]
        assert reason_read_by(ProposalRole.EMPLOYER, reason) is (reason if employer == "yes" else None)
        assert reason_read_by(ProposalRole.ADVISOR, reason) == (reason if advisor == "yes" else advisor.strip("`"))
        for role in (ProposalRole.LEAD, ProposalRole.PERSON_SIDE):
            assert reason_read_by(role, reason) is reason


def test_the_example_and_the_codes_are_those_of_the_code() -> None:
    [example] = [json.loads(each) for each in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)]
    assert ProposalTransition().load(example)["consent"]["told_fixed_jobcoach"] is True
    assert {each.value for each in (*ConsentHow, *ProposalWarning, *ProposalStatus)} <= set(
        re.findall(r"[a-z_0-9]+", PAGE)
    )
    assert {kind.code for kind in work.KINDS} <= set(codes(PAGE))


def test_the_figures_are_those_of_the_code() -> None:
    assert f"lasts {TRIAL_MONTHS_LEAST} to {TRIAL_MONTHS_MOST} months" in PAGE
    assert f"at least {INTENDED_MONTHS_LEAST} months" in PAGE
    assert f"{TRIAL_ENDS_SOON.days} days before the last day" in PAGE
    assert f"more than {MOST_HOURS_A_WEEK} hours a week" in PAGE


def test_each_event_is_in_the_list_of_events() -> None:
    events = (ROOT / "docs/integrators/events.md").read_text("utf-8")
    for type in set(re.findall(r"`(proposal\.[a-z-]+)`", PAGE)):
        assert f"`{type}`" in events, type
