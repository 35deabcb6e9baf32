"""Contract ends as a file: each row does what a single report or change does, and the same file twice does nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import event, select

from service.access.actor import ActingParty, Actor
from service.access.models import AccessEntry
from service.access.rules import PartyKind
from service.delivery.models import Event, EventParty, Mail
from service.kernel.database import Database
from service.kernel.problems import Problem
from service.signals.models import SignalReport
from service.signals.rules import Consent, EndReason, Outcome, SignalPhase, VacancyExpected
from tests.contacts.contacts_world import BSNS
from tests.contacts.imports_kit import bsns
from tests.signals.imports_kit import row, send
from tests.signals.signals_world import SignalsWorld

ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
VERSION = re.compile(r"'version': \d{3,},")  # an employer's: made of what it sees
NUMBER = re.compile(r"SP-\w{5}-\w{5}")


def masked(value: Any) -> str:
    return VERSION.sub("", NUMBER.sub("number", ID.sub("id", repr(value))))


def everything(world: SignalsWorld, signal_id: str) -> dict[str, Any]:
    """All that anybody sees, hears and finds of a signal."""
    found: dict[str, Any] = {}
    for actor in (world.bakery, world.jobcoaches, world.uwv, world.desk):
        try:
            found[actor.kind.value] = masked(world.get(signal_id, actor)), world.steps(signal_id, actor)
        except Problem as problem:
            found[actor.kind.value] = problem.status
    told = select(Event.type, Event.subject_version, Event.sequence, Event.data, Event.because, EventParty.party_id)
    told = told.join(EventParty, EventParty.event_id == Event.id).where(Event.subject.endswith(signal_id))
    kinds = {actor.party.id: actor.kind.value for actor in (world.bakery, world.jobcoaches, world.uwv, world.desk)}
    found["events"] = [
        (*each[:3], masked(each[3]), each[4], kinds.get(each[5])) for each in world.rows(told.order_by(Event.id))
    ]
    queued = world.rows(select(Mail.template, Mail.data).order_by(Mail.id))
    found["mails"] = [(template, data["to"]) for template, data in queued if data["signalId"] == signal_id]
    looks = select(AccessEntry.action, AccessEntry.purpose).where(AccessEntry.resource.endswith(signal_id))
    found["looks"] = sorted(tuple(each) for each in world.rows(looks) if not each[0].endswith("read"))
    return found


Setup = Callable[[SignalsWorld, str], Any]


def stranger(world: SignalsWorld, bsn: str) -> str:
    return world.stranger(bsn)


def undisclosed(world: SignalsWorld, bsn: str) -> str:
    return world.client(bsn)


def disclosed(world: SignalsWorld, bsn: str) -> str:
    return world.client(bsn, disclosed=True)


def warned(world: SignalsWorld, bsn: str) -> str:
    """With an early warning that the employer does not see."""
    made = world.client(bsn, end_date=date(2026, 5, 1))
    world.tick("signals.early-warning")
    return made


def coached(world: SignalsWorld, bsn: str) -> str:
    """Reported by the jobcoach, out of the employer's sight."""
    made = world.client(bsn, jobcoach=True)
    world.report(made, world.jobcoaches, reference=None)
    return made


def shared(world: SignalsWorld, bsn: str) -> str:
    """Reported by the jobcoach, with consent."""
    made = world.client(bsn, jobcoach=True)
    world.report(made, world.jobcoaches, consent_to_contact_employer=Consent.GRANTED)
    return made


def test_a_row_does_what_a_single_report_does(world: SignalsWorld) -> None:
    """For whoever is behind it: all that is seen, heard, mailed and logged is the same."""
    setups = (stranger, undisclosed, disclosed, warned, coached, shared)
    people = iter(bsns(12))
    pairs = [(setup(world, next(people)), setup(world, next(people))) for setup in setups]
    singles = [world.report(one)["id"] for one, _ in pairs]
    rest = [stranger(world, BSNS[0]) for _ in range(3)]
    done = send(world, [row(each) for each in [*(other for _, other in pairs), *rest]])
    assert done["counts"] == {"read": 9, "created": 9, "warned": 1}, done
    assert done["rows"] == [(5, "einddatum", "end_differs_from_register")]
    for (_, other), single, number in zip(pairs, singles, range(2, 8), strict=True):
        receipt = done["receipts"][number]
        assert receipt["employment_id"] == other
        view = world.get(receipt["signal_id"])
        assert (view["number"], view["receipt"]["acknowledge_by"]) == (
            receipt["receipt_number"],
            receipt["acknowledge_by"],
        )
        world.get(single)
        assert everything(world, receipt["signal_id"]) == everything(world, single), setups[number - 2].__name__


