"""A change of secret, without a message that its receiver cannot verify."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update
from standardwebhooks.webhooks import Webhook as Verifier
from standardwebhooks.webhooks import WebhookVerificationError

from service.access.actor import Actor
from service.delivery import models, sequencer
from service.delivery.rotation import OLD_SECRETS
from service.delivery.rules import OLD_SECRET_TERM, WebhookStatus
from service.kernel.database import Database
from tests.delivery.delivery_kit import Heard, MovingClock, Receiver, a_webhook, an_event, rows
from tests.delivery.test_deliveries import a_lane, until_idle


def made_webhook(database: Database, web: FlaskClient, url: str) -> tuple[str, dict[str, Any]]:
    """(its address, the answer) of one that agreed."""
    answer = web.post("/v1/webhooks", json={"url": url})
    with database.transaction() as uow:
        uow.execute(update(models.Webhook).values(status=WebhookStatus.ACTIVE))
    assert answer.json is not None
    return answer.headers["Location"], answer.json


def rotate(web: FlaskClient, where: str) -> dict[str, Any]:
    answer = web.post(f"{where}/secrets")
    assert answer.status_code == 201, answer.json
    assert answer.json is not None
    assert answer.headers["Location"] == f"{where}/secrets/{answer.json['id']}"
    found: dict[str, Any] = answer.json
    return found


def remove(web: FlaskClient, where: str, secret_id: str) -> int:
    tag = web.get(where).headers["ETag"]
    return web.delete(f"{where}/secrets/{secret_id}", headers={"If-Match": tag}).status_code


def next_message(database: Database, actor: Actor, receiver: Receiver) -> Heard:
    with database.transaction() as uow:
        an_event(uow, actor.party.id, f"signals/{len(receiver.posts)}")
        sequencer.sequence(uow, 10)
    lane = a_lane(database)
    until_idle(lane)
    lane.close(1)
    return receiver.posts[-1]


def verifies(secret: str, heard: Heard) -> bool:
    try:
        Verifier(secret).verify(heard.body, heard.headers)
    except WebhookVerificationError:
        return False
    return True


def test_both_sign_until_the_old_one_is_removed(
    database: Database, web: FlaskClient, actor: Actor, receiver: Receiver
) -> None:
    where, made = made_webhook(database, web, receiver.url)
    old = made["secret"]
    [only] = made["secrets"]
    assert only == {"id": only["id"], "createdAt": made["createdAt"], "validUntil": None}

    new = rotate(web, where)
    heard = next_message(database, actor, receiver)
    assert len(heard.headers["webhook-signature"].split()) == 2
    assert verifies(old, heard)
    assert verifies(new["secret"], heard)
    shown = web.get(where).json
    assert shown is not None
    assert [each["id"] for each in shown["secrets"]] == [only["id"], new["id"]]
    assert "whsec_" not in str(shown)
    assert "whsec_" not in str(web.get(f"{where}/secrets/{new['id']}").json)

    # Not a third one, and the old one goes when its owner says so.
    assert web.post(f"{where}/secrets").status_code == 409
    assert remove(web, where, only["id"]) == 204
    heard = next_message(database, actor, receiver)
    assert len(heard.headers["webhook-signature"].split()) == 1
    assert not verifies(old, heard)
    assert verifies(new["secret"], heard)
    assert web.get(f"{where}/secrets/{only['id']}").status_code == 404
    assert remove(web, where, only["id"]) == 404
    assert remove(web, where, new["id"]) == 409


def test_the_new_one_can_be_taken_back(database: Database, web: FlaskClient, actor: Actor, receiver: Receiver) -> None:
    where, made = made_webhook(database, web, receiver.url)
    new = rotate(web, where)
    assert remove(web, where, new["id"]) == 204
    heard = next_message(database, actor, receiver)
    assert (verifies(made["secret"], heard), verifies(new["secret"], heard)) == (True, False)
    shown = web.get(where).json
    assert shown is not None
    assert shown["secrets"] == made["secrets"]


@pytest.mark.parametrize("timer_came", [False, True])
def test_the_old_one_ends_by_itself(
    database: Database, web: FlaskClient, actor: Actor, receiver: Receiver, clock: MovingClock, timer_came: bool
) -> None:
    where, made = made_webhook(database, web, receiver.url)
    new = rotate(web, where)
    clock.now += OLD_SECRET_TERM - timedelta(seconds=1)
    assert verifies_now(database, made["secret"], actor, receiver, clock)
    clock.move(seconds=1)
    if timer_came:
        with database.transaction() as uow:
            [due] = OLD_SECRETS.due(uow, 10)
            OLD_SECRETS.fire(uow, due)
            assert OLD_SECRETS.due(uow, 10) == []
        [row] = rows(database, models.Webhook)
        assert (row.new_secret, row.secret_id) == (None, new["id"])
    assert not verifies_now(database, made["secret"], actor, receiver, clock)
    assert verifies_now(database, new["secret"], actor, receiver, clock)
    shown = web.get(where).json
    assert shown is not None
    assert [each["id"] for each in shown["secrets"]] == [new["id"]]
    # There is room for the next.
    third = rotate(web, where)
    assert verifies_now(database, third["secret"], actor, receiver, clock)
    assert verifies_now(database, new["secret"], actor, receiver, clock)


def verifies_now(database: Database, secret: str, actor: Actor, receiver: Receiver, clock: MovingClock) -> bool:
    """Whether the next message fits this secret, for a receiver whose clock shows our time."""
    heard = next_message(database, actor, receiver)
    verifier = Verifier(secret)
    signed = verifier.sign(heard.headers["webhook-id"], clock.now, heard.body.decode())
    return signed in heard.headers["webhook-signature"].split()


def test_a_webhook_of_before_keeps_its_secret(
    database: Database, web: FlaskClient, actor: Actor, receiver: Receiver
) -> None:
    with database.transaction() as uow:
        webhook_id, secret = a_webhook(uow, actor.client_id, receiver.url)
    where = f"/v1/webhooks/{webhook_id}"
    assert verifies(secret, next_message(database, actor, receiver))
    new = rotate(web, where)
    heard = next_message(database, actor, receiver)
    assert verifies(secret, heard)
    assert verifies(new["secret"], heard)
    stored = rows(database, models.Webhook)[0]
    assert new["secret"].encode() not in bytes(stored.secret) + bytes(stored.new_secret)
    assert web.get(f"{where}/secrets/{webhook_id}").status_code == 200


def test_a_repeated_request_gives_the_same_secret(database: Database, web: FlaskClient, actor: Actor) -> None:
    with database.transaction() as uow:
        webhook_id, _ = a_webhook(uow, actor.client_id)
    where, key = f"/v1/webhooks/{webhook_id}/secrets", {"Idempotency-Key": "once"}
    first, second = web.post(where, headers=key), web.post(where, headers=key)
    assert first.status_code == second.status_code == 201
    assert first.json == second.json


def test_a_stranger_sees_none(database: Database, web: FlaskClient, actor: Actor) -> None:
    with database.transaction() as uow:
        webhook_id, _ = a_webhook(uow, actor.client_id)
    where, stranger = f"/v1/webhooks/{webhook_id}/secrets", {"Authorization": "stranger"}
    assert web.post(where, headers=stranger).status_code == 404
    assert web.get(f"{where}/{webhook_id}", headers=stranger).status_code == 404
    assert web.delete(f"{where}/{webhook_id}", headers=stranger | {"If-Match": "*"}).status_code == 404
    assert web.delete(f"{where}/{webhook_id}").status_code == 428
