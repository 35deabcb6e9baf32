"""The web application, assembled from the rooms."""

from __future__ import annotations

from functools import cache, partial
from importlib import resources
from typing import Any

import orjson
import structlog
from flask import Flask, Response, request
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule
from werkzeug.wrappers import Request

from service.access.actor import log_replay
from service.access.keys import field_keys
from service.access.oauth import register_oauth
from service.access.tokens import Authenticator
from service.config import Settings, read_settings
from service.kernel import openapi, problems
from service.kernel.clock import Clock, system_clock
from service.kernel.crypto import Vault
from service.kernel.database import Database
from service.kernel.front import Front, Reply
from service.kernel.http import Gateway, unavailable
from service.kernel.problems import Problem
from service.kernel.text import Text
from service.rooms import PERMISSIONS, ROOMS
from service.vacancies.sharing.web import register_shared_list
from service.worklists.calendars.web import register_calendars

API_VERSION = "1.0.0"
PREFIX = "/v1"
_ABOUT = (
    "One entrance for employers: report contract ends and freed vacancies early, see who at UWV is responsible, and "
    "hear what came of it. Errors are RFC 9457 problem details; every change asks for the ETag that you read; every "
    "POST can be repeated safely with an Idempotency-Key."
)
_CONTACT = {"name": "Servicepunt, integration desk", "email": "servicepunt@example.nl", "url": "https://example.nl"}
# Swagger UI sets style attributes and draws its icons from data URLs; everything else comes from here.
_DOCS_POLICY = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'"

_log = structlog.get_logger()


def create_app(settings: Settings | None = None, clock: Clock = system_clock) -> Flask:
    """The application. Raises WrongSetting where the settings are not fit for their mode."""
    settings = settings or read_settings()
    settings.check()
    database = open_database(settings, clock)
    app = Flask("servicepunt", static_folder=None)
    app.url_map.merge_slashes = False
    app.url_rule_class = _OnlyMatched
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body_bytes
    app.extensions["servicepunt_database"] = database
    problems_page = f"{settings.url}/docs/problems#"
    gateway = Gateway(database, Authenticator(settings), log_replay, api_version=API_VERSION, type_base=problems_page)
    endpoints = [endpoint for room in ROOMS for routes in room.routes for endpoint in routes.endpoints]
    gateway.register(app, endpoints, PREFIX)
    register_oauth(app, database, settings, PERMISSIONS, dict(gateway.headers))
    register_calendars(app, database, dict(gateway.headers))
    register_shared_list(app, database, dict(gateway.headers))
    _register_health(app, database, gateway)
    _register_documentation(app, gateway)
    refuse = partial(_refused, gateway)
    app.register_error_handler(Exception, lambda error: refuse(error, request, request.endpoint).to_response())
    paths = [(PREFIX + endpoint.path, endpoint) for endpoint in endpoints]
    app.wsgi_app = Front(gateway.serve, paths, refuse, app.wsgi_app, settings.max_body_bytes)  # type: ignore[method-assign]
    return app


class _OnlyMatched(Rule):
    """A rule from which no address is made. To prepare for that takes longer than all else at the start; where the
    library does it another way some day, the start is slower again and nothing else changes."""

    def _compile_builder(self, append_unknown: bool = True) -> Any:
        return lambda *values: None


def open_database(settings: Settings, clock: Clock = system_clock) -> Database:
    """The database of these settings, with the keys of its sealed fields."""
    vault = Vault(field_keys(settings.data_dir))
    return Database(settings.database, clock=clock, settings=settings, vault=vault, pool_size=settings.threads + 2)


def document(server: str = "https://servicepunt.example.nl/v1") -> dict[str, Any]:
    """The OpenAPI document of this code."""
    routes = [routes for room in ROOMS for routes in room.routes]
    scopes = {permission.scope: permission.allows for permission in PERMISSIONS}
    return openapi.build(
        routes,
        scopes=scopes,
        title="Servicepunt",
        version=API_VERSION,
        description=_ABOUT,
        contact=_CONTACT,
        server=server,
    )


