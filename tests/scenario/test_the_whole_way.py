"""The whole way of a case, as its parties walk it: a server and a worker as processes of their own, real tokens, a
webhook receiver and a mail server that are not ours, and each party seeing only what is its own."""

from __future__ import annotations

import json
import re
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from service.kernel.clock import amsterdam_day
from service.vacancies.proposals.rules import last_day_of
from tests.delivery.delivery_kit import a_receiver
from tests.scenario.way_kit import (
    KEY_CLIENT,
    Caller,
    Listener,
    Mailbox,
    Secrets,
    a_mailbox,
    furnish,
    text_of,
    token_by_key,
    token_by_secret,
)
from tests.support.running import Running, environment, eventually, free_port, running

pytestmark = pytest.mark.long
NEWCOMER = {"bsn": "111222333", "name": "Xanthippe van Oude Wetering"}
SIGNALS = "nl.servicepunt.contract-end-signal"


class Way:
    """The house in operation, who walks, and what was found on the way."""

    def __init__(self, url: str, mailbox: Mailbox, secrets: Secrets) -> None:
        self.url = url
        self.mailbox = mailbox
        self.secrets = secrets
        names = ("employer", "employer-2", "uwv", "wsp", "pool", "jobcoach", "operator")
        self.callers = [Caller(url, f"demo-{name}", token_by_secret(url, f"demo-{name}")) for name in names]
        self.employer, self.other, self.uwv, self.wsp, self.pool, self.jobcoach, self.operator = self.callers
        self.today = amsterdam_day(datetime.now(UTC))
        self.job: dict[str, Any] = {}
        self.caseworker = ""
        self.signal = ""
        self.vacancy = ""
        self.proposal = ""
        self.candidate = ""
        self.person = ""
        self.ended_signal = ""
        self.start = self.end = self.today

    def employment(self, reference: str, caller: Caller | None = None) -> dict[str, Any]:
        found: dict[str, Any] = (caller or self.employer).the_one("/employments", reference=reference)
        return found


@pytest.fixture
def way(tmp_path: Path, database_url: str) -> Iterator[Way]:
    key, secrets = furnish(tmp_path, database_url)
    port = free_port()
    with ExitStack() as stack:
        mailbox = stack.enter_context(a_mailbox())
        variables = environment(
            data_dir=tmp_path,
            database_url=database_url,
            port=port,
            smtp_host="127.0.0.1",
            smtp_port=mailbox.port,
            smtp_tls=False,
            webhook_private_targets=True,
            worker_seconds=0.05,
        )
        parts: list[Running] = [
            stack.enter_context(running(name, tmp_path / f"{name}.log", variables)) for name in ("serve", "worker")
        ]
        url = f"http://127.0.0.1:{port}"
        parts[0].wait_until_ready(url)
        found = Way(url, mailbox, secrets)
        with_a_key = Caller(url, KEY_CLIENT, token_by_key(url, KEY_CLIENT, key))
        found.callers.append(with_a_key)
        yield found
        for caller in found.callers:
            caller.web.close()
        for part in parts:
            assert part.stop(signal.SIGTERM) == 0
            assert "Traceback" not in part.output
            assert "work failed" not in part.output
            assert secrets.found_in(part.output) == []


def test_the_whole_way(way: Way) -> None:
    with a_receiver() as at_employer, a_receiver() as at_uwv:
        employer_hears = Listener(way.employer, at_employer)
        uwv_hears = Listener(way.uwv, at_uwv, SIGNALS)
        ask_who_answers(way)
        report(way)
        handle(way, employer_hears, uwv_hears)
        open_the_freed_vacancy(way)
        propose(way)
        introduce_and_place(way)
        hear_what_came_of_it(way, employer_hears)
        nobody_saw_more(way, [*at_employer.posts, *at_uwv.posts])
        everything_was_logged(way)


# --- 1. Who answers ---------------------------------------------------------------------------------------------


