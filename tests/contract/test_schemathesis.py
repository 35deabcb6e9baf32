"""What the OpenAPI document says is what the service does: schemathesis reads it and sends what it allows and what it
forbids, to each operation, on both databases.

SCHEMATHESIS_EXAMPLES sets the number of requests per operation in the fuzzing phase.
"""

from __future__ import annotations

import os
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import AcceptedNegativeData, Failure
from schemathesis.core.parameters import ParameterLocation
from schemathesis.core.transport import Response
from schemathesis.engine import events, from_schema
from schemathesis.engine.recorder import ScenarioRecorder
from schemathesis.hooks import HookContext
from schemathesis.openapi.checks import RejectedPositiveData
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi import _auth_retry
from schemathesis.specs.openapi.schemas import OpenApiSchema

from service.access.rules import PartyKind
from service.app import API_VERSION, document
from service.kernel.endpoints import MERGE_PATCH
from service.kernel.imports.reading import CSV, MEDIA_TYPES
from service.rooms import PERMISSIONS, ROOMS
from service.schema import migrate
from tests.contract.contract_world import ContractWorld, Known
from tests.support import databases
from tests.support.house import House, SettableClock, settings_for

pytestmark = pytest.mark.long

EXAMPLES = int(os.environ.get("SCHEMATHESIS_EXAMPLES", "5"))
TAGS = [routes.tag for room in ROOMS for routes in room.routes]
# A world takes a second to make.
GROUPS = [TAGS[first::5] for first in range(5)]
SCOPES = {
    endpoint.operation_id: endpoint.scope for room in ROOMS for routes in room.routes for endpoint in routes.endpoints
}
PARTIES = {row.scope: sorted(row.parties - {PartyKind.SYSTEM}) for row in PERMISSIONS}

# The collection that a path parameter, a field of a body or a query key names something of.
IN_PATHS = {
    "establishmentId": "establishments",
    "absenceId": "absences",
    "agreementId": "agreements",
    "code": "checklist-codes",
    "deliveryId": "deliveries",
    "memberId": "members",
    "offerId": "pool-offers",
    "personId": "persons",
    "replayId": "replays",
    "secretId": "secrets",
    "teamId": "teams",
}
# The same for operations that want something of their own collection.
OF_THESE = {
    "POST /contract-end-signals/{id}/answers": "asked-signals",
    "POST /vacancies/{id}/take-over": "brought-in",
    "DELETE /webhooks/{id}/secrets/{secretId}": "rotating-webhooks",
    "GET /webhooks/{id}/secrets/{secretId}": "rotating-webhooks",
    "POST /webhooks/{id}/secrets": "other-webhooks",
}
FIELDS = {
    "backupId": "caseworkers",
    "candidateId": "candidates",
    "caseworkerId": "caseworkers",
    "employerId": "employers",
    "employmentId": "employments",
    "employmentIds": "employments",
    "fromId": "receivers",
    "establishmentId": "establishments",
    "freedBySignalId": "contract-end-signals",
    "jobcoachOrganisationId": "jobcoaches",
    "leadPartyId": "parties",
    "poolId": "mobility-pools",
    "officeId": "offices",
    "organisationId": "jobcoaches",
    "partyId": "parties",
    "personId": "persons",
    "personIds": "persons",
    "referralIds": "referrals",
    "teamId": "teams",
    "toId": "mobility-pools",
    "transferId": "referral-transfers",
    "vacancyId": "vacancies",
}
# Values that exist, where a schema can only say what they look like.
EXISTING = {
    "bsn": ["123456782", "111222333", "999990342", "987654329"],
    "email": ["naam@example.nl"],
    "kvkNumber": ["69599084", "12345678"],
    "municipality": ["Groningen", "GM0014"],
    "number": ["000037178598"],
    "occupationCode": ["9333", "4321"],
    "occupations": ["9333", "4321"],
    "payrollTaxNumber": ["822477348L01"],
    "phone": ["+442079460002"],
    "postcode": ["9711AB", "9712 AB"],
    "postcode4": ["9711"],
    "postcodes4": ["9711", "9712"],
    "occupationGroups": ["43", "93"],
    "regionCode": ["AM01", "AM02"],
    "regionCodes": ["AM01", "AM02"],
    "url": ["https://hr.example.nl/servicepunt/events"],
}

