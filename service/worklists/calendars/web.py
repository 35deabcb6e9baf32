"""The address that calendars read. It stands outside /v1: a calendar has no token, only the secret in its address."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from flask import Flask, Response, request
from sqlalchemy.exc import OperationalError, TimeoutError

from service.kernel.database import Database
from service.kernel.http import unavailable
from service.kernel.problems import not_found
from service.kernel.requests import trace_id
from service.kernel.secret_links import HEADERS, has_the_form
from service.kernel.text import reading_language
from service.worklists.calendars.ical import calendar, tag_of
from service.worklists.calendars.operations import entries_of, open_feed


def register_calendars(app: Flask, database: Database, headers: Mapping[str, str]) -> None:
    """Adds the address of calendar feeds. `headers` go with every answer."""
    host = urlsplit(database.settings.url).hostname or "servicepunt"

    def read(secret: str) -> Response:
        if not has_the_form(secret):
            raise not_found()
        try:
            with database.transaction() as uow:
                uow.trace_id = trace_id(request)
                row, actor = open_feed(uow, secret)
                reading_language.set(row.language)
                entries = entries_of(uow, row, actor)
                about = row.name, row.language, row.remind_days_before
                tag = tag_of(*about, entries)
                common = {**headers, **HEADERS, "ETag": tag}
                if request.if_none_match.contains_weak(tag.removeprefix("W/").strip('"')):
                    # Nothing is shown that was not shown before.
                    uow.notes.get("access", []).clear()
                    return Response(status=304, headers=common)
                body = calendar(*about, entries, host, uow.now)
        except (OperationalError, TimeoutError) as error:
            raise unavailable() from error
        return Response(body, headers=common, content_type="text/calendar; charset=utf-8")

    app.add_url_rule("/calendar/<secret>.ics", "calendar", read, methods=["GET"])