def ask_who_answers(way: Way) -> None:
    assert way.employer.get("/me")["party"]["kind"] == "employer"
    way.job = way.employment("example-disclosed")
    answer = way.employer.get(f"/employments/{way.job['id']}/contact")
    assert answer["contact"]["kind"] == "caseworker"
    assert re.fullmatch(r"\+\d{8,15}", answer["contact"]["phone"])
    way.caseworker = answer["contact"]["email"]

    body = {"establishmentId": way.job["establishmentId"], "startDate": "2025-01-01", "contractType": "permanent"}
    new = way.employer.post("/employments", body | NEWCOMER | {"reference": "newcomer"})
    assert not {"bsn", "name"} & new.keys()
    assert way.employment("newcomer")["id"] == new["id"]

    # Undisclosed, unknown and just registered: word for word the same.
    references = ("example-undisclosed", "example-unknown", "newcomer")
    ids = [way.employment(reference)["id"] for reference in references]
    answers = [way.employer.get(f"/employments/{each}/contact") for each in ids]
    desk = {json.dumps({**each, "employmentId": None, "employeeNumber": None}) for each in answers}
    assert len(desk) == 1
    assert answers[0]["contact"]["kind"] == "desk"
    assert re.fullmatch(r"\+\d{8,15}", answers[0]["contact"]["phone"])
    for each in (way.job["id"], *ids):
        way.other.may_not_see(f"/employments/{each}", f"/employments/{each}/contact")
        way.jobcoach.may_not_see(f"/employments/{each}", f"/employments/{each}/contact")


# --- 2. The report ----------------------------------------------------------------------------------------------


def report(way: Way) -> None:
    way.end = date.fromisoformat(way.job["endDate"])
    body = {
        "employmentId": way.job["id"],
        "phase": "doubt",
        "expectedEndDate": way.job["endDate"],
        "endReason": "less_work",
        "employeeInformed": False,
        "vacancyExpected": "yes",
    }
    key = {"Idempotency-Key": "the-whole-way-1"}
    first = way.employer.ask("POST", "/contract-end-signals", 201, json=body, headers=key)
    again = way.employer.ask("POST", "/contract-end-signals", 201, json=body, headers=key)
    assert again.json() == first.json()
    assert again.headers["Idempotent-Replayed"] == "true"
    assert way.employer.post("/contract-end-signals", body, 409)["existing"] == first.headers["Location"]

    receipt = first.json()["receipt"]
    assert receipt["number"].startswith("SP-")
    assert (receipt["contact"]["kind"], receipt["contact"]["email"]) == ("caseworker", way.caseworker)
    assert way.today < date.fromisoformat(receipt["acknowledgeBy"]) <= way.today + timedelta(days=10)
    assert receipt["leadTimeDays"] == (way.end - way.today).days
    assert receipt["timely"] is True
    assert first.json()["progress"]["code"] == "received"
    way.signal = f"/contract-end-signals/{first.json()['id']}"
    other = {**body, "expectedEndDate": None}
    [error] = way.other.post("/contract-end-signals", other, 400)["errors"]
    assert (error["pointer"], error["code"]) == ("/employmentId", "unknown-reference")


# --- 3. UWV hears of it, and acts -------------------------------------------------------------------------------


def handle(way: Way, employer_hears: Listener, uwv_hears: Listener) -> None:
    subject = way.signal.removeprefix("/")
    [mail] = eventually(lambda: [m for m in way.mailbox.to(way.caseworker) if subject in text_of(m)], "the mail")
    number = way.employer.get(way.signal)["number"]
    assert number in mail["Subject"]
    data = uwv_hears.hears("contract-end-signal.reported", subject)
    assert data == {
        "signalId": subject.rpartition("/")[2],
        "status": "reported",
        "phase": "doubt",
        "link": f"{way.url}/v1/{subject}",
    }

    seen = way.uwv.get(way.signal)
    assert seen["handling"]["disclosed"] is True
    assert [each["by"] for each in seen["handling"]["statements"]] == ["employer"]
    way.person = seen["handling"]["personId"]
    assert way.employer.get(way.signal)["progress"]["code"] == "seen"
    assert way.uwv.move(way.signal, "acknowledged")["status"] == "acknowledged"
    refused = way.uwv.move(way.signal, "planned", 409)
    assert refused["type"].endswith("#plan-missing")
    plan = {"service": "naar_werk", "startDate": way.job["endDate"], "lead": "arbeidsdeskundige"}
    way.uwv.ask("PUT", f"{way.signal}/plan", 200, json=plan, headers={"If-None-Match": "*"})
    assert way.uwv.move(way.signal, "planned")["status"] == "planned"

    shown = way.employer.get(way.signal)
    assert shown["progress"]["code"] == "planned"
    assert shown["actedBy"]["name"] == shown["receipt"]["contact"]["name"]
    assert "handling" not in shown
    assert way.employer.get(f"{way.signal}/plan", 403)["type"].endswith("#insufficient-scope")
    history = way.employer.get(f"{way.signal}/history")["items"]
    steps = [(each["what"], each["to"], each["by"]) for each in history]
    assert steps == [
        ("reported", "doubt", "employer"),
        ("seen", None, "uwv"),
        ("status_changed", "acknowledged", "uwv"),
        ("status_changed", "planned", "uwv"),
    ]
    assert [each["what"] for each in way.uwv.get(f"{way.signal}/history")["items"]].count("plan_recorded") == 1

    heard = employer_hears.hears("contract-end-signal.planned", subject)
    assert heard == data | {"status": "planned"}
    course = [f"contract-end-signal.{step}" for step in ("reported", "seen", "acknowledged", "planned")]
    assert way.employer.event_types(subject) == course
    with_a_key = way.callers[-1]
    assert with_a_key.client_id == KEY_CLIENT
    assert with_a_key.get(way.signal) == way.employer.get(way.signal)
    assert with_a_key.event_types(subject) == course
    assert way.other.events(subject=subject) == way.pool.events(subject=subject) == []
    way.other.may_not_see(way.signal, f"{way.signal}/history", f"{way.signal}/handover-profile")
    way.jobcoach.may_not_see(way.signal, f"{way.signal}/history")
    for caller in (way.wsp, way.pool, way.operator):
        caller.get(way.signal, 403)


