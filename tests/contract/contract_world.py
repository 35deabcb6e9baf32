"""One of everything, made over HTTP, so that a request can name things that exist."""

from __future__ import annotations

from typing import Any

from service.access.rules import PartyKind
from service.contacts.imports.part import RUNNER as ASSIGNMENTS
from service.contacts.models import Office, Team
from service.contacts.rules import OfficeOrganisation
from service.delivery import sequencer
from service.delivery.models import Webhook
from service.delivery.rules import WebhookStatus
from service.employers.imports.part import RUNNER as EMPLOYMENTS
from service.employers.questions.operations import ask_missing
from service.kernel.ids import new_id
from service.signals.early_warning import EARLY_WARNING
from service.signals.imports.part import RUNNER as SIGNALS_RUNNER
from service.vacancies.imports.part import RUNNER as VACANCIES_RUNNER
from service.vacancies.pools.models import MobilityPool
from tests.support.house import House, Party
from tests.support.made import BSNS, employer_in, employment_body, establishment_of

Known = dict[str, list[str]]


def made_id(party: Party, path: str, body: dict[str, Any]) -> str:
    """The last part of the address of what this POST made."""
    response = party.post(path, body)
    assert response.status_code == 201, response.get_json()
    return str(response.headers["Location"].rpartition("/")[2])


