"""A database of each kind, with the tables of this room and of those below it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask, Response, request
from flask.testing import FlaskClient

from service.access import models as access_models
from service.access.actor import Actor, log_replay
from service.delivery import models as delivery_models
from service.delivery.room import ROOM
from service.kernel import idempotency
from service.kernel.database import Base, Database, make_engine
from service.kernel.http import Gateway
from service.kernel.problems import Problem
from tests.delivery.delivery_kit import (
    MovingClock,
    Receiver,
    a_client,
    a_party,
    a_receiver,
    an_actor,
    make_settings,
    make_vault,
)
from tests.support import databases

_MODULES = {module.__name__ for module in (access_models, delivery_models, idempotency)}


def _create(url: str) -> None:
    tables = [mapper.local_table for mapper in Base.registry.mappers if mapper.class_.__module__ in _MODULES]
    engine = make_engine(url)
    Base.metadata.create_all(engine, tables=tables)  # type: ignore[arg-type]
    engine.dispose()


@pytest.fixture
def clock() -> MovingClock:
    return MovingClock()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield databases.sqlite_clone(databases.sqlite_template(_create, "delivery"), tmp_path)
        return
    url = databases.clone(databases.create_template(databases.postgres_server(), "delivery", _create))
    yield url
    databases.drop(url)


@pytest.fixture
def database(url: str, clock: MovingClock) -> Iterator[Database]:
    found = Database(url, clock=clock, settings=make_settings(), vault=make_vault())
    yield found
    found.close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with a_receiver() as found:
        yield found


@pytest.fixture
def actor(database: Database) -> Actor:
    with database.transaction() as uow:
        party = a_party(uow)
        return an_actor(a_client(uow, party), party)


@pytest.fixture
def web(database: Database, actor: Actor) -> Iterator[FlaskClient]:
    """The room's endpoints alone, called by `actor`, or by a stranger who says so."""
    stranger = an_actor("stranger", *actor.party_ids())
    app = Flask("delivery")
    gateway = Gateway(
        database,
        lambda _, authorization: stranger if authorization == "stranger" else actor,
        log_replay,
        api_version="1.0.0",
        type_base="/docs/problems#",
    )
    for routes in ROOM.routes:
        gateway.register(app, routes.endpoints, "/v1")

    @app.errorhandler(Problem)
    def refused(problem: Problem) -> Response:
        return gateway.problem_response(problem, request)

    with app.test_client() as client:
        yield client
