"""E-mail: rendered once from the state at that moment, frozen and sealed as bytes, then sent as often as it takes.

The same bytes carry the same Message-ID, so that a mailbox can see that a second copy is one.
"""

from __future__ import annotations

import html
import random
import smtplib
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email import message_from_string
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UniqueUnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

import structlog
from email_validator import EmailNotValidError, validate_email
from sqlalchemy import select, update

from service.config import Settings
from service.delivery.lanes import Job, Lane, due, finish, lease
from service.delivery.models import Mail
from service.delivery.rules import MailStatus, lease_for, next_pause
from service.kernel.database import Database, UnitOfWork
from service.kernel.room import MailText

Renderer = Callable[[UnitOfWork, Mapping[str, Any]], MailText | None]

SMTP_SECONDS = 15.0
_CONVERSATION_SECONDS = 8 * SMTP_SECONDS
_HEADERS = HeaderRegistry()
_POLICY = SMTP.clone(cte_type="7bit", header_factory=_HEADERS)
_QUEUED = Mail.status == MailStatus.QUEUED

log = structlog.get_logger(__name__)


class _InOnePiece(UniqueUnstructuredHeader, BaseHeader):  # type: ignore[misc]
    """A header that holds an address: folded, a long one would be encoded as words, which no mail program reads."""

    def fold(self, *, policy: Policy[Any]) -> str:
        return f"{self.name}: {self}{policy.linesep}"


_HEADERS.map_to_type("list-unsubscribe", _InOnePiece)


class WrongMail(Exception):
    """A mail that can never be sent, such as one without exactly one recipient."""


class Outcome(StrEnum):
    SENT = "sent"
    LATER = "later"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class SmtpResult:
    outcome: Outcome
    error: str | None = None


def one_address(text: str) -> str:
    """The address in `text`, in ASCII. Raises WrongMail unless it is exactly one, without a name, group or comma."""
    try:
        found = validate_email(text, check_deliverability=False, globally_deliverable=False).ascii_email
    except EmailNotValidError:
        found = None
    if found is None:
        raise WrongMail("recipient")
    return found


def build(mail_id: str, text: MailText, settings: Settings, now: datetime) -> str:
    """The whole message, 7-bit. Raises WrongMail."""
    sender = one_address(settings.mail_from)
    message = EmailMessage(_POLICY)
    try:
        message["From"] = Address(settings.desk_name, addr_spec=sender)
        message["To"] = Address(addr_spec=one_address(text.recipient))
        message["Subject"] = text.subject
    except (ValueError, IndexError):
        raise WrongMail("header") from None
    message["Date"] = now
    message["Message-ID"] = f"<{mail_id}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message["Content-Language"] = text.language.value
    if text.unsubscribe_url is not None:
        message["List-Unsubscribe"] = f"<{text.unsubscribe_url}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content("\n\n".join(text.paragraphs) + "\n")
    message.add_alternative(_page(text), subtype="html")
    return message.as_bytes().decode("ascii")


def _page(text: MailText) -> str:
    title = html.escape(text.subject)
    paragraphs = [html.escape(paragraph).replace("\n", "<br>\n") for paragraph in text.paragraphs]
    return "\n".join(
        (
            "<!doctype html>",
            f'<html lang="{text.language.value}">',
            f'<head><meta charset="utf-8"><title>{title}</title></head>',
            "<body>",
            *(f"<p>{paragraph}</p>" for paragraph in paragraphs),
            "</body>",
            "</html>",
            "",
        )
    )


