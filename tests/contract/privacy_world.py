"""An employer that looks for differences: two employees, one known to UWV behind its back and one that is not, and
everything that the employer can see of either, with what must differ (ids, numbers) masked."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from service.access.rules import PartyKind
from service.contacts.models import Office
from service.contacts.rules import OfficeOrganisation
from service.delivery.models import Webhook
from service.delivery.rules import WebhookStatus
from service.delivery.sender import Reply
from service.kernel.ids import new_id
from service.rooms import ROOMS
from service.worker import Worker
from tests.support.house import House, Party
from tests.support.made import employer_in, employment_body, establishment_of

HIDDEN = {"bsn": "123456782", "name": "Hildegard van Verborgen"}
UNKNOWN = {"bsn": "111222333", "name": "Ottoline Onbekend"}
END = "2027-01-31"

_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_NUMBER = re.compile(r"SP-[0-9A-Z]{5}-[0-9A-Z]{5}")


class Receiver:
    """Takes the place of the internet: what the worker pushes, in the order in which it came."""

    seconds = 5.0

    def __init__(self) -> None:
        self.heard: list[dict[str, Any]] = []

    def send(self, method: str, url: str, headers: Any, body: bytes | None = None) -> Reply:
        self.heard.append(json.loads(body or b"{}"))
        return Reply(204, {}, b"")


class PrivacyWorld:
    def __init__(self, house: House) -> None:
        self.house = house
        self.employer = employer_in(house, "Bakkerij Brood")
        self.uwv = house.party(PartyKind.UWV)
        self.desk = house.party(PartyKind.DESK)
        self.wsp = house.party(PartyKind.WSP, email="wsp@example.nl")
        self.jobcoach = house.party(PartyKind.JOBCOACH_ORGANISATION)
        self.parties = [self.employer, self.uwv, self.desk, self.wsp, self.jobcoach]
        self.place = establishment_of(self.employer)
        self.receiver = Receiver()
        self.worker = Worker(house.database, ROOMS, house.settings, threading.Event())
        self.worker.deliveries.sender = self.receiver  # type: ignore[assignment]
        office = new_id()
        reach = {"phone": "+442079460678", "email": "noor@uwv.example"}
        with house.database.transaction() as uow:
            uow.add(Office(id=office, name="UWV", organisation=OfficeOrganisation.CASELOAD, **reach))
        staff = {"officeId": office, "role": "arbeidsdeskundige", "workingDays": [1, 2, 4], **reach}
        self.caseworkers = [
            self.made(self.uwv, "/caseworkers", staff | {"name": name}) for name in ("Noor Postma", "Bo Bakker")
        ]
        self.webhook = self.made(self.employer, "/webhooks", {"url": "https://hr.example.nl/events"})
        with house.database.transaction() as uow:
            uow.session.get_one(Webhook, self.webhook).status = WebhookStatus.ACTIVE

    def made(self, party: Party, path: str, body: dict[str, Any]) -> str:
        response = party.post(path, body)
        assert response.status_code == 201, response.get_json()
        return str(response.headers["Location"].rpartition("/")[2])

    def known_to_uwv(self, bsn: str) -> None:
        first, second = self.caseworkers
        self.made(self.uwv, "/assignments", {"bsn": bsn, "caseworkerId": first, "backupId": second})

    def employment(self, person: dict[str, str], **more: Any) -> str:
        return self.made(
            self.employer, "/employments", employment_body(self.place, **{"endDate": END, **person, **more})
        )

    def work(self) -> bool:
        """The worker's turn; whether there was anything to do."""
        return bool(self.worker.run_until_idle())

    def later(self, **by: float) -> None:
        """Time passes, with the worker at work every fourth day; tokens are renewed."""
        until = self.house.clock.now + timedelta(**by)
        while self.house.clock.now < until:
            self.house.clock.set(min(until, self.house.clock.now + timedelta(days=4)))
            self.work()
        for party in self.parties:
            party.headers["Authorization"] = f"Bearer {self.house.token(party)}"

    def done(self, party: Party, method: str, path: str, body: Any) -> Any:
        """A change with the present ETag, which must succeed."""
        expects = {"If_None_Match": "*"} if method == "PUT" else {"If_Match": "*"}
        response = party.request(method, path, body, **expects)
        assert response.status_code == 200, response.get_json()
        return response.get_json()


