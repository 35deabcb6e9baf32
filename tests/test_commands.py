"""The commands of production, as somebody types them: from an empty data directory to a service that answers."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from socket import create_connection, create_server
from typing import Any

import pytest
from click.testing import CliRunner, Result
from joserfc.jwk import ECKey
from sqlalchemy import select

from service import administration
from service.access.keys import client_keys
from service.access.models import AccessEntry, Client, Grant, Party
from service.access.operations import create_client, has_demo_clients, load_actor
from service.access.rules import PartyKind
from service.cli import main
from service.employers.room import ROOM as EMPLOYERS
from service.kernel.database import Database
from service.kernel.ids import new_id
from service.people.models import IndexKind, Person
from service.people.operations import find
from tests.support.house import House, SettableClock, database_for, settings_for
from tests.support.made import BSNS, employer_in, employment_body, establishment_of

ROOT = Path(__file__).resolve().parents[1]
KEY = ECKey.generate_key("P-256", {"kid": "one"})
PRODUCTION = {
    "MODE": "production",
    "BASE_URL": "https://servicepunt.example",
    "CLIENT_SECRETS": "false",
    "SMTP_HOST": "mail.example",
    "DESK_PHONE": "+31101234567",
}


class Shell:
    """Types commands, with these settings in the environment."""

    def __init__(self, data_dir: Path, url: str) -> None:
        self.data_dir = data_dir
        self.url = url
        self.settings = {**PRODUCTION, "DATA_DIR": str(data_dir), "DATABASE_URL": url}

    def environment(self, **changes: str) -> dict[str, str]:
        return {f"SERVICEPUNT_{name}": value for name, value in (self.settings | changes).items()}

    def run(self, *words: str, typed: str | None = None, **changes: str) -> Result:
        return CliRunner().invoke(main, words, env=self.environment(**changes), input=typed)

    def do(self, *words: str, typed: str | None = None, **changes: str) -> str:
        """What a command prints that ends well."""
        result = self.run(*words, typed=typed, **changes)
        assert result.exit_code == 0, result.output
        return result.stdout.strip()

    def refused(self, *words: str, typed: str | None = None, **changes: str) -> str:
        """Why a command is refused: a sentence, not the trace of an error."""
        result = self.run(*words, typed=typed, **changes)
        assert result.exit_code in (1, 2), result.output
        assert isinstance(result.exception, SystemExit), repr(result.exception)
        assert "Traceback" not in result.output
        return result.stderr

    @contextmanager
    def database(self) -> Iterator[Database]:
        opened = database_for(settings_for(self.data_dir, self.url), SettableClock())
        yield opened
        opened.close()

    @contextmanager
    def serving(self) -> Iterator[Callable[[str], int]]:
        """`servicepunt serve` in a process of its own; gives the status of a GET. It ends in good order."""
        with create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        environment = os.environ | self.environment(PORT=str(port))
        process = subprocess.Popen([sys.executable, "-m", "service", "serve"], env=environment, cwd=ROOT)

        def get(path: str) -> int:
            connection = HTTPConnection("127.0.0.1", port, timeout=10)
            try:
                connection.request("GET", path)
                return connection.getresponse().status
            finally:
                connection.close()

        try:
            _wait_for(process, port)
            yield get
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=20) == 0
        finally:
            process.kill()
            process.wait()

    def rows(self, statement: Any) -> list[Any]:
        with self.database() as database, database.reading() as uow:
            return list(uow.session.execute(statement).all())


def _wait_for(process: subprocess.Popen[bytes], port: int) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        assert process.poll() is None, "the server did not start"
        try:
            create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("waited in vain")


@pytest.fixture
def shell(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Shell:
    # A log set up by one command would write to the screen of that command for the rest of the run.
    monkeypatch.setattr(administration, "configure_log", lambda settings: None)
    made = Shell(tmp_path, database_url)
    made.do("keys", "create")
    return made


@pytest.fixture
def jwks(tmp_path: Path) -> str:
    return write_jwks(tmp_path / "jwks.json", KEY)


def write_jwks(path: Path, *keys: ECKey, private: bool = False) -> str:
    path.write_text(json.dumps({"keys": [key.as_dict(private=private) for key in keys]}))
    return str(path)


# --- Keys and schema --------------------------------------------------------------------------------------------


def test_keys(shell: Shell) -> None:
    folder = shell.data_dir / "keys"
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert sorted(before) == ["field-0001.key", "signing-0001.jwk"]
    assert all(path.stat().st_mode & 0o077 == 0 for path in folder.iterdir())
    shell.do("keys", "create")
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert shell.do("keys", "create-signing") == str(folder / "signing-0002.jwk")
    assert (folder / "signing-0002.jwk").exists()


def test_migrating_twice(shell: Shell) -> None:
    assert shell.do("migrate") == shell.do("migrate")
    assert shell.do("migrate").startswith("schema ")


def test_what_is_missing_is_told_in_a_sentence(shell: Shell, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    assert "make one first" in shell.refused("party", "list", DATA_DIR=str(empty))
    assert "servicepunt migrate" in shell.refused("party", "list", DATABASE_URL=f"sqlite:///{empty / 'new.db'}")
    nowhere = f"postgresql+psycopg://nobody@/nothing?host={empty}"
    for words in (["party", "list"], ["migrate"], ["serve"]):
        assert "the database cannot be used" in shell.refused(*words, DATABASE_URL=nowhere)
    assert "unknown settings: SERVICEPUNT_ZOMAAR" in shell.refused("config", ZOMAAR="1")


def test_the_settings_without_secrets(shell: Shell) -> None:
    shown = shell.do("config", SMTP_PASSWORD="a very secret word")
    assert "SERVICEPUNT_BASE_URL=https://servicepunt.example\n" in shown
    assert "SERVICEPUNT_SMTP_PASSWORD=(hidden)" in shown
    assert "a very secret word" not in shown
    assert shell.url not in shown


# --- Parties and clients ----------------------------------------------------------------------------------------


def test_a_party(shell: Shell) -> None:
    desk = shell.do("party", "create", "desk", "Servicepunt", "--email", "desk@example.nl")
    wsp = shell.do("party", "create", "wsp", "WSP Groningen", "--region", "AM01")
    assert shell.rows(select(Party.id, Party.kind, Party.email, Party.region_code).order_by(Party.kind)) == [
        (desk, PartyKind.DESK, "desk@example.nl", None),
        (wsp, PartyKind.WSP, None, "AM01"),
    ]
    assert shell.do("party", "list").splitlines() == [
        f"{desk}\tdesk\t-\tServicepunt",
        f"{wsp}\twsp\tAM01\tWSP Groningen",
    ]


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["employer", "Bakkerij"], "'employer' is not one of"),
        (["mobility_pool", "Samen"], "'mobility_pool' is not one of"),
        (["system", "Servicepunt"], "'system' is not one of"),
        (["wsp", "WSP Groningen"], "A WSP has a labour-market region"),
        (["wsp", "WSP Groningen", "--region", "XX99"], "does not exist"),
        (["uwv", "UWV", "--region", "AM01"], "any other party has none"),
        (["uwv", "UWV", "--email", "uwv"], "not an e-mail address"),
    ],
)
def test_no_party(shell: Shell, words: list[str], reason: str) -> None:
    assert reason in shell.refused("party", "create", *words)
    assert shell.rows(select(Party.id)) == []


def test_a_client_with_keys(shell: Shell, jwks: str) -> None:
    uwv = shell.do("party", "create", "uwv", "UWV")
    made = shell.do("client", "create", uwv, "Caseload system", "--jwks", jwks)
    named = shell.do("client", "create", uwv, "Another", "--jwks", jwks, "--id", "uwv-2")
    assert named == "uwv-2"
    row = shell.rows(select(Client.party_id, Client.secret_hash, Client.is_demo, Client.jwks).where(Client.id == made))
    assert row == [(uwv, None, False, {"keys": [KEY.as_dict(private=False)]})]
    assert {line.split("\t")[0] for line in shell.do("client", "list").splitlines()} == {made, "uwv-2"}
    assert "there is a client with this id" in shell.refused(
        "client", "create", uwv, "Again", "--jwks", jwks, "--id", "uwv-2"
    )


def test_a_secret_is_shown_once_and_never_in_production(shell: Shell) -> None:
    uwv = shell.do("party", "create", "uwv", "UWV")
    assert "No such secret here" in shell.refused("client", "create", uwv, "N", "--secret")
    made, secret = shell.do("client", "create", uwv, "N", "--secret", MODE="demo", CLIENT_SECRETS="true").splitlines()
    assert len(secret) >= 40
    ((stored,),) = shell.rows(select(Client.secret_hash).where(Client.id == made))
    assert secret not in stored
    assert secret not in shell.do("client", "list")


def test_no_client(shell: Shell, jwks: str, tmp_path: Path) -> None:
    uwv = shell.do("party", "create", "uwv", "UWV")
    private = write_jwks(tmp_path / "private.json", KEY, private=True)
    (tmp_path / "text").write_text("BEGIN")
    for words, reason in (
        ([uwv, "N"], "Give either 'jwks' or 'secret'"),
        ([uwv, "N", "--jwks", private], "a private or secret key was sent"),
        ([uwv, "N", "--jwks", str(tmp_path / "text")], "holds no JSON"),
        ([uwv, "N", "--jwks", str(tmp_path / "none")], "does not exist"),
        ([uwv, "N", "--jwks", jwks, "--id", "a b"], "Use 1 to 100 letters"),
        ([new_id(), "N", "--jwks", jwks], "does not exist"),
        (["uwv", "N", "--jwks", jwks], "not an id"),
    ):
        assert reason in shell.refused("client", "create", *words), words
    assert shell.rows(select(Client.id)) == []


def test_new_keys_take_the_place_of_the_old(shell: Shell, jwks: str, tmp_path: Path) -> None:
    uwv = shell.do("party", "create", "uwv", "UWV")
    made = shell.do("client", "create", uwv, "N", "--jwks", jwks)
    both = write_jwks(tmp_path / "both.json", KEY, ECKey.generate_key("P-256", {"kid": "two"}))
    shell.do("client", "set-keys", made, "--jwks", both)
    ((stored,),) = shell.rows(select(Client.jwks).where(Client.id == made))
    assert [key.kid for key in client_keys(stored).keys] == ["one", "two"]
    assert "does not exist" in shell.refused("client", "set-keys", "nobody", "--jwks", both)
    private = write_jwks(tmp_path / "private.json", KEY, private=True)
    assert "a private or secret key was sent" in shell.refused("client", "set-keys", made, "--jwks", private)
    with_secret, _ = shell.do("client", "create", uwv, "N", "--secret", MODE="demo", CLIENT_SECRETS="true").splitlines()
    assert "has a secret" in shell.refused("client", "set-keys", with_secret, "--jwks", both)


def test_grant_and_revoke(shell: Shell, jwks: str) -> None:
    one, other = (shell.do("party", "create", "jobcoach_organisation", name) for name in ("Een", "Twee"))
    made = shell.do("client", "create", one, "N", "--jwks", jwks)
    shell.do("client", "grant", made, other, "--from", "2026-01-01", "--until", "2030-12-31")
    ((start, end),) = shell.rows(select(Grant.valid_from, Grant.valid_until))
    assert (start.isoformat(), end.isoformat()) == ("2026-01-01", "2030-12-31")
    with shell.database() as database, database.reading() as uow:
        actor = load_actor(uow, made, frozenset())
        assert actor is not None
        assert actor.party_ids() == [one, other]
    shell.do("client", "revoke", made)
    with shell.database() as database, database.reading() as uow:
        assert load_actor(uow, made, frozenset()) is None
    assert "\trevoked " in shell.do("client", "list")
    uwv = shell.do("party", "create", "uwv", "UWV")
    assert "of another kind" in shell.refused("client", "grant", made, uwv)
    assert "does not exist" in shell.refused("client", "revoke", "nobody")
    assert "31-12" in shell.refused("client", "grant", made, other, "--from", "31-12-2026")


# --- A person ---------------------------------------------------------------------------------------------------


@pytest.fixture
def person_id(shell: Shell) -> str:
    """Somebody of whom all rooms know something."""
    house = House(settings_for(shell.data_dir, shell.url), SettableClock())
    employer = employer_in(house)
    body = employment_body(establishment_of(employer), bsn=BSNS[0], name="Noor Postma")
    employment = employer.post("/employments", body).get_json()["id"]
    report = {"employmentId": employment, "phase": "decided", "employeeInformed": True, "expectedEndDate": "2027-02-28"}
    reported = employer.post("/contract-end-signals", report)
    assert reported.status_code == 201, reported.get_json()
    with house.database.reading() as uow:
        found = find(uow, IndexKind.BSN, BSNS[0])
    house.close()
    assert found is not None
    return found


def actions(shell: Shell, person_id: str) -> list[tuple[str, str]]:
    statement = select(AccessEntry.action, AccessEntry.because).where(AccessEntry.person_id == person_id)
    return [(action, because) for action, because in shell.rows(statement.order_by(AccessEntry.id))]


def test_a_person_is_found_told_and_erased(shell: Shell, person_id: str) -> None:
    assert shell.do("person", "find", typed=f"{BSNS[0]}\n") == person_id
    told = json.loads(shell.do("person", "export", person_id))
    assert told["people"] == {"bsn": BSNS[0], "name": "Noor Postma"}
    assert [each["end"] for each in told["employers"]["employments"]] == ["2027-02-28"]
    assert [each["expectedEndDate"] for each in told["signals"]["contractEndSignals"]] == ["2027-02-28"]
    assert {"access", "contacts", "vacancies"} <= told.keys()
    assert actions(shell, person_id)[-2:] == [("person.found", "command"), ("person.exported", "command")]

    shell.do("person", "erase", person_id, "--yes")
    assert shell.rows(select(Person.bsn, Person.name).where(Person.id == person_id)) == [(None, None)]
    assert actions(shell, person_id)[-1] == ("person.erased", "command")
    for command in (["export", person_id], ["erase", person_id, "--yes"]):
        assert "no such person" in shell.refused("person", *command)
    assert "nobody with this BSN" in shell.refused("person", "find", typed=f"{BSNS[0]}\n")


def test_nobody_is_erased_without_a_yes(shell: Shell, person_id: str) -> None:
    shell.refused("person", "erase", person_id, typed="n\n")
    assert json.loads(shell.do("person", "export", person_id))["people"]["name"] == "Noor Postma"


def test_a_person_is_erased_in_all_rooms_or_in_none(
    shell: Shell, person_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("on purpose")

    before = json.loads(shell.do("person", "export", person_id))
    monkeypatch.setitem(EMPLOYERS.__dict__, "erase", fail)
    assert isinstance(shell.run("person", "erase", person_id, "--yes").exception, RuntimeError)
    after = json.loads(shell.do("person", "export", person_id))
    assert {**after, "access": None} == {**before, "access": None}
    assert "person.erased" not in [action for action, _ in actions(shell, person_id)]


@pytest.mark.parametrize("command", [["export"], ["erase", "--yes"]])
def test_a_person_who_is_not_there(shell: Shell, command: list[str]) -> None:
    assert "no such person" in shell.refused("person", *command, new_id())
    assert "not an id" in shell.refused("person", *command, "1")


# --- Serving ----------------------------------------------------------------------------------------------------

UNFIT = [
    ({"BASE_URL": "http://servicepunt.example"}, "BASE_URL must begin with https://"),
    ({"BASE_URL": ""}, "BASE_URL must begin with https://"),
    ({"CLIENT_SECRETS": "true"}, "CLIENT_SECRETS must be false"),
    ({"WEBHOOK_PRIVATE_TARGETS": "true"}, "WEBHOOK_PRIVATE_TARGETS must be false"),
    ({"SMTP_HOST": ""}, "SMTP_HOST must be set"),
    ({"DESK_PHONE": "+442079460001"}, "DESK_PHONE is a number for fiction"),
    ({"DESK_PHONE": "+442079460999"}, "DESK_PHONE is a number for fiction"),
    ({"DESK_PHONE": "0044 113 496 0000"}, "DESK_PHONE is a number for fiction"),
    ({"MODE": "productie"}, "SERVICEPUNT_MODE cannot be read"),
]


@pytest.mark.parametrize(("changes", "reason"), UNFIT)
@pytest.mark.parametrize("command", ["serve", "worker"])
def test_nothing_starts_with_settings_unfit_for_production(
    tmp_path: Path, command: str, changes: dict[str, str], reason: str
) -> None:
    shell = Shell(tmp_path, "")
    assert reason in shell.refused(command, **changes)


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    told = Shell(tmp_path, "").refused(
        "serve", **{name: value for change, _ in UNFIT[1:5] for name, value in change.items()}
    )
    assert all(reason in told for _, reason in UNFIT[1:5])


def test_production_does_not_serve_the_clients_of_a_demo(shell: Shell) -> None:
    party = shell.do("party", "create", "uwv", "UWV")
    with shell.database() as database, database.transaction() as uow:
        client = create_client(uow, party, "demo-uwv", secret="demo-uwv-secret", is_demo=True)
    assert "demo clients" in shell.refused("serve")
    assert "only go into a demo" in shell.refused("demo")
    assert "is for the demo" in shell.refused("run")
    shell.do("client", "revoke", client)
    with shell.database() as database, database.reading() as uow:
        assert not has_demo_clients(uow)


@pytest.mark.slow
def test_a_production_start(shell: Shell, jwks: str) -> None:
    desk = shell.do("party", "create", "desk", "Servicepunt")
    shell.do("client", "create", desk, "Desk", "--jwks", jwks, "--id", "desk")
    with shell.serving() as get:
        assert get("/health/ready") == 200
        assert get("/v1/me") == 401
        assert get("/.well-known/oauth-authorization-server") == 200
