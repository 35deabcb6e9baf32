"""The shared list as an Atom feed: what stands in it, in which order, and who can read it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any
from xml.etree.ElementTree import Element, fromstring

import pytest
import structlog
from sqlalchemy import select, update

from service.access.models import Client, Party
from service.access.rules import PartyKind
from service.kernel.database import Base
from service.kernel.secret_links import digest, new_secret
from service.kernel.text import Language
from service.reference import places
from service.vacancies.models import LONG_AGO, Vacancy
from service.vacancies.sharing import atom
from service.vacancies.sharing.rules import MOST_SUBSCRIPTIONS, READS_PER_MINUTE, Offer
from tests.vacancies.sharing_kit import SharedList

ATOM = "{http://www.w3.org/2005/Atom}"


def document(content: bytes) -> Element:
    return fromstring(content)  # noqa: S314 - we wrote it ourselves


def revoke(shared: SharedList, made: dict[str, Any]) -> None:
    answer = shared.coach.request("DELETE", f"/vacancy-subscriptions/{made['id']}", If_Match="*")
    assert answer.status_code == 204


def test_what_a_reader_sees(shared: SharedList) -> None:
    text = "Pakken & sturen <altijd> met z'n tweeën"
    vacancy = shared.post(description=text, tasks=["Dozen vouwen"], startDate="2027-01-04", positions=2)
    made = shared.follow(regionCodes=["AM01"])
    response = shared.open(made["url"])
    assert response.content_type == "application/atom+xml; charset=utf-8"
    found = shared.read(made["url"])
    assert (found.feed.title, found.feed.id, found.feed.author) == (
        "Groningen",
        f"urn:uuid:{made['id']}",
        "Servicepunt",
    )
    assert {link.rel: link.href for link in found.feed.links} == {"self": made["url"], "first": made["url"]}
    [entry] = found.entries
    assert entry.id == f"urn:uuid:{vacancy['id']}"
    assert entry.title == "Medewerker magazijn – Bakkerij Brood, Groningen"
    assert entry.link == f"http://127.0.0.1:8000/v1/vacancies/{vacancy['id']}"
    assert entry.updated == "2026-11-23T09:00:00.000000Z" == found.feed.updated
    assert [tag.term for tag in entry.tags] == ["AM01", "4321"]
    summary = document(response.get_data()).findtext(f"{ATOM}entry/{ATOM}summary")
    assert summary == (
        "Bakkerij Brood, Groningen\n24 tot 32 uur per week\nBegin: 4 januari 2027\n2 plekken\n"
        "Pakken & sturen <altijd> met z'n tweeën\n- Dozen vouwen"
    )
    assert shared.coach.get(f"/vacancies/{vacancy['id']}").status_code == 200


def test_the_document_is_what_rfc_4287_asks(shared: SharedList) -> None:
    """The elements that must be there, once each, and none that it does not know."""
    shared.post()
    shared.post(title="Tweede")
    for made in (shared.follow(), shared.follow(regionCodes=["AM35"], language="en")):
        feed = document(shared.open(made["url"]).get_data())
        assert feed.tag == f"{ATOM}feed"
        names = [child.tag.removeprefix(ATOM) for child in feed]
        assert all(names.count(name) == 1 for name in ("id", "title", "updated", "author"))
        assert set(names) <= {"id", "title", "updated", "author", "link", "entry"}
        assert [link.get("rel") for link in feed.findall(f"{ATOM}link")] == ["self", "first"]
        for entry in feed.findall(f"{ATOM}entry"):
            inside = [child.tag.removeprefix(ATOM) for child in entry]
            assert sorted(inside) == sorted(["id", "title", "updated", "link", "category", "category", "summary"])
            for moment in entry.iter(f"{ATOM}updated"):
                assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", moment.text or "")


def test_the_newest_change_comes_first_and_what_is_not_open_is_gone(shared: SharedList) -> None:
    shared.post(status="draft", title="Concept")
    made = shared.follow(regionCodes=["AM01", "AM02"])
    one, two, three = (shared.post(title=title) for title in ("Een", "Twee", "Drie"))
    assert sorted(shared.titles(made["url"])) == ["Drie", "Een", "Twee"]
    shared.house.clock.advance(minutes=1)
    shared.patch(two, title="Twee, anders", workplace={"municipality": "Leeuwarden"})
    assert shared.titles(made["url"])[0] == "Twee, anders"
    shared.house.clock.advance(minutes=1)
    assert shared.employer.move(f"/vacancies/{one['id']}", "on_hold").status_code == 200
    assert shared.employer.move(f"/vacancies/{three['id']}", "filled").status_code == 200
    assert shared.titles(made["url"]) == ["Twee, anders"]
    assert shared.employer.move(f"/vacancies/{one['id']}", "open").status_code == 200
    assert shared.titles(made["url"]) == ["Een", "Twee, anders"]
    shared.house.clock.advance(days=91)
    shared.run("vacancies.expired")
    assert shared.titles(made["url"]) == []


def test_regions_and_groups_of_occupations(shared: SharedList) -> None:
    shared.post(title="Hier")
    shared.post(title="Daar", workplace={"municipality": "Leeuwarden"})
    shared.post(title="Ander werk", occupationCode="9112")
    everywhere = sorted(["Hier", "Daar", "Ander werk"])
    for more, seen in (
        ({}, everywhere),
        ({"regionCodes": ["AM01"]}, ["Ander werk", "Hier"]),
        ({"occupationGroups": ["43"]}, ["Daar", "Hier"]),
        ({"regionCodes": ["AM01", "AM02"], "occupationGroups": ["43", "91"]}, everywhere),
        ({"regionCodes": ["AM02"], "occupationGroups": ["91"]}, []),
    ):
        assert sorted(shared.titles(shared.follow(**more)["url"])) == seen, more
    for wrong, code in (
        ({"regionCodes": ["AM99"]}, "unknown-region"),
        ({"occupationGroups": ["05"]}, "unknown-occupation"),
        (
            {
                "regionCodes": [region.code for region in places.regions()],
                "occupationGroups": ["43", "91", "93"],
            },
            "too-many-combinations",
        ),
    ):
        refused = shared.coach.post("/vacancy-subscriptions", {"name": "x"} | wrong)
        assert (refused.status_code, refused.get_json()["errors"][0]["code"]) == (400, code)


def test_pages_lead_to_the_end_and_hold_each_vacancy_once(shared: SharedList, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.vacancies.sharing.reading.PAGE", 2)
    made = shared.follow(regionCodes=["AM01", "AM02"])
    for number in range(5):
        where = {"postcode": "9711AB"} if number % 2 else {"municipality": "Leeuwarden"}
        shared.post(title=f"Werk {number}", workplace=where)
        # Three were changed at the same moment: their ids decide.
        shared.house.clock.advance(seconds=number // 3)
    with shared.house.database.transaction() as uow:
        uow.execute(update(Vacancy).where(Vacancy.title == "Werk 0").values(changed_at=LONG_AGO))
    pages, url = [], made["url"]
    while url:
        found = shared.read(url)
        links = {link.rel: link.href for link in found.feed.links}
        assert (links["self"], links["first"]) == (url, made["url"])
        pages.append([entry.title.partition(" – ")[0] for entry in found.entries])
        oldest = found.entries[-1].updated
        url = links.get("next")
    assert [len(page) for page in pages] == [2, 2, 1]
    assert sorted(title for page in pages for title in page) == [f"Werk {number}" for number in range(5)]
    assert pages[-1] == ["Werk 0"]
    # A row that is older than the list is dated by when it was made.
    assert oldest == "2026-11-23T09:00:00.000000Z"
    for wrong in ("x", "%00", "a" * 400):
        refused = shared.open(f"{made['url']}?cursor={wrong}")
        assert (refused.status_code, refused.get_json()["errors"][0]["code"]) == (400, "unknown-cursor")


def test_what_did_not_change_is_not_sent_again(shared: SharedList) -> None:
    vacancy, other = shared.post(), shared.post(title="Andere")
    made = shared.follow(regionCodes=["AM01"])
    tags = [shared.open(made["url"]).headers["ETag"]]

    def again() -> int:
        response = shared.open(made["url"], If_None_Match=tags[-1])
        if response.status_code == 304:
            assert response.get_data() == b""
        assert response.headers["Cache-Control"] == "private, no-cache"
        assert response.headers["X-Robots-Tag"].startswith("noindex")
        tags.append(response.headers["ETag"])
        return response.status_code

    assert again() == 304
    shared.house.clock.advance(minutes=5)
    shared.post(workplace={"municipality": "Leeuwarden"})
    assert again() == 304
    shared.patch(vacancy, title="Anders")
    assert [again(), again()] == [200, 304]
    assert shared.employer.move(f"/vacancies/{other['id']}", "withdrawn").status_code == 200
    assert [again(), again()] == [200, 304]
    changed = shared.coach.patch(f"/vacancy-subscriptions/{made['id']}", {"name": "Noord"}, If_Match="*")
    assert changed.status_code == 200
    shared.house.clock.advance(minutes=5)
    assert [again(), again()] == [200, 304]
    head = shared.open(made["url"], "HEAD")
    assert (head.status_code, head.get_data(), head.headers["ETag"]) == (200, b"", tags[-1])
    assert head.content_type == "application/atom+xml; charset=utf-8"


def test_wrong_and_revoked_are_the_same_404(shared: SharedList) -> None:
    revoked, stays = shared.follow(), shared.follow()
    revoke(shared, revoked)
    secret = revoked["url"].rpartition("/")[2]
    answers = set()
    for each in (secret, new_secret() + ".atom", "x.atom", "a" * 500 + ".atom", "%00.atom"):
        response = shared.open(f"{shared.house.settings.url}/vacancies/{each}")
        assert response.status_code == 404
        answers.add(str(sorted({**response.get_json(), "instance": ""}.items())))
    assert len(answers) == 1
    assert shared.open(stays["url"]).status_code == 200
    assert shared.open(stays["url"], "POST").status_code == 405


def test_a_feed_ends_with_its_client_and_with_its_party(shared: SharedList) -> None:
    made = shared.follow()
    other = shared.house.party(PartyKind.JOBCOACH_ORGANISATION, "Anderen")
    for values, back in (
        ({"party_id": other.id}, {"party_id": shared.coach.id}),
        ({"revoked_at": shared.house.clock()}, None),
    ):
        with shared.house.database.transaction() as uow:
            uow.execute(update(Client).where(Client.id == shared.coach.client_id).values(**values))
        assert shared.open(made["url"]).status_code == 404
        if back is not None:
            with shared.house.database.transaction() as uow:
                uow.execute(update(Client).where(Client.id == shared.coach.client_id).values(**back))
            assert shared.open(made["url"]).status_code == 200
    with shared.house.database.transaction() as uow:
        uow.execute(update(Client).where(Client.id == shared.coach.client_id).values(revoked_at=None))
        uow.execute(update(Party).where(Party.id == shared.coach.id).values(kind=PartyKind.EMPLOYER))
    assert shared.open(made["url"]).status_code == 404


def test_the_secret_is_shown_once_and_kept_nowhere(shared: SharedList, capsys: pytest.CaptureFixture[str]) -> None:
    with structlog.testing.capture_logs() as logged:
        made = shared.follow(email="lezer@example.nl")
        assert shared.open(made["url"]).status_code == 200
    secret = re.fullmatch(r"http://127\.0\.0\.1:8000/vacancies/([A-Za-z0-9_-]{43})\.atom", made["url"])
    assert secret is not None
    shown = shared.coach.get(f"/vacancy-subscriptions/{made['id']}").get_json()
    assert shown == {name: value for name, value in made.items() if name != "url"}
    assert shared.coach.get("/vacancy-subscriptions").get_json()["items"] == [shown]
    with shared.house.database.reading() as uow:
        kept = [str(row) for table in Base.metadata.sorted_tables for row in uow.execute(select(table))]
    assert digest(secret[1]) in str(kept)
    [mail] = shared.mails("vacancy-digest-confirm")
    assert mail is not None
    mail_secret = re.search(r"/mails/([A-Za-z0-9_-]{43})/", str(mail.unsubscribe_url))
    assert mail_secret is not None
    for where in (str(kept), str(logged), str(capsys.readouterr())):
        assert secret[1] not in where
        assert mail_secret[1] not in where


def test_subscriptions_are_of_one_party(shared: SharedList) -> None:
    made = shared.follow()
    path = f"/vacancy-subscriptions/{made['id']}"
    for other in (shared.company, shared.uwv):
        assert other.get("/vacancy-subscriptions").get_json()["items"] == []
        for status in (
            other.get(path).status_code,
            other.patch(path, {"name": "x"}, If_Match="*").status_code,
            other.request("DELETE", path, If_Match="*").status_code,
        ):
            assert status == 404
    for kind, status in (
        *((kind, 201) for kind in (PartyKind.WSP, PartyKind.MOBILITY_POOL)),
        *((kind, 403) for kind in (PartyKind.DESK, PartyKind.OPERATOR)),
    ):
        assert shared.house.party(kind).post("/vacancy-subscriptions", {"name": "x"}).status_code == status, kind
    assert shared.employer.post("/vacancy-subscriptions", {"name": "x"}).status_code == 403
    assert shared.company.post("/vacancy-subscriptions", {"name": "x"}).status_code == 201


def test_limits(shared: SharedList) -> None:
    made = shared.follow()
    statuses = [shared.open(made["url"]).status_code for _ in range(READS_PER_MINUTE + 1)]
    assert statuses == [200] * READS_PER_MINUTE + [429]
    shared.house.clock.advance(minutes=1)
    assert shared.open(made["url"]).status_code == 200
    for _ in range(MOST_SUBSCRIPTIONS - 1):
        shared.follow()
    refused = shared.coach.post("/vacancy-subscriptions", {"name": "x"})
    assert (refused.status_code, refused.get_json()["type"].rpartition("#")[2]) == (409, "too-many-subscriptions")


def test_nothing_that_xml_cannot_hold_gets_into_the_document() -> None:
    moment = datetime(2027, 3, 1, 9, tzinfo=UTC)
    bad = "".join(chr(code) for code in (*range(1, 32), 0xFFFE, 0xFFFF, 0x1F600)) + "]]>&<\"'"
    offer = Offer("0", 1, moment, moment, None, bad, bad, [bad], bad, bad, "AM01", "9112", 8, 8.5, None, 1, moment)
    page = atom.Page("0", bad, bad, Language.ENGLISH, moment, "https://x.nl/a?b=1&c=2", "https://x.nl", None)
    feed = document(atom.render(page, [offer], "https://x.nl/v1"))
    assert "\U0001f600" in str(feed.findtext(f"{ATOM}title"))
    assert "8 to 8.5 hours a week" in str(feed.findtext(f"{ATOM}entry/{ATOM}summary"))