@cache
def _document_bytes() -> bytes:
    return orjson.dumps(document())


def _register_health(app: Flask, database: Database, gateway: Gateway) -> None:
    @app.get("/health/live")
    def live() -> Response:
        return Response("ok", headers=list(gateway.headers), content_type="text/plain; charset=utf-8")

    @app.get("/health/ready")
    def ready() -> Response:
        try:
            with database.reading() as uow:
                uow.execute(text("SELECT version_num FROM alembic_version")).one()
        except SQLAlchemyError:
            raise unavailable() from None
        return Response("ok", headers=list(gateway.headers), content_type="text/plain; charset=utf-8")


def _register_documentation(app: Flask, gateway: Gateway) -> None:
    assets = resources.files("flask_swagger_ui") / "dist"
    own = resources.files("service") / "docs_page"
    headers = dict(gateway.headers) | {"Content-Security-Policy": _DOCS_POLICY, "Cache-Control": "no-cache"}
    kinds = {"css": "text/css", "js": "text/javascript", "html": "text/html", "png": "image/png"}

    @app.get(f"{PREFIX}/openapi.json")
    def openapi_document() -> Response:
        cors = dict(gateway.headers) | {"Access-Control-Allow-Origin": "*"}
        return Response(_document_bytes(), headers=cors, content_type="application/json")

    def serve(name: str, content: bytes) -> Response:
        kind = kinds[name.rpartition(".")[2]]
        return Response(content, headers=headers, content_type=f"{kind}; charset=utf-8")

    @app.get("/docs")
    def docs() -> Response:
        return serve("index.html", (own / "index.html").read_bytes())

    @app.get("/docs/problems")
    def docs_problems() -> Response:
        return serve("problems.html", (own / "problems.html").read_bytes())

    @app.get("/docs/assets/<name>")
    def docs_asset(name: str) -> Response:
        if name in ("swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png"):
            return serve(name, (assets / name).read_bytes())
        if name in ("setup.js", "page.css"):
            return serve(name, (own / name).read_bytes())
        raise problems.not_found()


def _refused(gateway: Gateway, error: Exception, incoming: Request, endpoint: str | None) -> Reply:
    """The answer to whatever went wrong, found by Flask or on the quick way."""
    if isinstance(error, Problem):
        return gateway.problem_reply(error, incoming)
    if isinstance(error, HTTPException):
        return gateway.problem_reply(_translated(error), incoming)
    # Only the kind of error and where it came from: a message can hold what somebody sent.
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f"{trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}" if trace else ""
    _log.error("request failed", error=type(error).__name__, where=where, endpoint=endpoint)
    return gateway.problem_reply(_INTERNAL, incoming)


_INTERNAL = Problem(
    500,
    "internal-error",
    Text("Er ging iets mis bij ons", "Something went wrong on our side"),
    Text(
        "Er is niets opgeslagen. Probeer het later opnieuw, of bel het Servicepunt.",
        "Nothing was stored. Try again later, or call the Servicepunt.",
    ),
)


def _translated(error: HTTPException) -> Problem:
    if error.code == 404 or error.code is None:
        return problems.not_found()
    if error.code == 405:
        headers = {name: value for name, value in error.get_headers() if name == "Allow"}
        return Problem(
            405,
            "method-not-allowed",
            Text("Dit kan niet op dit adres", "Not possible at this address"),
            Text("Gebruik een methode uit de kop Allow.", "Use a method from the Allow header."),
            headers=headers,
        )
    if error.code == 413:
        return Problem(
            413,
            "too-large",
            Text("Het verzoek is te groot", "The request is too large"),
            Text(
                "Een verzoek mag hooguit 1 MB zijn, tenzij de beheerder anders besloot.",
                "A request may be 1 MB, unless the operator decided otherwise.",
            ),
        )
    return Problem(
        error.code,
        "refused",
        Text("Het verzoek is niet te lezen", "The request cannot be read"),
        Text("Controleer het verzoek en stuur het opnieuw.", "Check the request and send it again."),
    )
