"""What a walk through the running service needs: parties with tokens of their own, and what stands around the house."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import requests
from aiosmtpd.controller import Controller
from cloudevents.core.bindings.http import HTTPMessage, from_http
from cloudevents.core.formats.json import JSONFormat
from joserfc import jwt
from joserfc.jwk import ECKey
from rich.console import Console
from sqlalchemy import select
from standardwebhooks.webhooks import Webhook as Verifier

from service.access import operations as access
from service.access.keys import ensure_keys, field_keys
from service.access.models import Client
from service.app import open_database
from service.config import Settings
from service.demo.filling import fill
from service.employers.models import Employment
from service.kernel.crypto import Vault
from service.people import operations as people
from service.people.models import Person
from tests.delivery.delivery_kit import Receiver
from tests.support.running import eventually, free_port

KEY_CLIENT = "employer-with-a-key"
SHORT = (5, 30)
"""Seconds to connect and to answer."""


# --- A party ----------------------------------------------------------------------------------------------------


class Caller:
    """A client of the running service. `shown` holds every answer that it got, to look for what it may not see; an
    error repeats the path that was asked for, which is left out."""

    def __init__(self, url: str, client_id: str, token: str) -> None:
        self.url = url
        self.client_id = client_id
        self.shown: list[str] = []
        self.web = requests.Session()
        self.web.headers["Authorization"] = f"Bearer {token}"

    def ask(self, method: str, path: str, status: int, **options: Any) -> requests.Response:
        answer = self.web.request(method, f"{self.url}/v1{path}", timeout=SHORT, **options)
        self.shown.append(answer.text.replace(f"/v1{path}", ""))
        assert answer.status_code == status, f"{self.client_id}: {method} {path}: {answer.status_code} {answer.text}"
        return answer

    def get(self, path: str, status: int = 200, **query: Any) -> Any:
        return self.ask("GET", path, status, params=query).json()

    def the_one(self, path: str, **query: Any) -> Any:
        [item] = self.get(path, **query)["items"]
        return item

    def post(self, path: str, body: Any, status: int = 201, **headers: str) -> Any:
        return self.ask("POST", path, status, json=body, headers=headers).json()

    def change(self, method: str, path: str, body: Any, status: int = 200, *, of: str = "") -> Any:
        """PATCH, PUT or a transition, with the ETag of what is read now; once more where somebody came in between."""
        kind = "application/merge-patch+json" if method == "PATCH" else "application/json"
        for _ in range(3):
            tag = self.ask("GET", of or path, 200).headers["ETag"]
            headers = {"If-Match": tag, "Content-Type": kind}
            answer = self.web.request(method, f"{self.url}/v1{path}", json=body, headers=headers, timeout=SHORT)
            if answer.status_code != 412:
                break
        self.shown.append(answer.text.replace(f"/v1{path}", ""))
        assert answer.status_code == status, f"{self.client_id}: {method} {path}: {answer.status_code} {answer.text}"
        return answer.json()

    def move(self, path: str, to: str, status: int = 200, **more: Any) -> Any:
        return self.change("POST", f"{path}/transitions", {"to": to, **more}, status, of=path)

    def may_not_see(self, *paths: str) -> None:
        for path in paths:
            self.get(path, 404)

    def events(self, **query: Any) -> list[dict[str, Any]]:
        """The whole feed."""
        found: list[dict[str, Any]] = []
        answer = self.get("/events", limit=200, **query)
        while answer["items"]:
            found += answer["items"]
            answer = self.get("/events", limit=200, cursor=answer["next"], **query)
        return found

    def event_types(self, subject: str) -> list[str]:
        return [each["type"].removeprefix("nl.servicepunt.") for each in self.events(subject=subject)]


def token_by_secret(url: str, client_id: str) -> str:
    answer = requests.post(
        f"{url}/oauth/token",
        data={"grant_type": "client_credentials"},
        auth=(client_id, f"{client_id}-secret"),
        timeout=SHORT,
    )
    assert answer.status_code == 200, answer.text
    return str(answer.json()["access_token"])


def token_by_key(url: str, client_id: str, key: ECKey) -> str:
    """private_key_jwt, with the issuer that the metadata name."""
    metadata = requests.get(f"{url}/.well-known/oauth-authorization-server", timeout=SHORT).json()
    now = int(time.time())
    claims = {
        "iss": client_id,
        "sub": client_id,
        "aud": metadata["issuer"],
        "iat": now,
        "exp": now + 50,
        "jti": secrets.token_urlsafe(16),
    }
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": jwt.encode({"alg": "ES256", "typ": "client-authentication+jwt"}, claims, key),
    }
    answer = requests.post(metadata["token_endpoint"], data=form, timeout=SHORT)
    assert answer.status_code == 200, answer.text
    assert requests.post(metadata["token_endpoint"], data=form, timeout=SHORT).status_code == 401, "counts once"
    return str(answer.json()["access_token"])


# --- What stands around the house -------------------------------------------------------------------------------


@dataclass
class Mailbox:
    """A mail server that keeps what it gets."""

    port: int
    received: list[tuple[str, EmailMessage]] = field(default_factory=list)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        message = message_from_bytes(envelope.content, policy=default)
        assert isinstance(message, EmailMessage)
        self.received += [(recipient, message) for recipient in envelope.rcpt_tos]
        return "250 OK"

    def to(self, recipient: str) -> list[EmailMessage]:
        return [message for address, message in list(self.received) if address == recipient]

    def texts(self) -> list[str]:
        """Every mail in full: headers, and all its parts decoded."""
        return [text_of(message) for _, message in list(self.received)]


def text_of(message: EmailMessage) -> str:
    parts = [part.get_content() for part in message.walk() if not part.is_multipart()]
    return "\n".join([*(f"{name}: {value}" for name, value in message.items()), *parts])


@contextmanager
def a_mailbox() -> Iterator[Mailbox]:
    mailbox = Mailbox(free_port())
    controller = Controller(mailbox, hostname="127.0.0.1", port=mailbox.port)
    controller.start()
    try:
        yield mailbox
    finally:
        controller.stop()


class Listener:
    """A party's own webhook: it agreed to be called, and verifies what comes."""

    def __init__(self, caller: Caller, receiver: Receiver, *types: str) -> None:
        self.receiver = receiver
        webhook = caller.post("/webhooks", {"url": receiver.url, "types": list(types)})
        assert webhook["status"] == "pending"
        self.verifier = Verifier(webhook["secret"])
        path = f"/webhooks/{webhook['id']}"
        eventually(lambda: caller.get(path)["status"] == "active", f"the webhook of {caller.client_id} is agreed on")
        assert [each.method for each in receiver.heard][:1] == ["OPTIONS"]

    def about(self, subject: str) -> dict[str, dict[str, Any]]:
        """The data of each verified event of this subject, by its type without our prefix."""
        found = {}
        for heard in list(self.receiver.posts):
            body = self.verifier.verify(heard.body, heard.headers)
            event = from_http(HTTPMessage(heard.headers, heard.body), JSONFormat())
            assert (event.get_id(), event.get_type()) == (heard.headers["webhook-id"], body["type"])
            if event.get_subject() == subject:
                data = event.get_data()
                assert isinstance(data, dict)
                found[event.get_type().removeprefix("nl.servicepunt.")] = data
        return found

    def hears(self, kind: str, subject: str) -> dict[str, Any]:
        def heard() -> dict[str, Any] | None:
            return self.about(subject).get(kind)

        return eventually(heard, f"the event {kind} about {subject}")


