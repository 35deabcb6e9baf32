"""The one place from which requests leave the house.

Only https, only to hosts of which every address is public, never after a redirect, never longer than one total time,
and never more than 64 kB of an answer. The address that was checked is the one that is called (requests-hardened pins
it), so a name that changes its address in between gains nothing.
"""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from http.client import HTTPException
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3
from requests.utils import DEFAULT_CA_BUNDLE_PATH
from requests_hardened import Config, HTTPSession
from requests_hardened.ip_filter import InvalidIPAddress
from requests_hardened.ip_filter_adapter import IPFilterAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from service.config import Settings
from service.delivery.rules import url_fault

MOST_BYTES = 64 * 1024
CONNECT_SECONDS = 5.0
_PIECE = 8 * 1024

_TRANSLATED = tuple(
    ipaddress.ip_network(network)
    for network in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "192.88.99.0/24", "5f00::/16", "3fff::/20")
)
"""Networks that lead elsewhere, or nowhere, and that Python's tables may call global."""


class Failure(StrEnum):
    """Why no answer came. Shown to the owner of the webhook."""

    REFUSED_TARGET = "refused-target"
    NO_CONNECTION = "no-connection"
    TLS = "tls"
    TIMEOUT = "timeout"
    BAD_ANSWER = "bad-answer"


class NotSent(Exception):
    """No answer came, or none that can be read."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.value)
        self.failure = failure


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer. `headers` are looked up without regard to case; `body` holds at most 64 kB and is never unpacked."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Sender:
    """Sends single requests; may be used from many threads. `seconds` is the total time of each."""

    def __init__(self, *, seconds: float, private_targets: bool = False) -> None:
        self.seconds = seconds
        self.private_targets = private_targets

    @classmethod
    def from_settings(cls, settings: Settings) -> Sender:
        return cls(seconds=settings.webhook_seconds, private_targets=settings.webhook_private_targets)

    def send(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None) -> Reply:
        """One request, one answer. Raises NotSent."""
        if url_fault(url, private_targets=self.private_targets) is not None:
            raise NotSent(Failure.REFUSED_TARGET)
        with _deadline(self.seconds) as deadline:
            try:
                return self._send(method, url, headers, body, deadline)
            except _EXPECTED as error:
                raise NotSent(Failure.TIMEOUT if deadline.is_over else _failure(error)) from error

    def _send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, deadline: _Deadline
    ) -> Reply:
        _check_addresses(urlsplit(url).hostname or "", self.private_targets)
        with HTTPSession(_config(self.private_targets)) as session:
            session.trust_env = False
            for scheme, is_https in (("http://", False), ("https://", True)):
                session.mount(scheme, _Adapter(is_https, self.private_targets))
            answer = session.request(
                method,
                url,
                headers={"Accept-Encoding": "identity", "Connection": "close", **headers},
                data=body,
                stream=True,
                timeout=(min(CONNECT_SECONDS, self.seconds), self.seconds),
            )
            with contextlib.closing(answer):
                content = _read(answer.raw)
                if deadline.is_over:
                    raise NotSent(Failure.TIMEOUT)
                return Reply(answer.status_code, answer.headers, content)


def is_public(address: str) -> bool:
    """Whether this IP address is one of the internet at large."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return is_public(str(ip.ipv4_mapped))
        if ip.is_site_local or ip.sixtofour is not None or ip.teredo is not None:
            return False
    return ip.is_global and not ip.is_multicast and not any(ip in network for network in _TRANSLATED)


def _check_addresses(host: str, private_targets: bool) -> None:
    found = {str(entry[4][0]) for entry in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)}
    for address in found:
        _check_address(address, private_targets)


def _check_address(address: str, private_targets: bool) -> None:
    if not (is_public(address) or (private_targets and ipaddress.ip_address(address).is_loopback)):
        raise NotSent(Failure.REFUSED_TARGET)


