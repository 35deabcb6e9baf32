"""The weekly digest: asked first, sent once a week with what is new, ended by one click."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from email import message_from_string
from email.policy import default
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select, update

from service.access.models import Client
from service.delivery.mail import build
from service.delivery.models import Mail
from service.kernel.clock import AMSTERDAM
from service.kernel.room import MailText
from service.kernel.text import Language
from service.reference.working_days import is_working_day
from service.vacancies.models import LONG_AGO, Vacancy
from service.vacancies.sharing.models import VacancySubscription
from service.vacancies.sharing.rules import IN_DIGEST, next_digest
from tests.vacancies.sharing_kit import SharedList

READER = "lezer@example.nl"
NEXT_MONDAY = datetime(2026, 11, 30, 6, tzinfo=UTC)
"""The clock of these tests begins on Monday 23 November, ten o'clock in Amsterdam."""


def link(mail: MailText | None, wish: str) -> str:
    assert mail is not None
    found = re.search(rf"\S+/vacancies/mails/\S+/{wish}", "\n".join(mail.paragraphs))
    assert found is not None
    return found[0]


def confirmed(shared: SharedList, **body: Any) -> dict[str, Any]:
    made = shared.follow(email=READER, **body)
    assert shared.open(link(shared.mails("vacancy-digest-confirm")[-1], "confirm"), "POST").status_code == 200
    shared.house.clock.advance(minutes=1)
    return made


def digests(shared: SharedList) -> list[MailText | None]:
    return shared.mails("vacancy-digest")


def the_digest(shared: SharedList) -> MailText:
    [mail] = digests(shared)
    assert mail is not None
    return mail


# --- When -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (datetime(2026, 11, 23, 5, 59, tzinfo=UTC), datetime(2026, 11, 23, 6, tzinfo=UTC)),
        (datetime(2026, 11, 23, 6, tzinfo=UTC), NEXT_MONDAY),
        (datetime(2026, 11, 29, 23, 30, tzinfo=UTC), NEXT_MONDAY),
        # Easter Monday; summer time begins the day before.
        (datetime(2027, 3, 26, 12, tzinfo=UTC), datetime(2027, 3, 30, 5, tzinfo=UTC)),
        (datetime(2027, 3, 29, 12, tzinfo=UTC), datetime(2027, 3, 30, 5, tzinfo=UTC)),
    ],
)
def test_the_moment(now: datetime, expected: datetime) -> None:
    assert next_digest(now) == expected


@settings(max_examples=60)
@given(
    st.integers(0, 14_000 * 24 * 60).map(lambda minutes: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes))
)
@example(datetime(2028, 12, 25, 5, tzinfo=UTC))
def test_there_is_one_in_each_week_on_a_working_day(now: datetime) -> None:
    moment = next_digest(now)
    day = moment.astimezone(AMSTERDAM)
    assert now < moment <= now + timedelta(days=12)
    assert (day.hour, day.minute) == (7, 0)
    assert is_working_day(day.date())
    assert not any(is_working_day(day.date() - timedelta(days=back)) for back in range(1, day.weekday() + 1))
    following = next_digest(moment).astimezone(AMSTERDAM).date()
    assert following.isocalendar()[:2] == (day.date() + timedelta(days=7)).isocalendar()[:2]


# --- Asked first ------------------------------------------------------------------------------------------------


def test_nothing_is_sent_before_the_reader_agrees(shared: SharedList) -> None:
    made = shared.follow(email=READER, language="en")
    shared.post()
    [asked] = shared.mails("vacancy-digest-confirm")
    assert asked is not None
    assert (asked.recipient, asked.language, asked.subject) == (
        READER,
        Language.ENGLISH,
        "Do you want new vacancies each week?",
    )
    shared.house.clock.set(NEXT_MONDAY)
    assert shared.run("vacancies.digest") == []
    url = link(asked, "confirm")
    for method in ("GET", "HEAD"):
        page = shared.open(url, method)
        assert page.status_code == 200
    assert shared.coach.get(f"/vacancy-subscriptions/{made['id']}").get_json()["emailConfirmedAt"] is None
    page = shared.open(url)
    text = page.get_data(as_text=True)
    assert '<form method="post"><button type="submit">Yes, send me that e-mail</button></form>' in text
    assert "<script" not in text
    assert "form-action 'self'" in page.headers["Content-Security-Policy"]
    assert (page.headers["Cache-Control"], page.headers["Referrer-Policy"]) == ("private, no-cache", "no-referrer")
    tag = shared.coach.get(f"/vacancy-subscriptions/{made['id']}").headers["ETag"]
    assert "Done." in shared.open(url, "POST").get_data(as_text=True)
    shown = shared.coach.get(f"/vacancy-subscriptions/{made['id']}")
    assert shown.get_json()["emailConfirmedAt"] == "2026-11-30T06:00:00.000Z"
    assert shown.headers["ETag"] != tag
    assert shared.mails("vacancy-digest-confirm") == [None]