# What chance does not find: who asks what, of the first thing there is. LAST stands for the last one.
LAST = "last"
SENSIBLE: dict[str, tuple[PartyKind, Any]] = {
    "GET /caseworkers/{id}/absences/{absenceId}": (PartyKind.UWV, None),
    "GET /contacts": (PartyKind.EMPLOYER, None),
    "GET /caseworkers/{id}/clients/{personId}": (PartyKind.UWV, None),
    "GET /contract-end-signals/{id}/handover-profile": (PartyKind.UWV, None),
    "GET /contract-end-signals/{id}/own-view": (PartyKind.UWV, None),
    "GET /contract-end-signals/{id}/plan": (PartyKind.UWV, None),
    "GET /contract-end-signals/{id}/plan/history": (PartyKind.UWV, None),
    "GET /contract-end-signals/{id}/advice": (PartyKind.UWV, None),
    "GET /contract-end-signals/{id}/pause": (PartyKind.UWV, None),
    "GET /contract-end-signals/{id}/start-interview": (PartyKind.UWV, None),
    "GET /contract-end-signals/{id}/checklist": (PartyKind.EMPLOYER, None),
    "GET /contract-end-signals/{id}/checklist/{code}": (PartyKind.UWV, None),
    "PATCH /contract-end-signals/{id}/checklist/{code}": (PartyKind.UWV, {"done": True}),
    "PUT /contract-end-signals/{id}/pause": (PartyKind.UWV, {"pausedUntil": "2027-03-31", "wish": "person"}),
    "PUT /contract-end-signals/{id}/start-interview": (PartyKind.UWV, {"result": "not_needed"}),
    "DELETE /contract-end-signals/{id}/pause": (PartyKind.DESK, None),
    "DELETE /contract-end-signals/{id}/start-interview": (PartyKind.DESK, None),
    "DELETE /caseworkers/{id}/absences/{absenceId}": (PartyKind.UWV, None),
    "DELETE /calendar-feeds/{id}": (PartyKind.EMPLOYER, None),
    "DELETE /employer-contacts/{id}": (PartyKind.WSP, None),
    "GET /calendar-feeds/{id}": (PartyKind.DESK, None),
    "GET /employer-contacts/{id}": (PartyKind.UWV, None),
    "GET /offices/{id}/teams/{teamId}": (PartyKind.UWV, None),
    "DELETE /webhooks/{id}/secrets/{secretId}": (PartyKind.EMPLOYER, None),
    "GET /webhooks/{id}/deliveries": (PartyKind.EMPLOYER, None),
    "GET /vacancies/{id}/job-posting": (PartyKind.EMPLOYER, None),
    "GET /vacancies/{id}/vum": (PartyKind.EMPLOYER, None),
    "GET /candidates/{id}/vum": (PartyKind.UWV, None),
    "GET /webhooks/{id}/deliveries/{deliveryId}": (PartyKind.EMPLOYER, None),
    "GET /webhooks/{id}/replays/{replayId}": (PartyKind.EMPLOYER, None),
    "GET /webhooks/{id}/secrets/{secretId}": (PartyKind.EMPLOYER, None),
    "POST /webhooks/{id}/deliveries/{deliveryId}/retries": (PartyKind.EMPLOYER, None),
    "POST /webhooks/{id}/replays": (PartyKind.EMPLOYER, {"from": "2026-11-20T00:00:00Z"}),
    "POST /webhooks/{id}/secrets": (PartyKind.EMPLOYER, None),
    "POST /webhooks/{id}/test-events": (PartyKind.EMPLOYER, None),
    "PATCH /caseworkers/{id}/absences/{absenceId}": (PartyKind.UWV, {"lastDay": "2026-12-07"}),
    "PATCH /employer-contacts/{id}": (PartyKind.UWV, {"caseworkerId": LAST}),
    "PATCH /offices/{id}/teams/{teamId}": (PartyKind.UWV, {"name": "Team Wajong"}),
    "GET /employments/{id}/agreements": (PartyKind.UWV, None),
    "GET /employments/{id}/agreements/{agreementId}": (PartyKind.UWV, None),
    "GET /employments/{id}/agreements/{agreementId}/history": (PartyKind.UWV, None),
    "PATCH /employments/{id}/agreements/{agreementId}": (PartyKind.UWV, {"evaluations": ["2027-02-20"]}),
    "PATCH /links/{id}": (PartyKind.UWV, {"disclosed": True, "reason": "wage_dispensation"}),
    "POST /assignment-imports": (PartyKind.UWV, "bsn;ad\n123456782;niemand\n"),
    "GET /assignment-imports/{id}/failed-rows": (PartyKind.UWV, None),
    "GET /employers/{id}/import-mapping": (PartyKind.EMPLOYER, None),
    "PUT /employers/{id}/import-mapping": (
        PartyKind.EMPLOYER,
        {
            "columns": [{"heading": "Nr.", "column": "reference"}],
            "words": [{"column": "contractType", "text": "BEP", "value": "fixed_term"}],
        },
    ),
    "DELETE /employers/{id}/import-mapping": (PartyKind.EMPLOYER, None),
    "POST /contract-end-signal-imports": (PartyKind.EMPLOYER, "dienstverband;fase;werknemer weet het\nx;twijfel;ja\n"),
    "POST /assignments": (PartyKind.UWV, {"bsn": "999990342", "caseworkerId": LAST, "validFrom": "2026-12-15"}),
    "POST /call-backs": (
        PartyKind.EMPLOYER,
        {
            "employmentId": LAST,
            "subject": "contact",
            "phone": "+442079460002",
            "windows": [{"date": "2026-11-24", "from": "09:00", "to": "12:00"}],
        },
    ),
    "POST /call-backs/{id}/transitions": (PartyKind.DESK, {"to": "not_reached"}),
    "POST /calendar-feeds": (PartyKind.UWV, {"name": "Deadlines", "caseworkerId": LAST}),
    "POST /candidates/{id}/transitions": (PartyKind.WSP, {"to": "paused", "pausedUntil": "2026-12-31"}),
    "POST /candidates/{id}/pool-offers": (
        PartyKind.UWV,
        {"poolId": LAST, "consent": {"how": "phone", "on": "2026-11-20"}},
    ),
    "GET /candidates/{id}/pool-offers/{offerId}": (PartyKind.UWV, None),
    "DELETE /candidates/{id}/pool-offers/{offerId}": (PartyKind.UWV, None),
    "GET /mobility-pools/{id}/candidates": (PartyKind.MOBILITY_POOL, None),
    "GET /mobility-pools/{id}/overview": (PartyKind.EMPLOYER, None),
    "GET /mobility-pools/{id}/vacancies": (PartyKind.EMPLOYER, None),
    "POST /contract-end-signals/{id}/answers": (PartyKind.EMPLOYER, {"answer": "undecided"}),
    "POST /contract-end-signals/{id}/transitions": (PartyKind.UWV, {"to": "planned"}),
    "GET /employers/{id}/coverage": (PartyKind.EMPLOYER, None),
    "POST /employment-questions/{id}/transitions": (
        PartyKind.EMPLOYER,
        {"to": "answered", "answer": "ended", "endDate": "2026-12-31"},
    ),
    "POST /employment-imports": (PartyKind.EMPLOYER, "referentie;begindatum;contractsoort\nHR-9;1-1-2025;vast\n"),
    "POST /employments/{id}/agreements": (PartyKind.UWV, {"agreedOn": "2026-11-20", "participants": ["employee"]}),
    "PUT /contract-end-signals/{id}/handover-profile": (
        PartyKind.EMPLOYER,
        {"tasksDoneWell": [], "whatHelps": ["fixed_tasks"], "hoursHeld": 24},
    ),
    "PUT /contract-end-signals/{id}/own-view": (PartyKind.UWV, {"toldOn": "2026-11-20", "means": "letter"}),
    "PUT /contract-end-signals/{id}/plan": (
        PartyKind.UWV,
        {"service": "naar_werk", "startDate": "2026-12-07", "lead": "arbeidsdeskundige"},
    ),
    "POST /caseworkers/{id}/absences": (PartyKind.UWV, {"firstDay": "2026-12-14"}),
    "POST /employer-contacts": (
        PartyKind.UWV,
        {"employerId": LAST, "regionCode": "AM02", "caseworkerId": LAST},
    ),
    "POST /contacts/_search": (PartyKind.EMPLOYER, {"employeeNumbers": ["0042", "nobody"]}),
    "POST /links": (PartyKind.UWV, {"employmentId": LAST, "disclosed": False}),
    "POST /proposals": (PartyKind.WSP, {"vacancyId": LAST, "candidateId": LAST, "proposedBy": "P. Smit"}),
    "POST /proposals/{id}/transitions": (PartyKind.WSP, {"to": "introduced"}),
    "POST /reassignments": (
        PartyKind.UWV,
        {
            "from": {"postcodes4": ["9711"]},
            "to": [{"teamId": LAST}],
            "onDate": "2026-12-21",
            "note": "Maak kennis.",
        },
    ),
    "POST /reassignments/{id}/transitions": (PartyKind.UWV, {"to": "cancelled"}),
    "POST /referral-transfers": (PartyKind.DESK, {"fromId": LAST, "toId": LAST, "reason": "other"}),
    "POST /referrals/{id}/transitions": (PartyKind.WSP, {"to": "accepted"}),
    "POST /second-tracks": (
        PartyKind.EMPLOYER,
        {"employmentId": LAST, "waitingPeriodEndsOn": "2027-11-30", "employeeInformed": True},
    ),
    "PATCH /second-tracks/{id}": (
        PartyKind.EMPLOYER,
        {"waitingPeriodEndsOn": "2028-03-31", "waitingPeriodChange": "wage_sanction"},
    ),
    "POST /second-tracks/{id}/transitions": (PartyKind.DESK, {"to": "acknowledged"}),
    "POST /vacancies": (
        PartyKind.EMPLOYER,
        {
            "title": "Medewerker magazijn",
            "occupationCode": "9333",
            "hours": {"min": 24, "max": 24},
            "contractType": "fixed_term",
            "workplace": {"postcode": "9712 AB"},
        },
    ),
    "POST /vacancy-imports": (PartyKind.EMPLOYER, "referentie;titel;melding\nVAC-1;Kok;SP-0\n"),
    "PATCH /vacancies/{id}": (PartyKind.EMPLOYER, {"title": "Inpakker"}),
    "POST /vacancies/{id}/take-over": (PartyKind.EMPLOYER, None),
    "POST /vacancy-subscriptions": (PartyKind.UWV, {"name": "Groningen", "regionCodes": ["AM01"]}),
    "GET /vacancy-subscriptions/{id}": (PartyKind.JOBCOACH_ORGANISATION, None),
    "PATCH /vacancy-subscriptions/{id}": (PartyKind.JOBCOACH_ORGANISATION, {"email": "ander@example.nl"}),
    "DELETE /vacancy-subscriptions/{id}": (PartyKind.UWV, None),
    "POST /vacancies/{id}/transitions": (PartyKind.EMPLOYER, {"to": "on_hold"}),
}