def test_the_same_file_twice_does_nothing(world: SignalsWorld, database: Database) -> None:
    rows = [row(world.client()), row(world.stranger()), row(world.stranger(BSNS[2]), fase="besloten")]
    first = send(world, rows)
    written: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda _c, _k, sql, *_: written.append(sql))
    again = send(world, rows)
    assert again["counts"] == {"read": 3, "unchanged": 3}
    assert not [
        sql for sql in written if re.match(r"(INSERT INTO|UPDATE|COPY) .?(contract_end_(?!imp)|event|mail)", sql)
    ]
    same = [{**each, "outcome": None} for each in first["receipts"].values()]
    assert [{**each, "outcome": None} for each in again["receipts"].values()] == same
    # Also when the clock has gone on: what was decided has ended by then.
    world.clock.day = date(2027, 1, 4)
    world.tick("signals.ended")
    assert world.get(first["receipts"][4]["signal_id"])["phase"] is SignalPhase.ENDED
    assert send(world, rows)["counts"] == {"read": 3, "unchanged": 3}


def test_a_row_changes_what_was_reported(world: SignalsWorld) -> None:
    """As PATCH does, and only what its cells say."""
    pair = [world.client(BSNS[0]), world.client(BSNS[1])]
    single = world.report(pair[0])["id"]
    other = world.report(pair[1])["id"]
    world.change(single, phase=SignalPhase.DECIDED, expected_end_date=date(2026, 11, 30))
    done = send(
        world,
        [{"dienstverband": pair[1], "fase": "besloten", "einddatum": "2026-11-30", "employeeInformed": "ja"}],
    )
    assert done["counts"] == {"read": 1, "changed": 1, "warned": 1}
    assert everything(world, other) == everything(world, single)
    assert world.get(other)["end_reason"] is EndReason.LESS_WORK
    back = send(world, [row(pair[1], fase="loopt af")])
    assert (back["counts"], back["rows"]) == ({"read": 1, "failed": 1}, [(2, "fase", "forbidden-transition")])
    assert send(world, [row(pair[1], fase="besloten", einddatum="30-11-2026", kenmerk_melding="HR-8")])["counts"] == {
        "read": 1, "changed": 1, "warned": 1,
    }  # fmt: skip
    assert world.get(other)["reference"] == "HR-8"


def test_what_is_over_stays_over(world: SignalsWorld) -> None:
    """A file of last week opens nothing again, whether or not another party goes on out of sight."""
    alone, beside, closed = world.client(BSNS[0]), world.client(BSNS[1], jobcoach=True), world.client(BSNS[2])
    signals = [world.report(each)["id"] for each in (alone, beside, closed)]
    world.report(beside, world.jobcoaches)
    for each in signals[:2]:
        world.move(each, "withdrawn", world.bakery)
    world.move(signals[2], "acknowledged")
    world.move(signals[2], "closed", outcome=Outcome.STAYS)
    rows = [row(each) for each in (alone, beside, closed)]
    done = send(world, rows)
    assert done["counts"] == {"read": 3, "unchanged": 3, "warned": 3}
    assert {code for *_, code in done["rows"]} == {"signal-over"}
    assert [each["signal_id"] for each in done["receipts"].values()] == signals
    # Said otherwise, it is a new report of each.
    news = send(world, [each | {"vacature": "nee"} for each in rows])
    assert news["counts"] == {"read": 3, "created": 3}
    assert not {each["signal_id"] for each in news["receipts"].values()} & set(signals)


