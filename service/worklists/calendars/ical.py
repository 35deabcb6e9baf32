"""A calendar as calendars read it (RFC 5545)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import sha256

from icalendar import Alarm, Calendar, Event

from service.kernel.text import Language
from service.worklists.calendars.rules import Entry

_MORNING = timedelta(hours=9)
_REFRESH = timedelta(hours=1)


def tag_of(name: str, language: Language, remind_days_before: int | None, entries: Iterable[Entry]) -> str:
    """A weak ETag: DTSTAMP tells when the calendar was written, and does not count."""
    digest = sha256(repr((name, language.value, remind_days_before, list(entries))).encode()).hexdigest()
    return f'W/"{digest[:32]}"'


def calendar(
    name: str, language: Language, remind_days_before: int | None, entries: Iterable[Entry], host: str, now: datetime
) -> bytes:
    """All-day events, one per entry. `now` is when it is written: with METHOD, that is the meaning of DTSTAMP."""
    made = Calendar()
    made.add("prodid", "-//Servicepunt//deadlines//NL")
    made.add("version", "2.0")
    made.add("method", "PUBLISH")
    made.add("name", name)
    made.add("x-wr-calname", name)
    made.add("refresh-interval", _REFRESH, parameters={"VALUE": "DURATION"})
    made.add("x-published-ttl", "PT1H")
    for entry in entries:
        event = Event()
        event.add("uid", f"{entry.uid}@{host}")
        event.add("dtstamp", now)
        event.add("created", entry.since)
        event.add("sequence", entry.sequence)
        event.add("dtstart", entry.day)
        event.add("dtend", entry.day + timedelta(days=1))
        event.add("summary", entry.summary, parameters={"LANGUAGE": language.value})
        event.add("url", entry.url)
        event.add("transp", "TRANSPARENT")
        event.add("class", "PRIVATE")
        if remind_days_before is not None:
            alarm = Alarm()
            alarm.add("action", "DISPLAY")
            alarm.add("description", entry.summary)
            alarm.add("trigger", _MORNING - timedelta(days=remind_days_before))
            event.add_component(alarm)
        made.add_component(event)
    return bytes(made.to_ical())
