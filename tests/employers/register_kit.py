"""Files of a contract register, and an employer that sends them."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from werkzeug.test import TestResponse

from service.kernel.imports.reading import CSV
from service.rooms import ROOMS
from service.worker import Worker
from tests.contacts.imports_kit import Rows, as_csv
from tests.support.house import House, Party
from tests.support.made import employer_in, establishment_of


class Register:
    """An employer with one workplace, and a worker that is run by hand."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.employer = employer_in(house, "Noorderzon")
        self.place = establishment_of(self.employer)
        self.worker = Worker(house.database, ROOMS, house.settings, threading.Event())

    def days_later(self, days: int) -> None:
        self.house.clock.advance(days=days)
        self.employer.headers["Authorization"] = f"Bearer {self.house.token(self.employer)}"
        self.worker.run_until_idle()

    def send(
        self, body: bytes, media_type: str = CSV, query: str = "", party: Party | None = None, **headers: str
    ) -> TestResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.house.web.post(
            f"/v1/employment-imports{query}",
            data=body,
            content_type=media_type,
            headers=(party or self.employer).headers | named,
        )

    def done(
        self, body: bytes | Rows, media_type: str = CSV, query: str = "", party: Party | None = None
    ) -> dict[str, Any]:
        """Sends a file, lets the worker do it, and says what came of it."""
        response = self.send(body if isinstance(body, bytes) else as_csv(body), media_type, query, party)
        assert response.status_code == 202, response.get_json()
        self.worker.run_until_idle()
        found = (party or self.employer).get(response.headers["Location"].removeprefix("/v1")).get_json()
        assert isinstance(found, dict)
        return found

    def rows(self, job: Mapping[str, Any], query: str = "", **headers: str) -> list[dict[str, Any]]:
        found = self.employer.get(f"/employment-imports/{job['id']}/rows{query}", **headers).get_json()
        return list(found["items"])

    def told(self, job: Mapping[str, Any], query: str = "") -> list[tuple[int, str | None, str]]:
        return [(row["number"], row["field"], row["code"]) for row in self.rows(job, query)]

    def employments(self, party: Party | None = None) -> list[dict[str, Any]]:
        """In the order in which they came."""
        return list((party or self.employer).get("/employments?limit=200").get_json()["items"])

    def close(self) -> None:
        self.worker.close()
