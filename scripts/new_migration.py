"""Writes a migration for what changed in the models, for you to read and correct.

    .venv/bin/python scripts/new_migration.py 0002 "Add call-backs"

It compares the models with a fresh SQLite database at the newest migration.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from alembic import command

from service.kernel.database import make_engine
from service.schema import configuration


def main(revision: str, message: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        engine = make_engine(f"sqlite:///{Path(folder) / 'fresh.db'}", pool_size=1)
        with engine.begin() as connection:
            config = configuration(connection)
            command.upgrade(config, "head")
            command.revision(config, message=message, autogenerate=True, rev_id=revision)
        engine.dispose()


if __name__ == "__main__":
    main(*sys.argv[1:])
