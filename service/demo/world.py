"""The parties, the clients by which visitors come in, and UWV's offices with their people."""

from __future__ import annotations

from sqlalchemy import insert
from werkzeug.security import generate_password_hash

from service.access.models import Client, Party
from service.access.rules import PartyKind
from service.contacts.models import Absence, Caseworker, Office, Team
from service.contacts.rules import CaseworkerRole, OfficeOrganisation
from service.demo.build import REGION, Build
from service.demo.names import address_of, full_name
from service.kernel.database import UnitOfWork
from service.kernel.ids import new_id
from service.reference import places

DEMO_PARTIES: tuple[tuple[str, PartyKind, str], ...] = (
    ("demo-employer", PartyKind.EMPLOYER, "Noorderzon Logistiek"),
    ("demo-employer-2", PartyKind.EMPLOYER, "Waddenwind Catering"),
    ("demo-uwv", PartyKind.UWV, "UWV"),
    ("demo-jobcoach", PartyKind.JOBCOACH_ORGANISATION, "Jobcoaches van Hier"),
    ("demo-reintegration", PartyKind.REINTEGRATION_COMPANY, "Weer aan de Slag"),
    ("demo-desk", PartyKind.DESK, "Servicepunt"),
    ("demo-operator", PartyKind.OPERATOR, "Beheer Servicepunt"),
)
_OFFICES: tuple[tuple[str, OfficeOrganisation], ...] = (
    ("UWV Groningen", OfficeOrganisation.CASELOAD),
    ("UWV Stadskanaal", OfficeOrganisation.CASELOAD),
    ("UWV Delfzijl", OfficeOrganisation.TEAM),
    ("UWV Winschoten", OfficeOrganisation.TEAM),
)
_ROLES = (
    CaseworkerRole.ARBEIDSDESKUNDIGE,
    CaseworkerRole.ARBEIDSDESKUNDIGE,
    CaseworkerRole.ADVISEUR_INTENSIEVE_DIENSTVERLENING,
)


def make_world(build: Build) -> None:
    with build.work() as uow:
        _make_parties(build, uow)
        _make_clients(build, uow)
        _make_offices(build, uow)


def _make_parties(build: Build, uow: UnitOfWork) -> None:
    rows = []
    for client_id, kind, name in DEMO_PARTIES:
        build.made.parties[client_id] = new_id()
        rows.append(_party(build.made.parties[client_id], kind, name, address_of(client_id, "demo")))
    for region in places.regions():
        party = _party(new_id(), PartyKind.WSP, region.wsp_name, address_of(f"wsp-{region.code.lower()}", "demo"))
        rows.append(party | {"region_code": region.code})
        if region.code == REGION:
            build.made.parties["demo-wsp"] = str(party["id"])
    uow.execute(insert(Party), rows)


def _party(party_id: str, kind: PartyKind, name: str, email: str) -> dict[str, object]:
    return {"id": party_id, "kind": kind, "name": name, "email": email, "region_code": None}


def _make_clients(build: Build, uow: UnitOfWork) -> None:
    clients = [*(client_id for client_id, *_ in DEMO_PARTIES), "demo-wsp"]
    rows = [
        {
            "id": client_id,
            "name": client_id,
            "party_id": build.made.parties[client_id],
            "secret_hash": generate_password_hash(f"{client_id}-secret", method="scrypt"),
            "jwks": None,
            "is_demo": True,
            "created_at": uow.now,
        }
        for client_id in clients
    ]
    uow.execute(insert(Client), rows)


def _make_offices(build: Build, uow: UnitOfWork) -> None:
    for name, organisation in _OFFICES:
        office_id = new_id()
        domain = name.lower().replace(" ", "-")
        phone = build.numbers.phone()
        office = {"id": office_id, "version": 1, "name": name, "region_code": REGION, "organisation": organisation}
        uow.execute(insert(Office), [office | {"phone": phone, "email": f"kantoor@{domain}.example.nl"}])
        team_id = None
        if organisation is OfficeOrganisation.TEAM:
            team_id = new_id()
            team = {"id": team_id, "version": 1, "office_id": office_id, "active": True}
            email = f"team@{domain}.example.nl"
            team["name"] = f"Team Wajong {name.removeprefix('UWV ')}"
            uow.execute(insert(Team), [team | {"phone": build.numbers.phone(), "email": email}])
            build.made.teams.append(team_id)
        staff = [_caseworker(build, office_id, team_id, domain) for _ in range(build.count(8))]
        uow.execute(insert(Caseworker), staff)
        build.made.caseworkers += [str(row["id"]) for row in staff]
    away, stand_in = build.made.caseworkers[0], build.made.caseworkers[1]
    day = build.now.date()
    absence = {"id": new_id(), "version": 1, "caseworker_id": away, "backup_id": stand_in, "planned": True}
    uow.execute(insert(Absence), [absence | {"first_day": day, "last_day": day.replace(year=day.year + 1)}])


def _caseworker(build: Build, office_id: str, team_id: str | None, domain: str) -> dict[str, object]:
    name = full_name(build.dice)
    return {
        "id": new_id(),
        "version": 1,
        "office_id": office_id,
        "team_id": team_id,
        "name": name,
        "role": build.dice.choice(_ROLES),
        "phone": build.numbers.phone(),
        "email": address_of(name, domain),
        "working_days": sorted(build.dice.sample(range(1, 6), build.dice.choice((3, 4, 4, 5)))),
        "active": True,
    }
