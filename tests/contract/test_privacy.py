"""What an employer may not find out, what a party may not see of another, and what may stand nowhere."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from service.access.rules import PartyKind
from service.delivery.models import Mail
from service.kernel.database import Base
from service.kernel.endpoints import Endpoint
from service.rooms import ROOMS
from tests.contract.contract_world import ContractWorld
from tests.contract.privacy_world import HIDDEN, UNKNOWN, Case, PrivacyWorld
from tests.support.examples import UNKNOWN_ID
from tests.support.house import House
from tests.support.made import BSNS, employer_in, employment_body

PLAN = {"service": "naar_werk", "startDate": "2026-12-21", "lead": "arbeidsdeskundige"}
PROFILE = {"tasksDoneWell": [], "whatHelps": ["fixed_tasks"], "hoursHeld": 20}


@pytest.fixture
def world(house: House) -> Iterator[PrivacyWorld]:
    made = PrivacyWorld(house)
    yield made
    made.worker.close()


class Pair:
    """The same course twice: of somebody whom UWV knows, undisclosed, and of somebody whom it does not."""

    def __init__(self, world: PrivacyWorld, **more: Any) -> None:
        self.world = world
        self.hidden = Case(world, world.uwv, HIDDEN, **more)
        self.unknown = Case(world, world.desk, UNKNOWN, **more)
        world.known_to_uwv(HIDDEN["bsn"])

    def __iter__(self) -> Iterator[Case]:
        yield from (self.hidden, self.unknown)

    def same(self, what: str, *answers: Any) -> None:
        """The answers to both are alike, and so is all that can be seen, before and after the worker's turn."""
        if answers:
            hidden, unknown = answers
            assert hidden == unknown, what
        for turn in ("at once", "after the worker"):
            hidden_sees, unknown_sees = self.hidden.seen(), self.unknown.seen()
            for name in hidden_sees | unknown_sees:
                assert hidden_sees.get(name) == unknown_sees.get(name), f"{what}, {turn}: {name}"
            if not self.world.work():
                return

    def employer_asks(self, what: str, method: str, path: str, body: Any = None) -> list[Any]:
        answers = [case.asked(method, path.format(**vars(case)), body) for case in self]
        self.same(what, *answers)
        return answers

    def behind_the_counter(self, what: str, method: str, path: str, body: Any = None) -> None:
        for case in self:
            self.world.done(case.handler, method, path.format(**vars(case)), body)
        self.same(what)


SIGNAL = "/contract-end-signals/{signal}"
MOVES = SIGNAL + "/transitions"


def open_for(case: Case) -> None:
    assert case.handler.get(case.path).status_code == 200


def warned(world: PrivacyWorld, case: Case) -> str:
    """The early warning about a client, which UWV has begun to deal with, out of the employer's sight."""
    world.work()
    [early] = world.uwv.get("/contract-end-signals").get_json()["items"]
    assert (early["origin"], early["employmentId"]) == ("register", case.employment)
    assert world.uwv.get(f"/contract-end-signals/{early['id']}").status_code == 200
    world.done(world.uwv, "POST", f"/contract-end-signals/{early['id']}/transitions", {"to": "acknowledged"})
    world.house.clock.advance(minutes=1)
    return str(early["id"])


