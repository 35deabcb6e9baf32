"""Several employees of one employer who lead the same course, of whom UWV knows some; and an employer that looks at
everything it can reach, after each step, for a difference between them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any

from tests.contract.privacy_world import HIDDEN, UNKNOWN, PrivacyWorld, everything
from tests.support.house import Party

LINKED = {"bsn": "999990342", "name": "Gerda van Gekoppeld"}

_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_NUMBER = re.compile(r"[A-Z]{2}-[0-9A-Z]{5}-[0-9A-Z]{5}")
_LISTS = ("/employments", "/contract-end-signals", "/vacancies", "/proposals", "/call-backs", "/second-tracks")
_FILTERS = ("phase=decided", "status=withdrawn", "endsBefore=2027-01-01")


class Employee:
    """One of them. `handler` is who deals with it behind the counter, `known` whether UWV knows the person."""

    def __init__(self, name: str, employment: str, handler: Party, *, known: bool) -> None:
        self.name = name
        self.employment = employment
        self.handler = handler
        self.known = known
        self.signals: list[str] = []
        self.vacancies: list[str] = []
        self.call_backs: list[str] = []
        self.second_tracks: list[str] = []
        self.tags: dict[str, str] = {}
        self._met: dict[str, list[int]] = {}

    @property
    def labels(self) -> dict[str, str]:
        own = {self.employment: "EMPLOYMENT"}
        own |= {each: f"SIGNAL-{at}" for at, each in enumerate(self.signals)}
        own |= {each: f"CALL-{at}" for at, each in enumerate(self.call_backs)}
        own |= {each: f"TRACK-{at}" for at, each in enumerate(self.second_tracks)}
        return own | {each: f"VACANCY-{at}" for at, each in enumerate(self.vacancies)}

    def made(self, path: str) -> list[str]:
        """What was made at this path."""
        more = {"/call-backs": self.call_backs, "/second-tracks": self.second_tracks}
        return ({"/contract-end-signals": self.signals} | more).get(path, self.vacancies)

    @property
    def paths(self) -> list[str]:
        """Everything with an address that the employer knows."""
        own = f"/employments/{self.employment}"
        found = [own, f"{own}/contact", f"{own}/agreements"]
        for each in self.signals:
            one = f"/contract-end-signals/{each}"
            found += [one, f"{one}/history?limit=100", f"{one}/handover-profile", f"{one}/plan"]
        for each in self.vacancies:
            found += [f"/vacancies/{each}", f"/vacancies/{each}/referrals"]
        for each in self.second_tracks:
            found += [f"/second-tracks/{each}", f"/second-tracks/{each}/history?limit=100"]
        return found + [f"/call-backs/{each}" for each in self.call_backs]

    def owns(self, text: str) -> bool:
        return any(each in text for each in self.labels)

    def masked(self, text: str) -> str:
        """`text` without what must differ: ids and receipt numbers, of which its own keep a name."""
        for own, label in self.labels.items():
            text = text.replace(own, label)
        return _NUMBER.sub("NUMBER", _ID.sub("ID", text))

    def answer(self, path: str, response: Any) -> tuple[Any, ...]:
        """Status, the version in the ETag as the how manieth that was met, all other headers, the body.

        What is left of the limits counts the requests of both kinds, in whose order they are sent: of that the number
        is masked.
        """
        tag = re.fullmatch(r'"(\d+)-[0-9a-f]{16}"', response.headers.get("ETag", ""))
        version = None
        if tag is not None:
            met = self._met.setdefault(path, [])
            if int(tag[1]) not in met:
                met.append(int(tag[1]))
            version = met.index(int(tag[1]))
        headers = sorted(
            (name, re.sub(r"\br=\d+", "r=LEFT", value) if name == "RateLimit" else self.masked(value))
            for name, value in response.headers
            if name != "ETag"
        )
        return response.status_code, version, headers, self.masked(response.get_data(as_text=True))


class Watched:
    """The employees, side by side. All that is done to them is done at the same moment."""

    def __init__(self, world: PrivacyWorld, *, disclosed: bool = False) -> None:
        self.world = world
        self.steps = 0
        coach = {"kind": "external", "organisationId": world.jobcoach.id}
        people = (
            ("known to UWV", HIDDEN, world.uwv),
            ("known, with a link that is not disclosed", LINKED, world.uwv),
            ("not known to UWV", UNKNOWN, world.desk),
        )
        self.employees = [
            Employee(
                name,
                world.employment(person, jobcoach=coach, contractType="fixed_term", startDate="2026-01-01"),
                handler,
                known=handler is world.uwv,
            )
            for name, person, handler in people
        ]
        world.known_to_uwv(HIDDEN["bsn"])
        first, second = world.caseworkers
        world.made(
            world.uwv,
            "/assignments",
            {"bsn": LINKED["bsn"], "clientNumber": "C-1001", "caseworkerId": second, "backupId": first},
        )
        link: dict[str, Any] = {"employmentId": self.employees[1].employment, "disclosed": disclosed}
        world.made(world.uwv, "/links", link | ({"reason": "start_agreement"} if disclosed else {}))
        self._cursor = ""
        self._heard = 0

    def tick(self, **by: float) -> None:
        """A moment passes, in which nobody does anything."""
        self.world.house.clock.advance(**(by or {"seconds": 1}))

    def sleep(self, **by: float) -> None:
        """Time passes, and the worker does what fell due. Tokens are renewed."""
        self.world.house.clock.now += timedelta(**by)
        self.world.work()
        self.renew()

    def renew(self) -> None:
        for party in self.world.parties:
            party.headers["Authorization"] = f"Bearer {self.world.house.token(party)}"

    # --- What is done ---------------------------------------------------------------------------------------------

    def employer(self, what: str, ask: Callable[[Employee], tuple[str, str, Any, Mapping[str, str]]]) -> list[int]:
        """The employer asks the same for each, at the same moment; the answers are alike. Returns their statuses."""
        answers, statuses = [], []
        for each in self.employees:
            method, path, body, headers = ask(each)
            response = self.world.employer.request(method, path, body, **headers)
            made = response.get_json().get("id") if response.status_code == 201 else None
            if made is not None and made not in each.made(path):
                each.made(path).append(made)
            answers.append(each.answer(path if method != "POST" else "", response))
            statuses.append(response.status_code)
        self.alike(what, answers)
        self.tick()
        return statuses

    def behind_the_counter(self, act: Callable[[Employee], int]) -> list[int]:
        """Somebody takes a step for each at the same moment: UWV for those whom it knows, the desk for the other."""
        statuses = [act(each) for each in self.employees]
        self.tick()
        return statuses

    # --- What is seen ---------------------------------------------------------------------------------------------

    def look(self, what: str) -> None:
        """Everything that the employer can reach is alike for all of them."""
        self.steps += 1
        seen = [self._alone(each) for each in self.employees]
        for name in seen[0]:
            self.alike(f"{what}: {name}", [one.get(name) for one in seen])
        for name, parts in self._together().items():
            self.alike(f"{what}: {name}", parts)

    def alike(self, what: str, found: list[Any]) -> None:
        *known, unknown = found
        for each, one in zip(self.employees, known, strict=False):
            assert one == unknown, f"{what} ({each.name})"

    def _alone(self, each: Employee) -> dict[str, Any]:
        employer = self.world.employer
        seen: dict[str, Any] = {}
        for path in each.paths:
            known = each.tags.get(path)
            response = employer.get(path, **({"If_None_Match": known} if known else {}))
            each.tags[path] = response.headers.get("ETag", "")
            seen[each.masked(path)] = each.answer(path, response)
        return seen

    def _together(self) -> dict[str, list[Any]]:
        employer, world = self.world.employer, self.world
        rows = {path: everything(employer, path) for path in _LISTS}
        rows |= {query: everything(employer, f"/contract-end-signals?{query}") for query in _FILTERS}
        rows["deliveries"] = employer.get(f"/webhooks/{world.webhook}/deliveries?limit=100").get_json()["items"]
        # Ids of signals have no order: nor have those lists.
        seen = {name: [sorted(own) for own in self._own(found)] for name, found in rows.items()}
        seen["events"] = self._own(list(self._new_events()))
        seen["pushed"] = self._own(world.receiver.heard[self._heard :])
        self._heard = len(world.receiver.heard)
        return seen

    def _own(self, rows: list[dict[str, Any]]) -> list[list[str]]:
        """The rows of each of them."""
        texts = [json.dumps(row) for row in rows]
        return [[each.masked(text) for text in texts if each.owns(text)] for each in self.employees]

    def _new_events(self) -> Iterator[dict[str, Any]]:
        while True:
            cursor = f"&cursor={self._cursor}" if self._cursor else ""
            page = self.world.employer.get(f"/events?limit=100{cursor}").get_json()
            yield from page["items"]
            self._cursor = page["next"]
            if not page["items"]:
                return
