"""The commands of whoever watches what leaves the house."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import insert, update

from service.access.models import Client, Party
from service.access.rules import PartyKind
from service.delivery import models, sequencer
from service.delivery.events import publish, queue_mail
from service.delivery.rules import DeliveryStatus, MailStatus, WebhookStatus
from service.delivery.webhooks import new_secret, seal_secret
from service.kernel.database import UnitOfWork
from service.kernel.ids import new_id
from service.worker import Worker
from tests.support.house import House
from tests.test_commands import Shell, shell

__all__ = ["shell"]


def fill(uow: UnitOfWork) -> dict[str, str]:
    """A webhook with a delivery that was tried once and given up, a mail and an event that failed."""
    party, webhook = new_id(), new_id()
    uow.execute(insert(Party).values(id=party, kind=PartyKind.EMPLOYER, name="Bakkerij De Halm"))
    uow.execute(insert(Client).values(id="hr", name="HR", party_id=party, is_demo=False, created_at=uow.now))
    uow.execute(
        insert(models.Webhook).values(
            id=webhook,
            client_id="hr",
            url="https://hr.example.nl/events?token=geheim",
            types=[],
            secret=seal_secret(uow, webhook, new_secret()),
            status=WebhookStatus.ACTIVE,
            created_at=uow.now,
            version=1,
            attempts=0,
            due_at=uow.now,
            fence=0,
        )
    )
    event = publish(uow, "contract-end-signal.reported", "contract-end-signals/1", 1, [party], {"signalId": "1"})
    # Nothing is to be done for an employment that is not there: the consumer takes it.
    job = new_id()
    changed = publish(uow, "employment.changed", f"employments/{job}", 1, [], {"employmentId": job})
    sequencer.sequence(uow, 10)
    uow.execute(update(models.Delivery).values(status=DeliveryStatus.FAILED, last_status=503, attempts=10))
    delivery = uow.execute(models.Delivery.__table__.select()).one().id
    uow.execute(
        insert(models.Attempt).values(
            id=new_id(), delivery_id=delivery, at=uow.now, status=503, error=None, milliseconds=12
        )
    )
    queue_mail(uow, "signal-reported", {"signalId": "1"})
    uow.execute(update(models.Mail).values(status=MailStatus.FAILED, last_error="smtp-550"))
    mail = uow.execute(models.Mail.__table__.select()).one().id
    failure = new_id()
    uow.execute(
        insert(models.ConsumerFailure).values(
            id=failure,
            consumer="signals.employment",
            event_id=changed,
            position=2,
            attempts=10,
            error="ValueError",
            failed_at=uow.now,
        )
    )
    return {"webhook": webhook, "event": event, "delivery": delivery, "mail": mail, "consumer": failure}


@pytest.fixture
def ids(shell: Shell) -> dict[str, str]:
    with shell.database() as database, database.transaction() as uow:
        return fill(uow)


def lines(printed: str) -> list[list[str]]:
    return [line.split("\t") for line in printed.splitlines()]


def test_what_failed_is_listed_without_what_was_in_it(shell: Shell, ids: dict[str, str]) -> None:
    printed = shell.do("failures")
    found = {row[0]: row for row in lines(printed)}
    assert {kind: row[1] for kind, row in found.items()} == {
        kind: ids[kind] for kind in ("consumer", "mail", "delivery")
    }
    assert found["mail"][3:] == ["signal-reported", "-", "0", "smtp-550"]
    assert found["delivery"][3:] == [
        ids["webhook"],
        f"contract-end-signal.reported {ids['event']}",
        "10",
        "http-503",
    ]
    assert found["consumer"][3] == "signals.employment"
    assert "signalId" not in printed
    assert [row[0] for row in lines(shell.do("failures", "--kind", "mail"))] == ["mail"]


def test_redrive_keeps_the_ids(shell: Shell, ids: dict[str, str]) -> None:
    assert lines(shell.do("redrive", "mail", ids["mail"])) == [[ids["mail"], "queued"]]
    assert lines(shell.do("redrive", "delivery", "all")) == [[ids["delivery"], "queued"]]
    assert [row[0] for row in lines(shell.do("failures"))] == ["consumer"]
    assert "no such failure" in shell.refused("redrive", "mail", ids["mail"])
    assert "not an id" in shell.refused("redrive", "mail", "1")
    assert shell.do("redrive", "mail", "all") == ""
    assert lines(shell.do("redrive", "consumer", ids["consumer"])) == [[ids["consumer"], "handled"]]
    assert shell.do("failures") == ""


def test_the_operator_reads_the_log_without_bodies(shell: Shell, ids: dict[str, str]) -> None:
    [row] = lines(shell.do("webhook", "list"))
    assert row == [ids["webhook"], "hr", "active", "-", "-", "0", "1", "hr.example.nl"]
    delivery, attempt = lines(shell.do("webhook", "log", ids["webhook"]))
    assert delivery == [ids["delivery"], ids["event"], "contract-end-signal.reported", "failed", "10"]
    assert attempt[2:] == ["503", "12 ms"]
    assert shell.do("webhook", "log", ids["webhook"], "--status", "pending") == ""
    assert "no webhook" in shell.refused("webhook", "log", ids["mail"])


def test_the_worker_measures_where_it_is_asked_to(house: House) -> None:
    with house.database.transaction() as uow:
        fill(uow)

    def dead(kind: str) -> float | None:
        return REGISTRY.get_sample_value("servicepunt_dead_letters", {"kind": kind})

    before = dead("mail")
    for port in (0, 9464):
        worker = Worker(house.database, (), replace(house.settings, worker_metrics_port=port), threading.Event())
        worker.round()
        worker.close()
        if not port:
            assert dead("mail") == before
    assert (dead("mail"), dead("consumer"), dead("delivery")) == (1, 1, 1)
