"""Many contacts over HTTP."""

from __future__ import annotations

from typing import Any

from service.contacts.lists import operations
from service.contacts.lists.schemas import ContactListQuery, ContactPage, ContactSearchBody, ContactSearchView
from service.kernel.endpoints import Call, Routes, Streamed

routes = Routes("Contact lists", "Who answers for many employees at once.")


def _piece(call: Call, after: Any) -> tuple[bytes, Any]:
    return operations.piece_of_sheet(call.uow, call.actor, call.query, after)


_CSV = Streamed(
    media_type="text/csv; charset=utf-8; header=present",
    file_name="contacts.csv",
    about="The whole list at once, whatever `cursor` and `limit`: a row per employment, separated by semicolons. A "
    "cell that begins with =, +, -, @, a tab, a line end or NUL has an apostrophe in front",
    piece=_piece,
)


@routes.post(
    "/contacts/_search",
    scope="contacts:read",
    body=ContactSearchBody,
    response=ContactSearchView,
    search=True,
    limited=True,
)
def search_contacts(call: Call) -> Any:
    """Who are the contacts for these employees today

    Up to 1,000 at once, answered in the order asked. The same one twice is answered twice.
    """
    return operations.search_contacts(call.uow, call.actor, call.body)


@routes.get(
    "/contacts",
    scope="contacts:read",
    query=ContactListQuery,
    response=ContactPage,
    limited=True,
    streamed=_CSV,
)
def list_contacts(call: Call) -> Any:
    """The contacts of all employees whose employment has not ended

    For an employer with a PSO certificate that is valid today; a jobcoach organisation sees its own people. As JSON by
    page, or with `Accept: text/csv` as one table.
    """
    return operations.list_contacts(call.uow, call.actor, call.query)