FILLED = FIELDS.keys() | EXISTING.keys()

# Why a request that fits its schema may be refused: a rule over what exists, over more than one field, over the
# present state or over today. No schema can say these; each other refusal of such a request is a finding.
BEYOND_SCHEMA = {
    "backup-of-nobody",
    "before-agreement",
    "before-start",
    "before-the-trial",
    "cannot-lead",
    "consent-in-future",
    "consent-not-allowed",
    "consent-required",
    "day-does-not-fit",
    "employee-missing",
    "employee-not-informed",
    "end-before-start",
    "holds-bsn",
    "in-the-future",
    "in-the-past",
    "intended-contract-too-short",
    "invalid-bsn",
    "invalid-email",
    "invalid-establishment-number",
    "invalid-kvk-number",
    "invalid-payroll-tax-number",
    "invalid-phone",
    "no-workplace-there",
    "not-a-value",
    "not-direct",
    "not-a-participant",
    "not-a-working-day",
    "not-external",
    "not-fixed",
    "not-held",
    "named-twice",
    "nobody-chosen",
    "not-https",
    "not-in-order",
    "not-later",
    "not-in-this-step",
    "not-public",
    "not-with-the-desk",
    "not-with-this-answer",
    "not-with-this-move",
    "nothing-to-end",
    "nothing-to-transfer",
    "one-of",
    "other-kind",
    "other-person",
    "other-region",
    "other-side",
    "overlap",
    "own-backup",
    "place-contradicts",
    "reason-does-not-fit",
    "reason-not-allowed",
    "reason-required",
    "referral-not-live",
    "same-party",
    "services-exclude-each-other",
    "since-not-allowed",
    "task-twice",
    "tell-about-jobcoach",
    "too-few-positions",
    "too-many-combinations",
    "too-late",
    "too-many-hours",
    "too-soon",
    "trial-too-long",
    "trial-too-short",
    "two-places",
    "unknown-municipality",
    "unknown-occupation",
    "unknown-postcode",
    "unknown-reference",
    "unknown-region",
    "window-too-short",
    "wrong-party",
    "wrong-port",
    "wrong-role",
}
# The same for codes that a schema can cause as well: needed only beside another field, a range that moves with today.
BEYOND_SCHEMA_THERE = {
    ("blank", "/columns/0/heading"),
    ("out-of-range", "/expiresOn"),
    ("required", "/answer"),
    ("required", "/bsn"),
    ("required", "/caseworkerId"),
    ("required", "/caseworkerId"),
    ("required", "/consent"),
    ("required", "/contractType"),
    ("required", "/delayedUntil"),
    ("required", "/employerId"),
    ("required", "/email"),
    ("required", "/employer"),
    ("required", "/employmentId"),
    ("required", "/fromId"),
    ("required", "/endDate"),
    ("required", "/establishmentId"),
    ("required", "/hours"),
    ("required", "/intendedContractMonths"),
    ("required", "/kvkNumber"),
    ("required", "/name"),
    ("required", "/occupationCode"),
    ("required", "/outcome"),
    ("required", "/pausedUntil"),
    ("required", "/phone"),
    ("required", "/reason"),
    ("required", "/startDate"),
    ("required", "/startInterviewHeldOn"),
    ("required", "/title"),
    ("required", "/waitingPeriodChange"),
    ("required", "/waitingPeriodEndsOn"),
    ("required", "/workplace"),
    ("required", "/workplace/postcode"),
    ("unknown-cursor", "/cursor"),
    ("wrong-form", "/url"),
    # In a query U+FFFD stands for what could not be read.
    ("unstorable-text", ""),
}


