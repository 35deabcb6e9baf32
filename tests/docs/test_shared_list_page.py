"""The page about the shared list says what the code does."""

from __future__ import annotations

import json
import re
from pathlib import Path

from service.access.rules import PartyKind
from service.config import Settings
from service.rooms import PERMISSIONS
from service.vacancies.rules import BRING_VACANCIES
from service.vacancies.sharing.rules import (
    IN_DIGEST,
    MOST_PLACES,
    MOST_SUBSCRIPTIONS,
    PAGE,
    READS_PER_MINUTE,
    SUBSCRIBE,
)
from tests.support.house import House
from tests.vacancies.sharing_kit import SharedList

TEXT = (Path(__file__).resolve().parents[2] / "docs/integrators/shared-list.md").read_text("utf-8")
SUBSCRIPTION, VACANCY = (json.loads(each) for each in re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL))


def test_who_may_do_what() -> None:
    rows = [line.split("|") for line in TEXT.splitlines() if line.startswith("| `")]
    kinds = {PartyKind(kind): row[3].strip() == "yes" for row in rows for kind in re.findall(r"`(\w+)`", row[1])}
    assert set(kinds) == SUBSCRIBE
    assert {kind for kind, brings in kinds.items() if brings} == BRING_VACANCIES
    by_scope = {row.scope: row.parties for row in PERMISSIONS}
    assert by_scope["vacancies:subscribe"] == SUBSCRIBE
    assert by_scope["vacancies:write"] == BRING_VACANCIES | {PartyKind.EMPLOYER}


def test_the_numbers() -> None:
    assert f"Regions times groups are at most {MOST_PLACES}" in TEXT
    assert f"at most {MOST_SUBSCRIPTIONS} subscriptions" in TEXT
    assert f"{PAGE} on a page" in TEXT
    assert f"{READS_PER_MINUTE} times a minute" in TEXT
    assert f"at most {IN_DIGEST}, and how many more" in TEXT
    settings = Settings()
    assert f"may give {settings.digest_addresses_per_minute} addresses in a minute" in TEXT
    assert f"At most {settings.brought_in_vacancies} live ones" in TEXT


def test_the_examples(house: House) -> None:
    shared = SharedList(house)
    made = shared.follow(shared.company, **SUBSCRIPTION)
    assert {name: made[name] for name in SUBSCRIPTION} == SUBSCRIPTION
    assert made["emailConfirmedAt"] is None
    brought = shared.company.post("/vacancies", VACANCY)
    assert brought.status_code == 201, brought.get_json()
    [entry] = shared.read(made["url"]).entries
    assert entry.id == f"urn:uuid:{brought.get_json()['id']}"
    path = f"/vacancies/{brought.get_json()['id']}"
    later = shared.company.patch(path, {"expiresOn": "2027-02-20"}, If_Match="*")
    assert (later.status_code, later.get_json()["expiresOn"]) == (200, "2027-02-20")
    assert "Last-Modified" not in shared.open(made["url"]).headers
