"""What a secret address opens: the feed of a subscription, and the page on which a reader of its mails confirms or ends
them. They stand outside /v1: who reads them has no token."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from flask import Flask, Response, request
from sqlalchemy.exc import OperationalError, TimeoutError

from service.kernel.database import Database
from service.kernel.http import unavailable
from service.kernel.problems import not_found
from service.kernel.requests import trace_id
from service.kernel.secret_links import HEADERS, has_the_form
from service.kernel.text import reading_language
from service.vacancies.sharing import pages, reading
from service.vacancies.sharing.atom import CONTENT_TYPE

_PAGE_POLICY: Final = "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"


def register_shared_list(app: Flask, database: Database, headers: Mapping[str, str]) -> None:
    """Adds these addresses. `headers` go with every answer."""

    def read(secret: str) -> Response:
        if not has_the_form(secret):
            raise not_found()
        try:
            with database.transaction() as uow:
                uow.trace_id = trace_id(request)
                subscription = reading.open_feed(uow, secret)
                reading_language.set(subscription.language)
                page = reading.page_of(uow, subscription, request.args.get("cursor"))
                common = {**headers, **HEADERS, **dict(uow.headers), "ETag": page.tag}
                if request.if_none_match.contains_weak(page.tag.removeprefix("W/").strip('"')):
                    return Response(status=304, headers=common)
                body = reading.rendered(uow, subscription, page, secret)
        except (OperationalError, TimeoutError) as error:
            raise unavailable() from error
        return Response(body, headers=common, content_type=CONTENT_TYPE)

    def answer(secret: str, wish: str) -> Response:
        """GET shows a button and changes nothing, since programs that look into mails follow links. POST does it: from
        that button, or at once from a mail program (RFC 8058)."""
        does, doing = pages.WISHES.get(wish), request.method == "POST"
        if does is None or not has_the_form(secret):
            raise not_found()
        try:
            with database.transaction() if doing else database.reading() as uow:
                uow.trace_id = trace_id(request)
                subscription = reading.by_mail(uow, secret, for_update=doing)
                if subscription is not None and doing:
                    does.change(uow, subscription)
                body = pages.page(subscription, does, done=doing)
        except (OperationalError, TimeoutError) as error:
            raise unavailable() from error
        common = {**headers, **HEADERS, "Content-Security-Policy": _PAGE_POLICY}
        status = 404 if subscription is None else 200
        return Response(body, status=status, headers=common, content_type="text/html; charset=utf-8")

    app.add_url_rule("/vacancies/<secret>.atom", "vacancy feed", read, methods=["GET"])
    app.add_url_rule("/vacancies/mails/<secret>/<wish>", "vacancy mails", answer, methods=["GET", "POST"])