def _read(raw: Any) -> bytes:
    content = b""
    while len(content) < MOST_BYTES:
        piece = raw.read(min(_PIECE, MOST_BYTES - len(content)), decode_content=False)
        if not piece:
            break
        content += piece
    return content


class _Deadline:
    """Ends the conversations of one request when its time is over, whatever they wait for: a time-out of a socket
    counts anew for every byte that arrives."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True
        self._timer.start()

    @property
    def is_over(self) -> bool:
        return time.monotonic() >= self._end

    def watch(self, connection: socket.socket) -> None:
        # A second handle on the same connection: TLS takes the first one over.
        with self._lock:
            self._sockets.append(connection.dup())
        if self.is_over:
            self._cut()

    def close(self) -> None:
        self._timer.cancel()
        with self._lock:
            for handle in self._sockets:
                handle.close()
            self._sockets.clear()

    def _cut(self) -> None:
        with self._lock:
            for handle in self._sockets:
                with contextlib.suppress(OSError):
                    handle.shutdown(socket.SHUT_RDWR)


_current: ContextVar[_Deadline] = ContextVar("deadline of the request under way")


@contextlib.contextmanager
def _deadline(seconds: float) -> Iterator[_Deadline]:
    deadline = _Deadline(seconds)
    token = _current.set(deadline)
    try:
        yield deadline
    finally:
        _current.reset(token)
        deadline.close()


class _Connection(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        connection = super()._new_conn()
        _current.get().watch(connection)
        return connection


class _TlsConnection(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        connection = super()._new_conn()
        _current.get().watch(connection)
        return connection


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


class _Adapter(IPFilterAdapter):  # type: ignore[misc]
    """requests-hardened's filter, with our connections, one TLS context for all, and our own look at the address."""

    def __init__(self, is_https: bool, private_targets: bool) -> None:
        self._private_targets = private_targets
        super().__init__(is_https_proto=is_https, allow_loopback=private_targets)

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        super().init_poolmanager(*arguments, **options)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}

    def build_connection_pool_key_attributes(self, *arguments: Any, **options: Any) -> tuple[Any, Any]:
        host, pool = super().build_connection_pool_key_attributes(*arguments, **options)
        _check_address(host["host"].strip("[]"), self._private_targets)
        if host["scheme"] == "https":
            pool["ssl_context"] = tls_context()
        return host, pool

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        conn.cert_reqs = "CERT_REQUIRED"


@cache
def tls_context() -> ssl.SSLContext:
    """Verifies, from TLS 1.2. Made once: reading the list of authorities takes longer than a request."""
    context = ssl.create_default_context(cafile=DEFAULT_CA_BUNDLE_PATH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


@cache
def _config(private_targets: bool) -> Config:
    return Config(
        ip_filter_enable=True,
        ip_filter_allow_loopback_ips=private_targets,
        never_redirect=True,
        default_timeout=(CONNECT_SECONDS, CONNECT_SECONDS),
        user_agent_override="Servicepunt/1",
    )


_EXPECTED = (requests.RequestException, urllib3.exceptions.HTTPError, HTTPException, OSError, ValueError, NotSent)


def _failure(error: BaseException) -> Failure:
    if isinstance(error, NotSent):
        return error.failure
    if isinstance(error, (InvalidIPAddress, requests.exceptions.InvalidURL)):
        return Failure.REFUSED_TARGET
    if isinstance(error, (requests.exceptions.SSLError, ssl.SSLError)):
        return Failure.TLS
    if isinstance(error, (requests.Timeout, TimeoutError, urllib3.exceptions.TimeoutError)):
        return Failure.TIMEOUT
    reason = error.args[0] if error.args else None
    if isinstance(reason, (urllib3.exceptions.ProtocolError, HTTPException)) or isinstance(
        error, (urllib3.exceptions.ProtocolError, HTTPException, ValueError)
    ):
        return Failure.BAD_ANSWER
    return Failure.NO_CONNECTION
