from __future__ import annotations

import re
import socket
from collections.abc import Iterator, Mapping
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from service.delivery import models
from service.delivery.events import queue_mail
from service.delivery.mail import Mails, WrongMail, build, one_address
from service.delivery.rules import SCHEDULE, MailStatus
from service.kernel.database import Database, UnitOfWork
from service.kernel.room import MailText
from service.kernel.text import Language
from tests.delivery.delivery_kit import MovingClock, make_settings, rows, with_settings

TEXT = MailText(
    "anna@example.nl",
    "Er is een melding – kijk even",
    ("Beste Anna,", "U heeft een <nieuwe> melding.\nKijk & lees: https://servicepunt.example.nl", "“Groet”"),
)


class Mailbox:
    """A mail server's handler. `answers` are given to DATA one after the other, then 250; `refusals` to RCPT."""

    def __init__(self) -> None:
        self.received: list[tuple[str, list[str], bytes]] = []
        self.answers: list[str] = []
        self.refusals: list[str] = []
        self.logins: list[tuple[bytes, bytes]] = []

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        if self.refusals:
            return self.refusals.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.received.append((envelope.mail_from, envelope.rcpt_tos, envelope.content))
        return self.answers.pop(0) if self.answers else "250 OK"

    def authenticate(self, server: Any, session: Any, envelope: Any, mechanism: str, data: LoginPassword) -> AuthResult:
        self.logins.append((data.login, data.password))
        return AuthResult(success=True)


@pytest.fixture
def mailbox(database: Database) -> Iterator[Mailbox]:
    handler = Mailbox()
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    controller = Controller(
        handler, hostname="127.0.0.1", port=port, authenticator=handler.authenticate, auth_require_tls=False
    )
    controller.start()
    with_settings(database, smtp_host="127.0.0.1", smtp_port=port, smtp_tls=False)
    yield handler
    controller.stop()


def queue(database: Database, template: str = "hello", **data: Any) -> None:
    with database.transaction() as uow:
        queue_mail(uow, template, data)


def run(database: Database, *texts: MailText | Exception | None) -> list[Mapping[str, Any]]:
    """Sends what is due; the renderer gives these texts, one after the other, the last for ever."""
    asked: list[Mapping[str, Any]] = []
    left = list(texts or [TEXT])

    def render(uow: UnitOfWork, data: Mapping[str, Any]) -> MailText | None:
        asked.append(data)
        text = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(text, Exception):
            raise text
        return text

    lane = Mails(database, {"hello": render})
    while lane.step() or lane.is_busy:
        lane.wait(0.02)
    lane.close(1)
    return asked


def mail(database: Database) -> Any:
    [row] = rows(database, models.Mail)
    return row


def parsed(content: bytes) -> EmailMessage:
    message = message_from_bytes(content, policy=default)
    assert isinstance(message, EmailMessage)
    return message


def test_a_mail_arrives_in_both_forms(database: Database, mailbox: Mailbox) -> None:
    queue(database, signalId="7")
    assert run(database) == [{"signalId": "7"}]
    [(sender, recipients, content)] = mailbox.received
    assert (sender, recipients) == ("noreply@example.nl", ["anna@example.nl"])
    message = parsed(content)
    row = mail(database)
    assert message["To"] == "anna@example.nl"
    assert message["Subject"] == TEXT.subject
    assert message["Message-ID"] == f"<{row.id}@example.nl>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"].datetime == database.clock().replace(microsecond=0)
    plain, page = message.get_body(("plain",)), message.get_body(("html",))
    assert plain is not None
    assert page is not None
    assert plain.get_content().replace("\r\n", "\n") == "\n\n".join(TEXT.paragraphs) + "\n"
    shown = page.get_content()
    assert '<html lang="nl">' in shown
    assert "<p>U heeft een &lt;nieuwe&gt; melding.<br>" in shown
    assert "<nieuwe>" not in shown
    assert (row.status, row.attempts, row.sent_at) == (MailStatus.SENT, 1, database.clock())


def test_the_bytes_are_kept_sealed(database: Database, mailbox: Mailbox) -> None:
    queue(database)
    run(database)
    row = mail(database)
    assert b"anna" not in bytes(row.message)
    assert (
        database.vault.open("mail", "message", row.id, row.message).encode().strip() == mailbox.received[0][2].strip()
    )


def test_a_login_is_used_when_there_is_one(database: Database, mailbox: Mailbox) -> None:
    with_settings(
        database,
        smtp_host="127.0.0.1",
        smtp_port=database.settings.smtp_port,
        smtp_tls=False,
        smtp_user="us",
        smtp_password="secret",
    )
    queue(database)
    run(database)
    assert mailbox.logins == [(b"us", b"secret")]
    assert mail(database).status is MailStatus.SENT


def test_without_a_mail_server_it_is_kept(database: Database) -> None:
    queue(database)
    run(database)
    row = mail(database)
    assert (row.status, row.sent_at) == (MailStatus.KEPT, None)
    assert "To: anna@example.nl" in database.vault.open("mail", "message", row.id, row.message)


def test_nothing_left_to_say(database: Database, mailbox: Mailbox) -> None:
    queue(database)
    run(database, None)
    assert (mail(database).status, mail(database).message) == (MailStatus.SKIPPED, None)
    assert mailbox.received == []