def test_another_address_is_asked_again_and_the_links_of_the_first_are_dead(shared: SharedList) -> None:
    made = confirmed(shared)
    old = shared.house.settings.url
    path = f"/vacancy-subscriptions/{made['id']}"
    with shared.house.database.reading() as uow:
        secret = uow.session.get_one(VacancySubscription, made["id"]).email_secret
        old = f"/vacancies/mails/{uow.vault.open('vacancy_subscription', 'email_secret', made['id'], secret or b'')}"
    same = shared.coach.patch(path, {"email": READER, "name": "Noord"}, If_Match="*").get_json()
    assert same["emailConfirmedAt"] is not None
    other = shared.coach.patch(path, {"email": "ander@example.nl"}, If_Match="*").get_json()
    assert (other["email"], other["emailConfirmedAt"]) == ("ander@example.nl", None)
    assert [mail and mail.recipient for mail in shared.mails("vacancy-digest-confirm")] == [None, "ander@example.nl"]
    for wish in ("confirm", "unsubscribe"):
        gone = shared.open(f"{old}/{wish}", "POST")
        assert gone.status_code == 404
        assert "geldt niet meer" in gone.get_data(as_text=True)
    shared.house.clock.set(NEXT_MONDAY)
    assert shared.run("vacancies.digest") == []
    none = shared.coach.patch(path, {"email": None}, If_Match="*").get_json()
    assert (none["email"], none["emailConfirmedAt"]) == (None, None)
    for path in ("/vacancies/mails/x/confirm", f"{old}/else", f"{old}/confirm/"):
        assert shared.open(path).status_code == 404


def test_addresses_are_not_given_without_end(shared: SharedList) -> None:
    most = shared.house.settings.digest_addresses_per_minute
    body = {"name": "x", "email": READER}
    statuses = [shared.coach.post("/vacancy-subscriptions", body).status_code for _ in range(most + 1)]
    assert statuses == [201] * most + [429]
    assert len(shared.mails("vacancy-digest-confirm")) == most
    assert shared.coach.post("/vacancy-subscriptions", {"name": "x"}).status_code == 201


# --- What is in it ----------------------------------------------------------------------------------------------


def test_what_is_new_by_region(shared: SharedList) -> None:
    shared.post(title="Van voor het abonnement")
    made = confirmed(shared, regionCodes=["AM01", "AM02"])
    shared.house.clock.advance(days=1)
    here, there = shared.post(title="Inpakker"), shared.post(title="Kok", workplace={"municipality": "Leeuwarden"})
    shared.post(title="Elders", workplace={"municipality": "Maastricht"})
    gone = shared.post(title="Al weg")
    shared.employer.move(f"/vacancies/{gone['id']}", "withdrawn")
    tag = shared.coach.get(f"/vacancy-subscriptions/{made['id']}").headers["ETag"]
    shared.house.clock.set(NEXT_MONDAY)
    assert shared.run("vacancies.digest") == [made["id"]]
    mail = the_digest(shared)
    assert (mail.recipient, mail.subject) == (READER, "2 nieuwe vacatures: Groningen")
    base = f"{shared.house.settings.url}/v1/vacancies"
    assert mail.paragraphs[:-1] == (
        "Beste lezer,",
        "Er zijn 2 nieuwe vacatures in 'Groningen' sinds de vorige e-mail.",
        f"Groningen:\n- Inpakker, Bakkerij Brood, Groningen, 24 tot 32 uur per week\n  {base}/{here['id']}",
        f"Friesland:\n- Kok, Bakkerij Brood, Leeuwarden, 24 tot 32 uur per week\n  {base}/{there['id']}",
    )
    assert mail.paragraphs[-1] == f"Wilt u deze e-mail niet meer? Stop hem hier:\n{mail.unsubscribe_url}"
    # What its owner reads of the subscription is the same.
    assert shared.coach.get(f"/vacancy-subscriptions/{made['id']}").headers["ETag"] == tag