# --- 4. The vacancy ---------------------------------------------------------------------------------------------


def open_the_freed_vacancy(way: Way) -> None:
    signal_id = way.signal.rpartition("/")[2]
    body = {
        "freedBySignalId": signal_id,
        "reference": "warehouse-1",
        "demands": ["standing_long"],
        "offers": ["fixed_tasks", "permanent_supervisor", "buddy"],
        "trialPlacement": True,
    }
    assert way.employer.post("/vacancies", body, 409)["type"].endswith("#end-not-decided")
    unsure = way.employer.change("PATCH", way.signal, {"phase": "decided"}, 400)
    assert unsure["errors"][0]["pointer"] == "/employeeInformed"
    decided = way.employer.change("PATCH", way.signal, {"phase": "decided", "employeeInformed": True})
    assert (decided["phase"], decided["status"]) == ("decided", "planned")

    way.other.post("/vacancies", body, 400)
    vacancy = way.employer.post("/vacancies", body)
    way.vacancy = f"/vacancies/{vacancy['id']}"
    assert (vacancy["status"], vacancy["title"], vacancy["occupationCode"]) == ("open", "Magazijnmedewerker", "9333")
    way.start = way.end + timedelta(days=1)
    assert (vacancy["startDate"], vacancy["hours"]["min"]) == (way.start.isoformat(), 24)

    to = {each["to"]["kind"]: each for each in way.employer.get(f"{way.vacancy}/referrals")["items"]}
    assert {kind: each["because"] for kind, each in to.items()} == {"wsp": "region", "mobility_pool": "membership"}
    for receiver, kind in ((way.wsp, "wsp"), (way.pool, "mobility_pool")):
        assert to[kind]["to"]["id"] == receiver.get("/me")["party"]["id"]
        inbox = receiver.the_one("/referrals", vacancyId=vacancy["id"])
        assert (inbox["id"], inbox["status"], inbox["lead"]) == (to[kind]["id"], "sent", False)
        assert inbox["vacancy"]["title"] == "Magazijnmedewerker"
        assert receiver.get(way.vacancy)["freedBySignalId"] is None
    referral = f"/referrals/{to['wsp']['id']}"
    eventually(lambda: [text for text in way.mailbox.texts() if to["wsp"]["id"] in text], "the mail to the WSP")
    assert way.wsp.get(referral)["status"] == "seen"
    assert way.wsp.move(referral, "accepted")["lead"] is True
    way.pool.may_not_see(referral)
    lead = way.employer.get(way.vacancy)["lead"]
    assert (lead["kind"], lead["id"]) == ("wsp", to["wsp"]["to"]["id"])
    assert way.employer.get(way.signal)["freedVacancy"]["status"] == "open"
    way.other.may_not_see(way.vacancy, f"{way.vacancy}/referrals")
    assert way.other.get("/vacancies", reference="warehouse-1")["items"] == []


