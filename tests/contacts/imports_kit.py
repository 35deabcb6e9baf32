"""Files of a caseload, and a house in which they are taken over."""

from __future__ import annotations

import csv
import io
import json
import threading
from collections.abc import Mapping, Sequence
from typing import Any

from openpyxl import Workbook
from werkzeug.test import TestResponse

from service.access.rules import PartyKind
from service.contacts.models import Caseworker, Office, Team
from service.contacts.rules import CaseworkerRole, OfficeOrganisation
from service.kernel.ids import new_id
from service.kernel.imports.reading import CSV, NDJSON, XLSX
from service.rooms import ROOMS
from service.worker import Worker
from tests.support.house import House

Rows = Sequence[Mapping[str, Any]]


def headings_of(rows: Rows) -> list[str]:
    return list(dict.fromkeys(name for row in rows for name in row))


def as_csv(rows: Rows, *, separator: str = ";", encoding: str = "utf-8", newline: str = "\r\n") -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, headings_of(rows), restval="", delimiter=separator, lineterminator=newline)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode(encoding)


def as_ndjson(rows: Rows) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def as_xlsx(rows: Rows) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    names = headings_of(rows)
    sheet.append(names)
    for row in rows:
        sheet.append([row.get(name) for name in names])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


WRITERS = {CSV: as_csv, NDJSON: as_ndjson, XLSX: as_xlsx}


def bsns(count: int, start: int = 100_000_000) -> list[str]:
    """So many numbers that pass the check."""
    found: list[str] = []
    number = start
    while len(found) < count:
        digits = [int(digit) for digit in f"{number:09}"]
        weights = (9, 8, 7, 6, 5, 4, 3, 2, -1)
        if sum(digit * weight for digit, weight in zip(digits, weights, strict=True)) % 11 == 0:
            found.append(f"{number:09}")
        number += 1
    return found


class Caseload:
    """UWV with an office, a team and three caseworkers, and a worker that is run by hand."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.uwv = house.party(PartyKind.UWV)
        reach = {"phone": "+442079460678", "email": "groningen@example.nl"}
        self.office, self.team = new_id(), new_id()
        self.staff = {name: new_id() for name in ("noor", "bo", "kim")}
        with house.database.transaction() as uow:
            caseload = OfficeOrganisation.CASELOAD
            uow.add(Office(id=self.office, name="UWV Groningen", region_code="AM01", organisation=caseload, **reach))
            uow.flush()
            uow.add(Team(id=self.team, office_id=self.office, name="Team Noord", active=True, **reach))
            uow.flush()
            for name, caseworker_id in self.staff.items():
                uow.add(
                    Caseworker(
                        id=caseworker_id,
                        office_id=self.office,
                        team_id=None,
                        name=name,
                        role=CaseworkerRole.ARBEIDSDESKUNDIGE,
                        phone="+442079460601",
                        email=f"{name}@uwv.example",
                        working_days=[1, 2, 3],
                        active=True,
                    )
                )
        self.worker = Worker(house.database, ROOMS, house.settings, threading.Event())

    def days_later(self, days: int) -> None:
        self.house.clock.advance(days=days)
        self.uwv.headers["Authorization"] = f"Bearer {self.house.token(self.uwv)}"
        self.worker.run_until_idle()

    def send(self, body: bytes, media_type: str = CSV, query: str = "", **headers: str) -> TestResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.house.web.post(
            f"/v1/assignment-imports{query}", data=body, content_type=media_type, headers=self.uwv.headers | named
        )

    def done(self, body: bytes | Rows, media_type: str = CSV, query: str = "") -> dict[str, Any]:
        """Sends a file, lets the worker do it, and says what came of it."""
        raw = body if isinstance(body, bytes) else as_csv(body)
        response = self.send(raw, media_type, query)
        assert response.status_code == 202, response.get_json()
        self.worker.run_until_idle()
        found = self.uwv.get(response.headers["Location"].removeprefix("/v1")).get_json()
        assert isinstance(found, dict)
        return found

    def rows(self, job: Mapping[str, Any], query: str = "", **headers: str) -> list[dict[str, Any]]:
        found = self.uwv.get(f"/assignment-imports/{job['id']}/rows{query}", **headers).get_json()
        return list(found["items"])

    def wrong(self, job: Mapping[str, Any]) -> list[tuple[int, str | None, str]]:
        return [(row["number"], row["field"], row["code"]) for row in self.rows(job)]

    def close(self) -> None:
        self.worker.close()


def counts(**some: int) -> dict[str, int]:
    names = ("read", "created", "changed", "unchanged", "failed", "warned", "missing", "ended")
    return dict.fromkeys(names, 0) | some
