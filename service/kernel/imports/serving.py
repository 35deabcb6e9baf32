"""The endpoints that every kind of import has, declared once: only sending a file is a matter of its room."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select

from service.kernel.database import UnitOfWork
from service.kernel.endpoints import Call, Routes
from service.kernel.imports import jobs
from service.kernel.imports.reading import MEDIA_TYPES
from service.kernel.imports.runner import ImportKind
from service.kernel.schemas import Page

Visible = Callable[[Any], Select[Any]]
Looked = Callable[[UnitOfWork, Any, str, Sequence[str]], None]
"""Leaves the lines in the access log: an actor was told, of the import with this id, about these subjects."""
Taken = Callable[[UnitOfWork, Any, str], None]
"""Leaves a line in the access log: an actor took the failed rows of the import with this id, about people of whom no id
is known."""


@dataclass(frozen=True)
class Served:
    """An import as its room offers it. `noun` names it in paths and operations: `assignment` has /assignment-imports.

    `read` is the scope for looking at it, `visible` gives the imports that an actor may see.
    """

    kind: ImportKind
    noun: str
    read: str
    visible: Visible
    looked: Looked
    taken: Taken


def serve(routes: Routes, served: Served) -> None:
    """Adds what there is to see of imports to the endpoints of their room."""
    base = f"/{served.noun}-imports"
    name = f"{served.noun.replace('-', '_')}_import"

    def list_imports(call: Call) -> Any:
        """The imports of the last 90 days, newest first"""
        return jobs.list_jobs(call.uow, served.visible(call.actor), call.query)

    def get_import(call: Call) -> Any:
        """How far an import is, and what came of it"""
        return jobs.get_job(call.uow, served.visible(call.actor), call.id)

    def list_rows(call: Call) -> Any:
        """The rows that failed, those with a remark, and what is missing

        A row that was taken over without a remark is counted, and does not stand here. No value of a row is repeated.
        """
        found = jobs.list_rows(call.uow, served.visible(call.actor), served.kind, call.id, call.query)
        subjects = [row["subject_id"] for row in found["items"] if row["subject_id"] is not None]
        served.looked(call.uow, call.actor, call.id, subjects)
        return found

    def get_template(call: Call) -> Any:
        """An empty file, to be filled and sent

        It holds each column that there is, with examples to be taken out. Columns that you have no use for may go.
        """
        return jobs.template(served.kind, call.query["format"], served.noun)

    def get_failed_rows(call: Call) -> Any:
        """The rows that failed, as a file to mend and send again

        In the format in which they were sent, with the same headings. In a table a first column says what is wrong; it
        is passed over when the file is sent again, and so may stay. Send it with mode=changes.
        """
        found = jobs.failed_rows(call.uow, served.visible(call.actor), call.id, served.noun)
        served.taken(call.uow, call.actor, call.id)
        return found

    list_imports.__name__, get_import.__name__ = f"list_{name}s", f"get_{name}"
    list_rows.__name__ = f"list_{name}_rows"
    get_template.__name__, get_failed_rows.__name__ = f"get_{name}_template", f"get_{name}_failed_rows"
    about: dict[str, Any] = {"scope": served.read}
    routes.get(base, query=Page, response=jobs.ImportPage, reading=True, **about)(list_imports)
    as_file = {"download": MEDIA_TYPES, **about}
    routes.get(f"{base}/template", query=jobs.TemplateQuery, reading=True, **as_file)(get_template)
    routes.get(f"{base}/{{id}}", response=jobs.ImportView, reading=True, **about)(get_import)
    routes.get(f"{base}/{{id}}/rows", query=jobs.ImportRowQuery, response=jobs.ImportRowPage, **about)(list_rows)
    routes.get(f"{base}/{{id}}/failed-rows", **as_file)(get_failed_rows)
