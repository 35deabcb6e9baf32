"""The OpenAPI document, made from the same declarations that serve the requests."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from marshmallow import Schema

from service.kernel.endpoints import CODE, Endpoint, Routes
from service.kernel.requests import JSON
from service.kernel.schemas import NoQuery

PROBLEM = "application/problem+json"

_PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "RFC 9457 problem details. `errors` lists all that is wrong with the input, at once.",
    "required": ["type", "title", "status", "detail", "instance"],
    "properties": {
        "type": {"type": "string", "format": "uri", "description": "Stable; says what kind of problem this is"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What to do, in the language of Accept-Language"},
        "instance": {"type": "string", "description": "The path of the request"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["code", "detail"],
                "properties": {
                    "pointer": {"type": "string", "description": "JSON Pointer into the body"},
                    "parameter": {"type": "string", "description": "Name of a query key or header"},
                    "code": {"type": "string"},
                    "detail": {"type": "string"},
                },
            },
        },
    },
}

_TEXT = {"schema": {"type": "string"}}
_HEADERS: dict[str, dict[str, Any]] = {
    "API-Version": {"description": "Full version of the API", **_TEXT, "required": True},
    "ETag": {"description": "Version and digest of this answer: send it back in If-Match", **_TEXT},
    "Location": {"description": "Address of what was made", **_TEXT},
    "Link": {"description": "rel=next: the next page (RFC 8288)", **_TEXT},
    "Content-Disposition": {"description": "attachment, with a name for the file", **_TEXT},
    "Retry-After": {"description": "Seconds to wait", **_TEXT},
    "WWW-Authenticate": {"description": "How to authenticate (RFC 6750)", **_TEXT},
    "RateLimit-Policy": {"description": "The limits of this client: quota and window in seconds", **_TEXT},
    "RateLimit": {"description": "What is left of them, and after how many seconds they are whole again", **_TEXT},
    "Idempotent-Replayed": {"description": "true: the stored answer to this Idempotency-Key", **_TEXT},
}

_PARAMETERS: dict[str, dict[str, Any]] = {
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "One key per intended effect, kept for 7 days: the same request again gets the stored answer.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": r"^[\x21-\x7e]{1,255}$"},
    },
    "IfMatch": {
        "name": "If-Match",
        "in": "header",
        "required": True,
        "description": "The ETag of what you read: the change happens only if nobody changed it in between.",
        "schema": {"type": "string"},
    },
    "IfMatchOfPresent": {
        "name": "If-Match",
        "in": "header",
        "description": "The ETag of what is there. One of If-Match and If-None-Match is needed.",
        "schema": {"type": "string"},
    },
    "IfNoneMatchAny": {
        "name": "If-None-Match",
        "in": "header",
        "description": "`*`: make it, if nothing is there yet.",
        "schema": {"type": "string"},
    },
    "IfNoneMatch": {
        "name": "If-None-Match",
        "in": "header",
        "description": "The ETag that you have: 304 when nothing changed.",
        "schema": {"type": "string"},
    },
    "AcceptLanguage": {
        "name": "Accept-Language",
        "in": "header",
        "description": "Language of sentences for people: nl (default) or en.",
        "schema": {"type": "string", "default": "nl"},
    },
}

_PROBLEMS: dict[str, str] = {
    "400": "The input is not valid: all errors at once",
    "401": "No valid access token",
    "403": "The token does not allow this",
    "404": "Unknown, not yours, or erased",
    "406": "Not available in the form asked for",
    "409": "Not possible in the present state",
    "412": "Changed in the meantime",
    "413": "The body is too large",
    "415": "Unsupported media type",
    "428": "If-Match is missing",
    "429": "More than the limits of this client allow",
    "503": "Temporarily unavailable; nothing was stored",
}


def build(
    routes: Iterable[Routes],
    *,
    scopes: Mapping[str, str],
    title: str,
    version: str,
    description: str,
    contact: Mapping[str, str],
    server: str,
) -> dict[str, Any]:
    """The document as a plain value, in a stable order. `scopes` says what each of them allows."""
    all_routes = list(routes)
    spec = APISpec(
        title=title,
        version=version,
        openapi_version="3.1.0",
        plugins=[MarshmallowPlugin(schema_name_resolver=_schema_name)],
        info={
            "description": description,
            "contact": dict(contact),
        },
        servers=[{"url": server, "description": "The service"}],
    )
    spec.components.schema("Problem", _PROBLEM_SCHEMA)
    spec.components.security_scheme(
        "oauth2",
        {
            "type": "oauth2",
            "description": "Client credentials; the client proves itself with private_key_jwt (RFC 7523).",
            "flows": {
                "clientCredentials": {
                    "tokenUrl": "/oauth/token",
                    "scopes": {scope: scopes[scope] for scope in sorted(_scopes(all_routes))},
                }
            },
        },
    )
    for name, header in _HEADERS.items():
        spec.components.header(name, header)
    for name, parameter in _PARAMETERS.items():
        spec.components.parameter(name, parameter["in"], parameter)
    for status, about in _PROBLEMS.items():
        spec.components.response(f"Problem{status}", _problem(status, about))
    for group in all_routes:
        spec.tag({"name": group.tag, "description": group.about})
        for endpoint in group.endpoints:
            spec.path(path=endpoint.path, operations={endpoint.method.lower(): _operation(endpoint)})
    document: dict[str, Any] = spec.to_dict()
    return document


def _scopes(routes: Sequence[Routes]) -> set[str]:
    return {endpoint.scope for group in routes for endpoint in group.endpoints if endpoint.scope is not None}


def _schema_name(schema: Any) -> str:
    kind = schema if isinstance(schema, type) else type(schema)
    name: str = kind.__name__
    if isinstance(schema, Schema) and schema.partial and not name.endswith("Change"):
        return name.removesuffix("Body") + "Change"
    return name


def _problem(status: str, about: str) -> dict[str, Any]:
    headers = {"API-Version": {"$ref": "#/components/headers/API-Version"}}
    if status == "401":
        headers["WWW-Authenticate"] = {"$ref": "#/components/headers/WWW-Authenticate"}
    if status in ("429", "503"):
        headers["Retry-After"] = {"$ref": "#/components/headers/Retry-After"}
    return {
        "description": about,
        "headers": headers,
        "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


def _operation(endpoint: Endpoint) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": endpoint.operation_id,
        "tags": [endpoint.tag],
        "summary": endpoint.summary,
        "parameters": _parameters(endpoint),
        "responses": _responses(endpoint),
        "security": [{"oauth2": [endpoint.scope]}] if endpoint.scope is not None else [],
    }
    if endpoint.description:
        operation["description"] = endpoint.description
    if endpoint.body is not None:
        operation["requestBody"] = {"required": True, "content": {endpoint.content_type: {"schema": endpoint.body}}}
    if endpoint.upload:
        operation["requestBody"] = {"required": True, "content": {each: _file(each) for each in endpoint.upload}}
    return operation


def _file(media_type: str) -> dict[str, Any]:
    """OpenAPI 3.1: what is no JSON has no schema but its media type; text says that it is text."""
    text = media_type.startswith("text/") or media_type.endswith("ndjson")
    form = {} if text else {"format": "binary"}
    return {"schema": {"type": "string", "minLength": 1} | form}


def _parameters(endpoint: Endpoint) -> list[Any]:
    found: list[Any] = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "string"} if name == CODE else {"type": "string", "format": "uuid"},
        }
        for name in re.findall(r"\{(\w+)\}", endpoint.path)
    ]
    if not isinstance(endpoint.query, NoQuery):
        found.append({"in": "query", "schema": endpoint.query})
    if endpoint.creates_by_post and endpoint.scope is not None:
        found.append("IdempotencyKey")
    if endpoint.method == "PUT":
        found += ["IfMatchOfPresent", "IfNoneMatchAny"]
    elif endpoint.if_match:
        found.append("IfMatch")
    if _has_tag(endpoint):
        found.append("IfNoneMatch")
    found.append("AcceptLanguage")
    return found


def _has_tag(endpoint: Endpoint) -> bool:
    """Whether it can be asked whether something changed."""
    return endpoint.method == "GET" and not endpoint.is_list and not endpoint.download


def _responses(endpoint: Endpoint) -> dict[str, Any]:
    names = ["API-Version"]
    if endpoint.location is not None:
        names.append("Location")
    if endpoint.response is not None:
        names.append("Link" if endpoint.is_list else "ETag")
    if endpoint.download:
        names.append("Content-Disposition")
    if endpoint.creates_by_post and endpoint.scope is not None:
        names.append("Idempotent-Replayed")
    if endpoint.limited:
        names += ["RateLimit-Policy", "RateLimit"]
    good: dict[str, Any] = {
        "description": "Done",
        "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in names},
    }
    if endpoint.response is not None:
        good["content"] = {endpoint.media_type: {"schema": endpoint.response}}
    if endpoint.download:
        good["content"] = {each: _file(each) for each in endpoint.download}
    if endpoint.streamed is not None:
        text = {"type": "string", "description": endpoint.streamed.about}
        good["content"][endpoint.streamed.essence] = {"schema": text}
    responses: dict[str, Any] = {str(endpoint.status): good}
    if endpoint.dry_run is not None:
        headers = {name: header for name, header in good["headers"].items() if name != "Location"}
        content = {JSON: {"schema": endpoint.dry_run}}
        responses["200"] = {"description": "What would happen (dryRun)", "headers": headers, "content": content}
    if _has_tag(endpoint):
        headers = {name: {"$ref": f"#/components/headers/{name}"} for name in ("API-Version", "ETag")}
        responses["304"] = {"description": "Nothing changed", "headers": headers}
    for status in sorted(_refusals(endpoint)):
        responses[status] = f"Problem{status}"
    return responses


def _refusals(endpoint: Endpoint) -> set[str]:
    statuses = {"400", "406", "503"}
    if endpoint.scope is not None:
        statuses |= {"401", "403"}
    if "{" in endpoint.path:
        statuses.add("404")
    if endpoint.body is not None:
        statuses |= {"413", "415"} if endpoint.search else {"409", "413", "415"}
    if endpoint.creates_by_post:
        statuses.add("409")
    if endpoint.limited:
        statuses.add("429")
    if endpoint.upload:
        statuses |= {"409", "413", "415"}
    if endpoint.refuses or (endpoint.download and not endpoint.reading):
        statuses.add("409")
    if endpoint.if_match:
        statuses |= {"409", "412", "428"}
    return statuses
