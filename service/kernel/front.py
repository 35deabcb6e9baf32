"""The quick way from the web server to our endpoints: one look-up in a table, and the answer as it is.

Flask keeps what it is good at: documents, tokens, HEAD, OPTIONS, and the errors of addresses that we do not have.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, NamedTuple

from flask import Response
from werkzeug.wrappers import Request

from service.kernel.ids import ID_ANYWHERE

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from service.kernel.endpoints import Endpoint

_STATUS_LINES: Final = {int(status): f"{status.value} {status.phrase}" for status in HTTPStatus}
_WITHOUT_BODY: Final = frozenset({204, 304})


class Reply(NamedTuple):
    """An answer, complete but for its length. The Content-Type is among the headers, where there is a body.

    `pieces` takes the place of the body where that is made while it is sent.
    """

    status: int
    headers: list[tuple[str, str]]
    body: bytes = b""
    pieces: Iterable[bytes] | None = None

    def to_response(self) -> Response:
        """The same for Flask."""
        response = Response(self.body if self.pieces is None else self.pieces, self.status, self.headers)
        if self.status in _WITHOUT_BODY:
            del response.headers["Content-Type"]
        return response


class Front:
    """Serves requests for endpoints; whatever fits none of them goes to `otherwise`.

    `refuse` makes the answer to an exception, given the request and the name of the endpoint.
    """

    def __init__(
        self,
        serve: Callable[[Endpoint, Request, Mapping[str, str]], Reply],
        endpoints: Iterable[tuple[str, Endpoint]],
        refuse: Callable[[Exception, Request, str], Reply],
        otherwise: WSGIApplication,
        max_body_bytes: int,
    ) -> None:
        """`endpoints`: each with its whole path."""
        self._serve = serve
        self._refuse = refuse
        self.otherwise = otherwise
        self._max_body_bytes = max_body_bytes
        self._table: dict[tuple[str, str], tuple[Endpoint, list[str]]] = {}
        for path, endpoint in endpoints:
            parts = path.split("/")
            names = [part[1:-1] for part in parts if part.startswith("{")]
            form = "/".join("*" if part.startswith("{") else part for part in parts)
            self._table[endpoint.method, form] = endpoint, names

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path: str = environ["PATH_INFO"]
        found = self._table.get((environ["REQUEST_METHOD"], ID_ANYWHERE.sub("*", path)))
        ids = ID_ANYWHERE.findall(path)
        # A path may hold a real asterisk.
        if found is None or len(ids) != len(found[1]):
            return self.otherwise(environ, start_response)
        endpoint, names = found
        incoming = Request(environ, populate_request=False)
        incoming.max_content_length = self._max_body_bytes
        try:
            status, headers, body, pieces = self._serve(endpoint, incoming, dict(zip(names, ids, strict=True)))
        except Exception as error:
            status, headers, body, pieces = self._refuse(error, incoming, endpoint.operation_id)
        if pieces is not None:
            start_response(_STATUS_LINES[status], headers)
            return pieces
        if status not in _WITHOUT_BODY:
            headers.append(("Content-Length", str(len(body))))
        start_response(_STATUS_LINES[status], headers)
        return [body]