# --- 5. The candidate -------------------------------------------------------------------------------------------


def propose(way: Way) -> None:
    job = way.employment("example-ended", way.other)
    ended = date.fromisoformat(job["endDate"])
    matches = way.wsp.get(f"{way.vacancy}/matches")["items"]
    best = next(each for each in matches if each["gapDays"] is not None)
    assert best["gapDays"] == (way.start - ended).days - 1
    assert best["verdict"] in ("fits", "fits_if")
    assert [each["score"] for each in matches if each["verdict"] == "fits"] == sorted(
        (each["score"] for each in matches if each["verdict"] == "fits"), reverse=True
    )
    for each in matches:
        assert len({reason["criterion"] for reason in each["criteria"]}) == len(each["criteria"]) >= 5
        assert all(reason["explanation"] for reason in each["criteria"])
    way.candidate = best["candidateId"]
    for employer in (way.employer, way.other):
        employer.get(f"{way.vacancy}/matches", 403)
        employer.get(f"/candidates/{way.candidate}", 403)

    pair = {"vacancyId": way.vacancy.rpartition("/")[2], "candidateId": way.candidate, "proposedBy": "P. Smit"}
    way.employer.post("/proposals", pair, 403)
    proposal = way.wsp.post("/proposals", pair)
    way.proposal = f"/proposals/{proposal['id']}"
    assert proposal["status"] == "proposed"
    shown = way.employer.the_one("/proposals", vacancyId=pair["vacancyId"])
    assert shown["id"] == proposal["id"]
    assert (shown["name"], shown["candidateId"], shown["consent"], shown["leadPartyId"]) == (None,) * 4
    consent = {"how": "in_person", "on": way.today.isoformat()}
    way.employer.move(way.proposal, "consented", 409, consent=consent)
    assert way.secrets.found_in("\n".join(way.employer.shown)) == []
    way.other.may_not_see(way.proposal)


def introduce_and_place(way: Way) -> None:
    name = way.secrets.names["example-ended"]
    consent = {"how": "in_person", "on": way.today.isoformat()}
    moved = way.wsp.move(way.proposal, "consented", consent=consent)
    assert (moved["consent"]["state"], "name" in moved) == ("granted", False)
    assert way.employer.get(way.proposal)["name"] == name
    way.wsp.move(way.proposal, "introduced")
    trial_end = last_day_of(way.start, 2)
    trial: dict[str, Any] = {"startDate": way.start.isoformat(), "endDate": trial_end.isoformat(), "hours": 24}
    refused = way.employer.move(way.proposal, "trial_placement", 400, **trial, intendedContractMonths=3)
    assert refused["errors"][0]["code"] == "intended-contract-too-short"
    way.employer.move(way.proposal, "trial_placement", **trial, intendedContractMonths=12)
    assert way.employer.get(way.vacancy)["status"] == "open"
    contract = trial_end + timedelta(days=1)
    placed = way.employer.move(way.proposal, "placed", startDate=contract.isoformat(), hours=24)
    assert (placed["status"], placed["gapDays"]) == ("placed", None)


# --- 6. What came of it -----------------------------------------------------------------------------------------


