"""The way in over HTTP. A room declares its endpoints; the gateway does for each of them what is the same for all:
authenticate, authorise, replay, validate, run in one transaction, answer.

Nothing about an endpoint is written twice: the declaration here is also what the OpenAPI document is made from.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import orjson
from flask import Flask, Response, request
from marshmallow import ValidationError
from sqlalchemy.exc import DBAPIError, OperationalError, TimeoutError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.wrappers import Request

from service.kernel import idempotency, problems, strict_json
from service.kernel.database import Database, UnitOfWork
from service.kernel.front import Reply
from service.kernel.ids import is_id
from service.kernel.problems import FieldError, Problem, invalid_input
from service.kernel.schemas import NoQuery, Schema, View, field_errors
from service.kernel.text import Language, Text, reading_language

JSON = "application/json"
MERGE_PATCH = "application/merge-patch+json"
_JSON_TYPE = ("Content-Type", JSON)
_PROBLEM_TYPE = ("Content-Type", "application/problem+json")
_KEY = re.compile(r"[\x21-\x7e]{1,255}")
_TAG = re.compile(r'"(\d{1,9})-[0-9a-f]{16}"')
_TRACE = re.compile(r"00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")


class Caller(Protocol):
    """What the gateway has to know of whoever calls."""

    @property
    def client_id(self) -> str: ...
    @property
    def scopes(self) -> frozenset[str]: ...


class Authenticator(Protocol):
    def __call__(self, database: Database, authorization: str | None) -> Caller:
        """The caller. Raises a 401 Problem with WWW-Authenticate."""
        ...


Replayed = Callable[[UnitOfWork, Mapping[str, list[Any]]], None]


NOT_THERE = 0
"""The version of what does not exist yet: a PUT that only makes sends `If-None-Match: *`."""


@dataclass(frozen=True, slots=True)
class Expected:
    """The versions that the caller named in If-Match; None stands for `*`."""

    versions: frozenset[int] | None

    def check(self, version: int) -> None:
        """Raises 412 when the row has moved on."""
        if self.versions is not None and version not in self.versions:
            raise problems.stale()


@dataclass(slots=True)
class Call:
    """One request, read and checked, with its transaction."""

    uow: UnitOfWork
    actor: Any
    path: Mapping[str, str]
    query: Mapping[str, Any]
    body: Any
    expected: Expected

    @property
    def id(self) -> str:
        return self.path["id"]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The contract of one operation.

    `scope` None means anonymous. `location` is the address of what a 201 made, `{id}` filled from the answer.
    `reading` marks work that writes nothing, not even a line in the access log.
    """

    method: str
    path: str
    scope: str | None
    handle: Callable[[Call], Any]
    summary: str
    description: str
    operation_id: str
    tag: str
    body: Schema | None = None
    query: Schema = field(default_factory=NoQuery)
    response: View | None = None
    status: int = 200
    location: str | None = None
    if_match: bool = False
    reading: bool = False

    @property
    def creates_by_post(self) -> bool:
        return self.method == "POST" and not self.reading

    @property
    def is_list(self) -> bool:
        """Whether the answer is one page of a list, which has a Link instead of an ETag."""
        return self.response is not None and "next" in self.response.fields

    @property
    def content_type(self) -> str:
        return MERGE_PATCH if self.method == "PATCH" else JSON