def test_renewed_ones_too_and_changes_are_no_news(shared: SharedList) -> None:
    old, changed = shared.post(title="Oud"), shared.post(title="Gewijzigd")
    shared.house.clock.advance(days=91)
    shared.run("vacancies.expired")
    assert shared.employer.move(f"/vacancies/{changed['id']}", "open").status_code == 200
    confirmed(shared, language="en")
    shared.house.clock.advance(hours=1)
    shared.patch(changed, title="Anders")
    assert shared.employer.move(f"/vacancies/{old['id']}", "open").status_code == 200
    shared.house.clock.set(next_digest(shared.house.clock()))
    shared.run("vacancies.digest")
    mail = the_digest(shared)
    assert mail.subject == "1 new vacancy: Groningen"
    assert "- Oud, Bakkerij Brood, Groningen, 24 to 32 hours a week (open again)\n" in mail.paragraphs[2]


def test_at_most_so_many_and_how_many_more(shared: SharedList) -> None:
    confirmed(shared)
    shared.house.clock.advance(days=1)
    first = shared.post(title="De eerste")
    with shared.house.database.transaction() as uow:
        row = uow.execute(select(Vacancy.__table__).where(Vacancy.id == first["id"])).mappings().one()
        later = uow.now + timedelta(minutes=1)
        values = {"offered_at": later, "changed_at": later, "title": "Later"}
        rows = [dict(row) | values | {"id": f"00000000-0000-7000-8000-{n:012}"} for n in range(IN_DIGEST)]
        uow.execute(insert(Vacancy), rows)
    shared.house.clock.set(NEXT_MONDAY)
    shared.run("vacancies.digest")
    mail = the_digest(shared)
    assert mail.subject == f"{IN_DIGEST + 1} nieuwe vacatures: Groningen"
    text = "\n".join(mail.paragraphs)
    assert (text.count("- Later,"), text.count("- De eerste,")) == (IN_DIGEST, 0)
    assert "En nog 1 meer." in text


def test_once_a_week_and_not_at_all_without_news(shared: SharedList) -> None:
    made = confirmed(shared)
    shared.house.clock.set(NEXT_MONDAY)
    assert shared.run("vacancies.digest") == [made["id"]]
    assert digests(shared) == []
    shared.house.clock.advance(hours=1)
    shared.post()
    shared.house.clock.advance(days=6)
    assert shared.run("vacancies.digest") == []
    # The worker stood still for some weeks.
    shared.house.clock.set(datetime(2026, 12, 28, 9, tzinfo=UTC))
    assert shared.run("vacancies.digest") == [made["id"]]
    assert shared.run("vacancies.digest") == []
    assert len(digests(shared)) == 1
    shared.house.clock.set(datetime(2027, 1, 4, 6, tzinfo=UTC))
    assert shared.run("vacancies.digest") == [made["id"]]
    assert len(digests(shared)) == 1


def test_a_worker_that_dies_leaves_all_or_nothing(shared: SharedList, monkeypatch: pytest.MonkeyPatch) -> None:
    made = confirmed(shared)
    shared.post()
    shared.house.clock.set(NEXT_MONDAY)

    def dies(moment: datetime) -> datetime:
        raise RuntimeError("the machine is gone")

    with monkeypatch.context() as patched:
        patched.setattr("service.vacancies.sharing.mailing.next_digest", dies)
        with pytest.raises(RuntimeError):
            shared.run("vacancies.digest")
    assert digests(shared) == []
    assert shared.run("vacancies.digest") == [made["id"]]
    assert len(digests(shared)) == 1


