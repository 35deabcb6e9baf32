"""Sixty days side by side: an employee whom UWV knows, one whose link is recorded as undisclosed, and one whom UWV
never heard of. Their employer does whatever it likes, at UWV much happens out of its sight, clocks run out; and after
each step all that the employer can reach is alike for the three of them.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from service.reference.working_days import next_working_day
from service.signals import views
from tests.contract.privacy_world import HIDDEN, PrivacyWorld
from tests.privacy.watching import LINKED, Employee, Watched

pytestmark = pytest.mark.long

DAYS = 60
SEEDS = range(1, 1 + int(os.environ.get("PRIVACY_COURSES", "2")))
PLAN = {"service": "naar_werk", "startDate": "2026-12-21", "lead": "arbeidsdeskundige"}
PHASES = ("ending_soon", "doubt", "decided", "ended")
ENDS = ("2026-12-10", "2026-12-31", "2027-01-15", "2027-02-28", None)
SAME = ("extended", "other_work_same_employer")
NOT_TOLD = ("new_employer", "trial_placement", "benefit", "fewer_hours_or_voluntary", "unknown")
"""Outcomes that an employer who does not know of the link is not told: any of them looks like any other."""


class Course:
    """What happens, drawn from a seed."""

    def __init__(self, world: PrivacyWorld, seed: int, *, disclosed: bool = False) -> None:
        self.world = world
        self.draw = random.Random(seed)
        self.watched = Watched(world, disclosed=disclosed)
        self.done: dict[str, int] = {}
        self.by_employer: list[tuple[int, Callable[[], list[int]]]] = [
            (6, self.report),
            (3, self.change_signal),
            (3, self.change_employment),
            (2, self.withdraw),
            (2, self.take_back),
            (1, self.hand_over),
            (2, self.open_vacancy),
            (1, self.move_vacancy),
            (1, self.ask_to_be_called),
        ]
        self.behind: list[tuple[int, Callable[[], Any]]] = [
            (3, self.open_it),
            (3, self.acknowledge),
            (2, self.plan),
            (1, self.close),
            (1, self.reopen),
        ]
        self.hidden: list[tuple[int, Callable[[Employee], Any]]] = [
            (3, self.uwv_works_on_what_is_hidden),
            (2, self.uwv_knows_better),
            (2, self.another_caseworker),
            (1, self.absence),
            (2, self.jobcoach_reports),
            (1, self.jobcoach_changes),
            (1, self.jobcoach_withdraws),
        ]

    def run(self) -> None:
        end = self.world.house.clock.now + timedelta(days=DAYS)
        self.watched.look("at first")
        while self.world.house.clock.now < end:
            hours = self.draw.choice((12, 24, 48, 72))
            self.watched.sleep(hours=hours)
            if self.draw.random() < 0.3:
                self.watched.look("as time passes")
            for _ in range(self.draw.choice((1, 1, 2))):
                self.step()
                if self.draw.random() < 0.3:
                    self.world.work()
            self.watched.look(f"step {self.watched.steps}, after {self.last}")

    last = ""

    def step(self) -> None:
        what = self.draw.random()
        if what < 0.5:
            act: Any = self.one_of(self.by_employer)
            act()
        elif what < 0.75:
            act = self.one_of(self.behind)
            act()
        else:
            act = self.one_of(self.hidden)
            for each in self.watched.employees:
                if each.known:
                    act(each)
                    self.watched.tick()
        self.last = act.__name__
        self.done[self.last] = self.done.get(self.last, 0) + 1

    def one_of(self, table: Any) -> Any:
        return self.draw.choices([act for _, act in table], [weight for weight, _ in table])[0]

    # --- The employer -----------------------------------------------------------------------------------------------

    def report(self) -> list[int]:
        end, phase = self.draw.choice(ENDS), self.draw.choice(PHASES)
        body = {
            "phase": phase,
            "expectedEndDate": end,
            "endReason": self.draw.choice(("less_work", "fixed_term_not_renewed", "unknown")),
            "employeeInformed": phase in ("decided", "ended") or self.draw.random() < 0.5,
            "vacancyExpected": "yes",
            "reference": f"HR-{self.draw.randrange(100)}",
        }
        return self.watched.employer(
            "the report", lambda each: ("POST", "/contract-end-signals", body | {"employmentId": each.employment}, {})
        )

    def _signal(self) -> int | None:
        count = len(self.watched.employees[0].signals)
        if not count:
            return None
        return count - 1 if self.draw.random() < 0.8 else self.draw.randrange(count)

    def _to_signal(self, what: str, method: str, rest: str, body: Any) -> list[int]:
        """To one of its signals, with the tag that it last saw; sometimes with any."""
        which = self._signal()
        if which is None:
            return []
        loose = self.draw.random() < 0.3

        def ask(each: Employee) -> tuple[str, str, Any, dict[str, str]]:
            path = f"/contract-end-signals/{each.signals[which]}"
            tag = each.tags.get(path + rest) if rest == "/handover-profile" else each.tags.get(path)
            headers = {"If_Match": "*" if loose else tag or '"0-0000000000000000"'}
            if rest == "/handover-profile" and not tag:
                headers = {"If_None_Match": "*"}
            return method, path + rest, body, headers

        return self.watched.employer(what, ask)

    def change_signal(self) -> list[int]:
        facts: list[dict[str, Any]] = [
            {"phase": self.draw.choice(PHASES)},
            {"expectedEndDate": self.draw.choice(ENDS)},
            {"vacancyExpected": self.draw.choice(("yes", "no"))},
            {"reference": f"HR-{self.draw.randrange(100)}"},
            {"employeeInformed": True},
            {"consentToContactEmployer": "granted"},
        ]
        return self._to_signal("a change", "PATCH", "", self.draw.choice(facts))

    def change_employment(self) -> list[int]:
        body = self.draw.choice(
            (
                {"endDate": self.draw.choice(ENDS)},
                {"hoursPerWeek": self.draw.randrange(12, 36)},
                {"contractType": "permanent", "endDate": None},
                {"contractType": "fixed_term", "endDate": "2027-02-28"},
            )
        )
        return self.watched.employer(
            "the register", lambda each: ("PATCH", f"/employments/{each.employment}", body, {"If_Match": "*"})
        )

    def withdraw(self) -> list[int]:
        return self._to_signal("a withdrawal", "POST", "/transitions", {"to": "withdrawn"})

    def take_back(self) -> list[int]:
        return self._to_signal("taking it back", "POST", "/transitions", {"to": "reported"})

    def hand_over(self) -> list[int]:
        body = {"tasksDoneWell": [], "whatHelps": ["fixed_tasks"], "hoursHeld": self.draw.randrange(10, 30)}
        return self._to_signal("the handover", "PUT", "/handover-profile", body)

    def open_vacancy(self) -> list[int]:
        which = self._signal()
        if which is None:
            return []
        return self.watched.employer(
            "a vacancy", lambda each: ("POST", "/vacancies", {"freedBySignalId": each.signals[which]}, {})
        )

    def move_vacancy(self) -> list[int]:
        if not self.watched.employees[0].vacancies:
            return []
        body = {"to": self.draw.choice(("on_hold", "open", "withdrawn"))}
        return self.watched.employer(
            "a vacancy moves",
            lambda each: ("POST", f"/vacancies/{each.vacancies[-1]}/transitions", body, {"If_Match": "*"}),
        )

    def ask_to_be_called(self) -> list[int]:
        """The desk has it, and nobody calls: its deadline passes."""
        day = next_working_day(self.world.house.clock.now.date())
        body = {
            "subject": self.draw.choice(("jobcoach", "contract_end")),
            "phone": "+442079460002",
            "windows": [{"date": str(day), "from": "09:00", "to": "10:00"}],
        }
        return self.watched.employer(
            "a call-back", lambda each: ("POST", "/call-backs", body | {"employmentId": each.employment}, {})
        )

    # --- Behind the counter, for each of them -----------------------------------------------------------------------

    def open_it(self) -> None:
        if self.watched.employees[0].signals:
            self.watched.behind_the_counter(
                lambda each: each.handler.get(f"/contract-end-signals/{each.signals[-1]}").status_code
            )

    def _moves(self, body: Callable[[Employee], dict[str, Any]]) -> None:
        """Whoever deals with it does the same for each, as far as it can be done for each."""
        if not self.watched.employees[0].signals or self.in_the_way():
            return
        statuses = self.watched.behind_the_counter(
            lambda each: (
                each.handler.post(
                    f"/contract-end-signals/{each.signals[-1]}/transitions", body(each), If_Match="*"
                ).status_code
            )
        )
        assert len(set(statuses)) == 1, statuses

    def in_the_way(self) -> bool:
        """Whether the case of one of them goes on in a signal that the employer does not see (it withdrew, or it was
        closed): then nobody works on the one that it does see."""
        return any(self.out_of_sight(each) for each in self.watched.employees)

    def out_of_sight(self, each: Employee) -> list[str]:
        """The live signals of this employment that are not open to the employer, or no more."""
        rows = self.world.desk.get("/contract-end-signals?limit=100").get_json()["items"]
        mine = [row for row in rows if row["employmentId"] == each.employment]
        live = [row["id"] for row in mine if row["status"] in ("reported", "acknowledged", "planned")]
        seen = [one for one in live if one in each.signals]
        gone = [one for one in seen if self.is_withdrawn(one)]
        return [one for one in live if one not in seen or one in gone]

    def is_withdrawn(self, signal: str) -> bool:
        found = self.world.employer.get(f"/contract-end-signals/{signal}").get_json()
        return bool(found["status"] == "withdrawn")

    def acknowledge(self) -> None:
        self._moves(lambda each: {"to": "acknowledged"})

    def plan(self) -> None:
        if not self.watched.employees[0].signals or self.in_the_way():
            return
        for each in self.watched.employees:
            path = f"/contract-end-signals/{each.signals[-1]}/plan"
            there = each.handler.get(path).status_code == 200
            each.handler.request("PUT", path, PLAN, **({"If_Match": "*"} if there else {"If_None_Match": "*"}))
        self.watched.tick()
        self._moves(lambda each: {"to": "planned"})

    def close(self) -> None:
        if self.draw.random() < 0.3:
            outcome = self.draw.choice(SAME)
            self._moves(lambda each: {"to": "closed", "outcome": outcome})
        else:
            self._moves(lambda each: {"to": "closed", "outcome": self.draw.choice(NOT_TOLD)})

    def reopen(self) -> None:
        self._moves(lambda each: {"to": "acknowledged"})

    # --- Out of the employer's sight, for those whom UWV knows ------------------------------------------------------

    def uwv_works_on_what_is_hidden(self, each: Employee) -> None:
        for signal in self.out_of_sight(each):
            path = f"/contract-end-signals/{signal}"
            self.world.uwv.get(path)
            to = self.draw.choice(("acknowledged", "closed"))
            body = {"to": to} | ({"outcome": "benefit"} if to == "closed" else {})
            self.world.uwv.post(path + "/transitions", body, If_Match="*")

    def uwv_knows_better(self, each: Employee) -> None:
        if each.signals:
            end = self.draw.choice(("2026-12-11", "2027-01-20", "2027-03-31"))
            self.world.uwv.patch(f"/contract-end-signals/{each.signals[-1]}", {"expectedEndDate": end}, If_Match="*")

    def another_caseworker(self, each: Employee) -> None:
        bsn = HIDDEN["bsn"] if each is self.watched.employees[0] else LINKED["bsn"]
        first, second = self.draw.sample(self.world.caseworkers, 2)
        body = {"bsn": bsn, "caseworkerId": first, "backupId": second}
        self.world.uwv.post("/assignments", body)

    def absence(self, each: Employee) -> None:
        today = self.world.house.clock.now.date()
        first, second = self.draw.sample(self.world.caseworkers, 2)
        away = {"firstDay": str(today), "lastDay": str(today + timedelta(days=9)), "backupId": second}
        self.world.uwv.post(f"/caseworkers/{first}/absences", away)

    def jobcoach_reports(self, each: Employee) -> None:
        body = {
            "employmentId": each.employment,
            "phase": self.draw.choice(("doubt", "decided")),
            "expectedEndDate": self.draw.choice(ENDS),
            "employeeInformed": True,
        }
        self.world.jobcoach.post("/contract-end-signals", body)

    def _of_jobcoach(self, each: Employee) -> list[str]:
        rows = self.world.jobcoach.get("/contract-end-signals?limit=100").get_json()["items"]
        return [row["id"] for row in rows if row["employmentId"] == each.employment]

    def jobcoach_changes(self, each: Employee) -> None:
        for signal in self._of_jobcoach(each):
            facts = {"expectedEndDate": self.draw.choice(ENDS), "consentToContactEmployer": "refused"}
            self.world.jobcoach.patch(f"/contract-end-signals/{signal}", facts, If_Match="*")

    def jobcoach_withdraws(self, each: Employee) -> None:
        for signal in self._of_jobcoach(each):
            path = f"/contract-end-signals/{signal}/transitions"
            self.world.jobcoach.post(path, {"to": "withdrawn"}, If_Match="*")


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_sixty_days_side_by_side(world: PrivacyWorld, seed: int) -> None:
    course = Course(world, seed)
    course.run()
    assert course.watched.steps > 30
    assert len(course.done) > 8, course.done


@pytest.mark.slow
def test_the_comparison_sees_a_disclosed_link(world: PrivacyWorld) -> None:
    with pytest.raises(AssertionError, match="contact"):
        Course(world, 1, disclosed=True).run()


@pytest.mark.slow
def test_the_comparison_sees_a_version_that_counts_what_is_hidden(
    world: PrivacyWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As it was before: the version of the row in the ETag."""
    monkeypatch.setattr(views, "version_of_view", lambda view: view["version"])
    with pytest.raises(AssertionError, match=r"after|time passes|change|withdrawal|report"):
        several(world)


def several(world: PrivacyWorld) -> None:
    for seed in range(1, 4):
        Course(world, seed).run()
