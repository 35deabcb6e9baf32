from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.delivery.rules import (
    HANDSHAKES,
    JITTER,
    LEAST_FAILURES,
    LONGEST_RETRY_AFTER,
    MOST_SECRETS,
    OLD_SECRET_TERM,
    SCHEDULE,
    Secret,
    Streak,
    UrlFault,
    Verdict,
    WantedStatus,
    WebhookStatus,
    consents,
    consumer_pause,
    lease_for,
    next_pause,
    next_status,
    retry_after,
    type_matches,
    url_fault,
    valid_secrets,
    verdict,
    with_new_secret,
    without_secret,
)

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
luck = st.floats(0, 1)


@given(luck=luck)
def test_ten_attempts_take_three_days(luck: float) -> None:
    pauses = [next_pause(attempts, luck) for attempts in range(1, len(SCHEDULE) + 1)]
    assert pauses[-1] is None
    total = sum((pause for pause in pauses if pause is not None), timedelta())
    assert timedelta(hours=75) <= total <= timedelta(hours=84)


@given(attempts=st.integers(1, 9), luck=luck, asked=st.timedeltas(timedelta(0), timedelta(days=4000)))
def test_retry_after_never_hurries_and_is_obeyed_up_to_a_day(attempts: int, luck: float, asked: timedelta) -> None:
    pause = next_pause(attempts, luck, asked)
    assert pause is not None
    assert pause >= max(SCHEDULE[attempts], min(asked, LONGEST_RETRY_AFTER))
    assert pause <= LONGEST_RETRY_AFTER * (1 + JITTER)


@given(attempts=st.integers(1, 9), one=luck, other=luck)
def test_jitter_only_lengthens(attempts: int, one: float, other: float) -> None:
    shorter, longer = (next_pause(attempts, each) for each in sorted((one, other)))
    assert shorter is not None
    assert longer is not None
    assert SCHEDULE[attempts] <= shorter <= longer <= SCHEDULE[attempts] * (1 + JITTER)


def test_a_handshake_is_tried_five_times() -> None:
    assert next_pause(HANDSHAKES - 1, 0, most=HANDSHAKES) == timedelta(hours=2)
    assert next_pause(HANDSHAKES, 0, most=HANDSHAKES) is None


def test_a_consumer_fails_ten_times() -> None:
    pauses = [consumer_pause(attempts) for attempts in range(1, 11)]
    assert pauses[-1] is None
    growing = [pause for pause in pauses if pause is not None]
    assert growing == sorted(growing)
    assert growing[0] == timedelta(seconds=1)
    assert growing[-1] == timedelta(seconds=256)


@given(attempts=st.lists(st.tuples(st.integers(0, 30), st.booleans()), max_size=40), days=st.integers(0, 6))
def test_a_pause_follows_days_without_a_success(attempts: list[tuple[int, bool]], days: int) -> None:
    """Against the whole history: at each failure, all attempts since the last success are looked at."""
    now, streak, history = NOW, Streak(), []
    for hours, arrived in attempts:
        now += timedelta(hours=hours)
        history.append((now, arrived))
        streak = Streak() if arrived else streak.failed(now)
        successes = [number for number, (_, went_well) in enumerate(history) if went_well]
        failed = [at for at, _ in history[successes[-1] + 1 if successes else 0 :]]
        long = bool(failed) and now - failed[0] >= timedelta(days=days) and len(failed) >= LEAST_FAILURES
        assert streak.is_too_long(now, days) is (days > 0 and long)


def test_what_one_delivery_can_do_is_no_reason_to_pause_within_five_days() -> None:
    streak, now = Streak(), NOW
    for pause in SCHEDULE:
        now += pause * (1 + JITTER)
        streak = streak.failed(now)
        assert not streak.is_too_long(now, 5)
    assert streak.is_too_long(NOW + timedelta(days=5), 5)


@given(
    steps=st.lists(st.tuples(st.sampled_from(["make", "remove"]), st.integers(0, 9), st.integers(0, 5)), max_size=25)
)
def test_one_or_two_secrets_whatever_happens(steps: list[tuple[str, int, int]]) -> None:
    now, made = NOW, 0
    secrets: tuple[Secret, ...] = (Secret("0", NOW),)
    for step, days, which in steps:
        now += timedelta(days=days)
        valid = valid_secrets(secrets, now)
        assert 1 <= len(valid) <= MOST_SECRETS
        if step == "make":
            made += 1
            after = with_new_secret(secrets, str(made), now)
            assert (after is None) is (len(valid) == MOST_SECRETS)
        else:
            after = without_secret(secrets, valid[which % len(valid)].id, now)
            assert (after is None) is (len(valid) == 1)
        secrets = secrets if after is None else after
        # The newest never stops by itself; the one before it in time.
        assert secrets[-1].until is None
        assert all(secret.until is not None and secret.until <= now + OLD_SECRET_TERM for secret in secrets[:-1])


@given(status=st.integers(100, 999))
def test_every_status_means_something(status: int) -> None:
    expected = Verdict.DELIVERED if status // 100 == 2 else Verdict.GONE if status == 410 else Verdict.RETRY
    assert verdict(status) is expected


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        (" 0 ", 0),
        (format_datetime(NOW + timedelta(minutes=3), usegmt=True), 180),
        (format_datetime(NOW - timedelta(minutes=3), usegmt=True), 0),
        ("Sun, 01 Mar 2026 09:05:00", 300),
        ("-5", None),
        ("soon", None),
        ("", None),
        (None, None),
        ("1e9", None),
        ("٣", None),
        ("Sun, 99 Mar 2026 09:05:00 GMT", None),
    ],
)
def test_retry_after_is_read_in_both_forms(header: str | None, seconds: int | None) -> None:
    expected = None if seconds is None else timedelta(seconds=seconds)
    assert retry_after(header, NOW) == expected