@pytest.mark.long
def test_the_whole_life_of_a_signal(world: PrivacyWorld) -> None:
    pair = Pair(world)
    warned(world, pair.hidden)
    pair.same("before the report")
    pair.same("the report", *[case.report() for case in pair])
    assert (pair.hidden.path in str(world.uwv.get("/contract-end-signals").get_json())) is False
    pair.same("the report again", *[case.report() for case in pair])
    world.later(days=8)
    pair.same("a missed deadline")
    assert "desk" in str(pair.hidden.seen())
    for case in pair:
        open_for(case)
    pair.same("seen")
    world.done(world.uwv, "PATCH", pair.hidden.path, {"expectedEndDate": "2026-12-11"})
    world.done(world.desk, "PATCH", pair.unknown.path, {"expectedEndDate": "2027-03-31"})
    pair.same("what UWV's side knows of the end")
    pair.behind_the_counter("acknowledged", "POST", MOVES, {"to": "acknowledged"})
    world.later(days=24)
    pair.same("no plan in time, and the days of an unlinked employment are over")
    pair.behind_the_counter("a plan", "PUT", SIGNAL + "/plan", PLAN)
    pair.behind_the_counter("planned", "POST", MOVES, {"to": "planned"})
    pair.employer_asks("handover", "PUT", SIGNAL + "/handover-profile", PROFILE)
    pair.employer_asks("the register", "PATCH", "/employments/{employment}", {"endDate": "2027-01-15"})
    pair.employer_asks("decided", "PATCH", SIGNAL, {"phase": "decided"})
    for case in pair:
        freed = {"freedBySignalId": case.signal, "reference": f"job of {case.signal}"}
        case.vacancy = world.made(world.employer, "/vacancies", freed)
    pair.same("the freed vacancy")
    world.later(days=28)
    pair.same("the last day has passed")
    assert '"phase":"ended"' in str(pair.hidden.seen())
    pair.behind_the_counter("closed", "POST", MOVES, {"to": "closed", "outcome": "benefit"})
    pair.employer_asks("no move any more", "POST", MOVES, {"to": "withdrawn"})
    pair.employer_asks("another report", "PATCH", SIGNAL, {"vacancyExpected": "no"})
    pair.same("reported anew", *[case.report(phase="ended") for case in pair])


def test_a_report_that_overtakes_the_news_of_the_register(world: PrivacyWorld) -> None:
    """The employer changes the register and reports before the worker has come round."""
    pair = Pair(world)
    warned(world, pair.hidden)
    for case in pair:
        case.asked("PATCH", f"/employments/{case.employment}", {"endDate": "2027-02-15"})
    pair.same("the report", *[case.report(expectedEndDate="2027-03-01") for case in pair])
    assert '"expectedEndDate":"2027-03-01"' in str(pair.unknown.seen())


@pytest.mark.long
def test_taking_a_withdrawal_back_while_there_is_an_early_warning(world: PrivacyWorld) -> None:
    pair = Pair(world, endDate="2027-12-31")
    pair.same("the report", *[case.report(expectedEndDate="2027-12-31") for case in pair])
    pair.employer_asks("withdrawn", "POST", MOVES, {"to": "withdrawn"})
    pair.employer_asks("the end comes near", "PATCH", "/employments/{employment}", {"endDate": "2027-01-31"})
    live = [each["status"] for each in world.uwv.get("/contract-end-signals").get_json()["items"]]
    assert sorted(live) == ["reported", "withdrawn"]
    pair.employer_asks("taken back", "POST", MOVES, {"to": "reported"})
    live = [each["status"] for each in world.uwv.get("/contract-end-signals").get_json()["items"]]
    assert sorted(live) == ["reported", "withdrawn"]
    pair.employer_asks("withdrawn again", "POST", MOVES, {"to": "withdrawn"})
    pair.same("a new report", *[case.report() for case in pair])


def test_what_a_jobcoach_reported_goes_on_where_a_withdrawal_is_taken_back(world: PrivacyWorld) -> None:
    coach = {"kind": "external", "organisationId": world.jobcoach.id}
    case = Case(world, world.desk, UNKNOWN, jobcoach=coach)
    case.report()
    case.asked("POST", case.path + "/transitions", {"to": "withdrawn"})
    body = {"employmentId": case.employment, "phase": "doubt", "employeeInformed": True}
    other = world.made(world.jobcoach, "/contract-end-signals", body)
    assert other != case.signal
    assert case.asked("POST", case.path + "/transitions", {"to": "reported"})[0] == 200
    inside = world.desk.get(case.path).get_json()
    assert [each["by"] for each in inside["handling"]["statements"]] == ["employer", "jobcoach_organisation"]
    assert world.jobcoach.get(case.path).status_code == 200
    assert world.desk.get(f"/contract-end-signals/{other}").get_json()["status"] == "withdrawn"