def test_what_is_queued_is_not_sent_when_it_no_longer_holds(shared: SharedList) -> None:
    made = confirmed(shared)
    vacancy = shared.post()
    shared.house.clock.set(NEXT_MONDAY)
    shared.run("vacancies.digest")
    assert the_digest(shared)
    shared.employer.move(f"/vacancies/{vacancy['id']}", "withdrawn")
    assert digests(shared) == [None]
    answer = shared.coach.request("DELETE", f"/vacancy-subscriptions/{made['id']}", If_Match="*")
    assert answer.status_code == 204
    assert digests(shared) == [None]


def test_no_digest_for_a_client_that_was_revoked(shared: SharedList) -> None:
    confirmed(shared)
    shared.post()
    with shared.house.database.transaction() as uow:
        uow.execute(update(Client).where(Client.id == shared.coach.client_id).values(revoked_at=uow.now))
    shared.house.clock.set(NEXT_MONDAY)
    shared.run("vacancies.digest")
    assert digests(shared) == []


# --- Ended ------------------------------------------------------------------------------------------------------


def test_one_click_ends_it(shared: SharedList) -> None:
    made = confirmed(shared)
    shared.post()
    shared.house.clock.set(NEXT_MONDAY)
    shared.run("vacancies.digest")
    url = the_digest(shared).unsubscribe_url
    assert url is not None
    assert "Stop deze e-mail" in shared.open(url).get_data(as_text=True)
    path = f"/vacancy-subscriptions/{made['id']}"
    assert shared.coach.get(path).get_json()["unsubscribedAt"] is None
    # As a mail program does it (RFC 8058): no cookie, no page before, this form.
    form = {"List-Unsubscribe": "One-Click"}
    answer = shared.house.web.post(url.removeprefix(shared.house.settings.url), data=form)
    assert (answer.status_code, answer.headers.get("Location"), answer.headers.get("Set-Cookie")) == (200, None, None)
    assert shared.coach.get(path).get_json()["unsubscribedAt"] == "2026-11-30T06:00:00.000Z"
    assert digests(shared) == [None]
    shared.post()
    shared.house.clock.advance(days=7)
    assert shared.run("vacancies.digest") == []
    assert shared.open(url, "POST").status_code == 200
    # Whoever gives the address again asks again.
    again = shared.coach.patch(path, {"email": READER}, If_Match="*").get_json()
    assert (again["emailConfirmedAt"], again["unsubscribedAt"]) == (None, None)
    assert shared.mails("vacancy-digest-confirm")[-1] is not None
    assert shared.open(made["url"]).status_code == 200


def test_the_headers_of_the_mail_stay_in_one_piece(shared: SharedList) -> None:
    address = f"{shared.house.settings.url}/vacancies/mails/{'x' * 43}/unsubscribe"
    text = MailText(READER, "Onderwerp", ("Dag.",), unsubscribe_url=address)
    written = build("1", text, shared.house.settings, shared.house.clock())
    assert f"\r\nList-Unsubscribe: <{address}>\r\n" in written
    message = message_from_string(written, policy=default)
    assert message["List-Unsubscribe"] == f"<{address}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    plain = build("1", MailText(READER, "x", ("Dag.",)), shared.house.settings, shared.house.clock())
    assert "List-Unsubscribe" not in plain


# --- Rows from before -------------------------------------------------------------------------------------------


def test_older_vacancies_get_their_group(shared: SharedList) -> None:
    vacancy = shared.post()
    made = shared.follow(occupationGroups=["43"])
    with shared.house.database.transaction() as uow:
        uow.execute(update(Vacancy).values(sub_major=None, changed_at=LONG_AGO, offered_at=LONG_AGO))
    assert shared.titles(made["url"]) == []
    tag = shared.employer.get(f"/vacancies/{vacancy['id']}").headers["ETag"]
    assert shared.run("vacancies.ungrouped") == [vacancy["id"]]
    assert shared.run("vacancies.ungrouped") == []
    assert shared.titles(made["url"]) == ["Medewerker magazijn"]
    assert shared.employer.get(f"/vacancies/{vacancy['id']}").headers["ETag"] == tag
    assert date.fromisoformat(vacancy["openedOn"]) == date(2026, 11, 23)
    with shared.house.database.reading() as uow:
        assert uow.execute(select(Mail.id)).first() is not None
