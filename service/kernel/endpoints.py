"""Endpoints as a room declares them. Nothing about one is written twice: from the same declaration the gateway serves
and the OpenAPI document is made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from service.kernel.database import UnitOfWork
from service.kernel.requests import JSON, Expected
from service.kernel.schemas import NoQuery, Schema, View

MERGE_PATCH = "application/merge-patch+json"
CODE = "code"
"""The one parameter of a path that is a code of a closed list; all others are ids."""


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
class Streamed:
    """The whole of a list in another form than JSON, made piece by piece for who prefers that form.

    `piece` makes one, in a transaction of its own that is over before the bytes leave: it gets where the one before
    ended (None: nowhere yet) and says where it ended itself (None: it was the last).
    """

    media_type: str
    file_name: str
    about: str
    piece: Callable[[Call, Any], tuple[bytes, Any]]

    @property
    def essence(self) -> str:
        """The media type without its parameters."""
        return self.media_type.partition(";")[0]


@dataclass(frozen=True, slots=True)
class Download:
    """A file as the answer of an operation: its beginning, and what gives the next piece of it in a transaction of its
    own (None: that was all)."""

    media_type: str
    file_name: str
    body: bytes
    following: Callable[[UnitOfWork], bytes | None] | None = None


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The contract of one operation.

    `scope` None means anonymous. `location` is the address of what a 201 made, `{id}` filled from the answer.
    `reading` marks work that writes nothing, not even a line in the access log. `search` marks a POST that only asks,
    and so needs no Idempotency-Key; `limited` what counts against the limits of the client. `upload` names the media
    types of a body that is taken as it is, however large: it reaches the operation as an `imports.uploads.Upload`.
    `download` names the media types of a file that is the answer, as a `Download`.
    `media_type` is that of an answer that is JSON of a form of its own. `refuses` marks a question that the present
    state can refuse (409).
    `dry_run` is the view of the answer, with status 200, when the query key `dryRun` asks what would happen: nothing
    is made then.
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
    dry_run: View | None = None
    status: int = 200
    location: str | None = None
    if_match: bool = False
    reading: bool = False
    search: bool = False
    limited: bool = False
    streamed: Streamed | None = None
    upload: tuple[str, ...] = ()
    download: tuple[str, ...] = ()
    media_type: str = JSON
    refuses: bool = False

    @property
    def creates_by_post(self) -> bool:
        return self.method == "POST" and not self.reading and not self.search

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
        dry_run: type[View] | None = None,
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
                    dry_run=dry_run() if dry_run else None,
                    **contract,
                )
            )
            return handle

        return declare


def _operation_id(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)