class Routes:
    """The endpoints of a room, in the order of their declaration."""

    def __init__(self, tag: str, about: str) -> None:
        self.tag = tag
        self.about = about
        self.endpoints: list[Endpoint] = []

    def get(self, path: str, **contract: Any) -> Callable[[Callable[[Call], Any]], Callable[[Call], Any]]:
        return self._declare("GET", path, **contract)

    def post(self, path: str, **contract: Any) -> Callable[[Callable[[Call], Any]], Callable[[Call], Any]]:
        return self._declare("POST", path, **contract)

    def put(self, path: str, **contract: Any) -> Callable[[Callable[[Call], Any]], Callable[[Call], Any]]:
        return self._declare("PUT", path, if_match=True, **contract)

    def patch(self, path: str, **contract: Any) -> Callable[[Callable[[Call], Any]], Callable[[Call], Any]]:
        return self._declare("PATCH", path, if_match=True, **contract)

    def delete(self, path: str, **contract: Any) -> Callable[[Callable[[Call], Any]], Callable[[Call], Any]]:
        return self._declare("DELETE", path, **{"status": 204} | contract)

    def _declare(
        self,
        method: str,
        path: str,
        *,
        scope: str | None,
        body: type[Schema] | None = None,
        query: type[Schema] = NoQuery,
        response: type[View] | None = None,
        **contract: Any,
    ) -> Callable[[Callable[[Call], Any]], Callable[[Call], Any]]:
        def declare(handle: Callable[[Call], Any]) -> Callable[[Call], Any]:
            summary, _, description = (handle.__doc__ or "").strip().partition("\n")
            self.endpoints.append(
                Endpoint(
                    method=method,
                    path=path,
                    scope=scope,
                    handle=handle,
                    summary=summary,
                    description=" ".join(description.split()),
                    operation_id=_operation_id(handle.__name__),
                    tag=self.tag,
                    body=body(partial=method == "PATCH") if body else None,
                    query=query(),
                    response=response() if response else None,
                    **contract,
                )
            )
            return handle

        return declare


