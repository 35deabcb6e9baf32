"""The formalities: one table, each party its own items, and nothing that tells of a benefit."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.access.actor import Actor
from service.employers import employments
from service.employers.rules import ContractType
from service.kernel.problems import Problem
from service.kernel.requests import Expected
from service.signals.checklist import operations as checklist
from service.signals.checklist.rules import ITEMS, ChecklistCode, Facts, For, items_for, month_before, notice_due
from service.signals.checklist.schemas import ChecklistView
from service.signals.room import ROOM
from tests.signals.signals_world import ANY, END, SignalsWorld

ROOT = Path(__file__).resolve().parents[2]
OFFICIAL = {"www.uwv.nl", "www.rijksoverheid.nl", "www.belastingdienst.nl"}
BENEFIT = re.compile(
    r"uitkering|benefit|uwv|wajong|\bww\b|wia|jobcoach|no-risk|loonkosten|proefplaats|trial|arbeidsdeskundige",
    re.IGNORECASE,
)
days = st.dates(date(2025, 1, 1), date(2060, 1, 1))


# --- The table ------------------------------------------------------------------------------------------------------


def test_the_table_holds_each_code_once() -> None:
    assert sorted(each.code for each in ITEMS) == sorted(ChecklistCode)
    assert {each.whose for each in ITEMS} == set(For)


def test_sentences_are_plain_and_links_lead_to_official_sites() -> None:
    for item in ITEMS:
        assert item.link is None or (urlsplit(item.link).netloc in OFFICIAL and item.link.startswith("https://"))
        for language in item.text:
            for sentence in re.split(r"(?<=[.?!:])\s", language):
                assert len(sentence.split()) <= 20, sentence
        if item.whose is For.EMPLOYER:
            assert not BENEFIT.search(" ".join((*item.text, item.code, item.link or ""))), item.code


@given(st.none() | days, days, st.none() | days, st.sampled_from(ContractType))
@settings(max_examples=60, deadline=None)
def test_days_are_counted_from_the_end(
    end: date | None, start: date, contract_end: date | None, kind: ContractType
) -> None:
    facts = Facts(end, start, contract_end, kind)
    for reader in For:
        for item in items_for(reader, facts):
            since, until = item.when(facts)
            if item.code in (ChecklistCode.WW_CLAIM, ChecklistCode.WW_CLAIM_HELP) and end is not None:
                assert (since, until) == (end - timedelta(days=7), end + timedelta(days=7))
            if since is not None and until is not None:
                assert since <= until
    codes = [each.code for each in items_for(For.EMPLOYER, facts)]
    assert (ChecklistCode.STATUTORY_NOTICE in codes) is notice_due(facts)
    assert not notice_due(facts) or (kind is ContractType.FIXED_TERM and contract_end is not None)


@pytest.mark.parametrize(
    ("start", "end", "kind", "due"),
    [
        ("2026-01-01", "2026-06-30", "fixed_term", True),
        ("2026-01-01", "2026-06-29", "fixed_term", False),
        ("2026-01-01", None, "fixed_term", False),
        ("2026-01-01", "2026-12-31", "agency", False),
        ("2026-01-01", "2026-12-31", "permanent", False),
    ],
)
def test_whether_a_notice_is_due(start: str, end: str | None, kind: str, due: bool) -> None:
    last = end and date.fromisoformat(end)
    assert notice_due(Facts(None, date.fromisoformat(start), last or None, ContractType(kind))) is due


@pytest.mark.parametrize(
    ("day", "before"), [("2026-12-31", "2026-11-30"), ("2026-03-31", "2026-02-28"), ("2026-01-15", "2025-12-15")]
)
def test_a_month_before(day: str, before: str) -> None:
    assert month_before(date.fromisoformat(day)) == date.fromisoformat(before)


def test_the_guide_lists_the_table() -> None:
    guide = (ROOT / "docs/integrators/plan-and-checklist.md").read_text("utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (employer|jobcoach|uwv_side) \| (.+) \| (.+) \|$", guide, flags=re.MULTILINE)
    facts = Facts(END, date(2026, 1, 1), END, ContractType.FIXED_TERM, END + timedelta(days=28))
    words = {
        None: "–",
        END: "the end",
        END - timedelta(days=7): "a week before the end",
        END + timedelta(days=7): "a week after the end",
        END + timedelta(days=28): "28 days after the end",
        month_before(END): "a month before the registered end",
    }
    assert rows == [(each.code, each.whose, *(words[day] for day in each.when(facts))) for each in ITEMS]


# --- Each party its own ---------------------------------------------------------------------------------------------


def read(world: SignalsWorld, signal_id: str, actor: Actor) -> dict[str, dict[str, Any]]:
    found = ChecklistView().dump(world.do(checklist.get_checklist, actor, signal_id))
    assert found["signalId"] == signal_id
    return {each["code"]: each for each in found["items"]}


def mark(
    world: SignalsWorld, signal_id: str, actor: Actor, code: str, done: bool = True, expected: Expected = ANY
) -> dict[str, Any]:
    found: dict[str, Any] = world.do(checklist.mark_item, actor, signal_id, code, {"done": done}, expected)
    return found


def test_each_party_has_its_own_items(world: SignalsWorld) -> None:
    signal_id = world.report(world.client(jobcoach=True))["id"]
    employer, inside = read(world, signal_id, world.bakery), read(world, signal_id, world.uwv)
    assert employer["statutory_notice"]["until"] == "2026-11-30"
    assert (inside["ww_claim"]["since"], inside["ww_claim"]["until"]) == ("2026-12-24", "2027-01-07")
    assert inside["start_interview"]["until"] == "2027-01-28"
    assert read(world, signal_id, world.desk) == inside
    coach = read(world, signal_id, world.jobcoaches)
    assert coach["change_form_help"]["since"] == "2026-12-31"
    assert not set(employer) & set(inside) | set(employer) & set(coach) | set(coach) & set(inside)
    with pytest.raises(Problem, match="404"):
        world.do(checklist.get_checklist, world.garage, signal_id)


def test_an_employer_reads_the_same_of_everybody(world: SignalsWorld) -> None:
    known, unknown = world.report(world.client())["id"], world.report(world.stranger())["id"]
    # What UWV's side knows of the end moves nothing that the employer reads.
    world.change(known, world.uwv, expected_end_date=date(2026, 10, 31))
    mark(world, known, world.uwv, "change_form")
    assert read(world, known, world.bakery) == read(world, unknown, world.bakery)
    assert read(world, known, world.uwv)["change_form"]["since"] == "2026-10-31"
    with pytest.raises(Problem, match="404"):
        mark(world, known, world.bakery, "change_form")
    with pytest.raises(Problem, match="404"):
        mark(world, known, world.bakery, "no_such_thing")


def test_ticking_off_is_seen_by_who_ticked(world: SignalsWorld) -> None:
    signal_id = world.report(world.client(disclosed=True))["id"]
    inside = world.get(signal_id, world.uwv)
    before = world.get(signal_id), world.types(world.uwv)
    item = world.do(checklist.get_item, world.bakery, signal_id, "freed_vacancy")
    assert (item["done"], item["done_on"]) == (False, None)
    first = Expected(frozenset({item["version"]}))
    done = mark(world, signal_id, world.bakery, "freed_vacancy", expected=first)
    assert (done["done"], done["done_on"]) == (True, date(2026, 3, 2))
    with pytest.raises(Problem, match="412"):
        mark(world, signal_id, world.bakery, "freed_vacancy", expected=first)
    world.clock.day = date(2026, 3, 3)
    assert mark(world, signal_id, world.bakery, "freed_vacancy") == done
    assert read(world, signal_id, world.bakery)["freed_vacancy"]["done"]
    open_again = mark(world, signal_id, world.bakery, "freed_vacancy", done=False)
    assert (open_again["done"], open_again["version"]) == (False, done["version"] + 1)
    assert (world.get(signal_id), world.types(world.uwv)) == before
    assert world.get(signal_id, world.uwv) == inside


def test_a_changed_end_moves_the_days_and_keeps_the_ticks(world: SignalsWorld) -> None:
    employment_id = world.client(disclosed=True)
    signal_id = world.report(employment_id)["id"]
    mark(world, signal_id, world.bakery, "statutory_notice")
    world.do(employments.change_employment, world.bakery, employment_id, {"end_date": date(2027, 3, 31)}, ANY)
    world.employment_changed(employment_id)
    notice = read(world, signal_id, world.bakery)["statutory_notice"]
    assert (notice["until"], notice["done"]) == ("2027-02-28", True)


def test_ticks_go_along_and_the_employers_stay(world: SignalsWorld) -> None:
    employment_id = world.client(jobcoach=True)
    first = world.report(employment_id)["id"]
    world.report(employment_id, world.jobcoaches)
    mark(world, first, world.bakery, "freed_vacancy")
    mark(world, first, world.uwv, "change_form")
    mark(world, first, world.jobcoaches, "forms_agreed")
    world.clock.day = date(2026, 3, 3)
    world.move(first, "withdrawn", world.bakery)
    world.clock.day = date(2026, 3, 4)
    second = world.report(employment_id)["id"]
    assert read(world, second, world.uwv)["change_form"]["done"]
    assert read(world, second, world.jobcoaches)["forms_agreed"]["done"]
    assert not read(world, second, world.bakery)["freed_vacancy"]["done"]
    assert read(world, first, world.bakery)["freed_vacancy"]["done"]


def test_erasing_a_person_leaves_the_employers_own(world: SignalsWorld) -> None:
    signal_id = world.report(world.client(), expected_end_date=END)["id"]
    mark(world, signal_id, world.bakery, "freed_vacancy")
    mark(world, signal_id, world.uwv, "change_form")
    person_id = world.get(signal_id, world.uwv)["handling"]["person_id"]
    assert ROOM.export is not None
    assert ROOM.erase is not None
    ticked = [each["code"] for each in world.do(ROOM.export, person_id)["contractEndChecklist"]]
    assert sorted(ticked) == ["change_form", "freed_vacancy"]
    before = read(world, signal_id, world.bakery)
    world.do(ROOM.erase, person_id)
    assert read(world, signal_id, world.bakery) == before
    assert not read(world, signal_id, world.desk)["change_form"]["done"]