@pytest.mark.parametrize("answer", ["421 busy", "451 later"])
def test_a_temporary_refusal_is_tried_again_with_the_same_bytes(
    database: Database, mailbox: Mailbox, clock: MovingClock, answer: str
) -> None:
    mailbox.answers = [answer]
    queue(database)
    # Rendered once: what happens later does not change a mail that may have arrived.
    other = MailText("bert@example.nl", "Iets anders", ("Dag.",))
    run(database, TEXT, other)
    row = mail(database)
    assert (row.status, row.attempts) == (MailStatus.QUEUED, 1)
    assert SCHEDULE[1] <= row.due_at - clock.now <= SCHEDULE[1] * 1.1
    clock.move(seconds=6)
    run(database, other)
    assert [recipients for _, recipients, _ in mailbox.received] == [["anna@example.nl"]] * 2
    assert mailbox.received[0][2] == mailbox.received[1][2]
    assert mail(database).status is MailStatus.SENT


def test_a_permanent_refusal_is_the_end(database: Database, mailbox: Mailbox) -> None:
    mailbox.refusals = ["550 no such user"]
    queue(database)
    run(database)
    assert (mail(database).status, mail(database).last_error) == (MailStatus.FAILED, "smtp-550")


def test_a_server_that_is_away_is_tried_for_three_days(database: Database, clock: MovingClock) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with_settings(database, smtp_host="127.0.0.1", smtp_port=port, smtp_tls=False)
    queue(database)
    for attempt in range(1, len(SCHEDULE) + 1):
        run(database)
        row = mail(database)
        assert (row.attempts, row.last_error) == (attempt, "ConnectionRefusedError")
        clock.now = max(clock.now, row.due_at)
    assert row.status is MailStatus.FAILED


def test_tls_is_demanded(database: Database, mailbox: Mailbox) -> None:
    with_settings(database, smtp_host="127.0.0.1", smtp_port=database.settings.smtp_port, smtp_tls=True)
    queue(database)
    run(database)
    assert (mail(database).status, mail(database).last_error) == (MailStatus.QUEUED, "SMTPNotSupportedError")
    assert mailbox.received == []


def test_a_renderer_that_fails_is_asked_again(
    database: Database, mailbox: Mailbox, clock: MovingClock, capsys: pytest.CaptureFixture[str]
) -> None:
    queue(database)
    queue(database, "unknown")
    run(database, ValueError("123456782"))
    assert {(row.status, row.attempts, row.last_error) for row in rows(database, models.Mail)} == {
        (MailStatus.QUEUED, 1, "ValueError"),
        (MailStatus.QUEUED, 1, "KeyError"),
    }
    assert "123456782" not in capsys.readouterr().out
    clock.move(seconds=6)
    run(database)
    assert len(mailbox.received) == 1


@pytest.mark.parametrize(
    "recipient",
    [
        "a@example.nl, b@example.nl",
        "a@example.nl; b@example.nl",
        "a@example.nl\r\nBcc: b@example.nl",
        "a@example.nl\nb@example.nl",
        "Anna <a@example.nl>",
        "friends: a@example.nl;",
        "a@example.nl b@example.nl",
        "<a@example.nl>",
        "a@[127.0.0.1]",
        "ü@example.nl",
        "example.nl",
        "",
    ],
)
def test_not_exactly_one_address_is_refused(database: Database, mailbox: Mailbox, recipient: str) -> None:
    with pytest.raises(WrongMail):
        one_address(recipient)
    queue(database)
    run(database, MailText(recipient, "Onderwerp", ("Dag.",)))
    assert (mail(database).status, mail(database).last_error) == (MailStatus.FAILED, "wrong-recipient")
    assert mailbox.received == []


@pytest.mark.parametrize("subject", ["Dag\r\nBcc: b@example.nl", "Dag\nX: y", "Dag\rX: y"])
def test_no_header_can_be_slipped_in(database: Database, mailbox: Mailbox, subject: str) -> None:
    queue(database)
    run(database, MailText("a@example.nl", subject, ("Dag.",)))
    assert (mail(database).status, mail(database).last_error) == (MailStatus.FAILED, "wrong-header")
    assert mailbox.received == []


def test_the_message_is_ascii_whatever_is_in_it(clock: MovingClock) -> None:
    long = f"{'a' * 60}@{'b' * 60}.example.nl"
    text = MailText(long, "Één ✓ " * 30, ("ñ" * 3000, ".", "From here"), Language.ENGLISH)
    message = parsed(build("1", text, make_settings(desk_name="Servicepunt, Één"), clock.now).encode("ascii"))
    assert message["To"].addresses[0].addr_spec == long
    assert message["From"].addresses[0].display_name == "Servicepunt, Één"
    assert re.sub(r"\s+", " ", message["Subject"]).strip() == ("Één ✓ " * 30).strip()
    body = message.get_body(("plain",))
    assert body is not None
    assert "ñ" * 3000 in body.get_content()


def test_a_long_address_is_found_back(database: Database, mailbox: Mailbox) -> None:
    long = f"{'a' * 60}@{'b' * 60}.example.nl"
    queue(database)
    run(database, MailText(long, "Onderwerp", ("Dag.",)))
    assert mailbox.received[0][1] == [long]
