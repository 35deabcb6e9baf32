"""Who brings in vacancies and who follows them, over HTTP."""

from __future__ import annotations

from typing import Any

import feedparser
from sqlalchemy import select
from werkzeug.test import TestResponse

from service.access.rules import PartyKind
from service.delivery.models import Mail
from service.kernel.room import MailText
from service.vacancies.room import ROOM
from tests.support.house import House, Party
from tests.support.made import employer_in
from tests.vacancies.vacancies_world import WORK

EMPLOYER = {"kvkNumber": "69599084", "name": "Bakkerij Brood"}


class SharedList:
    """An employer of its own accord, a jobcoach organisation, a re-integration company and UWV."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.employer = employer_in(house, "Bakkerij Brood")
        self.coach = house.party(PartyKind.JOBCOACH_ORGANISATION, "Coach en Co")
        self.company = house.party(PartyKind.REINTEGRATION_COMPANY, "Weer aan het werk")
        self.uwv = house.party(PartyKind.UWV, "UWV")

    def post(self, party: Party | None = None, /, **body: Any) -> dict[str, Any]:
        response = (party or self.employer).post("/vacancies", WORK | body)
        assert response.status_code == 201, response.get_json()
        made: dict[str, Any] = response.get_json()
        return made

    def patch(self, vacancy: dict[str, Any], party: Party | None = None, **body: Any) -> None:
        response = (party or self.employer).patch(f"/vacancies/{vacancy['id']}", body, If_Match="*")
        assert response.status_code == 200, response.get_json()

    def follow(self, party: Party | None = None, /, **body: Any) -> dict[str, Any]:
        response = (party or self.coach).post("/vacancy-subscriptions", {"name": "Groningen"} | body)
        assert response.status_code == 201, response.get_json()
        made: dict[str, Any] = response.get_json()
        return made

    def open(self, url: str, method: str = "GET", **headers: str) -> TestResponse:
        path = url.removeprefix(self.house.settings.url)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.house.web.open(path, method=method, headers=named)

    def read(self, url: str) -> Any:
        """The feed, as a reader understands it; nothing in it may be wrong."""
        response = self.open(url)
        assert response.status_code == 200, response.get_data(as_text=True)
        found = feedparser.parse(response.get_data(), response_headers={"content-type": response.content_type})
        assert not found.bozo, found.get("bozo_exception")
        assert found.version == "atom10"
        return found

    def titles(self, url: str) -> list[str]:
        return [entry.title.partition(" – ")[0] for entry in self.read(url).entries]

    def run(self, timer_name: str) -> list[str]:
        """What fell due for this timer, handled as the worker does."""
        [timer] = (timer for timer in ROOM.timers if timer.name == timer_name)
        with self.house.database.reading() as uow:
            due = timer.due(uow, 100)
        for one in due:
            with self.house.database.transaction() as uow:
                timer.fire(uow, one)
        return due

    def mails(self, template: str) -> list[MailText | None]:
        """The mails of this template that were queued, rendered now."""
        with self.house.database.reading() as uow:
            queued = uow.session.scalars(select(Mail.data).where(Mail.template == template).order_by(Mail.id)).all()
            return [ROOM.mails[template](uow, data) for data in queued]