class ContractWorld:
    """A party of each kind, and `known`: per collection of the API the ids in it."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.parties = {kind: house.party(kind) for kind in PartyKind if kind not in self._made_otherwise}
        self.parties[PartyKind.EMPLOYER] = employer_in(house)
        self.pool = self.parties[PartyKind.MOBILITY_POOL]
        self.known: Known = {
            "parties": [party.id for party in self.parties.values()],
            "employers": [self.parties[PartyKind.EMPLOYER].id],
            "mobility-pools": [self.pool.id],
            "jobcoaches": [self.parties[PartyKind.JOBCOACH_ORGANISATION].id],
        }
        self._make_offices()
        self._make_employments()
        self._make_fixed_contacts()
        self._make_call_backs()
        self._make_signals()
        self._make_second_tracks()
        self._make_question()
        self._make_vacancies()
        self._make_proposals()
        self._make_webhooks()
        self._make_imports()
        self._make_questions()
        self._make_import_mapping()
        self._make_signal_imports()
        self._make_vacancy_imports()
        self.known["calendar-feeds"] = [
            made_id(self.parties[kind], "/calendar-feeds", {"name": "Deadlines"})
            for kind in (PartyKind.DESK, PartyKind.UWV, PartyKind.EMPLOYER)
            for _ in range(3)
        ]
        self.known["vacancy-subscriptions"] = [
            made_id(self.parties[kind], "/vacancy-subscriptions", {"name": "Groningen", "email": "lezer@example.nl"})
            for kind in (PartyKind.JOBCOACH_ORGANISATION, PartyKind.UWV)
            for _ in range(3)
        ]

    _made_otherwise = frozenset({PartyKind.EMPLOYER, PartyKind.SYSTEM})

    def _add(self, *rows: Any) -> None:
        with self.house.database.transaction() as uow:
            for row in rows:
                uow.add(row)
                uow.flush()

    def _make_offices(self) -> None:
        office, team = new_id(), new_id()
        reach = {"phone": "+442079460678", "email": "groningen@example.nl"}
        caseload = OfficeOrganisation.CASELOAD
        self._add(
            Office(id=office, name="UWV Groningen", region_code="AM01", organisation=caseload, **reach),
            Team(id=team, office_id=office, name="Team Noord", active=True, **reach),
        )
        uwv = self.parties[PartyKind.UWV]
        person = {"officeId": office, "role": "arbeidsdeskundige", "workingDays": [1, 2, 4], **reach}
        caseworkers = [made_id(uwv, "/caseworkers", person | {"name": name}) for name in ("Noor Postma", "Bo Bakker")]
        absence = {"firstDay": "2026-12-01", "lastDay": "2026-12-04", "backupId": caseworkers[1]}
        self.known |= {
            "offices": [office],
            "teams": [team],
            "caseworkers": caseworkers,
            "absences": [made_id(uwv, f"/caseworkers/{caseworkers[0]}/absences", absence) for _ in range(4)],
        }

    def _make_employments(self) -> None:
        employer, uwv = self.parties[PartyKind.EMPLOYER], self.parties[PartyKind.UWV]
        place = establishment_of(employer)
        coach = {"kind": "external", "organisationId": self.known["jobcoaches"][0]}
        body = employment_body(place, jobcoach=coach)
        body |= {"employeeNumber": "0042"}
        employments = [made_id(employer, "/employments", body | {"bsn": bsn}) for bsn in BSNS[:3]]
        caseworker, backup = self.known["caseworkers"]
        assignments = [
            made_id(uwv, "/assignments", {"bsn": bsn, "caseworkerId": caseworker, "backupId": backup})
            for bsn in (BSNS[0], BSNS[2])  # UWV does not know the second person
        ]
        persons = [uwv.get(f"/assignments/{row}").get_json()["personId"] for row in assignments]
        # A client of its own, whose contact will be another: those of the employments have none planned.
        other = {"clientNumber": "W-1", "caseworkerId": caseworker, "validFrom": "2025-01-01", "postcode4": "9711"}
        other_id = uwv.get(f"/assignments/{made_id(uwv, '/assignments', other)}").get_json()["personId"]
        moved = {"from": {"personIds": [other_id]}, "to": [{"caseworkerId": backup}], "note": "Maak kennis."}
        reassignment = made_id(uwv, "/reassignments", moved | {"onDate": "2026-12-14"})
        made_id(uwv, "/links", {"employmentId": employments[0], "disclosed": True, "reason": "start_agreement"})
        agreement = {
            "agreedOn": "2026-11-20",
            "participants": ["employee", "employer", "jobcoach"],
            "jobcoachOrganisationId": self.known["jobcoaches"][0],
            "contacts": {"employer": {"function": "hr", "phone": "+442079460002"}},
            "consents": {"contactEmployer": {"answer": "granted", "on": "2026-11-20", "means": "phone"}},
        }
        self.known |= {
            "agreements": [made_id(uwv, f"/employments/{employments[0]}/agreements", agreement)],
            "establishments": [place],
            "employments": employments,
            "links": employments[:1],
            "assignments": assignments,
            "persons": [*persons, other_id],
            "reassignments": [reassignment],
        }

    def _make_fixed_contacts(self) -> None:
        """One of each side in one region; in the other nobody is named yet."""
        employer = self.parties[PartyKind.EMPLOYER]
        establishment_of(employer, "8911AB")
        place = {"employerId": employer.id, "regionCode": "AM01"}
        advisor = {"name": "Tess Kuiper", "phone": "+442079460679", "email": "tess@example.nl"}
        self.known["employer-contacts"] = [
            made_id(
                self.parties[PartyKind.UWV],
                "/employer-contacts",
                place | {"caseworkerId": self.known["caseworkers"][0]},
            ),
            made_id(self.parties[PartyKind.WSP], "/employer-contacts", place | advisor),
        ]

    def _make_call_backs(self) -> None:
        employer = self.parties[PartyKind.EMPLOYER]
        windows = [{"date": "2026-11-25", "from": "09:00", "to": "12:00"}]
        body = {"subject": "jobcoach", "phone": "+442079460002", "windows": windows}
        about: list[dict[str, str]] = [{"employmentId": row} for row in self.known["employments"][:2]]
        self.known["call-backs"] = [made_id(employer, "/call-backs", body | more) for more in (*about, {})]

    def _make_signals(self) -> None:
        employer, uwv = self.parties[PartyKind.EMPLOYER], self.parties[PartyKind.UWV]
        body = {"phase": "decided", "employeeInformed": True, "expectedEndDate": "2027-02-28"}
        employments = self.known["employments"][:2]
        signals = [made_id(employer, "/contract-end-signals", body | {"employmentId": row}) for row in employments]
        self.known["contract-end-signals"] = signals
        first = f"/contract-end-signals/{signals[0]}"
        profile = {"tasksDoneWell": [], "whatHelps": ["fixed_tasks"], "hoursHeld": 20}
        plan = {"service": "naar_werk", "startDate": "2026-12-07", "lead": "arbeidsdeskundige"}
        view = {"toldOn": "2026-11-20", "means": "phone", "notNow": True}
        for made in (
            uwv.request("PUT", first + "/own-view", view, If_None_Match="*"),
            employer.request("PUT", first + "/handover-profile", profile, If_None_Match="*"),
            uwv.move(first, "acknowledged"),
            uwv.request("PUT", first + "/plan", plan, If_None_Match="*"),
        ):
            assert made.status_code == 200, made.get_json()
        pause = {"pausedUntil": "2027-01-31", "wish": "person"}
        for party, signal in ((uwv, signals[0]), (self.parties[PartyKind.DESK], signals[-1])):
            for what, sent in (("pause", pause), ("start-interview", {"result": "not_needed"})):
                address = f"/contract-end-signals/{signal}/{what}"
                answer = party.request("PUT", address, sent, If_None_Match="*")
                assert answer.status_code == 200, answer.get_json()
        self.known["checklist-codes"] = ["change_form", "freed_vacancy", "forms_agreed"]

    def _make_second_tracks(self) -> None:
        """One of an employee whom UWV knows, and one of somebody whom it does not; the third has none yet."""
        body = {"waitingPeriodEndsOn": "2027-11-30", "employeeInformed": True}
        self.known["second-tracks"] = [
            made_id(self.parties[PartyKind.EMPLOYER], "/second-tracks", body | {"employmentId": row})
            for row in self.known["employments"][:2]
        ]

    def _make_question(self) -> None:
        """An early warning about which the employer is asked."""
        employer, uwv = self.parties[PartyKind.EMPLOYER], self.parties[PartyKind.UWV]
        body = employment_body(self.known["establishments"][0], bsn=BSNS[0], endDate="2027-01-31")
        job = made_id(employer, "/employments", body)
        made_id(uwv, "/links", {"employmentId": job, "disclosed": True, "reason": "start_agreement"})
        with self.house.database.transaction() as uow:
            EARLY_WARNING.fire(uow, job)
        signals = employer.get("/contract-end-signals").get_json()["items"]
        self.known["asked-signals"] = [each["id"] for each in signals if each["question"] is not None]
        assert self.known["asked-signals"]

    def _make_vacancies(self) -> None:
        self._add(MobilityPool(id=self.pool.id, name="Pool Noord", created_at=self.house.clock()))
        desk, employer = self.parties[PartyKind.DESK], self.parties[PartyKind.EMPLOYER]
        members = f"/mobility-pools/{self.pool.id}/members"
        self.known["members"] = [made_id(desk, members, {"partyId": employer.id})]
        certificate = {"level": "basis", "validFrom": "2026-01-01", "validUntil": "2027-12-31"}
        address = f"/employers/{employer.id}/pso-certificate"
        recorded = desk.request("PUT", address, certificate, If_None_Match="*")
        assert recorded.status_code == 200, recorded.get_json()
        work = {
            "title": "Medewerker magazijn",
            "occupationCode": "9333",
            "hours": {"min": 24, "max": 24},
            "contractType": "fixed_term",
            "workplace": {"postcode": "9712 AB"},
            "positions": 3,
            "offers": ["fixed_tasks"],
        }
        freed = {"freedBySignalId": self.known["contract-end-signals"][0]}
        self.known["vacancies"] = [made_id(employer, "/vacancies", work | more) for more in ({}, freed)]
        brought = work | {"employer": {"kvkNumber": self._kvk_number(), "name": "employer"}}
        self.known["brought-in"] = [made_id(self.parties[PartyKind.REINTEGRATION_COMPANY], "/vacancies", brought)]
        pool_inbox = self.pool.get("/referrals").get_json()["items"]
        wsp_inbox = self.parties[PartyKind.WSP].get("/referrals").get_json()["items"]
        self.known["referrals"] = [row["id"] for row in [*wsp_inbox, *pool_inbox]]
        self.known["receivers"] = [self.parties[PartyKind.WSP].id]
        # A third vacancy, that the pool passes on to the desk.
        made_id(employer, "/vacancies", work)
        gone = [
            row["id"] for row in self.pool.get("/referrals").get_json()["items"] if row["id"] not in str(pool_inbox)
        ]
        body = {"toId": desk.id, "referralIds": gone, "reason": "no_room"}
        self.known["referral-transfers"] = [made_id(self.pool, "/referral-transfers", body)]

    def _kvk_number(self) -> str:
        employer = self.parties[PartyKind.EMPLOYER]
        return str(employer.get(f"/employers/{employer.id}").get_json()["kvkNumber"])

    def _make_proposals(self) -> None:
        profile = {
            "occupations": ["9333"],
            "hours": {"min": 16, "max": 32},
            "postcode4": "9711",
            "maxDistanceKm": 20,
            "needs": ["fixed_tasks"],
            "cannot": [],
            "bsn": BSNS[3],
            "name": "Sanne de Vries",
        }
        wsp = self.parties[PartyKind.WSP]
        candidate = made_id(wsp, "/candidates", profile)
        # A second one, whom nobody pauses.
        somebody = {name: fact for name, fact in profile.items() if name not in ("bsn", "name")}
        self.known["candidates"] = [candidate, made_id(wsp, "/candidates", somebody)]
        offers = f"/candidates/{candidate}/pool-offers"
        said = {"poolId": self.pool.id, "consent": {"how": "phone", "on": "2026-11-20"}}
        uwv = self.parties[PartyKind.UWV]
        self.known["pool-offers"] = [made_id(uwv, offers, said)]
        body = {"vacancyId": self.known["vacancies"][0], "candidateId": candidate, "proposedBy": "P. Smit"}
        proposal = made_id(wsp, "/proposals", body)
        self.known["proposals"] = [proposal]
        consent = {"how": "phone", "askedBy": "A. Jansen, jobcoach", "on": "2026-11-23"}
        moved = wsp.move(f"/proposals/{proposal}", "consented", consent=consent)
        assert moved.status_code == 200, moved.get_json()

    def _make_imports(self) -> None:
        """One of each kind that is done, with a row that failed."""
        for kind, noun, runner, body in (
            (PartyKind.UWV, "assignment", ASSIGNMENTS, b"bsn;ad\n1;niemand\n"),
            (PartyKind.EMPLOYER, "employment", EMPLOYMENTS, b"referentie;bsn\nHR-1;1\n"),
        ):
            answer = self.house.web.post(
                f"/v1/{noun}-imports", data=body, content_type="text/csv", headers=self.parties[kind].headers
            )
            assert answer.status_code == 202, answer.get_json()
            row = answer.get_json()["id"]
            with self.house.database.transaction() as uow:
                runner.fire(uow, row)
            self.known[f"{noun}-imports"] = [row]

    def _make_questions(self) -> None:
        """About two employments; about the third there is nothing to ask."""
        employer = self.parties[PartyKind.EMPLOYER]
        with self.house.database.transaction() as uow:
            ask_missing(uow, employer.id, self.known["employments"][:2], None)
        asked = employer.get("/employment-questions").get_json()["items"]
        self.known["employment-questions"] = [row["id"] for row in asked]

    def _make_import_mapping(self) -> None:
        employer = self.parties[PartyKind.EMPLOYER]
        mapping = {"columns": [{"heading": "Salaris", "column": None}]}
        stored = employer.request("PUT", f"/employers/{employer.id}/import-mapping", mapping, If_None_Match="*")
        assert stored.status_code == 200, stored.get_json()

    def _make_signal_imports(self) -> None:
        """One that is done, with a row that was reported before and one that failed."""
        employer = self.parties[PartyKind.EMPLOYER]
        known = self.known["employments"][0]
        file = f"dienstverband;fase;werknemer weet het\n{known};besloten;ja\n{known};twijfel;ja\n"
        answer = self.house.web.post(
            "/v1/contract-end-signal-imports", data=file.encode(), content_type="text/csv", headers=employer.headers
        )
        assert answer.status_code == 202, answer.get_json()
        row = answer.get_json()["id"]
        with self.house.database.transaction() as uow:
            SIGNALS_RUNNER.fire(uow, row)
        self.known["contract-end-signal-imports"] = [row]

    def _make_vacancy_imports(self) -> None:
        """One that is done, with a row that went well and one that failed."""
        employer = self.parties[PartyKind.EMPLOYER]
        work = "Medewerker magazijn;9333;24;vast;9712 AB"
        file = f"referentie;titel;beroep;uren;contractsoort;postcode\nHR-1;{work}\nHR-1;{work}\n"
        answer = self.house.web.post(
            "/v1/vacancy-imports", data=file.encode(), content_type="text/csv", headers=employer.headers
        )
        assert answer.status_code == 202, answer.get_json()
        row = answer.get_json()["id"]
        with self.house.database.transaction() as uow:
            VACANCIES_RUNNER.fire(uow, row)
        self.known["vacancy-imports"] = [row]

    def _make_webhooks(self) -> None:
        """One that agreed to be called, with the events of its party waiting for it."""
        employer = self.parties[PartyKind.EMPLOYER]
        row = made_id(employer, "/webhooks", {"url": "https://hr.example.nl/events"})
        self.known["webhooks"] = [row]
        with self.house.database.transaction() as uow:
            webhook = uow.session.get_one(Webhook, row)
            webhook.status = WebhookStatus.ACTIVE
        made_id(employer, "/employments", employment_body(self.known["establishments"][0]))
        with self.house.database.transaction() as uow:
            assert sequencer.sequence(uow, 500)
        assert employer.get("/events").get_json()["items"]
        deliveries = employer.get(f"/webhooks/{row}/deliveries").get_json()["items"]
        assert deliveries
        self.known["deliveries"] = [each["id"] for each in deliveries]
        replayed = employer.post(f"/webhooks/{row}/replays", {"eventId": deliveries[0]["eventId"]})
        assert replayed.status_code == 202, replayed.get_json()
        self.known["replays"] = [replayed.get_json()["id"]]
        # Where there are two secrets there is no third; of these one can go.
        full, single = (
            made_id(employer, "/webhooks", {"url": f"https://hr.example.nl/{name}"}) for name in ("full", "single")
        )
        self.known["rotating-webhooks"] = [full]
        self.known["other-webhooks"] = [single]
        self.known["secrets"] = [full, made_id(employer, f"/webhooks/{full}/secrets", {})]