def config() -> SchemathesisConfig:
    """The same requests in each run: nothing is kept between runs, and answers do not steer what is sent."""
    return SchemathesisConfig.from_dict(
        {
            "seed": 1,
            "cache": {"enabled": False},
            "analysis": {"constants": {"enabled": False}},
            "continue-on-failure": True,
            "checks": {
                # The one header that is required, besides Authorization, is If-Match.
                "missing_required_header": {"expected-statuses": ["400", "428"]},
                # 412: no schema knows the present version. 428: nor can one say that a PUT needs one of two headers.
                "positive_data_acceptance": {"expected-statuses": ["2xx", "403", "404", "409", "412", "428"]},
            },
            "generation": {"deterministic": True, "max-examples": EXAMPLES, "no-shrink": True, "database": "none"},
            "phases": {
                "examples": {"extra-data-sources": {"responses": False}},
                "coverage": {"extra-data-sources": {"responses": False}},
                "fuzzing": {"extra-data-sources": {"responses": False}, "error-feedback": {"enabled": False}},
                "stateful": {"link-calibration": False},
            },
        }
    )


def dice(*what: Any) -> int:
    """A number that is the same whenever the same request is drawn."""
    return zlib.crc32(repr(what).encode())


def fill(known: Known, made: Mapping[str, str], case: schemathesis.Case) -> schemathesis.Case:
    """Puts what exists into what was drawn, most of the time. What was drawn to be wrong stays as it is, as do the ids
    of what was just made."""
    meta = case.meta
    wrong = {where for where in ParameterLocation if meta is not None and meta.is_negative_at(where)}
    if case.path_parameters and ParameterLocation.PATH not in wrong:
        collection = OF_THESE.get(case.operation.label, case.path.split("/")[1])
        for name, value in case.path_parameters.items():
            number = dice(name, value)
            if number % 8 and value not in made:
                rows = known[IN_PATHS.get(name, collection)]
                case.path_parameters[name] = rows[number % len(rows)]
    if "If-Match" in case.headers and dice(case.headers["If-Match"], case.body) % 8:
        case.headers["If-Match"] = "*"
    if ParameterLocation.QUERY not in wrong:
        # A cursor is what an answer gave, and nothing else.
        case.query = {name: value for name, value in filled(known, case.query).items() if name != "cursor"}
    if ParameterLocation.BODY not in wrong:
        case.body = filled(known, case.body)
    return case


