"""`make bench-region`: what a WSP of a region with 50,000 live vacancies waits for when it looks at its lists, and who
looks for vacancies for one candidate among them. Elsewhere there are as many again; a mobility pool has fifty.

Milliseconds by the clock and of CPU of this process (on PostgreSQL without that of the database), the median.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.progress import track
from rich.table import Table
from sqlalchemy import select, text

from service.access.rules import PartyKind
from service.delivery.models import Event, EventParty, Head
from service.employers.models import Employer
from service.kernel.ids import new_id
from service.kernel.memory import settle
from service.reference import places
from service.schema import migrate
from service.vacancies.candidates.models import Candidate
from service.vacancies.models import Vacancy
from service.vacancies.referrals.models import Referral
from service.vacancies.rules import CandidateStatus
from tests.bench.copies import ask, environ
from tests.bench.crowd import KINDS, ROOM, code_in, referral, vacancy, write, write_candidates, write_place
from tests.bench.matching import timed
from tests.support import databases
from tests.support.house import House, SettableClock, settings_for

PIECE: Final = 5_000
PAGES: Final = 100


def seed(house: House, many: int) -> dict[str, str]:
    """Tokens of a WSP, a pool and the desk, and the id of a candidate."""
    here, there = house.party(PartyKind.WSP, region_code="AM01"), house.party(PartyKind.WSP, region_code="AM02")
    pool, desk = house.party(PartyKind.MOBILITY_POOL), house.party(PartyKind.DESK)
    employers = [house.party(PartyKind.EMPLOYER, f"employer {at}").id for at in range(200)]
    draw = random.Random(50_000)
    with house.database.transaction() as uow:
        for at, each in enumerate(employers):
            uow.add(Employer(id=each, name=each, kvk_number=str(90_000_000 + at), created_at=uow.now))
        uow.flush()
        place = write_place(uow, employers[0], draw)
        write_candidates(uow, ["skewed", "dense", "thin"] * 500, draw, employers[0], place, here.id)
        near = [area.postcode4 for area in places.postcodes_in("AM01")]
        somebody = select(Candidate.id).where(Candidate.status == CandidateStatus.AVAILABLE)
        wanted = somebody.where(Candidate.postcode4.in_(near)).order_by(Candidate.max_distance_km.desc(), Candidate.id)
        candidate = uow.session.scalars(wanted.limit(1)).one()
    areas = {
        wsp.id: [area for area in places.postcodes_in(region) if area.exact]
        for wsp, region in ((here, "AM01"), (there, "AM02"))
    }
    position = 0
    for start in track(range(0, 2 * many, PIECE), description=f"{many:,} vacancies, twice"):
        with house.database.transaction() as uow:
            vacancies, referrals, told = [], [], []
            for at in range(start, start + PIECE):
                wsp, employer = (here, there)[at % 2].id, employers[at % 200]
                group = draw.choice([each for groups in KINDS.values() for each in groups])
                one = vacancy(draw, employer, uow.today, code_in(draw, group), draw.choice(areas[wsp]))
                one |= {"id": new_id(), "created_at": uow.now, "chase_after": uow.today + timedelta(days=3)}
                vacancies.append(one)
                for receiver in [wsp, pool.id] if at % (2 * many // 50) == 0 else [wsp]:
                    referrals.append(referral(uow, one["id"], receiver, new_id()))
                    told.append(("referral.sent", f"referrals/{referrals[-1]['id']}", receiver, employer))
                told.append(("vacancy.opened", f"vacancies/{one['id']}", wsp, employer))
            events: list[dict[str, Any]] = []
            for type, subject, *_ in told:
                position += 1
                same = {"subject_version": 1, "sequence": 1, "at": uow.now, "data": {}, "because": ""}
                events.append({"id": new_id(), "type": type, "subject": subject, "position": position, **same})
            readers = [
                {"event_id": event["id"], "party_id": party}
                for event, (_, _, *parties) in zip(events, told, strict=True)
                for party in parties
            ]
            for model, rows in ((Vacancy, vacancies), (Referral, referrals), (Event, events), (EventParty, readers)):
                write(uow, model, rows)
    with house.database.transaction() as uow:
        head = uow.session.get(Head, 1)
        if head is None:
            uow.add(Head(id=1, position=position))
        else:
            head.position = position
    with house.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE" if connection.dialect.name == "sqlite" else "VACUUM ANALYZE"))
    tokens = {"wsp": here, "pool": pool, "desk": desk}
    found = {name: party.headers["Authorization"].removeprefix("Bearer ") for name, party in tokens.items()}
    return found | {"candidate": candidate, "here": here.id}


def questions(seeded: dict[str, str]) -> Iterator[tuple[str, str, str, int]]:
    """Name, who asks, what, and which page."""
    for page in (1, PAGES):
        yield "inbox", "wsp", "/v1/referrals", page
    yield "inbox, by status", "wsp", "/v1/referrals?status=sent", 1
    for page in (1, PAGES):
        yield "vacancies of the region", "wsp", "/v1/vacancies?regionCode=AM01", page
    yield "vacancies, open ones", "wsp", "/v1/vacancies?status=open", 1
    yield "vacancies", "wsp", "/v1/vacancies", 1
    yield "one vacancy", "wsp", "/v1/vacancies/{vacancy}", 1
    for page in (1, PAGES):
        yield "events", "wsp", "/v1/events", page
    for page in (1, PAGES):
        yield "work items", "wsp", "/v1/work-items", page
    yield "inbox of a small pool", "pool", "/v1/referrals", 1
    yield "vacancies of a small pool", "pool", "/v1/vacancies", 1
    yield "work items of a small pool", "pool", "/v1/work-items", 1
    yield "events of a small pool", "pool", "/v1/events", 1
    yield "inbox of a WSP, for the desk", "desk", f"/v1/referrals?toId={seeded['here']}", 1
    yield "vacancies of the region", "desk", "/v1/vacancies?regionCode=AM01", 1
    yield "matches of a candidate", "wsp", f"/v1/candidates/{seeded['candidate']}/matches", 1
    yield "matches of a candidate", "desk", f"/v1/candidates/{seeded['candidate']}/matches", 1


def measure(kind: str, many: int, rounds: int, table: Table) -> None:
    with tempfile.TemporaryDirectory() as folder:
        if kind == "sqlite":
            url = databases.sqlite_clone(databases.sqlite_template(migrate), Path(folder))
        else:
            server = databases.postgres_server(durable=True)
            url = databases.clone(databases.create_template(server, "bench-region", migrate))
        house = House(settings_for(Path(folder), url, **ROOM), SettableClock())
        app = house.app.wsgi_app
        try:
            seeded = seed(house, many)
            settle()

            def get(who: str, what: str) -> Any:
                return json.loads(ask(app, environ(("GET", what, None), seeded[who], 0)))

            vacancy_id = get("wsp", "/v1/referrals")["items"][0]["vacancyId"]
            for name, who, what, page in questions(seeded):
                address = what.replace("{vacancy}", vacancy_id)
                for _ in range(page - 1):
                    mark = "&" if "?" in what else "?"
                    address = f"{what}{mark}cursor={get(who, address)['next']}"
                get(who, address)
                times = [timed(lambda: get(who, address)) for _ in range(rounds)]  # noqa: B023 (called at once)
                wall, cpu = (statistics.median(each[at] for each in times) * 1e3 for at in (0, 1))
                items = len(times[0][2].get("items", [None]))
                table.add_row(kind, name, who, str(page), str(items), f"{wall:.1f}", f"{cpu:.1f}")
            table.add_section()
        finally:
            house.close()
            if kind == "postgresql":
                databases.drop(url)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vacancies", type=int, default=50_000)
    parser.add_argument("--only", choices=["sqlite", "postgresql"])
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    table = Table("database", "what", "for", "page", "items", "ms", "CPU ms")
    for kind in ("sqlite", "postgresql"):
        if options.only in (None, kind):
            measure(kind, options.vacancies, options.rounds, table)
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