def test_consent_that_opens_a_signal_does_not_show_how_far_it_was_passed_on(world: PrivacyWorld) -> None:
    pair = Pair(world, jobcoach={"kind": "external", "organisationId": world.jobcoach.id})
    for case in pair:
        body = {
            "employmentId": case.employment,
            "phase": "doubt",
            "expectedEndDate": "2027-01-31",
            "employeeInformed": True,
        }
        made = world.jobcoach.post("/contract-end-signals", body)
        assert made.status_code == 201, made.get_json()
        case.signal = made.get_json()["id"]
    # One working day after the deadline: a client's is with the backup by now.
    world.later(days=4)
    assert world.uwv.get(pair.hidden.path).get_json()["escalation"]["level"] == "backup"
    for case in pair:
        open_for(case)
    world.later(minutes=1)
    for case in pair:
        granted = {"consentToContactEmployer": "granted"}
        world.done(world.jobcoach, "PATCH", case.path, granted)
    answers = [case.asked("GET", case.path)[3] for case in pair]
    assert '"level":"desk"' in answers[0]
    assert json.loads(answers[0])["escalation"] == json.loads(answers[1])["escalation"]
    world.later(days=4)
    history = [case.asked("GET", case.path + "/history")[3] for case in pair]
    assert history[0] == history[1]


def test_a_placement_looks_like_any_closing(world: PrivacyWorld) -> None:
    pair = Pair(world)
    warned(world, pair.hidden)
    for case in pair:
        case.report(phase="decided")
    other = world.made(
        world.employer,
        "/vacancies",
        {
            "title": "Medewerker magazijn",
            "occupationCode": "9333",
            "hours": {"min": 24, "max": 24},
            "contractType": "fixed_term",
            "workplace": {"postcode": "9712 AB"},
            "offers": ["fixed_tasks"],
        },
    )
    place(world, other)
    for to in ({"to": "acknowledged"}, {"to": "closed", "outcome": "unknown"}):
        world.done(world.desk, "POST", pair.unknown.path + "/transitions", to)
    for case in pair:
        case.seen()
    pair.world.work()
    hidden, unknown = pair.hidden.seen(), pair.unknown.seen()
    for name in hidden:
        assert hidden[name] == unknown[name], name


def place(world: PrivacyWorld, vacancy: str) -> None:
    """The hidden one finds work at this vacancy."""
    profile = {
        "occupations": ["9333"],
        "hours": {"min": 16, "max": 32},
        "postcode4": "9711",
        "maxDistanceKm": 20,
        "bsn": HIDDEN["bsn"],
    }
    candidate = world.made(world.wsp, "/candidates", profile)
    pair = {"vacancyId": vacancy, "candidateId": candidate, "proposedBy": "P. Smit"}
    made = world.made(world.wsp, "/proposals", pair)
    consent = {"how": "phone", "on": "2026-11-23"}
    for step in (
        {"to": "consented", "consent": consent},
        {"to": "introduced"},
        {"to": "placed", "startDate": "2027-02-01"},
    ):
        world.done(world.wsp, "POST", f"/proposals/{made}/transitions", step)


@pytest.mark.parametrize("days", [10, 40])
def test_a_chain_of_contracts_does_not_tell_who_was_forgotten(world: PrivacyWorld, days: int) -> None:
    first = Pair(world, startDate="2023-01-01", endDate="2025-12-31")
    world.later(days=days)
    again = {"startDate": "2026-01-01", "endDate": "2026-12-31"}
    second = [Case(world, world.desk, person, **again) for person in (HIDDEN, UNKNOWN)]
    shown = [case.seen() for case in second]
    assert shown[0] == shown[1]
    assert ("chain_beyond_3_years" in str(shown)) is (days < 30)
    world.later(days=40)
    for pair in (second, list(first)):
        for case in pair:
            case.asked("PATCH", f"/employments/{case.employment}", {"hoursPerWeek": 20})
        assert pair[0].seen() == pair[1].seen()


