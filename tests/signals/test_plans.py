"""Plans: services side by side, what was planned before; and service advice."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.kernel.problems import Problem
from service.signals.plans import operations as plans
from service.signals.plans.advice import AdviceCondition, AdviceSubject, Known, advice, condition_met
from service.signals.plans.rules import (
    Beside,
    PlanError,
    Stretch,
    exclude_each_other,
    first_clash,
    overlap,
    plan_errors,
    running,
    stretches,
)
from service.signals.plans.schemas import AdviceView, EarlierPlanPage, PlanBody, PlanView
from service.signals.plans.wording import CONDITION_TEXT, ERROR_TEXT, RULES
from service.signals.rules import Consent, Outcome, Readiness, Service, SignalPhase
from tests.signals.signals_world import ANY, BSN, SignalsWorld

ROOT = Path(__file__).resolve().parents[2]
TODAY = date(2026, 3, 2)
STARTS = date(2026, 4, 1)
REPORTED = STARTS - timedelta(days=30)
days = st.dates(date(2026, 1, 1), date(2026, 12, 31))
stretched = st.builds(Stretch, st.sampled_from(Service), days, st.none() | days)


# --- Side by side ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("service", "beside", "errors"),
    [
        (Service.NAAR_WERK, [], []),
        (Service.NAAR_WERK, [Beside.OWN_SERVICE, Beside.WSP_SUPPORT], []),
        (Service.OWN_SERVICE, [Beside.MODULAR, Beside.WSP_SUPPORT], []),
        (Service.NAAR_WERK, [Beside.WSP_SUPPORT, Beside.MODULAR], [(PlanError.SERVICES_EXCLUDE, ("beside", 1))]),
        (
            Service.OWN_SERVICE,
            [Beside.MODULAR, Beside.WERKFIT_MAKEN],
            [(PlanError.SERVICES_EXCLUDE, ("beside", 1))],
        ),
        (Service.MODULAR, [Beside.MODULAR], [(PlanError.NAMED_TWICE, ("beside", 0))]),
    ],
)
def test_what_runs_side_by_side_in_one_plan(service: Service, beside: list[Beside], errors: list[Any]) -> None:
    assert plan_errors(service, beside, STARTS, None, REPORTED) == errors


@pytest.mark.parametrize(
    ("start", "end", "error", "where"),
    [
        (REPORTED - timedelta(days=366), None, PlanError.TOO_LONG_AGO, "start_date"),
        (REPORTED + timedelta(days=1200), None, PlanError.TOO_FAR_AHEAD, "start_date"),
        (STARTS, STARTS + timedelta(days=1900), PlanError.TOO_FAR_AHEAD, "end_date"),
    ],
)
def test_a_slip_in_the_year_is_refused(start: date, end: date | None, error: PlanError, where: str) -> None:
    assert plan_errors(Service.MODULAR, [], start, end, REPORTED) == [(error, (where,))]


def test_a_service_ends_after_it_starts() -> None:
    assert plan_errors(Service.MODULAR, [], STARTS, STARTS, REPORTED) == []
    assert plan_errors(Service.MODULAR, [], STARTS, STARTS - timedelta(days=1), REPORTED) == [
        (PlanError.END_BEFORE_START, ("end_date",))
    ]


def test_every_error_and_condition_has_its_sentence() -> None:
    assert (set(ERROR_TEXT), set(CONDITION_TEXT)) == (set(PlanError), set(AdviceCondition))


@given(stretched, stretched)
@settings(max_examples=100)
def test_excluding_is_mutual_and_needs_a_day_of_both(one: Stretch, other: Stretch) -> None:
    assert exclude_each_other(one, other) is exclude_each_other(other, one)
    both = [day for day in (one.start, other.start) if _runs(one, day) and _runs(other, day)]
    if one.end is None or one.end >= one.start:
        assert overlap(one, other) is bool(both) or (other.end is not None and other.end < other.start)
    if exclude_each_other(one, other):
        assert overlap(one, other)
        assert Service.OWN_SERVICE not in (one.service, other.service)
        assert one.service is not other.service


def _runs(each: Stretch, day: date) -> bool:
    return each.start <= day and (each.end is None or day <= each.end)


def test_which_other_plan_stands_in_the_way() -> None:
    own = stretches(Service.OWN_SERVICE, [Beside.NAAR_WERK, Beside.WSP_SUPPORT], STARTS, None)
    assert [each.service for each in own] == [Service.OWN_SERVICE, Service.NAAR_WERK]
    over = stretches(Service.MODULAR, [], TODAY, STARTS - timedelta(days=1))
    same = stretches(Service.NAAR_WERK, [], TODAY, None)
    there = stretches(Service.OWN_SERVICE, [Beside.MODULAR], TODAY, STARTS)
    assert first_clash(own, [over, same]) is None
    assert first_clash(own, [over, same, there]) == (2, there[1])
    assert running([*over, *there], STARTS) is Service.MODULAR
    assert running(over, STARTS) is None


# --- Operations -----------------------------------------------------------------------------------------------------


def plan(world: SignalsWorld, signal_id: str, service: str = "naar_werk", **more: Any) -> dict[str, Any]:
    body = {"service": service, "startDate": "2026-04-01", "lead": "aid", **more}
    made: dict[str, Any] = world.do(plans.record_plan, world.uwv, signal_id, PlanBody().load(body), ANY)
    PlanView().dump(made)
    return made


def reported(world: SignalsWorld, **more: Any) -> str:
    signal_id: str = world.report(world.client(disclosed=True), **more)["id"]
    return signal_id


def test_what_was_planned_before_stays_readable(world: SignalsWorld) -> None:
    signal_id = reported(world)
    first = plan(world, signal_id, "werkfit_maken", readiness="not_yet", jobcoachContinues=True)
    assert (first["readiness"], first["jobcoach_continues"], first["during_contract"]) == ("not_yet", True, True)
    world.clock.day = date(2026, 5, 4)
    assert plan(world, signal_id, "werkfit_maken", readiness="not_yet", jobcoachContinues=True) == first
    changed = plan(world, signal_id, "werkfit_maken", readiness="ready", endDate="2026-05-31")
    assert changed["version"] == first["version"] + 1
    body = {"service": "naar_werk", "beside": ["wsp_support"], "startDate": "2026-06-01", "lead": "wsp_advisor"}
    world.do(plans.record_plan, world.desk, signal_id, PlanBody().load(body), ANY)
    found = world.do(plans.list_earlier_plans, world.uwv, signal_id, {"limit": 10})
    sent = EarlierPlanPage().dump(found)["items"]
    assert [(each["service"], each["readiness"], each["endDate"], each["by"]) for each in sent] == [
        ("werkfit_maken", "not_yet", None, "uwv"),
        ("werkfit_maken", "ready", "2026-05-31", "uwv"),
    ]
    assert world.do(plans.get_plan, world.uwv, signal_id)["beside"] == ["wsp_support"]
    assert [each[2] for each in world.steps(signal_id, world.uwv) if each[0] == "plan_recorded"] == [
        "werkfit_maken",
        "werkfit_maken",
        "naar_werk",
    ]
    for actor in (world.bakery, world.jobcoaches):
        for read in (plans.get_plan, plans.get_advice):
            with pytest.raises(Problem, match="403"):
                world.do(read, actor, signal_id)
    assert "plan" not in repr(world.steps(signal_id))
    assert "werkfit" not in repr([world.get(signal_id), world.history(signal_id)])


def test_services_that_exclude_each_other_are_refused(world: SignalsWorld) -> None:
    signal_id = reported(world)
    with pytest.raises(Problem) as refused:
        plan(world, signal_id, beside=["wsp_support", "modular"], endDate="2026-03-31")
    assert [(error.code, error.pointer) for error in refused.value.errors] == [
        ("services-exclude-each-other", "/beside/1"),
        ("end-before-start", "/endDate"),
    ]


def test_over_two_signals_of_one_person_one_purchased_service_runs(world: SignalsWorld) -> None:
    first = reported(world)
    second = world.report(world.employment(BSN, actor=world.garage), world.garage)["id"]
    other = world.report(world.stranger())["id"]
    plan(world, first, "werkfit_maken")
    world.move(second, "acknowledged")
    with pytest.raises(Problem) as refused:
        plan(world, second)
    assert (refused.value.code, refused.value.extra["existing"], refused.value.extra["service"]) == (
        "services-exclude-each-other",
        f"/v1/contract-end-signals/{first}/plan",
        "werkfit_maken",
    )
    plan(world, second, "own_service", beside=["werkfit_maken"])
    body = PlanBody().load({"service": "naar_werk", "startDate": "2026-04-01", "lead": "desk"})
    world.do(plans.record_plan, world.desk, other, body, ANY)
    plan(world, first, "werkfit_maken", endDate="2026-05-31")
    plan(world, second, startDate="2026-06-01")
    # A plan of a signal that is closed stands in nobody's way, until it is opened again.
    world.move(first, "acknowledged")
    world.move(first, "closed", outcome=Outcome.STAYS)
    plan(world, second)
    world.move(first, "acknowledged")
    with pytest.raises(Problem, match="services-exclude-each-other"):
        world.move(first, "planned")


def test_a_plan_and_its_past_go_along_to_where_the_case_goes_on(world: SignalsWorld) -> None:
    employment_id = world.client(jobcoach=True)
    first = world.report(employment_id)["id"]
    world.report(employment_id, world.jobcoaches)
    plan(world, first, "werkfit_maken")
    plan(world, first)
    world.clock.day = date(2026, 3, 3)
    world.move(first, "withdrawn", world.bakery)
    world.clock.day = date(2026, 3, 4)
    second = world.report(employment_id)["id"]
    assert second != first
    assert world.do(plans.get_plan, world.uwv, second)["service"] is Service.NAAR_WERK
    found = world.do(plans.list_earlier_plans, world.uwv, second, {"limit": 10})["items"]
    assert [each["service"] for each in found] == [Service.WERKFIT_MAKEN]
    with pytest.raises(Problem, match="404"):
        world.do(plans.get_plan, world.uwv, first)


# --- Advice ---------------------------------------------------------------------------------------------------------


def every_case() -> list[Known]:
    return [
        Known(TODAY, end, readiness, service, consent=consent, decided=decided, planned=decided)
        for end, readiness, service, consent, decided in product(
            (None, TODAY, TODAY - timedelta(days=1)), (None, *Readiness), (None, *Service), Consent, (True, False)
        )
    ]


def test_each_piece_of_advice_names_a_rule_that_exists() -> None:
    page = (ROOT / "docs/domain.md").read_text("utf-8")
    numbered = {int(number) for number in re.findall(r"^(\d+)\. \*\*", page, flags=re.MULTILINE)}
    named = {item.rule for known in every_case() for item in advice(known)}
    assert named == set(RULES) <= numbered
    guide = (ROOT / "docs/integrators/plan-and-checklist.md").read_text("utf-8")
    rows = re.findall(r"^\| (\d+) \| (.+) \| (.+) \|$", guide, flags=re.MULTILINE)
    assert {int(number): (text, source) for number, text, source in rows} == {
        number: (rule.text.en, rule.source) for number, rule in RULES.items()
    }


def test_what_advice_always_holds() -> None:
    for known in every_case():
        items = advice(known)
        subjects = [item.subject for item in items]
        rest = [subject for subject in subjects if subject is not AdviceSubject.SERVICE]
        assert len(rest) == len(set(rest))
        assert {AdviceSubject.JOBCOACH_BESIDE, AdviceSubject.SIDE_BY_SIDE, AdviceSubject.FREED_VACANCY} <= set(rest)
        contract_runs = known.end is None or known.end >= TODAY
        assert (2 in [item.rule for item in items]) is contract_runs
        assert (AdviceSubject.EMPLOYER_CONSENT in rest) is (known.consent is not Consent.GRANTED)
        assert (AdviceSubject.TIME_FIRST in rest) is (known.readiness is not Readiness.READY)
        assert known.running not in [item.service for item in items if item.service]


@pytest.mark.parametrize(
    ("start", "end", "hours", "expected"),
    [
        (date(2026, 1, 1), date(2026, 6, 30), Decimal(12), (True, True)),
        (date(2026, 1, 1), date(2026, 6, 29), Decimal("11.5"), (False, False)),
        (date(2026, 1, 1), None, None, (True, None)),
        (None, None, None, (None, None)),
    ],
)
def test_the_conditions_of_a_jobcoach(
    start: date | None, end: date | None, hours: Decimal | None, expected: tuple[bool | None, bool | None]
) -> None:
    known = Known(TODAY, end, contract_start=start, contract_end=end, hours=hours)
    [item] = [each for each in advice(known) if each.subject is AdviceSubject.JOBCOACH_BESIDE]
    assert tuple(condition_met(each, known) for each in item.conditions[:2]) == expected
    assert condition_met(AdviceCondition.WAGE_OF_35_PERCENT, known) is None


def test_advice_with_what_is_known(world: SignalsWorld) -> None:
    signal_id = reported(world, phase=SignalPhase.DECIDED)
    nothing = world.do(plans.get_advice, world.uwv, signal_id)
    assert (nothing["readiness"], nothing["running_service"]) == (None, None)
    before = world.get(signal_id), world.steps(signal_id, world.uwv)
    plan(world, signal_id, "werkfit_maken", readiness="ready", beside=["own_service"])
    found = AdviceView().dump(world.do(plans.get_advice, world.uwv, signal_id))
    assert (found["readiness"], found["runningService"], found["endDate"]) == ("ready", "werkfit_maken", "2026-12-31")
    first = found["items"][0]
    assert (first["subject"], first["service"], first["rule"]["number"]) == ("service", "naar_werk", 2)
    assert [(each["code"], each["met"]) for each in first["conditions"]] == [
        ("person_can_handle_it", None),
        ("quickest_and_most_effective", None),
        ("running_service_ends_first", False),
    ]
    assert first["rule"]["text"] == "Een lopend contract is geen reden om te wachten."
    [vacancy] = [each for each in found["items"] if each["subject"] == "freed_vacancy"]
    assert [each["met"] for each in vacancy["conditions"]] == [True, None]
    # It explains; nothing followed from it.
    assert (world.get(signal_id), world.steps(signal_id, world.uwv)[:-1]) == before