def filled(known: Known, value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: filled(known, item, key) for key, item in value.items()}
    if isinstance(value, list):
        return list(dict.fromkeys(filled(known, item, name) for item in value)) if name in FILLED else value
    number = dice(name, value)
    if isinstance(value, str) and number % 8:
        choices = known[FIELDS[name]] if name in FIELDS else EXISTING.get(name, [value])
        return choices[number % len(choices)]
    return value


def with_last(known: Known, value: Any, name: str = "") -> Any:
    """The body with what LAST stands for."""
    if isinstance(value, dict):
        return {key: with_last(known, item, key) for key, item in value.items()}
    if isinstance(value, list):
        return [with_last(known, item, name) for item in value]
    return known[FIELDS[name]][-1] if value is LAST else value


def is_about_the_schema(_: HookContext, failure: Failure, case: schemathesis.Case, response: Response) -> bool:
    """Whether it is the document that is wrong, and not a rule that no document can hold."""
    if isinstance(failure, AcceptedNegativeData) and case.media_type in MEDIA_TYPES:
        # Whatever is sent as a file is text: what is wrong with it is found when it is read.
        return not (case.meta is not None and case.meta.is_negative_at(ParameterLocation.BODY))
    if not isinstance(failure, RejectedPositiveData):
        return True
    return bool(unforeseen(response.json()))