def hear_what_came_of_it(way: Way, employer_hears: Listener) -> None:
    vacancy = way.employer.get(way.vacancy)
    assert (vacancy["status"], vacancy["filledPositions"]) == ("filled", 1)
    today = amsterdam_day(datetime.now(UTC))
    filled = [vacancy["id"], "filled", vacancy["filledOn"], vacancy["fillDays"]]
    assert filled[2:] in ([way.today.isoformat(), 0], [today.isoformat(), (today - way.today).days])
    assert list(way.employer.get(way.signal)["freedVacancy"].values()) == filled
    assert list(way.uwv.get(way.signal)["freedVacancy"].values()) == filled
    assert [each["status"] for each in way.employer.get(f"{way.vacancy}/referrals")["items"]] == ["closed"] * 2
    for receiver in (way.wsp, way.pool):
        inbox = receiver.the_one("/referrals", vacancyId=vacancy["id"])
        assert (inbox["status"], inbox["reason"], inbox["vacancy"]["status"]) == ("closed", "vacancy_filled", "filled")
    assert employer_hears.hears("vacancy.filled", way.vacancy.removeprefix("/"))["status"] == "filled"
    assert employer_hears.hears("proposal.placed", way.proposal.removeprefix("/"))["status"] == "placed"
    assert way.wsp.get(f"/candidates/{way.candidate}")["status"] == "placed"
    assert way.uwv.get(way.proposal)["history"][-1]["by"] == "employer"

    job = way.employment("example-ended", way.other)
    ended = date.fromisoformat(job["endDate"])
    [theirs] = [
        each for each in way.other.get("/contract-end-signals", limit=200)["items"] if each["employmentId"] == job["id"]
    ]
    way.ended_signal = f"/contract-end-signals/{theirs['id']}"
    handling = way.uwv.get(way.ended_signal)["handling"]
    contract = last_day_of(way.start, 2) + timedelta(days=1)
    assert (handling["outcome"], handling["outcomeDate"]) == ("new_employer", contract.isoformat())
    assert (handling["gapDays"], handling["direct"]) == ((contract - ended).days - 1, False)
    assert handling["trialGapDays"] == (way.start - ended).days - 1

    # The job ended before: its employer learns neither that there is new work nor where.
    assert (theirs["status"], theirs["outcome"], theirs["freedVacancy"]) == ("closed", "not_known", None)
    assert "handling" not in theirs
    told = way.other.event_types(way.ended_signal.removeprefix("/"))
    assert "contract-end-signal.planned" in told
    assert "contract-end-signal.outcome" not in told
    assert "contract-end-signal.outcome" in way.uwv.event_types(way.ended_signal.removeprefix("/"))
    steps = way.other.get(f"{way.ended_signal}/history")["items"]
    assert {each["to"] for each in steps}.isdisjoint({"closed", "new_employer", "trial_placement"})
    way.employer.may_not_see(way.ended_signal, f"/employments/{job['id']}")
    way.other.may_not_see(way.signal, way.vacancy, way.proposal, f"/employments/{way.job['id']}")


def nobody_saw_more(way: Way, heard: list[Any]) -> None:
    name = way.secrets.names["example-ended"]
    shown = {caller.client_id: "\n".join(caller.shown) for caller in way.callers}
    assert set(way.secrets.found_in(shown["demo-employer"])) == {name}
    for client_id in ("demo-employer-2", KEY_CLIENT, "demo-pool", "demo-jobcoach", "demo-operator"):
        assert way.secrets.found_in(shown[client_id]) == [], client_id
    for client_id in ("demo-employer", "demo-employer-2", KEY_CLIENT):
        for hidden in (way.candidate, way.person, "naar_werk", '"handling"', '"needs"', '"cannot"', '"statements"'):
            assert hidden not in shown[client_id], (client_id, hidden)
    assert not any(NEWCOMER["bsn"] in text or NEWCOMER["name"] in text for text in shown.values())

    feeds = [json.dumps(caller.events(), ensure_ascii=False) for caller in way.callers if caller is not way.operator]
    posts = [each.body.decode() for each in heard]
    mails = way.mailbox.texts()
    assert min(len(feeds), len(posts), len(mails)) > 5
    for text in (*feeds, *posts, *mails):
        assert way.secrets.found_in(text) == []
        assert NEWCOMER["name"] not in text
        assert NEWCOMER["bsn"] not in text


def everything_was_logged(way: Way) -> None:
    def looks(person_id: str) -> set[tuple[str, str, str]]:
        rows = way.operator.get("/access-log", personId=person_id, limit=200)["items"]
        return {(row["clientId"], row["action"], row["resource"]) for row in rows}

    subject = way.signal.removeprefix("/")
    assert {
        ("demo-employer", "contact.read", f"employments/{way.job['id']}"),
        ("demo-employer", "signal.read", subject),
        (KEY_CLIENT, "signal.read", subject),
        ("demo-uwv", "signal.read", subject),
        ("demo-uwv", "signal.planned", subject),
    } <= looks(way.person)
    proposal = way.proposal.removeprefix("/")
    ended_person = way.uwv.get(way.ended_signal)["handling"]["personId"]
    assert {
        ("demo-employer", "proposal.read", proposal),
        ("demo-employer", "proposal.placed", proposal),
        ("demo-wsp", "proposal.consented", proposal),
        ("demo-employer-2", "signal.read", way.ended_signal.removeprefix("/")),
    } <= looks(ended_person)
    assert not any(client == "demo-employer-2" for client, _, _ in looks(way.person))