def test_a_dry_run_says_the_same_and_writes_nothing(world: SignalsWorld) -> None:
    known = world.client(BSNS[0])
    world.report(known)
    rows = [
        row(known, vacature="nee"),
        row(world.stranger(BSNS[1])),
        row(coached(world, BSNS[2])),
        row(world.client(BSNS[3]), fase="besloten", **{"werknemer weet het": "nee"}),
    ]
    before = len(world.rows(select(SignalReport.id)))
    tried = send(world, rows, dry_run=True)
    assert (len(world.rows(select(SignalReport.id))), tried["receipts"]) == (before, {})
    done = send(world, rows)
    assert tried["counts"] == done["counts"] == {"read": 4, "changed": 1, "created": 2, "failed": 1}
    assert tried["rows"] == done["rows"] == [(5, "werknemer weet het", "employee-not-informed")]


def test_how_an_employment_is_named(world: SignalsWorld) -> None:
    old = world.stranger(BSNS[0], employee_number="7", start_date=date(2025, 1, 1), end_date=date(2025, 12, 31))
    new = world.stranger(BSNS[0], employee_number="7", reference="C-7")
    other = world.stranger(BSNS[1], reference="C-8")
    foreign = world.employment(BSNS[2], actor=world.garage, reference="C-9")

    def named(**names: str) -> dict[str, str]:
        return {"dienstverband": "", "referentie": "", "personeelsnummer": "", **row(""), **names}

    done = send(
        world,
        [
            named(personeelsnummer="7"),
            named(referentie="C-8"),
            named(dienstverband=old, personeelsnummer="7"),
            named(referentie="C-7", dienstverband=other),
            named(dienstverband=foreign),
            named(referentie="C-9"),
            named(personeelsnummer="0"),
            named(),
            named(dienstverband=new),
        ],
    )
    assert {number: each["employment_id"] for number, each in done["receipts"].items()} == {2: new, 3: other, 4: old}
    assert done["rows"] == [
        (4, "einddatum", "end_differs_from_register"),
        (5, "referentie", "two-employments"),
        (6, "dienstverband", "unknown-reference"),
        (7, "referentie", "unknown-reference"),
        (8, "personeelsnummer", "unknown-reference"),
        (9, "dienstverband", "required"),
        (10, "dienstverband", "twice"),
    ]


def test_a_jobcoach_organisation_sends_its_own(world: SignalsWorld) -> None:
    mine = world.client(BSNS[0], jobcoach=True, reference="C-1")
    beside = world.client(BSNS[1], jobcoach=True)
    signal_id = world.report(beside)["id"]
    strange = world.client(BSNS[2])
    done = send(world, [row(mine), row(beside, toestemming="nee"), row(strange)], world.jobcoaches)
    assert done["counts"] == {"read": 3, "created": 2, "failed": 1}
    assert done["rows"] == [(4, "dienstverband", "unknown-reference")]
    assert done["receipts"][3]["signal_id"] == signal_id
    assert [each["id"] for each in world.listed()] == [signal_id]
    assert world.get(signal_id, world.jobcoaches)["number"] == done["receipts"][3]["receipt_number"]
    # What the employer says meanwhile is no reason to say the same again.
    world.change(signal_id, vacancy_expected=VacancyExpected.NO)
    assert send(world, [row(mine), row(beside)], world.jobcoaches)["counts"] == {"read": 2, "unchanged": 2}
    numbered = [{"referentie": "C-1", "fase": "besloten", "employeeInformed": "ja"}]
    assert send(world, numbered, world.jobcoaches)["rows"] == [(2, "referentie", "employer-needed")]
    there = send(world, numbered, world.jobcoaches, employer_id=world.bakery.party.id)
    assert there["counts"] == {"read": 1, "changed": 1}


def test_who_acts_for_several_employers_says_for_which(world: SignalsWorld) -> None:
    both = Actor(
        "office", (world.bakery.party, ActingParty(world.garage.party.id, PartyKind.EMPLOYER, "G")), frozenset()
    )
    one = world.stranger(BSNS[0], reference="C-1")
    with pytest.raises(Problem) as refused:
        send(world, [row(one)], both)
    assert [(error.parameter, error.code) for error in refused.value.errors] == [("employerId", "required")]
    assert send(world, [row(one)], both, employer_id=world.garage.party.id)["rows"][0][2] == "unknown-reference"
    assert send(world, [row(one)], both, employer_id=world.bakery.party.id)["counts"] == {"read": 1, "created": 1}