def unforeseen(problem: dict[str, Any]) -> list[tuple[str, str]]:
    """The errors, as code and place, that a schema could have told."""
    errors = [(error["code"], error.get("pointer", "")) for error in problem.get("errors", ())]
    found = [error for error in errors if error[0] not in BEYOND_SCHEMA and error not in BEYOND_SCHEMA_THERE]
    return found if errors else [(problem["type"].rpartition("#")[2], "")]


PROBLEM = jsonschema_rs.Draft202012Validator(document()["components"]["schemas"]["Problem"], validate_formats=True)


@schemathesis.serializer(*MEDIA_TYPES)
def as_it_is(_: schemathesis.SerializationContext, value: Any) -> bytes | None:
    """A file goes out as it was drawn."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")


@schemathesis.check
def problems_fit(_: schemathesis.CheckContext, response: Response, case: schemathesis.Case) -> None:
    """Each refusal is a problem, also one to a request that the document does not know, such as another method."""
    if response.status_code < 400 or response.request.method == "HEAD":
        return
    assert response.headers["content-type"] == ["application/problem+json"]
    problem = response.json()
    wrong = [error.message for error in PROBLEM.iter_errors(problem)]
    assert not wrong, wrong
    assert problem["status"] == response.status_code
    assert response.headers["api-version"] == [API_VERSION]
    if response.status_code == 428:
        assert "If-Match" not in (case.headers or {})


@pytest.fixture(autouse=True)
def _no_sockets(monkeypatch: pytest.MonkeyPatch) -> None:
    """schemathesis 4.32 hands the settings of its sockets to Werkzeug when it tries wrong tokens."""
    build = _auth_retry.build_retry_transport_kwargs

    def without_sockets(*arguments: Any) -> dict[str, Any]:
        return {
            key: value for key, value in build(*arguments).items() if key not in ("max_redirects", "verify", "cert")
        }

    monkeypatch.setattr(_auth_retry, "build_retry_transport_kwargs", without_sockets)


@pytest.fixture(params=["sqlite", "postgresql"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ContractWorld]:
    if request.param == "sqlite":
        url = databases.sqlite_clone(databases.sqlite_template(migrate), tmp_path)
    else:
        url = databases.clone(databases.create_template(databases.postgres_server(), "main", migrate))
    # All of it happens in one minute of that clock.
    more = {
        "token_seconds": 3600,
        "digest_addresses_per_minute": 10**6,
        "contact_requests_per_minute": 10**6,
        "contact_people_per_day": 10**6,
    }
    house = House(settings_for(tmp_path, url, **more), SettableClock())
    yield ContractWorld(house)
    house.close()
    if request.param == "postgresql":
        databases.drop(url)


def schema_of(world: ContractWorld, phases: list[str]) -> OpenApiSchema:
    described = document()
    # The same requests: an access token in Authorization. schemathesis tries wrong and missing ones for this kind only.
    described["components"]["securitySchemes"]["oauth2"] = {"type": "http", "scheme": "bearer"}
    schema = schemathesis.openapi.from_dict(described, config=config())
    schema.app = world.house.app
    schema.config.phases.update(phases=phases)
    schema.hook("filter_failure")(is_about_the_schema)

    made: dict[str, str] = {}
    """Per id of what was made the token of its maker."""
    turns: Counter[str] = Counter()

    @schema.hook
    def map_case(_: HookContext, case: schemathesis.Case) -> schemathesis.Case:
        return fill(world.known, made, case)

    @schema.hook
    def before_add_examples(context: HookContext, examples: list[schemathesis.Case]) -> None:
        operation = context.operation
        if operation is not None and operation.label in SENSIBLE:
            kind, body = SENSIBLE[operation.label]
            collection = OF_THESE.get(operation.label, operation.path.split("/")[1])
            names = [part[1:-1] for part in operation.path.split("/") if part.startswith("{")]
            # What is deleted is the last there is, so that something is left for the others.
            path = {name: world.known[IN_PATHS.get(name, collection)][0] for name in names}
            if operation.method.upper() == "DELETE":
                path[names[-1]] = world.known[IN_PATHS.get(names[-1], collection)][-1]
            headers = {"If-Match": "*", **world.parties[kind].headers}
            sent: dict[str, Any] = {}
            if isinstance(body, str):
                sent = {"body": body, "media_type": CSV}
            elif body is not None:
                kind_of_body = MERGE_PATCH if operation.method.upper() == "PATCH" else "application/json"
                sent = {"body": with_last(world.known, body), "media_type": kind_of_body}
            case = operation.Case(path_parameters=path, headers=headers, **sent)
            case._has_explicit_auth = True
            examples.append(case)

    @schema.hook
    def after_call(_: HookContext, case: schemathesis.Case, response: Response) -> None:
        if "location" in response.headers:
            made[response.headers["location"][0].rpartition("/")[2]] = case.headers["Authorization"]

    @schema.auth(refresh_interval=None)
    class _Auth:
        """A token of a party of a kind that may call the operation: any kind, since each has a view of its own."""

        def get(self, case: schemathesis.Case, _: Any) -> str | None:
            scope = SCOPES[case.operation.definition.raw["operationId"]]
            if scope is None:
                return None
            # Webhooks are known to their own party only.
            kinds = ["employer"] if scope == "webhooks:manage" else PARTIES[scope]
            tokens = [world.parties[PartyKind(kind)].headers["Authorization"] for kind in kinds]
            makers = [made[row] for row in case.path_parameters.values() if made.get(row) in tokens]
            # In turn: drawn by what the case names, the choice would hang on ids that differ from run to run.
            turns[case.operation.label] += 1
            return makers[0] if makers else tokens[turns[case.operation.label] % len(tokens)]

        def set(self, case: schemathesis.Case, token: str, _: Any) -> None:
            case.headers["Authorization"] = token

    return schema


def run(schema: BaseSchema) -> tuple[set[str], list[str]]:
    """The operations that did what was asked at least once, and what is wrong."""
    done: set[str] = set()
    wrong: dict[tuple[str, str, str], str] = {}
    for event in from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished):
            recorder = event.recorder
            for case_id, interaction in recorder.interactions.items():
                operation = recorder.cases[case_id].value.operation
                asked = interaction.request.method == operation.method.upper()
                if asked and interaction.response is not None and interaction.response.status_code < 300:
                    done.add(operation.label)
            for case_id, checks in recorder.checks.items():
                for check in checks:
                    if check.failure_info is not None:
                        failure, sample = check.failure_info.failure, check.failure_info.code_sample
                        wrong.setdefault(
                            (recorder.label, failure.title, failure.message), sample + answer(recorder, case_id)
                        )
        elif isinstance(event, events.NonFatalError):
            wrong[(event.label, event.info.title, str(event.value))] = ""
        elif isinstance(event, events.FatalError):
            raise event.exception
    return done, ["\n".join((*what, sample)) for what, sample in wrong.items()]


def answer(recorder: ScenarioRecorder, case_id: str) -> str:
    response = recorder.interactions[case_id].response
    return "" if response is None else f"\n{response.status_code} {response.text[:1000]}"


@pytest.mark.slow
@pytest.mark.parametrize("tags", GROUPS, ids=",".join)
def test_the_document_is_true(world: ContractWorld, tags: list[str]) -> None:
    schema = schema_of(world, ["examples", "coverage", "fuzzing"]).include(tag=tags)
    done, wrong = run(schema)
    assert not wrong, "\n\n".join([f"{len(wrong)} findings", *wrong])
    assert done == {
        f"{endpoint.method} {endpoint.path}"
        for room in ROOMS
        for routes in room.routes
        for endpoint in routes.endpoints
        if routes.tag in tags
    }


@pytest.mark.slow
def test_the_document_is_true_of_what_follows(world: ContractWorld) -> None:
    """What one operation made, goes into the next."""
    done, wrong = run(schema_of(world, ["stateful"]))
    assert not wrong, "\n\n".join([f"{len(wrong)} findings", *wrong])
    assert done