class Mails(Lane[SmtpResult]):
    """`renderers` by the name of the template, from all rooms."""

    def __init__(self, database: Database, renderers: Mapping[str, Renderer], *, threads: int = 4) -> None:
        super().__init__(database, "mails", threads)
        self.renderers = renderers
        self.hold = lease_for(_CONVERSATION_SECONDS)

    def claim(self, free: int) -> tuple[list[Job[SmtpResult]], int]:
        with self.database.reading() as uow:
            found = uow.execute(
                select(Mail.id).where(due(Mail, _QUEUED)).order_by(Mail.due_at, Mail.id).limit(free), {"now": uow.now}
            )
            ids = found.scalars().all()
        jobs = []
        for mail_id in ids:
            try:
                with self.database.transaction() as uow:
                    job = self._prepare(uow, mail_id)
            except Exception as error:
                self._postpone(mail_id, error)
            else:
                jobs += [job] if job is not None else []
        return jobs, len(ids) - len(jobs)

    def _prepare(self, uow: UnitOfWork, mail_id: str) -> Job[SmtpResult] | None:
        """Renders and freezes the mail if that has not been done, and takes it. None when there is nothing to send."""
        statement = select(Mail.id, Mail.template, Mail.data, Mail.message, Mail.fence, Mail.attempts).where(
            Mail.id == mail_id, due(Mail, _QUEUED)
        )
        row = uow.execute(statement.with_for_update(skip_locked=True), {"now": uow.now}).one_or_none()
        if row is None:
            return None
        if row.message is None:
            text = self.renderers[row.template](uow, row.data)
            if text is None:
                _set(uow, mail_id, status=MailStatus.SKIPPED)
                return None
            message = build(mail_id, text, uow.settings, uow.now)
            _set(uow, mail_id, message=uow.vault.seal("mail", "message", mail_id, message))
        else:
            message = uow.vault.open("mail", "message", mail_id, row.message)
        if not uow.settings.smtp_host:
            _set(uow, mail_id, status=MailStatus.KEPT)
            return None
        lease(uow, Mail, [mail_id], self.hold)
        settings = uow.settings
        return Job(mail_id, mail_id, row.fence + 1, row.attempts, lambda: send(settings, message))

    def _postpone(self, mail_id: str, error: Exception) -> None:
        """The mail could not be made: later again, since its room may have been mended by then."""
        with self.database.transaction() as uow:
            row = uow.execute(select(Mail.attempts).where(Mail.id == mail_id, _QUEUED).with_for_update()).one_or_none()
            if row is None:
                return
            pause = None if isinstance(error, WrongMail) else _pause(row.attempts + 1)
            _set(
                uow,
                mail_id,
                attempts=row.attempts + 1,
                last_error=_name(error),
                **({"status": MailStatus.FAILED} if pause is None else {"due_at": uow.now + pause}),
            )
        log.error("mail not made", mail=mail_id, error=_name(error), failed=pause is None)

    def mark(self, uow: UnitOfWork, job: Job[SmtpResult], result: SmtpResult | Exception) -> None:
        if isinstance(result, Exception):
            result = SmtpResult(Outcome.LATER, type(result).__name__)
        values: dict[str, Any] = {"attempts": job.attempts + 1, "last_error": result.error}
        if result.outcome is Outcome.SENT:
            values |= {"status": MailStatus.SENT, "sent_at": uow.now}
        else:
            pause = _pause(job.attempts + 1) if result.outcome is Outcome.LATER else None
            values |= {"status": MailStatus.FAILED} if pause is None else {"due_at": uow.now + pause}
        is_ours = finish(uow, Mail, job, _QUEUED, values)
        status = str(values.get("status", MailStatus.QUEUED))
        log.info(
            "mail attempted", mail=job.id, attempt=job.attempts + 1, status=status, error=result.error, marked=is_ours
        )


def send(settings: Settings, message: str) -> SmtpResult:
    """One conversation with the mail server."""
    content = message.encode("ascii")
    sender, recipient = one_address(settings.mail_from), _recipient(message)
    name = urlsplit(settings.url).hostname or "localhost"
    try:
        with smtplib.SMTP(settings.smtp_host, settings.smtp_port, local_hostname=name, timeout=SMTP_SECONDS) as server:
            if settings.smtp_tls:
                server.starttls(context=ssl.create_default_context())
            if settings.smtp_user:
                server.login(settings.smtp_user, settings.smtp_password)
            server.sendmail(sender, [recipient], content)
    except smtplib.SMTPRecipientsRefused as error:
        [(code, _)] = error.recipients.values()
        return _refused(code)
    except (smtplib.SMTPDataError, smtplib.SMTPSenderRefused) as error:
        return _refused(error.smtp_code)
    except (smtplib.SMTPException, OSError) as error:
        # The server is away, or does not know us: no fault of this mail.
        return SmtpResult(Outcome.LATER, type(error).__name__)
    return SmtpResult(Outcome.SENT)


def _refused(code: int) -> SmtpResult:
    return SmtpResult(Outcome.REFUSED if 500 <= code < 600 else Outcome.LATER, f"smtp-{code}")


def _recipient(message: str) -> str:
    """Whom the frozen message is for."""
    return one_address(str(message_from_string(message, policy=_POLICY)["To"]))


def _pause(attempts: int) -> timedelta | None:
    return next_pause(attempts, random.random())  # noqa: S311 - spreads load, no secret


def _name(error: Exception) -> str:
    return f"wrong-{error}" if isinstance(error, WrongMail) else type(error).__name__


def _set(uow: UnitOfWork, mail_id: str, **values: Any) -> None:
    uow.execute(update(Mail).where(Mail.id == mail_id).values(**values))
