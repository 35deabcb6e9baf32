"""Every setting, typed, in one table. Each is read from the environment as SERVICEPUNT_<NAME>.

`servicepunt config` prints the table with the values in force (secrets hidden).
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from enum import StrEnum
from pathlib import Path
from typing import Any

from environs import Env, EnvError

PREFIX = "SERVICEPUNT_"


_FICTION = re.compile(r"44(?:2079460|1134960)\d{3}")
"""The numbers that Ofcom keeps free for drama: 020 7946 0000 to 0999 and 0113 496 0000 to 0999."""


def is_for_fiction(phone: str) -> bool:
    """Whether this number, in E.164 with or without spaces, reaches nobody because it is kept free for fiction."""
    return _FICTION.fullmatch(re.sub(r"\D", "", phone).removeprefix("00")) is not None


class Mode(StrEnum):
    DEMO = "demo"
    PRODUCTION = "production"


class WrongSetting(Exception):
    """A setting cannot be read, is unknown, or may not be used in this mode."""


def _setting(default: Any, about: str, *, secret: bool = False) -> Any:
    return field(default=default, metadata={"about": about, "secret": secret})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    mode: Mode = _setting(Mode.DEMO, "demo (made-up data, weak secrets allowed) or production")
    data_dir: Path = _setting(Path("var"), "Where the embedded database and the keys live")
    database_url: str = _setting("", "SQLAlchemy URL; empty: a SQLite file in data_dir", secret=True)
    host: str = _setting("127.0.0.1", "Address to listen on")
    port: int = _setting(8000, "Port to listen on")
    metrics_port: int = _setting(0, "Port of /metrics of the web server on the same host; 0: off")
    worker_metrics_port: int = _setting(0, "Port of /metrics of the worker on the same host; 0: off")
    base_url: str = _setting("", "How callers reach us, and the issuer of our tokens; empty: http://host:port")
    threads: int = _setting(8, "Threads of the web server")
    max_body_bytes: int = _setting(1_000_000, "Largest request body")
    import_max_bytes: int = _setting(64_000_000, "Largest file of a bulk import")
    log_level: str = _setting("info", "debug, info, warning or error")

    token_seconds: int = _setting(600, "Life of an access token")
    token_cache_seconds: int = _setting(60, "How long a verified token is remembered: revocation works within this")
    client_secrets: bool = _setting(True, "Allow client_secret_basic beside private_key_jwt (refused in production)")

    desk_name: str = _setting("Servicepunt", "The desk, as callers see it")
    desk_phone: str = _setting(
        "+442079460001",
        "The desk's direct number. The default is one for fiction, which production refuses",
    )
    desk_email: str = _setting("servicepunt@example.nl", "The desk's address")
    contact_requests_per_minute: int = _setting(600, "How many requests about contacts a client may send in a minute")
    contact_people_per_day: int = _setting(50_000, "About how many people's contacts a client may ask in a day")
    contact_list_open: bool = _setting(False, "Open the whole contact list to employers without a PSO certificate")
    absence_handover_days: int = _setting(28, "After how many days an absent caseworker's clients go to the backup")
    handover_read_days: int = _setting(14, "How many days a former contact can still read of a client")
    contact_change_days: int = _setting(365, "Within how many days a further change of contact is one too many")
    contact_change_refused: bool = _setting(False, "Refuse a reassignment that changes a contact too soon, not warn")
    unlinked_days: int = _setting(30, "After how many days an unlinked employment loses BSN and name")
    brought_in_vacancies: int = _setting(200, "How many live vacancies a jobcoach organisation or the like brings in")
    digest_addresses_per_minute: int = _setting(
        5, "How many e-mail addresses for digests a client may give in a minute"
    )
    vacancy_days: int = _setting(90, "How long a vacancy stays open without renewal")

    smtp_host: str = _setting("", "Mail server; empty in demo mode: mails are kept, not sent")
    smtp_port: int = _setting(587, "Port of the mail server")
    smtp_user: str = _setting("", "Account at the mail server")
    smtp_password: str = _setting("", "Its password", secret=True)
    smtp_tls: bool = _setting(True, "Demand STARTTLS")
    mail_from: str = _setting("noreply@example.nl", "Sender of our mails")
    event_source: str = _setting(
        "urn:nld:oin:00000099000000000000:systeem:servicepunt", "Who we are in our events: a URN with the OIN"
    )
    webhook_private_targets: bool = _setting(False, "Let webhooks go to this machine (refused in production)")
    webhook_pause_days: int = _setting(5, "After how many days without a success a webhook is paused; 0: never")
    webhook_seconds: float = _setting(15.0, "Total time for one delivery to a webhook")
    worker_seconds: float = _setting(0.5, "How long the worker rests when there is nothing to do")

    @property
    def url(self) -> str:
        return self.base_url.rstrip("/") or f"http://{self.host}:{self.port}"

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{(self.data_dir / 'servicepunt.db').absolute()}"

    @property
    def is_demo(self) -> bool:
        return self.mode is Mode.DEMO

    def check(self) -> None:
        """Refuses what production may not have. Raises WrongSetting with everything that is wrong."""
        if self.is_demo:
            return
        wrong = [
            reason
            for reason, found in (
                ("BASE_URL must begin with https://", not self.url.startswith("https://")),
                ("CLIENT_SECRETS must be false: use private_key_jwt", self.client_secrets),
                ("WEBHOOK_PRIVATE_TARGETS must be false", self.webhook_private_targets),
                ("SMTP_HOST must be set", not self.smtp_host),
                ("DESK_PHONE is a number for fiction: set the real one", is_for_fiction(self.desk_phone)),
            )
            if found
        ]
        if wrong:
            raise WrongSetting("not fit for production: " + "; ".join(wrong))


def read_settings(**overrides: Any) -> Settings:
    """The settings from the environment, with `overrides` on top. Raises WrongSetting."""
    known = {item.name for item in fields(Settings)}
    unknown = sorted(
        name for name in os.environ if name.startswith(PREFIX) and name.removeprefix(PREFIX).lower() not in known
    )
    if unknown:
        raise WrongSetting(f"unknown settings: {', '.join(unknown)}")
    env = Env(prefix=PREFIX)
    readers: dict[str, Callable[[str, Any], Any]] = {
        "Mode": lambda name, default: env.enum(name, default, enum=Mode, by_value=True),
        "Path": env.path,
        "str": env.str,
        "int": env.int,
        "bool": env.bool,
        "float": env.float,
    }
    values: dict[str, Any] = {}
    for item in fields(Settings):
        name = item.name.upper()
        if PREFIX + name in os.environ:
            try:
                values[item.name] = readers[str(item.type)](name, item.default)
            except (EnvError, ValueError) as error:
                raise WrongSetting(f"{PREFIX}{name} cannot be read: {error}") from None
    return Settings(**values | overrides)
