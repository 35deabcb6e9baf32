"""The rooms of the house, lowest first. The web, the worker and the commands are assembled from this list."""

from __future__ import annotations

from service.access.room import ROOM as ACCESS
from service.contacts.room import ROOM as CONTACTS
from service.delivery.room import ROOM as DELIVERY
from service.employers.room import ROOM as EMPLOYERS
from service.kernel.room import Permission, Room
from service.people.room import ROOM as PEOPLE
from service.reference.room import ROOM as REFERENCE
from service.signals.room import ROOM as SIGNALS
from service.vacancies.room import ROOM as VACANCIES
from service.worklists.room import ROOM as WORKLISTS

ROOMS: tuple[Room, ...] = (REFERENCE, ACCESS, PEOPLE, DELIVERY, EMPLOYERS, CONTACTS, SIGNALS, VACANCIES, WORKLISTS)

PERMISSIONS: tuple[Permission, ...] = tuple(permission for room in ROOMS for permission in room.permissions)