# --- The house before it opens ----------------------------------------------------------------------------------


@dataclass
class Secrets:
    """Who the people are: what may stand in no event, no mail, and (but for one consented name) no answer."""

    bsns: frozenset[str] = frozenset()
    names: dict[str, str] = field(default_factory=dict)
    """By the reference of the employment."""

    def found_in(self, text: str) -> list[str]:
        return [each for each in (*self.bsns, *self.names.values()) if each in text]


def furnish(data_dir: Path, url: str) -> tuple[ECKey, Secrets]:
    """Demo data in a migrated database, and one more client of demo-employer, with a key instead of a secret."""
    ensure_keys(data_dir)
    settings = Settings(data_dir=data_dir, database_url=url, log_level="error")
    fill(settings, Vault(field_keys(data_dir)), size=0.2, seed=2026, console=Console(quiet=True))
    key = ECKey.generate_key("P-256")
    database = open_database(settings)
    try:
        with database.transaction() as uow:
            party_id = uow.session.get_one(Client, "demo-employer").party_id
            jwks = {"keys": [key.as_dict(private=False)]}
            access.create_client(uow, party_id, "HR with a key", client_id=KEY_CLIENT, jwks=jwks)
            known = {each: people.export(uow, each) for each in uow.session.scalars(select(Person.id))}
            story = uow.session.execute(
                select(Employment.reference, Employment.person_id).where(Employment.reference.startswith("example-"))
            )
            names = {row.reference: known[row.person_id]["name"] for row in story}
    finally:
        database.close()
    return key, Secrets(frozenset(each["bsn"] for each in known.values() if "bsn" in each), names)
