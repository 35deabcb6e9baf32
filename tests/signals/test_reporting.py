"""Reporting a contract end: the receipt, who hears of it, and a second party that joins."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from sqlalchemy import event, select

from service.access.actor import NOBODY
from service.access.models import AccessEntry
from service.delivery.models import Event, Mail
from service.kernel.database import Database, UnitOfWork
from service.kernel.problems import Problem
from service.signals import reporting
from service.signals.models import Signal
from service.signals.rules import Consent, EndReason, SignalOrigin, SignalPhase, SignalStatus
from service.signals.steps import receipt_number
from tests.signals.signals_world import BSN, END, REPORT, SignalsWorld


def test_the_receipt_says_who_answers_and_by_when(world: SignalsWorld) -> None:
    signal = world.report(world.stranger())
    receipt = signal["receipt"]
    assert re.fullmatch(r"SP-[2-9A-HJ-NP-Z]{5}-[2-9A-HJ-NP-Z]{5}", receipt["number"])
    assert signal["number"] == receipt["number"]
    # Monday 2 March 2026: three working days; then fifteen, Good Friday not reached.
    assert receipt["acknowledge_by"] == date(2026, 3, 5)
    assert receipt["plan_by"] == date(2026, 3, 26)
    assert receipt["start_interview_by"] == date(2027, 1, 28)
    assert (receipt["lead_time_days"], receipt["timely"]) == (304, True)
    assert receipt["contact"]["kind"] == "desk"
    assert receipt["contact"]["name"] == "Servicepunt"
    assert receipt["warnings"] == []
    assert signal["status"] is SignalStatus.REPORTED
    assert signal["next_step"]["what"] == "acknowledge"
    assert signal["next_step"]["by"] == date(2026, 3, 5)
    assert signal["next_step"]["whose"] == "uwv"
    assert (signal["seen_at"], signal["acted_by"], signal["escalation"], signal["outcome"]) == (None,) * 4
    assert "handling" not in signal


def test_what_is_read_back_is_what_was_answered(world: SignalsWorld) -> None:
    signal = world.report(world.client())
    assert world.get(signal["id"]) == signal


def test_the_receipt_stays_as_it_was_given(world: SignalsWorld) -> None:
    signal = world.report(world.stranger(), expected_end_date=date(2026, 11, 30))
    assert [warning["code"] for warning in signal["receipt"]["warnings"]] == ["end_differs_from_register"]
    world.clock.day = date(2026, 3, 3)
    changed = world.change(signal["id"], expected_end_date=date(2026, 3, 20))
    assert changed["expected_end_date"] == date(2026, 3, 20)
    assert changed["receipt"] == signal["receipt"]
    # Within 30 days: one working day from now on.
    assert changed["next_step"]["by"] == date(2026, 3, 3)


def test_a_disclosed_contact_is_named(world: SignalsWorld) -> None:
    signal = world.report(world.client(disclosed=True))
    assert signal["receipt"]["contact"]["name"] == "Ada de Vries"
    assert signal["receipt"]["contact"]["email"] == "ada@uwv.example"


def test_who_hears_of_a_report(world: SignalsWorld) -> None:
    unknown = world.report(world.stranger())
    assert world.heard(world.bakery) == [
        ("reported", {"signalId": unknown["id"], "status": "reported", "phase": "doubt"})
    ]
    assert world.types(world.desk) == ["reported"]
    assert world.types(world.uwv) == []
    world.report(world.client())
    assert (world.types(world.desk), world.types(world.uwv)) == (["reported"] * 2, ["reported"])
    world.report(world.client("100000009", disclosed=True))
    assert (world.types(world.desk), world.types(world.uwv)) == (["reported"] * 2, ["reported"] * 2)
    assert world.types(world.garage) == []


def test_the_caseworker_gets_a_mail_without_a_name(world: SignalsWorld) -> None:
    signal = world.report(world.client(name="Willem Wajong", disclosed=True))
    ((template, recipient, text),) = world.mails()
    assert (template, recipient) == ("signal-reported", "ada@uwv.example")
    assert signal["number"] in text
    assert "5 maart 2026" in text
    assert f"/v1/contract-end-signals/{signal['id']}" in text
    assert "Willem" not in text
    assert BSN not in text


def test_the_desk_gets_a_mail_where_the_link_is_not_disclosed(world: SignalsWorld) -> None:
    world.report(world.stranger())
    assert [mail[1] for mail in world.mails()] == ["servicepunt@example.nl"]
    world.report(world.client())
    assert sorted(mail[1] for mail in world.mails()) == [
        "ada@uwv.example",
        "servicepunt@example.nl",
        "servicepunt@example.nl",
    ]


def test_every_report_leaves_a_line_in_the_access_log(world: SignalsWorld) -> None:
    signal = world.report(world.client())
    person = world.rows(select(Signal.person_id))[0][0]
    lines = world.rows(
        select(AccessEntry.action, AccessEntry.person_id).where(
            AccessEntry.resource == f"contract-end-signals/{signal['id']}"
        )
    )
    assert lines == [("signal.reported", person)]
    assert person != NOBODY


def test_the_same_party_again_is_told_where_its_signal_is(world: SignalsWorld) -> None:
    employment_id = world.client()
    signal = world.report(employment_id)
    with pytest.raises(Problem) as refused:
        world.report(employment_id)
    assert (refused.value.status, refused.value.code) == (409, "signal-exists")
    assert refused.value.extra == {"existing": f"/v1/contract-end-signals/{signal['id']}"}


def test_after_withdrawal_a_new_report_is_a_new_signal(world: SignalsWorld) -> None:
    employment_id = world.client()
    first = world.report(employment_id)
    world.move(first["id"], "withdrawn", world.bakery)
    second = world.report(employment_id)
    assert second["id"] != first["id"]
    with pytest.raises(Problem, match="409 signal-exists"):
        world.move(first["id"], "reported", world.bakery)


@pytest.mark.parametrize("phase", [SignalPhase.DECIDED, SignalPhase.ENDED])
def test_decided_requires_that_the_employee_was_informed(world: SignalsWorld, phase: SignalPhase) -> None:
    employment_id = world.client()
    with pytest.raises(Problem) as refused:
        world.report(employment_id, phase=phase, employee_informed=False)
    (error,) = refused.value.errors
    assert (error.pointer, error.code) == ("/employeeInformed", "employee-not-informed")
    assert world.rows(select(Signal.id)) == []
    assert world.report(employment_id, phase=phase)["phase"] is phase


def test_an_employment_of_another_is_unknown(world: SignalsWorld) -> None:
    nowhere = "019a0000-0000-7000-8000-000000000000"
    for employment_id, actor in ((world.client(), world.garage), (nowhere, world.bakery)):
        with pytest.raises(Problem) as refused:
            world.report(employment_id, actor)
        assert [(error.pointer, error.code) for error in refused.value.errors] == [
            ("/employmentId", "unknown-reference")
        ]


def test_only_employers_and_jobcoach_organisations_report(world: SignalsWorld) -> None:
    with pytest.raises(Problem, match="403"):
        world.report(world.client(), world.uwv)


# --- A second party joins -----------------------------------------------------------------------------------------


def test_a_jobcoach_organisation_joins_with_its_own_receipt(world: SignalsWorld) -> None:
    employment_id = world.client(jobcoach=True)
    first = world.report(employment_id)
    world.clock.day = date(2026, 3, 4)
    second = world.report(employment_id, world.jobcoaches, reference="JC-1", expected_end_date=date(2026, 10, 31))
    assert second["id"] == first["id"]
    assert second["number"] != first["number"]
    assert second["reference"] == "JC-1"
    assert second["receipt"]["acknowledge_by"] == date(2026, 3, 9)
    with pytest.raises(Problem, match="409 signal-exists"):
        world.report(employment_id, world.jobcoaches)
    seen = world.get(first["id"])
    assert {**seen, "version": 0} == {**first, "version": 0}
    inside = world.get(first["id"], world.uwv)
    assert inside["expected_end_date"] == date(2026, 10, 31)
    assert [statement["by"] for statement in inside["handling"]["statements"]] == ["employer", "jobcoach_organisation"]


def test_a_jobcoach_report_is_hidden_from_the_employer_until_the_person_consents(world: SignalsWorld) -> None:
    employment_id = world.client(jobcoach=True, disclosed=True)
    signal = world.report(employment_id, world.jobcoaches, end_reason=EndReason.EMPLOYEE_WANTS_OTHER_WORK)
    assert signal["origin"] is SignalOrigin.JOBCOACH
    assert world.listed() == []
    with pytest.raises(Problem, match="404"):
        world.get(signal["id"])
    with pytest.raises(Problem, match="404"):
        world.history(signal["id"])
    assert world.get(signal["id"], world.uwv)["handling"]["visible_to_employer"] is False
    world.move(signal["id"], "acknowledged")
    assert world.types(world.bakery) == []
    assert world.types(world.jobcoaches) == ["reported", "seen", "acknowledged"]
    world.clock.day = date(2026, 3, 3)
    world.change(signal["id"], world.jobcoaches, consent_to_contact_employer=Consent.GRANTED)
    assert world.get(signal["id"])["status"] is SignalStatus.ACKNOWLEDGED
    assert world.types(world.bakery) == ["changed"]
    assert [step[0] for step in world.steps(signal["id"])] == ["facts_changed"]
    world.change(signal["id"], world.jobcoaches, consent_to_contact_employer=Consent.REFUSED)
    assert world.listed() == []
    assert world.types(world.bakery) == ["changed"]


def test_what_a_jobcoach_hides_does_not_shine_through_the_employers_own_report(world: SignalsWorld) -> None:
    employment_id = world.client(jobcoach=True)
    signal = world.report(employment_id)
    world.report(
        employment_id,
        world.jobcoaches,
        phase=SignalPhase.DECIDED,
        end_reason=EndReason.EMPLOYEE_WANTS_TO_GROW,
        expected_end_date=date(2026, 3, 20),
    )
    world.change(signal["id"], world.jobcoaches, expected_end_date=date(2026, 3, 10))
    mine, inside = world.get(signal["id"]), world.get(signal["id"], world.uwv)
    assert {**mine, "version": 0, "seen_at": None} == {**signal, "version": 0}
    assert (inside["phase"], inside["end_reason"]) == (SignalPhase.DECIDED, EndReason.EMPLOYEE_WANTS_TO_GROW)
    assert world.types(world.bakery) == ["reported", "seen"]
    assert [step[0] for step in world.steps(signal["id"])] == ["reported", "seen"]
    assert world.listed(phase=SignalPhase.DECIDED) == []
    assert world.listed(ends_before=date(2026, 3, 31)) == []
    assert [each["id"] for each in world.listed(phase=SignalPhase.DOUBT)] == [signal["id"]]
    assert [each["id"] for each in world.listed(world.uwv, ends_before=date(2026, 3, 31))] == [signal["id"]]


def test_joining_an_early_warning_looks_like_a_first_report(world: SignalsWorld) -> None:
    """A register signal exists for clients only: an employer that joins one must not notice."""
    world.clock.day = date(2026, 11, 2)
    world.client()
    (employment_id,) = world.tick("signals.early-warning")
    ((register_id,),) = world.rows(select(Signal.id))
    world.get(register_id, world.uwv)
    world.move(register_id, "acknowledged")
    assert (world.listed(), world.types(world.bakery)) == ([], [])
    world.clock.day = date(2026, 11, 9)
    known = world.report(employment_id)
    unknown = world.report(world.stranger())
    assert known["id"] == register_id
    assert known["version"] > 2
    assert _alike(known) == _alike(unknown)
    assert world.steps(known["id"]) == world.steps(unknown["id"])
    assert world.types(world.bakery) == ["reported", "reported"]
    assert known["id"][14] == "4", "no time in the id"


# --- Undisclosed and unknown look the same ------------------------------------------------------------------------

_OWN = ("id", "version", "employment_id", "number", "receipt")


def _alike(signal: dict[str, Any]) -> dict[str, Any]:
    receipt = {name: value for name, value in signal["receipt"].items() if name != "number"}
    return {name: value for name, value in signal.items() if name not in _OWN} | {"receipt": receipt}


def test_undisclosed_and_unknown_behave_alike(world: SignalsWorld, database: Database) -> None:
    statements: list[str] = []

    def count(_: Any, __: Any, statement: str, *more: Any) -> None:
        statements.append(statement)

    courses: dict[str, list[Any]] = {}
    employments = {"known": world.client(), "unknown": world.stranger()}
    event.listen(database.engine, "before_cursor_execute", count)
    for name, employment_id in employments.items():
        world.clock.day = date(2026, 3, 2)
        course = courses[name] = []
        statements.clear()
        signal = world.report(employment_id)
        course += [_alike(signal), list(statements)]
        world.clock.day = date(2026, 3, 6)
        world.tick("signals.escalation")
        world.clock.day = date(2026, 3, 10)
        world.tick("signals.escalation")
        course.append(_alike(world.get(signal["id"])))
        world.move(signal["id"], "acknowledged", world.uwv if name == "known" else world.desk)
        statements.clear()
        course += [_alike(world.get(signal["id"])), list(statements)]
        course += [_alike(item) for item in world.listed() if item["id"] == signal["id"]]
        course.append(world.steps(signal["id"]))
        told = select(Event.type, Event.data).where(Event.subject.endswith(signal["id"])).order_by(Event.id)
        course.append([(type, data["status"], data["phase"]) for type, data in world.rows(told)])
        queued = world.rows(select(Mail.template, Mail.data).order_by(Mail.id))
        course.append([(template, data["to"]) for template, data in queued if data["signalId"] == signal["id"]])
    assert courses["known"] == courses["unknown"]
    assert courses["known"][3]["acted_by"] == {"role": "desk", "name": "Servicepunt"}


def test_reporting_takes_few_round_trips(world: SignalsWorld, database: Database) -> None:
    employment_id = world.client()
    statements: list[str] = []
    event.listen(
        database.engine, "before_cursor_execute", lambda _c, _k, statement, *more: statements.append(statement)
    )
    world.report(employment_id, expected_end_date=END)
    assert len([each for each in statements if not each.startswith("BEGIN")]) <= 11


def test_a_report_that_another_overtakes_joins_it(world: SignalsWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both looked before either had written: the second finds the place taken, and joins after all."""
    report = REPORT | {"employment_id": world.client(jobcoach=True)}
    first: list[dict[str, Any]] = []
    name = "service.signals.beginning.receipt_number"

    def second(uow: UnitOfWork) -> dict[str, Any]:
        def overtaken() -> str:
            monkeypatch.setattr(name, receipt_number)
            first.append(reporting.report_signal(uow, world.bakery, report))
            return receipt_number()

        monkeypatch.setattr(name, overtaken)
        return reporting.report_signal(uow, world.jobcoaches, report)

    joined = world.do(second)
    assert joined["id"] == first[0]["id"]
    assert joined["number"] != first[0]["number"]
    assert len(world.rows(select(Signal.id))) == 1
    assert len(world.get(joined["id"], world.uwv)["handling"]["statements"]) == 2
