"""Passing on the vacancies of a whole desk in one transaction, beside the same statements by hand through the driver;
and a page of its inbox.

The old desk has as many referrals as asked for: of each ten, three are accepted (with the lead), two wait since long,
one has no room, four were sent lately. For every fifth it made a proposal. `make bench-transfer` runs it.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table
from sqlalchemy import func, insert, select, text

from service.access.rules import PartyKind
from service.delivery.models import Event, Mail
from service.employers.models import Employer
from service.employers.rules import ContractType
from service.kernel.ids import new_id, unlinkable_id
from service.kernel.memory import settle
from service.vacancies.candidates.models import Candidate
from service.vacancies.matching import RULES_VERSION
from service.vacancies.models import Vacancy
from service.vacancies.proposals.models import Proposal
from service.vacancies.proposals.rules import ConsentState, ProposalStatus
from service.vacancies.referrals.models import Referral
from service.vacancies.referrals.rules import ReferralReason, ReferralStatus, ReferralTarget
from service.vacancies.rules import CandidateLeadRole, CandidateStatus, JobcoachArrangement, VacancyStatus
from tests.bench.copies import Call, Copies, ask, environ
from tests.bench.floor import Driver, taken_down
from tests.support.house import House, Party

S = ReferralStatus
_OF_TEN = (S.ACCEPTED,) * 3 + (S.SEEN,) * 2 + (S.AT_CAPACITY,) + (S.SENT,) * 4
PAGES = {
    "as they came": "",
    "by last day": "?sort=respondBy",
    "due": "?sort=respondBy&respondBefore=2026-11-25",
    "status": "?status=accepted",
    "lead": "?lead=true",
    "region": "?regionCode=AM01",
}


def seed(house: House, number: int) -> tuple[Party, list[str]]:
    """The old WSP, and the ids of it, of the new one and of the desk."""
    old, new = house.party(PartyKind.WSP, "old"), house.party(PartyKind.WSP, "new", region_code="AM02")
    uwv, desk = house.party(PartyKind.UWV), house.party(PartyKind.DESK)
    employers = [house.party(PartyKind.EMPLOYER, f"employer {at}") for at in range(200)]
    vacancies = [new_id() for _ in range(number)]
    with house.database.transaction() as uow:
        now: dict[str, Any] = {"created_at": uow.now, "version": 1}
        for at, employer in enumerate(employers):
            row = {"id": employer.id, "name": employer.id, "kvk_number": str(90_000_000 + at)}
            uow.execute(insert(Employer), row | now)
        vacancy = {
            "status": VacancyStatus.OPEN, "title": "Medewerker magazijn", "occupation_code": "9333", "tasks": [],
            "hours_min": 24, "hours_max": 24, "contract_type": ContractType.FIXED_TERM, "positions": 1,
            "filled_positions": 0, "driving_licences": [], "trial_placement": False, "postcode": "9712AB",
            "jobcoach_arrangement": JobcoachArrangement.FREE, "municipality_code": "GM0014", "region_code": "AM01",
            "opened_on": uow.today, "expires_on": uow.today + timedelta(days=90), "chase_after": uow.today, **now,
        }  # fmt: skip
        rows = [vacancy | {"id": each, "employer_id": employers[at % 200].id} for at, each in enumerate(vacancies)]
        uow.execute(insert(Vacancy), rows)
        sent = {"kind": ReferralTarget.WSP, "because": ReferralReason.REGION, "version": 1, "party_id": old.id}
        rows = []
        for at, each in enumerate(vacancies):
            status, day = _OF_TEN[at % 10], uow.today + timedelta(days=at % 4)
            answered = None if status in (S.SENT, S.SEEN) else uow.now
            rows.append(
                sent
                | {
                    "id": new_id(), "vacancy_id": each, "status": status, "lead": status is S.ACCEPTED,
                    "respond_by": day, "sent_at": uow.now, "seen_at": answered, "answered_at": answered,
                    "accepted_at": uow.now if status is S.ACCEPTED else None,
                }
            )  # fmt: skip
        uow.execute(insert(Referral), rows)
        candidate = {
            "created_by": uwv.id, "lead_party_id": uwv.id, "lead_role": CandidateLeadRole.ARBEIDSDESKUNDIGE,
            "occupations": ["9333"], "postcode4": "9711", "max_distance_km": 20, "status": CandidateStatus.PAUSED,
            **now,
        }  # fmt: skip
        candidates = [unlinkable_id() for _ in range(0, number, 5)]
        uow.execute(insert(Candidate), [candidate | {"id": each} for each in candidates])
        proposal = {
            "proposer_party_id": old.id, "status": ProposalStatus.REQUESTED, "was_proposed": False,
            "consent": ConsentState.NOT_ASKED, "rules_version": RULES_VERSION, **now,
        }  # fmt: skip
        rows = [
            proposal | {"id": new_id(), "vacancy_id": vacancies[5 * at], "employer_id": employers[5 * at % 200].id}
            | {"candidate_id": each}
            for at, each in enumerate(candidates)
        ]  # fmt: skip
        uow.execute(insert(Proposal), rows)
    with house.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as plain:
        plain.execute(text("ANALYZE"))
    return old, [old.id, new.id, desk.id]


def request(copies: Copies) -> Call:
    body = {"toId": copies.ids[1], "reason": "organisations_change"}
    return "POST", "/v1/referral-transfers", json.dumps(body).encode()


def run(copies: Copies) -> tuple[float, float, float, int, str]:
    """Wall seconds of ours and of the floor, CPU seconds of this process, how many statements, and what was told."""
    call = request(copies)
    with copies.house() as house, taken_down(house.database) as statements:
        ask(house.app.wsgi_app, environ(call, copies.token, 1))
    with copies.house() as house:
        house.clock.advance(seconds=1)
        settle()  # as the server does
        began, cpu = time.perf_counter(), time.process_time()
        answer = json.loads(ask(house.app.wsgi_app, environ(call, copies.token, 1)))
        ours, cpu = time.perf_counter() - began, time.process_time() - cpu
        with house.database.reading() as uow:
            events = uow.execute(select(func.count()).select_from(Event).where(Event.at == uow.now)).scalar_one()
            mails = uow.execute(select(func.count()).select_from(Mail).where(Mail.created_at == uow.now)).scalar_one()
    driver = Driver(copies.copy())
    began = time.perf_counter()
    driver.run(statements)
    floor = time.perf_counter() - began
    driver.close()
    told = f"{answer['referrals']} referrals, {answer['proposals']} proposals, {events} events, {mails} mails"
    return ours, floor, cpu, len(statements), told


def pages(copies: Copies, rounds: int) -> dict[str, float]:
    """Milliseconds of a page of the inbox, whole request, by what is asked."""
    found = {}
    with copies.house() as house:
        for name, query in PAGES.items():
            took = []
            for number in range(rounds):
                began = time.perf_counter()
                ask(house.app.wsgi_app, environ(("GET", f"/v1/referrals{query}", None), copies.token, number))
                took.append(time.perf_counter() - began)
            found[name] = median(took) * 1000
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--referrals", type=int, default=10_000)
    parser.add_argument("--only", choices=["sqlite", "postgresql"])
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    table = Table("transfer", "told", "statements", "wall s", "CPU s", "µs each", "floor s", "wall / floor")
    inbox = Table("a page of the inbox, ms", *PAGES)
    for kind in ("sqlite", "postgresql"):
        if options.only not in (None, kind):
            continue
        with tempfile.TemporaryDirectory() as folder:
            copies = Copies(kind, Path(folder), seed, options.referrals)
            try:
                inbox.add_row(kind, *(f"{each:.1f}" for each in pages(copies, 21).values()))
                found = sorted(run(copies) for _ in range(options.rounds))[options.rounds // 2]
                ours, floor, cpu, statements, told = found
                table.add_row(
                    kind, told, str(statements), f"{ours:.2f}", f"{cpu:.2f}",
                    f"{ours / options.referrals * 1e6:.0f}", f"{floor:.2f}", f"{ours / floor:.2f}",
                )  # fmt: skip
            finally:
                copies.close()
    console = Console(width=140)
    console.print(table)
    console.print(inbox)


if __name__ == "__main__":
    main()