class Case:
    """One employee, as the employer sees it. `handler` is who deals with it behind the counter."""

    def __init__(self, world: PrivacyWorld, handler: Party, person: dict[str, str], **more: Any) -> None:
        self.world = world
        self.handler = handler
        self.employment = world.employment(person, **more)
        self.signal = ""
        self.vacancy = ""
        self._versions: dict[str, list[int]] = {}

    @property
    def path(self) -> str:
        return f"/contract-end-signals/{self.signal}"

    def report(self, **more: Any) -> Any:
        """The whole answer, masked."""
        body = {
            "employmentId": self.employment,
            "reference": "HR",
            "phase": "doubt",
            "expectedEndDate": END,
            "endReason": "less_work",
            "employeeInformed": True,
            "vacancyExpected": "yes",
            **more,
        }
        response = self.world.employer.post("/contract-end-signals", body)
        if response.status_code == 201:
            self.signal = response.get_json()["id"]
        return self._answer("report", response)

    def asked(self, method: str, path: str, body: Any = None) -> Any:
        """What the employer is answered, masked."""
        headers = {} if method == "GET" else {"If_Match": "*"}
        return self._answer(path, self.world.employer.request(method, path, body, **headers))

    def seen(self) -> dict[str, Any]:
        """Everything that the employer can see of this employee now."""
        employer = self.world.employer
        paths = [f"/employments/{self.employment}" + more for more in ("", "/contact", "/agreements")]
        if self.signal:
            paths += [self.path, self.path + "/history?limit=100", self.path + "/timeline"]
            paths += [self.path + "/handover-profile", self.path + "/plan"]
            paths += [self.path + more for more in ("/checklist", "/pause", "/start-interview", "/advice")]
        if self.vacancy:
            paths += [f"/vacancies/{self.vacancy}", f"/vacancies/{self.vacancy}/referrals"]
        found: dict[str, Any] = {self._masked(path): self.asked("GET", path) for path in paths}
        for path in ("/employments", "/contract-end-signals", "/vacancies", "/proposals", "/work-items"):
            own = [json.dumps(each) for each in everything(employer, path)]
            # Ids of signals have no order.
            found[path] = sorted(self._masked(each) for each in own if self._is_mine(each))
        for query in ("phase=doubt", "phase=decided", "phase=ended", "status=closed", f"endsBefore={END}"):
            own = [each["id"] for each in everything(employer, f"/contract-end-signals?{query}")]
            found[query] = own.count(self.signal)
        found["events"] = self._told(everything(employer, "/events"))
        found["pushed"] = self._told(self.world.receiver.heard)
        log = [
            self._masked(json.dumps(each))
            for each in everything(employer, f"/webhooks/{self.world.webhook}/deliveries")
            if self._is_mine(each["subject"])
        ]
        found["deliveries"] = log
        return found

    def _told(self, events: list[dict[str, Any]]) -> list[str]:
        """In their order."""
        return [self._masked(json.dumps(each)) for each in events if self._is_mine(json.dumps(each))]

    def _step(self, subject: str, version: int) -> int:
        """Which of the versions this is, in the order in which the employer met them: what they say is hidden."""
        met = self._versions.setdefault(subject, [])
        if version not in met:
            met.append(version)
        return met.index(version)

    def _answer(self, path: str, response: Any) -> tuple[Any, ...]:
        tag = re.fullmatch(r'"(\d+)-[0-9a-f]+"', response.headers.get("ETag", ""))
        subject = self.path.lstrip("/") if path in (self.path, "report", self.path + "/transitions") else path
        version = self._step(subject, int(tag[1])) if tag and response.status_code < 300 else None
        headers = sorted((name, self._masked(value)) for name, value in response.headers if name not in _DIFFER)
        return response.status_code, version, headers, self._masked(response.get_data(as_text=True))

    def _is_mine(self, text: str) -> bool:
        return any(each and each in text for each in (self.employment, self.signal, self.vacancy))

    def _masked(self, text: str) -> str:
        for own, label in ((self.employment, "EMPLOYMENT"), (self.signal, "SIGNAL"), (self.vacancy, "VACANCY")):
            if own:
                text = text.replace(own, label)
        return _NUMBER.sub("NUMBER", _ID.sub("ID", text))


# RateLimit counts down with each question, whomever it is about.
_DIFFER = frozenset({"ETag", "RateLimit"})


def everything(party: Party, path: str) -> list[dict[str, Any]]:
    return list(_pages(party, path))


def _pages(party: Party, path: str) -> Iterator[dict[str, Any]]:
    joint = "&" if "?" in path else "?"
    cursor = ""
    while True:
        response = party.get(f"{path}{joint}limit=100{cursor}")
        assert response.status_code == 200, response.get_json()
        page = response.get_json()
        yield from page["items"]
        if page["next"] is None or not page["items"]:
            return
        cursor = f"&cursor={page['next']}"