@pytest.mark.parametrize("reported_first", [True, False])
def test_whom_uwv_named_looks_like_nobody(world: PrivacyWorld, reported_first: bool) -> None:
    """Two employments without BSN; UWV says whose the first is, agrees with the person alone, and changes its mind."""
    hidden, unknown = Case(world, world.uwv, {}), Case(world, world.desk, {})
    world.known_to_uwv(HIDDEN["bsn"])
    if reported_first:
        assert hidden.report() == unknown.report()
    link = {"employmentId": hidden.employment, "bsn": HIDDEN["bsn"], "disclosed": False}
    world.made(world.uwv, "/links", link)
    body = {"agreedOn": "2026-11-23", "participants": ["employee", "caseworker"]}
    world.made(world.uwv, f"/employments/{hidden.employment}/agreements", body)
    world.work()
    if not reported_first:
        assert hidden.report() == unknown.report()
    assert hidden.seen() == unknown.seen()
    for case in (hidden, unknown):
        open_for(case)
        world.done(case.handler, "POST", case.path + "/transitions", {"to": "acknowledged"})
    world.later(days=40)
    assert hidden.seen() == unknown.seen()
    removed = world.uwv.request("DELETE", f"/links/{hidden.employment}", If_Match="*")
    assert removed.status_code == 204
    world.later(days=8)
    assert world.uwv.get(hidden.path).status_code == 404
    assert hidden.seen() == unknown.seen()


# --- What stands nowhere ----------------------------------------------------------------------------------------


