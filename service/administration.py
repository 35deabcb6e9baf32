"""The commands of whoever administers the service: keys, parties and their clients, and what is known of a person."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import structlog

from service.access.rules import PartyKind, Purpose
from service.config import Settings, read_settings

if TYPE_CHECKING:
    from service.kernel.database import UnitOfWork

# Employers and pools have more to tell than a name: the desk registers them over the API.
_KINDS = [
    str(kind) for kind in PartyKind if kind not in (PartyKind.EMPLOYER, PartyKind.MOBILITY_POOL, PartyKind.SYSTEM)
]
_DAY = click.DateTime(formats=["%Y-%m-%d"])
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def checked_settings(**overrides: Any) -> Settings:
    """The settings in force. Raises WrongSetting where they are not fit for their mode."""
    settings = read_settings(**overrides)
    settings.check()
    configure_log(settings)
    return settings


def configure_log(settings: Settings) -> None:
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(settings.log_level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


@contextmanager
def work() -> Iterator[UnitOfWork]:
    """One transaction for a command."""
    from service.app import open_database

    database = open_database(checked_settings())
    try:
        with database.transaction() as uow:
            yield uow
    finally:
        database.close()


def explanation(error: Exception) -> str | None:
    """What to tell whoever typed the command; None for an error that is ours."""
    from sqlalchemy.exc import OperationalError, ProgrammingError

    from service.access.keys import WrongKey
    from service.config import WrongSetting
    from service.kernel.problems import Problem
    from service.schema import NewerSchema

    if isinstance(error, WrongSetting | NewerSchema):
        return str(error)
    if isinstance(error, WrongKey):
        return f"{error} (servicepunt keys)"
    if isinstance(error, Problem):
        return " ".join(found.text.en for found in error.errors) or error.detail.en
    if isinstance(error, OperationalError | ProgrammingError):
        return f"the database cannot be used: {error.orig} (was it migrated? servicepunt migrate)"
    return None


# --- Keys -------------------------------------------------------------------------------------------------------


@click.group()
def keys() -> None:
    """Make the keys of tokens and sealed fields."""


@keys.command("create")
def create_keys() -> None:
    """Make what is missing of the keys in the data directory."""
    from service.access.keys import ensure_keys

    ensure_keys(checked_settings().data_dir)


@keys.command("create-signing")
def create_signing() -> None:
    """Make the next key that signs tokens. Those signed before stay valid as long as the old key's file is there."""
    from service.access.keys import create_signing_key

    click.echo(create_signing_key(checked_settings().data_dir))


# --- Parties ----------------------------------------------------------------------------------------------------


@click.group()
def party() -> None:
    """The organisations that take part. Employers and mobility pools are registered over the API."""


@party.command("create")
@click.argument("kind", type=click.Choice(_KINDS))
@click.argument("name")
@click.option("--region", metavar="CODE", help="Labour-market region of a WSP, such as AM01.")
@click.option("--email", help="Where it gets mails, such as those about a signal that nobody answers.")
def create_party(kind: str, name: str, region: str | None, email: str | None) -> None:
    """Make a party and print its id."""
    from marshmallow import ValidationError

    from service.access import operations
    from service.kernel.fields import Email

    try:
        address = None if email is None else Email().deserialize(email)
    except ValidationError:
        raise click.BadParameter("this is not an e-mail address", param_hint="--email") from None
    with work() as uow:
        made = operations.create_party(uow, PartyKind(kind), name, email=address, region_code=region)
    click.echo(made)


@party.command("list")
def list_parties() -> None:
    """Print id, kind, region and name of all parties."""
    from sqlalchemy import select

    from service.access.models import Party

    with work() as uow:
        rows = uow.session.scalars(select(Party).order_by(Party.kind, Party.name, Party.id)).all()
    for row in rows:
        click.echo(f"{row.id}\t{row.kind}\t{row.region_code or '-'}\t{row.name}")


# --- Clients ----------------------------------------------------------------------------------------------------


@click.group()
def client() -> None:
    """The systems that call, each for its party."""


@client.command("create")
@click.argument("party_id")
@click.argument("name")
@click.option("--jwks", type=_FILE, help="Its public keys, a JWK Set: for private_key_jwt.")
@click.option("--secret", is_flag=True, help="Make a secret and print it, once. Not in production.")
@click.option("--id", "client_id", default="", metavar="ID", help="Its id; left out: a new one.")
def create_client(party_id: str, name: str, jwks: Path | None, secret: bool, client_id: str) -> None:
    """Make a client of a party. Print its id and, with --secret, its secret on a second line."""
    from service.access import operations
    from service.access.models import Client

    made_secret = operations.new_secret() if secret else None
    key_set = None if jwks is None else _read_jwks(jwks)
    check_ids(party_id)
    with work() as uow:
        if client_id and uow.session.get(Client, client_id) is not None:
            raise click.ClickException("there is a client with this id")
        made = operations.create_client(uow, party_id, name, client_id=client_id, jwks=key_set, secret=made_secret)
    click.echo(made)
    if made_secret is not None:
        click.echo(made_secret)


