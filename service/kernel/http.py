"""The way in over HTTP. The gateway does for each endpoint what is the same for all: authenticate, authorise, replay,
validate, run in one transaction, answer."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from typing import Any, Protocol

import orjson
from flask import Flask, Response, request
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError, TimeoutError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Request

from service.kernel import idempotency, problems
from service.kernel.database import Database, UnitOfWork
from service.kernel.endpoints import CODE, Call, Download, Endpoint, Streamed
from service.kernel.front import Reply
from service.kernel.ids import is_id
from service.kernel.imports import uploads
from service.kernel.problems import Problem, invalid_input
from service.kernel.requests import (
    JSON,
    Expected,
    language_of,
    next_link,
    preferred_form,
    read_body,
    read_if_match,
    read_key,
    read_query,
    refused_kind,
    trace_id,
)
from service.kernel.schemas import View
from service.kernel.text import Text, reading_language

_JSON_TYPE = ("Content-Type", JSON)
_VARY = ("Vary", "Accept")
_PROBLEM_TYPE = ("Content-Type", "application/problem+json")


class BrokenOff(Exception):
    """A streamed answer failed on its way. Holds the kind of error only: a message can hold what somebody sent."""


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

    def register(self, app: Flask, endpoints: Iterable[Endpoint], prefix: str) -> None:
        """One rule for each path: Flask takes its time over a rule."""
        by_path: dict[str, dict[str, Endpoint]] = {}
        for endpoint in endpoints:
            by_path.setdefault(endpoint.path, {})[endpoint.method] = endpoint
        for path, by_method in by_path.items():
            rule = prefix + path.replace("{", "<").replace("}", ">")
            app.add_url_rule(rule, path, partial(self._serve_flask, by_method), methods=list(by_method))

    def _serve_flask(self, by_method: Mapping[str, Endpoint], **path: str) -> Response:
        incoming = request._get_current_object()  # type: ignore[attr-defined]
        endpoint = by_method["GET" if incoming.method == "HEAD" else incoming.method]
        return self.serve(endpoint, incoming, path).to_response()

    def serve(self, endpoint: Endpoint, incoming: Request, path: Mapping[str, str]) -> Reply:
        reading_language.set(language_of(incoming))
        actor = None
        if endpoint.scope is not None:
            actor = self.authenticate(self.database, incoming.headers.get("Authorization"))
            if endpoint.scope not in actor.scopes:
                raise _insufficient_scope(endpoint.scope)
        if not all(is_id(value) for name, value in path.items() if name != CODE):
            raise problems.not_found()
        form = preferred_form(endpoint, incoming)
        query, errors = read_query(endpoint, incoming)
        body: Any = None
        broken: Problem | None = None
        raw = b""
        if endpoint.body is not None:
            raw = incoming.get_data()
            try:
                body, body_errors = read_body(endpoint, endpoint.body, incoming, raw)
                errors += body_errors
            except Problem as problem:
                broken = problem
        key = read_key(incoming) if actor is not None and endpoint.creates_by_post else None
        refusal = broken or (invalid_input(errors) if errors else None)
        if refusal is not None and key is None:
            raise refusal
        expected = Expected(None) if key is not None and refusal is not None else read_if_match(endpoint, incoming)
        upload = None
        if endpoint.upload:
            if refusal is not None:
                raise refusal
            body = upload = self._receive(endpoint, incoming)
            raw = incoming.query_string + b"\n" + upload.media_type.encode() + b"\n" + upload.digest
        try:
            if form != JSON and endpoint.streamed is not None:
                return self._stream(endpoint.streamed, incoming, actor, path, query)
            if endpoint.download:
                return self._download(endpoint, incoming, actor, path, query)
            if endpoint.reading:
                with self.database.reading() as uow:
                    data = endpoint.handle(Call(uow, actor, path, query, body, expected))
                    return self._answer(endpoint, incoming, data, uow.headers)
            dry_run = endpoint.dry_run is not None and bool(query.get("dry_run"))
            with self.database.transaction() as uow:
                uow.trace_id = trace_id(incoming)
                fingerprint = b""
                if key is not None and actor is not None:
                    where = incoming.path.encode() + (b"?dry" if dry_run else b"")
                    fingerprint = uow.vault.fingerprint(endpoint.method.encode(), where, raw)
                    stored = idempotency.replay(uow, actor.client_id, key, fingerprint)
                    if stored is not None:
                        self.replayed(uow, stored.notes)
                        return self._replay(stored)
                if refusal is not None:
                    raise refusal
                try:
                    data = endpoint.handle(Call(uow, actor, path, query, body, expected))
                except Problem as problem:
                    if not problem.keeps:
                        raise
                    return self.problem_reply(problem, incoming)
                uow.write_notes()
                shown = endpoint.dry_run if dry_run else None
                reply = self._answer(endpoint, incoming, data, uow.headers, shown)
                if key is not None and actor is not None:
                    answer = idempotency.Answer(
                        reply.status,
                        {name: value for name, value in reply.headers if name in ("ETag", "Location")},
                        reply.body.decode(),
                        (uow.notes.get("access", []) and {"access": uow.notes["access"]}) or {},
                    )
                    idempotency.store(uow, actor.client_id, key, fingerprint, answer)
                upload = None
                return reply
        except StaleDataError:
            raise problems.stale() from None
        except (OperationalError, TimeoutError) as error:
            raise unavailable() from error
        except DBAPIError as error:
            if error.connection_invalidated:
                raise unavailable() from error
            raise
        finally:
            if upload is not None:
                with suppress(SQLAlchemyError):
                    uploads.throw_away(self.database, upload.id)

    def _receive(self, endpoint: Endpoint, incoming: Request) -> uploads.Upload:
        """A body that is kept apart before anything is done with it. Raises 400, 413 or 415."""
        if (
            incoming.mimetype not in endpoint.upload
            or incoming.headers.get("Content-Encoding", "identity") != "identity"
        ):
            raise refused_kind(", ".join(endpoint.upload), "Accept-Post")
        limit = self.database.settings.import_max_bytes
        # A body of a length that is not told is refused when it reaches this one, even if it ends there.
        incoming.max_content_length = limit + 1
        charset = incoming.mimetype_params.get("charset")
        try:
            upload = uploads.receive(self.database, incoming.stream, incoming.mimetype, charset)
        except RequestEntityTooLarge:
            raise problems.too_large(limit) from None
        except (OperationalError, TimeoutError) as error:
            raise unavailable() from error
        if not upload.size:
            raise problems.malformed("empty-file", "Het bestand is leeg.", "The file is empty.")
        return upload

    def _answer(
        self,
        endpoint: Endpoint,
        incoming: Request,
        data: Any,
        more: list[tuple[str, str]],
        dry_run: View | None = None,
    ) -> Reply:
        headers = [*self.headers, *more]
        if dry_run is not None:
            body = orjson.dumps(dry_run.dump(data))
            return Reply(200, [*headers, ("ETag", etag(body, None)), _JSON_TYPE], body)
        if endpoint.streamed is not None:
            headers.append(_VARY)
        if endpoint.response is None:
            return Reply(endpoint.status, headers)
        version = data.get("version") if isinstance(data, dict) else None
        if endpoint.location is not None:
            headers.append(("Location", "/v1" + endpoint.location.format(**data)))
        body = orjson.dumps(endpoint.response.dump(data))
        if endpoint.is_list:
            if data["next"] is not None:
                headers.append(("Link", next_link(incoming, data["next"])))
        else:
            tag = etag(body, version)
            headers.append(("ETag", tag))
            if endpoint.method == "GET" and tag in incoming.headers.get("If-None-Match", ""):
                return Reply(304, headers)
        headers.append(("Content-Type", endpoint.media_type))
        return Reply(endpoint.status, headers, body)

    def _stream(
        self, streamed: Streamed, incoming: Request, actor: Any, path: Mapping[str, str], query: Mapping[str, Any]
    ) -> Reply:
        """What can be refused is refused with the first piece, before anything is sent."""
        trace = trace_id(incoming)

        def make(after: Any) -> tuple[bytes, Any, list[tuple[str, str]]]:
            with self.database.transaction() as uow:
                uow.trace_id = trace
                piece, ended = streamed.piece(Call(uow, actor, path, query, None, Expected(None)), after)
            return piece, ended, uow.headers

        def pieces(piece: bytes, after: Any) -> Iterator[bytes]:
            yield piece
            while after is not None:
                try:
                    piece, after, _ = make(after)
                except Exception as error:
                    # The answer has begun: all that is left is to break it off, so that nobody takes it for whole.
                    raise BrokenOff(type(error).__name__) from None
                yield piece

        piece, after, more = make(None)
        named = ("Content-Disposition", f'attachment; filename="{streamed.file_name}"')
        headers = [*self.headers, *more, _VARY, named, ("Content-Type", streamed.media_type)]
        return Reply(200, headers, pieces=pieces(piece, after))

    def _download(
        self, endpoint: Endpoint, incoming: Request, actor: Any, path: Mapping[str, str], query: Mapping[str, Any]
    ) -> Reply:
        opened = self.database.reading() if endpoint.reading else self.database.transaction()
        with opened as uow:
            uow.trace_id = trace_id(incoming)
            file: Download = endpoint.handle(Call(uow, actor, path, query, None, Expected(None)))
        named = ("Content-Disposition", f'attachment; filename="{file.file_name}"')
        headers = [*self.headers, *uow.headers, named, ("Content-Type", file.media_type)]
        if file.following is None:
            return Reply(200, headers, file.body)
        return Reply(200, headers, pieces=self._pieces(file.body, file.following))

    def _pieces(self, body: bytes, following: Callable[[UnitOfWork], bytes | None]) -> Iterator[bytes]:
        piece: bytes | None = body
        while piece is not None:
            yield piece
            try:
                with self.database.reading() as uow:
                    piece = following(uow)
            except Exception as error:
                # As in `_stream`: the answer has begun.
                raise BrokenOff(type(error).__name__) from None

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
