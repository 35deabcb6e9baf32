"""What a reassignment would do: who was chosen, who goes to whom, and what should be looked at. Writes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import select

from service.config import Settings
from service.contacts.assigning import NewAssignment, histories_of, in_force, starts_of, write_notes
from service.contacts.models import Assignment, Caseworker, Office, Team
from service.contacts.offices import active_team, own_backup
from service.contacts.reassignments.rules import (
    MOST_PEOPLE,
    ChosenBy,
    Client,
    ReassignmentWarning,
    Target,
    changed_recently,
    divide,
)
from service.contacts.rules import Staff, changes_in_year
from service.kernel.chunks import chunks
from service.kernel.database import UnitOfWork
from service.kernel.problems import FieldError, conflict, invalid_field, invalid_input, unknown_reference
from service.kernel.text import Text
from service.people import operations as people
from service.people.models import Person

Data = Mapping[str, Any]
_MOST_ERRORS = 100
_NOBODY = Staff(None, None, None)
_NOT_CHOSEN = Text(
    "Deze persoon hoort niet bij de mensen die u koos. Haal deze uitzondering weg.",
    "This person is not among those chosen. Remove this exception.",
)


class Move(NamedTuple):
    """Where a person goes. `at` is the place among the targets (None: an exception), `note` one of its own."""

    staff: Staff
    at: int | None
    note: str | None
    changes_this_year: int
    changed_recently: bool


@dataclass(slots=True)
class Plan:
    on_date: date
    source: dict[str, Any]
    wanted: Sequence[Staff]
    histories: Mapping[str, Sequence[Any]]
    moves: dict[str, Move] = field(default_factory=dict)
    skipped: Counter[ReassignmentWarning] = field(default_factory=Counter)

    def warnings(self) -> list[dict[str, Any]]:
        """In the order of the enum, those that there are."""
        counts = Counter(self.skipped)
        counts[ReassignmentWarning.CHANGED_RECENTLY] = sum(move.changed_recently for move in self.moves.values())
        return [{"code": each, "count": counts[each]} for each in ReassignmentWarning if counts[each]]

    def targets(self) -> list[dict[str, Any]]:
        """Each target, in the order in which they were sent, and those of exceptions, with how many go there."""
        return [_shown(staff) | {"people": len(ids)} for staff, ids in self._by_target()]

    def clients_per_target(self) -> list[dict[str, Any]]:
        return [
            _shown(staff)
            | {"people": len(ids)}
            | {
                "clients": [
                    {
                        "person_id": each,
                        "changes_this_year": self.moves[each].changes_this_year,
                        "changed_recently": self.moves[each].changed_recently,
                    }
                    for each in ids
                ]
            }
            for staff, ids in self._by_target()
        ]

    def _by_target(self) -> list[tuple[Staff, list[str]]]:
        found: dict[str | None, tuple[Staff, list[str]]] = {staff.regular_id: (staff, []) for staff in self.wanted}
        for person_id, move in self.moves.items():
            found.setdefault(move.staff.regular_id, (move.staff, []))[1].append(person_id)
        return list(found.values())

    def check(self, settings: Settings) -> None:
        """Raises 400 where nothing would change, 409 where the settings refuse what would."""
        if not self.moves:
            raise invalid_field(
                "/from", "nobody-chosen", "Er verandert voor niemand iets.", "Nothing would change for anybody."
            )
        too_soon = sorted(person_id for person_id, move in self.moves.items() if move.changed_recently)
        if too_soon and settings.contact_change_refused:
            raise conflict(
                "contact-changed-recently",
                f"{len(too_soon)} mensen kregen korter dan {settings.contact_change_days} dagen geleden al een andere "
                "contactpersoon. Sluit hen uit in 'exceptions'.",
                f"{len(too_soon)} people changed contact less than {settings.contact_change_days} days before. "
                "Exclude them in 'exceptions'.",
                personIds=too_soon,
            )

    def assignments(self, uow: UnitOfWork, note: str) -> list[NewAssignment]:
        """What is to be written, with the notes that go along: these are kept from here on."""
        texts = list(dict.fromkeys(move.note or note for move in self.moves.values()))
        ids = dict(zip(texts, write_notes(uow, texts), strict=True))
        return [
            NewAssignment(person_id, self.on_date, move.staff, ids[move.note or note])
            for person_id, move in self.moves.items()
        ]


def make(uow: UnitOfWork, data: Data, *, lock: bool) -> Plan:
    """The plan for what was sent. With `lock` nobody else changes these people until the end of the transaction.

    Raises 400 with all that is wrong.
    """
    on_date: date = data["on_date"]
    if on_date < uow.today:
        raise invalid_field("/onDate", "in-the-past", "Kies vandaag of later.", "Choose today or later.")
    exceptions = {each["person_id"]: each for each in data["exceptions"]}
    errors = [
        *_check_source(uow, data["source"]),
        *_check_targets(uow, data["targets"]),
        *_check_exceptions(uow, data["exceptions"]),
    ]
    if errors:
        raise invalid_input(errors[:_MOST_ERRORS])
    chosen = _chosen(uow, data["source"], on_date)
    if lock:
        people.lock(uow, chosen)
        # Somebody may have said something else of one of them before we held them.
        still = _chosen(uow, data["source"], on_date)
        chosen = {person_id: still[person_id] for person_id in chosen if person_id in still}
    strangers = [
        FieldError("unknown-reference", _NOT_CHOSEN, pointer=f"/exceptions/{at}/personId")
        for at, each in enumerate(data["exceptions"])
        if each["person_id"] not in chosen
    ]
    if strangers:
        raise invalid_input(strangers[:_MOST_ERRORS])
    wanted = [Staff(each.get("caseworker_id"), each.get("team_id"), each.get("backup_id")) for each in data["targets"]]
    plan = Plan(on_date, _source(data["source"]), wanted, histories_of(uow, list(chosen)))
    _fill(uow, plan, chosen, exceptions, data["targets"])
    return plan


# --- Who was chosen ---------------------------------------------------------------------------------------------


def _source(sent: Data) -> dict[str, Any]:
    by = {"caseworker_id": ChosenBy.CASEWORKER, "postcodes4": ChosenBy.POSTCODES, "person_ids": ChosenBy.LIST}
    chosen_by = next((by[name] for name in by if name in sent), ChosenBy.OFFICE)
    return {"chosen_by": chosen_by} | {name: sent.get(name) for name in ("caseworker_id", "office_id", "postcodes4")}


def _check_source(uow: UnitOfWork, sent: Data) -> list[FieldError]:
    """A caseworker who has left is chosen as well: that is often why."""
    errors = []
    if "caseworker_id" in sent and uow.session.get(Caseworker, sent["caseworker_id"]) is None:
        errors.append(unknown_reference("/from/caseworkerId"))
    if "office_id" in sent and uow.session.get(Office, sent["office_id"]) is None:
        errors.append(unknown_reference("/from/officeId"))
    if "person_ids" in sent:
        known = _clients(uow, sent["person_ids"])
        errors += [
            unknown_reference(f"/from/personIds/{at}")
            for at, person_id in enumerate(sent["person_ids"])
            if person_id not in known
        ]
    return errors


def _chosen(uow: UnitOfWork, sent: Data, on_date: date) -> dict[str, str | None]:
    """The people, each with the area in which they live. Raises 400 for more than one reassignment takes."""
    if "person_ids" in sent:
        return _clients(uow, sent["person_ids"])
    wanted = (
        in_force(uow, on_date)
        .join(Person, Person.id == Assignment.person_id)
        .with_only_columns(Person.id, Person.postcode4)
        .order_by(Person.id)
        .limit(MOST_PEOPLE + 1)
    )
    if "caseworker_id" in sent:
        wanted = wanted.where(Assignment.caseworker_id == sent["caseworker_id"])
    if "office_id" in sent:
        staff = select(Caseworker.id).where(Caseworker.office_id == sent["office_id"])
        teams = select(Team.id).where(Team.office_id == sent["office_id"])
        by_team = Assignment.caseworker_id.is_(None) & Assignment.team_id.in_(teams)
        wanted = wanted.where(Assignment.caseworker_id.in_(staff) | by_team)
    if "postcodes4" not in sent:
        found = {row.id: row.postcode4 for row in uow.execute(wanted)}
    else:
        found = {}
        for some in chunks(sent["postcodes4"]):
            found |= {row.id: row.postcode4 for row in uow.execute(wanted.where(Person.postcode4.in_(some)))}
    if len(found) > MOST_PEOPLE:
        raise invalid_field(
            "/from",
            "too-many-people",
            f"Dit zijn er meer dan {MOST_PEOPLE}. Kies er minder tegelijk.",
            f"These are more than {MOST_PEOPLE}. Choose fewer at a time.",
        )
    return found


def _clients(uow: UnitOfWork, person_ids: Sequence[str]) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for some in chunks(person_ids):
        wanted = select(Person.id, Person.postcode4).where(Person.id.in_(some), Person.is_client)
        found |= {row.id: row.postcode4 for row in uow.execute(wanted)}
    return found


# --- Who may take over ------------------------------------------------------------------------------------------


def _check_targets(uow: UnitOfWork, targets: Sequence[Data]) -> list[FieldError]:
    errors = []
    seen: set[str] = set()
    for at, target in enumerate(targets):
        where = f"/to/{at}"
        errors += _check_staff(uow, target, where)
        if "backup_id" in target:
            if target["backup_id"] == target.get("caseworker_id"):
                errors.append(own_backup(where))
            elif not _present(uow, [target["backup_id"]]):
                errors.append(unknown_reference(f"{where}/backupId"))
        staff_id = target.get("caseworker_id") or target["team_id"]
        if staff_id in seen:
            text = Text("Dit is al genoemd.", "This one is named already.")
            errors.append(FieldError("named-twice", text, pointer=where))
        seen.add(staff_id)
    return errors


def _check_exceptions(uow: UnitOfWork, exceptions: Sequence[Data]) -> list[FieldError]:
    errors: list[FieldError] = []
    seen: set[str] = set()
    checked: dict[tuple[Any, Any], bool] = {}
    for at, each in enumerate(exceptions):
        where = f"/exceptions/{at}"
        staff = (each.get("caseworker_id"), each.get("team_id"))
        if staff != (None, None) and not checked.setdefault(staff, not _check_staff(uow, each, where)):
            errors += _check_staff(uow, each, where)
        if each["person_id"] in seen:
            text = Text("Deze persoon is al genoemd.", "This person is named already.")
            errors.append(FieldError("named-twice", text, pointer=f"{where}/personId"))
        seen.add(each["person_id"])
    return errors


def _check_staff(uow: UnitOfWork, sent: Data, where: str) -> list[FieldError]:
    if "caseworker_id" in sent:
        return [] if _present(uow, [sent["caseworker_id"]]) else [unknown_reference(f"{where}/caseworkerId")]
    return [] if active_team(uow, sent["team_id"]) is not None else [unknown_reference(f"{where}/teamId")]


def _present(uow: UnitOfWork, caseworker_ids: Iterable[str | None]) -> set[str]:
    """Those who have not left."""
    wanted = sorted({each for each in caseworker_ids if each is not None})
    found: set[str] = set()
    for some in chunks(wanted):
        found |= set(uow.execute(select(Caseworker.id).where(Caseworker.id.in_(some), Caseworker.active)).scalars())
    return found


# --- Who goes to whom -------------------------------------------------------------------------------------------


def _fill(
    uow: UnitOfWork,
    plan: Plan,
    chosen: Mapping[str, str | None],
    exceptions: Mapping[str, Data],
    sent: Sequence[Data],
) -> None:
    targets = [
        Target(str(staff.regular_id), each["share"], frozenset(each.get("postcodes4", ())))
        for staff, each in zip(plan.wanted, sent, strict=True)
    ]
    before, present, free = {}, {}, []
    for person_id, postcode4 in chosen.items():
        exception = exceptions.get(person_id, {})
        if exception.get("excluded"):
            continue
        history = plan.histories.get(person_id, ())
        if any(row.valid_from >= plan.on_date and row.reassignment_id is None for row in history):
            plan.skipped[ReassignmentWarning.OWN_START] += 1
            continue
        # What another reassignment says of this day or later gives way to this one.
        earlier = starts_of(row for row in history if row.valid_from < plan.on_date)
        on_the_day = starts_of(row for row in history if row.valid_from == plan.on_date)
        now = (on_the_day or earlier or [(plan.on_date, _NOBODY)])[-1][1]
        before[person_id], present[person_id] = earlier, now
        if "caseworker_id" not in exception and "team_id" not in exception:
            free.append(Client(person_id, postcode4, now.regular_id, now.backup_id))
            if all(target.postcodes4 and postcode4 not in target.postcodes4 for target in targets):
                plan.skipped[ReassignmentWarning.AREA_OF_NOBODY] += 1
    divided = divide(free, targets)
    backups = _present(uow, (staff.backup_id for staff in present.values()))
    for person_id in sorted(present):
        exception, now = exceptions.get(person_id, {}), present[person_id]
        at = divided.get(person_id)
        if at is None:
            wanted = Staff(exception.get("caseworker_id"), exception.get("team_id"), None)
        else:
            wanted = plan.wanted[at]
        staff = _new_staff(wanted, now, backups)
        if staff == now:
            plan.skipped[ReassignmentWarning.ALREADY_THERE] += 1
            continue
        plan.moves[person_id] = Move(
            staff,
            at,
            exception.get("note"),
            changes_in_year([*before[person_id], (plan.on_date, staff)], plan.on_date),
            staff.regular_id != now.regular_id
            and changed_recently(before[person_id], plan.on_date, uow.settings.contact_change_days),
        )


def _new_staff(wanted: Staff, now: Staff, backups: set[str]) -> Staff:
    """Whoever already has the person keeps the team behind it, and without a word the backup stays, unless it left or
    is now the contact. A team has none: a backup before it would be the contact."""
    kept = now.backup_id if now.backup_id in backups and now.backup_id != wanted.caseworker_id else None
    if wanted.regular_id == now.regular_id:
        return now._replace(backup_id=wanted.backup_id or now.backup_id)
    if wanted.caseworker_id is None:
        return wanted
    return wanted._replace(backup_id=wanted.backup_id or kept)


def _shown(staff: Staff) -> dict[str, Any]:
    return {"caseworker_id": staff.caseworker_id, "team_id": None if staff.caseworker_id else staff.team_id}