def _operation_id(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


class Gateway:
    """Serves endpoints from a Flask application."""

    def __init__(
        self, database: Database, authenticate: Authenticator, replayed: Replayed, *, api_version: str, type_base: str
    ) -> None:
        self.database = database
        self.authenticate = authenticate
        self.replayed = replayed
        self.type_base = type_base
        self.headers = (
            ("API-Version", api_version),
            ("Cache-Control", "no-store"),
            ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
            ("Referrer-Policy", "no-referrer"),
            ("Strict-Transport-Security", "max-age=31536000; includeSubDomains"),
            ("X-Content-Type-Options", "nosniff"),
            ("X-Frame-Options", "DENY"),
        )

    def register(self, app: Flask, endpoint: Endpoint, prefix: str) -> None:
        rule = prefix + endpoint.path.replace("{", "<").replace("}", ">")

        def serve(**path: str) -> Response:
            incoming = request._get_current_object()  # type: ignore[attr-defined]
            return self.serve(endpoint, incoming, path).to_response()

        app.add_url_rule(rule, endpoint.operation_id, serve, methods=[endpoint.method])

    def serve(self, endpoint: Endpoint, incoming: Request, path: Mapping[str, str]) -> Reply:
        reading_language.set(language_of(incoming))
        actor = None
        if endpoint.scope is not None:
            actor = self.authenticate(self.database, incoming.headers.get("Authorization"))
            if endpoint.scope not in actor.scopes:
                raise _insufficient_scope(endpoint.scope)
        if not all(is_id(value) for value in path.values()):
            raise problems.not_found()
        _check_accept(incoming)
        query, errors = _read_query(endpoint, incoming)
        body: Any = None
        broken: Problem | None = None
        raw = b""
        if endpoint.body is not None:
            raw = incoming.get_data()
            try:
                body, body_errors = _read_body(endpoint, endpoint.body, incoming, raw)
                errors += body_errors
            except Problem as problem:
                broken = problem
        key = _read_key(incoming) if actor is not None and endpoint.creates_by_post else None
        refusal = broken or (invalid_input(errors) if errors else None)
        if refusal is not None and key is None:
            raise refusal
        expected = Expected(None) if key is not None and refusal is not None else _read_if_match(endpoint, incoming)
        try:
            if endpoint.reading:
                with self.database.reading() as uow:
                    data = endpoint.handle(Call(uow, actor, path, query, body, expected))
                    return self._answer(endpoint, incoming, data)
            with self.database.transaction() as uow:
                uow.trace_id = _trace_id(incoming)
                fingerprint = b""
                if key is not None and actor is not None:
                    where = incoming.path.encode()
                    fingerprint = uow.vault.fingerprint(endpoint.method.encode(), where, raw)
                    stored = idempotency.replay(uow, actor.client_id, key, fingerprint)
                    if stored is not None:
                        self.replayed(uow, stored.notes)
                        return self._replay(stored)
                if refusal is not None:
                    raise refusal
                data = endpoint.handle(Call(uow, actor, path, query, body, expected))
                uow.write_notes()
                reply = self._answer(endpoint, incoming, data)
                if key is not None and actor is not None:
                    answer = idempotency.Answer(
                        reply.status,
                        {name: value for name, value in reply.headers if name in ("ETag", "Location")},
                        reply.body.decode(),
                        (uow.notes.get("access", []) and {"access": uow.notes["access"]}) or {},
                    )
                    idempotency.store(uow, actor.client_id, key, fingerprint, answer)
                return reply
        except StaleDataError:
            raise problems.stale() from None
        except (OperationalError, TimeoutError) as error:
            raise unavailable() from error
        except DBAPIError as error:
            if error.connection_invalidated:
                raise unavailable() from error
            raise

    def _answer(self, endpoint: Endpoint, incoming: Request, data: Any) -> Reply:
        headers = list(self.headers)
        if endpoint.response is None:
            return Reply(endpoint.status, headers)
        version = data.get("version") if isinstance(data, dict) else None
        if endpoint.location is not None:
            headers.append(("Location", "/v1" + endpoint.location.format(**data)))
        body = orjson.dumps(endpoint.response.dump(data))
        if endpoint.is_list:
            if data["next"] is not None:
                headers.append(("Link", _next_link(incoming, data["next"])))
        else:
            tag = etag(body, version)
            headers.append(("ETag", tag))
            if endpoint.method == "GET" and tag in incoming.headers.get("If-None-Match", ""):
                return Reply(304, headers)
        headers.append(_JSON_TYPE)
        return Reply(endpoint.status, headers, body)

    def _replay(self, stored: idempotency.Answer) -> Reply:
        headers = [*self.headers, *stored.headers.items(), ("Idempotent-Replayed", "true"), _JSON_TYPE]
        return Reply(stored.status, headers, stored.body.encode())

    def problem_reply(self, problem: Problem, incoming: Request) -> Reply:
        language = language_of(incoming)
        body = orjson.dumps(problem.to_dict(language, incoming.path, self.type_base))
        headers = [*self.headers, ("Content-Language", language.value), *problem.headers.items(), _PROBLEM_TYPE]
        return Reply(int(problem.status), headers, body)

    def problem_response(self, problem: Problem, incoming: Request) -> Response:
        return self.problem_reply(problem, incoming).to_response()


def etag(body: bytes, version: int | None) -> str:
    """A strong tag: the row's version, which If-Match is held against, and a digest of this view of it."""
    digest = hashlib.blake2b(body, digest_size=8).hexdigest()
    return f'"{0 if version is None else version}-{digest}"'


def language_of(incoming: Request) -> Language:
    wanted = incoming.headers.get("Accept-Language")
    if wanted is None:
        return Language.DUTCH
    return Language(incoming.accept_languages.best_match(["nl", "en"], default="nl"))


def unavailable() -> Problem:
    """503: the database cannot be reached, or is too busy."""
    return Problem(
        503,
        "temporarily-unavailable",
        Text("Even niet bereikbaar", "Temporarily unavailable"),
        Text(
            "Er is niets opgeslagen. Probeer het over enkele seconden opnieuw.",
            "Nothing was stored. Try again in a few seconds.",
        ),
        headers={"Retry-After": "5"},
    )


def _insufficient_scope(scope: str) -> Problem:
    problem = problems.forbidden(
        f"Uw token heeft de scope '{scope}' niet.", f"Your token lacks the scope '{scope}'.", "insufficient-scope"
    )
    problem.headers = {"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{scope}"'}
    return problem


def _check_accept(incoming: Request) -> None:
    accept = incoming.headers.get("Accept")
    if accept is None or "*/*" in accept or JSON in accept:
        return
    if incoming.accept_mimetypes.best_match([JSON]) is None:
        raise Problem(
            406,
            "not-acceptable",
            Text("Deze vorm hebben we niet", "Not available in this form"),
            Text("Vraag om application/json.", "Ask for application/json."),
        )


def _read_query(endpoint: Endpoint, incoming: Request) -> tuple[Mapping[str, Any], list[FieldError]]:
    if not incoming.query_string and isinstance(endpoint.query, NoQuery):
        return {}, []
    arguments = incoming.args.to_dict(flat=False)
    twice = [
        FieldError("duplicate", Text("Geef dit één keer.", "Give this once."), parameter=name)
        for name, values in arguments.items()
        if len(values) > 1
    ]
    broken = [
        FieldError("unstorable-text", Text("Onleesbare tekens.", "Unreadable characters."), parameter=name)
        for name, values in arguments.items()
        if any("\ufffd" in value or "\x00" in value for value in values)
    ]
    try:
        return endpoint.query.load({name: values[0] for name, values in arguments.items()}), twice + broken
    except ValidationError as error:
        return {}, twice + broken + field_errors(error.messages, in_query=True)


def _read_body(endpoint: Endpoint, schema: Schema, incoming: Request, raw: bytes) -> tuple[Any, list[FieldError]]:
    if incoming.mimetype != endpoint.content_type:
        raise Problem(
            415,
            "unsupported-media-type",
            Text("Deze soort inhoud kunnen we niet lezen", "Unsupported media type"),
            Text(
                f"Stuur de inhoud met Content-Type {endpoint.content_type}.",
                f"Send the body with Content-Type {endpoint.content_type}.",
            ),
            headers={"Accept-Patch" if endpoint.method == "PATCH" else "Accept-Post": endpoint.content_type},
        )
    try:
        return schema.load(strict_json.loads(raw)), []
    except ValidationError as error:
        return None, field_errors(error.messages)


def _read_key(incoming: Request) -> str | None:
    keys = incoming.headers.getlist("Idempotency-Key")
    if not keys:
        return None
    if len(keys) > 1 or _KEY.fullmatch(keys[0]) is None:
        raise invalid_input(
            [
                FieldError(
                    "wrong-form",
                    Text(
                        "Stuur één sleutel van 1 tot 255 zichtbare ASCII-tekens.",
                        "Send one key of 1 to 255 visible ASCII characters.",
                    ),
                    parameter="Idempotency-Key",
                )
            ]
        )
    return keys[0]


def _read_if_match(endpoint: Endpoint, incoming: Request) -> Expected:
    if not endpoint.if_match:
        return Expected(None)
    if endpoint.method == "PUT" and incoming.headers.get("If-None-Match", "").strip() == "*":
        return Expected(frozenset({NOT_THERE}))
    header = incoming.headers.get("If-Match")
    if header is None:
        raise Problem(
            428,
            "precondition-required",
            Text("If-Match ontbreekt", "If-Match is missing"),
            Text(
                "Haal de gegevens op en stuur hun ETag mee in If-Match.",
                "Read the resource and send its ETag in If-Match.",
            ),
        )
    if header.strip() == "*":
        return Expected(None)
    tags = [_TAG.fullmatch(tag.strip()) for tag in header.split(",")]
    return Expected(frozenset(int(tag[1]) for tag in tags if tag is not None))


def _next_link(incoming: Request, cursor: str) -> str:
    kept = [f"{key}={value}" for key, value in _encoded(incoming) if key != "cursor"]
    return f'<{incoming.path}?{"&".join([*kept, "cursor=" + cursor])}>; rel="next"'


def _encoded(incoming: Request) -> list[tuple[str, str]]:
    pairs = (part.partition("=") for part in incoming.query_string.decode("latin-1").split("&") if part)
    return [(key, value) for key, _, value in pairs]


def _trace_id(incoming: Request) -> str:
    found = _TRACE.fullmatch(incoming.headers.get("traceparent", ""))
    return found[1] if found else secrets.token_hex(16)
