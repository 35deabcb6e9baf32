"""The employer is asked about an end that comes near: once, where it may know, with reminders by the clock."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select, update

from service.contacts import links
from service.contacts.rules import DisclosureReason
from service.employers import employments
from service.employers.models import Employment
from service.employers.rules import ContractType
from service.kernel.problems import Problem
from service.signals.asking.clocks import CONTACT_CHANGED, REMINDERS
from service.signals.asking.operations import answer_question
from service.signals.asking.rules import Answer
from service.signals.models import Signal
from service.signals.rules import Consent, EndReason, Outcome, SignalOrigin, SignalPhase, SignalStatus
from tests.signals.signals_world import ANY, END, SignalsWorld, shown

WARNING, QUESTIONS = "signals.early-warning", "signals.questions"
ASKED = date(2026, 10, 1)
"""A Thursday, three months before the end. Answer by the 15th; a reminder on the 8th."""


def asked(world: SignalsWorld, **more: Any) -> tuple[str, str]:
    """(employment, signal) of a client whose employer knows, asked today."""
    employment_id = world.client(disclosed=True, **more)
    world.clock.day = ASKED
    world.tick(WARNING)
    return employment_id, world.listed()[0]["id"]


def answer(world: SignalsWorld, signal_id: str, how: Answer, **more: Any) -> dict[str, Any]:
    return shown(world.do(answer_question, world.bakery, signal_id, {"answer": how, **more}, ANY))


def link_told(world: SignalsWorld, employment_id: str) -> None:
    world.do(CONTACT_CHANGED.handle, {"data": {"employmentId": employment_id}})


def disclose(world: SignalsWorld, employment_id: str) -> None:
    data = {"disclosed": True, "reason": DisclosureReason.START_AGREEMENT}
    world.do(links.change_link, world.uwv, employment_id, data, ANY)
    link_told(world, employment_id)


def refused(code: str) -> Any:
    return pytest.raises(Problem, match=code)


# --- Asked --------------------------------------------------------------------------------------------------------


def test_the_employer_is_asked_once(world: SignalsWorld) -> None:
    employment_id, signal_id = asked(world)
    mine = world.get(signal_id)
    assert mine["question"] == {
        "asked_on": ASKED,
        "answer_by": date(2026, 10, 15),
        "reminded_on": None,
        "answer": None,
        "answered_on": None,
    }
    assert (mine["next_step"]["what"], mine["next_step"]["by"]) == ("tell_decision", date(2026, 10, 15))
    assert mine["next_step"]["whose"] == "employer"
    inside = world.get(signal_id, world.uwv)
    assert inside["question"] == mine["question"]
    assert inside["next_step"]["what"] == "acknowledge"
    assert world.tick(WARNING) == world.tick(QUESTIONS) == []
    before = world.get(signal_id)
    link_told(world, employment_id)
    assert world.get(signal_id) == before
    assert world.types(world.bakery) == ["reported", "seen"]
    assert [step[0] for step in world.steps(signal_id)] == ["reported", "question_asked", "seen"]


def test_without_a_disclosed_link_nothing_is_asked(world: SignalsWorld) -> None:
    employment_id = world.client()
    world.clock.day = ASKED
    world.tick(WARNING)
    ((signal_id,),) = world.rows(select(Signal.id))
    for day in (8, 15, 16):
        world.clock.day = date(2026, 10, day)
        assert world.tick(QUESTIONS) == []
    assert (world.listed(), world.types(world.bakery)) == ([], [])
    with refused("not-found"):
        answer(world, signal_id, Answer.UNDECIDED)
    assert world.get(signal_id, world.uwv)["question"] is None
    mine = world.report(employment_id)
    assert mine["question"] is None
    with refused("no-open-question"):
        answer(world, signal_id, Answer.UNDECIDED)


# --- Reminders ----------------------------------------------------------------------------------------------------


def test_two_reminders_then_the_caseworker_hears(world: SignalsWorld) -> None:
    _, signal_id = asked(world)
    world.move(signal_id, "acknowledged")
    before = len(world.mails())
    for day, fired, reminded, since in (
        (7, [], None, None),
        (8, [signal_id], date(2026, 10, 8), None),
        (9, [], date(2026, 10, 8), None),
        (15, [signal_id], date(2026, 10, 15), None),
        (16, [signal_id], date(2026, 10, 15), date(2026, 10, 16)),
        (20, [], date(2026, 10, 15), date(2026, 10, 16)),
    ):
        world.clock.day = date(2026, 10, day)
        assert world.tick(QUESTIONS) == fired
        assert world.tick(QUESTIONS) == []
        assert world.get(signal_id)["question"]["reminded_on"] == reminded
        ((unanswered,),) = world.rows(select(Signal.unanswered_since))
        assert unanswered == since
    assert world.types(world.bakery)[-2:] == ["question-reminded", "question-reminded"]
    assert "question-reminded" not in world.types(world.uwv)
    mails = world.mails()[before:]
    assert [mail[:2] for mail in mails] == [("question-unanswered", "ada@uwv.example")]
    assert "15 oktober 2026" in mails[0][2]
    assert "Vraag dat eerst" in mails[0][2]
    assert world.get(signal_id, world.uwv)["next_step"]["what"] == "call_employer"
    assert "question_unanswered" not in [step[0] for step in world.steps(signal_id)]
    assert "question_unanswered" in [step[0] for step in world.steps(signal_id, world.uwv)]
    # It can still be answered.
    answer(world, signal_id, Answer.UNDECIDED)
    assert world.get(signal_id, world.uwv)["next_step"]["what"] == "make_plan"


@pytest.mark.parametrize(("consent", "says"), [(Consent.GRANTED, "U mag"), (Consent.REFUSED, "Bel de werkgever niet")])
def test_whether_one_may_call_is_the_persons_to_say(world: SignalsWorld, consent: Consent, says: str) -> None:
    _, signal_id = asked(world)
    world.change(signal_id, world.uwv, consent_to_contact_employer=consent)
    world.clock.day = date(2026, 10, 16)
    world.tick(QUESTIONS)
    assert says in world.mails()[-1][2]


def test_after_a_standstill_there_is_one_reminder(world: SignalsWorld) -> None:
    _, signal_id = asked(world)
    world.clock.day = date(2026, 10, 15)
    assert world.tick(QUESTIONS) == [signal_id]
    world.clock.day = date(2026, 10, 29)
    assert world.tick(QUESTIONS) == [signal_id]
    assert world.types(world.bakery) == ["reported", "question-reminded"]


def test_after_two_weeks_asleep_the_reminder_and_the_word_to_the_caseworker_come_together(world: SignalsWorld) -> None:
    _, signal_id = asked(world)
    world.clock.day = date(2026, 10, 19)
    assert world.tick(QUESTIONS) == [signal_id]
    assert world.tick(QUESTIONS) == []
    assert world.types(world.bakery) == ["reported", "question-reminded"]
    assert [mail[0] for mail in world.mails()] == ["signal-reported", "question-unanswered"]


def test_a_worker_that_dies_reminds_once(world: SignalsWorld) -> None:
    asked(world)
    world.clock.day = date(2026, 10, 8)
    due = world.do(REMINDERS.due, 10)

    def dies(uow: Any, signal_id: str) -> None:
        REMINDERS.fire(uow, signal_id)
        raise SystemExit

    with pytest.raises(SystemExit):
        world.do(dies, *due)
    assert world.types(world.bakery) == ["reported"]
    for _ in range(2):  # Two workers found it, and one came later.
        world.do(REMINDERS.fire, *due)
    assert world.types(world.bakery) == ["reported", "question-reminded"]


def test_a_signal_that_is_over_reminds_nobody(world: SignalsWorld) -> None:
    _, signal_id = asked(world)
    world.move(signal_id, "acknowledged")
    world.move(signal_id, "closed", outcome=Outcome.STAYS)
    world.clock.day = date(2026, 10, 8)
    assert world.tick(QUESTIONS) == [signal_id]
    assert "question-reminded" not in world.types(world.bakery)
    with refused("no-open-question"):
        answer(world, signal_id, Answer.UNDECIDED)


# --- Disclosed later, or no longer --------------------------------------------------------------------------------


def test_disclosed_later_it_is_asked_from_then_on(world: SignalsWorld) -> None:
    employment_id = world.client()
    world.do(links.record_link, world.uwv, {"employment_id": employment_id, "disclosed": False})
    world.clock.day = ASKED
    world.tick(WARNING)
    world.clock.day = date(2026, 10, 5)
    disclose(world, employment_id)
    (mine,) = world.listed()
    assert mine["question"]["asked_on"] == date(2026, 10, 5)
    assert mine["question"]["answer_by"] == date(2026, 10, 19)
    assert (mine["origin"], mine["status"]) == (SignalOrigin.REGISTER, SignalStatus.REPORTED)
    assert world.types(world.bakery) == ["reported"]
    assert [step[0] for step in world.steps(mine["id"])] == ["question_asked"]
    link_told(world, employment_id)
    assert world.types(world.bakery) == ["reported"]
    world.clock.day = date(2026, 10, 12)
    world.tick(QUESTIONS)
    assert world.types(world.bakery) == ["reported", "question-reminded"]


@pytest.mark.parametrize("noticed", [True, False])
def test_taken_back_the_question_is_gone(world: SignalsWorld, noticed: bool) -> None:
    employment_id, signal_id = asked(world)
    world.withdraw(employment_id)
    with refused("not-found"):
        answer(world, signal_id, Answer.UNDECIDED)
    if noticed:
        link_told(world, employment_id)
    world.clock.day = date(2026, 10, 8)
    world.tick(QUESTIONS)
    assert (world.listed(), world.types(world.bakery)) == ([], ["reported"])
    assert world.get(signal_id, world.uwv)["question"] is None
    world.clock.day = date(2026, 10, 12)
    disclose(world, employment_id)
    assert world.get(signal_id)["question"]["asked_on"] == date(2026, 10, 12)
    assert world.types(world.bakery)[0] == "reported"
    assert world.types(world.bakery)[-1] == "changed"


def test_who_becomes_known_later_is_warned_of(world: SignalsWorld) -> None:
    employment_id = world.stranger()
    world.clock.day = ASKED
    assert world.tick(WARNING) == [employment_id]
    assert world.rows(select(Signal.id)) == []
    world.assign("111222333", world.caseworker("Ada de Vries"))
    link_told(world, employment_id)
    assert world.tick(WARNING) == [employment_id]
    assert len(world.listed(world.uwv)) == 1


# --- Answered -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("new_end", [date(2027, 12, 31), None])
def test_extended_changes_the_register_and_ends_the_signal(world: SignalsWorld, new_end: date | None) -> None:
    employment_id, signal_id = asked(world)
    world.clock.day = date(2026, 10, 6)
    mine = answer(world, signal_id, Answer.EXTENDED, end_date=new_end)
    assert (mine["status"], mine["question"]["answer"]) == (SignalStatus.WITHDRAWN, Answer.EXTENDED)
    assert (mine["question"]["answered_on"], mine["receipt"]) == (date(2026, 10, 6), None)
    job = world.do(employments.get_employment, world.bakery, employment_id)
    assert (job["end_date"], job["version"]) == (new_end, 2)
    assert job["contract_type"] is (ContractType.FIXED_TERM if new_end else ContractType.PERMANENT)
    last = world.history(signal_id)[-1]
    assert (last["to_value"], last["reason"], last["by"]) == ("withdrawn", "contract_extended", "employer")
    assert world.types(world.bakery)[-1] == world.types(world.uwv)[-1] == "withdrawn"
    assert world.mails()[-1][:2] == ("contract-extended", "ada@uwv.example")
    world.employment_changed(employment_id)
    assert world.tick(WARNING) == world.tick(QUESTIONS) == []
    assert world.types(world.bakery)[-1] == "withdrawn"


def test_what_is_extended_for_a_while_is_warned_of_again(world: SignalsWorld) -> None:
    employment_id, signal_id = asked(world)
    answer(world, signal_id, Answer.EXTENDED, end_date=date(2027, 3, 31))
    world.employment_changed(employment_id)
    world.clock.day = date(2026, 12, 31)
    assert world.tick(WARNING) == [employment_id]
    assert [each["status"] for each in world.listed(status=SignalStatus.REPORTED)] == [SignalStatus.REPORTED]


def test_an_end_that_comes_back_is_asked_about_again(world: SignalsWorld) -> None:
    """The HR system still has the old date: the next file undoes the answer."""
    employment_id, signal_id = asked(world)
    answer(world, signal_id, Answer.EXTENDED, end_date=date(2027, 12, 31))
    world.employment_changed(employment_id)
    assert world.tick(WARNING) == []
    world.do(employments.change_employment, world.bakery, employment_id, {"end_date": END}, ANY)
    world.employment_changed(employment_id)
    assert world.tick(WARNING) == [employment_id]
    (anew,) = world.listed(status=SignalStatus.REPORTED)
    assert (anew["id"] != signal_id, anew["question"]["answer"]) == (True, None)


def test_what_is_no_extension_is_refused(world: SignalsWorld) -> None:
    _, signal_id = asked(world)
    for more, code in (
        ({}, "required"),
        ({"end_date": END}, "not-later"),
        ({"end_date": None, "end_reason": EndReason.LESS_WORK}, "not-with-this-answer"),
    ):
        with pytest.raises(Problem) as found:
            answer(world, signal_id, Answer.EXTENDED, **more)
        assert [error.code for error in found.value.errors] == [code]
    assert world.get(signal_id)["question"]["answer"] is None


def test_undecided_is_the_employers_own_report(world: SignalsWorld) -> None:
    employment_id, signal_id = asked(world)
    mine = answer(world, signal_id, Answer.UNDECIDED, reference="HR-8")
    assert (mine["id"], mine["phase"], mine["expected_end_date"]) == (signal_id, SignalPhase.DOUBT, END)
    assert (mine["receipt"]["number"], mine["reference"]) == (mine["number"], "HR-8")
    assert mine["question"]["answer"] is Answer.UNDECIDED
    assert world.get(signal_id, world.uwv)["phase"] is SignalPhase.DOUBT
    assert world.types(world.bakery)[:2] == ["reported", "reported"]
    world.clock.day = date(2026, 10, 15)
    assert world.tick(QUESTIONS) == []
    with refused("no-open-question"):
        answer(world, signal_id, Answer.ENDING)
    with refused("signal-exists"):
        world.report(employment_id)


def test_ending_requires_that_the_employee_knows(world: SignalsWorld) -> None:
    _, signal_id = asked(world)
    with pytest.raises(Problem) as found:
        answer(world, signal_id, Answer.ENDING, end_reason=EndReason.LESS_WORK)
    assert [error.code for error in found.value.errors] == ["employee-not-informed"]
    mine = answer(world, signal_id, Answer.ENDING, employee_informed=True, end_date=date(2026, 12, 15))
    assert (mine["phase"], mine["expected_end_date"]) == (SignalPhase.DECIDED, date(2026, 12, 15))
    assert (mine["question"]["answer"], mine["receipt"] is None) == (Answer.ENDING, False)


def test_who_just_reports_has_answered(world: SignalsWorld) -> None:
    employment_id, signal_id = asked(world)
    assert world.report(employment_id, phase=SignalPhase.DECIDED)["question"]["answer"] is Answer.ENDING
    world.clock.day = date(2026, 10, 8)
    assert world.tick(QUESTIONS) == []
    assert "question_answered" in [step[0] for step in world.steps(signal_id)]


def test_who_moves_the_end_in_the_register_has_answered(world: SignalsWorld) -> None:
    employment_id, signal_id = asked(world)
    world.do(employments.change_employment, world.bakery, employment_id, {"end_date": date(2027, 12, 31)}, ANY)
    world.employment_changed(employment_id)
    mine = world.get(signal_id)
    assert (mine["status"], mine["question"]["answer"]) == (SignalStatus.WITHDRAWN, Answer.EXTENDED)


@pytest.mark.parametrize("agreed", [True, False])
def test_what_a_jobcoach_reported_goes_on_without_the_employer(world: SignalsWorld, agreed: bool) -> None:
    employment_id, signal_id = asked(world, jobcoach=True)
    consent = Consent.GRANTED if agreed else Consent.REFUSED
    world.report(employment_id, world.jobcoaches, consent_to_contact_employer=consent)
    mine = answer(world, signal_id, Answer.EXTENDED, end_date=None)
    assert mine["status"] is SignalStatus.WITHDRAWN
    (theirs,) = world.listed(world.jobcoaches, status=SignalStatus.REPORTED)
    assert (theirs["id"] != signal_id, theirs["origin"]) == (True, SignalOrigin.JOBCOACH)
    assert world.types(world.jobcoaches)[-2:] == ["withdrawn", "reported"]
    seen = [each["id"] for each in world.listed()]
    assert (theirs["id"] in seen) is agreed
    assert world.get(theirs["id"], world.uwv)["handling"]["statements"][0]["by"] == "jobcoach_organisation"


# --- An end by wages ----------------------------------------------------------------------------------------------


def wages_until(world: SignalsWorld, employment_id: str, month: date) -> None:
    with world.database.transaction() as uow:
        uow.execute(update(Employment).where(Employment.id == employment_id).values(last_wage_month=month))


def test_wages_that_stopped_are_an_end(world: SignalsWorld) -> None:
    jobs = {
        "client": world.client(disclosed=True, end_date=None),
        "stranger": world.stranger(end_date=None),
        "dated": world.client("100000009", end_date=date(2026, 12, 31)),
    }
    for each in jobs.values():
        wages_until(world, each, date(2026, 3, 1))
    timer = "signals.wages-stopped"
    world.clock.day = date(2026, 6, 30)
    assert world.tick(timer) == []
    world.clock.day = date(2026, 7, 1)
    assert sorted(world.tick(timer)) == sorted([jobs["client"], jobs["stranger"]])
    assert world.tick(timer) == []
    (signal,) = world.listed(world.uwv)
    assert (signal["phase"], signal["expected_end_date"]) == (SignalPhase.ENDED, date(2026, 3, 31))
    assert (signal["origin"], signal["employment_id"]) == (SignalOrigin.REGISTER, jobs["client"])
    (mine,) = world.listed()
    assert mine["question"] is None, "about wages the register asks each employer"
    world.move(signal["id"], SignalStatus.ACKNOWLEDGED, world.uwv)
    world.move(signal["id"], SignalStatus.CLOSED, world.uwv, outcome=Outcome.STAYS)
    link_told(world, jobs["client"])
    assert world.tick(timer) == [jobs["client"]]
    assert len(world.listed()) == 1, "of this end it was told"
    # Wages came in after all, and stop again.
    wages_until(world, jobs["client"], date(2026, 8, 1))
    world.clock.day = date(2026, 12, 1)
    assert world.tick(timer) == [jobs["client"]]
    assert len(world.listed()) == 2


def test_a_signal_by_wages_follows_an_end_that_comes_into_the_register(world: SignalsWorld) -> None:
    employment_id = world.client(disclosed=True, end_date=None)
    wages_until(world, employment_id, date(2026, 3, 1))
    world.clock.day = date(2026, 7, 1)
    world.tick("signals.wages-stopped")
    world.do(employments.change_employment, world.bakery, employment_id, {"end_date": date(2026, 4, 15)}, ANY)
    world.employment_changed(employment_id)
    (mine,) = world.listed()
    assert (mine["expected_end_date"], mine["question"]) == (date(2026, 4, 15), None)
    world.clock.day = date(2026, 7, 8)
    assert world.tick(QUESTIONS) == []


def test_wages_that_are_paid_again_end_the_warning(world: SignalsWorld) -> None:
    employment_id = world.client(end_date=None)
    wages_until(world, employment_id, date(2026, 3, 1))
    world.clock.day = date(2026, 7, 1)
    world.tick("signals.wages-stopped")
    world.employment_changed(employment_id)
    assert world.listed(world.uwv)[0]["status"] is SignalStatus.REPORTED
    wages_until(world, employment_id, date(2026, 6, 1))
    world.employment_changed(employment_id)
    assert world.listed(world.uwv)[0]["status"] is SignalStatus.WITHDRAWN


def test_a_live_signal_follows_the_wages_out_of_the_reporters_sight(world: SignalsWorld) -> None:
    employment_id = world.client(end_date=None)
    signal_id = world.report(employment_id)["id"]
    before = world.get(signal_id)
    wages_until(world, employment_id, date(2026, 1, 1))
    world.clock.day = date(2026, 5, 1)
    world.tick("signals.wages-stopped")
    inside = world.rows(select(Signal.phase, Signal.expected_end_date))
    assert inside == [(SignalPhase.ENDED, date(2026, 1, 31))]
    after = world.get(signal_id)
    assert {**after, "version": 0} == {**before, "version": 0}
    assert world.types(world.bakery) == ["reported"]