@given(header=st.text(max_size=60))
def test_no_retry_after_breaks_anything(header: str) -> None:
    found = retry_after(header, NOW)
    assert found is None or found >= timedelta(0)


def test_types_match_by_whole_words() -> None:
    assert type_matches([], "signal.reported")
    assert type_matches(["nl.servicepunt.signal"], "signal.reported")
    assert type_matches(["signal.reported"], "signal.reported")
    assert type_matches(["vacancy", "signal"], "signal.reported")
    assert not type_matches(["sig"], "signal.reported")
    assert not type_matches(["signal.reported.again"], "signal.reported")
    assert not type_matches(["signal"], "signal-import.done")


@pytest.mark.parametrize(
    ("current", "wanted", "following"),
    [
        (WebhookStatus.ACTIVE, WantedStatus.PAUSED, WebhookStatus.PAUSED),
        (WebhookStatus.PAUSED, WantedStatus.ACTIVE, WebhookStatus.ACTIVE),
        (WebhookStatus.DISABLED, WantedStatus.ACTIVE, WebhookStatus.PENDING),
        (WebhookStatus.ACTIVE, WantedStatus.ACTIVE, WebhookStatus.ACTIVE),
        (WebhookStatus.PENDING, WantedStatus.ACTIVE, None),
        (WebhookStatus.PENDING, WantedStatus.PAUSED, None),
        (WebhookStatus.DISABLED, WantedStatus.PAUSED, None),
    ],
)
def test_what_a_client_may_ask(current: WebhookStatus, wanted: WantedStatus, following: WebhookStatus | None) -> None:
    assert next_status(current, wanted) is following


def test_consent_is_our_name_or_a_star() -> None:
    assert consents("*", "servicepunt.example.nl")
    assert consents(" Servicepunt.Example.NL ", "servicepunt.example.nl")
    for refusal in (None, "", "other.example.nl", "example.nl", "*.example.nl", "https://servicepunt.example.nl"):
        assert not consents(refusal, "servicepunt.example.nl")


def test_a_lease_outlives_the_work() -> None:
    assert lease_for(15) == timedelta(seconds=30)
    assert lease_for(60) == timedelta(seconds=120)


GOOD = [
    "https://hr.example.nl/hooks",
    "https://hr.example.nl",
    "https://hr.example.nl:8443/a/b?c=d&e=%20",
    "https://xn--caf-dma.example.nl/",
]
BAD = {
    "http://hr.example.nl/": UrlFault.NOT_HTTPS,
    "https://hr.example.nl:22/": UrlFault.WRONG_PORT,
    "https://localhost/": UrlFault.NOT_PUBLIC,
    "https://127.0.0.1/": UrlFault.NOT_PUBLIC,
    "https://10.0.0.1/": UrlFault.NOT_PUBLIC,
    "https://2130706433/": UrlFault.NOT_PUBLIC,
    "https://0x7f000001/": UrlFault.NOT_PUBLIC,
    "https://127.1/": UrlFault.NOT_PUBLIC,
    "https://0177.0.0.1/": UrlFault.NOT_PUBLIC,
    "https://127.0.0.0x1/": UrlFault.NOT_PUBLIC,
    "https://intranet/": UrlFault.NOT_PUBLIC,
    "https://metadata.google.internal/": UrlFault.NOT_PUBLIC,
    "https://[::1]/": UrlFault.WRONG_FORM,
    "https://user:secret@hr.example.nl/": UrlFault.WRONG_FORM,
    "https://hr.example.nl@127.0.0.1/": UrlFault.WRONG_FORM,
    "https://hr.example.nl\\@127.0.0.1/": UrlFault.WRONG_FORM,
    "https://hr.example.nl/#fragment": UrlFault.WRONG_FORM,
    "https://hr.example.nl/a b": UrlFault.WRONG_FORM,
    "https://hr.example.nl/\r\nX: y": UrlFault.WRONG_FORM,
    "https://hr.example.nl\n": UrlFault.WRONG_FORM,
    "https://hr.example.nl:0/": UrlFault.WRONG_FORM,
    "https://hr.example.nl:99999/": UrlFault.WRONG_FORM,
    "https://hr..example.nl/": UrlFault.WRONG_FORM,
    "https://hr.example.nl./": UrlFault.WRONG_FORM,
    "https:///x": UrlFault.WRONG_FORM,
    "https://ⓔxample.nl/": UrlFault.WRONG_FORM,
    "ftp://hr.example.nl/": UrlFault.WRONG_FORM,
    "file:///etc/passwd": UrlFault.WRONG_FORM,
    "gopher://hr.example.nl/": UrlFault.WRONG_FORM,
    "https://hr.example.nl/%zz": UrlFault.WRONG_FORM,
    "https://hr.example.nl/" + "a" * 1000: UrlFault.WRONG_FORM,
    "": UrlFault.WRONG_FORM,
}


@pytest.mark.parametrize("url", GOOD)
def test_a_plain_address_is_fine(url: str) -> None:
    assert url_fault(url, private_targets=False) is None


@pytest.mark.parametrize("url", BAD)
def test_an_odd_address_is_refused(url: str) -> None:
    assert url_fault(url, private_targets=False) is BAD[url]


def test_this_machine_is_allowed_only_by_the_setting() -> None:
    for url in ("http://127.0.0.1:8080/hook", "http://localhost:1/"):
        assert url_fault(url, private_targets=True) is None
        assert url_fault(url, private_targets=False) is not None
    assert url_fault("http://10.0.0.1/", private_targets=True) is UrlFault.NOT_PUBLIC
