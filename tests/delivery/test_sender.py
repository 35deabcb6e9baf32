from __future__ import annotations

import gzip
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from service.delivery import sender as module
from service.delivery.sender import MOST_BYTES, Failure, NotSent, Sender, is_public
from tests.delivery.delivery_kit import Heard, Receiver, a_receiver, reply

LOCAL = Sender(seconds=1.0, private_targets=True)
PUBLIC = Sender(seconds=1.0)


@contextmanager
def raw_server(talk: Callable[[socket.socket], None]) -> Iterator[str]:
    """Speaks whatever `talk` says, to one caller after the other."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.05)
    over = threading.Event()

    def serve() -> None:
        while not over.is_set():
            try:
                connection, _ = listener.accept()
            except TimeoutError:
                continue
            with connection:
                connection.settimeout(5)
                with suppress(OSError):
                    talk(connection)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
    finally:
        over.set()
        thread.join()
        listener.close()


def failure_of(sender: Sender, url: str, method: str = "POST") -> Failure:
    with pytest.raises(NotSent) as caught:
        sender.send(method, url, {}, b"{}")
    return caught.value.failure


def test_an_answer_comes_back(receiver: Receiver) -> None:
    receiver.answer = lambda handler, heard: reply(handler, 202, {"X-Word": "yes"}, b"thanks")
    answer = LOCAL.send("POST", receiver.url + "?a=b", {"X-Own": "1", "Content-Type": "text/plain"}, b"hello")
    assert (answer.status, answer.headers["x-word"], answer.body) == (202, "yes", b"thanks")
    [heard] = receiver.heard
    assert (heard.body, heard.path, heard.headers["x-own"]) == (b"hello", "/events?a=b", "1")
    assert heard.headers["user-agent"] == "Servicepunt/1"
    assert heard.headers["host"] == receiver.url.split("/")[2]


def redirect(status: int, target: str, handler: BaseHTTPRequestHandler, heard: Heard) -> None:
    reply(handler, status, {"Location": target})


def test_a_redirect_is_an_answer_and_is_not_followed(receiver: Receiver) -> None:
    with a_receiver() as elsewhere:
        for status in (301, 302, 303, 307, 308):
            receiver.answer = partial(redirect, status, elsewhere.url)
            assert LOCAL.send("POST", receiver.url, {}, b"{}").status == status
        assert elsewhere.heard == []


def test_the_environment_has_no_say(receiver: Receiver, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password something\n")
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1/")
    assert LOCAL.send("POST", receiver.url, {}, b"").status == 204
    assert "authorization" not in receiver.heard[0].headers


@pytest.mark.parametrize(
    "talk",
    [
        pytest.param(lambda connection: time.sleep(3), id="silence"),
        pytest.param(lambda connection: drip(connection, b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 100), id="headers"),
        pytest.param(
            lambda connection: drip(connection, b"x" * 100, b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"),
            id="body",
        ),
        pytest.param(lambda connection: drip(connection, b"x" * 100, b"HTTP/1.1 200 OK\r\n\r\n"), id="open end"),
    ],
)
def test_the_time_is_counted_in_total(talk: Callable[[socket.socket], None]) -> None:
    with raw_server(talk) as url:
        start = time.monotonic()
        assert failure_of(LOCAL, url) is Failure.TIMEOUT
        assert 0.9 < time.monotonic() - start < 2


def drip(connection: socket.socket, text: bytes, first: bytes = b"") -> None:
    connection.sendall(first)
    for index in range(len(text)):
        connection.sendall(text[index : index + 1])
        time.sleep(0.1)


def test_a_slow_tls_handshake_ends_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    with raw_server(lambda connection: drip(connection, b"\x16\x03\x03\x40\x00" + b"x" * 100)) as url:
        start = time.monotonic()
        assert failure_of(LOCAL, url.replace("http://", "https://")) is Failure.TIMEOUT
        assert time.monotonic() - start < 2


def test_no_more_than_64_kb_is_read(receiver: Receiver) -> None:
    sent = []

    def flood(handler: BaseHTTPRequestHandler, heard: Any) -> None:
        handler.send_response(200)
        handler.end_headers()
        for _ in range(10_000):
            handler.wfile.write(b"x" * 100_000)
            sent.append(100_000)

    receiver.answer = flood
    start = time.monotonic()
    answer = LOCAL.send("POST", receiver.url, {}, b"")
    assert time.monotonic() - start < 1
    assert (answer.status, len(answer.body)) == (200, MOST_BYTES)
    time.sleep(0.1)
    assert sum(sent) < 100_000_000


def test_a_packed_answer_is_not_unpacked(receiver: Receiver) -> None:
    bomb = gzip.compress(b"\0" * 20_000_000)
    receiver.answer = lambda handler, heard: reply(handler, 200, {"Content-Encoding": "gzip"}, bomb)
    answer = LOCAL.send("POST", receiver.url, {}, b"")
    assert answer.body == bomb[:MOST_BYTES]
    assert receiver.heard[0].headers["accept-encoding"] == "identity"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (b"", Failure.BAD_ANSWER),
        (b"hello, this is no HTTP\r\n\r\n", Failure.BAD_ANSWER),
        (b"HTTP/1.1 abc OK\r\n\r\n", Failure.BAD_ANSWER),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nx", Failure.BAD_ANSWER),
        (b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000 + b"\r\n\r\n", Failure.BAD_ANSWER),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n", Failure.BAD_ANSWER),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", Failure.BAD_ANSWER),
    ],
)
def test_what_is_no_answer_is_told_as_such(words: bytes, expected: Failure) -> None:
    def talk(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(words)

    with raw_server(talk) as url:
        assert failure_of(LOCAL, url) is expected


def test_nobody_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert failure_of(LOCAL, f"http://127.0.0.1:{port}/") is Failure.NO_CONNECTION


PRIVATE = [
    "http://127.0.0.1/",
    "https://127.0.0.1/",
    "https://localhost/",
    "https://[::1]/",
    "https://0.0.0.0/",
    "https://10.1.2.3/",
    "https://172.16.0.1/",
    "https://192.168.1.1/",
    "https://169.254.169.254/latest/meta-data",
    "https://100.64.0.1/",
    "https://2130706433/",
    "https://0x7f.1/",
    "https://[::ffff:127.0.0.1]/",
    "https://[64:ff9b::7f00:1]/",
    "https://224.0.0.1/",
    "https://example.nl@127.0.0.1/",
    "ftp://example.nl/",
    "file:///etc/passwd",
    "https://example.nl:25/",
]


@pytest.mark.parametrize("url", PRIVATE)
def test_targets_inside_are_refused(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "create_connection", lambda *a, **k: pytest.fail("a connection was made"))
    assert failure_of(PUBLIC, url) is Failure.REFUSED_TARGET


def resolving(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> None:
    """Names resolve to these addresses, one answer after the other; the last one stays."""
    left = list(answers)

    def getaddrinfo(host: str, port: Any, *args: Any, **kwargs: Any) -> list[Any]:
        found = left.pop(0) if len(left) > 1 else left[0]
        family = {True: socket.AF_INET6, False: socket.AF_INET}
        return [
            (
                family[":" in each],
                socket.SOCK_STREAM,
                6,
                "",
                (each, port or 0, 0, 0) if ":" in each else (each, port or 0),
            )
            for each in found
        ]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


@pytest.mark.parametrize(
    "answers",
    [
        pytest.param([["127.0.0.1"]], id="private"),
        pytest.param([["93.184.215.14", "10.0.0.1"]], id="one of two is private"),
        pytest.param([["93.184.215.14"], ["127.0.0.1"]], id="changes in between"),
        pytest.param([["93.184.215.14"], ["fec0::1"]], id="changes to an old private range"),
        pytest.param([["::ffff:10.0.0.1"]], id="wrapped"),
        pytest.param([["64:ff9b::a00:1"]], id="translated"),
        pytest.param([["fec0::1"]], id="old private range"),
    ],
)
def test_a_name_with_a_private_address_is_refused(answers: list[list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket.socket, "connect", lambda *a, **k: pytest.fail("a connection was made"))
    resolving(monkeypatch, *answers)
    assert failure_of(PUBLIC, "https://hr.example.nl/") is Failure.REFUSED_TARGET


def test_the_checked_address_is_the_one_that_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    called = []

    def connect(self: socket.socket, address: Any) -> None:
        called.append(address)
        raise ConnectionRefusedError

    resolving(monkeypatch, ["93.184.215.14"])
    monkeypatch.setattr(socket.socket, "connect", connect)
    assert failure_of(PUBLIC, "https://hr.example.nl/") is Failure.NO_CONNECTION
    assert called == [("93.184.215.14", 443)]


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("93.184.215.14", True),
        ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", True),
        ("0.0.0.0", False),  # noqa: S104 - refused
        ("10.0.0.1", False),
        ("100.64.0.1", False),
        ("127.0.0.1", False),
        ("169.254.169.254", False),
        ("192.0.0.1", False),
        ("192.88.99.1", False),
        ("198.18.0.1", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::", False),
        ("::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:93.184.215.14", True),
        ("64:ff9b::1", False),
        ("2001::1", False),
        ("2002:7f00:1::", False),
        ("fc00::1", False),
        ("fe80::1", False),
        ("fec0::1", False),
        ("ff02::1", False),
    ],
)
def test_public_addresses(address: str, expected: bool) -> None:
    assert is_public(address) is expected


@pytest.fixture
def tls_server(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """(URL, certificate) of a server that nobody vouches for, by the name localhost."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "server.pem"
    path.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            reply(self, 200, {}, b"over TLS")

        def log_message(self, format: str, *args: Any) -> None:
            return

    class Server(HTTPServer):
        def handle_error(self, request: Any, client_address: Any) -> None:
            return

    server = Server(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield f"https://localhost:{server.server_address[1]}/", path
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_certificate_must_be_vouched_for(tls_server: tuple[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    url, certificate = tls_server
    assert failure_of(LOCAL, url) is Failure.TLS
    context = ssl.create_default_context(cafile=certificate)
    monkeypatch.setattr(module, "tls_context", lambda: context)
    assert LOCAL.send("POST", url, {}, b"").body == b"over TLS"
    assert failure_of(LOCAL, url.replace("localhost", "127.0.0.1")) is Failure.TLS


def test_many_threads_may_send(receiver: Receiver) -> None:
    statuses = []
    threads = [
        threading.Thread(target=lambda: statuses.append(LOCAL.send("POST", receiver.url, {}, b"x").status))
        for _ in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [204] * 20
