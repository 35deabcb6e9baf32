"""The database schema: bring it up to date, and know whether it is."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from service.kernel.database import begin, make_engine
from service.kernel.prepared import Driver

_LOCK = 7_233_151_203


class NewerSchema(Exception):
    """The database was migrated by newer code than this."""


def migrate(url: str) -> str:
    """Brings the database to the schema of this code and returns its revision.

    One process at a time: the others wait and find it done. All or nothing: a migration that is cut off leaves the
    schema as it was. Raises NewerSchema when the database is ahead of this code.
    """
    engine = make_engine(url, pool_size=1)
    try:
        with engine.begin() as connection:
            begin(Driver(connection.engine, connection.connection))
            if connection.dialect.name == "postgresql":
                connection.execute(text("SET LOCAL lock_timeout = 0"))
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            config = configuration(connection)
            scripts = ScriptDirectory.from_config(config)
            present = MigrationContext.configure(connection).get_current_revision()
            if present is not None and present not in {script.revision for script in scripts.walk_revisions()}:
                raise NewerSchema(f"the database has revision {present}, which this code does not know")
            command.upgrade(config, "head")
            return str(scripts.get_current_head())
    finally:
        engine.dispose()


def configuration(connection: Connection) -> Config:
    """Alembic's configuration, without a file: our migrations, on this connection."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    config.attributes["batch"] = connection.dialect.name == "sqlite"
    return config


def head() -> str:
    """The revision that this code expects."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return str(ScriptDirectory.from_config(config).get_current_head())
