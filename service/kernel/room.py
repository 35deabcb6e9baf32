"""What a room offers to the house: one value, from which the web, the worker and the commands are assembled."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from service.kernel.database import UnitOfWork
from service.kernel.text import Language, Text

if TYPE_CHECKING:
    from sqlalchemy import Select

    from service.kernel.endpoints import Routes


@dataclass(frozen=True, slots=True)
class Permission:
    """One row of the table of who may do what: a scope, the kinds of party that may hold it, and what it allows."""

    scope: str
    parties: frozenset[str]
    allows: str


@dataclass(frozen=True, slots=True)
class Timer:
    """Work that falls due by the clock.

    `due` finds what is due now, as ids in the order in which it fell due; `fire` handles one in its own transaction and
    looks at the state anew, so that it happens once however often the worker dies in between. With `fire_many` up to
    `at_once` are handled in one transaction, one by one only where that fails.
    """

    name: str
    due: Callable[[UnitOfWork, int], list[str]]
    fire: Callable[[UnitOfWork, str], None]
    fire_many: Callable[[UnitOfWork, Sequence[str]], None] | None = None
    at_once: int = 500


@dataclass(frozen=True, slots=True)
class Consumer:
    """Handles events of lower rooms, in order, each once: the cursor moves in the same transaction."""

    name: str
    types: frozenset[str]
    handle: Callable[[UnitOfWork, Mapping[str, Any]], None]


@dataclass(frozen=True, slots=True)
class MailText:
    """An e-mail, ready to be put into bytes.

    `unsubscribe_url`, for mail that comes again and again: a POST to this address ends it at once (RFC 8058).
    """

    recipient: str
    subject: str
    paragraphs: tuple[str, ...]
    language: Language = Language.DUTCH
    unsubscribe_url: str | None = None


MailRenderer = Callable[[UnitOfWork, Mapping[str, Any]], MailText | None]
"""Given the ids that were queued, reads the state anew; None when there is nothing left to say."""


@dataclass(frozen=True, slots=True)
class Retention:
    """How long something is kept and why. `forget` deletes what is over its term and returns how many rows."""

    what: str
    term: timedelta
    why: Text
    forget: Callable[[UnitOfWork], int]


@dataclass(frozen=True)
class Room:
    """A room's part in the house. `visible` gives, for an actor, the statement of the rows that it may see.

    `mails` maps a template's name to its renderer.
    """

    name: str
    routes: tuple[Routes, ...] = ()
    permissions: tuple[Permission, ...] = ()
    visible: Mapping[type, Callable[[Any], Select[Any]]] = field(default_factory=dict)
    timers: tuple[Timer, ...] = ()
    consumers: tuple[Consumer, ...] = ()
    mails: Mapping[str, MailRenderer] = field(default_factory=dict)
    retention: tuple[Retention, ...] = ()
    export: Callable[[UnitOfWork, str], dict[str, Any]] | None = None
    erase: Callable[[UnitOfWork, str], None] | None = None


def joined(name: str, *parts: Room) -> Room:
    """A room of several subjects, each a room of its own form, as one. Erasing goes in the order of the parts."""

    def export(uow: UnitOfWork, person_id: str) -> dict[str, Any]:
        return {key: value for part in parts if part.export for key, value in part.export(uow, person_id).items()}

    def erase(uow: UnitOfWork, person_id: str) -> None:
        for part in parts:
            if part.erase is not None:
                part.erase(uow, person_id)

    return Room(
        name=name,
        routes=tuple(each for part in parts for each in part.routes),
        permissions=tuple(each for part in parts for each in part.permissions),
        visible={model: visible for part in parts for model, visible in part.visible.items()},
        timers=tuple(each for part in parts for each in part.timers),
        consumers=tuple(each for part in parts for each in part.consumers),
        mails={template: render for part in parts for template, render in part.mails.items()},
        retention=tuple(each for part in parts for each in part.retention),
        export=export,
        erase=erase,
    )
