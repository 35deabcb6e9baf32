"""Deadlines as a calendar: what stands in it, who can read it, and how it ends."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import structlog
from icalendar import Calendar
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from service.access.models import AccessEntry, Client
from service.access.rules import PartyKind
from service.kernel.database import Base
from service.kernel.secret_links import digest, has_the_form, new_secret
from service.worklists.calendars.models import CalendarFeed
from service.worklists.calendars.rules import MOST_FEEDS, READS_PER_MINUTE
from service.worklists.sources import KINDS
from tests.support.house import Party
from tests.worklists.worklists_world import ADA_BSN, BO_BSN, WORK, WorklistsWorld


def feed(party: Party, **body: Any) -> dict[str, Any]:
    response = party.post("/calendar-feeds", {"name": "Mijn deadlines"} | body)
    assert response.status_code == 201, response.get_json()
    made: dict[str, Any] = response.get_json()
    return made


def get(world: WorklistsWorld, url: str, **headers: str) -> TestResponse:
    path = url.removeprefix(world.house.settings.url)
    return world.house.web.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})


def events(world: WorklistsWorld, url: str) -> list[Any]:
    response = get(world, url)
    assert response.status_code == 200, response.get_data(as_text=True)
    return list(Calendar.from_ical(response.get_data()).walk("VEVENT"))


def signal_of(world: WorklistsWorld, bsn: str = ADA_BSN, **more: Any) -> str:
    return world.report(world.client(bsn, caseworkerId=world.noor, disclosed=True), **more)


def revoke(party: Party, made: dict[str, Any]) -> None:
    assert party.request("DELETE", f"/calendar-feeds/{made['id']}", If_Match="*").status_code == 204


def test_the_days_that_a_calendar_reads(world: WorklistsWorld) -> None:
    signal = signal_of(world)
    made = feed(world.uwv)
    response = get(world, made["url"])
    assert response.content_type == "text/calendar; charset=utf-8"
    calendar: Any = Calendar.from_ical(response.get_data())
    assert (calendar["version"], calendar["method"], calendar["x-wr-calname"]) == ("2.0", "PUBLISH", "Mijn deadlines")
    number = world.items(world.uwv)[0]["number"]
    [event] = calendar.walk("VEVENT")
    assert event["uid"] == f"acknowledge-{signal}@127.0.0.1"
    assert event["summary"] == f"Servicepunt: laatste dag om melding {number} op te pakken"
    assert event["dtstart"].dt == date(2026, 11, 26)
    assert event["dtend"].dt == date(2026, 11, 27)
    assert event["dtstamp"].dt == datetime(2026, 11, 23, 9, tzinfo=UTC)
    assert event["url"] == f"http://127.0.0.1:8000/v1/contract-end-signals/{signal}"
    assert event.walk("VALARM") == []
    assert "Naam Verborgen" not in response.get_data(as_text=True)


def test_the_day_moves_and_the_event_stays_the_same(world: WorklistsWorld) -> None:
    signal = signal_of(world)
    made = feed(world.uwv, remindDaysBefore=2, language="en")
    [before] = events(world, made["url"])
    # An end within thirty days is urgent.
    world.done(world.employer, "PATCH", f"/contract-end-signals/{signal}", {"expectedEndDate": "2026-12-10"})
    world.house.clock.advance(minutes=5)
    [after] = events(world, made["url"])
    assert after["uid"] == before["uid"]
    assert (before["dtstart"].dt, after["dtstart"].dt) == (date(2026, 11, 26), date(2026, 11, 24))
    assert after["sequence"] > before["sequence"]
    assert after["dtstamp"].dt > before["dtstamp"].dt
    assert after["summary"].startswith("Servicepunt: last day to pick up report SP-")
    [alarm] = after.walk("VALARM")
    assert alarm["trigger"].dt == timedelta(hours=9) - timedelta(days=2)


def test_what_has_no_day_is_not_in_it(world: WorklistsWorld) -> None:
    signal = signal_of(world, phase="doubt")
    world.planned(signal)
    made = feed(world.employer)
    assert world.kinds(world.employer) == [("tell_decision", None)]
    assert events(world, made["url"]) == []
    vacancy = world.made(world.employer, "/vacancies", WORK)
    world.done(world.employer, "PATCH", f"/vacancies/{vacancy}", {"expiresOn": "2026-12-01"})
    assert [each["dtstart"].dt for each in events(world, made["url"])] == [date(2026, 12, 1)]


def test_each_evaluation_is_an_event_of_its_own(world: WorklistsWorld) -> None:
    employment = world.client(ADA_BSN, caseworkerId=world.noor)
    body = {"agreedOn": "2026-11-20", "participants": ["employee"], "evaluations": ["2026-12-01", "2026-12-02"]}
    world.made(world.uwv, f"/employments/{employment}/agreements", body)
    found = events(world, feed(world.uwv, kinds=["evaluation"])["url"])
    assert [each["dtstart"].dt.day for each in found] == [1, 2]
    assert len({each["uid"] for each in found}) == 2


def test_kinds_and_staff(world: WorklistsWorld) -> None:
    ada = signal_of(world)
    bo = world.report(world.client(BO_BSN, caseworkerId=world.bo, disclosed=True))
    everything = feed(world.uwv)
    assert len(events(world, everything["url"])) == 2
    assert events(world, feed(world.uwv, kinds=["make_plan"])["url"]) == []
    for more, signal in (({"caseworkerId": world.bo}, bo), ({"teamId": world.team}, ada)):
        made = feed(world.uwv, **more)
        assert [each["uid"].partition("@")[0] for each in events(world, made["url"])] == [f"acknowledge-{signal}"]
        assert {name: made[name] for name in more} == more
    refused = world.uwv.post("/calendar-feeds", {"name": "x", "caseworkerId": world.office})
    assert refused.status_code == 400
    assert refused.get_json()["errors"][0]["pointer"] == "/caseworkerId"
    assert world.employer.post("/calendar-feeds", {"name": "x", "caseworkerId": world.noor}).status_code == 403


def test_the_secret_is_shown_once_and_kept_nowhere(world: WorklistsWorld, capsys: pytest.CaptureFixture[str]) -> None:
    signal_of(world)
    with structlog.testing.capture_logs() as logged:
        made = feed(world.uwv)
        assert get(world, made["url"]).status_code == 200
        assert get(world, made["url"] + "x").status_code == 404
    secret = re.fullmatch(r"http://127\.0\.0\.1:8000/calendar/([A-Za-z0-9_-]{43})\.ics", made["url"])
    assert secret is not None
    shown = world.uwv.get(f"/calendar-feeds/{made['id']}").get_json()
    assert shown == {name: value for name, value in made.items() if name != "url"}
    assert world.uwv.get("/calendar-feeds").get_json()["items"] == [shown]
    with world.house.database.reading() as uow:
        kept = [str(row) for table in Base.metadata.sorted_tables for row in uow.execute(select(table))]
    assert digest(secret[1]) in str(kept)
    for where in (str(kept), str(logged), str(capsys.readouterr())):
        assert secret[1] not in where


def test_wrong_and_revoked_are_the_same_404(world: WorklistsWorld) -> None:
    signal_of(world)
    revoked, stays = feed(world.uwv), feed(world.uwv)
    revoke(world.uwv, revoked)
    assert get(world, stays["url"]).status_code == 200
    secret = revoked["url"].rpartition("/")[2]
    answers = set()
    for each in (secret, new_secret() + ".ics", "x.ics", "a" * 500 + ".ics", "%00.ics"):
        response = get(world, f"{world.house.settings.url}/calendar/{each}")
        problem = response.get_json()
        assert response.status_code == 404
        answers.add(str(sorted({**problem, "instance": ""}.items())))
    assert len(answers) == 1
    assert world.uwv.get("/calendar-feeds").get_json()["items"] == [
        {name: value for name, value in stays.items() if name != "url"}
    ]


def test_with_its_client_the_feed_dies(world: WorklistsWorld) -> None:
    signal_of(world)
    made = feed(world.uwv)
    assert get(world, made["url"]).status_code == 200
    with world.house.database.transaction() as uow:
        uow.execute(update(Client).where(Client.id == world.uwv.client_id).values(revoked_at=uow.now))
    assert get(world, made["url"]).status_code == 404


def test_a_feed_shows_no_more_than_a_token_may(world: WorklistsWorld) -> None:
    token = world.house.token(world.uwv, frozenset({"calendar-feeds:manage"}))
    response = world.house.web.post(
        "/v1/calendar-feeds", json={"name": "x"}, headers={"Authorization": f"Bearer {token}"}
    )
    assert response.status_code == 403


def test_feeds_are_of_one_party(world: WorklistsWorld) -> None:
    made = feed(world.uwv)
    path = f"/calendar-feeds/{made['id']}"
    for other in (world.desk, world.employer):
        assert other.get("/calendar-feeds").get_json()["items"] == []
        assert other.get(path).status_code == 404
        assert other.request("DELETE", path, If_Match="*").status_code == 404
    assert world.uwv.request("DELETE", path).status_code == 428
    assert world.uwv.request("DELETE", path, If_Match='"7-0123456789abcdef"').status_code == 412
    tag = world.uwv.get(path).headers["ETag"]
    assert world.uwv.request("DELETE", path, If_Match=tag).status_code == 204


def test_what_did_not_change_is_not_sent_again(world: WorklistsWorld) -> None:
    signal = signal_of(world)
    made = feed(world.uwv)
    first = get(world, made["url"])
    assert first.headers["Cache-Control"] == "private, no-cache"
    assert first.headers["X-Robots-Tag"].startswith("noindex")

    def looks() -> int:
        with world.house.database.reading() as uow:
            rows = select(AccessEntry.resource).where(AccessEntry.action == "calendar.read")
            found = uow.execute(rows).scalars().all()
        assert set(found) == {f"calendar-feeds/{made['id']}"}
        return len(found)

    assert looks() == 1
    world.house.clock.advance(minutes=5)
    again = get(world, made["url"], If_None_Match=first.headers["ETag"])
    assert (again.status_code, again.get_data()) == (304, b"")
    assert looks() == 1
    world.done(world.uwv, "POST", f"/contract-end-signals/{signal}/transitions", {"to": "acknowledged"})
    changed = get(world, made["url"], If_None_Match=first.headers["ETag"])
    assert changed.status_code == 200
    assert looks() == 2


def test_a_calendar_that_asks_without_end_is_slowed_down(world: WorklistsWorld) -> None:
    made = feed(world.wsp)
    statuses = [get(world, made["url"]).status_code for _ in range(READS_PER_MINUTE + 1)]
    assert statuses == [200] * READS_PER_MINUTE + [429]
    world.house.clock.advance(minutes=1)
    assert get(world, made["url"]).status_code == 200


def test_one_feed_too_many(world: WorklistsWorld) -> None:
    with world.house.database.transaction() as uow:
        for number in range(MOST_FEEDS - 1):
            values = {"client_id": world.wsp.client_id, "party_id": world.wsp.id, "name": "x", "kinds": []}
            more = {"language": "nl", "secret_digest": str(number), "created_at": uow.now}
            uow.add(CalendarFeed(id=f"00000000-0000-4000-8000-{number:012}", **values, **more))
    feed(world.wsp)
    refused = world.wsp.post("/calendar-feeds", {"name": "x"})
    assert (refused.status_code, refused.get_json()["type"].rpartition("#")[2]) == (409, "too-many-feeds")


def test_no_feed_for_the_operator(world: WorklistsWorld) -> None:
    assert world.house.party(PartyKind.OPERATOR).post("/calendar-feeds", {"name": "x"}).status_code == 403


def test_nothing_in_a_calendar_speaks_of_a_person_of_health_or_of_a_benefit() -> None:
    forbidden = r"wajong|uitkering|benefit|ziek|sick|health|gezond|werknemer|employee|arbeidsbeperk|wia|uwv"
    for kind in KINDS.values():
        assert not re.search(forbidden, f"{kind.deadline.nl} {kind.deadline.en}".lower()), kind.code
        assert set(re.findall(r"{(\w+)", kind.deadline.nl + kind.text.en)) <= {"number"}


def test_secrets_cannot_be_guessed() -> None:
    made = {new_secret() for _ in range(100)}
    assert len(made) == 100
    assert all(has_the_form(each) for each in made)
    assert not has_the_form("x" * 42 + "\n")