def test_names_and_bsns_stand_nowhere(
    world: PrivacyWorld, house: House, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    pair = Pair(world)
    wrong = employment_body(world.place, bsn=HIDDEN["bsn"], name=HIDDEN["name"])
    answers = [
        world.employer.post("/employments", wrong | more)
        for more in (
            {"reference": HIDDEN["bsn"]},
            {"employeeNumber": f"NR{HIDDEN['bsn']}"},
            {"jobTitle": f"Bakker {HIDDEN['bsn']}"},
            {"endDate": "2020-01-01"},
            {"name": HIDDEN["name"] + "\u0007"},
            {"bsn": UNKNOWN["bsn"], "name": UNKNOWN["name"], "establishmentId": UNKNOWN_ID},
        )
    ]
    answers.append(world.employer.get("/employments?bsn=" + HIDDEN["bsn"]))
    assert [answer.status_code for answer in answers] == [400] * 7
    kept = {"Idempotency_Key": "with-a-name"}
    answers += [world.employer.post("/employments", wrong, **kept) for _ in range(2)]
    assert answers[-1].headers["Idempotent-Replayed"] == "true"
    for case in pair:
        case.report(phase="decided")
    vacancy = world.made(world.employer, "/vacancies", {"freedBySignalId": pair.unknown.signal})
    place(world, vacancy)
    world.later(days=8)
    answers += [party.get(path) for party in world.parties for path in ("/events?limit=200", "/employments", "/me")]
    with house.database.reading() as uow:
        mails = uow.session.scalars(select(Mail)).all()
        texts = [uow.vault.open("mail", "message", each.id, each.message) for each in mails if each.message]
        stored = [
            repr(tuple(row)) + "".join(bytes(each).hex() for each in row if isinstance(each, bytes | memoryview))
            for table in Base.metadata.sorted_tables
            for row in uow.execute(select(table))
        ]
    assert len(texts) >= 4
    assert len(stored) > 100
    files = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    output = capfd.readouterr()
    shown = [answer.get_data(as_text=True) for answer in answers]
    shown += [json.dumps(case.seen()) for case in pair]
    haystacks = [json.dumps(world.receiver.heard), output.out, output.err, *texts, *stored, *shown]
    for secret in (*HIDDEN.values(), *UNKNOWN.values(), *HIDDEN["name"].split()[::2], *UNKNOWN["name"].split()[:1]):
        assert not [hay[:200] for hay in haystacks if secret in hay or secret.encode().hex() in hay]
        for form in ("utf-8", "utf-16-le"):
            assert not any(secret.encode(form) in file for file in files)


# --- Another party's rows ---------------------------------------------------------------------------------------

# Of all parties, by design: a WSP looks for available people everywhere, jobcoaches see all open vacancies.
SHARED = {
    (PartyKind.WSP, "/candidates"),
    (PartyKind.JOBCOACH_ORGANISATION, "/vacancies"),
    (PartyKind.JOBCOACH_ORGANISATION, "/mobility-pools"),
}
# Templates are the same for everybody; matches are asked by who may see candidates.
APART = {"/vacancies/{id}/matches"} | {
    f"/{noun}-imports/template" for noun in ("assignment", "employment", "contract-end-signal", "vacancy")
}
COLLECTION = {
    "teamId": "teams",
    "id": None,
    "absenceId": "absences",
    "agreementId": "agreements",
    "establishmentId": "establishments",
    "code": "checklist-codes",
    "memberId": "members",
    "offerId": "pool-offers",
    "personId": "persons",
    "deliveryId": "deliveries",
    "replayId": "replays",
    "secretId": "secrets",
}


def guarded(method: str) -> list[Endpoint]:
    found = [each for room in ROOMS for routes in room.routes for each in routes.endpoints]
    return [each for each in found if each.scope is not None and each.method == method and each.path != "/me"]


def filled(path: str, known: dict[str, list[str]]) -> str:
    """The path with the ids of another party's things in it."""

    def one(found: re.Match[str]) -> str:
        return known[COLLECTION[found[1]] or path.split("/")[1]][0]

    return re.sub(r"\{(\w+)\}", one, path)


def test_nobody_sees_or_changes_what_is_anothers(house: House) -> None:
    made = ContractWorld(house)
    allowed = {
        each.scope: {kind for row in room.permissions if row.scope == each.scope for kind in row.parties}
        for room in ROOMS
        for routes in room.routes
        for each in routes.endpoints
        if each.scope
    }
    intruders = [
        employer_in(house, "intruder"),
        house.party(PartyKind.WSP, "WSP Zeeland", region_code="AM30"),
        house.party(PartyKind.MOBILITY_POOL, "another pool"),
        house.party(PartyKind.JOBCOACH_ORGANISATION, "other coaches"),
    ]
    theirs = {each for ids in made.known.values() for each in ids}
    looked = 0
    for intruder in intruders:
        for endpoint in guarded("GET"):
            if (
                intruder.kind,
                "/" + endpoint.path.split("/")[1],
            ) in SHARED or endpoint.path in APART:
                continue
            path = filled(endpoint.path, made.known)
            answer = intruder.get(path)
            looked += answer.status_code in (200, 404)
            if endpoint.is_list and "{" not in endpoint.path and answer.status_code == 200:
                assert not any(each in answer.text for each in theirs), (intruder.kind, path)
                continue
            assert answer.status_code in (403, 404), (intruder.kind, path)
            nowhere = intruder.get(re.sub(r"\{\w+\}", UNKNOWN_ID, endpoint.path))
            assert same_problem(answer) == same_problem(nowhere), path
        for method in ("PATCH", "PUT", "DELETE", "POST"):
            for endpoint in guarded(method):
                if "{" not in endpoint.path or intruder.kind not in allowed[endpoint.scope or ""]:
                    continue
                if (intruder.kind, "/" + endpoint.path.split("/")[1]) in SHARED:
                    continue
                answers = [
                    intruder.request(method, path, BODIES.get(endpoint.path, {}), If_Match="*")
                    for path in (filled(endpoint.path, made.known), re.sub(r"\{\w+\}", UNKNOWN_ID, endpoint.path))
                ]
                assert answers[0].status_code in (400, 403, 404), (intruder.kind, endpoint.path)
                assert same_problem(answers[0]) == same_problem(answers[1]), endpoint.path
    assert looked > 40
    # Nor by a name in a body, somebody's cursor, or somebody's key.
    intruder, owner = intruders[0], made.parties[PartyKind.EMPLOYER]
    for path, body in (
        ("/contract-end-signals", {"phase": "doubt", "employeeInformed": True, "employmentId": ""}),
        ("/vacancies", {"freedBySignalId": ""}),
        ("/employments", employment_body("")),
    ):
        name = next(key for key, value in body.items() if value == "")
        which = {"employmentId": "employments", "freedBySignalId": "contract-end-signals"}.get(name, "establishments")
        refused = [intruder.post(path, {**body, name: each}) for each in (made.known[which][0], UNKNOWN_ID)]
        assert [same_problem(each)["status"] for each in refused] == [400, 400]
        assert same_problem(refused[0]) == same_problem(refused[1])
    body = employment_body(made.known["establishments"][0])
    assert owner.post("/employments", body, Idempotency_Key="shared").status_code == 201
    assert intruder.post("/employments", body, Idempotency_Key="shared").status_code == 400
    cursor = owner.get("/employments?limit=1").get_json()["next"]
    assert intruder.get(f"/employments?cursor={cursor}").get_json()["items"] == []
    cursor = owner.get("/events?limit=1").get_json()["next"]
    assert intruder.get(f"/events?cursor={cursor}").get_json()["items"] == []


BODIES: dict[str, Any] = {
    "/contract-end-signals/{id}/transitions": {"to": "withdrawn"},
    "/contract-end-signals/{id}/handover-profile": PROFILE,
    "/contract-end-signals/{id}/checklist/{code}": {"done": True},
    "/vacancies/{id}/transitions": {"to": "on_hold"},
    "/referrals/{id}/transitions": {"to": "accepted"},
    "/candidates/{id}/transitions": {"to": "withdrawn"},
    "/proposals/{id}/transitions": {"to": "withdrawn", "reason": "made_by_mistake"},
    "/employers/{id}/establishments": {"name": "Kelder", "postcode": "9711AB"},
    "/webhooks/{id}/replays": {"from": "2026-11-20T00:00:00Z"},
}


def same_problem(answer: Any) -> dict[str, Any]:
    return {**answer.get_json(), "instance": ""}


# --- Who may say what -------------------------------------------------------------------------------------------


def test_an_employer_sets_nothing_that_is_not_its_own(world: PrivacyWorld) -> None:
    pair = Pair(world)
    pair.hidden.report(consentToContactEmployer="granted")
    world.done(world.employer, "PATCH", pair.hidden.path, {"consentToContactEmployer": "granted"})
    inside = world.uwv.get(pair.hidden.path).get_json()
    assert inside["consentToContactEmployer"] == "unknown"
    assert inside["handling"]["statements"][0]["consentToContactEmployer"] == "granted"
    for name in ("status", "disclosed", "personId", "employerSince", "seenAt", "outcome", "origin", "version", "id"):
        for method, path in (("PATCH", pair.hidden.path), ("PATCH", f"/employments/{pair.hidden.employment}")):
            assert world.employer.request(method, path, {name: None}, If_Match="*").status_code == 400, name
    for to in ("acknowledged", "planned", "closed"):
        answer = world.employer.post(pair.hidden.path + "/transitions", {"to": to}, If_Match="*")
        assert (answer.status_code, answer.get_json().get("allowed")) == (409, ["withdrawn"])
    for person in (HIDDEN, {"bsn": UNKNOWN["bsn"]}):
        assert world.employer.patch(f"/employments/{pair.hidden.employment}", person, If_Match="*").status_code == 400
    for path in ("/links", "/assignments", "/candidates", "/proposals", "/offices", "/access-log", "/caseworkers"):
        for method in ("GET", "POST"):
            if (method, path) != ("GET", "/proposals"):
                assert world.employer.request(method, path, {} if method == "POST" else None).status_code in (403, 405)


def test_a_name_is_gone_when_consent_is(house: House) -> None:
    made = ContractWorld(house)
    employer, wsp = made.parties[PartyKind.EMPLOYER], made.parties[PartyKind.WSP]
    path = f"/proposals/{made.known['proposals'][0]}"
    assert employer.get(path).get_json()["name"] == "Sanne de Vries"
    moved = employer.post(path + "/transitions", {"to": "consented"}, If_Match="*")
    assert moved.status_code == 409
    step = {"to": "introduced"}
    first = wsp.post(path + "/transitions", step, If_Match="*", Idempotency_Key="named")
    assert first.status_code == 200
    ended = {"to": "withdrawn", "reason": "consent_withdrawn", "consent": {"how": "phone", "on": "2026-11-23"}}
    assert wsp.post(path + "/transitions", ended, If_Match="*").status_code == 200
    again = wsp.post(path + "/transitions", step, If_Match="*", Idempotency_Key="named")
    assert again.headers["Idempotent-Replayed"] == "true"
    seen = [again.get_data(as_text=True)]
    for party in made.parties.values():
        for there in (path, "/proposals", "/events", f"/candidates/{made.known['candidates'][0]}"):
            seen.append(party.get(there).get_data(as_text=True))
    assert not [text for text in seen if "Sanne" in text or BSNS[3] in text]
    assert employer.get(path).get_json()["reason"] is None