@client.command("set-keys")
@click.argument("client_id")
@click.option("--jwks", type=_FILE, required=True, help="Its public keys, a JWK Set, in place of those before.")
def set_keys(client_id: str, jwks: Path) -> None:
    """Replace the public keys of a client: first by the old and the new one, later by the new one alone."""
    from service.access import operations

    with work() as uow:
        operations.replace_client_keys(uow, client_id, _read_jwks(jwks))


@client.command("grant")
@click.argument("client_id")
@click.argument("party_id")
@click.option("--from", "start", type=_DAY, help="First day; today when left out.")
@click.option("--until", "end", type=_DAY, help="Last day; without end when left out.")
def grant(client_id: str, party_id: str, start: datetime | None, end: datetime | None) -> None:
    """Let a client act for a further party of its kind. A second grant takes the place of the first."""
    from service.access import operations

    check_ids(party_id)
    with work() as uow:
        operations.grant(uow, client_id, party_id, valid_from=_day(start), valid_until=_day(end))


@client.command("revoke")
@click.argument("client_id")
def revoke(client_id: str) -> None:
    """Shut a client out for good."""
    from service.access import operations

    with work() as uow:
        operations.revoke_client(uow, client_id)


@client.command("list")
def list_clients() -> None:
    """Print id, party, state and name of all clients."""
    from sqlalchemy import select

    from service.access.models import Client

    with work() as uow:
        rows = uow.session.scalars(select(Client).order_by(Client.party_id, Client.id)).all()
    for row in rows:
        state = "active" if row.revoked_at is None else f"revoked {row.revoked_at:%Y-%m-%d}"
        click.echo(f"{row.id}\t{row.party_id}\t{state}\t{row.name}")


@client.command("usage")
@click.option("--on", "day", type=click.DateTime(["%Y-%m-%d"]), help="The day; today when left out.")
def usage(day: datetime | None) -> None:
    """Print client, subject, requests, people and the share that the desk answered, for each that asked on a day."""
    from service.access.limits import usage_on

    with work() as uow:
        rows = usage_on(uow, _day(day) or uow.today)
    for row in rows:
        share = row["watched"] / row["amount"] if row["amount"] else 0
        numbers = (row["client_id"], row["subject"], row["requests"], row["amount"], f"{share:.0%}")
        click.echo("\t".join(map(str, numbers)))


def _read_jwks(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except ValueError:
        raise click.BadParameter("the file holds no JSON", param_hint="--jwks") from None


def _day(moment: datetime | None) -> date | None:
    return None if moment is None else moment.date()


def check_ids(*ids: str) -> None:
    from service.kernel.ids import is_id

    if not all(map(is_id, ids)):
        raise click.BadParameter("this is not an id of this service")


# --- People -----------------------------------------------------------------------------------------------------


@click.group()
def person() -> None:
    """What is known of one person, in all rooms. Each of these commands leaves a line in the access log."""


@person.command("find")
def find_person() -> None:
    """Ask for a BSN and print the id of the person. It is typed, not an argument: those can be seen by others."""
    from service.people.models import IndexKind
    from service.people.operations import find

    bsn = click.prompt("BSN", hide_input=True, err=True)
    with work() as uow:
        person_id = find(uow, IndexKind.BSN, bsn)
        if person_id is None:
            raise click.ClickException("nobody with this BSN is known")
        _log(uow, "person.found", person_id)
    click.echo(person_id)


@person.command("export")
@click.argument("person_id")
def export_person(person_id: str) -> None:
    """Print everything that is known of a person, as JSON."""
    import orjson

    from service.rooms import ROOMS

    with work() as uow:
        _check_known(uow, person_id)
        found = {room.name: room.export(uow, person_id) for room in reversed(ROOMS) if room.export is not None}
        _log(uow, "person.exported", person_id)
    click.echo(orjson.dumps(found, default=str, option=orjson.OPT_INDENT_2).decode())


@person.command("erase")
@click.argument("person_id")
@click.confirmation_option(prompt="This cannot be taken back. Erase this person?")
def erase_person(person_id: str) -> None:
    """Take away what identifies a person and what is known of them, in all rooms or in none."""
    from service.rooms import ROOMS

    with work() as uow:
        _check_known(uow, person_id)
        # Highest first: what a room above has of a person, it finds through the rooms below.
        for room in reversed(ROOMS):
            if room.erase is not None:
                room.erase(uow, person_id)
        _log(uow, "person.erased", person_id)


def _check_known(uow: UnitOfWork, person_id: str) -> None:
    from service.people.models import Person

    check_ids(person_id)
    row = uow.session.get(Person, person_id, with_for_update=True)
    if row is None or row.erased_at is not None:
        raise click.ClickException("there is no such person, or no longer")


def _log(uow: UnitOfWork, action: str, person_id: str) -> None:
    from service.access.actor import log_access, system

    log_access(uow, system("command"), Purpose.OPERATION, action, [person_id], f"persons/{person_id}")
