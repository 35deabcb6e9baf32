"""Starting work: never two jobs at once, trial placements to their end, and what the signals learn of it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from service.kernel.database import Database
from service.kernel.problems import Problem
from service.signals import operations as signals
from service.signals.models import Signal
from service.signals.schemas import SignalBody
from service.vacancies import course
from service.vacancies import operations as vacancies
from service.vacancies.models import Vacancy
from service.vacancies.proposals.part import PART
from service.vacancies.rules import VacancyStatus
from service.vacancies.schemas import VacancyBody
from tests.support.house import SettableClock
from tests.vacancies.candidates_world import BSN, CONSENT, NAME, OTHER_BSN, WORK, World

TRIAL: dict[str, Any] = {"startDate": "2027-02-01", "endDate": "2027-04-30", "intendedContractMonths": 7}
LATER: dict[str, Any] = {"startDate": "2027-05-01", "endDate": "2027-07-31", "intendedContractMonths": 7}


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


def codes(refused: pytest.ExceptionInfo[Problem]) -> list[tuple[str | None, str]]:
    return [(error.pointer, error.code) for error in refused.value.errors]


def introduced_by_uwv(world: World, candidate_id: str, vacancy_id: str | None = None) -> str:
    proposal_id = str(world.propose(vacancy_id or world.vacancy(), candidate_id, world.uwv)["id"])
    world.move(proposal_id, "consented", world.uwv, consent=CONSENT)
    world.move(proposal_id, "introduced", world.uwv)
    return proposal_id


def at_once(*attempts: Callable[[], Any]) -> list[Any]:
    """What each came to, begun together: an answer or the problem."""
    came: list[Any] = [None] * len(attempts)
    start = threading.Barrier(len(attempts))

    def run(at: int, attempt: Callable[[], Any]) -> None:
        start.wait(timeout=30)
        try:
            came[at] = attempt()
        except Exception as error:
            came[at] = error

    threads = [threading.Thread(target=run, args=(at, attempt)) for at, attempt in enumerate(attempts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not any(thread.is_alive() for thread in threads)
    return came


# --- Two jobs at once ---------------------------------------------------------------------------------------------


def test_two_trials_at_once_are_one_too_many(world: World) -> None:
    candidate_id = world.candidate(bsn=BSN)["id"]
    first, second = (world.introduced(world.vacancy(hours={"min": 32, "max": 32}), candidate_id) for _ in range(2))
    world.move(first, "trial_placement", **TRIAL)
    # Nobody said how many hours: it is what the vacancies ask.
    for to, start in (("trial_placement", TRIAL), ("placed", {"startDate": "2027-04-30"})):
        with pytest.raises(Problem) as refused:
            world.move(second, to, **start)
        assert codes(refused) == [("/hours", "too-many-hours")]
    shown = world.move(second, "trial_placement", **TRIAL, hours=16)
    assert shown["warnings"] == ["above_wanted_hours"]
    assert world.get(first)["warnings"] == ["above_wanted_hours"]
    assert world.get(first, world.employer)["warnings"] == world.get(first, world.desk)["warnings"] == []
    world.move(second, "withdrawn", reason="hours_do_not_suit")
    assert world.get(first)["warnings"] == []


def test_work_that_follows_on_is_no_second_job(world: World) -> None:
    candidate_id = world.candidate(bsn=BSN)["id"]
    first, second = (world.introduced(world.vacancy(hours={"min": 32, "max": 32}), candidate_id) for _ in range(2))
    world.move(first, "trial_placement", **TRIAL)
    assert world.move(second, "trial_placement", **LATER)["warnings"] == []


def test_a_placement_counts_until_its_last_day_or_until_the_lead_says_otherwise(world: World) -> None:
    """Without a last day, until the candidate is available again; on every profile that the person has."""
    candidate_id = world.candidate(bsn=BSN)["id"]
    hours = {"min": 32, "max": 32}
    world.move(world.introduced(world.vacancy(hours=hours), candidate_id), "placed", startDate="2027-02-01")
    other = world.introduced(world.vacancy(hours=hours), world.candidate(bsn=BSN)["id"])
    with pytest.raises(Problem) as refused:
        world.move(other, "placed", startDate="2027-05-01")
    assert codes(refused) == [("/hours", "too-many-hours")]
    world.move_candidate(candidate_id, "withdrawn")
    placed = world.move(other, "placed", startDate="2027-05-01", endDate="2027-10-31")
    assert placed["end_date"] == date(2027, 10, 31)
    third = world.introduced(world.vacancy(hours=hours), world.candidate(bsn=BSN)["id"])
    with pytest.raises(Problem):
        world.move(third, "placed", startDate="2027-10-31")
    assert world.move(third, "placed", startDate="2027-11-01")["status"] == "placed"


def test_a_contract_does_not_end_before_it_begins(world: World) -> None:
    proposal_id = world.introduced(world.vacancy(), world.candidate()["id"])
    with pytest.raises(Problem) as refused:
        world.move(proposal_id, "placed", startDate="2027-02-01", endDate="2027-01-31")
    assert codes(refused) == [("/endDate", "not-in-order")]


def test_the_present_job_counts_until_its_end_also_where_only_its_signal_knows_that(world: World) -> None:
    job = world.job(None)
    proposal_id = introduced_by_uwv(world, world.candidate(world.uwv, employmentId=job)["id"])
    with pytest.raises(Problem) as refused:
        world.move(proposal_id, "placed", world.uwv, startDate="2027-02-01")
    assert codes(refused) == [("/hours", "too-many-hours")]
    report(world, job, "2027-01-31")
    assert world.move(proposal_id, "placed", world.uwv, startDate="2027-02-01")["status"] == "placed"


def test_an_own_employee_may_go_to_other_work_there(world: World) -> None:
    job = world.job(None)
    candidate_id = world.candidate(world.uwv, employmentId=job)["id"]
    with world.database.transaction() as uow:
        made = vacancies.register_vacancy(uow, world.other_employer, VacancyBody().load(WORK))
    proposal_id = introduced_by_uwv(world, candidate_id, str(made["id"]))
    moved = world.move(proposal_id, "placed", world.other_employer, startDate="2027-02-01")
    assert moved["status"] == "placed"


def test_of_two_advisors_at_the_same_moment_one_wins(world: World) -> None:
    candidate_id = world.candidate(bsn=BSN)["id"]
    hours = {"min": 32, "max": 32}
    ways = [world.introduced(world.vacancy(hours=hours), candidate_id) for _ in range(2)]
    came = at_once(*(lambda one=one: world.move(one, "trial_placement", **TRIAL) for one in ways))
    lost = [each for each in came if isinstance(each, Problem)]
    assert [(each.status, each.errors[0].code) for each in lost] == [(400, "too-many-hours")], came
    assert sorted(world.get(one)["status"] for one in ways) == ["introduced", "trial_placement"]


def test_of_two_placements_at_the_same_moment_one_wins(world: World) -> None:
    candidate_id = world.candidate(bsn=BSN)["id"]
    ways = [world.introduced(world.vacancy(), candidate_id) for _ in range(2)]
    came = at_once(*(lambda one=one: world.move(one, "placed", startDate="2027-02-01") for one in ways))
    lost = [each for each in came if isinstance(each, Problem)]
    assert [(each.status, each.code) for each in lost] == [(409, "forbidden-transition")], came
    assert sorted(world.get(one)["status"] for one in ways) == ["placed", "withdrawn"]


def test_two_candidates_of_the_same_two_vacancies_are_placed_at_the_same_moment(world: World) -> None:
    """Each placement withdraws the proposals on which the other one could wait."""
    for _ in range(3):
        people = [world.candidate()["id"] for _ in range(2)]
        jobs = [world.vacancy() for _ in range(2)]
        ways = [[world.introduced(job, person) for job in jobs] for person in people]
        came = at_once(
            partial(world.move, ways[0][0], "placed", startDate="2027-02-01"),
            partial(world.move, ways[1][1], "placed", startDate="2027-02-01"),
        )
        assert [each["status"] for each in came] == ["placed", "placed"]
        assert [world.get(one)["status"] for one in (ways[0][1], ways[1][0])] == ["withdrawn", "withdrawn"]


# --- A trial placement to its end ---------------------------------------------------------------------------------


def report(world: World, job_id: str, ends: str) -> str:
    """The other employer reports that the job ends."""
    body = {"employmentId": job_id, "phase": "decided", "expectedEndDate": ends, "employeeInformed": True}
    with world.database.transaction() as uow:
        return str(signals.report_signal(uow, world.other_employer, SignalBody().load(body))["id"])


def outcome(world: World, signal_id: str) -> tuple[Any, ...]:
    with world.database.reading() as uow:
        row = uow.session.get_one(Signal, signal_id)
        return row.status, row.outcome, row.trial_started_on, row.trial_ended_on, row.gap_days


def test_a_trial_without_a_contract_gives_everything_back(world: World) -> None:
    job = world.job(date(2027, 1, 29))
    signal_id = report(world, job, "2027-01-29")
    candidate_id = world.candidate(world.uwv, employmentId=job)["id"]
    vacancy_id = world.vacancy()
    proposal_id = introduced_by_uwv(world, candidate_id, vacancy_id)
    world.move(proposal_id, "trial_placement", world.employer, **TRIAL)
    assert outcome(world, signal_id) == ("closed", "trial_placement", date(2027, 2, 1), None, None)
    told = world.events(f"contract-end-signals/{signal_id}")
    world.move(proposal_id, "declined", world.employer, reason="trial_ended_without_contract")
    assert outcome(world, signal_id) == ("closed", "unknown", date(2027, 2, 1), date(2026, 11, 23), None)
    news = world.events(f"contract-end-signals/{signal_id}")[len(told) :]
    assert [type for type, _ in news] == ["contract-end-signal.outcome"]
    assert world.other_employer.party.id not in news[0][1]
    assert world.get_candidate(candidate_id)["status"] == "available"
    assert vacancy_id in {match["vacancy_id"] for match in world.vacancies_for(candidate_id, world.uwv)}
    again = introduced_by_uwv(world, candidate_id, vacancy_id)
    world.move(again, "placed", world.employer, startDate="2027-03-01")
    assert outcome(world, signal_id)[:2] == ("closed", "new_employer")
    assert outcome(world, signal_id)[4] == (date(2027, 3, 1) - date(2027, 1, 29)).days - 1
    assert world.get(again, world.uwv)["gap_days"] == outcome(world, signal_id)[4]


def test_one_trial_of_two_that_ends_leaves_the_other_as_the_outcome(world: World) -> None:
    job = world.job(date(2027, 1, 29))
    signal_id = report(world, job, "2027-01-29")
    candidate_id = world.candidate(world.uwv, employmentId=job)["id"]
    first, second = (introduced_by_uwv(world, candidate_id) for _ in range(2))
    world.move(first, "trial_placement", world.uwv, **TRIAL, hours=12)
    world.move(second, "trial_placement", world.uwv, **(TRIAL | {"startDate": "2027-02-08"}), hours=12)
    world.move(second, "withdrawn", world.uwv, reason="tasks_do_not_suit")
    assert outcome(world, signal_id)[:4] == ("closed", "trial_placement", date(2027, 2, 1), None)
    world.move(first, "withdrawn", world.uwv, reason="tasks_do_not_suit")
    assert outcome(world, signal_id)[:2] == ("closed", "unknown")


def test_only_a_trial_ends_without_a_contract(world: World) -> None:
    proposal_id = world.introduced(world.vacancy(), world.candidate()["id"])
    with pytest.raises(Problem) as refused:
        world.move(proposal_id, "declined", world.employer, reason="trial_ended_without_contract")
    assert codes(refused) == [("/reason", "reason-not-allowed")]


def test_two_weeks_before_its_end_a_trial_is_asked_about_once(world: World, clock: SettableClock) -> None:
    candidate_id = world.candidate(world.uwv)["id"]
    proposal_id = world.propose(world.vacancy(), candidate_id)["id"]
    world.move(proposal_id, "proposed", world.uwv)
    world.move(proposal_id, "consented", world.uwv, consent=CONSENT)
    world.move(proposal_id, "introduced")
    world.move(proposal_id, "trial_placement", world.employer, **TRIAL)
    [timer] = PART.timers

    def run() -> list[str]:
        with world.database.reading() as uow:
            found = timer.due(uow, 10)
        for one in found:
            for _ in range(2):
                with world.database.transaction() as uow:
                    timer.fire(uow, one)
        return found

    clock.set(datetime(2027, 4, 15, 9, tzinfo=UTC))
    assert run() == []
    clock.advance(days=1)
    assert run() == [proposal_id]
    assert run() == []
    everybody = {world.employer.party.id, world.wsp.party.id, world.uwv.party.id}
    told = [each for each in world.events(f"proposals/{proposal_id}") if each[0] == "proposal.trial-ending"]
    assert told == [("proposal.trial-ending", everybody)]


# --- The vacancy under a trial ------------------------------------------------------------------------------------


def freed(world: World, **body: Any) -> tuple[str, str]:
    """A vacancy of the other employer, and the signal of the job that came free there."""
    signal_id = report(world, world.job(date(2027, 1, 29), bsn=OTHER_BSN), "2027-01-29")
    with world.database.transaction() as uow:
        data = VacancyBody().load(WORK | {"freedBySignalId": signal_id} | body)
        return str(vacancies.register_vacancy(uow, world.other_employer, data)["id"]), signal_id


def told(world: World, signal_id: str) -> tuple[Any, ...]:
    with world.database.reading() as uow:
        row = uow.session.get_one(Signal, signal_id)
        filled, opened = row.freed_vacancy_filled_on, row.freed_vacancy_opened_on
        return row.freed_vacancy_status, None if filled is None or opened is None else (filled - opened).days


def on_trial(world: World, vacancy_id: str) -> str:
    proposal_id = world.introduced(vacancy_id, world.candidate()["id"])
    world.move(proposal_id, "trial_placement", **TRIAL)
    return proposal_id


def end_vacancy(world: World, vacancy_id: str, to: str) -> None:
    with world.database.transaction() as uow:
        row = vacancies.vacancy_for(uow, world.other_employer, vacancy_id, for_update=True)
        course.move(uow, world.other_employer, row, VacancyStatus(to), world.other_employer.kind)


def positions(world: World, vacancy_id: str) -> tuple[str, int]:
    with world.database.reading() as uow:
        row = uow.session.get_one(Vacancy, vacancy_id)
        return row.status.value, row.filled_positions


def test_the_last_of_several_positions_gives_the_fill_time(world: World, clock: SettableClock) -> None:
    vacancy_id, signal_id = freed(world, positions=2)
    first, second = on_trial(world, vacancy_id), world.introduced(vacancy_id, world.candidate()["id"])
    clock.advance(days=10)
    world.move(second, "placed", startDate="2027-02-01")
    assert (positions(world, vacancy_id), told(world, signal_id)) == (("open", 1), ("open", None))
    clock.advance(days=4)
    world.move(first, "placed", startDate="2027-05-01")
    assert (positions(world, vacancy_id), told(world, signal_id)) == (("filled", 2), ("filled", 14))


def test_a_vacancy_that_is_withdrawn_after_one_placement_is_not_filled(world: World) -> None:
    vacancy_id, signal_id = freed(world, positions=2)
    world.move(world.introduced(vacancy_id, world.candidate()["id"]), "placed", startDate="2027-02-01")
    end_vacancy(world, vacancy_id, "withdrawn")
    assert (positions(world, vacancy_id), told(world, signal_id)) == (("withdrawn", 1), ("withdrawn", None))


@pytest.mark.parametrize(("meanwhile", "days"), [("filled", 0), ("withdrawn", 7)])
def test_a_trial_becomes_a_contract_whatever_became_of_its_vacancy(
    world: World, clock: SettableClock, meanwhile: str, days: int
) -> None:
    vacancy_id, signal_id = freed(world)
    proposal_id = on_trial(world, vacancy_id)
    end_vacancy(world, vacancy_id, meanwhile)
    assert world.get(proposal_id)["status"] == "trial_placement"
    clock.advance(days=7)
    assert world.move(proposal_id, "placed", startDate="2027-05-01")["status"] == "placed"
    assert (positions(world, vacancy_id), told(world, signal_id)) == (("filled", 1), ("filled", days))


def test_a_successor_of_a_withdrawn_vacancy_is_what_the_signal_hears_of(world: World) -> None:
    vacancy_id, signal_id = freed(world)
    proposal_id = on_trial(world, vacancy_id)
    end_vacancy(world, vacancy_id, "withdrawn")
    with world.database.transaction() as uow:
        vacancies.register_vacancy(uow, world.other_employer, VacancyBody().load({"freedBySignalId": signal_id} | WORK))
    world.move(proposal_id, "placed", startDate="2027-05-01")
    assert (positions(world, vacancy_id), told(world, signal_id)) == (("filled", 1), ("open", None))


def test_no_trial_begins_on_a_vacancy_that_has_ended(world: World) -> None:
    vacancy_id, _ = freed(world)
    proposal_id = world.introduced(vacancy_id, world.candidate()["id"])
    end_vacancy(world, vacancy_id, "filled")
    with pytest.raises(Problem) as refused:
        world.move(proposal_id, "trial_placement", **TRIAL)
    assert refused.value.code == "forbidden-transition"


# --- Another lead -------------------------------------------------------------------------------------------------


def test_with_the_lead_goes_what_is_going_on(world: World) -> None:
    candidate_id = world.candidate(bsn=BSN, name=NAME)["id"]
    vacancy_id = world.vacancy()
    going, over = world.introduced(vacancy_id, candidate_id), world.introduced(world.vacancy(), candidate_id)
    world.move(over, "declined", reason="too_far")
    asked = world.propose(world.vacancy(), candidate_id, world.desk)["id"]
    world.change(candidate_id, lead={"partyId": world.coach.party.id})
    with pytest.raises(Problem) as refused:
        world.get(going)
    assert refused.value.status == 404
    with pytest.raises(Problem) as refused:
        world.move(asked, "proposed")
    assert refused.value.status == 404
    assert [(item["id"], item["name"], item["consent"]) for item in world.seen_by(world.wsp)] == [(over, None, None)]
    shown = world.get(going, world.coach)
    assert (shown["name"], shown["proposer_party_id"]) == (NAME, world.coach.party.id)
    assert world.move(asked, "proposed", world.coach)["status"] == "proposed"
    assert world.move(going, "placed", world.coach, startDate="2027-02-01")["status"] == "placed"
    heard = [readers for type, readers in world.events(f"proposals/{asked}") if type == "proposal.lead-changed"]
    assert heard == [{world.coach.party.id, world.uwv.party.id}]


def test_who_proposed_somebody_sees_the_profile_no_longer_than_that_goes_on(world: World) -> None:
    candidate_id = world.candidate(world.uwv)["id"]
    proposal_id = world.propose(world.vacancy(), candidate_id)["id"]
    world.change(candidate_id, world.uwv, pausedUntil=str(date(2026, 11, 23) + timedelta(days=30)))
    assert candidate_id in world.listed(world.wsp)
    world.move(proposal_id, "withdrawn", reason="made_by_mistake")
    assert candidate_id not in world.listed(world.wsp)
    assert world.get(proposal_id)["candidate_id"] == candidate_id
