"""Reading a request: its language, its query and body, the key under which it may be repeated, the versions it expects.

What is wrong with query and body is collected, so that a caller hears of everything at once.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson
from marshmallow import ValidationError
from werkzeug.wrappers import Request

from service.kernel import problems, strict_json
from service.kernel.problems import FieldError, Problem, invalid_input
from service.kernel.schemas import NoQuery, Schema, field_errors
from service.kernel.text import Language, Text

if TYPE_CHECKING:
    from service.kernel.endpoints import Endpoint

JSON = "application/json"
_KEY = re.compile(r"[\x21-\x7e]{1,255}")
_TAG = re.compile(r'"(\d{1,9})-[0-9a-f]{16}"')
_MOST_VERSIONS = 10**9
_TRACE = re.compile(r"00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")


NOT_THERE = 0
"""The version of what does not exist yet: a PUT that only makes sends `If-None-Match: *`."""


@dataclass(frozen=True, slots=True)
class Expected:
    """The versions that the caller named in If-Match; None stands for `*`."""

    versions: frozenset[int] | None
    must_exist: bool = False

    def check(self, version: int) -> None:
        """Raises 412 when the row has moved on."""
        if self.must_exist and version == NOT_THERE:
            raise problems.stale()
        if self.versions is not None and version not in self.versions:
            raise problems.stale()


def version_of_view(view: Mapping[str, Any]) -> int:
    """A version for a reader who must not learn that its row was changed where it cannot see it: equal as long as
    the view (its `version` apart) says the same."""
    shown = {name: value for name, value in view.items() if name != "version"}
    digest = hashlib.blake2b(orjson.dumps(shown, default=str), digest_size=8).digest()
    return 1 + int.from_bytes(digest, "big") % (_MOST_VERSIONS - 1)


def language_of(incoming: Request) -> Language:
    """Dutch, unless the caller prefers English."""
    wanted = incoming.headers.get("Accept-Language")
    if wanted is None:
        return Language.DUTCH
    return Language(incoming.accept_languages.best_match(["nl", "en"], default="nl"))


def preferred_form(endpoint: Endpoint, incoming: Request) -> str:
    """JSON, or the other form that the endpoint has where the caller prefers that. Raises 406 when it can take none.

    Which of its forms a file has, is told by the query or by what was sent before: any of them will do.
    """
    accept = incoming.headers.get("Accept")
    if accept is None:
        return JSON
    offered = list(endpoint.download) or [endpoint.media_type]
    if endpoint.streamed is not None:
        offered.append(endpoint.streamed.essence)
    elif "*/*" in accept or offered[0] in accept:
        return offered[0]
    found = incoming.accept_mimetypes.best_match(offered) or next((form for form in offered if form in accept), None)
    if found is None:
        forms = Text(" of ".join(offered), " or ".join(offered))
        raise Problem(
            406,
            "not-acceptable",
            Text("Deze vorm hebben we niet", "Not available in this form"),
            Text(f"Vraag om {forms.nl}.", f"Ask for {forms.en}."),
        )
    return found


def read_query(endpoint: Endpoint, incoming: Request) -> tuple[Mapping[str, Any], list[FieldError]]:
    """The query keys, and what is wrong with them."""
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


def read_body(endpoint: Endpoint, schema: Schema, incoming: Request, raw: bytes) -> tuple[Any, list[FieldError]]:
    """The body, and what is wrong with its fields. Raises 400 or 415 when it cannot be read at all."""
    encoding = incoming.headers.get("Content-Encoding", "identity")
    if incoming.mimetype != endpoint.content_type or encoding != "identity":
        raise refused_kind(endpoint.content_type, "Accept-Patch" if endpoint.method == "PATCH" else "Accept-Post")
    try:
        return schema.load(strict_json.loads(raw)), []
    except ValidationError as error:
        return None, field_errors(error.messages)


def refused_kind(accepted: str, header: str) -> Problem:
    """415: a body of another media type than `accepted`, or a compressed one."""
    return Problem(
        415,
        "unsupported-media-type",
        Text("Deze soort inhoud kunnen we niet lezen", "Unsupported media type"),
        Text(
            f"Stuur de inhoud met Content-Type {accepted}, niet ingepakt.",
            f"Send the body with Content-Type {accepted}, not compressed.",
        ),
        headers={header: accepted},
    )


def read_key(incoming: Request) -> str | None:
    """The Idempotency-Key, if there is one. Raises 400 for one of the wrong form."""
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


def read_if_match(endpoint: Endpoint, incoming: Request) -> Expected:
    """The versions that a change expects. Raises 428 where the endpoint asks for them and none came."""
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
                "Haal de gegevens op en stuur hun ETag mee in If-Match. Maakt u iets nieuws met PUT: If-None-Match: *.",
                "Read the resource and send its ETag in If-Match. To make a new one by PUT: If-None-Match: *.",
            ),
        )
    if header.strip() == "*":
        return Expected(None, must_exist=True)
    tags = [_TAG.fullmatch(tag.strip()) for tag in header.split(",")]
    return Expected(frozenset(int(tag[1]) for tag in tags if tag is not None))


def next_link(incoming: Request, cursor: str) -> str:
    """The Link header of a page: the same list, from `cursor` on."""
    kept = [f"{key}={value}" for key, value in _encoded(incoming) if key != "cursor"]
    return f'<{incoming.path}?{"&".join([*kept, "cursor=" + cursor])}>; rel="next"'


def _encoded(incoming: Request) -> list[tuple[str, str]]:
    pairs = (part.partition("=") for part in incoming.query_string.decode("latin-1").split("&") if part)
    return [(key, value) for key, _, value in pairs]


def trace_id(incoming: Request) -> str:
    """The W3C trace to which the request belongs; a new one where it names none."""
    found = _TRACE.fullmatch(incoming.headers.get("traceparent", ""))
    return found[1] if found else secrets.token_hex(16)
