"""The whole life of a second track, of employees whom UWV knows, undisclosed, and of one whom it does not: after each
step all that their employer can reach is alike."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.privacy_world import PrivacyWorld
from tests.privacy.watching import Employee, Watched

pytestmark = pytest.mark.long

REPORT = {"waitingPeriodEndsOn": "2027-11-30", "employeeInformed": True, "agency": "hired"}


def test_a_second_track_tells_nothing_of_who_is_known(world: PrivacyWorld) -> None:
    watched = Watched(world)

    def report() -> list[int]:
        return watched.employer(
            "the report", lambda each: ("POST", "/second-tracks", REPORT | {"employmentId": each.employment}, {})
        )

    def employer(what: str, method: str, rest: str, body: Any) -> list[int]:
        found = watched.employer(
            what, lambda each: (method, f"/second-tracks/{each.second_tracks[-1]}{rest}", body, {"If_Match": "*"})
        )
        watched.look(what)
        return found

    def behind(body: dict[str, str]) -> list[int]:
        def act(each: Employee) -> int:
            path = f"/second-tracks/{each.second_tracks[-1]}"
            assert each.handler.get(path).status_code == each.handler.get(path + "/handling").status_code == 200
            return each.handler.post(path + "/transitions", body, If_Match="*").status_code

        found = watched.behind_the_counter(act)
        watched.look(str(body))
        return found

    assert report() == [201] * 3
    watched.look("reported")
    assert report() == [409] * 3
    watched.sleep(days=7)
    watched.look("nobody took it up in time")
    first = watched.employees[0].second_tracks[0]
    assert world.employer.get(f"/second-tracks/{first}").get_json()["escalatedSince"] == "2026-11-27"
    assert behind({"to": "acknowledged"}) == [200] * 3
    moved = {"waitingPeriodEndsOn": "2028-05-30", "waitingPeriodChange": "wage_sanction"}
    assert employer("a wage sanction", "PATCH", "", moved) == [200] * 3
    watched.sleep(days=1)
    watched.sleep(days=39)
    watched.look("a reminder, and the days of an unlinked employment are over")
    types = [each["type"].rpartition(".")[2] for each in world.receiver.heard if first in str(each)]
    assert types == ["reported", "escalated", "acknowledged", "changed", "milestone-near"]
    assert behind({"to": "guided"}) == [200] * 3
    assert employer("a move of others", "POST", "/transitions", {"to": "guided"}) == [409] * 3
    assert behind({"to": "closed", "outcome": "wia_claim"}) == [200] * 3
    assert "wia_claim" not in str(world.employer.get(f"/second-tracks/{first}/history").get_json())
    assert employer("a change of what is over", "PATCH", "", {"agency": "own"}) == [409] * 3
    assert report() == [201] * 3
    assert employer("withdrawn", "POST", "/transitions", {"to": "withdrawn"}) == [200] * 3
